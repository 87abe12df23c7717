"""The form for a decision that was given on paper or by telephone, and what whoever gave it is told (users.md U8)."""

from collections.abc import Iterable
from datetime import date

from bot.cases.run import Run
from bot.model import PersonId
from bot.screens import answers, approvals
from bot.screens.base import Eyes, heard, options
from bot.view import Button, Card, Choice, Date, Field, Form, Line, Lines, Option, Text

ANSWERS, WAYS = ("approve", "reject", "back"), ("phone", "paper")


def form(eyes: Eyes, run: Run, deciders: Iterable[PersonId], today: date) -> Form:
    """Who decided, what, how, on what day, and where that stands."""
    t = eyes.t
    people = tuple(Option(id=p, label=eyes.name(p)) for p in deciders)
    fields = (
        Choice(id="who", label=t("entered.ask.who"), options=people, value=people[0].id),
        Choice(id="answer", label=t("entered.ask.answer"), options=options(t, "entered.answer", ANSWERS)),
        *given(eyes, today),
        Lines(id="why", label=t("entered.ask.why"), hint=t("entered.ask.why.hint"), required=False, max_length=1000),
    )  # fmt: skip
    return Form(id="approval.enter", title=t("entered.title"), fields=fields, submit=t("form.save"),
                intro=(Text(text=answers.name(eyes, run)),), state=f"{run.id}|{run.sends}")  # fmt: skip


def confirm_form(eyes: Eyes, run: Run, people: Iterable[PersonId], today: date) -> Form:
    """Who has confirmed, how, on what day, and where that stands."""
    t = eyes.t
    named = tuple(Option(id=p, label=eyes.name(p)) for p in people)
    who = Choice(id="who", label=t("entered.ask.confirmed"), options=named, value=named[0].id)
    return Form(id="confirm.enter", title=t("entered.confirm.title"), fields=(who, *given(eyes, today)),
                submit=t("form.save"), intro=(Text(text=answers.name(eyes, run)),), state=run.id)  # fmt: skip


def given(
    eyes: Eyes, today: date, ways: Iterable[str] = WAYS, asked: str = "entered.ask"
) -> tuple[Field, ...]:
    """How it was given, on what day, and where that stands. `asked`: the labels' prefix."""
    t = eyes.t
    return (
        Choice(id="way", label=t(f"{asked}.way"), options=options(t, "entered.way", ways)),
        Date(id="day", label=t(f"{asked}.day"), value=today),
        Line(id="reference", label=t(f"{asked}.reference"), hint=t(f"{asked}.hint"), max_length=200),
    )  # fmt: skip


def enter(eyes: Eyes, verb: str, arg: str, head: PersonId) -> Button:
    """For communications: write in what a head without chat has said."""
    label = eyes.t("spoken.do.enter")
    said = heard(eyes.t, label.removesuffix(" …"), eyes.name(head))
    return Button(verb=verb, arg=arg, label=label, heard=said[:75], style="primary")


def told(eyes: Eyes, run: Run, way: str, day: date, by: PersonId) -> Card:
    """What was entered in somebody's name, by whom, and what to do when it is wrong."""
    title = eyes.t("entered.told", by=eyes.name(by), name=answers.name(eyes, run))
    given = eyes.t(f"entered.told.{way}", day=eyes.t.long_date(day))
    over = approvals.over(eyes, run) if run.decided_by or run.state == "returned" else Card(title="")
    answer = (Text(text=over.title, tone="strong"), *over.parts) if over.title else ()
    parts = (*answer, Text(text=given), Text(text=eyes.t("entered.told.wrong", by=eyes.name(by))))
    return Card(title=title, parts=parts, buttons=over.buttons)
