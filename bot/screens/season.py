"""Who covers in summer and at Christmas: the line in a head's collected message, the card with the holes, the form."""

from collections.abc import Mapping, Sequence
from datetime import date

from bot.model import Account, PersonId
from bot.screens.base import Eyes, account_name
from bot.screens.entered import enter
from bot.screens.preview import spans
from bot.season import Time
from bot.view import Button, Card, Confirm, Form, Item, Items, Part, PersonField, Text

SHOWN = 20
Holes = Mapping[str, Sequence[date]]


def span(eyes: Eyes, time: Time) -> dict[str, str]:
    return {"first": eyes.t.long_date(time.first), "last": eyes.t.long_date(time.last)}


def line(eyes: Eyes, time: Time, head: PersonId, holes: Holes, *, own: bool) -> Item:
    """For a collected message. `own`: the reader is the head, else it says whose accounts they are."""
    t = eyes.t
    text = t("season.ask" if own else "season.ask.others", name=eyes.name(head), **span(eyes, time))
    note = t.many("season.holes", len(holes)) if holes else t("season.no_holes")
    return Item(text=text, note=note, state="open", button=_open(eyes, time, head))


def handed(eyes: Eyes, time: Time, head: PersonId, holes: Holes) -> Item:
    """For communications: a head hands its holes over."""
    text = eyes.t("season.handed.line", name=eyes.name(head), **span(eyes, time))
    note = eyes.t.many("season.holes", len(holes)) if holes else eyes.t("season.no_holes")
    return Item(text=text, note=note, state="open", button=_open(eyes, time, head))


def _open(eyes: Eyes, time: Time, head: PersonId) -> Button:
    label = eyes.t("today.do.open")
    return Button(verb="season.open", arg=f"{time.key}|{head}", label=label,
                  heard=f"{label}: {eyes.t('season.heard', name=eyes.name(head))}"[:75])  # fmt: skip


def card(
    eyes: Eyes,
    time: Time,
    head: PersonId,
    accounts: Sequence[Account],
    holes: Holes,
    *,
    own: bool,
    answer: str,
    told_by: bool = False,
) -> Card:
    """Each account with days on which nobody looks; the others are counted. The buttons are gone once it is answered.

    `told_by`: the head is in no chat, and the reader enters what they say.
    """
    t = eyes.t
    title = t("season.ask" if own else "season.ask.others", name=eyes.name(head), **span(eyes, time))
    lacking = [account for account in accounts if holes.get(account.id)]
    items = tuple(_hole(eyes, account, holes[account.id]) for account in lacking[:SHOWN])
    parts: list[Part] = [
        Text(text=t("season.so_far"), tone="quiet"),
        *([Items(items=items)] if items else []),
    ]
    covered = len(accounts) - len(lacking)
    if covered:
        parts.append(Text(text=t.many("season.covered", covered)))
    if answer:
        parts.append(Text(text=t(f"season.answer.{answer}", office=eyes.office_name), tone="strong"))
    buttons = _buttons(eyes, time, head, answer, lacking=bool(lacking))
    if told_by:
        buttons = () if answer else (enter(eyes, "season.enter", f"{time.key}|{head}", head),)
    return Card(title=title, parts=tuple(parts), buttons=buttons)


def _hole(eyes: Eyes, account: Account, days: Sequence[date]) -> Item:
    note = eyes.t("season.nobody", days=", ".join(spans(eyes, days)))
    return Item(text=account_name(eyes.t, account), note=note, state="open")


def _buttons(eyes: Eyes, time: Time, head: PersonId, answer: str, *, lacking: bool) -> tuple[Button, ...]:
    t, arg = eyes.t, f"{time.key}|{head}"
    who = t("season.heard", name=eyes.name(head))
    found = []
    if lacking:
        found.append(_button(eyes, "season.cover", "cover", arg, who))
    if lacking and not answer:
        sure = Confirm(title=t("season.do.hand"), text=t("season.hand.sure", office=eyes.office_name),
                       yes=t("season.do.hand"), no=t("run.send.no"))  # fmt: skip
        found.append(_button(eyes, "season.hand", "hand", arg, who, sure))
    if not answer:
        found.append(_button(eyes, "season.fine", "fine", arg, who))
    return tuple(found)


def _button(eyes: Eyes, verb: str, name: str, arg: str, who: str, sure: Confirm | None = None) -> Button:
    label = eyes.t(f"season.do.{name}")
    return Button(
        verb=verb, arg=arg, label=label, heard=f"{label.removesuffix(' …')}: {who}"[:75], confirm=sure
    )


def cover_form(eyes: Eyes, time: Time, head: PersonId, holes: Holes) -> Form:
    """One person for all the days with nobody; who they stand in for is whoever is away then."""
    t = eyes.t
    names = [eyes.account(ident) for ident in holes]
    lines = tuple(Item(text=name) for name in names[:SHOWN])
    return Form(id="season.cover", title=t("season.cover.title"), submit=t("form.save"), state=f"{time.key}|{head}",
                intro=(Text(text=t("season.cover.intro", **span(eyes, time))), Items(items=lines)),
                fields=(PersonField(id="cover", label=t("season.cover.who"), hint=t("season.cover.hint")),))  # fmt: skip
