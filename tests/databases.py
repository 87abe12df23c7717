"""PostgreSQL databases that tests take in turn: to empty one costs a hundredth of what it costs to make one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

LARGE = 1_000_000
"""Bytes. Of a table that has grown so large much is left when its rows are gone: the next test gets a new database."""
OTHERS_GO = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
SHAPE = f"""
SELECT concat_ws(' ', oid, relname, reloptions, pg_relation_size(oid) > {LARGE}) AS line
  FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', oid, tgname, tgenabled) FROM pg_trigger
UNION ALL SELECT concat_ws(' ', oid, conname, convalidated) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', oid, proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', attrelid, attname, atttypid, attnotnull, attisdropped) FROM pg_attribute
  JOIN pg_class ON pg_class.oid = attrelid AND relnamespace = 'public'::regnamespace
ORDER BY line"""
COUNT_ANEW = """
SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


@dataclass
class Taken:
    """One database, by its name on `server`. `fill`: what is in it before each test, tables and all.

    A test that changes the tables themselves leaves it to be made anew, from a copy.
    """

    server: str
    name: str
    fill: Callable[[str], None]
    _shape: list[Any] = field(default_factory=list)
    _rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.replace("/postgres?", f"/{self.name}?")

    def make(self) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {self.name}_first")
        self.fill(self.server.replace("/postgres?", f"/{self.name}_first?"))
        self._copy()

    def _copy(self) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {self.name} TEMPLATE {self.name}_first")
        with psycopg.connect(self.url, autocommit=True) as connection:
            self._shape = connection.execute(SHAPE).fetchall()
            tables = [name for (name,) in connection.execute(TABLES)]
            self._rows = {name: connection.execute(_all(name)).fetchall() for name in tables}

    def turns(self) -> Iterator[str]:
        """Its URL for one test. Afterwards whoever is still connected is put out, and it is as it was."""
        yield self.url
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(OTHERS_GO)
            same = connection.execute(SHAPE).fetchall() == self._shape
            if same:
                self._empty(connection)
            elif not self._rows:
                connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        if not same and self._rows:
            self._copy()

    def _empty(self, connection: psycopg.Connection) -> None:
        """Without triggers: they keep decisions from being deleted, and rows from being deleted in any order."""
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(COUNT_ANEW)
            for name, rows in self._rows.items():
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
                for row in rows:
                    values = sql.SQL(", ").join(sql.Placeholder() * len(row))
                    connection.execute(
                        sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(name), values), row
                    )


def _all(table: str) -> sql.Composed:
    return sql.SQL("TABLE {}").format(sql.Identifier(table))
