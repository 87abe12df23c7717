"""Where conversations and people of Teams are reached. Storage does not know the adapter: it is handed its kinds."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import col, select

from bot.ports import Conflict
from storage import tables
from storage.base import Found, Part, everything
from storage.rows import plain

if TYPE_CHECKING:
    from storage.store import SqlTx, Store

R = TypeVar("R")
C = TypeVar("C")
T = TypeVar("T")
TRIES = 5
Where, Who = tables.ChatReferences, tables.ChatContacts


class Reaches(Part):
    """What a transaction knows of conversations and contacts; values as they stand in the tables."""

    async def reference(self, tenant: str, conversation: str) -> Found | None:
        return await self._first(_references(tenant).where(col(Where.conversation) == conversation))

    async def reference_of(self, tenant: str, user: str) -> Found | None:
        """Of a person's chats with the bot the one that is alive, or the newest."""
        theirs = _references(tenant).where(col(Where.user) == user, col(Where.kind) == "personal")
        return await self._first(theirs.order_by(col(Where.frozen), col(Where.renewed).desc()).limit(1))

    async def newest_reference(self, tenant: str) -> Found | None:
        alive = _references(tenant).where(col(Where.frozen).is_(False))
        return await self._first(alive.order_by(col(Where.renewed).desc()).limit(1))

    async def references(self, tenant: str, *where: ColumnElement[bool]) -> list[Found]:
        return await self._all(_references(tenant).where(*where).order_by(col(Where.conversation)))

    async def save_reference(self, values: Mapping[str, Any]) -> None:
        """Insert or replace it, as the one renewed last."""
        newest: int = await self._value(select(func.coalesce(func.max(Where.renewed), 0)))
        await self._upsert(Where, {**values, "renewed": newest + 1})

    async def freeze_references(self, tenant: str, *where: ColumnElement[bool]) -> list[Found]:
        """Gives those that were alive, as they were. Whose personal chat is gone has not the app any more."""
        alive = await self.references(tenant, col(Where.frozen).is_(False), *where)
        frozen = col(Where.tenant) == tenant, col(Where.conversation).in_([r["conversation"] for r in alive])
        await self._write(update(Where).where(*frozen).values(frozen=True))
        left = [r["user"] for r in alive if r["kind"] == "personal"]
        gone = col(Who.tenant) == tenant, col(Who.user).in_(left)
        await self._write(update(Who).where(*gone).values(installed=False))
        return alive

    async def contact(self, tenant: str, user: str) -> Found | None:
        return await self._first(_contacts(tenant).where(col(Who.user) == user))

    async def contacts(self, tenant: str) -> list[Found]:
        return await self._all(_contacts(tenant).order_by(col(Who.name), col(Who.user)))

    async def save_contact(self, values: Mapping[str, Any]) -> None:
        await self._upsert(Who, values)


class SqlReferences(Generic[R, C]):
    """The adapter's references. `reference` and `contact` are its own kinds, made from columns and back.

    Each call is a transaction of its own, run again when another process was first.
    """

    def __init__(self, store: "Store", reference: type[R], contact: type[C]) -> None:
        self._store, self._reference, self._contact = store, reference, contact

    # -- conversations --------------------------------------------------------------------------

    async def remember(self, reference: R) -> bool:
        """Nothing is written for what is known already, where the newest service address is the same."""
        values = asdict(reference)  # type: ignore[call-overload]
        async with self._store.read() as tx:
            known, newest = await self._known(tx, values), await tx.newest_reference(values["tenant"])
        if known and newest and _same(known, values) and newest["service_url"] == values["service_url"]:
            return False

        async def save(tx: "SqlTx") -> bool:
            before = await self._known(tx, values)
            await tx.save_reference(_merged(before, values))
            return before is None or bool(before["frozen"])

        return await self._saved(save)

    async def conversation(self, tenant: str, conversation: str) -> R | None:
        async with self._store.read() as tx:
            return self._place(await tx.reference(tenant, conversation))

    async def personal(self, tenant: str, user: str) -> R | None:
        async with self._store.read() as tx:
            return self._place(await tx.reference_of(tenant, user))

    async def any_of(self, tenant: str) -> R | None:
        async with self._store.read() as tx:
            return self._place(await tx.newest_reference(tenant))

    async def all_of(self, tenant: str) -> tuple[R, ...]:
        async with self._store.read() as tx:
            return self._places(await tx.references(tenant))

    async def freeze(
        self, tenant: str, *, conversation: str = "", team: str = "", user: str = ""
    ) -> tuple[R, ...]:
        which = _which(conversation, team, user)

        async def save(tx: "SqlTx") -> list[Found]:
            return await tx.freeze_references(tenant, which)

        return self._places(await self._saved(save))

    # -- people ---------------------------------------------------------------------------------

    async def meet(self, contact: C) -> None:
        values = asdict(contact)  # type: ignore[call-overload]
        async with self._store.read() as tx:
            known = await tx.contact(values["tenant"], values["user"])
        if known and _same(known, values):
            return

        async def save(tx: "SqlTx") -> None:
            before = await tx.contact(values["tenant"], values["user"])
            await tx.save_contact(_merged(before, values))

        await self._saved(save)

    async def contact(self, tenant: str, user: str) -> C | None:
        async with self._store.read() as tx:
            found = await tx.contact(tenant, user)
        return plain(self._contact, found) if found else None

    async def contacts(self, tenant: str) -> tuple[C, ...]:
        async with self._store.read() as tx:
            return tuple(plain(self._contact, row) for row in await tx.contacts(tenant))

    # -- both -----------------------------------------------------------------------------------

    async def _saved(self, save: Callable[["SqlTx"], Awaitable[T]]) -> T:
        for _ in range(TRIES - 1):
            try:
                return await self._once(save)
            except Conflict:
                continue
        return await self._once(save)

    async def _once(self, save: Callable[["SqlTx"], Awaitable[T]]) -> T:
        async with self._store.write() as tx:
            return await save(tx)

    @staticmethod
    async def _known(tx: "SqlTx", values: Mapping[str, Any]) -> Found | None:
        return await tx.reference(values["tenant"], values["conversation"])

    def _place(self, row: Found | None) -> R | None:
        return plain(self._reference, row, without=("renewed",)) if row else None

    def _places(self, rows: list[Found]) -> tuple[R, ...]:
        return tuple(plain(self._reference, row, without=("renewed",)) for row in rows)


def _references(tenant: str) -> Any:
    return everything(Where).where(col(Where.tenant) == tenant)


def _contacts(tenant: str) -> Any:
    return everything(Who).where(col(Who.tenant) == tenant)


def _which(conversation: str, team: str, user: str) -> ColumnElement[bool]:
    """One conversation, all of a team, or a person's own chats with the bot. Raises ValueError for none of them."""
    if conversation:
        return col(Where.conversation) == conversation
    if team:
        return or_(col(Where.team) == team, col(Where.conversation) == team)
    if user:
        return col(Where.user) == user
    raise ValueError("nothing is named that shall be frozen")


def _merged(known: Found | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is empty keeps what is known; a conversation that is renewed is not frozen any more."""
    kept = known or {}
    return {name: kept.get(name, value) if _empty(name, value) else value for name, value in values.items()}


def _empty(name: str, value: object) -> bool:
    """Whoever is met without a word on the app may still have it: that ends with `freeze` alone."""
    return value in ("", None) or (name == "installed" and not value)


def _same(known: Found, values: Mapping[str, Any]) -> bool:
    merged = _merged(known, values)
    return all(known[name] == value for name, value in merged.items())
