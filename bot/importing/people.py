"""People in a cell: found by e-mail address, or by the id that an export wrote; a name alone finds nobody."""

import re
from dataclasses import dataclass

from bot.model import PersonId
from bot.register import Register

EMAIL = re.compile(r"[^\s<>,;:()\"'\[\]@]+@[^\s<>,;:()\"'\[\]@]+\.[^\s<>,;:()\"'\[\]@.]+")
TOKEN = re.compile(rf"{EMAIL.pattern}|(?<=<)id:[^\s<>;,]+(?=>)")
AROUND = " \t\n<>()[]\"',;:–-"
NEW = "new:"
"""Before the address of somebody, or the name of a unit, that the register gets with the import."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a cell says: addresses or ids, each with the name beside it, and the words that hold none."""

    people: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()


def named(cell: str) -> Named:
    """`Ek, Anna <anna@uni.se>; bo@uni.se; prefekten` is two people and a word."""
    people: list[tuple[str, str]] = []
    words: list[str] = []
    for piece in _pieces(cell):
        found = TOKEN.findall(piece)
        people += [(token, _name(piece) if len(found) == 1 else "") for token in found]
        if not found and piece.strip(AROUND):
            words.append(piece.strip())
    return Named(people=tuple(dict.fromkeys(people)), words=tuple(words))


def _pieces(cell: str) -> list[str]:
    """Semicolons and line breaks part people; commas do where they do not stand within a name."""
    parts = re.split(r"[;\n]", cell)
    comma = re.compile(r"(?<=>)\s*,") if "<" in cell else re.compile(",")
    return [piece for part in parts for piece in comma.split(part)]


def _name(piece: str) -> str:
    """The name before the address, in the order in which it is spoken."""
    name = TOKEN.split(piece)[0].strip(AROUND)
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma else name


class Directory:
    """The register's people by what a cell may call them."""

    def __init__(self, register: Register) -> None:
        self._people = register.people
        self._by_email: dict[str, PersonId] = {}
        known = {identity.person for identity in register.identities}
        self.in_chat = frozenset(known)
        best = sorted(register.people.values(), key=lambda p: (not p.may_act, p.id not in known, p.id))
        for person in best:
            self._by_email.setdefault(person.email.casefold(), person.id)

    def find(self, token: str) -> PersonId | None:
        if token.startswith("id:"):
            ident = PersonId(token.removeprefix("id:"))
            return ident if ident in self._people else None
        return self._by_email.get(token.casefold())

    def may_act(self, person: PersonId) -> bool:
        return person not in self._people or self._people[person].may_act

    def shown(self, person: PersonId | None) -> str:
        """As a cell names somebody, so that `find` finds the same one again."""
        known = self._people.get(person) if person else None
        if known is None:
            return (person or "").removeprefix(NEW)
        email = known.email
        sure = EMAIL.fullmatch(email) and self._by_email.get(email.casefold()) == person
        token = email if sure else f"id:{person}"
        name = "" if known.name == email else re.sub(r"[<>;,@\"\s]+", " ", known.name).strip()
        return f"{name} <{token}>" if name or not sure else token
