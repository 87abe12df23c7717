"""The side of whoever decides on a run: approve, send back with a question, reject with a reason, let the deputy take it."""

from bot import rights
from bot.cases.run import Run, decide
from bot.cases.run_events import DeputyAsked, Event, Rejected, SentBack
from bot.model import Refused
from bot.outgoing import Reader, Row
from bot.ports import NotFound
from bot.screens import approvals as screens
from bot.screens import decision_story
from bot.screens import runs as run_screens
from bot.screens.answers import name
from bot.screens.base import Eyes
from bot.service import undertakings
from bot.service.base import Feature, Verb, Work
from bot.service.decisions import official, story_of
from bot.service.runs import needed, readable
from bot.view import Ask, Card, Reply, Tell, Values


async def show(work: Work, ident: str) -> Reply:
    """The request with its buttons, from a list of what waits."""
    run = await _to_decide(work, ident)
    return Tell(card=await _card(work, work.eyes, run, work.actor.id))


async def _card(work: Work, eyes: Eyes, run: Run, reader: str) -> Card:
    """Whoever acts as a deputy is told so."""
    if run.state != "waiting":
        return screens.over(eyes, run)
    card = await undertakings.of(run).card(work, eyes, run, undertakings.deputies(work, run))
    stands_in = run.approver is not None and reader not in ("", run.approver)
    return screens.as_deputy(eyes, run, card) if stands_in else card


async def _to_decide(work: Work, arg: str) -> Run:
    """The request, if whoever asks may decide on it. `arg`: run, and which sending of it was seen."""
    ident, _, seen = arg.partition("|")
    run = await work.case(ident, Run)
    units = undertakings.of(run).units(work, run)
    rights.approve(work.register, work.actor, run.own, run.approver, units, run.deputy_asked)
    if seen and seen != str(run.sends):
        raise Refused("approval.newer", name=name(work.eyes, run))
    return run


# -- decide -------------------------------------------------------------------------------------


async def approve(work: Work, arg: str) -> Reply:
    """A decision with its five facts, chained once, and what it makes."""
    run = await _to_decide(work, arg)
    if run.state != "waiting":
        return _over(work, run)
    what = undertakings.of(run)
    if held := await what.held(work, run):
        return Tell(card=held)
    event = await what.approve(work, run, _role(work, run))
    return _noted(work, await _do(work, run, event), "approval.noted.approved")


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
    decision = await undertakings.of(run).reject(work, run, _role(work, run), why)
    event = Rejected(by=work.actor.id, why=why, decision=decision.number)
    return _noted(work, await _do(work, run, event), "approval.noted.rejected")


async def to_deputy(work: Work, arg: str) -> Reply:
    """The deputy gets the same card; the head may still decide."""
    run = await _to_decide(work, arg)
    if run.state != "waiting":
        return _over(work, run)
    deputy = next(iter(undertakings.deputies(work, run)), None)
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
    return Tell(card=screens.over(work.eyes, run))


# -- the decision -------------------------------------------------------------------------------


def _role(work: Work, run: Run) -> str:
    return "deputy" if work.actor.id != run.approver else run.approver_role


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
    return Ask(form=decision_story.whole(official(work), await story_of(work, decision)))


async def compose_approval(work: Work, row: Row) -> Card | None:
    """The request as it stands; the card of an earlier sending points to the newer one."""
    run = await work.case(row.case or "", Run)
    if row.arg != str(run.sends):
        return screens.older(work.eyes_of(row), run)
    reader = Reader.parse(row.target)
    if run.state == "waiting" and run.approver and _has_moved(work, run, reader):
        return screens.elsewhere(work.eyes_of(row), run)
    return await _card(work, work.eyes_of(row), run, reader.id)


async def compose_letter(work: Work, row: Row) -> Card | None:
    """The same with every answer, for whoever can open nothing."""
    card, run = await compose_approval(work, row), await work.case(row.case or "", Run)
    if card is None or run.state != "waiting" or row.arg != str(run.sends):
        return card
    return screens.with_everything(work.eyes_of(row), run, card)


def _has_moved(work: Work, run: Run, reader: Reader) -> bool:
    """Whether this reader was asked before somebody else became head."""
    asked = {run.approver, run.deputy_asked, *undertakings.deputies(work, run)}
    return reader.kind == "person" and reader.id not in asked


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
    letters={"approval": compose_letter},
)
