"""The head's side of a new account: approve, send back with a question, reject with a reason, let the deputy take it."""

from bot import checklists, rights
from bot.cases.run import Run, decide
from bot.cases.run_events import Approved, DeputyAsked, Event, Rejected, SentBack
from bot.model import Account, PersonId, Refused
from bot.outgoing import Row
from bot.ports import Decision, NotFound
from bot.screens import approvals as screens
from bot.screens import decisions as decision_screens
from bot.screens import runs as run_screens
from bot.screens.answers import name
from bot.service import records
from bot.service.base import Feature, Verb, Work
from bot.service.decisions import official, story_of
from bot.service.runs import make_account, needed, readable
from bot.view import Ask, Card, Reply, Tell, Values


async def show(work: Work, ident: str) -> Reply:
    """The request with its buttons, from a list of what waits."""
    run = await _to_decide(work, ident)
    return Tell(card=screens.card(work.eyes, run, _deputies(work, run)))


async def _to_decide(work: Work, arg: str) -> Run:
    """The request, if whoever asks may decide on it. `arg`: run, and which sending of it was seen."""
    ident, _, seen = arg.partition("|")
    run = await work.case(ident, Run)
    unit = checklists.unit_id(work.register, run.values)
    rights.approve(work.register, work.actor, run.runner, run.approver, unit, run.manager, run.deputy_asked)
    if seen and seen != str(run.sends):
        raise Refused("approval.newer", name=name(work.eyes, run))
    return run


def _deputies(work: Work, run: Run) -> tuple[PersonId, ...]:
    """Who may take it instead: active deputies whose own account it is not."""
    found = (
        work.register.deputies_of(run.approver, checklists.unit_id(work.register, run.values))
        if run.approver
        else ()
    )
    people = work.register.people
    return tuple(p for p in found if p not in run.own and p in people and people[p].may_act)


# -- decide -------------------------------------------------------------------------------------


async def approve(work: Work, arg: str) -> Reply:
    """A decision with its five facts, chained once; the account then exists, approved and not live."""
    run = await _to_decide(work, arg)
    if run.state != "waiting":
        return _over(work, run)
    _people_known(work, run)
    account = await make_account(work, run)
    decision = await decided(work, run, "account.approved", account, role=_role(work, run))
    event = Approved(by=work.actor.id, decision=decision.number, account=account.id)
    return _noted(work, await _do(work, run, event), "approval.noted.approved")


def _people_known(work: Work, run: Run) -> None:
    """Everybody named is checked, active and no bot; whoever could not be looked up blocks the approval until then."""
    people = [work.register.people.get(p) for p in run.named]
    doubtful = [p.name for p in people if p and not (p.checked and p.may_act)]
    if doubtful:
        raise Refused("approval.unchecked", names=", ".join(doubtful))


async def open_back(work: Work, arg: str) -> Reply:
    return await _open(work, arg, "approval.back")


async def open_reject(work: Work, arg: str) -> Reply:
    return await _open(work, arg, "approval.reject")


async def _open(work: Work, arg: str, form: str) -> Reply:
    run = await _to_decide(work, arg)
    if run.state != "waiting":
        return _over(work, run)
    return Ask(form=run_screens.ask_text(work.eyes, form, arg))


async def submit_back(work: Work, arg: str, values: Values) -> Reply:
    run = await _to_decide(work, arg)
    if run.state != "waiting":
        return _over(work, run)
    return _noted(
        work, await _do(work, run, SentBack(by=work.actor.id, why=needed(values))), "approval.noted.back"
    )


async def submit_reject(work: Work, arg: str, values: Values) -> Reply:
    """A decision too: the reason is kept with it, apart from what is chained for good."""
    run = await _to_decide(work, arg)
    if run.state != "waiting":
        return _over(work, run)
    why = needed(values)
    decision = await decided(work, run, "account.rejected", None, role=_role(work, run), why=why)
    event = Rejected(by=work.actor.id, why=why, decision=decision.number)
    return _noted(work, await _do(work, run, event), "approval.noted.rejected")


async def to_deputy(work: Work, arg: str) -> Reply:
    """The deputy gets the same card; the head may still decide."""
    run = await _to_decide(work, arg)
    if run.state != "waiting":
        return _over(work, run)
    deputy = next(iter(_deputies(work, run)), None)
    if deputy is None:
        raise Refused("approval.no_deputy")
    run = await _do(work, run, DeputyAsked(by=work.actor.id, deputy=deputy))
    return _noted(work, run, "approval.noted.deputy", who=work.register.name(run.deputy_asked))


async def _do(work: Work, run: Run, event: Event) -> Run:
    return await work.apply(run, decide(run, event, work.now, work.hours))


def _noted(work: Work, run: Run, key: str, **values: object) -> Tell:
    return Tell(card=screens.noted(work.eyes, run, key, **values))


def _over(work: Work, run: Run) -> Tell:
    """A second press never has a second effect: it is told what became of the request."""
    return Tell(card=screens.card(work.eyes, run, ()))


# -- the decision -------------------------------------------------------------------------------


def _role(work: Work, run: Run) -> str:
    return "deputy" if work.actor.id != run.approver else run.approver_role


async def decided(
    work: Work, run: Run, kind: str, account: Account | None, *, role: str, why: str = ""
) -> Decision:
    """Chained: what, under which section and version, by which roles. Names and reasons stand apart, salted."""
    personal = {"decided_by": work.actor.name, "presented_by": work.register.name(run.runner)}
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
        "rules": records.rules(work.pack, steps),
        **records.under(run.stamp),
    }


async def show_decision(work: Work, ident: str) -> Reply:
    """On one page, in the organisation's language; for those who may read the run, and the registrar."""
    run = await work.case(ident, Run)
    if not rights.reads_all_decisions(work.register, work.actor):
        run = await readable(work, ident)
    rights.staff(work.actor)
    try:
        decision = await work.tx.decision(run.decision or 0)
    except NotFound:
        raise Refused("approval.undecided") from None
    return Ask(form=decision_screens.whole(official(work), await story_of(work, decision)))


async def compose_approval(work: Work, row: Row) -> Card | None:
    """The request as it stands; the card of an earlier sending points to the newer one."""
    run = await work.case(row.case or "", Run)
    if row.arg != str(run.sends):
        return screens.older(work.eyes_of(row), run)
    return screens.card(work.eyes_of(row), run, _deputies(work, run))


FEATURE = Feature(
    verbs={
        "run.approval": Verb(run=show, writes=False),
        "run.decision": Verb(run=show_decision, writes=False),
        "approval.approve": Verb(run=approve, writes=True),
        "approval.back": Verb(run=open_back, writes=False),
        "approval.reject": Verb(run=open_reject, writes=False),
        "approval.deputy": Verb(run=to_deputy, writes=True),
    },
    forms={"approval.back": submit_back, "approval.reject": submit_reject},
    cards={"approval": compose_approval},
)
