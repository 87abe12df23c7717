"""Before summer and before Christmas each head is asked once who covers: when, and where there are holes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.model import Account, PersonId, Season
from bot.plain import by_name
from bot.register import Register
from bot.workdays import Calendar


@dataclass(frozen=True, kw_only=True)
class Time:
    """One season of one year. `asks`: the first working day on which heads are asked."""

    name: str
    asks: date
    first: date
    last: date

    @property
    def key(self) -> str:
        return f"{self.name}-{self.first.year}"


def time_of(season: Season, calendar: Calendar, year: int) -> Time:
    """The season that is asked about in that year; it may end in the next one."""
    asked, first, last = (_date(year, day) for day in (season.asked, season.first, season.last))
    later = last if last >= first else _date(year + 1, season.last)
    return Time(
        name=season.name, asks=calendar.next_working_day(asked - timedelta(days=1)), first=first, last=later
    )


def _date(year: int, month_and_day: str) -> date:
    month, day = (int(part) for part in month_and_day.split("-"))
    return date(year, month, day)


def is_month_day(given: str) -> bool:
    """Whether it is a day that every year has, as `06-15`."""
    try:
        return date.fromisoformat(f"2027-{given}").strftime("%m-%d") == given  # no leap year
    except ValueError:
        return False


def asked_now(seasons: Sequence[Season], calendar: Calendar, today: date) -> tuple[Time, ...]:
    """The seasons that may be asked about today: from the day of asking until the season begins."""
    times = (time_of(season, calendar, today.year) for season in seasons if season.asked)
    return tuple(time for time in times if time.asks <= today < time.first)


def find(seasons: Sequence[Season], calendar: Calendar, key: str) -> Time | None:
    """The season of a key such as `christmas-2026`."""
    name, _, year = key.rpartition("-")
    known = (s for s in seasons if s.name == name and year.isdecimal() and len(year) == len("2026"))
    return next((time_of(season, calendar, int(year)) for season in known), None)


def holes(register: Register, calendar: Calendar, account: Account, time: Time) -> tuple[date, ...]:
    """The working days on which all are away, from the absences entered so far: then communications would have to look."""
    days = (time.first + timedelta(days=n) for n in range((time.last - time.first).days + 1))
    return tuple(d for d in days if calendar.is_working_day(d) and register.arranged(account, d) is None)


def led_by(register: Register, head: PersonId) -> tuple[Account, ...]:
    """The accounts that are asked about and that this head answers for, by name."""
    found = [a for a in register.accounts.values() if register.asked_now(a) and register.head_of(a) == head]
    return tuple(sorted(found, key=by_name))
