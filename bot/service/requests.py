"""To whoever decides on a run: send it, answer a question that it came back with, enter a head who is not known."""

from dataclasses import replace

from bot import checklists, rights
from bot.cases.run import Run, decide
from bot.cases.run_events import ApproverEntered, ApproverLeft, Event, Submitted
from bot.model import PersonId, Refused
from bot.screens import runs as screens
from bot.screens.base import told, words
from bot.service import undertakings
from bot.service.base import Feature, Verb, Work
from bot.service.runs import mine, needed, picked
from bot.service.undertaking import may_act
from bot.view import Ask, Reply, Tell, Text, Values


async def send(work: Work, ident: str) -> Reply:
    return await _send(work, await mine(work, ident), "")


async def open_reply(work: Work, ident: str) -> Reply:
    """It was sent back with a question: the answer goes along."""
    run = await mine(work, ident)
    return Ask(form=screens.ask_text(work.eyes, "run.reply", run.id, (Text(text=run.returned_why),)))


async def submit_reply(work: Work, ident: str, values: Values) -> Reply:
    return await _send(work, await mine(work, ident), needed(values))


async def _send(work: Work, run: Run, reply: str) -> Reply:
    """To the unit's head, or whom the guidelines name; never to the runner or the manager. Nobody known: communications is asked."""
    if run.state in ("draft", "returned"):
        _whole(work, run)
        what = undertakings.of(run)
        if held := await what.held(work, run):
            return Tell(card=held)
        to = what.decider(work, run)
        event = Submitted(by=work.actor.id, approver=to.person, role=to.role, reply=reply)
        run = await _do(work, run, event)
    return Tell(card=screens.overview(work.eyes, run))


def _whole(work: Work, run: Run) -> None:
    step = run.plan.step(run.next_step or "")
    if step:
        raise Refused("run.not_whole", step=step.title.of(work.language))
    if run.unconfirmed:
        names = {work.register.name(p) for _, p in run.unconfirmed}
        raise Refused("run.not_confirmed", names=", ".join(sorted(names)))
    if run.open_requests:
        steps = words(work.t, [s.title.of(work.language) for s in run.open_requests])
        raise Refused("run.not_judged", steps=steps)


# -- nobody is known to approve -----------------------------------------------------------------


async def open_set_head(work: Work, ident: str) -> Reply:
    run = await _without_approver(work, ident)
    answered = str(run.values.get(checklists.HEAD, "") if run.approver_role == "head" else "")
    value = PersonId(answered) if answered and answered not in run.own else None
    return Ask(form=screens.ask_person(work.eyes, run, "set_head", value))


async def submit_set_head(work: Work, ident: str, values: Values) -> Reply:
    """Communications enters who heads the unit (or is director); the waiting request goes there at once."""
    run = await _without_approver(work, ident)
    head = picked(work, values)
    if head in run.own:
        raise Refused("run.set_head.runner", field="person")
    await _enter_head(work, run, head)
    run = await _do(work, run, ApproverEntered(by=work.actor.id, approver=head))
    return Tell(card=told(work.t, "run.set_head.done", who=work.register.name(head)))


async def _without_approver(work: Work, ident: str) -> Run:
    run = await work.case(ident, Run)
    if not rights.office(work.register, work.actor):
        raise Refused("run.set_head.right")
    if not lacks_approver(work, run):
        raise Refused("run.set_head.known")
    return run


def lacks_approver(work: Work, run: Run) -> bool:
    """Whether it waits for somebody whom the register does not name, or who has left."""
    return run.state == "waiting" and (run.approver is None or not may_act(work, run.approver))


async def left(work: Work) -> list[Run]:
    """Requests whose approver has left the register, in office hours."""
    if not work.hours.is_open(work.now):
        return []
    runs = [c for c in await work.tx.open_cases("run") if isinstance(c, Run)]
    return [run for run in runs if run.approver and lacks_approver(work, run)]


async def approver_left(work: Work, ident: str) -> None:
    """Whoever has left decides nothing: communications is asked who does."""
    await _do(work, await work.case(ident, Run), ApproverLeft())


async def _enter_head(work: Work, run: Run, head: PersonId) -> None:
    """Each unit of the run that nobody heads gets this head: all of them are decided on at once."""
    if run.approver_role == "director":
        others = (p for p in work.register.holders("director") if p not in (head, run.approver))
        place = work.register.role_places.get("director")
        await work.tx.save_role("director", (head, *others), place)
        return
    units = (work.register.units.get(unit or "") for unit in undertakings.of(run).units(work, run))
    for unit in units:
        if unit and (unit.head is None or not may_act(work, unit.head)):
            await work.tx.save_unit(replace(unit, head=head))


async def _do(work: Work, run: Run, event: Event) -> Run:
    return await work.apply(run, decide(run, event, work.now, work.hours))


FEATURE = Feature(
    verbs={
        "run.send": Verb(run=send, writes=True),
        "run.reply": Verb(run=open_reply, writes=False),
        "run.set_head": Verb(run=open_set_head, writes=False),
    },
    forms={"run.reply": submit_reply, "run.set_head": submit_set_head},
)
