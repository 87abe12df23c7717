"""A run, step by step, whatever it is about: answer, hand on, confirm, and finish when the last step is done."""

import re
from collections.abc import Mapping

from bot import checklists, rights, submitted
from bot.cases.run import Run, begun, decide
from bot.cases.run_events import Confirmed, Saved, Shared, Withdrawn
from bot.cases.run_state import NEW_ACCOUNT
from bot.model import PersonId, Refused
from bot.outgoing import Reader, Row, to_role
from bot.policy import Step
from bot.screens import drafts as texts
from bot.screens import runs as screens
from bot.screens.answers import name
from bot.screens.approvals import everything
from bot.screens.base import told
from bot.service import undertakings
from bot.service.base import Feature, Verb, Work, text
from bot.view import Ask, Card, Faults, Part, Reply, Tell, Values

OWN = re.compile(r"r[a-z0-9]{1,32}")
"""The ids of runs."""


async def _begin(work: Work, ident: str, name: str) -> Run:
    """A run that is not stored yet, with its own copy of the checklist of today.

    In Teams the id comes back from a client: a run must not stand where tomorrow's round will.
    """
    checklist = work.pack.checklists.get(name)
    if checklist is None or not OWN.fullmatch(ident):
        raise Refused("case.gone")
    copy = checklists.copied(undertakings.named(name).plan(checklist))
    return Run(
        id=ident, opened_at=work.now, name=name, stamp=work.stamp, checklist=copy, runner=work.actor.id
    )


# -- steps --------------------------------------------------------------------------------------


async def mine(work: Work, ident: str) -> Run:
    """The run, if whoever asks is its runner, one of the account's people, or was handed a step of it."""
    run = await work.case(ident, Run)
    if not work.actor.may_act or work.actor.id not in undertakings.team(work, run):
        raise Refused("run.not_yours", name=name(work.eyes, run), runner=work.register.name(run.runner))
    return run


async def overview(work: Work, ident: str) -> Reply:
    return Tell(card=screens.overview(work.eyes, await mine(work, ident)))


async def go_on(work: Work, ident: str) -> Reply:
    """The next step that is not done, on any device."""
    run = await mine(work, ident)
    step = run.plan.step(run.next_step or "")
    if step is None or not run.may_change:
        return Tell(card=screens.overview(work.eyes, run))
    return await _ask(work, run, step)


async def step_open(work: Work, arg: str) -> Reply:
    """Go back to a step and change it."""
    ident, _, wanted = arg.partition("|")
    run = await mine(work, ident)
    return await _ask(work, run, _step(run, wanted))


def _step(run: Run, wanted: str) -> Step:
    """Raises Refused for a step of the other half, or of a branch that has been left."""
    if not run.may_change:
        raise Refused("run.closed")
    steps = [s for s in checklists.path(run.plan, run.values) if s.half == run.half and checklists.asked(s)]
    step = next((s for s in steps if s.id == wanted), None)
    if step is None or (run.state == "live" and step not in run.later):
        raise Refused("run.step_gone")
    return step


async def _ask(work: Work, run: Run, step: Step, above: tuple[Part, ...] = ()) -> Ask:
    above = (*above, *await undertakings.of(run).above(work, run, step))
    return Ask(form=screens.step_form(work.eyes, run.plan, step, run.values, actor=work.actor.id,
                                      state=f"{run.id}|{step.id}|", above=above))  # fmt: skip


async def submit_step(work: Work, state: str, values: Values) -> Reply:
    """Save one step and ask the next. Only the step's own answers are merged: nobody loses those of a colleague."""
    ident, wanted, fresh = (*state.split("|"), "", "")[:3]
    rights.staff(work.actor)
    run, stands = await _found(work, ident, fresh)
    step = _step(run, wanted)
    asker = submitted.Asker(actor=work.actor.id, register=work.register, answers=run.values, today=work.today)
    found, faults = submitted.read(step, values, asker)
    faults = faults or await undertakings.of(run).faults(work, run, found)
    if faults:
        return _faults(work, faults)
    saved = Saved(by=work.actor.id, values=found)
    if stands:
        run = await work.apply(run, decide(run, saved, work.now, work.hours))
    else:
        run = await work.add(begun(run, saved, work.now, work.hours))
    return await _after(work, await undertakings.of(run).saved(work, run), step)


def _faults(work: Work, faults: Mapping[str, Refused]) -> Faults:
    said = {"office": work.eyes.office_name}
    return Faults(by_field={ref: work.t(no.key, **(said | no.values)) for ref, no in faults.items()})


async def _found(work: Work, ident: str, fresh: str) -> tuple[Run, bool]:
    """The stored run, or a new one of that name that its first answer will store; the id is the form's, so twice is once."""
    try:
        return await mine(work, ident), True
    except Refused as no:
        if not fresh or no.key != "case.gone":
            raise
    return await _begin(work, ident, fresh), False


async def _after(work: Work, run: Run, step: Step) -> Reply:
    """The next step; at the end of the first half the summary, at the end of the second it is finished."""
    if run.state in ("second_half", "live") and run.next_step is None:
        return await finish(work, run.id)
    following = checklists.next_step(run.plan, run.values, run.half, after=step.id)
    if not run.may_change or following in (None, step):
        return Tell(card=screens.overview(work.eyes, run))
    asks_platform = any(checklists.ref(step, f) == checklists.PLATFORM for f in step.fields)
    found = checklists.similar(work.register, run.values) if asks_platform else ()
    above = (*screens.notes(work.eyes, run, step), *screens.similar(work.eyes, found))
    return await _ask(work, run, following, above)


# -- hand on, draft, withdraw, confirm ----------------------------------------------------------


async def open_hand(work: Work, ident: str) -> Reply:
    return Ask(form=screens.ask_person(work.eyes, await mine(work, ident), "hand"))


async def submit_hand(work: Work, ident: str, values: Values) -> Reply:
    """A colleague may go on with it: they are told, with a button."""
    run = await mine(work, ident)
    to = picked(work, values)
    await work.apply(run, decide(run, Shared(by=work.actor.id, to=to), work.now, work.hours))
    return Tell(card=told(work.t, "run.handed", who=work.register.name(to)))


def picked(work: Work, values: Values) -> PersonId:
    """One active person out of a form's picker."""
    person = work.register.people.get(PersonId(text(values, "person")))
    if person is None:
        raise Refused("form.person", field="person")
    if not person.may_act:
        raise Refused("form.person_inactive", field="person", name=person.name)
    return person.id


async def drafts(work: Work, ident: str) -> Reply:
    return Ask(form=texts.drafts(work.eyes, await mine(work, ident)))


async def open_withdraw(work: Work, ident: str) -> Reply:
    run = await _withdrawable(work, ident)
    return Ask(form=screens.ask_text(work.eyes, "run.withdraw", run.id))


async def submit_withdraw(work: Work, ident: str, values: Values) -> Reply:
    run = await _withdrawable(work, ident)
    event = Withdrawn(by=work.actor.id, why=needed(values))
    run = await work.apply(run, decide(run, event, work.now, work.hours))
    return Tell(card=screens.overview(work.eyes, run))


async def _withdrawable(work: Work, ident: str) -> Run:
    """By its runner or communications, until it has been decided."""
    run = await work.case(ident, Run)
    if work.actor.id != run.runner and not rights.office(work.register, work.actor):
        raise Refused("run.only_runner", runner=work.register.name(run.runner))
    if run.state not in ("draft", "returned", "waiting"):
        raise Refused("run.closed")
    return run


def needed(values: Values) -> str:
    """The text of a form that asks for one. Raises Refused where it is empty."""
    given = text(values, "text")
    if not given:
        raise Refused("run.fill_in", field="text")
    return given[:1000]


async def asked(work: Work, ident: str) -> Reply:
    """What whoever asks has still to confirm, from a list of what waits."""
    run = await work.case(ident, Run)
    ref = next((r for r, person in run.unconfirmed if person == work.actor.id), None)
    if ref is None:
        raise Refused("run.confirm.not_asked", name=name(work.eyes, run))
    return Tell(card=screens.confirm_card(work.eyes, run, ref, work.actor.id))


async def confirm(work: Work, arg: str) -> Reply:
    """`I have read the terms`, by each named person for themselves."""
    ident, _, ref = arg.partition("|")
    run = await work.case(ident, Run)
    called = name(work.eyes, run)
    if work.actor.id in run.confirmed.get(ref, ()):
        return Tell(card=told(work.t, "run.confirm.done", name=called))
    if (ref, work.actor.id) not in run.unconfirmed or not run.may_change:
        raise Refused("run.confirm.not_asked", name=called)
    event = Confirmed(by=work.actor.id, what=ref)
    await work.apply(run, decide(run, event, work.now, work.hours))
    return Tell(card=told(work.t, "run.confirm.done", name=called))


# -- the second half ----------------------------------------------------------------------------


async def finish(work: Work, ident: str) -> Reply:
    """All is answered: done, or what still keeps it open."""
    run = await mine(work, ident)
    held = await undertakings.of(run).finish(work, run) if run.next_step is None else None
    return Tell(card=held or screens.overview(work.eyes, await mine(work, ident)))


# -- read, and what the outbox sends ------------------------------------------------------------


async def read(work: Work, ident: str) -> Reply:
    """Everything that was answered: for its people, whoever approves and their deputies, and communications."""
    return Ask(form=everything(work.eyes, await readable(work, ident)))


async def readable(work: Work, ident: str) -> Run:
    run = await work.case(ident, Run)
    approver = run.approver
    near = (
        *undertakings.team(work, run),
        approver,
        *undertakings.deputies(work, run),
        run.decided_by,
    )
    judge = bool(run.requests) and work.actor.id in rights.judges(work.register, run.own)
    office = rights.office(work.register, work.actor)
    if not work.actor.may_act or not (work.actor.id in near or judge or office):
        raise Refused("run.not_readable", name=name(work.eyes, run))
    return run


async def compose_confirm(work: Work, row: Row) -> Card | None:
    """None for somebody who is not asked any more."""
    run = await work.case(row.case or "", Run)
    person = PersonId(Reader.parse(row.target).id)
    done = person in run.confirmed.get(row.arg, ())
    if not done and (not run.may_change or (row.arg, person) not in run.unconfirmed):
        return None
    return screens.confirm_card(work.eyes_of(row), run, row.arg, person)


async def compose_draft(work: Work, row: Row) -> Card | None:
    """What was drafted, as the answers stand now."""
    return texts.card(work.eyes_of(row), await work.case(row.case or "", Run), row.arg)


async def compose_told(work: Work, row: Row) -> Card | None:
    """None for what is no longer true."""
    run = await work.case(row.case or "", Run)
    if not _still_true(run, row.arg):
        return None
    account = work.register.accounts.get(run.account or "") if run.name == NEW_ACCOUNT else None
    office = row.reader == str(to_role("communications"))
    return screens.told_card(work.eyes_of(row), run, row.arg, account, office=office)


def _still_true(run: Run, what: str) -> bool:
    match what:
        case "idle" | "helper":
            return run.may_change
        case "confirm_late":
            return run.waits_for("confirm_late", "")
        case "confirmed":
            return run.may_be_sent
        case "returned":
            return run.state == "returned"
        case "no_approver":
            return run.state == "waiting" and run.approver is None
        case _:
            return True


FEATURE = Feature(
    verbs={
        "run.overview": Verb(run=overview, writes=False),
        "run.continue": Verb(run=go_on, writes=False),
        "run.step_open": Verb(run=step_open, writes=False),
        "run.hand": Verb(run=open_hand, writes=False),
        "run.drafts": Verb(run=drafts, writes=False),
        "run.withdraw": Verb(run=open_withdraw, writes=False),
        "run.asked": Verb(run=asked, writes=False),
        "run.confirm": Verb(run=confirm, writes=True),
        "run.read": Verb(run=read, writes=False),
        "run.finish": Verb(run=finish, writes=True),
    },
    forms={
        "run.step": submit_step,
        "run.hand": submit_hand,
        "run.withdraw": submit_withdraw,
    },
    cards={"run_confirm": compose_confirm, "run_told": compose_told, "run_draft": compose_draft},
)
