"""The fake Slack holds the rules of the Web API: rights, limits, views, blocks, faults."""

import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.bare_bot import FORM, Json, World, button, choice, line, modal, section, words
from tests.fakes.slack import live_mentions
from tests.fakes.slack.blocks import faults, view_faults


@pytest.fixture
async def http() -> AsyncIterator[World]:
    async with World("http") as made:
        yield made


async def test_triggers_expire_and_are_spent_once(http: World) -> None:
    space, client, view = http.slack.space, http.client, modal(line("A", "a"))
    good, old = space.trigger(http.anna), space.trigger(http.bo)
    await client.views_open(trigger_id=good, view=view)
    assert await http.refused(client.views_open(trigger_id=good, view=view)) == "exchanged_trigger_id"
    http.slack.skip(4)
    assert await http.refused(client.views_open(trigger_id=old, view=view)) == "expired_trigger_id"
    assert await http.refused(client.views_open(trigger_id="1.2.3", view=view)) == "invalid_trigger_id"


async def test_views_have_a_hash_a_stack_of_three_and_unique_external_ids(http: World) -> None:
    space, client, anna = http.slack.space, http.client, http.anna
    first = await client.views_open(
        trigger_id=space.trigger(anna), view=modal(line("A", "a"), external_id="x")
    )
    view_id, stamp = first["view"]["id"], first["view"]["hash"]
    await http.slack.fill(anna, {"A": "typed"})
    updated = await client.views_update(
        view_id=view_id, hash=stamp, view=modal(line("A2", "a"), external_id="x")
    )
    assert updated["view"]["state"]["values"]["a"]["typed"]["value"] == "typed"
    late = client.views_update(view_id=view_id, hash=stamp, view=modal(line("A", "a")))
    assert await http.refused(late) == "hash_conflict"
    double = client.views_open(trigger_id=space.trigger(http.bo), view=modal(line("A", "a"), external_id="x"))
    assert await http.refused(double) == "duplicate_external_id"
    for _ in range(2):
        await client.views_push(trigger_id=space.trigger(anna, view_id), view=modal(line("A", "a")))
    fourth = client.views_push(trigger_id=space.trigger(anna, view_id), view=modal(line("A", "a")))
    assert await http.refused(fourth) == "push_limit_reached"
    await http.slack.close_modal(anna, everything=True)
    assert await http.refused(client.views_update(view_id=view_id, view=modal(line("A", "a")))) == "not_found"


async def test_posting_needs_membership_and_an_open_channel(http: World) -> None:
    slack, client = http.slack, http.client
    secret = slack.add_channel("secret", [http.anna], kind="private")
    assert await http.refused(client.chat_postMessage(channel=http.other, text="x")) == "not_in_channel"
    assert await http.refused(client.chat_postMessage(channel=secret, text="x")) == "channel_not_found"
    outside = client.chat_postEphemeral(channel=http.place, user=http.guest, text="x")
    assert await http.refused(outside) == "user_not_in_channel"
    slack.archive(http.place)
    assert await http.refused(client.chat_postMessage(channel=http.place, text="x")) == "is_archived"


async def test_only_own_messages_are_edited_and_never_ephemerals(http: World) -> None:
    client, place = http.client, http.place
    data = {"event_type": "smbot", "event_payload": {"key": "k1"}}
    mine = await client.chat_postMessage(channel=place, text="one", metadata=data)
    await client.chat_update(channel=place, ts=mine["ts"], text="two")
    assert http.slack.posts(place)[0].edited
    hers = http.slack.say(http.anna, place, "hers")
    assert (
        await http.refused(client.chat_update(channel=place, ts=hers.ts, text="x")) == "cant_update_message"
    )
    quiet = await client.chat_postEphemeral(channel=place, user=http.anna, text="psst")
    gone = client.chat_update(channel=place, ts=quiet["message_ts"], text="x")
    assert await http.refused(gone) == "message_not_found"
    long = client.chat_update(channel=place, ts=mine["ts"], text="x" * 4001)
    assert await http.refused(long) == "msg_too_long"


async def test_metadata_comes_back_from_history_and_replies_only_with_the_scope(http: World) -> None:
    client, place = http.client, http.place
    data = {"event_type": "smbot", "event_payload": {"key": "k1"}}
    top = await client.chat_postMessage(channel=place, text="one")
    await client.chat_postMessage(channel=place, text="two", thread_ts=top["ts"], metadata=data)
    history = await client.conversations_history(channel=place, include_all_metadata=True)
    assert [m["text"] for m in history["messages"]] == ["one"]
    replies = await client.conversations_replies(channel=place, ts=top["ts"], include_all_metadata=True)
    assert replies["messages"][1]["metadata"] == data
    bare = await client.conversations_replies(channel=place, ts=top["ts"])
    assert "metadata" not in bare["messages"][1]
    nested = {"event_type": "smbot", "event_payload": {"a": {"b": 1}}}
    odd = client.chat_postMessage(channel=place, text="x", metadata=nested)
    assert await http.refused(odd) == "invalid_metadata_schema"
    http.slack.methods.scopes.discard("channels:history")
    assert await http.refused(client.conversations_history(channel=place)) == "missing_scope"


async def test_people_and_channels_are_listed_in_pages_with_the_scopes_in_the_header(http: World) -> None:
    client = http.client
    found, cursor = [], None
    while cursor != "":
        answer = await client.users_list(limit=2, cursor=cursor)
        found += [m["id"] for m in answer["members"]]
        cursor = answer["response_metadata"]["next_cursor"]
    assert set(found) == set(http.slack.space.users)
    assert (await client.users_lookupByEmail(email="ANNA@example.org"))["user"]["id"] == http.anna
    assert "chat:write" in (await client.auth_test()).headers["x-oauth-scopes"]
    members = await client.conversations_members(channel=http.place)
    assert set(members["members"]) == {http.anna, http.bo, http.slack.space.bot_user}
    assert (await client.conversations_info(channel=http.other))["channel"]["is_member"] is False
    assert (await client.conversations_open(users=http.anna))["channel"]["id"] == http.slack.dm(http.anna)
    assert (await client.team_info())["team"]["id"]
    assert await http.refused(client.api_call("no.such")) == "unknown_method"
    assert (
        await http.refused(AsyncWebClient("xoxb-x", base_url=http.slack.api_url).auth_test())
        == "invalid_auth"
    )


async def test_a_channel_takes_a_short_burst_and_then_says_when_to_come_again(http: World) -> None:
    client, place = http.client, http.place
    for i in range(5):
        await client.chat_postMessage(channel=place, text=f"{i}")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=place, text="6")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    await client.chat_postMessage(channel=http.anna, text="another place")
    http.slack.skip(1.1)
    await client.chat_postMessage(channel=place, text="6")


async def test_response_addresses_serve_five_times_and_half_an_hour(http: World) -> None:
    url = http.slack.server.new_response_url(http.anna, http.other)
    stale = http.slack.server.new_response_url(http.anna, http.other)
    async with aiohttp.ClientSession() as session:
        codes = [(await session.post(url, json={"text": "t"})).status for _ in range(6)]
        http.slack.skip(31 * 60)
        codes.append((await session.post(stale, json={"text": "t"})).status)
    assert codes == [200] * 5 + [404, 404]
    assert len(http.slack.ephemerals(http.anna)) == 5


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "actions", "elements": []}],
        [{"type": "actions", "elements": [button("A", "x"), button("B", "x")]}],
        [{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}],
        [section("")],
        [section("x" * 3001)],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "header", "text": words("x" * 151)}],
        [{"type": "actions", "elements": [button("x" * 76, "x")]}],
        [{"type": "actions", "elements": [button("x", "x", value="v" * 2001)]}],
        [{"type": "actions", "elements": [button("x", "x", style="loud")]}],
        [{"type": "actions", "elements": [{"type": "plain_text_input", "action_id": "x"}]}],
        [{"type": "context", "elements": [words("x")] * 11}],
        [{"type": "section", "fields": [words("x")] * 11}],
        [{"type": "divider"}] * 51,
        [{"type": "invented"}],
        [{"type": "divider", "colour": "red"}],
    ],
)
def test_blocks_that_slack_refuses_are_refused(blocks: list[Json]) -> None:
    assert faults(blocks, "message")


def test_views_that_slack_refuses_are_refused_and_good_ones_pass() -> None:
    assert view_faults(FORM) == []
    assert view_faults({k: v for k, v in FORM.items() if k != "submit"})
    assert view_faults(modal(section("x"), title=words("x" * 25)))
    assert view_faults(modal(section("x"), private_metadata="x" * 3001))
    assert view_faults(modal(line("A", "a"), line("B", "a")))
    assert view_faults({"type": "home", "title": words("x"), "blocks": [section("x")]})
    assert view_faults({"type": "home", "blocks": [section("x")] * 101})
    assert view_faults(
        modal(choice("A", "a", "static_select", initial_option={"text": words("Z"), "value": "z"}))
    )


async def test_bad_blocks_and_missing_text_are_written_down(http: World) -> None:
    bad = http.client.chat_postMessage(channel=http.place, text="x", blocks=[section("")])
    assert await http.refused(bad) == "invalid_blocks"
    assert len(http.slack.violations) == 1
    await http.client.api_call("chat.postMessage", json={"channel": http.place, "blocks": [section("x")]})
    assert "without text" in http.slack.violations[1]


async def test_live_mentions_are_found_and_dead_ones_are_not(http: World) -> None:
    dead = "&lt;!channel&gt; &lt;@U1&gt;"
    await http.client.chat_postMessage(channel=http.place, text=dead, blocks=[section(dead)])
    plain_one = [{"type": "header", "text": words("<!channel>")}]
    await http.client.chat_postMessage(channel=http.place, text=dead, blocks=plain_one)
    live = [section(f"<@{http.anna}> <!here> <https://e.org|e> https://f.org")]
    await http.client.chat_postMessage(channel=http.place, text="<!channel>", blocks=live)
    first, second, third = http.slack.posts(http.place)
    assert live_mentions(first) == live_mentions(second) == []
    kinds = [(x.kind, x.target) for x in live_mentions(third)]
    assert kinds == [
        ("broadcast", "channel"),
        ("user", http.anna),
        ("broadcast", "here"),
        ("link", "https://e.org"),
        ("autolink", "https://f.org"),
    ]
    assert http.slack.alerts(http.bo) == [third]
    assert "@Anna Ek" in http.slack.plain(third)
    assert http.slack.plain(first) == "<!channel> <@U1>"


@pytest.mark.parametrize(
    ("how", "stored"),
    [
        ("429", 0),
        ("500", 0),
        ("html", 0),
        ("garbage", 0),
        ("timeout", 0),
        ("reset_before_store", 0),
        ("reset_after_store", 1),
        ("timeout_after_store", 1),
    ],
)
async def test_faults_happen_once_and_leave_what_they_say(http: World, how: str, stored: int) -> None:
    http.slack.faults.add(method="chat.postMessage", how=how, channel=http.place, seconds=0.2)
    with pytest.raises((SlackApiError, aiohttp.ClientError, TimeoutError)):
        await http.client.chat_postMessage(channel=http.place, text="x")
    assert len(http.slack.posts(http.place)) == stored
    await http.client.chat_postMessage(channel=http.place, text="y")
    assert len(http.slack.posts(http.place)) == stored + 1


async def test_hooks_stand_before_storing_and_before_the_answer(http: World) -> None:
    told: list[str] = []
    http.slack.hooks(on_arrived=lambda call: told.append(call.method) or len(told) == 1)
    with pytest.raises(aiohttp.ClientError):
        await http.client.chat_postMessage(channel=http.place, text="dropped")
    assert http.slack.posts(http.place) == []
    http.slack.hooks(on_stored=lambda call, message: told.append(message.text))
    await http.client.chat_postMessage(channel=http.place, text="kept")
    assert told == ["chat.postMessage", "kept"]


async def test_each_answer_can_be_delayed(http: World) -> None:
    http.slack.delay = 0.1
    begun = time.perf_counter()
    await http.client.auth_test()
    assert time.perf_counter() - begun >= 0.1


def test_blocks_that_slack_takes_pass() -> None:
    option = {"text": {"type": "mrkdwn", "text": "*one*"}, "value": "1", "description": words("more")}
    plain_option = {"text": words("one"), "value": "1"}
    asked = {"title": words("Sure?"), "text": words("Really"), "confirm": words("Yes"), "deny": words("No")}
    elements = [
        button("Go", "go", value="1", style="primary", confirm=asked),
        {"type": "overflow", "action_id": "more", "options": [plain_option]},
        {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-23", "placeholder": words("Day")},
        {"type": "users_select", "action_id": "who", "initial_user": "U1"},
        {"type": "checkboxes", "action_id": "all", "options": [option], "initial_options": [option]},
        {
            "type": "static_select",
            "action_id": "pick",
            "option_groups": [{"label": words("Group"), "options": [plain_option]}],
            "initial_option": plain_option,
        },
    ]
    image = {"type": "image", "image_url": "https://example.org/i.png", "alt_text": "a picture"}
    rich = [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"bold": True}}]}
    ]
    blocks = [
        {"type": "header", "text": words("Head")},
        {"type": "actions", "block_id": "a", "elements": elements},
        *({"type": "section", "text": words("x"), "accessory": element} for element in elements),
        {"type": "section", "fields": [words("a"), {"type": "mrkdwn", "text": "b", "verbatim": True}]},
        {"type": "context", "elements": [image, words("x")]},
        {"type": "image", "title": words("t"), **{k: v for k, v in image.items() if k != "type"}},
        {"type": "divider"},
        {"type": "rich_text", "elements": rich},
        line("Input", "i", multiline=True, max_length=3000, placeholder=words("p")),
    ]
    assert faults(blocks, "message") == faults(blocks, "home") == []
    assert faults([{"type": "markdown", "text": "# x"}], "message") == []
