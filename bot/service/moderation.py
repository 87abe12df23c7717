"""Moderate one or many posts: begin, answer step by step, say yes or no to a house rule, take off, withdraw (requirements.md 2.2)."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot import checklists, rights
from bot.cases.alarm import Alarm, AlarmKind
from bot.cases.moderation import (
    Alarmed,
    Event,
    Moderation,
    Reviewed,
    Saved,
    TakenOff,
    Withdrawn,
    begun,
    decide,
)
from bot.cases.moderation_state import POLICE, stamp
from bot.model import PersonId, Refused
from bot.outgoing import HEAD, Reader, Row, to_role
from bot.policy import Step
from bot.screens import moderation as screens
from bot.service import alarms, questions
from bot.service.base import Feature, Verb, Work
from bot.service.moderation_answers import is_address, open_runs, read
from bot.service.moderation_end import finished
from bot.service.moderation_start import NAME, NEW, first_form, likely, plan_of
from bot.service.runs import needed
from bot.view import Ask, Card, Faults, Part, Reply, Tell, Value, Values

OWN = re.compile(r"m[a-z0-9]{1,32}")
"""The ids of moderations: in Teams they come back from a client."""


# -- begin --------------------------------------------------------------------------------------


async def start(work: Work, _words: str = "") -> Reply:
    """The first page at once; where runs of mine are open, these first."""
    rights.staff(work.actor)
    if NAME not in work.pack.checklists:
        return Tell(card=screens.not_written(work.eyes))
    mine = [run for run in await open_runs(work) if is_mine(work, run)]
    return Tell(card=screens.listing(work.eyes, mine[:20])) if mine else await new(work)


async def new(work: Work, account: str = "") -> Reply:
    """The first page, with account, link and time filled in as far as they are known."""
    rights.staff(work.actor)
    accounts = checklists.accounts(work.register)
    if not accounts:
        raise Refused("question.no_accounts")
    known: dict[str, Value] = {checklists.ACCOUNT: account or likely(work, accounts)}
    if work.quoted.link or work.quoted.text:
        known[checklists.POSTS] = work.quoted.link or " ".join(work.quoted.text.split())[:280]
    if work.quoted.at:
        known[checklists.POSTED] = work.hours.calendar.local(min(work.quoted.at, work.now)).isoformat()
    return Ask(form=first_form(work, known))


def _begin(work: Work, ident: str, question: str) -> Moderation:
    """A run that is not stored yet, with its own copy of the checklist of today."""
    if not OWN.fullmatch(ident):
        raise Refused("case.gone")
    copy = checklists.copied(plan_of(work))
    return Moderation(id=ident, opened_at=work.now, stamp=work.stamp, checklist=copy, runner=work.actor.id,
                      question=question)  # fmt: skip


# -- who ----------------------------------------------------------------------------------------


def is_mine(work: Work, run: Moderation) -> bool:
    """The runner, the account's people, whoever stands in for them: those who go on with it by themselves."""
    return work.actor.id == run.runner or acts_as(work, run) in ("manager", "substitute")


def acts_as(work: Work, run: Moderation) -> str:
    """As what whoever asks acts on the account of the run."""
    account = work.register.accounts.get(run.account or "")
    if account is None:
        return "communications" if rights.office(work.register, work.actor) else ""
    free = not work.hours.is_working_day(work.today)
    return rights.role_on(work.register, work.actor, account, work.today, free=free)


async def mine(work: Work, ident: str) -> Moderation:
    """The run, for its runner, the account's people, cover, head and communications."""
    run = await work.case(ident, Moderation)
    if not work.actor.may_act or not (work.actor.id == run.runner or acts_as(work, run)):
        account, runner = work.eyes.account(run.account), work.register.name(run.runner)
        raise Refused("moderation.not_yours", account=account, runner=runner)
    return run


# -- steps --------------------------------------------------------------------------------------


async def overview(work: Work, ident: str) -> Reply:
    return await _shown(work, await _to_see(work, ident))


async def all_posts(work: Work, ident: str) -> Reply:
    """Every post of a run, where a card shows the first few."""
    return Ask(form=screens.all_posts(work.eyes, await _to_see(work, ident)))


async def _to_see(work: Work, ident: str) -> Moderation:
    """The run, also for the director where the guidelines say that they are asked in doubt (BTH-52)."""
    run = await work.case(ident, Moderation)
    asked = run.doubts == "management" and work.register.has_role(work.actor.id, "director")
    return run if asked and work.actor.may_act else await mine(work, ident)


async def _shown(work: Work, run: Moderation) -> Reply:
    return Tell(card=screens.overview(work.eyes, run, await alarms_of(work, run)))


async def alarms_of(work: Work, run: Moderation) -> list[Alarm]:
    """The alarms that it raised, as they stand."""
    found = [await work.find(ident, Alarm) for ident in run.alarms.values()]
    return [alarm for alarm in found if alarm]


async def go_on(work: Work, ident: str) -> Reply:
    """The next step that is not done, on any device."""
    run = await mine(work, ident)
    if not run.is_open or run.next_step is None:
        return await _shown(work, run)
    return _ask(work, run, run.next_step, screens.waits(work.eyes, await alarms_of(work, run)))


async def step_open(work: Work, arg: str) -> Reply:
    """Go back to a step and change it."""
    ident, _, wanted = arg.partition("|")
    run = await mine(work, ident)
    if not run.is_open:
        return await _shown(work, run)
    return _ask(work, run, _step(run, wanted), screens.waits(work.eyes, await alarms_of(work, run)))


def _step(run: Moderation, wanted: str) -> Step:
    """Raises Refused for a step of a branch that has been left, or that something comes before."""
    step = next((s for s in run.path if s.id == wanted and checklists.asked(s)), None)
    if step is None:
        raise Refused("moderation.step_gone")
    return step


def _ask(
    work: Work, run: Moderation, step: Step, above: tuple[Part, ...] = (), values: Values | None = None
) -> Ask:
    state = f"{run.id}|{step.id}|{_seen(run, step)}"
    form = screens.step_form(work.eyes, run.plan, step, {**run.values, **(values or {})}, actor=work.actor.id,
                             state=state, above=above)  # fmt: skip
    return Ask(form=form)


def _seen(run: Moderation, step: Step) -> str:
    """When the step was last answered: a form that was opened before that is told so."""
    at = [run.answers[r].at for f in step.fields if (r := checklists.ref(step, f)) in run.answers]
    return stamp(max(at, default=None))


async def submit_step(work: Work, state: str, values: Values) -> Reply:
    """Save one step and ask the next. An alarm that it asks for is raised in the same transaction, before all else."""
    ident, wanted, seen, question, *_ = (*state.split("|"), "", "", "", "")
    rights.staff(work.actor)
    run, stands = await _found(work, ident, question, fresh=seen == NEW)
    if not run.is_open:
        return await _shown(work, run)
    step = _step(run, wanted) if stands else run.plan.steps[0]
    found, faults = await read(work, run, step, values)
    if faults:
        return Faults(by_field={ref: work.t(no.key, **no.values) for ref, no in faults.items()})
    if (
        stands
        and seen not in (NEW, _seen(run, step))
        and (again := _answered_meanwhile(work, run, step, found))
    ):
        return again
    saved = Saved(by=work.actor.id, values=found)
    if stands:
        run = await do(work, run, saved)
    else:
        run = await work.add(begun(_placed(work, run, found), saved, work.now, work.hours))
    run, raised = await _raise(work, run)
    return await _after(work, run, step, raised)


def _placed(work: Work, run: Moderation, found: Mapping[str, Value]) -> Moderation:
    account = work.register.accounts.get(str(found.get(checklists.ACCOUNT, "")))
    return replace(run, place=account.place if account else None)


async def _found(work: Work, ident: str, question: str, *, fresh: bool) -> tuple[Moderation, bool]:
    """The stored run, or a new one that its first answer will store; the id is the form's, so twice is once."""
    try:
        return await mine(work, ident), True
    except Refused as no:
        if not fresh or no.key != "case.gone":
            raise
    if question:
        await questions.mine(work, question)  # in Teams its id comes back from a client
    return _begin(work, ident, question), False


def _answered_meanwhile(work: Work, run: Moderation, step: Step, found: Mapping[str, Value]) -> Ask | None:
    """Somebody else answered the step while this form stood open: their answer is shown before it is overwritten."""
    if all(run.values.get(ref) == value for ref, value in found.items()):
        return None
    answers = [run.answers[r] for f in step.fields if (r := checklists.ref(step, f)) in run.answers]
    if not answers or (last := max(answers, key=lambda a: a.at)).by == work.actor.id:
        return None
    return _ask(work, run, step, screens.meanwhile(work.eyes, run, step, last.by), found)


async def _after(work: Work, run: Moderation, step: Step, raised: list[Alarm]) -> Reply:
    """The next step; with the last one it ends by itself, and where it waits for others it says so."""
    run = await finished(work, run)
    following = run.step_after(step.id) if run.is_open else None
    if following is None:
        return await _shown(work, run)
    alarms = raised or [a for a in await alarms_of(work, run) if a.is_open and not a.receipt_by]
    return _ask(work, run, following, screens.above(work.eyes, run, step, alarms))


async def do(work: Work, run: Moderation, event: Event) -> Moderation:
    return await work.apply(run, decide(run, event, work.now, work.hours))


# -- alarms -------------------------------------------------------------------------------------


async def _raise(work: Work, run: Moderation) -> tuple[Moderation, list[Alarm]]:
    """At once, whatever is still to be answered (KAU-48, 49; C-46)."""
    raised: list[Alarm] = []
    for kind in run.alarms_wanted:
        posts = () if POLICE in run.duties else run.posts  # an alarm must not pass such an address on (C-12)
        alarm = await alarms.raise_for(work, _alarm_kind(kind), run.account, posts, _words(work, run))
        run = await do(work, run, Alarmed(kind=kind, alarm=alarm.id))
        raised.append(alarm)
    return run, raised


def _alarm_kind(kind: str) -> AlarmKind:
    return "pile_on" if kind == "pile_on" else "threat"


def _words(work: Work, run: Moderation) -> str:
    """How many posts; of a message without an address what it was."""
    t = work.texts(work.register.office.language)
    own = next((post for post in run.posts if not is_address(post)), "")
    return own[:280] or t.many("moderation.alarm.line", max(len(run.posts), 1))


# -- others -------------------------------------------------------------------------------------


async def _to_review(work: Work, arg: str) -> Moderation:
    """The run, for head and communications; never for whoever wishes it. `arg`: run, and which asking was seen."""
    ident, _, seen = arg.partition("|")
    run = await work.case(ident, Moderation)
    if not _reviews_as(work, run):
        raise Refused("moderation.review.right", head=work.pack.names.head.of(work.language))
    if work.actor.id in run.own:
        raise Refused("moderation.review.own", head=work.pack.names.head.of(work.language))
    if seen and run.waits_for_review and seen != stamp(run.review_since):
        raise Refused("moderation.review.older", called=screens.called(work.eyes, run))
    return run


def _reviews_as(work: Work, run: Moderation) -> str:
    account = work.register.accounts.get(run.account or "")
    if work.actor.may_act and account and rights.heads(work.register, work.actor.id, account, work.today):
        return "head"
    return "communications" if rights.office(work.register, work.actor) else ""


def may_review(work: Work, run: Moderation) -> bool:
    """Whether a house rule waits for a yes or no that this person may give."""
    return run.waits_for_review and bool(_reviews_as(work, run)) and work.actor.id not in run.own


async def review(work: Work, ident: str) -> Reply:
    return Tell(card=screens.review_card(work.eyes, await _to_review(work, ident)))


async def say_yes(work: Work, arg: str) -> Reply:
    return await _say(work, await _to_review(work, arg), "")


async def open_no(work: Work, arg: str) -> Reply:
    run = await _to_review(work, arg)
    if not run.waits_for_review:
        return Tell(card=screens.review_card(work.eyes, run))
    return Ask(form=screens.ask_text(work.eyes, "moderation.no", arg))


async def submit_no(work: Work, arg: str, values: Values) -> Reply:
    return await _say(work, await _to_review(work, arg), needed(values))


async def _say(work: Work, run: Moderation, why: str) -> Reply:
    """The first answer holds; a second one is told which it was."""
    if run.waits_for_review:
        event = Reviewed(by=work.actor.id, role=_reviews_as(work, run), yes=not why, why=why)
        run = await finished(work, await do(work, run, event))
    return Tell(card=screens.review_card(work.eyes, run))


async def off(work: Work, ident: str) -> Reply:
    """What communications is asked to take off, from a list of what waits."""
    return Tell(card=screens.off_card(work.eyes, await _for_office(work, ident)))


async def _for_office(work: Work, ident: str) -> Moderation:
    run = await work.case(ident, Moderation)
    if not rights.office(work.register, work.actor):
        raise Refused("moderation.off.right")
    return run


async def taken_off(work: Work, ident: str) -> Reply:
    """Done by communications, in the name of whoever pressed; never before the capture."""
    run = await _for_office(work, ident)
    if not run.may_be_taken_off:
        return Tell(card=screens.off_card(work.eyes, run))
    run = await finished(work, await do(work, run, TakenOff(by=work.actor.id)))
    own = ".own" if work.actor.id == run.runner else ""
    return Tell(card=screens.noted(work.eyes, run, f"moderation.off.noted{own}"))


# -- withdraw, read -----------------------------------------------------------------------------


async def open_withdraw(work: Work, ident: str) -> Reply:
    run = await _withdrawable(work, ident)
    return (
        Ask(form=screens.ask_text(work.eyes, "moderation.withdraw", run.id))
        if run.is_open
        else await _shown(work, run)
    )


async def submit_withdraw(work: Work, ident: str, values: Values) -> Reply:
    run = await _withdrawable(work, ident)
    return await _shown(work, await do(work, run, Withdrawn(by=work.actor.id, why=needed(values))))


async def _withdrawable(work: Work, ident: str) -> Moderation:
    """By its runner or communications, as long as nothing is marked that has to be dealt with."""
    run = await work.case(ident, Moderation)
    if not work.actor.may_act or not (
        work.actor.id == run.runner or rights.office(work.register, work.actor)
    ):
        raise Refused("run.only_runner", runner=work.register.name(run.runner))
    if run.is_open and run.breach:
        raise Refused("moderation.withdraw.breach")
    return run


async def why(work: Work, ident: str) -> Reply:
    """Section for section; for those who may go on with it, and the registrar."""
    if work.actor.may_act and work.register.has_role(work.actor.id, "registrar"):
        return Ask(form=screens.why(work.eyes, await work.case(ident, Moderation)))
    return Ask(form=screens.why(work.eyes, await mine(work, ident)))


# -- what the outbox sends ----------------------------------------------------------------------


async def compose_off(work: Work, row: Row) -> Card | None:
    """None once it is off, and for a marking that was taken back, unless the card stands already."""
    run = await work.case(row.case or "", Moderation)
    if row.state != "sent" and not (run.waits_to_be_taken_off and row.arg == stamp(run.off_since)):
        return None
    return screens.off_card(work.eyes_of(row), run)


async def compose_review(work: Work, row: Row) -> Card | None:
    """As it stands; nobody is asked about what they wish themselves, nor as head what they are asked for communications."""
    run = await work.case(row.case or "", Moderation)
    reader = Reader.parse(row.target)
    if PersonId(reader.id) in run.own or (row.state != "sent" and _asked_already(work, row, reader)):
        return None
    if run.waits_for_review and row.arg != stamp(run.review_since):
        return screens.older(work.eyes_of(row), run)
    if row.state != "sent" and not run.waits_for_review:
        return None
    return screens.review_card(work.eyes_of(row), run)


def _asked_already(work: Work, row: Row, reader: Reader) -> bool:
    """A head who is asked for communications as well reads it there."""
    return row.reader == str(HEAD) and reader in work.targets(to_role("communications"))


async def compose_told(work: Work, row: Row) -> Card | None:
    """None for what is no longer true."""
    run = await work.case(row.case or "", Moderation)
    if not _still_true(run, row.arg):
        return None
    return screens.told_card(work.eyes_of(row), run, row.arg, await alarms_of(work, run))


def _still_true(run: Moderation, what: str) -> bool:
    match what:
        case "off_reminder":
            return run.waits_to_be_taken_off
        case "left":
            return run.left_since is not None
        case "idle" | "doubt":
            return run.is_open
        case "reviewed":
            return bool(run.reviewed_as)
        case _:
            return True


FEATURE = Feature(
    commands={"sm-moderate": start},
    shortcuts={"moderate": new},
    verbs={
        "moderation.start": Verb(run=start, writes=False),
        "moderation.new": Verb(run=new, writes=False),
        "moderation.overview": Verb(run=overview, writes=False),
        "moderation.posts": Verb(run=all_posts, writes=False),
        "moderation.continue": Verb(run=go_on, writes=False),
        "moderation.step_open": Verb(run=step_open, writes=False),
        "moderation.withdraw": Verb(run=open_withdraw, writes=False),
        "moderation.why": Verb(run=why, writes=False),
        "moderation.review": Verb(run=review, writes=False),
        "moderation.yes": Verb(run=say_yes, writes=True),
        "moderation.no": Verb(run=open_no, writes=False),
        "moderation.off": Verb(run=off, writes=False),
        "moderation.taken_off": Verb(run=taken_off, writes=True),
    },
    forms={
        "moderation.step": submit_step,
        "moderation.withdraw": submit_withdraw,
        "moderation.no": submit_no,
    },
    cards={
        "moderation_off": compose_off,
        "moderation_review": compose_review,
        "moderation_told": compose_told,
    },
)
