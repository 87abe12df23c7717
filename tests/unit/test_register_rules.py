"""Who watches an account on a day: patterns, absences, covers, people who have left."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Absence, Account, Pattern, Person, PersonId, Role, Takeover, Unit
from bot.register import Register, turn_of

DAY = date(2026, 11, 23)
NAMES = [PersonId(p) for p in ("anna", "bo", "cilla", "david")]


def account(
    *people: str, kind: str = "one", order: tuple[str, ...] = (), start: date | None = DAY
) -> Account:
    return Account(id="x", platform="instagram", name="@x", address="", unit="u", people=tuple(map(PersonId, people)),
                   pattern=Pattern(kind=kind, order=tuple(map(PersonId, order)), start=start))  # fmt: skip


def register(*absences: Absence, left: tuple[str, ...] = ()) -> Register:
    people = {p: Person(id=p, name=p, active=p not in left) for p in NAMES}
    return Register(people=people, absences=absences)


def away(person: str, cover: str | None = None, first: date = DAY, last: date = DAY) -> Absence:
    return Absence(
        id=f"w-{person}", person=PersonId(person), first=first, last=last, cover=cover and PersonId(cover)
    )


def test_always_one_is_the_first_of_the_order_or_of_the_people():
    assert turn_of(account("anna", "bo"), DAY) == "anna"
    assert turn_of(account("anna", "bo", order=("bo", "anna")), DAY) == "bo"


def test_weeks_in_turn_change_on_mondays_also_across_a_clock_change_and_a_year():
    mine = account("anna", "bo", kind="weeks")
    sundays = [date(2027, 3, 28), date(2027, 10, 31), date(2027, 1, 3)]

    assert [turn_of(mine, DAY + timedelta(days=n)) for n in (0, 6, 7, 13, 14)] == [
        "anna",
        "anna",
        "bo",
        "bo",
        "anna",
    ]
    for sunday in sundays:
        assert turn_of(mine, sunday) != turn_of(mine, sunday + timedelta(days=1))
        assert turn_of(mine, sunday) == turn_of(mine, sunday - timedelta(days=6))


def test_by_weekday_begins_on_monday_and_comes_round_in_a_short_order():
    mine = account("anna", "bo", kind="weekdays", order=("anna", "bo"))

    assert [turn_of(mine, DAY + timedelta(days=n)) for n in range(5)] == ["anna", "bo", "anna", "bo", "anna"]


def test_whoever_left_the_account_is_left_out_of_its_order():
    assert turn_of(account("bo", order=("anna", "bo")), DAY) == "bo"
    assert turn_of(account(), DAY) is None


@pytest.mark.parametrize(
    ("absences", "left", "watcher", "substitute"),
    [
        ((), (), "anna", "bo"),
        ((away("anna"),), (), "bo", None),
        ((away("anna", "cilla"),), (), "cilla", "bo"),
        ((away("anna", "bo"),), (), "bo", None),
        ((away("anna", "cilla"), away("cilla", "david")), (), "david", "bo"),
        ((away("anna", "bo"), away("bo", "anna")), (), None, None),
        ((away("anna", "cilla"), away("cilla", "anna")), (), "bo", None),
        ((away("anna", "cilla"),), ("cilla",), "bo", None),
        ((), ("anna",), "bo", None),
        ((away("anna"), away("bo")), (), None, None),
        ((away("anna", last=DAY - timedelta(days=1), first=DAY - timedelta(days=9)),), (), "anna", "bo"),
        ((away("anna", first=DAY + timedelta(days=1), last=DAY + timedelta(days=9)),), (), "anna", "bo"),
    ],
)
def test_who_watches_and_who_stands_in(absences, left, watcher, substitute):
    found = register(*absences, left=left)

    assert found.watcher(account("anna", "bo"), DAY) == watcher
    assert found.substitute(account("anna", "bo"), DAY) == substitute


people = st.sampled_from(NAMES)
absences = st.lists(
    st.builds(lambda p, c, a, b: away(p, c, DAY + timedelta(days=min(a, b)), DAY + timedelta(days=max(a, b))),
              people, st.none() | people, st.integers(-3, 3), st.integers(-3, 3)), max_size=6)  # fmt: skip
accounts = st.builds(lambda p, k, o: account(*p, kind=k, order=tuple(o)), st.lists(people, unique=True),
                     st.sampled_from(["one", "weeks", "weekdays"]), st.lists(people, unique=True))  # fmt: skip


@given(accounts, absences, st.sets(people), st.integers(-20, 20))
def test_whoever_watches_is_here_and_somebody_watches_while_anybody_of_the_account_is_here(
    mine, gone, left, n
):
    found, day = register(*gone, left=tuple(left)), DAY + timedelta(days=n)
    watcher, substitute = found.watcher(mine, day), found.substitute(mine, day)

    here = [p for p in mine.people if found.reachable(p, day)]
    assert watcher is not None or not here
    assert watcher is None or found.reachable(watcher, day)
    assert watcher in mine.people or watcher is None or found.covers(watcher, mine, day)
    assert substitute is None or (substitute in here and substitute != watcher)


def test_the_head_of_a_heads_own_account_is_the_one_above_and_a_loop_of_units_ends():
    units = {
        "u": Unit(id="u", name="U", head=PersonId("anna"), parent="v"),
        "v": Unit(id="v", name="V", head=PersonId("bo"), parent="u"),
    }
    found = Register(people=register().people, units=units)

    assert found.head_of(account("cilla")) == "anna"
    assert found.head_of(account("anna")) == "bo"
    assert found.head_for("u", ["anna", "bo"]) is None


@pytest.mark.parametrize(
    ("roles", "role", "holders"),
    [
        ({"security": ("anna",), "communications": ("bo",)}, "it_security", ("anna",)),
        ({"communications": ("bo",)}, "it_security", ("bo",)),
        ({"communications": ("bo",)}, "security", ("bo",)),
        ({"security": ("anna",)}, "communications", ()),
        ({"communications": ("bo",)}, "registrar", ()),
    ],
)
def test_an_empty_role_falls_back_to_the_next_that_can_act(roles, role, holders):
    assert Register(roles=roles).holders(role) == holders


OFFICE: dict[Role, tuple[PersonId, ...]] = {"communications": (PersonId("david"), PersonId("cilla"))}


@pytest.mark.parametrize(
    ("absences", "watcher"),
    [
        ((away("anna", "bo"), away("bo", "anna")), "david"),  # A to B to A
        ((away("anna", "bo"), away("bo")), "david"),  # covered by somebody whom nobody covers
        ((away("anna"), away("bo")), "david"),
        ((away("anna"), away("bo"), away("david")), "cilla"),
        ((away("anna", "bo"), away("bo", "cilla"), away("cilla", "anna")), "david"),
        ((away("anna", "cilla"), away("cilla", "anna")), "bo"),  # the account's own people come first
    ],
)
def test_covers_that_end_with_nobody_end_at_communications(absences, watcher):
    found = replace(register(*absences), roles=OFFICE)

    assert found.watcher(account("anna", "bo"), DAY) == watcher


def taken(who: str | None = None, first: date = DAY, last: date = DAY) -> Takeover:
    return Takeover(
        id="t", accounts=("x",), first=first, last=last, by=PersonId("david"), who=who and PersonId(who)
    )


def test_a_takeover_holds_for_its_days_alone():
    found = replace(register(), roles=OFFICE, takeovers=(taken(),))
    mine = account("anna", "bo")

    assert [found.watcher(mine, DAY + timedelta(days=n)) for n in (-1, 0, 1)] == ["anna", "david", "anna"]
    assert (found.substitute(mine, DAY), found.substitute(mine, DAY + timedelta(days=1))) == (None, "bo")


def test_whom_the_head_named_stands_in_with_a_covers_rights_and_if_away_too_it_goes_on():
    here = replace(register(away("anna"), away("bo")), roles=OFFICE, takeovers=(taken("cilla"),))
    gone = replace(here, absences=(*here.absences, away("cilla")))
    mine = account("anna", "bo")

    assert (here.watcher(mine, DAY), here.covers(PersonId("cilla"), mine, DAY)) == ("cilla", True)
    assert (gone.watcher(mine, DAY), gone.covers(PersonId("cilla"), mine, DAY)) == ("david", False)


takeovers = st.lists(st.builds(lambda w, a, b: taken(w, DAY + timedelta(days=min(a, b)), DAY + timedelta(days=max(a, b))),
                               st.none() | people, st.integers(-3, 3), st.integers(-3, 3)), max_size=2)  # fmt: skip


@given(accounts, absences, takeovers, st.integers(-4, 4))
def test_an_account_with_people_never_has_nobody_while_communications_is_somebody(mine, gone, over, n):
    found, day = replace(register(*gone), roles=OFFICE, takeovers=tuple(over)), DAY + timedelta(days=n)

    assert not mine.people or found.watcher(mine, day) is not None


@pytest.mark.parametrize(
    ("absences", "asked"),
    [((), "anna"), ((away("anna"),), "bo"), ((away("anna"), away("bo")), "david")],
)
def test_the_heads_word_is_asked_of_the_head_then_the_deputy_then_communications(absences, asked):
    units = {"u": Unit(id="u", name="U", head=PersonId("anna"), deputy=PersonId("bo"))}
    found = replace(register(*absences), roles=OFFICE, units=units)

    assert found.answerer(account("cilla"), DAY) == asked
