"""The rota's morning: what communications watches that day, in one card to whoever's turn it is (users.md U3)."""

from collections.abc import Iterable

from bot.cases.round import Round
from bot.model import Account
from bot.outgoing import Row, Say, to_person
from bot.screens import handover as handover_screens
from bot.screens import watching as screens
from bot.service import handover
from bot.service.base import Feature, Work
from bot.view import Card
from bot.watching import is_rotas


async def due(work: Work) -> bool:
    """Once a working day, at the heads' hour, where communications watches anything today."""
    opens = work.hours.calendar.at(work.today, work.register.office.heads_at)
    if not work.hours.is_open(work.now) or work.now < opens or work.register.rota(work.today) is None:
        return False
    if not any(is_rotas(work.register, a, work.today) for a in work.register.accounts.values()):
        return False  # as on most days: nothing need be read, each minute until closing
    return not await work.tx.has_row(_key(work)) and bool(await _accounts(work))


def _key(work: Work) -> str:
    return f"rota:{work.today.isoformat()}"


async def _accounts(work: Work) -> list[str]:
    """The accounts of today's rounds that communications watches and nobody has answered for.

    Of a place in its first week only what communications has taken over itself (users.md U11).
    """
    rounds = [c for c in await work.tx.open_cases("round") if isinstance(c, Round) and c.day == work.today]
    known = (work.register.accounts.get(a) for r in rounds for a in r.unanswered if not r.free_day)
    return [a.id for a in known if a and _comes_to_it(work, a)]


def _comes_to_it(work: Work, account: Account) -> bool:
    taken = work.register.taken_over(account.id, work.today)
    return is_rotas(work.register, account, work.today) and (bool(taken) or not work.is_quiet(account.place))


async def tell(work: Work) -> None:
    """One card to whoever's turn it is, whatever the number of channels."""
    person = work.register.rota(work.today)
    if person:
        await work.say(Say(key=_key(work), card="rota", reader=to_person(person),
                           useful_until=work.hours.calendar.end_of(work.today)))  # fmt: skip


async def compose(work: Work, row: Row) -> Card | None:
    """What is new to whoever's turn it is comes with all that a cover gets."""
    found = await _accounts(work)
    fresh = _new_to_it(work, found)
    people = handover.away_from(work.register, fresh, work.today)
    eyes = work.eyes_of(row)
    known = await handover.facts_of(work, fresh, people) if fresh else None
    return screens.rota(eyes, found, handover_screens.fresh(eyes, known) if known else ()) if found else None


def _new_to_it(work: Work, found: Iterable[str]) -> list[Account]:
    """The accounts whose first morning with this person it is."""
    before = work.hours.calendar.previous_working_day(work.today)
    other = work.register.rota(before) != work.register.rota(work.today)
    return [a for a in work.register.known(found) if other or not is_rotas(work.register, a, before)]


FEATURE = Feature(cards={"rota": compose})
