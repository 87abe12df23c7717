"""What a head whom no chat knows has said, entered by communications: the forms, and the letter to the head (users.md U8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from bot.cases.watch import Watch
from bot.model import Account, PersonId
from bot.screens import duty, season, yearly
from bot.screens.base import Eyes, account_options, told, words
from bot.screens.entered import given
from bot.screens.season import Holes
from bot.screens.watching import SHOWN, called
from bot.season import Time
from bot.view import Card, Choice, Facts, Field, Form, Lines, Option, Part, PersonField, Quote, Text

LONGEST = yearly.LONGEST
WAYS = ("phone", "mail", "meeting")
About = Literal["watch", "duty", "season", "yearly"]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was entered in a head's name. `answer`: the option's id; `accounts`: some of the `n` that it is about.

    `wish`: of a yearly page, by its id, with the page's, for a letter holds no copy of the words; `time`: a season's key; `instead`: what happens where nobody
    watches on free days.
    """

    about: About
    answer: str
    n: int
    accounts: tuple[str, ...] = ()
    people: tuple[PersonId, ...] = ()
    case: str = ""
    wish: str = ""
    time: str = ""
    instead: str = ""
    way: str
    day: date
    by: PersonId


# -- the forms ------------------------------------------------------------------------------------


def watch_form(eyes: Eyes, watch: Watch, head: PersonId, *, off: bool, chosen: str = "") -> Form:
    """`off`: whether comments can be turned off here."""
    answers = ("cover", *(("off",) if off else ()), *(() if watch.handed_by else ("hand",)))
    who = PersonField(id="who", label=eyes.t("watch.who"), hint=eyes.t("spoken.who.hint"), required=False)
    about = eyes.t.many("watch.title", len(watch.accounts))
    return _form(
        eyes, "watch.enter", watch.id, head, about, [_answer(eyes, "watch", answers, 0, chosen), who]
    )


def season_form(eyes: Eyes, time: Time, head: PersonId, holes: Holes) -> Form:
    answers = (*(("cover", "hand") if holes else ()), "fine")
    who = PersonField(
        id="cover", label=eyes.t("season.cover.who"), hint=eyes.t("spoken.who.hint"), required=False
    )
    about = eyes.t("season.ask.others", name=eyes.name(head), **season.span(eyes, time))
    fields: list[Field] = [_answer(eyes, "season", answers, 0), *([who] if holes else [])]
    return _form(eyes, "season.enter", f"{time.key}|{head}", head, about, fields)


def yearly_form(eyes: Eyes, case: str, mark: str, head: PersonId, accounts: Sequence[Account]) -> Form:
    """All of it is right, or one thing is to be changed."""
    t, n = eyes.t, len(accounts)
    which = Choice(
        id="account", label=t("yearly.ask.account"), options=account_options(eyes, accounts), required=False
    )
    wish = Lines(id="text", label=t("yearly.ask.text"), hint=t("spoken.wish.hint"), required=False,
                 max_length=LONGEST)  # fmt: skip
    answer = _answer(eyes, "yearly", ("right", "change"), n)
    about = t.many("spoken.yearly", n)
    return _form(eyes, "yearly.enter", f"{case}|{mark}", head, about, [answer, which, wish])


def duty_form(eyes: Eyes, accounts: Sequence[Account], state: str, head: PersonId) -> Form:
    """The head's own form, with how and when it was said."""
    own = duty.form(eyes, accounts, state)
    intro = (Text(text=eyes.t("spoken.intro", name=eyes.name(head))), *own.intro)
    return replace(own, id="duty.enter", intro=intro, fields=(*own.fields, *_given(eyes)))


def _form(eyes: Eyes, ident: str, state: str, head: PersonId, about: str, fields: Sequence[Field]) -> Form:
    intro = (Text(text=about, tone="strong"), Text(text=eyes.t("spoken.intro", name=eyes.name(head))))
    return Form(id=ident, title=eyes.t("spoken.title"), intro=intro, fields=(*fields, *_given(eyes)),
                submit=eyes.t("form.save"), state=state)  # fmt: skip


def _given(eyes: Eyes) -> tuple[Field, ...]:
    return given(eyes, eyes.today, WAYS, "spoken.ask")


def _answer(eyes: Eyes, about: About, ids: Sequence[str], n: int, chosen: str = "") -> Choice:
    named = tuple(Option(id=i, label=label(eyes, about, i, n)) for i in ids)
    return Choice(id="answer", label=eyes.t("entered.ask.answer"), options=named, value=chosen)


def label(eyes: Eyes, about: About, answer: str, n: int) -> str:
    """The answer as its button names it: so it stands in the letter that the head has."""
    t = eyes.t
    match about:
        case "yearly" if answer == "right":
            return t.many("yearly.do.right", n)
        case "duty":
            return eyes.t(f"duty.kind.{answer}", office=eyes.office_name)
        case _:
            return t(f"{about}.do.{answer}", office=eyes.office_name).removesuffix(" …")


# -- what is told ---------------------------------------------------------------------------------


def noted(eyes: Eyes, head: PersonId) -> Card:
    return told(eyes.t, "spoken.noted", name=eyes.name(head))


def letter(eyes: Eyes, said: Said, about: str, wish: str) -> Card:
    """What was entered in the head's name, by whom, and what to do when it is wrong. `wish`: in the head's own words."""
    t = eyes.t
    rows = [
        (t("spoken.fact.answer"), _whole(eyes, said)),
        (t("spoken.fact.people"), words(t, [eyes.name(p) for p in said.people])),
        (t("spoken.fact.accounts"), _accounts(eyes, said)),
    ]
    parts: list[Part] = [Facts(rows=tuple(row for row in rows if row[1]))]
    parts += [Quote(text=wish)] if wish else []
    parts.append(Text(text=t(f"entered.told.{said.way}", day=t.long_date(said.day))))
    parts.append(Text(text=t("entered.told.wrong", by=eyes.name(said.by))))
    return Card(title=t("entered.told", by=eyes.name(said.by), name=about), parts=tuple(parts))


def _whole(eyes: Eyes, said: Said) -> str:
    """The answer, and what happens instead where it is nobody."""
    instead = eyes.t(f"duty.instead.{said.instead}") if said.instead else ""
    return ", ".join(filter(None, (label(eyes, said.about, said.answer, said.n), instead)))


def _accounts(eyes: Eyes, said: Said) -> str:
    names = called(eyes, said.accounts)
    more = said.n - len(names)
    named = words(eyes.t, names)
    return ", ".join((named, eyes.t.many("watch.more", more))) if named and more > 0 else named


def about(eyes: Eyes, said: Said, time: Time | None) -> str:
    """What the head was asked, as its title says it."""
    match said.about:
        case "watch":
            return eyes.t.many("watch.title", said.n)
        case "duty":
            return eyes.t.many("duty.ask.title", said.n)
        case "season" if time:
            return eyes.t("season.ask", **season.span(eyes, time))
        case _:
            return eyes.t.many("spoken.yearly", said.n)


def some(accounts: Sequence[Account]) -> tuple[str, ...]:
    """As many as a card names."""
    return tuple(account.id for account in accounts[:SHOWN])
