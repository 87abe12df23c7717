"""Communications' side of a new account: the yes, or the no with a reason, for which guidelines ask it (KTH-16, KAU-82 …)."""

from bot import rights
from bot.cases.run import Run, decide
from bot.cases.run_events import Declined, Judged
from bot.cases.run_state import stamp
from bot.model import Refused
from bot.outgoing import Row
from bot.policy import Step
from bot.screens import judging as screens
from bot.screens import runs as run_screens
from bot.screens.answers import name
from bot.screens.base import told
from bot.service import undertakings
from bot.service.base import Feature, Verb, Work
from bot.service.runs import needed
from bot.view import Ask, Card, Reply, Tell, Values


async def show(work: Work, arg: str) -> Reply:
    """The request with its buttons, from a list of what waits. `arg`: run and step."""
    run, step = await _to_answer(work, arg)
    return Tell(card=screens.card(work.eyes, run, step))


async def _to_answer(work: Work, arg: str) -> tuple[Run, Step]:
    """The request, if whoever asks may answer it. `arg`: run, step, and which asking was seen."""
    ident, wanted, seen, *_ = (*arg.split("|"), "", "")
    run = await work.case(ident, Run)
    rights.judge(work.register, work.actor, run.own)
    step = next((s for s in run.requests if s.id == wanted), None)
    if step is None:
        raise Refused("run.request.gone", name=name(work.eyes, run))
    if seen and seen != stamp(run.requested_at.get(step.id)):
        raise Refused("approval.newer", name=name(work.eyes, run))
    return run, step


async def judge(work: Work, arg: str) -> Reply:
    """Yes, to one of the things that are asked."""
    return await _yes(work, arg, "")


async def open_words(work: Work, arg: str) -> Reply:
    """Yes, with words: a form for them."""
    run, step = await _to_answer(work, arg)
    if run.asks(step.id) is None:
        return Tell(card=screens.card(work.eyes, run, step))
    return Ask(form=screens.ask_words(work.eyes, run, _ref(arg), arg))


async def submit_words(work: Work, arg: str, values: Values) -> Reply:
    return await _yes(work, arg, needed(values))


def _ref(arg: str) -> str:
    return arg.rpartition("|")[2]


async def _yes(work: Work, arg: str, said: str) -> Reply:
    """Where several things are asked, each is said by another person, as long as there is one."""
    run, step = await _to_answer(work, arg)
    ref = _ref(arg)
    if run.asks(step.id) is None or ref not in run.unjudged(step):
        return Tell(card=screens.card(work.eyes, run, step))
    if step.request and step.request.words and not said:
        raise Refused("run.fill_in", field="text")
    others = set(rights.judges(work.register, run.own)) - set(run.judges(step))
    if others and work.actor.id in run.judges(step):
        raise Refused("run.judge.another")
    event = Judged(by=work.actor.id, what=ref, words=said)
    run = await work.apply(run, decide(run, event, work.now, work.hours))
    return Tell(card=told(work.t, "run.judge.noted", name=name(work.eyes, run)))


async def open_decline(work: Work, arg: str) -> Reply:
    run, step = await _to_answer(work, arg)
    if run.asks(step.id) is None:
        return Tell(card=screens.card(work.eyes, run, step))
    return Ask(form=run_screens.ask_text(work.eyes, "run.decline", arg))


async def submit_decline(work: Work, arg: str, values: Values) -> Reply:
    """A no ends the run, and is a decision with its reason."""
    run, step = await _to_answer(work, arg)
    if run.asks(step.id) is None:
        return Tell(card=screens.card(work.eyes, run, step))
    why = needed(values)
    decision = await undertakings.of(run).reject(work, run, "communications", why)
    event = Declined(by=work.actor.id, step=step.id, why=why, decision=decision.number)
    run = await work.apply(run, decide(run, event, work.now, work.hours))
    return Tell(card=screens.card(work.eyes, run, step))


async def compose_request(work: Work, row: Row) -> Card | None:
    """The request as it stands; the card of an earlier asking points to the newer one."""
    run = await work.case(row.case or "", Run)
    ident, _, since = row.arg.partition("|")
    step = run.plan.step(ident)
    if step is None:
        return None
    if ident in run.requested_at and since != stamp(run.requested_at[ident]):
        return screens.older(work.eyes_of(row), run)
    return screens.card(work.eyes_of(row), run, step)


async def compose_judged(work: Work, row: Row) -> Card | None:
    """None for an answer that does not hold any more."""
    run = await work.case(row.case or "", Run)
    step = next((s for s in run.requests if s.id == row.arg), None)
    if step is None or run.unjudged(step):
        return None
    return screens.told(work.eyes_of(row), run, step)


FEATURE = Feature(
    verbs={
        "run.request": Verb(run=show, writes=False),
        "run.judge": Verb(run=judge, writes=True),
        "run.judge_words": Verb(run=open_words, writes=False),
        "run.decline": Verb(run=open_decline, writes=False),
    },
    forms={"run.judge": submit_words, "run.decline": submit_decline},
    cards={"run_request": compose_request, "run_judged": compose_judged},
)
