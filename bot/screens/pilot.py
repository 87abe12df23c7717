"""The trial: in which channels the bot speaks while all others are silent (users.md U11)."""

from collections.abc import Sequence

from bot.model import Place
from bot.plain import natural
from bot.screens.base import Eyes, options, words
from bot.view import Button, Card, Choice, Choices, Form, Item, Option, Text

LISTED = 100
NAMED = 5
WAYS = ("all", "some")


def form(eyes: Eyes, places: Sequence[Place]) -> Form:
    """Everywhere, or in some channels only. Those of a trial that is on come first, and are ticked."""
    t, chosen = eyes.t, eyes.register.office.pilot
    found = sorted(places, key=lambda p: (p.id not in (chosen or ()), natural(p.name), p.id))[:LISTED]
    fields = (
        Choice(id="how", label=t("pilot.how"), options=options(t, "pilot.how", WAYS),
               value="all" if chosen is None else "some"),
        Choices(id="places", label=t("pilot.places"), hint=t("pilot.places.hint"), required=False,
                options=tuple(Option(id=p.id, label=p.called) for p in found),
                value=tuple(p.id for p in found if p.id in (chosen or ()))),
    )  # fmt: skip
    return Form(id="pilot", title=t("pilot.title"), fields=fields, intro=(Text(text=t("pilot.intro")),),
                submit=t("form.save"))  # fmt: skip


def saved(eyes: Eyes, silent: int) -> Card:
    """Where it speaks from now on; or that the rest begins on the next working day, and not at once."""
    t, register = eyes.t, eyes.register
    if register.office.pilot is None:
        day = t.long_date(eyes.hours.calendar.next_working_day(eyes.today))
        return Card(title=t("pilot.everywhere"), parts=(Text(text=t("pilot.everywhere.when", day=day)),))
    return Card(title=t("pilot.only", names=named(eyes)), parts=(Text(text=silence(eyes, silent)),))


def named(eyes: Eyes) -> str:
    """The channels of the trial."""
    places = eyes.register.places
    found = sorted(
        (places[p].called for p in eyes.register.office.pilot or () if p in places), key=str.casefold
    )
    more = [eyes.t("welcome.more", n=len(found) - NAMED)] if len(found) > NAMED else []
    return words(eyes.t, [*found[:NAMED], *more]) or eyes.t("pilot.nowhere")


def silence(eyes: Eyes, silent: int) -> str:
    return eyes.t.many("pilot.silent_accounts", silent) if silent else eyes.t("pilot.nothing_silent")


def line(eyes: Eyes, silent: int) -> Item | None:
    """For communications, in Home and in the digest: that a trial is on, and what is silent. None without one."""
    if eyes.register.office.pilot is None:
        return None
    label = eyes.t("pilot.do")
    button = Button(verb="pilot.open", label=label, heard=label.removesuffix(" …"))
    return Item(text=eyes.t("pilot.on", names=named(eyes)), note=silence(eyes, silent), button=button)
