"""The Slack adapter between a fake desk and the fake Slack, by signed HTTP and by Socket Mode."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from adapters.slack.people import profile
from bot.commands import Call
from bot.view import (
    Ask,
    Button,
    Card,
    Faults,
    Form,
    Item,
    Items,
    Line,
    Reply,
    Tell,
)
from tests.flows._slack_scene import FILLED, FORM, SAVED, Playing, Scene


@pytest.fixture(params=["http", "socket"])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    async with Playing(request.param) as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[Scene]:
    async with Playing("http") as found:
        yield found


# -- commands, shortcuts, presses -----------------------------------------------------------------


async def test_a_command_is_answered_privately(scene: Scene) -> None:
    outcome = await scene.slack.command(scene.anna, "/sm-today", "now", channel=scene.place)
    (answer,) = await scene.slack.wait_for(lambda: scene.slack.ephemerals(scene.anna, scene.place))
    assert outcome.ok
    assert answer.text == "Saved."
    ((call, name, words),) = scene.desk.asked
    assert (name, words, call.realm, call.channel) == ("sm-today", "now", "T0FAKE001", scene.place)
    assert call.key == outcome.request.payload["trigger_id"]


async def test_in_a_direct_message_a_command_is_answered_plainly(scene: Scene) -> None:
    await scene.slack.command(scene.anna, "/sm-help")
    (answer,) = await scene.slack.wait_for(lambda: scene.slack.dms(scene.anna))
    assert answer.text == "Saved."


async def test_a_command_where_the_bot_is_no_member_is_answered_there(scene: Scene) -> None:
    other = scene.slack.add_channel("other", [scene.anna])
    await scene.slack.command(scene.anna, "/sm-help", channel=other)
    assert await scene.slack.wait_for(lambda: scene.slack.ephemerals(scene.anna, other))


async def test_a_command_opens_its_form_after_one_call(scene: Scene) -> None:
    scene.desk.answers["sm-question"] = Ask(form=FORM)
    before = scene.slack.clock()
    await scene.slack.command(scene.anna, "/sm-question", channel=scene.place)
    view = await scene.slack.wait_for(lambda: scene.slack.modal(scene.anna))
    assert view.callback_id == "question"
    assert [c.method for c in scene.slack.calls if c.at > before] == ["views.open"]


async def test_a_shortcut_hands_over_the_words_the_link_and_the_time(scene: Scene) -> None:
    said = scene.slack.say(scene.bo, scene.place, "Why &lt;no&gt; <https://a.example/x|answer>, <!channel>?")
    scene.desk.answers["log_question"] = Ask(form=FORM)
    await scene.slack.message_shortcut(scene.anna, "log_question", scene.place, said)
    await scene.slack.wait_for(lambda: scene.slack.modal(scene.anna))
    quoted = scene.desk.asked[0][2]
    assert quoted.text == "Why <no> answer (https://a.example/x), @channel?"
    assert quoted.link == f"https://university.slack.com/archives/{scene.place}/p{said.ts.replace('.', '')}"
    assert abs(quoted.at.timestamp() - float(said.ts)) < 0.001


async def test_a_press_is_answered_privately_and_leaves_the_card(scene: Scene) -> None:
    card = await scene.card(Button(verb="save_calm", arg="r1", label="All calm"))
    outcome = await scene.slack.press(scene.anna, card, "All calm")
    assert outcome.ok
    assert await scene.slack.wait_for(lambda: scene.slack.ephemerals(scene.anna, scene.place))
    assert scene.desk.asked[0][1:] == ("save_calm", "r1")
    assert scene.slack.posts(scene.place)[-1].edits == 0


async def test_a_press_that_writes_is_acknowledged_after_its_commit(http: Scene) -> None:
    card = await http.card(Button(verb="save_calm", label="All calm"), Button(verb="why", label="Why?"))
    http.desk.slow = asyncio.Event()
    reading = await http.slack.press(http.anna, card, "Why?")
    writing = asyncio.ensure_future(http.slack.press(http.anna, card, "All calm"))
    await http.slack.wait_for(lambda: http.receiver.busy._running > 2)
    assert reading.ok
    assert not writing.done()
    http.desk.slow.set()
    assert (await writing).ok


async def test_a_press_that_cannot_be_saved_is_not_acknowledged() -> None:
    async with Playing("socket", answer_within=0.2) as scene:
        card = await scene.card(Button(verb="save_calm", label="All calm"))
        scene.desk.slow = asyncio.Event()
        outcome = await scene.slack.press(scene.anna, card, "All calm")
        assert outcome.error == "operation_timeout"
        scene.desk.slow.set()


async def test_a_press_in_home_is_answered_in_a_modal_and_home_is_made_anew(scene: Scene) -> None:
    await scene.slack.open_home(scene.anna)
    home = await scene.slack.wait_for(lambda: scene.slack.home(scene.anna))
    await scene.slack.press(scene.anna, home, "All calm")
    view = await scene.slack.wait_for(lambda: scene.slack.modal(scene.anna))
    assert "Saved." in scene.slack.plain(view)
    await scene.slack.wait_for(lambda: "Home 2" in scene.slack.plain(scene.slack.home(scene.anna)))


async def test_a_button_of_an_answer_in_a_modal_works_and_keeps_home_fresh(scene: Scene) -> None:
    scene.desk.answers["save"] = Tell(
        card=Card(title="Noted.", buttons=(Button(verb="save_not", label="Undo"),))
    )
    await scene.slack.open_home(scene.anna)
    home = await scene.slack.wait_for(lambda: scene.slack.home(scene.anna))
    await scene.slack.press(scene.anna, home, "All calm")
    view = await scene.slack.wait_for(lambda: scene.slack.modal(scene.anna))
    await scene.slack.press(scene.anna, view, "Undo")
    await scene.slack.wait_for(lambda: len(scene.slack.stack(scene.anna)) == 2)
    assert "Saved." in scene.slack.plain(scene.slack.modal(scene.anna))
    await scene.slack.wait_for(lambda: "Home 3" in scene.slack.plain(scene.slack.home(scene.anna)))
    assert scene.desk.homes == 3


async def test_a_fourth_form_takes_the_place_of_the_third(scene: Scene) -> None:
    why = Tell(card=Card(title="Because.", buttons=(Button(verb="why", label="Why?"),)))
    scene.desk.answers["why"] = why
    scene.desk.answers["sm-question"] = Ask(form=Form(id="f", title="F", intro=(items_with("why"),)))
    await scene.slack.command(scene.anna, "/sm-question", channel=scene.place)
    for depth in (1, 2, 3, 3):
        await scene.slack.wait_for(lambda d=depth: len(scene.slack.stack(scene.anna)) == d)
        await scene.slack.press(scene.anna, scene.slack.modal(scene.anna), "Why?")
    await scene.slack.wait_for(lambda: scene.slack.modal(scene.anna).updates == 2)
    assert len(scene.slack.stack(scene.anna)) == 3


def items_with(verb: str) -> Items:
    return Items(items=(Item(text="A rule", button=Button(verb=verb, label="Why?")),))


async def test_an_answer_that_cannot_be_shown_is_an_apology_not_silence(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(scene.receiver, "_users", broken)
    await scene.slack.command(scene.anna, "/sm-today", channel=scene.place)
    (answer,) = await scene.slack.wait_for(lambda: scene.slack.ephemerals(scene.anna, scene.place))
    assert "went wrong" in answer.text


async def test_what_was_saved_stays_acknowledged_though_its_answer_fails(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    card = await scene.card(Button(verb="save_calm", label="All calm"))
    monkeypatch.setattr(scene.receiver, "_users", broken)
    assert (await scene.slack.press(scene.anna, card, "All calm")).ok
    assert len(scene.desk.asked) == 1


async def test_a_form_that_comes_too_late_is_said_so(scene: Scene) -> None:
    scene.desk.answers["sm-question"] = Ask(form=FORM)
    scene.slack.faults.add("views.open", "error:expired_trigger_id")
    await scene.slack.command(scene.anna, "/sm-question", channel=scene.place)
    (answer,) = await scene.slack.wait_for(lambda: scene.slack.ephemerals(scene.anna, scene.place))
    assert "once more" in answer.text


async def test_a_home_published_meanwhile_is_made_anew(scene: Scene) -> None:
    await scene.slack.open_home(scene.anna)
    await scene.slack.wait_for(lambda: scene.slack.home(scene.anna))
    call = Call(platform="slack", realm="T0FAKE001", user=scene.anna)
    await scene.receiver.show_home(call, "stale")
    assert "Home 3" in scene.slack.plain(scene.slack.home(scene.anna))


# -- forms ----------------------------------------------------------------------------------------


async def opened(scene: Scene) -> None:
    scene.desk.answers["sm-question"] = Ask(form=FORM)
    await scene.slack.command(scene.anna, "/sm-question", channel=scene.place)
    await scene.slack.wait_for(lambda: scene.slack.modal(scene.anna))


async def test_a_submission_is_saved_then_closed_and_told_where_it_was_opened(scene: Scene) -> None:
    await opened(scene)
    values = FILLED | {"Head": scene.anna, "People": [scene.bo, scene.anna], "Place": scene.place}
    outcome = await scene.slack.submit(scene.anna, values)
    assert outcome.body == {"response_action": "clear"}
    assert scene.slack.modal(scene.anna) is None
    assert await scene.slack.wait_for(lambda: scene.slack.ephemerals(scene.anna, scene.place))
    call, form, state, given = scene.desk.asked[-1]
    assert (form, state) == ("question", "draft 7")
    assert call.key == "{id} {hash}".format(**outcome.request.payload["view"])
    assert given == {
        "link": "https://example.org/p/1",
        "where": "c",
        "head": "p1",
        "people": (f"p-{scene.bo}", "p1"),
        "place": f"slack:T0FAKE001:{scene.place}",
    }
    assert [p.user for p in scene.desk.met] == [scene.bo]


async def test_faults_stand_by_their_fields(scene: Scene) -> None:
    await opened(scene)
    scene.desk.answers["question"] = Faults(by_field={"link": "Too short."})
    outcome = await scene.slack.submit(scene.anna, FILLED | {"Head": scene.anna})
    assert outcome.errors == {"link": "Too short."}
    assert scene.slack.modal(scene.anna) is not None


async def test_the_next_step_takes_the_place_of_the_form(scene: Scene) -> None:
    await opened(scene)
    scene.desk.answers["question"] = Ask(
        form=Form(id="two", title="Step 2", fields=(Line(id="a", label="A"),))
    )
    await scene.slack.submit(scene.anna, FILLED | {"Head": scene.anna})
    assert scene.slack.modal(scene.anna).callback_id == "two"
    assert len(scene.slack.stack(scene.anna)) == 1
    await scene.slack.submit(scene.anna, {"A": "x"})
    assert await scene.slack.wait_for(lambda: scene.slack.ephemerals(scene.anna, scene.place))


async def test_an_answer_to_a_form_opened_from_home_is_a_direct_message(scene: Scene) -> None:
    scene.desk.answers["ask"] = Ask(form=Form(id="f", title="F", fields=(Line(id="a", label="A"),)))
    await scene.slack.open_home(scene.anna)
    home = await scene.slack.wait_for(lambda: scene.slack.home(scene.anna))
    await scene.slack.press(scene.anna, home, "Log a question")
    await scene.slack.wait_for(lambda: scene.slack.modal(scene.anna))
    await scene.slack.submit(scene.anna, {"A": "x"})
    assert await scene.slack.wait_for(lambda: scene.slack.dms(scene.anna))
    await scene.slack.wait_for(lambda: scene.desk.homes == 2)


async def slowly(scene: Scene, monkeypatch: pytest.MonkeyPatch, reply: Reply) -> None:
    """Submit to a desk that answers too late, then let it answer."""
    monkeypatch.setattr("adapters.slack.receive.PATIENCE", 0.05)
    await opened(scene)
    scene.desk.answers["question"], scene.desk.slow = reply, asyncio.Event()
    outcome = await scene.slack.submit(scene.anna, FILLED | {"Head": scene.anna})
    assert outcome.ok
    assert "Still saving" in scene.slack.plain(scene.slack.modal(scene.anna))
    scene.desk.slow.set()


async def test_a_slow_submission_says_so_and_shows_its_answer_when_it_is_saved(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await slowly(scene, monkeypatch, SAVED)
    await scene.slack.wait_for(lambda: scene.slack.modal(scene.anna).updates == 2)
    assert "Saved." in scene.slack.plain(scene.slack.modal(scene.anna))
    assert len(scene.desk.asked) == 2


async def test_a_slow_submission_with_faults_gives_the_form_back_as_it_was_filled_in(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await slowly(scene, monkeypatch, Faults(by_field={"link": "Too short."}))
    await scene.slack.wait_for(lambda: "Too short." in scene.slack.plain(scene.slack.modal(scene.anna)))
    values = scene.slack.modal(scene.anna).values
    assert values["link"]["link"]["value"] == "https://example.org/p/1"
    assert values["where"]["where"]["selected_option"]["value"] == "c"


async def test_a_slow_submission_whose_form_was_closed_is_answered_by_message(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.receive.PATIENCE", 0.05)
    await opened(scene)
    scene.desk.slow = asyncio.Event()
    await scene.slack.submit(scene.anna, FILLED | {"Head": scene.anna})
    await scene.slack.close_modal(scene.anna)
    scene.desk.slow.set()
    assert await scene.slack.wait_for(lambda: scene.slack.ephemerals(scene.anna, scene.place))


# -- who somebody is ------------------------------------------------------------------------------


async def test_an_unknown_actor_is_looked_up_once_and_answered(scene: Scene) -> None:
    await scene.slack.command(scene.bo, "/sm-today", channel=scene.place)
    (answer,) = await scene.slack.wait_for(lambda: scene.slack.ephemerals(scene.bo, scene.place))
    assert answer.text == "Saved."
    assert [(p.name, p.standing) for p in scene.desk.met] == [("Bo Alm", "member")]
    assert len(scene.slack.called("users.info")) == 1


async def test_without_an_answer_about_the_actor_nothing_is_done(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.receive.LOOKUP", 0.05)
    scene.slack.faults.add("users.info", "slow", seconds=0.3)
    await scene.slack.command(scene.bo, "/sm-today", channel=scene.place)
    (answer,) = await scene.slack.wait_for(lambda: scene.slack.ephemerals(scene.bo, scene.place))
    assert "try again" in answer.text
    assert scene.desk.asked == []


async def test_a_picked_person_whom_slack_does_not_tell_about_is_saved_unchecked(scene: Scene) -> None:
    await opened(scene)
    scene.slack.faults.add("users.info", "500")
    outcome = await scene.slack.submit(scene.anna, FILLED | {"Head": scene.bo})
    assert not outcome.errors
    assert [(p.user, p.checked) for p in scene.desk.met] == [(scene.bo, False)]
    assert await scene.receiver.check(scene.bo)
    assert [(p.name, p.checked) for p in scene.desk.met[1:]] == [("Bo Alm", True)]


async def test_only_those_whom_the_bot_knows_are_kept_fresh(scene: Scene) -> None:
    await scene.slack.deactivate_user(scene.anna)
    await scene.slack.new_user("cia", real_name="Cia Dahl")
    await scene.slack.wait_for(lambda: scene.desk.met)
    assert [(p.user, p.active) for p in scene.desk.met] == [(scene.anna, False)]
    assert await scene.receiver.refresh() == 1


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({}, "member"),
        ({"is_restricted": True}, "guest"),
        ({"is_ultra_restricted": True}, "guest"),
        ({"is_bot": True}, "bot"),
        ({"is_stranger": True}, "outsider"),
        ({"team_id": "T0OTHER"}, "outsider"),
        ({"team_id": "T0OTHER", "enterprise_user": {"teams": ["T1"]}}, "member"),
        ({"id": "USLACKBOT"}, "bot"),
    ],
)
def test_guests_bots_and_outsiders_are_told_apart(facts: dict[str, Any], standing: str) -> None:
    assert profile({"id": "U1", "team_id": "T1", "name": "x"} | facts, "T1").standing == standing


# -- other requests, and stopping -----------------------------------------------------------------


async def test_what_the_bot_does_not_know_is_acknowledged(scene: Scene) -> None:
    outcome = await scene.slack.event({"type": "channel_rename", "user": scene.anna})
    assert outcome.ok
    assert (await scene.slack.global_shortcut(scene.anna, "something_old")).ok


async def test_unsigned_stale_and_oversized_requests_are_refused(http: Scene) -> None:
    body = "command=%2Fsm-today"
    signed = http.slack.http.headers(body, "slash_commands")
    tries: list[tuple[dict[str, str], str, int]] = [
        ({}, body, 401),
        (signed | {"X-Slack-Signature": "v0=00"}, body, 401),
        (signed | {"X-Slack-Request-Timestamp": "1"}, body, 401),
        (signed | {"X-Slack-Request-Timestamp": "x"}, body, 401),
        (signed, "x" * (1024**2 + 1), 413),
    ]
    async with aiohttp.ClientSession() as session:
        for headers, content, status in tries:
            async with session.post(
                str(http.slack.target), data=BytesIO(content.encode()), headers=headers
            ) as answer:
                assert answer.status == status
    assert http.desk.asked == []


async def test_a_stop_ends_what_runs_and_takes_nothing_new(scene: Scene) -> None:
    card = await scene.card(Button(verb="save_calm", label="All calm"))
    scene.desk.slow = asyncio.Event()
    running = asyncio.ensure_future(scene.slack.press(scene.anna, card, "All calm"))
    await scene.slack.wait_for(lambda: scene.receiver.busy._running)
    stopping = asyncio.ensure_future(scene.transport.stop(5))
    await asyncio.sleep(0)
    scene.desk.slow.set()
    assert await stopping
    assert (await running).ok
    assert not (await scene.slack.command(scene.anna, "/sm-today", channel=scene.place)).ok
    assert len(scene.desk.asked) == 1
