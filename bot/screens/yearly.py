"""A head's accounts on one page, once a year and on demand, and what is answered to it (users.md U9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.cases.yearly import Wish, Yearly
from bot.model import Account
from bot.ports import Decision
from bot.register import turn_of
from bot.screens.accounts import approval, free_days, state
from bot.screens.base import Eyes, account_name, account_options, heard, words
from bot.texts import capital
from bot.view import Button, Card, Choice, Divider, Form, Item, Items, Lines, Part, Text

SHOWN = 15
"""Accounts on a page; the rest are a press away."""
LONGEST = 500
NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An account with what the year was like for it: days that nobody answered, and the last decision on it."""

    account: Account
    unanswered: int = 0
    decision: Decision | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """All of a head's accounts, from the one with number `first` on. `mark`: of the register as it is shown.

    `closes`: whether the guidelines that hold have a checklist for closing an account.
    """

    standings: Sequence[Standing]
    mark: str
    first: int = 0
    closes: bool = True


def page(eyes: Eyes, facts: Page, *, changed: bool = False, above: Sequence[Part] = ()) -> Card:
    """`above`: what else the day's message has to say. `changed`: it is another since the last look."""
    t, shown = eyes.t, facts.standings[facts.first : facts.first + SHOWN]
    parts: list[Part] = [*above, Divider()] if above else []
    parts.append(Text(text=t("yearly.changed" if changed else "yearly.why", office=eyes.office_name)))
    parts.append(Items(items=tuple(_item(eyes, standing) for standing in shown)))
    parts.append(Text(text=t("yearly.never_people"), tone="quiet"))
    parts.append(eyes.parameter("heads.yearly"))
    title = t.many("yearly.title", len(facts.standings))
    return Card(title=title, parts=tuple(parts), buttons=tuple(_buttons(eyes, facts, len(shown))))


def _buttons(eyes: Eyes, facts: Page, shown: int) -> list[Button]:
    t, after = eyes.t, facts.first + shown
    left = len(facts.standings) - after
    right = t.many("yearly.do.right", len(facts.standings))
    buttons = [
        Button(verb="yearly.confirm", arg=facts.mark, label=right, heard=right, style="primary"),
        _plain(eyes, "yearly.change", "yearly.do.change"),
    ]
    if facts.closes:
        buttons.append(_plain(eyes, "close.new", "yearly.do.close"))
    if left > 0:
        more = t.many("yearly.do.more", left)
        buttons.append(Button(verb="yearly.page", arg=str(after), label=more, heard=more))
    return buttons


def _plain(eyes: Eyes, verb: str, key: str) -> Button:
    label = eyes.t(key)
    return Button(verb=verb, label=label, heard=label.removesuffix(" …"))


def _item(eyes: Eyes, standing: Standing) -> Item:
    account, label = standing.account, eyes.t("account.do.open")
    button = Button(verb="account.open", arg=account.id, label=label,
                    heard=heard(eyes.t, label, account_name(eyes.t, account)))  # fmt: skip
    return Item(text=account_name(eyes.t, account), note=note(eyes, standing), button=button)


def note(eyes: Eyes, standing: Standing) -> str:
    """People, who watches when, free days, days without an answer, what lacks, the last decision: a sentence each."""
    t, account = eyes.t, standing.account
    people = words(t, [eyes.name(p) for p in account.people]) or account.said.get("people", "")
    said = [t("yearly.people", names=people or eyes.t("person.nobody"))]
    if account.state in ("gaps", "live"):
        who = t(f"account.watching.{account.pattern.kind}", name=eyes.name(turn_of(account, eyes.today)))
        said += [t("yearly.watching", who=who), t("yearly.free_days", duty=free_days(eyes, account))]
        said.append(t.many("yearly.unanswered", standing.unanswered) if standing.unanswered else "")
    else:
        said.append(t("yearly.state", state=state(eyes, account)))
    gaps = words(t, [t(f"gap.{gap}") for gap in eyes.register.gaps_of(account)])
    said += [t("yearly.gaps", gaps=gaps) if gaps else "", _decision(eyes, standing)]
    return " ".join(f"{capital(each.rstrip('.'))}." for each in said if each)


def _decision(eyes: Eyes, standing: Standing) -> str:
    """The last decision on the account, else the approval that is older than the register."""
    t, account, made = eyes.t, standing.account, standing.decision
    if made:
        day = t.short_date(t.local(made.at).date())
        return t("yearly.decision", kind=t(f"decision.kind.{made.kind}"), day=day, n=made.number)
    approved = approval(eyes, account)
    return t("yearly.approved", approved=approved) if approved else t("yearly.undecided")


def over(eyes: Eyes, case: Yearly, accounts: int, above: Sequence[Part] = ()) -> Card:
    """What has been answered, where the page stood."""
    t = eyes.t
    day = t.short_date(eyes.hours.today(case.closed_at)) if case.closed_at else ""
    key = "confirmed" if case.mark else "seen_to" if case.answered else "unanswered"
    title = (
        t.many("yearly.over.confirmed", accounts, day=day) if case.mark else t(f"yearly.over.{key}", day=day)
    )
    label = t("yearly.do.show")
    return Card(
        title=title, parts=tuple(above), buttons=(Button(verb="yearly.page", label=label, heard=label),)
    )


def confirmed(eyes: Eyes, accounts: int, on: date) -> Card:
    """Noted with its date; no decision."""
    return Card(title=eyes.t.many("yearly.confirmed", accounts, day=eyes.t.long_date(on)))


def change_form(eyes: Eyes, accounts: Sequence[Account]) -> Form:
    """What is to be changed, in the head's own words."""
    t = eyes.t
    fields = (
        Choice(id="account", label=t("yearly.ask.account"), options=account_options(eyes, accounts),
               value=accounts[0].id if len(accounts) == 1 else ""),
        Lines(id="text", label=t("yearly.ask.text"), hint=t("yearly.ask.hint"), max_length=LONGEST),
    )  # fmt: skip
    intro = (Text(text=t("yearly.ask.intro", office=eyes.office_name)),)
    return Form(
        id="yearly.change",
        title=t("yearly.ask.title"),
        fields=fields,
        submit=t("yearly.ask.submit"),
        intro=intro,
    )


# -- for communications -------------------------------------------------------------------------


def wish(eyes: Eyes, case: Yearly, wanted: Wish) -> Item:
    """In the digest: what a head wants changed, with the press that says that it is done."""
    text = eyes.t("yearly.wish", name=eyes.name(case.head), account=eyes.account(wanted.account))
    label = eyes.t("yearly.do.done")
    button = Button(verb="yearly.done", arg=f"{case.id}|{wanted.id}", label=label,
                    heard=heard(eyes.t, label, eyes.account(wanted.account)))  # fmt: skip
    return Item(text=text, note=wanted.text, state="open", button=button)


def unanswered(eyes: Eyes, late: Sequence[Yearly]) -> Item:
    """Heads who have not answered, by name: it is about the page, and a call helps."""
    names = [eyes.name(case.head) for case in late]
    shown, left = ", ".join(names[:NAMED]), len(names) - NAMED
    named = eyes.t("digest.more", accounts=shown, n=left) if left > 0 else shown
    return Item(text=eyes.t.many("yearly.late", len(late), names=named))
