"""The register as a person sees it: list, one account with its gaps and history, and the forms that change it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time

from bot.model import Account, Person, Unit
from bot.ports import DayOutcome
from bot.register import turn_of
from bot.screens import duty
from bot.screens import watching as watch_screens
from bot.screens.base import Eyes, account_name, heard, options, words
from bot.view import (
    Button,
    Card,
    Choice,
    Facts,
    Form,
    Item,
    Items,
    Line,
    Option,
    Part,
    PeopleField,
    PersonField,
    PlaceField,
    Text,
)

PLATFORMS = (
    "instagram",
    "facebook",
    "linkedin",
    "x",
    "youtube",
    "tiktok",
    "bluesky",
    "mastodon",
    "threads",
    "other",
)
PATTERNS = ("one", "weeks", "weekdays")
HOURS = tuple(time(h, m) for h in range(7, 17) for m in (0, 30))
SHOWN = 20
"""A list shows at most so many lines; more are found with words after the command."""
WHOLE = [
    ("import.open", "account.do.import"),
    ("export.open", "account.do.export"),
    ("start.channels", "account.do.channels"),
    ("pilot.open", "pilot.do"),
]
"""What communications may do with the whole register."""


def listing(
    eyes: Eyes,
    accounts: Sequence[Account],
    words_given: str,
    *,
    join: bool = False,
    office: bool = False,
    heads: bool = False,
    lacks: Mapping[str, str] | None = None,
) -> Card:
    """Accounts as lines with their state; each opens. `join`: the reader may say that two are one person.

    `office`: the whole register is theirs to import, export and start; `heads`: they answer for accounts. `lacks`: what
    the two-people guard sees.
    """
    title = eyes.t.many("accounts.title", len(accounts)) if accounts else eyes.t("accounts.none")
    items = tuple(_line(eyes, account, (lacks or {}).get(account.id, "")) for account in accounts[:SHOWN])
    parts: list[Part] = [Items(items=items)] if items else []
    if len(accounts) > SHOWN:
        parts.append(Text(text=eyes.t("accounts.more", shown=SHOWN), tone="quiet"))
    if words_given:
        parts.insert(0, Text(text=eyes.t("accounts.found", words=words_given), tone="quiet"))
    enter = Button(verb="account.enter", label=eyes.t("account.do.enter"), heard=eyes.t("account.do.enter"),
                   style="plain" if accounts else "primary")  # fmt: skip
    others = [("yearly.page", "account.do.mine")] if heads else []
    others += [("person.join", "join.do.open")] if join else []
    others += WHOLE if office else []
    if office:
        parts.append(Items(items=(_rota(eyes),)))
    buttons = (enter, *(_plain_button(eyes, verb, key) for verb, key in others))
    return Card(title=title, parts=tuple(parts), buttons=buttons)


def _rota(eyes: Eyes) -> Item:
    """Communications takes accounts over for a while; a line, since the buttons are six."""
    return Item(text=eyes.t("rota.item"), button=_plain_button(eyes, "rota.open", "rota.do.open"))


def _plain_button(eyes: Eyes, verb: str, key: str) -> Button:
    label = eyes.t(key)
    return Button(verb=verb, label=label, heard=label.removesuffix(" …"))


def _line(eyes: Eyes, account: Account, lack: str) -> Item:
    place = eyes.register.places.get(account.place or "")
    where = place.called if place else ""
    note = ", ".join(filter(None, (state(eyes, account), lack, where)))
    label = eyes.t("account.do.open")
    button = Button(verb="account.open", arg=account.id, label=label,
                    heard=heard(eyes.t, label, account_name(eyes.t, account)))  # fmt: skip
    return Item(
        text=account_name(eyes.t, account),
        note=note,
        state="late" if account.gaps or lack else "none",
        button=button,
    )


def state(eyes: Eyes, account: Account) -> str:
    if account.state == "gaps":
        gaps = words(eyes.t, [eyes.t(f"gap.{gap}") for gap in account.gaps])
        key = "gaps" if account.is_asked else "unwatched"
        return eyes.t(f"account.state.{key}", gaps=gaps) if gaps else eyes.t("account.state.live")
    return eyes.t(f"account.state.{account.state}")


def one(
    eyes: Eyes,
    account: Account,
    *,
    edit: bool,
    pattern: bool,
    place: bool,
    history: bool,
    login: bool = False,
    free_days: bool = False,
    below: Sequence[Part] = (),
) -> Card:
    """One account, with the buttons that whoever asks may use; `below`: what can be done about its being in use.

    `login`: they may read where it is kept. `free_days`: they have the head's word on who watches then.
    """
    rows = _rows(eyes, account)
    if login and account.login:
        rows.append((eyes.t("account.login"), account.login))
    verbs = [("edit", edit), ("rename", edit), ("pattern", pattern), ("place", place), ("history", history)]
    buttons = [_button(eyes, account, verb) for verb, allowed in verbs if allowed]
    ask = Button(
        verb="question.open",
        arg=account.id,
        label=eyes.t("home.do.question"),
        heard=heard(eyes.t, eyes.t("home.do.question"), account_name(eyes.t, account)),
    )
    asking = (ask,) if account.state != "closed" else ()
    return Card(
        title=account_name(eyes.t, account),
        parts=(Facts(rows=tuple(rows)), *(_duty_item(eyes, account) if free_days else ()), *below),
        buttons=(*buttons, *asking),
    )


def _duty_item(eyes: Eyes, account: Account) -> tuple[Items, ...]:
    label = eyes.t("duty.do.open")
    button = Button(verb="duty.open", arg=account.id, label=label,
                    heard=heard(eyes.t, label, account_name(eyes.t, account)))  # fmt: skip
    return (Items(items=(Item(text=eyes.t("duty.item"), button=button),)),)


def _rows(eyes: Eyes, account: Account) -> list[tuple[str, str]]:
    unit = eyes.register.units.get(account.unit)
    people = words(eyes.t, [eyes.name(p) for p in account.people])
    rows = [
        (eyes.t("account.state"), state(eyes, account)),
        (eyes.t("account.address"), account.address or eyes.t("account.no_address")),
        (eyes.t("account.unit"), unit.name if unit else account.unit),
        (eyes.t("account.people"), people or eyes.t("person.nobody")),
        (eyes.t("account.head"), eyes.name(eyes.register.head_of(account))),
    ]
    if account.state not in ("paused", "closed"):
        rows += _watched(eyes, account)
    if approved := approval(eyes, account):
        rows.append((eyes.t("account.approved"), approved))
    if account.purpose:
        rows.append((eyes.t("account.purpose"), account.purpose))
    return rows


def approval(eyes: Eyes, account: Account) -> str:
    """Day and number of an approval that is older than the register, else what a file said of it."""
    day = (
        eyes.t.short_date(account.approved_on) if account.approved_on else account.said.get("approved_on", "")
    )
    number = (
        eyes.t("account.approved.number", number=account.approval_number) if account.approval_number else ""
    )
    return ", ".join(filter(None, (day, number)))


def _watched(eyes: Eyes, account: Account) -> list[tuple[str, str]]:
    """Who watches when, and where they are asked; of an account about which somebody is."""
    place = eyes.register.places.get(account.place or "")
    rows = [
        (eyes.t("account.watching"), watching(eyes, account)),
        (eyes.t("account.free_days"), free_days(eyes, account)),
    ]
    if place:
        at = eyes.t("account.place.at", place=place.name, hour=_hour(eyes, place.hour))
        rows.append((eyes.t("account.place"), at))
    return rows


def _hour(eyes: Eyes, hour: time) -> str:
    return hour.strftime("%H.%M" if eyes.t.language == "sv" else "%H:%M")


def watching(eyes: Eyes, account: Account) -> str:
    """The pattern in words; and who it is today where that is somebody else, or nobody."""
    turn = turn_of(account, eyes.today)
    usual = eyes.t(f"account.watching.{account.pattern.kind}", name=eyes.name(turn))
    today = eyes.register.watcher(account, eyes.today)
    return usual if today == turn else eyes.t("account.watching.today", usual=usual, name=eyes.name(today))


def free_days(eyes: Eyes, account: Account) -> str:
    return duty.said(eyes, account)


def _button(eyes: Eyes, account: Account, verb: str) -> Button:
    label = eyes.t(f"account.do.{verb}")
    return Button(verb=f"account.{verb}", arg=account.id, label=label,
                  heard=heard(eyes.t, label, account_name(eyes.t, account)))  # fmt: skip


def history(
    eyes: Eyes, account: Account, days: Sequence[DayOutcome], lines: Sequence[tuple[str, str]]
) -> Form:
    """What is known of an account: its days without names, its questions, alarms and runs (users.md U6)."""
    parts: list[Part] = [Text(text=account_name(eyes.t, account))]
    parts.append(Text(text=eyes.t("history.days"), tone="strong"))
    parts.append(
        Items(items=tuple(_day(eyes, account, d) for d in days))
        if days
        else Text(text=eyes.t("history.nothing"))
    )
    parts.append(Text(text=eyes.t("history.cases"), tone="strong"))
    items = tuple(Item(text=what, note=note) for what, note in lines)
    parts.append(Items(items=items) if items else Text(text=eyes.t("history.nothing")))
    return Form(id="show", title=eyes.t("history.title"), intro=tuple(parts), writes=False)


def _day(eyes: Eyes, account: Account, day: DayOutcome) -> Item:
    note = eyes.t(f"day.{day.outcome}")
    if day.outcome == "no_watch":
        note = duty.not_arranged(eyes, duty.decided_on(account, day.day))
    if day.role:
        note = eyes.t("day.by", note=note, role=eyes.t(f"role_on.{day.role}", office=eyes.office_name))
    return Item(text=eyes.t.long_date(day.day), note=note)


# -- forms --------------------------------------------------------------------------------------


def enter_form(eyes: Eyes, units: Sequence[Unit], *, person: Person, place: str) -> Form:
    """Six fields: platform, address, unit, people, head, place. The card comes at the place's hour."""
    t = eyes.t
    fields = (
        Choice(id="platform", label=t("account.ask.platform"), options=options(t, "platform", PLATFORMS),
               value="instagram"),
        Line(id="address", label=t("account.address"), hint=t("account.ask.address.hint"), max_length=300),
        unit_field(eyes, units),
        PeopleField(id="people", label=t("account.people"), hint=t("account.ask.people.hint"), value=(person.id,),
                    ordered=True),
        PersonField(id="head", label=t("account.head"), hint=t("account.ask.head.hint"), required=False),
        PlaceField(id="place", label=t("account.place"), hint=t("account.ask.place.hint"), required=False, value=place),
    )  # fmt: skip
    intro = (Text(text=t("account.ask.intro"), tone="quiet"),)
    return Form(
        id="account.enter", title=t("account.ask.title"), fields=fields, submit=t("form.save"), intro=intro
    )


def unit_field(eyes: Eyes, units: Sequence[Unit]) -> Choice | Line:
    """The units there are; where there are none yet, a name to begin with."""
    if not units:
        return Line(id="unit", label=eyes.t("account.unit"), max_length=100)
    found = tuple(Option(id=u.id, label=u.name) for u in units)
    return Choice(
        id="unit", label=eyes.t("account.unit"), options=found, value=units[0].id if len(units) == 1 else ""
    )


def hour_field(eyes: Eyes, hour: time) -> Choice:
    hours = sorted({*HOURS, hour})
    found = tuple(Option(id=h.strftime("%H:%M"), label=_hour(eyes, h)) for h in hours)
    return Choice(id="hour", label=eyes.t("account.ask.hour"), options=found, value=hour.strftime("%H:%M"))


def edit_form(eyes: Eyes, account: Account, hour: time | None) -> Form:
    """People, hour, and where the login is kept: never the login itself."""
    t = eyes.t
    people = PeopleField(
        id="people",
        label=t("account.people"),
        hint=t("account.ask.people.hint"),
        value=account.people,
        ordered=True,
    )
    login = Line(id="login", label=t("account.login"), hint=t("account.login.hint"), value=account.login, required=False,
                 max_length=200)  # fmt: skip
    fields = (people, hour_field(eyes, hour), login) if hour else (people, login)
    intro = (Text(text=t("account.hour_of_place"), tone="quiet"),) if hour else ()
    return Form(id="account.edit", title=t("account.do.edit.title"), fields=fields, submit=t("form.save"),
                state=account.id, intro=intro)  # fmt: skip


def rename_form(eyes: Eyes, account: Account, units: Sequence[Unit]) -> Form:
    """Name, address and unit, as they are."""
    t = eyes.t
    fields = (
        Line(id="name", label=t("account.name"), value=account.name, max_length=100),
        Line(id="address", label=t("account.address"), hint=t("account.ask.address.hint"), value=account.address,
             required=bool(account.address), max_length=300),
        replace(unit_field(eyes, units), value=account.unit),
    )  # fmt: skip
    return Form(id="account.rename", title=t("account.do.rename.title"), fields=fields, submit=t("form.save"),
                state=account.id)  # fmt: skip


def pattern_form(eyes: Eyes, account: Account) -> Form:
    t = eyes.t
    fields = (
        Choice(id="kind", label=t("pattern.ask"), options=options(t, "pattern", PATTERNS), value=account.pattern.kind),
        PeopleField(id="order", label=t("pattern.order"), hint=t("pattern.order.hint"),
                    value=account.pattern.order or account.people, ordered=True),
    )  # fmt: skip
    return Form(id="account.pattern", title=t("account.do.pattern.title"), fields=fields, submit=t("form.save"),
                state=account.id, intro=(Text(text=account_name(t, account), tone="strong"),
                                         *watch_screens.next_weeks(eyes, account)))  # fmt: skip


def pattern_saved(eyes: Eyes, account: Account) -> Card:
    """Who has the next four weeks, as it is now."""
    card = saved(eyes, account, "account.saved")
    return replace(card, parts=(*card.parts, *watch_screens.next_weeks(eyes, account)))


def place_form(eyes: Eyes, account: Account) -> Form:
    t = eyes.t
    field = PlaceField(
        id="place", label=t("account.place"), hint=t("account.ask.place.hint"), value=account.place or ""
    )
    return Form(id="account.place", title=t("account.do.place.title"), fields=(field,), submit=t("form.save"),
                state=account.id)  # fmt: skip


def saved(eyes: Eyes, account: Account, key: str, asked_from: date | None = None) -> Card:
    """What has been saved, and what comes next or is still missing."""
    parts: list[Part] = []
    if account.gaps:
        gaps = words(eyes.t, [eyes.t(f"gap.{gap}") for gap in account.gaps])
        parts.append(Text(text=eyes.t("account.saved.gaps", gaps=gaps)))
    if asked_from and account.is_asked:
        parts.append(Text(text=eyes.t("account.saved.asked", day=eyes.t.long_date(asked_from))))
    return Card(title=eyes.t(key, account=account_name(eyes.t, account)), parts=tuple(parts),
                buttons=(_button(eyes, account, "open"),))  # fmt: skip
