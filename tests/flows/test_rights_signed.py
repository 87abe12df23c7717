"""The wrong person's signed requests, forged, against `smbot run` as a process (exact-rules, rights)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.commands import COMMANDS, SHORTCUTS
from tests.flows._wrong_on_slack import on_slack
from tests.flows._wrong_on_teams import on_teams
from tests.flows._wrong_people import (
    GOES_THROUGH,
    MAY_PRESS,
    MAY_SEND,
    OWN_ONLY,
    PEOPLE,
    REFUSED,
    STRANGERS,
    buttons,
    forms,
    something_of_each,
    tries,
)

pytestmark = pytest.mark.process

OWN_DATA = ("sm-my-data", "sm-mina-uppgifter")
"""Whoever anything is kept about may see that, guests too (users.md U6)."""
PLATFORMS = pytest.mark.parametrize("office", [on_slack, on_teams])


@PLATFORMS
async def test_forged_buttons_and_forms_of_the_wrong_person_are_refused_in_words_and_change_nothing(
    tmp_path: Path, office: Any
) -> None:
    async with office(tmp_path) as scene:
        await something_of_each(scene)
        before, forged, pressed = await scene.settled(), forms(scene.about), buttons(scene.about)

        async def try_all(who: str) -> None:
            for verb in (verb for verb in MAY_PRESS if tries(who, verb, MAY_PRESS)):
                told = await scene.press(who, verb, pressed[verb])
                assert scene.refuses(who, told), (who, verb, told)
            for form in (form for form in MAY_SEND if tries(who, form, MAY_SEND)):
                told = await scene.submit(who, form, *forged[form])
                assert scene.refuses(who, told) or OWN_ONLY in told, (who, form, told)

        await asyncio.gather(*map(try_all, (*PEOPLE, *STRANGERS)))
        assert scene.state() == before
        assert REFUSED not in await scene.submit("anna", "round.tell", *forged["round.tell"])
        assert scene.state() != before
        for verb in GOES_THROUGH:
            told = await scene.press(MAY_PRESS[verb][0], verb, pressed[verb])
            assert REFUSED not in told, (verb, told)


@PLATFORMS
async def test_strangers_get_no_answer_and_no_form_by_any_command_or_shortcut_but_what_is_kept_of_themselves(
    tmp_path: Path, office: Any
) -> None:
    async with office(tmp_path, moved=False) as scene:
        before = scene.state()

        async def try_all(who: str) -> None:
            for name in (name for command in COMMANDS for name in (command.name, command.alias)):
                told = await scene.ask(who, name)
                assert scene.refuses(who, told) or (name in OWN_DATA and "Anna" not in told), (who, name)
            for shortcut in SHORTCUTS:
                assert scene.refuses(who, await scene.ask(who, shortcut)), (who, shortcut)

        await asyncio.gather(*map(try_all, STRANGERS))
        assert scene.state() == before
