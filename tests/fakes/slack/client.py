"""FakeSlack: one workspace, and what its people do and see. See tests/fakes/slack/__init__.py for an example."""

import asyncio
import copy
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack import blocks as kit
from tests.fakes.slack import forms, reading
from tests.fakes.slack.delivery import RETRIES, Answer, HttpDelivery, Request, SocketDelivery
from tests.fakes.slack.limits import Faults, Limits
from tests.fakes.slack.methods import ALL_SCOPES
from tests.fakes.slack.payloads import Payloads
from tests.fakes.slack.server import Call, Hook, Server
from tests.fakes.slack.state import Channel, File, Json, Message, SlackError, View, Workspace
from tests.fakes.slack.views import ViewMethods
from tests.fakes.slack.world import World

IMMEDIATE = {
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
}
SHOWN_ERRORS = {
    "http_timeout": "operation_timeout",
    "connection_failed": "dispatch_failed",
    "http_error": "dispatch_failed",
}


@dataclass
class Outcome:
    """What became of one thing a person did. `error` is what the person sees, `errors` the form's by block_id."""

    user: str
    request: Request
    answer: Answer
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def answered_in(self) -> float:
        return self.answer.seconds

    @property
    def status(self) -> int | None:
        return self.answer.status

    @property
    def body(self) -> Any:
        return self.answer.body

    @property
    def ok(self) -> bool:
        return self.error is None and not self.errors


class FakeSlack(World):
    """mode "http": set `target` to the bot's /slack/events; mode "socket": the bot connects by itself."""

    def __init__(
        self,
        mode: str = "http",
        seed: int = 0,
        scopes: tuple[str, ...] = ALL_SCOPES,
        answer_within: float = 3.0,
        retries: tuple[float, ...] = RETRIES,
    ) -> None:
        self.mode, self.retries = mode, retries
        self.bot_token, self.app_token = "xoxb-0-fake", "xapp-1-fake"
        self.signing_secret = "0123456789abcdef0123456789abcdef"
        self.space = Workspace(seed)
        self.payloads = Payloads(self.space)
        self.limits, self.faults = Limits(self.space.now), Faults()
        self.methods = ViewMethods(self.space, set(scopes), self._report)
        self.methods.alerted = lambda user, message: self.alert_log.append((user, message))
        self.server = Server(self.methods, self.limits, self.faults, self.bot_token, self.app_token)
        self.http = HttpDelivery(self.signing_secret, seed, answer_within)
        self.sockets = SocketDelivery(seed, answer_within, self.space.app_id, self.space.changed)
        self.server.link, self.server.new_ticket = self.sockets.link, self.sockets.ticket
        self.wire: HttpDelivery | SocketDelivery = self.http if mode == "http" else self.sockets
        self.user_errors: list[tuple[str, str, str]] = []  # user, what they did, what Slack told them
        self.alert_log: list[tuple[str, Message]] = []
        self.deliveries: list[Outcome] = []
        self._suggested: dict[str, list[Json]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def _report(self, problem: str) -> None:
        self.server.violations.append(problem)

    async def start(self) -> None:
        await self.server.start()
        self.sockets.base = self.server.base
        await self.wire.start()

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.wire.stop()
        await self.server.stop()

    # ---- settings and records

    @property
    def api_url(self) -> str:
        return f"{self.server.base}/api/"

    @property
    def environment(self) -> dict[str, str]:
        """What `smbot run` needs to find this Slack."""
        common = {"SMBOT_SLACK_API_URL": self.api_url, "SLACK_BOT_TOKEN": self.bot_token}
        if self.mode == "socket":
            return common | {"SLACK_APP_TOKEN": self.app_token}
        return common | {"SLACK_SIGNING_SECRET": self.signing_secret}

    @property
    def target(self) -> str | list[str]:
        return self.http.target

    @target.setter
    def target(self, url: str | list[str]) -> None:
        self.http.target = url

    @property
    def calls(self) -> list[Call]:
        """Every request of the bot, in order of arrival."""
        return self.server.calls

    @property
    def violations(self) -> list[str]:
        """Breaches of Slack's rules by the bot, in words; a good story ends with none."""
        return self.server.violations

    @property
    def delay(self) -> float:
        return self.server.delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self.server.delay = seconds

    def hooks(
        self,
        on_arrived: Hook | None = None,
        on_stored: Hook | None = None,
        on_sent: Callable[[], Any] | None = None,
    ) -> None:
        """on_arrived(call) before a chat.* post is looked at: a true result drops the connection, nothing stored.
        on_stored(call, message) before the answer: a true result drops the answer.
        on_sent() when a person's request has been written to the bot."""
        self.server.on_arrived, self.server.on_stored, self.wire.on_sent = on_arrived, on_stored, on_sent

    async def wait_for(self, predicate: Callable[[], Any], timeout: float = 5.0) -> Any:
        """The predicate's first true value; asked again after each change, never by the clock."""
        try:
            return await self.space.wait_for(predicate, timeout)
        except TimeoutError:
            last = [(c.method, c.error or c.status) for c in self.calls[-8:]]
            raise AssertionError(
                f"waited {timeout} s in vain; last calls {last}; {self.violations}"
            ) from None

    def skip(self, seconds: float) -> None:
        """Slack's own time moves on: triggers, response addresses, pace, message times. Signatures do not."""
        self.space.skipped += seconds

    # ---- delivery

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, user: str, what: str, request: Request) -> Outcome:
        """Send it; a failure is what the person sees. An envelope without ack is sent once more later."""
        answer = await self.wire.send(request)
        outcome = Outcome(user, request, answer, None if answer.ok else SHOWN_ERRORS[answer.error or ""])
        self.deliveries.append(outcome)
        if outcome.error:
            self.user_errors.append((user, what, outcome.error))
            if self.mode == "socket" and answer.error == "http_timeout":
                self._spawn(self._once_more(user, Request(request.kind, request.payload, 1, "timeout")))
        self.space.changed()
        return outcome

    async def _once_more(self, user: str, request: Request) -> None:
        """Socket Mode sends an envelope again that nobody acknowledged; the person has seen the error already."""
        answer = await self.wire.send(request)
        self.deliveries.append(Outcome(user, request, answer, answer.error))
        self.space.changed()

    async def deliver_again(self, outcome: Outcome) -> Outcome:
        """The same payload with the same ids once more. Its answer is handed back, not acted on."""
        before = outcome.request
        again = Request(before.kind, before.payload, before.retry + 1, "http_timeout")
        return Outcome(outcome.user, again, await self.wire.send(again))

    async def event(self, event: Json) -> Outcome:
        """Tell the bot of an event; without a 2xx in 3 s it comes again with the same event_id."""
        request = Request("events_api", self.payloads.event(event))
        answer = await self.wire.send(request)
        outcome = Outcome(str(event.get("user")), request, answer, answer.error)
        self.deliveries.append(outcome)
        if not (answer.ok or answer.final):
            self._spawn(self._retry(request, answer.error or ""))
        self.space.changed()
        return outcome

    async def send_file(self, user: str, name: str, data: bytes, channel: str = "", **facts: Any) -> Outcome:
        """Share a file, in the bot's own chat with them where no other is named; with the event file_shared."""
        ident, where = self.space.mint("F0"), channel or self.space.direct(user).id
        url = facts.get("url") or f"{self.server.base}/files-pri/{ident}/{name}"
        self.space.files[ident] = File(ident, user, where, name, data, url, facts.get("size", len(data)))
        return await self.event(self.payloads.file_shared(self.space.files[ident], self.space.ts()))

    async def _retry(self, request: Request, reason: str) -> None:
        for number, pause in enumerate(self.retries, 1):
            await asyncio.sleep(pause)
            again = Request(request.kind, request.payload, number, reason)
            answer = await self.wire.send(again)
            self.deliveries.append(Outcome("", again, answer, answer.error))
            self.space.changed()
            if answer.ok or answer.final:
                return
            reason = answer.error or ""

    # ---- what people do

    async def command(self, user: str, name: str, text: str = "", channel: str | None = None) -> Outcome:
        """Type a slash command, in the bot's direct message if no channel is named."""
        place = channel or self.space.direct(user).id
        url = self.server.new_response_url(user, place)
        request = Request("slash_commands", self.payloads.command(user, name, text, place, url))
        outcome = await self._deliver(user, name, request)
        if outcome.ok and outcome.body:
            self._immediate(outcome, place)
        return outcome

    def _immediate(self, outcome: Outcome, place: str) -> None:
        """A command's answer in the HTTP body (or ack) is shown as a response address would."""
        body = outcome.body if isinstance(outcome.body, dict) else {"text": str(outcome.body)}
        if set(body) - IMMEDIATE:
            self._report(f"command answer with unknown fields {sorted(set(body) - IMMEDIATE)}")
        try:
            text, blocks, attachments = self.methods.content(body)
        except SlackError as error:
            self._report(f"command answer: {error.error} {error.detail}")
            return
        if body.get("response_type") == "in_channel":
            message = Message(self.space.ts(), place, self.space.bot_user, text, blocks, attachments)
            self.methods.alert(self.space.channels[place], self.space.store(message))
        else:
            self.methods.ephemeral(outcome.user, place, text, blocks, attachments)

    async def global_shortcut(self, user: str, callback_id: str) -> Outcome:
        payload = self.payloads.global_shortcut(user, callback_id)
        return await self._deliver(user, callback_id, Request("interactive", payload))

    async def message_shortcut(
        self, user: str, callback_id: str, channel: str, message: Message | str
    ) -> Outcome:
        found = message if isinstance(message, Message) else self.message(channel, message)
        url = self.server.new_response_url(user, channel, None)
        payload = self.payloads.message_shortcut(user, callback_id, found, url)
        return await self._deliver(user, callback_id, Request("interactive", payload))

    async def open_home(self, user: str) -> Outcome:
        place, view = self.space.direct(user), self.space.homes.get(user)
        return await self.event(self.payloads.home_opened(user, place, view))

    async def press(
        self, user: str, where: Message | View | str, action: str, value: Any = None, *, forged: bool = False
    ) -> Outcome:
        """Press a button (or overflow option, or choose `value` in a select) by label or action_id.

        `where` is a message, a view, "modal" or "home". Whoever cannot see it cannot press it, unless `forged`.
        A `snapshot()` presses what stood there before.
        """
        place = self._place(user, where)
        if not forged and not self.sees(user, place):
            raise LookupError(f"{user} does not see that")
        block, element, option = forms.find_press(place.blocks, action)
        state = None
        if element["type"] in kit.STATEFUL:
            state = forms.chosen(element, value, self._suggested.get(element["action_id"]))
            if isinstance(place, View):
                place.values[block["block_id"]][element["action_id"]] = state
        entry = forms.action(block, element, option, state, self.space.ts())
        return await self._deliver(user, action, Request("interactive", self._pressed(user, place, entry)))

    def _place(self, user: str, where: Message | View | str) -> Message | View:
        if not isinstance(where, str):
            return where
        place = self.modal(user) if where == "modal" else self.home(user)
        if place is None:
            raise LookupError(f"{user} has no {where} open")
        return place

    def _pressed(self, user: str, place: Message | View, entry: Json) -> Json:
        if isinstance(place, View):
            return self.payloads.press_in_view(user, place, [entry])
        url = self.server.new_response_url(user, place.channel, place)
        return self.payloads.press_in_message(user, place, [entry], url)

    async def suggest(self, user: str, name: str, typed: str) -> list[str]:
        """Type into an external select of the top modal; the labels that the bot offers."""
        view = self._top(user)
        block, element = forms.find_field(view.blocks, name)
        payload = self.payloads.suggestion(user, view, block, element, typed)
        outcome = await self._deliver(user, name, Request("interactive", payload))
        groups = (outcome.body or {}).get("option_groups") or []
        offered = [*(outcome.body or {}).get("options", []), *(o for g in groups for o in g["options"])]
        for fault in kit.options(offered, "/options", 100, plain=True, least=0):
            self._report(f"block_suggestion answer: {fault}")
        self._suggested[element["action_id"]] = offered
        return [o["text"]["text"] for o in offered]

    def _top(self, user: str) -> View:
        view = self.modal(user)
        if view is None:
            raise LookupError(f"{user} has no modal open")
        return view

    async def fill(self, user: str, values: dict[str, Any]) -> None:
        """Fill in fields of the top modal by label, block_id or action_id. Fields that dispatch tell the bot."""
        for name, value in values.items():
            view = self._top(user)
            block, element = forms.find_field(view.blocks, name)
            if element["type"] == "conversations_select" and value:
                self._offered(user, element.get("filter") or {}, self.space.channels[value])
            state = forms.chosen(element, value, self._suggested.get(element["action_id"]))
            view.values[block["block_id"]][element["action_id"]] = state
            if block.get("dispatch_action") or block["type"] != "input":
                entry = forms.action(block, element, None, state, self.space.ts())
                await self._deliver(user, name, Request("interactive", self._pressed(user, view, entry)))

    def _offered(self, user: str, rule: Json, channel: Channel) -> None:
        """Slack's list holds what the person may see, of the kinds that the filter names (docs, "Filter for conversation lists")."""
        with_bot = channel.kind == "im" and any(self.space.users[m].is_bot for m in channel.members)
        seen = channel.kind == "public" or user in channel.members
        shared = channel.is_ext_shared and rule.get("exclude_external_shared_channels")
        in_kinds = channel.kind in rule.get("include", [channel.kind])
        if not seen or not in_kinds or shared or (with_bot and rule.get("exclude_bot_users")):
            raise LookupError(f"{channel.id} is not offered")

    async def submit(self, user: str, values: dict[str, Any] | None = None) -> Outcome:
        """Fill in and send the top modal. Slack's own checks come first; then the answer is acted on."""
        await self.fill(user, values or {})
        view = self._top(user)
        if not view.body.get("submit"):
            raise LookupError("this modal has nothing to submit")
        request = Request("interactive", self.payloads.submission(user, view))
        if errors := forms.client_errors(view):
            return Outcome(user, request, Answer(), None, errors)
        outcome = await self._deliver(user, f"submit {view.callback_id}", request)
        if outcome.ok:
            self._apply(outcome, view)
        self.space.changed()
        return outcome

    async def submit_forged(self, user: str, view: View) -> Outcome:
        """Send a modal that was never opened, as somebody with a tool would. Its answer is handed back, not acted on."""
        request = Request("interactive", self.payloads.submission(user, view))
        return await self._deliver(user, f"forge {view.callback_id}", request)

    def _apply(self, outcome: Outcome, view: View) -> None:
        """Do what the answer to a submission says; an answer Slack could not read is an error to the person."""
        body, stack = outcome.body, self.space.stacks.get(outcome.user, [])
        if body in ("", {}):
            self._drop(stack, view)
            return
        act = body.get("response_action") if isinstance(body, dict) else None
        try:
            if act == "clear":
                stack.clear()
            elif act == "errors":
                outcome.errors = self._errors(body, view)
            elif act == "update":
                self.methods.replace(view, self.methods.checked(body.get("view"), kit.MODAL))
            elif act == "push":
                self.methods.put_on_top(outcome.user, self.methods.checked(body.get("view"), kit.MODAL))
            else:
                raise SlackError("invalid_response", [f"a submission may not be answered with {body!r}"])  # noqa: TRY301
        except SlackError as error:
            outcome.error = error.error
            self._report(f"view_submission answer: {error.error} {'; '.join(error.detail)}")
            self.user_errors.append((outcome.user, f"submit {view.callback_id}", error.error))

    @staticmethod
    def _drop(stack: list[View], view: View) -> None:
        if view in stack:
            stack.remove(view)

    @staticmethod
    def _errors(body: Json, view: View) -> dict[str, str]:
        errors = body.get("errors")
        fields = {b["block_id"] for b in view.blocks if b["type"] == "input"}
        if not errors or not isinstance(errors, dict) or set(errors) - fields:
            raise SlackError("invalid_errors", [f"keys {list(errors or {})} must be among {sorted(fields)}"])
        return copy.deepcopy(errors)

    async def close_modal(self, user: str, *, everything: bool = False) -> Outcome | None:
        """Cancel the top modal (or the whole stack). The bot hears of it where notify_on_close is set."""
        view, stack = self._top(user), self.space.stacks[user]
        cleared = everything or bool(view.body.get("clear_on_close"))
        gone = list(stack) if cleared else [view]
        for each in gone:
            stack.remove(each)
        self.space.changed()
        outcome = None
        for each in gone:
            if each.body.get("notify_on_close"):
                payload = self.payloads.closed(user, each, cleared=cleared)
                outcome = await self._deliver(user, "close", Request("interactive", payload))
        return outcome

    # ---- what people see

    def plain(self, thing: Message | View | Json) -> str:
        """All that can be read of it, with people and channels by name."""
        names = {u.id: u.real_name for u in self.space.users.values()}
        names |= {c.id: c.name for c in self.space.channels.values()}
        return reading.plain(thing, names)

    def alerts(self, user: str) -> list[Message]:
        """The posts that made a sound for this person: direct messages, mentions, broadcasts."""
        return [message for heard, message in self.alert_log if heard == user]

    def called(self, method: str, since: float = 0.0) -> list[Call]:
        """The calls of one method that came after time.perf_counter() `since`."""
        return [c for c in self.calls if c.method == method and c.at >= since]

    @staticmethod
    def clock() -> float:
        return time.perf_counter()
