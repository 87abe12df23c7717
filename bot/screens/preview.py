"""What will be sent if nobody answers: in lists by place in chat, line by line on the command line."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

from bot.foreseen import Coming, Foreseen
from bot.model import PersonId
from bot.plain import natural
from bot.screens.base import Eyes, words
from bot.texts import capital
from bot.view import Button, Card, Item, Items, Part, Text
from bot.workdays import Free

PEOPLE = "people"
"""The group of what goes to people rather than to a place."""
SKIPPED, WITHOUT = "skipped", "without"
"""The lists of days: free ones, and those with nobody."""
GROUPS, MESSAGES, NAMED = 10, 12, 8
"""Lines of a page, and accounts that are named together; the rest are counted."""
Groups = Mapping[str, Sequence[Coming]]


# -- one message ------------------------------------------------------------------------------------


def when(eyes: Eyes, message: Coming) -> str:
    return eyes.t.moment(message.at, None)


def to(eyes: Eyes, message: Coming) -> str:
    """`#biologi`, `Karin Berg`: by name, and as what where it goes to a role."""
    if place := eyes.register.places.get(message.target.id):
        return place.called
    name = eyes.name(PersonId(message.target.id))
    role = _role(eyes, message)
    return f"{name} ({role})" if role else name


def _role(eyes: Eyes, message: Coming) -> str:
    if message.reader.kind != "role":
        return ""
    role = message.reader.id.partition("/")[0]
    return eyes.pack.names.head.of(eyes.t.language) if role == "head" else eyes.role(role)  # type: ignore[arg-type]


def why(eyes: Eyes, message: Coming) -> str:
    """By which rule it is sent."""
    return eyes.t(f"preview.why.{message.card}")


# -- days -------------------------------------------------------------------------------------------


def skipped(eyes: Eyes, found: Foreseen) -> list[str]:
    """The free days with their reason, which a Saturday's name is itself: `torsdag 24 december: julafton`."""
    return [_free(eyes, day, free) for day, free in found.skipped]


def _free(eyes: Eyes, day: date, free: Free) -> str:
    t = eyes.t
    if free.key in ("saturday", "sunday"):
        return t.long_date(day)
    return t("preview.free", day=t.long_date(day), why=free.sv if t.language == "sv" else free.en)


def nobody(eyes: Eyes, found: Foreseen) -> list[str]:
    """The days with nobody, accounts with the same days together."""
    alike: dict[tuple[date, ...], list[str]] = {}
    for account, days in sorted(found.nobody.items()):
        alike.setdefault(tuple(sorted(days)), []).append(eyes.account(account))
    t = eyes.t
    return [
        t(
            "preview.nobody",
            accounts=_named(eyes, sorted(names, key=natural)),
            days=words(t, spans(eyes, days)),
        )
        for days, names in sorted(alike.items())
    ]


def _named(eyes: Eyes, names: Sequence[str]) -> str:
    left = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    return eyes.t("digest.more", accounts=shown, n=left) if left > 0 else shown


def spans(eyes: Eyes, days: Iterable[date]) -> list[str]:
    """Days in words, those that follow each other as one span."""
    in_rows = groupby(enumerate(sorted(days)), lambda pair: pair[1] - timedelta(days=pair[0]))
    return [_span(eyes, [day for _, day in row]) for _, row in in_rows]


def _span(eyes: Eyes, row: Sequence[date]) -> str:
    first, last = eyes.t.long_date(row[0]), eyes.t.long_date(row[-1])
    return first if len(row) == 1 else eyes.t("preview.span", first=first, last=last)


# -- in chat ----------------------------------------------------------------------------------------


def by_place(eyes: Eyes, found: Foreseen) -> Groups:
    """The messages of each place, by its name; last what goes to people."""
    groups: dict[str, list[Coming]] = {}
    for message in found.messages:
        key = message.target.id if message.target.id in eyes.register.places else PEOPLE
        groups.setdefault(key, []).append(message)
    return {key: groups[key] for key in sorted(groups, key=lambda g: (g == PEOPLE, natural(_title(eyes, g))))}


def _title(eyes: Eyes, group: str) -> str:
    place = eyes.register.places.get(group)
    return place.called if place else eyes.t("preview.people")


def overview(eyes: Eyes, found: Foreseen, begin: int) -> Card:
    """The places with how much comes there, each opens; free days and days with nobody on the first page."""
    t, groups = eyes.t, by_place(eyes, found)
    keys = list(groups)[begin : begin + GROUPS]
    parts: list[Part] = [*_first(eyes, found)]
    if keys:
        parts.append(Items(items=tuple(_group(eyes, key, groups[key]) for key in keys)))
    if not begin:
        parts += _days(eyes, found)
    more = begin + GROUPS < len(groups)
    buttons = (_button(eyes, "preview.page", str(begin + GROUPS), t("preview.more")),) if more else ()
    return Card(title=_headline(eyes, found), parts=tuple(parts), buttons=buttons)


def _headline(eyes: Eyes, found: Foreseen) -> str:
    t = eyes.t
    first, last = t.long_date(found.first), t.long_date(found.last)
    if not found.messages:
        return t("preview.nothing", first=first, last=last)
    return t.many("preview.title", len(found.messages), first=first, last=last)


def _first(eyes: Eyes, found: Foreseen) -> Iterable[Part]:
    """What it rests on, said before anything else."""
    yield Text(text=eyes.t("preview.if_nobody_answers"), tone="strong")
    if found.faults:
        yield Text(text=eyes.t("preview.faults"))


def _group(eyes: Eyes, key: str, messages: Sequence[Coming]) -> Item:
    label = eyes.t("preview.show")
    note = eyes.t.many("preview.group", len(messages), at=when(eyes, messages[0]))
    title = _title(eyes, key)
    return Item(text=title, note=note, button=_button(eyes, "preview.place", f"{key}|0", label, title))


def _days(eyes: Eyes, found: Foreseen) -> Iterable[Part]:
    """Each list with its beginning; where that is not all of it, the rest counted, with a way to the whole."""
    for name, lines in _lists(eyes, found).items():
        if lines:
            yield Text(text=eyes.t(f"preview.{name}"), tone="strong")
            shown = [Item(text=capital(line)) for line in lines[:MESSAGES]]
            yield Items(items=(*shown, *_rest(eyes, name, len(lines) - MESSAGES)))


def _lists(eyes: Eyes, found: Foreseen) -> Mapping[str, Sequence[str]]:
    return {SKIPPED: skipped(eyes, found), WITHOUT: nobody(eyes, found)}


def _rest(eyes: Eyes, name: str, left: int) -> Iterable[Item]:
    if left > 0:
        label, title = eyes.t("preview.show"), eyes.t(f"preview.{name}")
        yield Item(
            text=eyes.t.many("preview.rest", left),
            button=_button(eyes, "preview.place", f"{name}|0", label, title),
        )


def _button(eyes: Eyes, verb: str, arg: str, label: str, of: str = "") -> Button:
    heard = eyes.t("button.heard", act=label, account=of) if of else label
    return Button(verb=verb, arg=arg, label=label, heard=heard[:75])


def of_place(eyes: Eyes, found: Foreseen, group: str, begin: int) -> Card:
    """The messages of one place, a page at a time: when, what, to whom where that differs, and why."""
    title = _title(eyes, group)
    lines = [_line(eyes, message, group) for message in by_place(eyes, found).get(group, ())]
    return _paged(eyes, found, (group, title, eyes.t("preview.of_place", place=title)), lines, begin)


def of_days(eyes: Eyes, found: Foreseen, name: str, begin: int) -> Card:
    """All free days, or all days with nobody, a page at a time."""
    title = eyes.t(f"preview.{name}")
    lines = [Item(text=capital(line)) for line in _lists(eyes, found)[name]]
    return _paged(eyes, found, (name, title, title), lines, begin)


def _paged(eyes: Eyes, found: Foreseen, of: tuple[str, str, str], lines: Sequence[Item], begin: int) -> Card:
    """`of`: what the next page is asked by, what it is called in the button, and the card's title."""
    group, called, title = of
    shown = tuple(lines[begin : begin + MESSAGES])
    parts = [*_first(eyes, found), *([Items(items=shown)] if shown else [])]
    buttons = [_button(eyes, "preview.page", "0", eyes.t("preview.back"))]
    if begin + MESSAGES < len(lines):
        later = eyes.t("preview.further" if group in (SKIPPED, WITHOUT) else "preview.later")
        buttons.insert(0, _button(eyes, "preview.place", f"{group}|{begin + MESSAGES}", later, called))
    return Card(title=title, parts=tuple(parts), buttons=tuple(buttons))


def _line(eyes: Eyes, message: Coming, group: str) -> Item:
    whom = f"{to(eyes, message)}. " if group == PEOPLE else ""
    text = eyes.t("preview.line", at=when(eyes, message), title=message.title)
    return Item(text=capital(text), note=f"{whom}{capital(why(eyes, message))}.")


# -- on the command line ----------------------------------------------------------------------------


def table(eyes: Eyes, found: Foreseen) -> list[str]:
    """A plain table: when, to whom, what, why; then the days. Begins with what it rests on."""
    t = eyes.t
    head = tuple(t(f"preview.column.{name}") for name in ("when", "to", "what", "why"))
    rows = [(when(eyes, m), to(eyes, m), m.title, why(eyes, m)) for m in found.messages]
    lines = [part.text for part in _first(eyes, found) if isinstance(part, Text)]
    lines += ["", _headline(eyes, found), ""] + (_aligned([head, *rows]) if rows else [])
    for key, days in (("preview.skipped", skipped(eyes, found)), ("preview.without", nobody(eyes, found))):
        lines += ["", t(key), *(f"  {line}" for line in days)] if days else []
    return lines


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
