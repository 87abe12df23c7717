"""What is kept and how long, what somebody sees of their own data, and who has left."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from bot.model import Absence, Takeover
from bot.ports import About
from bot.retention import DEFAULTS, KINDS, Disposal, Kept
from bot.screens import leaving, mydata, retention
from bot.screens.base import Eyes
from bot.screens.mydata import Mine
from bot.view import Card, Form
from smbot.gallery.world import ANNA, KARIN, MONDAY, Scene

DECIDED: Mapping[Kept, Disposal] = {
    kind: replace(DEFAULTS[kind], number="LU 2026/1234", decided_on=date(2026, 9, 1)) for kind in KINDS
}


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    decided = _decided(s.eyes)
    yield "retention.gone", retention.gone(s.t, "LU 2026/1234")
    yield "retention.gone_plain", retention.gone(s.t, "")
    yield "kept", retention.kept_card(s.eyes)
    yield "kept.decided", retention.kept_card(decided)
    yield "mydata", mydata.summary(s.eyes, _mine(s))
    yield "mydata.page", mydata.page(s.eyes, _mine(s), 1)
    yield "mydata.last", mydata.page(s.eyes, _mine(s), 9)
    yield "left.form", leaving.form(s.eyes)
    person = s.register.people[ANNA]
    yield "left.noted", leaving.noted(s.eyes, person, ())
    yield "left.noted_accounts", leaving.noted(decided, person, tuple(s.register.accounts.values()) * 3)
    yield "left.back", leaving.back(s.eyes, person)


def _decided(eyes: Eyes) -> Eyes:
    office = replace(eyes.register.office, retention=DECIDED)
    return replace(eyes, register=replace(eyes.register, office=office))


def _mine(s: Scene) -> Mine:
    away = Absence(id="w1", person=ANNA, first=MONDAY, last=date(2026, 12, 4), cover=KARIN)
    whole = replace(s.register.people[ANNA], language="sv", left_on=MONDAY)
    past, told = ("question", "bio", s.eyes.now), (s.eyes.now, "heads")
    about = About(closed=[past] * 2, messages=[told] * 14, contacts=("Anna Lind",),
                  changes=[(s.eyes.now, "times")], log=[(s.eyes.now, "question.logged")] * 30)  # fmt: skip
    takeover = Takeover(id="o1", accounts=("bio",), first=MONDAY, last=MONDAY, by=KARIN, who=ANNA)
    return Mine(
        person=whole, identities=s.register.identities_of(ANNA), roles=("communications",),
        units=tuple(s.register.units.values())[:1], accounts=tuple(s.register.accounts.values()),
        absences=(away,), open_cases=[], decisions=[812], about=about, takeovers=(takeover,),
        changes=True, facts=[("gaps.asked", "bio: purpose: 2026-11-23")],
    )  # fmt: skip
