"""An office with a card, a question, an alarm and a request in it, and who may not do what there (exact-rules, rights).

The hands of people who forge their requests are the platform's: `_wrong_on_slack.py`, `_wrong_on_teams.py`.
"""

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.cases.start import Start, StartLine
from storage.engine import connect
from storage.store import Store

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
        "decision_values", "decision_tags", "case_log", "seen", "outbox", "changes", "role_contacts", "identities",
        "facts", "marks")  # fmt: skip
"""Every table that a person's act could change."""
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
    **dict.fromkeys(
        ("import.paste", "import.file", "import.apply", "import.export", "start.channels"), ("karin",)
    ),
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
ABOUT: dict[str, tuple[str, ...]] = {
    "question": ("question.take", "question.answered", "question.seen", "question.hand_on", "question.reopen"),
    "round": ("round.clear", "round.tell", "round.forgot", "round.ask", "round.undo"),
    "account": ("account.edit", "account.rename", "account.pattern", "account.place", "account.history", "close.new",
                "close.resume", "duty.open"),
    "alarm": ("alarm.receive", "alarm.handled", "alarm.phone", "alarm.false", "alarm.exercise", "alarm.show"),
    "run": ("run.finish", "run.send"),
    "moderation": ("moderation.yes", "moderation.taken_off"),
    "practice": ("practice.take", "practice.answered", "practice.seen", "practice.reopen"),
    "watch": ("watch.hand", "watch.take", "watch.undo"),
    "absence": ("away.back",),
    "start": ("start.confirm", "start.mine"),
}  # fmt: skip
"""Which buttons are about what there is."""
MADE_UP = {"filing": "f1", "settings": "role", "beginning": "role"}
"""What others name, which is not there."""
MAY_PRESS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(ABOUT["question"], WORKS_ON_IT),
    **dict.fromkeys(ABOUT["round"], WORKS_ON_IT),
    **dict.fromkeys(("round.clear_mine", "practice.start", "language"), STAFF),  # each for themselves
    **dict.fromkeys(ABOUT["practice"], ("anna",)),
    **dict.fromkeys(("account.edit", "account.rename"), ("anna", "heidi", "karin")),
    "account.pattern": WORKS_ON_IT,
    "account.place": ("karin",),
    "account.history": ("anna", "bo", "heidi", "dag", "karin", "rita"),
    **dict.fromkeys(("close.new", "close.resume"), WORKS_ON_IT),
    "duty.open": ("heidi",),
    **dict.fromkeys(("alarm.receive", "alarm.handled"), ("sven", "karin")),
    **dict.fromkeys(("alarm.false", "alarm.exercise"), ("anna", "sven", "karin")),
    **dict.fromkeys(("alarm.phone", "alarm.show"), (*WORKS_ON_IT, "sven")),
    **dict.fromkeys(("run.confirm", "run.finish", "run.send"), ("anna", "bo", "dag")),
    "run.judge": (),  # KI asks communications nothing: not even they
    "moderation.yes": ("heidi", "karin"),
    "moderation.taken_off": ("karin",),
    **dict.fromkeys(("approval.approve", "approval.deputy"), ("heidi", "dag")),
    "approval.enter": ("karin",),
    "setup.confirm": ("adam",),
    **dict.fromkeys(("settings.menu", "settings.open", "settings.log", "settings.apply", "settings.drop",
                     "settings.undo", "beginning.open"), ("karin", "adam")),
    "away.back": ("sven", "karin"),
    "watch.hand": ("heidi",),
    "watch.take": ("karin",),
    "watch.undo": ("heidi", "karin"),
    **dict.fromkeys(("rota.open", "import.taken"), ("karin",)),
    "start.confirm": ("heidi", "karin"),
    "start.mine": STAFF,  # nobody is named on it
    **dict.fromkeys(("yearly.page", "yearly.confirm", "yearly.change"), ("heidi",)),
    "yearly.done": ("karin",),
    **dict.fromkeys(("season.open", "season.fine", "season.hand", "season.cover"), ("heidi", "dag", "karin")),
    "season.enter": ("karin",),
    **dict.fromkeys(("filing.queue", "filing.show", "filing.number"), ("rita", "karin")),
    **dict.fromkeys(("left.open", "left.back"), ("karin",)),
}  # fmt: skip
"""Who may press each button that writes, and each that opens what not everybody sees."""
GOES_THROUGH = ("practice.take", "practice.answered", "practice.seen", "practice.reopen", "practice.start",
                "round.clear_mine", "language", "run.finish", "moderation.yes", "moderation.taken_off",
                "approval.deputy", "setup.confirm", "watch.hand", "watch.take", "watch.undo", "away.back",
                "start.mine", "start.confirm")  # fmt: skip
"""In this order, whoever may does each: what was refused to others was there to be done."""


def tries(who: str, what: str, may: dict[str, tuple[str, ...]]) -> bool:
    """Whether this wrong person tries it. Of the strangers, whom one guard stops, each takes every third."""
    if who in STRANGERS:
        return list(may).index(what) % len(STRANGERS) == STRANGERS.index(who)
    return who not in may[what]


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
    await scene.press("anna", "practice.start", "")
    await _long_known(scene.folder)
    later = [(next_tuesday() + timedelta(days=days)).date().isoformat() for days in (35, 50)]
    for who in ("anna", "bo", "sven"):
        await scene.submit("karin", "away", "", {"person": who, "first": later[0], "last": later[1]})
    kinds = ("question", "alarm", "round", "run", "moderation", "account", "practice", "watch", "absence")
    scene.about = {kind: _newest(scene.folder, kind) for kind in kinds}
    scene.about["start"] = await _to_start(scene.folder)


async def _long_known(folder: Path) -> None:
    """The channel's first week is over: in it no head is asked who stands in."""
    store = Store(connect(f"sqlite:///{folder / 'smbot.db'}"))
    async with store.write() as tx:
        for place in (await tx.register()).places.values():
            await tx.save_place(replace(place, welcomed=date(2026, 1, 7)))
    await store.close()


async def _to_start(folder: Path) -> str:
    """An account from a file, on which nobody is named, and the channel's question about it."""
    store = Store(connect(f"sqlite:///{folder / 'smbot.db'}"))
    async with store.write() as tx:
        [known] = (await tx.register()).accounts.values()
        account = replace(known, version=0, id="from-file", name="@fil", address="https://instagram.com/fil",
                          state="imported", people=())  # fmt: skip
        await tx.save_account(account)
        line = StartLine(account=account.id)
        await tx.add_case(Start(id="s1", opened_at=datetime.now(UTC), place=account.place, lines=(line,)))
    await store.close()
    return "s1"


def _question(account: str) -> dict[str, str]:
    posted = next_tuesday().isoformat()
    return {"account": account, "where": "comment", "kind": "question", "posted": posted}


def _moderation(account: str) -> dict[str, str]:
    """The first page of a post that is no threat."""
    return {"first.threat": "no", "first.pile-on": "no", "first.account": account, "first.source": "own",
            "first.posts": "https://www.instagram.com/p/Cx1", "first.posted": next_tuesday().isoformat(),
            "first.kind": "comment"}  # fmt: skip


def _newest(folder: Path, kind: str) -> str:
    table = {"account": "accounts", "absence": "absences"}.get(kind, f"cases WHERE kind = '{kind}'")
    with sqlite3.connect(folder / "smbot.db") as database:
        return str(database.execute(f"SELECT id FROM {table} ORDER BY rowid").fetchall()[-1][0])


def next_tuesday() -> datetime:
    """At least a working day after the real one, on which the channel is welcomed: cards begin after it."""
    day = datetime.now(UTC) + timedelta(days=5)
    while day.weekday() != 1:
        day += timedelta(days=1)
    return day.replace(hour=11, minute=0)


def buttons(about: dict[str, str]) -> dict[str, str]:
    """Each button as somebody would forge it: its verb and what it is about."""
    found = {verb: about[kind] for kind, verbs in ABOUT.items() for verb in verbs}
    run, season = about["run"], f"christmas-{datetime.now(UTC).year}|heidi"
    found |= dict.fromkeys(("run.confirm", "run.judge"), f"{run}|terms.read")
    found |= dict.fromkeys(("approval.approve", "approval.deputy", "approval.enter"), f"{run}|1")
    found |= dict.fromkeys(
        ("season.open", "season.fine", "season.hand", "season.cover", "season.enter"), season
    )
    found |= {"yearly.done": "year:heidi:2027|w1", "yearly.confirm": "m", "left.back": "p1", "language": "en"}
    return found | {verb: MADE_UP.get(verb.partition(".")[0], "") for verb in MAY_PRESS if verb not in found}


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
        "import.file": ("", {"table": "Plattform;Namn\nInstagram;Kapat"}),
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
