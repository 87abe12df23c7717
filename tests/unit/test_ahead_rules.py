"""Rules of looking ahead that hold on any day of any year."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.foreseen import Coming, Foreseen, difference
from bot.model import SEASONS
from bot.outgoing import to_place
from bot.policy import load
from bot.season import asked_now, find, time_of

CALENDAR = load("ki").calendar()
DAY = timedelta(days=1)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@given(st.integers(2001, 2099), st.sampled_from(SEASONS))
def test_heads_are_asked_on_the_first_working_day_on_or_after_the_date_and_before_the_season_begins(
    year, season
):
    time = time_of(season, CALENDAR, year)
    wished = date(year, *map(int, season.asked.split("-")))
    assert CALENDAR.is_working_day(time.asks)
    assert wished <= time.asks < time.first <= time.last
    assert not any(CALENDAR.is_working_day(wished + n * DAY) for n in range((time.asks - wished).days))
    assert find(SEASONS, CALENDAR, time.key) == time


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_no_two_seasons_are_asked_about_on_one_day(day):
    assert len(asked_now(SEASONS, CALENDAR, day)) <= 1


times = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5))


def _foreseen(hours: dict[str, int]) -> Foreseen:
    here = to_place("p1")
    said = (Coming(at=NOON + timedelta(hours=h), key=key, card="round", arg="", target=here, reader=here, title="")
            for key, h in hours.items())  # fmt: skip
    return Foreseen(first=NOON.date(), last=NOON.date(), messages=tuple(said), nobody={})


@given(times, times)
def test_each_message_of_two_rehearsals_is_the_same_or_moved_or_in_one_of_them_alone(before, after):
    found = difference(_foreseen(before), _foreseen(after))
    assert {a.key for a, _ in found.moved} == {k for k in before if k in after and before[k] != after[k]}
    assert {m.key for m in found.gone} == set(before) - set(after)
    assert {m.key for m in found.added} == set(after) - set(before)
    again = difference(_foreseen(before), _foreseen(before))
    assert (again.moved, again.added, again.gone) == ((), (), ())
