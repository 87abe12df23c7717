"""The words people read, in Swedish and English: gettext catalogues, plurals, dates and deadlines in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.model import Language

FAR = 365
LANGUAGES: tuple[Language, ...] = ("sv", "en")


@cache
def _catalogue(language: Language) -> Mapping[str, str | tuple[str, ...]]:
    """Every key with its text, or its singular and plural. Read once, at start: no compiled files."""
    entries: dict[str, str | tuple[str, ...]] = {}
    for file in sorted(files("bot").joinpath("locale", language).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".po"):
            for message in _read(file.read_bytes(), language):
                key = message.id if isinstance(message.id, str) else message.id[0]
                if key:
                    entries[key] = (
                        message.string if isinstance(message.string, str) else tuple(message.string or ())
                    )
    return entries


def _read(source: bytes, language: Language) -> Catalog:
    return read_po(BytesIO(source), locale=language, abort_invalid=True)


def keys(language: Language) -> frozenset[str]:
    """All keys of a catalogue."""
    return frozenset(_catalogue(language))


def raw(language: Language, key: str) -> str | tuple[str, ...]:
    """The text under a key before anything is filled in. Raises KeyError for an unknown key."""
    return _catalogue(language)[key]


def missing() -> tuple[str, ...]:
    """Keys that one language has and the other lacks; a program with any refuses to start."""
    return tuple(sorted(keys("sv") ^ keys("en")))


class _Filled(dict[str, object]):
    """The values of placeholders. `{Office}` is `{office}` at the start of a sentence."""

    def __missing__(self, name: str) -> str:
        if name[:1].islower():
            raise KeyError(name)
        return capital(str(self[name[:1].lower() + name[1:]]))


def capital(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Texts:
    """Texts in one language, with dates on the organisation's wall clock. `slash`: what a command begins with."""

    language: Language
    zone: str = "Europe/Stockholm"
    slash: str = "/"

    def __call__(self, key: str, **values: object) -> str:
        """The text under `key`, filled. Raises KeyError: an unknown key is a fault of the program."""
        text = raw(self.language, key)
        return (text if isinstance(text, str) else text[0]).format_map(
            _Filled({"slash": self.slash, **values})
        )

    def many(self, key: str, n: int, **values: object) -> str:
        """The singular or plural under `key`; `{n}` is the number, written as a word up to twelve.

        The singular writes its number itself: Swedish has `en` and `ett`.
        """
        text = raw(self.language, key)
        forms = (text, text) if isinstance(text, str) else text
        return forms[0 if n == 1 else 1].format_map(
            _Filled({"slash": self.slash, "n": self.number(n), **values})
        )

    def number(self, n: int) -> str:
        """One to twelve as words, digits above."""
        words = self("numbers").split()
        return words[n] if 0 <= n < len(words) else str(n)

    def has(self, key: str) -> bool:
        return key in _catalogue(self.language)

    # -- time in words --------------------------------------------------------------------------

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))

    def long_date(self, day: date) -> str:
        """`måndag 23 november`, `Monday 23 November`."""
        return format_date(day, "EEEE d MMMM", locale=self._locale)

    def short_date(self, day: date) -> str:
        """`23 november 2026`."""
        return format_date(day, "d MMMM y", locale=self._locale)

    def day_of_year(self, day: date) -> str:
        """`15 juni`, `15 June`: the same each year."""
        return format_date(day, "d MMMM", locale=self._locale)

    def weekday(self, day: date) -> str:
        return format_date(day, "EEEE", locale=self._locale)

    def clock(self, moment: datetime) -> str:
        """`16.00` in Swedish, `16:00` in English."""
        return self.local(moment).strftime("%H.%M" if self.language == "sv" else "%H:%M")

    def day(self, day: date, today: date | None) -> str:
        """Today, tomorrow, yesterday; a weekday within six days; else the date. Without `today`: the date, true for good."""
        if today is None:
            return self.long_date(day)
        distance = (day - today).days
        near = {0: "time.today", 1: "time.tomorrow", -1: "time.yesterday"}.get(distance)
        if near:
            return self(near)
        return self.weekday(day) if 0 < distance < 7 else self.long_date(day)

    def moment(self, moment: datetime, now: datetime | None) -> str:
        """A point in time seen from now: `i dag kl. 14.02`, `Monday at 14:02`; without `now` with its date."""
        local = self.local(moment)
        today = self.local(now).date() if now else None
        return self("time.at", day=self.day(local.date(), today), clock=self.clock(moment))

    def when(self, moment: datetime) -> str:
        """`9 december kl. 14.02`: short, and the same whenever it is read."""
        day = self.day_of_year(self.local(moment).date())
        return self("time.at", day=day, clock=self.clock(moment))

    def due(self, moment: datetime, now: datetime | None) -> str:
        """A deadline in words. Midnight is the end of the day before: never "Tuesday 00:00" (architecture.md)."""
        local = self.local(moment)
        today = self.local(now).date() if now else None
        if (local.hour, local.minute) == (0, 0):
            return self._end_of(local.date() - timedelta(days=1), today)
        return self("due.by_clock", day=self.day(local.date(), today), clock=self.clock(moment))

    def _end_of(self, day: date, today: date | None) -> str:
        distance = (day - today).days if today else FAR
        near = {0: "due.end_of_today", 1: "due.end_of_tomorrow", -1: "due.end_of_yesterday"}.get(distance)
        if near:
            return self(near)
        key = "due.end_of" if 0 < distance < 7 else "due.end_of_date"
        return self(key, weekday=self.weekday(day), date=format_date(day, "d MMMM", locale=self._locale))

    @property
    def _locale(self) -> str:
        return "sv_SE" if self.language == "sv" else "en_GB"
