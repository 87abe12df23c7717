"""A checklist as those who fill it in see it: the start, one step at a time, the overview, what the bot drafts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal, assert_never

from bot import checklists, rights
from bot.cases.run_state import CLOSE_ACCOUNT, ONE_DAY, Run
from bot.model import Account, PersonId
from bot.plain import natural
from bot.policy import Checklist, Field, Step
from bot.policy import Option as PackOption
from bot.screens.answers import cite, cut, field_of, name, said, shown, unit
from bot.screens.base import Eyes, account_name, account_options, heard, told, words
from bot.screens.drafts import has_drafts, notice
from bot.view import (
    Button,
    Card,
    Choice,
    Choices,
    Confirm,
    Date,
    Form,
    Item,
    Items,
    Line,
    Lines,
    Moment,
    Option,
    Part,
    PeopleField,
    PersonField,
    PlaceField,
    Quote,
    Text,
    Toggle,
    Value,
    Values,
)
from bot.view import Field as Input

SHORT = 80
"""So much of an answer stands in the overview."""


# -- the start ----------------------------------------------------------------------------------


def start(eyes: Eyes, drafts: Sequence[Run]) -> Card:
    """Does it exist already, is one begun, or is this a new one? (users.md U1)"""
    items = tuple(draft(eyes, run) for run in drafts)
    parts: list[Part] = [Text(text=eyes.t("run.start.text"))]
    if items:
        parts += [Text(text=eyes.t("run.start.drafts"), tone="strong"), Items(items=items)]
    buttons = (_plain(eyes, "exists"), _plain(eyes, "new", style_primary=not items))
    return Card(title=eyes.t("run.start.title"), parts=tuple(parts), buttons=buttons)


def draft(eyes: Eyes, run: Run) -> Item:
    n, total = checklists.progress(run.plan, run.values, run.next_step or "")
    state = eyes.t("run.draft.at", n=n, total=total) if n else eyes.t("run.draft.ready")
    note = eyes.t("run.draft.note", state=state, name=eyes.name(run.runner))
    return Item(
        text=name(eyes, run), note=note, state="open", button=_button(eyes, run, "overview", "resume")
    )


def not_written(eyes: Eyes) -> Card:
    """For guidelines whose checklist is not written: what can be done instead."""
    text = eyes.t("run.not_written.instead", office=eyes.office_name)
    title = eyes.t("run.not_written", pack=eyes.pack.title.of(eyes.t.language))
    return Card(title=title, parts=(Text(text=text),), buttons=(_plain(eyes, "exists"),))


# -- one step -----------------------------------------------------------------------------------


def step_form(
    eyes: Eyes,
    plan: Checklist,
    step: Step,
    values: Values,
    *,
    actor: PersonId,
    state: str,
    above: tuple[Part, ...] = (),
) -> Form:
    """One step: help above, the fields, and behind the last one what it rests on (users.md U12)."""
    n, total = checklists.progress(plan, values, step.id)
    title = eyes.t("run.step.title", title=step.title.of(eyes.t.language), n=n, total=total)
    asked = [f for f in checklists.asked(step) if _asks(f, values, actor)]
    seen = _choosing(eyes, plan, values, actor)
    fields = tuple(_field(seen, step, f, values, actor, last=f is asked[-1]) for f in asked)
    intro = [*above, Text(text=step.help.of(eyes.t.language)), *_extra(eyes, plan, step, values)]
    if not fields:
        intro.append(cite(eyes, step))
    intro.append(Text(text=eyes.t("run.closing" if values else "run.closing.first"), tone="quiet"))
    return Form(id="run.step", title=title, fields=fields, submit=eyes.t("run.step.submit"), intro=tuple(intro),
                state=state)  # fmt: skip


def _choosing(eyes: Eyes, plan: Checklist, values: Values, actor: PersonId) -> Eyes:
    """A closure offers the accounts that one may close, and those that are chosen."""
    if plan.id != CLOSE_ACCOUNT:
        return eyes
    chosen = checklists.several(values.get(checklists.CLOSING, ()))
    mine = {
        ident: account for ident, account in eyes.register.accounts.items()
        if ident in chosen or rights.may_close(eyes.register, actor, account, plan.closed_by(account.level))
    }  # fmt: skip
    return replace(eyes, register=replace(eyes.register, accounts=mine))


def _asks(field: Field, values: Values, actor: PersonId) -> bool:
    """Somebody who is not named confirms nothing."""
    return field.confirmed_by == "runner" or actor in checklists.named(values)


def _extra(eyes: Eyes, plan: Checklist, step: Step, values: Values) -> list[Part]:
    """Who will be asked to confirm; the draft of the notice, before the step that asks for it."""
    parts: list[Part] = []
    if step.request:
        parts.append(Text(text=eyes.t("run.office_asked", office=eyes.office_name)))
    if any(f.confirmed_by == "each-person" for f in step.fields):
        names = words(eyes.t, [eyes.name(p) for p in checklists.named(values)])
        parts.append(
            Text(text=eyes.t("run.all_asked", names=names) if names else eyes.t("run.all_asked.later"))
        )
    if step.id == checklists.NOTICE:
        parts += notice(eyes, plan, values)
    return parts


def _why(eyes: Eyes, step: Step) -> str:
    found = cite(eyes, step)
    key = "run.why" if found.section else "run.why.default"
    return eyes.t(key, rule=found.rule, section=found.section)


def _field(eyes: Eyes, step: Step, field: Field, values: Values, actor: PersonId, *, last: bool) -> Input:
    ref = checklists.ref(step, field)
    own = field.hint.of(eyes.t.language) if field.hint else ""
    hint = f"{own} {_why(eyes, step) if last else ''}".strip()
    value = values.get(ref, checklists.likely(field, values) or _likely(eyes, ref, values, actor))
    options = checklists.offered(field, values)
    required = field.required and not field.later
    common = {"id": ref, "label": field.ask.of(eyes.t.language), "hint": hint, "required": required}
    return _input(eyes, field, options, value, common, actor)


def _input(
    eyes: Eyes,
    field: Field,
    options: Sequence[PackOption],
    value: Value,
    common: dict[str, Any],
    actor: PersonId,
) -> Input:
    single = value if isinstance(value, str) else next(iter(value), "")
    several = checklists.several(value)
    if common["id"] == checklists.UNIT and eyes.register.units:
        return Choice(**common, options=_units(eyes), value=single)
    if common["id"] == checklists.OWN_PLACE:
        return PlaceField(**common, value=single)
    match field.kind:
        case "line" | "link" | "checksum":
            return Line(**common, max_length=field.max_length, value=single)
        case "lines":
            return Lines(**common, max_length=field.max_length, value=single)
        case "choice":
            return Choice(**common, options=_options(eyes, options), value=single)
        case "choices":
            return Choices(**common, options=_options(eyes, options), value=several)
        case "account":
            found = account_options(eyes, checklists.accounts(eyes.register, actor))
            return Choice(**common, options=found, value=single)
        case "accounts":
            found = account_options(eyes, checklists.accounts(eyes.register, actor))
            return Choices(**common, options=found, value=several)
        case "person":
            return PersonField(**common, value=PersonId(single) if single else None)
        case "people":
            return PeopleField(**common, value=tuple(PersonId(p) for p in several))
        case "date":
            return Date(**common, value=date.fromisoformat(single) if single else None)
        case "moment":
            return Moment(**common, value=datetime.fromisoformat(single) if single else None)
        case "confirm":
            return Toggle(**common, value=single == "yes")
        case _:
            assert_never(field.kind)


def _likely(eyes: Eyes, ref: str, values: Values, actor: PersonId) -> Value:
    """What is known already is filled in, to be changed where it is wrong."""
    unit = checklists.unit_of(eyes.register, values)
    known = list(eyes.register.units)
    match ref:
        case checklists.UNIT:
            return known[0] if len(known) == 1 else ""
        case checklists.PEOPLE:
            return (actor,)
        case checklists.MANAGER:
            return actor
        case checklists.HEAD:
            return eyes.register.head_for(unit.id if unit else None, (actor,)) or ""
        case checklists.OWN_HOUR:
            return "09-00"
        case checklists.FINAL_NAME:
            return values.get(checklists.NAME, "")
        case _:
            return ""


def _options(eyes: Eyes, options: Sequence[PackOption]) -> tuple[Option, ...]:
    return tuple(Option(id=o.id, label=o.label.of(eyes.t.language)) for o in options)


def _units(eyes: Eyes) -> tuple[Option, ...]:
    units = sorted(eyes.register.units.values(), key=lambda u: natural(u.name))
    return tuple(Option(id=u.id, label=u.name) for u in units)


def similar(eyes: Eyes, accounts: Sequence[Account]) -> tuple[Part, ...]:
    """Accounts that may already do."""
    if not accounts:
        return ()
    items = tuple(Item(text=account_name(eyes.t, a), note=unit(eyes, a.unit)) for a in accounts[:5])
    return (Text(text=eyes.t("run.similar"), tone="strong"), Items(items=items))


def notes(eyes: Eyes, run: Run, step: Step | None = None) -> tuple[Part, ...]:
    """What the chosen answers mean (of one step, or of all), and what has to be done before one can go on."""
    found = [o for ref, o in checklists.chosen(run.plan, run.values)
             if step is None or ref.partition(".")[0] == step.id]  # fmt: skip
    said = [o.note for o in found if o.note] + [
        o.stop_text for o in found if o.then == "wait" and o.stop_text
    ]
    return tuple(Text(text=text.of(eyes.t.language)) for text in said)


# -- the overview -------------------------------------------------------------------------------


def overview(eyes: Eyes, run: Run) -> Card:
    """Every step with its state and a way back to it, and what can be done next."""
    title = said(eyes, run, f"run.title.{run.state}", name=name(eyes, run))
    parts = [*_state(eyes, run)]
    if run.may_change:
        parts += [*notes(eyes, run), *_ready(eyes, run), *_steps(eyes, run)]
    return Card(title=title, parts=tuple(parts), buttons=_buttons(eyes, run))


def _state(eyes: Eyes, run: Run) -> list[Part]:
    t = eyes.t
    match run.state:
        case "returned":
            return [
                Text(text=said(eyes, run, "run.returned.asks")),
                Quote(text=run.returned_why),
                *_others(eyes, run),
            ]
        case "waiting" if run.approver:
            return [Text(text=t("run.with", name=eyes.name(run.approver)))]
        case "waiting":
            return [Text(text=said(eyes, run, "run.no_approver", office=eyes.office_name))]
        case "second_half" if run.decided_at:
            due = eyes.hours.calendar.after_hours(run.decided_at, eyes.hours.waits.complete_days * ONE_DAY)
            end = eyes.hours.calendar.end_of(eyes.hours.today(due))
            return [Text(text=said(eyes, run, "run.second_half", due=eyes.due(end), n=run.decision))]
        case "live" if run.went_live_at:
            due = eyes.hours.calendar.after_hours(run.went_live_at, eyes.hours.waits.complete_days * ONE_DAY)
            end = eyes.hours.calendar.end_of(eyes.hours.today(due))
            return [Text(text=t("run.left", due=eyes.due(end)))]
        case "stopped":
            return [Text(text=stop_text(eyes, run))]
        case "rejected" | "withdrawn" if run.why:
            return [Quote(text=run.why)]
        case "draft":
            return _others(eyes, run)
        case _:
            return []


def standing(eyes: Eyes, run: Run) -> str:
    """One line for whoever fills it in: which account, and whom or what it waits for."""
    people = len({p for _, p in run.unconfirmed})
    called = name(eyes, run)
    match run.state:
        case "draft" | "returned" if run.next_step:
            return said(eyes, run, "today.run.step", name=called)
        case "draft" | "returned" if people:
            return eyes.t.many("today.run.confirm", people, name=called)
        case "draft" | "returned" if run.open_requests:
            return said(eyes, run, "today.run.request", name=called, office=eyes.office_name)
        case "waiting" if run.approver:
            return said(eyes, run, "today.run.waiting", name=called, who=eyes.name(run.approver))
        case "waiting":
            return said(eyes, run, "today.run.no_approver", name=called)
        case _:
            return said(eyes, run, f"today.run.{run.state}", name=called)


def stop_text(eyes: Eyes, run: Run) -> str:
    """Why the run ended, and where to go instead."""
    found = checklists.stopped(run.plan, run.values)
    step = run.plan.step(run.stop)
    text = found[1].stop_text if found else step.request.ends if step and step.request else None
    return text.of(eyes.t.language) if text else ""


def _others(eyes: Eyes, run: Run) -> list[Part]:
    """Whom it waits for: people who confirm, and communications."""
    people = tuple(dict.fromkeys(p for _, p in run.unconfirmed))
    names = words(eyes.t, [eyes.name(p) for p in people])
    parts: list[Part] = [Text(text=eyes.t("run.unconfirmed", names=names))] if names else []
    steps = words(
        eyes.t, [s.title.of(eyes.t.language) for s in run.open_requests if s.id in run.requested_at]
    )
    if steps:
        parts.append(Text(text=eyes.t("run.unjudged", office=eyes.office_name, steps=steps)))
    return parts


def _ready(eyes: Eyes, run: Run) -> list[Part]:
    """Which drafts can be copied."""
    titles = words(eyes.t, [d.title.of(eyes.t.language) for d in checklists.ready(run.plan, run.values)])
    return [Text(text=eyes.t("run.drafts.are_ready", titles=titles))] if titles else []


def _steps(eyes: Eyes, run: Run) -> tuple[Part, ...]:
    steps = [s for s in checklists.path(run.plan, run.values) if s.half == run.half]
    if run.state == "live":
        steps = list(run.later)
    return (Items(items=tuple(_step(eyes, run, step) for step in steps)),)


def _step(eyes: Eyes, run: Run, step: Step) -> Item:
    title = step.title.of(eyes.t.language)
    if not checklists.asked(step):
        return Item(text=title, note=request_state(eyes, run, step), state=_mark(run, step))
    done = checklists.is_done(step, run.values) and step not in run.later
    answers = "; ".join(a for f in checklists.asked(step) if (a := shown(eyes, step, f, run.values)))
    note = eyes.t("run.step.done") if done else eyes.t("run.step.open")
    if done and answers:
        note = eyes.t("run.step.answered", answers=cut(answers, SHORT))
    if step.request:
        note = f"{note}; {request_state(eyes, run, step)}"
    label = eyes.t("run.do.change" if done else "run.do.fill_in")
    button = Button(
        verb="run.step_open", arg=f"{run.id}|{step.id}", label=label, heard=f"{label}: {title}"[:75]
    )
    return Item(text=title, note=note, state="done" if done else "open", button=button)


def request_state(eyes: Eyes, run: Run, step: Step) -> str:
    """How far communications has come with a step, in words."""
    names = words(eyes.t, [eyes.name(p) for p in run.judges(step)])
    if run.unjudged(step):
        key = "later" if step.id not in run.requested_at else "partly" if names else "open"
    else:
        key = "noticed" if step.id in run.noticed else "yes"
    return eyes.t(f"run.request.state.{key}", office=eyes.office_name, names=names)


def _mark(run: Run, step: Step) -> Literal["open", "done"]:
    return "open" if run.unjudged(step) else "done"


def _buttons(eyes: Eyes, run: Run) -> tuple[Button, ...]:
    match run.state:
        case "draft" | "returned":
            drafts = ("drafts",) if has_drafts(run) else ()
            return tuple(_button(eyes, run, v) for v in (*_go_on(run), "hand", *drafts, "withdraw"))
        case "waiting":
            return tuple(_button(eyes, run, verb) for verb in ("read", "withdraw"))
        case "second_half" | "live":
            first = "continue" if run.next_step else "finish"
            drafts = ("drafts",) if has_drafts(run) else ()
            return tuple(_button(eyes, run, v) for v in (first, "hand", *drafts, "decision", "read"))
        case "done" | "rejected":
            return tuple(_button(eyes, run, verb) for verb in ("decision", "read"))
        case _:
            return ()


def _go_on(run: Run) -> tuple[str, ...]:
    if run.next_step:
        return ("continue",)
    if run.unconfirmed or run.open_requests:
        return ()
    return ("reply",) if run.state == "returned" else ("send",)


def _button(eyes: Eyes, run: Run, verb: str, label: str = "") -> Button:
    text = said(eyes, run, f"run.do.{label or verb}")
    main = verb in ("continue", "finish", "send", "reply")
    return Button(verb=f"run.{verb}", arg=run.id, label=text, heard=heard(eyes.t, text, name(eyes, run)), style="primary" if main else "plain",
                  confirm=_sure(eyes, text) if verb == "send" else None)  # fmt: skip


def _sure(eyes: Eyes, yes: str) -> Confirm:
    """Asked before it is sent; `yes` says the same as the button that was pressed."""
    t = eyes.t
    return Confirm(title=t("run.send.title"), text=t("run.send.text"), yes=yes, no=t("run.send.no"))


def _plain(eyes: Eyes, verb: str, *, style_primary: bool = False) -> Button:
    label = eyes.t(f"run.do.{verb}")
    return Button(verb=f"run.{verb}", label=label, heard=label, style="primary" if style_primary else "plain")


# -- others -------------------------------------------------------------------------------------


def confirm_card(eyes: Eyes, run: Run, ref: str, person: PersonId) -> Card:
    """What somebody is asked to confirm, with one button; afterwards it says that it is done."""
    found = field_of(run.plan, ref)
    if found is None:
        return told(eyes.t, "case.gone")
    step, field = found
    title = eyes.t("run.confirm.title", name=name(eyes, run))
    quote = Text(text=field.ask.of(eyes.t.language), tone="strong")
    if person in run.confirmed.get(ref, ()):
        return Card(title=eyes.t("run.confirm.done", name=name(eyes, run)), parts=(quote,))
    asks = Text(text=eyes.t("run.confirm.text", name=eyes.name(run.runner)))
    label = eyes.t("run.do.confirm")
    button = Button(verb="run.confirm", arg=f"{run.id}|{ref}", label=label, style="primary",
                    heard=heard(eyes.t, label, name(eyes, run)))  # fmt: skip
    return Card(title=title, parts=(asks, quote, cite(eyes, step)), buttons=(button,))


def told_card(eyes: Eyes, run: Run, what: str, account: Account | None, *, office: bool) -> Card:
    """What somebody is told of a run: handed over, idle, all confirmed, sent back, approved, rejected, live, no approver.

    `office`: to communications, who read it and do not fill it in.
    """
    called = account_name(eyes.t, account) if account else name(eyes, run)
    values = {"name": called, "runner": eyes.name(run.runner), "who": eyes.name(run.decided_by or run.approver),
              "n": run.decision or 0}  # fmt: skip
    text = said(eyes, run, f"run.told.{what}.text", **values)
    parts: list[Part] = [Text(text=text)] if text else []
    if office and what == "live" and run.name == CLOSE_ACCOUNT:
        parts.append(Text(text=eyes.t("close.list")))
    why = run.returned_why if what == "returned" else run.why if what == "rejected" else ""
    if why:
        parts.append(Quote(text=why))
    first = "set_head" if what == "no_approver" else "read" if office else "overview"
    verbs = (first, "decision") if run.decision else (first,)
    buttons = tuple(_button(eyes, run, verb) for verb in verbs)
    return Card(title=said(eyes, run, f"run.told.{what}", **values), parts=tuple(parts), buttons=buttons)


def ask_person(eyes: Eyes, run: Run, form: str, value: PersonId | None = None) -> Form:
    """Hand a step to a colleague (`hand`), or enter who approves (`set_head`)."""
    t = eyes.t
    field = PersonField(id="person", label=t(f"run.{form}.person"), hint=t(f"run.{form}.hint"), value=value)
    return Form(id=f"run.{form}", title=t(f"run.{form}.title"), fields=(field,), submit=t(f"run.{form}.submit"),
                state=run.id)  # fmt: skip


def ask_text(eyes: Eyes, form: str, state: str, above: tuple[Part, ...] = ()) -> Form:
    """One text that is needed: a reason, a question, an answer to one. `form` is the form's id."""
    t = eyes.t
    field = Lines(id="text", label=t(f"{form}.text"), hint=t(f"{form}.hint"), max_length=1000)
    return Form(id=form, title=t(f"{form}.title"), fields=(field,), submit=t(f"{form}.submit"), state=state,
                intro=above)  # fmt: skip
