"""Closing accounts, as whoever decides sees it, and what still keeps an account open (requirements.md 2.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot import checklists
from bot.cases import Alarm, Case, Moderation, Question
from bot.cases.run_state import Run
from bot.model import Account, PersonId
from bot.screens import alarms, answers, approvals, moderation, questions, runs
from bot.screens.base import Eyes, account_name, heard, told, words
from bot.view import Button, Card, Facts, Item, Items, Part, Quote, Text

SHOWN = 12
"""A card names at most so many accounts, or things that wait; the rest are counted."""


@dataclass(frozen=True, kw_only=True)
class Closing:
    """What the register knows of the accounts. `looked`: on which day somebody last looked each through."""

    accounts: Sequence[Account]
    looked: Mapping[str, date]
    waiting: Sequence[Case] = ()
    registrar: bool = True


def start(eyes: Eyes, drafts: Sequence[Run]) -> Card:
    """What has been begun, or something new."""
    items = tuple(runs.draft(eyes, run) for run in drafts)
    label = eyes.t("close.do.new")
    parts = (Text(text=eyes.t("run.start.drafts"), tone="strong"), Items(items=items))
    return Card(title=eyes.t("close.start"), parts=parts,
                buttons=(Button(verb="close.new", label=label, heard=label),))  # fmt: skip


def not_written(eyes: Eyes) -> Card:
    """For guidelines whose checklist is not written."""
    return told(eyes.t, "close.not_written", office=eyes.office_name)


# -- whoever decides ----------------------------------------------------------------------------


def card(eyes: Eyes, run: Run, facts: Closing, deputies: tuple[PersonId, ...]) -> Card:
    """Which accounts, why, since when nobody has looked, what waits, where the picture is, what comes next (users.md U9)."""
    title = eyes.t("close.approval.title", runner=eyes.name(run.runner), name=answers.name(eyes, run))
    parts = [
        *approvals.replied(eyes, run), *_accounts(eyes, facts), Facts(rows=_rows(eyes, run, facts)),
        *_words(eyes, run), *_open(eyes, facts.waiting), Text(text=eyes.t("close.next"), tone="strong"),
        Text(text=_next(eyes, run, facts)), *_cites(eyes, run),
    ]  # fmt: skip
    return Card(title=title, parts=tuple(parts), buttons=approvals.buttons(eyes, run, deputies))


def _accounts(eyes: Eyes, facts: Closing) -> list[Part]:
    items = tuple(
        Item(text=account_name(eyes.t, a), note=_known(eyes, a, facts)) for a in facts.accounts[:SHOWN]
    )
    return [Items(items=items), *_more(eyes, len(facts.accounts))]


def _known(eyes: Eyes, account: Account, facts: Closing) -> str:
    """Unit, people, and the last day on which somebody looked."""
    people = words(eyes.t, [eyes.name(p) for p in account.people]) or eyes.t("person.nobody")
    day = facts.looked.get(account.id)
    looked = eyes.t("close.looked", day=eyes.t.short_date(day)) if day else eyes.t("close.never_looked")
    return "; ".join((answers.unit(eyes, account.unit), people, looked))


def _rows(eyes: Eyes, run: Run, facts: Closing) -> tuple[tuple[str, str], ...]:
    kept = ", ".join(filter(None, (answers.answer(eyes, run, checklists.PICTURE),
                                   answers.answer(eyes, run, checklists.PICTURE_DAY))))  # fmt: skip
    rows = (
        ("why", answers.answer(eyes, run, checklists.WHY_CLOSE)),
        ("instead", answers.answer(eyes, run, checklists.INSTEAD)),
        ("picture", kept),
        ("waiting", "" if facts.waiting else eyes.t("close.nothing_waits")),
        ("answer_by", approvals.answer_by(eyes, run)),
    )
    return tuple((eyes.t(f"close.fact.{key}"), value) for key, value in rows if value)


def _words(eyes: Eyes, run: Run) -> list[Part]:
    said = checklists.first_sentences(answers.answer(eyes, run, checklists.WHY_CLOSE_TEXT))
    return [Quote(text=said)] if said else []


def _next(eyes: Eyes, run: Run, facts: Closing) -> str:
    key = "close.next.registrar" if facts.registrar else "close.next.text"
    registrar = eyes.role("registrar")
    return eyes.t(key, runner=eyes.name(run.runner), office=eyes.office_name, registrar=registrar)


def _cites(eyes: Eyes, run: Run) -> list[Part]:
    """What it rests on: the step that asks why."""
    step = run.plan.step(checklists.WHY_CLOSE.partition(".")[0])
    return [answers.cite(eyes, step)] if step else []


# -- what keeps it open -------------------------------------------------------------------------


def held(eyes: Eyes, run: Run, waiting: Sequence[Case]) -> Card:
    """Something of the accounts waits: what it is, where it is opened, and how to go on afterwards."""
    title = eyes.t("close.held", name=answers.name(eyes, run))
    verb = {"waiting": "run.approval", "second_half": "run.finish"}.get(run.state, "run.send")
    label = eyes.t("close.do.again")
    again = Button(verb=verb, arg=run.id, label=label, heard=heard(eyes.t, label, answers.name(eyes, run)))
    return Card(
        title=title, parts=(*_open(eyes, waiting), Text(text=eyes.t("close.held.how"))), buttons=(again,)
    )


def waits(eyes: Eyes, waiting: Sequence[Case]) -> tuple[Part, ...]:
    """The same in a form, where nothing is opened."""
    if not waiting:
        return ()
    items = tuple(replace(_line(eyes, case), button=None) for case in waiting[:SHOWN])
    return (Text(text=eyes.t("close.waits"), tone="strong"), Items(items=items), *_more(eyes, len(waiting)))


def named(eyes: Eyes, waiting: Sequence[Case]) -> str:
    """What waits, in one line."""
    lines = [_line(eyes, case).text for case in waiting[:SHOWN]]
    return words(eyes.t, [answers.cut(line, 80) for line in lines])


def _open(eyes: Eyes, waiting: Sequence[Case]) -> list[Part]:
    if not waiting:
        return []
    items = tuple(_line(eyes, case) for case in waiting[:SHOWN])
    return [Text(text=eyes.t("close.waits"), tone="strong"), Items(items=items), *_more(eyes, len(waiting))]


def _line(eyes: Eyes, case: Case) -> Item:
    match case:
        case Question():
            line = questions.line(eyes, case)
            return replace(line, button=_show(eyes, "question.show", case.id, line.text))
        case Alarm():
            return Item(text=alarms.title(eyes, case), note=eyes.t("close.waits.alarm"), state="late",
                        button=_show(eyes, "alarm.show", case.id, alarms.title(eyes, case)))  # fmt: skip
        case Moderation():
            text = eyes.t("close.waits.moderation", called=moderation.called(eyes, case))
            return Item(text=text, note=eyes.name(case.runner), state="open",
                        button=_show(eyes, "moderation.overview", case.id, text))  # fmt: skip
        case _:
            return Item(text=eyes.account(case.account), note=eyes.moment(case.opened_at), state="open")


def _show(eyes: Eyes, verb: str, arg: str, of: str) -> Button:
    label = eyes.t("today.do.open")
    return Button(verb=verb, arg=arg, label=label, heard=f"{label}: {of}"[:75])


def _more(eyes: Eyes, n: int) -> list[Part]:
    return [Text(text=eyes.t("close.more", n=n - SHOWN), tone="quiet")] if n > SHOWN else []


# -- the account's own card ---------------------------------------------------------------------


def on_account(
    eyes: Eyes, account: Account, *, close: bool, run: Run | None, since: date | None
) -> list[Part]:
    """Below an account's facts: a way to close it, who is closing it, or a way back from comments off."""
    items = []
    if account.state == "paused":
        day = eyes.t.short_date(since) if since else ""
        text = eyes.t("close.comments_off", day=day) if day else eyes.t("account.state.paused")
        items.append(Item(text=text, button=_on(eyes, account, "resume") if close else None))
    if run:
        items.append(Item(text=eyes.t("close.begun", name=eyes.name(run.runner))))
    elif close:
        items.append(Item(text=eyes.t("close.no_longer"), button=_on(eyes, account, "new")))
    return [Items(items=tuple(items))] if items else []


def _on(eyes: Eyes, account: Account, verb: str) -> Button:
    label = eyes.t("close.do.close" if verb == "new" else "close.do.resume")
    return Button(verb=f"close.{verb}", arg=account.id, label=label,
                  heard=heard(eyes.t, label, account_name(eyes.t, account)))  # fmt: skip


def comments_off(eyes: Eyes, accounts: Sequence[Account], since: date) -> Card:
    """To communications and the accounts' people: comments are off, and nobody is asked from now on."""
    names = words(eyes.t, [account_name(eyes.t, a) for a in accounts[:SHOWN]])
    day = eyes.t.short_date(since)
    label = eyes.t("account.do.open")
    button = Button(verb="account.open", arg=accounts[0].id, label=label,
                    heard=heard(eyes.t, label, account_name(eyes.t, accounts[0])))  # fmt: skip
    parts = (Text(text=eyes.t("close.off.text", day=day)), *_more(eyes, len(accounts)))
    return Card(title=eyes.t("close.off", names=names), parts=parts, buttons=(button,))


def resumed(eyes: Eyes, account: Account) -> Card:
    """Asked about again."""
    return told(eyes.t, "close.resumed", account=account_name(eyes.t, account))
