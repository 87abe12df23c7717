"""A decision on paper: whatever was written in it, it is one page of plain lines, and its facts come first."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ports import Decision
from bot.screens import printing
from bot.screens.decision_story import Story
from smbot.gallery.world import NOW, Scene

WORDS = st.text(max_size=6_000) | st.lists(st.text(max_size=80), max_size=90).map("\n".join)


@settings(max_examples=25, deadline=None)
@given(why=WORDS, name=st.text(max_size=400), took=st.lists(st.text(max_size=60), max_size=30))
def test_whatever_a_decision_holds_it_is_one_page_that_says_its_number(why, name, took):
    scene = Scene(language="sv")
    personal = {"decided_by": name, "why": why, **{f"took_part.{n:02}": who for n, who in enumerate(took)}}
    made = Decision(number=12, at=NOW, kind="account.rejected", personal=personal, names=tuple(personal), previous="", hash="",
                    body={"account_name": name, "unit_name": "Biologi", "decided_by": "head"})  # fmt: skip
    text = printing.printed(scene.posted.eyes, Story(made=made))
    lines = text.splitlines()
    assert len(lines) <= printing.LINES
    assert max(map(len, lines)) <= printing.WIDTH
    assert "Beslut nr 12" in lines[2]
    assert "nr 12 i registret" in lines[-1]


def test_what_has_no_room_is_said_to_stand_in_the_chat():
    scene = Scene(language="sv")
    personal = {"why": "ord " * 3_000}
    made = Decision(
        number=1,
        at=NOW,
        kind="account.rejected",
        personal=personal,
        names=("why",),
        body={},
        previous="",
        hash="",
    )
    assert "/sm-beslut" in printing.printed(scene.posted.eyes, Story(made=made))
