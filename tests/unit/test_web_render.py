"""Cards and forms as HTML: what comes from outside stays dead, and everything can be heard."""

from html.parser import HTMLParser
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.cards import dump, load
from adapters.web.ports import Channel, Someone
from adapters.web.render import Renderer
from bot.model import PersonId
from bot.plain import safe_link
from bot.texts import Texts
from bot.view import (
    Button,
    Card,
    Choice,
    Choices,
    Cite,
    Confirm,
    Divider,
    Facts,
    Field,
    Form,
    Item,
    Items,
    Line,
    Lines,
    Mention,
    Option,
    Part,
    People,
    PeopleField,
    PersonField,
    PlaceField,
    Quote,
    Text,
)
from tests.unit._fake_desk import home_card, morning_card, question_card, whole_form

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</textarea></select><script>alert(1)</script>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "<!channel> <@U123> &lt;b&gt;",
    "\u202eevil\u202c \u2066x",
    "javascript:alert(1)",
    "x" * 5000,
]
ALLOWED = {
    "a", "bdi", "blockquote", "button", "dd", "div", "dl", "dt", "fieldset", "form", "h2", "h3", "hr", "input",
    "label", "legend", "li", "option", "p", "select", "span", "strong", "textarea", "ul",
}  # fmt: skip


class Reading(HTMLParser):
    """Collects elements with their attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(str(html))

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def renderer(words: str = "Anna") -> Renderer:
    return Renderer(
        t=Texts("sv"),
        me=PersonId("p1"),
        people=[Someone(PersonId("p1"), words, words)],
        channels=[Channel("c1", words)],
    )


def hostile_card(words: str) -> Card:
    confirm = Confirm(title=words, text=words, yes=words, no=words)
    button = Button(verb=words, arg=words, label=words, heard=words, confirm=confirm)
    return Card(
        title=words,
        parts=(
            Text(text=words),
            Quote(text=words),
            Facts(rows=((words, words),)),
            Items(items=(Item(text=words, note=words, button=button),)),
            Cite(rule=words, section=words, link=words),
            People(people=(Mention(person=PersonId("p1"), name=words),), text=words),
            Divider(),
        ),
        buttons=(button,),
    )


def hostile_form(words: str) -> Form:
    options = (Option(id=words, label=words),)
    many = tuple(Option(id=f"{n}{words}", label=words) for n in range(9))
    common = {"label": words, "hint": words}
    return Form(
        id=words, title=words, submit=words, state=words, intro=hostile_card(words).parts,
        fields=(
            Line(id=words, value=words, placeholder=words, **common),
            Lines(id="2", value=words, **common),
            Choice(id="3", options=options, value=words, **common),
            Choice(id="4", options=many, required=False, **common),
            Choices(id="5", options=many, **common),
            PersonField(id="6", **common),
            PeopleField(id="7", **common),
            PlaceField(id="8", value=words, **common),
            *(field for field in whole_form().fields if type(field).__name__ in ("Date", "Moment", "Toggle")),
        ),
    )  # fmt: skip


def both(words: str) -> Reading:
    return Reading(renderer(words).card(hostile_card(words)) + renderer(words).form(hostile_form(words)))


@pytest.mark.parametrize("words", HOSTILE)
def test_text_from_outside_stays_dead_in_every_part_and_field(words: str) -> None:
    read, plain = both(words), both("words")
    assert [tag for tag, _ in read.elements if tag != "a"] == [tag for tag, _ in plain.elements if tag != "a"]
    assert {tag for tag, _ in read.elements} <= ALLOWED
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
    assert words.strip() in read.text


@given(words=st.text(max_size=60))
def test_no_text_whatever_makes_an_element_or_an_attribute(words: str) -> None:
    def shape(read: Reading) -> list[tuple[str, frozenset[str]]]:
        loose = {"checked", "selected", "aria-label"}
        return [(tag, frozenset(set(attributes) - loose)) for tag, attributes in read.elements if tag != "a"]

    filled = words or "x"
    assert shape(both(filled)) == shape(both("words"))


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil", "ftp://x/y", "https://", "http://[", ""]
)
def test_only_web_links_are_links(link: str) -> None:
    assert safe_link(link) == ""
    assert "<a " not in renderer().part(Cite(rule="r", section="s", link=link))


def test_a_rule_links_to_its_page_without_telling_it_who_came() -> None:
    html = renderer().part(Cite(rule="r", section="4.2", link="https://example.org/r"))
    assert 'href="https://example.org/r"' in html
    assert 'rel="noopener noreferrer"' in html


def test_words_of_others_are_isolated_from_the_direction_of_ours() -> None:
    html = renderer().part(Quote(text="\u202eevil"))
    assert 'dir="auto"' in html
    assert "<bdi>" in renderer().button(Button(verb="v", label="\u202eevil"))


def test_a_button_is_heard_with_its_account_and_a_field_with_its_fault() -> None:
    assert 'aria-label="Svara på @bio"' in renderer().button(
        Button(verb="v", label="Svara", heard="Svara på @bio")
    )
    read = Reading(renderer().form(whole_form()))
    ids = {attributes.get("id") for _, attributes in read.elements}
    described = [
        attributes["aria-describedby"] for _, attributes in read.elements if "aria-describedby" in attributes
    ]
    assert len(described) == len(whole_form().fields)
    assert {ident for line in described if line for ident in line.split()} <= ids
    labels = {
        attributes["for"] for tag, attributes in read.elements if tag == "label" and "for" in attributes
    }
    assert labels <= ids


def test_a_default_is_said_in_words() -> None:
    assert "står inte i riktlinjerna" in renderer().part(
        Cite(rule="Kortet kommer klockan 9.", section="", default=True)
    )


def test_ones_own_mention_stands_out_in_words_too() -> None:
    part = People(people=(Mention(person=PersonId("p1"), name="Anna"),), text="hinner du?")
    assert "(du)" in renderer().part(part)


@pytest.mark.parametrize("card", [morning_card(), question_card(), home_card(), *map(hostile_card, HOSTILE)])
def test_a_stored_card_comes_back_as_it_was(card: Card) -> None:
    assert load(dump(card)) == card


def test_the_cards_of_the_fake_desk_use_every_part() -> None:
    used = {type(part) for card in (morning_card(), question_card(), home_card()) for part in card.parts}
    assert used == set(get_args(Part))
    assert {type(field) for field in hostile_form("x").fields} == set(get_args(Field))
