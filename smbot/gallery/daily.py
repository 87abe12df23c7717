"""The morning card, its forms and answers, and the one reply of the day."""

from collections.abc import Iterator
from dataclasses import replace

from bot.screens import rounds
from bot.screens.base import told
from bot.screens.rounds import Morning, Reminder
from bot.view import Card, Form
from smbot.gallery.world import ANNA, ASKED, BO, FRIDAY, MONDAY, SUNDAY, TUESDAY, Scene, at

ONE_WATCHER = dict.fromkeys(ASKED, ANNA)
TWO_WATCHERS = {**ONE_WATCHER, "biologi-fb": BO}


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _mornings(s)
    yield from _afterwards(s)
    yield from _answers(s)
    yield from _replies(s)


def _mornings(s: Scene) -> Iterator[tuple[str, Card]]:
    three = s.round("open", "open", "open")
    yield "round.one", rounds.card(s.eyes, Morning(round=s.round("open"), watchers={"bio": ANNA}))
    yield "round.open", rounds.card(s.eyes, Morning(round=three, watchers=ONE_WATCHER))
    yield "round.watchers", rounds.card(s.eyes, Morning(round=three, watchers=TWO_WATCHERS))
    yield "round.mentions", rounds.card(s.eyes, Morning(round=three, watchers=TWO_WATCHERS, alerts=True))
    left = s.round("looked_at", "open", "moved")
    yield "round.moved", rounds.card(s.eyes, Morning(round=left, watchers=ONE_WATCHER))
    yield "round.all_moved", rounds.card(s.eyes, Morning(round=s.round("moved"), watchers={}))
    weekend = s.question(at(SUNDAY, 15, 40))
    older = s.question(at(FRIDAY, 11), id="q2", account="biolab", kind="criticism")
    forgotten = s.round("looked_at", "open", "open", day=FRIDAY)
    yield (
        "round.monday",
        rounds.card(
            s.eyes,
            Morning(round=three, watchers=ONE_WATCHER, questions=(weekend, older), forgotten=forgotten,
                    substitutes=(BO,), not_asked=(SUNDAY,)),
        ),
    )  # fmt: skip
    yield (
        "round.partly",
        rounds.card(s.eyes, Morning(round=s.round("looked_at", "found", "open"), watchers=ONE_WATCHER)),
    )


def _afterwards(s: Scene) -> Iterator[tuple[str, Card]]:
    done = s.round("looked_at", "found", "late")
    yield "round.done", rounds.card(s.eyes, Morning(round=done, watchers=ONE_WATCHER))
    next_day = s.later(at(TUESDAY, 10))
    yield "round.then", rounds.card(next_day.eyes, Morning(round=s.round("looked_at", "open"), watchers={}))
    closed = s.round("looked_at", "no_answer", "not_looked", closed_at=at(TUESDAY, 9))
    yield "round.closed", rounds.card(next_day.eyes, Morning(round=closed, watchers={}))


def _answers(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    three = s.round("open", "open", "open")
    yield "round.tell", rounds.tell_form(s.eyes, three, [s.account(a) for a in ASKED])
    yield "round.noted", rounds.noted(s.eyes, three, ASKED)
    yield "round.noted_one", rounds.noted(s.eyes, three, ASKED[:1])
    yield "round.already", rounds.nothing_new(s.eyes)
    yield "round.undone", told(s.t, "round.undone")
    yield "round.asked", told(s.t, "round.asked", names=s.eyes.name(BO))
    yield "asked", rounds.asked(s.eyes, three, s.eyes.name(ANNA))
    yield "asked.one", rounds.asked(s.eyes, s.round("open"), s.eyes.name(ANNA))


def _replies(s: Scene) -> Iterator[tuple[str, Card]]:
    s = s.later(at(MONDAY, 14))
    facts = Reminder(
        round=s.round("open", "open", "looked_at"), watchers=(ANNA,), substitutes=(BO,), questions=()
    )
    waiting = (s.question(at(FRIDAY, 11)), s.question(at(SUNDAY, 15, 40), id="q2", kind="comment"))
    yield "reply.round", rounds.reply(s.eyes, facts)
    yield "reply.quiet", rounds.reply(s.eyes, replace(facts, alerts=False))
    yield "reply.one", rounds.reply(s.eyes, replace(facts, round=s.round("open")))
    yield "reply.both", rounds.reply(s.eyes, replace(facts, questions=waiting))
    yield "reply.questions", rounds.reply(s.eyes, replace(facts, round=None, questions=waiting))
    yield "reply.question", rounds.reply(s.eyes, replace(facts, round=None, questions=waiting[:1]))
    yield "reply.answered", rounds.reply_answered(s.eyes)
    yield "reply.over", rounds.reply_over(s.eyes)
    yield "reply.nobody", rounds.reply(s.eyes, replace(facts, watchers=(), substitutes=()))
