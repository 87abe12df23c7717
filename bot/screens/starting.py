"""Starting what came in from a file: the choice of channels, the card in each, the list for each head."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time

from bot.cases.start import Start
from bot.model import Account, Place
from bot.screens import welcome
from bot.screens.base import Eyes, account_name, heard, options, words
from bot.view import (
    Button,
    Card,
    Choice,
    Choices,
    Form,
    Item,
    Items,
    Line,
    Lines,
    Option,
    Part,
    PeopleField,
    Text,
)

AT_ONCE = 10
"""Channels that are started in one go (users.md U1)."""
LISTED = 100
SHOWN = 20


def channels_form(
    eyes: Eyes,
    waiting: Mapping[str, Sequence[Account]],
    asked: Sequence[Start],
    homeless: int,
    missing: Sequence[str],
) -> Form:
    """Which channels to ask now; what was asked before, and what cannot be asked yet, stands above."""
    t = eyes.t
    intro: list[Part] = (
        [Text(text=t("start.intro", most=AT_ONCE))] if waiting else [Text(text=t("start.none"))]
    )
    if asked:
        found = [Item(text=_place(eyes, s.place), note=_asked(eyes, s), state="open") for s in asked[:SHOWN]]
        intro += [Text(text=t("start.asked"), tone="strong"), Items(items=tuple(found))]
    if missing:
        intro.append(Text(text=t.many("start.missing", len(missing), names=words(t, missing[:SHOWN]))))
    if homeless:
        intro.append(Text(text=t.many("start.homeless", homeless)))
    found_options = [
        Option(id=place, label=t.many("start.option", len(accounts), place=_place(eyes, place)))
        for place, accounts in list(waiting.items())[:LISTED]
    ]
    field = Choices(
        id="places", label=t("start.which"), hint=t("start.which.hint"), options=tuple(found_options)
    )
    return Form(id="start.channels", title=t("start.title"), intro=tuple(intro), fields=(field,) if waiting else (),
                submit=t("start.do") if waiting else "")  # fmt: skip


def _place(eyes: Eyes, ident: str | None) -> str:
    place: Place | None = eyes.register.places.get(ident or "")
    return place.called if place else ident or ""


def _asked(eyes: Eyes, start: Start) -> str:
    return eyes.t.many(
        "start.open", len(start.open_lines), day=eyes.t.long_date(eyes.hours.today(start.opened_at))
    )


def started(eyes: Eyes, places: Sequence[str], *, now: bool) -> Card:
    """Which channels are asked; outside office hours when it opens."""
    key = "start.started" if now else "start.started_later"
    return Card(
        title=eyes.t.many(key, len(places)),
        parts=(Text(text=words(eyes.t, [_place(eyes, p) for p in places])),),
    )


# -- in the channel -----------------------------------------------------------------------------


def card(eyes: Eyes, start: Start) -> Card:
    """Is this right? One press for all; a line can be changed, or taken on where nobody is named."""
    t = eyes.t
    open_ = [line for line in start.open_lines if _is_here(eyes, start, line)]
    items = tuple(_item(eyes, start, line.account, line.state) for line in start.lines[:SHOWN])
    place = eyes.register.places.get(start.place or "")
    hour = (place.hour if place else time(9)).strftime("%H.%M" if t.language == "sv" else "%H:%M")
    parts: list[Part] = [Items(items=items)]
    if more := len(start.lines) - len(items):
        parts.append(Text(text=t.many("start.more", more), tone="quiet"))
    met = _welcome(eyes, start, place, begun=not open_)
    if not open_:
        return Card(title=t("start.card.done"), parts=(*parts, *met), buttons=_more(eyes, start, place))
    rules = eyes.pack.title.of(t.language)
    parts.insert(0, Text(text=t("start.card.why", office=eyes.office_name, rules=rules)))
    parts += met or [Text(text=t("start.card.next", hour=hour)), Text(text=t("help.sees"), tone="quiet")]
    label = t("start.do.confirm")
    button = Button(verb="start.confirm", arg=start.id, label=label, heard=heard(t, label, _place(eyes, start.place)),
                    style="primary")  # fmt: skip
    return Card(title=t.many("start.card.title", len(open_)), parts=tuple(parts),
                buttons=(button, *_more(eyes, start, place)))  # fmt: skip


def _welcome(eyes: Eyes, start: Start, place: Place | None, *, begun: bool) -> tuple[Part, ...]:
    """What is said at the first meeting, where this card is that: never two posts on one day (users.md U11)."""
    if not start.greets or place is None:
        return ()
    known = [eyes.register.accounts[n.account] for n in start.lines if n.account in eyes.register.accounts]
    first = eyes.hours.calendar.next_working_day(place.welcomed) if begun and place.welcomed else None
    return welcome.parts(eyes, place, known, first, start.by)


def _more(eyes: Eyes, start: Start, place: Place | None) -> tuple[Button, ...]:
    return (
        tuple(replace(b, style="plain") for b in welcome.buttons(eyes, place))
        if start.greets and place
        else ()
    )


def _is_here(eyes: Eyes, start: Start, ident: str) -> bool:
    """Whether the account still waits in this channel: it may have got another one meanwhile."""
    account = eyes.register.accounts.get(ident)
    return account is not None and account.place == start.place and account.state == "imported"


def _item(eyes: Eyes, start: Start, ident: str, state: str) -> Item:
    account = eyes.register.accounts.get(ident)
    if account is None:
        return Item(text=eyes.t("account.none"))
    if state == "open" and not _is_here(eyes, start, ident):
        return Item(text=account_name(eyes.t, account), note=eyes.t("start.line.moved"), state="done")
    if state != "open":
        return Item(
            text=account_name(eyes.t, account),
            note=eyes.t(f"start.line.{state}", office=eyes.office_name),
            state="done",
        )
    note = ", ".join(filter(None, (people_of(eyes, account), account.address)))
    verb = "change" if account.people else "mine"
    label = eyes.t(f"start.do.{verb}")
    button = Button(verb=f"start.{verb}", arg=f"{start.id}|{ident}", label=label,
                    heard=heard(eyes.t, label, account_name(eyes.t, account)))  # fmt: skip
    return Item(text=account_name(eyes.t, account), note=note, state="open", button=button)


def people_of(eyes: Eyes, account: Account) -> str:
    """Names, else what the file said, else that nobody is named."""
    names = words(eyes.t, [eyes.name(p) for p in account.people])
    return names or account.said.get("people", "") or eyes.t("start.nobody")


def change_form(eyes: Eyes, start: Start, account: Account) -> Form:
    """What may be wrong about one account, and whether it is this channel's at all."""
    t = eyes.t
    fields = (
        Choice(id="whose", label=t("start.change.whose"), options=options(t, "start.whose", ("ours", "away")), value="ours"),
        PeopleField(id="people", label=t("account.people"), hint=t("account.ask.people.hint"), value=account.people,
                    required=False, ordered=True),
        Line(id="address", label=t("account.address"), hint=t("account.ask.address.hint"), value=account.address,
             required=False, max_length=300),
        Lines(id="purpose", label=t("account.purpose"), value=account.purpose, required=False, max_length=1_000),
    )  # fmt: skip
    return Form(id="start.change", title=t("start.change.title"), fields=fields, submit=t("form.save"),
                intro=(Text(text=account_name(t, account), tone="strong"),), state=f"{start.id}|{account.id}")  # fmt: skip


def answered(eyes: Eyes, right: int, left: int, first: date) -> Card:
    """What has been noted, when the first card comes, and what still waits for somebody else."""
    t = eyes.t
    parts = [Text(text=t("start.answered.first", day=t.long_date(first)))] if right else []
    if left:
        parts.append(Text(text=t.many("start.answered.left", left)))
    return Card(
        title=t.many("start.answered", right) if right else t("start.answered.none"), parts=tuple(parts)
    )


# -- for the head -------------------------------------------------------------------------------


def head_line(eyes: Eyes, accounts: Sequence[Account]) -> Item:
    """The same in a line of a collected message, with a way to all of them."""
    text = eyes.t.many("start.head.title", len(accounts))
    label = eyes.t("today.do.open")
    button = Button(verb="yearly.page", label=label, heard=f"{label}: {text}"[:75])
    return Item(text=text, note=eyes.t("start.head.why", office=eyes.office_name), button=button)


def head_list(eyes: Eyes, accounts: Sequence[Account]) -> Card:
    """All accounts that a head answers for, in one message; each opens, and nothing need be pressed."""
    t = eyes.t
    label = t("account.do.open")
    items = tuple(
        Item(text=account_name(t, a), note=people_of(eyes, a),
             button=Button(verb="account.open", arg=a.id, label=label, heard=heard(t, label, account_name(t, a))))
        for a in accounts[: 2 * SHOWN]
    )  # fmt: skip
    parts: list[Part] = [Text(text=t("start.head.why", office=eyes.office_name)), Items(items=items)]
    if more := len(accounts) - len(items):
        parts.append(Text(text=t.many("start.more", more), tone="quiet"))
    return Card(title=t.many("start.head.title", len(accounts)), parts=tuple(parts))
