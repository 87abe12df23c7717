"""The head's day: requests as one list, a deputy who acts as such, a decision on one page of paper."""

from bot.model import PersonId
from bot.texts import Texts
from bot.view import Items, Quote, Text
from tests.new_account import decisions, sent
from tests.world import World, buttons, words, world

SV = Texts("sv")


def list_of(card) -> tuple[list[str], list]:
    """Headings, and the lines under the first of them."""
    return [p.text for p in card.parts if isinstance(p, Text)], list(
        next(p for p in card.parts if isinstance(p, Items)).items
    )


def on_page(reply) -> str:
    return "\n".join(p.text for p in reply.form.intro if isinstance(p, Quote))


async def test_several_requests_are_one_list_for_the_head_and_the_deputy_and_each_is_decided_from_it(
    tmp_path,
):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await sent(w)
        await sent(w, changes={"platform.name": "@biologi_tva"})
        for who in ("heidi", "dag"):
            card = (await w.say(who, "sm-today")).card
            headings, lines = list_of(card)
            assert headings == [SV.many("today.decide", 2)]
            assert [line.button.verb for line in lines] == ["run.approval"] * 2
            assert ("ställföreträdare för Heidi Berg" in lines[0].note) is (who == "dag")
            home = await w.desk.home(w.call(who))
            assert SV.many("today.decide", 2) in words(home)
        one, two = list_of((await w.say("heidi", "sm-today")).card)[1]
        assert "@biologi_ny" in one.text
        assert "@biologi_tva" in two.text
        request = (await w.press("heidi", one.button.verb, one.button.arg)).card
        assert {b.verb for b in request.buttons} == {
            "approval.approve", "approval.back", "approval.reject", "approval.deputy", "run.read"}  # fmt: skip
        await w.press_on("heidi", request, "approval.approve")
        assert list_of((await w.say("heidi", "sm-today")).card)[0] == [SV.many("today.decide", 1)]


async def test_a_deputy_is_told_that_they_act_for_the_head_and_the_decision_and_its_page_say_so(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        ident = await sent(w)
        await w.press("heidi", "approval.deputy", f"{ident}|1")
        theirs = w.posts("@dag")[-1].card
        assert SV("approval.as_deputy", name="Heidi Berg") in words(theirs)
        assert "approval.deputy" not in {b.verb for b in buttons(theirs)}
        await w.press_on("dag", theirs, "approval.approve")
        [made] = await decisions(w)
        assert (made.body["decided_by"], made.personal["decided_for"]) == ("deputy", "Heidi Berg")

        await w.seed(lambda tx: _in_english(tx, w))
        page = on_page(await w.press("heidi", "decision.print", "1"))
        assert "Dag Sten, ställföreträdare för Heidi Berg" in page
        for fact in (
            "Dag: ",
            "Beslut: Kontot @biologi_ny",
            "Har lagt fram: Anna Ek",
            "Har deltagit: ",
            "Avsnitt",
            "Riktlinjer: ",
        ):
            assert fact in page, "in Swedish, as the organisation writes, whoever reads it"
        for who in ("olle", "sven", "adam", "gast", "borta"):
            assert not hasattr(await w.press(who, "decision.print", "1"), "form"), who


async def _in_english(tx, w: World) -> None:
    known = (await tx.register()).people[PersonId("heidi")]
    await tx.save_person(type(known)(id=known.id, name=known.name, email=known.email, language="en"))


async def test_home_leads_to_moderation_closing_and_decisions_and_a_head_to_their_accounts(tmp_path):
    async with world(tmp_path) as w:
        for who, own in (("anna", False), ("heidi", True)):
            home = await w.desk.home(w.call(who))
            others = (await w.press(who, "home.more")).card
            verbs = {b.verb for card in (home, others) for b in buttons(card)}
            assert {"moderation.start", "close.start", "decision.list"} <= verbs
            assert ("yearly.page" in verbs) is own
        for verb in ("moderation.start", "close.start", "yearly.page"):
            assert SV("refused.title") not in repr(await w.press("heidi", verb)), verb
        assert SV("decision.none") in repr(await w.press("heidi", "decision.list"))
