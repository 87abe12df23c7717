"""The registrar's queue: what goes to the registrar, and the number that many of them take in one step (users.md U8, C-40)."""

from collections.abc import Iterable, Sequence

from bot import rights
from bot.cases.filing import Filing, Registered, decide
from bot.model import Refused
from bot.outgoing import BUNDLE, Reader, Row
from bot.screens import filings as screens
from bot.screens.filings import PAGE, Filed
from bot.service import records
from bot.service.base import Feature, Verb, Work, several, text
from bot.view import Ask, Card, Mention, Reply, Tell, Values

LONGEST = 9
"""Digits of a decision's number that came with a button."""


# -- look ---------------------------------------------------------------------------------------


async def queue(work: Work, arg: str = "") -> Reply:
    """What waits, oldest first. `arg`: the decision's number after which the page begins."""
    rights.registry(work.register, work.actor)
    after = int(arg) if arg.isascii() and arg.isdigit() and len(arg) <= LONGEST else 0
    waiting = await waits(work)
    rest = [filing for filing in waiting if filing.decision > after]
    shown = await _with_decisions(work, rest[:PAGE])
    found = screens.Queue(shown=shown, total=len(waiting), left=len(rest) - len(shown))
    return Tell(card=screens.queue(work.eyes, found))


async def command(work: Work, _words: str = "") -> Reply:
    return await queue(work)


async def waits(work: Work) -> list[Filing]:
    """All that waits for a number, oldest first: decisions are numbered as they come."""
    found = [case for case in await work.tx.open_cases("filing") if isinstance(case, Filing)]
    return sorted(found, key=lambda filing: filing.decision)


async def _with_decisions(work: Work, filings: Iterable[Filing]) -> list[Filed]:
    return [await _filed(work, filing) for filing in filings]


async def _filed(work: Work, filing: Filing) -> Filed:
    row = await records.unregistered(work, filing)
    why = row.personal.get("why", "") if row else ""
    return Filed(filing=filing, decision=await work.tx.decision(filing.decision), why_none=why)


async def show(work: Work, ident: str) -> Reply:
    """The cover sheet."""
    rights.registry(work.register, work.actor)
    (filed,) = await _with_decisions(work, [await work.case(ident, Filing)])
    return Tell(card=screens.cover(work.eyes, filed))


# -- number -------------------------------------------------------------------------------------


async def open_number(work: Work, arg: str) -> Reply:
    """The form for those that a card showed and that still wait; where none does, who was first."""
    role = rights.registry(work.register, work.actor)
    found = await _with_decisions(work, await _chosen(work, arg.split(",")))
    waiting = [filed for filed in found if filed.filing.is_open]
    if not waiting:
        return Tell(card=screens.noted(work.eyes, [], found, len(await waits(work))))
    return Ask(form=screens.number_form(work.eyes, waiting, on_behalf=role != "registrar"))


async def _chosen(work: Work, idents: Sequence[str]) -> list[Filing]:
    """At most a page of them, each once. Raises Refused for what is no filing."""
    return [await work.case(ident, Filing) for ident in list(dict.fromkeys(idents))[:PAGE]]


async def submit_number(work: Work, _state: str, values: Values) -> Reply:
    """One number, or one reason, for all that were chosen, in one transaction with its chained row.

    What has a number already keeps it: of two registrars at once, and of two presses, the second is told who was first.
    """
    role = rights.registry(work.register, work.actor)
    number, why = _answer(values)
    chosen = await _chosen(work, several(values, "items"))
    if not chosen:
        raise Refused("filing.none_chosen", field="items")
    event = Registered(by=work.actor.id, number=number)
    given = [await work.apply(filing, decide(filing, event, work.now)) for filing in chosen if filing.is_open]
    if given:
        await _record(work, given, number, why, role)
        await _follow(work, given)
    return Tell(card=await _noted(work, given, [filing for filing in chosen if not filing.is_open]))


def _answer(values: Values) -> tuple[str, str]:
    """The number, or why there is none: one of the two."""
    number, why = text(values, "number")[: screens.NUMBER], text(values, "why")
    if not number and not why:
        raise Refused("filing.number_or_why", field="number")
    if number and why:
        raise Refused("filing.not_both", field="why")
    return " ".join(number.split()), why


async def _record(work: Work, given: Sequence[Filing], number: str, why: str, role: str) -> None:
    """A new chained row that names the decisions (exact-rules, "Decisions"); the name and the reason stand apart, salted."""
    accounts = list(dict.fromkeys(filing.account for filing in given if filing.account))
    body = {
        "of": [filing.decision for filing in given],
        "diary": number or None,
        "accounts": accounts,
        "account": next(iter(accounts), None),
        "on_behalf": role != "registrar",
        "entered_by": role,
        **records.under(work.stamp),
    }
    said = {"why": why} if why else {}
    await records.record(work, "registered", body, {"entered_by": work.actor.name, **said})


async def _follow(work: Work, given: Sequence[Filing]) -> None:
    """The bundles that list them show it: each follows the oldest of what it lists."""
    marks = await work.tx.marks_for([filing.id for filing in given])
    for bundle in sorted({mark.said for mark in marks if mark.rung == mark.said}):
        oldest = (await work.tx.marks_of(bundle))[0]
        await work.tx.touch(oldest.case)


async def _noted(work: Work, given: Sequence[Filing], before: Sequence[Filing]) -> Card:
    left = len(await waits(work))
    return screens.noted(
        work.eyes, await _with_decisions(work, given), await _with_decisions(work, before), left
    )


# -- the day's bundle -----------------------------------------------------------------------------


async def compose_bundle(work: Work, row: Row) -> Card | None:
    """What it lists, as that stands now. Not sent when all of it has its number by then; what stands says so."""
    listed = [mark.case for mark in await work.tx.marks_of(f"{BUNDLE}:{row.arg}")]
    waiting = await waits(work)
    still = [filing for filing in waiting if filing.id in set(listed)]
    if not listed or (not still and row.state != "sent"):
        return None
    shown = await _with_decisions(work, await _shown(work, listed, still))
    return screens.bundle(work.eyes_of(row), screens.Bundle(
        shown=shown, waits=len(still), earlier=len(waiting) - len(still),
        instead=row.reader == "role:communications", alerts=_alerts(work, row),
    ))  # fmt: skip


async def compose_letter(work: Work, row: Row) -> Card | None:
    """To the registry's mailbox, with the cover sheet of each thing. A registrar without chat has it from there."""
    if Reader.parse(row.target).kind == "person" and work.register.contact("registrar").mail:
        return None
    listed = {mark.case for mark in await work.tx.marks_of(f"{BUNDLE}:{row.arg}")}
    waiting = await waits(work)
    still = [filing for filing in waiting if filing.id in listed]
    if not still:
        return None
    found = screens.Bundle(
        shown=await _with_decisions(work, still), waits=len(still), earlier=len(waiting) - len(still)
    )
    return screens.letter(work.eyes_of(row), found)


async def _shown(work: Work, listed: Sequence[str], still: Sequence[Filing]) -> list[Filing]:
    """At most a page: what waits first, then what has its number."""
    open_ones = {filing.id for filing in still}
    over = [ident for ident in listed if ident not in open_ones][: max(0, PAGE - len(still))]
    return [*still[:PAGE], *[await work.case(ident, Filing) for ident in over]]


def _alerts(work: Work, row: Row) -> tuple[Mention, ...]:
    """The first who holds the role, in a place where a post without a mention may reach nobody."""
    reader, place = Reader.parse(row.reader), work.register.places.get(Reader.parse(row.target).id)
    if place is None or not place.mentions:
        return ()
    return work.eyes.mentions(
        work.register.own("registrar" if reader.id == "registrar" else "communications")[:1]
    )


FEATURE = Feature(
    commands={"sm-registrar": command},
    verbs={
        "filing.queue": Verb(run=queue, writes=False),
        "filing.show": Verb(run=show, writes=False),
        "filing.number": Verb(run=open_number, writes=False),
    },
    forms={"filing.number": submit_number},
    cards={BUNDLE: compose_bundle},
    letters={BUNDLE: compose_letter},
)
