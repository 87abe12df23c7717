"""Rows and domain values, each made from the other."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter
from pydantic_core import to_jsonable_python
from sqlalchemy import JSON, Table
from sqlmodel import SQLModel

from bot.cases import Case
from bot.cases.base import CaseBase

T = TypeVar("T")

CASE: TypeAdapter[Case] = TypeAdapter(Annotated[Case, Field(discriminator="case")])
COMMON = tuple(field.name for field in fields(CaseBase))
"""What each case has, as columns; the rest is the body."""


def table_of(model: type[SQLModel]) -> Table:
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _columns(model: type[SQLModel]) -> Mapping[str, bool]:
    """A table's columns, and whether each is JSON."""
    return {column.name: isinstance(column.type, JSON) for column in table_of(model).columns}


def to_row(model: type[SQLModel], value: object, **more: object) -> dict[str, Any]:
    """The columns of a domain value that has a field for each; `more` are those that it has not, or shall differ."""
    found = {name: more[name] if name in more else getattr(value, name) for name in _columns(model)}
    return {name: to_jsonable_python(v) if _columns(model)[name] else v for name, v in found.items()}


def from_row(kind: type[T], row: Mapping[str, Any]) -> T:
    """The domain value of a row. What the kind does not know is left out."""
    value: T = _adapter(kind).validate_python(row)  # type: ignore[arg-type]  # a type is hashable
    return value


def plain(kind: type[T], row: Mapping[str, Any], *, without: Iterable[str] = ()) -> T:
    """The same without any conversion, for kinds of which rows come by the thousand."""
    left_out = frozenset(without)
    return kind(**{name: value for name, value in row.items() if name not in left_out})


def case_body(case: CaseBase) -> dict[str, Any]:
    """What is the kind's own."""
    return {f.name: to_jsonable_python(getattr(case, f.name)) for f in fields(case) if f.name not in COMMON}


def to_case(row: Mapping[str, Any]) -> Case:
    """The case of a row of `cases`; the columns hold, whatever the body says."""
    return CASE.validate_python({**row["body"], **{name: row[name] for name in COMMON}})
