"""What an activity says: who asks, what was written, what a button sends; and nothing in it is an error."""

from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest
from botbuilder.schema import Activity
from hypothesis import example, given
from hypothesis import strategies as some

from adapters.teams import requests
from adapters.teams.requests import Opening, Press, Submitted
from bot.commands import COMMANDS, greets, spoken
from bot.view import Form, Line
from tests.fakes.teams.state import BOT_NAME

BOT = "28:app"
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def activity(**more: Any) -> Activity:
    return Activity().deserialize({
        "type": "message", "id": "17", "serviceUrl": "https://here/", "channelId": "msteams",
        "from": {"id": "29:anna", "aadObjectId": "ANNA-ID", "name": "Anna Ek"}, "recipient": {"id": BOT, "name": BOT_NAME},
        "conversation": {"id": "19:a@thread.tacv2;messageid=5", "conversationType": "channel", "tenantId": "T1"},
        "channelData": {"tenant": {"id": "T1"}, "team": {"id": "19:team"}},
    } | more)  # fmt: skip


# -- who asks, from where -----------------------------------------------------------------------------


def test_a_message_in_a_channel_is_asked_by_its_writer_in_its_thread() -> None:
    asked = requests.asked(activity())
    assert (asked.call.realm, asked.call.user, asked.call.channel) == ("t1", "anna-id", "19:a@thread.tacv2")
    assert (asked.call.key, asked.call.language) == ("teams:17:19:a@thread.tacv2", "")
    assert (asked.kind, asked.thread, asked.team) == ("channel", "5", "19:team")
    assert asked.where == "19:a@thread.tacv2;messageid=5"
    assert (asked.teams_id, asked.bot, asked.service_url) == ("29:anna", BOT, "https://here/")


def test_group_chats_and_personal_chats_have_no_threads() -> None:
    for kind, known in (("groupChat", "group"), ("personal", "personal")):
        asked = requests.asked(activity(conversation={"id": "a:1;messageid=5", "conversationType": kind}))
        assert (asked.kind, asked.thread, asked.team, asked.where) == (known, "", "", "a:1")


def test_messages_of_two_conversations_may_bear_one_id() -> None:
    here, there = (requests.asked(activity(conversation={"id": place})) for place in ("19:a", "19:b"))
    assert here.call.key != there.call.key


@pytest.mark.parametrize("kind", ["personal", None])
def test_a_chat_of_two_people_is_nobodys_chat_with_the_bot(kind: str | None) -> None:
    def found(conversation: str) -> str:
        place = {"id": conversation, "conversationType": kind}
        return requests.asked(activity(conversation=place, recipient={"id": "28:bot-guid"})).kind

    assert found("19:anna-guid_bo-guid@unq.gbl.spaces") == "group"
    assert found("") == "group"
    assert found("a:1xyz") == found("19:anna-guid_bot-guid@unq.gbl.spaces") == "personal"


def test_the_clients_language_is_no_ones_setting() -> None:
    assert requests.asked(activity(locale="en-US")).call.language == ""


def test_whoever_has_no_id_of_their_own_is_nobody_known() -> None:
    for who in ({"id": "29:x"}, {"id": "29:x", "aadObjectId": ""}, None):
        assert not requests.asked(activity(**{"from": who})).known


def test_what_is_missing_is_empty() -> None:
    asked = requests.asked(Activity().deserialize({"type": "message"}))
    assert (asked.call.user, asked.call.channel, asked.call.key, asked.bot) == ("", "", "", "")


# -- what was written -----------------------------------------------------------------------------------


def mention(text: str, who: str = BOT) -> dict[str, Any]:
    return {"type": "mention", "mentioned": {"id": who, "name": "x"}, "text": text}


@pytest.mark.parametrize(
    ("text", "entities", "said"),
    [
        ("<at>smbot</at> fråga\n", [mention("<at>smbot</at>")], "fråga"),
        ("<at>sm</at> <at>bot</at>&nbsp;konton  a &amp; b", [mention("<at>sm</at>"), mention("<at>bot</at>")], "konton a & b"),
        ("<at>smbot</at> tell <at>Bo</at> smbot", [mention("<at>smbot</at>"), mention("<at>Bo</at>", "29:bo")], "tell Bo smbot"),
        ("fråga <at>smbot</at>", [mention("<at>smbot</at>")], "fråga"),
        ("smbot", [mention("", BOT), {"type": "clientInfo", "locale": "sv-SE"}], "smbot"),
        ("", [], ""),
    ],
)  # fmt: skip
def test_the_bots_own_name_is_not_among_the_words(text: str, entities: list[Any], said: str) -> None:
    assert requests.words(activity(text=text, entities=entities)) == said


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/sm-new-account", ("sm-new-account", "")),
        ("sm-nytt-konto", ("sm-new-account", "")),
        ("New account", ("sm-new-account", "")),
        ("nytt konto", ("sm-new-account", "")),
        ("SM nytt konto", ("sm-new-account", "")),
        ("Fråga!", ("sm-question", "")),
        ("fraga", ("sm-question", "")),
        ("i dag", ("sm-today", "")),
        ("hjälp", ("sm-help", "")),
        ("larm vi är hotade", ("sm-alarm", "")),
        ("konton @bio  on Instagram ", ("sm-accounts", "@bio  on Instagram")),
        ("kontona", None),
        ("ny", None),
        ("!", None),
        ("", None),
    ],
)
def test_plain_words_name_a_command_in_either_language(text: str, command: Any) -> None:
    assert spoken(text) == command


def test_each_command_answers_to_its_names_with_and_without_what_all_begin_with() -> None:
    for command in COMMANDS:
        for name in (command.name, command.alias):
            assert {spoken(said) for said in (name, f"/{name}", name[3:], name[3:].replace("-", " "))} == {
                (command.name, "")
            }


def test_a_greeting_is_one_word_alone() -> None:
    assert all(greets(word) for word in ("hej", "Hej!", "hem", "HOME", "Hallå"))
    assert not any(greets(word) for word in ("hej konton", "", "hemma"))


# -- what a button or dialog sends -------------------------------------------------------------------

PRESS = {"smbot": {"press": "save", "arg": "r1"}}
FORM = {"smbot": {"form": {"id": "f", "title": "F"}, "channel": "c"}, "link": "x"}


@pytest.mark.parametrize(
    "packed",
    [PRESS, {"data": PRESS, "context": {"theme": "dark"}}, {"action": {"type": "Action.Execute", "data": PRESS}, "trigger": "manual"}],
)  # fmt: skip
def test_a_press_is_read_however_deep_teams_packs_it(packed: Any) -> None:
    assert requests.sent(packed) == Press(verb="save", arg="r1")


def test_the_other_shapes_are_read() -> None:
    sure = {"confirm": {"title": "a", "text": "b", "yes": "c", "no": "d"}, "press": "save", "arg": ""}
    assert requests.sent({"data": {"smbot": sure}}) == Press(verb="save", arg="", confirm=sure)
    assert requests.sent({"data": {"smbot": {"command": "sm-x", "words": "y"}}}) == Opening(
        name="sm-x", words="y"
    )
    placed = {"command": "sm-x", "words": "y", "channel": "19:a"}
    assert requests.sent({"data": {"smbot": placed}}) == Opening(name="sm-x", words="y", channel="19:a")
    assert requests.sent({"data": FORM}) == Submitted(data=FORM, faults={})
    faults = FORM | {"smbot": FORM["smbot"] | {"faults": {"link": "Too short."}}}
    assert requests.sent({"data": faults}) == Submitted(data=faults, faults={"link": "Too short."})


def test_a_broken_question_is_no_press() -> None:
    assert requests.sent({"smbot": {"confirm": {"title": 1}, "press": "save", "arg": ""}}) is None


@given(JSON)
def test_no_data_from_outside_is_an_error(data: Any) -> None:
    for packed in (data, {"smbot": data}, {"data": {"smbot": data}}, {"messagePayload": data}):
        requests.sent(packed)
        requests.quoted(packed)


# -- messages that a shortcut was used on --------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("<div><div>Why &lt;no&gt; answer?</div></div>", "Why <no> answer?"),
        (
            'Hi <at id="0">Bo</at>! See <a href="https://a.example/x">this</a>',
            "Hi Bo! See this (https://a.example/x)",
        ),
        ('<a href="https://a.example">https://a.example</a>', "https://a.example"),
        ('<a href="mailto:a@b.example">write</a>', "write (a@b.example)"),
        ("one<br>two<p>three</p><ul><li>four</li></ul>", "one\ntwo\nthree\nfour"),
        ('good <emoji alt="🙂"></emoji><img alt="a cat" src="x">', "good 🙂a cat"),
        ("<style>x{}</style><script>alert(1)</script>safe", "safe"),
        ("</a></p></script>loose", "loose"),
        ("", ""),
    ],
)
def test_markup_is_read_as_the_words_that_people_see(markup: str, read: str) -> None:
    assert requests.readable(markup) == read


@given(some.text(alphabet="<>/abpscript &;\"'=\n-![]", max_size=60))
@example("<![x")
def test_no_markup_from_outside_is_an_error(markup: str) -> None:
    requests.readable(markup)


@pytest.mark.parametrize("markup", ["<a " * 300_000, "<a>x" * 200_000 + "</a>" * 100_000, "<!--" * 200_000])
def test_markup_that_never_ends_keeps_nobody_waiting(markup: str) -> None:
    begun = process_time()
    requests.readable(markup)
    assert process_time() - begun < 1


def test_a_quoted_message_has_its_link_and_its_time() -> None:
    told = {
        "linkToMessage": "https://teams.example/m", "createdDateTime": "2026-11-23T08:00:00.5Z",
        "body": {"contentType": "text", "content": " 1 < 2 "},
    }  # fmt: skip
    quoted = requests.quoted({"messagePayload": told})
    assert (quoted.text, quoted.link) == ("1 < 2", "https://teams.example/m")
    assert quoted.at == datetime(2026, 11, 23, 8, 0, 0, 500_000, UTC)


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-23T08:00:00", None, 5])
def test_a_time_without_a_zone_or_sense_is_no_time(at: Any) -> None:
    assert requests.quoted({"messagePayload": {"createdDateTime": at, "body": {"content": "x"}}}).at is None


# -- channels --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["type", "channelType", "membershipType"])
def test_private_and_shared_channels_are_told_from_others(name: str) -> None:
    assert [requests.is_closed({name: kind}) for kind in ("Private", "shared", "standard", None)] == [
        True, True, False, False,
    ]  # fmt: skip


def test_a_form_survives_its_way_through_a_button() -> None:
    """The door to a form that could not be opened by itself holds all of it."""
    from adapters.teams import answers, forms
    from bot.texts import Texts

    form = Form(id="f", title="F", state="s", fields=(Line(id="a", label="A", value="so far"),))
    sent = requests.sent({"data": answers.door(form, "c", Texts("en"))["data"]})
    assert isinstance(sent, Submitted)
    assert forms.carried(sent.data) == (form, "c")
