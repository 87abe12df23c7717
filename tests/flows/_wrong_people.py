"""`smbot run` with a card, a question, an alarm and a request in it, and the hands of people who forge their requests."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.slack.forms import Carried
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.state import View
from tests.flows.process import running

ORGANISATION = """
name = "Provuniversitetet"
language = "sv"
alarm_number = "08-000 00 00"
bridge_days = "worked"

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

[[account]]
platform = "instagram"
name = "@bio"
address = "https://instagram.com/bio"
unit = "bio"
channel = "some"
people = ["{anna}", "{bo}"]
"""
PEOPLE = ("anna", "bo", "heidi", "dag", "karin", "sven", "adam", "rita", "olle")
STRANGERS = {"guest": {"is_restricted": True}, "outsider": {"team_id": "T0OTHER"}, "gone": {"deleted": True}}
"""Manager, substitute, head, deputy, communications, security, administrator, registrar, nobody in particular;
and three whom the workspace knows and the office does not."""
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
KEPT = ("cases", "accounts", "people", "units", "places", "roles", "absences", "office", "days", "decisions", "case_log", "seen",
        "outbox")  # fmt: skip
"""Every table that a person's act could change."""


@dataclass
class Office:
    """The fake workspace, the people by name, and what the forged requests are about."""

    slack: FakeSlack
    folder: Path
    people: dict[str, str]
    place: str
    card: Any = None
    about: dict[str, str] = field(default_factory=dict)

    async def press(self, who: str, verb: str, arg: str) -> str:
        """Press a button of one's own making; gives what one is told."""
        button = {"type": "button", "action_id": f"{verb}#0", "value": arg,
                  "text": {"type": "plain_text", "text": "x"}}  # fmt: skip
        made = self.card.snapshot()
        made.blocks = [{"type": "actions", "block_id": "forged", "elements": [button]}]
        return await self._told(who, self.slack.press(self.people[who], made, f"{verb}#0", forged=True))

    async def submit(self, who: str, form: str, state: str, values: dict[str, Any]) -> str:
        """Send a form that was never opened; gives what one is told, beside a field or privately."""
        before = len(self.slack.ephemerals(self.people[who]))
        answer = await self.send(who, form, state, values)
        if answer.get("response_action") == "errors":
            return "\n".join(answer["errors"].values())
        assert answer == {"response_action": "clear"}, (who, form, answer)
        return await self._heard(who, before)

    async def send(self, who: str, form: str, state: str, values: dict[str, Any]) -> dict[str, Any]:
        """Send a form; gives Slack's part of the answer."""
        user, space = self.people[who], self.slack.space
        view = View(space.mint("V0"), user, self._body(form, state, values), space.new_hash(), "V0")
        view.values = {name: {name: self._raw(value)} for name, value in values.items()}
        outcome = await self.slack.submit_forged(user, view)
        assert outcome.status == 200, (who, form, outcome)
        return outcome.body or {}

    def _body(self, form: str, state: str, fields: Iterable[str]) -> dict[str, Any]:
        carried = str(Carried(state=state, channel=self.place))
        blocks = [{"type": "input", "block_id": name} for name in fields]
        return {"type": "modal", "callback_id": form, "private_metadata": carried, "blocks": blocks}

    def _raw(self, value: Any) -> dict[str, Any]:
        if isinstance(value, tuple):
            return {"type": "multi_users_select", "selected_users": [self.people[v] for v in value]}
        if value in self.people:
            return {"type": "users_select", "selected_user": self.people[value]}
        if value == "some":
            return {"type": "conversations_select", "selected_conversation": self.place}
        return {"type": "plain_text_input", "value": value}

    async def command(self, who: str, name: str) -> str:
        return await self._told(who, self.slack.command(self.people[who], f"/{name}", channel=self.place))

    async def shortcut(self, who: str, name: str) -> str:
        post = self.slack.say(self.people["anna"], self.place, "Hej")
        act = self.slack.message_shortcut(self.people[who], name, self.place, post)
        return await self._told(who, act)

    async def _told(self, who: str, act: Any) -> str:
        before = len(self.slack.ephemerals(self.people[who]))
        await act
        return await self._heard(who, before)

    async def _heard(self, who: str, before: int) -> str:
        user = self.people[who]
        await self.slack.wait_for(lambda: len(self.slack.ephemerals(user)) > before)
        return self.slack.plain(self.slack.ephemerals(user)[-1])

    def state(self) -> dict[str, Sequence[tuple[Any, ...]]]:
        """All that is kept, but what the machine writes by itself while it sends."""
        with sqlite3.connect(self.folder / "smbot.db") as database:
            return {table: database.execute(_read(database, table)).fetchall() for table in KEPT}

    async def settled(self) -> dict[str, Sequence[tuple[Any, ...]]]:
        """The state once nothing waits to be sent."""
        while _waits(self.folder):
            await asyncio.sleep(0.05)
        return self.state()


def _read(database: sqlite3.Connection, table: str) -> str:
    columns = [f'"{row[1]}"' for row in database.execute(f"PRAGMA table_info({table})")]
    return f"SELECT {', '.join(columns)} FROM {table} ORDER BY {', '.join(columns)}"


def _waits(folder: Path) -> bool:
    with sqlite3.connect(folder / "smbot.db") as database:
        return bool(
            database.execute("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')").fetchone()[
                0
            ]
        )


@asynccontextmanager
async def office(folder: Path, *, moved: bool = True) -> AsyncIterator[Office]:
    """A process that knows everybody, with nothing done yet; `moved`: to a Tuesday's noon, with the morning card."""
    slack = FakeSlack(mode="http")
    slack.limits.off()
    await slack.start()
    people = {name: slack.add_user(name, name.title()) for name in PEOPLE}
    people |= {name: slack.add_user(name, name.title(), **facts) for name, facts in STRANGERS.items()}
    place = slack.add_channel("some", list(people.values()))
    slack.invite_bot(place)
    file = folder / "organisation.toml"
    file.write_text(ORGANISATION.format(**people), encoding="utf-8")
    try:
        async with running(slack, folder, SMBOT_ORGANISATION=str(file)) as bot:
            scene = Office(slack, folder, people, place)
            if moved:
                await bot.move_to(_next_tuesday())
                scene.card = (await slack.wait_for(lambda: slack.posts(place)))[0]
            await asyncio.gather(*(scene.command(who, "sm-hjalp") for who in people))
            yield scene
            assert not slack.violations
            assert not slack.user_errors
    finally:
        await slack.stop()


async def something_of_each(scene: Office) -> None:
    """A question, an alarm of Anna's, and a request of hers that waits for Heidi."""
    slack, anna = scene.slack, scene.people["anna"]
    await _sent(slack, anna, "sm-fraga", scene.place)
    await slack.wait_for(lambda: len(slack.posts(scene.place)) > 1)
    await _sent(slack, anna, "sm-larm", slack.dm(anna))
    await slack.wait_for(lambda: slack.dms(anna))
    for step in STEPS:
        state = f"rnew|{next(iter(step)).partition('.')[0]}|new"
        answer = await scene.send("anna", "run.step", state, step)
        assert answer.get("response_action") != "errors", (step, answer)
    for who in ("bo", "dag"):
        await scene.press(who, "run.confirm", "rnew|terms.read")
    said = await scene.press("anna", "run.send", "rnew")
    assert "Heidi" in said, said
    scene.about = {
        kind: _newest(scene.folder, kind) for kind in ("question", "alarm", "round", "run", "account")
    }


async def _sent(slack: FakeSlack, who: str, command: str, place: str) -> None:
    await slack.command(who, f"/{command}", channel=place)
    await slack.wait_for(lambda: slack.modal(who))
    outcome = await slack.submit(who, {})
    assert outcome.ok, outcome.errors


def _newest(folder: Path, kind: str) -> str:
    table, where = ("accounts", "") if kind == "account" else ("cases", f" WHERE kind = '{kind}'")
    with sqlite3.connect(folder / "smbot.db") as database:
        return str(database.execute(f"SELECT id FROM {table}{where}").fetchall()[-1][0])


def _next_tuesday() -> datetime:
    day = datetime.now(UTC) + timedelta(days=1)
    while day.weekday() != 1:
        day += timedelta(days=1)
    return day.replace(hour=11, minute=0)
