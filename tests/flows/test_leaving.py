"""Somebody has left: no role from that day, nothing that names them after their time; and what one sees of oneself."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases import Question
from bot.guard import lack_of
from bot.model import Person, PersonId, Takeover
from bot.ports import Profile
from bot.service import leaving, retention
from bot.service.mydata import names
from bot.service.people import still_left
from bot.view import Faults
from tests.contract.samples import question
from tests.flows.test_retention import decide
from tests.world import MONDAY, at, words, world

FORMER = "En tidigare medarbetare"


async def test_whoever_has_left_does_nothing_more_and_is_named_nowhere_in_the_register_after_their_time(
    tmp_path,
) -> None:
    async with world(tmp_path) as w:
        assert isinstance(
            await w.fill("karin", (await w.press("karin", "left.open")).form, {"person": "karin"}), Faults
        )
        card = (await w.fill("karin", (await w.press("karin", "left.open")).form, {"person": "heidi"})).card
        assert "@bio0" not in words(card)  # Heidi is head by her unit, not by an account
        await w.press_on("karin", card, "left.back")
        assert (await w.register()).people["heidi"].may_act
        for who in ("anna", "heidi"):
            await w.fill("karin", (await w.press("karin", "left.open")).form, {"person": who})
        assert "Det gick inte" in words((await w.say("anna", "sm-today")).card)
        await decide(w, "left", days=90)
        w.clock.at += timedelta(days=90)
        assert await retention.run(w.bot, w.clock.now()) == {}
        w.clock.at += timedelta(days=1)
        assert await retention.run(w.bot, w.clock.now()) == {"left": 2}
        register = await w.register()
        assert register.people["anna"] == Person(
            id=PersonId("anna"), name=FORMER, active=False, left_on=MONDAY.date()
        )
        assert register.identities_of(PersonId("anna")) == ()
        assert register.accounts["bio0"].people == ("bo",)
        assert register.accounts["bio0"].state == "gaps"
        assert register.units["bio"].head is None
        assert await retention.run(w.bot, w.clock.now()) == {}
        assert "Namnet är redan borta" in words((await w.press("karin", "left.back", "anna")).card)


async def leaves(w, who: str):
    return await w.fill("karin", (await w.press("karin", "left.open")).form, {"person": who})


async def test_when_somebody_leaves_the_days_card_the_head_and_the_guard_follow_and_an_administrator_stays(
    tmp_path,
) -> None:
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        reply = await leaves(w, "adam")
        assert "Lägg till någon annan först" in reply.by_field["person"]
        assert (await w.register()).people["adam"].may_act

        today = MONDAY.date()
        await w.until(at(today, 9, 1))
        assert "Anna Ek" in words(w.posts()[0].card)
        card = (await leaves(w, "anna")).card
        assert "Anna Ek" not in words(w.posts()[0].card)
        assert "Bo Lind" in words(w.posts()[0].card)
        await leaves(w, "bo")
        assert "Bo Lind" not in words(w.posts()[0].card)
        async with w.bot.storage.read() as tx:
            assert len(await tx.open_cases("watch")) == 1
        register = await w.register()
        lack = lack_of(register, register.accounts["bio0"], None)
        assert (lack.kind, lack.people) == ("left", ("anna", "bo"))

        await w.press_on("karin", card, "left.back")
        assert "Anna Ek" in words(w.posts()[0].card)
        async with w.bot.storage.read() as tx:
            assert await tx.open_cases("watch") == []


async def test_an_account_that_the_platform_has_switched_off_counts_from_the_day_on_which_that_is_seen(
    tmp_path,
) -> None:
    async with world(tmp_path) as w:
        off = Profile(platform="test", realm="T1", user="bo", name="Bo Lind", active=False)
        await w.desk.meet(off)
        await leaving.note(w.bot, w.clock.now())
        w.clock.at += timedelta(days=5)
        await w.desk.meet(off)
        await leaving.note(w.bot, w.clock.now())
        assert (await w.register()).people["bo"].left_on == MONDAY.date()
        await w.desk.meet(Profile(platform="test", realm="T1", user="bo", name="Bo Lind"))
        assert (await w.register()).people["bo"].may_act


def test_who_was_noted_by_communications_stays_so_though_the_platform_still_has_them() -> None:
    left = Person(id=PersonId("bo"), name="Bo", left_on=MONDAY.date())
    profile = Profile(platform="test", realm="T1", user="bo", name="Bo")
    assert still_left(left, profile) == MONDAY.date()


async def test_one_sees_all_that_is_kept_about_oneself_and_nothing_about_others(tmp_path) -> None:
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date(), 10))
        await w.seed(lambda tx: _more_of(tx, "anna", "bo"))
        ident = await w.log("anna", "bio1", at(MONDAY.date(), 9), text="Är det öppet?")
        await w.log("bo", "bio2", at(MONDAY.date(), 9))
        card = (await w.say("anna", "sm-mina-uppgifter")).card
        facts = dict(next(part for part in card.parts if hasattr(part, "rows")).rows)
        assert (facts["Namn"], facts["Öppet som nämner dig"], facts["Det du har gjort här"]) == (
            "Anna Ek <anna@example.se>",
            "1",
            "1",
        )
        whole = ""
        page = (await w.press_on("anna", card, "mydata.all")).card
        while True:
            whole += words(page)
            if not any(b.verb == "mydata.all" and "Nästa" in b.label for b in page.buttons):
                break
            page = (await w.press("anna", "mydata.all", page.buttons[-1].arg)).card
        assert "fråga, @bio1 (Instagram)" in whole
        assert "question.logged" in whole
        for said in ("070-123 45 67", "får ändra inställningar", "den som tog över", "summer: fine"):
            assert said in whole, said
        assert "070-999" not in whole
        assert "handed" not in whole
        assert "@bio2 (Instagram), måndag" not in whole
        assert ident
        assert "Bo Lind" not in whole
        for foreign in ("bo", "999", "-1", "'"):
            answer = words((await w.press("anna", "mydata.all", foreign)).card)
            assert "Dina uppgifter, sida" in answer
            assert "Bo Lind" not in answer


async def _more_of(tx, who: str, other: str) -> None:
    """A telephone number, a takeover, a right and a noted answer; and of somebody else as well."""
    register = await tx.register()
    for person, phone in ((who, "070-123 45 67"), (other, "070-999 99 99")):
        await tx.save_person(replace(register.people[person], phone=phone))
    await tx.save_office(replace(register.office, changers=(PersonId(who),)))
    day = MONDAY.date()
    await tx.save_takeover(Takeover(id="o1", accounts=("bio3",), first=day, last=day, by=PersonId(who)))
    await tx.save_fact("season.answers", json.dumps({"summer": {who: "fine", other: "handed"}}))


@pytest.mark.parametrize(("who", "found"), [("anna", True), ("bo", False), ("ann", False), ("Anna", False)])
def test_a_case_names_somebody_by_their_whole_id_alone(who: str, *, found: bool) -> None:
    case = question(text="ann Anna")
    assert isinstance(case, Question)
    assert names(case, PersonId(who)) == found


def test_a_key_that_ends_in_somebody_names_them() -> None:
    assert names({"people.people|anna": (1, ("x",))}, PersonId("anna"))
    assert not names({"anna|x": None}, PersonId("anna"))
