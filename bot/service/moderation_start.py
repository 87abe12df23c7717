"""The first page of a moderation, from wherever it is asked for. Nothing is stored before its answer."""

from collections.abc import Sequence
from dataclasses import replace

from bot import checklists
from bot.model import Account, Refused
from bot.policy import Checklist
from bot.screens import moderation as screens
from bot.service.base import Work
from bot.view import Form, Value

NAME = "moderate"
NEW = "new"
SOURCE, OWN = "first.source", "own"


def plan_of(work: Work) -> Checklist:
    """The checklist of today's guidelines. Raises Refused where it is not written."""
    plan = work.pack.checklists.get(NAME)
    if plan is None:
        raise Refused("moderation.not_written", pack=work.pack.title.of(work.language))
    return plan


def first_form(
    work: Work, known: dict[str, Value], *, question: str = "", round_: str = "", others: Sequence[str] = ()
) -> Form:
    """`known`: answers that are filled in. `question`: the one that it comes from; `round_`: whose line waits for it.

    Whether it is a threat is never filled in: it is asked of whoever has seen it.
    """
    plan = plan_of(work)
    values: dict[str, Value] = {
        SOURCE: OWN,
        checklists.POSTED: work.hours.calendar.local(work.now).isoformat(),
        **known,
    }
    first = checklists.path(plan, {})[0]
    state = f"m{work.bot.ids.new()}|{first.id}|{NEW}|{question}"
    form = screens.first_form(work.eyes, plan, values, actor=work.actor.id, state=state, others=others)
    return replace(form, id="round.moderate", state=f"{state}|{round_}") if round_ else form


def likely(work: Work, accounts: Sequence[Account]) -> str:
    """Filled in only where there is no doubt: the one account of this place, else the one that is mine."""
    ids = {a.id for a in accounts}
    here = [a.id for a in work.register.accounts_in(work.place.id)] if work.place else []
    found = [a for a in here or [a.id for a in work.register.accounts_of(work.actor.id)] if a in ids]
    return found[0] if len(found) == 1 else ""
