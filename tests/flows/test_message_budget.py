"""How often the bot speaks (users.md, "The budget of messages and presses"), counted."""

from datetime import date, timedelta

import pytest

from tests.filed import file
from tests.world import MONDAY, at, words, world

TUESDAY = date(2026, 11, 24)
SATURDAY = date(2026, 11, 28)
NEXT_MONDAY = date(2026, 11, 30)


async def test_an_ordinary_day_is_one_post_one_press_and_no_alert(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        (card,) = w.posts()
        assert len(card.card.buttons) == 3
        assert "Fem" in card.card.title or "fem" in card.card.title
        reply = await w.press_on("anna", card.card, "round.clear")
        assert "fem konton" in reply.card.title
        await w.until(at(MONDAY.date(), 23))

        assert [p.key for p in w.posts()] == [card.key]
        assert card.alerts == []
        assert card.card.title == "Genomgånget i dag."
        assert len(w.posts("kommunikation")) == 1


async def test_an_unanswered_tuesday_is_one_reply_then_a_line_next_morning_and_nothing_to_the_head(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        await w.press_on("anna", w.posts()[0].card, "round.clear")
        await w.until(at(TUESDAY, 23))
        tuesday = w.posts(day=TUESDAY)
        assert len(tuesday) == 2
        assert tuesday[1].thread == tuesday[0].ref
        assert tuesday[1].at == at(TUESDAY, 14)
        assert tuesday[1].alerts == ["anna"]
        await w.until(at(TUESDAY + timedelta(days=1), 9, 1))

        wednesday = w.posts(day=TUESDAY + timedelta(days=1))[0]
        assert wednesday.alerts == ["bo"]
        assert "Jag tittade, glömde säga till" in words(wednesday.card)
        assert w.posts("@heidi") == []


async def test_whoever_an_escalation_alerted_is_named_in_plain_text_in_the_morning_card(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        await w.log("anna", "bio0", at(MONDAY.date(), 8, 30))
        await w.until(at(TUESDAY, 9, 5))

        escalated, card = w.posts(day=TUESDAY)
        assert (escalated.alerts, card.alerts) == (["bo"], [])
        assert "Bo Lind, " in words(card.card)

        await w.until(at(TUESDAY + timedelta(days=1), 23))
        for day in (TUESDAY, TUESDAY + timedelta(days=1)):
            alerted = [who for p in w.posts(day=day) for who in p.alerts]
            assert sorted(alerted) == ["anna", "bo"]


async def test_two_unanswered_working_days_reach_the_head_once_in_one_collected_message(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date() + timedelta(days=4), 16))

        told = [p for p in w.posts("@heidi") if p.key.startswith("heads:")]
        assert len(told) == 1
        assert told[0].at == at(date(2026, 11, 25), 9, 30)


async def test_where_the_office_wants_three_days_the_head_hears_after_the_third(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0, unlooked_days=3) as w:
        await w.until(at(MONDAY.date() + timedelta(days=4), 16))
        (told,) = [p for p in w.posts("@heidi") if p.key.startswith("heads:")]
        assert told.at == at(date(2026, 11, 26), 9, 30)
        assert "ingen uppgift tre arbetsdagar i rad" in words(told.card)


async def test_a_weekend_with_three_questions_is_one_card_three_question_cards_and_one_reply(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        await w.until(at(SATURDAY, 10))
        before = len(w.posts())
        await w.until(at(NEXT_MONDAY, 9, 1))
        questions = [await w.log("anna", f"bio{n}", at(SATURDAY, 12 + n)) for n in range(3)]
        await w.until(at(NEXT_MONDAY, 14, 30))
        monday = w.posts(day=NEXT_MONDAY)
        for question in questions:
            await w.press("anna", "question.answered", question)
        await w.until(at(NEXT_MONDAY, 23))

        kinds = [p.key.split(":")[0] for p in monday]
        assert before > 0
        assert kinds.count("round") == 1
        assert kinds.count("reply") == 1
        assert next(p for p in monday if p.key.startswith("reply")).at == at(NEXT_MONDAY, 12)
        assert len(monday) == 5
        assert w.posts(day=NEXT_MONDAY) == monday
        assert not any(p.key.split(":")[1] == "escalated" for p in w.chat.posts if ":" in p.key)


async def test_nothing_is_said_on_a_free_day_without_a_duty(tmp_path):
    async with world(tmp_path, pack="ki-2021") as w:
        await w.until(at(NEXT_MONDAY, 6))

        weekend = [p for p in w.chat.posts if p.at >= at(SATURDAY, 0)]
        assert weekend == []
        async with w.bot.storage.read() as tx:
            days = await tx.days(account="bio0", first=SATURDAY, last=SATURDAY)
        assert [d.outcome for d in days] == ["no_watch"]


@pytest.mark.long
async def test_the_registrar_hears_once_a_working_day_however_much_is_filed_and_the_channel_hears_nothing(
    tmp_path,
):
    async with world(tmp_path) as w:
        for day in range(7):
            await w.until(at(MONDAY.date() + timedelta(days=day), 8))
            for account in ("bio0", "bio1", "kem0"):
                await file(w, account=account)
        await w.until(at(NEXT_MONDAY + timedelta(days=4), 23))

        told = [p.at for p in w.posts("@rita")]
        assert told == [at(MONDAY.date() + timedelta(days=n), 10) for n in (0, 1, 2, 3, 4, 7)]
        assert not any(p.key.startswith("bundle") for p in w.chat.posts if p.to != "@rita")


@pytest.mark.long
@pytest.mark.parametrize("quarter", range(4))
async def test_in_a_year_a_channel_has_one_card_a_working_day_and_never_more_than_two_posts(
    tmp_path, quarter
):
    """A year in four quarters of thirteen weeks, so that two workers share it; nobody ever answers."""
    first = MONDAY.date() + timedelta(weeks=13 * quarter)
    days = [first + timedelta(days=n) for n in range(13 * 7)]
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        w.clock.at = at(first, 0, 1)
        await file(w)
        await w.until(at(days[-1], 23))

        by_day: dict[date, list[str]] = {}
        for post in w.posts():
            by_day.setdefault(post.at.astimezone(MONDAY.tzinfo).date(), []).append(post.key.split(":")[0])
        calendar = w.bot.pack.calendar()
        assert sorted(by_day) == [day for day in days if calendar.is_working_day(day)]
        assert all(sorted(kinds) == ["reply", "round"] for kinds in by_day.values())
        alerts = [
            (p.at.date(), p.to, who) for p in w.posts() for who in p.alerts if p.key.startswith("reply")
        ]
        assert len(alerts) == len(set(alerts))
        told = [p.at.astimezone(MONDAY.tzinfo).date() for p in w.posts("@rita")]
        begin_weeks = {day.isocalendar()[:2]: day for day in reversed(days) if calendar.is_working_day(day)}
        assert told == sorted(begin_weeks.values())
        heads = [p.at.date() for p in w.posts("@heidi")]
        assert len(heads) == len(set(heads))
