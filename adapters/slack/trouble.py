"""What became of a call that Slack did not simply answer: a total map from every trouble to an Outcome.

slack_sdk raises four shapes of error besides aiohttp's own (slack-sdk 3.47): a JSON error, a plain-text body (where
`response.get` itself fails), an HTML body (no data), and a body that cannot be read (`response` is aiohttp's).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.outgoing import Ambiguous, Dead, Retry

UNSURE = frozenset({"fatal_error", "internal_error", "service_unavailable", "team_added_to_org"})
"""Slack's own words for "some of it may have been done"."""
AGAIN = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "request_timeout"})
UNREADABLE = frozenset({"missing_scope", "not_allowed_token_type", "method_not_supported_for_channel_type"})
"""Why what stands in a place cannot be looked up: the history scopes are optional."""
GONE = frozenset({
    "message_not_found", "cant_update_message", "edit_window_closed",
    "channel_not_found", "not_in_channel", "is_archived", "is_inactive",
})  # fmt: skip
"""The message, or its channel, is not there for us any more."""
SHUT_OUT = frozenset({
    "token_revoked", "token_expired", "invalid_auth", "not_authed", "account_inactive", "org_login_required",
    "ekm_access_denied", "team_access_not_granted",
})  # fmt: skip
"""The bot itself is shut out, until somebody installs it again: what is to be said waits, and is said then."""
LOST = SHUT_OUT | {"access_denied", "missing_scope", "no_permission"}
"""Wrong with our token, not with the message that is to be changed."""
LOCKED_OUT = timedelta(seconds=30)
WIDE = timedelta(seconds=10)
"""A channel's own pace is about a post a second: a longer wait comes from the workspace's (slack-rules, Posting rate)."""


def outcome(error: Exception, method: str) -> Retry | Ambiguous | Dead:
    """For a call that changes something. Retry: nothing arrived. Ambiguous: it may have. Dead: it never can."""
    if isinstance(error, SlackApiError):
        return _answered(error, method)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Retry(
            reason=type(error).__name__
        )  # refused, DNS, TLS, no connection in time: nothing left this machine
    if isinstance(error, SlackClientError | aiohttp.InvalidURL):
        return Dead(reason=type(error).__name__)  # the SDK would not even send it
    return Ambiguous(reason=type(error).__name__)


def editing(error: Exception) -> Retry | Ambiguous | Dead:
    """For a change of a message that stands. Dead: the message can never be changed again.

    What is wrong with our token says nothing about the message: it is tried again. Any other refusal is of this one
    card, and the next change of its case makes another.
    """
    found = outcome(error, "chat.update")
    if not isinstance(found, Dead) or found.reason in GONE:
        return found
    return (
        Retry(after=LOCKED_OUT, wide=True, reason=found.reason)
        if found.reason in LOST
        else Ambiguous(reason=found.reason)
    )


def reading(error: Exception) -> Retry | Ambiguous | Dead:
    """For a call that only looks: it may be repeated, except where looking is not allowed."""
    if name(error) in UNREADABLE:
        return Ambiguous(reason=name(error))
    found = outcome(error, "")
    return Retry(reason=found.reason) if isinstance(found, Ambiguous) else found


def name(error: Exception) -> str:
    """Slack's name of the error, or the kind of trouble."""
    data = getattr(getattr(error, "response", None), "data", None)
    found = data.get("error") if isinstance(data, dict) else None
    return str(found or type(error).__name__)


def _answered(error: SlackApiError, method: str) -> Retry | Ambiguous | Dead:
    status = _status(error.response)
    said = name(error)
    if status == 429 or said in AGAIN:
        after = _after(error.response)
        wide = method == "chat.postMessage" and after is not None and after >= WIDE
        return Retry(after=after, wide=wide, reason="ratelimited" if status == 429 else said)
    if said in SHUT_OUT:
        return Retry(after=LOCKED_OUT, wide=True, reason=said, shut_out=True)
    refused = said != type(error).__name__ and status < 500
    if refused and said not in UNSURE:
        return Dead(reason=said)
    return Ambiguous(reason=said if refused else f"{said} {status}")


def _status(response: Any) -> int:
    """Of slack_sdk's response or of aiohttp's; 0 where neither has one."""
    found = getattr(response, "status_code", None) or getattr(response, "status", None)
    return found if isinstance(found, int) else 0


def _after(response: Any) -> timedelta | None:
    headers = getattr(response, "headers", None)
    if not isinstance(headers, Mapping):
        return None
    found = next((str(v) for k, v in headers.items() if str(k).lower() == "retry-after"), "")
    return timedelta(seconds=int(found)) if found.isdecimal() else None
