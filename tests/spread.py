"""What `make test` tries once, `make process` tries in full: the first of many alike cases now, the others in their own time."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest


def first(cases: Iterable[Any], *, now: int = 1) -> list[Any]:
    """Cases for `parametrize`: from the `now`-th on they are marked `long`."""
    return [case if n < now else _later(case) for n, case in enumerate(cases)]


def named(cases: Mapping[str, Any], *now: str) -> list[Any]:
    """Cases under their names: those that are not among `now` are marked `long`."""
    return [pytest.param(v, id=k, marks=() if k in now else pytest.mark.long) for k, v in cases.items()]


def chosen(names: Iterable[str], *now: str) -> list[Any]:
    """Cases that are but a name: those that are not among `now` are marked `long`."""
    return named({name: name for name in names}, *now)


def _later(case: Any) -> Any:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.long)
