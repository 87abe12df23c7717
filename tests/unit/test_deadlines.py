"""When a question is reminded of, due and passed on, for each pack."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import load, names
from bot.workdays import AnswerRule, Calendar, Deadlines, deadlines

STOCKHOLM = ZoneInfo("Europe/Stockholm")
CALENDAR = Calendar()
ONE_DAY_PACKS = [name for name in names() if name != "kau"]
moments = st.datetimes(datetime(2005, 1, 1), datetime(2100, 10, 1), timezones=st.just(UTC))
packs = st.sampled_from(names())


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM)


def due(pack: str, arrival: datetime) -> Deadlines:
    return deadlines(load(pack).answer, CALENDAR, arrival)


@pytest.mark.parametrize("pack", ONE_DAY_PACKS)
def test_a_pack_of_24_hours_is_due_and_passed_on_at_the_same_time_with_no_reminder(pack):
    found = due(pack, at(11, 18, 10))

    assert found == Deadlines(at(11, 18, 10), None, at(11, 18, 14), at(11, 19, 10), at(11, 19, 10))


@pytest.mark.parametrize("pack", ONE_DAY_PACKS)
def test_what_comes_in_at_a_weekend_is_due_by_the_end_of_monday(pack):
    assert due(pack, at(11, 21, 10)).answer_by == at(11, 24)
    assert due(pack, at(11, 22, 23, 59)).answer_by == at(11, 24)


def test_karlstad_reminds_after_24_hours_and_passes_on_after_48():
    found = due("kau", at(11, 16, 10))

    assert found == Deadlines(at(11, 16, 10), at(11, 17, 10), at(11, 17, 14), at(11, 18, 10), at(11, 18, 10))


def test_karlstads_saturday_question_is_due_before_the_one_of_friday_afternoon():
    friday, saturday = due("kau", at(11, 20, 16)), due("kau", at(11, 21, 10))

    assert friday.answer_by == at(11, 24, 16)
    assert saturday.answer_by == saturday.escalate_at == at(11, 24)
    assert saturday.remind_at == at(11, 23, 12)


@pytest.mark.parametrize(
    ("arrival", "answer_by"),
    [
        (at(12, 23, 15), at(12, 28, 15)),  # over Christmas
        (at(12, 24, 18), at(12, 29)),  # Christmas Eve is free
        (at(12, 30, 12), at(1, 4, 12, year=2027)),  # New Year's Eve, New Year's Day, a weekend
        (at(4, 2, 9), at(4, 7, 9)),  # over Easter
        (at(4, 3, 9), at(4, 8)),  # Good Friday: the end of Tuesday
        (at(5, 13, 13), at(5, 15, 13)),  # over Ascension Day
        (at(6, 18, 11), at(6, 22, 11)),  # over Midsummer
        (at(6, 19, 11), at(6, 23)),  # Midsummer Eve: the end of Monday
    ],
)
def test_holidays_and_eves_stop_the_clock(arrival, answer_by):
    assert due("ki", arrival).answer_by == answer_by


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize("pack", names())
def test_what_comes_in_while_the_clocks_change_is_due_by_the_end_of_monday(pack, sunday):
    for minute in range(0, 240, 20):
        arrival = datetime.combine(sunday, time(), STOCKHOLM).astimezone(UTC) + timedelta(minutes=minute)
        assert due(pack, arrival).answer_by == CALENDAR.end_of(sunday + timedelta(days=1))


@given(packs, moments)
def test_no_deadline_falls_inside_a_free_day(pack, arrival):
    found = due(pack, arrival)

    for moment in (found.remind_at, found.last_call, found.answer_by, found.escalate_at):
        if moment:
            before = (moment.astimezone(UTC) - timedelta(microseconds=1)).astimezone(STOCKHOLM)
            assert CALENDAR.is_working_day(before.date())


@given(packs, moments)
def test_every_deadline_follows_the_arrival_and_none_follows_the_escalation(pack, arrival):
    found = due(pack, arrival)

    assert arrival < found.answer_by <= found.escalate_at
    assert all(arrival < moment < found.answer_by for moment in (found.remind_at, found.last_call) if moment)


@given(st.sampled_from(ONE_DAY_PACKS), moments, moments)
def test_who_asks_later_is_never_due_earlier(pack, one, other):
    first, second = sorted((one, other))

    assert due(pack, first).answer_by <= due(pack, second).answer_by


@given(moments, moments)
def test_at_karlstad_too_two_questions_of_the_same_kind_of_day_keep_their_order(one, other):
    first, second = sorted((one, other))
    kinds = {CALENDAR.is_working_day(CALENDAR.local(moment).date()) for moment in (first, second)}

    assert len(kinds) == 2 or due("kau", first).answer_by <= due("kau", second).answer_by


@given(packs, moments)
def test_the_last_call_leaves_two_hours_on_the_last_working_day_that_has_them(pack, arrival):
    found = due(pack, arrival)

    calls = [CALENDAR.at(CALENDAR.local(arrival).date() + timedelta(days=n), time(14)) for n in range(-1, 30)]
    fitting = [
        call
        for call in calls
        if CALENDAR.is_working_day(call.date())
        and arrival < call
        and call + timedelta(hours=2) <= found.answer_by
    ]
    assert found.last_call == (max(fitting) if fitting else None)


@pytest.mark.parametrize(
    ("arrival", "last_call"),
    [
        (at(11, 18, 16), at(11, 19, 14)),  # due at 16:00: exactly two hours
        (at(11, 18, 15, 59), None),  # one minute less, and yesterday's 14:00 is past
        (at(11, 18, 13), at(11, 18, 14)),
        (at(11, 21, 10), at(11, 23, 14)),
    ],
)
def test_a_question_that_came_in_after_the_last_fitting_14_00_has_no_last_call(arrival, last_call):
    assert due("ki", arrival).last_call == last_call


def test_the_hour_of_the_last_call_is_a_setting():
    found = deadlines(AnswerRule(24, None, 24), CALENDAR, at(11, 18, 10), last_call_hour=time(11))

    assert found.last_call == at(11, 18, 11)


def test_a_free_bridge_day_moves_the_deadline():
    calendar = Calendar(bridge_days_free=True)

    assert deadlines(load("ki").answer, calendar, at(5, 13, 13)).answer_by == at(5, 18, 13)


def test_everything_is_given_in_the_calendars_zone():
    found = due("kau", datetime(2026, 11, 21, 9, tzinfo=UTC))

    assert {moment.tzinfo for moment in vars(found).values() if moment} == {STOCKHOLM}
