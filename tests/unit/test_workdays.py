"""Which days are worked, and how hours run over them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Refused
from bot.workdays import Calendar, OfficeHours, Skipped, Span

STOCKHOLM = ZoneInfo("Europe/Stockholm")
CALENDAR = Calendar()
DAY = timedelta(days=1)

days = st.dates(date(2005, 1, 1), date(2100, 11, 30))
calendars = st.sampled_from(
    [
        CALENDAR,
        Calendar(bridge_days_free=True),
        Calendar(closed=frozenset({date(2026, 11, 23), date(2027, 1, 7)})),
    ]
)
moments = st.datetimes(datetime(2005, 1, 1), datetime(2100, 10, 1), timezones=st.just(UTC))
near_now = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM)


def easter(year: int) -> date:
    """The Gregorian computus, so that the library's calendar is not checked by itself."""
    century, golden = year // 100, year % 19
    lunar = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    lunar -= (lunar // 28) * (1 - (29 // (lunar + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + lunar + 2 - century + century // 4) % 7
    month = 3 + (lunar - weekday + 40) // 44
    return date(year, month, lunar - weekday + 28 - 31 * (month // 4))


def free_by_hand(day: date) -> bool:
    """Weekends, the holidays that can fall on a weekday, and the three eves, for 2005 and later."""
    fixed = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}
    movable = {easter(day.year) + timedelta(days=days) for days in (-2, 1, 39)}
    midsummer_eve = next(date(day.year, 6, d) for d in range(19, 26) if date(day.year, 6, d).weekday() == 4)
    return day.weekday() > 4 or (day.month, day.day) in fixed or day in movable or day == midsummer_eve


@given(days)
def test_a_day_is_worked_unless_it_is_a_weekend_a_public_holiday_or_an_eve(day):
    assert CALENDAR.is_working_day(day) is not free_by_hand(day)


@pytest.mark.parametrize(
    ("day", "key", "sv", "en"),
    [
        (date(2026, 11, 21), "saturday", "lördag", "Saturday"),
        (date(2026, 11, 22), "sunday", "söndag", "Sunday"),
        (date(2026, 6, 19), "eve", "Midsommarafton", "Midsummer Eve"),
        (date(2026, 6, 20), "holiday", "Midsommardagen", "Midsummer Day"),
        (date(2026, 12, 24), "eve", "Julafton", "Christmas Eve"),
        (date(2026, 12, 31), "eve", "Nyårsafton", "New Year's Eve"),
        (date(2026, 5, 14), "holiday", "Kristi himmelsfärdsdag", "Ascension Day"),
    ],
)
def test_a_free_day_says_why_in_both_languages(day, key, sv, en):
    free = CALENDAR.why_free(day)

    assert free is not None
    assert (free.key, free.sv, free.en) == (key, sv, en)


def test_half_day_eves_and_bridge_days_are_worked_unless_the_employer_says_otherwise():
    maundy_thursday, after_ascension = date(2026, 4, 2), date(2026, 5, 15)

    assert CALENDAR.is_working_day(maundy_thursday)
    assert CALENDAR.is_working_day(after_ascension)
    assert Calendar(bridge_days_free=True).is_working_day(maundy_thursday)
    assert Calendar(bridge_days_free=True).why_free(after_ascension).key == "bridge"


def test_a_closed_date_is_free_and_says_so():
    assert Calendar(closed=frozenset({date(2026, 11, 23)})).why_free(date(2026, 11, 23)).key == "closed"


@given(calendars, st.dates(date(2005, 1, 1), date(2099, 1, 1)), st.integers(0, 30))
def test_counting_working_days_forward_and_back_comes_home(calendar, day, n):
    there = calendar.add_working_days(day, n)
    back = calendar.add_working_days(there, -n)

    assert n == 0 or calendar.is_working_day(there)
    assert back == day or not calendar.is_working_day(day)
    worked = sum(calendar.is_working_day(day + DAY * k) for k in range(1, (there - day).days + 1))
    assert worked == n


@given(calendars, days)
def test_the_next_and_the_previous_working_day_enclose_only_free_days(calendar, day):
    first, last = calendar.previous_working_day(day), calendar.next_working_day(day)

    assert first < day < last
    between = (first + DAY * k for k in range(1, (last - first).days))
    assert all(not calendar.is_working_day(found) for found in between if found != day)


def counted_by_hand(calendar: Calendar, arrival: datetime, hours: int) -> datetime:
    """Quarter by quarter of real time, looking each one's day up on the wall clock."""
    quarter, now, left = timedelta(minutes=15), arrival, hours * 4
    while left:
        left -= calendar.is_working_day(now.astimezone(STOCKHOLM).date())
        now += quarter
    return now


@given(calendars, near_now, st.integers(0, 100))
def test_hours_run_as_they_do_when_counted_by_hand(calendar, moment, hours):
    arrival = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)

    assert calendar.after_hours(arrival, hours) == counted_by_hand(calendar, arrival, hours)


@given(calendars, moments, moments, st.integers(1, 200))
def test_a_later_arrival_is_never_due_earlier(calendar, one, other, hours):
    first, second = sorted((one, other))

    assert calendar.after_hours(first, hours) <= calendar.after_hours(second, hours)


@given(calendars, moments, st.integers(1, 200))
def test_no_deadline_lies_inside_a_free_day(calendar, arrival, hours):
    due = calendar.after_hours(arrival, hours)
    just_before = calendar.local(due.astimezone(UTC) - timedelta(microseconds=1))

    assert calendar.is_working_day(just_before.date())


@given(calendars, moments, st.integers(1, 60), st.integers(1, 60))
def test_hours_can_be_counted_in_two_parts(calendar, arrival, some, more):
    in_two = calendar.after_hours(calendar.after_hours(arrival, some), more)

    assert in_two == calendar.after_hours(arrival, some + more)


def test_exactly_24_00_stays_24_00():
    friday = at(2026, 11, 20)

    assert CALENDAR.after_hours(friday, 24) == at(2026, 11, 21) == CALENDAR.end_of(friday.date())


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_sunday_on_which_the_clocks_change_adds_and_takes_nothing(sunday):
    friday = datetime.combine(sunday - 2 * DAY, time(16), STOCKHOLM)

    assert CALENDAR.after_hours(friday, 24) == datetime.combine(sunday + DAY, time(16), STOCKHOLM)


def test_a_working_day_of_23_hours_counts_23_hours():
    cairo = ZoneInfo("Africa/Cairo")  # its clocks change on a Friday, at a midnight that does not exist
    calendar = Calendar(zone="Africa/Cairo")

    due = calendar.after_hours(datetime(2024, 4, 25, 12, tzinfo=cairo), 24)

    assert due == datetime(2024, 4, 26, 13, tzinfo=cairo)


def test_a_wall_clock_time_is_found_where_the_clocks_change():
    assert CALENDAR.at(date(2026, 3, 29), time(2, 30)) == at(2026, 3, 29, 3, 30)
    assert CALENDAR.at(date(2026, 10, 25), time(2, 30)).utcoffset() == timedelta(hours=2)
    assert CALENDAR.at(date(2026, 10, 25), time(9)) == at(2026, 10, 25, 9)


@given(calendars, near_now, st.integers(1, 60))
def test_what_was_counted_adds_up_and_leaves_out_no_day(calendar, arrival, hours):
    due = calendar.after_hours(arrival, hours)

    parts = calendar.counted(arrival, due)

    spans = [part for part in parts if isinstance(part, Span)]
    real = (span.end.astimezone(UTC) - span.start.astimezone(UTC) for span in spans)
    assert sum(real, timedelta()) == timedelta(hours=hours)
    assert [part.day for part in parts] == [parts[0].day + DAY * k for k in range(len(parts))]


def test_the_why_card_names_each_skipped_day():
    parts = CALENDAR.counted(at(2026, 12, 23, 16), CALENDAR.after_hours(at(2026, 12, 23, 16), 24))

    assert [type(part) for part in parts] == [Span, Skipped, Skipped, Skipped, Skipped, Span]
    skipped = [part.free.sv for part in parts if isinstance(part, Skipped)]
    assert skipped == ["Julafton", "Juldagen", "Annandag jul", "söndag"]


def test_nothing_is_counted_before_the_arrival():
    assert CALENDAR.counted(at(2026, 11, 20, 16), at(2026, 11, 20, 16)) == ()


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        (at(2026, 11, 20, 7, 59), at(2026, 11, 20, 8)),
        (at(2026, 11, 20, 8), at(2026, 11, 20, 8)),
        (at(2026, 11, 20, 16, 59), at(2026, 11, 20, 16, 59)),
        (at(2026, 11, 20, 17), at(2026, 11, 23, 8)),
        (at(2026, 11, 21, 12), at(2026, 11, 23, 8)),
        (at(2026, 12, 24, 7), at(2026, 12, 28, 8)),
    ],
)
def test_what_falls_outside_office_hours_waits_for_the_next_opening(moment, opening):
    assert CALENDAR.next_opening(moment, OfficeHours()) == opening


@given(calendars, moments)
def test_the_next_opening_is_open_and_no_earlier_than_asked(calendar, moment):
    opening = calendar.next_opening(moment, OfficeHours())

    assert opening >= moment
    assert calendar.is_open(opening, OfficeHours())


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2101, 1, 1)])
def test_years_outside_the_known_calendar_are_refused(day):
    with pytest.raises(Refused) as refused:
        CALENDAR.is_working_day(day)

    assert refused.value.key == "calendar.out_of_range"
    assert refused.value.values["year"] == day.year


def test_a_deadline_beyond_the_known_calendar_is_refused():
    with pytest.raises(Refused):
        CALENDAR.after_hours(at(2100, 12, 30, 12), 48)
