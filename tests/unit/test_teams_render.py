"""Cards on Teams: within its rules, dead to hostile words, and the same for ears as for eyes."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.teams import render, words
from bot.model import PersonId
from bot.texts import Texts
from bot.view import Button, Card, Cite, Confirm, Divider, Facts, Item, Items, Mention, People, Quote, Text
from tests import golden, spread
from tests.fakes.teams import cards
from tests.fakes.teams.reading import live_mentions, plain
from tests.golden import on_teams

SV, EN = Texts("sv"), Texts("en")
ANNA, BO, EVA = PersonId("p1"), PersonId("p2"), PersonId("p3")
USERS = {ANNA: "0a-anna", BO: "0b-bo"}
LANGUAGES = pytest.mark.parametrize("language", golden.LANGUAGES)
SAFE = 80 * 1024
"""Bytes that a whole message may have (teams-rules)."""
HOSTILE = (
    "<at>Anna Ek</at> [click](https://evil.example) https://evil.example/x www.evil.example <https://evil.example>",
    "# *bold* _it_ __b__ `code` ~~gone~~ | a | ![x](https://evil.example/p.png) [a]: https://evil.example &lt;at&gt;",
    "{{DATE(2020-01-01T00:00:00Z, SHORT)}} {{TIME(2020-01-01T00:00:00Z)}} ${name} <script>alert(1)</script>",
    "1. one\n2. two\n- three\n> four\n\n    five\n---\n",
    "x" * 5_000,
    "\u202egnp.exe\u202c \u2067שלום\u2069 \u200bhid\u200eden \x00\x07",
    " \n ",
)


def press(verb: str = "take", **more: object) -> Button:
    return Button(verb=verb, arg="q1", label="Jag tar den", heard="Jag tar den: Biologi", **more)  # type: ignore[arg-type]


ASKS = Confirm(title="Säker?", text="Det kan inte tas tillbaka.", yes="Ja, larma", no="Nej")


def full(text: str) -> Card:
    """A card with that text in each of its fields."""
    asks = Confirm(title=text, text=text, yes=text, no=text)
    button = Button(verb="take", arg="q1", label=text, heard=text, style="danger", confirm=asks)
    return Card(
        title=text,
        parts=(
            *(Text(text=text, tone=tone) for tone in ("plain", "strong", "quiet")),
            Quote(text=text),
            Facts(rows=((text, text), (text, text))),
            Divider(),
            Items(items=(Item(text=text, note=text, state="late"), Item(text=text, button=button))),
            Cite(rule=text, section=text, link=text, default=True),
            People(people=(Mention(person=ANNA, name=text), Mention(person=EVA, name=text)), text=text),
            Divider(),
        ),
        buttons=(button, button),
    )


def shown(card: Card, t: Texts = SV) -> render.Json:
    return render.message(card, t, USERS, lambda verb: verb == "take")


def sent(button: Button) -> render.Json:
    return dict(shown(Card(title="K", buttons=(button,)))["actions"][0])


# -- rules --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", spread.first(golden.LANGUAGES))
def test_teams_takes_each_card_and_form(language):
    for entry in golden.entries(language):
        made = golden.teams(entry.shown, language)
        assert cards.faults(on_teams.content(made), dialog="card" in made) == [], entry.name
        assert render.size(made) < SAFE, entry.name


def test_the_published_schema_was_asked():
    """Without it the tests here still hold our own rules, and this one says what they lack."""
    if cards.validator() is None:
        pytest.skip("adaptive-card.schema.1.5.0.json (microsoft/AdaptiveCards) is not beside the project")
    assert cards.faults(shown(Card(title="K")) | {"unheard": 1})


@LANGUAGES
def test_each_card_says_its_language_its_version_and_what_stands_where_it_cannot_be_drawn(language):
    for entry in golden.entries(language):
        made = on_teams.content(golden.teams(entry.shown, language))
        assert (made["version"], made["lang"]) == ("1.5", language)
        assert made["msteams"]["width"] == "Full"
        assert made["fallbackText"], entry.name


@pytest.mark.parametrize("t", [SV, EN], ids=["sv", "en"])
@pytest.mark.parametrize("text", spread.first(["Kort text", *HOSTILE], now=3))
def test_teams_takes_a_card_whatever_stands_in_its_fields(text, t):
    assert cards.faults(shown(full(text), t)) == []
    assert cards.faults(render.in_dialog(full(text), t, USERS), dialog=True) == []


@given(st.text(max_size=300))
def test_teams_takes_a_card_of_any_words(text):
    assert cards.faults(shown(full(text))) == []


def test_a_long_list_keeps_its_buttons_and_says_that_there_is_more():
    items = tuple(Item(text=f"Fråga {n} " + "å" * 300, button=press()) for n in range(200))
    made = shown(Card(title="Allt", parts=(Items(items=items),), buttons=(press("x"),)))
    assert render.size(made) <= render.ROOM
    assert made["actions"][0]["title"] == "Jag tar den"
    assert SV("teams.more") in plain(made)


def test_a_seventh_button_stands_in_the_menu():
    made = shown(Card(title="K", buttons=tuple(press(f"v{n}") for n in range(7))))
    assert [a.get("mode", "primary") for a in made["actions"]] == ["primary"] * 6 + ["secondary"]


def test_buttons_of_a_card_to_begin_with_stand_above_what_it_tells():
    card = Card(title="Hem", parts=(Text(text="Två saker väntar"),), begins=True)
    made = shown(replace(card, buttons=tuple(press(f"v{n}") for n in range(7))))
    assert [e["type"] for e in made["body"]] == ["TextBlock", "ActionSet", "RichTextBlock"]
    assert [len(made["body"][1]["actions"]), len(made["actions"])] == [6, 1]
    heard = made["fallbackText"].splitlines()
    assert [heard[0], heard[2]] == ["Hem", "Två saker väntar"]
    assert heard[1].startswith("Knappar: Jag tar den: Biologi;")
    assert "ActionSet" not in {e["type"] for e in shown(replace(card, buttons=()))["body"]}


def test_a_line_that_divides_is_drawn_above_what_follows_and_not_at_the_end():
    made = shown(Card(title="K", parts=(Text(text="a"), Divider(), Text(text="b"), Divider())))
    assert [bool(e.get("separator")) for e in made["body"]] == [False, False, True]


# -- buttons ------------------------------------------------------------------------------------


def test_a_press_that_writes_is_executed_where_it_stands():
    made = sent(press())
    assert (made["type"], made["verb"]) == ("Action.Execute", "press")
    assert made["data"] == {"smbot": {"press": "take", "arg": "q1"}}


def test_a_press_that_reads_fetches_a_dialog():
    made = sent(press("open"))
    assert made["type"] == "Action.Submit"
    assert made["data"] == {"msteams": {"type": "task/fetch"}, "smbot": {"press": "open", "arg": "q1"}}


def test_what_cannot_be_taken_back_is_asked_in_a_dialog_first():
    made = sent(press(confirm=ASKS))
    asks = {"title": "Säker?", "text": "Det kan inte tas tillbaka.", "yes": "Ja, larma", "no": "Nej"}
    assert made["data"] == {
        "msteams": {"type": "task/fetch"},
        "smbot": {"confirm": asks, "press": "take", "arg": "q1"},
    }


def test_a_button_in_a_dialog_submits_without_the_fields():
    made = render.in_dialog(Card(title="K", buttons=(press(),)), SV, USERS)["actions"][0]
    assert (made["type"], made["data"], made["associatedInputs"]) == (
        "Action.Submit",
        {"smbot": {"press": "take", "arg": "q1"}},
        "none",
    )


def test_a_typed_command_is_answered_with_a_button_that_opens_its_form():
    made = render.opener("Öppna", "sm-larm", "nu", "19:a")
    assert made["data"] == {
        "msteams": {"type": "task/fetch"},
        "smbot": {"command": "sm-larm", "words": "nu", "channel": "19:a"},
    }


def test_the_first_press_and_the_dangerous_one_look_their_part():
    made = shown(Card(title="K", buttons=(press(style="primary"), press(style="danger"), press())))
    assert [a.get("style") for a in made["actions"]] == ["positive", "destructive", None]


# -- hostile words ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", spread.first(HOSTILE, now=2))
def test_words_from_outside_bring_nothing_to_life(text):
    alive = live_mentions(shown(full(text)))
    assert {(live.kind, live.target) for live in alive} <= {("mention", "0a-anna")}
    assert live_mentions(render.in_dialog(full(text), SV, USERS)) == []


def test_no_words_become_a_second_mention_of_somebody_who_is_mentioned():
    people = People(people=(Mention(person=ANNA, name="Anna Ek"),), text="<at>Anna Ek</at> hej")
    made = shown(Card(title="<at>Anna Ek</at>", parts=(people, Quote(text="<AT>Anna Ek</AT>"))))
    assert json.dumps(made["body"]).count("<at>Anna Ek</at>") == 1
    assert not re.search("<at>", json.dumps(made["body"]).replace("<at>Anna Ek</at>", ""), re.IGNORECASE)


@given(st.text(max_size=80))
def test_literal_words_come_back_as_they_were_to_whoever_reads_markdown(text):
    read = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", words.literal(text)).replace(words.JOINER, "")
    assert read == " ".join(text.split()).replace(words.JOINER, "")


@pytest.mark.parametrize("name", ["Åsa <b>", "*Bo*", "[x](http://e.se)", "", "\u202eanna", "अनुराग"])
def test_a_name_is_mentioned_without_the_signs_that_are_in_no_name(name):
    made = shown(Card(title="K", parts=(People(people=(Mention(person=ANNA, name=name),), text="hej"),)))
    (entity,) = made["msteams"]["entities"]
    assert entity["text"] == f"<at>{entity['mentioned']['name']}</at>"
    assert not set("<>*[]\u202e") & set(entity["mentioned"]["name"])
    assert entity["mentioned"]["name"].strip()


def test_a_link_that_is_no_link_stays_words():
    made = shown(Card(title="R", parts=(Cite(rule="Regel", section="4.2", link="javascript:alert(1)"),)))
    assert live_mentions(made) == []
    assert "4.2" in plain(made)


def test_the_section_of_a_rule_is_a_link_where_it_has_a_page():
    link = "https://uni.example/p_(1)?a=b c"
    made = shown(Card(title="R", parts=(Cite(rule="Regel", section="[4.2](x)", link=link),)))
    assert [live.target for live in live_mentions(made)] == ["https://uni.example/p_%281%29?a=b%20c"]


# -- people -------------------------------------------------------------------------------------

CALLED = Card(
    title="Påminnelse",
    parts=(
        People(
            people=(Mention(person=ANNA, name="Anna Ek"), Mention(person=EVA, name="Eva By")),
            text="ingen har tittat än.",
        ),
    ),
)


def test_people_are_mentioned_by_their_id_and_others_by_name():
    made = shown(CALLED)
    assert made["msteams"]["entities"] == [
        {
            "type": "mention",
            "text": "<at>Anna Ek</at>",
            "mentioned": {"id": "0a-anna", "name": "Anna Ek"},
        }
    ]
    assert plain(made).splitlines()[1] == "@Anna Ek, Eva By, ingen har tittat än."


def test_nobody_is_mentioned_in_a_dialog():
    made = render.in_dialog(CALLED, SV, USERS)
    assert "entities" not in made["msteams"]
    assert "Anna Ek, Eva By, ingen har tittat än." in plain(made)


def test_two_of_one_name_are_both_mentioned():
    people = (Mention(person=ANNA, name="Anna Ek"), Mention(person=BO, name="Anna Ek"))
    made = shown(Card(title="K", parts=(People(people=people, text=""), People(people=people[:1], text="x"))))
    assert [e["mentioned"]["id"] for e in made["msteams"]["entities"]] == ["0a-anna", "0b-bo"]
    assert len({e["text"] for e in made["msteams"]["entities"]}) == 2


# -- ears ---------------------------------------------------------------------------------------


@LANGUAGES
def test_what_stands_where_a_card_cannot_be_drawn_says_each_word_of_it(language):
    for entry in golden.entries(language):
        made = golden.teams(entry.shown, language)
        if isinstance(entry.shown, Card) and len(made["fallbackText"]) < render.SPOKEN - 1:
            for word in re.findall(r"\w{4,}", on_teams.heard(made)):
                assert word in made["fallbackText"], (entry.name, word)


def test_a_button_is_heard_by_its_own_words():
    assert sent(press())["tooltip"] == "Jag tar den: Biologi"


def test_an_answer_of_one_sentence_is_a_sentence():
    made = shown(Card(title="Noterat: allt lugnt på fem konton."))
    assert [e["type"] for e in made["body"]] == ["RichTextBlock"]
    assert made["fallbackText"] == "Noterat: allt lugnt på fem konton."


def test_the_title_of_a_card_with_parts_is_a_heading():
    assert shown(CALLED)["body"][0]["style"] == "heading"


def test_a_repeated_message_says_so_first():
    made = render.message(Card(title="Larm"), SV, {}, bool, first="Kanske en upprepning: Larm")
    assert plain(made).splitlines()[0] == made["fallbackText"].splitlines()[0] == "Kanske en upprepning: Larm"


def test_a_notification_says_the_title():
    assert render.summary(CALLED, SV) == "Påminnelse"
