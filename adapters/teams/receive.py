"""What people do in Teams, handed to the desk and answered (exact-rules, Requests).

botbuilder's plain `ActivityHandler` tells the kinds of activities apart; the rest is ours. What writes is answered after
its commit; a message is acknowledged first and answered beside. Nothing about a request lives in memory, so any process
may get the next one.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from botbuilder.core import ActivityHandler, InvokeResponse, TurnContext
from botbuilder.schema import Activity

from adapters.busy import Busy
from adapters.teams import answers, forms, requests
from adapters.teams.answers import Answers, Posts
from adapters.teams.arrivals import Arrivals
from adapters.teams.files import fetched
from adapters.teams.people import TeamsDirectory
from adapters.teams.ports import PLATFORM, References
from adapters.teams.render import Json
from adapters.teams.requests import Asked, Opening, Press, Sent, Submitted
from bot.commands import HELP, Call, Quoted, greets, spoken
from bot.model import Language, PersonId, Refused
from bot.picking import Raw, picked, settled
from bot.ports import Profile, Unknown
from bot.replies import people_in
from bot.service.arrivals import Arrival, Removed
from bot.texts import Texts
from bot.view import Ask, Card, Faults, Reply, Tell, Values

T = TypeVar("T")
PATIENCE = 3.0
"""Seconds until a press or a submission is answered "still saving": Teams gives up after 10 to 15."""
LOOKUP = 1.0
"""Seconds for one question to Teams about somebody who is not stored yet."""
REMEMBERED = 1_000
"""Ids of messages: Teams sends a message again when it was not answered in time."""
PRESSED, FETCH, SUBMIT = "adaptiveCard/action", "task/fetch", "task/submit"
EXTENSION, EXTENSION_SUBMIT = "composeExtension/fetchTask", "composeExtension/submitAction"
log = logging.getLogger("smbot.teams")


class Desk(Protocol):
    """What the adapter asks of `bot.desk.Desk`. What a person does raises Unknown for an actor not stored yet."""

    async def stands(self, call: Call, channel: str, ref: str) -> None: ...
    def writes(self, verb: str) -> bool: ...
    async def command(self, call: Call, name: str, words: str) -> Reply: ...
    async def shortcut(self, call: Call, name: str, quoted: Quoted) -> Reply: ...
    async def press(self, call: Call, verb: str, arg: str) -> Reply: ...
    async def submit(self, call: Call, form: str, state: str, values: Values) -> Reply: ...
    async def file(self, call: Call, read: Callable[[], Awaitable[bytes]]) -> Reply: ...
    async def home(self, call: Call) -> Card: ...
    async def person(self, platform: str, realm: str, user: str) -> PersonId: ...
    async def meet(self, profile: Profile) -> PersonId: ...
    async def users(
        self, platform: str, realm: str, people: Iterable[PersonId]
    ) -> Mapping[PersonId, str]: ...
    async def language(self, call: Call) -> Language: ...
    async def arrived(self, arrival: Arrival) -> None: ...
    async def removed(self, removed: Removed) -> None: ...


class Stranger(Exception):
    """Teams did not say who somebody is."""

    def __init__(self, user: str) -> None:
        super().__init__("Teams did not say who this is")
        self.user = user


class TeamsReceiver(ActivityHandler):
    """The requests of all tenants. `http.py` feeds `on_turn`."""

    def __init__(
        self,
        desk: Desk,
        *,
        references: References,
        posts: Posts,
        directory: TeamsDirectory,
        language: Language = "sv",
    ) -> None:
        self._desk = desk
        self._language: Language = language
        self.directory = directory
        self.answers = Answers(posts, references, desk.writes, desk.stands)
        self.arrivals = Arrivals(desk, references, directory)
        self.busy = Busy()
        self._running: set[asyncio.Task[None]] = set()
        self._heard: OrderedDict[str, None] = OrderedDict()

    # -- messages and events ------------------------------------------------------------------------

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        asked, activity = requests.asked(turn_context.activity), turn_context.activity
        self._behind(self.arrivals.renew(asked, requests.event(activity)))
        if self._repeated(asked.call.key):
            return
        found = requests.sent(activity.value)
        if asked.known and found and self._writes(found):
            await self._saved(asked, found)
        else:
            self._behind(self._message(asked, activity))

    async def _saved(self, asked: Asked, found: Sent) -> None:
        """A button of a client that sends it as a message: saved before that is acknowledged, answered after."""
        work = asyncio.ensure_future(self._reply(asked, self._work(asked, found)))
        await asyncio.wait({work})
        self._behind(self._do(asked, lambda: work, given=_given(found)))

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        asked, event = requests.asked(turn_context.activity), requests.event(turn_context.activity)
        match turn_context.activity.action:
            case "add":
                self._behind(self._arrive(asked, event))
            case "add-upgrade":
                self._behind(self.arrivals.arrive(asked, event))
            case "remove":  # an upgrade's "remove" is followed by its "add"
                await self.arrivals.leave(asked, event)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        activity = turn_context.activity
        asked, event = requests.asked(activity), requests.event(activity)
        if requests.names_bot(activity.members_removed, asked.bot):
            await self.arrivals.leave(asked, event)
        elif requests.names_bot(activity.members_added, asked.bot):
            self._behind(self._arrive(asked, event))
        elif not await self.arrivals.gone(asked, event):
            self._behind(self.arrivals.changed(asked, event))

    async def _arrive(self, asked: Asked, event: requests.Event) -> None:
        """Whoever takes the app for themselves is shown Home, once though two events tell of it."""
        if await self.arrivals.arrive(asked, event) and asked.kind == "personal":
            await self._do(asked, lambda: self._home(asked.call))

    async def _message(self, asked: Asked, activity: Activity) -> None:
        """A file, a command in plain words, a greeting, or else help; and a button of a client that sends it as a message."""
        if not asked.known:
            t = Texts(self._language)
            await self.answers.tell(asked, Card(title=t("teams.anonymous")), t)
            return
        text = requests.words(activity)
        if found := requests.sent(activity.value):
            await self._do(asked, self._work(asked, found), given=_given(found))
        elif asked.kind == "personal" and (files := requests.files(activity)):
            await self._do(asked, lambda: self._desk.file(asked.call, lambda: self._read(asked, files)))
        elif asked.kind == "personal" and greets(text):
            await self._do(asked, lambda: self._home(asked.call))
        else:
            opening = _opening(text)
            await self._do(asked, self._work(asked, opening), opening=opening)

    async def _read(self, asked: Asked, files: list[str]) -> bytes:
        if len(files) > 1:
            raise Refused("import.one_file")
        return await fetched(files[0], asked.service_url)

    async def _home(self, call: Call) -> Reply:
        return Tell(card=await self._desk.home(call))

    # -- invokes ------------------------------------------------------------------------------------

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        """Everything is answered with 200: any other status is Teams' own red line."""
        asked, activity = requests.asked(turn_context.activity), turn_context.activity
        name = str(activity.name or "")
        if not asked.known:
            body = answers.in_name_of(name, Texts(self._language)("teams.anonymous"))
        else:
            if name not in (EXTENSION, EXTENSION_SUBMIT):  # these come from where the bot is not, too
                self._behind(self.arrivals.renew(asked, requests.event(activity)))
            body = await self._invoked(asked, name, activity.value)
        return InvokeResponse(status=int(HTTPStatus.OK), body=body)

    async def _invoked(self, asked: Asked, name: str, value: object) -> Json:
        if name == EXTENSION:
            return await self._shortcut(asked, value)
        if name in (SUBMIT, EXTENSION_SUBMIT) and requests.closes(value):
            return {}
        found = requests.sent(value)
        if name not in (PRESSED, FETCH, SUBMIT, EXTENSION_SUBMIT) or found is None:
            log.info("nothing to do for %s", name)
            return answers.in_name_of(name, (await self._texts(asked.call))("teams.not_ours"))
        if name == PRESSED:
            return await self._pressed(asked, found)
        if isinstance(found, Press) and found.confirm:
            return answers.shown(forms.confirm(found.confirm, await self._texts(asked.call)))
        if isinstance(found, Submitted) and name == FETCH:
            return await self._shown_again(asked, found)
        return await self._answered(asked, found)

    async def _pressed(self, asked: Asked, found: Sent) -> Json:
        """The card stays as it is: the outbox changes it for everybody. What is more than a line follows privately."""
        reply = await self._in_time(asked, found)
        t = await self._texts(asked.call)
        if reply is None:
            return answers.noted(t("teams.saving"))
        if answers.has_more(reply):
            self._behind(self.answers.give(asked, reply, t))
        return answers.noted(answers.pressed(reply, t))

    async def _answered(self, asked: Asked, found: Sent) -> Json:
        reply = await self._in_time(asked, found)
        if reply is None:
            t = await self._texts(asked.call)
            return answers.said(t("teams.saving" if self._writes(found) else "teams.slow"))
        return await self._in_dialog(asked, reply, found)

    async def _in_dialog(self, asked: Asked, reply: Reply, found: Sent | None = None) -> Json:
        t = await self._texts(asked.call)
        users, choices = await self._users(asked, reply), await self.directory.choices(asked, t)
        return answers.in_dialog(asked, reply, t, users, choices, found)

    async def _shown_again(self, asked: Asked, found: Submitted) -> Json:
        """A form behind a button: as the desk gave it, or as it was filled in."""
        t = await self._texts(asked.call)
        choices = await self.directory.choices(asked, t)
        try:
            if found.faults:
                return answers.shown(answers.again(found, found.faults, t, {}, choices, asked.call.key))
            form, channel = forms.carried(found.data)
        except ValueError:
            return answers.said(t("teams.not_ours"))
        users = await self._users(asked, Ask(form=form))
        return answers.shown(forms.dialog(form, t, users, choices, channel=channel, key=asked.call.key))

    async def _shortcut(self, asked: Asked, value: object) -> Json:
        """In the menu of a message, or by its name; a command may be offered in the same way."""
        name = str(value.get("commandId") or "") if isinstance(value, dict) else ""
        quoted = requests.quoted(value)

        async def work() -> Reply:
            if found := spoken(name):
                return await self._desk.command(asked.call, *found)
            return await self._desk.shortcut(asked.call, name, quoted)

        return await self._in_dialog(asked, await self._reply(asked, work))

    # -- asking the desk ----------------------------------------------------------------------------

    def _work(self, asked: Asked, found: Sent) -> Callable[[], Awaitable[Reply]]:
        match found:
            case Press(verb=verb, arg=arg):
                return lambda: self._desk.press(asked.call, verb, arg)
            case Opening():
                return lambda: self._open(asked, found)
            case Submitted():
                return lambda: self._submit(asked, found)

    def _writes(self, found: Sent) -> bool:
        return isinstance(found, Submitted) or (isinstance(found, Press) and self._desk.writes(found.verb))

    async def _call(self, asked: Asked, channel: str) -> Call:
        """From where a form was asked for first, though it is filled in elsewhere; only for whoever is there."""
        elsewhere = channel not in ("", asked.call.channel)
        if elsewhere and await self.directory.is_in(channel, LOOKUP, asked=asked):
            return replace(asked.call, channel=channel)
        return asked.call

    async def _open(self, asked: Asked, found: Opening) -> Reply:
        return await self._desk.command(await self._call(asked, found.channel), found.name, found.words)

    async def _submit(self, asked: Asked, found: Submitted) -> Reply:
        try:
            form, _ = forms.carried(found.data)
        except ValueError:
            return Tell(card=Card(title=(await self._texts(asked.call))("teams.not_ours")))
        raw = forms.read(form, found.data)
        people = await self._picked(asked, raw)
        if strange := {field for field, user in picked(raw) if user not in people}:
            told = (await self._texts(asked.call))("teams.not_a_member")
            return Faults(by_field=dict.fromkeys(strange, told))
        call = await self._call(asked, found.channel)
        call = replace(call, key=forms.sent_under(found.data, call))
        return await self._desk.submit(call, form.id, form.state, settled(raw, people))

    async def _in_time(self, asked: Asked, found: Sent) -> Reply | None:
        """None when it takes longer than somebody should wait: the reply then follows privately."""
        work = asyncio.ensure_future(self._reply(asked, self._work(asked, found)))
        await asyncio.wait({work}, timeout=PATIENCE)
        if work.done():
            return work.result()
        self._behind(self._do(asked, lambda: work, given=_given(found)))
        return None

    async def _do(
        self,
        asked: Asked,
        work: Callable[[], Awaitable[Reply]],
        *,
        opening: Opening | None = None,
        given: Submitted | None = None,
    ) -> None:
        """What has been acknowledged is answered whatever happens: silence would look like success."""
        try:
            reply = await self._reply(asked, work)
            await self.answers.give(asked, reply, await self._texts(asked.call), opening=opening, given=given)
        except Exception:
            log.exception("a request could not be answered")
            t = Texts(self._language)
            await self.answers.tell(asked, Card(title=t("teams.trouble")), t)

    async def _reply(self, asked: Asked, work: Callable[[], Awaitable[Reply]]) -> Reply:
        try:
            return await self._known(asked, work)
        except Stranger as stranger:
            t = await self._texts(asked.call)
            mine = stranger.user == asked.call.user
            return Tell(card=Card(title=t("teams.unknown_you" if mine else "teams.unknown_person")))

    async def _known(self, asked: Asked, work: Callable[[], Awaitable[T]]) -> T:
        """Do it; if somebody is not stored yet, ask Teams who they are and do it once more. Raises Stranger."""
        try:
            return await work()
        except Unknown as unknown:
            await self._meet(asked, unknown.user)
        try:
            return await work()
        except Unknown as unknown:
            raise Stranger(unknown.user) from None

    async def _meet(self, asked: Asked, user: str) -> PersonId:
        found = await self.directory.by_id(user, LOOKUP, asked=asked)
        if found is None:
            raise Stranger(user)
        return await self._desk.meet(found)

    async def _picked(self, asked: Asked, raw: Mapping[str, Raw]) -> dict[str, PersonId]:
        """The people who were picked, by their ids; without whom Teams does not call a member here."""
        users = dict.fromkeys(user for _, user in picked(raw))
        found = {user: await self._person(asked, user) for user in users}
        return {user: person for user, person in found.items() if person}

    async def _person(self, asked: Asked, user: str) -> PersonId | None:
        """Who that is. A list that is searched may send any words: only its own members are met."""
        try:
            return await self._desk.person(PLATFORM, asked.call.realm, user)
        except Unknown:
            found = await self.directory.by_id(user, LOOKUP, asked=asked)
        return await self._desk.meet(found) if found and found.standing == "member" else None

    async def _texts(self, call: Call) -> Texts:
        """In the caller's language; the organisation's where that cannot be told."""
        try:
            return Texts(await self._desk.language(call))
        except Unknown:
            return Texts(self._language)

    async def _users(self, asked: Asked, reply: Reply) -> Mapping[PersonId, str]:
        people = people_in(reply)
        return await self._desk.users(PLATFORM, asked.call.realm, people) if people else {}

    # -- people, beside the requests ----------------------------------------------------------------

    async def refresh(self) -> int:
        """Read all rosters and channels anew: at start and by night. Gives how many people stand in them."""
        return await self.arrivals.refresh()

    async def check(self, user: str) -> bool:
        """Ask again about somebody who was picked while Teams did not say who they are. Whether it says so now."""
        found = await self.directory.by_id(user)
        if found is not None:
            await self._desk.meet(found)
        return found is not None

    # -- work beside --------------------------------------------------------------------------------

    def _behind(self, work: Coroutine[Any, Any, object]) -> None:
        """Do it after the answer; a stop waits for it."""
        held = ExitStack()
        held.enter_context(self.busy())
        task = asyncio.create_task(_logged(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: held.close())

    def _repeated(self, key: str) -> bool:
        """Whether this process has taken the message already; nothing that only reads is noted in the database."""
        if key in self._heard:
            return True
        if key:
            self._heard[key] = None
        if len(self._heard) > REMEMBERED:
            self._heard.popitem(last=False)
        return False


def _given(found: Sent) -> Submitted | None:
    return found if isinstance(found, Submitted) else None


def _opening(text: str) -> Opening:
    """What is no command is answered with help."""
    name, words = spoken(text) or (HELP, "")
    return Opening(name=name, words=words)


async def _logged(work: Awaitable[object]) -> None:
    try:
        await work
    except Exception:
        log.exception("what was to follow an answer failed")
