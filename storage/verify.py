"""Whether all decisions are as they were written. It reads them some at a time, and changes nothing."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import String, cast, select
from sqlmodel import SQLModel, col

from storage import tables
from storage.base import Found, everything
from storage.decisions import Decisions, account_of, canonical, digest, hash_of
from storage.findings import PEOPLE, Named
from storage.rows import table_of

What = Literal["missing", "changed", "value", "findings"]
PAGE = 500
BESIDE = (tables.DecisionValues, tables.DecisionTags, tables.DecisionRefs)
SHORT = 16


@dataclass(frozen=True, kw_only=True)
class Bad:
    """The first decision that is not as it was written: it is missing, it was changed, a personal value of it was
    (`name`), or what it is found by does not agree with it."""

    number: int
    what: What
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What was found. `last`: the beginning of the newest hash, by which a cut-off end can be told later."""

    count: int = 0
    last: str = ""
    bad: Bad | None = None


async def verify(tx: object) -> Verified:
    """Follow the chain in this transaction of `storage.store.Store` from its first row."""
    if not isinstance(tx, Decisions):
        raise TypeError("verify needs a transaction of storage.store.Store")
    count, previous = 0, ""
    async for rows, beside in _pages(tx):
        for row in rows:
            bad = _first_bad(row, count + 1, previous) or _beside_bad(row, beside)
            if bad:
                return Verified(count=count, last=previous[:SHORT], bad=bad)
            count, previous = count + 1, row["hash"]
    return Verified(count=count, last=previous[:SHORT], bad=await _beyond(tx, count))


# -- reading ------------------------------------------------------------------------------------

Beside = Mapping[type[SQLModel], Mapping[int, Sequence[Found]]]


async def _pages(tx: Decisions) -> AsyncIterator[tuple[Sequence[Found], Beside]]:
    last: int | None = None
    while rows := await _page(tx, last):
        numbers = (rows[0]["number"], rows[-1]["number"])
        yield rows, {table: await _of(tx, table, *numbers) for table in BESIDE}
        last = rows[-1]["number"]


async def _page(tx: Decisions, last: int | None) -> Sequence[Found]:
    """The next rows. One that cannot even be read comes alone, without its time."""
    table = tables.Decisions
    whole = everything(table).add_columns(_text(col(table.at))).order_by(col(table.number))
    after = whole.where(col(table.number) > last) if last is not None else whole
    for many in (PAGE, 1):
        try:
            return await tx.rows(after.limit(many))
        except (ValueError, TypeError):
            continue
    first = (0 if last is None else last) + 1
    return [{"number": first, "hash": "", "previous": None}]


def _text(at: Any) -> Any:
    """A time as it stands in the database, which may be no time at all."""
    return cast(at, String).label("at_text")


async def _of(tx: Decisions, table: type[SQLModel], first: int, last: int) -> Mapping[int, Sequence[Found]]:
    """What stands beside these decisions, by number."""
    number = table_of(table).c.number
    columns = [_text(c) if c.name == "at" else c for c in table_of(table).c]
    rows = await tx.rows(select(*columns).where(number.between(first, last)).order_by(number))
    return {n: list(found) for n, found in groupby(rows, key=itemgetter("number"))}


async def _beyond(tx: Decisions, count: int) -> Bad | None:
    """Whatever stands beside a decision that is not there: the end of the chain was cut off."""
    for table in BESIDE:
        number = table_of(table).c.number
        rows = await tx.rows(select(number).where(number > count).order_by(number).limit(1))
        if rows:
            return Bad(number=count + 1, what="missing")
    return None


# -- judging ------------------------------------------------------------------------------------


def _first_bad(row: Found, expected: int, previous: str) -> Bad | None:
    if row["number"] > expected:
        return Bad(number=expected, what="missing")
    if row["number"] < expected or row["previous"] != previous or not _as_written(row):
        return Bad(number=row["number"], what="changed")
    return None


def _as_written(row: Found) -> bool:
    """To the byte: a body with a space more says the same, and is not what was written."""
    try:
        body, digests = json.loads(row["body"]), json.loads(row["digests"])
        same: bool = canonical(body) == row["body"] and canonical(digests) == row["digests"]
        return same and bool(row["account"] == account_of(body) and row["hash"] == hash_of(row))
    except (ValueError, TypeError, AttributeError):
        return False


def _beside_bad(row: Found, beside: Beside) -> Bad | None:
    number = row["number"]
    values, tags, refs = (beside[table].get(number, ()) for table in BESIDE)
    digests = json.loads(row["digests"])
    for value in values:
        if digests.get(value["name"]) != _digest(value):
            return Bad(number=number, what="value", name=value["name"])
    if not _agree(row, tags, refs):
        return Bad(number=number, what="findings")
    return None


def _digest(value: Found) -> str:
    try:
        return digest(value["salt"], value["value"])
    except ValueError:
        return ""


def _agree(row: Found, tags: Sequence[Found], refs: Sequence[Found]) -> bool:
    """Of people the chain holds nothing but salted names: here only that both tables know the same, or none."""
    named = Named.by(row)
    people = [ref["ref"] for ref in refs if ref["what"] in PEOPLE]
    wanted = {(*_way(tag), row["at_text"]) for tag in named.tags(*people)}
    rest = {(ref["what"], ref["ref"]) for ref in refs if ref["what"] not in PEOPLE}
    named_refs = {(ref["what"], ref["ref"]) for ref in named.refs()}
    return {(*_way(tag), tag["at_text"]) for tag in tags} == wanted and rest == named_refs


def _way(tag: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(tag[name] for name in ("person", "account", "kind", "category"))
