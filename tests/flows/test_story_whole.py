"""What the one story covers, read from what Slack showed: a command or a checklist that joins smbot has to join it."""

from pathlib import Path

import pytest

from bot import policy
from bot.commands import COMMANDS, SHORTCUTS
from bot.texts import Texts
from tests.flows.test_story_slack import PACKS
from tests.flows.transcript import GOLDEN

PLAYED = sorted(PACKS.values())


def lines(pack: str) -> list[str]:
    return Path(GOLDEN / f"story.{pack}.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("pack", PLAYED)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_each_command_is_typed_by_somebody_in_the_story(pack, command):
    said = [line.partition(": /")[2].split(" ")[0] for line in lines(pack)]
    assert {command.name, command.alias} & set(said)


@pytest.mark.parametrize("pack", PLAYED)
@pytest.mark.parametrize("shortcut", [s for s in SHORTCUTS if s != "raise_alarm"])  # the command's very form
def test_each_message_shortcut_that_fills_in_a_form_is_used_in_the_story(pack, shortcut):
    name = Texts("sv")(f"shortcut.{shortcut}")
    assert any(line.endswith(f" uses on a message: {name}") for line in lines(pack))


@pytest.mark.parametrize("pack", PLAYED)
def test_each_step_that_every_run_of_a_checklist_asks_is_answered_in_the_story(pack):
    asked = {label for line in lines(pack) for label in line.partition(" is asked: ")[2].split(" | ")}
    for plan in policy.load(pack).checklists.values():
        for step in plan.steps:
            if not step.when:
                assert step.fields[0].ask.sv in asked, f"{plan.id}: {step.id}"
