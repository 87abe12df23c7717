"""Cards and forms on Slack: within its limits, dead to hostile words, and the same for ears as for eyes."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slackblocks.blocks import Block
from slackblocks.elements import Button as Element

from adapters.slack import forms, render, words
from bot.model import PersonId
from bot.picking import picked, settled
from bot.texts import Texts
from bot.view import (
    Button,
    Card,
    Choice,
    Choices,
    Cite,
    Confirm,
    Date,
    Divider,
    Facts,
    Form,
    Item,
    Items,
    Line,
    Lines,
    Mention,
    Moment,
    Option,
    People,
    PeopleField,
    PersonField,
    PlaceField,
    Quote,
    Text,
    Toggle,
)
from tests import spread
from tests.fakes.slack.blocks import MESSAGE, faults, view_faults
from tests.fakes.slack.reading import live_mentions, plain

SV, EN = Texts("sv"), Texts("en")
ANNA, BO = PersonId("p1"), PersonId("p2")
USERS = {ANNA: "U0ANNA001"}
HOSTILE = (
    "<!channel> <@U123> <https://evil.example|click> https://evil.example/x @here *bold* _it_ `code`",
    "&" * 5_000,
    "x" * 5_000,
    "\u202egnp.exe\u202c \u2067שלום\u2069 \u200bhid\u200bden \x00\x07",
    "مرحبا (1) <!everyone>",
    " \n ",
)


def full(text: str) -> Card:
    """A card with that text in each of its fields."""
    button = Button(
        verb="take",
        arg="q1",
        label=text,
        heard=text,
        style="danger",
        confirm=Confirm(title=text, text=text, yes=text, no=text),
    )
    return Card(
        title=text,
        parts=(
            Text(text=text),
            Text(text=text, tone="strong"),
            Text(text=text, tone="quiet"),
            Quote(text=text),
            Facts(rows=((text, text), (text, text))),
            Items(items=(Item(text=text, note=text, state="late"), Item(text=text, button=button))),
            Cite(rule=text, section=text, link=text, default=True),
            People(people=(Mention(person=ANNA, name=text), Mention(person=BO, name=text)), text=text),
            Divider(),
        ),
        buttons=(button, button),
    )


def full_form(text: str) -> Form:
    few, many = (tuple(Option(id=f"o{n}", label=f"{text}{n}") for n in range(count)) for count in (3, 250))
    return Form(
        id="question",
        title=text,
        submit=text,
        state="s" * 2_000,
        intro=full(text).parts,
        fields=(
            Line(id="line", label=text, hint=text, value=text, max_length=280, placeholder=text),
            Lines(id="lines", label=text, value=text),
            Choice(id="few", label=text, options=few, value="o1"),
            Choice(id="many", label=text, options=many, value="o249"),
            Choice(id="none", label=text, options=()),
            Choices(id="boxes", label=text, options=few, value=("o0", "o2")),
            Choices(id="list", label=text, options=many, value=("o3",)),
            Date(id="date", label=text, value=date(2026, 11, 21), required=False),
            Moment(id="moment", label=text, value=datetime(2026, 11, 21, 9, tzinfo=UTC)),
            PersonField(id="person", label=text, value=ANNA),
            PeopleField(id="people", label=text, value=(ANNA, BO), most=3),
            PlaceField(id="place", label=text, value="slack:T1:C1"),
            Toggle(id="on", label=text, value=True),
            Toggle(id="off", label=text),
        ),
    )


def second_opinion(blocks: list[render.Json]) -> None:
    """slackblocks reads plain blocks and builds buttons; the rest is read by slack_sdk, which `faults` asks."""
    for block in blocks:
        if block["type"] in {"header", "context", "divider"}:
            Block.from_dict(block)
        for shown in (
            b for b in [block.get("accessory"), *block.get("elements", [])] if b and b["type"] == "button"
        ):
            known = {
                k: shown[k] for k in ("action_id", "value", "style", "accessibility_label") if k in shown
            }
            Element(text=shown["text"]["text"], **known)


def everything(card: Card, t: Texts = SV) -> render.Shown:
    return render.message(card, t, USERS)


# -- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("t", [SV, EN], ids=["sv", "en"])
@pytest.mark.parametrize("text", spread.first(["Kort text", *HOSTILE], now=3))
def test_slack_takes_a_card_whatever_stands_in_its_fields(text: str, t: Texts) -> None:
    shown = everything(full(text), t)
    assert faults(shown.blocks, MESSAGE) == []
    second_opinion(shown.blocks)
    assert 0 < len(shown.text) <= 4_000
    assert view_faults(render.home(full(text), t, USERS)) == []


@pytest.mark.parametrize("text", spread.first(["Kort text", *HOSTILE], now=3))
def test_slack_takes_a_form_whatever_stands_in_its_fields(text: str) -> None:
    view = forms.modal(full_form(text), SV, USERS, "C0CHANNEL")
    assert view_faults(view) == []
    second_opinion(view["blocks"])


@given(st.text(max_size=400))
def test_slack_takes_a_card_of_any_words(text: str) -> None:
    shown = everything(full(text))
    assert faults(shown.blocks, MESSAGE) == []
    assert len(shown.text) <= 4_000


def test_a_long_list_keeps_its_buttons_and_says_that_there_is_more() -> None:
    press = Button(verb="open", label="Öppna")
    items = tuple(Item(text=f"Fråga {n}", button=press) for n in range(200))
    shown = everything(
        Card(title="Allt", parts=(Items(items=items),), buttons=(Button(verb="x", label="Larma"),))
    )
    assert len(shown.blocks) <= 50
    assert shown.blocks[-1]["elements"][0]["text"]["text"] == "Larma"
    assert SV("slack.more") in plain({"blocks": shown.blocks})
    assert words.heard(SV("slack.more")) in shown.text


def test_home_has_room_for_more_than_a_message() -> None:
    items = tuple(Item(text=f"Fråga {n}", button=Button(verb="open", label="Öppna")) for n in range(90))
    view = render.home(Card(title="Hem", parts=(Items(items=items),)), SV, USERS)
    assert view_faults(view) == []
    assert len(view["blocks"]) == 91


def test_home_opens_with_its_buttons_above_what_waits() -> None:
    assert [b["type"] for b in render.home(MORNING, SV, USERS)["blocks"]][:3] == [
        "header",
        "actions",
        "rich_text",
    ]


def test_no_button_shares_its_action_id() -> None:
    blocks = everything(full("Text")).blocks
    found = [b["accessory"]["action_id"] for b in blocks if "accessory" in b]
    found += [e["action_id"] for b in blocks if b["type"] == "actions" for e in b["elements"]]
    assert len(found) == len(set(found)) == 3
    assert {render.pressed(a) for a in found} == {"take"}


# -- hostile words --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", spread.first(HOSTILE, now=2))
def test_words_from_outside_bring_nothing_to_life(text: str) -> None:
    shown = everything(full(text))
    alive = live_mentions({"blocks": shown.blocks, "text": shown.text})
    assert {(live.kind, live.target) for live in alive} <= {("user", "U0ANNA001")}
    for view in (forms.modal(full_form(text), SV, {}), render.home(full(text), SV, {})):
        assert live_mentions(view) == []


def test_no_mark_of_direction_reaches_slack_unpaired() -> None:
    shown = everything(full(HOSTILE[3]))
    said = shown.text + plain({"blocks": shown.blocks})
    assert not set("\u202e\u202d\u202c\u2067\u2066\u200b\u200f\x00\x07") & set(said)
    assert said.count("\u2068") == said.count("\u2069") > 0


@given(st.text(max_size=200), st.integers(4, 60))
def test_what_is_cut_keeps_to_its_limit_and_closes_what_it_opened(text: str, most: int) -> None:
    shown = words.cut(text, most)
    assert len(words.escape(shown)) <= most
    assert shown.count("\u2068") == shown.count("\u2069")


def test_a_link_that_is_no_link_stays_words() -> None:
    shown = everything(
        Card(title="R", parts=(Cite(rule="Regel", section="4.2", link="javascript:alert(1)"),))
    )
    assert live_mentions({"blocks": shown.blocks, "text": shown.text}) == []
    assert "4.2" in shown.text


def test_the_section_of_a_rule_is_a_link_where_it_has_a_page() -> None:
    shown = everything(
        Card(title="R", parts=(Cite(rule="Regel", section="4.2", link="https://uni.example/p"),))
    )
    assert [live.target for live in live_mentions({"blocks": shown.blocks})] == ["https://uni.example/p"]
    assert "https://uni.example/p" in shown.text


# -- ears -----------------------------------------------------------------------------------------

MORNING = Card(
    title="God morgon! Två konton att titta igenom i dag.",
    parts=(
        People(
            people=(Mention(person=ANNA, name="Anna Ek"), Mention(person=BO, name="Bo Alm")),
            text="ingen har tittat än.",
        ),
        Items(
            items=(
                Item(text="@biologi_uni (Instagram)", note="inte tittat än", state="open"),
                Item(text="Biologi (Facebook)", note="genomgånget", state="done"),
            )
        ),
        Quote(text="Kan ni & <ni> svara?"),
        Facts(rows=(("Svara senast", "i slutet av dagen"), ("Var", "kommentar"))),
        Cite(rule="Frågor besvaras inom en arbetsdag.", section="Avsnitt 3", default=True),
        Text(text="Titta på nya kommentarer.", tone="quiet"),
    ),
    buttons=(
        Button(verb="calm", label="Allt lugnt på båda", heard="Allt lugnt på två konton", style="primary"),
        Button(verb="alarm", label="Larma"),
    ),
)
HEARD = """\
God morgon! Två konton att titta igenom i dag.
<@U0ANNA001>, Bo Alm, ingen har tittat än.
• @biologi_uni (Instagram) – inte tittat än
• Biologi (Facebook) – genomgånget
”Kan ni &amp; &lt;ni&gt; svara?”
Svara senast: i slutet av dagen
Var: kommentar
Frågor besvaras inom en arbetsdag. Avsnitt 3 Förvalt: står inte i riktlinjerna.
Titta på nya kommentarer.
Knappar: Allt lugnt på två konton; Larma."""


def test_what_is_heard_is_all_that_is_seen_in_the_same_order() -> None:
    assert everything(MORNING).text == HEARD


def test_each_word_that_is_seen_is_heard() -> None:
    seen = plain({"blocks": everything(MORNING).blocks}, {"U0ANNA001": "<@U0ANNA001>"})
    said = HEARD.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">") + "Allt lugnt på båda"
    for word in seen.replace("✓", "").replace("[", " ").replace("]", " ").split():
        assert word.strip("@,") in said


def test_bullets_stand_in_one_list() -> None:
    lists = [
        e for b in everything(MORNING).blocks for e in b.get("elements", []) if e["type"] == "rich_text_list"
    ]
    assert [len(one["elements"]) for one in lists] == [2]


def test_only_people_of_the_card_are_mentioned() -> None:
    shown = everything(MORNING)
    assert [live.target for live in live_mentions({"blocks": shown.blocks})] == ["U0ANNA001"]


def test_an_answer_of_one_sentence_is_a_sentence() -> None:
    shown = everything(Card(title="Noterat: allt lugnt på fem konton."))
    assert shown.text == "Noterat: allt lugnt på fem konton."
    assert [b["type"] for b in shown.blocks] == ["rich_text"]


def test_a_repeated_message_says_so_first() -> None:
    shown = render.message(Card(title="Larm"), SV, {}, first="Kanske en upprepning: Larm")
    assert shown.text.splitlines()[0] == "Kanske en upprepning: Larm"


# -- forms ----------------------------------------------------------------------------------------


def test_a_long_title_is_cut_between_words_and_stands_whole_in_the_form() -> None:
    view = forms.modal(
        Form(id="f", title="Ett nytt konto för institutionen", fields=(Line(id="a", label="A"),)), SV, {}
    )
    assert view["title"]["text"] == "Ett nytt konto för…"
    assert "Ett nytt konto för institutionen" in plain({"blocks": view["blocks"]})


def test_a_form_carries_its_state_and_where_it_was_opened() -> None:
    view = forms.modal(full_form("å" * 30), SV, USERS, "C1")
    assert view["callback_id"] == "question"
    assert len(view["private_metadata"]) <= 3_000
    assert forms.Carried.parse(view["private_metadata"]) == forms.Carried(state="s" * 2_000, channel="C1")
    assert forms.Carried.parse("not ours") == forms.Carried()


def test_a_field_keeps_its_block_and_action_id_so_that_typed_words_survive() -> None:
    view = forms.modal(full_form("Text"), SV, USERS)
    inputs = [b for b in view["blocks"] if b["type"] == "input"]
    assert [b["block_id"] for b in inputs] == [b["element"]["action_id"].split("#")[0] for b in inputs]
    assert inputs[0]["block_id"] == "line"


def test_a_submitted_form_gives_each_value_back() -> None:
    from tests.fakes.slack.forms import initial_values

    view = forms.modal(full_form("Text"), SV, USERS | {BO: "U0BO00001"})
    raw = forms.read({"values": initial_values(view["blocks"])}, "slack:T1")
    assert list(picked(raw)) == [
        ("person", "U0ANNA001"),
        ("people", "U0ANNA001"),
        ("people", "U0BO00001"),
    ]
    assert settled(raw, {"U0ANNA001": ANNA, "U0BO00001": BO}) == {
        "line": "Text",
        "lines": "Text",
        "few": "o1",
        "many": "o249",
        "boxes": ("o0", "o2"),
        "list": ("o3",),
        "date": "2026-11-21",
        "moment": "2026-11-21T09:00:00+00:00",
        "person": ANNA,
        "people": (ANNA, BO),
        "place": "slack:T1:C1",
        "on": "yes",
        "off": "",
    }


def test_an_empty_form_gives_empty_values() -> None:
    state = {
        "a": {"a": {"type": "plain_text_input", "value": None}},
        "b": {"b": {"type": "static_select", "selected_option": None}},
        "c": {"c": {"type": "users_select", "selected_user": None}},
        "d": {"d": {"type": "datetimepicker", "selected_date_time": None}},
        "e": {"e": {"type": "conversations_select", "selected_conversation": None}},
    }
    raw = forms.read({"values": state}, "slack:T1")
    assert settled(raw, {}) == {"a": "", "b": "", "c": "", "d": "", "e": ""}


def test_a_form_shown_again_keeps_what_was_filled_in_and_says_what_is_wrong() -> None:
    from tests.fakes.slack.forms import initial_values

    view = forms.modal(full_form("Text"), SV, USERS)
    filled = initial_values(view["blocks"])
    filled["line"]["line"]["value"] = "Skrivet"
    filled["few"]["few"]["selected_option"] = {"text": {"type": "plain_text", "text": "Text2"}, "value": "o2"}
    shown = forms.again(view | {"state": {"values": filled}}, {"line": "För kort"})
    assert view_faults(shown) == []
    by_id = {b["block_id"]: b["element"] for b in shown["blocks"] if b["type"] == "input"}
    assert by_id["line"]["initial_value"] == "Skrivet"
    assert by_id["few"]["initial_option"]["value"] == "o2"
    assert "För kort" in plain({"blocks": shown["blocks"]})


def test_a_fault_of_a_field_that_is_not_shown_stands_by_the_first_one() -> None:
    view = forms.modal(full_form("Text"), SV, USERS)
    assert forms.field_faults(view, {"none": "Välj", "line": "Kort"}) == {"line": "Välj Kort"}
