"""What a step asks for, as its reader meets it, and its answer in words."""

from dataclasses import replace

from bot import checklists
from bot.screens import moderation, runs
from bot.screens.answers import shown
from bot.screens.base import HEARD, heard
from bot.view import Choice, Choices
from smbot.gallery.moderation import law
from smbot.gallery.moderation import run as made_moderation
from smbot.gallery.world import ANNA, KARIN, MONDAY, Scene, at

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


def test_the_buttons_of_two_moderations_of_one_account_sound_different_also_where_its_name_is_long():
    s = Scene(language="sv")
    posts = [f"https://facebook.com/bio/posts/77?comment_id={n}" for n in (1, 2)]
    runs_ = [made_moderation(s, {"first.posts": post}) for post in posts]
    said = [
        button.heard
        for run in runs_
        for button in moderation.overview(s.eyes, run).buttons
        if run.id in button.arg
    ]
    assert len(set(said)) == len(said) > 2
    long = [
        heard(s.eyes.t, "Visa alla steg", "Institutionen för " * 9, moderation.told_by(s.eyes, run))
        for run in runs_
    ]
    assert len(set(long)) == 2
    assert max(map(len, long)) <= HEARD


def test_two_moderations_of_one_account_are_told_apart_by_ground_time_and_link():
    s = Scene(language="sv")
    written = {
        "first.posted": at(MONDAY, 7, 15).isoformat(),
        "first.posts": "https://facebook.com/bio/posts/77?comment_id=1",
    }
    notes = [
        moderation.apart(s.eyes, made_moderation(s, chosen), "väntar") for chosen in (
            {"breach.grounds": law(s)}, written, written | {"first.posts": "en kommentar av Kapat"})
    ]  # fmt: skip
    ground, link, said = notes
    assert len(set(notes)) == 3
    assert not ground.startswith("Skrivet"), "the ground comes first"
    assert link == "Skrivet i dag kl. 07.15, …/bio/posts/77?comment_id=1. Väntar"
    assert "Kapat" not in said, "words from outside are no name of a case"
