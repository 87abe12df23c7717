"""The Teams adapter between a fake desk and the fake Teams: signed activities in, calls of the connector out."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.view import Ask, Button, Card, Confirm, Faults, Form, Line, Tell, Text
from tests import spread
from tests.fakes.teams.reading import inputs
from tests.fakes.teams.state import Place
from tests.flows._slack_scene import FILLED, FORM, SAVED
from tests.flows._teams_scene import Playing, Scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with Playing(tmp_path) as found:
        yield found


async def targeted(scene: Scene, user: str = "") -> Any:
    """The last message that only this person sees."""
    return (await scene.teams.wait_for(lambda: scene.teams.targeted(user or scene.anna)))[-1]


# -- messages -------------------------------------------------------------------------------------


async def test_a_command_in_a_channel_is_answered_to_one_person_in_its_thread(scene: Scene) -> None:
    outcome = await scene.teams.say(scene.anna, scene.place, "sm-accounts  biology now")
    answer = await targeted(scene)
    assert outcome.status == 200
    assert scene.teams.plain(answer) == "Saved."
    assert (answer.place, answer.root, answer.targeted_to) == (scene.place, outcome.message.id, scene.anna)
    ((call, name, words),) = scene.desk.asked
    assert (name, words, call.realm) == ("sm-accounts", "biology now", scene.realm)
    assert (call.user, call.channel) == (scene.anna, scene.place)
    assert call.key == f"teams:{outcome.message.id}:{scene.place}"


async def test_a_command_in_ones_own_chat_is_answered_plainly(scene: Scene) -> None:
    await scene.teams.say(scene.anna, "", "/sm-hjalp")
    await scene.teams.wait_for(lambda: len(scene.teams.personal(scene.anna)) == 2)
    assert scene.desk.asked[0][1] == "sm-help"


@pytest.mark.parametrize("where", ["place", "group"])
async def test_a_slash_command_is_answered_as_privately_as_it_was_given(scene: Scene, where: str) -> None:
    place = getattr(scene, where)
    await scene.teams.slash(scene.anna, place, "sm-today")
    assert (await targeted(scene)).place == place
    assert not [m for m in scene.teams.posts(place) if not m.user]


async def test_what_names_no_command_is_answered_with_help(scene: Scene) -> None:
    await scene.teams.say(scene.anna, scene.group, "what can you do?")
    await targeted(scene)
    assert [asked[1] for asked in scene.desk.asked] == ["sm-help"]


@pytest.mark.parametrize("word", spread.first(["hej", "Hem", "Home!"]))
async def test_a_greeting_in_ones_own_chat_shows_home(scene: Scene, word: str) -> None:
    await scene.teams.say(scene.anna, "", word)
    (_, answer) = await scene.teams.wait_for(
        lambda: scene.teams.personal(scene.anna)[1:] and scene.teams.personal(scene.anna)
    )
    assert "Home 1" in scene.teams.plain(answer)
    assert scene.teams.buttons(answer) == ["Log a question", "All calm"]


async def test_a_command_that_opens_a_form_is_answered_with_a_button_that_opens_it(scene: Scene) -> None:
    scene.desk.answers["sm-question"] = Ask(form=FORM)
    await scene.teams.say(scene.anna, scene.place, "fråga")
    card = await targeted(scene)
    assert scene.teams.plain(card).startswith("Log a question")
    await scene.teams.press(scene.anna, card, "Open")
    assert scene.teams.labels(scene.teams.dialog(scene.anna)) == ["Link", "Where", "Head", "People", "Place"]


async def test_a_message_that_comes_twice_is_answered_once(scene: Scene) -> None:
    outcome = await scene.teams.say(scene.anna, scene.place, "sm-today")
    await targeted(scene)
    assert (await scene.teams.again(outcome)).status == 200
    await scene.idle()
    assert len(scene.desk.asked) == 1


async def test_an_answer_that_fails_is_an_apology_not_silence(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(scene.desk, "command", broken)
    await scene.teams.say(scene.anna, scene.place, "sm-today")
    assert "went wrong" in scene.teams.plain(await targeted(scene))


# -- where private words go -------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", spread.first([403, 400, 405]))
async def test_where_no_message_can_be_private_the_answer_goes_to_ones_own_chat(
    scene: Scene, refusal: int
) -> None:
    scene.teams.targeting(on=False, refusal=refusal)
    await scene.teams.say(scene.anna, scene.place, "sm-today")
    (answer,) = await scene.teams.wait_for(lambda: scene.teams.personal(scene.anna))
    assert scene.teams.plain(answer) == "Saved."
    scene.teams.violations.clear()  # 400 to what the fake was told not to know


async def test_what_reaches_nobody_privately_is_never_said_aloud(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.teams.targeting(on=False)
    scene.teams.block(scene.anna)
    await scene.teams.say(scene.anna, scene.place, "sm-today")
    await scene.teams.wait_for(lambda: "a private answer was lost" in caplog.text)
    assert not [m for m in scene.teams.space.messages if not m.user]


async def test_a_private_answer_waits_once_when_teams_asks_for_it(scene: Scene) -> None:
    scene.teams.faults.add("targeted", "status", status=429, retry_after=0)
    await scene.teams.say(scene.anna, scene.place, "sm-today")
    assert scene.teams.plain(await targeted(scene)) == "Saved."


# -- presses --------------------------------------------------------------------------------------


async def test_a_press_that_writes_is_answered_with_words_and_leaves_the_card(scene: Scene) -> None:
    card = await scene.card(Button(verb="save_calm", arg="r1", label="All calm"))
    outcome = await scene.teams.press(scene.anna, card, "All calm")
    assert (outcome.words, card.edits) == ("Saved.", 0)
    ((call, verb, arg),) = scene.desk.asked
    assert (verb, arg, call.channel) == ("save_calm", "r1", scene.place)
    assert call.key == f"teams:{outcome.activity['id']}:{scene.place}"


async def test_more_than_a_line_about_a_press_follows_privately(scene: Scene) -> None:
    undo = Button(verb="save_not", label="Undo")
    scene.desk.answers["save"] = Tell(
        card=Card(title="Noted.", parts=(Text(text="All three."),), buttons=(undo,))
    )
    card = await scene.card(Button(verb="save", label="All calm"))
    outcome = await scene.teams.press(scene.anna, card, "All calm")
    assert outcome.words == "Noted."
    more = await targeted(scene)
    assert scene.teams.buttons(more) == ["Undo"]
    assert (await scene.teams.press(scene.anna, more, "Undo")).words == "Saved."


async def test_a_press_that_writes_is_answered_after_its_commit(scene: Scene) -> None:
    card = await scene.card(Button(verb="save", label="All calm"))
    scene.desk.slow = asyncio.Event()
    pressing = asyncio.ensure_future(scene.teams.press(scene.anna, card, "All calm"))
    await scene.teams.wait_for(lambda: scene.receiver.busy._running)
    assert not pressing.done()
    scene.desk.slow.set()
    assert (await pressing).words == "Saved."


async def test_a_press_that_takes_long_is_answered_as_still_being_saved_and_then_privately(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.teams.receive.PATIENCE", 0.05)
    card = await scene.card(Button(verb="save", label="All calm"))
    scene.desk.slow = asyncio.Event()
    outcome = await scene.teams.press(scene.anna, card, "All calm")
    assert "still being saved" in outcome.words
    assert not scene.teams.targeted(scene.anna)
    scene.desk.slow.set()
    assert scene.teams.plain(await targeted(scene)) == "Saved."


async def test_a_press_that_only_tells_opens_a_dialog_or_says_one_sentence(scene: Scene) -> None:
    scene.desk.answers["why"] = Tell(card=Card(title="Because.", parts=(Text(text="So it is."),)))
    card = await scene.card(Button(verb="why", label="Why?"), Button(verb="who", label="Who?"))
    await scene.teams.press(scene.anna, card, "Why?")
    assert "So it is." in scene.teams.plain(scene.teams.dialog(scene.anna))
    assert (await scene.teams.press(scene.anna, card, "Who?")).words == "Saved."


SURE = Confirm(title="Take it away?", text="It cannot be undone.", yes="Take it away", no="Keep it")


async def test_a_no_closes_what_was_asked_and_does_nothing(scene: Scene) -> None:
    card = await scene.card(Button(verb="save", arg="q1", label="Take away", confirm=SURE))
    await scene.teams.press(scene.anna, card, "Take away")
    assert (await scene.teams.submit(scene.anna, button="Keep it")).body == {}
    assert scene.teams.dialog(scene.anna) is None
    assert scene.desk.asked == []


async def test_a_button_that_asks_first_is_pressed_by_the_yes(scene: Scene) -> None:
    card = await scene.card(Button(verb="save", arg="q1", label="Take away", confirm=SURE))
    await scene.teams.press(scene.anna, card, "Take away")
    assert "It cannot be undone." in scene.teams.plain(scene.teams.dialog(scene.anna))
    assert scene.desk.asked == []
    outcome = await scene.teams.submit(scene.anna)
    assert outcome.words == "Saved."
    assert scene.desk.asked[0][1:] == ("save", "q1")


# -- forms ----------------------------------------------------------------------------------------


async def opened(scene: Scene, form: Form = FORM) -> None:
    scene.desk.answers["ask"] = Ask(form=form)
    card = await scene.card(Button(verb="ask", label="Log a question"))
    await scene.teams.press(scene.anna, card, "Log a question")


async def test_a_submission_is_saved_and_told_in_the_place_of_its_dialog(scene: Scene) -> None:
    await opened(scene)
    values = FILLED | {"Head": "Anna Ek", "People": ["Bo Alm", "Anna Ek"], "Place": "Social media"}
    outcome = await scene.teams.submit(scene.anna, values)
    assert outcome.words == "Saved."
    assert scene.teams.dialog(scene.anna) is None
    call, form, state, given = scene.desk.asked[-1]
    assert (form, state, call.channel) == ("question", "draft 7", scene.place)
    assert call.key == f"{outcome.activity['value']['data']['smbot']['key']}:{scene.anna}"
    assert given == {
        "link": "https://example.org/p/1",
        "where": "c",
        "head": "p1",
        "people": (f"p-{scene.bo}", "p1"),
        "place": f"teams:{scene.realm}:{scene.place}",
    }
    assert [(p.name, p.standing) for p in scene.desk.met] == [("Bo Alm", "member")]


async def test_faults_stand_in_the_dialog_with_what_was_filled_in(scene: Scene) -> None:
    await opened(scene)
    scene.desk.answers["question"] = Faults(by_field={"link": "Too short."})
    await scene.teams.submit(scene.anna, FILLED | {"Head": "Anna Ek"})
    dialog = scene.teams.dialog(scene.anna)
    assert "Too short." in scene.teams.plain(dialog)
    assert dialog.values["link"] == "https://example.org/p/1"
    scene.desk.answers["question"] = SAVED
    assert (await scene.teams.submit(scene.anna, {"Link": "https://example.org/p/2"})).words == "Saved."
    assert scene.desk.asked[-1][3]["head"] == "p1"


async def test_the_next_step_takes_the_place_of_the_form(scene: Scene) -> None:
    await opened(scene)
    two = Form(id="two", title="Step 2", fields=(Line(id="a", label="A"),))
    scene.desk.answers["question"] = Ask(form=two)
    await scene.teams.submit(scene.anna, FILLED | {"Head": "Anna Ek"})
    assert scene.teams.labels(scene.teams.dialog(scene.anna)) == ["A"]
    assert (await scene.teams.submit(scene.anna, {"A": "x"})).words == "Saved."
    assert scene.desk.asked[-1][1:] == ("two", "", {"a": "x"})


async def slowly(scene: Scene, monkeypatch: pytest.MonkeyPatch, reply: Any) -> Any:
    """Submit to a desk that answers too late, then let it answer; gives what comes privately."""
    monkeypatch.setattr("adapters.teams.receive.PATIENCE", 0.05)
    await opened(scene)
    scene.desk.answers["question"], scene.desk.slow = reply, asyncio.Event()
    outcome = await scene.teams.submit(scene.anna, FILLED | {"Head": "Anna Ek"})
    assert "still being saved" in outcome.words
    scene.desk.slow.set()
    answer = await targeted(scene)
    monkeypatch.undo()
    return answer


async def test_a_slow_submission_says_so_and_tells_its_outcome_privately(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scene.teams.plain(await slowly(scene, monkeypatch, SAVED)) == "Saved."


async def test_a_slow_submission_with_faults_can_be_opened_as_it_was_filled_in(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await slowly(scene, monkeypatch, Faults(by_field={"link": "Too short."}))
    assert "Too short." in scene.teams.plain(card)
    await scene.teams.press(scene.anna, card, "Open")
    dialog = scene.teams.dialog(scene.anna)
    assert "Too short." in scene.teams.plain(dialog)
    assert dialog.values["link"] == "https://example.org/p/1"
    scene.desk.answers["question"] = SAVED
    assert (await scene.teams.submit(scene.anna)).words == "Saved."


async def test_a_next_step_that_comes_late_stands_behind_a_button(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = Form(id="two", title="Step 2", fields=(Line(id="a", label="A", value="so far"),), state="s")
    card = await slowly(scene, monkeypatch, Ask(form=two))
    await scene.teams.press(scene.anna, card, "Open")
    assert scene.teams.dialog(scene.anna).values == {"a": "so far"}
    await scene.teams.submit(scene.anna)
    assert scene.desk.asked[-1][1:] == ("two", "s", {"a": "so far"})


# -- message actions --------------------------------------------------------------------------------


async def test_a_message_action_hands_over_the_words_the_link_and_the_time(scene: Scene) -> None:
    said = scene.teams.written(scene.bo, scene.place, "Why <no> answer & nothing?")
    scene.desk.answers["log_question"] = Ask(form=FORM)
    await scene.teams.message_action(scene.anna, said, "log_question")
    quoted = scene.desk.asked[0][2]
    assert quoted.text == "Why <no> answer & nothing?"
    assert quoted.link == f"https://teams.microsoft.com/l/message/{scene.place}/{said.id}"
    assert abs(quoted.at.timestamp() - said.at) < 0.01
    assert (await scene.teams.submit(scene.anna, FILLED | {"Head": "Anna Ek"})).ok
    assert scene.desk.asked[-1][1] == "question"


async def test_nothing_is_ever_sent_to_a_chat_of_two_people_in_which_a_message_action_was_used(
    scene: Scene,
) -> None:
    """It calls itself personal, and the bot is not in it."""
    space, both = scene.teams.space, {scene.anna, scene.bo}
    chat = Place(f"19:{scene.anna}_{scene.bo}@unq.gbl.spaces", "personal", scene.realm, members=both)
    space.places[chat.id] = chat
    said = scene.teams.written(scene.bo, chat.id, "Who answers?")
    scene.desk.answers["log_question"] = Ask(form=FORM)
    await scene.teams.message_action(scene.anna, said, "log_question")
    assert scene.teams.dialog(scene.anna).title == FORM.title
    await scene.idle()
    assert await scene.reference(chat.id) is None


async def test_whoever_uses_a_message_action_where_the_bot_is_not_is_looked_up_in_their_own_chat(
    scene: Scene,
) -> None:
    cia = scene.teams.add_user("Cia Dahl")
    scene.teams.give_app(cia)
    here = await scene.reference(scene.group)
    own = scene.teams.space.personal(cia).id
    await scene.references.remember(replace(here, conversation=own, kind="personal", user=cia))
    said = scene.teams.written(cia, scene.teams.add_group([cia, scene.bo], app=False), "Who answers?")
    scene.desk.answers["log_question"] = Ask(form=FORM)
    await scene.teams.message_action(cia, said, "log_question")
    assert scene.teams.dialog(cia).title == FORM.title


# -- who somebody is --------------------------------------------------------------------------------


async def test_an_unknown_actor_is_looked_up_once_and_answered(scene: Scene) -> None:
    cia = scene.teams.add_user("Cia Dahl", guest=True)
    scene.teams.space.places[scene.group].members.add(cia)
    await scene.teams.say(cia, scene.group, "sm-today")
    assert scene.teams.plain(await targeted(scene, cia)) == "Saved."
    assert [(p.name, p.standing, p.email) for p in scene.desk.met] == [
        ("Cia Dahl", "guest", "cia.dahl@example.org")
    ]
    (asked,) = scene.teams.called("member")
    assert asked.item == scene.teams.space.users[cia].teams_id  # the name that an emulator knows too


async def test_somebody_of_another_tenant_is_an_outsider_and_in_no_picker(scene: Scene) -> None:
    cia = scene.teams.add_user("Cia Dahl", tenant=scene.teams.add_tenant())
    scene.teams.space.places[scene.group].members.add(cia)
    await scene.teams.say(cia, scene.group, "sm-today")
    await targeted(scene, cia)
    assert [p.standing for p in scene.desk.met] == ["outsider"]
    await opened(scene)
    assert "Bo Alm" in offered(scene, "head")
    assert "Cia Dahl" not in offered(scene, "head")


def offered(scene: Scene, name: str) -> list[str]:
    """What a picker of the open dialog offers."""
    found = next(i for i in inputs(scene.teams.dialog(scene.anna)) if i["id"] == name)
    return [choice["title"] for choice in found["choices"]]


async def test_without_an_answer_about_the_actor_nothing_is_done(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.teams.receive.LOOKUP", 0.05)
    cia = scene.teams.add_user("Cia Dahl")
    scene.teams.space.places[scene.group].members.add(cia)
    scene.teams.faults.add("member", "hang")
    await scene.teams.say(cia, scene.group, "sm-today")
    assert "did not say who you are" in scene.teams.plain(await targeted(scene, cia))
    assert scene.desk.asked == []


@pytest.mark.parametrize(
    "who", spread.first(["typed words", "hangs", "stranger", "guest", "outsider"], now=2)
)
async def test_whoever_is_picked_and_is_no_member_here_is_refused_beside_the_field(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    monkeypatch.setattr("adapters.teams.receive.LOOKUP", 0.5)
    await opened(scene)
    dialog = scene.teams.dialog(scene.anna)
    dialog.values |= {"head": await picked_as(scene, who), "people": f"{scene.bo}"}
    assert (await scene.teams.submit(scene.anna, FILLED)).ok
    shown = scene.teams.dialog(scene.anna)
    assert "Choose somebody from the list" in scene.teams.plain(shown)
    assert (shown.values.get("head"), shown.values["people"]) == (None, scene.bo)
    assert [call for call in scene.desk.asked if call[1] == "question"] == []
    assert [p.name for p in scene.desk.met] == ["Bo Alm"]
    assert (await scene.teams.submit(scene.anna, {"Head": "Anna Ek"})).words == "Saved."


async def picked_as(scene: Scene, who: str) -> str:
    """What a client sends for somebody who is in no list."""
    if who == "typed words":
        return "Cia"
    facts = {"guest": {"guest": True}, "outsider": {"tenant": scene.teams.add_tenant()}}.get(who, {})
    cia = scene.teams.add_user("Cia Dahl", **facts)
    if who == "hangs":
        scene.teams.faults.add("member", "hang")
    if facts:
        scene.teams.space.teams[scene.team].members.add(cia)
    return cia


async def test_whoever_has_no_id_of_their_own_is_refused_kindly(scene: Scene) -> None:
    card = await scene.card(Button(verb="save", label="All calm"))
    activity = scene.teams.payloads.invoke(
        "adaptiveCard/action", scene.teams.space.users[scene.anna], scene.teams.space.places[scene.place],
        {"action": {"type": "Action.Execute", "data": card.cards[0]["actions"][0]["data"]}}, card,
    )  # fmt: skip
    del activity["from"]["aadObjectId"]
    outcome = await scene.teams.send(activity)
    assert outcome.status == 200
    assert "signed in" in outcome.body["value"]
    assert scene.desk.asked == []


# -- what is not ours, broken or old ------------------------------------------------------------------

BROKEN = (None, "x", [], {}, {"data": "x"}, {"data": {"smbot": []}}, {"data": {"smbot": {"press": 5}}},
          {"data": {"smbot": {"form": {"id": 1}}}}, {"data": {"smbot": {"confirm": 1, "press": "a", "arg": ""}}},
          {"action": {"data": {"theirs": {"press": "save", "arg": ""}}}}, {"action": 7}, {"commandId": {}})  # fmt: skip


@pytest.mark.parametrize(
    "name",
    spread.first(
        ["adaptiveCard/action", "task/fetch", "task/submit", "composeExtension/submitAction"], now=2
    ),
)
async def test_foreign_and_broken_data_is_answered_kindly(scene: Scene, name: str) -> None:
    for value in BROKEN:
        outcome = await scene.teams.send(invoked(scene, name, value))
        words = outcome.body.get("value") or outcome.body["task"]["value"]
        assert (outcome.status, "help" in words) == (200, True), (value, outcome)
    assert scene.desk.asked == []


def invoked(scene: Scene, name: str, value: Any, id: str = "") -> Any:
    user, place = scene.teams.space.users[scene.anna], scene.teams.space.places[scene.place]
    found = scene.teams.payloads.invoke(name, user, place, value)
    return found | ({"id": id} if id else {})


@pytest.mark.parametrize(
    ("name", "shape"),
    spread.first(
        [("composeExtension/query", "composeExtension"), ("signin/verifyState", "task"), ("", "task")]
    ),
)
async def test_an_unknown_invoke_gets_a_kind_answer(scene: Scene, name: str, shape: str) -> None:
    outcome = await scene.teams.send(invoked(scene, name, {"anything": 1}))
    assert outcome.status == 200
    assert "help" in str(outcome.body[shape])


async def test_events_that_the_bot_does_not_know_are_answered(scene: Scene) -> None:
    user, place = scene.teams.space.users[scene.anna], scene.teams.space.places[scene.place]
    for kind in ("messageReaction", "messageUpdate", "messageDelete", "event", "typing", "endOfConversation",
                 "handoff", "trace", "conversationUpdate", "installationUpdate"):  # fmt: skip
        activity = scene.teams.payloads.base(kind, user, place, reactionsAdded=[{"type": "like"}])
        activity["channelData"]["eventType"] = "somethingNew"
        assert (await scene.teams.send(activity)).status == 200
    await scene.idle()
    assert scene.desk.asked == []
    assert not [m for m in scene.teams.space.messages if not m.user]


async def test_a_button_that_a_client_sends_as_a_message_still_works(scene: Scene) -> None:
    user, place = scene.teams.space.users[scene.anna], scene.teams.space.places[scene.group]
    for n, (verb, said) in enumerate((("save", "Saved."), ("ask", "Log a question"))):
        scene.desk.answers["ask"] = Ask(form=FORM)
        value = {"smbot": {"press": verb, "arg": "a"}}
        await scene.teams.send(scene.teams.payloads.base("message", user, place, value=value))
        await scene.teams.wait_for(lambda n=n: len(scene.teams.targeted(scene.anna)) > n)
        assert said in scene.teams.plain(scene.teams.targeted(scene.anna)[-1])
    await scene.teams.press(scene.anna, scene.teams.targeted(scene.anna)[-1], "Open")
    assert scene.teams.dialog(scene.anna).title == "Log a question"


async def test_what_is_to_be_saved_and_comes_as_a_message_is_acknowledged_after_it_is_saved(
    scene: Scene,
) -> None:
    scene.desk.slow = asyncio.Event()
    user, place = scene.teams.space.users[scene.anna], scene.teams.space.places[scene.group]
    value = {"smbot": {"press": "save", "arg": "a"}}
    pressing = asyncio.ensure_future(
        scene.teams.send(scene.teams.payloads.base("message", user, place, value=value))
    )
    await asyncio.wait({pressing}, timeout=0.5)
    assert not pressing.done()
    scene.desk.slow.set()
    assert (await pressing).status == 200
    assert scene.teams.plain(await targeted(scene)) == "Saved."


async def test_a_stop_ends_what_runs_and_takes_nothing_new(scene: Scene) -> None:
    scene.desk.slow = asyncio.Event()
    await scene.teams.say(scene.anna, scene.place, "sm-today")
    stopping = asyncio.ensure_future(scene.http.stop(5))
    await asyncio.sleep(0)
    scene.desk.slow.set()
    assert await stopping
    assert scene.teams.plain(await targeted(scene)) == "Saved."
    assert (await scene.teams.say(scene.anna, scene.place, "sm-today")).status == 503
    scene.teams.user_errors.clear()


async def test_a_message_of_somebody_without_an_id_is_refused_to_them_alone(scene: Scene) -> None:
    said = scene.teams.written(scene.anna, scene.group, "sm-question")
    user, place = scene.teams.space.users[scene.anna], scene.teams.space.places[scene.group]
    activity = scene.teams.payloads.message(user, place, said, mention=True)
    del activity["from"]["aadObjectId"]
    assert (await scene.teams.send(activity)).status == 200
    assert "signed in" in scene.teams.plain(await targeted(scene))
    assert not [m for m in scene.teams.posts(scene.group) if not m.user]
    assert scene.desk.asked == []
