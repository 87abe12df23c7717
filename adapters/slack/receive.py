"""What people do in Slack, handed to the desk and answered (exact-rules, Requests).

One listener of each kind takes all, so nothing is left unanswered. What writes is acknowledged after its commit, what
reads or opens a form before. Nothing about a request lives in memory: any process may get the next one.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.busy import Busy
from adapters.slack import forms, render, requests, trouble
from adapters.slack.answers import Answers
from adapters.slack.files import Files
from adapters.slack.people import SlackDirectory, Workspace, profile
from adapters.slack.requests import Asked
from adapters.slack.send import API_URL, PLATFORM
from bot.commands import Call, Quoted
from bot.model import Language, PersonId, Refused
from bot.picking import Raw, picked, settled
from bot.ports import Profile, Unknown
from bot.replies import people_in
from bot.service.places import FoundPlace
from bot.texts import Texts
from bot.view import Card, Reply, Tell, Values

Json = dict[str, Any]
T = TypeVar("T")
PATIENCE = 2.5
"""Seconds until a submission says "still saving": Slack gives up after 3."""
LOOKUP = 1.0
"""Seconds for one `users.info` about somebody who is not stored yet, and for what Slack says of such a place."""
ALL = re.compile(".*", re.DOTALL)
log = logging.getLogger("smbot.slack")


class Desk(Protocol):
    """What the adapter asks of `bot.commands.Desk`. All but `writes` raise Unknown for an actor not stored yet."""

    def writes(self, verb: str) -> bool: ...
    async def command(self, call: Call, name: str, words: str) -> Reply: ...
    async def shortcut(self, call: Call, name: str, quoted: Quoted) -> Reply: ...
    async def press(self, call: Call, verb: str, arg: str) -> Reply: ...
    async def submit(self, call: Call, form: str, state: str, values: Values) -> Reply: ...
    async def file(self, call: Call, read: Callable[[], Awaitable[bytes]]) -> Reply: ...
    async def home(self, call: Call) -> Card: ...
    async def person(self, platform: str, realm: str, user: str) -> PersonId: ...
    async def meet(self, profile: Profile) -> PersonId: ...
    async def new_places(self, platform: str, realm: str, channels: Iterable[str]) -> list[str]: ...
    async def picked(self, platform: str, realm: str, found: FoundPlace) -> None: ...
    async def users(
        self, platform: str, realm: str, people: Iterable[PersonId]
    ) -> Mapping[PersonId, str]: ...
    async def language(self, call: Call) -> Language: ...


def _unchecked(realm: str, user: str) -> Profile:
    return Profile(platform=PLATFORM, realm=realm, user=user, name="", checked=False)


def _bolt_log() -> logging.Logger:
    """Bolt's log, without its remark that an `authorize` of our own makes a token superfluous."""
    found = logging.getLogger("smbot.slack.bolt")
    found.addFilter(_is_news)
    return found


def _is_news(record: logging.LogRecord) -> bool:
    return "`token`" not in record.getMessage()


class Stranger(Exception):
    """Slack did not say who somebody is."""

    def __init__(self, user: str) -> None:
        super().__init__("Slack did not say who this is")
        self.user = user


class SlackReceiver:
    """One workspace's requests. `start` first; the transports of `transport.py` feed `app`."""

    def __init__(
        self,
        desk: Desk,
        *,
        token: str,
        signing_secret: str = "",
        api_url: str = API_URL,
        language: Language = "sv",
    ) -> None:
        self._desk = desk
        self._token = token
        self._language: Language = language
        self.directory = SlackDirectory(token, api_url)
        self.answers = Answers(self.directory.client)
        self.files = Files(self.directory.client, token, api_url)
        self.busy = Busy()
        self.app = AsyncApp(
            name="smbot",  # else Bolt searches the call stack and all modules for one
            client=self.directory.client,
            signing_secret=signing_secret,
            authorize=self._authorization(),
            logger=_bolt_log(),
        )
        self._listen()

    async def start(self) -> Workspace:
        """Ask Slack who we are, once. Raises its error: without an answer nothing can begin."""
        return await self.directory.start()

    @property
    def realm(self) -> str:
        return self.directory.realm

    def _authorization(self) -> Callable[..., Awaitable[AuthorizeResult]]:
        """From the one `auth.test` at start, else the first request would wait for its own."""

        async def authorize() -> (
            AuthorizeResult
        ):  # Bolt reads the names of arguments, and would fill in `self`
            us = self.directory.workspace
            if us is None:
                raise RuntimeError("start() comes before requests")
            return AuthorizeResult(
                enterprise_id=None,
                team_id=us.realm,
                bot_id=us.bot_id,
                bot_user_id=us.bot_user,
                bot_token=self._token,
            )

        return authorize

    def _listen(self) -> None:
        self.app.command(ALL)(self._guard(self._command))
        self.app.shortcut(ALL)(self._guard(self._shortcut))
        self.app.action(ALL)(self._guard(self._press))
        self.app.view(ALL)(self._guard(self._submit))
        self.app.event("app_home_opened")(self._guard(self._home_opened))
        self.app.event("file_shared")(self._guard(self._file_shared))
        for name in ("user_change", "team_join"):
            self.app.event(name)(self._guard(self._user_changed))
        for name in ("app_uninstalled", "tokens_revoked"):
            self.app.event(name)(self._guard(self._lost))
        for rest in (self.app.view_closed, self.app.options, self.app.event):
            rest(ALL)(self._guard(self._nothing))

    def _guard(self, listener: Callable[[AsyncAck, Json], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def guarded(ack: AsyncAck, body: Json) -> None:
            with self.busy():
                try:
                    await listener(ack, body)
                except Exception:
                    # Bolt would take an acknowledgement back when its listener fails soon after.
                    if ack.response is None:
                        raise
                    log.exception("a request failed after it was acknowledged")

        return guarded

    # -- what people do ---------------------------------------------------------------------------

    async def _command(self, ack: AsyncAck, body: Json) -> None:
        await ack()
        asked, name, words = requests.command(body, self.realm)
        await self._do(asked, lambda: self._desk.command(asked.call, name, words))

    async def _shortcut(self, ack: AsyncAck, body: Json) -> None:
        await ack()
        workspace = self.directory.workspace
        asked, name, quoted = requests.shortcut(body, self.realm, workspace.url if workspace else "")
        await self._do(asked, lambda: self._desk.shortcut(asked.call, name, quoted))

    async def _press(self, ack: AsyncAck, body: Json) -> None:
        """A press that writes and cannot be saved stays unacknowledged: Slack shows its own error."""
        if not body.get("actions"):  # a dialog or attachment of another time
            await ack()
            return
        asked, action = requests.press(body, self.realm), body["actions"][0]
        verb, arg = render.pressed(str(action.get("action_id", ""))), str(action.get("value") or "")
        if not self._desk.writes(verb):
            await ack()
            await self._do(asked, lambda: self._desk.press(asked.call, verb, arg))
            return
        reply = await self._reply(asked.call, lambda: self._desk.press(asked.call, verb, arg))
        await ack()
        await self._answer(asked, reply)
        if asked.home:
            await self.show_home(asked.call)

    async def _submit(self, ack: AsyncAck, body: Json) -> None:
        asked, state = requests.submission(body, self.realm)
        work = asyncio.ensure_future(self._submitted(asked, state))
        await asyncio.wait({work}, timeout=PATIENCE)
        if not work.done():
            await ack(response_action="update", view=forms.saving(await self._texts(asked.call, within=0.1)))
            await self._late(asked, work)
            return
        reply = work.result()
        if isinstance(reply, Tell):  # acknowledged before anything more is read
            await ack(response_action="clear")
            await self.answers.tell(asked, reply.card, *await self._words(asked.call, reply))
            await self._after_form(asked)
        else:
            await ack(**self.answers.in_time(asked, reply, *await self._words(asked.call, reply)))

    async def _late(self, asked: Asked, work: "asyncio.Future[Reply]") -> None:
        try:
            reply = await work
            t, users = await self._words(asked.call, reply)
        except Exception:
            log.exception("a submission failed after its time")
            t, users = await self._texts(asked.call), {}
            reply = Tell(card=Card(title=t("slack.trouble")))
        await self.answers.late(asked, reply, t, users)
        if isinstance(reply, Tell):
            await self._after_form(asked)

    async def _submitted(self, asked: Asked, state: str) -> Reply:
        form = str((asked.view or {}).get("callback_id", ""))
        given = (asked.view or {}).get("state") or {}
        await self._look_at(forms.places(given))
        raw = forms.read(given, f"{PLATFORM}:{self.realm}")
        values = settled(raw, await self._picked(raw))
        return await self._reply(asked.call, lambda: self._desk.submit(asked.call, form, state, values))

    async def _after_form(self, asked: Asked) -> None:
        if asked.home:
            await self.show_home(asked.call)

    async def _home_opened(self, ack: AsyncAck, body: Json) -> None:
        await ack()
        event = body["event"]
        if event.get("tab", "home") == "home":
            call = requests.event(body, self.realm, str(event["user"]))
            await self.show_home(call, str((event.get("view") or {}).get("hash", "")))

    async def show_home(self, call: Call, hash: str = "") -> None:
        """Publish the caller's Home; made anew once when another one came between."""
        try:
            if not await self.answers.publish(call.user, await self._home(call), hash):
                await self.answers.publish(call.user, await self._home(call))
        except Exception as error:
            log.warning("Home could not be shown: %s", trouble.name(error))

    async def _home(self, call: Call) -> Json:
        try:
            card = await self._known(lambda: self._desk.home(call))
        except Stranger:
            card = Card(title=(await self._texts(call))("slack.unknown_you"))
        return render.home(card, await self._texts(call), await self._users(Tell(card=card)))

    async def _file_shared(self, ack: AsyncAck, body: Json) -> None:
        """In somebody's own chat with the bot: a table of accounts, if they may import one (users.md U1)."""
        await ack()
        event, us = body["event"], self.directory.workspace
        user, channel = str(event.get("user_id") or ""), str(event.get("channel_id") or "")
        if not channel.startswith("D") or (us and user == us.bot_user):
            return
        call = replace(requests.event(body, self.realm, user), channel=channel)
        await self._do(
            Asked(call=call), lambda: self._desk.file(call, lambda: self._read(str(event["file_id"])))
        )

    async def _read(self, ident: str) -> bytes:
        try:
            return await self.files.read(ident)
        except Refused:
            raise
        except Exception as error:
            log.warning("a file could not be read: %s", trouble.name(error))
            raise Refused("import.lost") from error

    # -- what Slack says --------------------------------------------------------------------------

    async def _user_changed(self, ack: AsyncAck, body: Json) -> None:
        await ack()
        await self._refresh(profile(body["event"]["user"], self.realm))

    async def refresh(self) -> int:
        """Read all users and renew those whom the bot knows: at start and by night. Gives how many it knows."""
        return sum([await self._refresh(one) async for one in self.directory.everybody()])

    async def check(self, user: str) -> bool:
        """Ask again about somebody who was picked while Slack did not say who they are. Whether it says so now."""
        found = await self.directory.by_id(user)
        return found is not None and await self._refresh(found)

    async def _refresh(self, found: Profile) -> bool:
        try:
            await self._desk.person(PLATFORM, self.realm, found.user)
        except Unknown:
            return False
        await self._desk.meet(found)
        return True

    async def _lost(self, ack: AsyncAck, body: Json) -> None:
        await ack()
        log.error(
            "Slack says %s: the bot can neither hear nor speak until it is installed again",
            body["event"]["type"],
        )

    async def _nothing(self, ack: AsyncAck, body: Json) -> None:
        await ack()
        log.debug("nothing to do for %s", body.get("type"))

    # -- asking the desk --------------------------------------------------------------------------

    async def _reply(self, call: Call, work: Callable[[], Awaitable[Reply]]) -> Reply:
        try:
            return await self._known(work)
        except Stranger as stranger:
            t = await self._texts(call)
            mine = stranger.user == call.user
            return Tell(card=Card(title=t("slack.unknown_you" if mine else "slack.unknown_person")))

    async def _known(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it; if somebody is not stored yet, ask Slack who they are and do it once more. Raises Stranger."""
        try:
            return await work()
        except Unknown as unknown:
            await self._meet(unknown.user)
        try:
            return await work()
        except Unknown as unknown:
            raise Stranger(unknown.user) from None

    async def _meet(self, user: str) -> PersonId:
        found = await self.directory.by_id(user, within=LOOKUP)
        if found is None:
            raise Stranger(user)
        return await self._desk.meet(found)

    async def _picked(self, raw: Mapping[str, Raw]) -> dict[str, PersonId]:
        """The people who were picked, by their ids."""
        return {user: await self._person(user) for user in dict.fromkeys(user for _, user in picked(raw))}

    async def _look_at(self, channels: Iterable[str]) -> None:
        """What kind of place was picked that is not stored yet. What Slack does not say in time is asked for later."""
        for channel in await self._desk.new_places(PLATFORM, self.realm, channels):
            if place := await self.directory.found(channel, within=LOOKUP):
                await self._desk.picked(PLATFORM, self.realm, place)

    async def _person(self, user: str) -> PersonId:
        """Whom Slack does not describe in time is kept unchecked: what was filled in is not lost for it."""
        try:
            return await self._desk.person(PLATFORM, self.realm, user)
        except Unknown:
            found = await self.directory.by_id(user, within=LOOKUP)
        return await self._desk.meet(found or _unchecked(self.realm, user))

    async def _do(self, asked: Asked, work: Callable[[], Awaitable[Reply]]) -> None:
        """What has been acknowledged is answered whatever happens: silence would look like success."""
        try:
            await self._answer(asked, await self._reply(asked.call, work))
        except Exception:
            log.exception("a request could not be answered")
            t = Texts(self._language)
            await self.answers.tell(asked, Card(title=t("slack.trouble")), t, {})

    async def _answer(self, asked: Asked, reply: Reply) -> None:
        await self.answers.give(asked, reply, *await self._words(asked.call, reply))

    async def _words(self, call: Call, reply: Reply) -> tuple[Texts, Mapping[PersonId, str]]:
        """The caller's language, and the ids of the people in a reply."""
        return await self._texts(call), await self._users(reply)

    async def _texts(self, call: Call, within: float | None = None) -> Texts:
        """In the caller's language; the organisation's where that cannot be told (in time)."""
        try:
            async with asyncio.timeout(within):
                return Texts(await self._desk.language(call))
        except (Unknown, TimeoutError):
            return Texts(self._language)

    async def _users(self, reply: Reply) -> Mapping[PersonId, str]:
        people = people_in(reply)
        return await self._desk.users(PLATFORM, self.realm, people) if people else {}
