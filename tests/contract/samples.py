"""Values that the contract puts into a store."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.cases import Alarm, Handover, Line, Practice, Question, Round, Run, Watch
from bot.cases.handover import Told
from bot.cases.run import Answer
from bot.cases.start import Start, StartLine
from bot.model import (
    Absence,
    Account,
    FreeDuty,
    Identity,
    Office,
    Pattern,
    Person,
    PersonId,
    Place,
    Stamp,
    Takeover,
    Unit,
)
from bot.outgoing import Mark, Message, Row, to_place
from bot.retention import Disposal

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LEASE, ALARM_LEASE = timedelta(seconds=30), timedelta(seconds=10)
STAMP = Stamp(pack="generic", version="1", digest="abc")
ANNA, BO = PersonId("anna"), PersonId("bo")


def person(ident: str = "anna", **more: Any) -> Person:
    return Person(id=PersonId(ident), name=ident.title(), email=f"{ident}@example.org", **more)


def account(ident: str = "a1", **more: Any) -> Account:
    whole = Account(
        id=ident,
        platform="instagram",
        name="Institutionen på Instagram",
        address=f"https://instagram.com/{ident}",
        unit="u1",
        people=(ANNA, BO),
        place="p1",
        state="live",
        asked_from=date(2026, 3, 2),
        pattern=Pattern(kind="weeks", order=(BO, ANNA), start=date(2026, 1, 5)),
        duty=FreeDuty(kind="rota", people=(ANNA,), agreed_by="Cecilia", agreed_on=date(2026, 2, 1)),
        stamp=STAMP,
        login="Enhetens lösenordsvalv, fråga chefen",
    )
    return replace(whole, **more)


UNIT = Unit(id="u1", name="Institutionen", head=PersonId("cecilia"), parent="u0")
PLACE = Place(
    id="p1",
    platform="slack",
    realm="T1",
    channel="C1",
    name="#some",
    hour=time(8, 30),
    language="en",
    welcomed=date(2026, 2, 2),
)
IDENTITY = Identity(platform="slack", realm="T1", user="U1", person=ANNA)
ABSENCE = Absence(id="x1", person=ANNA, first=date(2026, 3, 3), last=date(2026, 3, 5), cover=BO)
TAKEOVER = Takeover(
    id="t1", accounts=("a1", "a2"), first=date(2026, 7, 1), last=date(2026, 7, 31), by=BO, who=ANNA
)
OFFICE = Office(
    name="Exempeluniversitetet",
    communications_name={"sv": "Kommunikation", "en": "Communications"},
    opens=time(7, 45),
    bridge_days_free=True,
    closed=frozenset({date(2026, 12, 28)}),
    retention={"checks": Disposal(days=30, number="LU 2026/1", decided_on=date(2026, 9, 1))},
    guidelines="https://universitetet.example/riktlinjer",
    about="https://universitetet.example/boten",
    pilot=frozenset({"p1"}),
    pilot_over=date(2026, 2, 27),
)


def question(ident: str = "q1", **more: Any) -> Question:
    whole = Question(
        id=ident,
        opened_at=NOW,
        wake_at=NOW + timedelta(days=1),
        account="a1",
        place="p1",
        where="comment",
        kind="question",
        posted_at=NOW - timedelta(hours=3),
        logged_by=ANNA,
        text='Är "det" öppet? <!channel>',
        answer_by=NOW + timedelta(days=1),
        escalate_at=NOW + timedelta(days=1),
        head_at=NOW + timedelta(days=2),
        stamp=STAMP,
    )
    return replace(whole, **more)


def alarm(ident: str = "l1") -> Alarm:
    return Alarm(id=ident, opened_at=NOW, kind="threat", raised_by=ANNA, receipt_at=NOW)


def round_(ident: str = "r1") -> Round:
    lines = (Line(account="a1"), Line(account="a2", state="looked_at", role="manager"))
    return Round(
        id=ident, opened_at=NOW, place="p1", day=NOW.date(), lines=lines, until=NOW + timedelta(hours=8)
    )


def run(ident: str = "n1") -> Run:
    return Run(
        id=ident,
        opened_at=NOW,
        name="new-account",
        stamp=STAMP,
        checklist={"steps": [{"id": "1", "help": {"sv": "Å"}}]},
        runner=ANNA,
        answers={
            "1.people": Answer(value=("anna", "bo"), by=ANNA, at=NOW),
            "1.why": Answer(value="x", by=BO, at=NOW),
        },
        confirmed={"1.people": (BO,)},
    )


def start(ident: str = "s1") -> Start:
    lines = (StartLine(account="a1"), StartLine(account="a2", state="away"))
    return Start(id=ident, opened_at=NOW, place="p1", by=ANNA, lines=lines)


def watch(ident: str = "g1") -> Watch:
    return Watch(id=ident, opened_at=NOW, what="away", reader=BO, accounts=("a1", "a2"), first=date(2026, 7, 1),
                 last=date(2026, 7, 9), handed_by=BO, takeovers=("t1",))  # fmt: skip


def handover(ident: str = "handover:x1") -> Handover:
    return Handover(id=ident, opened_at=NOW, person=ANNA, cover=BO, first=date(2026, 3, 3), last=date(2026, 3, 5),
                    given=(BO,), told=(Told(person=BO, card=ident),), wake_at=NOW)  # fmt: skip


def row(key: str, target: str = "place:p1", **more: Any) -> Row:
    return Row(key=key, card="question", reader=target, target=target, created_at=NOW, **more)


def message(case: str | None = "q1", ref: str = "1.1", **more: Any) -> Message:
    whole = Message(
        case=case, card="question", reader="place:p1", target="place:p1", platform="slack", channel="C1",
        ref=ref, living=True, shown="digest", key=f"{case}:card", posted_at=NOW,
    )  # fmt: skip
    return replace(whole, **more)


def mark(case: str = "q1", rung: str = "last_call", place: str = "p1") -> Mark:
    return Mark(case=case, rung=rung, reader=to_place(place), at=NOW)


def practice(ident: str = "x1") -> Practice:
    return Practice(id=ident, opened_at=NOW, wake_at=NOW + timedelta(hours=9), by=ANNA, state="taken")
