"""What whoever reads may see of a decision that is about several accounts, or about other decisions."""

from collections.abc import Sequence
from dataclasses import replace

from bot import decided, rights
from bot.model import Refused
from bot.ports import Decision, NotFound
from bot.service.base import Work

WORDS = ("why", "why_none", "text")
"""Personal values of a decision about other decisions that are somebody's own words."""


async def known(work: Work, number: int) -> Decision | None:
    try:
        return await work.tx.decision(number)
    except NotFound:
        return None


def may_read(work: Work, decision: Decision) -> bool:
    took = decision.decided_by, decision.presented_by
    try:
        rights.read_decision(work.register, work.actor, decided.accounts(decision.body), took)
    except Refused:
        return False
    return True


def in_sight(work: Work, decision: Decision) -> Decision:
    """As whoever reads may see it: of the accounts that share a number, they are shown those that they may read about."""
    if _reads_whole(work, decision):
        return decision
    own = rights.decisions_of(work.register, work.actor)
    body = dict(decision.body) | {"accounts": [a for a in decided.accounts(decision.body) if a in own]}
    return replace(decision, body={name: value for name, value in body.items() if name != "account"})


def _reads_whole(work: Work, decision: Decision) -> bool:
    took = work.actor.id in (decision.decided_by, decision.presented_by)
    return took or rights.reads_all_decisions(work.register, work.actor)


async def _may_read_words(work: Work, decision: Decision) -> bool:
    """One reason may be about several decisions: it is for whoever may open each of them, and for the office."""
    if _reads_whole(work, decision):
        return True
    for number in decided.of(decision.body):
        named = await known(work, number)
        if not (named and may_read(work, named) and await _may_read_words(work, named)):
            return False
    return True


async def as_read(work: Work, decision: Decision) -> Decision:
    """As `in_sight`, without the words that are also about what whoever reads may not open."""
    seen = in_sight(work, decision)
    if await _may_read_words(work, decision):
        return seen
    held = {name: value for name, value in seen.personal.items() if name not in WORDS}
    return replace(seen, personal=held, names=tuple(name for name in seen.names if name not in WORDS))


async def open_to(work: Work, found: Sequence[Decision]) -> tuple[Decision, ...]:
    return tuple([await as_read(work, each) for each in found if may_read(work, each)])
