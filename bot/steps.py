"""The waits of the ladders: which of them the office may change, and what they are with its own words laid over.

What a guideline says itself is no setting: only its marked defaults, and what it leaves open, are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bot.policy import Pack


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


@dataclass(frozen=True, kw_only=True)
class Waits:
    """What the cases wait for, in working days and hours of office time; the values are the marked defaults."""

    remind_days: int = 2
    escalate_days: int = 5
    complete_days: int = 10
    breach_remind: int = 1
    breach_escalate: int = 2


def waits(pack: Pack) -> Waits:
    return Waits(
        remind_days=wait(pack, "approval.remind_days"),
        escalate_days=wait(pack, "approval.escalate_days"),
        complete_days=wait(pack, "account.complete_days"),
        breach_remind=wait(pack, "breach.remind_hours"),
        breach_escalate=wait(pack, "breach.escalate_hours"),
    )
