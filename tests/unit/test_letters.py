"""A letter says what can be answered, and promises nothing where nothing can (users.md U8)."""

import pytest

from bot.screens import welcome
from bot.screens.letters import letter
from bot.view import Button, Card, Item, Items
from smbot.gallery.world import KARIN, Scene
from tests.world import words

S = Scene(language="sv")
RING = "Ring eller skriv till"


def test_a_letter_with_looks_alone_promises_that_nobody_enters_an_answer():
    card = welcome.newcomer(S.eyes, S.account(), (), 0, by=KARIN)
    assert {b.verb for b in card.buttons} >= {"practice.start", "kept"}
    for chat in (True, False):
        said = words(letter(S.eyes, card, chat=chat))
        assert ("för in" in said) == any(b.verb not in ("practice.start", "kept") for b in card.buttons)
        assert "Prova" not in said.partition("Det här")[2]
    only = Card(
        title="Välkommen", buttons=tuple(Button(verb=v, label=v) for v in ("practice.start", "kept", "today"))
    )
    assert "för in" not in words(letter(S.eyes, only, chat=False))


@pytest.mark.parametrize(
    ("verb", "label", "said"),
    [
        ("yearly.done", "Det är gjort", "”Det är gjort”"),
        ("watch.show", "Öppna", "Vill du svara på något här?"),
    ],
)
def test_the_buttons_of_lines_are_answers_too_and_what_only_opens_is_none_by_its_own_words(verb, label, said):
    line = Item(text="Något", button=Button(verb=verb, arg="x", label=label))
    told = words(letter(S.eyes, Card(title="Två saker", parts=(Items(items=(line,)),)), chat=False))
    assert said in told
    assert RING in told
    assert "”Öppna”" not in told


def test_what_opens_a_form_of_answers_is_named_by_these_answers():
    asked = Card(title="Lediga dagar", buttons=(Button(verb="duty.open", arg="g1", label="Svara …"),))
    told = words(letter(S.eyes, asked, chat=False))
    assert "”Svara”" not in told
    assert told.count("”") == 6
