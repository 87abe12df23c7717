"""What a question does when somebody acts on it, or when time passes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.cases.base import TimePassed
from bot.cases.ladder import Hours
from bot.cases.question import Ended, Forwarded, Interim, Question, Reopened, Taken, decide, logged
from bot.model import Office, PersonId, Stamp
from bot.outgoing import HEAD
from bot.steps import Waits
from bot.workdays import Calendar

ZONE = ZoneInfo("Europe/Stockholm")
HOURS = Hours(calendar=Calendar(), office=Office())
ANNA, BO = PersonId("anna"), PersonId("bo")


def at(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


POSTED = at(23, 10)
FRESH = Question(
    id="q1", opened_at=POSTED, account="a", place="p", where="comment", kind="question", posted_at=POSTED,
    logged_by=ANNA, answer_by=at(24, 10), escalate_at=at(24, 10), head_at=at(25, 10),
    stamp=Stamp(pack="ki", version="1", digest="d"),
)  # fmt: skip
LOGGED = logged(FRESH, HOURS).case


def passed(question: Question, now: datetime):
    return decide(question, TimePassed(), now, HOURS)


def test_a_new_question_puts_one_card_in_its_place_and_sleeps_until_it_goes_on():
    move = logged(FRESH, HOURS)

    assert [(s.card, s.reader.id, s.lane) for s in move.says] == [("question", "p", "answer")]
    assert move.case.wake_at == at(24, 10)


def test_before_its_time_nothing_is_said():
    move = passed(LOGGED, at(24, 9))

    assert move.says == move.marks == ()
    assert move.case.wake_at == at(24, 10)


def test_at_its_time_it_goes_to_the_substitute_and_to_communications():
    move = passed(LOGGED, at(24, 10))

    assert [s.arg for s in move.says] == ["substitute", "communications"]
    assert move.case.wake_at == at(25, 10)


def test_whom_the_office_has_left_out_it_goes_on_to_no_more_and_without_the_head_it_is_looked_at_each_morning():
    waits = Waits(goes_on=("substitute",), question_head=False)
    hours = replace(HOURS, waits=waits)
    for now in (at(24, 10), at(30, 10)):  # on time, and after a long sleep
        move = decide(LOGGED, TimePassed(), now, hours)
        assert [s.arg for s in move.says] == ["substitute"]
        assert (move.case.rung, move.case.told, move.marks) == ("escalated", ("substitute",), ())
        assert move.case.wake_at == hours.next_morning(now)
    went = passed(LOGGED, at(24, 10)).case  # before the office left the head out
    still = decide(went, TimePassed(), at(25, 10), hours)
    assert (still.says, still.case.wake_at) == ((), hours.next_morning(at(25, 10)))
    assert [m.rung for m in passed(still.case, still.case.wake_at).marks] == ["head"]  # it hears again


def test_one_working_day_later_the_head_is_marked_and_then_it_sleeps_for_good():
    escalated = passed(LOGGED, at(24, 10)).case
    move = passed(escalated, at(25, 10))

    assert [(m.rung, m.reader) for m in move.marks] == [("head", HEAD)]
    assert [(say.card, say.threaded) for say in move.says] == [("told_head", True)]
    assert move.case.wake_at is None
    assert passed(move.case, at(30, 10)).marks == ()


def test_after_a_long_sleep_only_the_highest_rung_speaks_and_says_that_others_were_skipped():
    move = passed(LOGGED, at(30, 10))

    assert [say.card for say in move.says] == ["told_head"]
    assert [m.rung for m in move.marks] == ["head+skipped"]


def test_outside_office_hours_it_waits_for_the_morning():
    late = replace(LOGGED, escalate_at=at(24, 20), head_at=at(25, 20))

    assert passed(late, at(24, 20)).says == ()
    assert passed(late, at(24, 20)).case.wake_at == at(25, 8)
    assert [s.arg for s in passed(late, at(25, 8)).says] == ["substitute", "communications"]


def test_an_interim_reply_holds_the_next_rung_back_until_the_new_time_and_only_once():
    held = decide(LOGGED, Interim(by=ANNA, until=at(25, 12)), at(24, 9), HOURS).case
    again = decide(held, Interim(by=ANNA, until=at(27, 12)), at(24, 9), HOURS).case

    assert passed(held, at(24, 10)).says == ()
    assert held.wake_at == again.wake_at == at(25, 12)
    assert again.waits_until == at(27, 12)
    assert [s.arg for s in passed(again, at(25, 12)).says] == ["substitute", "communications"]
    assert again.head_at == at(26, 12)


def test_an_interim_reply_after_the_question_has_gone_on_changes_no_rung():
    escalated = passed(LOGGED, at(24, 10)).case
    held = decide(escalated, Interim(by=ANNA, until=at(27, 12)), at(24, 11), HOURS).case

    assert (held.rung, held.wake_at, held.head_at) == ("escalated", at(25, 10), at(25, 10))


def test_taking_it_stops_no_clock_and_taking_it_twice_changes_nothing():
    move = decide(LOGGED, Taken(by=ANNA), at(23, 11), HOURS)
    again = decide(move.case, Taken(by=ANNA), at(23, 12), HOURS)

    assert (move.case.taken_by, move.case.wake_at) == (ANNA, LOGGED.wake_at)
    assert (again.case, again.log) == (move.case, ())


def test_handing_it_on_stops_no_clock():
    move = decide(LOGGED, Forwarded(by=ANNA, to=BO), at(23, 11), HOURS)

    assert (move.case.forwarded_to, move.case.wake_at) == (BO, LOGGED.wake_at)
    assert [s.reader.id for s in move.says] == ["bo"]


events = st.one_of(
    st.builds(Taken, by=st.sampled_from([ANNA, BO])),
    st.builds(Ended, by=st.sampled_from([ANNA, BO]), how=st.sampled_from(["answered", "seen"])),
    st.builds(Reopened, by=st.just(ANNA)),
    st.builds(Forwarded, by=st.just(ANNA), to=st.just(BO)),
    st.builds(Interim, by=st.just(ANNA), until=st.sampled_from([at(24, 12), at(27, 12)])),
    st.just(TimePassed()),
)
steps = st.lists(st.tuples(events, st.integers(0, 60)), max_size=12)


@given(steps)
def test_whatever_happens_no_rung_speaks_twice_and_a_closed_question_says_nothing(found):
    question, now, said = LOGGED, POSTED.astimezone(UTC), []
    for event, hours in found:
        now += timedelta(hours=hours)
        over = not question.is_open
        move = decide(question, event, now, HOURS)
        if over and not isinstance(event, Reopened):
            assert move.case == question
            assert move.says == move.marks == move.log == ()
        said += [s.key for s in move.says if s.card == "escalation"] + [m.rung for m in move.marks]
        question = move.case
        assert question.is_open or question.wake_at is None
    assert len(said) == len(set(said))


@given(st.sampled_from([Taken(by=BO), Ended(by=BO, how="seen"), Forwarded(by=BO, to=ANNA), TimePassed()]))
def test_on_a_question_that_is_over_every_press_changes_nothing(event):
    over = decide(LOGGED, Ended(by=ANNA, how="answered"), at(23, 11), HOURS).case

    assert decide(over, event, at(30, 11), HOURS).case == over


def test_a_question_opened_again_is_told_of_at_once_when_its_time_has_passed():
    over = decide(LOGGED, Ended(by=ANNA, how="answered"), at(23, 11), HOURS).case
    back = decide(over, Reopened(by=ANNA), at(24, 11), HOURS).case

    assert (back.ended, back.wake_at) == ("", at(24, 11))
