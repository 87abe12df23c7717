"""The ladders: which waits and which hearers the office may change, and what they are with its own words laid over.

What a guideline says itself is no setting: only its marked defaults, and what it leaves open, are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from bot.model import Hearer
from bot.policy import Pack
from bot.policy import Rung as Written


@dataclass(frozen=True, kw_only=True)
class Step:
    """A wait by the name of its setting in the packs: in hours of working-day time, office hours, or working days."""

    name: str
    unit: Literal["hours", "office_hours", "days"]
    least: int = 1
    most: int = 60


STEPS = (
    Step(name="answer.hours", unit="hours", most=240),
    Step(name="answer.remind_hours", unit="hours", least=0, most=240),
    Step(name="answer.escalate_hours", unit="hours", most=240),
    Step(name="breach.remind_hours", unit="office_hours", most=40),
    Step(name="breach.escalate_hours", unit="office_hours", most=40),
    Step(name="approval.remind_days", unit="days"),
    Step(name="approval.escalate_days", unit="days"),
    Step(name="account.complete_days", unit="days", most=120),
)


def free(pack: Pack) -> tuple[Step, ...]:
    """The steps that the guideline leaves to the office."""
    return tuple(step for step in STEPS if pack.parameters[step.name].default)


def fixed(pack: Pack) -> tuple[Step, ...]:
    """The steps that the guideline sets itself."""
    return tuple(step for step in STEPS if not pack.parameters[step.name].default)


def laid(pack: Pack, own: Mapping[str, int]) -> Pack:
    """The guideline with the office's own waits in the place of its marked defaults; all else stays as it is."""
    names = {step.name for step in free(pack)}
    return _laid(tuple(sorted((n, v) for n, v in own.items() if n in names)), _Kept(pack))


@dataclass(frozen=True)
class _Kept:
    """A pack in a key of the cache: the very same one, as packs are loaded once."""

    pack: Pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.pack is self.pack


@lru_cache(maxsize=16)
def _laid(own: tuple[tuple[str, int], ...], kept: _Kept) -> Pack:
    given = {name: kept.pack.parameters[name].model_copy(update={"value": value}) for name, value in own}
    return (
        kept.pack.model_copy(update={"parameters": {**kept.pack.parameters, **given}}) if own else kept.pack
    )


def wait(pack: Pack, name: str) -> int:
    """A wait's number, in the unit of its step."""
    value = pack.parameters[name].value
    return value if isinstance(value, int) else 0


# -- who hears ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A rung at which an office may choose who hears, by ladder and rung of the packs. `least`: how many at least."""

    name: str
    may: tuple[Hearer, ...]
    least: int = 0


GOES_ON = Rung(name="question.goes-on", may=("substitute", "communications"), least=1)
"""At the deadline somebody always hears: so the head may be left out later, and it is never nobody."""
QUESTION_HEAD = Rung(name="question.head", may=("head",))
ROUND_HEAD = Rung(name="round.head", may=("head",))
"""Communications reads in its digest all the same of what nobody has looked at."""
RUNGS = (GOES_ON, QUESTION_HEAD, ROUND_HEAD)


def written(pack: Pack, rung: Rung) -> Written:
    """The rung as the guideline has it."""
    ladder, _, ident = rung.name.partition(".")
    return next(each for each in pack.ladders[ladder] if each.id == ident)


def open_rungs(pack: Pack) -> tuple[Rung, ...]:
    """Those that the guideline leaves to the office: whom it names itself is told, whatever the office wants."""
    return tuple(rung for rung in RUNGS if written(pack, rung).default)


def usual(pack: Pack, rung: Rung) -> tuple[Hearer, ...]:
    """Who hears without a word of the office."""
    who = written(pack, rung).who
    return tuple(each for each in rung.may if each in who)


def hears(pack: Pack, own: Mapping[str, Sequence[Hearer]], rung: Rung) -> tuple[Hearer, ...]:
    """Who hears; what the office has chosen for a rung that is not open, or too few, does not count."""
    chosen = tuple(each for each in rung.may if each in own.get(rung.name, ()))
    counts = rung.name in own and rung in open_rungs(pack) and len(chosen) >= rung.least
    return chosen if counts else usual(pack, rung)


def reached(goes_on: Sequence[Hearer], *, substitute: bool) -> tuple[Hearer, ...]:
    """Who of them is there that day: without a substitute communications hears, never nobody."""
    there = tuple(who for who in goes_on if who != "substitute" or substitute)
    return there or ("communications",)


@dataclass(frozen=True, kw_only=True)
class Waits:
    """What the cases wait for, in working days and hours of office time, and who hears then; the values are the marked
    defaults. `goes_on`: at the deadline; `question_head`, `round_head`: whether the head hears."""

    remind_days: int = 2
    escalate_days: int = 5
    complete_days: int = 10
    breach_remind: int = 1
    breach_escalate: int = 2
    goes_on: tuple[Hearer, ...] = ("substitute", "communications")
    question_head: bool = True
    round_head: bool = True


def waits(pack: Pack, own: Mapping[str, Sequence[Hearer]] = MappingProxyType({})) -> Waits:
    """`own`: who hears, as the office has chosen."""
    return Waits(
        remind_days=wait(pack, "approval.remind_days"),
        escalate_days=wait(pack, "approval.escalate_days"),
        complete_days=wait(pack, "account.complete_days"),
        breach_remind=wait(pack, "breach.remind_hours"),
        breach_escalate=wait(pack, "breach.escalate_hours"),
        goes_on=hears(pack, own, GOES_ON),
        question_head=bool(hears(pack, own, QUESTION_HEAD)),
        round_head=bool(hears(pack, own, ROUND_HEAD)),
    )
