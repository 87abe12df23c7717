"""An account as cells: what `export` writes, and what an import is compared with."""

import re
from collections.abc import Iterable, Sequence

from bot.importing.columns import COLUMNS, Column
from bot.importing.people import Directory
from bot.model import Account, Place
from bot.plain import natural
from bot.register import Register
from bot.texts import Texts

Cells = dict[Column, str]


BETWEEN = re.compile(r"\s+[/>]\s+")
"""What stands between a team and its channel."""


def headings(t: Texts) -> list[str]:
    """The first row, in one language."""
    return [t(f"import.column.{column}") for column in COLUMNS]


def table(register: Register, t: Texts, accounts: Iterable[Account]) -> list[list[str]]:
    """The register as rows, headings first; accounts in the order given."""
    directory = Directory(register)
    rows = [cells(register, directory, t, account) for account in accounts]
    return [headings(t), *([row[column] for column in COLUMNS] for row in rows)]


def exported(register: Register) -> list[Account]:
    """All accounts that are not closed, by unit and name."""
    names = {unit.id: unit.name for unit in register.units.values()}
    found = [a for a in register.accounts.values() if a.state != "closed"]
    return sorted(found, key=lambda a: (natural(names.get(a.unit, "")), natural(a.name), a.id))


def cells(register: Register, directory: Directory, t: Texts, account: Account) -> Cells:
    """One row. Where the register knows nothing stands what an earlier file said."""
    said, unit, people = account.said, register.units.get(account.unit), account.people
    head = account.head or (unit.head if unit else None)
    others = [*map(directory.shown, people[1:]), *_words(said.get("people", ""))]
    return {
        "id": account.id,
        "state": t(f"import.state.{account.state}"),
        "platform": (account.platform == "other" and said.get("platform")) or t(f"import.platform.{account.platform}"),
        "name": account.name,
        "address": account.address or said.get("address", ""),
        "unit": unit.name if unit else account.unit,
        "manager": directory.shown(people[0]) if people else "",
        "substitutes": "; ".join(others),
        "head": directory.shown(head) or said.get("head", ""),
        "channel": channel(register, account) or said.get("channel", ""),
        "purpose": account.purpose,
        "level": t(f"import.level.{account.level}"),
        "approved_on": account.approved_on.isoformat() if account.approved_on else said.get("approved_on", ""),
        "approval_number": account.approval_number,
    }  # fmt: skip


def _words(said: str) -> Sequence[str]:
    return [said] if said else []


def channel(register: Register, account: Account) -> str:
    """The place by its name; by its id where two have that name."""
    place = register.places.get(account.place or "")
    if place is None:
        return ""
    return place.called if len(places_called(register, place.called)) == 1 else place.id


def places_called(register: Register, name: str) -> list[Place]:
    """Places that a cell may mean: by id, or by name without case and `#`: the whole name first, then the channel's
    within its team, as in Teams."""
    if name in register.places:
        return [register.places[name]]
    whole = [p for p in register.places.values() if _plain(p.name) == _plain(name)]
    return whole or [p for p in register.places.values() if _plain(BETWEEN.split(p.name)[-1]) == _plain(name)]


def _plain(name: str) -> str:
    """Whatever stands between team and channel."""
    return " / ".join(BETWEEN.split(" ".join(name.removeprefix("#").casefold().split())))
