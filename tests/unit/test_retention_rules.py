"""How long things are kept: nothing goes without the number of a disposal decision, and never too early."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.retention import DEFAULTS, IN_CHAT, KINDS, Disposal, cutoff, entered, kept, shortest, undecided

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
RULES = st.builds(Disposal, days=st.integers(1, 36500), number=st.sampled_from(["", "LU 2026/1"]))
HELD = st.dictionaries(st.sampled_from(KINDS), RULES)


@given(HELD, st.sampled_from(KINDS))
def test_nothing_goes_without_a_number_and_else_exactly_after_its_days(held, kind) -> None:
    rule = kept(held, kind)
    assert cutoff(held, kind, NOW) == (NOW - timedelta(days=rule.days) if rule.number else None)
    assert (kind in undecided(held)) == (not rule.number)


@given(HELD)
def test_a_message_about_several_things_goes_with_the_shortest_time_that_is_decided(held) -> None:
    decided = {kind: kept(held, kind) for kind in IN_CHAT if kept(held, kind).number}
    found = shortest(held, NOW)
    assert (found is None) == (not decided)
    if found:
        assert found[0] == NOW - timedelta(days=min(rule.days for rule in decided.values()))


@given(HELD, st.sampled_from(KINDS))
def test_entering_a_decision_changes_its_own_kind_alone(held, kind) -> None:
    after = entered(held, kind, "LU 2026/2", date(2026, 9, 1))
    assert kept(after, kind).number == "LU 2026/2"
    assert kept(after, kind).days == kept(held, kind).days
    assert all(kept(after, other) == kept(held, other) for other in KINDS if other != kind)


def test_by_default_no_kind_is_decided_and_the_names_of_a_day_are_proposed_to_go_after_thirty_days() -> None:
    assert undecided({}) == KINDS
    assert DEFAULTS["checks"].days == 30
