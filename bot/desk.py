"""The desk: where every chat platform hands in what a person did, and gets back what they shall see."""

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from pydantic import TypeAdapter

from bot.commands import COMMANDS, Call, Quoted
from bot.importing.table_file import decoded
from bot.model import Language, PersonId, Refused
from bot.outgoing import ANSWER, Message, to_person
from bot.ports import Conflict, Profile, Tx, Unknown
from bot.screens.base import refusal
from bot.service import FEATURES
from bot.service.arrivals import Arrival, Removed, note_closed, settle_places
from bot.service.base import Bot, Feature, FormHandler, Handler, Verb, Work
from bot.service.importing import AT_ONCE
from bot.service.overview import home_card
from bot.service.people import meet, meet_all
from bot.service.places import FoundPlace, note_picked, place_id
from bot.service.removal import back, removed
from bot.view import Card, Faults, Reply, Tell, Value, Values

TRIES = 5
ROSTER = 100
"""People of a roster that are stored in one transaction: a large one keeps nobody else waiting."""
REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)
T = TypeVar("T")
Act = Callable[[Work], Awaitable[Reply]]


class Desk:
    """Raises `Unknown` when the actor is not stored yet; every other trouble comes back as a Reply."""

    def __init__(self, bot: Bot, features: Iterable[Feature] = FEATURES) -> None:
        self._bot = bot
        self._commands: dict[str, Handler] = {}
        self._verbs: dict[str, Verb] = {}
        self._forms: dict[str, FormHandler] = {}
        self._shortcuts: dict[str, Handler] = {}
        for feature in features:
            self._commands |= feature.commands
            self._verbs |= feature.verbs
            self._forms |= feature.forms
            self._shortcuts |= feature.shortcuts
        self._commands |= {c.alias: self._commands[c.name] for c in COMMANDS if c.name in self._commands}

    def writes(self, verb: str) -> bool:
        """Whether a button is acknowledged only after its commit."""
        return verb in self._verbs and self._verbs[verb].writes

    async def command(self, call: Call, name: str, words: str) -> Reply:
        """A slash command, by name or alias. Never writes."""
        run = self._commands.get(name.lstrip("/").lower(), _no_such)
        return await self._act(call, lambda work: run(work, _plain(words).strip()), writes=False)

    async def shortcut(self, call: Call, name: str, quoted: Quoted) -> Reply:
        run = self._shortcuts.get(name, _no_such)
        said = replace(quoted, text=_plain(quoted.text), link=_plain(quoted.link))
        return await self._act(call, lambda work: run(work, ""), writes=False, quoted=said)

    async def press(self, call: Call, verb: str, arg: str) -> Reply:
        known = self._verbs.get(verb, Verb(run=_gone, writes=False))
        return await self._act(call, lambda work: known.run(work, _plain(arg)), writes=known.writes)

    async def submit(self, call: Call, form: str, state: str, values: Values) -> Reply:
        run = self._forms.get(form, _form_gone)
        given = {field: _plain_value(value) for field, value in values.items()}
        return await self._act(call, lambda work: run(work, _plain(state), given), writes=True, form=True)

    async def file(self, call: Call, read: Callable[[], Awaitable[bytes]], *, at_once: bool = False) -> Reply:
        """A table of accounts that was sent (users.md U1). Read only for whoever may import, and in no transaction.

        `read` raises Refused for what is not to be had. `at_once`: it was chosen in the form, so what it would do takes
        the form's place, and what is wrong with it is said there.
        """
        allowed = await self.press(call, "import.open", "")
        if isinstance(allowed, Tell):
            return allowed
        try:
            table = await asyncio.to_thread(decoded, await read())  # a workbook may take a second
        except Refused as no:
            return await self._refuse(call, Refused(no.key, field="table", **no.values), form=at_once)
        return await self.submit(call, "import.file", AT_ONCE if at_once else "", {"table": table})

    async def home(self, call: Call) -> Card:
        """Slack's Home tab, the page's Home: buttons above what waits for me."""
        reply = await self._act(call, _home, writes=False)
        return reply.card if isinstance(reply, Tell) else Card(title="")

    async def person(self, platform: str, realm: str, user: str) -> PersonId:
        """Who a picked user is. Raises Unknown."""
        async with self._bot.storage.read() as tx:
            known = (await tx.register()).who(platform, realm, user)
        if known is None:
            raise Unknown(platform, realm, user)
        return known.id

    async def meet(self, profile: Profile) -> PersonId:
        """Store, or refresh, who a user is."""
        return await self._again(lambda tx: meet(self._bot, tx, profile))

    async def new_places(self, platform: str, realm: str, channels: Iterable[str]) -> list[str]:
        """Of these channels those that are not stored: nobody has said yet what they are."""
        if not (asked := list(channels)):
            return []
        async with self._bot.storage.read() as tx:
            known = (await tx.register()).places
        return [channel for channel in asked if place_id(platform, realm, channel) not in known]

    async def picked(self, platform: str, realm: str, found: FoundPlace) -> None:
        """What the platform says of a place that is about to be stored."""
        await self._again(lambda tx: note_picked(tx, platform, realm, found))

    async def arrived(self, arrival: Arrival) -> None:
        """Who and what there is where the bot has come to. What was waited for is joined, to be confirmed."""
        for n in range(0, len(arrival.people), ROSTER):
            await self._again(partial(meet_all, self._bot, profiles=arrival.people[n : n + ROSTER]))
        await self._again(lambda tx: note_closed(tx, arrival))
        await self._again(lambda tx: back(self._bot, tx, arrival))
        await self._again(lambda tx: settle_places(self._bot, tx, arrival))

    async def stands(self, call: Call, channel: str, ref: str) -> None:
        """An answer stands in somebody's own chat for good, where it has no other row: it goes like what tells of several."""
        async with self._bot.storage.write() as tx:
            who = (await tx.register()).who(call.platform, call.realm, call.user)
            if who is None:
                return
            to = str(to_person(who.id))
            await tx.add_message(Message(
                case=None, card=ANSWER, reader=to, target=to, platform=call.platform, channel=channel, ref=ref,
                posted_at=self._bot.clock.now(),
            ))  # fmt: skip

    async def removed(self, gone: Removed) -> None:
        """The bot is no longer there: nobody is asked there until it is back, and the administrators hear of it once."""
        await self._again(lambda tx: removed(self._bot, tx, gone))

    async def users(self, platform: str, realm: str, people: Iterable[PersonId]) -> Mapping[PersonId, str]:
        """Their user ids on a platform; people without one there are left out."""
        async with self._bot.storage.read() as tx:
            register = await tx.register()
        wanted = set(people)
        return {i.person: i.user for i in register.identities
                if (i.platform, i.realm) == (platform, realm) and i.person in wanted}  # fmt: skip

    async def language(self, call: Call) -> Language:
        async with self._bot.storage.read() as tx:
            work = await self._work(tx, call, Quoted())
        return work.language

    # -- inside ---------------------------------------------------------------------------------

    async def _act(
        self, call: Call, act: Act, *, writes: bool, quoted: Quoted | None = None, form: bool = False
    ) -> Reply:
        try:
            if writes:
                return await self._again(lambda tx: self._once(tx, call, act))
            async with self._bot.storage.read() as tx:
                return await act(await self._work(tx, call, quoted or Quoted()))
        except Unknown:
            raise
        except Refused as no:
            return await self._refuse(call, no, form=form)
        except Exception as trouble:
            trace = self._bot.ids.new()
            self._bot.trouble(trace, trouble)
            return await self._refuse(call, Refused("sorry", trace=trace), form=False)

    async def _once(self, tx: Tx, call: Call, act: Act) -> Reply:
        """A repeated request gets the answer it was given, and no second effect."""
        if call.key and (given := await tx.seen(call.key)) is not None:
            return REPLY.validate_json(given)
        reply = await act(await self._work(tx, call, Quoted()))
        if tx.wrote and call.key:
            await tx.note_seen(call.key, REPLY.dump_json(reply).decode(), self._bot.clock.now())
        return reply

    async def _again(self, act: Callable[[Tx], Awaitable[T]]) -> T:
        """Run in a write transaction; on a conflict run again, which is safe because deciding is pure."""
        for attempt in range(TRIES):
            try:
                async with self._bot.storage.write() as tx:
                    result = await act(tx)
                self._bot.nudge()
                return result
            except Conflict:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError

    async def _work(self, tx: Tx, call: Call, quoted: Quoted) -> Work:
        register = await tx.register()
        actor = register.who(call.platform, call.realm, call.user)
        if actor is None or not actor.checked:
            raise Unknown(call.platform, call.realm, call.user)
        now: datetime = self._bot.clock.now()
        return Work(bot=self._bot, tx=tx, now=now, register=register, actor=actor, call=call, quoted=quoted)

    async def _refuse(self, call: Call, no: Refused, *, form: bool) -> Reply:
        async with self._bot.storage.read() as tx:
            work = await self._work(tx, call, Quoted())
        values = {"office": work.eyes.office_name} | no.values
        if form and no.field:
            return Faults(by_field={no.field: work.t(no.key, **values)})
        return Tell(card=refusal(work.t, no.key, **values))


def _plain(text: str) -> str:
    """Without what no database takes: NUL, other control characters, half surrogate pairs."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def _plain_value(value: Value) -> Value:
    return _plain(value) if isinstance(value, str) else tuple(_plain(each) for each in value)


async def _home(work: Work) -> Reply:
    return Tell(card=await home_card(work))


async def _no_such(_work: Work, _arg: str) -> Reply:
    raise Refused("command.unknown")


async def _gone(_work: Work, _arg: str) -> Reply:
    raise Refused("button.gone")


async def _form_gone(_work: Work, _state: str, _values: Values) -> Reply:
    raise Refused("form.gone")
