"""Away is said of a person; who watches follows."""

from datetime import date

import pytest

from bot.model import Absence, PersonId
from bot.view import Faults, Tell
from tests.world import DAY, MONDAY, at, words, world

MON = MONDAY.date()
TUESDAY, WEDNESDAY, THURSDAY = (MON + n * DAY for n in range(1, 4))


async def say_away(w, who: str = "anna", **values: object):
    form = (await w.press(who, "away.new")).form
    return await w.fill(who, form, {"first": TUESDAY.isoformat(), "last": WEDNESDAY.isoformat()} | values)


async def absences(w) -> list[tuple]:
    return [(a.person, a.first, a.last, a.cover) for a in (await w.register()).absences]


async def test_away_with_a_cover_moves_the_watch_for_just_those_days(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        reply = await say_away(w, cover="olle")
        await w.until(at(THURSDAY, 14, 1))

        assert "Olle Utan" in words(reply.card)
        alerts = [p.alerts for p in w.posts() if p.key.startswith("reply")]
        assert alerts == [["anna"], ["olle"], ["olle"], ["anna"]]


async def test_away_without_a_cover_leaves_it_to_the_next_of_the_account(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await say_away(w)
        await w.until(at(TUESDAY, 14, 1))

        assert [p.alerts for p in w.posts() if p.key.startswith("reply")] == [["anna"], ["bo"]]


async def test_who_leaves_an_account_without_anybody_is_told_so(tmp_path):
    async with world(tmp_path) as w:
        calm = await say_away(w, "bo")
        alone = await say_away(w, "anna")

        assert calm.card.parts == ()
        assert "På sex av dina konton är alla borta då." in words(alone.card)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"first": ""}, "first"),
        ({"last": ""}, "last"),
        ({"first": "i morgon"}, "first"),
        ({"last": "2026-02-30"}, "last"),
        ({"last": MON.isoformat()}, "last"),
        ({"first": "2026-11-01", "last": "2026-11-20"}, "last"),
        ({"last": "2062-11-25"}, "last"),
        ({"last": "9999-12-31"}, "last"),
        ({"cover": "anna"}, "cover"),
        ({"cover": "gast"}, "cover"),
        ({"cover": "no-such"}, "cover"),
    ],
)
async def test_a_value_that_cannot_be_is_refused_beside_its_field(tmp_path, values, field):
    async with world(tmp_path) as w:
        reply = await say_away(w, **values)

        assert isinstance(reply, Faults)
        assert list(reply.by_field) == [field]
        assert await absences(w) == []


async def test_back_earlier_the_watch_is_theirs_again_and_the_card_follows(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        noted = await say_away(w, first=MON.isoformat(), cover="olle")
        await w.until(at(TUESDAY, 9, 1))
        assert "Olle Utan" in words(w.posts(day=TUESDAY)[0].card)
        await w.press_on("anna", noted.card, "away.back")
        again = await w.press_on("anna", noted.card, "away.back")

        assert "Anna Ek" in words(w.posts(day=TUESDAY)[0].card)
        assert isinstance(again, Tell)
        assert await absences(w) == [("anna", MON, MON, "olle")]


async def test_what_is_planned_for_later_is_kept_when_one_is_away_today(tmp_path):
    async with world(tmp_path) as w:
        await say_away(w, first="2026-12-01", last="2026-12-04")
        await say_away(w, first=MON.isoformat(), last=MON.isoformat())
        await say_away(w, first=MON.isoformat(), last=TUESDAY.isoformat())

        assert sorted(a[1:3] for a in await absences(w)) == [
            (MON, TUESDAY), (MON.replace(month=12, day=1), MON.replace(month=12, day=4)),
        ]  # fmt: skip


async def test_nobody_changes_or_ends_the_absence_of_somebody_else(tmp_path):
    async with world(tmp_path) as w:
        absence = Absence(id="w1", person=PersonId("anna"), first=MON, last=THURSDAY)
        await w.seed(lambda tx: tx.save_absence(absence))
        values = {"first": MON.isoformat(), "last": MON.isoformat()}
        await w._then(w.desk.submit(w.call("olle"), "away", "w1", values))
        await w.press("olle", "away.back", "w1")

        assert ("anna", MON, THURSDAY, None) in await absences(w)
        assert ("olle", MON, MON, None) in await absences(w)


@pytest.mark.parametrize("ident", ["", "no-such", "\x00\ud800"])
async def test_back_from_nothing_is_harmless(tmp_path, ident):
    async with world(tmp_path) as w:
        assert isinstance(await w.press("anna", "away.back", ident), Tell)


async def test_covers_in_a_circle_end_at_the_next_of_the_account(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await say_away(w, "anna", cover="olle")
        await say_away(w, "olle", cover="anna")
        await w.until(at(TUESDAY, 14, 1))

        assert w.posts(day=TUESDAY)[1].alerts == ["bo"]


async def test_what_was_said_last_of_the_same_days_holds(tmp_path):
    async with world(tmp_path) as w:
        for last in ("2026-12-31", "2026-11-27"):
            await w.fill(
                "anna",
                (await w.press("anna", "away.new")).form,
                {"first": "2026-11-24", "last": last, "cover": ""},
            )
        async with w.bot.storage.read() as tx:
            register = await tx.register()

        assert register.away("anna", date(2026, 11, 25))
        assert register.away("anna", date(2026, 12, 4)) is None


async def test_what_is_planned_is_listed_changed_and_taken_back(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        assert (await w.say("anna", "sm-away")).form.id == "away"  # nothing is known yet
        noted = await say_away(w, first="2027-07-01", last="2027-07-31")
        assert "frågar jag Bo Lind i stället" in words(noted.card)
        listed = (await w.say("anna", "sm-away")).card
        form = (await w.press_on("anna", listed, "away.change")).form
        await w.fill("anna", form, {"last": "2027-08-08", "cover": "olle"})
        assert await absences(w) == [("anna", date(2027, 7, 1), date(2027, 8, 8), "olle")]

        listed = (await w.say("anna", "sm-away")).card
        assert "Olle Utan ersätter" in words(listed)
        form = (await w.press_on("anna", listed, "away.change")).form
        reply = await w.fill("anna", form, {"gone": "yes"})

        assert reply.card.title == "Tillbakataget. Jag frågar som vanligt."
        assert (await w.say("anna", "sm-away")).form.id == "away"
        assert (await w.press("anna", "away.change", form.state)).card.title == "Det gick inte"


async def test_the_head_sees_who_of_theirs_is_away_and_others_do_not(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await say_away(w, "anna", cover="olle")

        assert "Anna Ek: " in words((await w.say("heidi", "sm-away")).card)
        assert "Anna Ek: " in words((await w.say("karin", "sm-away")).card)
        assert (await w.say("bo", "sm-away")).form.id == "away"
