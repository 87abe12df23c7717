"""A question in each of its states, those it goes on to, its forms and what is answered to a press."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.screens import questions
from bot.view import Card, Form
from smbot.gallery.world import ANNA, AWAY, BO, FRIDAY, MONDAY, NOW, SUNDAY, TUESDAY, Scene, at

WEDNESDAY = at(TUESDAY.replace(day=25), 9)


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _states(s.posted)
    yield from _gone_on(s.posted)
    yield from _forms(s)
    yield from _noted(s)


def _states(s: Scene) -> Iterator[tuple[str, Card]]:
    yield "question.new", questions.card(s.eyes, s.question())
    plain = s.question(at(SUNDAY, 15), where="direct", kind="criticism", link="", text="")
    yield "question.direct", questions.card(s.eyes, plain)
    yield "question.taken", questions.card(s.eyes, s.question(kind="comment", taken_by=ANNA))
    yield "question.handed", questions.card(s.eyes, s.question(where="review", forwarded_to=BO))
    waits = s.question(where="tag", taken_by=ANNA, waits_until=at(TUESDAY, 15), held_until=at(TUESDAY, 15))
    yield "question.interim", questions.card(s.eyes, waits)
    late = s.question(at(FRIDAY, 9), where="other")
    yield "question.overdue", questions.card(s.later(at(TUESDAY, 8)).eyes, late)
    up = s.question(at(FRIDAY, 9), rung="escalated")
    yield "question.passed_on", questions.card(s.later(at(TUESDAY, 8)).eyes, up)
    told = replace(up, told=("substitute",))
    yield "question.passed_on.one", questions.card(s.later(at(TUESDAY, 8)).eyes, told)
    yield (
        "question.with_head",
        questions.card(s.later(WEDNESDAY).eyes, s.question(at(FRIDAY, 9), rung="head")),
    )
    over: dict[str, Any] = {"ended_by": BO, "closed_at": NOW}
    yield "question.answered", questions.card(s.eyes, s.question(ended="answered", **over))
    yield "question.seen", questions.card(s.eyes, s.question(kind="comment", ended="seen", **over))
    yield "question.moved", questions.moved(s.eyes, s.question(), s.place.called)


def _gone_on(s: Scene) -> Iterator[tuple[str, Card]]:
    s = s.later(at(TUESDAY, 8))
    late, account = s.question(at(FRIDAY, 9), rung="escalated"), s.account()
    yield "escalation.substitute", questions.escalation(s.eyes, late, account, "substitute")
    yield "escalation.communications", questions.escalation(s.eyes, late, account, "communications")
    lone = replace(late, told=("communications",))
    yield "escalation.communications.only", questions.escalation(s.eyes, lone, account, "communications")
    alone = s.having(absences=AWAY)
    yield "escalation.nobody", questions.escalation(alone.eyes, late, account, "substitute")
    yield "told_head", questions.told_head(s.eyes, late, BO)
    yield "forwarded", questions.forwarded(s.eyes, s.question(at(MONDAY, 9), forwarded_to=BO))


def _forms(s: Scene) -> Iterator[tuple[str, Form]]:
    accounts = tuple(s.register.accounts.values())
    words = s.outside
    yield "question.log", questions.log_form(s.eyes, accounts, "", text="", link="", posted=NOW)
    filled = questions.log_form(
        s.eyes, accounts, "bio", text=words.question, link=words.question_link, posted=at(MONDAY, 9, 12)
    )
    yield "question.log_filled", filled
    yield "question.hand_on", questions.hand_on_form(s.eyes, s.question(), [s.account("biolab")])
    yield "question.why", questions.why(s.eyes, s.question(at(FRIDAY, 15, 30)))
    yield "question.why_weekend", questions.why(s.eyes, s.question(at(SUNDAY, 15)))
    defaults = Scene(language=s.language, outside=words, pack_name="generic")
    yield "question.why_default", questions.why(defaults.eyes, defaults.question(at(FRIDAY, 15, 30)))


def _noted(s: Scene) -> Iterator[tuple[str, Card]]:
    found = s.question()
    late = s.question(at(FRIDAY, 9))
    yield "question.said.noted", questions.logged(s.eyes, found)
    yield "question.said.noted.no_place", questions.logged(s.eyes, s.question(place=None))
    for key in ("took", "done", "seen_noted", "held", "held_again", "reopened"):
        yield f"question.said.{key}", questions.noted(s.eyes, found, f"question.{key}")
    tuesday = s.later(at(TUESDAY, 8)).eyes
    yield "question.said.noted_late", questions.logged(tuesday, late)
    for key in ("handed", "taken_already", "over"):
        yield f"question.said.{key}", questions.noted(s.eyes, found, f"question.{key}", who=s.eyes.name(BO))
