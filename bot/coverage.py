"""What a pack makes of each requirement of its guideline: derived from what cites it, no list of it is kept.

Sections only hold a requirement, and a setting of something that is not built yet only states it: neither carries.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.policy import Found, Pack, Parameter, Section, Words, cites


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One requirement: the names that carry it (`policy show` opens each), or why no bot can; neither: it is missing."""

    id: str
    carried_by: tuple[str, ...] = ()
    out_of_reach: Words | None = None


def coverage(pack: Pack) -> tuple[Covered, ...]:
    """Every requirement that the pack's sections hold, in their order."""
    carriers = {name: thing for name, thing in pack.named().items() if _carries(thing)}
    held = dict.fromkeys(cite for section in pack.sections for cite in section.cites)
    return tuple(_covered(pack, cite, carriers) for cite in held)


def _carries(thing: Found) -> bool:
    return not isinstance(thing, Section) and not (isinstance(thing, Parameter) and thing.unbuilt)


def _covered(pack: Pack, cite: str, carriers: dict[str, Found]) -> Covered:
    by = tuple(name for name, thing in carriers.items() if cite in cites(thing))
    return Covered(id=cite, carried_by=by, out_of_reach=None if by else pack.beyond(cite))
