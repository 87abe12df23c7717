"""What a transaction in memory stands on: values by key, and how to take back what it changed. The register is one value."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from bot.cases import Case
from bot.changes import Change
from bot.model import (
    Absence,
    Account,
    Contact,
    Entry,
    Identity,
    Office,
    Person,
    PersonId,
    Place,
    Role,
    Takeover,
    Unit,
)
from bot.outgoing import Mark, Message, Row
from bot.ports import Conflict, DayOutcome, Decision
from bot.register import Register

K = TypeVar("K")
V = TypeVar("V")


@dataclass
class State:
    """Everything that is known. `open` and `waiting` are parts of `cases` and `rows` that are looked through often."""

    register: Register = field(default_factory=Register)
    cases: dict[str, Case] = field(default_factory=dict)
    open: dict[str, Case] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    logs: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    days: dict[str, dict[date, DayOutcome]] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    marks: dict[tuple[str, str, str], Mark] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)
    waiting: dict[int, Row] = field(default_factory=dict)
    messages: dict[str | None, tuple[Message, ...]] = field(default_factory=dict)
    decisions: dict[int, Decision] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    numbers: int = 0


class Kept:
    """One transaction. What it changed is taken back where it fails."""

    def __init__(self, state: State, *, writes: bool) -> None:
        self._state = state
        self._writes = writes
        self._before: list[tuple[dict[Any, Any], Any, Any]] = []
        self._register_before: Register | None = None

    @property
    def wrote(self) -> bool:
        return bool(self._before) or self._register_before is not None

    def undo(self) -> None:
        """As it was before this transaction."""
        for table, key, value in reversed(self._before):
            if value is None:
                table.pop(key, None)
            else:
                table[key] = value
        self._state.register = self._register_before or self._state.register

    def _put(self, table: dict[K, V], key: K, value: V | None) -> None:
        """None: it goes."""
        self._may_write()
        self._before.append((table, key, table.get(key)))
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value

    def _may_write(self) -> None:
        if not self._writes:
            raise RuntimeError("a transaction of Storage.read() saves nothing")

    # -- register
    async def register(self) -> Register:
        return self._state.register

    def _enter(self, **changes: Any) -> None:
        self._may_write()
        self._register_before = self._register_before or self._state.register
        self._state.register = replace(self._state.register, **changes)

    async def save_person(self, person: Person) -> None:
        self._enter(people={**self._state.register.people, person.id: person})

    async def save_identity(self, identity: Identity) -> None:
        found = {(i.platform, i.realm, i.user): i for i in (*self._state.register.identities, identity)}
        self._enter(identities=tuple(found[key] for key in sorted(found)))

    async def save_unit(self, unit: Unit) -> None:
        self._enter(units={**self._state.register.units, unit.id: unit})

    async def save_place(self, place: Place) -> None:
        self._enter(places={**self._state.register.places, place.id: place})

    async def save_account(self, account: Account) -> Account:
        known = self._state.register.accounts
        before = known[account.id].version if account.id in known else 0
        twins = [a for a in known.values() if a.id != account.id and a.address and a.state != "closed"]
        taken = account.state != "closed" and account.address in {a.address for a in twins}
        if before != account.version or taken:
            raise Conflict(f"account {account.id} has changed, or its address is taken")
        saved = replace(account, version=account.version + 1)
        self._enter(accounts={**known, account.id: saved})
        return saved

    async def add_accounts(self, accounts: Sequence[Account]) -> Sequence[Account]:
        return [await self.save_account(account) for account in accounts]

    async def save_absence(self, absence: Absence) -> None:
        found = {a.id: a for a in (*self._state.register.absences, absence)}
        self._enter(absences=tuple(sorted(found.values(), key=lambda a: (a.first, a.id))))

    async def save_role(self, role: Role, people: Sequence[PersonId], place: str | None) -> None:
        register = self._state.register
        places = {r: p for r, p in register.role_places.items() if r != role} | (
            {role: place} if place else {}
        )
        self._enter(roles={**register.roles, role: tuple(people)}, role_places=places)

    async def save_takeover(self, takeover: Takeover) -> None:
        found = {t.id: t for t in (*self._state.register.takeovers, takeover)}
        self._enter(takeovers=tuple(found[ident] for ident in sorted(found)))

    async def save_role_contact(self, role: Role, contact: Contact) -> None:
        others = {r: c for r, c in self._state.register.role_contacts.items() if r != role}
        self._enter(role_contacts={**others, **({role: contact} if contact != Contact() else {})})

    async def remove_unit(self, ident: str) -> None:
        self._enter(units={u.id: u for u in self._state.register.units.values() if u.id != ident})

    async def save_office(self, office: Office) -> None:
        self._enter(office=office)
