"""Dialogs on Teams: each kind of field, what is wrong beside it, and what comes back."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.teams import forms, render
from bot.commands import Call
from bot.model import PersonId
from bot.picking import Picked, picked, settled
from bot.texts import Texts
from bot.view import (
    Button,
    Card,
    Choice,
    Choices,
    Confirm,
    Date,
    Field,
    Form,
    Item,
    Items,
    Line,
    Lines,
    Moment,
    Option,
    PeopleField,
    PersonField,
    PlaceField,
    Text,
    Toggle,
)
from tests import spread
from tests.fakes.teams import cards
from tests.fakes.teams.forms import labels
from tests.fakes.teams.reading import inputs, live_mentions, plain
from tests.unit.test_teams_render import HOSTILE, SAFE, full

SV = Texts("sv")
ANNA, BO, EVA = PersonId("p1"), PersonId("p2"), PersonId("p3")
USERS = {ANNA: "0a-anna", BO: "0b-bo", EVA: "0e-eva"}
OFFERED = forms.Choices(
    people=(("0a-anna", "Anna Ek"), ("0b-bo", "Bo Lind")),
    places=(("teams:t1:19:bio@thread.tacv2", "Biologi"),),
)
NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)
Json = dict[str, Any]


def options(count: int, text: str = "Val ") -> tuple[Option, ...]:
    return tuple(Option(id=f"o,{n}", label=f"{text}{n}") for n in range(count))


def full_form(text: str) -> Form:
    return Form(
        id="question",
        title=text,
        submit=text,
        state="s" * 2_000,
        intro=full(text).parts,
        fields=(
            Line(id="line", label=text, hint=text, value=text, max_length=280, placeholder=text),
            Lines(id="lines", label=text, value=text),
            Choice(id="few", label=text, options=options(3, text), value="o,1"),
            Choice(id="many", label=text, options=options(60, text), value="o,59"),
            Choice(id="none", label=text, options=()),
            Choices(id="boxes", label=text, options=options(3, text), value=("o,0", "o,2")),
            Choices(id="list", label=text, options=options(60, text), value=("o,3",)),
            Date(id="date", label=text, value=date(2026, 11, 21), required=False),
            Moment(id="moment", label=text, value=NINE),
            PersonField(id="person", label=text, value=ANNA),
            PeopleField(id="people", label=text, value=(ANNA, BO), most=3),
            PeopleField(id="order", label=text, value=(BO, ANNA), most=3, ordered=True),
            PlaceField(id="place", label=text, value="teams:t1:19:bio@thread.tacv2"),
            Toggle(id="on", label=text, value=True),
            Toggle(id="off", label=text),
        ),
    )


def dialog(*fields: Field, **more: Any) -> Json:
    return forms.dialog(Form(id="f", title="F", fields=fields), SV, USERS, OFFERED, **more)


def card(made: Json) -> Json:
    return dict(made["card"]["content"])


def only(*fields: Field, **more: Any) -> Json:
    (shown,) = inputs(card(dialog(*fields, **more)))
    return shown


def submitted(made: Json, **typed: str) -> Json:
    """What a client sends when somebody changes those inputs and presses the button."""
    begun = {f["id"]: f.get("value", "") for f in inputs(card(made))}
    return {**begun, **typed, **card(made)["actions"][-1]["data"]}


def back(made: Json, **typed: str) -> dict[str, Any]:
    data = submitted(made, **typed)
    form, _ = forms.carried(data)
    return forms.read(form, data)


# -- rules --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", spread.first(["Kort text", *HOSTILE], now=3))
def test_teams_takes_a_dialog_whatever_stands_in_its_fields(text):
    made = forms.dialog(full_form(text), SV, USERS, OFFERED, faults={"line": text, "no": text})
    assert cards.faults(card(made), dialog=True) == []
    assert len(made["title"].replace("\u2060", "")) <= 64
    assert made["title"]


@pytest.mark.parametrize("text", spread.first(HOSTILE, now=2))
def test_words_from_outside_bring_nothing_to_life_in_a_dialog(text):
    assert live_mentions(card(forms.dialog(full_form(text), SV, USERS, OFFERED))) == []


@settings(max_examples=20)
@given(st.text(max_size=200))
def test_teams_takes_a_dialog_of_any_words(text):
    assert cards.faults(card(forms.dialog(full_form(text), SV, USERS, OFFERED)), dialog=True) == []


@pytest.mark.long
def test_a_university_of_people_fits_and_the_rest_is_said_to_be_left_out():
    many = tuple((f"00000000-0000-4000-8000-{n:012}", f"Person Nummer {n}") for n in range(5_000))
    fields = (
        PersonField(id="a", label="A"),
        PeopleField(id="b", label="B", value=(EVA,)),
        PlaceField(id="c", label="C"),
    )
    made = forms.dialog(
        Form(id="f", title="F", fields=fields), SV, USERS, forms.Choices(people=many, places=many)
    )
    assert render.size(made) < SAFE
    assert cards.faults(card(made), dialog=True) == []
    assert plain(card(made)).count(SV("teams.not_all")) == 3
    assert len(inputs(card(made))[0]["choices"]) > 50


def test_a_form_that_only_shows_has_no_button():
    made = forms.dialog(Form(id="f", title="F", intro=(Text(text="Hej"),)), SV, USERS, OFFERED)
    assert "actions" not in card(made)
    assert "Hej" in plain(card(made))


def test_a_long_title_stands_whole_in_the_dialog():
    title = "Ett nytt konto för institutionen för neurobiologi, vårdvetenskap och samhälle"
    made = forms.dialog(Form(id="f", title=title, fields=(Line(id="a", label="A"),)), SV, USERS, OFFERED)
    assert made["title"].endswith("…")
    assert plain(card(made)).startswith(title)


def test_a_button_above_the_fields_does_not_ask_for_them():
    intro = (Items(items=(Item(text="Biologi", button=Button(verb="why", label="Varför?")),)),)
    form = Form(id="f", title="F", intro=intro, fields=(Line(id="a", label="A"),))
    why = card(forms.dialog(form, SV, USERS, OFFERED))["body"][0]["columns"][1]["items"][0]["actions"][0]
    assert (why["data"], why["associatedInputs"]) == ({"smbot": {"press": "why", "arg": ""}}, "none")


# -- fields -------------------------------------------------------------------------------------


def test_a_required_field_says_kindly_what_to_do():
    shown = only(Line(id="a", label="Vad gäller det?"))
    assert shown["isRequired"]
    assert shown["errorMessage"] == "Skriv något under ”Vad gäller det?”."
    assert "isRequired" not in only(Line(id="a", label="A", required=False))


def test_the_hint_stands_under_its_field():
    body = card(dialog(Line(id="a", label="A", hint="Skriv inga namn.")))["body"]
    assert [e["type"] for e in body[0]["items"]] == ["Input.Text", "RichTextBlock"]


def test_few_choices_stand_open_more_are_a_list_and_many_can_be_searched():
    styles = [only(Choice(id="a", label="A", options=options(n)))["style"] for n in (5, 6, 15, 16)]
    assert styles == ["expanded", "compact", "compact", "filtered"]


def test_what_is_chosen_already_is_shown_on_an_iphone_too():
    assert only(Choice(id="a", label="A", options=options(60), value="o,7"))["style"] == "compact"


def test_a_choice_that_need_not_be_made_can_be_taken_back():
    field = PersonField(id="a", label="A", value=ANNA, required=False)
    assert only(field)["choices"][0] == {"title": "Inget val", "value": "-"}
    assert back(dialog(field), a="-") == {"a": Picked((), many=False)}


def test_somebody_chosen_who_is_not_offered_is_added():
    shown = only(PeopleField(id="a", label="A", value=(EVA, BO)))
    assert shown["value"] == "0e-eva,0b-bo"
    assert [c["title"] for c in shown["choices"]] == ["Den som är vald nu", "Bo Lind", "Anna Ek"]


ORDERED = PeopleField(id="a", label="Vilka?", value=(BO, ANNA), ordered=True)


def lists(made: Json) -> list[tuple[str, str, bool]]:
    return [(f["label"], f.get("value", ""), f.get("isRequired", False)) for f in inputs(card(made))]


def test_people_whose_order_counts_are_picked_one_by_one_and_only_the_first_must_be():
    assert lists(dialog(ORDERED)) == [
        ("Vilka? – 1", "0b-bo", True),
        ("Vilka? – 2", "0a-anna", False),
        *((f"Vilka? – {n}", "", False) for n in (3, 4, 5, 6)),
    ]
    assert labels(card(dialog(ORDERED))) == ["Vilka?"]


@pytest.mark.parametrize(
    ("most", "chosen", "shown"), [(10, 0, 4), (3, 0, 3), (10, 3, 7), (10, 9, 9), (2, 3, 3)]
)
def test_there_are_lists_for_all_that_are_chosen_and_some_more(most, chosen, shown):
    people = {PersonId(f"p{n}"): f"u{n}" for n in range(chosen)}
    field = PeopleField(id="a", label="Vilka?", value=tuple(people), most=most, ordered=True)
    made = forms.dialog(Form(id="f", title="F", fields=(field,)), SV, people, OFFERED)
    assert len(lists(made)) == shown


def test_with_many_to_choose_from_two_lists_stay_empty():
    many = tuple((f"00000000-0000-4000-8000-{n:012}", f"Person Nummer {n}") for n in range(500))
    form = Form(id="f", title="F", fields=(ORDERED,))
    made = forms.dialog(form, SV, USERS, forms.Choices(people=many))
    assert len(lists(made)) == 4
    assert render.size(made) < SAFE


def test_picked_people_come_back_in_the_order_of_their_lists():
    assert back(dialog(ORDERED)) == {"a": Picked(("0b-bo", "0a-anna"), many=True)}
    swapped = back(dialog(ORDERED), **{"a#1": "0a-anna", "a#2": "0b-bo"})
    assert swapped == {"a": Picked(("0a-anna", "0b-bo"), many=True)}


def test_a_gap_and_a_name_picked_twice_do_no_harm():
    picked = back(dialog(ORDERED), **{"a#1": "0b-bo", "a#2": "-", "a#4": "0a-anna", "a#5": "0b-bo"})
    assert picked == {"a": Picked(("0b-bo", "0a-anna"), many=True)}
    assert back(dialog(ORDERED), **{"a#1": "", "a#2": "-"}) == {"a": Picked((), many=True)}


def test_lists_shown_again_keep_what_was_picked_where_it_was():
    data = submitted(dialog(ORDERED), **{"a#2": "-", "a#4": "0a-anna"})
    again = dialog(ORDERED, faults={"a": "Bara en"}, given=data)
    assert [value for _, value, _ in lists(again)][:4] == ["0b-bo", "", "", "0a-anna"]
    assert cards.faults(card(again), dialog=True) == []


def test_two_of_one_name_can_be_told_apart():
    twins = forms.Choices(people=(("1", "Anna Ek"), ("2", "Anna Ek")))
    form = Form(id="f", title="F", fields=(PersonField(id="a", label="A"),))
    (shown,) = inputs(card(forms.dialog(form, SV, {}, twins)))
    assert len({c["title"] for c in shown["choices"]}) == 2


def test_a_list_without_choices_says_so():
    assert plain(card(dialog(Choice(id="a", label="Konto", options=())))).startswith(
        "Konto: Här finns inget att välja än."
    )


def test_a_moment_is_asked_for_on_the_organisations_wall_clock():
    day, clock = inputs(card(dialog(Moment(id="a", label="När?", value=NINE))))
    assert (day["value"], clock["value"]) == ("2026-11-21", "10:00")
    assert (day["label"], clock["label"]) == ("När? – dag", "När? – klockslag")


# -- what is wrong ------------------------------------------------------------------------------


def test_what_is_wrong_stands_beside_its_field_and_on_top_in_words():
    made = dialog(Line(id="a", label="Adress"), Line(id="b", label="Namn"), faults={"b": "Skriv ett namn."})
    assert plain(card(made)).splitlines()[:4] == [
        "Något behöver rättas: Namn.",
        "Adress",
        "Att rätta: Skriv ett namn.",
        "Namn",
    ]


def test_what_is_wrong_is_one_sentence_though_labels_are_questions():
    fields = (Line(id="a", label="Var finns den?"), Line(id="b", label="När?"))
    made = dialog(*fields, faults={"a": "Skriv det.", "b": "Skriv det."})
    assert plain(card(made)).splitlines()[0] == "Något behöver rättas: Var finns den, När."


def test_what_is_wrong_with_no_field_of_the_form_stands_on_top():
    made = dialog(Line(id="a", label="Adress"), faults={"elsewhere": "Kontot är redan stängt."})
    assert plain(card(made)).splitlines()[0] == "Kontot är redan stängt."


def test_a_form_shown_again_keeps_what_was_filled_in():
    form = full_form("Text")
    typed = {
        "line": "Skrivet",
        "few": "o,2",
        "boxes": "1",
        "moment#clock": "",
        "people": "0b-bo",
        "off": "yes",
    }
    data = submitted(forms.dialog(form, SV, USERS, OFFERED), **typed)
    again = forms.dialog(forms.carried(data)[0], SV, {}, OFFERED, faults={"line": "För kort"}, given=data)
    assert {f["id"]: f.get("value", "") for f in inputs(card(again))} == {
        k: v for k, v in data.items() if k != "smbot"
    }
    assert cards.faults(card(again), dialog=True) == []


# -- there and back -----------------------------------------------------------------------------


def test_a_submitted_dialog_gives_each_value_back():
    raw = back(forms.dialog(full_form("Text"), SV, USERS, OFFERED))
    assert list(picked(raw)) == [
        ("person", "0a-anna"),
        ("people", "0a-anna"),
        ("people", "0b-bo"),
        ("order", "0b-bo"),
        ("order", "0a-anna"),
    ]
    assert settled(raw, {"0a-anna": ANNA, "0b-bo": BO}) == {
        "line": "Text",
        "lines": "Text",
        "few": "o,1",
        "many": "o,59",
        "none": "",
        "boxes": ("o,0", "o,2"),
        "list": ("o,3",),
        "date": "2026-11-21",
        "moment": "2026-11-21T10:00:00+01:00",
        "person": ANNA,
        "people": (ANNA, BO),
        "order": (BO, ANNA),
        "place": "teams:t1:19:bio@thread.tacv2",
        "on": "yes",
        "off": "",
    }


@given(st.sets(st.integers(0, 39)), st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=280))
def test_whatever_is_ticked_and_typed_comes_back(ticked, typed):
    made = dialog(Choices(id="a", label="A", options=options(40)), Line(id="b", label="B"))
    assert back(made, a=",".join(map(str, sorted(ticked))), b=typed) == {
        "a": tuple(f"o,{n}" for n in sorted(ticked)),
        "b": typed,
    }


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_a_moment_shown_comes_back_to_the_minute(moment):
    """But for the hour that the clock lives through twice in October, of which it is the first."""
    found = datetime.fromisoformat(back(dialog(Moment(id="a", label="A", value=moment)))["a"])
    late = (moment.replace(second=0, microsecond=0) - found).total_seconds()
    assert late in (0, 3600 * SV.local(moment).fold)


def test_half_a_moment_comes_back_as_half_so_that_the_rest_is_asked_for():
    made = dialog(Moment(id="a", label="A"))
    assert back(made, **{"a#day": "2026-11-21"}) == {"a": "2026-11-21T"}
    assert back(made) == {"a": ""}


def test_a_dialog_carries_its_form_its_state_and_where_it_was_opened():
    made = forms.dialog(full_form("Text"), SV, USERS, OFFERED, channel="19:bio")
    form, channel = forms.carried(submitted(made))
    assert (form.id, form.state, channel) == ("question", "s" * 2_000, "19:bio")
    assert [f.id for f in form.fields] == [f.id for f in full_form("Text").fields]


CALL = Call(platform="teams", realm="t", user="anna", channel="19:bio", key="teams:2")


def test_a_dialog_is_sent_under_the_key_of_the_request_that_it_answers_and_its_senders_name():
    data = submitted(forms.dialog(full_form("Text"), SV, USERS, OFFERED, key="teams:1"))
    assert forms.sent_under(data, CALL) == "teams:1:anna"


@pytest.mark.parametrize("own", [{}, {"key": ""}, {"key": 7}, {"key": ["teams:1"]}, 1])
def test_a_dialog_without_a_key_is_sent_under_that_of_its_own_request(own):
    assert forms.sent_under({"smbot": own}, CALL) == "teams:2"


@pytest.mark.parametrize("data", [{}, {"smbot": 1}, {"smbot": {}}, {"smbot": {"form": {"id": 1}}}])
def test_what_is_no_dialog_of_ours_is_refused(data):
    with pytest.raises(ValueError):
        forms.carried(data)


@pytest.mark.long
def test_a_form_longer_than_any_of_ours_is_none_of_ours():
    person, choice = PersonField(id="a", label="A"), Choice(id="a", label="A", options=options(30_000))
    for fields in ((person,) * 10_000, (choice,)):
        form = forms.FORM.dump_python(Form(id="f", title="F", fields=fields), mode="json")
        with pytest.raises(ValueError, match="so long"):
            forms.carried({"smbot": {"form": form}})


def test_a_client_cannot_have_lists_counted_without_end():
    form = Form(id="f", title="F", fields=(PeopleField(id="a", label="A", ordered=True, most=10**12),))
    assert forms.read(form, {"a#1": "0a-anna"})["a"] == Picked(("0a-anna",), many=True)


def test_nobody_can_make_us_look_up_people_by_the_thousand():
    form = Form(id="f", title="F", fields=(PeopleField(id="a", label="A"),))
    assert len(forms.read(form, {"a": ",".join(map(str, range(20_000)))})["a"].users) == forms.FIELDS


def test_many_of_one_name_are_told_apart_at_once():
    named = forms._told_apart([(str(n), "Anna Ek") for n in range(50_000)])
    assert len({title for _, title in named}) == 50_000
    assert named[:3] == [("0", "Anna Ek"), ("1", "Anna Ek (2)"), ("2", "Anna Ek (3)")]


@pytest.mark.parametrize("zone", ["", "Mars/Base", "../etc", 7])
def test_a_time_zone_that_is_none_is_the_organisations(zone):
    form = Form(id="f", title="F", fields=(Moment(id="a", label="A"),))
    data = {"smbot": {"zone": zone}, "a#day": "2026-11-21", "a#clock": "10:00"}
    assert forms.read(form, data) == {"a": "2026-11-21T10:00:00+01:00"}


@pytest.mark.parametrize("given", [None, 7, ["x"], "x", "99,-1,²", "0,0"])
def test_strange_values_of_a_client_do_no_harm(given):
    form = Form(id="f", title="F", fields=(Choices(id="a", label="A", options=options(2)),))
    assert set(forms.read(form, {"a": given})["a"]) <= {"o,0"}


# -- notices and questions ------------------------------------------------------------------------


def test_a_card_in_a_dialog_keeps_its_buttons_as_presses():
    made = forms.notice(
        Card(title="Noterat", buttons=(Button(verb="undo", arg="1", label="Ångra"),)), SV, USERS
    )
    assert card(made)["actions"][0]["data"] == {"smbot": {"press": "undo", "arg": "1"}}


def test_a_question_before_a_press_names_what_happens_and_its_yes_is_the_press():
    sure = Confirm(title="Säker?", text="Alla får larmet.", yes="Ja, larma", no="Nej")
    asked = render.asked(Button(verb="alarm", arg="a1", label="Larma", confirm=sure))
    made = forms.confirm(asked, SV)
    assert made["title"] == "Säker?"
    assert "Alla får larmet." in plain(card(made))
    yes, no = card(made)["actions"]
    assert (yes["title"], yes["data"]) == ("Ja, larma", {"smbot": {"press": "alarm", "arg": "a1"}})
    assert (no["title"], no["data"]) == ("Nej", {"smbot": {"close": True}})
    assert cards.faults(card(made), dialog=True) == []
