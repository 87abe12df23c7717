"""The register: written row by row, read as one snapshot."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import SQLModel, col, select

from bot.changes import Change
from bot.model import (
    Absence,
    Account,
    Contact,
    Identity,
    Office,
    Person,
    PersonId,
    Place,
    Role,
    Takeover,
    Unit,
)
from bot.ports import Conflict, NotFound
from bot.register import Register
from storage import tables
from storage.base import Part, everything
from storage.rows import from_row, to_row

COUNTER = select(tables.RegisterVersion.version)


class Registers(Part):
    """People, units, places, accounts, roles and the office."""

    _changed = False
    _own: Register | None = None

    async def register(self) -> Register:
        """The register as this transaction sees it; read anew only when its counter has moved on."""
        if self._changed:  # may still be rolled back, so nobody else is shown it
            self._own = self._own or await self._read()
            return self._own
        version = await self._value(COUNTER)
        if version != self._cache.version:
            self._cache.version, self._cache.register = version, await self._read()
        return self._cache.register

    async def save_person(self, person: Person) -> None:
        await self._enter(tables.People, to_row(tables.People, person))

    async def save_identity(self, identity: Identity) -> None:
        await self._enter(tables.Identities, to_row(tables.Identities, identity))

    async def save_unit(self, unit: Unit) -> None:
        await self._enter(tables.Units, to_row(tables.Units, unit))

    async def save_place(self, place: Place) -> None:
        await self._enter(tables.Places, to_row(tables.Places, place))

    async def save_absence(self, absence: Absence) -> None:
        await self._enter(tables.Absences, to_row(tables.Absences, absence))

    async def save_takeover(self, takeover: Takeover) -> None:
        await self._enter(tables.Takeovers, to_row(tables.Takeovers, takeover))

    async def save_role(self, role: Role, people: Sequence[PersonId], place: str | None) -> None:
        await self._enter(tables.Roles, {"role": role, "people": list(people), "place": place})

    async def save_role_contact(self, role: Role, contact: Contact) -> None:
        await self._enter(tables.RoleContacts, to_row(tables.RoleContacts, contact, role=role))

    async def save_office(self, office: Office) -> None:
        await self._enter(tables.Offices, to_row(tables.Offices, None, id=1, body=office))

    async def remove_unit(self, ident: str) -> None:
        await self._write(delete(tables.Units).where(col(tables.Units.id) == ident))
        await self._bump()

    async def add_change(self, change: Change) -> None:
        row = to_row(tables.Changes, change, number=None)
        await self._write(insert(tables.Changes).values({k: v for k, v in row.items() if k != "number"}))

    async def changes(self, limit: int = 10) -> Sequence[Change]:
        newest = everything(tables.Changes).order_by(col(tables.Changes.number).desc()).limit(limit)
        return [from_row(Change, row) for row in await self._all(newest)]

    async def change(self, ident: str) -> Change:
        row = await self._first(everything(tables.Changes).where(col(tables.Changes.id) == ident))
        if row is None:
            raise NotFound(ident)
        return from_row(Change, row)

    async def taken_back(self, ident: str) -> bool:
        found = select(tables.Changes.id).where(col(tables.Changes.undoes) == ident)
        return await self._value(found) is not None

    async def save_account(self, account: Account) -> Account:
        saved = replace(account, version=account.version + 1)
        row = to_row(tables.Accounts, saved)
        if account.version == 0:
            await self._write(insert(tables.Accounts).values(row))
        else:
            known = col(tables.Accounts.id) == account.id, col(tables.Accounts.version) == account.version
            if not await self._write(update(tables.Accounts).where(*known).values(row)):
                raise Conflict(f"account {account.id} has changed since version {account.version}")
        await self._bump()
        return saved

    async def add_accounts(self, accounts: Sequence[Account]) -> Sequence[Account]:
        saved = [replace(account, version=account.version + 1) for account in accounts]
        if saved:
            rows = [to_row(tables.Accounts, account) for account in saved]
            await self._write(insert(tables.Accounts), rows)
            await self._bump()
        return saved

    async def _enter(self, model: type[SQLModel], row: dict[str, Any]) -> None:
        await self._upsert(model, row)
        await self._bump()

    async def _bump(self) -> None:
        self._changed, self._own = True, None
        await self._write(update(tables.RegisterVersion).values(version=tables.RegisterVersion.version + 1))

    async def _read(self) -> Register:
        people = [from_row(Person, row) for row in await self._all(everything(tables.People))]
        units = [from_row(Unit, row) for row in await self._all(everything(tables.Units))]
        places = [from_row(Place, row) for row in await self._all(everything(tables.Places))]
        accounts = [from_row(Account, row) for row in await self._all(everything(tables.Accounts))]
        roles = await self._all(everything(tables.Roles))
        return Register(
            people={person.id: person for person in people},
            identities=await self._identities(),
            units={unit.id: unit for unit in units},
            places={place.id: place for place in places},
            accounts={account.id: account for account in accounts},
            absences=await self._absences(),
            takeovers=await self._takeovers(),
            roles={row["role"]: tuple(row["people"]) for row in roles},
            role_places={row["role"]: row["place"] for row in roles if row["place"]},
            role_contacts=await self._contacts(),
            office=await self._office(),
        )

    async def _contacts(self) -> dict[Role, Contact]:
        rows = await self._all(everything(tables.RoleContacts))
        found: dict[Role, Contact] = {row["role"]: from_row(Contact, row) for row in rows}
        return {role: contact for role, contact in found.items() if contact != Contact()}

    async def _identities(self) -> tuple[Identity, ...]:
        table = tables.Identities
        order = everything(table).order_by(col(table.platform), col(table.realm), col(table.user))
        return tuple(from_row(Identity, row) for row in await self._all(order))

    async def _absences(self) -> tuple[Absence, ...]:
        order = everything(tables.Absences).order_by(col(tables.Absences.first), col(tables.Absences.id))
        return tuple(from_row(Absence, row) for row in await self._all(order))

    async def _takeovers(self) -> tuple[Takeover, ...]:
        order = everything(tables.Takeovers).order_by(col(tables.Takeovers.id))
        return tuple(from_row(Takeover, row) for row in await self._all(order))

    async def _office(self) -> Office:
        body = await self._value(select(tables.Offices.body))
        return from_row(Office, body) if body else Office()
