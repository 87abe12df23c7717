"""The first meeting: the welcome of a place, of a new person, and what they ask there (users.md U11)."""

from collections.abc import Sequence
from datetime import date, time

from bot.first_week import last_quiet_day
from bot.model import Account, PersonId, Place
from bot.screens.accounts import hour_field, watching
from bot.screens.base import Eyes, account_name, heard, told, whole, words
from bot.view import Button, Card, Form, Item, Items, Part, Text

NAMED = 5
"""The welcome names so many accounts; the rest are counted."""
SHOWN = 20


def card(eyes: Eyes, place: Place, accounts: Sequence[Account], first: date, by: PersonId | None) -> Card:
    """Who put me here, what I ask and when, what I do not see, what is kept, and the first week. `first`: of the cards."""
    t = eyes.t
    key = "welcome.title" if place.kind == "channel" else "welcome.title.chat"
    title = t.many(key, len(accounts), accounts=_named(eyes, accounts))
    return Card(title=title, parts=parts(eyes, place, accounts, first, by), buttons=buttons(eyes, place))


def parts(
    eyes: Eyes, place: Place, accounts: Sequence[Account], first: date | None, by: PersonId | None
) -> tuple[Part, ...]:
    """What is said at the first meeting. `first`: None while a channel has yet to confirm its accounts."""
    t, rules = eyes.t, eyes.pack.title.of(eyes.t.language)
    begins = t("welcome.first", day=t.long_date(first)) if first else t("welcome.once_confirmed")
    duty = any(a.duty.kind != "none" for a in accounts)
    return (
        Text(text=t("welcome.by", who=_who(eyes, by), rules=rules)),
        Text(text=" ".join((t("welcome.asks", hour=_hour(eyes, place.hour)), begins,
                            t("welcome.free_days.agreed" if duty else "welcome.free_days")))),
        Text(text=t("welcome.look_at")),
        Text(text=f"{t('welcome.sees')} {_keeps(eyes)}"),
        Text(text=t("welcome.quiet")),
        whole(eyes, t("welcome.rules", version=eyes.pack.version), eyes.register.office.guidelines),
        *about(eyes),
    )  # fmt: skip


def _keeps(eyes: Eyes) -> str:
    return eyes.t("welcome.keeps", office=eyes.office_name, registrar=eyes.role("registrar"))


def about(eyes: Eyes) -> tuple[Part, ...]:
    """Where the organisation has put its page for colleagues, if it has."""
    link = eyes.register.office.about
    return (Text(text=eyes.t("welcome.about", link=link), tone="quiet"),) if link else ()


def _who(eyes: Eyes, by: PersonId | None) -> str:
    """Whoever bound it, by name; else communications, with the name of whom to ask."""
    if by and eyes.register.name(by):
        return eyes.name(by)
    names = [eyes.name(p) for p in eyes.register.own("communications")[:1]]
    return eyes.t("welcome.office", office=eyes.office_name, name=names[0]) if names else eyes.office_name


def _named(eyes: Eyes, accounts: Sequence[Account]) -> str:
    shown = [account_name(eyes.t, a) for a in accounts[:NAMED]]
    more = len(accounts) - len(shown)
    return words(eyes.t, [*shown, *([eyes.t("welcome.more", n=more)] if more else [])])


def _hour(eyes: Eyes, hour: time) -> str:
    return hour.strftime("%H.%M" if eyes.t.language == "sv" else "%H:%M")


def buttons(eyes: Eyes, place: Place) -> tuple[Button, ...]:
    """Change the hour, who watches when, try it, what is kept."""
    t = eyes.t
    found = []
    for verb, key, arg in (("welcome.hour", "hour", place.id), ("welcome.watch", "watch", place.id)):
        label = t(f"welcome.do.{key}")
        found.append(Button(verb=verb, arg=arg, label=label, heard=heard(t, label, place.called)))
    return (*found, practice_button(eyes, "primary"), kept_button(eyes))


def practice_button(eyes: Eyes, style: str = "plain") -> Button:
    label = eyes.t("practice.do.start")
    return Button(verb="practice.start", label=label, heard=label,
                  style="primary" if style == "primary" else "plain")  # fmt: skip


def kept_button(eyes: Eyes) -> Button:
    label = eyes.t("welcome.kept.do")
    return Button(verb="kept", label=label, heard=label)


# -- behind the buttons -----------------------------------------------------------------------------


def hour_form(eyes: Eyes, place: Place) -> Form:
    intro = (Text(text=eyes.t("welcome.hour.intro", place=place.called), tone="quiet"),)
    return Form(id="welcome.hour", title=eyes.t("welcome.hour.title"), fields=(hour_field(eyes, place.hour),),
                intro=intro, submit=eyes.t("form.save"), state=place.id)  # fmt: skip


def hour_saved(eyes: Eyes, place: Place) -> Card:
    return told(eyes.t, "welcome.hour.saved", place=place.called, hour=_hour(eyes, place.hour))


def watch(eyes: Eyes, place: Place, accounts: Sequence[Account], may: Sequence[Account]) -> Card:
    """Who watches each account of a place, and a way to change it for those of which the reader may."""
    t, label = eyes.t, eyes.t("welcome.do.change")
    items = tuple(
        Item(text=account_name(t, a), note=watching(eyes, a),
             button=Button(verb="account.pattern", arg=a.id, label=label, heard=heard(t, label, account_name(t, a)))
             if a in may else None)
        for a in accounts[:SHOWN]
    )  # fmt: skip
    return Card(title=t("welcome.watch.title", place=place.called), parts=(Items(items=items),))


# -- a new person -----------------------------------------------------------------------------------


def newcomer(
    eyes: Eyes, account: Account, others: Sequence[PersonId], questions: int, *, by: PersonId
) -> Card:
    """The same in three lines: what is asked and when, what waits, where the login is (users.md U11)."""
    t, name = eyes.t, account_name(eyes.t, account)
    place = eyes.register.places.get(account.place or "")
    asks = t("newcomer.asks", who=_who(eyes, by), place=place.called if place else "",
             hour=_hour(eyes, place.hour) if place else "", rules=eyes.pack.title.of(t.language))  # fmt: skip
    waits = t.many("newcomer.waits", questions) if questions else t("newcomer.nothing")
    login = account.login
    names = words(t, [eyes.name(p) for p in others[:NAMED]])
    where = t("newcomer.login", login=login) if login else ""
    where = where or (
        t("newcomer.ask", names=names) if names else t("newcomer.ask.office", office=eyes.office_name)
    )
    return Card(
        title=t("newcomer.title", account=name),
        parts=tuple(Text(text=line) for line in (asks, waits, where)),
        buttons=(practice_button(eyes), kept_button(eyes)),
    )  # fmt: skip


def quiet_day(eyes: Eyes, place: Place | None) -> date | None:
    """The last day of the first week, while it lasts."""
    last = last_quiet_day(eyes.hours.calendar, place)
    return last if last and eyes.today <= last else None
