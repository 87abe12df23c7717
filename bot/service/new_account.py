"""A new account: what its run asks, who decides, what the approval makes, and what it is when it stands."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from bot import checklists, rights
from bot.addresses import platform_of
from bot.cases.run import Run, decide
from bot.cases.run_events import Approved, Finished
from bot.cases.run_state import NEW_ACCOUNT
from bot.model import Account, FreeDuty, PersonId, Refused
from bot.policy import Step
from bot.ports import Decision
from bot.screens import approvals, base
from bot.screens import runs as screens
from bot.screens.answers import name
from bot.service import records
from bot.service.accounts import open_enter, refuse_twice, settled
from bot.service.base import Feature, Verb, Work
from bot.service.newcomers import note_binding
from bot.service.places import place_of, shared_places
from bot.service.undertaking import Decider, Undertaking, may_act, stands_in_for
from bot.view import Ask, Card, Part, Reply, Tell, Text, Value, Values

# -- begin --------------------------------------------------------------------------------------


async def start(work: Work, _words: str = "") -> Reply:
    """Does the account exist already, is a draft waiting, or is this a new one?"""
    rights.staff(work.actor)
    if NEW_ACCOUNT not in work.pack.checklists:
        return Tell(card=screens.not_written(work.eyes))
    found = [c for c in await work.tx.open_cases("run") if isinstance(c, Run) and c.name == NEW_ACCOUNT]
    mine = [run for run in found if run.may_change and work.actor.id in run.team]
    return Tell(card=screens.start(work.eyes, mine[:20]))


async def exists(work: Work, _arg: str = "") -> Reply:
    """An account that exists already is entered in six fields, without a checklist."""
    return await open_enter(work, "")


async def new(work: Work, _arg: str = "") -> Reply:
    """The first step, with how long it takes and what to have at hand. Nothing is stored before its answer."""
    rights.staff(work.actor)
    checklist = work.pack.checklists.get(NEW_ACCOUNT)
    if checklist is None:
        return Tell(card=screens.not_written(work.eyes))
    plan = checklists.with_own_step(checklist)
    first = checklists.path(plan, {})[0]
    above = (Text(text=checklist.intro.of(work.language)),)
    state = f"r{work.bot.ids.new()}|{first.id}|{NEW_ACCOUNT}"
    return Ask(
        form=screens.step_form(work.eyes, plan, first, {}, actor=work.actor.id, state=state, above=above)
    )


def _doubtful(work: Work, run: Run, found: Mapping[str, Value]) -> dict[str, Refused]:
    """The address of the finished account: of the platform that was approved, and nobody else's."""
    address = str(found.get(checklists.ADDRESS, ""))
    if not address:
        return {}
    platform, approved = platform_of(address), run.values.get(checklists.PLATFORM)
    if platform not in ("other", approved):
        return {checklists.ADDRESS: Refused("run.other_platform", platform=work.t(f"platform.{platform}"))}
    try:
        refuse_twice(work, address, but=run.account or "")
    except Refused as no:
        return {checklists.ADDRESS: no}
    return {}


async def _faults(work: Work, run: Run, found: Mapping[str, Value]) -> dict[str, Refused]:
    return _doubtful(work, run, found) or await _shared(work, found)


async def _shared(work: Work, found: Mapping[str, Value]) -> dict[str, Refused]:
    """A channel that another organisation shares is refused when it is chosen, not when the account is approved."""
    if str(found.get(checklists.OWN_PLACE, "")) not in await shared_places(work):
        return {}
    return {checklists.OWN_PLACE: Refused("account.place_shared")}


# -- who decides --------------------------------------------------------------------------------


def _units(work: Work, run: Run) -> tuple[str | None, ...]:
    return (checklists.unit_id(work.register, run.values),)


def _decider(work: Work, run: Run) -> Decider:
    """The head of the unit (of the parent for a head's own account), the director, or communications."""
    role = checklists.approver_role(run.plan, run.values)
    if role == "head":
        found = work.register.head_for(checklists.unit_id(work.register, run.values), run.own)
        return Decider(role=role, person=found if found and may_act(work, found) else None)
    holders = work.register.holders("director" if role == "director" else "communications")
    return Decider(
        role=role, person=next((p for p in holders if p not in run.own and may_act(work, p)), None)
    )


async def _card(_work: Work, eyes: base.Eyes, run: Run, deputies: tuple[PersonId, ...]) -> Card:
    return approvals.card(eyes, run, deputies)


# -- the second half ----------------------------------------------------------------------------


async def _finish(work: Work, run: Run) -> None:
    """The account stands: it is asked about from tomorrow, if it has a place and people."""
    account = work.account(run.account)
    if account.state == "approved" and run.state == "second_half":
        live = await work.tx.save_account(_live(work, run, account))
        await note_binding(work, live)
    await work.apply(run, decide(run, Finished(by=work.actor.id), work.now, work.hours))


def _live(work: Work, run: Run, account: Account) -> Account:
    made = replace(account, address=str(run.values.get(checklists.ADDRESS, "")), state="gaps",
                   name=str(run.values.get(checklists.FINAL_NAME) or account.name), duty=_duty(work, run, account))  # fmt: skip
    return settled(made, work.today + timedelta(days=1))


def _duty(work: Work, run: Run, account: Account) -> FreeDuty:
    """What the head agreed to by approving: the account's people watch on free days, or nobody does (users.md U3)."""
    agreed = run.values.get(checklists.FREE_DAYS) == checklists.AGREED
    if not agreed or run.decided_by is None or run.decided_at is None:
        return account.duty
    on = work.hours.today(run.decided_at)
    return FreeDuty(kind="people", people=account.people, agreed_by=run.decided_by, agreed_on=on)


async def make_account(work: Work, run: Run) -> Account:
    """The approved account: not live, without an address until it has been made. Its place is stored with it."""
    values = run.values
    unit = checklists.unit_of(work.register, values)
    head = PersonId(str(values.get(checklists.HEAD, ""))) or None
    place = await place_of(work, str(values.get(checklists.OWN_PLACE, "")), checklists.hour_of(values))
    account = Account(
        id=f"c{work.bot.ids.new()}", platform=str(values.get(checklists.PLATFORM) or "other"),
        name=str(values.get(checklists.NAME) or name(work.eyes, run)), address="",
        unit=unit.id if unit else str(values.get(checklists.UNIT, "")),
        people=checklists.account_people(values), place=place.id if place else None, state="approved",
        head=head if not unit or head != unit.head else None, purpose=str(values.get(checklists.PURPOSE, "")),
        level=_level(values), stamp=run.stamp,
    )  # fmt: skip
    return await work.tx.save_account(account)


def _level(values: Values) -> Literal["unit", "administration", "university"]:
    match values.get(checklists.LEVEL):
        case "administration" | "university" as level:
            return level
        case _:
            return "unit"


# -- the decision -------------------------------------------------------------------------------


async def _approve(work: Work, run: Run, role: str) -> Approved:
    """The account then exists, approved and not live."""
    _people_known(work, run)
    account = await make_account(work, run)
    decision = await _decided(work, run, "account.approved", account, role=role)
    return Approved(by=work.actor.id, decision=decision.number, account=account.id)


async def _reject(work: Work, run: Run, role: str, why: str) -> Decision:
    return await _decided(work, run, "account.rejected", None, role=role, why=why)


def _people_known(work: Work, run: Run) -> None:
    """Everybody named is checked, active and no bot; whoever could not be looked up blocks the approval until then."""
    people = [work.register.people.get(p) for p in run.named]
    doubtful = [p.name for p in people if p and not (p.checked and p.may_act)]
    if doubtful:
        raise Refused("approval.unchecked", names=", ".join(doubtful))


async def _decided(
    work: Work, run: Run, kind: str, account: Account | None, *, role: str, why: str = ""
) -> Decision:
    """Chained: what, under which section and version, by which roles. Names and reasons stand apart, salted."""
    personal = {"decided_by": work.actor.name, "presented_by": work.register.name(run.runner)}
    personal |= stands_in_for(work, run, role)
    judges = [p for step in run.requests for p in run.judges(step)]
    took_part = [p for p in dict.fromkeys((*run.named, *judges)) if p not in (run.runner, work.actor.id)]
    personal |= {f"took_part.{n:02}": work.register.name(p) for n, p in enumerate(took_part, 1)}
    if why:
        personal["why"] = why
    return await records.record(work, kind, _body(work, run, account, role), personal)


def _body(work: Work, run: Run, account: Account | None, role: str) -> dict[str, object]:
    values = run.values
    unit = checklists.unit_of(work.register, values)
    steps = [s for s in run.plan.half("before") if not s.default and s.id != checklists.OWN]
    part = ["account_manager", "people", "substitutes"]
    part += ["communications"] if any(run.judges(step) for step in run.requests) else []
    return {
        "run": run.id,
        "account": account.id if account else None,
        "platform": str(values.get(checklists.PLATFORM, "")),
        "account_name": str(values.get(checklists.NAME, "")),
        "unit": unit.id if unit else "",
        "unit_name": unit.name if unit else str(values.get(checklists.UNIT, "")),
        "level": str(values.get(checklists.LEVEL, "")),
        "decided_by": role,
        "presented_by": "runner",
        "took_part": part,
        "sections": list(dict.fromkeys(step.section for step in steps)),
        **records.rests(work, steps, run.stamp),
    }


async def _nothing(_work: Work, _run: Run) -> None:
    """Nothing but its own steps keeps a new account."""


async def _no_more(_work: Work, _run: Run, _step: Step) -> tuple[Part, ...]:
    """A step says all that there is to say before it."""
    return ()


async def _as_it_is(_work: Work, run: Run) -> Run:
    return run


UNDERTAKING = Undertaking(
    plan=checklists.with_own_step, team=lambda _work, _run: (), faults=_faults, saved=_as_it_is,
    above=_no_more, decider=_decider,
    units=_units, held=_nothing, card=_card, approve=_approve, reject=_reject, finish=_finish,
)  # fmt: skip

FEATURE = Feature(
    commands={"sm-new-account": start},
    verbs={
        "run.start": Verb(run=start, writes=False),
        "run.exists": Verb(run=exists, writes=False),
        "run.new": Verb(run=new, writes=False),
    },
)
