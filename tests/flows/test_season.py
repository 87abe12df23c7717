"""Before summer and Christmas each head is asked once who covers, with the days on which nobody looks."""

from datetime import date

import pytest

from bot.model import SEASONS, Absence, PersonId, Season
from bot.policy import load
from bot.season import asked_now, find, time_of
from bot.view import Faults
from tests.world import DAY, MONDAY, at, buttons, words, world

MON = MONDAY.date()
TUE, WED, THU = (MON + n * DAY for n in range(1, 4))
SOON = (Season(name="christmas", asked="11-24", first="12-21", last="01-08"),)
ARG = "christmas-2026|heidi"


@pytest.mark.parametrize(
    ("name", "year", "asks", "last"),
    [
        ("summer", 2026, date(2026, 6, 1), date(2026, 8, 15)),  # a Monday
        ("summer", 2025, date(2025, 6, 2), date(2025, 8, 15)),  # the 1st is a Sunday
        ("christmas", 2026, date(2026, 12, 1), date(2027, 1, 6)),
        ("christmas", 2024, date(2024, 12, 2), date(2025, 1, 6)),
    ],
)
def test_heads_are_asked_on_the_first_working_day_of_june_and_of_december(name, year, asks, last):
    calendar = load("ki").calendar()
    (season,) = [s for s in SEASONS if s.name == name]
    time = time_of(season, calendar, year)
    assert (time.asks, time.last) == (asks, last)
    assert asked_now(SEASONS, calendar, asks) == (time,)
    assert asked_now(SEASONS, calendar, asks - DAY) == ()
    assert asked_now(SEASONS, calendar, time.first) == ()
    assert find(SEASONS, calendar, time.key) == time
    assert find(SEASONS, calendar, "winter-x") is None


async def away(w) -> None:
    """Anna and Bo are both away from 22 to 28 December."""
    for who in ("anna", "bo"):
        absence = Absence(id=who, person=PersonId(who), first=date(2026, 12, 22), last=date(2026, 12, 28))
        await w.seed(lambda tx, absence=absence: tx.save_absence(absence))


async def test_a_head_is_asked_once_in_the_collected_message_and_names_a_cover(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=1, seasons=SOON) as w:
        await away(w)
        await w.hop(at(TUE, 0, 5))
        await w.hop(at(TUE, 9, 31))
        (asked,) = w.posts("@heidi", TUE)
        assert "Vem tar dina konton från måndag 21 december till fredag 8 januari?" in words(asked.card)
        assert "Två konton saknar någon vissa dagar." in words(asked.card)

        card = (await w.press_on("heidi", asked.card, "season.open")).card
        assert "Ingen: tisdag 22 december till onsdag 23 december, måndag 28 december" in words(card)
        assert [b.verb for b in card.buttons] == ["season.cover", "season.hand", "season.fine"]
        form = (await w.press_on("heidi", card, "season.cover")).form
        assert isinstance(await w.fill("heidi", form, {"cover": "borta"}), Faults)
        after = (await w.fill("heidi", form, {"cover": "olle"})).card
        assert "Två konton har någon alla arbetsdagar." in words(after)
        assert {a.cover for a in (await w.register()).absences} == {"olle"}
        done = (await w.press_on("heidi", after, "season.fine")).card
        assert done.buttons == ()
        await w.hop(at(WED, 9, 31))
        assert not any("Vem tar" in words(p.card) for p in w.posts("@heidi", WED))


async def test_handed_to_communications_they_hear_it_once_however_often_it_is_pressed(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0, seasons=SOON) as w:
        await away(w)
        await w.hop(at(TUE, 0, 5))
        await w.hop(at(TUE, 9, 31))
        for verb in ("season.hand", "season.hand", "season.fine"):
            card = (await w.press("heidi", verb, ARG)).card
            assert "tar hand om de dagar som saknar någon" in words(card)
        await w.hop(at(WED, 9, 31))
        (told,) = [
            p for p in w.posts("@karin", WED) if "Heidi Berg lämnar sina konton till er" in words(p.card)
        ]
        opened = (await w.press_on("karin", told.card, "season.open")).card
        assert [b.verb for b in buttons(opened)] == ["season.cover"]
        await w.hop(at(THU, 9, 31))
        assert not any("lämnar" in words(p.card) for p in w.posts("@karin", THU))


async def test_only_the_head_their_deputy_and_communications_answer(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0, seasons=SOON) as w:
        await away(w)
        before = await w.register()
        for who in ("anna", "olle", "rita", "gast", "borta"):
            for verb in ("open", "fine", "hand", "cover"):
                assert "Det gick inte" in words((await w.press(who, f"season.{verb}", ARG)).card)
            sent = w.desk.submit(w.call(who), "season.cover", ARG, {"cover": "olle"})
            assert "Det gick inte" in words((await sent).card)
        assert await w.register() is before
        async with w.bot.storage.read() as tx:
            assert await tx.fact("season.answers") is None
        for who in ("heidi", "dag", "karin"):
            assert "Ingen: " in words((await w.press(who, "season.open", ARG)).card)
        gone = (await w.press("heidi", "season.open", "christmas-2020|heidi")).card
        assert "förbi" in words(gone)
