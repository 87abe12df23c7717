"""Who is away until when: what is known, the forms, and what has been noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.model import Absence, PersonId
from bot.screens.base import Eyes, told, words
from bot.view import Button, Card, Date, Field, Form, Item, Items, Part, PersonField, Text, Toggle

SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Noted:
    """An absence that has been saved: who is asked `next` instead, on how many accounts all are away then."""

    absence: Absence
    next: Sequence[PersonId] = ()
    alone: int = 0


def absences(eyes: Eyes, known: Sequence[Absence], reader: PersonId) -> Card:
    """What has been noted for today and later, each with a way to change it or to take it back."""
    items = tuple(_line(eyes, a, mine=a.person == reader) for a in known[:SHOWN])
    parts: list[Part] = [Items(items=items)]
    if more := len(known) - len(items):
        parts.append(Text(text=eyes.t("away.more", n=more), tone="quiet"))
    label = eyes.t("away.do.new")
    return Card(title=eyes.t("away.list"), parts=tuple(parts),
                buttons=(Button(verb="away.new", label=label, heard=label.removesuffix(" …")),))  # fmt: skip


def _line(eyes: Eyes, absence: Absence, *, mine: bool) -> Item:
    t = eyes.t
    days = t("away.days", first=t.day(absence.first, eyes.today), last=t.long_date(absence.last))
    text = days if mine else t("away.whose", name=eyes.name(absence.person), days=days)
    note = t("away.line.cover", name=eyes.name(absence.cover)) if absence.cover else t("away.line.next")
    label = t("away.do.change")
    button = Button(
        verb="away.change", arg=absence.id, label=label, heard=f"{label.removesuffix(' …')}: {text}"[:75]
    )
    return Item(text=text, note=note, button=button)


def away_form(eyes: Eyes, *, today: date, others: bool = False) -> Form:
    """Away is said of a person, never account by account (users.md U2). `others`: also of somebody else."""
    t = eyes.t
    who = PersonField(id="person", label=t("away.person"), hint=t("away.person.hint"), required=False)
    fields: tuple[Field, ...] = (*((who,) if others else ()), *_fields(eyes, first=today))
    return Form(id="away", title=t("away.title"), fields=fields, submit=t("form.save"), intro=_intro(eyes))


def change_form(eyes: Eyes, absence: Absence) -> Form:
    """The same fields as they are, and a way to say that nothing comes of it."""
    t = eyes.t
    gone = Toggle(id="gone", label=t("away.take_back"), required=False)
    fields = (*_fields(eyes, first=absence.first, last=absence.last, cover=absence.cover), gone)
    intro = (Text(text=eyes.name(absence.person), tone="strong"), *_intro(eyes))
    return Form(id="away.change", title=t("away.title"), fields=fields, submit=t("form.save"), intro=intro,
                state=absence.id)  # fmt: skip


def _intro(eyes: Eyes) -> tuple[Text, ...]:
    return (Text(text=eyes.t("away.intro"), tone="quiet"),)


def _fields(
    eyes: Eyes, *, first: date, last: date | None = None, cover: PersonId | None = None
) -> tuple[Field, ...]:
    t = eyes.t
    return (
        Date(id="first", label=t("away.first"), value=first),
        Date(id="last", label=t("away.last"), hint=t("away.last.hint"), value=last),
        PersonField(id="cover", label=t("away.cover"), hint=t("away.cover.hint", office=eyes.office_name),
                    required=False, value=cover),
    )  # fmt: skip


def away_noted(eyes: Eyes, noted: Noted) -> Card:
    """What has been noted, who is asked instead, and whether all of an account's people are away now."""
    t, absence = eyes.t, noted.absence
    first, last = t.day(absence.first, eyes.today), t.long_date(absence.last)
    parts = []
    if absence.cover:
        parts.append(Text(text=t("away.covered", name=eyes.name(absence.cover))))
    elif noted.next:
        parts.append(Text(text=t("away.next", names=words(t, [eyes.name(p) for p in noted.next]))))
    if noted.alone:
        parts.append(Text(text=t.many("away.uncovered", noted.alone, office=eyes.office_name)))
    planned = absence.first > eyes.today
    label = t("away.do.take_back" if planned else "away.do.back")
    back = Button(verb="away.back", arg=absence.id, label=label, heard=label)
    return Card(title=t("away.noted", first=first, last=last), parts=tuple(parts), buttons=(back,))


def back(eyes: Eyes, absence: Absence | None) -> Card:
    """Welcome back; of what had not begun, that it has been taken back."""
    planned = absence is not None and absence.first > eyes.today
    return told(eyes.t, "away.taken_back" if planned else "away.back")
