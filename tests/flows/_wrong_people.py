"""An office with a card, a question, an alarm and a request in it, and who may not do what there (exact-rules, rights).

The hands of people who forge their requests are the platform's: `_wrong_on_slack.py`, `_wrong_on_teams.py`.
"""

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ORGANISATION = """
name = "Provuniversitetet"
language = "sv"
alarm_number = "08-000 00 00"
bridge_days = "worked"
visitor_contact = "x@example.se"

[roles]
communications = ["{karin}"]
security = ["{sven}"]
registrar = ["{rita}"]
administrators = ["{adam}"]

[[unit]]
id = "bio"
name = "Biologi"
head = "{heidi}"
deputy = "{dag}"

[[channel]]
name = "some"
id = "{place}"

[[account]]
platform = "instagram"
name = "@bio"
address = "https://instagram.com/bio"
unit = "bio"
channel = "some"
people = ["{anna}", "{bo}"]
"""
PEOPLE = ("anna", "bo", "heidi", "dag", "karin", "sven", "adam", "rita", "olle")
STRANGERS = ("guest", "outsider", "gone")
"""Manager, substitute, head, deputy, communications, security, administrator, registrar, nobody in particular;
and three whom the platform knows, or knew, and the office does not."""
STEPS: tuple[dict[str, Any], ...] = (
    {"what.kind": "account"}, {"level.level": "unit", "level.unit": "bio"},
    {"platform.platform": "instagram", "platform.name": "@ny"}, {"purpose.purpose": "Nya studenter."},
    {"benefit.operation": "Fler", "benefit.audience": "Svar"}, {"audience.who": "Unga", "audience.channel": "Där"},
    {"resources.hours": "5", "resources.watching": "Anna", "resources.content": "Anna"},
    {"people.people": ("anna", "bo"), "people.manager": "anna"},
    {"substitutes.substitutes": ("bo",), "substitutes.cover": "dag", "substitutes.free-days": "waits"},
    {"terms.read": "yes"}, {"sender-planned.planned": "yes"}, {"head.head": "heidi"},
    {"follow-up.measured": ""}, {"accessibility.read": "yes"}, {"own-place.place": "some", "own-place.hour": "09-00"},
)  # fmt: skip
"""A new account of Anna's, step by step."""
KEPT = ("cases", "accounts", "people", "units", "places", "roles", "absences", "takeovers", "office", "days", "decisions",
        "case_log", "seen", "outbox", "changes", "role_contacts")  # fmt: skip
"""Every table that a person's act could change."""


ON_QUESTION = ("question.take", "question.answered", "question.seen", "question.hand_on", "question.reopen")
ON_ROUND = ("round.clear", "round.tell", "round.forgot", "round.ask", "round.undo")
ON_ACCOUNT = ("account.edit", "account.rename", "account.pattern", "account.place", "account.history")
ON_CLOSING = ("close.new", "close.resume")
ON_ROTA = ("rota.open",)
ON_FILING = ("filing.queue", "filing.show", "filing.number")
ON_SETTINGS = ("settings.menu", "settings.open", "settings.log", "settings.apply", "settings.drop", "settings.undo",
               "beginning.open")  # fmt: skip
ON_YEARLY = (("yearly.page", ""), ("yearly.confirm", "m"), ("yearly.change", ""))
WISH_DONE = ("yearly.done", "year:heidi:2027|w1")
ON_SEASON = ("season.open", "season.fine", "season.hand", "season.cover", "season.enter")
ON_ALARM = ("alarm.receive", "alarm.handled", "alarm.phone", "alarm.false", "alarm.exercise", "alarm.show")
SAID = {"way": "phone", "reference": "UN 1", "day": datetime.now(UTC).date().isoformat()}
REFUSED = "Det gick inte"
OWN_ONLY = "Du kan lägga in ett konto där du själv är en av personerna"
STAFF = PEOPLE
WORKS_ON_IT = ("anna", "bo", "heidi", "karin")
MAY_SEND: dict[str, tuple[str, ...]] = {
    "question.log": STAFF,
    "alarm.raise": STAFF,
    "round.log": STAFF,
    "account.enter": ("sven", "karin"),
    "account.edit": ("anna", "heidi", "karin"),
    "account.rename": ("anna", "heidi", "karin"),
    "account.pattern": WORKS_ON_IT,
    "account.place": ("karin",),
    "question.hand_on": WORKS_ON_IT,
    "round.tell": WORKS_ON_IT,
    "alarm.phone": (*WORKS_ON_IT, "sven"),
    "alarm.false": ("anna", "sven", "karin"),
    "away": ("sven", "karin"),
    "away.change": (),  # the absence of that id is not there: not even they
    "watch.cover": (),  # nobody is away here
    "rota.take": ("karin",),
    "duty": ("heidi",),
    **dict.fromkeys(("person.join", "person.which", "person.same"), ("karin", "adam")),
    "round.moderate": STAFF,
    "moderation.step": WORKS_ON_IT,
    "moderation.withdraw": ("anna", "karin"),
    "moderation.no": ("heidi", "karin"),
    "run.step": ("anna", "bo", "dag"),
    "run.hand": ("anna", "bo", "dag"),
    "run.reply": ("anna", "bo", "dag"),
    "run.withdraw": ("anna", "karin"),
    "run.set_head": ("karin",),
    **dict.fromkeys(("run.judge", "run.decline"), ()),  # KI asks communications nothing: not even they
    "filing.number": ("rita", "karin"),
    "decision.search": STAFF,  # it shows each only what they may open
    "decision.correct": ("anna", "bo", "heidi", "dag", "karin"),
    **dict.fromkeys(("import.paste", "import.apply", "import.export", "start.channels"), ("karin",)),
    "start.change": (),  # no channel is being started here: not even they
    "gap.fill": ("anna", "heidi", "karin"),
    "approval.enter": ("karin",),
    **dict.fromkeys(("settings.choose", "settings.page", "beginning.page"), ("karin", "adam")),
    "welcome.hour": ("anna", "heidi", "karin"),
    "practice.hand_on": (),  # nobody practises: not even they
    "pilot": ("karin",),
    "confirm.enter": (),  # everybody in it can press for themselves: not even they
    "yearly.change": ("heidi",),
    "season.cover": ("heidi", "dag", "karin"),
    **dict.fromkeys(
        ("watch.enter", "duty.enter", "season.enter", "yearly.enter"), ()
    ),  # every head has chat: not even they
    "approval.back": ("heidi", "dag"),
    "approval.reject": ("heidi", "dag"),
    "left": ("karin",),
}
"""Who may send each form, as `_forms` fills it in: an account for others, Sven's absence, Anna's alarm and request."""


@dataclass
class Office(ABC):
    """The people by name, their place, and what the forged requests are about."""

    folder: Path
    people: dict[str, str]
    place: str
    about: dict[str, str] = field(default_factory=dict)

    @abstractmethod
    async def press(self, who: str, verb: str, arg: str) -> str:
        """Press a button of one's own making; gives what one is told."""

    @abstractmethod
    async def submit(self, who: str, form: str, state: str, values: dict[str, Any]) -> str:
        """Send a form that was never opened; gives what one is told, "" by another form."""

    @abstractmethod
    async def ask(self, who: str, name: str) -> str:
        """Use a command or a shortcut; gives what one is told."""

    def refuses(self, who: str, told: str) -> bool:
        """Whether these words are a refusal."""
        return REFUSED in told

    def state(self) -> dict[str, Sequence[tuple[Any, ...]]]:
        """All that is kept, but what the machine writes by itself while it sends."""
        with sqlite3.connect(self.folder / "smbot.db") as database:
            return {table: database.execute(_read(database, table)).fetchall() for table in KEPT}

    async def settled(self) -> dict[str, Sequence[tuple[Any, ...]]]:
        """The state once nothing waits to be sent."""
        while _waits(self.folder):
            await asyncio.sleep(0.05)
        return self.state()


PLANNED = ("welcome:", "digest:", "heads:", "bundle:", "setup")
"""Keys of what the bot says by itself at its hours, which may come while a test runs."""


def _read(database: sqlite3.Connection, table: str) -> str:
    if table == "outbox":  # by its key: how far a row has come is the machine's
        own = " AND ".join(f"key NOT LIKE '{key}%'" for key in PLANNED)
        return f"SELECT key, card, target, arg FROM outbox WHERE {own} ORDER BY key"
    columns = [f'"{row[1]}"' for row in database.execute(f"PRAGMA table_info({table})")]
    return f"SELECT {', '.join(columns)} FROM {table} ORDER BY {', '.join(columns)}"


def _waits(folder: Path) -> bool:
    with sqlite3.connect(folder / "smbot.db") as database:
        return bool(
            database.execute("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')").fetchone()[
                0
            ]
        )


async def something_of_each(scene: Office) -> None:
    """A question, an alarm of Anna's, and a request of hers that waits for Heidi."""
    account = _newest(scene.folder, "account")
    await scene.submit("anna", "question.log", "", _question(account))
    await scene.submit("anna", "alarm.raise", "", {"kind": "threat", "account": account})
    for step in STEPS:
        state = f"rnew|{next(iter(step)).partition('.')[0]}|new-account"
        assert REFUSED not in await scene.submit("anna", "run.step", state, step), step
    for who in ("bo", "dag"):
        await scene.press(who, "run.confirm", "rnew|terms.read")
    said = await scene.press("anna", "run.send", "rnew")
    assert "Heidi" in said, said
    assert REFUSED not in await scene.submit(
        "anna", "moderation.step", "mnew|first|new|", _moderation(account)
    )
    kinds = ("question", "alarm", "round", "run", "moderation", "account")
    scene.about = {kind: _newest(scene.folder, kind) for kind in kinds}


def _question(account: str) -> dict[str, str]:
    posted = next_tuesday().isoformat()
    return {"account": account, "where": "comment", "kind": "question", "posted": posted}


def _moderation(account: str) -> dict[str, str]:
    """The first page of a post that is no threat."""
    return {"first.threat": "no", "first.pile-on": "no", "first.account": account, "first.source": "own",
            "first.posts": "https://www.instagram.com/p/Cx1", "first.posted": next_tuesday().isoformat(),
            "first.kind": "comment"}  # fmt: skip


def _newest(folder: Path, kind: str) -> str:
    table, where = ("accounts", "") if kind == "account" else ("cases", f" WHERE kind = '{kind}'")
    with sqlite3.connect(folder / "smbot.db") as database:
        return str(database.execute(f"SELECT id FROM {table}{where}").fetchall()[-1][0])


def next_tuesday() -> datetime:
    """At least a working day after the real one, on which the channel is welcomed: cards begin after it."""
    day = datetime.now(UTC) + timedelta(days=5)
    while day.weekday() != 1:
        day += timedelta(days=1)
    return day.replace(hour=11, minute=0)


def buttons(about: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Whom the table lets do one thing and not the other: substitute, manager, head, security, administrator, registrar."""
    question, account, alarm = about["question"], about["account"], about["alarm"]
    work = [(verb, question) for verb in ON_QUESTION] + [(verb, about["round"]) for verb in ON_ROUND]
    work += [(verb, account) for verb in (*ON_ACCOUNT, *ON_CLOSING)]
    forged = work + [(verb, alarm) for verb in ON_ALARM]
    enter = ("approval.enter", f"{about['run']}|1")
    receipt = [("alarm.receive", alarm), ("alarm.handled", alarm)]
    own_alarm = [("alarm.false", alarm), ("alarm.exercise", alarm)]
    own = [(verb, account) for verb in ("account.edit", "account.rename", "account.place")]
    filing = [(verb, "f1") for verb in ON_FILING] + [("left.open", ""), ("left.back", "p1")]
    settings = [(verb, "role") for verb in ON_SETTINGS]
    yearly = [*ON_YEARLY, WISH_DONE]
    season = [(verb, f"christmas-{datetime.now(UTC).year}|heidi") for verb in ON_SEASON]
    but_history = [one for one in work if one[0] != "account.history"]
    rota, duty = [(verb, "") for verb in ON_ROTA], [("duty.open", account)]
    return {
        **dict.fromkeys(("olle", *STRANGERS), forged + filing + settings + yearly + rota + duty + season),
        "bo": [*receipt, *own_alarm, *own, *filing, *settings, *yearly, *rota, *duty, *season, enter],
        "anna": [*receipt, ("account.place", account), *filing, *settings, *yearly, *rota, *duty, enter],
        "heidi": [
            *receipt,
            *own_alarm,
            ("account.place", account),
            *filing,
            *settings,
            *rota,
            WISH_DONE,
            enter,
        ],
        "dag": [
            *receipt,
            *own_alarm,
            ("alarm.phone", alarm),
            *but_history,
            *filing,
            *settings,
            *yearly,
            *rota,
            *duty,
        ],
        "sven": work + filing + settings + yearly + rota + duty + season,
        "adam": [*work, *receipt, *filing, *yearly, *rota, *duty],
        "rita": [*but_history, *receipt, ("left.back", "p1"), *settings, *yearly, *rota, *duty, *season],
        "karin": [
            ("approval.approve", f"{about['run']}|1"),
            ("run.confirm", f"{about['run']}|terms.read"),
            *ON_YEARLY,
        ],
    }


def forms(about: dict[str, str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each form as somebody would forge it: state and values."""
    account, alarm, run = about["account"], about["alarm"], about["run"]
    place = about["round"].removeprefix("round:").rpartition(":")[0]
    now = datetime.now(UTC)
    day = (now + timedelta(days=60)).date().isoformat()
    post = _question(account)
    new = {"platform": "instagram", "address": "@annat", "unit": "bio"}
    sent = f"{run}|1"
    return {
        "question.log": ("", post),
        "alarm.raise": ("", {"kind": "threat", "account": account}),
        "round.log": (f"{about['round']}|", post),
        "account.enter": ("", new | {"people": ("sven", "karin")}),
        "account.edit": (account, {"people": ("olle", "dag"), "hour": "10:00"}),
        "account.rename": (account, {"name": "Kapat", "address": "@kapat", "unit": "bio"}),
        "account.pattern": (account, {"kind": "weeks", "order": ("bo", "anna")}),
        "account.place": (account, {"place": "some"}),
        "question.hand_on": (about["question"], {"how": "forward", "to": "olle"}),
        "round.tell": (about["round"], {account: "found"}),
        "alarm.phone": (alarm, {"who": "Sven"}),
        "alarm.false": (alarm, {"why": "skämt"}),
        "away": ("", {"person": "sven", "first": day, "last": day}),
        "away.change": ("w1", {"first": day, "last": day}),
        "watch.cover": ("g1", {"who": "olle"}),
        "rota.take": ("", {"accounts": account, "first": day, "last": day}),
        "duty": (account, {"kind": "people", "people": ("olle",), "agreed": "yes"}),
        "person.join": ("", {"person": "olle", "other": "Anna"}),
        "person.which": ("p1", {"other": "p2"}),
        "person.same": ("p1|p2", {"sure": "yes"}),
        "round.moderate": (f"mother|first|new||{about['round']}", _moderation(account)),
        "moderation.step": (f"{about['moderation']}|first|", _moderation(account) | {"first.kind": "tip"}),
        "moderation.withdraw": (about["moderation"], {"text": "Nej"}),
        "moderation.no": (f"{about['moderation']}|", {"text": "Nej"}),
        "run.step": (f"{run}|purpose|", {"purpose.purpose": "Något annat"}),
        "run.hand": (run, {"person": "olle"}),
        "run.reply": (run, {"text": "Svar"}),
        "run.withdraw": (run, {"text": "Nej"}),
        "run.set_head": (run, {"person": "olle"}),
        "run.judge": (f"{run}|purpose||purpose.purpose", {"text": "Ja"}),
        "run.decline": (f"{run}|purpose", {"text": "Nej"}),
        "filing.number": ("", {"items": "f1", "number": "2026/1"}),
        "decision.search": ("", {"number": "1"}),
        "decision.correct": ("1", {"text": "Fel"}),
        "import.paste": ("", {"rows": "Plattform;Namn\nInstagram;Kapat"}),
        "import.apply": ("", {}),
        "import.export": ("", {}),
        "start.channels": ("", {"places": "some"}),
        "start.change": (f"s1|{account}", {"whose": "away"}),
        "gap.fill": (account, {"purpose": "Kapat"}),
        "confirm.enter": (run, {"who": "bo", "way": "phone", "reference": "UN 1"}),
        "approval.enter": (sent, {"who": "heidi", "answer": "approve", "way": "phone", "reference": "UN 1"}),
        "settings.choose": ("role", {"what": "administrators"}),
        "settings.page": ("role|administrators", {"people": ("adam", "olle")}),
        "beginning.page": ("security", {"security": "olle", "alarm_number": "08-9"}),
        "welcome.hour": (place, {"hour": "10:00"}),
        "practice.hand_on": ("x1", {"how": "forward"}),
        "pilot": ("", {"how": "some", "places": "some"}),
        "yearly.change": ("", {"account": account, "text": "Kapat"}),
        "season.cover": (f"christmas-{now.year}|heidi", {"cover": "olle"}),
        "watch.enter": ("g1", {"answer": "hand", **SAID}),
        "duty.enter": (account, {"kind": "rota", **SAID}),
        "season.enter": (f"christmas-{now.year}|heidi", {"answer": "fine", **SAID}),
        "yearly.enter": ("year:heidi|m", {"answer": "right", **SAID}),
        "approval.back": (sent, {"text": "Varför?"}),
        "approval.reject": (sent, {"text": "Nej"}),
        "left": ("", {"person": "olle"}),
    }
