"""The first week of a place: cards from the day after its welcome, five quiet working days (users.md U11)."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.cases.base import TimePassed
from bot.cases.question import decide, logged
from bot.first_week import QUIET_DAYS, is_quiet, last_quiet_day, may_ask, quiet_until
from bot.model import Place
from bot.workdays import Calendar
from tests.unit.test_question_rules import FRESH, HOURS, ZONE, at

CALENDAR = Calendar()
PLACE = Place(id="p", platform="t", realm="T", channel="p", name="p")
WELCOMED = st.dates(date(2024, 1, 1), date(2030, 12, 1))


def met(day: date) -> Place:
    return replace(PLACE, welcomed=day)


def test_a_place_that_has_not_been_welcomed_is_not_asked_and_all_is_quiet_there():
    assert not may_ask(PLACE, date(2026, 11, 23))
    assert is_quiet(CALENDAR, PLACE, date(2026, 11, 23))
    assert last_quiet_day(CALENDAR, PLACE) is None


def test_what_stands_in_no_place_is_never_quiet():
    assert not is_quiet(CALENDAR, None, date(2026, 11, 23))
    assert quiet_until(CALENDAR, None, date(2026, 11, 23)) is None


@given(WELCOMED)
def test_the_welcome_is_that_days_post_and_cards_may_come_from_the_day_after(day):
    assert not may_ask(met(day), day)
    assert may_ask(met(day), day + timedelta(days=1))


@given(WELCOMED)
def test_exactly_five_working_days_after_the_welcome_are_quiet_and_then_none(day):
    following = [day + timedelta(days=n) for n in range(1, 30)]
    quiet = [d for d in following if is_quiet(CALENDAR, met(day), d)]
    assert sum(CALENDAR.is_working_day(d) for d in quiet) == QUIET_DAYS
    assert quiet == following[: len(quiet)]
    assert CALENDAR.is_working_day(quiet[-1])


@given(WELCOMED, st.integers(min_value=0, max_value=20))
def test_the_moment_at_which_it_ends_is_the_midnight_after_the_last_quiet_day(day, later):
    now = day + timedelta(days=later)
    until = quiet_until(CALENDAR, met(day), now)
    assert (until is None) == (not is_quiet(CALENDAR, met(day), now))
    if until:
        assert until == CALENDAR.end_of(last_quiet_day(CALENDAR, met(day)))
        assert until.time() == time()


def test_a_week_that_begins_on_a_friday_ends_with_the_next_friday():
    assert last_quiet_day(CALENDAR, met(date(2026, 11, 20))) == date(2026, 11, 27)


def test_holidays_and_eves_do_not_count():
    assert last_quiet_day(CALENDAR, met(date(2026, 12, 22))) == date(2027, 1, 4)  # 23, 28, 29, 30 Dec, 4 Jan


def test_the_change_of_clocks_moves_no_day():
    until = quiet_until(CALENDAR, met(date(2026, 10, 23)), date(2026, 10, 26))  # clocks change on the 25th
    assert until == datetime(2026, 10, 31, tzinfo=ZONE)


QUIET = replace(FRESH, quiet_until=at(28, 0))
"""Due on Tuesday at ten, in a place that is quiet until the end of Friday."""


def test_a_question_in_the_first_week_says_once_that_it_waits_and_goes_on_when_the_week_is_over():
    asked = logged(QUIET, HOURS).case
    soft = decide(asked, TimePassed(), at(24, 10), HOURS)
    again = decide(soft.case, TimePassed(), at(25, 10), HOURS)
    over = decide(again.case, TimePassed(), at(30, 8), HOURS)

    assert asked.wake_at == at(24, 10)
    assert [(s.card, s.reader.kind, s.threaded) for s in soft.says] == [("quiet", "place", True)]
    assert (again.says, again.marks) == ((), ())
    assert soft.case.wake_at == again.case.wake_at == at(30, 8)  # Monday, when the office opens
    assert {s.arg for s in over.says} == {"substitute", "communications"}
    assert over.case.head_at == at(30, 0) + timedelta(days=1)


def test_a_bot_that_slept_through_the_first_week_says_nothing_soft_afterwards():
    late = decide(logged(QUIET, HOURS).case, TimePassed(), at(30, 8), HOURS)
    assert {s.card for s in late.says} == {"escalation"}


@given(
    st.datetimes(datetime(2026, 11, 23, 10), datetime(2026, 11, 27, 23, 59)).map(
        lambda d: d.replace(tzinfo=ZONE)
    )
)
def test_before_the_week_is_over_nobody_else_hears_of_a_question(now):
    move = decide(logged(QUIET, HOURS).case, TimePassed(), now, HOURS)
    assert all(s.card == "quiet" for s in move.says)
    assert move.marks == ()
