"""Every card and form, in both languages: as it was agreed, within the platforms' limits, and the same for ears."""

import ast
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from adapters.slack.render import BUTTON
from adapters.slack.words import filled, short
from bot.screens import base
from bot.texts import Texts, raw
from bot.view import Button, Card, Form, Item, Items
from smbot.gallery import Entry, page
from tests import golden
from tests.fakes.slack.blocks import MESSAGE, faults, view_faults
from tests.fakes.slack.reading import plain

ROOT = Path(base.__file__).parents[2]
LANGUAGES = pytest.mark.parametrize("language", golden.LANGUAGES)


def buttons(entry: Entry) -> list[Button]:
    """All buttons, those of lines too."""
    parts = entry.shown.parts if isinstance(entry.shown, Card) else entry.shown.intro
    lines = [i.button for p in parts if isinstance(p, Items) for i in p.items if i.button]
    return [*(entry.shown.buttons if isinstance(entry.shown, Card) else ()), *lines]


# -- as it was agreed ---------------------------------------------------------------------------


@LANGUAGES
@pytest.mark.parametrize("kind", golden.FILES)
def test_each_card_and_form_looks_and_sounds_as_agreed(language, kind):
    """When a change is meant: `python -m tests.golden`, then read the difference."""
    assert golden.FILES[kind](language) == golden.path(language, kind).read_text(encoding="utf-8")


def test_both_languages_show_the_same_entries_and_no_name_stands_twice():
    swedish, english = ([e.name for e in golden.entries(x)] for x in golden.LANGUAGES)
    assert swedish == english
    assert max(Counter(swedish).values()) == 1


def test_the_page_reads_the_gallery_with_titles_in_its_language():
    titles = [title for title, _ in page("sv")]
    assert titles[0] == Texts("sv")("gallery.round.one")
    assert len(titles) == len(golden.entries("sv"))


def test_each_function_that_makes_a_card_or_form_stands_in_the_gallery():
    shown = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "smbot/gallery").glob("*.py"))
    made = {name for file in (ROOT / "bot/screens").glob("*.py") for name in _makers(file)}
    assert {name for name in made if not re.search(rf"\b{name}\(", shown)} == set()


def _makers(file: Path) -> list[str]:
    """Public functions of a module that give a card or a form."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        f.name
        for f in tree.body
        if isinstance(f, ast.FunctionDef)
        and not f.name.startswith("_")
        and isinstance(f.returns, ast.Name)
        and f.returns.id in ("Card", "Form")
    ]


# -- limits -------------------------------------------------------------------------------------


@LANGUAGES
def test_slack_takes_each_card_and_form(language):
    for entry in golden.entries(language):
        made = golden.slack(entry.shown, language)
        found = faults(made["blocks"], MESSAGE) if isinstance(entry.shown, Card) else view_faults(made)
        assert found == [], entry.name
        assert len(made.get("text", "")) <= 4_000, entry.name


@LANGUAGES
def test_a_card_has_a_title_and_at_most_six_buttons(language):
    for entry in golden.entries(language):
        assert entry.shown.title.strip(), entry.name
        if isinstance(entry.shown, Card):
            assert len(entry.shown.buttons) <= 6, entry.name


@LANGUAGES
def test_a_forms_title_fits_slack_or_keeps_its_step_and_stands_whole_above_the_fields(language):
    for entry in golden.entries(language):
        title = entry.shown.title
        if isinstance(entry.shown, Form) and len(title) > 24:
            assert entry.name.startswith(("run.step", "close.step", "moderation.step")), entry.name
            assert short(title, 24).startswith(title.partition(":")[0]), entry.name
            assert title in plain(golden.slack(entry.shown, language)), entry.name


# -- ears ---------------------------------------------------------------------------------------

OF_NO_ACCOUNT = ("account.enter", "account.gaps", "account.list", "import.open", "import.taken", "export.open", "start.channels", "person.join", "alarm.open", "away.back", "away.new", "away.open", "rota.open", "today", "decision.more", "decision.search", "filing.queue", "language", "moderation.new", "moderation.start",
                 "close.new", "close.start", "decision.list", "yearly.page", "yearly.confirm", "yearly.change",
                 "preview.open", "preview.page", "question.open", "round.clear_mine", "round.forgot", "run.exists", "run.new", "run.start", "setup.confirm", "settings.open", "settings.log", "settings.menu", "settings.apply", "settings.drop", "beginning.open", "kept", "pilot.open", "practice.start", "help", "home.more", "mydata", "mydata.all", "left.open", "left.back")  # fmt: skip
"""Presses that are about no one account, or about several on different days."""


@LANGUAGES
def test_each_buttons_label_for_ears_names_the_act_and_what_it_is_about(language):
    for entry in golden.entries(language):
        for button in buttons(entry):
            act = button.label.removesuffix(" …")
            assert button.heard, (entry.name, button.verb)
            if button.verb not in OF_NO_ACCOUNT:
                assert button.heard.startswith(act), (entry.name, button.heard)
                assert len(button.heard) > len(act) + 2, (entry.name, button.heard)


@LANGUAGES
def test_no_two_buttons_of_a_card_sound_the_same_unless_they_do_the_same(language):
    """As Slack reads them: what is longer than it allows is cut."""
    for entry in golden.entries(language):
        said: dict[str, set[tuple[str, str]]] = {}
        for button in buttons(entry):
            said.setdefault(filled(button.heard, BUTTON), set()).add((button.verb, button.arg))
        assert {words for words, does in said.items() if len(does) > 1} == set(), entry.name


@LANGUAGES
def test_what_is_heard_of_a_button_holds_what_is_seen_on_it(language):
    """Whoever speaks to a machine says what they see (WCAG 2.5.3)."""
    for entry in golden.entries(language):
        for button in buttons(entry):
            assert button.label.removesuffix(" …").casefold() in button.heard.casefold(), entry.name


@LANGUAGES
def test_without_signs_nothing_that_is_heard_loses_its_meaning(language):
    for entry in golden.entries(language):
        for line in golden.heard(entry.shown, language).splitlines():
            signs = {sign for sign in line if unicodedata.category(sign) in {"So", "Sm", "Sk"}} - set("<>+=")
            assert signs <= {"✓"}, (entry.name, line)
            if signs:  # a form's line, whose state is said after it
                assert line.startswith("✓ "), (entry.name, line)
                assert " – " in line, (entry.name, line)


@LANGUAGES
def test_no_state_is_told_by_a_sign_alone(language):
    for entry in golden.entries(language):
        parts = entry.shown.parts if isinstance(entry.shown, Card) else entry.shown.intro
        items = [i for p in parts if isinstance(p, Items) for i in p.items]
        for item in items:
            assert item.note or item.state in ("none", "open") or _says(item), (entry.name, item)


def _says(item: Item) -> bool:
    """A line whose own words tell its state."""
    told = (raw(language, "round.forgotten") for language in golden.LANGUAGES)
    return any(item.text.startswith(str(text).partition("{")[0]) for text in told)


@LANGUAGES
def test_sentences_begin_with_a_capital_and_no_text_is_left_unfilled(language):
    for entry in golden.entries(language):
        title = entry.shown.title
        assert not title[0].islower(), entry.name
        said = golden.heard(entry.shown, language)
        assert not re.search(r"\{\w+\}", said), entry.name
        assert "  " not in re.sub(r"\n +", "\n", said), entry.name  # a line may be set in
        assert not re.search(r"(?<!\bkl)[.!?] [a-zåäö]", _ours(said)), (entry.name, said)


def _ours(said: str) -> str:
    """What is heard, without times and abbreviations in which a small letter may follow a full stop."""
    return re.sub(r"\b(t\.ex|nr|kl|ki\.se|@\S+)\.?|\?: ", "", said)
