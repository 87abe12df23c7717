"""Practice: its own buttons, nobody else told, nothing left of it (users.md U11)."""

from hypothesis import given
from hypothesis import strategies as st

from bot.cases.base import TimePassed
from bot.cases.practice import Pressed, begun, decide
from bot.model import PersonId
from tests.unit.test_question_rules import HOURS, at

ANNA = PersonId("anna")
STATES = st.lists(st.sampled_from(["open", "taken", "answered", "seen"]), max_size=6)


def test_it_is_sent_to_whoever_practises_alone_and_is_over_at_midnight():
    move = begun("x1", ANNA, at(23, 15), HOURS)
    assert [(str(s.reader), s.useful_until) for s in move.says] == [("person:anna", at(24, 0))]
    assert move.case.wake_at == at(24, 0)
    assert (move.case.account, move.case.place) == (None, None)


@given(STATES)
def test_whatever_is_pressed_nothing_is_said_marked_or_logged_and_no_name_is_left_the_next_day(pressed):
    case = begun("x1", ANNA, at(23, 15), HOURS).case
    for state in pressed:
        move = decide(case, Pressed(state=state), at(23, 16))
        assert (move.says, move.marks, move.log) == ((), (), ())
        case = move.case
    over = decide(case, TimePassed(), at(24, 0))
    assert (over.says, over.marks, over.log) == ((), (), ())
    assert (over.case.by, over.case.is_open, over.case.wake_at) == (None, False, None)
    assert decide(over.case, Pressed(state="taken"), at(24, 9)).case == over.case
