"""An alarm of each kind, at each step, for whoever raised it and for whoever shall act; and its forms."""

from collections.abc import Iterator
from typing import Any, get_args

from bot.cases.alarm import Alarm, AlarmKind
from bot.screens import alarms
from bot.screens.base import told
from bot.screens.letters import letter
from bot.view import Card, Form
from smbot.gallery.world import KALLE, KARIN, MONDAY, SARA, SVEN, Scene, at

RECEIVED: dict[str, Any] = {"receipt_by": SVEN, "receipt_at": at(MONDAY, 9, 52)}
KINDS: tuple[AlarmKind, ...] = get_args(AlarmKind)


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _raiser(s.posted)
    yield from _told(s.posted)
    yield from _forms(s)
    for key in ("received", "phone", "handled", "handled.exercise", "false"):
        yield f"alarm.said.{key}", told(s.t, f"alarm.noted.{key}", account=s.eyes.account("bio"))


def _raiser(s: Scene) -> Iterator[tuple[str, Card]]:
    for kind in KINDS:
        yield f"alarm.raiser.{kind}", alarms.raiser(s.eyes, s.alarm(kind))
    for step in (1, 2, 3):
        yield f"alarm.raiser.step{step}", alarms.raiser(s.eyes, s.alarm(step=step, told_at=at(MONDAY, 9, 45)))
    yield "alarm.raiser.received", alarms.raiser(s.eyes, s.alarm(**RECEIVED))
    by_phone = s.alarm(**RECEIVED, receipt_phone=s.outside.alarm_phone)
    yield "alarm.raiser.phone", alarms.raiser(s.eyes, by_phone)
    yield "alarm.raiser.exercise", alarms.raiser(s.eyes, _exercise(s, "pile_on", account=None))
    yield "alarm.raiser.exercise_loud", alarms.raiser(s.eyes, _exercise(s, step=3, loud=True))
    over = _exercise(s, step=3, loud=True, ended="exercise_over", closed_at=at(MONDAY, 10, 45))
    yield "alarm.raiser.exercise_over", alarms.raiser(s.eyes, over)
    yield "alarm.raiser.handled", alarms.raiser(s.eyes, _over(s, "handled"))
    yield "alarm.raiser.false", alarms.raiser(s.eyes, _over(s, "false_alarm"))
    no_number = s.having(office=s.office.__class__())
    yield "alarm.raiser.no_number", alarms.raiser(no_number.eyes, s.alarm(link="", line=""))
    yield "alarm.raised", alarms.raised(s.eyes, s.alarm())


def _exercise(s: Scene, kind: AlarmKind = "threat", **changes: Any) -> Alarm:
    return s.alarm(kind, exercise=True, ends_at=at(MONDAY, 10, 45), **changes)


def _over(s: Scene, ended: str) -> Any:
    return s.alarm(**RECEIVED, ended=ended, ended_by=SVEN, why=s.outside.alarm_why, closed_at=at(MONDAY, 10))


def _told(s: Scene) -> Iterator[tuple[str, Card]]:
    one, all_of_them = s.eyes.mentions((SVEN,)), s.eyes.mentions((KARIN, KALLE))
    yield "alarm.first", alarms.card(s.eyes, s.alarm(), one, "first")
    yield "alarm.first.pile_on", alarms.card(s.eyes, s.alarm("pile_on"), all_of_them, "first")
    yield "alarm.first.taken_over", alarms.card(s.eyes, s.alarm("taken_over"), one, "first")
    empty = s.having(roles={"communications": (KARIN, KALLE)})
    yield (
        "alarm.first.no_security",
        alarms.card(empty.eyes, s.alarm(), empty.eyes.mentions((KARIN,)), "first"),
    )
    yield "alarm.copy", alarms.card(s.eyes, s.alarm(), all_of_them, "copy")
    yield "alarm.next", alarms.card(s.eyes, s.alarm(step=1), s.eyes.mentions((SARA,)), "next")
    yield "alarm.everybody", alarms.card(s.eyes, s.alarm(step=2), all_of_them, "everybody")
    yield "alarm.head", alarms.for_head(s.eyes, s.alarm())
    yield "alarm.loud", alarms.loud(s.eyes, s.alarm(step=3, loud=True), all_of_them)
    yield "alarm.loud.exercise", alarms.loud(s.eyes, _exercise(s, step=3, loud=True), ())
    yield (
        "alarm.letter",
        letter(
            s.eyes, alarms.letter(s.eyes, s.alarm(), alarms.card(s.eyes, s.alarm(), one, "first")), chat=True
        ),
    )
    yield "alarm.news", letter(s.eyes, alarms.news(s.eyes, s.alarm(**RECEIVED)), chat=True)
    drill = _exercise(s)
    yield "alarm.news.exercise", letter(s.eyes, alarms.news(s.eyes, drill, "exercise"), chat=True)
    yield "alarm.received", alarms.card(s.eyes, s.alarm(**RECEIVED), one, "first")
    yield "alarm.false", alarms.card(s.eyes, _over(s, "false_alarm"), one, "first")


def _forms(s: Scene) -> Iterator[tuple[str, Form]]:
    accounts = tuple(s.register.accounts.values())
    yield "alarm.form", alarms.raise_form(s.eyes, accounts, "bio", link="", line="")
    words = s.outside
    filled = alarms.raise_form(s.eyes, accounts, "", link=words.alarm_link, line=words.alarm_line)
    yield "alarm.form_filled", filled
    yield "alarm.form_false", alarms.false_form(s.eyes, s.alarm())
    yield "alarm.form_phone", alarms.phone_form(s.eyes, s.alarm())
