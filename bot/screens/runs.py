"""A checklist as those who fill it in see it: the start, one step at a time, the overview, what the bot drafts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, assert_never

from bot import checklists
from bot.cases.run import TEN_DAYS, Run
from bot.model import Account, PersonId
from bot.policy import Checklist, Field, Step
from bot.screens.base import Eyes, account_name, heard, told, words
from bot.view import (
    Button,
    Card,
    Choice,
    Choices,
    Cite,
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
    items = tuple(_draft(eyes, run) for run in drafts)
    parts: list[Part] = [Text(text=eyes.t("run.start.text"))]
    if items:
        parts += [Text(text=eyes.t("run.start.drafts"), tone="strong"), Items(items=items)]
    buttons = (_plain(eyes, "exists"), _plain(eyes, "new", style_primary=not items))
    return Card(title=eyes.t("run.start.title"), parts=tuple(parts), buttons=buttons)


def _draft(eyes: Eyes, run: Run) -> Item:
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


def name(eyes: Eyes, run: Run) -> str:
    """What the account is to be called, with its platform, as far as that is known."""
    wanted = str(run.values.get(checklists.FINAL_NAME) or run.values.get(checklists.NAME) or "")
    platform = str(run.values.get(checklists.PLATFORM, ""))
    if not wanted or not platform:
        return wanted or run.plan.title.of(eyes.t.language)
    return f"{wanted} ({eyes.t('platform.' + platform)})"


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
    fields = tuple(_field(eyes, step, f, values, actor, last=f is asked[-1]) for f in asked)
    intro = [*above, Text(text=step.help.of(eyes.t.language)), *_extra(eyes, step, values)]
    if not fields:
        intro.append(cite(eyes, step))
    intro.append(Text(text=eyes.t("run.closing" if values else "run.closing.first"), tone="quiet"))
    return Form(id="run.step", title=title, fields=fields, submit=eyes.t("run.step.submit"), intro=tuple(intro),
                state=state)  # fmt: skip


def _asks(field: Field, values: Values, actor: PersonId) -> bool:
    """Somebody who is not named confirms nothing."""
    return field.confirmed_by == "runner" or actor in checklists.named(values)


def _extra(eyes: Eyes, step: Step, values: Values) -> list[Part]:
    """Who will be asked to confirm; the draft of the notice, before the step that asks for it."""
    parts: list[Part] = []
    if any(f.confirmed_by == "each-person" for f in step.fields):
        names = words(eyes.t, [eyes.name(p) for p in checklists.named(values)])
        parts.append(
            Text(text=eyes.t("run.all_asked", names=names) if names else eyes.t("run.all_asked.later"))
        )
    if step.id == checklists.NOTICE:
        parts += notice(eyes)
    return parts


def cite(eyes: Eyes, step: Step) -> Cite:
    """The rule in our words and the section it stands in; a default is shown as one."""
    section = eyes.pack.section(step.section)
    heading = section.heading if section and not step.default else ""
    return Cite(rule=step.why.of(eyes.t.language), section=heading, default=step.default)


def _why(eyes: Eyes, step: Step) -> str:
    found = cite(eyes, step)
    key = "run.why" if found.section else "run.why.default"
    return eyes.t(key, rule=found.rule, section=found.section)


def _field(eyes: Eyes, step: Step, field: Field, values: Values, actor: PersonId, *, last: bool) -> Input:
    ref = checklists.ref(step, field)
    own = field.hint.of(eyes.t.language) if field.hint else ""
    hint = f"{own} {_why(eyes, step) if last else ''}".strip()
    value = values.get(ref, _likely(eyes, ref, values, actor))
    common = {"id": ref, "label": field.ask.of(eyes.t.language), "hint": hint, "required": field.required}
    return _input(eyes, field, value, common)


def _input(eyes: Eyes, field: Field, value: Value, common: dict[str, Any]) -> Input:
    single = value if isinstance(value, str) else next(iter(value), "")
    several = (value,) if isinstance(value, str) and value else tuple(value)
    if common["id"] == checklists.UNIT and eyes.register.units:
        return Choice(**common, options=_units(eyes), value=single)
    if common["id"] == checklists.OWN_PLACE:
        return PlaceField(**common, value=single)
    match field.kind:
        case "line" | "link":
            return Line(**common, max_length=field.max_length, value=single)
        case "lines":
            return Lines(**common, max_length=field.max_length, value=single)
        case "choice":
            return Choice(**common, options=_options(eyes, field), value=single)
        case "choices":
            return Choices(**common, options=_options(eyes, field), value=several)
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


def _options(eyes: Eyes, field: Field) -> tuple[Option, ...]:
    return tuple(Option(id=o.id, label=o.label.of(eyes.t.language)) for o in field.options)


def _units(eyes: Eyes) -> tuple[Option, ...]:
    units = sorted(eyes.register.units.values(), key=lambda u: u.name.casefold())
    return tuple(Option(id=u.id, label=u.name) for u in units)


def similar(eyes: Eyes, accounts: Sequence[Account]) -> tuple[Part, ...]:
    """Accounts that may already do."""
    if not accounts:
        return ()
    items = tuple(Item(text=account_name(eyes.t, a), note=_unit(eyes, a.unit)) for a in accounts[:5])
    return (Text(text=eyes.t("run.similar"), tone="strong"), Items(items=items))


def _unit(eyes: Eyes, ident: str) -> str:
    known = eyes.register.units.get(ident)
    return known.name if known else ident


# -- the overview -------------------------------------------------------------------------------


def overview(eyes: Eyes, run: Run) -> Card:
    """Every step with its state and a way back to it, and what can be done next."""
    title = eyes.t(f"run.title.{run.state}", name=name(eyes, run))
    parts = [*_state(eyes, run), *(_steps(eyes, run) if run.may_change else ())]
    return Card(title=title, parts=tuple(parts), buttons=_buttons(eyes, run))


def _state(eyes: Eyes, run: Run) -> list[Part]:
    t = eyes.t
    match run.state:
        case "returned":
            return [Text(text=t("run.returned.asks")), Quote(text=run.returned_why), *_unconfirmed(eyes, run)]
        case "waiting" if run.approver:
            return [Text(text=t("run.with", name=eyes.name(run.approver)))]
        case "waiting":
            return [Text(text=t("run.no_approver", office=eyes.office_name))]
        case "second_half" if run.decided_at:
            due = eyes.hours.calendar.after_hours(run.decided_at, TEN_DAYS)
            end = eyes.hours.calendar.end_of(eyes.hours.today(due))
            return [Text(text=t("run.second_half", due=eyes.due(end), n=run.decision))]
        case "stopped":
            return [Text(text=stop_text(eyes, run))]
        case "rejected" | "withdrawn" if run.why:
            return [Quote(text=run.why)]
        case "draft":
            return _unconfirmed(eyes, run)
        case _:
            return []


def stop_text(eyes: Eyes, run: Run) -> str:
    """Why the run ended, and where to go instead."""
    found = checklists.stopped(run.plan, run.values)
    text = found[1].stop_text if found else None
    return text.of(eyes.t.language) if text else ""


def _unconfirmed(eyes: Eyes, run: Run) -> list[Part]:
    people = tuple(dict.fromkeys(p for _, p in run.unconfirmed))
    names = words(eyes.t, [eyes.name(p) for p in people])
    return [Text(text=eyes.t("run.unconfirmed", names=names))] if names else []


def _steps(eyes: Eyes, run: Run) -> tuple[Part, ...]:
    steps = [s for s in checklists.path(run.plan, run.values) if s.half == run.half]
    return (Items(items=tuple(_step(eyes, run, step) for step in steps)),)


def _step(eyes: Eyes, run: Run, step: Step) -> Item:
    done = checklists.is_done(step, run.values)
    title = step.title.of(eyes.t.language)
    answers = "; ".join(a for f in checklists.asked(step) if (a := shown(eyes, step, f, run.values)))
    note = eyes.t("run.step.done") if done else eyes.t("run.step.open")
    if done and answers:
        note = eyes.t("run.step.answered", answers=cut(answers, SHORT))
    label = eyes.t("run.do.change" if done else "run.do.fill_in")
    button = Button(
        verb="run.step_open", arg=f"{run.id}|{step.id}", label=label, heard=f"{label}: {title}"[:75]
    )
    return Item(text=title, note=note, state="done" if done else "open", button=button)


def _buttons(eyes: Eyes, run: Run) -> tuple[Button, ...]:
    match run.state:
        case "draft" | "returned":
            drafts = ("drafts",) if has_drafts(run) else ()
            return tuple(_button(eyes, run, v) for v in (*_go_on(run), "hand", *drafts, "withdraw"))
        case "waiting":
            return tuple(_button(eyes, run, verb) for verb in ("read", "withdraw"))
        case "second_half":
            return tuple(_button(eyes, run, v) for v in ("continue", "hand", "drafts", "decision", "read"))
        case "done" | "rejected":
            return tuple(_button(eyes, run, verb) for verb in ("decision", "read"))
        case _:
            return ()


def _go_on(run: Run) -> tuple[str, ...]:
    if run.next_step:
        return ("continue",)
    if run.unconfirmed:
        return ()
    return ("reply",) if run.state == "returned" else ("send",)


def _button(eyes: Eyes, run: Run, verb: str, label: str = "") -> Button:
    text = eyes.t(f"run.do.{label or verb}")
    main = verb in ("continue", "send", "reply")
    return Button(verb=f"run.{verb}", arg=run.id, label=text, heard=heard(eyes.t, text, name(eyes, run)), style="primary" if main else "plain",
                  confirm=_sure(eyes) if verb == "send" else None)  # fmt: skip


def _sure(eyes: Eyes) -> Confirm:
    t = eyes.t
    return Confirm(
        title=t("run.send.title"), text=t("run.send.text"), yes=t("run.do.send"), no=t("run.send.no")
    )


def _plain(eyes: Eyes, verb: str, *, style_primary: bool = False) -> Button:
    label = eyes.t(f"run.do.{verb}")
    return Button(verb=f"run.{verb}", label=label, heard=label, style="primary" if style_primary else "plain")


# -- answers in words ---------------------------------------------------------------------------


def shown(eyes: Eyes, step: Step, field: Field, values: Values) -> str:
    """An answer in words; "" for what was left empty."""
    ref = checklists.ref(step, field)
    value = values.get(ref, "")
    several = (value,) if isinstance(value, str) and value else tuple(value)
    if not several:
        return ""
    if ref == checklists.UNIT:
        return _unit(eyes, several[0])
    if ref == checklists.OWN_PLACE:
        place = eyes.register.places.get(several[0])
        return place.called if place else eyes.t("run.place.chosen")
    match field.kind:
        case "person" | "people":
            return words(eyes.t, [eyes.name(PersonId(p)) for p in several])
        case "choice" | "choices":
            return words(eyes.t, [o.label.of(eyes.t.language) for o in field.options if o.id in several])
        case "confirm":
            return eyes.t("run.value.yes") if several[0] == "yes" else eyes.t("run.value.asked")
        case "date":
            return eyes.t.short_date(date.fromisoformat(several[0]))
        case "moment":
            return eyes.moment(datetime.fromisoformat(several[0]))
        case _:
            return several[0]


def answer(eyes: Eyes, run: Run, ref: str) -> str:
    """The answer to "step.field" in words; "" where it is not on this path."""
    ident, _, of = ref.partition(".")
    step = run.plan.step(ident)
    field = next((f for f in step.fields if f.id == of), None) if step else None
    return shown(eyes, step, field, run.values) if step and field else ""


def cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rstrip()}…"


# -- what the bot drafts ------------------------------------------------------------------------


def has_drafts(run: Run) -> bool:
    return bool(run.values.get(checklists.PURPOSE) and run.values.get(checklists.AUDIENCE))


def drafts(eyes: Eyes, run: Run) -> Form:
    """Texts out of the answers, to be copied: what the account is for and who does it, and the visitor notice."""
    parts: list[Part] = []
    if has_drafts(run):
        parts += [
            Text(text=eyes.t("run.drafts.assignment"), tone="strong"),
            Quote(text=assignment(eyes, run)),
        ]
    parts += notice(eyes)
    return Form(id="show", title=eyes.t("run.drafts.title"), intro=tuple(parts), writes=False)


def assignment(eyes: Eyes, run: Run) -> str:
    """A short assignment for the account, line by line."""
    refs = (("purpose", checklists.PURPOSE), ("audience", checklists.AUDIENCE), ("people", checklists.PEOPLE),
            ("manager", checklists.MANAGER), ("hours", checklists.HOURS_A_WEEK),
            ("substitutes", checklists.SUBSTITUTES), ("head", checklists.HEAD))  # fmt: skip
    lines = [(eyes.t(f"approval.fact.{key}"), answer(eyes, run, ref)) for key, ref in refs]
    return "\n".join([name(eyes, run), *(f"{label}: {value}" for label, value in lines if value)])


def notice(eyes: Eyes) -> list[Part]:
    """The visitor notice in both languages, with the office's contact filled in."""
    draft = eyes.pack.visitor_notice
    contact = eyes.register.office.visitor_contact or eyes.pack.contact or eyes.office_name
    texts = (draft.sv.replace("{contact}", contact), draft.en.replace("{contact}", contact))
    title = eyes.t("run.drafts.notice.default" if draft.default else "run.drafts.notice")
    return [Text(text=title, tone="strong"), *(Quote(text=text) for text in texts)]


# -- others -------------------------------------------------------------------------------------


def confirm_card(eyes: Eyes, run: Run, ref: str, person: PersonId) -> Card:
    """What somebody is asked to confirm, with one button; afterwards it says that it is done."""
    step = run.plan.step(ref.partition(".")[0])
    field = next((f for f in step.fields if checklists.ref(step, f) == ref), None) if step else None
    if step is None or field is None:
        return told(eyes.t, "case.gone")
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
    """What somebody is told of a run: handed over, idle, sent back, approved, rejected, live, nobody to approve.

    `office`: to communications, who read it and do not fill it in.
    """
    called = account_name(eyes.t, account) if account else name(eyes, run)
    values = {"name": called, "runner": eyes.name(run.runner), "who": eyes.name(run.decided_by or run.approver),
              "n": run.decision or 0}  # fmt: skip
    text = eyes.t(f"run.told.{what}.text", **values)
    parts: list[Part] = [Text(text=text)] if text else []
    why = run.returned_why if what == "returned" else run.why if what == "rejected" else ""
    if why:
        parts.append(Quote(text=why))
    first = "set_head" if what == "no_approver" else "read" if office else "overview"
    verbs = (first, "decision") if run.decision else (first,)
    buttons = tuple(_button(eyes, run, verb) for verb in verbs)
    return Card(title=eyes.t(f"run.told.{what}", **values), parts=tuple(parts), buttons=buttons)


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
