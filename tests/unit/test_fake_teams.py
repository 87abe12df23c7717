"""The fake Teams tells the bot what Teams would, and shows people what the bot answers: a bare bot over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.fakes.teams import live_mentions
from tests.unit._bare_teams import (
    Json,
    Scene,
    block,
    card,
    dialog,
    execute,
    fetch,
    line,
    message,
    submit,
    toast,
)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as made:
        yield made


CHOICE = {
    "type": "Input.ChoiceSet",
    "id": "where",
    "label": "Where",
    "choices": [{"title": "Comment", "value": "c"}, {"title": "Review", "value": "r"}],
}
DAY = {"type": "Input.Date", "id": "when.day", "label": "When – day"}
TIME = {"type": "Input.Time", "id": "when.time", "label": "When – time"}
FORM = card(
    line("link", "Link", isRequired=True, errorMessage="A link is needed.", maxLength=20),
    CHOICE,
    actions=(submit("Save", state="7"),),
)


async def test_a_mention_in_a_channel_reaches_the_bot_as_teams_sends_it(scene: Scene) -> None:
    outcome = await scene.teams.say(scene.anna, scene.place, "sm-today")
    told = scene.bot.told[0]
    assert outcome.ok
    assert told["text"] == "<at>smbot</at> sm-today\n"
    assert told["conversation"]["id"] == f"{scene.place};messageid={told['id']}"
    assert told["from"]["aadObjectId"] == scene.anna
    assert told["from"]["id"].startswith("29:")
    assert [e["type"] for e in told["entities"]] == ["clientInfo", "mention"]
    assert told["channelData"]["team"]["id"] == scene.team
    assert told["channelData"]["tenant"]["id"] == told["conversation"]["tenantId"] == scene.teams.tenant


async def test_without_a_mention_the_bot_hears_only_what_is_said_in_its_own_chat(scene: Scene) -> None:
    await scene.teams.say(scene.anna, scene.place, "hello all", mention=False)
    await scene.teams.say(scene.anna, "", "sm-today")
    assert [t["text"] for t in scene.bot.told] == ["sm-today"]
    assert scene.bot.told[0]["conversation"]["conversationType"] == "personal"
    assert scene.bot.told[0]["conversation"]["id"].startswith("a:")


async def test_a_card_is_posted_changed_in_place_answered_in_its_thread_and_deleted(scene: Scene) -> None:
    status, made, _ = await scene.bot.open_thread(scene.place, message(card(block("One"))))
    assert status == 201
    assert made["id"] == f"{scene.place};messageid={made['activityId']}"
    seen = scene.teams.posts(scene.place)[0]
    assert (await scene.bot.change("PUT", scene.place, made["activityId"], message(card(block("Two")))))[
        0
    ] == 200
    assert scene.teams.plain(seen) == "Two"
    assert seen.edits == 1
    status, reply, _ = await scene.bot.post(made["id"], {"type": "message", "text": "A reply"})
    assert status == 201
    assert [m.id for m in scene.teams.thread(seen)] == [reply["id"]]
    assert (await scene.bot.change("DELETE", scene.place, reply["id"]))[0] == 200
    assert scene.teams.thread(seen) == []
    assert not scene.teams.violations


async def test_a_press_is_an_invoke_whose_words_only_the_presser_sees(scene: Scene) -> None:
    await scene.bot.open_thread(scene.place, message(card(block("One"), actions=(execute("Take", arg="7"),))))
    scene.bot.answers["adaptiveCard/action"] = toast("Noted.")
    outcome = await scene.teams.press(scene.bo, scene.teams.posts(scene.place)[0], "Take")
    told = scene.bot.told[0]
    assert told["name"] == "adaptiveCard/action"
    assert told["value"]["action"] == {
        "type": "Action.Execute", "verb": "press", "title": "Take", "data": {"arg": "7"},
    }  # fmt: skip
    assert told["replyToId"] == scene.teams.posts(scene.place)[0].id
    assert (outcome.ok, outcome.words) == (True, "Noted.")
    assert [n.text for n in scene.teams.notices(scene.bo)] == ["Noted."]
    assert scene.teams.notices(scene.anna) == []


async def test_a_dialog_opens_checks_its_inputs_shows_faults_and_closes(scene: Scene) -> None:
    await scene.bot.open_thread(scene.place, message(card(block("One"), actions=(fetch("Tell"),))))
    answers: list[Json] = [dialog(card(block("No such link."), *FORM["body"], actions=(submit("Save"),))), {}]
    scene.bot.answers = {"task/fetch": dialog(FORM), "task/submit": lambda _: answers.pop(0)}
    await scene.teams.press(scene.bo, scene.teams.posts(scene.place)[0], "Tell")
    shown = scene.teams.dialog(scene.bo)
    assert shown is not None
    assert (await scene.teams.submit(scene.bo)).errors == {"link": "A link is needed."}
    assert (await scene.teams.submit(scene.bo, {"Link": "x" * 21})).errors
    assert len(scene.bot.told) == 1
    assert (await scene.teams.submit(scene.bo, {"Link": "https://x", "Where": "Review"})).ok
    assert scene.bot.told[1]["value"]["data"] == {"state": "7", "link": "https://x", "where": "r"}
    assert scene.teams.dialog(scene.bo) is shown
    assert "No such link." in scene.teams.plain(shown)
    await scene.teams.submit(scene.bo, {"Link": "https://y"})
    assert scene.teams.dialog(scene.bo) is None
    assert not scene.teams.violations


async def test_a_moment_fills_a_day_and_the_time_after_it(scene: Scene) -> None:
    await scene.bot.open_thread(scene.place, message(card(block("One"), actions=(fetch("Tell"),))))
    scene.bot.answers["task/fetch"] = dialog(card(DAY, TIME, actions=(submit("Save"),)))
    await scene.teams.press(scene.bo, scene.teams.posts(scene.place)[0], "Tell")
    assert scene.teams.labels(scene.teams.dialog(scene.bo)) == ["When"]
    await scene.teams.submit(scene.bo, {"When": datetime(2026, 11, 23, 8, 30, tzinfo=UTC)})
    assert scene.bot.told[1]["value"]["data"] == {"when.day": "2026-11-23", "when.time": "09:30"}


async def test_a_message_action_brings_the_message_and_brings_it_again_with_the_submission(
    scene: Scene,
) -> None:
    said = scene.teams.written(scene.bo, scene.place, "Is <b>it</b> open?")
    scene.bot.answers = {"composeExtension/fetchTask": dialog(FORM), "composeExtension/submitAction": {}}
    await scene.teams.message_action(scene.anna, said, "log_question")
    payload = scene.bot.told[0]["value"]["messagePayload"]
    assert payload["body"]["content"] == "<div><div>Is &lt;b&gt;it&lt;/b&gt; open?</div></div>"
    assert payload["from"]["user"]["id"] == scene.bo
    await scene.teams.submit(scene.anna, {"Link": "https://x"})
    value = scene.bot.told[1]["value"]
    assert (value["commandId"], value["messagePayload"]) == ("log_question", payload)
    assert value["data"]["link"] == "https://x"


async def test_a_slash_command_is_seen_by_the_bot_alone(scene: Scene) -> None:
    await scene.teams.slash(scene.bo, scene.place, "sm-today")
    assert scene.bot.told[0]["recipient"]["isTargeted"] is True
    assert scene.teams.posts(scene.place) == []


async def test_a_targeted_message_is_seen_by_one_member_for_a_day(scene: Scene) -> None:
    body = message(card(block("For you")), recipient={"id": scene.bo})
    status, made, _ = await scene.bot.post(scene.place, body, "?isTargetedActivity=true")
    seen = scene.teams.targeted(scene.bo)[0]
    assert (status, made["id"]) == (201, seen.id)
    assert scene.teams.sees(scene.bo, seen)
    assert not scene.teams.sees(scene.anna, seen)
    scene.teams.skip(25 * 3600)
    assert scene.teams.targeted(scene.bo) == []
    assert not scene.teams.violations


async def test_installing_tells_the_bot_twice_in_any_order(scene: Scene) -> None:
    await scene.teams.install(scene.bo)
    assert [t["type"] for t in scene.bot.told] == ["installationUpdate", "conversationUpdate"]
    assert "locale" not in scene.bot.told[1]
    scene.bot.told.clear()
    await scene.teams.uninstall(scene.team, order=("conversationUpdate", "installationUpdate"))
    assert [t["type"] for t in scene.bot.told] == ["conversationUpdate", "installationUpdate"]
    assert scene.bot.told[0]["membersRemoved"] == [{"id": f"28:{scene.teams.app_id}", "name": "smbot"}]
    assert scene.bot.told[0]["channelData"]["eventType"] == "teamMemberRemoved"
    assert (await scene.bot.open_thread(scene.place, message(card(block("One")))))[0] == 403


async def test_changes_of_people_channels_and_teams_are_told(scene: Scene) -> None:
    teams = scene.teams
    await teams.add_member(scene.team, scene.cecilia)
    await teams.remove_member(scene.team, scene.cecilia)
    channel, _ = await teams.new_channel(scene.team, "News")
    await teams.rename_channel(channel, "Newer")
    await teams.delete_channel(channel)
    group = teams.add_group([scene.anna, scene.bo])
    await teams.rename_group(group, "Summer")
    assert scene.bot.told.pop()["topicName"] == "Summer"
    await teams.rename_team(scene.team, "The library")
    await teams.delete_team(scene.team)
    assert [t["channelData"]["eventType"] for t in scene.bot.told] == [
        "teamMemberAdded", "teamMemberRemoved", "channelCreated", "channelRenamed", "channelDeleted",
        "teamRenamed", "teamDeleted",
    ]  # fmt: skip
    assert scene.bot.told[0]["membersAdded"][0]["aadObjectId"] == scene.cecilia
    assert scene.bot.told[3]["channelData"]["channel"]["name"] == "Newer"


async def test_the_very_same_activity_comes_again(scene: Scene) -> None:
    outcome = await scene.teams.say(scene.anna, scene.place, "sm-today")
    await scene.teams.again(outcome)
    assert scene.bot.told[0] == scene.bot.told[1]


async def test_a_bot_that_is_late_fails_or_answers_nonsense_is_an_error_to_the_person(scene: Scene) -> None:
    await scene.bot.open_thread(
        scene.place, message(card(block("One"), actions=(execute("Take"), fetch("Tell"))))
    )
    post = scene.teams.posts(scene.place)[0]
    scene.bot.answers = {"adaptiveCard/action": {"ok": True}, "task/fetch": {"task": {"type": "continue"}}}
    assert not (await scene.teams.press(scene.bo, post, "Take")).ok
    assert not (await scene.teams.press(scene.bo, post, "Tell")).ok
    scene.bot.status = 500
    assert (await scene.teams.press(scene.bo, post, "Take")).reason == "status 500"
    scene.teams.wire.within = 0.05
    scene.bot.answers["adaptiveCard/action"] = lambda _: asyncio.sleep(0.2)
    assert (await scene.teams.press(scene.bo, post, "Take")).reason == "TimeoutError"
    assert [what for _, what, _ in scene.teams.user_errors] == ["Take", "Tell", "Take", "Take"]


async def test_whoever_is_not_there_sees_nothing_and_presses_nothing(scene: Scene) -> None:
    await scene.bot.open_thread(scene.place, message(card(block("One"), actions=(execute("Take"),))))
    post = scene.teams.posts(scene.place)[0]
    with pytest.raises(LookupError):
        await scene.teams.press(scene.cecilia, post, "Take")
    with pytest.raises(LookupError):
        await scene.teams.say(scene.cecilia, scene.place, "sm-today")
    scene.bot.answers["adaptiveCard/action"] = toast("No.")
    assert (await scene.teams.press(scene.cecilia, post, "Take", forged=True)).ok


async def test_a_slow_screen_presses_what_stood_there_before(scene: Scene) -> None:
    await scene.bot.open_thread(scene.place, message(card(block("One"), actions=(execute("Take"),))))
    post = scene.teams.posts(scene.place)[0]
    before = post.snapshot()
    await scene.bot.change("PUT", scene.place, post.id, message(card(block("Taken"))))
    scene.bot.answers["adaptiveCard/action"] = toast("Too late.")
    with pytest.raises(LookupError):
        await scene.teams.press(scene.bo, post, "Take")
    assert (await scene.teams.press(scene.bo, before, "Take")).words == "Too late."


async def test_a_person_reads_words_buttons_and_mentions_as_teams_shows_them(scene: Scene) -> None:
    person = scene.teams.space.users[scene.bo]
    mention = {
        "type": "mention",
        "text": "<at>Bo Ek</at>",
        "mentioned": {"id": person.teams_id, "name": "Bo Ek"},
    }
    made = card(
        block("**Hello** <at>Bo Ek</at> \\*not bold\\* [a rule](https://rules.example) &lt;at&gt;"),
        {"type": "FactSet", "facts": [{"title": "Where", "value": "Review"}]},
        {
            "type": "RichTextBlock",
            "inlines": [{"type": "TextRun", "text": "*as it is* https://evil.example"}],
        },
        {**block("unseen"), "isVisible": False},
        actions=(execute("Take"), fetch("Why?")),
        msteams={"width": "Full", "entities": [mention]},
    )
    await scene.bot.open_thread(scene.place, message(made))
    post = scene.teams.posts(scene.place)[0]
    assert scene.teams.plain(post).splitlines() == [
        "Hello @Bo Ek *not bold* a rule <at>", "Where: Review", "*as it is* https://evil.example", "[Take]", "[Why?]",
    ]  # fmt: skip
    assert scene.teams.buttons(post) == ["Take", "Why?"]
    assert [(m.kind, m.target) for m in live_mentions(post)] == [
        ("mention", person.teams_id), ("link", "https://rules.example"),
    ]  # fmt: skip
    assert not scene.teams.violations
