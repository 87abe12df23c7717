"""What communications' digest says of who watches: what was handed over or taken back, and free days given to its rota."""

from collections.abc import Iterable, Sequence

from bot.cases import Case, Watch
from bot.model import PersonId
from bot.outgoing import IN_DIGEST, Mark, to_role
from bot.screens import duty as duty_screens
from bot.screens import watching as screens
from bot.screens.base import Eyes
from bot.service import watching
from bot.service.base import Work
from bot.view import Item

PREFIX = "duty:"
"""How marks of free days are told apart: they belong to an account, to no case."""
ROTA = f"{IN_DIGEST}rota:"


async def note_rota(work: Work, accounts: Iterable[str]) -> None:
    """Communications is to watch these on free days from now on: said once, in its next digest."""
    rung, to = f"{ROTA}{work.actor.id}:{work.today.isoformat()}", to_role("communications")
    marks = [Mark(case=f"{PREFIX}{ident}", rung=rung, reader=to, at=work.now) for ident in accounts]
    await work.tx.add_marks(marks)


async def take(work: Work, key: str) -> None:
    """The digest that is about to be said takes what was noted for it."""
    marks = [m for m in await work.tx.open_marks() if m.rung.startswith(IN_DIGEST)]
    await work.tx.take_marks(marks, key)


async def lines(work: Work, eyes: Eyes, cases: Iterable[Case], key: str) -> list[Item]:
    """Handed over and still open, each day; then what this digest took. `key`: of the digest."""
    marks = await work.tx.marks_of(key)
    return [*_handed(work, eyes, cases), *await _undone(work, eyes, marks), *_rotas(work, eyes, marks)]


def _handed(work: Work, eyes: Eyes, cases: Iterable[Case]) -> list[Item]:
    watches = [c for c in cases if isinstance(c, Watch) and c.handed_by and c.is_open]
    found = (screens.handed(eyes, watch, watching.spans_of(work, watch)) for watch in watches)
    return [line for line in found if line]


async def _undone(work: Work, eyes: Eyes, marks: Sequence[Mark]) -> list[Item]:
    idents = [m.case for m in marks if not m.case.startswith(PREFIX)]
    return [screens.undone_line(eyes, await work.case(ident, Watch)) for ident in idents]


def _rotas(work: Work, eyes: Eyes, marks: Sequence[Mark]) -> list[Item]:
    """One for each head, of what stands as they said."""
    found: dict[str, list[str]] = {}
    for mark in (m for m in marks if m.case.startswith(PREFIX)):
        account = work.register.accounts.get(mark.case.removeprefix(PREFIX))
        if account and account.duty.kind == "rota":
            by = mark.rung.removeprefix(ROTA).rpartition(":")[0]
            found.setdefault(by, []).append(account.id)
    return [duty_screens.for_rota(eyes, accounts, eyes.name(PersonId(by))) for by, accounts in found.items()]
