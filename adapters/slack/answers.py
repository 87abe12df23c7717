"""Replies on their way back: ephemeral, in a direct message, as a form, or in the form's own answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, assert_never

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack import forms, render, trouble
from adapters.slack.requests import Asked
from bot.model import PersonId
from bot.outgoing import Retry
from bot.replies import in_words
from bot.texts import Texts
from bot.view import Ask, Card, Faults, Form, Reply, Tell

Json = dict[str, Any]
Users = Mapping[PersonId, str]
REPEATED = "exchanged_trigger_id"
WITHIN = 10
PATIENCE = timedelta(seconds=3)
Way = Callable[[Asked, Json], Awaitable[bool]]
log = logging.getLogger("smbot.slack")


async def _patiently(way: Way, asked: Asked, content: Json) -> bool:
    """Slack takes about a post a second in one place: an answer that meets a card there waits its turn, once."""
    try:
        return await way(asked, content)
    except SlackApiError as error:
        found = trouble.outcome(error, "")
        wait = found.after if isinstance(found, Retry) else None
        if wait is None or wait > PATIENCE:
            raise
    await asyncio.sleep(wait.total_seconds())
    return await way(asked, content)


def _next(asked: Asked, form: Form, t: Texts, users: Users) -> Json:
    return forms.modal(form, t, users, asked.call.channel, home=asked.home)


def _notice(asked: Asked, card: Card, t: Texts, users: Users) -> Json:
    return forms.notice(card, t, users, asked.call.channel, home=asked.home)


class Answers:
    """Gives replies in one workspace. `client` tries once; a lost private answer is logged, never repeated."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def give(self, asked: Asked, reply: Reply, t: Texts, users: Users) -> None:
        """The answer to a command, a shortcut or a press: all that has been acknowledged."""
        if isinstance(reply, Ask):
            await self._open(asked, _next(asked, reply.form, t, users), t)
            return
        card = reply.card if isinstance(reply, Tell) else in_words(reply)
        if asked.view is None or not await self._shown(asked, _notice(asked, card, t, users)):
            await self.tell(asked, card, t, users)

    async def _shown(self, asked: Asked, view: Json) -> bool:
        """In Home and in a modal the answer is a modal of its own, if Slack still lets us."""
        try:
            await self._place(asked, view)
        except Exception as error:
            log.info("a modal could not be shown: %s", trouble.name(error))
            return trouble.name(error) == REPEATED
        return True

    async def _open(self, asked: Asked, view: Json, t: Texts) -> None:
        try:
            await self._place(asked, view)
        except Exception as error:
            log.warning("a form could not be opened: %s", trouble.name(error))
            if (
                trouble.name(error) != REPEATED
            ):  # that one is a second delivery of what has been opened already
                await self.tell(asked, Card(title=t("slack.too_late")), t, {})

    async def _place(self, asked: Asked, view: Json) -> None:
        """On top of an open modal, in its place when three lie there already, else by itself."""
        if not asked.in_modal or asked.view is None:
            await self._client.views_open(trigger_id=asked.trigger, view=view)
            return
        try:
            await self._client.views_push(trigger_id=asked.trigger, view=view)
        except SlackApiError as error:
            if trouble.name(error) != "push_limit_reached":
                raise
            await self._client.views_update(view_id=asked.view["id"], view=view)

    # -- private words ----------------------------------------------------------------------------

    async def tell(self, asked: Asked, card: Card, t: Texts, users: Users) -> None:
        """Privately, by the first of the ways that works; a lost answer is only logged: what it says is saved."""
        shown = render.message(card, t, users)
        content = {"text": shown.text, "blocks": shown.blocks}
        for way in (self._here, self._by_address, self._ephemerally, self._directly):
            try:
                if await _patiently(way, asked, content):
                    return
            except Exception as error:
                log.info("a private answer found no way: %s %s", way.__name__, trouble.name(error))
        log.warning("a private answer was lost")

    async def _here(self, asked: Asked, content: Json) -> bool:
        """Plainly, where the place is a direct message with the bot."""
        if asked.direct:
            thread = asked.thread or None
            await self._client.chat_postMessage(channel=asked.call.channel, thread_ts=thread, **content)
        return asked.direct

    async def _by_address(self, asked: Asked, content: Json) -> bool:
        """By response_url: reaches places that the bot is no member of."""
        if not asked.response_url:
            return False
        webhook = AsyncWebhookClient(asked.response_url, timeout=WITHIN, retry_handlers=[])
        body = content | {"response_type": "ephemeral", "replace_original": False}
        body |= {"thread_ts": asked.thread} if asked.thread else {}
        return (await webhook.send_dict(body)).status_code == 200

    async def _ephemerally(self, asked: Asked, content: Json) -> bool:
        if asked.call.channel and not asked.direct:
            await self._client.chat_postEphemeral(channel=asked.call.channel, user=asked.call.user, **content)
        return bool(asked.call.channel) and not asked.direct

    async def _directly(self, asked: Asked, content: Json) -> bool:
        opened = await self._client.conversations_open(users=asked.call.user)
        await self._client.chat_postMessage(channel=opened["channel"]["id"], **content)
        return True

    # -- submissions ------------------------------------------------------------------------------

    def in_time(self, asked: Asked, reply: Reply, t: Texts, users: Users) -> Json:
        """What acknowledges a submission."""
        view = asked.view or {}
        match reply:
            case Tell():
                return {"response_action": "clear"}
            case Ask(form=form):
                return {"response_action": "update", "view": _next(asked, form, t, users)}
            case Faults(by_field=faults):
                errors = forms.field_faults(view, faults)
                if errors:
                    return {"response_action": "errors", "errors": errors}
                return {"response_action": "update", "view": _notice(asked, in_words(reply), t, users)}
            case _:
                assert_never(reply)

    async def late(self, asked: Asked, reply: Reply, t: Texts, users: Users) -> None:
        """In the place of "still saving"; by a private message when that was closed."""
        view = asked.view or {}
        match reply:
            case Tell(card=card):
                shown = _notice(asked, card, t, users)
            case Ask(form=form):
                card, shown = Card(title=form.title), _next(asked, form, t, users)
            case Faults(by_field=faults):
                card, shown = in_words(reply), forms.again(view, faults)
            case _:
                assert_never(reply)
        try:
            await self._client.views_update(view_id=view["id"], view=shown)
        except Exception as error:
            log.info("a late answer found its form closed: %s", trouble.name(error))
            await self.tell(asked, card, t, users)

    # -- Home -------------------------------------------------------------------------------------

    async def publish(self, user: str, view: Json, hash: str = "") -> bool:
        """False when another Home was published meanwhile: then it is to be made anew."""
        try:
            await self._client.views_publish(user_id=user, view=view, hash=hash or None)
        except SlackApiError as error:
            if trouble.name(error) == "hash_conflict":
                return False
            raise
        return True
