"""Closing accounts: who may start it, what blocks it, who decides, and what is over when it is done (requirements.md 2.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot import checklists, rights
from bot.cases import Alarm, Case
from bot.cases.run import Run, decide
from bot.cases.run_events import Approved, Finished, Overtaken
from bot.cases.run_state import CLOSE_ACCOUNT, NEW_ACCOUNT
from bot.model import Account, Entry, PersonId, Refused
from bot.outgoing import Row, Say, to_person, to_role
from bot.policy import Step
from bot.ports import Decision
from bot.screens import closing as screens
from bot.screens import runs as run_screens
from bot.screens.base import Eyes, account_name
from bot.service import records
from bot.service.accounts import settled, touch_start
from bot.service.base import Feature, Verb, Work
from bot.service.in_use import OFF, closures, log_of, may_close, role_for, since
from bot.service.moving import leave
from bot.service.undertaking import Decider, Undertaking, may_act, stands_in_for
from bot.view import Ask, Card, Part, Reply, Tell, Text, Value

BLOCKS = ("question", "alarm", "moderation")
"""The kinds of cases that an account is not closed before: each is ended, or handed on so that it ends."""
LOOKED = ("looked_at", "found", "late")
YEAR = timedelta(days=366)


# -- begin --------------------------------------------------------------------------------------


async def start(work: Work, _words: str = "") -> Reply:
    """What one has begun already, else the first step."""
    rights.staff(work.actor)
    mine = [
        run
        for run in await closures(work)
        if run.may_change and work.actor.id in (*run.team, *_team(work, run))
    ]
    if mine:
        return Tell(card=screens.start(work.eyes, mine[:20]))
    return await new(work)


async def new(work: Work, given: str = "") -> Reply:
    """The first step; `given`: the account from whose card it was asked for. Nothing is stored before its answer."""
    rights.staff(work.actor)
    checklist = work.pack.checklists.get(CLOSE_ACCOUNT)
    if checklist is None:
        return Tell(card=screens.not_written(work.eyes))
    if not given and not any(may_close(work, a) for a in checklists.accounts(work.register)):
        raise Refused("close.none_of_yours")
    return await new_for(work, (given,) if given else ())


async def new_for(work: Work, given: Sequence[str]) -> Reply:
    """The first step, with these accounts chosen."""
    checklist = work.pack.checklists.get(CLOSE_ACCOUNT)
    if checklist is None:
        return Tell(card=screens.not_written(work.eyes))
    for account in map(work.account, given):
        rights.close(work.register, work.actor, account, role_for(checklist, account))
    first = checklists.path(checklist, {})[0]
    above = (Text(text=checklist.intro.of(work.language)),)
    state = f"r{work.bot.ids.new()}|{first.id}|{CLOSE_ACCOUNT}"
    form = run_screens.step_form(work.eyes, checklist, first, {checklists.CLOSING: tuple(given)} if given else {},
                                 actor=work.actor.id, state=state, above=above)  # fmt: skip
    return Ask(form=form)


# -- who ----------------------------------------------------------------------------------------


def accounts_of(work: Work, run: Run) -> list[Account]:
    """The accounts that the run is about, as far as the register has them."""
    return work.register.known(run.closing)


def _team(work: Work, run: Run) -> tuple[PersonId, ...]:
    return tuple(dict.fromkeys(p for a in accounts_of(work, run) for p in a.people))


def _units(work: Work, run: Run) -> tuple[str | None, ...]:
    return tuple(dict.fromkeys(a.unit for a in accounts_of(work, run)))


def _decider(work: Work, run: Run) -> Decider:
    """Raises Refused where not all accounts are decided on by one and the same."""
    accounts = accounts_of(work, run)
    found = [_or_entered(run, _decider_of(work, run, account)) for account in accounts]
    for account, other in zip(accounts, found, strict=True):
        if other != found[0]:
            one = account_name(work.t, accounts[0])
            raise Refused("close.deciders", one=one, other=account_name(work.t, account))
    if not found:
        raise Refused("account.unknown")
    return found[0]


def _or_entered(run: Run, found: Decider) -> Decider:
    """Where the register still names nobody, it is whom communications sent the request to."""
    sent_to = run.approver if run.state == "waiting" else None
    return found if found.person else replace(found, person=sent_to)


def _decider_of(work: Work, run: Run, account: Account) -> Decider:
    role = run.plan.closed_by(account.level)
    if role == "head":
        return Decider(role=role, person=_head(work, run, account))
    holders = work.register.holders("director" if role == "director" else "communications")
    return Decider(
        role=role, person=next((p for p in holders if p not in run.own and may_act(work, p)), None)
    )


def _head(work: Work, run: Run, account: Account) -> PersonId | None:
    """Who answers for the account; where that is the runner, the next head above."""
    found = work.register.head_of(account)
    if found in run.own:
        found = work.register.head_for(account.unit, (*run.own, *account.people[:1]))
    return found if found and may_act(work, found) else None


# -- what blocks --------------------------------------------------------------------------------


async def _faults(work: Work, run: Run, found: Mapping[str, Value]) -> dict[str, Refused]:
    """What only the register can say: of the accounts, of comments off, of what still waits."""
    try:
        if checklists.CLOSING in found:
            await _choosable(work, run, checklists.several(found[checklists.CLOSING]))
        if found.get(checklists.INSTEAD) == checklists.COMMENTS_OFF:
            for account in accounts_of(work, run):
                rights.close(work.register, work.actor, account, role_for(run.plan, account))
                _has_comments(work, account)
        waiting = await _waiting(work, run) if checklists.CHECKED in found else []
    except Refused as no:
        ref = next(r for r in (checklists.CLOSING, checklists.INSTEAD) if r in found)
        return {ref: no}
    if waiting:
        return {checklists.CHECKED: Refused("close.something_waits", what=screens.named(work.eyes, waiting))}
    return {}


def _has_comments(work: Work, account: Account) -> None:
    """Only what is watched has comments to turn off: on again, an account that was never made would count as live."""
    if account.state not in ("gaps", "live", "paused"):
        raise Refused("close.not_in_use", account=account_name(work.t, account))


async def _choosable(work: Work, run: Run, idents: Sequence[str]) -> None:
    """Accounts of one's own, that nobody is closing already, and on which one person decides."""
    others = [other for other in await closures(work) if other.id != run.id]
    begun = {account: other for other in others for account in other.closing}
    for account in map(work.account, idents):
        if account.id not in run.closing:
            rights.close(work.register, work.actor, account, role_for(run.plan, account))
        if other := begun.get(account.id):
            raise Refused("close.begun_already", account=account_name(work.t, account),
                          name=work.register.name(other.runner), at=work.t.moment(other.opened_at, work.now))  # fmt: skip
    _decider(work, run.choosing(idents))


async def _waiting(work: Work, run: Run) -> list[Case]:
    """What is open on the accounts, oldest first: questions, alarms that are no exercise, moderations."""
    found: list[Case] = []
    for account in run.closing:
        for kind in BLOCKS:
            found += await work.tx.open_cases(kind, account=account)
    return sorted((c for c in found if not (isinstance(c, Alarm) and c.exercise)), key=lambda c: c.opened_at)


async def _above(work: Work, run: Run, step: Step) -> tuple[Part, ...]:
    """Before the step that asks whether all is answered: what is not."""
    asks = checklists.CHECKED.partition(".")[0] == step.id
    return screens.waits(work.eyes, await _waiting(work, run)) if asks else ()


async def _held(work: Work, run: Run) -> Card | None:
    """Something may have come in, and the register have changed, since the last step was answered."""
    for account in map(work.account, run.closing):
        if account.state == "closed":
            raise Refused("close.closed_already", account=account_name(work.t, account))
    _decider(work, run)
    waiting = await _waiting(work, run)
    return screens.held(work.eyes, run, waiting) if waiting else None


# -- answers that change something at once ------------------------------------------------------


async def _saved(work: Work, run: Run) -> Run:
    """Comments are off: the accounts stay, and are not asked about. Else the accounts are this run's.

    Saving them, though nothing in them changes, makes one of two who begin at the same moment meet the other.
    """
    if run.state == "stopped" and run.values.get(checklists.INSTEAD) == checklists.COMMENTS_OFF:
        await _comments_off(work, run)
    elif run.answers[checklists.CLOSING].at == work.now and run.half == "before":
        for account in accounts_of(work, run):
            await work.tx.save_account(account)
    return run


async def _comments_off(work: Work, run: Run) -> None:
    since = str(run.values.get(checklists.INSTEAD_SINCE) or work.today.isoformat())
    accounts = accounts_of(work, run)
    for account in accounts:
        await _out_of_use(work, account, "paused")
        entry = Entry(what=OFF, by=work.actor.id, data={"since": since})
        await work.tx.add_log(log_of(account.id), (entry,), work.now)
    people = {p for a in accounts for p in a.people} - {work.actor.id}
    readers = [to_role("communications"), *(to_person(p) for p in sorted(people))]
    await work.say(*(
        Say(key=f"{run.id}:comments_off:{reader}", case=run.id, card="comments_off", reader=reader) for reader in readers
    ))  # fmt: skip


async def _out_of_use(work: Work, account: Account, state: str) -> None:
    """Nobody is asked from this moment: the line of today goes, and what would have been said of it."""
    after = replace(account, state="closed" if state == "closed" else "paused")
    await work.tx.save_account(after)
    await leave(work, after)
    await touch_start(work, account.id)


async def resume(work: Work, ident: str) -> Reply:
    """Comments are on again: the account is asked about from tomorrow."""
    account = work.account(ident)
    checklist = work.pack.checklists.get(CLOSE_ACCOUNT)
    rights.close(work.register, work.actor, account, role_for(checklist, account))
    if account.state != "paused":
        raise Refused("close.not_off", account=account_name(work.t, account))
    tomorrow = work.today + timedelta(days=1)
    await work.tx.save_account(settled(replace(account, state="gaps", asked_from=tomorrow), tomorrow))
    await work.tx.add_log(log_of(account.id), (Entry(what="account.resumed", by=work.actor.id),), work.now)
    return Tell(card=screens.resumed(work.eyes, account))


# -- the decision -------------------------------------------------------------------------------


async def _card(work: Work, eyes: Eyes, run: Run, deputies: tuple[PersonId, ...]) -> Card:
    accounts = accounts_of(work, run)
    looked = {a.id: day for a in accounts if (day := await _looked(work, a.id))}
    facts = screens.Closing(accounts=accounts, looked=looked, waiting=await _waiting(work, run),
                            registrar=_registered(work))  # fmt: skip
    return screens.card(eyes, run, facts, deputies)


async def _looked(work: Work, account: str) -> date | None:
    """The last day, within a year, on which somebody looked it through."""
    rows = await work.tx.days(account=account, first=work.today - YEAR, last=work.today)
    return max((row.day for row in rows if row.outcome in LOOKED), default=None)


def _registered(work: Work) -> bool:
    """Whether the guidelines want the registrar told (KIEN-76)."""
    notified = work.pack.parameters["closure.notify"].value
    return isinstance(notified, tuple) and "registrar" in notified


async def _approve(work: Work, run: Run, role: str) -> Approved:
    """The accounts stay watched until they are closed on the platform: visitors can still write."""
    decision = await _decided(work, run, "account.closed", role)
    if _registered(work):
        await records.file(work, "closure", decision, run.closing[0])
    return Approved(by=work.actor.id, decision=decision.number, account=run.closing[0])


async def _reject(work: Work, run: Run, role: str, why: str) -> Decision:
    return await _decided(work, run, "closure.rejected", role, why)


async def _decided(work: Work, run: Run, kind: str, role: str, why: str = "") -> Decision:
    """Chained: which accounts, as what it was decided, under which rules. Names, words and the picture's place stand apart."""
    values, accounts = run.values, accounts_of(work, run)
    helpers = [
        p for p in dict.fromkeys(a.by for a in run.answers.values()) if p not in (run.runner, work.actor.id)
    ]
    personal = {"decided_by": work.actor.name, "presented_by": work.register.name(run.runner)}
    personal |= stands_in_for(work, run, role)
    personal |= {f"took_part.{n:02}": work.register.name(p) for n, p in enumerate(helpers, 1)}
    personal |= {f"had_access.{n:02}": work.register.name(p) for n, p in enumerate(_team(work, run), 1)}
    personal |= {"words": str(values.get(checklists.WHY_CLOSE_TEXT, "")), "why": why,
                 "snapshot": str(values.get(checklists.PICTURE, ""))}  # fmt: skip
    body = _body(work, run, accounts, role) | {"took_part": ["runner's colleagues"] if helpers else []}
    return await records.record(work, kind, body, {name: said for name, said in personal.items() if said})


def _body(work: Work, run: Run, accounts: Sequence[Account], role: str) -> dict[str, object]:
    first = accounts[0]
    unit = work.register.units.get(first.unit)
    steps = [s for s in run.plan.steps if not s.default]
    return {
        "run": run.id,
        "account": first.id,
        "accounts": [a.id for a in accounts],
        "account_name": first.name,
        "names": [a.name for a in accounts],
        "platform": first.platform,
        "unit": first.unit,
        "unit_name": unit.name if unit else first.unit,
        "level": first.level,
        "reason": str(run.values.get(checklists.WHY_CLOSE, "")),
        "snapshot_kept": bool(run.values.get(checklists.PICTURE)),
        "decided_by": role,
        "presented_by": "runner",
        "sections": list(dict.fromkeys(step.section for step in steps)),
        **records.rests(work, steps, run.stamp),
    }


# -- the end ------------------------------------------------------------------------------------


async def _finish(work: Work, run: Run) -> Card | None:
    """Closed on the platform: nobody is asked any more, the register keeps the history, the address may be used again."""
    if run.state != "second_half":
        return None
    waiting = await _waiting(work, run)
    if waiting:
        return screens.held(work.eyes, run, waiting)
    accounts = accounts_of(work, run)
    for account in accounts:
        await _close(work, run, account)
    people = tuple(dict.fromkeys(p for a in accounts for p in a.people))
    await work.apply(run, decide(run, Finished(by=work.actor.id, people=people), work.now, work.hours))
    return None


async def _close(work: Work, run: Run, account: Account) -> None:
    await _out_of_use(work, account, "closed")
    entry = Entry(
        what="account.closed", by=work.actor.id, data={"decision": str(run.decision), "run": run.id}
    )
    await work.tx.add_log(log_of(account.id), (entry,), work.now)
    for case in await work.tx.open_cases("run", account=account.id):
        if isinstance(case, Run) and case.name == NEW_ACCOUNT:
            await work.apply(case, decide(case, Overtaken(by=work.actor.id), work.now, work.hours))


async def compose_comments_off(work: Work, row: Row) -> Card | None:
    """None once it has been taken back."""
    run = await work.case(row.case or "", Run)
    accounts = [a for a in accounts_of(work, run) if a.state == "paused"]
    day = await since(work, accounts[0]) if accounts else None
    return screens.comments_off(work.eyes_of(row), accounts, day) if day else None


UNDERTAKING = Undertaking(
    plan=lambda checklist: checklist, team=_team, faults=_faults, saved=_saved,
    above=_above, decider=_decider, units=_units,
    held=_held, card=_card, approve=_approve, reject=_reject, finish=_finish,
)  # fmt: skip

FEATURE = Feature(
    commands={"sm-close-account": start},
    verbs={
        "close.start": Verb(run=start, writes=False),
        "close.new": Verb(run=new, writes=False),
        "close.resume": Verb(run=resume, writes=True),
    },
    cards={"comments_off": compose_comments_off},
)
