"""Which days have nobody of the account, and who has the next weeks."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot import policy
from bot.cases.ladder import Hours
from bot.model import Absence, Account, Office, Pattern, Person, PersonId, Takeover
from bot.register import Register
from bot.screens import rounds
from bot.view import People
from bot.watching import ended, is_rotas, making_room, unwatched, weeks_ahead
from smbot.gallery.world import ANNA, SVEN, Scene
from smbot.gallery.world import MONDAY as TODAY

MONDAY = date(2026, 11, 23)
NAMES = [PersonId(p) for p in ("anna", "bo", "cilla")]
HOURS = Hours(calendar=policy.load("ki").calendar(), office=Office())


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


def account(ident: str = "x", people: tuple[str, ...] = ("anna", "bo"), **more: object) -> Account:
    return Account(id=ident, platform="instagram", name=ident, address="", unit="u", place="p", state="live",
                   people=tuple(map(PersonId, people)), **more)  # fmt: skip


def register(
    *absences: Absence, left: tuple[str, ...] = (), accounts: tuple[Account, ...] = (), **more: object
):
    people = {p: Person(id=p, name=p, active=p not in left) for p in NAMES}
    known = {a.id: a for a in accounts or (account(),)}
    return Register(
        people=people,
        absences=absences,
        accounts=known,
        roles={"communications": (PersonId("cilla"),)},
        **more,
    )


def away(person: str, first: int, last: int, cover: str | None = None) -> Absence:
    return Absence(id=f"{person}{first}", person=PersonId(person), first=day(first), last=day(last),
                   cover=cover and PersonId(cover))  # fmt: skip


def spans(found: Register, today: date = MONDAY) -> list[tuple[int, int]]:
    return [((s.first - MONDAY).days, (s.last - MONDAY).days) for s in unwatched(found, HOURS, today)]


def test_a_span_goes_over_the_weekend_and_begins_and_ends_on_working_days():
    assert spans(register(away("anna", 2, 30), away("bo", 3, 12))) == [(3, 11)]


def test_a_day_with_somebody_in_between_makes_two_spans():
    found = register(away("anna", 0, 20), away("bo", 0, 1), away("bo", 3, 4))

    assert spans(found) == [(0, 1), (3, 4)]


def test_days_that_have_passed_and_accounts_that_nobody_is_asked_about_are_none():
    both = (away("anna", 0, 3), away("bo", 0, 3))

    assert spans(register(*both), day(2)) == [(2, 3)]
    assert spans(register(*both, accounts=(account(asked_from=day(3)),))) == [(3, 3)]
    assert spans(register(*both, accounts=(account(people=()),))) == []


def test_a_cover_counts_whosever_turn_it_is():
    turns = account(pattern=Pattern(kind="weeks", order=(PersonId("anna"), PersonId("bo")), start=MONDAY))

    assert spans(register(away("bo", 0, 28), accounts=(turns,), left=("anna",))) == [(0, 28)]
    assert spans(register(away("bo", 0, 28, "cilla"), accounts=(turns,), left=("anna",))) == []


def test_where_everybody_has_left_the_next_four_weeks_are_told():
    assert spans(register(left=("anna", "bo"))) == [(0, 28)]
    assert spans(register(away("bo", 3, 4), left=("anna",))) == [(3, 4)]


DAYS = st.integers(-3, 12)
ABSENCES = st.lists(st.builds(lambda p, c, a, b: away(p, min(a, b), max(a, b), c), st.sampled_from(NAMES),
                              st.none() | st.sampled_from(NAMES), DAYS, DAYS), max_size=6)  # fmt: skip


@given(ABSENCES, st.sets(st.sampled_from(NAMES)))
def test_just_the_working_days_with_nobody_arranged_are_in_a_span(absences, left):
    found = register(*absences, left=tuple(left))
    told = {d for s in unwatched(found, HOURS, MONDAY) for d in map(day, range(30)) if s.first <= d <= s.last}
    alone = {d for d in map(day, range(29)) if found.arranged(account(), d) is None}

    assert {d for d in told if HOURS.is_working_day(d)} == {d for d in alone if HOURS.is_working_day(d)}


def test_the_next_four_weeks_say_who_and_for_which_days():
    turns = account(pattern=Pattern(kind="weeks", order=(PersonId("anna"), PersonId("bo")), start=MONDAY))
    found = register(away("anna", 2, 4), away("bo", 4, 4), accounts=(turns,))
    weeks = weeks_ahead(found, HOURS, turns, day(1))

    assert [
        [(t.who, (t.first - MONDAY).days, (t.last - MONDAY).days, t.office) for t in week] for week in weeks
    ] == [
        [("anna", 1, 1, False), ("bo", 2, 3, False), ("cilla", 4, 4, True)],
        [("bo", 7, 11, False)],
        [("anna", 14, 18, False)],
        [("bo", 21, 25, False)],
    ]


def takeover(ident: str, first: int, last: int, *accounts: str) -> Takeover:
    return Takeover(id=ident, accounts=accounts, first=day(first), last=day(last), by=PersonId("cilla"))


def test_a_later_takeover_makes_room_and_one_that_is_taken_back_is_over_since_yesterday():
    old = takeover("t1", 0, 9, "x", "y")
    found = register(takeovers=(old,))

    assert [t.accounts for t in making_room(found, takeover("t2", 5, 20, "x"))] == [("y",)]
    assert making_room(found, takeover("t2", 10, 20, "x")) == []
    assert [is_rotas(register(takeovers=(ended(old, today),)), account(), day(3)) for today in (day(3), day(4))] == [
        False, True,
    ]  # fmt: skip


def test_whoever_watches_for_communications_is_named_without_a_mention_where_others_are_mentioned():
    scene = Scene(language="sv").having(absences=())
    accounts = {**scene.register.accounts, "bio": replace(scene.account(), people=(SVEN,))}
    gone = Absence(id="w", person=SVEN, first=TODAY, last=TODAY)
    scene = scene.having(accounts=accounts, absences=(gone,))
    watchers = {"bio": scene.register.watcher(accounts["bio"], TODAY), "biologi-fb": ANNA}
    shown = rounds.card(
        scene.eyes, rounds.Morning(round=scene.round("open", "open"), watchers=watchers, alerts=True)
    )

    assert [m.person for part in shown.parts if isinstance(part, People) for m in part.people] == [ANNA]
    assert "Karin Ros" in repr(shown)
