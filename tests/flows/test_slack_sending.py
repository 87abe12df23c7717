"""Messages on their way to Slack: posted once, found again, and an outcome for every trouble."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError

from adapters.slack import trouble
from adapters.slack.send import SlackChat
from bot.model import PersonId
from bot.outgoing import Ambiguous, Dead, Retry, Sent
from bot.ports import Address, Envelope
from bot.view import (
    Button,
    Card,
    Mention,
    People,
)
from tests.flows._slack_scene import Playing, Scene


@pytest.fixture
async def http() -> AsyncIterator[Scene]:
    async with Playing("http") as found:
        yield found


HELLO = Card(title="Hello", buttons=(Button(verb="x", label="Press"),))


async def test_a_card_is_posted_edited_and_found_again_by_its_key(http: Scene) -> None:
    before = datetime.now(UTC)
    sent = await http.chat.post(http.envelope(HELLO))
    assert isinstance(sent, Sent)
    reply = await http.chat.post(http.envelope(HELLO, key="k2", thread=sent.ref))
    assert isinstance(reply, Sent)
    assert reply.thread == sent.ref
    assert isinstance(await http.chat.edit(http.envelope(Card(title="Done")), sent.ref), Sent)
    assert http.slack.posts(http.place)[0].text == "Done"
    assert await http.chat.find(http.envelope(HELLO), before) == sent
    assert await http.chat.find(http.envelope(HELLO, key="k2", thread=sent.ref), before) == reply
    assert await http.chat.find(http.envelope(HELLO, key="other"), before) is None
    assert await http.chat.find(http.envelope(HELLO), before + timedelta(hours=1)) is None


async def test_a_direct_message_is_opened_once(http: Scene) -> None:
    for key in ("k1", "k2"):
        sent = await http.chat.post(http.envelope(HELLO, key=key, user=http.anna))
        assert isinstance(sent, Sent)
        assert sent.channel == http.slack.dm(http.anna)
    assert len(http.slack.called("conversations.open")) == 1


async def test_only_the_people_of_a_card_are_alerted(http: Scene) -> None:
    people = People(people=(Mention(person=PersonId("p1"), name="Anna Ek"),), text="can you? <!channel>")
    await http.chat.post(http.envelope(Card(title="<@U0BO> <!here>", parts=(people,))))
    assert len(http.slack.alerts(http.anna)) == 1
    assert http.slack.alerts(http.bo) == []


async def test_members_are_listed_or_not_known(http: Scene) -> None:
    address = Address(platform="slack", realm="T0FAKE001", channel=http.place)
    assert {http.anna, http.bo} <= (await http.chat.members(address) or frozenset())
    http.slack.faults.add("conversations.members", "500")
    assert await http.chat.members(address) is None


TROUBLES: list[tuple[str, type, str]] = [
    ("429", Retry, "ratelimited"),
    ("500", Ambiguous, ""),
    ("html", Ambiguous, ""),
    ("garbage", Ambiguous, ""),
    ("reset_before_store", Ambiguous, ""),
    ("reset_after_store", Ambiguous, ""),
    ("error:channel_not_found", Dead, "channel_not_found"),
    ("error:is_archived", Dead, "is_archived"),
    ("error:not_in_channel", Dead, "not_in_channel"),
    ("error:token_revoked", Retry, "token_revoked"),
    ("error:invalid_auth", Retry, "invalid_auth"),
    ("error:account_inactive", Retry, "account_inactive"),
    ("error:not_authed", Retry, "not_authed"),
    ("error:missing_scope", Dead, "missing_scope"),
    ("error:fatal_error", Ambiguous, "fatal_error"),
    ("error:ratelimited", Retry, "ratelimited"),
    ("error:never_heard_of_it", Dead, "never_heard_of_it"),
]


@pytest.mark.parametrize(("how", "kind", "reason"), TROUBLES)
async def test_each_trouble_has_its_outcome(http: Scene, how: str, kind: type, reason: str) -> None:
    http.slack.faults.add("chat.postMessage", how)
    outcome = await http.chat.post(http.envelope(HELLO))
    assert type(outcome) is kind
    assert reason in outcome.reason
    sent = await http.chat.post(http.envelope(HELLO))
    assert isinstance(sent, Sent)
    http.slack.faults.add("chat.update", how)
    lasting = {
        "missing_scope": Retry,
        "never_heard_of_it": Ambiguous,
    }
    assert type(await http.chat.edit(http.envelope(HELLO), sent.ref)) is lasting.get(reason, kind)


async def test_a_trouble_is_met_with_a_single_try(http: Scene) -> None:
    http.slack.faults.add("chat.postMessage", "reset_after_store", times=3)
    await http.chat.post(http.envelope(HELLO))
    assert len(http.slack.called("chat.postMessage")) == 1


async def test_retry_after_is_kept_and_a_long_one_is_the_workspaces(http: Scene) -> None:
    for seconds, wide in ((1, False), (30, True)):
        http.slack.faults.add("chat.postMessage", "429", seconds=seconds)
        outcome = await http.chat.post(http.envelope(HELLO))
        assert outcome == Retry(after=timedelta(seconds=seconds), wide=wide, reason="ratelimited")


async def test_a_token_that_is_not_taken_holds_the_whole_workspace_until_it_is(http: Scene) -> None:
    http.slack.faults.add("chat.postMessage", "error:token_revoked")
    outcome = await http.chat.post(http.envelope(HELLO))
    assert outcome == Retry(after=trouble.LOCKED_OUT, wide=True, reason="token_revoked", shut_out=True)
    http.slack.faults.add("conversations.open", "error:token_revoked")
    opened = await http.chat.post(http.envelope(HELLO, user=http.anna))
    assert opened == outcome


async def test_a_connection_that_was_refused_left_nothing() -> None:
    chat = SlackChat("xoxb-0", "http://127.0.0.1:9/api/")
    address = Address(platform="slack", realm="T1", channel="C1")
    envelope = Envelope(
        to=address,
        card=HELLO,
        key="k",
        fallback="",
        language="sv",
        users={},
        at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert isinstance(await chat.post(envelope), Retry)
    nowhere = SlackChat("xoxb-0", "http://no-such-host.invalid/api/")
    assert isinstance(await nowhere.post(envelope), Retry)


async def test_what_may_not_be_read_is_ambiguous_and_other_troubles_are_tried_again() -> None:
    scopes = ("chat:write", "im:write")
    async with Playing("http", scopes=scopes) as scene:
        now = datetime.now(UTC)
        assert await scene.chat.find(scene.envelope(HELLO), now) == Ambiguous(reason="missing_scope")
        scene.slack.faults.add("conversations.history", "500")
        assert isinstance(await scene.chat.find(scene.envelope(HELLO), now), Retry)
        scene.slack.faults.add("conversations.open", "reset_before_store")
        assert isinstance(await scene.chat.post(scene.envelope(HELLO, user=scene.anna)), Retry)


def api_error(data: Any, status: int = 200, **headers: str) -> SlackApiError:
    return SlackApiError("x", SimpleNamespace(data=data, status_code=status, headers=headers))


@pytest.mark.parametrize(
    "error",
    [
        api_error({"error": "x"}),
        api_error({"error": "ratelimited"}, 429, **{"retry-after": "3"}),
        api_error({"error": "ratelimited"}, 429, **{"Retry-After": "soon"}),
        api_error("plain text", 502),
        api_error({}, 503),
        api_error(None, 0),
        api_error(b"bytes", 200),
        SlackApiError("x", SimpleNamespace(status=500)),
        SlackApiError("x", None),
        SlackApiError("x", {"ok": False}),
        SlackRequestError("x"),
        TimeoutError(),
        ConnectionResetError(),
        OSError(),
        KeyError("ts"),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError(),
        aiohttp.ServerTimeoutError(),
        aiohttp.ConnectionTimeoutError(),
        aiohttp.InvalidURL("x"),
    ],
)
def test_there_is_an_outcome_for_each_shape_of_trouble(error: Exception) -> None:
    assert isinstance(trouble.outcome(error, "chat.postMessage"), Retry | Ambiguous | Dead)
    assert isinstance(trouble.reading(error), Retry | Ambiguous | Dead)
    assert trouble.name(error)


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("error:message_not_found", Dead),
        ("error:cant_update_message", Dead),
        ("error:edit_window_closed", Dead),
        ("error:channel_not_found", Dead),
        ("error:token_revoked", Retry),
        ("error:invalid_auth", Retry),
        ("error:account_inactive", Retry),
        ("error:invalid_blocks", Ambiguous),
    ],
)
async def test_only_what_is_gone_makes_an_edit_dead(http: Scene, how: str, kind: type) -> None:
    sent = await http.chat.post(http.envelope(HELLO))
    assert isinstance(sent, Sent)
    http.slack.faults.add("chat.update", how)
    assert isinstance(await http.chat.edit(http.envelope(Card(title="Done")), sent.ref), kind)
