"""The first meeting: the welcome, a new person, what is kept, practice, the trial, what is said in the first week."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.cases.practice import Practice
from bot.model import Account
from bot.screens import overview, pilot, practice, questions, rounds, starting, welcome
from bot.screens.rounds import Morning
from bot.view import Card, Form
from smbot.gallery.starting import BIOLOGI, nobody, start
from smbot.gallery.world import ANNA, BO, FRIDAY, KARIN, MONDAY, NOW, TUESDAY, Scene, at


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _welcome(s)
    yield from _person(s)
    yield from _practice(s)
    yield from _quiet(s)
    yield from _pilot(s)
    yield "home.more", overview.more(s.eyes, office=False)
    yield "home.more.office", overview.more(s.eyes, office=True)


def _welcome(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    eyes, here = s.posted.eyes, tuple(s.account(a) for a in ("bio", "biologi-fb", "biolab"))
    plain = replace(s.account(), name=s.outside.account)
    yield "welcome", welcome.card(eyes, s.place, (plain,), TUESDAY, KARIN)
    yield "welcome.office", welcome.card(eyes, s.place, here, TUESDAY, None)
    yield "welcome.many", welcome.card(eyes, s.place, here * 3, TUESDAY, ANNA)
    yield (
        "welcome.chat",
        welcome.card(eyes, replace(s.place, kind="group", name="Forskarna"), here, TUESDAY, None),
    )
    yield "welcome.hour", welcome.hour_form(s.eyes, s.place)
    yield "welcome.hour.saved", welcome.hour_saved(s.eyes, s.place)
    yield "welcome.watch", welcome.watch(s.eyes, s.place, here, here[:1])
    met = replace(s.posted.eyes, register=replace(s.register, places={
        **s.register.places, BIOLOGI: replace(s.place, welcomed=MONDAY)}))  # fmt: skip
    yield "start.card.greets", starting.card(nobody(s, met), replace(start(), greets=True))
    yield "start.card.greeted", starting.card(nobody(s, met), replace(start("right", "right"), greets=True))


def _person(s: Scene) -> Iterator[tuple[str, Card]]:
    eyes, account = s.posted.eyes, s.account()
    yield "newcomer", welcome.newcomer(eyes, account, (ANNA,), 0, by=ANNA)
    yield "newcomer.waits", welcome.newcomer(eyes, account, (ANNA, BO), 2, by=KARIN)
    yield "newcomer.alone", welcome.newcomer(eyes, account, (), 1, by=KARIN)


def _practice(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    case = Practice(id="x1", opened_at=NOW, wake_at=at(TUESDAY, 0), by=ANNA)
    for state in ("open", "taken", "answered", "seen"):
        yield f"practice.{state}", practice.card(s.eyes, replace(case, state=state))
    yield "practice.over", practice.card(s.eyes, replace(case, by=None, closed_at=at(TUESDAY, 0)))
    yield "practice.hand_on", practice.hand_on(s.eyes, case)
    yield "practice.why", practice.why(s.eyes, case)
    yield "practice.begun", practice.begun(s.eyes)
    yield "practice.again", practice.again(s.eyes)
    for what in ("take", "answered", "seen", "reopen", "hand_on"):
        yield f"practice.noted.{what}", practice.noted(s.eyes, what)


def _quiet(s: Scene) -> Iterator[tuple[str, Card]]:
    eyes, late = s.posted.eyes, s.question(quiet_until=at(date(2026, 11, 28), 0), quiet_told=True)
    yield "question.quiet", questions.quiet(eyes, late)
    yield "question.quiet.over", questions.quiet(eyes, replace(late, rung="escalated"))
    today = s.round("open", "open", "open")
    first = Morning(
        round=today, watchers={"bio": ANNA}, forgotten=s.round("open", "looked_at", day=FRIDAY), quiet=True
    )
    yield "round.quiet", rounds.card(s.eyes, first)
    yield "round.new", rounds.card(s.eyes, Morning(round=today, watchers={}, new=("biolab", "bio")))


def _pilot(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    places, office = tuple(s.register.places.values()), s.office
    tried = s.having(office=replace(office, pilot=frozenset({BIOLOGI})))
    nowhere = s.having(office=replace(office, pilot=frozenset()), accounts=_none())
    yield "pilot.form", pilot.form(s.eyes, places)
    yield "pilot.form.on", pilot.form(tried.eyes, places)
    yield "pilot.only", pilot.saved(tried.eyes, 1)
    yield "pilot.nowhere", pilot.saved(nowhere.eyes, 0)
    yield "pilot.everywhere", pilot.saved(s.eyes, 0)
    yield "home.pilot", overview.home(tried.eyes, (), 0, office=True)


def _none() -> dict[str, Account]:
    return {}
