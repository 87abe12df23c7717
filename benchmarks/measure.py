"""One measure: ours, the bare alternative of the same run, and whether the aim is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`aim`: the most that `of` may be, a ratio or the difference in the unit of both values."""

    name: str
    ours: float
    bare: float
    unit: str
    aim: float
    of: Literal["ratio", "above"] = "ratio"
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.bare

    @property
    def value(self) -> float:
        return self.ratio if self.of == "ratio" else self.ours - self.bare

    @property
    def met(self) -> bool:
        return self.value <= self.aim

    def line(self) -> str:
        """Name, ours, bare, ratio, aim, whether it is met."""
        aim = f"at most {self.aim:g}" if self.of == "ratio" else f"at most {self.aim:g} {self.unit} above"
        above = "" if self.of == "ratio" else f" ({self.value:+.1f} {self.unit})"
        met = f"{'met' if self.met else 'MISSED'}{above}"
        values = f"{self.ours:>10.2f} {self.unit:<2} {self.bare:>10.2f} {self.unit:<2} {self.ratio:>8.{self._digits}f}"
        return f"{self.name:<40} {values}  {aim:<21} {met}{self._note}"

    @property
    def _digits(self) -> int:
        return 4 if self.ratio < 0.1 else 2

    @property
    def _note(self) -> str:
        return f"; {self.note}" if self.note else ""


HEAD = f"{'measure (medians)':<40} {'ours':>13} {'bare':>13} {'ratio':>8}  {'aim':<21} met?"


def milliseconds(seconds: Sequence[float]) -> float:
    return median(seconds) * 1e3
