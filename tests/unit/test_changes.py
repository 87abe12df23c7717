"""A change of a setting is made and taken back, whatever it is; the office's own waits lie over marked defaults alone."""

from dataclasses import replace
from datetime import date, time

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import policy, steps
from bot.changes import Holding, changed, found, patch, renewed, stands
from bot.model import Office, PersonId, Place, Unit
from bot.register import Register

times = st.times().map(lambda t: t.replace(microsecond=0, second=0, fold=0))
people = st.lists(st.sampled_from(["anna", "bo", "heidi"]).map(PersonId), unique=True).map(tuple)
offices = st.builds(
    Office, name=st.text(max_size=20), opens=times, bridge_days_free=st.none() | st.booleans(),
    closed=st.frozensets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=4),
    communications_name=st.dictionaries(st.sampled_from(["sv", "en"]), st.text(max_size=9)),
    steps=st.dictionaries(st.sampled_from([s.name for s in steps.STEPS]), st.integers(1, 9)), changers=people,
)  # fmt: skip
holdings = st.builds(
    Holding, people=people, place=st.none() | st.just("p1"), mail=st.just(()) | st.just(("a@example.se",)),
    phone=st.sampled_from(["", "08-1"]),
)  # fmt: skip
units = st.none() | st.builds(
    Unit, id=st.just("u1"), name=st.text(max_size=9), head=people.map(lambda p: next(iter(p), None))
)
places = st.builds(
    Place, id=st.just("p1"), platform=st.just("test"), realm=st.just("T"), channel=st.just("c"), name=st.text(max_size=9),
    hour=times, language=st.none() | st.sampled_from(["sv", "en"]),
)  # fmt: skip
registers = st.builds(
    lambda office, held, unit, place: changed(
        Register(office=office, units={"u1": unit} if unit else {}, places={"p1": place}),
        [p for p in [patch("role", "registrar", Holding(), held)] if p],
    ),
    offices, holdings, units, places,
)  # fmt: skip
WHERE = (("office", ""), ("role", "registrar"), ("unit", "u1"), ("place", "p1"))


@settings(max_examples=40, deadline=None)
@given(registers, registers)
def test_what_is_changed_stands_as_it_was_meant_and_taken_back_as_it_was(before, after):
    pairs = [(kind, of, found(before, kind, of), found(after, kind, of)) for kind, of in WHERE]
    patches = [p for pair in pairs if (p := patch(*pair))]
    now = changed(before, patches)
    assert all(found(now, kind, of) == wanted for kind, of, _, wanted in pairs)
    assert all(stands(now, p.after, p.kind, p.of) for p in patches)
    assert renewed(now, patches) == ()
    back = changed(now, [p.inverse for p in reversed(patches)])
    assert all(found(back, kind, of) == was for kind, of, was, _ in pairs)


@settings(max_examples=40, deadline=None)
@given(offices, offices, offices)
def test_what_moved_on_since_does_not_stand(before, after, later):
    register = Register(office=before)
    made = patch("office", "", before, after)
    if made:
        moved = replace(register, office=later)
        fields = made.after or {}
        same = all(getattr(later, name) == getattr(after, name) for name in fields)
        assert stands(moved, made.after, "office", "") is same


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(policy.names()),
    st.dictionaries(st.sampled_from([s.name for s in steps.STEPS]), st.integers(1, 9)),
)
def test_an_own_wait_lies_over_a_marked_default_and_never_over_a_guideline(name, own):
    pack = policy.load(name)
    laid = steps.laid(pack, own)
    for step in steps.STEPS:
        default = pack.parameters[step.name].default
        expected = own.get(step.name, steps.wait(pack, step.name)) if default else steps.wait(pack, step.name)
        assert steps.wait(laid, step.name) == expected
    assert {s.name for s in (*steps.free(pack), *steps.fixed(pack))} == {s.name for s in steps.STEPS}
    assert laid.digest == pack.digest


@given(
    st.sampled_from(policy.names()),
    st.dictionaries(
        st.sampled_from([r.name for r in steps.RUNGS]),
        st.lists(st.sampled_from(["substitute", "communications", "head"]), unique=True).map(tuple),
    ),
    st.sets(st.sampled_from([r.name for r in steps.RUNGS])),
)
def test_the_office_chooses_who_hears_where_the_guideline_leaves_it_and_at_the_deadline_it_is_never_nobody(
    name, own, fixed
):
    pack = policy.load(name)
    for rung in steps.RUNGS:
        if rung.name in fixed:
            ladder = rung.name.partition(".")[0]
            written = steps.written(pack, rung)
            rungs = tuple(
                r.model_copy(update={"default": False}) if r == written else r for r in pack.ladders[ladder]
            )
            pack = pack.model_copy(update={"ladders": {**pack.ladders, ladder: rungs}})
    for rung in steps.RUNGS:
        found = steps.hears(pack, own, rung)
        assert len(found) >= rung.least
        assert set(found) <= set(rung.may)
        if rung.name in fixed:
            assert found == steps.usual(pack, rung)
        elif rung.name in own and len(set(own[rung.name]) & set(rung.may)) >= rung.least:
            assert set(found) == set(own[rung.name]) & set(rung.may)


def test_the_waits_are_the_defaults_of_the_guidelines():
    assert steps.waits(policy.load("generic")) == steps.Waits()
    assert Office().receipt_minutes == policy.load("generic").parameters["alarm.receipt_minutes"].value
    assert Office().opens == time(8)
