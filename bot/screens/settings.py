"""`/sm-settings`: where everything is that the office decides, what a change would do, and what was changed last."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from bot import policy
from bot.changes import Change, Patch, decoded
from bot.model import PersonId, Season
from bot.outgoing import Reader
from bot.policy import Words
from bot.retention import Disposal
from bot.screens.base import Eyes, clock, heard, words
from bot.screens.beginning import go_on, left_words
from bot.screens.settings_forms import named
from bot.texts import capital
from bot.view import Button, Card, Facts, Item, Items, Part, Text

ROWS, DAYS = 8, 6
"""Values of a change, and days, that are shown one by one."""
BUTTONS = ("role", "unit", "channel", "times", "words")
OF_PEOPLE = ("people", "head", "deputy", "changers")
NOBODY = PersonId("")
CAME = ("confirmed", "gone", "kind", "platform", "realm", "channel", "id")
"""What a new channel brings along from its platform, and nobody has entered."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One sentence: `settings.effect.KEY`, with how many, and values that are put into words here."""

    key: str
    n: int | None = None
    values: Mapping[str, object] = field(default_factory=dict)


def overview(eyes: Eyes, lacks: Sequence[str] = ()) -> Card:
    """Six buttons. What a beginning still lacks stands first, with the way to it."""
    t = eyes.t
    parts: list[Part] = []
    if lacks:
        left = Item(
            text=t.many("beginning.left", len(lacks)), note=left_words(eyes, lacks), button=go_on(eyes)
        )
        parts.append(Items(items=(left,)))
    parts += [Text(text=t("settings.intro")), Text(text=t("settings.file_only"), tone="quiet")]
    buttons = [_button(eyes, "settings.open", name, arg=name) for name in BUTTONS]
    return Card(title=t("settings.title"), parts=tuple(parts),
                buttons=(*buttons, _button(eyes, "settings.log", "log")))  # fmt: skip


def _button(eyes: Eyes, verb: str, name: str, arg: str = "") -> Button:
    label = eyes.t(f"settings.do.{name}")
    return Button(verb=verb, label=label, arg=arg, heard=label.removesuffix(" …"))


# -- before and after -----------------------------------------------------------------------------


def shown(
    eyes: Eyes, patches: Sequence[Patch], effects: Sequence[Effect], draft: str, *, again: str = ""
) -> Card:
    """What it would be, and what that does. `again`: why it is shown anew. `eyes` know the register as it would be."""
    t = eyes.t
    title = t("settings.shown.title")
    do, leave = t("settings.do.apply"), t("settings.do.drop")
    parts: list[Part] = [Text(text=t(again), tone="strong")] if again else []
    parts += [_facts(eyes, patches), Text(text=t("settings.shown.effect"), tone="strong")]
    parts.append(Items(items=tuple(Item(text=effect(eyes, each)) for each in effects)))
    return Card(title=title, parts=tuple(parts), buttons=(
        Button(verb="settings.apply", label=do, arg=draft, heard=do, style="primary"),
        Button(verb="settings.drop", label=leave, arg=draft, heard=leave),
    ))  # fmt: skip


def done(eyes: Eyes, change: Change) -> Card:
    """It holds from now on, and can be taken back."""
    title = eyes.t("settings.undone" if change.undoes else "settings.changed")
    parts = (_facts(eyes, change.patches), Text(text=eyes.t("settings.changed.note"), tone="quiet"))
    return Card(
        title=title, parts=parts, buttons=(_undo(eyes, change), _button(eyes, "settings.menu", "menu"))
    )


def _undo(eyes: Eyes, change: Change) -> Button:
    label = eyes.t("settings.do.undo")
    return Button(
        verb="settings.undo", label=label, arg=change.id, heard=heard(eyes.t, label, summary(eyes, change))
    )


def log(eyes: Eyes, entries: Sequence[tuple[Change, bool]]) -> Card:
    """What was changed last: what, by whom, when. Whatever still holds can be taken back in one press."""
    t = eyes.t
    if not entries:
        return Card(title=t("settings.log.none"), buttons=(_button(eyes, "settings.menu", "menu"),))
    items = tuple(
        Item(text=summary(eyes, change), note=_who(eyes, change, holds=holds), button=_undo(eyes, change) if holds else None)
        for change, holds in entries
    )  # fmt: skip
    return Card(
        title=t("settings.log.title"),
        parts=(Items(items=items),),
        buttons=(_button(eyes, "settings.menu", "menu"),),
    )


def _who(eyes: Eyes, change: Change, *, holds: bool) -> str:
    key = "settings.log.undid" if change.undoes else "settings.log.by"
    who = eyes.name(change.by) if change.by else eyes.t("person.former")
    said = eyes.t(key, who=who, at=eyes.moment(change.at))
    return said if holds else f"{said} {eyes.t('settings.log.over')}"


def summary(eyes: Eyes, change: Change) -> str:
    """The first value that it changed, and how many more."""
    found = rows(eyes, change.patches)
    first = ": ".join(found[0]) if found else eyes.t(f"settings.form.{change.page.partition('|')[0]}")
    return (
        first if len(found) < 2 else eyes.t("settings.and_more", first=first, n=eyes.t.number(len(found) - 1))
    )


def _facts(eyes: Eyes, patches: Sequence[Patch]) -> Part:
    found = rows(eyes, patches)
    if len(found) > ROWS:
        more = eyes.t("settings.more_rows", n=len(found) - ROWS)
        found = [*found[:ROWS], (eyes.t("settings.more"), more)]
    return Facts(rows=tuple(found))


def rows(eyes: Eyes, patches: Iterable[Patch]) -> list[tuple[str, str]]:
    """Each value by its name: `08.00 blir 07.30`."""
    return [row for each in patches for row in _rows(eyes, each)]


def _rows(eyes: Eyes, given: Patch) -> Iterator[tuple[str, str]]:
    if given.kind == "person" and given.before is None:
        return
    whole = given.before is None or given.after is None
    before, after = decoded(given.kind, given.before), decoded(given.kind, given.after)
    if whole:
        key = "settings.added" if given.before is None else "settings.removed"
        yield _label(eyes, given, str((before or after)["name"])), eyes.t(key)
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if not whole or (other and name not in (*CAME, "name", "hour", "language")):
            yield from _row(eyes, given, name, one, other, new=whole)


def _row(
    eyes: Eyes, given: Patch, name: str, one: Any, other: Any, *, new: bool
) -> Iterator[tuple[str, str]]:
    if name == "hearers":
        one, other = (_hearers(eyes, one or {}, other or {}), _hearers(eyes, other or {}, one or {}))
    if name == "seasons":
        one, other = ({season.name: season for season in each or ()} for each in (one, other))
    if isinstance(one, Mapping) or isinstance(other, Mapping):
        one, other = one or {}, other or {}
        for key in dict.fromkeys((*one, *other)):
            if one.get(key) != other.get(key):
                yield _part(eyes, name, key), _arrow(eyes, one.get(key), other.get(key))
        return
    if name == "policy":
        one, other = (policy.load(each).title if each else None for each in (one, other))
    label = _label(eyes, given, eyes.t(f"settings.field.{given.kind}.{name}"))
    if name == "head_at_once":
        one, other = (eyes.t(f"settings.head.{'at_once' if each else 'morning'}") for each in (one, other))
    if name in OF_PEOPLE:
        one, other = (each or NOBODY for each in (one, other))
    yield label, value(eyes, other) if new else _arrow(eyes, one, other)


def _label(eyes: Eyes, given: Patch, text: str) -> str:
    """The value's name, after that of the thing."""
    match given.kind:
        case "role":
            of = capital(eyes.role(given.of))  # type: ignore[arg-type]
        case "place":
            place = eyes.register.places.get(given.of)
            of = place.called if place else ""
        case "person":
            of = eyes.register.name(PersonId(given.of))
        case "unit":
            unit = eyes.register.units.get(given.of)
            of = unit.name if unit else ""
        case _:
            of = ""
    return f"{of}, {text[:1].lower()}{text[1:]}" if of and of != text else text


def _part(eyes: Eyes, name: str, key: str) -> str:
    """One value out of several that stand under a name: a wait, a role's name in a language, a kind of row."""
    match name:
        case "steps":
            return eyes.t(f"settings.step.{key}")
        case "hearers":
            return eyes.t(f"settings.rung.{key}")
        case "retention":
            return eyes.t(f"settings.kept.{key}")
        case "seasons":
            return capital(eyes.t(f"settings.season_of.{key}"))
        case "communications_name":
            return eyes.t(f"settings.role.name.{key}")
        case _:
            return eyes.t("settings.role.called", role=eyes.role(key))  # type: ignore[arg-type]


def _hearers(eyes: Eyes, given: Mapping[str, Any], beside: Mapping[str, Any]) -> dict[str, str]:
    """Who hears at each rung that either side names, in words; as it was before the office said anything: the default."""
    return {
        rung: named(eyes, given[rung]) if rung in given else eyes.t("settings.hearers.usual")
        for rung in dict.fromkeys((*given, *beside))
    }


def _arrow(eyes: Eyes, one: Any, other: Any) -> str:
    return eyes.t("settings.arrow", before=value(eyes, one), after=value(eyes, other))


def value(eyes: Eyes, given: Any) -> str:
    """Anything that a setting may hold, in words."""
    match given:
        case Words():
            return given.of(eyes.t.language)
        case _ if given is NOBODY:
            return eyes.t("person.nobody")
        case None | "" | () | []:
            return eyes.t("settings.none")
        case bool():
            return eyes.t("settings.bridge.free" if given else "settings.bridge.worked")
        case time():
            return clock(eyes.t, given)
        case datetime():
            return eyes.due(given)
        case date():
            return eyes.t.short_date(given)
        case Season():
            return _season(eyes, given)
        case Disposal():
            return _disposal(eyes, given)
        case Reader():
            place = eyes.register.places.get(given.id)
            return place.called if place else eyes.name(PersonId(given.id))
        case Mapping():
            return words(eyes.t, [str(each) for each in given.values()]) or eyes.t("settings.none")
        case tuple() | list():
            return words(eyes.t, [value(eyes, each) for each in given])
        case frozenset():
            return _days(eyes, sorted(given))
        case str():
            return _named(eyes, given)
        case _:
            return str(given)


def _named(eyes: Eyes, given: str) -> str:
    """A person, channel, unit or language by its name; any other word as it is."""
    place, unit = eyes.register.places.get(given), eyes.register.units.get(given)
    if given in ("sv", "en"):
        return eyes.t(f"settings.language.{given}")
    return (
        eyes.register.name(PersonId(given))
        or (place.called if place else "")
        or (unit.name if unit else given)
    )


def _disposal(eyes: Eyes, given: Disposal) -> str:
    days = eyes.t.many("settings.kept.for", given.days)
    return eyes.t("settings.kept.decided", days=days, number=given.number) if given.is_decided else days


def _season(eyes: Eyes, given: Season) -> str:
    """`15 juni till 15 augusti, frågas 1 juni`."""
    asked, first, last = (
        eyes.t.day_of_year(date.fromisoformat(f"2027-{day}")) if day else ""
        for day in (given.asked, given.first, given.last)
    )
    key = "settings.season.value" if asked else "settings.season.value.not_asked"
    return eyes.t(key, first=first, last=last, asked=asked) if asked else eyes.t(key, first=first, last=last)


def _days(eyes: Eyes, days: Sequence[date]) -> str:
    if not days:
        return eyes.t("settings.none")
    named = [eyes.t.short_date(day) for day in days[:DAYS]]
    if len(days) <= DAYS:
        return words(eyes.t, named)
    return eyes.t("settings.and_more", first=", ".join(named), n=eyes.t.number(len(days) - DAYS))


# -- what it does -----------------------------------------------------------------------------------


def effect(eyes: Eyes, given: Effect) -> str:
    """One sentence."""
    values = {name: _said(eyes, name, each) for name, each in given.values.items()} | {
        "office": eyes.office_name
    }
    key = f"settings.effect.{given.key}"
    return eyes.t(key, **values) if given.n is None else eyes.t.many(key, given.n, **values)


def _said(eyes: Eyes, name: str, given: Any) -> str:
    match name:
        case "at":
            return eyes.moment(given)
        case "from":
            return eyes.t.day(given, None if eyes.standing else eyes.today)
        case "on":
            return eyes.t.long_date(given)
        case "days":
            return _days(eyes, given)
        case "role":
            return eyes.role(given)
        case "hearers":
            said = named(eyes, given)
            return said[:1].lower() + said[1:]
        case "what":
            return eyes.t(f"settings.field.office.{given}")
        case "season":
            return eyes.t(f"settings.season_of.{given}")
        case "kind":
            return eyes.t(f"settings.kept.{given}")
        case _:
            return value(eyes, given)
