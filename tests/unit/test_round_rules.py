"""What a round does with presses and with time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.cases.base import TimePassed
from bot.cases.ladder import Hours
from bot.cases.round import Line, Looked, Over, Round, TakenBack, decide
from bot.model import Office, PersonId
from bot.workdays import Calendar

ZONE = ZoneInfo("Europe/Stockholm")
HOURS = Hours(calendar=Calendar(), office=Office())
DAY = date(2026, 11, 23)
ANNA = PersonId("anna")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


ROUND = Round(id="r", opened_at=at(23, 0), place="p", day=DAY, until=at(23, 17), wake_at=at(23, 9),
              lines=(Line(account="a"), Line(account="b")))  # fmt: skip


def looked(round_: Round, now: datetime, **states: str) -> Round:
    return decide(round_, Looked(by=ANNA, role="manager", states=states), now, HOURS).case


def states(round_: Round) -> list[str]:
    return [line.state for line in round_.lines]


def test_it_is_posted_until_closing_time_and_not_a_minute_later():
    assert decide(ROUND, TimePassed(), at(23, 17), HOURS).says[0].card == "round"
    late = decide(ROUND, TimePassed(), at(23, 17, 1), HOURS)
    assert late.says == ()
    assert late.case.closed_at == at(23, 17, 1)


def test_posting_it_twice_says_it_once():
    posted = decide(ROUND, TimePassed(), at(23, 9), HOURS).case

    assert decide(posted, TimePassed(), at(23, 10), HOURS).says == ()


def test_on_a_free_day_it_goes_to_those_with_the_duty_and_not_to_the_channel():
    free = Round(id="r", opened_at=at(28, 0), place="p", day=date(2026, 11, 28), until=at(28, 17), free_day=True,
                 duty=(ANNA,), lines=(Line(account="a"),))  # fmt: skip

    assert [str(s.reader) for s in decide(free, TimePassed(), at(28, 9), HOURS).says] == ["person:anna"]


def test_an_answer_after_its_date_is_late():
    assert states(looked(ROUND, at(23, 23, 59), a="looked_at")) == ["looked_at", "open"]
    assert states(looked(ROUND, at(24, 0), a="looked_at", b="found")) == ["late", "late"]


def test_not_looked_at_is_no_answer_that_ends_the_waiting():
    said = looked(ROUND, at(23, 10), a="not_looked")

    assert said.unanswered == ("a", "b")
    assert states(looked(said, at(23, 11), a="looked_at")) == ["looked_at", "open"]
    assert states(decide(said, Over(), at(25, 9), HOURS).case) == ["no_answer", "no_answer"]


def test_a_line_that_is_answered_stays_until_it_is_taken_back():
    said = looked(ROUND, at(23, 10), a="found")

    assert states(looked(said, at(23, 11), a="looked_at")) == ["found", "open"]
    back = decide(said, TakenBack(by=ANNA, accounts=("a",)), at(23, 11), HOURS).case
    assert back.lines == ROUND.lines


def test_when_it_is_over_what_is_open_stays_without_an_answer_for_good():
    over = decide(looked(ROUND, at(23, 10), a="found"), Over(), at(25, 9), HOURS).case

    assert states(over) == ["found", "no_answer"]
    assert looked(over, at(25, 10), b="looked_at") == over


answers = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.sampled_from(["looked_at", "found", "not_looked"])
)
presses = st.one_of(
    st.builds(Looked, by=st.just(ANNA), role=st.just("manager"), states=answers),
    st.builds(TakenBack, by=st.just(ANNA), accounts=st.lists(st.sampled_from(["a", "b", "c"])).map(tuple)),
    st.just(TimePassed()),
    st.just(Over()),
)


@given(st.lists(presses, max_size=8))
def test_the_same_press_twice_is_one_and_no_line_is_ever_lost(found):
    round_ = ROUND
    for press in found:
        round_ = decide(round_, press, at(23, 12), HOURS).case
        again = decide(round_, press, at(23, 12), HOURS)
        assert again.case == round_
        assert again.says == ()
        assert [line.account for line in round_.lines] == ["a", "b"]
