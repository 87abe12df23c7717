"""SlackChat: the port `Chat` on Slack. Sending never raises; retrying belongs to the outbox alone."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, cast

from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import render, trouble
from bot.model import Language
from bot.outgoing import Ambiguous, Outcome, Retry, Sent
from bot.ports import Address, Envelope
from bot.texts import Texts

PLATFORM = "slack"
EVENT = "smbot"
"""The event_type of our message metadata; its payload holds the message's key."""
TIMEOUT = 10
EARLIER = timedelta(seconds=60)
PAGE, PAGES = 200, 10
API_URL = "https://slack.com/api/"


def sending_client(token: str, api_url: str = API_URL) -> AsyncWebClient:
    """A client that tries once (exact-rules, Sending: the SDK's own handlers post twice, or sleep inside the call)."""
    return AsyncWebClient(token=token, base_url=api_url, timeout=TIMEOUT, retry_handlers=[])


def reading_client(token: str, api_url: str = API_URL) -> AsyncWebClient:
    """A client that only reads, outside any request: it waits as Slack asks, and tries again."""
    handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=3), AsyncConnectionErrorRetryHandler()]
    return AsyncWebClient(token=token, base_url=api_url, timeout=TIMEOUT, retry_handlers=[*handlers])


class SlackChat:
    """Posts, edits and finds messages in one workspace."""

    platform = PLATFORM

    def __init__(self, token: str, api_url: str = API_URL) -> None:
        self._client = sending_client(token, api_url)
        self._direct: dict[str, str] = {}

    async def post(self, envelope: Envelope) -> Outcome:
        """A new message, in the envelope's thread if it has one. Its key goes along as message metadata."""
        channel = await self._channel(envelope.to)
        if not isinstance(channel, str):
            return channel
        try:
            answer = await self._client.chat_postMessage(
                channel=channel,
                thread_ts=envelope.thread or None,
                metadata={"event_type": EVENT, "event_payload": {"key": envelope.key}},
                unfurl_links=False,
                unfurl_media=False,
                **_content(envelope),
            )
            return Sent(ref=str(answer["ts"]), channel=str(answer["channel"]), thread=envelope.thread)
        except Exception as error:
            return trouble.outcome(error, "chat.postMessage")

    async def edit(self, envelope: Envelope, ref: str) -> Outcome:
        """Another card in the place of the message `ref`; its metadata stays."""
        channel = await self._channel(envelope.to)
        if not isinstance(channel, str):
            return channel
        try:
            await self._client.chat_update(channel=channel, ts=ref, **_content(envelope))
            return Sent(ref=ref, channel=channel, thread=envelope.thread)
        except Exception as error:
            return trouble.editing(error)

    async def find(self, envelope: Envelope, since: datetime) -> Sent | None | Outcome:
        """Look for the envelope's key from a minute before `since` on. Ambiguous where reading is not allowed;
        Retry when Slack could not be asked now (looking again does no harm)."""
        channel = await self._channel(envelope.to)
        if not isinstance(channel, str):
            return channel
        try:
            async for message in self._standing(channel, envelope.thread, since - EARLIER):
                if _key(message) == envelope.key:
                    return Sent(ref=str(message["ts"]), channel=channel, thread=envelope.thread)
        except TooMuch:
            return Ambiguous(reason="too_much_to_read")
        except Exception as error:
            return trouble.reading(error)
        return None

    async def members(self, address: Address) -> frozenset[str] | None:
        """User ids in a channel; None when Slack does not say."""
        found: set[str] = set()
        cursor = ""
        try:
            while True:
                answer = await self._client.conversations_members(
                    channel=address.channel, cursor=cursor, limit=1000
                )
                found |= set(answer["members"])
                cursor = _next(answer.data)
                if not cursor:
                    return frozenset(found)
        except Exception:
            return None

    async def _channel(self, to: Address) -> str | Outcome:
        """The channel id; a person's direct messages are opened once and remembered."""
        if to.channel:
            return to.channel
        if to.user not in self._direct:
            try:
                answer = await self._client.conversations_open(users=to.user)
                self._direct[to.user] = str(answer["channel"]["id"])
            except Exception as error:
                found = trouble.outcome(error, "conversations.open")
                # Opening twice opens once, so a doubtful answer may simply be asked for again.
                return Retry(reason=found.reason) if isinstance(found, Ambiguous) else found
        return self._direct[to.user]

    async def _standing(self, channel: str, thread: str, since: datetime) -> AsyncIterator[dict[str, Any]]:
        """Messages of the channel, or of the thread, page by page. Raises TooMuch after ten pages."""
        asked: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": PAGE,
        }
        cursor = ""
        for _ in range(PAGES):
            if thread:
                answer = await self._client.conversations_replies(**asked, ts=thread, cursor=cursor)
            else:
                answer = await self._client.conversations_history(**asked, cursor=cursor)
            for message in answer["messages"]:
                yield message
            cursor = _next(answer.data)
            if not cursor:
                return
        raise TooMuch


class TooMuch(Exception):
    """More stands there than we read."""


def _content(envelope: Envelope) -> dict[str, Any]:
    t = Texts(cast("Language", envelope.language))
    shown = render.message(envelope.card, t, envelope.users, first=envelope.fallback)
    return {"text": shown.text, "blocks": shown.blocks}


def _key(message: dict[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    ours = metadata.get("event_type") == EVENT
    return str((metadata.get("event_payload") or {}).get("key", "")) if ours else ""


def _next(data: Any) -> str:
    return str((data.get("response_metadata") or {}).get("next_cursor") or "")
