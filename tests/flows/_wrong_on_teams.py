"""`smbot run` on the fake Teams, and the hands of people who forge their requests there: signed by Teams, made by nobody."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.teams.forms import FORM
from bot.texts import Texts
from bot.view import Field, Form, Line, PeopleField, PersonField, PlaceField
from tests.fakes.teams import FakeTeams
from tests.fakes.teams.state import Json
from tests.flows._wrong_people import ORGANISATION, PEOPLE, Office, next_tuesday
from tests.flows.process import running

PRESSES = ("adaptiveCard/action", "task/fetch", "task/submit", "composeExtension/submitAction")
SUBMITS = ("task/submit", "composeExtension/submitAction")

UNKNOWN = Texts("sv")("teams.unknown_you")


@dataclass
class TeamsOffice(Office):
    """Each request comes by another kind of invoke than the one before."""

    teams: FakeTeams | None = None
    presses: Any = field(default_factory=lambda: itertools.cycle(PRESSES))
    submits: Any = field(default_factory=lambda: itertools.cycle(SUBMITS))

    async def press(self, who: str, verb: str, arg: str) -> str:
        return await self._invoke(who, next(self.presses), {"smbot": {"press": verb, "arg": arg}})

    async def submit(self, who: str, form: str, state: str, values: dict[str, Any]) -> str:
        fields = tuple(self._field(name, value) for name, value in values.items())
        made = Form(id=form, title="x", fields=fields, submit="x", state=state)
        own = {"form": FORM.dump_python(made, mode="json"), "channel": self.place, "zone": "Europe/Stockholm"}
        inputs = {name: self._given(value) for name, value in values.items()}
        return await self._invoke(who, next(self.submits), {"smbot": own, **inputs})

    async def ask(self, who: str, name: str) -> str:
        """As a message action: a command may be offered in the same way."""
        return await self._sent(who, "composeExtension/fetchTask", {"commandId": name, "messagePayload": {}})

    def refuses(self, who: str, told: str) -> bool:
        """Of whoever is in no roster any more Teams does not say who they are."""
        return told == UNKNOWN if who == "gone" else super().refuses(who, told)

    def _field(self, name: str, value: Any) -> Field:
        if isinstance(value, tuple):
            return PeopleField(id=name, label=name)
        if value in self.people:
            return PersonField(id=name, label=name)
        kind = PlaceField if value == "some" else Line
        return kind(id=name, label=name)

    def _given(self, value: Any) -> str:
        if isinstance(value, tuple):
            return ",".join(self.people[who] for who in value)
        place = f"teams:{self.teams.tenant}:{self.place}"
        return self.people.get(value, place if value == "some" else value)

    async def _invoke(self, who: str, name: str, data: Json) -> str:
        if name == "adaptiveCard/action":
            return await self._sent(
                who, name, {"action": {"verb": "press", "data": data}, "trigger": "manual"}
            )
        return await self._sent(who, name, {"data": data})

    async def _sent(self, who: str, name: str, value: Json) -> str:
        user, space = self.teams.space.users[self.people[who]], self.teams.space
        activity = self.teams.payloads.invoke(name, user, space.places[self.place], value)
        outcome = await self.teams.send(activity)
        assert outcome.status == 200, (who, name, outcome)
        return self._told(outcome.body)

    def _told(self, body: Json) -> str:
        """Of a dialog its words, "" of one that asks for more."""
        said = body["task"]["value"] if "task" in body else body["value"]
        if isinstance(said, str):
            return said
        card = said["card"]["content"]
        asks = any("form" in a.get("data", {}).get("smbot", {}) for a in card.get("actions", ()))
        return "" if asks and not self._wrong(card) else self.teams.plain(card)

    @staticmethod
    def _wrong(card: Json) -> bool:
        return "Attention" in str(card)


@asynccontextmanager
async def on_teams(folder: Path, *, moved: bool = True) -> AsyncIterator[TeamsOffice]:
    """A process that knows everybody, with nothing done yet; `moved`: to a Tuesday's noon, with the morning card.

    Guest and outsider are in the team; whoever is gone is not, and has no more than an id.
    """
    teams = FakeTeams()
    teams.limits.off()
    await teams.start()
    people = {name: teams.add_user(name.title()) for name in (*PEOPLE, "gone")}
    people |= {"guest": teams.add_user("Guest", guest=True)}
    people |= {"outsider": teams.add_user("Outsider", tenant=teams.add_tenant())}
    team = teams.add_team("Biologi", [user for name, user in people.items() if name != "gone"], app=False)
    place = teams.add_channel(team, "some")
    file = folder / "organisation.toml"
    file.write_text(ORGANISATION.format(place=place, **people), encoding="utf-8")
    try:
        async with running(None, folder, teams, SMBOT_ORGANISATION=str(file)) as bot:
            scene = TeamsOffice(folder, people, place, teams=teams)
            for where in (team, *(people[name] for name in PEOPLE)):
                await teams.install(where)
            await teams.wait_for(lambda: all(teams.personal(people[name]) for name in PEOPLE), 20)
            if moved:
                await bot.move_to(next_tuesday())
                await teams.wait_for(lambda: teams.posts(place)[1:], 20)  # after the welcome
            await asyncio.gather(*(scene.ask(who, "sm-hjalp") for who in people))
            yield scene
            assert not teams.violations
            assert not teams.user_errors
    finally:
        await teams.stop()
