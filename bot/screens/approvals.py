"""What whoever approves sees: a card that can be decided on without opening anything, and the decision (users.md U9)."""

from dataclasses import replace

from bot import checklists
from bot.cases.run import Run
from bot.model import PersonId
from bot.screens import answers, runs
from bot.screens.answers import said
from bot.screens.base import Eyes, heard, words
from bot.view import Button, Card, Cite, Confirm, Divider, Facts, Form, Item, Items, Part, Quote, Text

ANSWER_DAYS = 5
TAKEN_ON = (("head", "why"), ("resources", "help"))
"""The steps whose words say what whoever approves takes on."""


def card(eyes: Eyes, run: Run, deputies: tuple[PersonId, ...]) -> Card:
    """Who wants what, for whom, with what, and what one takes on."""
    title = eyes.t("approval.title", runner=eyes.name(run.runner), name=answers.name(eyes, run))
    parts = [
        *replied(eyes, run), Facts(rows=_facts(eyes, run)),
        Text(text=eyes.t("approval.take_on"), tone="strong"), *_taken_on(eyes, run),
        *_confirms(eyes, run), *_told(eyes, run), *_communications(eyes, run), *_similar(eyes, run),
        *_gaps(eyes, run),
    ]  # fmt: skip
    return Card(title=title, parts=tuple(parts), buttons=buttons(eyes, run, deputies))


def in_list(eyes: Eyes, run: Run, person: PersonId) -> tuple[str, str]:
    """Who wants what, and since when, until when and for whom it waits: a line in the list of what is to be decided."""
    text = said(eyes, run, "approval.title", runner=eyes.name(run.runner), name=answers.name(eyes, run))
    sent = eyes.moment(run.sent_at or run.opened_at)
    note = eyes.t("today.decide.note", at=sent, by=answer_by(eyes, run))
    deputy = person != run.approver and run.approver is not None
    instead = eyes.t("today.decide.deputy", name=eyes.name(run.approver)) if deputy else ""
    return text, ", ".join(filter(None, (note, instead)))


def as_deputy(eyes: Eyes, run: Run, card: Card) -> Card:
    """The request as a deputy sees it: they act for somebody, and it is said so."""
    told = Text(text=eyes.t("approval.as_deputy", name=eyes.name(run.approver)))
    buttons = tuple(b for b in card.buttons if b.verb != "approval.deputy")
    return replace(card, parts=(told, *card.parts), buttons=buttons)


def older(eyes: Eyes, run: Run) -> Card:
    """The card of a request that has been sent anew."""
    return Card(title=eyes.t("approval.older", name=answers.name(eyes, run)))


def elsewhere(eyes: Eyes, run: Run) -> Card:
    """The card of somebody who does not decide on it any more: the unit has another head, or the office a director."""
    return Card(title=eyes.t("approval.elsewhere", name=answers.name(eyes, run), who=eyes.name(run.approver)))


def over(eyes: Eyes, run: Run) -> Card:
    """What became of the request."""
    values = {"name": answers.name(eyes, run), "who": eyes.name(run.decided_by), "n": run.decision or 0}
    state = "approved" if run.state in ("second_half", "live", "done") else run.state
    why = {"rejected": run.why, "withdrawn": run.why, "returned": run.returned_why}.get(state, "")
    parts: tuple[Part, ...] = (Quote(text=why),) if why else ()
    buttons = (_plain(eyes, run, "run.decision", "decision"),) if run.decision else ()
    return Card(title=said(eyes, run, f"approval.{state}", **values), parts=parts, buttons=buttons)


def replied(eyes: Eyes, run: Run) -> list[Part]:
    """The question that it was sent back with, and the answer."""
    if not run.reply:
        return []
    return [Text(text=eyes.t("approval.reply", question=run.returned_why)), Quote(text=run.reply)]


def _facts(eyes: Eyes, run: Run) -> tuple[tuple[str, str], ...]:
    purpose = checklists.first_sentences(answers.answer(eyes, run, checklists.PURPOSE))
    audience = checklists.first_sentences(answers.answer(eyes, run, checklists.AUDIENCE))
    refs = (("level", checklists.LEVEL), ("unit", checklists.UNIT), ("people", checklists.PEOPLE),
            ("manager", checklists.MANAGER), ("hours", checklists.HOURS_A_WEEK),
            ("substitutes", checklists.SUBSTITUTES), ("cover", checklists.COVER), ("free_days", checklists.FREE_DAYS),
            ("head", checklists.HEAD))  # fmt: skip
    rows = [("purpose", purpose), ("audience", audience)]
    rows += [(key, answers.answer(eyes, run, ref)) for key, ref in refs]
    rows.append(("after", eyes.t("approval.after")))
    if run.values.get(checklists.FREE_DAYS) == checklists.AGREED:
        people = words(eyes.t, [eyes.name(p) for p in checklists.account_people(run.values)])
        rows.append(("agreed", eyes.t("approval.agreed", names=people)))
    rows.append(("answer_by", answer_by(eyes, run)))
    return tuple((eyes.t(f"approval.fact.{key}"), value) for key, value in rows if value)


def answer_by(eyes: Eyes, run: Run) -> str:
    """Five working days after it was sent: a default, and shown as one."""
    sent = eyes.hours.today(run.sent_at or run.opened_at)
    wished = eyes.hours.calendar.add_working_days(sent, ANSWER_DAYS)
    return eyes.t("approval.answer_by", date=eyes.t.long_date(wished))


def _taken_on(eyes: Eyes, run: Run) -> list[Part]:
    """What one takes on, with where it stands; that all of it is our default is said once."""
    found: list[Cite] = []
    for ident, which in TAKEN_ON:
        step = run.plan.step(ident)
        if step:
            place = answers.cite(eyes, step)
            rule = (step.why if which == "why" else step.help).of(eyes.t.language)
            found.append(Cite(rule=rule, section=place.section, default=place.default))
    alike = all(cite.default for cite in found)
    return [replace(cite, default=cite.default and (not alike or cite is found[-1])) for cite in found]


def _confirms(eyes: Eyes, run: Run) -> list[Part]:
    """The head is asked once: what guidelines want confirmed by the head is a line here (U5)."""
    lines = [f.ask.of(eyes.t.language) for f in checklists.by_head(run.plan, run.values)]
    if not lines:
        return []
    return [
        Text(text=eyes.t("approval.confirms"), tone="strong"),
        Items(items=tuple(Item(text=x) for x in lines)),
    ]


def _told(eyes: Eyes, run: Run) -> list[Part]:
    """What the guidelines want told to whoever approves: some answers in the runner's own words, what others mean."""
    t = eyes.t
    fields = [(f, answers.shown(eyes, s, f, run.values)) for s in checklists.path(run.plan, run.values)
              for f in s.fields if f.to_head]  # fmt: skip
    parts: list[Part] = [*runs.notes(eyes, run)]
    for field, words_given in fields:
        if words_given:
            quote = Quote(text=checklists.first_sentences(words_given))
            parts += [Text(text=field.ask.of(t.language)), quote]
    return [Text(text=t("approval.worth_knowing"), tone="strong"), *parts] if parts else []


def _communications(eyes: Eyes, run: Run) -> list[Part]:
    """What communications says (users.md U9)."""
    if not run.requests:
        return []
    parts: list[Part] = [Text(text=eyes.t("approval.communications", office=eyes.office_name), tone="strong")]
    for step in run.requests:
        note = runs.request_state(eyes, run, step)
        parts.append(Items(items=(Item(text=step.title.of(eyes.t.language), note=note),)))
        if step.id in run.said:
            parts.append(Quote(text=checklists.first_sentences(str(run.said[step.id].value))))
    return parts


def _similar(eyes: Eyes, run: Run) -> list[Part]:
    found = [a for a in checklists.similar(eyes.register, run.values) if a.id != run.account]
    if not found:
        return [Text(text=eyes.t("approval.no_similar"))]
    return list(runs.similar(eyes, found))


def _gaps(eyes: Eyes, run: Run) -> list[Part]:
    """What was left empty."""
    steps = [s for s in checklists.path(run.plan, run.values) if s.half == "before"]
    empty = [f.ask.of(eyes.t.language) for s in steps for f in checklists.asked(s)
             if not run.values.get(checklists.ref(s, f))]  # fmt: skip
    if not empty:
        return []
    return [
        Text(text=eyes.t("approval.gaps"), tone="strong"),
        Items(items=tuple(Item(text=e) for e in empty)),
    ]


def buttons(eyes: Eyes, run: Run, deputies: tuple[PersonId, ...]) -> tuple[Button, ...]:
    t = eyes.t
    state = f"{run.id}|{run.sends}"
    yes = said(eyes, run, "approval.do.approve")
    sure = Confirm(title=said(eyes, run, "approval.sure.title"), text=t("approval.sure.text"), yes=yes,
                   no=t("run.send.no"))  # fmt: skip
    others = ("deputy",) if deputies and run.deputy_asked is None else ()
    buttons = [
        Button(verb="approval.approve", arg=state, label=yes, style="primary", confirm=sure,
               heard=heard(t, yes, answers.name(eyes, run))),
        *(_plain(eyes, run, f"approval.{verb}", verb, state) for verb in ("back", "reject")),
        *(replace(_plain(eyes, run, f"approval.{verb}", verb, state), confirm=_hand_on(eyes, deputies)) for verb in others),
        _plain(eyes, run, "run.read", "read"),
    ]  # fmt: skip
    return tuple(buttons)


def _hand_on(eyes: Eyes, deputies: tuple[PersonId, ...]) -> Confirm:
    """Who gets it, and that the head may still decide."""
    t, name = eyes.t, eyes.name(deputies[0])
    return Confirm(title=t("approval.deputy.title"), text=t("approval.deputy.text", name=name),
                   yes=t("approval.deputy.yes"), no=t("run.send.no"))  # fmt: skip


def _plain(eyes: Eyes, run: Run, verb: str, label: str, arg: str = "") -> Button:
    text = eyes.t(f"approval.do.{label}")
    return Button(
        verb=verb, arg=arg or run.id, label=text, heard=heard(eyes.t, text, answers.name(eyes, run))
    )


# -- everything ---------------------------------------------------------------------------------


def everything(eyes: Eyes, run: Run) -> Form:
    """All answers of the run, step by step, with where each stands in the guidelines."""
    parts: list[Part] = []
    for step in checklists.path(run.plan, run.values):
        rows = [(f.ask.of(eyes.t.language).rstrip("."), answers.shown(eyes, step, f, run.values) or eyes.t("approval.empty"))
                for f in checklists.asked(step) if checklists.ref(step, f) in run.values]  # fmt: skip
        if rows:
            parts += [Text(text=step.title.of(eyes.t.language), tone="strong"), Facts(rows=tuple(rows))]
            parts.append(replace(answers.cite(eyes, step), default=False))
    parts.insert(0, Text(text=answers.name(eyes, run)))
    if any(step.default for step in run.plan.steps):
        parts.append(Text(text=eyes.t("approval.defaults"), tone="quiet"))
    return Form(id="show", title=eyes.t("approval.do.read"), intro=tuple(parts), writes=False)


def with_everything(eyes: Eyes, run: Run, shown: Card) -> Card:
    """The card, and below it all that opens from it."""
    form = everything(eyes, run)
    return replace(shown, parts=(*shown.parts, Divider(), Text(text=form.title, tone="strong"), *form.intro))


def noted(eyes: Eyes, run: Run, key: str, **values: object) -> Card:
    """A short private answer after a press on the approval."""
    text = said(eyes, run, key, name=answers.name(eyes, run), n=run.decision or 0, **values)
    return Card(title=text, buttons=(_plain(eyes, run, "run.decision", "decision"),) if run.decision else ())
