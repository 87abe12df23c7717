"""What is kept about whoever asks: counts and samples on a card, then all of it in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cases import Case
from bot.model import Absence, Account, Identity, Person, Role, Takeover, Unit
from bot.ports import About
from bot.screens.base import Eyes, account_name, words
from bot.view import Button, Card, Facts, Item, Items, Text

MOST = 3_000
"""So many rows of a kind are shown, the newest; that there are more is said."""
SAMPLES = 3
PAGE = 15
"""Lines of a page: it stays readable, and within what each platform takes."""
LONGEST = 300


@dataclass(frozen=True, kw_only=True)
class Mine:
    """What the register, the cases, the decisions and the logs say of one person."""

    person: Person
    identities: Sequence[Identity]
    roles: Sequence[Role]
    units: Sequence[Unit]
    accounts: Sequence[Account]
    absences: Sequence[Absence]
    takeovers: Sequence[Takeover] = ()
    changes: bool = False  # they may change settings
    open_cases: Sequence[Case] = ()
    decisions: Sequence[int] = ()
    about: About = About()
    facts: Sequence[tuple[str, str]] = ()  # small things kept by name: which, and what it says of them


def summary(eyes: Eyes, mine: Mine) -> Card:
    t = eyes.t
    counts = {
        "identities": len(mine.identities), "accounts": len(mine.accounts), "absences": len(mine.absences),
        "open": len(mine.open_cases), "closed": len(mine.about.closed), "decisions": len(mine.decisions),
        "log": len(mine.about.log), "messages": len(mine.about.messages), "facts": len(mine.facts),
    }  # fmt: skip
    rows = ((t("mydata.name"), _who(mine.person)), *((t(f"mydata.{k}"), str(n)) for k, n in counts.items()))
    samples = [f"{heading}: {_sample(lines)}" for heading, lines in _sections(eyes, mine)[2:] if lines]
    parts = (
        Text(text=t("mydata.intro")),
        Facts(rows=rows),
        *((Items(items=tuple(Item(text=line) for line in samples[:SAMPLES])),) if samples else ()),
        Text(text=t("mydata.right", office=eyes.office_name), tone="quiet"),
    )
    everything = Button(verb="mydata.all", arg="1", label=t("mydata.do.all"), heard=t("mydata.do.all"))
    kept = Button(verb="kept", label=t("kept.do.open"), heard=t("kept.do.open"))
    return Card(title=t("mydata.title"), parts=parts, buttons=(everything, kept))


def page(eyes: Eyes, mine: Mine, number: int) -> Card:
    """One page of all of it; a number beyond the last one is the last one."""
    t, lines = eyes.t, list(all_lines(eyes, mine))
    pages = [lines[n : n + PAGE] for n in range(0, len(lines), PAGE)]
    at = min(max(number, 1), len(pages))
    buttons = tuple(
        Button(verb="mydata.all", arg=str(n), label=t(f"mydata.do.{way}"), heard=t(f"mydata.do.{way}"))
        for way, n in (("back", at - 1), ("more", at + 1))
        if 1 <= n <= len(pages)
    )
    return Card(
        title=t("mydata.page", n=at, of=len(pages)),
        parts=tuple(Text(text=line) for line in pages[at - 1]),
        buttons=buttons,
    )


def all_lines(eyes: Eyes, mine: Mine) -> Iterator[str]:
    """Everything, as plain text."""
    for heading, lines in _sections(eyes, mine):
        yield from (f"{heading}: {line}"[:LONGEST] for line in lines or [eyes.t("mydata.none")])


def _sections(eyes: Eyes, mine: Mine) -> list[tuple[str, list[str]]]:
    t = eyes.t
    found = {
        "name": [_person(eyes, mine.person)],
        "identities": [f"{i.platform}, {i.realm}, {i.user}" for i in mine.identities],
        "contacts": list(mine.about.contacts),
        "roles": _roles(eyes, mine),
        "accounts": [_account(eyes, mine.person, account) for account in mine.accounts],
        "absences": [_absence(eyes, absence) for absence in mine.absences],
        "takeovers": [_takeover(eyes, mine.person, takeover) for takeover in mine.takeovers],
        "open": [_case(eyes, case) for case in mine.open_cases],
        "decisions": [t("mydata.decision", number=number) for number in mine.decisions],
        "log": [_did(eyes, at, what) for at, what in mine.about.log],
        "closed": [_past(eyes, *facts) for facts in mine.about.closed],
        "changes": [f"{t.moment(at, None)} ({page})" for at, page in mine.about.changes],
        "messages": [f"{t.moment(at, None) if at else '–'} ({card})" for at, card in mine.about.messages],
        "facts": [_fact(eyes, name, part) for name, part in mine.facts],
    }
    return [(t(f"mydata.{name}"), _with_rest(eyes, lines)) for name, lines in found.items()]


def _with_rest(eyes: Eyes, lines: list[str]) -> list[str]:
    """Where there may be more than is shown, that is the last line."""
    rest = [eyes.t("mydata.rest", n=MOST, office=eyes.office_name)] if len(lines) >= MOST else []
    return [*lines, *rest]


def _roles(eyes: Eyes, mine: Mine) -> list[str]:
    units = (unit.name for unit in mine.units)
    return [*map(eyes.role, mine.roles), *units, *([eyes.t("mydata.as.changer")] if mine.changes else [])]


def _sample(lines: Sequence[str]) -> str:
    """The first of them; that there are more is seen, so that nobody takes them for all."""
    return "; ".join([*lines[:SAMPLES], *(["…"] if len(lines) > SAMPLES else [])])


def _who(person: Person) -> str:
    return f"{person.name} <{person.email}>" if person.email else person.name


def _person(eyes: Eyes, person: Person) -> str:
    t = eyes.t
    language = t(f"mydata.language.{person.language}") if person.language else ""
    left = t("mydata.left", day=t.short_date(person.left_on)) if person.left_on else ""
    off = [
        t(f"mydata.{name}")
        for name, so in (("inactive", not person.active), ("unchecked", not person.checked))
        if so
    ]
    standing = t(f"mydata.standing.{person.standing}")
    return ", ".join(filter(None, (_who(person), person.phone, language, standing, *off, left)))


def _account(eyes: Eyes, person: Person, account: Account) -> str:
    as_what = [
        *(["people"] if person.id in account.people else []),
        *(["duty"] if person.id in account.duty.people else []),
        *(["head"] if person.id == account.head else []),
    ]
    said = words(eyes.t, [eyes.t(f"mydata.as.{what}") for what in as_what or ["named"]])
    return f"{account_name(eyes.t, account)}, {said}"


def _absence(eyes: Eyes, absence: Absence) -> str:
    t = eyes.t
    return f"{eyes.name(absence.person)}, {t.short_date(absence.first)} – {t.short_date(absence.last)}"


def _takeover(eyes: Eyes, person: Person, takeover: Takeover) -> str:
    t = eyes.t
    as_what = [name for name, who in (("by", takeover.by), ("who", takeover.who)) if who == person.id]
    said = words(t, [t(f"mydata.as.{what}") for what in as_what])
    accounts = words(t, [eyes.account(ident) for ident in takeover.accounts])
    return f"{accounts}, {said}, {t.short_date(takeover.first)} – {t.short_date(takeover.last)}"


def _fact(eyes: Eyes, name: str, part: str) -> str:
    """The name under which it is kept stands behind, so that nothing of it is left out."""
    key = f"mydata.fact.{name.partition('|')[0]}"
    what = eyes.t(key) if eyes.t.has(key) else eyes.t("mydata.case.other")
    return f"{what}: {part} ({name})"


def _did(eyes: Eyes, at: datetime, what: str) -> str:
    """The log's own word stands behind, so that nothing of it is left out."""
    kind, t = what.partition(".")[0], eyes.t
    about = t(f"mydata.case.{kind}") if t.has(f"mydata.case.{kind}") else t("mydata.case.other")
    return t("mydata.did", at=t.moment(at, None), about=about, what=what)


def _case(eyes: Eyes, case: Case) -> str:
    return _past(eyes, case.case, case.account, case.opened_at)


def _past(eyes: Eyes, kind: str, account: str | None, at: datetime) -> str:
    said = eyes.t(f"mydata.case.{kind}")
    return ", ".join(filter(None, (said, eyes.called(account), eyes.t.moment(at, None))))
