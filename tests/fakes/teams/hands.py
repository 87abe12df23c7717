"""What people do in Teams: write, press, fill in, use a message action."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.teams import cards, forms
from tests.fakes.teams.delivery import ERROR, Outcome
from tests.fakes.teams.events import Events
from tests.fakes.teams.files import Files, Kept
from tests.fakes.teams.state import ADAPTIVE, Dialog, Json, Message, Notice, Place, User

WORDS = "application/vnd.microsoft.activity.message"
CARD = ADAPTIVE
CONTEXT = {"theme": "default"}
INFO = {"title", "height", "width", "url", "card", "fallbackUrl", "completionBotId"}
EXTENSION = "composeExtension/submitAction"


class Malformed(Exception):
    """An answer that Teams cannot read."""


class Hands(Events):
    """Whoever does not see a thing cannot press it, unless `forged`."""

    files: Files
    violations: list[str]
    user_errors: list[tuple[str, str, str]]

    # -- writing --------------------------------------------------------------------------------

    def _where(self, user: str, where: str | Message) -> tuple[Place, str]:
        """The place, and the thread in it; "" is the person's chat with the bot."""
        if isinstance(where, Message):
            return self.space.places[where.place], where.root or where.id
        return self.space.places[where or self.chat(user)], ""

    def written(self, user: str, where: str | Message, text: str) -> Message:
        """Somebody writes something that is not for the bot."""
        place, root = self._where(user, where)
        if not any(u.id == user for u in self.space.members(place)):
            raise LookupError(f"{self.space.users[user].name} is not in {place.name or place.id}")
        root = root if place.kind == "channel" else ""
        key, now = self.space.message_id(), self.space.now()
        return self.space.store(Message(key, place.id, user, {"type": "message", "text": text}, now, root))

    async def say(self, user: str, where: str | Message, text: str, *, mention: bool = True) -> Outcome:
        """Write in a place, or in the thread of a message. Without a mention the bot hears of it only in its own chat."""
        message = self.written(user, where, text)
        place = self.space.places[message.place]
        alone = place.kind == "personal"
        if not (alone or mention) or not self.space.has_app(place):
            return Outcome(user, message=message)
        person = self.space.users[user]
        activity = self.payloads.message(person, place, message, mention=mention and not alone)
        return await self._said(user, text, activity, message)

    async def send_file(self, user: str, *files: tuple[str, Kept], text: str = "", url: str = "") -> Outcome:
        """Send files to the bot in one's own chat with it. `url`: Teams names this address instead."""
        message = self.written(user, "", text)
        person, kept = self.space.users[user], []
        for name, file in files:
            ident, address = self.files.keep(person.email, file)
            kept.append((name, ident, url or address))
        return await self._said(user, text, self.payloads.files(person, message, kept), message)

    async def slash(self, user: str, where: str | Message, text: str) -> Outcome:
        """Choose one of the bot's commands from the slash menu: only the bot sees it."""
        message = self.written(user, where, text)
        place = self.space.places[message.place]
        message.targeted_to = user
        if place.kind == "personal":
            raise LookupError("there are no targeted messages in a personal chat")
        activity = self.payloads.message(self.space.users[user], place, message, mention=False, slash=True)
        return await self._said(user, text, activity, message)

    async def _said(self, user: str, text: str, activity: Json, message: Message) -> Outcome:
        outcome = await self.deliver(user, text, activity)
        outcome.message = message
        return outcome

    # -- pressing -------------------------------------------------------------------------------

    async def press(
        self,
        user: str,
        where: Message | Dialog | str,
        button: str | int,
        values: Mapping[str, Any] | None = None,
        *,
        forged: bool = False,
    ) -> Outcome:
        """Press a button of a message or of a dialog ("dialog" is the open one), by its label or number."""
        thing = self._open(user) if isinstance(where, str) else where
        if not forged and not self.sees(user, thing):
            raise LookupError(f"{self.space.users[user].name} does not see that")
        if isinstance(thing, Dialog):
            return await self.submit(user, values, button)
        action = forms.find_button(thing, button)
        given = forms.initial(thing.cards[0]) | dict(values or {})
        data = forms.sent(thing, action, given)
        return await self._pressed(self.space.users[user], thing, action, data)

    async def _pressed(self, user: User, message: Message, action: Json, data: Json) -> Outcome:
        place = self.space.places[message.place]
        what = str(action.get("title"))
        if action["type"] == "Action.Execute":
            return await self._execute(user, message, action, data)
        if action["type"] != "Action.Submit":
            return Outcome(user.id, message=message)
        if (data.get("msteams") or {}).get("type") == "task/fetch":
            value = {"data": data, "context": CONTEXT}
            activity = self.payloads.invoke("task/fetch", user, place, value, message)
            outcome = await self.deliver(user.id, what, activity)
            return self._task(outcome, what, Dialog(user.id, {}, "task/submit", place.id, message))
        activity = self.payloads.base("message", user, place, **self.payloads.local(user), value=data)
        return await self.deliver(user.id, what, activity | {"replyToId": message.id})

    async def _execute(self, user: User, message: Message, action: Json, data: Json) -> Outcome:
        act = {k: action[k] for k in ("type", "id", "verb", "title") if k in action} | {"data": data}
        value = {"action": act, "trigger": "manual"}
        activity = self.payloads.invoke(
            "adaptiveCard/action", user, self.space.places[message.place], value, message
        )
        outcome = await self.deliver(user.id, str(action.get("title")), activity)
        if outcome.ok:
            self._answered(outcome, str(action.get("title")), message)
        return outcome

    def _answered(self, outcome: Outcome, what: str, message: Message) -> None:
        """The answer to Action.Execute: words for the person, or a card in place of the old one."""
        body = outcome.body if isinstance(outcome.body, dict) else {}
        kind, value = body.get("type"), body.get("value")
        if body.get("statusCode") != 200 or kind not in {WORDS, CARD}:
            self._failed(outcome, what, f"answered {str(outcome.body)[:200]}")
        elif kind == WORDS and isinstance(value, str) and value:
            self._notice(outcome, value, message)
        elif kind == CARD and isinstance(value, dict):
            self._blame("adaptiveCard/action", cards.faults(value))
            message.body = message.body | {"attachments": [{"contentType": ADAPTIVE, "content": value}]}
        else:
            self._failed(outcome, what, f"{kind} with {str(value)[:200]}")
        self.space.changed()

    def _notice(self, outcome: Outcome, words: str, message: Message | None) -> None:
        outcome.words = words
        self.space.notices.append(Notice(outcome.user, words, self.space.now(), message))

    def _blame(self, what: str, found: list[str]) -> None:
        self.violations += [f"{what}: {fault}" for fault in found]

    def _failed(self, outcome: Outcome, what: str, reason: str) -> None:
        outcome.error, outcome.reason = ERROR, reason
        self.user_errors.append((outcome.user, what, reason))
        self.violations.append(f"answer to {what}: {reason}")

    # -- dialogs --------------------------------------------------------------------------------

    def _open(self, user: str) -> Dialog:
        dialog = self.dialog(user)
        if dialog is None:
            raise LookupError(f"{self.space.users[user].name} has no dialog open")
        return dialog

    def _task(self, outcome: Outcome, what: str, dialog: Dialog) -> Outcome:
        """Do what the answer to a task/… or composeExtension/… request says."""
        if not outcome.ok:
            return outcome
        try:
            self._show(outcome, what, dialog)
        except Malformed as fault:
            self._failed(outcome, what, str(fault))
        self.space.changed()
        return outcome

    def _show(self, outcome: Outcome, what: str, dialog: Dialog) -> None:
        body = outcome.body or {}
        task = body.get("task") if isinstance(body, dict) else None
        if not body or (dialog.invoke == EXTENSION and "composeExtension" in body):
            self._closed(what, dialog)
        elif not isinstance(task, dict) or task.get("type") not in {"continue", "message"}:
            raise Malformed(f"answered {str(body)[:200]}")
        elif task["type"] == "message":
            if not isinstance(task.get("value"), str) or not task["value"]:
                raise Malformed(f"a message with {task.get('value')!r}")
            self.space.dialogs.pop(outcome.user, None)
            self._notice(outcome, task["value"], dialog.message)
        else:
            self._show_card(what, dialog, self._info(task.get("value")))

    @staticmethod
    def _info(info: Any) -> Json:
        card = info.get("card") if isinstance(info, dict) else None
        if not isinstance(card, dict) or card.get("contentType") != ADAPTIVE or "content" not in card:
            raise Malformed(f"a dialog without a card: {str(info)[:200]}")
        shown: Json = info
        return shown

    def _show_card(self, what: str, dialog: Dialog, info: Json) -> None:
        found = cards.faults(info["card"]["content"], dialog=True)
        found += [] if info.get("title") else ["a dialog without a title"]
        found += [f"unknown {name!r} of a dialog" for name in sorted(set(info) - INFO)]
        self._blame(f"dialog of {what}", found)
        dialog.updates += 1 if dialog.info else 0
        dialog.info, dialog.errors = info, {}
        dialog.values = forms.initial(dialog.card)
        self.space.dialogs[dialog.user] = dialog

    def _closed(self, what: str, dialog: Dialog) -> None:
        """Nothing to show. Microsoft's text knows that only for submissions."""
        if not dialog.info:
            self._blame(f"answer to {what}", ["no dialog, and no words"])
        self.space.dialogs.pop(dialog.user, None)

    def fill(self, user: str, values: Mapping[str, Any]) -> None:
        """Fill in the open dialog by labels, placeholders or ids."""
        dialog = self._open(user)
        for name, value in values.items():
            forms.fill(dialog, name, value, self.space.users[user].zone)

    async def submit(
        self, user: str, values: Mapping[str, Any] | None = None, button: str | int | None = None
    ) -> Outcome:
        """Fill in and send the open dialog by its button (the first that submits). Teams' own checks come first."""
        self.fill(user, values or {})
        dialog = self._open(user)
        action = self._submitting(dialog, button)
        if action["type"] != "Action.Submit":
            return Outcome(user)
        dialog.errors = {} if action.get("associatedInputs") == "none" else forms.client_errors(dialog)
        if dialog.errors:
            return Outcome(user, errors=dict(dialog.errors))
        data = forms.sent(dialog, action, dialog.values)
        if (data.get("msteams") or {}).get("type") == "task/fetch":
            self._blame(f"dialog {dialog.title}", ["task/fetch inside a dialog"])
        what, value = (
            f"{dialog.title}: {action.get('title')}",
            dialog.origin | {"data": data, "context": CONTEXT},
        )
        person, place = self.space.users[user], self.space.places[dialog.place]
        outcome = await self.deliver(
            user, what, self.payloads.invoke(dialog.invoke, person, place, value, dialog.message)
        )
        return self._task(outcome, what, dialog)

    @staticmethod
    def _submitting(dialog: Dialog, button: str | int | None) -> Json:
        if button is not None:
            return forms.find_button(dialog, button)
        for number, name in enumerate(forms.reading.actions(dialog)):
            if name["type"] == "Action.Submit":
                return forms.find_button(dialog, number)
        raise LookupError(f"nothing submits {dialog.title!r}")

    def close(self, user: str) -> None:
        """Close the open dialog; the bot does not hear of it."""
        self.space.dialogs.pop(user, None)
        self.space.changed()

    # -- message actions ------------------------------------------------------------------------

    async def message_action(self, user: str, message: Message, command: str) -> Outcome:
        """Use one of the app's commands on a message, from its menu."""
        if not self.sees(user, message):
            raise LookupError(f"{self.space.users[user].name} does not see that")
        person, place = self.space.users[user], self.space.places[message.place]
        origin = {
            "commandId": command,
            "commandContext": "message",
            "requestId": self.space.hex(),
            "messagePayload": self.payloads.message_payload(message),
        }
        value = origin | {"context": CONTEXT}
        activity = self.payloads.invoke("composeExtension/fetchTask", person, place, value, message)
        activity.pop("replyToId")
        outcome = await self.deliver(user, command, activity)
        return self._task(outcome, command, Dialog(user, {}, EXTENSION, place.id, message, origin))
