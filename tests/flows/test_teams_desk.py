"""The Teams adapter in front of the real desk, on the made-up university: forms, repeats, refusals."""

import copy
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.cases import Question
from bot.ports import Tx
from bot.retention import Disposal
from bot.service import retention
from bot.view import Button
from scheduler.deliver import Delivery
from tests.fakes.teams import Dialog, Message, Outcome
from tests.flows._teams_scene import Playing, Scene
from tests.world import MONDAY, World, world

FILLED = {
    "Account": "@bio0 (Instagram)",
    "Where is it?": "Comment",
    "What is it about?": "When do you open?",
}


class Office(NamedTuple):
    scene: Scene
    world: World


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    (tmp_path / "stage").mkdir()
    async with world(tmp_path, language="en") as found, Playing(tmp_path / "stage", found) as scene:
        yield Office(scene, found)


async def private(scene: Scene, user: str = "") -> Message:
    """The newest message that only this person sees."""
    return (await scene.teams.wait_for(lambda: scene.teams.targeted(user or scene.anna)))[-1]


async def logged(scene: Scene, **values: str) -> Outcome:
    """Log a question from the channel: the word, the card with its button, the dialog."""
    await scene.teams.say(scene.anna, scene.place, "question")
    await scene.teams.press(scene.anna, await private(scene), "Open")
    return await scene.teams.submit(scene.anna, FILLED | values)


async def questions(office: Office) -> list[Question]:
    async with office.world.bot.storage.read() as tx:
        return [case for case in await tx.open_cases("question") if isinstance(case, Question)]


async def test_a_question_is_logged_in_a_dialog_and_a_repeated_submission_logs_no_second(
    office: Office,
) -> None:
    outcome = await logged(office.scene)
    assert outcome.ok
    again = await office.scene.teams.again(outcome)
    assert again.body == outcome.body
    (question,) = await questions(office)
    assert (question.text, question.account) == ("When do you open?", "bio0")


async def test_a_dialog_that_is_sent_again_after_an_error_logs_no_second(office: Office) -> None:
    """The first was saved, and the bot was killed before it could answer: the dialog stays open, with Teams' red line."""
    teams, anna = office.scene.teams, office.scene.anna
    dialog = await filled_in(office.scene)
    first = await teams.submit(anna)
    teams.space.dialogs[anna] = dialog
    again = await teams.submit(anna)
    assert again.activity["id"] != first.activity["id"]
    assert again.body["task"]["value"]["title"] == first.body["task"]["value"]["title"]
    assert len(await questions(office)) == 1


async def test_nobody_is_given_the_answer_to_anothers_dialog(office: Office) -> None:
    dialog = await filled_in(office.scene)
    await office.scene.teams.submit(office.scene.anna)
    dialog.user = office.scene.bo
    office.scene.teams.space.dialogs[office.scene.bo] = dialog
    assert (await office.scene.teams.submit(office.scene.bo)).ok
    assert [question.logged_by for question in await questions(office)] == ["anna", "bo"]


async def filled_in(scene: Scene) -> Dialog:
    """The open dialog of a question, as it stays when nothing comes back."""
    await scene.teams.say(scene.anna, scene.place, "question")
    await scene.teams.press(scene.anna, await private(scene), "Open")
    scene.teams.fill(scene.anna, FILLED)
    return copy.deepcopy(scene.teams.dialog(scene.anna))


async def test_what_is_wrong_stands_in_the_dialog_and_is_mended_there(office: Office) -> None:
    await logged(office.scene, **{"Link to the post": "no address"})
    dialog = office.scene.teams.dialog(office.scene.anna)
    assert "To put right:" in office.scene.teams.plain(dialog)
    assert await questions(office) == []
    assert (await office.scene.teams.submit(office.scene.anna, {"Link to the post": ""})).ok
    assert len(await questions(office)) == 1


async def test_a_repeated_press_has_one_effect_and_gets_the_same_answer(office: Office) -> None:
    await logged(office.scene)
    (question,) = await questions(office)
    card = await office.scene.card(Button(verb="question.take", arg=question.id, label="I take it"))
    outcome = await office.scene.teams.press(office.scene.anna, card, "I take it")
    taken = (await questions(office))[0]
    assert taken.taken_by == "anna"
    assert (await office.scene.teams.again(outcome)).body == outcome.body
    assert (await questions(office))[0].version == taken.version


@pytest.mark.parametrize(
    ("verb", "said"), [("question.take", "This is no longer here."), ("no.such", "what is waiting")]
)
async def test_a_press_on_an_old_card_is_explained(office: Office, verb: str, said: str) -> None:
    card = await office.scene.card(Button(verb=verb, arg="gone", label="Press"))
    outcome = await office.scene.teams.press(office.scene.anna, card, "Press")
    await office.scene.idle()
    dialog = office.scene.teams.dialog(office.scene.anna)
    assert said in (office.scene.teams.plain(dialog) if dialog else outcome.words)


async def test_a_guest_is_refused_with_a_sentence(office: Office) -> None:
    guest = office.scene.teams.add_user("Gun Gäst", guest=True)
    office.scene.teams.space.places[office.scene.group].members.add(guest)
    await office.scene.teams.say(guest, office.scene.group, "sm-question")
    answer = await private(office.scene, guest)
    assert "guest" in office.scene.teams.plain(answer).lower()
    assert office.scene.teams.buttons(answer) == []


async def test_each_reads_their_own_language(office: Office) -> None:
    card = await office.scene.card(Button(verb="language", arg="sv", label="På svenska"))
    await office.scene.teams.press(office.scene.anna, card, "På svenska")
    for user, word in ((office.scene.anna, "Öppna"), (office.scene.bo, "Open")):
        await office.scene.teams.say(user, office.scene.place, "fråga")
        await office.scene.idle()
        assert office.scene.teams.buttons(await private(office.scene, user)) == [word]


async def test_home_is_shown_in_ones_own_chat_and_its_buttons_work(office: Office) -> None:
    await office.scene.teams.install(office.scene.anna)
    await office.scene.idle()
    (home,) = office.scene.teams.personal(office.scene.anna)
    await office.scene.teams.press(office.scene.anna, home, office.scene.teams.buttons(home)[0])
    assert office.scene.teams.dialog(office.scene.anna) is not None


@pytest.mark.parametrize("sharing", ["private", "shared"])
async def test_a_private_or_shared_channel_is_refused_with_a_sentence_that_says_what_to_use(
    office: Office, sharing: str
) -> None:
    """Where Teams tells of such a channel at all; `sm-accounts` inside it would offer it as the account's place."""
    channel, _ = await office.scene.teams.new_channel(
        office.scene.team, "Closed", sharing, {office.scene.anna}
    )
    await office.scene.idle()
    await office.scene.teams.install(office.scene.anna)
    await office.scene.idle()
    outcome = await entered(office.scene, f"teams:{office.scene.realm}:{channel}")
    dialog = office.scene.teams.dialog(office.scene.anna)
    assert "Choose an ordinary channel" in office.scene.teams.plain(dialog), outcome
    assert (await office.scene.teams.submit(office.scene.anna, {"place": "Social media"})).ok
    accounts = (await office.world.register()).accounts.values()
    assert f"teams:{office.scene.realm}:{office.scene.place}" in {a.place for a in accounts}


async def entered(scene: Scene, place: str) -> Outcome:
    """Enter an account whose place a dialog of another time still offered."""
    await scene.teams.say(scene.anna, "", "konton")
    card = (await scene.teams.wait_for(lambda: _with(scene, "Enter an account that exists")))[-1]
    await scene.teams.press(scene.anna, card, "Enter an account that exists")
    scene.teams.dialog(scene.anna).values["place"] = place
    return await scene.teams.submit(scene.anna, {"Address": "@new", "Unit": "Biologi"})


def _with(scene: Scene, label: str) -> list[Message]:
    return [m for m in scene.teams.personal(scene.anna) if m.cards and label in scene.teams.buttons(m)]


async def test_an_answer_in_ones_own_chat_is_written_over_when_its_time_is_over(office: Office) -> None:
    """It stays there as a message of its own, and may tell of anything."""
    teams, w = office.scene.teams, office.world
    await teams.say(office.scene.anna, teams.chat(office.scene.anna), "my-data")
    await teams.wait_for(lambda: _ours(office, "What I keep about you"))
    await office.scene.idle()
    rule = Disposal(days=30, number="LU 2026/77", decided_on=MONDAY.date())
    w.clock.at += timedelta(days=31)

    async def decided(tx: Tx) -> None:
        await tx.save_office(replace((await tx.register()).office, retention={"questions": rule}))

    await w.seed(decided)
    await retention.run(w.bot, w.clock.now())
    await Delivery(w.bot, [office.scene.chat], "teams").run_pass(w.clock.now())
    assert not _ours(office, "What I keep about you")
    assert _ours(office, "disposal decision LU 2026/77")


def _ours(office: Office, text: str) -> list[Message]:
    teams = office.scene.teams
    standing = teams.space.standing(teams.chat(office.scene.anna))
    return [message for message in standing if not message.user and text in teams.plain(message)]
