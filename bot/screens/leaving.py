"""Somebody has left: what communications says, and what follows from it."""

from collections.abc import Sequence

from bot.model import Account, Person
from bot.retention import kept
from bot.screens.base import Eyes, account_name, told
from bot.screens.retention import how_long
from bot.view import Button, Card, Form, Item, Items, PersonField, Text

SHOWN = 10


def form(eyes: Eyes) -> Form:
    t = eyes.t
    who = PersonField(id="person", label=t("left.person"))
    intro = (Text(text=t("left.intro"), tone="quiet"),)
    return Form(id="left", title=t("left.title"), fields=(who,), submit=t("form.save"), intro=intro)


def noted(eyes: Eyes, person: Person, accounts: Sequence[Account]) -> Card:
    """What follows: their accounts want somebody else, and when the name goes."""
    t, rule = eyes.t, kept(eyes.register.office.retention, "left")
    when = t("left.goes" if rule.is_decided else "left.goes_undecided", time=how_long(t, rule.days))
    items = tuple(Item(text=account_name(t, a)) for a in accounts[:SHOWN])
    left = len(accounts) - len(items)
    parts = (
        *((Text(text=t("left.accounts")), Items(items=items)) if items else ()),
        *((Text(text=t("home.more", n=left), tone="quiet"),) if left > 0 else ()),
        Text(text=when),
    )
    undo = Button(verb="left.back", arg=person.id, label=t("left.do.back"), heard=t("left.do.back"))
    return Card(title=t("left.noted", name=person.name), parts=parts, buttons=(undo,))


def back(eyes: Eyes, person: Person) -> Card:
    return told(eyes.t, "left.back", name=person.name)
