"""Who hears of a question that nobody answers, and what is said of it on the way."""

from dataclasses import replace

from bot.model import PersonId
from tests.flows.test_settings import page, see
from tests.world import DAY, MONDAY, at, words, world

MON = MONDAY.date()
TUESDAY, WEDNESDAY, THURSDAY = (MON + n * DAY for n in range(1, 4))


async def test_a_question_of_an_account_without_a_place_is_escalated_once(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        account = replace((await w.register()).accounts["bio0"], place=None, state="gaps")
        await w.seed(lambda tx: tx.save_account(account))
        question = await w.log("anna", "bio0", at(MON, 7))
        await w.until(at(TUESDAY, 12))

        assert [p.key for p in w.chat.posts if f"{question}:escalated" in p.key] == [
            f"{question}:escalated:communications"
        ]


async def test_a_question_that_reached_the_head_says_in_its_thread_who_was_told_and_alerts_nobody(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        question = await w.log("anna", "bio0", at(MON, 7))
        await w.until(at(THURSDAY, 23))
        card = next(p for p in w.posts() if p.key == f"{question}:card")
        (line,) = (p for p in w.posts() if p.key == f"{question}:told_head")

        assert "Heidi Berg" in line.card.title
        assert (line.alerts, line.thread, line.card.buttons) == ([], card.ref, ())
        assert at(WEDNESDAY, 8) <= line.at < at(WEDNESDAY, 17)


async def test_while_the_head_is_away_the_deputy_hears_what_goes_on_and_acts_and_without_one_communications(
    tmp_path,
):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        form = (await w.press("heidi", "away.new")).form
        await w.fill("heidi", form, {"first": MON.isoformat(), "last": THURSDAY.isoformat()})
        question = await w.log("anna", "bio0", at(MON, 7))
        await w.until(at(THURSDAY, 10))

        assert [p for p in w.posts("@heidi") if p.key.startswith("heads:")] == []
        said = [words(p.card) for p in w.posts("@dag") if p.key.startswith("heads:")]
        assert ["Obesvarad fråga" in said[0], "ingen uppgift två arbetsdagar" in said[0]] == [True, True]
        (line,) = (p for p in w.posts() if p.key == f"{question}:told_head")
        assert "Dag Sten" in line.card.title
        await w.press("dag", "question.answered", question)
        assert not (await w.case(question)).is_open

        form = (await w.press("karin", "left.open")).form
        await w.fill("karin", form, {"person": "dag"})
        reader = (await w.register()).answerer((await w.register()).accounts["bio0"], THURSDAY)
        assert reader == "karin"


async def test_a_second_interim_reply_promises_no_second_delay(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        question = await w.log("anna", "bio0", at(MON, 7))
        said = []
        for day in (TUESDAY, WEDNESDAY):
            form = (await w.press("anna", "question.hand_on", question)).form
            reply = await w.fill("anna", form, {"how": "interim", "until": at(day, 10).isoformat()})
            said.append("förrän den nya tiden" in words(reply.card))

        assert said == [True, False]


async def test_an_interim_reply_to_what_has_gone_on_promises_no_delay(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        question = await w.log("anna", "bio0", at(MON, 7))
        await w.until(at(TUESDAY, 12))
        form = (await w.press("anna", "question.hand_on", question)).form
        reply = await w.fill("anna", form, {"how": "interim", "until": at(WEDNESDAY, 10).isoformat()})

        assert "förrän den nya tiden" not in words(reply.card)


async def test_the_office_chooses_who_hears_and_where_no_substitute_is_there_communications_hears_all_the_same(
    tmp_path,
):
    async with world(tmp_path, accounts=2, chemistry=0) as w:
        form = await page(w, "karin", "times", "hearers")
        refused = await w.fill("karin", form, {"question.goes-on": ()})
        assert "ska alltid nå någon" in refused.by_field["question.goes-on"]
        given = {"question.goes-on": ("substitute",), "question.head": "-", "round.head": "-"}
        shown = await see(w, "karin", "times", "hearers", given)
        assert "När tiden för ett svar har gått ut får kontots ersättare veta det." in words(shown)
        assert "En arbetsdag senare får ingen mer veta det, men" in words(shown)
        done = (await w.press_on("karin", shown, "settings.apply")).card
        assert "förvalet blir Kontots ersättare" in words(done)

        alone = replace((await w.register()).accounts["bio1"], people=(PersonId("anna"),), state="gaps")
        await w.seed(lambda tx: tx.save_account(alone))
        both = [await w.log("anna", account, at(MON, 7)) for account in ("bio0", "bio1")]
        await w.until(at(THURSDAY, 10))
        told = [sorted(p.to for p in w.chat.posts if f"{q}:escalated" in p.key) for q in both]
        assert told == [["biologi"], ["biologi", "kommunikation"]]
        assert "ersättaren" in words(next(p for p in w.posts() if p.key == f"{both[0]}:card").card)
        assert w.posts("@heidi") == []

        await w.press_on("karin", done, "settings.undo")
        assert (await w.register()).office.hearers == {}
        again = await w.log("anna", "bio0", at(WEDNESDAY, 7))
        await w.until(at(THURSDAY + DAY, 10))
        assert {p.to for p in w.chat.posts if f"{again}:escalated" in p.key} == {"biologi", "kommunikation"}
