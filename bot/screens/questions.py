"""A question's card, its forms, and the `why?` that writes out how its deadline was counted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.cases.question import Kind, Question, Where
from bot.model import Account, Hearer, PersonId
from bot.screens.base import Eyes, account_name, account_options, heard, options, told, words
from bot.steps import reached
from bot.view import (
    Button,
    Card,
    Choice,
    Facts,
    Field,
    Form,
    Item,
    Items,
    Line,
    Moment,
    Part,
    People,
    PersonField,
    Quote,
    Text,
)
from bot.workdays import Skipped, Span

WHERE: tuple[Where, ...] = ("comment", "direct", "tag", "review", "other")
KINDS: tuple[Kind, ...] = ("question", "comment", "criticism")


def card(eyes: Eyes, question: Question) -> Card:
    """The card in the account's place; after the end it shows what became of it, without buttons but undo."""
    title = eyes.t(
        f"question.title.{question.ended or question.kind}", account=eyes.account(question.account)
    )
    return Card(title=title, parts=_parts(eyes, question), buttons=_buttons(eyes, question))


def moved(eyes: Eyes, question: Question, place: str) -> Card:
    """The account has another place now: its open questions stand there."""
    title = eyes.t(f"question.title.{question.kind}", account=eyes.account(question.account))
    return Card(title=title, parts=(Text(text=eyes.t("question.moved", place=place)),))


def _parts(eyes: Eyes, question: Question) -> tuple[Part, ...]:
    rows = [(eyes.t("question.where"), eyes.t(f"question.where.{question.where}")),
            (eyes.t("question.posted"), eyes.moment(question.posted_at))]  # fmt: skip
    if question.is_open:
        rows += _open_rows(eyes, question)
    if question.link:
        rows.append((eyes.t("question.link"), question.link))
    parts: list[Part] = [Facts(rows=tuple(rows))]
    if question.text:
        parts.append(Quote(text=question.text))
    return tuple(parts)


def _open_rows(eyes: Eyes, question: Question) -> list[tuple[str, str]]:
    rows = [(eyes.t("question.answer"), due(eyes, question))]
    if question.taken_by:
        rows.append((eyes.t("question.taken_by"), eyes.name(question.taken_by)))
    if question.forwarded_to:
        rows.append((eyes.t("question.forwarded_to"), eyes.name(question.forwarded_to)))
    if question.waits_until:
        until = eyes.due(question.waits_until)
        rows.append((eyes.t("question.interim"), eyes.t("question.interim.until", until=until)))
    if question.rung:
        rows.append((eyes.t("question.passed_on"), _rung(eyes, question)))
    return rows


def _rung(eyes: Eyes, question: Question) -> str:
    """Whom it has gone on to; no substitute is named where there is none."""
    account = eyes.register.accounts.get(question.account or "")
    if question.rung == "head":
        return eyes.t("question.rung.head")
    alone = "communications" in question.told and not _substitute(eyes, account)
    return hearers(eyes, ("communications",) if alone else question.told)


def hearers(eyes: Eyes, told: Sequence[Hearer]) -> str:
    """`ersättaren och kommunikationsavdelningen`; nobody: that."""
    named = [eyes.office_name if who == "communications" else eyes.t(f"question.rung.{who}") for who in told]
    return words(eyes.t, named) or eyes.t("person.nobody")


def due(eyes: Eyes, question: Question) -> str:
    """The deadline in words, without blame when it has passed."""
    words = eyes.due(question.answer_by)
    return words if eyes.now <= question.answer_by else eyes.t("question.overdue", due=words)


def by_when(eyes: Eyes, question: Question) -> str:
    """The deadline after `answer` in a sentence; nobody is asked to answer yesterday."""
    late = eyes.now > question.answer_by
    return eyes.t("due.passed") if late else eyes.due(question.answer_by)


def _buttons(eyes: Eyes, question: Question) -> tuple[Button, ...]:
    if not question.is_open:
        return (_button(eyes, question, "reopen"),)
    verbs = ["answered"] + (["seen"] if question.where == "comment" else []) + ["hand_on"]
    if not question.taken_by:
        verbs.insert(0, "take")
    buttons = [_button(eyes, question, verb) for verb in verbs]
    return (*buttons, alarm_button(eyes, question.account), _button(eyes, question, "why"))


def _button(eyes: Eyes, question: Question, verb: str) -> Button:
    label = eyes.t(f"question.do.{verb}")
    return Button(verb=f"question.{verb}", arg=question.id, label=label,
                  heard=heard(eyes.t, label, eyes.called(question.account), eyes.t.when(question.posted_at)),
                  style="primary" if verb == "answered" else "plain")  # fmt: skip


def alarm_button(eyes: Eyes, account: str | None, of: str = "") -> Button:
    """`of`: what it is about where that is no one account."""
    label = eyes.t("alarm.do.open")
    return Button(verb="alarm.open", arg=account or "", label=label, style="danger",
                  heard=heard(eyes.t, label, of or eyes.called(account)))  # fmt: skip


def line(eyes: Eyes, question: Question) -> Item:
    """One line of a list: which question, and until when."""
    what = eyes.t(f"question.line.{question.kind}", account=eyes.account(question.account))
    return Item(
        text=what, note=due(eyes, question), state="open" if eyes.now <= question.answer_by else "late"
    )


def open_button(eyes: Eyes, question: Question) -> Button:
    """Beside a line: opens the question for whoever may."""
    label = eyes.t("today.do.open")
    said = heard(eyes.t, label, eyes.called(question.account), eyes.t.when(question.posted_at))
    return Button(verb="question.show", arg=question.id, label=label, heard=said)


def escalation(eyes: Eyes, question: Question, account: Account, to: str) -> Card:
    """Passed on at the deadline: to the substitute in the thread, to communications in their own channel."""
    title = eyes.t("question.escalation", account=account_name(eyes.t, account))
    alerted = _alerted(eyes, account, to)
    parts: list[Part] = []
    if alerted:
        key = _asked(eyes, question, account) if to == "communications" else to
        parts.append(People(people=eyes.mentions(alerted), text=eyes.t(f"question.escalation.{key}")))
    else:
        parts.append(Text(text=eyes.t("question.escalation.nobody")))
    return Card(title=title, parts=(*parts, *_parts(eyes, question)), buttons=_buttons(eyes, question)[:3])


def _asked(eyes: Eyes, question: Question, account: Account) -> str:
    """How communications is asked: beside the substitute, because there is none, or as the only ones."""
    if not _substitute(eyes, account):
        return "alone"
    return "communications" if "substitute" in question.told else "substitute"


def _alerted(eyes: Eyes, account: Account, to: str) -> tuple[PersonId, ...]:
    if to == "substitute":
        return _substitute(eyes, account)
    rota = eyes.register.rota(eyes.today)
    return (rota,) if rota else ()


def _substitute(eyes: Eyes, account: Account | None) -> tuple[PersonId, ...]:
    substitute = eyes.register.substitute(account, eyes.today) if account else None
    return (substitute,) if substitute else ()


def told_head(eyes: Eyes, question: Question, head: PersonId) -> Card:
    """One line in the thread, or alone where there is none: who has been told; it alerts nobody."""
    return told(eyes.t, "question.told_head", account=eyes.account(question.account), name=eyes.name(head))


def quiet(eyes: Eyes, question: Question) -> Card:
    """In its thread in the place's first week: nobody else is told, and from when somebody would be (users.md U11)."""
    t = eyes.t
    if question.rung or question.quiet_until is None:
        return told(t, "question.quiet.over", account=eyes.account(question.account))
    first = eyes.hours.today(eyes.hours.speak_at(question.quiet_until))
    account = eyes.register.accounts.get(question.account or "")
    who = hearers(eyes, reached(eyes.hours.waits.goes_on, substitute=bool(_substitute(eyes, account))))
    text = Text(text=t("question.quiet.text", day=t.long_date(first), who=who))
    title = t("question.quiet", account=eyes.account(question.account))
    return Card(title=title, parts=(text,), buttons=_buttons(eyes, question)[:3])


def forwarded(eyes: Eyes, question: Question) -> Card:
    """What somebody sees to whom a question was handed on. The clock runs on, and they see it."""
    if not question.is_open:
        return card(eyes, question)
    title = eyes.t("question.forwarded", account=eyes.account(question.account))
    buttons = (_button(eyes, question, "answered"), _button(eyes, question, "why"))
    return Card(title=title, parts=(Text(text=eyes.t("question.forwarded.text")), *_parts(eyes, question)),
                buttons=buttons)  # fmt: skip


# -- forms --------------------------------------------------------------------------------------


def log_form(
    eyes: Eyes, accounts: tuple[Account, ...], chosen: str, *, text: str, link: str, posted: datetime
) -> Form:
    """Account, where, when and kind; link and text optional (users.md U2)."""
    t = eyes.t
    fields = (
        Choice(
            id="account",
            label=t("question.ask.account"),
            options=account_options(eyes, accounts),
            value=chosen,
        ),
        Choice(
            id="where",
            label=t("question.ask.where"),
            options=options(t, "question.where", WHERE),
            value="comment",
        ),
        Moment(id="posted", label=t("question.ask.posted"), hint=t("question.ask.posted.hint"), value=posted),
        Choice(
            id="kind",
            label=t("question.ask.kind"),
            options=options(t, "question.kind", KINDS),
            value="question",
        ),
        Line(id="link", label=t("question.ask.link"), required=False, value=link, max_length=1000),
        Line(
            id="text",
            label=t("question.ask.text"),
            hint=t("question.ask.text.hint"),
            required=False,
            value=text,
        ),
    )
    intro = (Text(text=t("question.ask.intro"), tone="quiet"),)
    return Form(
        id="question.log", title=t("question.ask.title"), fields=fields, submit=t("form.save"), intro=intro
    )


def hand_on_form(eyes: Eyes, question: Question, others: Sequence[Account] = ()) -> Form:
    """Ask somebody, give an interim reply, or, where there are `others`, say which account it is about."""
    t = eyes.t
    ways = ("forward", "interim", *(("account",) if others else ()), "moderate")
    which = Choice(
        id="account", label=t("question.hand_on.which"), hint=t("question.hand_on.which.hint"), required=False,
        options=account_options(eyes, others),
    )  # fmt: skip
    fields: tuple[Field, ...] = (
        Choice(id="how", label=t("question.hand_on.how"), options=options(t, "question.hand_on", ways),
               value="forward"),
        PersonField(id="to", label=t("question.hand_on.to"), hint=t("question.hand_on.to.hint"), required=False),
        Moment(id="until", label=t("question.hand_on.until"), hint=t("question.hand_on.until.hint"), required=False),
        *((which,) if others else ()),
    )  # fmt: skip
    intro = (Text(text=line(eyes, question).text + ", " + due(eyes, question), tone="quiet"),)
    return Form(id="question.hand_on", title=t("question.hand_on.title"), fields=fields, submit=t("form.save"),
                intro=intro, state=question.id)  # fmt: skip


def why(eyes: Eyes, question: Question) -> Form:
    """Policy, section, each counted span and each skipped day by name (KISV-54, 55; KAU-44, 45)."""
    t = eyes.t
    counted = eyes.hours.calendar.counted(question.posted_at, question.answer_by)
    arrival = t("why.arrival", at=eyes.moment(question.posted_at), due=eyes.due(question.answer_by))
    pack = t("why.pack", pack=eyes.pack.title.of(t.language), version=question.stamp.version)
    parts = (
        Text(text=arrival),
        Text(text=t("why.counted"), tone="strong"),
        Items(items=tuple(_counted(eyes, step) for step in counted)),
        Text(text=t("why.rule"), tone="strong"),
        eyes.parameter("answer.weekend" if question.came_on_free_day else "answer.hours"),
        eyes.parameter("answer.clock_starts"),
        Text(text=pack, tone="quiet"),
    )
    return Form(id="show", title=t("why.title"), intro=parts, writes=False)


def _counted(eyes: Eyes, step: Span | Skipped) -> Item:
    if isinstance(step, Skipped):
        name = step.free.sv if eyes.t.language == "sv" else step.free.en
        return Item(text=eyes.t.long_date(step.day), note=eyes.t("why.skipped", name=name))
    hours = (step.end - step.start).total_seconds() / 3600
    whole = f"{hours:.0f}" if hours == int(hours) else f"{hours:.1f}".replace(".", eyes.t("number.point"))
    return Item(text=eyes.t.long_date(step.day), note=eyes.t("why.span", hours=whole), state="done")


# -- private answers ----------------------------------------------------------------------------


def noted(eyes: Eyes, question: Question, key: str, **values: object) -> Card:
    return told(eyes.t, key, account=eyes.account(question.account), due=by_when(eyes, question),
                office=eyes.office_name, **values)  # fmt: skip


def logged(eyes: Eyes, question: Question) -> Card:
    """A new question: until when, and why."""
    key = "question.noted" if question.place else "question.noted.no_place"
    return replace(noted(eyes, question, key), buttons=(_button(eyes, question, "why"),))
