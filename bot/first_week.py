"""The first meeting of a place with the bot: one welcome, then cards, and five quiet working days (users.md U11).

Pure. Days are local dates of the calendar; both rules rest on the day of the welcome alone.
"""

from datetime import date, datetime

from bot.model import Place
from bot.workdays import Calendar

QUIET_DAYS = 5
"""Working days after the welcome on which nothing goes on to anybody else."""


def may_ask(place: Place, day: date) -> bool:
    """Whether cards may come on that day: the welcome was that day's post, so they begin on the day after."""
    return place.welcomed is not None and place.welcomed < day


def last_quiet_day(calendar: Calendar, place: Place | None) -> date | None:
    """The fifth working day after the welcome; None for a place that has not been welcomed."""
    if place is None or place.welcomed is None:
        return None
    return calendar.add_working_days(place.welcomed, QUIET_DAYS)


def is_quiet(calendar: Calendar, place: Place | None, day: date) -> bool:
    """Whether nothing that happens there on that day goes on to anybody else: also before the welcome."""
    last = last_quiet_day(calendar, place)
    return place is not None and (last is None or day <= last)


def quiet_until(calendar: Calendar, place: Place | None, day: date) -> datetime | None:
    """The instant from which things may go on again; None where they may already, on that day.

    Of a place that has yet to be welcomed it is counted as if the welcome came on that day.
    """
    if place is None or not is_quiet(calendar, place, day):
        return None
    return calendar.end_of(calendar.add_working_days(place.welcomed or day, QUIET_DAYS))
