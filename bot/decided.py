"""What the body of a decision says, whatever its kind; what it does not say, or says otherwise, is left out."""

from collections.abc import Iterable, Mapping

KINDS = (
    "account.approved",
    "account.rejected",
    "account.closed",
    "closure.rejected",
    "moderation",
    "registered",
    "correction",
)
"""What can be searched by. One of another kind can still be opened."""

CLOSURES = ("account.closed", "closure.rejected")

Body = Mapping[str, object]


def accounts(body: Body) -> tuple[str, ...]:
    """The accounts that it is about: one, several by one decision, or none."""
    return _words([body.get("account"), *_several(body.get("accounts"))])


def categories(body: Body) -> tuple[str, ...]:
    return _words(_several(body.get("categories")))


def of(body: Body) -> tuple[int, ...]:
    """The decisions before it that it names."""
    return tuple(dict.fromkeys(n for n in _several(body.get("of")) if type(n) is int))


def words(body: Body, name: str) -> str:
    """A single value that is text, or ""."""
    found = body.get(name)
    return found if isinstance(found, str) else ""


def rules(body: Body) -> tuple[Mapping[str, object], ...]:
    """The rules as they stood that day, as `records.rules` wrote them; older decisions have none."""
    return tuple(rule for rule in _several(body.get("rules")) if isinstance(rule, Mapping))


def rules_of(body: Body) -> Body:
    """The guidelines that the rules' words are from; older decisions say only under which they were made."""
    found = body.get("rules_of")
    return found if isinstance(found, Mapping) else body


def _several(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()


def _words(found: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in found if isinstance(word, str) and word))
