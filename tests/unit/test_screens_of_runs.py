"""What a step asks for, as its reader meets it, and its answer in words."""

from dataclasses import replace

from bot import checklists
from bot.screens import runs
from bot.screens.answers import shown
from bot.view import Choice, Choices
from smbot.gallery.world import ANNA, KARIN, Scene

SCENE = Scene(language="sv", pack_name="generic")


def test_a_step_on_several_accounts_offers_those_that_are_not_closed_and_marks_the_chosen():
    known = SCENE.eyes.register.accounts
    one, *rest = (a for a in known.values() if a.state != "closed")
    scene = replace(SCENE, changes={"accounts": known | {one.id: replace(one, state="closed")}})
    plan = scene.pack.checklists["close-account"]
    found = runs.step_form(
        scene.eyes, plan, plan.steps[0], {checklists.CLOSING: (rest[0].id,)}, actor=KARIN, state=""
    )
    field = found.fields[0]
    assert isinstance(field, Choices)
    assert {o.id for o in field.options} == {a.id for a in rest}
    assert field.value == (rest[0].id,)


def test_several_accounts_are_said_by_their_names():
    one, other, *_ = SCENE.eyes.register.accounts.values()
    step = SCENE.pack.checklists["close-account"].steps[0]
    said = shown(SCENE.eyes, step, step.fields[0], {checklists.CLOSING: (one.id, other.id)})
    assert one.name in said
    assert other.name in said
    assert " och " in said


def test_criticism_is_filled_in_as_something_to_register_and_a_comment_is_not():
    scene = Scene(language="sv", pack_name="kau")
    plan = scene.pack.checklists["moderate"]
    step = plan.step("answer")
    assert step
    for kind, likely in (("criticism", "yes"), ("comment", "")):
        found = runs.step_form(scene.eyes, plan, step, {checklists.KIND: kind}, actor=ANNA, state="")
        field = next(f for f in found.fields if f.id == checklists.CASE)
        assert isinstance(field, Choice)
        assert field.value == likely
