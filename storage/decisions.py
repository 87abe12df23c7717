"""Decisions: append-only and chained, with personal values that can be purged beside them."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import rfc8785
from pydantic_core import to_jsonable_python
from sqlalchemy import Executable, Select, delete, func, insert, literal, or_, union_all, update
from sqlalchemy import select as sa_select
from sqlmodel import col, select

from bot.cases.base import Record
from bot.model import PersonId
from bot.ports import Decision, NotFound, Search, Sight
from storage import tables
from storage.base import Found, Part, everything
from storage.findings import DECIDED, DIARY, OF, PEOPLE, PRESENTED, Named, folded
from storage.rows import table_of

Table = tables.Decisions
Values = tables.DecisionValues
Tags = tables.DecisionTags
Refs = tables.DecisionRefs
Way = tuple[str, str]
Walk = Select[Any]
T = TypeVar("T")

TOGETHER = 50
"""Walks in one statement."""


class Decisions(Part):
    """Numbers are gapless: of two who take the same one, the second meets `Conflict`."""

    async def add_decision(self, record: Record, at: datetime, salts: Mapping[str, str]) -> Decision:
        """`salts`: 128 random bits in hex for each name in `record.personal`."""
        last = await self._first(select(Table.number, Table.hash).order_by(col(Table.number).desc()).limit(1))
        number, previous = (last["number"] + 1, last["hash"]) if last else (1, "")
        digests = {name: digest(salts[name], value) for name, value in record.personal.items()}
        row = {
            "number": number,
            "at": at.astimezone(UTC),  # hashed as it will be read
            "kind": record.kind,
            "body": canonical(record.body),
            "digests": canonical(digests),
            "previous": previous,
        }
        row["hash"] = hash_of(row)
        await self._write(insert(Table).values(**row, account=account_of(record.body)))
        await self._save_values(number, record.personal, salts)
        await self._save_findings(Named.by(row), record.decided_by or "", record.presented_by or "")
        return await self.decision(number)

    async def decision(self, number: int) -> Decision:
        row = await self._first(everything(Table).where(col(Table.number) == number))
        if row is None:
            raise NotFound(f"no decision {number}")
        return (await self._told([row]))[0]

    async def decisions(self, *, account: str | None = None, limit: int = 50) -> Sequence[Decision]:
        """Newest first. `account`: those whose body names it as `account`."""
        found = everything(Table).order_by(col(Table.number).desc()).limit(limit)
        if account is not None:
            found = found.where(col(Table.account) == account)
        return await self._told(await self._all(found))

    async def rows(self, statement: Executable) -> list[Found]:
        """For `storage.verify`, which looks at the tables themselves."""
        return await self._all(statement)

    # -- searching ------------------------------------------------------------------------------

    async def search_decisions(
        self, search: Search, sight: Sight | None = None, *, before: int | None = None, limit: int = 10
    ) -> Sequence[Decision]:
        last = await self._last_shown(before)
        walks = [_walk(search, way, last, limit) for way in _ways(search.account, sight)]
        found: set[tuple[datetime, int]] = set()
        for some in _some(walks):
            found |= {(row["at"], row["number"]) for row in await self._all(_together(some))}
        newest = sorted(found, reverse=True)[:limit]
        return await self._numbered([number for _, number in newest])

    async def _last_shown(self, before: int | None) -> tuple[datetime, int] | None:
        if before is None:
            return None
        at = await self._value(select(Table.at).where(col(Table.number) == before))
        return (at, before) if at else None

    async def decision_categories(self, sight: Sight | None = None) -> Sequence[str]:
        """From each to the next along the index: it reads as many rows as there are categories."""
        found: list[str] = []
        while following := [
            c for some in _some(_ways("", sight)) if (c := await self._next(some, found[-1:]))
        ]:
            found.append(min(following))
        return found

    async def _next(self, ways: Sequence[Way], last: Sequence[str]) -> str | None:
        steps = [_first_category(way, last[0] if last else "").subquery() for way in ways]
        both = union_all(*(sa_select(step.c.category) for step in steps)).subquery()
        found: str | None = await self._value(sa_select(func.min(both.c.category)))
        return found

    async def decisions_naming(self, number: int) -> Sequence[Decision]:
        named = select(Refs.number).where(col(Refs.what) == OF, col(Refs.ref) == str(number))
        rows = await self._all(named.order_by(col(Refs.number)))
        return await self._numbered([row["number"] for row in rows])

    async def decisions_under(
        self, diary: str, *, before: int | None = None, limit: int = 10
    ) -> Sequence[Decision]:
        given = select(Refs.number).where(col(Refs.what) == DIARY, col(Refs.ref) == folded(diary))
        gave = [row["number"] for row in await self._all(given)]
        named = select(Refs.ref).where(col(Refs.what) == OF, col(Refs.number).in_(gave))
        numbers = {*gave, *(int(row["ref"]) for row in await self._all(named))}
        newest = sorted((n for n in numbers if before is None or n < before), reverse=True)
        return await self._numbered(newest[:limit])

    async def pass_decisions_on(self, before: PersonId, after: PersonId) -> None:
        """Each way in which the first found a decision leads the other there, however many there are: in one statement."""
        names = [column.name for column in table_of(Tags).c]
        values = [literal(after) if name == "person" else table_of(Tags).c[name] for name in names]
        theirs = sa_select(*values).where(col(Tags.person) == before)
        await self._write(self._insert(Tags).from_select(names, theirs).on_conflict_do_nothing())
        await self._write(delete(Tags).where(col(Tags.person) == before))
        took = col(Refs.what).in_(PEOPLE), col(Refs.ref) == before
        await self._write(update(Refs).where(*took).values(ref=after))

    async def _numbered(self, numbers: Sequence[int]) -> list[Decision]:
        """In this order; those that are not there are left out."""
        rows = await self._all(everything(Table).where(col(Table.number).in_(numbers)))
        return sorted(await self._told(rows), key=lambda d: numbers.index(d.number))

    # -- inside ---------------------------------------------------------------------------------

    async def _save_findings(self, named: Named, decided: str, presented: str) -> None:
        tags = list(named.tags(*filter(None, (decided, presented))))
        await self._write(insert(Tags), tags)
        if refs := list(named.refs(decided, presented)):
            await self._write(insert(Refs), refs)

    async def _save_values(self, number: int, personal: Mapping[str, str], salts: Mapping[str, str]) -> None:
        rows = [
            {"number": number, "name": name, "salt": salts[name], "value": value}
            for name, value in personal.items()
        ]
        if rows:
            await self._write(insert(Values), rows)

    async def _told(self, rows: Sequence[Found]) -> list[Decision]:
        numbers = [row["number"] for row in rows]
        values = await self._all(everything(Values).where(col(Values.number).in_(numbers)))
        personal: dict[int, dict[str, str]] = {number: {} for number in numbers}
        for value in values:
            personal[value["number"]][value["name"]] = value["value"]
        people = await self._people(numbers)
        return [_decision(row, personal[row["number"]], people) for row in rows]

    async def _people(self, numbers: Sequence[int]) -> Mapping[tuple[int, str], PersonId]:
        """Who took, and who presented, each."""
        took = col(Refs.number).in_(numbers), col(Refs.what).in_(PEOPLE)
        rows = await self._all(everything(Refs).where(*took))
        return {(row["number"], row["what"]): PersonId(row["ref"]) for row in rows}


def canonical(value: Mapping[str, Any]) -> str:
    """RFC 8785: the same value is always the same text."""
    return rfc8785.dumps(to_jsonable_python(value)).decode()


def digest(salt: str, value: str) -> str:
    """What the chain keeps of a personal value; without its salt nobody can find the value by trying."""
    return hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest()


def hash_of(row: Mapping[str, Any]) -> str:
    """SHA-256 over canonical JSON of number, time, kind, previous hash, body and digests (exact-rules, Decisions)."""
    chained = {
        "number": row["number"],
        "at": row["at"].isoformat(timespec="microseconds"),
        "kind": row["kind"],
        "previous": row["previous"],
        "body": json.loads(row["body"]),
        "digests": json.loads(row["digests"]),
    }
    return hashlib.sha256(canonical(chained).encode()).hexdigest()


def account_of(body: object) -> str | None:
    """The one account that a body names first, which stands in a column of its own."""
    account = body.get("account") if isinstance(body, Mapping) else None
    return account if isinstance(account, str) else None


def _ways(account: str, sight: Sight | None) -> list[Way]:
    """Person and account of the rows that hold what may be seen, each once. Neither is everything: for `None` alone."""
    if sight is None or (account and account in sight.accounts):
        return [("", account)]
    own: list[Way] = [(sight.person, account)] if sight.person else []
    return own if account else [*own, *(("", each) for each in sorted(sight.accounts) if each)]


def _walk(search: Search, way: Way, last: tuple[datetime, int] | None, limit: int) -> Walk:
    """Along the index from the newest, no further than what is shown."""
    at, number = col(Tags.at), col(Tags.number)
    found = [col(Tags.person) == way[0], col(Tags.account) == way[1], col(Tags.kind) == search.kind,
             col(Tags.category) == search.category]  # fmt: skip
    found += [at >= search.since] if search.since else []
    found += [at < search.until] if search.until else []
    found += [at <= last[0], or_(at < last[0], number < last[1])] if last else []
    newest_first = at.desc(), number.desc()
    return sa_select(*table_of(Tags).c["at", "number"]).where(*found).order_by(*newest_first).limit(limit)


def _first_category(way: Way, last: str) -> Select[Any]:
    category = col(Tags.category)
    place = col(Tags.person) == way[0], col(Tags.account) == way[1], col(Tags.kind) == ""
    return sa_select(category).where(*place, category > last).order_by(category).limit(1)


def _together(walks: Sequence[Walk]) -> Executable:
    subs = [walk.subquery() for walk in walks]
    return union_all(*(sa_select(sub.c.at, sub.c.number) for sub in subs))


def _some(found: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many at a time that a database takes them in one statement."""
    return (found[n : n + TOGETHER] for n in range(0, len(found), TOGETHER))


def _decision(
    row: Found, personal: Mapping[str, str], people: Mapping[tuple[int, str], PersonId]
) -> Decision:
    return Decision(
        decided_by=people.get((row["number"], DECIDED)),
        presented_by=people.get((row["number"], PRESENTED)),
        number=row["number"],
        at=row["at"],
        kind=row["kind"],
        body=json.loads(row["body"]),
        personal=personal,
        names=tuple(sorted(json.loads(row["digests"]))),
        previous=row["previous"],
        hash=row["hash"],
    )
