"""How far an alarm goes while nobody has it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.alarm import Alarm, Drilled, Ended, Received, decide, raised
from bot.cases.base import TimePassed
from bot.cases.ladder import Hours
from bot.model import Office, PersonId
from bot.workdays import Calendar

HOURS = Hours(calendar=Calendar(), office=Office())
NIGHT = datetime(2026, 12, 25, 22, 40, tzinfo=UTC)
SARA, KARIN = PersonId("sara"), PersonId("karin")


def alarm(**changes: object) -> Alarm:
    return Alarm(
        **{"id": "a1", "opened_at": NIGHT, "account": "x", "kind": "threat", "raised_by": SARA} | changes
    )


def later(case: Alarm, minutes: int):
    return decide(case, TimePassed(), NIGHT + timedelta(minutes=minutes), HOURS)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("threat", ["person:sara", "role:security", "role:communications"]),
        ("pile_on", ["person:sara", "role:communications"]),
        ("taken_over", ["person:sara", "role:it_security", "role:communications"]),
    ],
)
def test_it_is_told_at_once_at_any_hour_the_raiser_first_and_communications_always(kind, told):
    move = raised(alarm(kind=kind), HOURS, NIGHT)

    assert [str(s.reader) for s in move.says] == told
    assert {s.lane for s in move.says} == {"alarm"}
    assert move.case.wake_at == NIGHT + timedelta(minutes=15)


def test_without_a_receipt_it_goes_to_the_next_then_to_everybody_then_says_to_ring_and_then_is_still():
    case, told = raised(alarm(), HOURS, NIGHT).case, []
    for minutes in (15, 30, 45, 60):
        move = later(case, minutes)
        case = move.case
        told.append([str(s.reader) for s in move.says])

    assert told == [["role:security/next"], ["role:communications/everybody"],
                    ["role:communications", "person:sara"], []]  # fmt: skip
    assert case.wake_at is None


def test_the_first_receipt_counts_and_stops_the_waiting():
    case = raised(alarm(), HOURS, NIGHT).case
    taken = decide(case, Received(by=KARIN), NIGHT, HOURS).case

    assert (taken.receipt_by, taken.wake_at) == (KARIN, None)
    assert decide(taken, Received(by=SARA, phone="Sven"), NIGHT, HOURS).case == taken
    assert later(taken, 15).says == ()


def test_an_exercise_and_an_alarm_about_no_account_leave_no_word_for_the_head():
    assert raised(alarm(), HOURS, NIGHT).marks != ()
    assert raised(alarm(exercise=True), HOURS, NIGHT).marks == ()
    assert raised(alarm(account=None), HOURS, NIGHT).marks == ()


def test_an_exercise_that_nobody_receives_ends_by_itself_a_quarter_after_its_last_step():
    case, told = raised(alarm(exercise=True), HOURS, NIGHT).case, []
    assert case.ends_at == NIGHT + timedelta(minutes=60)
    for minutes in (15, 30, 45, 60):
        move = later(case, minutes)
        case = move.case
        told.append((sum(say.mail != "only" for say in move.says), case.ended, case.ends_at))

    end = NIGHT + timedelta(minutes=60)
    assert told == [(1, "", end), (1, "", end), (2, "", end), (0, "exercise_over", end)]
    assert (case.closed_at, case.wake_at) == (end, None)


@pytest.mark.parametrize("steps", range(5))
@pytest.mark.parametrize("received", [True, False])
def test_an_alarm_that_turns_out_to_be_an_exercise_ends_by_itself_however_far_it_had_gone(steps, received):
    case = raised(alarm(), HOURS, NIGHT).case
    for n in range(steps):
        case = later(case, 15 * (n + 1)).case
    if received:
        case = decide(case, Received(by=KARIN), NIGHT + timedelta(hours=2), HOURS).case
    move = decide(case, Drilled(by=SARA), NIGHT + timedelta(hours=2), HOURS)
    assert {s.mail for s in move.says} == {"only"}
    assert decide(move.case, Drilled(by=KARIN), NIGHT + timedelta(hours=3), HOURS).says == ()
    case = move.case
    for _ in range(5):
        if case.wake_at:
            case = decide(case, TimePassed(), case.wake_at, HOURS).case
    assert case.ended == "exercise_over"


def test_an_exercise_that_somebody_has_ends_by_itself_on_the_next_working_morning_and_an_alarm_does_not():
    case = decide(raised(alarm(exercise=True), HOURS, NIGHT).case, Received(by=KARIN), NIGHT, HOURS).case
    real = decide(raised(alarm(), HOURS, NIGHT).case, Received(by=KARIN), NIGHT, HOURS).case
    monday = datetime(2026, 12, 28, 7, tzinfo=UTC)

    assert case.wake_at == case.ends_at == monday
    assert decide(case, TimePassed(), monday, HOURS).case.ended == "exercise_over"
    assert real.wake_at is None
    assert decide(real, TimePassed(), monday, HOURS).case.is_open


events = st.sampled_from([Received(by=KARIN), Received(by=SARA, phone="Sven"), TimePassed(),
                          Ended(by=KARIN, how="handled"), Ended(by=SARA, how="false_alarm", why="skämt")])  # fmt: skip


@given(st.lists(events, max_size=10), st.booleans())
def test_no_step_is_told_twice_and_an_alarm_that_is_over_is_silent(found, exercise):
    case, keys = raised(alarm(exercise=exercise), HOURS, NIGHT).case, []
    for n, event in enumerate(found):
        over = not case.is_open
        move = decide(case, event, NIGHT + timedelta(minutes=15 * n), HOURS)
        keys += [s.key for s in move.says]
        assert not over or (move.case == case and not move.says)
        case = move.case
    assert len(keys) == len(set(keys))
