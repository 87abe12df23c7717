"""The morning card, the reply in its thread, and the form for something to tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.cases.question import Question
from bot.cases.round import Line, Round
from bot.model import Account, PersonId
from bot.screens.base import Eyes, account_name, heard, options, told, words
from bot.screens.questions import alarm_button
from bot.screens.questions import line as question_line
from bot.texts import capital
from bot.view import Button, Card, Choice, Divider, Form, Item, Items, Part, People, Text

TELLS = ("clear", "found", "question", "moderate", "not_looked")
SEEN = ("looked_at", "found", "late")
"""Lines of accounts that somebody has looked through."""


@dataclass(frozen=True, kw_only=True)
class Morning:
    """The facts of a morning card: the round, who watches each account, what is open, and what went before."""

    round: Round
    watchers: Mapping[str, PersonId | None]
    questions: Sequence[Question] = ()
    forgotten: Round | None = None  # the round before, if lines of it are still open
    substitutes: Sequence[PersonId] = ()  # alerted for the forgotten lines
    not_asked: Sequence[date] = ()
    new: Sequence[str] = ()  # accounts that have come since the place was welcomed
    quiet: bool = False  # the place's first week: nothing goes on to anybody else
    alerts: bool = False  # the watchers are mentioned, since a post without may reach nobody


def card(eyes: Eyes, morning: Morning) -> Card:
    """One card a place and day, whatever the number of its accounts; at most one press answers it (users.md U2)."""
    round_ = morning.round
    parts: list[Part] = [*_greeting(eyes, morning), _lines(eyes, morning), *_new(eyes, morning)]
    if eyes.today == round_.day and morning.forgotten:
        parts += _forgotten(eyes, morning.forgotten, morning.substitutes if round_.unanswered else ())
        parts += [Text(text=eyes.t("round.quiet"), tone="quiet")] if morning.quiet else []
    parts += _questions(eyes, morning)
    if morning.not_asked:
        days = words(eyes.t, [eyes.t.long_date(d) for d in morning.not_asked])
        parts.append(Text(text=eyes.t("round.not_asked", days=days), tone="quiet"))
    if round_.unanswered and eyes.today == round_.day:
        parts.append(Text(text=eyes.t("round.look_at"), tone="quiet"))
    return Card(title=_title(eyes, round_), parts=tuple(parts), buttons=_buttons(eyes, round_))


def _title(eyes: Eyes, round_: Round) -> str:
    """What is to be done today; once that is over, how it went."""
    if round_.unanswered and eyes.today == round_.day:
        return eyes.t.many("round.title", len(round_.kept))
    if not round_.kept:
        moved = any(line.state == "moved" for line in round_.lines)
        return eyes.t("round.title.moved" if moved else "round.title.left")
    seen = [line for line in round_.kept if line.state in SEEN]
    how = "done" if len(seen) == len(round_.kept) else "partly" if seen else "none"
    if eyes.today == round_.day:
        return eyes.t(f"round.title.{how}")
    return eyes.t(f"round.title.{how}_then", date=eyes.t.long_date(round_.day))


def _greeting(eyes: Eyes, morning: Morning) -> list[Part]:
    """Today's watcher by name; where a post without a mention may reach nobody, each of them is alerted."""
    people = tuple(dict.fromkeys(p for p in morning.watchers.values() if p))
    if not people or not morning.round.unanswered or eyes.today != morning.round.day:
        return []
    if morning.alerts and (here := [p for p in people if p in _in_channel(eyes, morning)]):
        return [People(people=eyes.mentions(here), text=eyes.t.many("round.watch", len(here)))]
    return [Text(text=eyes.t("round.watcher", name=eyes.name(people[0])))] if len(people) == 1 else []


def _in_channel(eyes: Eyes, morning: Morning) -> set[PersonId]:
    """Those on an account of the place. A cover, and communications' rota, need not be there: a mention would not arrive,
    so they are named in plain text, and have a card of their own."""
    accounts = eyes.register.accounts_in(morning.round.place or "")
    return {person for account in accounts for person in account.people}


def _lines(eyes: Eyes, morning: Morning) -> Items:
    several = len({p for p in morning.watchers.values() if p}) > 1 and eyes.today == morning.round.day
    return Items(items=tuple(_line(eyes, morning, line, several=several) for line in morning.round.lines))


def _line(eyes: Eyes, morning: Morning, line: Line, *, several: bool) -> Item:
    over = line.state == "open" and eyes.today > morning.round.day
    note = eyes.t(f"round.line.{'open_then' if over else line.state}", place=_place_of(eyes, line.account))
    watcher = morning.watchers.get(line.account)
    if several and line.state == "open" and watcher:
        note = eyes.t("round.line.watcher", note=note, name=eyes.name(watcher))
    state = {"open": "open", "no_answer": "late", "not_looked": "open"}.get(line.state, "done")
    return Item(text=eyes.account(line.account), note=note, state=state)  # type: ignore[arg-type]


def _new(eyes: Eyes, morning: Morning) -> list[Part]:
    names = words(eyes.t, [eyes.account(a) for a in morning.new])
    return [Text(text=eyes.t.many("round.new", len(morning.new), accounts=names))] if names else []


def _place_of(eyes: Eyes, account: str) -> str:
    """Where an account is asked about now."""
    known = eyes.register.accounts.get(account)
    place = eyes.register.places.get((known.place if known else None) or "")
    return place.called if place else ""


def _forgotten(eyes: Eyes, round_: Round, substitutes: Sequence[PersonId]) -> list[Part]:
    """Next working morning: a line, the substitute alerted, and a way to say that one did look."""
    accounts = words(eyes.t, [eyes.account(a) for a in round_.unanswered])
    key = "round.title.none_then" if len(round_.unanswered) == len(round_.kept) > 1 else "round.forgotten"
    text = eyes.t(key, accounts=accounts, date=eyes.t.long_date(round_.day))
    label = eyes.t("round.do.forgot")
    button = Button(verb="round.forgot", arg=round_.id, label=label,
                    heard=eyes.t("round.do.forgot.heard", date=eyes.t.long_date(round_.day)))  # fmt: skip
    line = Items(items=(Item(text=text, state="late", button=button),))
    if not substitutes:
        return [line]
    ask = eyes.t.many("round.substitute", len(substitutes))
    return [People(people=eyes.mentions(substitutes), text=ask), line]


def _questions(eyes: Eyes, morning: Morning) -> list[Part]:
    free = [q for q in morning.questions if _came_in(eyes, q, morning.round)]
    rest = [q for q in morning.questions if q not in free]
    parts: list[Part] = []
    for key, found in (("round.came_in", free), ("round.waiting", rest)):
        if found:
            items = Items(items=tuple(question_line(eyes, q) for q in found))
            parts += [Divider(), Text(text=eyes.t(key), tone="strong"), items]
    return parts


def _came_in(eyes: Eyes, question: Question, round_: Round) -> bool:
    """What came in on free days stands in the next working day's card (KISV-55, KAU-45)."""
    calendar = eyes.hours.calendar
    arrived = calendar.local(question.posted_at).date()
    return question.came_on_free_day and calendar.next_working_day(arrived) == round_.day


def _buttons(eyes: Eyes, round_: Round) -> tuple[Button, ...]:
    if round_.closed_at or not round_.kept:
        return ()
    label, of = eyes.t("round.do.tell"), _whose(eyes, round_)
    tell = Button(
        verb="round.tell", arg=round_.id, label=label, heard=heard(eyes.t, label, of, _on(eyes, round_))
    )
    alarm = alarm_button(eyes, round_.kept[0].account if len(round_.kept) == 1 else None, of)
    return (_clear(eyes, round_), tell, alarm) if round_.unanswered else (tell, alarm)


def _clear(eyes: Eyes, round_: Round) -> Button:
    """One press for all lines that nobody has answered."""
    n, left = len(round_.kept), len(round_.unanswered)
    label = eyes.t.many("round.do.clear", n)
    if left < n:
        label = eyes.t("round.do.clear_rest")
    elif n == 2:
        label = eyes.t("round.do.clear_both")
    return Button(verb="round.clear", arg=round_.id, label=label, style="primary",
                  heard=heard(eyes.t, label, _whose(eyes, round_), _on(eyes, round_)))  # fmt: skip


def _on(eyes: Eyes, round_: Round) -> str:
    """Its day: yesterday's card may stand open above today's."""
    return eyes.t.day_of_year(round_.day)


def _whose(eyes: Eyes, round_: Round) -> str:
    """The account, or the channel whose accounts they are."""
    place = eyes.register.places.get(round_.place or "")
    if len(round_.kept) == 1 or place is None:
        return eyes.called(round_.kept[0].account if round_.kept else None)
    return place.called


def tell_form(eyes: Eyes, round_: Round, accounts: Sequence[Account]) -> Form:
    """A line for each account that whoever asks may answer for, as it stands."""
    states = {line.account: line.state for line in round_.lines}
    fields = tuple(
        Choice(
            id=a.id,
            label=account_name(eyes.t, a),
            options=options(eyes.t, "round.tell", TELLS),
            value=states[a.id] if states[a.id] in TELLS else "clear",
        )
        for a in accounts
    )
    return Form(id="round.tell", title=eyes.t("round.tell.title"), fields=fields, submit=eyes.t("form.save"),
                state=round_.id)  # fmt: skip


def noted(eyes: Eyes, round_: Round, accounts: Sequence[str]) -> Card:
    """What was noted, with undo for just these lines."""
    n = len(accounts)
    arg = f"{round_.id}|{','.join(accounts)}"
    label, of = eyes.t("round.do.undo"), words(eyes.t, [eyes.account(a) for a in accounts])
    undo = Button(verb="round.undo", arg=arg, label=label, heard=heard(eyes.t, label, of))
    return Card(title=eyes.t.many("round.noted", n), buttons=(undo,))


def nothing_new(eyes: Eyes) -> Card:
    return told(eyes.t, "round.already")


# -- the collected reply ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """The facts of the day's one reply: lines nobody has answered, and questions whose time is near."""

    round: Round | None
    watchers: Sequence[PersonId]
    substitutes: Sequence[PersonId]
    questions: Sequence[Question]
    alerts: bool = True  # False: the morning card has alerted them already


def reply(eyes: Eyes, reminder: Reminder) -> Card:
    """The thread's one reply of the day; it alerts today's watchers where the morning card has not."""
    unanswered = reminder.round.unanswered if reminder.round else ()
    key = (
        "reply.both"
        if unanswered and reminder.questions
        else "reply.round"
        if unanswered
        else "reply.questions"
    )
    parts: list[Part] = []
    text = eyes.t.many(key, len(unanswered) or len(reminder.questions))
    if reminder.watchers and reminder.alerts:
        parts.append(People(people=eyes.mentions(reminder.watchers), text=text))
    elif reminder.watchers:
        names = words(eyes.t, [eyes.name(person) for person in reminder.watchers])
        parts.append(Text(text=f"{names}, {text}"))
    else:
        parts.append(Text(text=capital(text)))
    if unanswered:  # also where it is one: the message may stand alone, without a thread
        parts.append(Items(items=tuple(Item(text=eyes.account(a), state="open") for a in unanswered)))
    if reminder.questions:
        parts.append(Items(items=tuple(question_line(eyes, q) for q in reminder.questions)))
    return Card(
        title=eyes.t("reply.title"),
        parts=tuple(parts),
        buttons=_reply_buttons(eyes, reminder, bool(unanswered)),
    )


def reply_answered(eyes: Eyes) -> Card:
    """Nothing in it waits any more: no name, no button."""
    return told(eyes.t, "reply.answered")


def reply_over(eyes: Eyes) -> Card:
    """Its day is over: what still waits stands in the next morning's card."""
    return told(eyes.t, "reply.over")


def _reply_buttons(eyes: Eyes, reminder: Reminder, unanswered: bool) -> tuple[Button, ...]:
    if not unanswered or reminder.round is None:
        return ()
    buttons = [_clear(eyes, reminder.round)]
    others = [p for p in reminder.substitutes if p not in reminder.watchers]
    for person in others[:1]:
        name = eyes.name(person)
        ask = eyes.t("reply.do.ask", name=name.split()[0] if name else "")
        said = heard(eyes.t, ask, _whose(eyes, reminder.round), _on(eyes, reminder.round))
        buttons.append(Button(verb="round.ask", arg=reminder.round.id, label=ask, heard=said))
    return tuple(buttons)


def asked(eyes: Eyes, round_: Round, by: str) -> Card:
    """A watcher cannot make it and asks the substitute, by a press."""
    waits = round_.unanswered and eyes.today == round_.day
    text = eyes.t.many("asked.text", len(round_.unanswered), by=by) if waits else _title(eyes, round_)
    lines = Items(items=tuple(Item(text=eyes.account(a), state="open") for a in round_.unanswered))
    return Card(title=text, parts=(lines,), buttons=(_clear(eyes, round_),) if round_.unanswered else ())
