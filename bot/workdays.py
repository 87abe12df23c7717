"""Swedish working days, office hours and deadlines: pure reckoning, no clock.

Days and office hours are reckoned on the wall clock of the calendar's zone, hours as elapsed time.
The instant "24:00" of a day is the midnight that begins the next one; texts word it "by the end of Monday".
The words this follows stand in docs ("Working days and deadlines"); the settings in the packs (KISV-54, KISV-55, KAU-44, KAU-45).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

from bot.model import Refused

FIRST_YEAR, LAST_YEAR = 2000, 2100
ONE_DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR = 3_600_000_000  # in microseconds: the tables count whole ones, so nothing is ever rounded

FreeKey = Literal["saturday", "sunday", "holiday", "eve", "bridge", "closed"]


@dataclass(frozen=True)
class Free:
    """Why a day is no working day: a key, and its name in both languages."""

    key: FreeKey
    sv: str
    en: str


@dataclass(frozen=True)
class Span:
    """A counted stretch of one working day, from `start` to `end` (both in the calendar's zone)."""

    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Skipped:
    """A day, or the rest of one, on which the clock stood still."""

    day: date
    free: Free


@dataclass(frozen=True)
class OfficeHours:
    """Wall-clock hours of a working day; `closes` itself is outside. Default 08:00 to 17:00."""

    opens: time = time(8)
    closes: time = time(17)


SATURDAY = Free("saturday", "lördag", "Saturday")
SUNDAY = Free("sunday", "söndag", "Sunday")
BRIDGE = Free("bridge", "klämdag", "bridge day")
CLOSED = Free("closed", "stängt", "closed")


@lru_cache(maxsize=256)
def _holidays(year: int) -> dict[date, Free]:
    """Public holidays and the three de-facto eves of a year, by date."""
    found: dict[date, Free] = {}
    kinds: tuple[tuple[str, FreeKey], ...] = (("de_facto", "eve"), ("public", "holiday"))
    for category, key in kinds:
        swedish = holidays.country_holidays("SE", years=year, categories=(category,), language="sv")
        english = holidays.country_holidays("SE", years=year, categories=(category,), language="en_US")
        found |= {day: Free(key, swedish[day], english[day]) for day in list(swedish)}
    return found


def _weekend(day: date) -> Free | None:
    return {5: SATURDAY, 6: SUNDAY}.get(day.weekday())


def _in_range(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused("calendar.out_of_range", year=day.year, first=FIRST_YEAR, last=LAST_YEAR)


@dataclass(frozen=True)
class _Year:
    """One year's working days, in microseconds: when each starts and ends, and what was counted before it."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int
    over: int  # the midnight that ends the year

    def before_at(self, moment: int) -> int:
        """What was counted of the year until `moment`."""
        at = bisect_right(self.starts, moment) - 1
        return 0 if at < 0 else self.before[at] + min(moment, self.ends[at]) - self.starts[at]

    def reach(self, goal: int) -> int:
        """The earliest instant at which `goal` (above 0, at most `total`) was counted."""
        at = bisect_left(self.before, goal) - 1
        return self.starts[at] + goal - self.before[at]


@lru_cache(maxsize=512)
def _year(zone: str, bridge_days_free: bool, closed: frozenset[date], year: int) -> _Year:
    _in_range(date(year, 1, 1))
    calendar = Calendar(zone, bridge_days_free, closed)
    days = [day for day in _days(date(year, 1, 1), date(year, 12, 31)) if calendar.is_working_day(day)]
    starts = [_microseconds(_midnight(zone, day)) for day in days]
    ends = [_microseconds(_midnight(zone, day + ONE_DAY)) for day in days]
    before = [0]
    for start, end in zip(starts, ends, strict=True):
        before.append(before[-1] + end - start)
    total = before.pop()
    return _Year(starts, ends, before, total, _microseconds(_midnight(zone, date(year + 1, 1, 1))))


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _midnight(zone: str, day: date) -> datetime:
    """The instant at which the day begins: an existing one also where the clocks change at midnight."""
    return datetime.combine(day, time(), _zone(zone)).astimezone(UTC).astimezone(_zone(zone))


@dataclass(frozen=True)
class Calendar:
    """Which days are worked, in one zone. Years outside 2000 to 2100 are refused (`calendar.out_of_range`)."""

    zone: str = "Europe/Stockholm"
    bridge_days_free: bool = False
    closed: frozenset[date] = frozenset()

    def local(self, moment: datetime) -> datetime:
        """The same instant on this calendar's wall clock."""
        return moment.astimezone(_zone(self.zone))

    def why_free(self, day: date) -> Free | None:
        """Why the day is free, the most telling reason first, or None for a working day."""
        _in_range(day)
        return self._plainly_free(day) or (BRIDGE if self._is_bridge(day) else None)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, no public holiday, no de-facto eve, not closed (nor a free bridge day)."""
        return self.why_free(day) is None

    def next_working_day(self, day: date) -> date:
        """The first working day strictly after `day`."""
        return self._step(day, ONE_DAY)

    def previous_working_day(self, day: date) -> date:
        """The last working day strictly before `day`."""
        return self._step(day, -ONE_DAY)

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after `day` (before it, where n is negative); `day` itself for 0."""
        for _ in range(abs(n)):
            day = self._step(day, ONE_DAY if n > 0 else -ONE_DAY)
        return day

    def at(self, day: date, wall: time) -> datetime:
        """The instant of a wall-clock time: the first of two in October, an hour on where March leaves it out."""
        _in_range(day)
        return self.local(datetime.combine(day, wall, _zone(self.zone)).astimezone(UTC))

    def end_of(self, day: date) -> datetime:
        """24:00 of the day, as an instant: the next midnight."""
        _in_range(day)
        return _midnight(self.zone, day + ONE_DAY)

    def after_hours(self, arrival: datetime, hours: int) -> datetime:
        """A(h): the earliest instant at which `hours` of working-day time have passed since the arrival.

        Whole local days count, 00:00 to 24:00, as elapsed time; exactly 24:00 stays 24:00.
        """
        year, now, left = self.local(arrival).year, _microseconds(arrival), hours * HOUR
        while left > 0:
            table = self._table(year)
            goal = left + table.before_at(now)
            if goal <= table.total:
                return self.local(EPOCH + MICROSECOND * table.reach(goal))
            year, now, left = year + 1, table.over, goal - table.total
        return self.local(arrival)

    def counted(self, arrival: datetime, until: datetime) -> tuple[Span | Skipped, ...]:
        """Each stretch between two instants that counted, and each free day that did not: the "why?" card."""
        arrival, until = self.local(arrival), self.local(until)
        if until <= arrival:
            return ()
        days = _days(arrival.date(), (until - MICROSECOND).date())
        return tuple(self._part(day, arrival, until) for day in days)

    def is_open(self, moment: datetime, office_hours: OfficeHours) -> bool:
        """Inside the office hours of a working day."""
        here = self.local(moment)
        return self.is_working_day(here.date()) and office_hours.opens <= here.time() < office_hours.closes

    def next_opening(self, moment: datetime, office_hours: OfficeHours) -> datetime:
        """The moment itself while open, else the next time somebody is there."""
        here = self.local(moment)
        if self.is_open(here, office_hours):
            return here
        later_today = here.time() < office_hours.opens and self.is_working_day(here.date())
        return self.at(here.date() if later_today else self.next_working_day(here.date()), office_hours.opens)

    def _plainly_free(self, day: date) -> Free | None:
        return _holidays(day.year).get(day) or _weekend(day) or (CLOSED if day in self.closed else None)

    def _is_bridge(self, day: date) -> bool:
        neighbours = (day - ONE_DAY, day + ONE_DAY)
        return self.bridge_days_free and all(self._plainly_free(neighbour) for neighbour in neighbours)

    def _step(self, day: date, step: timedelta) -> date:
        day += step
        while not self.is_working_day(day):
            day += step
        return day

    def _table(self, year: int) -> _Year:
        return _year(self.zone, self.bridge_days_free, self.closed, year)

    def _part(self, day: date, arrival: datetime, until: datetime) -> Span | Skipped:
        free = self.why_free(day)
        if free:
            return Skipped(day, free)
        return Span(day, max(arrival, _midnight(self.zone, day)), min(until, self.end_of(day)))


@dataclass(frozen=True)
class AnswerRule:
    """How soon questions are answered, in hours of working-day time (settings `answer.*` of a pack).

    `free_day_reminder`: what comes in on a free day is reminded of at this time of the next working day, if at all.
    """

    hours: int
    remind_hours: int | None
    escalate_hours: int
    free_day_reminder: time | None = None


@dataclass(frozen=True)
class Deadlines:
    """The instants a policy gives one question, in the calendar's zone, before any quiet hours."""

    arrival: datetime
    remind_at: datetime | None
    last_call: datetime | None
    answer_by: datetime
    escalate_at: datetime


LAST_CALL_MARGIN = timedelta(hours=2)


def deadlines(
    rule: AnswerRule, calendar: Calendar, arrival: datetime, last_call_hour: time = time(14)
) -> Deadlines:
    """When a question that came in at `arrival` (the visitor's own time) is reminded of, due and passed on.

    Come in on a free day, it is due by the end of the next working day (KISV-55, KAU-45), else after the rule's hours.
    """
    here = calendar.local(arrival)
    if calendar.is_working_day(here.date()):
        remind = calendar.after_hours(here, rule.remind_hours) if rule.remind_hours else None
        answer, escalate = (
            calendar.after_hours(here, rule.hours),
            calendar.after_hours(here, rule.escalate_hours),
        )
    else:
        first = calendar.next_working_day(here.date())
        remind = calendar.at(first, rule.free_day_reminder) if rule.free_day_reminder else None
        answer = escalate = calendar.end_of(first)
    return Deadlines(here, remind, _last_call(calendar, here, answer, last_call_hour), answer, escalate)


def _last_call(calendar: Calendar, arrival: datetime, answer_by: datetime, hour: time) -> datetime | None:
    """`hour` of the last working day on which that leaves two hours; none where the question came in later."""
    day = answer_by.date()
    while not calendar.is_working_day(day) or calendar.at(day, hour) + LAST_CALL_MARGIN > answer_by:
        if day <= arrival.date():
            return None
        day -= ONE_DAY
    call = calendar.at(day, hour)
    return call if call > arrival else None
