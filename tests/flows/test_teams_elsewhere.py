"""A form that is asked for in a channel and filled in elsewhere in Teams, between a fake desk and the fake Teams."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.view import Ask, Form, Line
from tests.flows._slack_scene import FILLED, FORM
from tests.flows._teams_scene import Playing, Scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with Playing(tmp_path) as found:
        yield found


async def asked_for_elsewhere(scene: Scene) -> None:
    """Anna types a command in the channel; the button that opens its form comes to her own chat."""
    scene.teams.targeting(on=False)
    scene.desk.answers["sm-question"] = Ask(form=FORM)
    await scene.teams.say(scene.anna, scene.place, "fråga")
    card = await scene.teams.wait_for(lambda: next(iter(scene.teams.personal(scene.anna)), None))
    await scene.idle()
    scene.desk.asked.clear()
    await scene.teams.press(scene.anna, card, "Open")


async def test_a_form_that_was_asked_for_in_a_channel_belongs_to_it_wherever_it_is_filled_in(
    scene: Scene,
) -> None:
    await asked_for_elsewhere(scene)
    two = Form(id="two", title="Step 2", fields=(Line(id="a", label="A"),))
    scene.desk.answers["question"] = Ask(form=two)
    await scene.teams.submit(scene.anna, FILLED | {"Head": "Anna Ek"})
    assert (await scene.teams.submit(scene.anna, {"A": "x"})).words == "Saved."
    assert [(asked[1], asked[0].channel) for asked in scene.desk.asked] == [
        ("sm-question", scene.place), ("question", scene.place), ("two", scene.place),
    ]  # fmt: skip
    assert {m.place for m in scene.teams.space.messages if not m.user} == {scene.teams.chat(scene.anna)}


@pytest.mark.parametrize("why", ["left", "removed", "unknown", "silent"])
async def test_a_channel_that_whoever_fills_in_is_not_known_to_be_in_is_dropped(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    monkeypatch.setattr("adapters.teams.receive.LOOKUP", 0.2)
    await asked_for_elsewhere(scene)
    if why == "left":
        scene.teams.space.teams[scene.team].members.discard(scene.anna)
    elif why == "removed":
        await scene.teams.uninstall(scene.team, by=scene.bo)
    elif why == "unknown":
        content = scene.teams.dialog(scene.anna).info["card"]["content"]
        content["actions"][0]["data"]["smbot"]["channel"] = "19:another@thread.tacv2"
    else:
        scene.teams.faults.add("member", "hang")
    values = FILLED | {"Head": "Anna Ek"}
    assert (await scene.teams.submit(scene.anna, values)).words == "Saved."
    assert scene.desk.asked[-1][0].channel == scene.teams.chat(scene.anna)
