"""When the registrar hears of what waits for a number (users.md U8): pure planning, any sequence of filings and days."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import policy
from bot.cases.filing import Filing, Registered, decide
from bot.cases.ladder import Hours
from bot.model import Office, PersonId
from bot.plan import Collected, Sky, bundle, bundle_moment, next_hour
from bot.register import Register

PACK = policy.load("ki")
RITA, KARIN = PersonId("rita"), PersonId("karin")
FIRST = date(2026, 12, 14)  # two weeks later lies Christmas
DAYS = 21
STEP = timedelta(minutes=30)


def sky(office: Office = Office(), **roles: tuple[PersonId, ...]) -> Sky:  # noqa: B008
    held = roles or {"registrar": (RITA,), "communications": (KARIN,)}
    hours = Hours(calendar=PACK.calendar(), office=office)
    return Sky(register=Register(roles=held, office=office), pack=PACK, hours=hours)  # type: ignore[arg-type]


HERE = sky()


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return HERE.hours.calendar.at(day, time(hour, minute))


def filing(n: int, opened: datetime) -> Filing:
    return Filing(id=f"f{n}", opened_at=opened, what="moderation", decision=n)


class Weeks:
    """An office that lives through three weeks: what was filed, what was numbered, what was told, when it was down."""

    def __init__(self, down: frozenset[date] = frozenset()) -> None:
        self.filings: dict[str, Filing] = {}
        self.told: datetime | None = None
        self.said: list[tuple[datetime, Collected, frozenset[str]]] = []
        self.down = down

    def pass_by(self, now: datetime) -> None:
        """One planning pass, twice: any number of processes may plan."""
        if now.astimezone(at(FIRST, 0).tzinfo).date() in self.down:
            return
        for _ in range(2):
            waiting = [f for f in self.filings.values() if f.is_open]
            if found := bundle(HERE, now, waiting, self.told):
                self.said.append((now, found, frozenset(f.id for f in waiting)))
                self.told = bundle_moment(HERE, now)


steps = st.integers(0, DAYS * 48 - 1)
filed = st.lists(steps, max_size=25)
numbered = st.lists(st.tuples(steps, st.integers(0, 24)), max_size=25)
down = st.frozensets(st.integers(0, DAYS - 1).map(lambda n: FIRST + timedelta(days=n)), max_size=6)


def live(filed: list[int], numbered: list[tuple[int, int]], down: frozenset[date]) -> Weeks:
    office = Weeks(down)
    for step in range(DAYS * 48):
        now = at(FIRST, 0) + step * STEP
        for n in (n for n, moment in enumerate(filed) if moment == step):
            office.filings[f"f{n}"] = filing(n, now)
        for n in (n for moment, n in numbered if moment == step and f"f{n}" in office.filings):
            event = Registered(by=RITA, number=str(n))
            office.filings[f"f{n}"] = decide(office.filings[f"f{n}"], event, now).case
        office.pass_by(now)
    return office


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(filed, numbered, down)
def test_at_most_one_bundle_a_working_day_none_on_a_free_day_none_when_nothing_waits(filed, numbered, down):
    office = live(filed, numbered, down)
    days = [HERE.hours.today(now) for now, *_ in office.said]
    assert len(days) == len(set(days))
    assert all(HERE.hours.is_working_day(day) for day in days)
    assert all({m.case for m in found.marks} <= waiting for _, found, waiting in office.said)
    assert all(found.marks for _, found, _ in office.said)
    assert len({found.say.key for _, found, _ in office.said}) == len(office.said)


@settings(max_examples=60, deadline=None)
@given(filed, numbered, down)
def test_no_filing_is_lost_it_is_told_by_the_next_working_day_on_which_the_bot_runs(filed, numbered, down):
    office = live(filed, numbered, down)
    last = at(FIRST, 0) + (DAYS * 48 - 1) * STEP
    for item in office.filings.values():
        due = _next_bundle(item.opened_at, office.down)
        if due < (item.closed_at or last):
            told = [now for now, found, _ in office.said if item.id in {m.case for m in found.marks}]
            assert told, item
            assert told[0] == due


def _next_bundle(after: datetime, down: frozenset[date]) -> datetime:
    """The first ten o'clock of a working day, not before that moment, on which the bot runs."""
    day = HERE.hours.today(after)
    while not (HERE.hours.is_working_day(day) and day not in down and at(day, 10) >= after):
        day += timedelta(days=1)
    return at(day, 10)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(filed, numbered, down)
def test_what_was_told_is_said_again_only_in_the_first_bundle_of_a_week(filed, numbered, down):
    office = live(filed, numbered, down)
    weeks: dict[tuple[int, int], set[str]] = {}
    for now, found, waiting in office.said:
        cases = {m.case for m in found.marks}
        known = weeks.setdefault(now.isocalendar()[:2], set())
        if not known:
            came = {i for i in waiting if office.filings[i].opened_at <= bundle_moment(HERE, now)}
            assert cases == came
        assert not cases & known
        known |= cases


def test_what_waits_over_weeks_is_said_on_the_first_working_day_of_each():
    office = live([20], [], frozenset())
    days = [HERE.hours.today(now) for now, *_ in office.said]
    assert days == [FIRST, date(2026, 12, 21), date(2026, 12, 28)]


def test_it_goes_to_the_registrar_else_to_communications():
    one, now = [filing(1, at(FIRST, 9))], at(FIRST, 10)
    with_both, without = bundle(HERE, now, one, None), bundle(sky(communications=(KARIN,)), now, one, None)
    assert with_both is not None
    assert without is not None
    assert (str(with_both.say.reader), str(without.say.reader)) == ("role:registrar", "role:communications")


def test_its_hour_is_a_setting_at_which_the_planning_rests():
    later = sky(Office(registrar_at=time(13, 15)), registrar=(RITA,))
    one = [filing(1, at(FIRST, 9))]
    assert bundle(later, at(FIRST, 13, 14), one, None) is None
    assert bundle(later, at(FIRST, 13, 15), one, None) is not None
    assert next_hour(later, at(FIRST, 12, 30)) == at(FIRST, 13, 15)
    assert next_hour(HERE, at(FIRST, 9, 30)) == at(FIRST, 10)


def test_what_comes_after_the_hour_waits_for_the_next_bundle():
    early, late = filing(1, at(FIRST, 10)), filing(2, at(FIRST, 10, 1))
    found = bundle(HERE, at(FIRST, 11), [late, early], None)
    assert found is not None
    assert [m.case for m in found.marks] == ["f1"]
    assert bundle(HERE, at(FIRST, 11), [late], None) is None


def test_what_is_over_is_not_told():
    over = replace(filing(1, at(FIRST, 9)), closed_at=at(FIRST, 9, 30))
    assert bundle(HERE, at(FIRST, 10), [over], None) is None


def test_an_hour_that_is_moved_later_the_same_day_brings_no_second_bundle():
    later = sky(Office(registrar_at=time(13)), registrar=(RITA,))
    told, both = at(FIRST, 10), [filing(1, at(FIRST, 9)), filing(2, at(FIRST, 11))]
    assert bundle(later, at(FIRST, 13), both, told) is None
    tomorrow = bundle(later, at(FIRST + timedelta(days=1), 13), both, told)
    assert tomorrow is not None
    assert [m.case for m in tomorrow.marks] == ["f2"]
