"""A decision that was given on paper or by telephone, entered by communications for whoever decided (users.md U8)."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from bot import rights
from bot.cases.run import Run, decide
from bot.cases.run_events import Confirmed, Event, Rejected, SentBack
from bot.model import Entry, Person, PersonId, Refused
from bot.outgoing import Row, Say, to_person
from bot.screens import approvals as approval_screens
from bot.screens import entered as screens
from bot.screens.answers import name
from bot.screens.base import told
from bot.service import undertakings
from bot.service.base import Entered, Feature, Verb, Work, day_of, text
from bot.service.mailing import in_chat
from bot.service.undertaking import may_act
from bot.view import Ask, Card, Reply, Tell, Values


async def open_form(work: Work, arg: str) -> Reply:
    run = await _to_enter(work, arg)
    if run.state != "waiting":
        return Tell(card=approval_screens.over(work.eyes, run))
    return Ask(form=screens.form(work.eyes, run, _deciders(work, run), work.today))


async def _to_enter(work: Work, arg: str) -> Run:
    """The request, which communications may enter a decision on unless it is their own. `arg`: run, and which sending of it."""
    ident, _, seen = arg.partition("|")
    run = await work.case(ident, Run)
    rights.enter_decision(work.register, work.actor, run.own)
    if seen and seen != str(run.sends):
        raise Refused("approval.newer", name=name(work.eyes, run))
    return run


def _deciders(work: Work, run: Run) -> tuple[PersonId, ...]:
    """Who may have decided; whoever enters it presses for themselves. Raises Refused where nobody may."""
    named = (run.approver, run.deputy_asked, *undertakings.deputies(work, run))
    found = tuple(p for p in dict.fromkeys(named) if p and p != work.actor.id and may_act(work, p))
    if not found:
        raise Refused("entered.nobody")
    return found


async def submit(work: Work, arg: str, values: Values) -> Reply:
    """As if they had pressed, with who says so, how, when and where that stands. A second one is told what became of it."""
    run = await _to_enter(work, arg)
    if run.state != "waiting":
        return Tell(card=approval_screens.over(work.eyes, run))
    decider, how = _decider(work, run, values), given(work, values, _asked_on(work, run))
    theirs = replace(work, actor=decider, entered=how)
    what = undertakings.of(run)
    if held := await what.held(theirs, run):
        return Tell(card=held)
    event, key = await _event(theirs, run, values)
    await work.tx.add_log(
        run.id, (Entry(what="run.entered", by=work.actor.id, data={"way": how.way}),), work.now
    )
    after = await work.apply(run, decide(run, event, work.now, work.hours))
    await _tell(work, after, decider, how)
    return Tell(card=approval_screens.noted(work.eyes, after, key))


def _decider(work: Work, run: Run, values: Values) -> Person:
    who = PersonId(text(values, "who"))
    if who not in _deciders(work, run):
        raise Refused("form.choose", field="who")
    person = work.register.people[who]
    units = undertakings.of(run).units(work, run)
    rights.approve(work.register, person, run.own, run.approver, units, run.deputy_asked)
    return person


def _asked_on(work: Work, run: Run) -> date:
    return work.hours.today(run.sent_at or run.opened_at)


def given(work: Work, values: Values, since: date, ways: Collection[str] = screens.WAYS) -> Entered:
    """How it was said. Raises Refused for a day before `since`, or after today, and without a reference."""
    way, reference = text(values, "way"), text(values, "reference")[:200]
    if way not in ways:
        raise Refused("form.choose", field="way")
    if not reference:
        raise Refused("entered.no_reference", field="reference")
    day = day_of(values, "day")
    if not since <= day <= work.today:
        raise Refused("entered.day", field="day")
    return Entered(way=way, day=day, reference=reference, by=work.actor)  # type: ignore[arg-type]


async def _event(theirs: Work, run: Run, values: Values) -> tuple[Event, str]:
    """What was decided; a reason or a question is needed for all but a yes."""
    what, why = undertakings.of(run), text(values, "why")[:1000]
    role = "deputy" if theirs.actor.id != run.approver else run.approver_role
    answer = text(values, "answer")
    if answer == "approve":
        return await what.approve(theirs, run, role), "approval.noted.approved"
    if answer not in ("reject", "back"):
        raise Refused("form.choose", field="answer")
    if not why:
        raise Refused("entered.no_why", field="why")
    if answer == "back":
        return SentBack(by=theirs.actor.id, why=why), "approval.noted.back"
    decision = await what.reject(theirs, run, role, why)
    return Rejected(by=theirs.actor.id, why=why, decision=decision.number), "approval.noted.rejected"


async def _tell(work: Work, run: Run, decider: Person, given: Entered) -> None:
    """Whoever is said to have decided hears of it, so that no decision is entered behind anybody's back."""
    arg = f"{given.way}|{given.day.isoformat()}|{work.actor.id}"
    await work.say(Say(key=f"{run.id}:entered:{run.sends}", case=run.id, card="entered", arg=arg,
                       reader=to_person(decider.id), lane="answer"))  # fmt: skip


async def compose_entered(work: Work, row: Row) -> Card | None:
    way, day, by = row.arg.split("|")
    run = await work.case(row.case or "", Run)
    return screens.told(work.eyes_of(row), run, way, date.fromisoformat(day), PersonId(by))


# -- what somebody has read or agreed to ----------------------------------------------------------


async def open_confirm(work: Work, ident: str) -> Reply:
    run = await _to_confirm(work, ident)
    return Ask(form=screens.confirm_form(work.eyes, run, _silent(work, run), work.today))


async def _to_confirm(work: Work, ident: str) -> Run:
    run = await work.case(ident, Run)
    rights.enter_decision(work.register, work.actor, run.own)
    if not run.may_change or not _silent(work, run):
        raise Refused("run.confirm.not_asked", name=name(work.eyes, run))
    return run


def _silent(work: Work, run: Run) -> tuple[PersonId, ...]:
    """Those who have still to confirm and cannot press."""
    return tuple(p for p in dict.fromkeys(p for _, p in run.unconfirmed) if silent(work, p))


def silent(work: Work, person: PersonId) -> bool:
    return person != work.actor.id and not in_chat(work.register, person, work.bot.platforms)


async def submit_confirm(work: Work, ident: str, values: Values) -> Reply:
    """All that they are asked to confirm in the run; who entered it, how and when stands in its log."""
    run = await _to_confirm(work, ident)
    who = PersonId(text(values, "who"))
    if who not in _silent(work, run):
        raise Refused("form.choose", field="who")
    how = given(work, values, _asked_on(work, run))
    for ref in [ref for ref, person in run.unconfirmed if person == who]:
        run = await work.apply(run, decide(run, Confirmed(by=who, what=ref), work.now, work.hours))
    entry = Entry(what="run.confirm_entered", by=work.actor.id, data=how.kept_for(who))
    await work.tx.add_log(run.id, (entry,), work.now)
    arg = f"{how.way}|{how.day.isoformat()}|{work.actor.id}"
    await work.say(Say(key=f"{run.id}:confirm_entered:{who}:{work.now.isoformat()}", case=run.id, card="entered", arg=arg,
                       reader=to_person(who), lane="answer"))  # fmt: skip
    return Tell(card=told(work.t, "run.confirm.done", name=name(work.eyes, run)))


FEATURE = Feature(
    verbs={
        "approval.enter": Verb(run=open_form, writes=False),
        "confirm.enter": Verb(run=open_confirm, writes=False),
    },
    forms={"approval.enter": submit, "confirm.enter": submit_confirm},
    cards={"entered": compose_entered},
)
