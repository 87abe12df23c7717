"""Free days: what the head is asked, the form, what has been decided, and how it is said (users.md U3)."""

from collections.abc import Sequence
from datetime import date

from bot.cases.watch import Watch
from bot.model import Account, PersonId
from bot.screens.base import Eyes, account_options, heard, options, told, words
from bot.screens.watching import SHOWN, called
from bot.texts import capital
from bot.view import (
    Button,
    Card,
    Choice,
    Choices,
    Field,
    Form,
    Item,
    Items,
    Option,
    Part,
    PeopleField,
    Text,
    Toggle,
)

KINDS = ("people", "rota", "none")
INSTEAD = ("comments_off", "filtered")


def said(eyes: Eyes, account: Account) -> str:
    """Who watches on free days and on whose word; without any: no watch arranged, and whose decision that is."""
    return ", ".join(filter(None, (_said(eyes, account), _entered(eyes, account.duty.way))))


def _entered(eyes: Eyes, way: str) -> str:
    """That communications has entered it, and how it was said."""
    if not way:
        return ""
    how = eyes.t(f"entered.way.{way}")
    return eyes.t("duty.entered", way=how[:1].lower() + how[1:], office=eyes.office_name)


def _said(eyes: Eyes, account: Account) -> str:
    duty = account.duty
    on = eyes.t.short_date(duty.agreed_on) if duty.agreed_on else ""
    if duty.kind == "none":
        instead = eyes.t(f"duty.instead.{duty.instead}") if duty.instead else ""
        return ", ".join(filter(None, (not_arranged(eyes, duty.agreed_on), instead)))
    names = words(eyes.t, [eyes.name(p) for p in duty.people])
    by = eyes.register.name(PersonId(duty.agreed_by)) or duty.agreed_by
    return eyes.t(f"duty.{duty.kind}", names=names, by=by, on=on, office=eyes.office_name)


def decided_on(account: Account, day: date) -> date | None:
    """When the head decided that nobody watches that day; None where that was not decided by then."""
    on = account.duty.agreed_on
    return on if on and account.duty.kind == "none" and on <= day else None


def not_arranged(eyes: Eyes, on: date | None) -> str:
    """No watch arranged: by the head's decision of a date, or because nobody has been asked."""
    return eyes.t("duty.none.decided", on=eyes.t.short_date(on)) if on else eyes.t("duty.none")


def card(eyes: Eyes, watch: Watch) -> Card:
    """Asked once of the head, for all accounts at once, and again each half-year."""
    if not watch.is_open:
        return told(eyes.t, "duty.answered")
    t, n = eyes.t, len(watch.accounts)
    names = called(eyes, watch.accounts)
    parts: list[Part] = [
        Text(text=t("duty.ask.text", office=eyes.office_name)),
        Items(items=tuple(Item(text=name) for name in names[:SHOWN])),
    ]
    if more := len(names) - SHOWN:
        parts += [Text(text=t.many("watch.more", more), tone="quiet")] if more > 0 else []
    parts.append(Text(text=t("duty.ask.otherwise"), tone="quiet"))
    label = t("duty.do.answer")
    button = Button(verb="duty.open", arg=watch.id, label=label, heard=heard(t, label, t.many("watch.accounts", n)),
                    style="primary")  # fmt: skip
    return Card(title=t.many("duty.ask.title", n), parts=tuple(parts), buttons=(button,))


def line(eyes: Eyes, watch: Watch) -> Item:
    text, label = eyes.t.many("duty.ask.title", len(watch.accounts)), eyes.t("today.do.open")
    button = Button(verb="watch.show", arg=watch.id, label=label, heard=f"{label}: {text}"[:75])
    return Item(text=text, note=eyes.t("duty.ask.note"), state="open", button=button)


def form(eyes: Eyes, accounts: Sequence[Account], state: str) -> Form:
    """One answer for all of them, or for those that are left chosen. `state`: the watch, or the account's page."""
    t, duty = eyes.t, accounts[0].duty
    chosen = Choices(id="accounts", label=t("duty.accounts"), options=account_options(eyes, accounts),
                     value=tuple(a.id for a in accounts))  # fmt: skip
    fields: tuple[Field, ...] = (
        *((chosen,) if len(accounts) > 1 else ()),
        Choice(id="kind", label=t("duty.kind"), options=_kinds(eyes), value=duty.kind if duty.agreed_on else ""),
        PeopleField(id="people", label=t("duty.who"), hint=t("duty.who.hint"), required=False, value=duty.people),
        Toggle(id="agreed", label=t("duty.agreed"), required=False),
        Choice(id="instead", label=t("duty.instead"), hint=t("duty.instead.hint"), required=False,
               options=options(t, "duty.instead", INSTEAD), value=duty.instead),
    )  # fmt: skip
    return Form(
        id="duty",
        title=t("duty.title"),
        fields=fields,
        intro=_intro(eyes),
        submit=t("form.save"),
        state=state,
    )


def _kinds(eyes: Eyes) -> tuple[Option, ...]:
    labels = (eyes.t(f"duty.kind.{kind}", office=eyes.office_name) for kind in KINDS)
    return tuple(Option(id=kind, label=capital(label)) for kind, label in zip(KINDS, labels, strict=True))


def _intro(eyes: Eyes) -> tuple[Text, ...]:
    page = eyes.register.office.hr_page
    link = (Text(text=eyes.t("duty.hr", page=page)),) if page else ()
    key = "duty.ask.text" if eyes.pack.monitored == "every-day" else "duty.page.text"
    return (Text(text=eyes.t(key, office=eyes.office_name), tone="quiet"), *link)


def saved(eyes: Eyes, accounts: Sequence[Account]) -> Card:
    names = words(eyes.t, called(eyes, [a.id for a in accounts[:SHOWN]]))
    return Card(title=eyes.t.many("duty.saved", len(accounts)),
                parts=(Text(text=names), Text(text=said(eyes, accounts[0]))))  # fmt: skip


def for_rota(eyes: Eyes, accounts: Sequence[str], by: str) -> Item:
    """Communications reads in its digest that it is asked on free days from now on."""
    names = called(eyes, accounts)
    text = eyes.t.many("duty.rota.title", len(names), name=by, office=eyes.office_name)
    return Item(text=text, note=words(eyes.t, names[:SHOWN]))
