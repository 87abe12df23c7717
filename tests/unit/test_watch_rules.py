"""A watch and a hand-over speak once each, whatever is pressed twice, slept through or taken back."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import policy
from bot.cases.handover import Changed, Handover, Morning, decide, planned
from bot.cases.ladder import Hours
from bot.cases.watch import Handed, Settled, Taken, Undone, Watch, asked
from bot.cases.watch import decide as decide_watch
from bot.model import Absence, Office, PersonId

ZONE = ZoneInfo("Europe/Stockholm")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZONE)
HOURS = Hours(calendar=policy.load("ki").calendar(), office=Office())
HEIDI, KARIN, OLLE, DAG = map(PersonId, ("heidi", "karin", "olle", "dag"))
WATCH = Watch(id="g1", opened_at=MONDAY, what="away", reader=HEIDI, accounts=("a", "b"))
TAKEN = Taken(by=KARIN, takeovers=("o1",))


def day(n: int) -> date:
    return MONDAY.date() + timedelta(days=n)


# -- a watch ------------------------------------------------------------------------------------


def test_it_waits_for_the_collected_message_and_says_nothing_by_itself():
    move = asked(WATCH, MONDAY)

    assert (move.says, [m.reader.id for m in move.marks]) == ((), ["heidi"])


EVENTS = st.sampled_from([Handed(by=HEIDI), Handed(by=DAG), TAKEN, Taken(by=HEIDI, takeovers=("o1",), who=OLLE),
                          Undone(by=KARIN, office=True), Undone(by=HEIDI, office=False), Settled(accounts=("a",)),
                          Settled(accounts=("a", "b"), by=HEIDI)])  # fmt: skip


@given(st.lists(EVENTS, max_size=8))
def test_whatever_is_pressed_nothing_is_said_twice_and_what_is_over_stays_so(events):
    watch, keys = WATCH, []
    for event in events:
        over = not watch.is_open
        move = decide_watch(watch, event, MONDAY)
        keys += [say.key for say in move.says]
        watch = move.case
        assert not (over and watch.is_open)

    assert len(keys) == len(set(keys))
    assert watch.accounts


def test_both_sides_hear_of_a_takeover_and_of_its_end_but_not_whoever_pressed():
    handed = decide_watch(WATCH, Handed(by=DAG), MONDAY).case
    taken = decide_watch(handed, TAKEN, MONDAY)
    back = decide_watch(taken.case, Undone(by=HEIDI, office=False), MONDAY)

    assert (taken.says, back.says) == ((), ())
    assert [(m.rung, m.reader.id) for m in taken.marks] == [("taken", "heidi"), ("taken", "dag")]
    assert [(m.rung, m.reader.id) for m in back.marks] == [
        ("undone", "dag"), ("digest:undone", "communications"),
    ]  # fmt: skip
    again = decide_watch(back.case, Undone(by=HEIDI, office=False), MONDAY)
    assert (again.says, again.marks) == ((), ())


def test_somebody_who_is_named_gets_the_hand_over_and_whoever_named_them_nothing():
    move = decide_watch(WATCH, Taken(by=HEIDI, takeovers=("o1",), who=OLLE), MONDAY)

    assert [(s.card, s.reader.id) for s in move.says] == [("watch.named", "olle")]


# -- a hand-over --------------------------------------------------------------------------------


def absence(first: int = 1, last: int = 3, cover: str | None = "olle") -> Absence:
    return Absence(
        id="w1", person=PersonId("anna"), first=day(first), last=day(last), cover=cover and PersonId(cover)
    )


def live(handover: Handover, until: int) -> tuple[Handover, list[str]]:
    """Every moment at which it wants to speak until the end of that day."""
    said = []
    end = datetime.combine(day(until + 1), datetime.min.time(), ZONE)
    while handover.wake_at and handover.wake_at < end:
        move = decide(
            handover,
            Morning(covers=(handover.cover,) if handover.cover else ()),
            max(handover.wake_at, handover.opened_at),
            HOURS,
        )
        assert move.case.wake_at != handover.wake_at or not move.case.is_open
        said += [
            f"{s.card}:{s.reader.id}@{(handover.wake_at.astimezone(ZONE).date() - day(0)).days}"
            for s in move.says
        ]
        handover = move.case
    return handover, said


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (absence(), ["handover:olle@1", "handover.back:anna@4"]),
        (absence(0, 4), ["handover:olle@0", "handover.back:anna@7"]),  # begins today, back after the weekend
        (absence(5, 7), ["handover:olle@7", "handover.back:anna@8"]),  # begins on a Saturday
        (absence(5, 6), []),  # a weekend alone
    ],
)
def test_each_card_comes_once_on_its_first_working_morning(away, said):
    handover, found = live(planned(away, MONDAY, HOURS), 12)

    assert (found, handover.is_open) == (said, False)


def test_what_was_slept_through_is_not_made_up_for():
    late = datetime.combine(day(8), datetime.min.time(), ZONE) + timedelta(hours=9)
    move = decide(planned(absence(), MONDAY, HOURS), Morning(covers=(OLLE,)), late, HOURS)

    assert (move.says, move.case.is_open) == ((), False)


CHANGES = st.lists(
    st.tuples(st.integers(-1, 6), st.integers(-1, 6), st.sampled_from(["olle", "dag", None])), max_size=4
)


@given(CHANGES)
def test_however_the_absence_is_changed_nobody_gets_a_card_twice_and_it_ends(changes):
    handover, said = planned(absence(), MONDAY, HOURS), []
    for n, (a, b, cover) in enumerate(changes):
        now = MONDAY + timedelta(days=n)
        handover = decide(handover, Changed(absence=absence(min(a, b), max(a, b), cover)), now, HOURS).case
        handover, more = live(replace(handover, opened_at=now), n)
        said += more
    handover, more = live(handover, 20)
    said = [each.partition("@")[0] for each in (*said, *more)]

    assert len(said) == len(set(said))
    assert not handover.is_open
