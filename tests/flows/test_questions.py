"""A question from the public, from the form to the last rung."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.commands import Quoted
from bot.model import Person, PersonId
from bot.view import Ask, Faults, Tell
from tests import spread
from tests.world import DAY, MONDAY, ZONE, at, buttons, words, world

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY.date() + n * DAY for n in range(1, 5))


def kinds(posts) -> list[str]:
    return [p.key.split(":")[1] if p.key.startswith("q") else p.key.split(":")[0] for p in posts]


def about(w, question: str):
    """All posts of a question anywhere."""
    return [p for p in w.chat.posts if p.key.startswith(question)]


# -- the form -----------------------------------------------------------------------------------


async def test_logging_puts_one_card_in_the_channel_that_alerts_nobody(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log(
            "anna", "bio0", MONDAY, text="När öppnar ni?", link="https://www.instagram.com/p/AbC/"
        )
        (post,) = about(w, question)

        assert (post.to, post.alerts) == ("biologi", [])
        assert [b.verb.partition(".")[2] for b in post.card.buttons] == [
            "take", "answered", "seen", "hand_on", "open", "why",
        ]  # fmt: skip
        assert "https://www.instagram.com/p/AbC/" in words(post.card)
        assert "När öppnar ni?" in words(post.card)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("posted", ""),
        ("posted", "igår"),
        ("posted", "2026-13-45T99:99"),
        ("posted", "2027-01-01T00:00:00+01:00"),
        ("posted", "9999-12-31T23:59:59-12:00"),
        ("posted", "0001-01-01T00:00:00+14:00"),
        ("posted", "2020-01-01"),
        ("where", ""),
        ("where", "everywhere"),
        ("kind", "x" * 5000),
        ("kind", ("question", "comment")),
        ("link", "javascript:alert(1)"),
        ("link", "https://[bad"),
        ("link", "https://x.com/" + "a" * 3000),
    ],
)
async def test_a_value_that_cannot_be_is_refused_beside_its_field_and_nothing_is_saved(
    tmp_path, field, value
):
    async with world(tmp_path) as w:
        form = (await w.say("anna", "sm-question")).form
        reply = await w.fill("anna", form, {"account": "bio0", field: value})

        assert isinstance(reply, Faults)
        assert list(reply.by_field) == [field]
        assert w.chat.posts == []


@pytest.mark.parametrize("account", spread.first(["bio0; DROP TABLE cases", "no-such", "", "\ud800"]))
async def test_an_unknown_account_is_refused_in_words(tmp_path, account):
    async with world(tmp_path) as w:
        form = (await w.say("anna", "sm-question")).form
        reply = await w.fill("anna", form, {"account": account})

        assert isinstance(reply, Tell | Faults)
        assert w.chat.posts == []


async def test_a_closed_account_takes_no_question(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.say("anna", "sm-question")).form
        closed = replace((await w.register()).accounts["bio0"], state="closed")
        await w.seed(lambda tx: tx.save_account(closed))

        assert isinstance(await w.fill("anna", form, {"account": "bio0"}), Faults)


@pytest.mark.parametrize("posted", ["2026-11-23T06:00", "2026-11-23 06:00:00", "2026-11-23T05:00:00Z"])
async def test_a_time_without_a_zone_is_the_offices_own(tmp_path, posted):
    async with world(tmp_path) as w:
        form = (await w.say("anna", "sm-question")).form
        await w.fill("anna", form, {"account": "bio0", "posted": posted})

        (question,) = await cases(w)
        assert question.posted_at == datetime(2026, 11, 23, 6, tzinfo=ZONE)


async def cases(w, kind: str = "question"):
    async with w.bot.storage.read() as tx:
        return await tx.open_cases(kind)


@pytest.mark.parametrize(
    "text", spread.first(["\ud800 \u202e <!channel> <@U1> *hej*", "x" * 5000, "a\x00b", "😀" * 400])
)
async def test_any_text_of_a_visitor_is_kept_as_text_and_short(tmp_path, text):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY, text=text)

        kept = (await w.case(question)).text
        assert len(kept) <= 280
        assert "\x00" not in kept
        assert about(w, question)[0].alerts == []


async def test_the_message_shortcut_brings_link_text_and_time_along(tmp_path):
    async with world(tmp_path) as w:
        quoted = Quoted(text="Hej " * 200, link="https://x.com/a/status/1", at=MONDAY - timedelta(hours=2))
        form = (await w.shortcut("anna", "log_question", quoted)).form

        given = {f.id: f.value for f in form.fields}
        assert given["link"] == quoted.link
        assert given["posted"] == quoted.at
        assert len(given["text"]) == 280


async def test_a_form_from_an_accounts_card_is_about_that_account(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.press("kalle", "question.open", "kem0")).form

        assert next(f.value for f in form.fields if f.id == "account") == "kem0"


async def test_the_same_post_is_not_logged_twice_however_its_link_was_copied(tmp_path):
    async with world(tmp_path) as w:
        await w.log("anna", "bio0", MONDAY, link="https://www.instagram.com/p/AbC/?igsh=1")
        form = (await w.say("bo", "sm-question")).form
        again = await w.fill("bo", form, {"account": "bio0", "link": "http://m.instagram.com/p/AbC"})
        other = await w.fill("bo", form, {"account": "bio0", "link": "https://instagram.com/p/abc"})

        assert list(again.by_field) == ["link"]
        assert isinstance(other, Tell)


# -- presses ------------------------------------------------------------------------------------


async def test_the_second_to_take_it_is_told_who_was_first(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        await w.press("anna", "question.take", question)
        version = (await w.case(question)).version
        reply = await w.press("bo", "question.take", question)
        again = await w.press("anna", "question.take", question)

        assert "Anna Ek" in reply.card.title
        assert isinstance(again, Tell)
        assert (await w.case(question)).version == version
        assert "Anna Ek" in words(about(w, question)[0].card)


async def test_a_press_on_a_stale_card_changes_nothing_and_says_who_saw_to_it(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        await w.press("anna", "question.answered", question)
        before = await w.case(question)
        for verb in ("answered", "seen", "take"):
            reply = await w.press("bo", f"question.{verb}", question)
            assert "Anna Ek" in reply.card.title
        form = (await w.press("bo", "question.hand_on", question)).form
        reply = await w.fill("bo", form, {"to": "fia"})

        assert "Anna Ek" in reply.card.title
        assert await w.case(question) == before
        assert w.posts("@fia") == []


async def test_only_a_comment_can_be_closed_as_seen(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY, where="direct")
        assert "question.seen" not in [b.verb for b in about(w, question)[0].card.buttons]
        await w.press("anna", "question.seen", question)

        assert (await w.case(question)).is_open


async def test_an_answer_can_be_taken_back(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        await w.press("anna", "question.answered", question)
        card = about(w, question)[0].card
        assert [b.verb for b in card.buttons] == ["question.reopen"]
        await w.press("anna", "question.reopen", question)

        assert (await w.case(question)).is_open
        assert about(w, question)[0].card.buttons[0].verb == "question.take"


async def test_handed_on_to_somebody_they_see_it_and_may_answer_and_the_clock_runs_on(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        waits = (await w.case(question)).wake_at
        form = (await w.press("anna", "question.hand_on", question)).form
        await w.fill("anna", form, {"to": "olle"})
        (told,) = w.posts("@olle")
        assert (await w.case(question)).wake_at == waits
        assert "Olle Utan" in words(about(w, question)[0].card)
        await w.press_on("olle", told.card, "question.answered")

        assert (await w.case(question)).ended_by == "olle"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"how": "forward", "to": ""}, "to"),
        ({"how": "forward", "to": "no-such"}, "to"),
        ({"how": "forward", "to": "gast"}, "to"),
        ({"how": "forward", "to": "borta"}, "to"),
        ({"how": "interim", "until": ""}, "until"),
        ({"how": "interim", "until": "snart"}, "until"),
        ({"how": "interim", "until": "2026-11-23T06:59"}, "until"),
        ({"how": "interim", "until": "9999-12-31T23:59"}, "until"),
    ],
)
async def test_handing_on_to_nobody_or_to_no_time_is_refused_beside_the_field(tmp_path, values, field):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        form = (await w.press("anna", "question.hand_on", question)).form
        reply = await w.fill("anna", form, values)

        assert isinstance(reply, Faults)
        assert list(reply.by_field) == [field]


@pytest.mark.parametrize(
    "verb", spread.first(["take", "show", "answered", "seen", "reopen", "hand_on", "why"], now=2)
)
async def test_a_press_on_what_is_not_there_is_answered_in_words(tmp_path, verb):
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        for ident in ("", "q9999", "bio0", "round:test:T1:biologi:2026-11-23", "\x00\ud800"):
            reply = await w.press("anna", f"question.{verb}", ident)
            assert reply.card.title == "Det gick inte", ident


async def test_why_writes_out_policy_spans_and_each_skipped_day_by_name(tmp_path):
    async with world(tmp_path) as w:
        w.clock.at = at(date(2026, 12, 23), 15)
        question = await w.log("anna", "bio0", at(date(2026, 12, 23), 15))
        form = (await w.press("anna", "question.why", question)).form

        said = repr(form)
        assert form.writes is False
        for name in ("julafton", "juldagen", "annandag jul", "söndag"):
            assert name in said.lower()


# -- the ladder ---------------------------------------------------------------------------------


async def test_unanswered_it_is_called_at_14_goes_on_in_the_morning_and_reaches_the_head_a_working_day_later(
    tmp_path,
):
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date(), 20))
        question = await w.log("anna", "bio0", at(MONDAY.date(), 20))  # due on Tuesday at 20:00
        await w.until(at(TUESDAY, 13, 59))
        assert kinds(about(w, question)) == ["card"]
        await w.until(at(TUESDAY, 14, 1))
        reply = next(p for p in w.posts(day=TUESDAY) if p.key.startswith("reply"))
        assert "bio0" in words(reply.card)
        await w.until(at(WEDNESDAY, 7, 59))
        assert kinds(about(w, question)) == ["card"]
        await w.until(at(WEDNESDAY, 8, 1))
        escalated = sorted(about(w, question)[1:], key=lambda p: p.to)
        assert [(p.to, p.at.astimezone(ZONE).hour) for p in escalated] == [
            ("biologi", 8),
            ("kommunikation", 8),
        ]
        assert [p.alerts for p in escalated] == [["bo"], ["karin"]]
        assert escalated[0].thread == about(w, question)[0].ref
        await w.until(at(THURSDAY, 9, 29))
        assert "Obesvarad" not in "".join(words(p.card) for p in w.posts("@heidi"))
        await w.until(at(THURSDAY, 9, 31))
        told = [p for p in w.posts("@heidi") if "bio0" in words(p.card) and "fråga" in words(p.card).lower()]
        assert [p.at for p in told] == [at(THURSDAY, 9, 30)]
        await w.until(at(THURSDAY + 14 * DAY, 23))

        assert kinds(about(w, question)) == ["card", "escalated", "escalated", "told_head"]
        assert all(
            "fråga på @bio0" not in words(p.card) for p in w.posts("@heidi") if p.at > at(THURSDAY, 10)
        )
        assert "@bio0" in words(w.posts("kommunikation")[-1].card)


async def test_an_answered_question_says_nothing_more(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        await w.press("anna", "question.answered", question)
        await w.until(at(FRIDAY, 23))

        assert kinds(about(w, question)) == ["card"]
        assert not any("Obesvarad fråga" in words(p.card) for p in w.chat.posts)


async def test_an_interim_reply_holds_the_escalation_until_its_time_and_once(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        form = (await w.press("anna", "question.hand_on", question)).form
        await w.fill("anna", form, {"how": "interim", "until": at(WEDNESDAY, 10).isoformat()})
        assert "ett första svar" in words(about(w, question)[0].card)
        await w.until(at(WEDNESDAY, 9))
        await w.fill("anna", form, {"how": "interim", "until": at(FRIDAY, 10).isoformat()})
        assert kinds(about(w, question)) == ["card"]
        await w.until(at(WEDNESDAY, 10, 1))

        assert kinds(about(w, question)) == ["card", "escalated", "escalated"]


async def test_after_a_long_sleep_the_head_alone_is_told_who_would_have_been(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        w.clock.at = at(FRIDAY, 9, 29)
        await w.until(at(FRIDAY, 9, 31))

        card, line = about(w, question)
        assert kinds([card, line]) == ["card", "told_head"]
        assert not line.alerts
        (told,) = w.posts("@heidi")
        assert "Bo Lind" in words(told.card)
        assert "ommunikation" in words(told.card)


async def test_karlstad_reminds_at_noon_once_with_the_round_and_not_again_at_14(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        await w.log("anna", "bio0", MONDAY)  # a reminder on Tuesday at 07:00
        await w.until(at(TUESDAY, 23))

        replies = [p for p in w.posts(day=TUESDAY) if p.key.startswith("reply")]
        assert [p.at for p in replies] == [at(TUESDAY, 12)]
        assert "@bio0" in words(replies[0].card)


async def test_a_reminder_due_after_the_collected_reply_stands_in_the_next_morning_card_only(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        await w.until(at(MONDAY.date(), 17))
        await w.log(
            "anna", "bio0", at(MONDAY.date(), 17)
        )  # a reminder on Tuesday at 17:00, last call on Wednesday
        await w.until(at(TUESDAY, 9, 1))
        await w.press("anna", "round.clear", f"round:test:T1:biologi:{TUESDAY}")
        await w.until(at(TUESDAY, 23))
        await w.until(at(WEDNESDAY, 9, 1))

        assert [p.key.split(":")[0] for p in w.posts(day=TUESDAY)] == ["round"]
        assert "fråga på @bio0" in words(w.posts(day=WEDNESDAY)[0].card)


async def test_a_question_logged_after_14_alerts_nobody_that_day(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        await w.press("anna", "round.clear", f"round:test:T1:biologi:{MONDAY.date()}")
        await w.until(at(MONDAY.date(), 15))
        await w.log("anna", "bio0", MONDAY)
        await w.until(at(MONDAY.date(), 23))

        assert [p.key for p in w.posts() if p.key.startswith("reply")] == []


@pytest.mark.parametrize("sunday", spread.first([date(2028, 3, 26), date(2027, 10, 31)]))
async def test_across_a_clock_change_a_weekend_question_goes_on_when_tuesday_opens(tmp_path, sunday):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        w.clock.at = at(sunday + DAY, 9)
        question = await w.log("anna", "bio0", at(sunday, 2, 30))
        assert (await w.case(question)).answer_by == at(sunday + 2 * DAY, 0)
        await w.until(at(sunday + 2 * DAY, 8, 1))

        assert [p.at for p in about(w, question)[1:]] == [at(sunday + 2 * DAY, 8)] * 2


async def test_over_christmas_a_question_waits_for_the_working_days(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        w.clock.at = at(date(2026, 12, 23), 16)
        question = await w.log("anna", "bio0", at(date(2026, 12, 23), 16))
        await w.until(at(date(2026, 12, 28), 15, 59))
        assert kinds(about(w, question)) == ["card"]
        await w.until(at(date(2026, 12, 28), 16, 1))
        assert kinds(about(w, question)) == ["card", "escalated", "escalated"]
        await w.until(at(date(2026, 12, 30), 9, 31))

        (told,) = [p for p in w.posts("@heidi") if "fråga på @bio0" in words(p.card)]
        assert told.at == at(date(2026, 12, 30), 9, 30)


async def test_a_substitute_who_has_left_is_not_alerted(tmp_path):
    async with world(tmp_path) as w:
        await w.seed(lambda tx: tx.save_person(Person(id=PersonId("bo"), name="Bo Lind", active=False)))
        question = await w.log("anna", "bio0", MONDAY)
        await w.until(at(TUESDAY, 9))

        thread = next(p for p in about(w, question)[1:] if p.to == "biologi")
        assert thread.alerts == []


async def test_a_question_on_an_account_without_a_channel_goes_to_communications_until_it_has_one(tmp_path):
    async with world(tmp_path) as w:
        homeless = replace((await w.register()).accounts["bio0"], place=None, state="gaps")
        await w.seed(lambda tx: tx.save_account(homeless))
        question = await w.log("anna", "bio0", MONDAY)
        assert [p.to for p in about(w, question)] == ["kommunikation"]
        form = (await w.press("anna", "account.place", "bio0")).form
        await w.fill("anna", form, {"place": "test:T1:kemi"})

        assert [p.to for p in about(w, question)] == ["kommunikation", "kemi"]


# -- why a card has the buttons it has ----------------------------------------------------------


@pytest.mark.long
async def test_no_card_of_a_question_has_more_than_six_buttons(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        await w.until(at(FRIDAY, 10))

        assert all(len(buttons(p.card)) <= 6 for p in about(w, question))


async def test_hand_on_asks_in_a_form_and_writes_nothing(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        version = (await w.case(question)).version

        assert isinstance(await w.press("anna", "question.hand_on", question), Ask)
        assert (await w.case(question)).version == version


async def test_a_question_on_the_wrong_account_is_put_right_and_moves_to_that_accounts_place(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        before = await w.case(question)
        form = (await w.press("anna", "question.hand_on", question)).form
        assert isinstance(await w.fill("anna", form, {"how": "account", "account": "bio0"}), Tell | Faults)
        assert (await w.case(question)).account == "bio0"
        reply = await w.fill("anna", form, {"how": "account", "account": "kem0"})
        assert "@kem0" in words(reply.card), reply
        await w.until(w.clock.at + timedelta(minutes=1))

        after = await w.case(question)
        assert (after.account, after.answer_by) == ("kem0", before.answer_by)
        assert "@kem0" in next(p for p in w.posts("kemi") if p.key.startswith(question)).card.title
        old = next(p for p in w.posts() if p.key == f"{question}:card")
        assert old.card.buttons == ()
