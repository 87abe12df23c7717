"""The made-up university of the gallery: its register, its cases, and the words that come from outside."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from bot import policy
from bot.cases.alarm import Alarm, AlarmKind
from bot.cases.ladder import Hours
from bot.cases.question import Question
from bot.cases.round import Line, LineState, Round
from bot.model import (
    Absence,
    Account,
    FreeDuty,
    Language,
    Office,
    Pattern,
    Person,
    PersonId,
    Place,
    Role,
    Stamp,
    Unit,
)
from bot.policy import Pack
from bot.register import Register
from bot.screens.base import Eyes
from bot.texts import Texts
from bot.workdays import deadlines

ZONE = ZoneInfo("Europe/Stockholm")
FRIDAY, SUNDAY, MONDAY, TUESDAY = (date(2026, 11, day) for day in (20, 22, 23, 24))
ANNA, BO, HEIDI, DAG, KARIN, KALLE, SVEN, SARA = (
    PersonId(p) for p in ("anna", "bo", "heidi", "dag", "karin", "kalle", "sven", "sara")
)
ROLES: Mapping[Role, tuple[PersonId, ...]] = {
    "communications": (KARIN, KALLE),
    "security": (SVEN, SARA),
}


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


NOW = at(MONDAY, 10)


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Every kind of words that people type or that come from the public; a test puts hostile ones in each place."""

    question: str = "Hej! Kan man läsa kursen på distans, och när öppnar anmälan?"
    question_link: str = "https://www.instagram.com/p/Cx1"
    alarm_line: str = "Hot mot en lärare i kommentarerna."
    alarm_link: str = "https://www.instagram.com/p/Cx2"
    alarm_why: str = "Det var ett skämt mellan kollegor."
    alarm_phone: str = "vakthavande, Sara"
    alarm_number: str = "08-000 01 12"
    account: str = "@biologi_uni"
    address: str = "https://instagram.com/biologi_uni"
    purpose: str = "Visa forskningen och svara på frågor från blivande studenter."
    unit: str = "Institutionen för biologi"
    person: str = "Anna Ek"
    place: str = "biologi"
    office: str = ""  # what communications is called; "" for the name in the guidelines
    agreed_by: str = "Heidi Berg"
    searched: str = "biologi"
    reason: str = "channel_not_found"
    answer: str = "Blivande studenter och gymnasielärare i hela landet."
    login: str = "Institutionens lösenordsvalv, fråga Heidi"
    contact: str = "sociala-medier@larosatet.example"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Makes what the screens want, for one reader at one moment."""

    language: Language
    outside: Outside = Outside()
    pack_name: str = "ki"
    now: datetime = NOW
    changes: Mapping[str, Any] | None = None  # fields of the register that are not as usual
    standing: bool = False  # the card stays and is read on other days too

    @cached_property
    def pack(self) -> Pack:
        return policy.load(self.pack_name)

    @property
    def t(self) -> Texts:
        return Texts(self.language)

    @cached_property
    def eyes(self) -> Eyes:
        hours = Hours(calendar=self.pack.calendar(), office=self.register.office)
        return Eyes(t=self.t, register=self.register, now=self.now, hours=hours, pack=self.pack,
                    standing=self.standing)  # fmt: skip

    @property
    def posted(self) -> "Scene":
        """For a card that stands for days."""
        return replace(self, standing=True)

    def later(self, now: datetime) -> "Scene":
        return replace(self, now=now)

    def having(self, **changes: object) -> "Scene":
        """The same with another register: `absences`, `roles`, `office` …"""
        return replace(self, changes={**(self.changes or {}), **changes})

    # -- the register ---------------------------------------------------------------------------

    @property
    def stamp(self) -> Stamp:
        return Stamp(pack=self.pack.name, version=self.pack.version, digest=self.pack.digest)

    @cached_property
    def register(self) -> Register:
        usual: dict[str, Any] = {
            "people": _people(self.outside), "units": _units(self.outside), "places": _places(self.outside),
            "accounts": {a.id: a for a in _accounts(self.outside)}, "roles": ROLES, "office": self.office,
        }  # fmt: skip
        return Register(**{**usual, **(self.changes or {})})

    @property
    def office(self) -> Office:
        own: dict[Language, str] = {"sv": self.outside.office, "en": self.outside.office}
        return Office(name="Lärosätet", alarm_number=self.outside.alarm_number, visitor_contact=self.outside.contact,
                      communications_name=own if self.outside.office else {})  # fmt: skip

    @property
    def place(self) -> Place:
        return self.register.places["web:local:biologi"]

    def account(self, ident: str = "bio") -> Account:
        return self.register.accounts[ident]

    # -- cases ----------------------------------------------------------------------------------

    def round(self, *states: LineState, day: date = MONDAY, **changes: Any) -> Round:
        """A round with a line for each state, in the order of the accounts."""
        lines = tuple(Line(account=a, state=s) for a, s in zip(ASKED, states, strict=False))
        made = Round(id="r1", opened_at=at(day, 6), place="web:local:biologi", day=day, lines=lines,
                     until=at(day, 17), posted=True)  # fmt: skip
        return replace(made, **changes)

    def question(self, posted: datetime = at(MONDAY, 9, 12), **changes: Any) -> Question:  # noqa: B008
        """A question with the deadlines of the guidelines."""
        calendar = self.pack.calendar()
        due = deadlines(self.pack.answer, calendar, posted)
        made = Question(
            id="q1", opened_at=posted, account="bio", place="web:local:biologi", where="comment", kind="question",
            posted_at=posted, logged_by=ANNA, link=self.outside.question_link, text=self.outside.question,
            answer_by=due.answer_by, escalate_at=due.escalate_at, head_at=calendar.after_hours(due.escalate_at, 24),
            came_on_free_day=not calendar.is_working_day(posted.date()), stamp=self.stamp,
        )  # fmt: skip
        return replace(made, **changes)

    def alarm(self, kind: AlarmKind = "threat", **changes: Any) -> Alarm:
        made = Alarm(id="a1", opened_at=at(MONDAY, 9, 45), account="bio", kind=kind, raised_by=ANNA,
                     told_at=at(MONDAY, 9, 45), link=self.outside.alarm_link, line=self.outside.alarm_line)  # fmt: skip
        return replace(made, **changes)


ASKED = ("bio", "biologi-fb", "biolab")
"""Accounts of the morning card."""


def _people(outside: Outside) -> dict[PersonId, Person]:
    names = {ANNA: outside.person, BO: "Bo Lind", HEIDI: "Heidi Berg", DAG: "Dag Sten", KARIN: "Karin Ros",
             KALLE: "Kalle Dahl", SVEN: "Sven Malm", SARA: "Sara Alm"}  # fmt: skip
    return {ident: Person(id=ident, name=name) for ident, name in names.items()}


def _units(outside: Outside) -> dict[str, Unit]:
    faculty = Unit(id="fak", name="Naturvetenskapliga fakulteten", head=DAG)
    return {"bio": Unit(id="bio", name=outside.unit, head=HEIDI, deputy=DAG, parent="fak"), "fak": faculty}


def _places(outside: Outside) -> dict[str, Place]:
    names = {"biologi": outside.place, "kommunikation": "kommunikation", "kemi": "kemi"}
    return {
        f"web:local:{ident}": Place(
            id=f"web:local:{ident}", platform="web", realm="local", channel=ident, name=name
        )
        for ident, name in names.items()
    }


def _accounts(outside: Outside) -> tuple[Account, ...]:
    usual = Account(id="bio", platform="instagram", name=outside.account, address=outside.address, unit="bio",
                    people=(ANNA, BO), place="web:local:biologi", state="live", purpose=outside.purpose)  # fmt: skip
    agreed = FreeDuty(kind="people", people=(BO,), agreed_by=outside.agreed_by, agreed_on=date(2026, 9, 1))
    return (
        usual,
        replace(usual, id="biologi-fb", platform="facebook", name="Biologi", purpose="", duty=agreed,
                address="https://facebook.com/biologi", pattern=Pattern(kind="weeks", order=(BO, ANNA))),
        replace(usual, id="biolab", name="@biolab", address="https://instagram.com/biolab", purpose="",
                pattern=Pattern(kind="weekdays", order=(ANNA, BO, ANNA, BO, ANNA)),
                duty=replace(agreed, kind="rota", people=())),
        replace(usual, id="alumni", platform="linkedin", name="Biologer", people=(BO,), place=None, state="gaps",
                address="https://linkedin.com/company/biologer", purpose=""),
        replace(usual, id="planned", platform="youtube", name="Biologi på film", address="", state="approved"),
    )  # fmt: skip


AWAY = (Absence(id="w1", person=BO, first=MONDAY, last=date(2026, 12, 4)),)
COVERED = (Absence(id="w2", person=BO, first=MONDAY, last=date(2026, 12, 4), cover=KARIN),)
