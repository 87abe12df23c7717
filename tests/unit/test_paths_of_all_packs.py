"""Moderation and closing in every pack, by any answers: what is asked, owed and left, and BTH's chart leaf by leaf."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import checklists, policy, submitted
from bot.checklists import GROUNDS, KIND, VISIBLE
from bot.policy import Checklist, Field, Option, Step
from tests.unit.test_checklists import asker, good

pytestmark = pytest.mark.long

PACKS = policy.names()
PLANS = {(pack, name): policy.load(pack).checklists[name]
         for pack in PACKS for name in ("moderate", "close-account")}  # fmt: skip
MODERATE = {pack: PLANS[pack, "moderate"] for pack in PACKS}
EVERY = pytest.mark.parametrize(("pack", "name"), PLANS)
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
EVERY_PACK = pytest.mark.parametrize("pack", PACKS)
POST = {
    "first.threat": "no",
    "first.pile-on": "no",
    "first.account": "sida",
    "first.posts": "https://facebook.com/bio/1",
    "first.posted": "2026-11-23T08:00:00+01:00",
    KIND: "comment",
    VISIBLE: "yes",
    "first.source": "own",
}


def named(field: Field, given_: str | tuple[str, ...]) -> list[Option]:
    return [o for o in field.options if o.id in checklists.several(given_)]


def grounds(plan: Checklist, ground: str = "law") -> list[str]:
    """The ids of all grounds of that kind."""
    field = next(f for s in plan.steps for f in s.fields if checklists.ref(s, f) == GROUNDS)
    return [o.id for o in field.options if o.ground == ground]


def going(options: list[Option]) -> str:
    return next(o.id for o in options if o.then == "go")


def save(plan: Checklist, step: Step, answers: dict, wanted: dict, choose=going) -> dict:
    """The step answered as wanted, else as `choose` says, by the runner and then by whoever reviews."""
    usual = good(step, answers, choose) | {f: v for f, v in wanted.items() if f.partition(".")[0] == step.id}
    found, faults = submitted.read(step, usual, asker(answers))
    assert faults == {}
    for field in checklists.reviewed(step):
        ref = checklists.ref(step, field)
        found[ref] = wanted.get(ref, choose(list(checklists.offered(field, answers))))
    return checklists.kept(plan, {**answers, **found})


def run(plan: Checklist, wanted: dict, choose=going, stop_before: str = "") -> tuple[dict, list[str]]:
    """Step after step until nothing is asked any more, and which came; what waits is answered otherwise in the end."""
    answers: dict = {}
    seen: list[str] = []
    for half in ("before", "after"):
        while step := checklists.next_step(plan, answers, half):
            assert len(seen) < 60, "a checklist comes to an end"
            if step.id == stop_before:
                return answers, seen
            again = step.id in seen
            answers = save(plan, step, answers, {} if again else wanted, going if again else choose)
            seen.append(step.id)
            if checklists.stopped(plan, answers):
                return answers, seen
    return answers, seen


def shown(plan: Checklist, answers: dict) -> list[str]:
    return [s.id for s in checklists.path(plan, answers)]


def owed(plan: Checklist, answers: dict) -> set[str]:
    return set(checklists.owed(checklists.path(plan, answers), answers))


def any_of(data: st.DataObject):
    """Any option; of several answers any that can stand together."""
    return lambda options: data.draw(st.sampled_from(options)).id


def any_grounds(plan: Checklist, data: st.DataObject, answers: dict) -> tuple[str, ...]:
    field = plan.step("breach").fields[0]
    ids = [o.id for o in checklists.offered(field, answers) if not o.alone]
    return tuple(data.draw(st.lists(st.sampled_from(ids), unique=True, max_size=4))) or ("none",)


def drawn(plan: Checklist, data: st.DataObject) -> dict:
    """What is wanted of `first` and `breach`, drawn so that the one fits the other."""
    if not plan.step("breach"):
        return {}
    first = POST | {KIND: data.draw(st.sampled_from(["question", "comment", "criticism", "tip"])),
                    VISIBLE: data.draw(st.sampled_from(["yes", "no"]))}  # fmt: skip
    return first | {GROUNDS: any_grounds(plan, data, first)}


# -- every pack ---------------------------------------------------------------------------------


@EVERY
@given(data=st.data())
@FEW
def test_any_sequence_of_answers_ends_in_a_stop_or_with_every_step_done(pack, name, data):
    plan = PLANS[pack, name]
    answers, seen = run(plan, drawn(plan, data), any_of(data))
    if checklists.stopped(plan, answers):
        return
    assert set(seen) == set(shown(plan, answers))
    assert all(checklists.is_done(s, answers) for s in checklists.path(plan, answers))


@EVERY
@given(data=st.data())
@FEW
def test_nothing_that_blocks_can_be_skipped(pack, name, data):
    """Take any one required answer away, and its step asks for it again."""
    plan = PLANS[pack, name]
    answers, _ = run(plan, drawn(plan, data), any_of(data))
    if checklists.stopped(plan, answers):
        return
    needed = [(s, checklists.ref(s, f)) for s in checklists.path(plan, answers)
              for f in (*checklists.asked(s), *checklists.reviewed(s)) if f.required]  # fmt: skip
    step, taken = data.draw(st.sampled_from(needed))
    left = checklists.kept(plan, {ref: a for ref, a in answers.items() if ref != taken})
    asks = checklists.next_step(plan, left, step.half)
    assert asks is not None
    assert asks.id == step.id


@EVERY
@given(data=st.data())
@FEW
def test_going_back_and_changing_any_branch_keeps_nothing_of_the_one_that_was_left(pack, name, data):
    plan = PLANS[pack, name]
    answers, _ = run(plan, drawn(plan, data), any_of(data))
    fields = [(s, f) for s in checklists.path(plan, answers) for f in s.fields if f.options]
    step, field = data.draw(st.sampled_from(fields))
    ref = checklists.ref(step, field)
    other = data.draw(st.sampled_from(checklists.offered(field, answers))).id
    left = checklists.kept(plan, {**answers, ref: (other,) if field.kind == "choices" else other})
    here = {checklists.ref(s, f): f for s in checklists.path(plan, left) for f in s.fields}
    assert set(left) <= set(here)
    for name_, value in left.items():
        offered = {o.id for o in checklists.offered(here[name_], left)}
        assert not here[name_].options or set(checklists.several(value)) <= offered


@EVERY_PACK
def test_threat_and_pile_on_are_asked_first_and_a_yes_asks_for_the_alarm(pack):
    first = MODERATE[pack].steps[0]
    assert [f.id for f in first.fields[:2]] == ["threat", "pile-on"]
    for field in first.fields[:2]:
        assert [o.duties for o in named(field, ("no", "yes"))] == [(), ("alarm",)]


@EVERY_PACK
def test_a_routine_moderation_takes_at_most_six_presses_with_the_one_that_opens_it(pack):
    plan = MODERATE[pack]
    for ground in sorted({*grounds(plan)} - {"abuse"}):
        _, seen = run(plan, POST | {GROUNDS: (ground,), "answer.what": "nothing"})
        assert seen == ["first", "breach", "capture", "take-off", "answer"]
        assert 1 + len(seen) <= 6
    _, seen = run(plan, POST | {GROUNDS: ("none",), "answer.what": "answered"})
    assert seen == ["first", "breach", "answer"]


@EVERY_PACK
@given(data=st.data())
@FEW
def test_criticism_alone_and_what_breaks_nothing_never_come_to_be_taken_off(pack, data):
    plan = MODERATE[pack]
    criticism = data.draw(st.booleans())
    wanted = POST | {KIND: "criticism" if criticism else "comment", GROUNDS: ("none",)}
    answers, seen = run(plan, wanted, any_of(data))
    assert {"take-off", "capture", "house-rule"} & {*seen, *shown(plan, answers)} == set()
    assert {"take-off", "review", "capture"} & owed(plan, answers) == set()


@EVERY_PACK
def test_for_criticism_only_what_breaks_the_law_can_be_chosen(pack):
    plan = MODERATE[pack]
    field = plan.step("breach").fields[0]
    offered = checklists.offered(field, POST | {KIND: "criticism"})
    assert {o.ground for o in offered} == {"law", ""}
    assert {o.ground for o in checklists.offered(field, POST)} == {"law", "house-rule", ""}
    chosen = {GROUNDS: ("other-rule",), "breach.which": "", "breach.doubt": "no"}
    _, faults = submitted.read(plan.step("breach"), chosen, asker(POST | {KIND: "criticism"}))
    assert faults[GROUNDS].key == "form.choose"


@EVERY_PACK
@given(data=st.data())
@FEW
def test_the_step_that_takes_off_is_not_shown_before_the_picture_is_taken(pack, data):
    plan = MODERATE[pack]
    wanted = drawn(plan, data)
    answers, _ = run(plan, wanted, any_of(data), stop_before="capture")
    if "capture" in shown(plan, answers):
        assert "take-off" not in shown(plan, answers)
        assert checklists.next_step(plan, answers, "before").id == "capture"


@EVERY_PACK
@given(data=st.data())
@FEW
def test_child_abuse_material_is_never_copied_whatever_else_is_ticked(pack, data):
    plan = MODERATE[pack]
    wanted = drawn(plan, data)
    chosen = tuple(g for g in wanted[GROUNDS] if g != "none")
    wanted |= {GROUNDS: tuple(dict.fromkeys((*chosen, "abuse")))}
    answers, seen = run(plan, wanted, any_of(data))
    assert {"capture", "for-registry"} & {*seen, *shown(plan, answers)} == set()
    assert "capture" not in owed(plan, answers)
    assert {"police", "registrar"} <= owed(plan, answers)
    assert seen[:3] == ["first", "breach", "police"]
    assert ("take-off" in seen) is (pack != "bth" or wanted[VISIBLE] == "yes")


@EVERY_PACK
@given(data=st.data())
@FEW
def test_what_breaks_a_house_rule_alone_stays_until_somebody_else_has_said_yes(pack, data):
    plan = MODERATE[pack]
    wanted = POST | {GROUNDS: (data.draw(st.sampled_from(grounds(plan, "house-rule"))),)}
    agreed = data.draw(st.sampled_from(["yes", "no"]))
    answers, seen = run(plan, wanted | {"house-rule.agreed": agreed, "answer.what": "nothing"})
    assert seen[:4] == ["first", "breach", "capture", "house-rule"]
    assert ("take-off" in seen) is (agreed == "yes")
    left = {ref: a for ref, a in answers.items() if ref != "house-rule.agreed"}
    assert shown(plan, checklists.kept(plan, left))[-1] == "house-rule"


@EVERY_PACK
def test_a_breach_of_law_waits_for_nobody_though_a_house_rule_is_broken_too(pack):
    plan = MODERATE[pack]
    _, seen = run(plan, POST | {GROUNDS: ("hate", "advertising"), "answer.what": "nothing"})
    assert "house-rule" not in seen
    assert "take-off" in seen


@EVERY_PACK
def test_a_post_that_the_office_shall_take_off_keeps_the_run_open_while_the_rest_goes_on(pack):
    plan = MODERATE[pack]
    wanted = POST | {GROUNDS: ("hate",), "take-off.done": "office", "answer.what": "nothing"}
    answers, _ = run(plan, wanted, stop_before="take-off")
    answers = save(plan, plan.step("take-off"), answers, wanted)
    assert checklists.next_step(plan, answers, "before", "take-off").id == "answer"
    answers = save(plan, plan.step("answer"), answers, wanted)
    assert checklists.next_step(plan, answers, "before").id == "take-off"
    done = save(plan, plan.step("take-off"), answers, {"take-off.done": "now"})
    assert checklists.next_step(plan, done, "before") is None


@EVERY_PACK
def test_a_threat_among_the_grounds_asks_for_the_alarm_though_the_first_answer_was_no(pack):
    answers, _ = run(MODERATE[pack], POST | {GROUNDS: ("threat",)})
    assert "alarm" in owed(MODERATE[pack], answers)


# -- what is registered -------------------------------------------------------------------------


@pytest.mark.parametrize("pack", ["generic", "kth", "ki-2021", "kau"])
def test_a_breach_is_registered_and_the_local_archive_alone_asks_for_a_reason(pack):
    plan = MODERATE[pack]
    wanted = POST | {GROUNDS: ("hate",), "answer.case": "general"}
    answers, seen = run(plan, wanted | {"capture.kept": "registry"})
    assert "registrar" in owed(plan, answers)
    assert "archive-only" not in seen
    answers, seen = run(plan, wanted | {"capture.kept": "local"})
    assert "registrar" not in owed(plan, answers)
    assert "archive-only" in seen


@pytest.mark.parametrize("pack", ["ki-2021", "kau"])
@pytest.mark.parametrize(
    ("kind", "case", "steps", "registered"),
    [
        ("criticism", "yes", ["for-registry", "owner"], True),
        ("criticism", "general", ["no-action", "owner"], False),
        ("criticism", "not-found", ["no-action", "owner"], False),
        ("question", "yes", ["for-registry"], True),
        ("question", "general", [], False),
        ("comment", "not-found", [], False),
    ],
)
def test_what_calls_for_an_action_is_registered_with_its_picture_and_criticism_only_not_with_a_reason(
    pack, kind, case, steps, registered
):
    plan = MODERATE[pack]
    wanted = POST | {KIND: kind, GROUNDS: ("none",), "answer.what": "nothing", "answer.case": case}
    answers, seen = run(plan, wanted)
    assert seen == ["first", "breach", "answer", *steps]
    assert ("registrar" in owed(plan, answers)) is registered


@pytest.mark.parametrize("pack", PACKS)
def test_criticism_is_likely_to_be_registered_where_the_guideline_says_so_and_nowhere_else(pack):
    field = next((f for f in MODERATE[pack].step("answer").fields if f.id == "case"), None)
    likely = checklists.likely(field, POST | {KIND: "criticism"}) if field else ""
    assert likely == ("yes" if pack in ("ki-2021", "kau") else "")
    assert field is None or checklists.likely(field, POST) == ""


def test_at_ki_what_needs_handling_is_registered_and_criticism_gets_a_helper():
    plan = MODERATE["ki"]
    wanted = POST | {KIND: "criticism", GROUNDS: ("none",), "answer.what": "later", "answer.case": "yes"}
    answers, seen = run(plan, wanted)
    assert seen == ["first", "breach", "answer", "owner"]
    assert owed(plan, answers) == {"registrar"}
    answers, _ = run(plan, wanted | {"answer.case": "no"})
    assert owed(plan, answers) == set()


# -- BTH's chart --------------------------------------------------------------------------------

CAN = {"yes": "answered", "no": "forward", "nothing": "nothing"}
LEAVES = list(product(("yes", "no"), ("yes", "no"), CAN, ("yes", "no")))


@pytest.mark.parametrize(("visible", "breach", "can", "decision"), LEAVES)
def test_each_leaf_of_bths_chart_copies_takes_off_registers_and_passes_on_as_its_row_says(
    visible, breach, can, decision
):
    plan = MODERATE["bth"]
    for ground in (set(grounds(plan)) - {"abuse", "threat"}) if breach == "yes" else {"none"}:
        wanted = POST | {
            VISIBLE: visible,
            GROUNDS: (ground,),
            "answer.what": CAN[can],
            "answer.case": decision,
        }
        answers, seen = run(plan, wanted)
        copied, taken_off = breach == "yes", breach == "yes" and visible == "yes"
        steps = ["capture"] * copied + ["take-off"] * taken_off + ["answer"] + ["pass-on"] * (can == "no")
        assert seen == ["first", "breach", *steps]
        duties = {"capture"} if copied else set()
        duties |= {"take-off"} if taken_off else set()
        duties |= {"registrar"} if copied or decision == "yes" else set()
        assert owed(plan, answers) == duties


def test_bths_chart_has_24_leaves():
    assert len(set(LEAVES)) == 24


def test_at_bth_a_threat_in_a_message_is_copied_and_raised_and_there_is_nothing_to_take_off():
    plan = MODERATE["bth"]
    answers, seen = run(plan, POST | {VISIBLE: "no", GROUNDS: ("threat",), "answer.what": "nothing"})
    assert seen == ["first", "breach", "capture", "answer"]
    assert owed(plan, answers) == {"alarm", "capture", "registrar"}


def test_at_bth_what_the_head_lets_be_taken_off_by_a_house_rule_goes_to_the_registrar_too():
    plan = MODERATE["bth"]
    wanted = POST | {GROUNDS: ("link",), "answer.what": "nothing", "answer.case": "no"}
    answers, _ = run(plan, wanted | {"house-rule.agreed": "yes"})
    assert {"take-off", "registrar"} <= owed(plan, answers)
    answers, _ = run(plan, wanted | {"house-rule.agreed": "no"})
    assert {"take-off", "registrar"} & owed(plan, answers) == set()


def test_at_bth_a_house_rule_is_no_ground_where_the_public_sees_nothing():
    field = MODERATE["bth"].step("breach").fields[0]
    assert {o.ground for o in checklists.offered(field, POST | {VISIBLE: "no"})} == {"law", ""}


def test_at_bth_a_student_or_colleague_may_tip_and_that_breaks_nothing():
    field = next(f for f in MODERATE["bth"].steps[0].fields if f.id == "kind")
    tip = named(field, "tip")[0]
    assert (tip.cites, tip.note is not None, tip.duties) == (("BTH-04",), True, ())


# -- closing ------------------------------------------------------------------------------------

BEFORE = ["accounts", "why", "snapshot", "open-items"]
AFTER = {"ki": ["closed", "told"], "bth": ["closed", "web"]}
OFFERS = ("generic", "kth", "ki-2021", "bth", "kau")


@EVERY_PACK
def test_an_account_out_of_use_is_closed_by_the_steps_of_its_guideline(pack):
    _, seen = run(PLANS[pack, "close-account"], {"why.reason": "inactive"})
    assert seen == [*BEFORE, *AFTER.get(pack, ["closed"])]


@pytest.mark.parametrize("pack", OFFERS)
@pytest.mark.parametrize("instead", ["yes", "not-allowed", "close"])
def test_where_nobody_can_watch_comments_off_is_offered_and_a_yes_ends_it_without_a_closure(pack, instead):
    plan = PLANS[pack, "close-account"]
    answers, seen = run(plan, {"why.reason": "nobody", checklists.INSTEAD: instead})
    assert seen[:3] == ["accounts", "why", "comments-off"]
    assert (checklists.stopped(plan, answers) is not None) is (instead == "yes")
    assert ("closed" in seen) is (instead != "yes")


def test_kis_newest_text_does_not_offer_comments_off():
    _, seen = run(PLANS["ki", "close-account"], {"why.reason": "nobody"})
    assert "comments-off" not in seen


@EVERY_PACK
@pytest.mark.parametrize("level", ["unit", "administration", "university"])
def test_the_director_decides_on_closing_at_ki_for_administration_and_university_and_nowhere_else(
    pack, level
):
    role = PLANS[pack, "close-account"].approver_for({checklists.CLOSING_LEVEL: level})
    assert role == ("director" if pack == "ki" and level != "unit" else "head")
