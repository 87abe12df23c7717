"""The practice question, made by the screens of real ones, marked as what it is, with buttons that only practise."""

from dataclasses import replace
from datetime import timedelta

from bot.cases.practice import Practice
from bot.cases.question import Question
from bot.model import Account, PersonId, Stamp
from bot.screens import questions
from bot.screens.base import Eyes, told
from bot.view import Button, Card, Form, Text
from bot.workdays import deadlines

ACCOUNT = "practice"
"""The invented account: it stands in no register."""
LEFT_OUT = ("alarm.open",)
"""An alarm is never practised from here: its form has an exercise of its own."""


def card(eyes: Eyes, practice: Practice) -> Card:
    """A question's card, as it stands; the next day one neutral line."""
    if not practice.is_open:
        return told(eyes.t, "practice.over")
    question = _question(eyes, practice)
    real = questions.card(_inventing(eyes), question)
    found = tuple(_practising(b, practice) for b in real.buttons if b.verb not in LEFT_OUT)
    mark = Text(text=eyes.t("practice.what"), tone="strong")
    return Card(title=_marked(eyes, real.title), parts=(mark, *real.parts), buttons=found)


def _marked(eyes: Eyes, title: str) -> str:
    return eyes.t("alarm.exercise", title=title)


def _practising(button: Button, practice: Practice) -> Button:
    """The same button, which does nothing but change this card."""
    return replace(button, verb=button.verb.replace("question.", "practice."), arg=practice.id)


def _inventing(eyes: Eyes) -> Eyes:
    account = Account(
        id=ACCOUNT, platform="instagram", name=eyes.t("practice.account"), address="", unit="", people=()
    )
    return replace(
        eyes, register=replace(eyes.register, accounts={**eyes.register.accounts, ACCOUNT: account})
    )


def _question(eyes: Eyes, practice: Practice) -> Question:
    """It came in just before the practice began, so that its time is counted as a real one's."""
    calendar, pack = eyes.hours.calendar, eyes.pack
    posted = practice.opened_at - timedelta(minutes=20)
    due = deadlines(pack.answer, calendar, posted, eyes.hours.office.collect)
    ended = practice.state if practice.state in ("answered", "seen") else ""
    return Question(
        id=practice.id, opened_at=practice.opened_at, account=ACCOUNT, where="comment", kind="question",
        posted_at=posted, logged_by=practice.by or PersonId(""), text=eyes.t("practice.text"),
        answer_by=due.answer_by, escalate_at=due.escalate_at, head_at=due.escalate_at,
        came_on_free_day=not calendar.is_working_day(calendar.local(posted).date()),
        taken_by=practice.by if practice.state == "taken" else None, ended=ended,
        closed_at=practice.opened_at if ended else None,
        stamp=Stamp(pack=pack.name, version=pack.version, digest=pack.digest),
    )  # fmt: skip


def why(eyes: Eyes, practice: Practice) -> Form:
    return questions.why(_inventing(eyes), _question(eyes, practice))


def hand_on(eyes: Eyes, practice: Practice) -> Form:
    """The real form; sent, it reaches nobody."""
    form = questions.hand_on_form(_inventing(eyes), _question(eyes, practice))
    mark = Text(text=eyes.t("practice.what"), tone="strong")
    ways = tuple(f for f in form.fields if f.id != "to")  # it asks nobody
    return replace(form, id="practice.hand_on", fields=ways, intro=(mark, *form.intro))


def begun(eyes: Eyes) -> Card:
    return told(eyes.t, "practice.begun")


def again(eyes: Eyes) -> Card:
    return told(eyes.t, "practice.again")


def noted(eyes: Eyes, what: str) -> Card:
    """What a real press would have done."""
    return told(eyes.t, f"practice.noted.{what}", office=eyes.office_name)
