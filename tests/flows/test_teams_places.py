"""Places of an account on Teams that are no channel: a group chat, and one's own chat with the bot (users.md U12)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.view import Button
from scheduler.deliver import Delivery
from tests.fakes.teams import Message
from tests.flows._teams_scene import Playing, Scene
from tests.world import WELCOMED, World, at, world

TUE, THU = date(2026, 11, 24), date(2026, 11, 26)
HOUR = timedelta(hours=1)


class Office(NamedTuple):
    scene: Scene
    world: World

    async def until(self, moment: datetime) -> None:
        """Time passes hour by hour, for Teams too, whose pace is by its own clock."""
        while self.world.clock.at < moment:
            before = self.world.clock.at
            await self.world.until(min(before + HOUR, moment.astimezone(before.tzinfo)))
            self.scene.teams.skip((self.world.clock.at - before).total_seconds())


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Anna and Bo on Teams, where the bot's own messages are sent too."""
    (tmp_path / "stage").mkdir()
    async with world(tmp_path, accounts=0, chemistry=0) as found, Playing(tmp_path / "stage", found) as scene:
        found.delivery = Delivery(found.bot, [found.chat, scene.chat], "here")
        yield Office(scene, found)


@pytest.fixture(params=["group", "personal"])
async def place(office: Office, request: pytest.FixtureRequest) -> str:
    """Where Anna and Bo talk with the bot, or Anna alone. Both have the app."""
    for user in (office.scene.anna, office.scene.bo):
        await office.scene.teams.install(user)
    await office.scene.idle()
    chat = office.scene.teams.chat(office.scene.anna)
    return office.scene.group if request.param == "group" else chat


async def entered(office: Office, place: str, *people: str) -> None:
    """Anna enters an account from there: the place is filled in already. It met the bot long ago."""
    teams, anna = office.scene.teams, office.scene.anna
    where = "" if place == teams.chat(anna) else place
    await teams.say(anna, where, "konton")
    label = "Lägg in ett konto som finns"
    card = await teams.wait_for(lambda: _with(office, place, label))
    await teams.press(anna, card, label)
    values = {"Adress": "@biblioteket", "Enhet": "Biologi", "Personer": list(people)}
    assert (await teams.submit(anna, values)).ok
    await office.scene.idle()
    places = (await office.world.register()).places
    met = replace(places[f"teams:{office.scene.realm}:{place}"], welcomed=WELCOMED)
    await office.world.seed(lambda tx: tx.save_place(met))


def _with(office: Office, place: str, label: str) -> Message | None:
    teams, anna = office.scene.teams, office.scene.anna
    seen = [*teams.personal(anna), *teams.targeted(anna)]
    return next(
        (m for m in reversed(seen) if m.place == place and m.cards and label in teams.buttons(m)), None
    )


async def test_a_place_that_is_no_channel_is_asked_in_the_morning_and_at_two(
    office: Office, place: str
) -> None:
    await entered(office, place, "Anna Ek", "Bo Alm")
    (account,) = (await office.world.register()).accounts.values()
    assert (account.place, account.state) == (f"teams:{office.scene.realm}:{place}", "live")
    await office.until(at(TUE, 9, 1))
    card = newest(office, place)
    assert "@Anna Ek, du är dagens bevakare." in office.scene.teams.plain(card)
    await office.until(at(TUE, 14, 1))
    reply = newest(office, place)
    assert (reply.root, reply.id != card.id) == ("", True)
    assert "@biblioteket (Instagram)" in office.scene.teams.plain(reply)
    outcome = await office.scene.teams.press(office.scene.anna, reply, "Allt lugnt")
    assert outcome.ok
    assert await office.world.days(account.id, TUE) == ["looked_at"]


async def test_a_question_is_asked_and_followed_up_where_there_are_no_threads(
    office: Office, place: str
) -> None:
    await entered(office, place, "Anna Ek", "Bo Alm")
    await office.until(at(TUE, 9, 1))
    teams, anna = office.scene.teams, office.scene.anna
    where = "" if place == teams.chat(anna) else place
    await teams.say(anna, where, "fråga")
    await teams.press(anna, await teams.wait_for(lambda: _with(office, place, "Öppna")), "Öppna")
    given = {
        "Konto": "@biblioteket (Instagram)",
        "Var finns den?": "Kommentar",
        "Vad gäller det?": "Har ni öppet?",
    }
    assert (await teams.submit(anna, given)).ok
    await office.scene.idle()
    await office.world.delivery.run_pass(office.world.clock.at)
    await office.until(at(THU, 17))
    said = [m for m in teams.posts(place) if not m.user]
    assert {m.root for m in said} == {""}
    told = [teams.plain(m) for m in said]
    assert any("Bo Lind, tiden för ett svar har gått ut." in words for words in told)
    assert "Frågan på @biblioteket (Instagram) har gått vidare till Heidi Berg." in told


async def test_a_dialog_opened_from_a_card_is_in_the_language_of_whoever_pressed(office: Office) -> None:
    """The card itself is in its place's."""
    teams, (anna, bo) = office.scene.teams, (office.scene.anna, office.scene.bo)
    card = await office.scene.card(
        Button(verb="away.open", label="Jag är borta …"), Button(verb="language", arg="en", label="English")
    )
    await teams.press(bo, card, "English")
    for user, title in ((anna, "Borta"), (bo, "Away")):
        await teams.press(user, card, "Jag är borta …")
        assert teams.dialog(user).title == title


def newest(office: Office, place: str) -> Message:
    return [m for m in office.scene.teams.posts(place) if not m.user][-1]
