"""The register as it is read and changed, and what somebody says of themselves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from bot.model import Absence
from bot.ports import DayOutcome
from bot.screens import accounts, people
from bot.screens.base import told
from bot.view import Card, Form
from smbot.gallery.world import ANNA, BO, KARIN, MONDAY, TUESDAY, Scene

ALL: Any = {"edit": True, "pattern": True, "place": True, "history": True, "login": True, "free_days": True}
NONE: Any = dict.fromkeys(ALL, False)
OUTCOMES = ("looked_at", "found", "late", "no_answer", "not_asked", "no_watch", "paused", "open")


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _lists(s)
    yield from _forms(s)
    yield from _saved(s)
    yield from _people(s)


def _lists(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    known = tuple(s.register.accounts.values())
    yield "accounts.list", accounts.listing(s.eyes, known, "")
    yield "accounts.office", accounts.listing(s.eyes, known[:1], "", join=True, office=True)
    yield "accounts.found", accounts.listing(s.eyes, known[:1], s.outside.searched)
    yield "accounts.none", accounts.listing(s.eyes, (), s.outside.searched)
    yield "accounts.many", accounts.listing(s.eyes, known * 9, "")
    yield "account.one", accounts.one(s.eyes, s.account(), **ALL)
    for ident in ("biologi-fb", "biolab", "alumni", "planned"):
        yield f"account.one.{ident}", accounts.one(s.eyes, s.account(ident), **NONE)
    days = [DayOutcome(account="bio", day=MONDAY - timedelta(days=n), outcome=o, role=r)
            for n, (o, r) in enumerate(zip(OUTCOMES, ("manager", "substitute", "communications"), strict=False))]  # fmt: skip
    days += [DayOutcome(account="bio", day=MONDAY - timedelta(days=n), outcome=o)
             for n, o in enumerate(OUTCOMES[3:], 3)]  # fmt: skip
    lines = [(s.t("history.question.question"), s.t("history.answered")),
             (s.t("alarm.kind.threat"), s.t("history.false_alarm")),
             (s.t("history.filing.moderation"), s.t("history.filing.numbered", number="LS 2026/812"))]  # fmt: skip
    yield "account.history", accounts.history(s.eyes, s.account(), days, lines)
    yield "account.history_empty", accounts.history(s.eyes, s.account(), (), ())


def _forms(s: Scene) -> Iterator[tuple[str, Form]]:
    units, me = tuple(s.register.units.values()), s.register.people[ANNA]
    here = "web:local:biologi"
    yield "account.enter", accounts.enter_form(s.eyes, units, person=me, place=here)
    yield "account.enter_first", accounts.enter_form(s.eyes, (), person=me, place="")
    yield "account.edit", accounts.edit_form(s.eyes, s.account(), time(9))
    yield "account.rename", accounts.rename_form(s.eyes, s.account(), tuple(s.register.units.values()))
    yield "account.edit_people", accounts.edit_form(s.eyes, s.account("alumni"), None)
    yield "account.pattern", accounts.pattern_form(s.eyes, s.account("biologi-fb"))
    yield "account.place", accounts.place_form(s.eyes, s.account("alumni"))


def _saved(s: Scene) -> Iterator[tuple[str, Card]]:
    yield "account.entered", accounts.saved(s.eyes, s.account(), "account.entered", TUESDAY)
    yield "account.entered_gaps", accounts.saved(s.eyes, s.account("alumni"), "account.entered")
    yield "account.pattern_saved", accounts.pattern_saved(s.eyes, s.account("biologi-fb"))
    yield "account.saved", accounts.saved(s.eyes, s.account(), "account.saved")
    yield "account.moved", accounts.saved(s.eyes, s.account(), "account.moved")


def _people(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    mine = Absence(id="w1", person=ANNA, first=MONDAY, last=date(2026, 12, 4), cover=KARIN)
    alone = Absence(id="w2", person=ANNA, first=TUESDAY, last=date(2026, 12, 4))
    others = replace(alone, id="w3", person=BO)
    yield "away.list", people.absences(s.eyes, (mine, alone, others), ANNA)
    yield "away.list.many", people.absences(s.eyes, (mine, others) * 12, ANNA)
    yield "away.form", people.away_form(s.eyes, today=MONDAY)
    yield "away.form_again", people.change_form(s.eyes, mine)
    yield "away.form_others", people.away_form(s.eyes, today=MONDAY, others=True)
    yield "away.noted", people.away_noted(s.eyes, people.Noted(absence=mine))
    yield "away.noted_next", people.away_noted(s.eyes, people.Noted(absence=alone, next=(BO, KARIN)))
    yield "away.noted_one", people.away_noted(s.eyes, people.Noted(absence=alone, alone=1))
    yield "away.noted_two", people.away_noted(s.eyes, people.Noted(absence=alone, alone=2))
    yield "away.back", people.back(s.eyes, mine)
    yield "away.taken_back", people.back(s.eyes, alone)
    yield "language", told(s.t, "language.noted")
