"""What a moderation's engine promises, whatever happens in whatever order, by the guidelines of each pack."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import checklists, policy
from bot.cases.base import TimePassed
from bot.cases.ladder import Hours
from bot.cases.moderation import (
    Alarmed,
    Finished,
    Moderation,
    Reviewed,
    Saved,
    TakenOff,
    Withdrawn,
    begun,
    decide,
)
from bot.cases.moderation_state import AGREED, CAPTURE, DONE, NOW, POLICE, REVIEW, TAKE_OFF
from bot.model import Office, PersonId, Stamp
from bot.policy import PACKS, Checklist, Field, Step
from bot.steps import Waits
from tests.world import MONDAY, at

PEOPLE = tuple(PersonId(p) for p in ("anna", "bo", "heidi", "karin"))
ANNA, BO, HEIDI, KARIN = PEOPLE
START = at(MONDAY.date(), 10)


def hours(pack: str = "generic") -> Hours:
    return Hours(calendar=policy.load(pack).calendar(), office=Office())


def plan_of(pack: str) -> Checklist:
    return policy.load(pack).checklists["moderate"]


def fresh(pack: str) -> Moderation:
    return Moderation(id="m1", opened_at=START, stamp=Stamp(pack=pack, version="1", digest=""), runner=ANNA,
                      checklist=checklists.copied(plan_of(pack)))  # fmt: skip


def value(field: Field, given: dict | None = None) -> st.SearchStrategy:
    """An answer that the form would take; after what was `given` only of what is offered then."""
    options = field.options if given is None else checklists.offered(field, given)
    ids = [o.id for o in options]
    alone = [o.id for o in options if o.alone]
    match field.kind:
        case "choice":
            return st.sampled_from(ids)
        case "choices":
            some = st.lists(
                st.sampled_from([i for i in ids if i not in alone]), min_size=1, max_size=3, unique=True
            )
            return st.one_of(some.map(tuple), st.sampled_from([(i,) for i in alone]))
        case "confirm":
            return st.just("yes")
        case "moment":
            return st.just(START.isoformat())
        case "lines":
            return st.sampled_from(
                ["https://x.com/a/1", "https://x.com/a/1\nhttps://x.com/a/2", "ett meddelande"]
            )
        case _:
            return st.sampled_from(["bio0", "heidi"])


def answers(step: Step, given: dict | None = None) -> st.SearchStrategy:
    fields = {checklists.ref(step, f): value(f, given) for f in checklists.asked(step)}
    return st.fixed_dictionaries(fields)


def saved(plan: Checklist) -> st.SearchStrategy:
    return st.one_of(*(st.builds(Saved, by=st.sampled_from(PEOPLE), values=answers(s)) for s in plan.steps))


def events(plan: Checklist) -> st.SearchStrategy:
    """What people and time may do, also at the wrong moment, each with the minutes that passed before it."""
    by = st.sampled_from(PEOPLE)
    review = st.builds(
        Reviewed, by=by, role=st.just("head"), yes=st.booleans(), why=st.sampled_from(["", "Nej"])
    )
    some = st.one_of(saved(plan), saved(plan), saved(plan), review, st.builds(TakenOff, by=by),
                     st.builds(Withdrawn, by=by, why=st.just("Fel")), st.just(TimePassed()),
                     st.builds(Finished, by=by, decision=st.integers(1, 9)),
                     st.builds(Alarmed, kind=st.sampled_from(["threat", "pile_on"]), alarm=st.just("a1")))  # fmt: skip
    return st.lists(st.tuples(some, st.sampled_from([1, 30, 90, 1440, 50_000])), max_size=18)


stories = st.sampled_from(PACKS).flatmap(
    lambda pack: st.tuples(st.just(pack), answers(plan_of(pack).steps[0]), events(plan_of(pack)))
)


def played(pack: str, first: dict, happened: list):
    """Each state with the one before it, the event, and what was said."""
    now, h = START, hours(pack)
    move = begun(fresh(pack), Saved(by=ANNA, values=first), now, h)
    run, said = move.case, [s.key for s in move.says]
    yield None, None, run, list(said)
    for event, minutes in happened:
        now += timedelta(minutes=minutes)
        before, move = run, decide(run, event, now, h)
        run = move.case
        said += [s.key for s in move.says]
        yield before, event, run, list(said)


@settings(deadline=None, max_examples=12)
@given(story=stories)
def test_it_never_ends_before_all_duties_are_met_and_ends_but_once(story):
    ends = 0
    for before, _, run, _ in played(*story):
        if run.state == "done":
            ends += before.state == "open"
            assert all(run.is_met(duty) for duty in run.duties)
            assert all(checklists.is_done(step, run.values) for step in run.path)
            assert before.state == "done" or before.is_whole
    assert ends <= 1


@settings(deadline=None, max_examples=12)
@given(story=stories)
def test_nothing_is_ever_taken_off_before_it_is_captured_nor_shown_to_be(story):
    for _, _, run, _ in played(*story):
        shown = run.meets(TAKE_OFF) is not None
        if run.values.get(DONE) == NOW or shown or run.may_be_taken_off:
            assert CAPTURE not in run.duties or run.values["capture.taken"] == "yes"
            assert POLICE not in run.duties or run.values["police.called"] == "yes"
            assert REVIEW not in run.duties or run.values[AGREED] == "yes"


@settings(deadline=None, max_examples=12)
@given(story=stories)
def test_child_abuse_material_is_never_asked_to_be_copied_and_criticism_never_breaks_a_house_rule(story):
    for _, _, run, _ in played(*story):
        if "abuse" in checklists.several(run.values.get(checklists.GROUNDS, "")):
            assert CAPTURE not in run.duties
            assert "capture" not in {step.id for step in run.path}
        if run.values.get(checklists.KIND) == "criticism":
            assert all(option.ground == "law" for option in run.grounds)


@settings(deadline=None, max_examples=12)
@given(story=stories)
def test_it_always_asks_for_something_or_waits_for_somebody_or_may_end(story):
    for _, _, run, _ in played(*story):
        if run.state == "open":
            waits = run.waits_for_review or (run.waits_to_be_taken_off and run.office_since)
            assert run.next_step or waits or run.is_whole, run.values


@settings(deadline=None, max_examples=12)
@given(story=stories)
def test_a_breach_is_never_withdrawn_nor_removed_and_nothing_is_said_twice(story):
    for before, _, run, said in played(*story):
        if run.state in ("withdrawn", "removed"):
            assert before.state == run.state or not before.breach
        assert len(said) == len(set(said))
        assert len(run.told) == len(set(run.told))


@pytest.mark.long
@settings(deadline=None, max_examples=12)
@given(story=stories)
def test_what_is_over_is_left_as_it_is_and_nobody_says_yes_to_their_own_wish(story):
    for before, event, run, _ in played(*story):
        if before and not before.is_open:
            assert run == before
        if isinstance(event, Reviewed) and event.by in before.own:
            assert run.values.get(AGREED) == before.values.get(AGREED)


@settings(deadline=None, max_examples=12)
@given(pack=st.sampled_from(PACKS), data=st.data())
def test_going_back_and_changing_a_branch_drops_the_answers_of_the_other(pack, data):
    run = begun(
        fresh(pack), Saved(by=ANNA, values=data.draw(answers(plan_of(pack).steps[0]))), START, hours(pack)
    ).case
    for _ in range(12):
        step = data.draw(st.sampled_from([s for s in run.path if checklists.asked(s)]))
        run = decide(run, Saved(by=ANNA, values=data.draw(answers(step))), START, hours(pack)).case
        steps = [s.model_copy(update={"gate": False}) for s in run.plan.steps]
        way = checklists.path(run.plan.model_copy(update={"steps": tuple(steps)}), run.values)
        assert set(run.answers) <= {checklists.ref(s, f) for s in way for f in s.fields}


@settings(deadline=None, max_examples=12)
@given(pack=st.sampled_from(PACKS), data=st.data())
def test_two_people_on_different_pages_lose_nothing_of_each_others(pack, data):
    first = data.draw(answers(plan_of(pack).steps[0]))
    run = begun(fresh(pack), Saved(by=ANNA, values=first), START, hours(pack)).case
    for by in (ANNA, BO) * 4:
        left = [
            s
            for s in run.path
            if checklists.asked(s) and checklists.ref(s, checklists.asked(s)[0]) not in run.values
        ]
        if not left:
            return
        before = dict(run.answers)
        step = data.draw(st.sampled_from(left))
        event = Saved(by=by, values=data.draw(answers(step, run.values)))
        run = decide(run, event, START, hours(pack)).case
        assert before.items() <= run.answers.items()
        assert event.values.items() <= run.values.items()


# -- times --------------------------------------------------------------------------------------

FRIDAY = at(MONDAY.date() + timedelta(days=4), 16, 30)


def insulted(now=FRIDAY) -> Moderation:
    """A breach that was marked at that moment, and nothing after it."""
    first = {"first.threat": "no", "first.pile-on": "no", "first.account": "bio0", "first.posts": "https://x.com/a/1",
             "first.posted": now.isoformat(), "first.kind": "comment", "first.source": "own"}  # fmt: skip
    run = begun(fresh("generic"), Saved(by=ANNA, values=first), now, hours()).case
    return save(run, {"breach.grounds": ("honour",), "breach.which": ""}, now)


def captured(where: str) -> dict[str, str]:
    """The answers of a picture that has been taken and is kept there."""
    return {"capture.taken": "yes", "capture.place": "", "capture.checksum": "", "capture.sender": "",
            "capture.kept": where}  # fmt: skip


def save(run: Moderation, values: dict, now=FRIDAY, by: PersonId = ANNA) -> Moderation:
    return decide(run, Saved(by=by, values=values), now, hours()).case


def heard(run: Moderation, until) -> list[tuple[str, str]]:
    """What is said until then, with whom it is said to, as the heartbeat would."""
    found = []
    while run.wake_at and run.wake_at <= until:
        at_ = run.wake_at
        move = decide(run, TimePassed(), at_, hours())
        run = move.case
        found += [(at_.astimezone(START.tzinfo).strftime("%a %H:%M"), str(s.reader)) for s in move.says]
        found += [
            (at_.astimezone(START.tzinfo).strftime("%a %H:%M"), f"collected {m.reader}") for m in move.marks
        ]
    return found


def test_a_breach_of_friday_afternoon_nags_nobody_before_monday_morning():
    told = heard(insulted(), at(MONDAY.date() + timedelta(days=7), 12))
    assert told == [("Mon 08:30", "person:anna"), ("Mon 09:30", "role:communications")]


def test_what_still_stands_is_in_communications_collected_message_once_a_working_day():
    told = heard(insulted(), at(MONDAY.date() + timedelta(days=10), 12))
    assert told[2:] == [
        ("Tue 09:30", "collected role:communications"),
        ("Wed 09:30", "collected role:communications"),
        ("Thu 09:30", "collected role:communications"),
    ]


def test_handed_to_communications_it_is_asked_at_once_and_the_runner_is_not_reminded():
    run = save(insulted(), captured("registry"))
    move = decide(run, Saved(by=ANNA, values={DONE: "office", "take-off.at": ""}), FRIDAY, hours())
    assert [str(s.reader) for s in move.says] == ["role:communications"]
    assert heard(move.case, at(MONDAY.date() + timedelta(days=7), 9)) == []


@pytest.mark.parametrize("days", [30, 60])
def test_a_draft_without_a_breach_is_told_of_after_thirty_days_and_removed_after_sixty(days):
    run = save(insulted(), {"breach.grounds": ("none",), "breach.which": ""})
    later = hours().speak_at(FRIDAY + timedelta(days=days, hours=80))
    moves = decide(run, TimePassed(), later, hours())
    assert [s.arg for s in moves.says][:1] == ["idle"]
    assert moves.case.state == ("removed" if days == 60 else "open")
    assert bool(moves.case.answers) == (days == 30)


def test_a_run_with_a_breach_is_never_removed():
    later = decide(insulted(), TimePassed(), FRIDAY + timedelta(days=400), hours()).case
    assert later.state == "open"
    assert later.answers


def test_another_post_makes_picture_and_taking_off_be_done_again():
    run = save(insulted(), captured("registry"))
    run = save(run, {DONE: NOW, "take-off.at": ""})
    first = {ref: a.value for ref, a in run.answers.items() if ref.startswith("first.")}
    more = save(run, {**first, "first.posts": "https://x.com/a/1\nhttps://x.com/a/2"})
    fewer = save(run, {**first, "first.kind": "tip"})
    assert CAPTURE in more.open_duties
    assert DONE not in more.values
    assert fewer.values[DONE] == NOW


def test_a_reason_that_is_given_anew_is_asked_about_anew():
    run = save(insulted(), {"breach.grounds": ("advertising",), "breach.which": ""})
    run = save(run, captured("local"))
    run = save(run, {"house-rule.reason": "Reklam"})
    first = run.review_since
    yes = decide(run, Reviewed(by=HEIDI, role="head", yes=True), FRIDAY, hours()).case
    again = save(yes, {"house-rule.reason": "Spam"}, FRIDAY + timedelta(minutes=3))
    assert TAKE_OFF in yes.duties
    assert AGREED not in again.values
    assert again.review_since > first
    assert again.reviewed_as == ""


def test_what_is_withdrawn_keeps_its_reason_out_of_the_log_and_nothing_that_was_answered():
    run = save(insulted(), {"breach.grounds": ("none",), "breach.which": ""})
    move = decide(run, Withdrawn(by=ANNA, why="Kalle Svensson ångrade sig"), FRIDAY, hours())
    assert (move.case.state, move.case.answers, move.case.why) == (
        "withdrawn",
        {},
        "Kalle Svensson ångrade sig",
    )
    assert "Kalle" not in repr(move.log)


def test_a_no_needs_its_reason_and_the_post_stays():
    run = save(insulted(), {"breach.grounds": ("advertising",), "breach.which": ""})
    run = save(run, captured("local"))
    run = save(run, {"house-rule.reason": "Reklam"})
    bare = decide(run, Reviewed(by=HEIDI, role="head", yes=False), FRIDAY, hours()).case
    no = decide(run, Reviewed(by=HEIDI, role="head", yes=False, why="Det är tillåtet"), FRIDAY, hours()).case
    assert bare == replace(run, wake_at=bare.wake_at)
    assert TAKE_OFF not in no.duties
    assert [s.id for s in no.path][-1] == "answer"


# -- left alone ---------------------------------------------------------------------------------

NOTHING_LEFT = captured("registry")


def threatened(now=FRIDAY) -> Moderation:
    """A threat on the first page, and nothing after it."""
    first = {ref: a.value for ref, a in insulted(now).answers.items() if ref.startswith("first.")}
    run = begun(fresh("generic"), Saved(by=ANNA, values=first | {"first.threat": "yes"}), now, hours()).case
    return decide(run, Alarmed(kind="threat", alarm="a1"), now, hours()).case


def not_public(now=FRIDAY) -> Moderation:
    """What nobody can see breaks the law, and is captured."""
    first = {ref: a.value for ref, a in insulted(now).answers.items() if ref.startswith("first.")}
    run = begun(fresh("bth"), Saved(by=ANNA, values=first | {"first.public": "no"}), now, hours()).case
    run = save(run, {"breach.grounds": ("honour",), "breach.which": "", "breach.doubt": "no"}, now)
    return save(run, NOTHING_LEFT, now)


def taken_off() -> Moderation:
    return save(save(insulted(), NOTHING_LEFT), {DONE: NOW, "take-off.at": ""})


@pytest.mark.parametrize("made", [taken_off, threatened, not_public])
def test_what_must_be_ended_and_is_left_alone_is_heard_of_until_somebody_goes_on(made):
    run = made()
    assert run.is_kept
    assert not run.waits_to_be_taken_off
    told = heard(run, FRIDAY + timedelta(days=20))
    assert told == [
        ("Tue 16:30", "person:anna"),
        ("Tue 16:30", "collected role:communications"),
        ("Tue 16:30", "collected role:communications"),
    ]


def test_whoever_goes_on_with_what_was_left_is_reminded_anew_only_two_days_later():
    run = taken_off()
    later = save(run, {"answer.what": "forward", "answer.at": ""}, FRIDAY + timedelta(days=4, minutes=-1))
    assert later.left_since > run.left_since
    assert heard(later, FRIDAY + timedelta(days=5)) == []


# -- saved again, woken late --------------------------------------------------------------------


def asked_for_review(now) -> tuple[Moderation, list]:
    """A house rule whose reason was given at that moment, with what that said."""
    run = save(insulted(now), {"breach.grounds": ("advertising",), "breach.which": ""}, now)
    run = save(run, NOTHING_LEFT | {"capture.kept": "local"}, now)
    move = decide(run, Saved(by=ANNA, values={"house-rule.reason": "Reklam"}), now, hours())
    return move.case, list(move.says)


@settings(deadline=None, max_examples=12)
@given(waits=st.lists(st.integers(1, 5_000), min_size=1, max_size=5), by=st.sampled_from(PEOPLE))
def test_the_same_reason_saved_again_asks_nobody_a_second_time(waits, by):
    now = at(MONDAY.date(), 9)
    run, says = asked_for_review(now)
    asked = [(s.card, str(s.reader), "Reklam") for s in says if s.card == "moderation_review"]
    for minutes in waits:
        now += timedelta(minutes=minutes)
        move = decide(run, Saved(by=by, values={"house-rule.reason": "Reklam"}), now, hours())
        run = move.case
        reason = run.values["house-rule.reason"]
        asked += [(s.card, str(s.reader), reason) for s in move.says if s.card == "moderation_review"]
    assert len(asked) == len(set(asked)) == 2
    assert set(run.own) == {ANNA}


BREACH_AT, SATURDAY_NIGHT = (
    at(MONDAY.date() + timedelta(days=4), 14),
    at(MONDAY.date() + timedelta(days=5), 3),
)


def test_whoever_slept_through_the_hours_says_nothing_at_night():
    night = decide(insulted(BREACH_AT), TimePassed(), SATURDAY_NIGHT, hours())
    assert (night.says, night.marks) == ((), ())
    assert night.case.wake_at == at(MONDAY.date() + timedelta(days=7), 8)
    morning = decide(night.case, TimePassed(), night.case.wake_at, hours())
    (reminder,) = (s for s in morning.says if s.card == "moderation_told")
    assert (reminder.arg, reminder.useful_until < night.case.wake_at) == ("off_reminder", True)
    assert [str(s.reader) for s in morning.says if s.card == "moderation_off"] == ["role:communications"]


def test_nobody_is_told_that_communications_will_hear_when_it_has_heard_already():
    waits = Waits(breach_remind=2, breach_escalate=2)
    move = decide(
        insulted(BREACH_AT), TimePassed(), BREACH_AT + timedelta(hours=2), replace(hours(), waits=waits)
    )
    assert [s.card for s in move.says] == ["moderation_off"]


def test_three_hundred_days_of_sleep_make_one_mark_for_each_who_is_asked():
    later = hours().speak_at(BREACH_AT + timedelta(days=300))
    for run, marked in ((insulted(BREACH_AT), 1), (asked_for_review(BREACH_AT)[0], 2), (taken_off(), 1)):
        move = decide(run, TimePassed(), later, hours())
        assert len(move.marks) == marked
        assert all(move.case.waits_for(mark.rung) for mark in move.marks)
        assert move.case.wake_at > later


@settings(deadline=None, max_examples=40)
@given(minutes=st.integers(0, 60 * 24 * 40), made=st.sampled_from([insulted, taken_off, threatened]))
def test_time_alone_speaks_only_in_office_hours_and_wakes_only_then(minutes, made):
    now = FRIDAY + timedelta(minutes=minutes)
    move = decide(made(), TimePassed(), now, hours())
    assert hours().is_open(now) or not (move.says or move.marks)
    assert hours().is_open(move.case.wake_at)
    assert move.case.wake_at >= now


def test_what_communications_is_asked_by_a_press_at_night_is_asked_at_once():
    run = save(insulted(BREACH_AT), NOTHING_LEFT, SATURDAY_NIGHT)
    move = decide(run, Saved(by=ANNA, values={DONE: "office", "take-off.at": ""}), SATURDAY_NIGHT, hours())
    assert [s.card for s in move.says] == ["moderation_off"]
