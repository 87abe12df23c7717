"""Decisions of officials: the list, the form to search them, and the one to correct (users.md U9)."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from bot import decided
from bot.model import Account
from bot.ports import Decision
from bot.screens.base import Eyes, account_name, account_options
from bot.screens.decision_story import (
    button,
    called,
    category_name,
    date_of,
    kind_name,
    open_button,
    when_by_whom,
)
from bot.texts import capital
from bot.view import (
    Card,
    Choice,
    Date,
    Field,
    Form,
    Item,
    Items,
    Line,
    Lines,
    Option,
    Part,
    Text,
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was searched for, as it was written in the form; "" leaves it open. `before`: the last that was shown."""

    account: str = ""
    kind: str = ""
    category: str = ""
    first: str = ""
    last: str = ""
    number: str = ""
    before: int = 0

    @property
    def arg(self) -> str:
        """As a button carries it."""
        return json.dumps({name: value for name, value in asdict(self).items() if value}, ensure_ascii=False)


# -- the list and its search ----------------------------------------------------------------------


def listing(eyes: Eyes, asked: Asked, found: Sequence[Decision], following: Asked | None) -> Card:
    """A page of them, each opens. How many there are in all is not said."""
    t, searched = eyes.t, _searched(eyes, asked)
    key = "decision.list" if found else "decision.nothing" if searched else "decision.none"
    parts: list[Part] = [Text(text=t("decision.searched", what=searched), tone="quiet")] if searched else []
    if found:
        parts.append(Items(items=tuple(_line(eyes, each) for each in found)))
    fresh = replace(asked, before=0)
    buttons = [button(eyes, "search", fresh.arg)]
    if following:
        buttons.insert(0, button(eyes, "more", following.arg))
    return Card(title=t(key), parts=tuple(parts), buttons=tuple(buttons))


def _searched(eyes: Eyes, asked: Asked) -> str:
    t = eyes.t
    account = eyes.register.accounts.get(asked.account)
    found = [
        account_name(t, account) if account else asked.account,
        kind_name(eyes, asked.kind) if asked.kind else "",
        category_name(eyes, asked.category) if asked.category else "",
        t("decision.from", day=date_of(eyes, asked.first)) if asked.first else "",
        t("decision.to", day=date_of(eyes, asked.last)) if asked.last else "",
        t("decision.numbered", number=asked.number) if asked.number else "",
    ]
    return ", ".join(filter(None, found))


def _line(eyes: Eyes, made: Decision) -> Item:
    return Item(text=called(eyes, made), note=when_by_whom(eyes, made), button=open_button(eyes, made))


def search_form(eyes: Eyes, asked: Asked, accounts: Sequence[Account], categories: Sequence[str]) -> Form:
    """Nothing has to be filled in. `accounts`, `categories`: those that whoever asks may see decisions of."""
    t = eyes.t
    kinds = tuple(Option(id=kind, label=capital(kind_name(eyes, kind))) for kind in decided.KINDS)
    named = tuple(Option(id=each, label=capital(category_name(eyes, each))) for each in categories)
    fields = [
        *_choice(eyes, "account", account_options(eyes, accounts), asked.account),
        *_choice(eyes, "kind", kinds, asked.kind),
        Date(id="first", label=t("decision.ask.first"), required=False, value=_day(asked.first)),
        Date(id="last", label=t("decision.ask.last"), required=False, value=_day(asked.last)),
        *_choice(eyes, "category", named, asked.category),
        Line(id="number", label=t("decision.ask.number"), hint=t("decision.ask.number.hint"), required=False,
             value=asked.number, max_length=60),
    ]  # fmt: skip
    return Form(id="decision.search", title=t("decision.search.title"), fields=tuple(fields),
                submit=t("decision.search.submit"))  # fmt: skip


def _choice(eyes: Eyes, ident: str, found: tuple[Option, ...], value: str) -> list[Field]:
    if not found:
        return []
    known = value if value in {option.id for option in found} else ""
    label = eyes.t(f"decision.ask.{ident}")
    return [Choice(id=ident, label=label, required=False, options=found, value=known)]


def _day(given: str) -> date | None:
    return date.fromisoformat(given) if given else None


# -- correct --------------------------------------------------------------------------------------


def correct_form(eyes: Eyes, made: Decision) -> Form:
    t = eyes.t
    intro = (Text(text=called(eyes, made)), Text(text=t("decision.correct.about"), tone="quiet"))
    field = Lines(
        id="text", label=t("decision.correct.text"), hint=t("decision.correct.hint"), max_length=1000
    )
    return Form(id="decision.correct", title=t("decision.correct.title"), fields=(field,), intro=intro,
                submit=t("decision.correct.submit"), state=str(made.number))  # fmt: skip


def corrected(eyes: Eyes, old: Decision, made: Decision) -> Card:
    """Each on a line of its own, so that one sees what is opened."""
    title = eyes.t("decision.corrected", n=made.number, old=old.number)
    return Card(title=title, parts=(Items(items=(_line(eyes, made), _line(eyes, old))),))
