"""What an official decides or does is written once, chained, and goes to the registrar where the guidelines ask for it."""

from collections.abc import Iterable, Mapping

from bot import decided
from bot.cases.base import Record
from bot.cases.filing import Filing, FilingKind, filed
from bot.cases.run_state import Run
from bot.model import PersonId, Stamp
from bot.policy import Pack, Step
from bot.ports import Decision
from bot.service.base import Work

Body = Mapping[str, object]


async def record(
    work: Work, kind: str, body: Body, personal: Mapping[str, str], *, by: PersonId | None = None
) -> Decision:
    """A chained row. `body` holds no personal data and no words of a visitor: these stand in `personal`, salted.

    `by`: whose it is, where that is another than who writes it. They, and the runner of the run that it names, find it for that (`/sm-decisions`).
    """
    body, personal = _entered(work, body, personal)
    salts = {name: work.bot.ids.salt() for name in personal}
    whole = {"day": work.today.isoformat(), **body}
    made = Record(kind=kind, body=whole, personal=personal, decided_by=by or work.actor.id or None,
                  presented_by=await _runner(work, decided.words(body, "run")))  # fmt: skip
    return await work.tx.add_decision(made, work.now, salts)


def _entered(work: Work, body: Body, personal: Mapping[str, str]) -> tuple[Body, Mapping[str, str]]:
    """With how it was given and who entered it, where it was not pressed; the name and the reference can be purged."""
    given = work.entered
    if given is None:
        return body, personal
    how = {"way": given.way, "given_on": given.day.isoformat(), "entered_by": "communications"}
    return {**body, **how}, {**personal, "entered_by": given.by.name, "reference": given.reference}


async def _runner(work: Work, run: str) -> PersonId | None:
    case = await work.find(run, Run)
    return case.runner if case else None


def under(stamp: Stamp) -> dict[str, object]:
    """The guidelines that it was made under."""
    return {"pack": stamp.pack, "version": stamp.version, "digest": stamp.digest}


def rests(work: Work, steps: Iterable[Step], stamp: Stamp) -> dict[str, object]:
    """The rules with where their words are from, and what the case was begun under: the two part when guidelines are renewed."""
    return {"rules": rules(work.pack, steps), "rules_of": under(work.stamp), **under(stamp)}


def rules(pack: Pack, steps: Iterable[Step]) -> list[dict[str, object]]:
    """What the steps rest on as it stands today, in both languages: it can be read when the guidelines have changed.

    A section that they no longer have is listed by its id.
    """
    found: dict[str, dict[str, object]] = {}
    for step in steps:
        if not step.default and step.section not in found:
            found[step.section] = _rule(pack, step.section)
        if step.section in found:
            found[step.section]["cites"] = sorted({*_cites(found[step.section]), *step.cites})
    return list(found.values())


def _rule(pack: Pack, ident: str) -> dict[str, object]:
    section = pack.section(ident)
    if section is None:
        return {"section": ident, "cites": []}
    says = {"sv": section.says.sv, "en": section.says.en}
    return {"section": ident, "heading": section.heading, "says": says, "cites": []}


def _cites(rule: Mapping[str, object]) -> tuple[str, ...]:
    held = rule["cites"]
    return tuple(held) if isinstance(held, list) else ()


async def file(
    work: Work, what: FilingKind, decision: Decision, account: str | None, posts: int = 1
) -> Filing:
    """Put it into the registrar's queue. Once for each decision: its id is the decision's."""
    filing = Filing(id=f"f{decision.number}", opened_at=work.now, account=account, what=what,
                    decision=decision.number, posts=posts)  # fmt: skip
    return await work.add(filed(filing))


async def unregistered(work: Work, filing: Filing) -> Decision | None:
    """The row which says that it needs no number, and why as long as that has not been purged."""
    if filing.is_open or filing.number:
        return None
    rows = [d for d in await work.tx.decisions_naming(filing.decision) if d.kind == "registered"]
    return next((row for row in rows if not decided.words(row.body, "diary")), None)
