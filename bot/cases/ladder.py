"""When something may be said: office hours, collected messages and the day's fixed times."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.model import Office
from bot.steps import Waits
from bot.workdays import Calendar, OfficeHours


@dataclass(frozen=True, kw_only=True)
class Hours:
    """The calendar and the office's times. Reminders and escalations keep office hours, alarms know none."""

    calendar: Calendar
    office: Office
    waits: Waits = Waits()

    @property
    def open_hours(self) -> OfficeHours:
        return OfficeHours(self.office.opens, self.office.closes)

    def speak_at(self, due: datetime) -> datetime:
        """The moment itself in office hours, else the next opening."""
        return self.calendar.next_opening(due, self.open_hours)

    def is_open(self, now: datetime) -> bool:
        return self.calendar.is_open(now, self.open_hours)

    def today(self, now: datetime) -> date:
        """The local date."""
        return self.calendar.local(now).date()

    def is_working_day(self, day: date) -> bool:
        return self.calendar.is_working_day(day)

    def one_working_day_later(self, moment: datetime) -> datetime:
        """24 working-day hours on: from the end of Tuesday to the end of Wednesday."""
        return self.calendar.after_hours(moment, 24)

    def next_morning(self, now: datetime) -> datetime:
        """The office's opening on the next working day."""
        return self.calendar.at(self.calendar.next_working_day(self.today(now)), self.office.opens)

    def open_later(self, moment: datetime, wait: timedelta) -> datetime:
        """So much office time on: from Friday at 16.30 an hour is Monday at 08.30 where the office closes at 17."""
        start = self.speak_at(moment)
        left = self.calendar.at(self.today(start), self.office.closes) - start
        if wait <= left:
            return start + wait
        return self.open_later(self.next_morning(start), wait - left)

    def minutes_later(self, now: datetime, minutes: int) -> datetime:
        return now + timedelta(minutes=minutes)
