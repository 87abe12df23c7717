"""What a run says, and when, without a database."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import checklists, policy
from bot.cases.base import TimePassed
from bot.cases.ladder import Hours
from bot.cases.run import Answer, Run, decide
from bot.cases.run_events import (
    Approved,
    ApproverEntered,
    ApproverLeft,
    Confirmed,
    DeputyAsked,
    Finished,
    Rejected,
    Saved,
    SentBack,
    Submitted,
    Withdrawn,
)
from bot.model import Office, PersonId, Stamp
from bot.outgoing import Mark
from tests.unit.test_checklists import PLANS, walk

ZONE = ZoneInfo("Europe/Stockholm")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
HOURS = Hours(calendar=policy.load("ki").calendar(), office=Office())
ANNA, BO, HEIDI = PersonId("anna"), PersonId("bo"), PersonId("heidi")


def run(**changes: object) -> Run:
    """A whole first half, with everything confirmed."""
    plan = PLANS["ki"]
    answers, _ = walk(plan, lambda options: options[0].id)
    before = {checklists.ref(s, f) for s in plan.half("before") for f in s.fields}
    made = Run(id="r1", opened_at=MONDAY, name="new-account", stamp=Stamp(pack="ki", version="1", digest="d"),
               checklist=checklists.copied(plan), runner=ANNA, touched_at=MONDAY, version=1,
               answers={r: Answer(value=v, by=ANNA, at=MONDAY) for r, v in answers.items() if r in before},
               confirmed={"terms.read": (ANNA, BO)})  # fmt: skip
    return replace(made, **changes)


def kind(mark: Mark) -> str:
    return mark.rung.partition(":")[0]


def waiting() -> Run:
    return decide(run(), Submitted(by=ANNA, approver=HEIDI, role="head"), MONDAY, HOURS).case


def test_the_head_is_asked_at_once_in_office_hours_and_else_at_the_next_opening():
    event = Submitted(by=ANNA, approver=HEIDI, role="head")
    at_once = decide(run(), event, MONDAY, HOURS)
    assert [(s.card, s.reader.id, s.lane) for s in at_once.says] == [("approval", "heidi", "answer")]

    saturday = MONDAY + timedelta(days=5)
    later = decide(run(), event, saturday, HOURS)
    assert later.says == ()
    assert later.case.wake_at == datetime(2026, 11, 30, 8, 0, tzinfo=ZONE)
    woken = decide(later.case, TimePassed(), later.case.wake_at, HOURS)
    assert [s.card for s in woken.says] == ["approval"]


def test_time_that_passes_twice_says_nothing_twice():
    asked = waiting()
    two_days = asked.wake_at
    once = decide(asked, TimePassed(), two_days, HOURS)
    assert [kind(m) for m in once.marks] == ["approval"]
    again = decide(once.case, TimePassed(), two_days, HOURS)
    assert (again.says, again.marks, again.log) == ((), (), ())


def test_it_cannot_be_sent_before_everybody_has_confirmed():
    event = Submitted(by=ANNA, approver=HEIDI, role="head")
    lacking = run(confirmed={"terms.read": (ANNA,)})
    assert decide(lacking, event, MONDAY, HOURS).case.state == "draft"
    bo = decide(lacking, Confirmed(by=BO, what="terms.read"), MONDAY, HOURS).case
    assert decide(bo, event, MONDAY, HOURS).case.state == "waiting"


def test_the_runner_hears_of_the_last_confirmation_alone_and_again_when_all_are_asked_anew():
    asked = {f"terms.read|{who}": MONDAY for who in (ANNA, BO)}
    nobody = decide(run(confirmed={}, asked_at=asked), TimePassed(), MONDAY, HOURS).case
    first = decide(nobody, Confirmed(by=BO, what="terms.read"), MONDAY, HOURS)
    assert first.says == ()
    last = decide(first.case, Confirmed(by=ANNA, what="terms.read"), MONDAY, HOURS)
    assert [(s.arg, s.reader.id, s.lane) for s in last.says] == [("confirmed", "anna", "answer")]
    assert decide(last.case, Confirmed(by=ANNA, what="terms.read"), MONDAY, HOURS).says == ()

    later = MONDAY + timedelta(hours=1)
    moved = decide(last.case, Saved(by=ANNA, values={"platform.platform": "tiktok"}), later, HOURS).case
    again = decide(moved, Saved(by=ANNA, values={"terms.read": "yes"}), later, HOURS).case
    (anew,) = decide(again, Confirmed(by=BO, what="terms.read"), later, HOURS).says
    assert (anew.arg, anew.key == last.says[0].key) == ("confirmed", False)


def test_the_last_confirmation_before_the_steps_are_done_does_not_say_that_it_can_be_sent():
    lacking = {r: a for r, a in run().answers.items() if r != "head.head"}
    one = run(confirmed={"terms.read": (ANNA,)}, answers=lacking)
    assert decide(one, Confirmed(by=BO, what="terms.read"), MONDAY, HOURS).says == ()


def test_named_people_are_asked_at_once_reminded_after_two_days_and_passed_on_after_five():
    start = run(confirmed={}, answers={r: a for r, a in run().answers.items() if r != "terms.read"})
    asked = decide(start, Saved(by=ANNA, values={"terms.read": "yes"}), MONDAY, HOURS)
    assert [(s.card, s.reader.id) for s in asked.says] == [("run_confirm", "bo")]

    two = decide(asked.case, TimePassed(), MONDAY + timedelta(days=2), HOURS)
    assert [(kind(m), m.reader.id) for m in two.marks] == [("confirm", "bo")]
    five = decide(two.case, TimePassed(), MONDAY + timedelta(days=7), HOURS)
    assert [(kind(m), m.reader.id) for m in five.marks] == [("confirm_late", "anna")]
    assert [(s.arg, s.reader.id) for s in five.says] == [("confirm_late", "communications")]

    done = decide(asked.case, Confirmed(by=BO, what="terms.read"), MONDAY, HOURS).case
    assert decide(done, TimePassed(), MONDAY + timedelta(days=7), HOURS).marks == ()


def test_another_platform_has_other_terms_and_everybody_is_asked_again():
    changed = decide(run(), Saved(by=ANNA, values={"platform.platform": "tiktok"}), MONDAY, HOURS).case
    assert changed.confirmed == {}
    assert "terms.read" not in changed.answers
    same = decide(run(), Saved(by=ANNA, values={"platform.name": "Ny"}), MONDAY, HOURS).case
    assert same.confirmed == run().confirmed


def test_two_people_who_save_different_steps_lose_nothing_of_each_other():
    first = decide(run(), Saved(by=ANNA, values={"purpose.purpose": "Annas"}), MONDAY, HOURS).case
    second = decide(first, Saved(by=BO, values={"benefit.operation": "Bos"}), MONDAY, HOURS).case
    assert second.values["purpose.purpose"] == "Annas"
    assert second.values["benefit.operation"] == "Bos"
    assert second.answers["benefit.operation"].by == BO


def test_a_private_account_stops_the_run_and_keeps_its_answer():
    move = decide(run(answers={}), Saved(by=ANNA, values={"what.kind": "private"}), MONDAY, HOURS)
    assert (move.case.state, move.case.stop, move.case.is_open) == ("stopped", "what.kind", False)
    assert move.case.values == {"what.kind": "private"}
    assert move.case.wake_at is None


def test_a_draft_that_nobody_touches_is_announced_once_and_then_removed():
    idle = decide(run(), Saved(by=ANNA, values={"platform.name": "Ny"}), MONDAY, HOURS).case
    month = decide(idle, TimePassed(), MONDAY + timedelta(days=30), HOURS)
    assert [s.arg for s in month.says] == ["idle"]
    gone = decide(month.case, TimePassed(), MONDAY + timedelta(days=60), HOURS)
    assert (gone.case.state, gone.case.is_open) == ("withdrawn", False)
    assert gone.says == ()
    assert [e.what for e in gone.log] == ["run.removed"]


def test_of_a_removed_draft_nothing_is_kept_that_was_answered_or_by_whom():
    idle = replace(run(), helpers=(HEIDI,), returned_why="Vem svarar?", reply="Bo")
    asked = decide(idle, Saved(by=ANNA, values={"platform.platform": "tiktok"}), MONDAY, HOURS).case
    asked = decide(asked, Saved(by=ANNA, values={"terms.read": "yes"}), MONDAY, HOURS).case
    assert asked.asked_at
    gone = decide(asked, TimePassed(), MONDAY + timedelta(days=60), HOURS).case
    emptied = (
        gone.answers,
        gone.confirmed,
        gone.asked_at,
        gone.helpers,
        gone.told,
        gone.returned_why,
        gone.reply,
    )
    assert not any(emptied)
    assert (gone.runner, gone.state, gone.wake_at) == (ANNA, "withdrawn", None)


def test_a_touched_draft_starts_its_month_anew():
    idle = decide(run(), Saved(by=ANNA, values={"platform.name": "Ny"}), MONDAY, HOURS).case
    month = decide(idle, TimePassed(), MONDAY + timedelta(days=30), HOURS).case
    later = MONDAY + timedelta(days=40)
    touched = decide(month, Saved(by=ANNA, values={"platform.name": "Igen"}), later, HOURS).case
    assert decide(touched, TimePassed(), MONDAY + timedelta(days=61), HOURS).case.state == "draft"
    assert [s.arg for s in decide(touched, TimePassed(), later + timedelta(days=32), HOURS).says] == ["idle"]


def test_a_question_brings_it_back_and_sending_again_makes_a_new_card():
    asked = waiting()
    back = decide(asked, SentBack(by=HEIDI, why="Vilka timmar?"), MONDAY, HOURS)
    assert (back.case.state, back.case.returned_why) == ("returned", "Vilka timmar?")
    assert [(s.arg, s.reader.id) for s in back.says] == [("returned", "anna")]
    again = decide(back.case, Submitted(by=ANNA, approver=HEIDI, role="head", reply="Fem"), MONDAY, HOURS)
    assert again.case.reply == "Fem"
    assert {s.key for s in again.says}.isdisjoint({f"r1:approval:{asked.sends}:heidi"})


def test_each_sending_and_each_asking_has_a_reminder_of_its_own():
    first = decide(waiting(), TimePassed(), MONDAY + timedelta(days=2), HOURS)
    later = MONDAY + timedelta(days=7)
    back = decide(first.case, SentBack(by=HEIDI, why="?"), later, HOURS).case
    again = decide(back, Submitted(by=ANNA, approver=HEIDI, role="head"), later, HOURS).case
    second = decide(again, TimePassed(), later + timedelta(days=2), HOURS)
    rungs = [m.rung for m in (*first.marks, *second.marks)]
    assert len(set(rungs)) == 2
    assert [again.waits_for(rung, "heidi") for rung in rungs] == [False, True]

    start = run(confirmed={"terms.read": (ANNA,)})
    asked = decide(start, Saved(by=ANNA, values={"terms.read": "yes"}), MONDAY, HOURS).case
    one = decide(asked, TimePassed(), MONDAY + timedelta(days=7), HOURS)
    other = decide(one.case, Saved(by=ANNA, values={"platform.platform": "tiktok"}), later, HOURS).case
    anew = decide(other, Saved(by=ANNA, values={"terms.read": "yes"}), later, HOURS).case
    two = decide(anew, TimePassed(), later + timedelta(days=7), HOURS)
    assert {m.rung for m in one.marks}.isdisjoint({m.rung for m in two.marks})
    assert {s.key for s in one.says}.isdisjoint({s.key for s in two.says})
    assert len(two.marks) == 2


def test_a_request_is_never_left_to_wait_in_silence():
    asked, heard = waiting(), []
    while asked.wake_at and asked.wake_at < MONDAY + timedelta(days=25):
        move = decide(asked, TimePassed(), asked.wake_at, HOURS)
        heard.append((asked.wake_at.date(), [m.reader.id for m in move.marks]))
        asked = move.case
    days = [(MONDAY + timedelta(days=n)).date() for n in (2, 9, 16, 23)]
    both = ["heidi", "communications"]
    assert heard == list(zip(days, (["heidi"], both, both, both), strict=True))
    assert asked.wake_at


def test_communications_is_told_once_of_an_approver_who_left_and_again_until_somebody_is_entered():
    asked = waiting()
    left = decide(asked, ApproverLeft(), MONDAY + timedelta(days=1), HOURS)
    assert [(s.arg, s.reader.id) for s in left.says] == [("no_approver", "communications")]
    assert decide(left.case, ApproverLeft(), MONDAY + timedelta(days=1), HOURS).says == ()
    again = decide(left.case, TimePassed(), left.case.wake_at, HOURS)
    assert [m.reader.id for m in again.marks] == ["communications"]
    entered = decide(
        again.case, ApproverEntered(by=BO, approver=PersonId("fia")), MONDAY + timedelta(days=4), HOURS
    )
    assert [s.reader.id for s in entered.says] == ["fia"]
    reminded = decide(entered.case, TimePassed(), entered.case.wake_at, HOURS)
    assert [m.reader.id for m in reminded.marks] == ["fia"]


def test_what_comes_at_the_wrong_time_changes_nothing():
    done = decide(waiting(), Approved(by=HEIDI, decision=1, account="c1"), MONDAY, HOURS).case
    events = (
        Approved(by=HEIDI, decision=2, account="c2"), Rejected(by=HEIDI, why="Nej", decision=2),
        SentBack(by=HEIDI, why="?"), DeputyAsked(by=HEIDI, deputy=BO), Withdrawn(by=ANNA, why="x"),
        Submitted(by=ANNA, approver=HEIDI, role="head"), Finished(by=ANNA),
    )  # fmt: skip
    for event in events:
        move = decide(done, event, MONDAY, HOURS)
        assert (move.case, move.says, move.log) == (done, (), ()), event


def test_the_second_half_is_reminded_of_once_after_ten_working_days():
    done = decide(waiting(), Approved(by=HEIDI, decision=1, account="c1"), MONDAY, HOURS).case
    assert done.wake_at.date() == (MONDAY + timedelta(days=14)).date()
    told = decide(done, TimePassed(), done.wake_at, HOURS)
    assert [kind(m) for m in told.marks] == ["second_half"]
    assert told.case.wake_at is None
