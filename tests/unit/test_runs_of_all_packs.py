"""A run of any pack, driven by any answers in any order: nothing that blocks is skipped, nobody's answer is lost."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot import checklists, policy, submitted
from bot.cases.base import TimePassed
from bot.cases.ladder import Hours
from bot.cases.run import Run, begun, decide
from bot.cases.run_events import Confirmed, Declined, Finished, Judged, Saved, Submitted
from bot.model import Office, PersonId, Stamp
from tests.unit.test_checklists import PLANS, asker, good

pytestmark = pytest.mark.long

ZONE = ZoneInfo("Europe/Stockholm")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
HOURS = Hours(calendar=policy.load("ki").calendar(), office=Office())
ANNA, BO, HEIDI, KARIN, KALLE = (PersonId(p) for p in ("anna", "bo", "heidi", "karin", "kalle"))
EVERY_PACK = pytest.mark.parametrize("pack", policy.names())
SEND = Submitted(by=ANNA, approver=HEIDI, role="head")
STORED: TypeAdapter[Run] = TypeAdapter(Run)


def run(pack: str) -> Run:
    return Run(id="r1", opened_at=MONDAY, name="new-account", stamp=Stamp(pack=pack, version="1", digest="d"),
               checklist=checklists.copied(PLANS[pack]), runner=ANNA, version=1)  # fmt: skip


def first(options):
    return next(o.id for o in options if o.then == "go")


def save(found: Run, step, by: PersonId = ANNA, choose=first) -> Run:
    values, faults = submitted.read(step, good(step, found.values, choose), asker(found.values, by))
    assert faults == {}
    event = Saved(by=by, values=values)
    return (decide if found.answers else begun)(found, event, MONDAY, HOURS).case


@cache
def usual(pack: str) -> Run:
    """The first half with the usual answers, as far as the runner can take it."""
    return answered(pack, first)


@cache
def whole_of(pack: str) -> Run:
    return agreed(usual(pack))


def answered(pack: str, choose) -> Run:
    """The first half, as far as the runner can take it."""
    found = run(pack)
    for _ in range(60):
        step = found.plan.step(found.next_step or "")
        if step is None or not found.may_change:
            break
        again = step.id in {ref.partition(".")[0] for ref in found.answers}
        found = save(found, step, choose=first if again else choose)
    return found


def agreed(found: Run) -> Run:
    """Everybody else has said yes."""
    for ref, person in found.unconfirmed:
        found = decide(found, Confirmed(by=person, what=ref), MONDAY, HOURS).case
    for step in found.open_requests:
        for ref, who in zip(found.unjudged(step), (KARIN, KALLE), strict=False):
            found = decide(found, Judged(by=who, what=ref, words="Bra"), MONDAY, HOURS).case
    return found


@EVERY_PACK
@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_answered_it_ends_or_asks_or_waits_for_somebody(pack, data):
    found = answered(pack, lambda options: data.draw(st.sampled_from(options)).id)
    if found.state == "stopped":
        assert found.stop
        return
    assert found.next_step is None
    assert (decide(found, SEND, MONDAY, HOURS).case.state == "waiting") is found.may_be_sent
    whole = agreed(found)
    if whole.state == "stopped":
        return
    assert whole.may_be_sent
    assert decide(whole, SEND, MONDAY, HOURS).case.state == "waiting"


@EVERY_PACK
@given(data=st.data())
@settings(max_examples=10)
def test_nothing_that_blocks_can_be_skipped(pack, data):
    """Take any one required answer, confirmation or request away, and it cannot be sent."""
    whole = whole_of(pack)
    steps = [s for s in checklists.path(whole.plan, whole.values) if s.half == "before"]
    needed = [checklists.ref(s, f) for s in steps for f in checklists.asked(s) if f.required]
    taken = data.draw(st.sampled_from([*needed, *whole.confirmed]))
    without = replace(whole, answers={r: a for r, a in whole.answers.items() if r != taken},
                      confirmed={r: p for r, p in whole.confirmed.items() if r != taken})  # fmt: skip
    assert decide(whole, SEND, MONDAY, HOURS).case.state == "waiting"
    assert decide(without, SEND, MONDAY, HOURS).case.state == "draft"


@EVERY_PACK
@given(data=st.data())
@settings(max_examples=10)
def test_two_people_on_one_run_lose_nothing_of_each_other(pack, data):
    whole = usual(pack)
    steps = [
        s for s in checklists.path(whole.plan, whole.values) if s.half == "before" and checklists.asked(s)
    ]
    texts = [
        (s, f) for s in steps for f in s.fields if f.kind in ("line", "lines") and "." in checklists.ref(s, f)
    ]
    free = [(s, f) for s, f in texts if checklists.ref(s, f) != checklists.UNIT]
    one, other = data.draw(
        st.lists(st.sampled_from(free), min_size=2, max_size=2, unique_by=lambda x: x[0].id)
    )
    words = {checklists.ref(*one): "Annas", checklists.ref(*other): "Bos"}
    after = decide(whole, Saved(by=ANNA, values={checklists.ref(*one): "Annas"}), MONDAY, HOURS).case
    after = decide(after, Saved(by=BO, values={checklists.ref(*other): "Bos"}), MONDAY, HOURS).case
    assert after.values == whole.values | words
    assert [after.answers[r].by for r in words] == [ANNA, BO]


@EVERY_PACK
@given(data=st.data())
@settings(max_examples=10)
def test_a_run_that_was_stored_is_taken_up_after_every_step_where_it_was_left(pack, data):
    found = run(pack)
    for _ in range(data.draw(st.integers(min_value=1, max_value=25))):
        step = found.plan.step(found.next_step or "")
        if step is None:
            break
        found = save(found, step, data.draw(st.sampled_from([ANNA, BO])))
    again = STORED.validate_json(STORED.dump_json(found))
    assert (again.values, again.next_step, again.requested_at) == (
        found.values,
        found.next_step,
        found.requested_at,
    )
    assert decide(again, SEND, MONDAY, HOURS).case.state == decide(found, SEND, MONDAY, HOURS).case.state


@EVERY_PACK
@given(data=st.data())
@settings(max_examples=10)
def test_a_branch_that_is_left_takes_answers_confirmations_and_requests_with_it(pack, data):
    found = agreed(answered(pack, lambda options: data.draw(st.sampled_from(options)).id))
    if not found.may_change:
        return
    choices = [(s, f) for s in checklists.path(found.plan, found.values) if s.half == "before"
               for f in s.fields if f.kind == "choice" and checklists.ref(s, f) in found.answers]  # fmt: skip
    step, field = data.draw(st.sampled_from(choices))
    other = data.draw(st.sampled_from(checklists.offered(field, found.values))).id
    after = decide(found, Saved(by=ANNA, values={checklists.ref(step, field): other}), MONDAY, HOURS).case
    ids = {s.id for s in checklists.path(after.plan, after.values)}
    kept = {
        *after.answers,
        *after.confirmed,
        *after.asked_at,
        *after.requested_at,
        *after.said,
        *after.noticed,
    }
    assert {ref.partition("|")[0].partition(".")[0] for ref in kept} <= ids


# -- what communications is asked ----------------------------------------------------------------


def karlstad(**chosen: str) -> Run:
    def choose(options):
        ids = {o.id for o in options}
        return next((v for v in chosen.values() if v in ids), None) or first(options)

    return answered("kau", choose)


def test_karlstads_judgement_is_asked_when_all_before_it_is_answered_and_of_two():
    found = run("kau")
    while (step := found.plan.step(found.next_step or "")) and step.id != checklists.OWN:
        assert "judgement" not in found.requested_at
        found = save(found, step)
    assert [s.id for s in found.open_requests] == ["judgement"]
    assert found.requested_at["judgement"] == MONDAY
    one = decide(found, Judged(by=KARIN, what="judgement.communicator"), MONDAY, HOURS)
    assert one.says == ()
    two = decide(one.case, Judged(by=KALLE, what="judgement.lead"), MONDAY, HOURS)
    assert [(s.card, s.arg, s.reader.id) for s in two.says] == [("run_judged", "judgement", "anna")]
    assert two.case.open_requests == ()


def test_what_the_judgement_rests_on_asks_it_anew_and_a_slip_elsewhere_does_not():
    found = agreed(karlstad())
    same = decide(found, Saved(by=ANNA, values={"work.sharing": "Bara Anna"}), MONDAY, HOURS)
    assert same.case.open_requests == ()
    later = MONDAY + timedelta(hours=1)
    other = decide(found, Saved(by=ANNA, values={"platform.name": "@nytt"}), later, HOURS)
    assert [s.id for s in other.case.open_requests] == ["judgement"]
    assert [(s.card, s.reader.id) for s in other.says] == [("run_request", "communications")]
    assert other.case.requested_at["judgement"] == later
    assert decide(other.case, SEND, later, HOURS).case.state == "draft"


def test_a_no_of_communications_ends_the_run_with_its_reason():
    found = karlstad()
    move = decide(found, Declined(by=KARIN, step="judgement", why="Finns redan", decision=7), MONDAY, HOURS)
    assert (move.case.state, move.case.why, move.case.decision, move.case.is_open) == (
        "rejected",
        "Finns redan",
        7,
        False,
    )
    assert [(s.arg, s.reader.id) for s in move.says] == [("rejected", "anna")]


def test_communications_is_reminded_after_two_working_days_then_each_five_and_the_runner_hears_it_too():
    found, heard = karlstad(), []
    while found.wake_at and found.wake_at < MONDAY + timedelta(days=15):
        move = decide(found, TimePassed(), found.wake_at, HOURS)
        heard += [
            (found.wake_at.date(), m.rung.partition(":")[0], m.reader.id)
            for m in move.marks
            if "request" in m.rung
        ]
        found = move.case
    two, nine = ((MONDAY + timedelta(days=n)).date() for n in (2, 9))
    assert heard == [(two, "request", "communications"), (nine, "request", "communications"),
                     (nine, "request_late", "anna")]  # fmt: skip
    done = agreed(karlstad())
    assert decide(done, TimePassed(), MONDAY + timedelta(days=9), HOURS).marks == ()


def test_at_kth_having_told_the_office_is_enough_after_five_working_days_and_not_before():
    found = usual("kth")
    for ref, person in found.unconfirmed:
        found = decide(found, Confirmed(by=person, what=ref), MONDAY, HOURS).case
    assert [s.id for s in found.open_requests] == ["coordination"]
    four = decide(found, TimePassed(), MONDAY + timedelta(days=4), HOURS).case
    assert not four.may_be_sent
    five = decide(four, TimePassed(), MONDAY + timedelta(days=7), HOURS)
    assert five.case.noticed == ("coordination",)
    assert [(s.card, s.reader.id) for s in five.says] == [("run_judged", "anna")]
    assert decide(five.case, SEND, MONDAY + timedelta(days=7), HOURS).case.state == "waiting"
    changed = decide(
        five.case, Saved(by=ANNA, values={"platform.platform": "tiktok"}), MONDAY + timedelta(days=8), HOURS
    )
    assert changed.case.noticed == ()
    assert not changed.case.may_be_sent


def test_an_exception_for_the_logo_ends_the_run_with_a_yes_and_never_becomes_an_account():
    def choose(options):
        return next((o.id for o in options if o.id in ("other", "logo")), first(options))

    found = answered("bth", choose)
    assert [s.id for s in checklists.path(found.plan, found.values)] == ["what", "logo", "logo-exception"]
    done = agreed(found)
    assert (done.state, done.stop, done.is_open) == ("stopped", "logo-exception", False)
    assert decide(done, SEND, MONDAY, HOURS).case.state == "stopped"


def test_what_may_wait_keeps_a_live_run_open_and_is_said_in_collected_messages_alone():
    whole = decide(whole_of("bth"), SEND, MONDAY, HOURS).case
    live = replace(whole, state="second_half", decided_at=MONDAY, decision=1, account="c1")
    for step in live.plan.half("after"):
        values = {r: ("" if r == "web.address" else v) for r, v in good(step, live.values).items()}
        live = decide(live, Saved(by=ANNA, values=values), MONDAY, HOURS).case
    live = decide(live, Finished(by=ANNA), MONDAY, HOURS).case
    assert (live.state, live.is_open, live.next_step) == ("live", True, "web")
    assert live.wake_at.date() == (MONDAY + timedelta(days=14)).date()
    told = decide(live, TimePassed(), live.wake_at, HOURS)
    assert (told.says, [m.reader.id for m in told.marks]) == ((), ["anna"])
    assert told.case.waits_for(told.marks[0].rung, "anna")
    again = decide(told.case, TimePassed(), told.case.wake_at, HOURS)
    assert again.marks[0].rung != told.marks[0].rung
    filled = decide(live, Saved(by=ANNA, values={"web.address": "https://bth.se/x"}), MONDAY, HOURS).case
    done = decide(filled, Finished(by=ANNA), MONDAY, HOURS)
    assert (done.case.state, done.case.is_open, done.says) == ("done", False, ())


def test_a_draft_is_handed_over_when_its_last_answer_is_there_and_only_once():
    found, handed = run("kau"), []
    while step := found.plan.step(found.next_step or ""):
        values, _ = submitted.read(step, good(step, found.values, first), asker(found.values))
        move = (decide if found.answers else begun)(found, Saved(by=ANNA, values=values), MONDAY, HOURS)
        handed += [(step.id, s.arg, s.reader.id) for s in move.says if s.card == "run_draft"]
        found = move.case
    assert handed == [
        ("platform", "strategy", "anna"),
        ("people", "plan", "anna"),
        ("head", "assignment", "anna"),
    ]
    order = [s.id for s in found.plan.steps]
    assert order.index("people") < order.index("documents")
