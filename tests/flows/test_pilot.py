"""The trial: only these channels, everything else silent, alarms from anywhere, and no flood when it ends (users.md U11)."""

from dataclasses import replace

import pytest

from bot import plan
from bot.model import Absence, PersonId, Season, Unit
from bot.organisation import BadOrganisation, parse
from bot.service import day
from bot.service.base import Work
from bot.texts import Texts
from bot.view import Faults
from smbot.doctor import of_setup
from tests.world import DAY, MONDAY, at, buttons, unmet, words, world

TODAY = MONDAY.date()
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (TODAY + n * DAY for n in (1, 2, 3, 4))
BIOLOGI, KEMI = "test:T1:biologi", "test:T1:kemi"
SV = Texts("sv")


async def try_in(w, *places: str, who: str = "karin"):
    form = (await w.press(who, "pilot.open")).form
    return await w.fill(who, form, {"how": "some" if places else "all", "places": places})


@pytest.mark.long
async def test_what_a_trial_leaves_out_is_silent_and_begins_on_the_working_day_after_it_ended(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(TODAY, 8, 30))  # the day is planned, and nobody is asked yet
        late = await w.log("anna", "kem0", at(TODAY, 8))
        before = len(w.posts("kemi"))
        told = await try_in(w, BIOLOGI)
        assert SV("pilot.only", names="#biologi") == told.card.title
        assert SV.many("pilot.silent_accounts", 1) in words(told.card)

        await w.until(at(WEDNESDAY, 16))
        assert len(w.posts("kemi")) == before
        assert await w.days("kem0", TODAY) == ["not_asked"]
        assert await w.days("kem0", TUESDAY) == []
        assert [p.key.split(":")[0] for p in w.posts("biologi", TUESDAY)] == ["round", "reply"]
        assert not [p for p in w.chat.posts if late in p.key and p.to != "kemi"]
        digest = next(p for p in w.posts("kommunikation", WEDNESDAY) if p.key.startswith("digest"))
        home = await w.desk.home(w.call("karin"))
        for card in (digest.card, home):
            assert SV("pilot.on", names="#biologi") in words(card)
        [found] = [f for f in of_setup(await w.register()) if f.key == "pilot"]
        assert found.note
        assert "#biologi" in found.text(SV)

        refused = await w.desk.submit(w.call("anna"), "question.log", "", _question("kem0"))
        assert refused == Faults(by_field={"account": SV("pilot.silent", office=_office(w, "sv"))})
        alarm = (await w.say("anna", "sm-alarm", channel="kemi")).form
        await w.fill("anna", alarm, {"kind": "threat", "account": "kem0"})
        assert w.posts("sakerhet") or w.posts("@sven")

        over = await try_in(w)
        assert SV("pilot.everywhere") == over.card.title
        await w.until(at(WEDNESDAY, 23, 59))
        assert len(w.posts("kemi")) == before
        await w.until(at(THURSDAY, 9, 30))
        assert [(p.key.split(":")[0], p.at) for p in w.posts("kemi", THURSDAY)] == [
            (late, at(THURSDAY, 8)), ("round", at(THURSDAY, 9)),
        ]  # fmt: skip
        assert [p.at for p in w.posts("@heidi", THURSDAY) if p.key.startswith("heads")] == [
            at(THURSDAY, 9, 30)
        ]


async def chemistry_of_olle(tx) -> None:
    """Olle heads an account in a place that the trial leaves out: one of its people has gone, the other is away on Friday."""
    register = await tx.register()
    season = Season(name="christmas", asked="11-24", first="12-21", last="01-08")
    await tx.save_office(replace(register.office, seasons=(season,), pilot=frozenset({BIOLOGI})))
    await tx.save_unit(Unit(id="kem", name="Kemi", head=PersonId("olle")))
    people = (PersonId("sara"), PersonId("borta"))
    await tx.save_account(replace(register.accounts["kem0"], unit="kem", people=people))
    await tx.save_absence(Absence(id="w1", person=PersonId("sara"), first=FRIDAY, last=FRIDAY))


async def with_a_yearly_page(w) -> set[str]:
    async with w.bot.storage.read() as tx:
        work = Work(bot=w.bot, tx=tx, now=w.clock.at, register=await tx.register())
        month = int(str(w.bot.pack.parameters["heads.yearly"].value))
        due = at(TODAY.replace(year=2027, month=month, day=15), 10)
        return {page.head for page in plan.yearly(day.sky(work), due)}


async def test_a_trial_asks_no_head_of_what_it_leaves_out_and_its_end_finds_the_rest(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=1) as w:
        await w.seed(chemistry_of_olle)
        await w.until(at(WEDNESDAY, 10))
        assert w.posts("@olle") == []
        assert all(w.posts("@heidi", d) for d in (TODAY, TUESDAY))  # free days, then the season
        assert await with_a_yearly_page(w) == {"heidi"}
        await try_in(w)
        await w.until(at(THURSDAY, 10))

        (message,) = w.posts("@olle", THURSDAY)
        opened = {(b.verb, b.arg.partition("|")[0]) for b in buttons(message.card)}
        assert ("season.open", "christmas-2026") in opened
        assert len([verb for verb, _ in opened if verb == "watch.show"]) == 2  # Friday, and free days
        assert "kem0" in words(message.card)  # somebody has left
        assert await with_a_yearly_page(w) == {"heidi", "olle"}


async def test_a_place_that_was_silent_from_the_start_is_welcomed_when_it_is_let_in(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await unmet(w, "biologi", "kemi")
        await try_in(w, BIOLOGI)
        await w.until(at(TUESDAY, 10))
        assert [p.key.split(":")[0] for p in w.posts("biologi")] == ["welcome", "round"]
        assert w.posts("kemi") == []
        await try_in(w)
        await w.until(at(TUESDAY, 16))
        assert w.posts("kemi") == []
        await w.until(at(THURSDAY, 10))
        assert [(p.key.split(":")[0], p.at) for p in w.posts("kemi")] == [
            ("welcome", at(WEDNESDAY, 8)), ("round", at(THURSDAY, 9)),
        ]  # fmt: skip


async def test_only_communications_chooses_and_nobody_forges_it(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        for who in ("anna", "heidi", "dora", "adam", "rita", "gast", "borta"):
            asked = await w.press(who, "pilot.open")
            forged = await w.desk.submit(w.call(who), "pilot", "", {"how": "some", "places": (KEMI,)})
            assert asked.card.title == forged.card.title == SV("refused.title"), who
        assert (await w.register()).office.pilot is None
        nowhere = await w.desk.submit(w.call("karin"), "pilot", "", {"how": "some", "places": ()})
        made_up = await w.desk.submit(
            w.call("karin"), "pilot", "", {"how": "some", "places": ("test:T1:hittepå",)}
        )
        assert nowhere == made_up == Faults(by_field={"places": SV("form.choose")})
        assert (await w.register()).office.pilot is None
        assert "pilot.open" in [b.verb for b in buttons((await w.say("karin", "sm-accounts")).card)]


async def test_a_new_person_on_a_silent_account_hears_nothing(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await try_in(w, BIOLOGI)
        form = (await w.press("karin", "account.edit", "kem0")).form
        await w.fill("karin", form, {"people": ("anna", "bo", "olle")})
        assert w.posts("@olle") == []
        assert PersonId("olle") in (await w.register()).accounts["kem0"].people


def test_the_organisation_file_may_name_the_channels_of_a_trial_and_only_channels_that_it_has():
    head = 'name = "U"\n[[channel]]\nname = "#a"\n'
    assert parse('pilot = ["#a"]\n' + head).pilot == ("#a",)
    assert parse(head).pilot is None
    with pytest.raises(BadOrganisation) as bad:
        parse('pilot = ["#b"]\n' + head)
    assert bad.value.faults == ("pilot: there is no channel #b",)


def _question(account: str) -> dict[str, str]:
    return {"account": account, "where": "comment", "kind": "question", "posted": at(TODAY, 8).isoformat()}


def _office(w, language: str) -> str:
    return w.bot.pack.names.communications.of(language)
