"""What an import would do, before anything is done: entries, what is to be said about rows, and one digest of it all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.importing.columns import Column
from bot.model import Account, PersonId, Unit
from bot.register import Register

KINDS = (
    "nothing", "id_unknown", "bad_address", "address_taken", "platform", "date", "level", "long",
    "channel_kept", "double", "near", "closed", "not_found", "left", "no_email", "head_title", "head_is",
    "no_owner", "channel", "new_unit",
)  # fmt: skip
"""What may be said of a row, most pressing first; texts under `import.note.KIND`."""
REFUSED = "nothing"


@dataclass(frozen=True, kw_only=True)
class Note:
    """One thing to know about a row. `said`: what stands in the cell; `hint`: what it is about, as the kind needs it."""

    kind: str
    row: int
    column: Column | None = None
    said: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row's account as it would be. `before`: as it stands; None for a new one. New people and units have made-up ids."""

    row: int
    before: Account | None
    after: Account


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`same`: rows that change nothing; `missing`: accounts of the register that the file leaves out, and that stay.

    `found`: whom the cells name and the chat knows, if they change anything; `people`: names by the made-up ids of those whom nobody knows yet; `units`: units that are new.
    """

    entries: tuple[Entry, ...]
    notes: tuple[Note, ...]
    headings: Mapping[Column, str]
    unknown: tuple[str, ...] = ()
    same: int = 0
    missing: tuple[Account, ...] = ()
    found: tuple[PersonId, ...] = ()
    people: Mapping[PersonId, str] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)

    @property
    def new(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if e.before is None)

    @property
    def changed(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries if e.before)

    @property
    def refused(self) -> int:
        return sum(note.kind == REFUSED for note in self.notes)

    @property
    def doubles(self) -> int:
        return sum(note.kind == "double" for note in self.notes)

    @property
    def digest(self) -> str:
        """The same as long as the same would be done to the same register: what was shown is what is done."""
        what = (self.entries, sorted(self.people.items()), sorted(self.units.items()))
        return hashlib.sha256(repr(what).encode()).hexdigest()[:10]

    def seen(self, register: Register) -> Register:
        """The register with the units that would be new, to look at what would be."""
        return replace(register, units={**register.units, **self.units})
