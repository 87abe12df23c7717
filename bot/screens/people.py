"""Forms about oneself: away until, and the language one reads."""

from datetime import date

from bot.model import Absence
from bot.screens.base import Eyes, told
from bot.view import Button, Card, Date, Form, PersonField, Text


def away_form(eyes: Eyes, *, today: date, mine: Absence | None, others: bool = False) -> Form:
    """Away is said of a person, never account by account (users.md U2). `others`: also of somebody else."""
    t = eyes.t
    who = PersonField(id="person", label=t("away.person"), hint=t("away.person.hint"), required=False)
    fields = (
        *((who,) if others else ()),
        Date(id="first", label=t("away.first"), value=mine.first if mine else today),
        Date(id="last", label=t("away.last"), hint=t("away.last.hint"), value=mine.last if mine else None),
        PersonField(id="cover", label=t("away.cover"), hint=t("away.cover.hint"), required=False,
                    value=mine.cover if mine else None),
    )  # fmt: skip
    intro = (Text(text=t("away.intro"), tone="quiet"),)
    return Form(id="away", title=t("away.title"), fields=fields, submit=t("form.save"), intro=intro,
                state=mine.id if mine else "")  # fmt: skip


def away_noted(eyes: Eyes, absence: Absence, uncovered: int) -> Card:
    """What has been noted, and whether anything now has nobody."""
    first, last = eyes.t.day(absence.first, eyes.today), eyes.t.long_date(absence.last)
    parts = []
    if absence.cover:
        parts.append(Text(text=eyes.t("away.covered", name=eyes.name(absence.cover))))
    if uncovered:
        parts.append(Text(text=eyes.t.many("away.uncovered", uncovered, office=eyes.office_name)))
    back = Button(
        verb="away.back", arg=absence.id, label=eyes.t("away.do.back"), heard=eyes.t("away.do.back")
    )
    return Card(title=eyes.t("away.noted", first=first, last=last), parts=tuple(parts), buttons=(back,))


def back(eyes: Eyes) -> Card:
    return told(eyes.t, "away.back")
