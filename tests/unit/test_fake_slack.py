"""The fake Slack delivers as Slack does: a bare Bolt app by both transports."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from tests.fakes.bare_bot import Json, World, button, line, modal, section, words
from tests.fakes.slack import FakeSlack


@pytest.fixture(params=["http", "socket"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with World(request.param) as made:
        yield made


@pytest.fixture
async def http() -> AsyncIterator[World]:
    async with World("http") as made:
        yield made


async def test_a_command_opens_a_form_that_is_filled_by_labels_and_sent(world: World) -> None:
    slack, anna, bo = world.slack, world.anna, world.bo
    assert (await slack.command(anna, "/sm-test", "form", world.place)).ok
    await slack.wait_for(lambda: slack.modal(anna))
    missing = await slack.submit(anna, {"Link": "x"})
    assert set(missing.errors) == {"where", "kinds", "watcher", "people", "day", "hour", "moment"}
    outcome = await slack.submit(
        anna,
        {
            "Where": "Review",
            "kinds": ["Comment", "Review"],
            "Watcher": bo,
            "People": [anna, bo],
            "Day": "2026-11-23",
            "Hour": "09:30",
            "Moment": 1795000000,
        },
    )
    assert outcome.ok
    assert slack.modal(anna) is None
    values = world.bot.told("view_submission")[0]["view"]["state"]["values"]
    assert values["link"]["typed"] == {"type": "plain_text_input", "value": "x"}
    assert values["where"]["chosen"]["selected_option"]["value"] == "r"
    assert [o["value"] for o in values["kinds"]["chosen"]["selected_options"]] == ["c", "r"]
    assert values["people"]["chosen"]["selected_users"] == [anna, bo]
    assert values["moment"]["chosen"]["selected_date_time"] == 1795000000
    assert not slack.violations


async def test_a_submission_is_answered_by_errors_update_push_and_clear(world: World) -> None:
    slack, anna = world.slack, world.anna
    answers: list[Json] = [
        {"response_action": "errors", "errors": {"link": "No."}},
        {"response_action": "errors", "errors": {"nowhere": "No."}},
        {
            "response_action": "update",
            "view": modal(line("Link", "link"), line("More", "more", initial_value="m")),
        },
        {"response_action": "push", "view": modal(line("Upper", "upper", initial_value="u"))},
        {"response_action": "clear"},
    ]

    async def answer(ack: Any, body: Json) -> None:
        await ack(**answers.pop(0))

    world.bot.on_submit = answer
    await slack.command(anna, "/sm-test", "form")
    view = await slack.wait_for(lambda: slack.modal(anna))
    filled = {"Link": "kept", "Where": "Review", "Kinds": "Review", "Watcher": anna, "People": anna}
    filled |= {"Day": "2026-11-23", "Hour": "09:30", "Moment": 1795000000}
    assert (await slack.submit(anna, filled)).errors == {"link": "No."}
    assert (await slack.submit(anna)).error == "invalid_errors"
    assert slack.user_errors
    assert slack.violations
    old = view.hash
    assert (await slack.submit(anna)).ok
    assert view.hash != old
    assert view.values["link"]["typed"]["value"] == "kept"
    assert view.values["more"]["typed"]["value"] == "m"
    await slack.submit(anna)
    assert len(slack.stack(anna)) == 2
    await slack.submit(anna)
    assert slack.stack(anna) == []


async def test_a_late_answer_is_an_error_to_the_person(world: World) -> None:
    world.bot.patience = 0.5
    outcome = await world.slack.command(world.anna, "/sm-test")
    assert outcome.error == "operation_timeout"
    assert world.slack.user_errors == [(world.anna, "/sm-test", "operation_timeout")]
    if world.slack.mode == "socket":  # the envelope comes once more, with the same trigger
        await world.slack.wait_for(lambda: len(world.bot.told("command")) == 2)
        assert len({body["trigger_id"] for body in world.bot.told("command")}) == 1
    world.bot.patience = 0
    again = await world.slack.deliver_again(outcome)
    assert again.ok
    assert world.bot.told("command")[-1]["trigger_id"] == world.bot.told("command")[0]["trigger_id"]


async def test_buttons_are_pressed_in_messages_homes_and_ephemerals(world: World) -> None:
    slack, anna = world.slack, world.anna
    blocks = [section("Hi"), {"type": "actions", "elements": [button("Go", "go", value="7")]}]
    await world.client.chat_postMessage(channel=world.place, text="Hi", blocks=blocks)
    await world.client.chat_postEphemeral(channel=world.place, user=anna, text="Psst", blocks=blocks)
    await world.client.views_publish(user_id=anna, view={"type": "home", "blocks": blocks})
    for where in (slack.posts(world.place)[0], slack.ephemerals(anna)[0], "home"):
        assert (await slack.press(anna, where, "Go")).ok
    posted, ephemeral, home = world.bot.told("block_actions")
    assert posted["actions"][0]["value"] == "7"
    assert posted["message"]["text"] == "Hi"
    assert ephemeral["container"]["is_ephemeral"]
    assert "message" not in ephemeral
    assert home["view"]["type"] == "home"
    with pytest.raises(LookupError):
        await slack.press(world.bo, slack.ephemerals(anna)[0], "Go")
    with pytest.raises(LookupError):
        await slack.press(world.guest, slack.posts(world.place)[0], "Go")
    assert slack.plain(slack.posts(world.place)[0]) == "Hi\n[Go]"


async def test_shortcuts_closings_and_events_arrive(world: World) -> None:
    slack, anna = world.slack, world.anna
    said = slack.say(anna, world.place, "A question")
    assert (await slack.message_shortcut(anna, "callback", world.place, said)).ok
    assert (await slack.global_shortcut(anna, "callback")).ok
    assert world.bot.told("message_action")[0]["message"]["text"] == "A question"
    trigger = world.bot.told("shortcut")[0]["trigger_id"]
    await world.client.views_open(trigger_id=trigger, view=modal(line("A", "a"), notify_on_close=True))
    await slack.close_modal(anna)
    assert world.bot.told("view_closed")
    assert (await slack.open_home(anna)).ok
    await slack.deactivate_user(world.bo)
    await slack.new_user("cia")
    await slack.invite(world.place, world.guest)
    await slack.wait_for(lambda: len(world.bot.seen) >= 7)
    assert world.bot.told("user_change")[0]["event"]["user"]["deleted"]
    assert world.bot.told("team_join")
    assert world.bot.told("member_joined_channel")
    assert not slack.user_errors


async def test_an_unknown_command_is_not_acknowledged(world: World) -> None:
    outcome = await world.slack.command(world.anna, "/sm-other")
    assert outcome.error in {"dispatch_failed", "operation_timeout"}


async def test_several_sockets_share_the_requests_and_can_be_refreshed() -> None:
    async with World("socket") as world:
        second = AsyncSocketModeHandler(world.bot.app, world.slack.app_token)
        await second.connect_async()
        sockets = world.slack.sockets
        await world.slack.wait_for(lambda: len(sockets.connections) == 2)
        before = set(sockets.connections)
        for _ in range(8):
            assert (await world.slack.command(world.anna, "/sm-test")).ok
        await sockets.disconnect("refresh_requested", sockets.connections[0])
        await world.slack.wait_for(
            lambda: len(sockets.connections) == 2 and set(sockets.connections) != before, 15
        )
        assert (await world.slack.command(world.anna, "/sm-test")).ok
        await second.close_async()


async def test_events_come_again_with_the_same_id_until_they_are_taken() -> None:
    slack = FakeSlack(answer_within=0.1, retries=(0.0, 0.01))
    got: list[tuple[str, str | None]] = []

    async def deaf(request: web.Request) -> web.Response:
        body = await request.json()
        got.append((body["event_id"], request.headers.get("X-Slack-Retry-Num")))
        return web.Response(status=200 if len(got) == 3 else 500)

    app = web.Application()
    app.router.add_post("/slack/events", deaf)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await slack.start()
    slack.target = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await slack.deactivate_user(slack.add_user("anna"))
    await slack.wait_for(lambda: len(slack.deliveries) == 3)
    assert [number for _, number in got] == [None, "1", "2"]
    assert len({event for event, _ in got}) == 1
    await slack.stop()
    await runner.cleanup()


async def test_a_wrong_signature_is_not_what_the_fake_sends(http: World) -> None:
    http.slack.http.secret = "another"
    assert (await http.slack.command(http.anna, "/sm-test")).error == "dispatch_failed"
    assert http.bot.told("command") == []


async def test_a_command_answered_in_words_shows_them_to_the_person_alone(world: World) -> None:
    await world.slack.command(world.anna, "/sm-test", "say hi", world.other)
    assert [world.slack.plain(m) for m in world.slack.ephemerals(world.anna, world.other)] == ["say hi"]
    assert world.slack.ephemerals(world.bo) == []


async def test_an_external_select_asks_the_bot_while_one_types(world: World) -> None:
    slack, anna = world.slack, world.anna
    field = {"type": "external_select", "action_id": "chosen"}
    form = modal({"type": "input", "block_id": "b", "label": words("Account"), "element": field})
    await world.client.views_open(trigger_id=slack.space.trigger(anna), view=form)
    assert await slack.suggest(anna, "Account", "page") == ["page one"]
    assert (await slack.submit(anna, {"Account": "page one"})).ok
    values = world.bot.told("view_submission")[0]["view"]["state"]["values"]
    assert values["b"]["chosen"]["selected_option"]["value"] == "1"
