"""Replies on their way back: in the answer of an invoke, or as a message that only one person sees."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol, assert_never

from adapters.teams import forms, render, trouble
from adapters.teams.forms import FORM, Choices
from adapters.teams.personal import Creates, opened
from adapters.teams.ports import References
from adapters.teams.render import FETCH, KEY, Json, Users
from adapters.teams.requests import Asked, Opening, Sent, Submitted
from bot import plain
from bot.commands import Call
from bot.outgoing import Retry
from bot.replies import in_words
from bot.texts import Texts
from bot.view import Ask, Card, Faults, Form, Reply, Tell, Text

MESSAGE = "application/vnd.microsoft.activity.message"
PATIENCE = timedelta(seconds=3)
"""How long a private answer waits, once, when Teams asks for it."""
SAID = 300
Way = Callable[[Asked, Json], Awaitable[bool]]
log = logging.getLogger("smbot.teams")


Stands = Callable[[Call, str, str], Awaitable[None]]
"""Notes that an answer to a call stands in a conversation, under a reference."""


class Posts(Creates, Protocol):
    """What is asked of the connector. Raises `trouble`'s errors."""

    async def post(
        self, service_url: str, conversation: str, activity: Json, *, targeted: bool = False
    ) -> str: ...


# -- answers of invokes -----------------------------------------------------------------------------


def shown(info: Json) -> Json:
    """The dialog that opens, or takes the place of the open one."""
    return {"task": {"type": "continue", "value": info}}


def said(words: str) -> Json:
    """Words in the place of a dialog."""
    return {"task": {"type": "message", "value": words}}


def noted(words: str) -> Json:
    """Words for whoever pressed a button of a card, which stays as it is."""
    return {"statusCode": 200, "type": MESSAGE, "value": words}


def in_name_of(invoke: str, words: str) -> Json:
    """Words in the shape that an invoke of this name is answered in."""
    if invoke == "adaptiveCard/action":
        return noted(words)
    if invoke.startswith("composeExtension/") and invoke not in (
        "composeExtension/fetchTask",
        "composeExtension/submitAction",
    ):
        return {"composeExtension": {"type": "message", "text": words}}
    return said(words)


def in_dialog(
    asked: Asked, reply: Reply, t: Texts, users: Users, choices: Choices, found: Sent | None = None
) -> Json:
    """The answer to what opens or submits a dialog. `found`: what was submitted is shown again with its faults."""
    match reply:
        case Tell(card=card):
            return told(card, t, users)
        case Ask(form=form):
            where, key = begun_in(asked, found), asked.call.key
            return shown(forms.dialog(form, t, users, choices, channel=where, key=key))
        case Faults() if isinstance(found, Submitted):
            return shown(again(found, reply.by_field, t, users, choices, asked.call.key))
        case Faults():
            return told(in_words(reply), t, users)
        case _:
            assert_never(reply)


def begun_in(asked: Asked, found: Sent | None) -> str:
    """The channel that a dialog belongs to through all of its steps, though its button may stand elsewhere."""
    carried = found.channel if isinstance(found, Opening | Submitted) else ""
    return carried or asked.call.channel


def told(card: Card, t: Texts, users: Users) -> Json:
    """One sentence closes the dialog; what holds more stands in it."""
    more = card.parts or card.buttons
    return shown(forms.notice(card, t, users)) if more else said(plain.filled(card.title, SAID))


def again(
    given: Submitted, faults: Mapping[str, str], t: Texts, users: Users, choices: Choices, key: str
) -> Json:
    """The dialog as it was filled in. Raises ValueError where its form cannot be read."""
    form, channel = forms.carried(given.data)
    return forms.dialog(form, t, users, choices, faults=faults, given=given.data, channel=channel, key=key)


def pressed(reply: Reply, t: Texts) -> str:
    """What whoever pressed reads at once."""
    match reply:
        case Tell(card=card):
            return whole(card) or render.summary(card, t)
        case Ask(form=form):
            return plain.filled(form.title, SAID)
        case Faults():
            return plain.filled(" ".join(reply.by_field.values()), SAID)
        case _:
            assert_never(reply)


def has_more(reply: Reply) -> bool:
    """Whether the reply holds more than the line that answers a press."""
    return not isinstance(reply, Tell) or not whole(reply.card)


def whole(card: Card) -> str:
    """All that the card says, where that is a sentence or two; "" where it says more."""
    texts = [part.text for part in card.parts if isinstance(part, Text)]
    *before, last = card.title, *texts
    said = " ".join([*map(_ended, before), last])
    return plain.filled(said, SAID) if _is_short(card, said, len(texts)) else ""


def _is_short(card: Card, said: str, texts: int) -> bool:
    return len(said) <= SAID and texts == len(card.parts) and not card.buttons


def _ended(text: str) -> str:
    """A title has no full stop; before another sentence it needs one."""
    return text if text[-1:] in ".!?…:" else f"{text}."


# -- buttons that open a dialog ---------------------------------------------------------------------


def door(form: Form, channel: str, t: Texts) -> Json:
    """Opens a form that could not be opened by itself."""
    own = {"form": FORM.dump_python(form, mode="json"), "channel": channel, "zone": t.zone}
    return _opens(t, {KEY: own})


def door_back(given: Submitted, faults: Mapping[str, str], t: Texts) -> Json:
    """Opens a dialog again as it was filled in, with what is wrong."""
    return _opens(t, {**given.data, KEY: {**given.data[KEY], "faults": dict(faults)}})


def _opens(t: Texts, data: Json) -> Json:
    return {"type": "Action.Submit", "title": t("teams.open"), "data": {**data, "msteams": FETCH}}


# -- private words ------------------------------------------------------------------------------------


class Answers:
    """Gives replies privately. A lost one is logged, never repeated: what it says is saved."""

    def __init__(
        self, posts: Posts, references: References, writes: Callable[[str], bool], stands: Stands
    ) -> None:
        self._posts, self._references, self._writes = posts, references, writes
        self._stands = stands

    async def give(
        self,
        asked: Asked,
        reply: Reply,
        t: Texts,
        *,
        opening: Opening | None = None,
        given: Submitted | None = None,
    ) -> None:
        """A reply outside a dialog: a form stands behind a button, for only a press can open one."""
        match reply:
            case Tell(card=card):
                await self.tell(asked, card, t)
            case Ask(form=form) if opening:
                where = begun_in(asked, opening)
                button = render.opener(t("teams.open"), opening.name, opening.words, where)
                await self.tell(asked, Card(title=form.title), t, button)
            case Ask(form=form):
                await self.tell(asked, Card(title=form.title), t, door(form, begun_in(asked, given), t))
            case Faults(by_field=faults):
                await self.tell(asked, in_words(reply), t, door_back(given, faults, t) if given else None)
            case _:
                assert_never(reply)

    async def tell(self, asked: Asked, card: Card, t: Texts, button: Json | None = None) -> None:
        """By the first of the ways that works; never aloud where others read."""
        activity = self._message(card, t, button)
        for way in (self._here, self._targeted, self._personally):
            try:
                if await _patiently(way, asked, activity):
                    return
            except Exception as error:
                log.info("a private answer found no way: %s %s", way.__name__, trouble.name(error))
        log.warning("a private answer was lost")

    def _message(self, card: Card, t: Texts, button: Json | None) -> Json:
        """Nobody is alerted by an answer to somebody else."""
        content = render.message(card, t, {}, self._writes)
        if button:
            content["actions"] = [*content.get("actions", []), button]
        return render.activity(content, render.summary(card, t))

    async def _here(self, asked: Asked, activity: Json) -> bool:
        """Plainly, where the place is a personal chat with the bot."""
        if asked.kind == "personal":
            ref = await self._posts.post(asked.service_url, asked.call.channel, activity)
            await self._note(asked, asked.call.channel, ref)
        return asked.kind == "personal"

    async def _targeted(self, asked: Asked, activity: Json) -> bool:
        """In the channel or group chat, for this one person's eyes."""
        if asked.kind == "personal" or not asked.teams_id:
            return False
        mine = {**activity, "recipient": {"id": asked.teams_id, "name": asked.name}}
        await self._posts.post(asked.service_url, asked.where, mine, targeted=True)
        return True

    async def _personally(self, asked: Asked, activity: Json) -> bool:
        """In their own chat with the bot, opened first where there is none."""
        if not asked.known:
            return False
        known = await self._references.personal(asked.call.realm, asked.call.user)
        place = known if known and not known.frozen else None
        place = place or await opened(self._posts, self._references, asked.reference, asked.call.user)
        ref = await self._posts.post(place.service_url, place.conversation, activity)
        await self._note(asked, place.conversation, ref)
        return True

    async def _note(self, asked: Asked, conversation: str, ref: str) -> None:
        """It stays in the chat with the bot for good, so it has to be found when its time is over (users.md U6)."""
        try:
            await self._stands(asked.call, conversation, ref)
        except Exception as error:
            log.warning("an answer that stands was not noted: %s", type(error).__name__)


async def _patiently(way: Way, asked: Asked, activity: Json) -> bool:
    """An answer that meets a card in the same conversation waits its turn, once."""
    try:
        return await way(asked, activity)
    except Exception as error:
        found: Any = trouble.outcome(error)
        wait = found.after if isinstance(found, Retry) else None
        if wait is None or wait > PATIENCE:
            raise
    await asyncio.sleep(wait.total_seconds())
    return await way(asked, activity)
