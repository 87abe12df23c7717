"""What decisions are found by: rows of their own, since those of the chain are never changed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from bot import decided

Row = Mapping[str, Any]
OF, DIARY, DECIDED, PRESENTED = "of", "diary", "decided", "presented"
PEOPLE = (DECIDED, PRESENTED)


@dataclass(frozen=True, kw_only=True)
class Named:
    """What one decision says of itself, as far as it can be read."""

    number: int
    at: datetime
    kind: str
    accounts: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    diary: str = ""
    run: str = ""

    @classmethod
    def by(cls, row: Row) -> "Named":
        """Of a row of the table `decisions`; a body that cannot be read names nothing."""
        body = _body(row["body"])
        return cls(
            number=row["number"], at=row["at"], kind=row["kind"],
            accounts=decided.accounts(body), categories=decided.categories(body),
            of=tuple(map(str, decided.of(body))), diary=folded(decided.words(body, "diary")),
            run=decided.words(body, "run"),
        )  # fmt: skip

    def tags(self, *people: str) -> Iterator[dict[str, Any]]:
        """A row for each way to ask: with or without each of the four."""
        ways = product(("", *people), ("", *self.accounts), ("", self.kind), ("", *self.categories))
        for person, account, kind, category in dict.fromkeys(ways):
            yield {"person": person, "account": account, "kind": kind, "category": category,
                   "at": self.at, "number": self.number}  # fmt: skip

    def refs(self, took: str = "", presented: str = "") -> Iterator[dict[str, Any]]:
        diary = [self.diary] if self.diary else []
        found = {OF: self.of, DIARY: diary, DECIDED: [took], PRESENTED: [presented]}
        for what, refs in found.items():
            yield from ({"what": what, "ref": ref, "number": self.number} for ref in refs if ref)


def folded(diary: str) -> str:
    """A diary number as it is looked for."""
    return "".join(diary.casefold().split())


def _body(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
