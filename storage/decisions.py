"""Decisions: append-only and chained, with personal values that can be purged beside them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import rfc8785
from pydantic_core import to_jsonable_python
from sqlalchemy import insert
from sqlmodel import col, select

from bot.cases.base import Record
from bot.ports import Decision, NotFound
from storage import tables
from storage.base import Found, Part, everything

Table = tables.Decisions
Values = tables.DecisionValues


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
        await self._write(insert(Table).values(**row, account=_account(record)))
        await self._save_values(number, record.personal, salts)
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

    async def verify(self) -> int | None:
        """The number of the first decision that is missing or not as it was written; None when all hold."""
        previous = ""
        rows = await self._all(everything(Table).order_by(col(Table.number)))
        for expected, row in enumerate(rows, start=1):
            if row["number"] != expected or row["previous"] != previous or row["hash"] != hash_of(row):
                return expected
            if not await self._values_hold(row):
                return expected
            previous = row["hash"]
        return None

    async def _values_hold(self, row: Found) -> bool:
        """What has not been purged is what was written."""
        digests = json.loads(row["digests"])
        values = await self._all(everything(Values).where(col(Values.number) == row["number"]))
        return all(digests.get(v["name"]) == digest(v["salt"], v["value"]) for v in values)

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
        return [_decision(row, personal[row["number"]]) for row in rows]


async def verify(tx: object) -> int | None:
    """The first bad number of the chain in this transaction of `storage.store.Store`, or None."""
    if not isinstance(tx, Decisions):
        raise TypeError("verify needs a transaction of storage.store.Store")
    return await tx.verify()


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


def _account(record: Record) -> str | None:
    account = record.body.get("account")
    return account if isinstance(account, str) else None


def _decision(row: Found, personal: Mapping[str, str]) -> Decision:
    return Decision(
        number=row["number"],
        at=row["at"],
        kind=row["kind"],
        body=json.loads(row["body"]),
        personal=personal,
        previous=row["previous"],
        hash=row["hash"],
    )
