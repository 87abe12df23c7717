"""The words people read: both languages whole and alike, each text used, Swedish as we say it (users.md U10)."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import bot
from bot.cases import Case
from bot.texts import LANGUAGES, Texts, keys, raw

ROOT = Path(bot.__file__).parent.parent
CODE = [
    p for d in ("adapters", "bot", "scheduler", "smbot", "storage") for p in sorted((ROOT / d).rglob("*.py"))
]
TEMPLATES = sorted((ROOT / "adapters/web/templates").glob("*.html"))
PACKS = sorted((ROOT / "bot/packs").glob("*.toml"))


def forms(language: str, key: str) -> tuple[str, ...]:
    """The text, or its singular and plural."""
    text = raw(language, key)
    return (text,) if isinstance(text, str) else text


def texts(language: str) -> Iterator[tuple[str, str]]:
    """Every text of a catalogue with its key, but that which names what it is not (`numbers`)."""
    yield from ((key, text) for key in sorted(keys(language)) for text in forms(language, key))


def holes(text: str) -> set[str]:
    """A text's placeholders; `{Office}` is `{office}` at the start of a sentence."""
    return {name[:1].lower() + name[1:] for _, name, _, _ in string.Formatter().parse(text) if name}


# -- two catalogues -----------------------------------------------------------------------------


def test_each_text_is_there_in_both_languages():
    assert keys("sv") ^ keys("en") == set()


def test_a_text_has_the_same_placeholders_and_plurals_in_both_languages():
    for key in sorted(keys("sv")):
        swedish, english = forms("sv", key), forms("en", key)
        assert len(swedish) == len(english), key
        for one, other in zip(swedish, english, strict=True):
            assert holes(one) == holes(other), key


def test_no_key_stands_twice_in_a_language():
    for language in LANGUAGES:
        found = [
            key
            for file in sorted((ROOT / "bot/locale" / language).glob("*.po"))
            for key in re.findall(r'^msgid "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
        ]
        assert sorted(found) == sorted(set(found))


def test_a_singular_writes_its_number_itself():
    """Swedish has `en fråga` and `ett konto`: a number put in would be wrong for one of them."""
    for language in LANGUAGES:
        for key in keys(language):
            found = forms(language, key)
            if len(found) == 2:
                assert "n" not in holes(found[0]) or key.startswith("web.unread"), key


# -- used ---------------------------------------------------------------------------------------


@cache
def literals() -> tuple[frozenset[str], frozenset[str]]:
    """Strings of the code that stand whole, and patterns of those that are put together."""
    whole: set[str] = set()
    made: set[str] = set()
    for file in CODE:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                made.add(_pattern(node))
            elif isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
                made.add(re.escape(str(node.left.value)) + HOLE)
    for template in TEMPLATES:
        whole |= set(re.findall(r"""["']([a-z_]+\.[\w.:-]+)["']""", template.read_text(encoding="utf-8")))
    begun = re.compile(r"[a-z_]+\\\.")
    return frozenset(whole), frozenset(m for m in made if begun.match(m))


HOLE = r"[\w.:-]+"


def _pattern(node: ast.JoinedStr) -> str:
    """What an f-string may become."""
    return "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else HOLE for p in node.values)


def used(key: str) -> bool:
    """It stands whole; or begins as an f-string does; or follows a prefix that is handed on (`options`, `ask_text`)."""
    whole, made = literals()
    return key in whole or key.rpartition(".")[0] in whole or any(re.fullmatch(m, key) for m in made)


def test_each_text_is_used_somewhere():
    assert [key for key in sorted(keys("sv")) if not used(key)] == []


def test_each_text_of_a_closure_stands_for_one_of_every_run_or_is_used_by_itself():
    """`said` puts `close.` before any key, so that the test above takes all of them."""
    whole, made = literals()
    own = [key for key in sorted(keys("sv")) if key.startswith("close.")]
    by_itself = [m for m in made if m != re.escape("close.") + HOLE]
    assert own
    assert [
        key for key in own
        if key.removeprefix("close.") not in keys("sv") and key not in whole
        and not any(re.fullmatch(m, k) for m in by_itself for k in (key, key.removeprefix("close.")))
    ] == []  # fmt: skip


@cache
def calls() -> frozenset[str]:
    """Keys that stand whole where a text is asked for: `t("…")`, `t.many("…")`, `Refused("…")`, `told(t, "…")`."""
    found: set[str] = set()
    for file in CODE:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in {"t", "many", "Refused", "told", "refusal"}:
                given = [a.value for a in node.args[:2] if isinstance(a, ast.Constant)]
                found |= {g for g in given if isinstance(g, str)}
    for template in TEMPLATES:
        found |= set(
            re.findall(r"""\bt(?:\.many)?\(["']([^"']+)["']""", template.read_text(encoding="utf-8"))
        )
    return frozenset(found)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_each_text_that_the_code_asks_for_is_there():
    assert len(calls()) > 150
    assert sorted(key for key in calls() - keys("sv") if not key.endswith(".")) == []


# -- Swedish as we say it -----------------------------------------------------------------------

FORBIDDEN = re.compile(
    r"\bjour|beredskap|\bärende|kontroll|eskaler|\bmissad|\butebliv|\bförsumma", re.IGNORECASE
)
DECISION = re.compile(r"(?<!gallrings)beslut", re.IGNORECASE)
"""A *gallringsbeslut*, the authority's decision to destroy, is a word of the archives and no other."""
MAY_DECIDE = ("approval.", "heads.run.", "run.", "right.approve", "right.own_request", "close.", "digest.closures", "history.closed.",
              "gallery.approval", "gallery.close.", "decision.", "right.decision", "right.correct", "gallery.decision", "records.",
              "command.sm-decisions", "entered.", "right.enter_decision", "gallery.entered.", "today.enter", "retention.", "kept.who.", "mydata.decision",
              "settings.kept.", "settings.effect.stays", "home.other", "home.do.decisions", "print.",
              "today.decide", "gallery.today.decide", "yearly.decision", "yearly.undecided", "home.decisions",
              "duty.none.decided", "digest.free.decided")  # fmt: skip
"""Approvals are decisions and are called so; nothing else is, but where they are read beside other things."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_asks_what_is_kept_is_told_of_each_kind_of_case_by_name(language):
    kinds = {next(f.default for f in fields(case) if f.name == "case") for case in get_args(Case)}
    assert {kind for kind in kinds if not Texts(language).has(f"mydata.case.{kind}")} == set()


def test_swedish_avoids_the_words_of_supervision_and_of_working_time_law():
    found = {key: text for key, text in texts("sv") if FORBIDDEN.search(_without(text))}
    assert found == {}


def test_only_an_approval_is_called_a_decision():
    assert [
        key for key, text in texts("sv") if DECISION.search(text) and not key.startswith(MAY_DECIDE)
    ] == []


def swedish(value: object) -> Iterator[str]:
    """Our own words in a pack: every `sv` but headings of sections and the guideline's own words."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "sv" and isinstance(inner, str):
                yield inner
            elif name not in ("section_titles", "words_of_guideline"):
                yield from swedish(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from swedish(inner)


WORDS_OF_LAW = ("serviceärende", "arbetstid eller beredskap")
"""Words of a guideline or of the law, which are theirs and not ours (users.md U10)."""


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.stem)
def test_a_pack_avoids_them_too_but_in_words_of_a_guideline_or_of_law(pack):
    found = [_without(text) for text in swedish(tomllib.loads(pack.read_text(encoding="utf-8")))]
    assert [text for text in found if FORBIDDEN.search(text)] == []


def _without(text: str) -> str:
    for words in WORDS_OF_LAW:
        text = text.replace(words, "")
    return text


# -- plain --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_slips_of_the_finger(language):
    for key, text in texts(language):
        assert text == text.strip(), key
        assert not re.search(r"  | [,.;:!?](?!\w)|\.\.|,,|\bTODO\b", text.replace(" …", "")), (key, text)
        assert "..." not in text, key
        assert not re.search(r"\b(\w{3,}) \1\b", text), (key, text)


def test_swedish_texts_use_swedish_quotation_marks_and_english_ones_theirs():
    for key, text in texts("sv"):
        assert not re.search(r'["“]', text), key
    for key, text in texts("en"):
        assert "”" not in text or "“" in text, key


def test_english_has_no_swedish_left_over():
    swedish = re.compile(r"[åäö]|\b(och|inte|konto|fråga|ska|för)\b", re.IGNORECASE)
    found = {key: text for key, text in texts("en") if swedish.search(text) and key != "web.language"}
    assert found == {}


def test_swedish_says_du_and_not_ni_to_one_person():
    """`ni` and `er` are said to those who share an account; nobody is called `Ni`."""
    assert [key for key, text in texts("sv") if re.search(r"\bNi\b(?! )|\bEr\b", text)] == []


# -- putting together ---------------------------------------------------------------------------

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "sv", "en"),
    [
        (21, "senast i slutet av lördagen den 21 november", "by the end of Saturday 21 November"),
        (22, "senast i slutet av gårdagen", "by the end of yesterday"),
        (23, "senast i slutet av dagen", "by the end of today"),
        (24, "senast i slutet av morgondagen", "by the end of tomorrow"),
        (25, "senast i slutet av onsdagen", "by the end of Wednesday"),
        (30, "senast i slutet av måndagen den 30 november", "by the end of Monday 30 November"),
    ],
)
def test_the_end_of_a_day_is_said_as_people_say_it(day, sv, en):
    midnight = datetime(2026, 11, day, 23, tzinfo=UTC)  # 24:00 in Stockholm
    assert (Texts("sv").due(midnight, NOW), Texts("en").due(midnight, NOW)) == (sv, en)


def test_a_time_of_day_is_said_in_the_languages_own_way():
    four = datetime(2026, 11, 24, 15, tzinfo=UTC)
    assert Texts("sv").due(four, NOW) == "senast i morgon kl. 16.00"
    assert Texts("en").due(four, NOW) == "by 16:00 tomorrow"


@pytest.mark.parametrize(("n", "said"), [(1, "Ett"), (2, "Två"), (12, "Tolv"), (13, "13"), (140, "140")])
def test_a_number_at_the_start_of_a_sentence_begins_large(n, said):
    assert Texts("sv").many("accounts.title", n).startswith(f"{said} kont")


def test_a_missing_value_is_a_fault_of_the_program_and_braces_from_outside_stay_words():
    t = Texts("sv")
    with pytest.raises(KeyError):
        t("question.done")
    with pytest.raises(KeyError):
        t("no.such.text")
    assert "{office.__class__}" in t("question.done", account="{office.__class__}")


def test_dates_are_written_out():
    assert Texts("sv").long_date(date(2026, 11, 23)) == "måndag 23 november"
    assert Texts("en").short_date(date(2026, 11, 23)) == "23 November 2026"
