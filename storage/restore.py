"""A backup put back: into an empty database of either kind, in one transaction, then at this program's schema."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, Table, text

from bot.outgoing import RESTORED
from storage.backup import PAGE, Head, check, lines_of, tables_of
from storage.migrations import begun


@dataclass(frozen=True, kw_only=True)
class Put:
    """What was put back, and of which moment it is."""

    rows: int
    made: datetime


def restore(url: str, path: Path, *, moved: bool = False) -> Put:
    """All or nothing. `moved`: nothing was done since the backup, so nothing need be looked for.

    Raises BadBackup, and NotEmpty where the database holds anything.
    """
    head = check(path)
    with begun(url, head.schema) as connection:
        rows = _fill(connection, path)
        if not moved:
            _note(connection, head)
    return Put(rows=rows, made=head.made)


def _fill(connection: Connection, path: Path) -> int:
    found = {table.name: table for table in tables_of(connection)}
    for table in reversed(found.values()):  # what the revisions themselves put there
        connection.execute(table.delete())
    count = 0
    for name, rows in _pages(path):
        connection.execute(found[name].insert(), [_values(found[name], row) for row in rows])
        count += len(rows)
    for table in found.values():
        _go_on_counting(connection, table)
    return count


def _pages(path: Path) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Rows of one table, some hundred at a time."""
    name, columns, rows = "", list[str](), list[Mapping[str, Any]]()
    for _, said in lines_of(path):
        if isinstance(said, list):
            rows.append(dict(zip(columns, said, strict=True)))
        if rows and (len(rows) == PAGE or isinstance(said, dict)):
            yield name, rows
            rows = []
        if isinstance(said, dict) and "table" in said:
            name, columns = said["table"], said["columns"]


def _values(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(table, name, value) for name, value in row.items()}


def _value(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if isinstance(kind, JSON):
        kind.none_as_null = True  # what was no value at all is none again, not JSON's null
        return value
    if value is None or kind.python_type not in {datetime, date, time}:
        return value
    moment = kind.python_type.fromisoformat(value)
    if isinstance(moment, datetime) and not getattr(kind, "timezone", False):
        return moment.astimezone(UTC).replace(tzinfo=None)
    return moment


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL's counters know nothing of rows that bring their number with them; SQLite has none."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key:
        given = {"table": f'"{table.name}"', "column": column.name}
        sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), given).scalar()
        if sequence:
            most = f'SELECT setval(:of, max("{column.name}")) FROM "{table.name}" HAVING count(*) > 0'
            connection.execute(text(most), {"of": sequence})


def _note(connection: Connection, head: Head) -> None:
    connection.execute(text("DELETE FROM facts WHERE name = :name"), {"name": RESTORED})
    values = {"name": RESTORED, "value": json.dumps({"made": head.made.isoformat()})}
    connection.execute(text("INSERT INTO facts (name, value) VALUES (:name, :value)"), values)
