"""`smbot run` on the fake Slack, and the hands of people who forge their requests there."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.slack.forms import Carried
from bot.commands import SHORTCUTS
from tests.fakes.slack import FakeSlack, Message
from tests.fakes.slack.state import View
from tests.flows._wrong_people import ORGANISATION, PEOPLE, Office, next_tuesday
from tests.flows.process import running

STRANGERS = {"guest": {"is_restricted": True}, "outsider": {"team_id": "T0OTHER"}, "gone": {"deleted": True}}


@dataclass
class SlackOffice(Office):
    """`card` is the morning's."""

    slack: FakeSlack | None = None
    card: Message | None = None

    async def press(self, who: str, verb: str, arg: str) -> str:
        button = {"type": "button", "action_id": f"{verb}#0", "value": arg,
                  "text": {"type": "plain_text", "text": "x"}}  # fmt: skip
        made = self.card.snapshot()
        made.blocks = [{"type": "actions", "block_id": "forged", "elements": [button]}]
        return await self._told(who, self.slack.press(self.people[who], made, f"{verb}#0", forged=True))

    async def submit(self, who: str, form: str, state: str, values: dict[str, Any]) -> str:
        before = len(self.slack.ephemerals(self.people[who]))
        answer = await self._send(who, form, state, values)
        if answer.get("response_action") == "errors":
            return "\n".join(answer["errors"].values())
        if answer.get("response_action") == "update":
            return ""
        assert answer == {"response_action": "clear"}, (who, form, answer)
        return await self._heard(who, before)

    async def _send(self, who: str, form: str, state: str, values: dict[str, Any]) -> dict[str, Any]:
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

    async def ask(self, who: str, name: str) -> str:
        if name not in SHORTCUTS:
            act = self.slack.command(self.people[who], f"/{name}", channel=self.place)
            return await self._told(who, act)
        post = self.slack.say(self.people["anna"], self.place, "Hej")
        return await self._told(who, self.slack.message_shortcut(self.people[who], name, self.place, post))

    async def _told(self, who: str, act: Any) -> str:
        before = len(self.slack.ephemerals(self.people[who]))
        await act
        return await self._heard(who, before)

    async def _heard(self, who: str, before: int) -> str:
        user = self.people[who]
        await self.slack.wait_for(lambda: len(self.slack.ephemerals(user)) > before)
        return self.slack.plain(self.slack.ephemerals(user)[-1])


@asynccontextmanager
async def on_slack(folder: Path, *, moved: bool = True) -> AsyncIterator[SlackOffice]:
    """A process that knows everybody, with nothing done yet; `moved`: to a Tuesday's noon, with the morning card."""
    slack = FakeSlack(mode="http")
    slack.limits.off()
    await slack.start()
    people = {name: slack.add_user(name, name.title()) for name in PEOPLE}
    people |= {name: slack.add_user(name, name.title(), **facts) for name, facts in STRANGERS.items()}
    place = slack.add_channel("some", list(people.values()))
    slack.invite_bot(place)
    file = folder / "organisation.toml"
    file.write_text(ORGANISATION.format(place=place, **people), encoding="utf-8")
    try:
        async with running(slack, folder, SMBOT_ORGANISATION=str(file)) as bot:
            scene = SlackOffice(folder, people, place, slack=slack)
            if moved:
                await bot.move_to(next_tuesday())
                scene.card = (await slack.wait_for(lambda: slack.posts(place)[1:]))[0]  # after the welcome
            await asyncio.gather(*(scene.ask(who, "sm-hjalp") for who in people))
            yield scene
            assert not slack.violations
            assert not slack.user_errors
            assert not any(slack.modal(people[who]) for who in STRANGERS)
    finally:
        await slack.stop()
