"""A checklist run through by anybody, in any order, with any answers."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import checklists, overlay, policy, submitted
from bot.model import Account, Person, PersonId, Unit
from bot.policy import Checklist, Step
from bot.register import Register
from tests import spread
from tests.unit.test_packs import DUTIES, HEAD, SECTION

PEOPLE = {
    PersonId(p): Person(id=PersonId(p), name=p.title(), standing="guest" if p == "gast" else "member",
                        active=p != "borta")
    for p in ("anna", "bo", "cia", "heidi", "gast", "borta")
}  # fmt: skip
PAGE = Account(id="sida", platform="facebook", name="Biologi", address="https://facebook.com/bio", unit="bio", people=(),
               state="live")  # fmt: skip
REGISTER = Register(people=PEOPLE, units={"bio": Unit(id="bio", name="Biologi", head=PersonId("heidi"))},
                    accounts={PAGE.id: PAGE})  # fmt: skip
PACKS = policy.names()
TODAY = date(2026, 11, 23)
PLANS = {name: checklists.with_own_step(policy.load(name).checklists["new-account"]) for name in PACKS}


def asker(answers: dict, actor: str = "anna") -> submitted.Asker:
    return submitted.Asker(actor=PersonId(actor), register=REGISTER, answers=answers, today=TODAY)


def good(step: Step, answers: dict, choose=lambda options: options[0].id) -> dict:
    """Answers to a step that can be taken."""
    found: dict = {}
    for field in checklists.asked(step):
        ref = checklists.ref(step, field)
        match field.kind:
            case "choice":
                found[ref] = choose(checklists.offered(field, answers))
            case "choices":
                found[ref] = tuple(o.id for o in checklists.offered(field, answers) if not o.alone)
            case "account":
                found[ref] = PAGE.id
            case "accounts":
                found[ref] = (PAGE.id,)
            case "moment":
                found[ref] = "2026-11-23T08:00:00+01:00"
            case "date":
                found[ref] = TODAY.isoformat()
            case "person":
                found[ref] = "anna"
            case "people":
                found[ref] = ("anna", "bo")
            case "link":
                found[ref] = "https://instagram.com/ny"
            case "confirm":
                found[ref] = "yes"
            case "checksum":
                found[ref] = "0a" * 32
            case _:
                found[ref] = "Några ord"
    if checklists.UNIT in found:
        found[checklists.UNIT] = "bio"
    if checklists.OWN_PLACE in found:
        found[checklists.OWN_PLACE] = "test:T1:biologi"
    return found


def walk(plan: Checklist, choose, most: int = 60) -> tuple[dict, list[str]]:
    """Answer step after step until nothing is asked any more; what makes one wait is answered otherwise in the end."""
    answers: dict = {}
    seen: list[str] = []
    for half in ("before", "after"):
        after = ""
        while step := checklists.next_step(plan, answers, half, after):
            assert len(seen) < most, "a checklist comes to an end"
            again = step.id in seen
            found, faults = submitted.read(
                step, good(step, answers, _going if again else choose), asker(answers)
            )
            assert faults == {}
            answers = checklists.kept(plan, {**answers, **found})
            seen.append(step.id)
            after = step.id
            if checklists.stopped(plan, answers):
                return answers, seen
    return answers, seen


def _going(options):
    return next(o.id for o in options if o.then == "go")


@pytest.mark.parametrize("pack", spread.first(PACKS))
@given(data=st.data())
def test_any_sequence_of_answers_ends_in_a_stop_or_with_every_step_done(pack, data):
    plan = PLANS[pack]
    answers, seen = walk(plan, lambda options: data.draw(st.sampled_from(options)).id)
    if checklists.stopped(plan, answers):
        return
    steps = checklists.path(plan, answers)
    assert list(dict.fromkeys(seen)) == [s.id for s in steps if checklists.asked(s)]
    assert all(checklists.is_done(s, answers) for s in steps)


@pytest.mark.parametrize("pack", spread.first(PACKS))
@given(data=st.data())
def test_going_back_and_changing_any_branch_keeps_nothing_of_the_one_that_was_left(pack, data):
    plan = PLANS[pack]
    answers, _ = walk(plan, lambda options: data.draw(st.sampled_from(options)).id)
    choices = [(s, f) for s in checklists.path(plan, answers) for f in s.fields if f.kind == "choice"]
    step, field = data.draw(st.sampled_from(choices))
    other = data.draw(st.sampled_from(checklists.offered(field, answers) or field.options)).id
    left = checklists.kept(plan, {**answers, checklists.ref(step, field): other})
    shown = {checklists.ref(s, f): f for s in checklists.path(plan, left) for f in s.fields}
    assert set(left) <= set(shown)
    assert all(set(checklists.several(v)) <= {o.id for o in checklists.offered(shown[r], left)}
               for r, v in left.items() if shown[r].options)  # fmt: skip
    assert checklists.kept(plan, left) == left


@pytest.mark.parametrize("pack", spread.first(PACKS))
@given(data=st.data())
def test_nothing_that_is_required_can_be_left_empty(pack, data):
    plan = PLANS[pack]
    answers, _ = walk(plan, lambda options: options[0].id)
    needed = [(s, f) for s in plan.steps for f in checklists.asked(s) if f.required and not f.later]
    step, field = data.draw(st.sampled_from(needed))
    ref = checklists.ref(step, field)
    given_ = good(step, answers) | {ref: data.draw(st.sampled_from(["", "   ", ()]))}
    _, faults = submitted.read(step, given_, asker(answers))
    assert ref in faults


@pytest.mark.parametrize("pack", spread.first(PACKS))
@given(data=st.data())
@settings(max_examples=50)
def test_a_draft_can_be_taken_up_again_after_every_step(pack, data):
    plan = PLANS[pack]
    answers, seen = walk(plan, lambda options: options[0].id)
    stop = data.draw(st.integers(min_value=0, max_value=len(seen) - 1))
    refs = {checklists.ref(s, f) for s in plan.steps if s.id in seen[:stop] for f in s.fields}
    begun = {ref: value for ref, value in answers.items() if ref in refs}
    again = checklists.of(checklists.copied(plan))
    half = plan.step(seen[stop]).half
    assert checklists.next_step(again, begun, half).id == seen[stop]


@pytest.mark.parametrize("pack", spread.first(PACKS))
@given(
    values=st.dictionaries(
        st.text(max_size=20), st.one_of(st.text(max_size=30), st.lists(st.text(max_size=5)))
    )
)
def test_answers_that_nobody_asked_for_are_never_kept(pack, values):
    plan = PLANS[pack]
    for step in plan.steps:
        found, faults = submitted.read(step, values, asker({}))
        asked = {checklists.ref(step, f) for f in checklists.asked(step)}
        assert set(found) | set(faults) <= asked


def test_a_branch_that_is_left_takes_its_answers_with_it():
    plan = PLANS["ki"]
    inward = {"aim.aim": "internal", "aim-reason.reason": "Vi behöver det", "purpose.purpose": "Syfte"}
    assert "aim-reason" in [s.id for s in checklists.path(plan, inward)]
    outward = checklists.kept(plan, inward | {"aim.aim": "dialogue"})
    assert outward == {"aim.aim": "dialogue", "purpose.purpose": "Syfte"}


def test_steps_are_counted_on_the_path_as_it_is_known():
    plan = PLANS["ki"]
    short = checklists.progress(plan, {"aim.aim": "dialogue"}, "purpose")
    long = checklists.progress(plan, {"aim.aim": "board"}, "purpose")
    assert (long[0], long[1]) == (short[0] + 1, short[1] + 1)


@pytest.mark.parametrize("pack", PACKS)
def test_a_gate_that_is_not_done_is_not_counted_as_the_last_step(pack):
    plan = policy.load(pack).checklists["moderate"]
    insult = {"breach.grounds": ("honour",)}
    n, total = checklists.progress(plan, insult, "capture")
    assert checklists.path(plan, insult)[-1].id == "capture"
    assert total >= n + 2, "it is taken off and answered afterwards"


@pytest.mark.parametrize(
    ("people", "fault"),
    [(("anna",), "run.more_people"), (("anna", "anna"), "run.more_people"), (("anna", "gast"), "form.person_inactive"),
     (("anna", "borta"), "form.person_inactive"), (("anna", "okand"), "form.person_inactive")],
)  # fmt: skip
def test_people_are_enough_all_different_active_and_no_guests(people, fault):
    step = PLANS["ki"].step("people")
    _, faults = submitted.read(step, {"people.people": people, "people.manager": "anna"}, asker({}))
    assert faults["people.people"].key == fault


def test_the_account_manager_is_one_of_the_people():
    step = PLANS["ki"].step("people")
    _, faults = submitted.read(step, {"people.people": ("anna", "bo"), "people.manager": "cia"}, asker({}))
    assert faults["people.manager"].key == "run.manager_not_named"


def test_whoever_is_not_named_confirms_nothing_for_the_others():
    step = PLANS["ki"].step("terms")
    answers = {"people.people": ("bo", "cia"), "people.manager": "bo"}
    found, _ = submitted.read(step, {}, asker(answers, actor="anna"))
    assert found == {"terms.read": checklists.ASKED}
    _, faults = submitted.read(step, {}, asker(answers, actor="bo"))
    assert faults["terms.read"].key == "run.tick"


@pytest.mark.parametrize(
    ("pack", "level", "role"),
    [("ki", "unit", "head"), ("ki", "administration", "director"), ("ki", "university", "director"),
     ("generic", "unit", "head"), ("generic", "university", "head")],
)  # fmt: skip
def test_university_wide_and_administration_accounts_of_ki_go_to_the_director(pack, level, role):
    assert checklists.approver_role(PLANS[pack], {"level.level": level}) == role


def test_similar_accounts_share_the_unit_or_platform_and_a_word():
    def account(ident: str, platform: str, name: str, unit: str, state: str = "live") -> Account:
        return Account(id=ident, platform=platform, name=name, address="", unit=unit, people=(), state=state)

    accounts = [account("a", "instagram", "@biologi", "bio"), account("b", "instagram", "@kemi_uni", "kem"),
                account("c", "facebook", "Fysik", "fys"), account("d", "instagram", "@kemi_gammal", "kem", "closed")]  # fmt: skip
    register = Register(units=REGISTER.units, accounts={a.id: a for a in accounts})
    wanted = {"level.unit": "Biologi", "platform.platform": "instagram", "platform.name": "Kemi för alla"}
    assert [a.id for a in checklists.similar(register, wanted)] == ["a", "b"]


@given(text=st.text(max_size=900), most=st.integers(min_value=10, max_value=300))
def test_the_first_sentences_fit(text, most):
    assert len(checklists.first_sentences(text, most)) <= most


# -- duties and gates -----------------------------------------------------------------------------


def duty_bound() -> Checklist:
    """A checklist whose grounds ask for a capture, and one of which forbids it."""
    made = policy.Pack.model_validate(overlay.assembled(HEAD + SECTION + DUTIES))
    return made.checklists["moderate"]


def test_a_ground_asks_for_its_duty_and_another_forbids_it_whoever_asks():
    plan = duty_bound()
    threat, both = {"breach.grounds": ("threat",)}, {"breach.grounds": ("threat", "abuse")}
    assert [s.id for s in checklists.path(plan, threat)] == ["breach", "capture"]
    assert checklists.owed(plan.steps, threat) == ("capture", "alarm")
    assert [s.id for s in checklists.path(plan, both)] == ["breach"]
    assert checklists.owed(plan.steps, both) == ("alarm",)


def test_nothing_after_a_gate_is_shown_before_it_is_done():
    plan = duty_bound()
    after = plan.steps[0].model_copy(update={"id": "after"})
    plan = plan.model_copy(update={"steps": (*plan.steps, after)})
    threat = {"breach.grounds": ("threat",)}
    assert [s.id for s in checklists.path(plan, threat)] == ["breach", "capture"]
    assert [s.id for s in checklists.path(plan, threat | {"capture.taken": "yes"})] == [
        "breach",
        "capture",
        "after",
    ]


# -- what stands alone, and several accounts -------------------------------------------------------


def read_one(ref: str, given_: tuple[str, ...], answers: dict | None = None):
    """What generic's step makes of one field's answer: the answer, or the key of the refusal."""
    ident = ref.partition(".")[0]
    plan = next(c for c in policy.load("generic").checklists.values() if c.step(ident))
    step = plan.step(ident)
    found, faults = submitted.read(step, {ref: given_}, asker(answers or {}))
    return found.get(ref, faults[ref].key if ref in faults else None)


def test_none_of_these_cannot_be_chosen_together_with_a_ground():
    assert read_one(checklists.GROUNDS, ("none",)) == ("none",)
    assert read_one(checklists.GROUNDS, ("threat", "hate")) == ("threat", "hate")
    assert read_one(checklists.GROUNDS, ("threat", "none")) == "run.alone"


def test_several_accounts_are_kept_once_each_and_none_or_a_closed_or_unknown_one_is_refused():
    assert read_one(checklists.CLOSING, (PAGE.id, PAGE.id)) == (PAGE.id,)
    assert read_one(checklists.CLOSING, ()) == "form.choose"
    assert read_one(checklists.CLOSING, (PAGE.id, "okänt")) == "form.choose"
    closed = {"gammal": replace(PAGE, id="gammal", state="closed")}
    register = replace(REGISTER, accounts=REGISTER.accounts | closed)
    step = policy.load("generic").checklists["close-account"].step("accounts")
    _, faults = submitted.read(step, {checklists.CLOSING: ("gammal",)}, replace(asker({}), register=register))
    assert faults[checklists.CLOSING].key == "form.choose"
