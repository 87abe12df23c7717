"""A closure by any pack, driven by any answers in any order: it ends or asks, nothing that blocks is skipped, nothing is lost."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot import checklists, policy, submitted
from bot.cases.run import Run, begun, decide
from bot.cases.run_events import Approved, Finished, Overtaken, Saved, SentBack, Submitted
from bot.cases.run_state import CLOSE_ACCOUNT
from bot.model import PersonId, Stamp
from tests.unit.test_checklists import asker, good
from tests.unit.test_runs_of_all_packs import ANNA, BO, HEIDI, HOURS, MONDAY, first

EVERY_PACK = pytest.mark.parametrize("pack", policy.names())
SEND = Submitted(by=ANNA, approver=HEIDI, role="head")
YES = Approved(by=HEIDI, decision=1, account="sida")
DONE = Finished(by=ANNA, people=(BO,))
STORED: TypeAdapter[Run] = TypeAdapter(Run)


def run(pack: str) -> Run:
    copy = checklists.copied(policy.load(pack).checklists[CLOSE_ACCOUNT])
    return Run(id="r1", opened_at=MONDAY, name=CLOSE_ACCOUNT, stamp=Stamp(pack=pack, version="1", digest="d"),
               checklist=copy, runner=ANNA, version=1)  # fmt: skip


def save(found: Run, step, by: PersonId = ANNA, choose=first) -> Run:
    values, faults = submitted.read(step, good(step, found.values, choose), asker(found.values, by))
    assert faults == {}
    event = Saved(by=by, values=values)
    return (decide if found.answers else begun)(found, event, MONDAY, HOURS).case


def answered(found: Run, choose=first) -> Run:
    """The half that is under way, as far as it goes."""
    for _ in range(20):
        step = found.plan.step(found.next_step or "")
        if step is None or not found.may_change:
            return found
        found = save(found, step, choose=choose)
    raise AssertionError("a checklist comes to an end")


@cache
def whole(pack: str) -> Run:
    return answered(run(pack))


def after(found: Run, *events) -> Run:
    for event in events:
        found = decide(found, event, MONDAY, HOURS).case
    return found


@EVERY_PACK
@given(data=st.data())
@settings(max_examples=25)
def test_whatever_is_answered_it_ends_with_comments_off_or_goes_to_whoever_decides(pack, data):
    found = answered(run(pack), lambda options: data.draw(st.sampled_from(options)).id)
    if found.state == "stopped":
        assert found.values[checklists.INSTEAD] == checklists.COMMENTS_OFF
        assert after(found, SEND, YES, DONE) == found
        return
    assert found.may_be_sent
    live = answered(after(found, SEND, YES))
    assert live.state == "second_half"
    assert after(live, DONE).state == "done"


@EVERY_PACK
@given(data=st.data())
@settings(max_examples=25)
def test_no_answer_that_is_required_can_be_left_out_on_the_way_to_the_decision(pack, data):
    found = whole(pack)
    steps = [s for s in checklists.path(found.plan, found.values) if s.half == "before"]
    needed = [checklists.ref(s, f) for s in steps for f in s.fields if f.required]
    taken = data.draw(st.sampled_from(needed))
    without = replace(found, answers={r: a for r, a in found.answers.items() if r != taken})
    assert after(without, SEND).state == "draft"


@EVERY_PACK
@given(data=st.data())
@settings(max_examples=25)
def test_nothing_is_closed_before_a_decision_and_all_that_follows_it(pack, data):
    found = whole(pack)
    assert after(found, DONE, YES) == found
    decided = answered(after(found, SEND, YES))
    steps = [s for s in decided.plan.steps if s.half == "after"]
    needed = [checklists.ref(s, f) for s in steps for f in s.fields if f.required]
    taken = data.draw(st.sampled_from(needed))
    without = replace(decided, answers={r: a for r, a in decided.answers.items() if r != taken})
    assert after(without, DONE) == without


@EVERY_PACK
@given(data=st.data())
@settings(max_examples=15)
def test_two_people_on_one_closure_lose_nothing_of_each_other(pack, data):
    found = whole(pack)
    texts = [checklists.WHY_CLOSE_TEXT, checklists.PICTURE]
    one, other = data.draw(st.permutations(texts))
    both = after(found, Saved(by=ANNA, values={one: "Annas"}), Saved(by=BO, values={other: "Bos"}))
    assert both.values == found.values | {one: "Annas", other: "Bos"}
    assert [both.answers[r].by for r in (one, other)] == [ANNA, BO]


@EVERY_PACK
def test_it_is_taken_up_after_every_step_where_it_was_left(pack):
    found = run(pack)
    while step := found.plan.step(found.next_step or ""):
        found = save(found, step)
        again = STORED.validate_json(STORED.dump_json(found))
        assert (again.values, again.next_step, again.closing) == (found.values, found.next_step, ("sida",))
    decided = after(found, SEND, YES)
    again = STORED.validate_json(STORED.dump_json(decided))
    assert again.next_step == decided.next_step


@EVERY_PACK
def test_a_branch_that_is_left_takes_its_answers_along(pack):
    found = whole(pack)
    step = found.plan.step("comments-off")
    if step is None:
        return
    nobody = answered(
        after(found, Saved(by=ANNA, values={checklists.WHY_CLOSE: "nobody"})), lambda o: o[-1].id
    )
    assert checklists.INSTEAD in nobody.values
    back = after(nobody, Saved(by=ANNA, values={checklists.WHY_CLOSE: "inactive"}))
    assert checklists.INSTEAD not in back.values


@EVERY_PACK
@pytest.mark.parametrize("chosen", [("sida", "ny"), ("ny",)])
def test_an_account_that_comes_later_needs_its_own_picture_and_its_own_look_at_what_waits(pack, chosen):
    found = after(whole(pack), Saved(by=BO, values={checklists.CLOSING: chosen}))
    assert found.next_step == "snapshot"
    assert not found.may_be_sent
    assert after(found, SEND).state == "draft"
    assert not {checklists.PICTURE, checklists.PICTURE_DAY, checklists.CHECKED} & set(found.values)
    assert found.values[checklists.WHY_CLOSE] == whole(pack).values[checklists.WHY_CLOSE]
    assert answered(found).may_be_sent


@EVERY_PACK
def test_an_account_that_is_left_out_takes_no_answer_along(pack):
    both = answered(after(whole(pack), Saved(by=BO, values={checklists.CLOSING: ("sida", "ny")})))
    one = after(both, Saved(by=BO, values={checklists.CLOSING: ("ny",)}))
    assert one.values == both.values | {checklists.CLOSING: ("ny",)}
    assert one.may_be_sent


@EVERY_PACK
def test_what_is_sent_back_and_forth_is_decided_once(pack):
    found = after(whole(pack), SEND, SentBack(by=HEIDI, why="Varför?"), SEND, YES)
    again = after(found, replace(YES, decision=2), SEND, SentBack(by=HEIDI, why="?"))
    assert (again.state, again.decision, again.sends) == ("second_half", 1, 2)


@EVERY_PACK
def test_the_closed_accounts_people_and_communications_are_told_once(pack):
    decided = answered(after(whole(pack), SEND, YES))
    move = decide(decided, DONE, MONDAY, HOURS)
    assert sorted(str(say.reader) for say in move.says) == ["person:anna", "person:bo", "role:communications"]
    assert decide(move.case, DONE, MONDAY, HOURS).says == ()


@pytest.mark.parametrize(
    ("state", "ends"), [("second_half", "withdrawn"), ("live", "done"), ("draft", "draft")]
)
def test_a_new_accounts_run_ends_where_its_account_is_closed(state, ends):
    found = replace(whole("generic"), name="new-account", state=state)
    assert after(found, Overtaken(by=ANNA)).state == ends
