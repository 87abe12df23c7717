"""How fast a deadline is found: A(24) over a bare table with bisect, and over businesstimedelta."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from time import perf_counter
from typing import TypeVar
from zoneinfo import ZoneInfo

import businesstimedelta
import holidays
import pytz

from benchmarks.measure import Measure
from bot.workdays import Calendar

ZONE = ZoneInfo("Europe/Stockholm")
ONE_DAY = timedelta(days=1)
FIRST, DAYS = date(2025, 12, 1), 500
HOURS = 24
PASSES = 15
SECONDS = HOURS * 3600.0
T = TypeVar("T")


async def run() -> Sequence[Measure]:
    """Aware datetimes in and out, against the least that can be done and against a library that is used for it."""
    calendar = Calendar()
    arrivals = [datetime(2026, 1, 1, tzinfo=ZONE) + timedelta(minutes=97 * k) for k in range(4000)]
    bare, rule = _bare(calendar), _rule()
    assert all(
        datetime.fromtimestamp(bare(a.timestamp()), ZONE) == calendar.after_hours(a, HOURS) for a in arrivals
    )
    span = businesstimedelta.BusinessTimeDelta(rule, hours=HOURS)
    stamps = [arrival.timestamp() for arrival in arrivals]
    passes = [
        (
            _microseconds(lambda arrival: calendar.after_hours(arrival, HOURS), arrivals),
            _microseconds(bare, stamps),
            _microseconds(lambda arrival: arrival + span, arrivals[::40]),
        )
        for _ in range(PASSES)
    ]
    ours, table, theirs = (median(each) for each in zip(*passes, strict=True))
    return [
        Measure(name="deadline A(24), bare table with bisect", ours=ours, bare=table, unit="µs", aim=10),
        Measure(name="deadline A(24), businesstimedelta", ours=ours, bare=theirs, unit="µs", aim=0.01),
    ]


def _bare(calendar: Calendar) -> Callable[[float], float]:
    """Timestamps in and out, nothing else: the least that a table with bisect can do."""
    days = (FIRST + ONE_DAY * k for k in range(DAYS))
    starts = [calendar.at(day, time()).timestamp() for day in days if calendar.is_working_day(day)]

    def due(moment: float) -> float:
        at = bisect_right(starts, moment) - 1
        room = max(starts[at] + 86400.0 - moment, 0.0)
        return moment + SECONDS if room >= SECONDS else starts[at + 1] + SECONDS - room

    return due


def _rule() -> businesstimedelta.Rules:
    free = holidays.country_holidays("SE", years=range(2025, 2028), categories=("public", "de_facto"))
    zone = pytz.timezone("Europe/Stockholm")
    whole_days = businesstimedelta.WorkDayRule(time(0, 0), time(23, 59, 59), [0, 1, 2, 3, 4], tz=zone)
    return businesstimedelta.Rules([whole_days, businesstimedelta.HolidayRule(free, tz=zone)])


def _microseconds(work: Callable[[T], object], cases: Sequence[T]) -> float:
    """The mean time of one call, in microseconds."""
    start = perf_counter()
    for case in cases:
        work(case)
    return (perf_counter() - start) / len(cases) * 1e6
