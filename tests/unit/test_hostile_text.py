"""Words of the public and of people stay words: in Slack's blocks, in the text twin, in Teams' cards and on the page (U10, C-61)."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from adapters.mail import render as mail
from adapters.mail.server import sender
from adapters.slack import forms, render
from adapters.web.ports import Channel, Someone
from adapters.web.render import Renderer
from bot.model import PersonId
from bot.ports import Address, Envelope
from bot.texts import Texts
from bot.view import Card, Form
from smbot.gallery import Entry, gallery
from smbot.gallery.world import Outside
from tests import spread
from tests.fakes.slack.blocks import MESSAGE, faults, view_faults
from tests.fakes.slack.reading import live_mentions, plain
from tests.fakes.teams import cards, reading
from tests.golden import TEAMS_CHOICES, on_teams

T = Texts("sv")
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
HEADERS = {b"subject", b"from", b"to", b"date", b"message-id", b"list-id", b"auto-submitted", b"x-auto-response-suppress",
           b"content-language", b"content-type", b"mime-version"}  # fmt: skip
MARKUP = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "div",
    "h1",
    "p",
    "strong",
    "em",
    "a",
    "br",
    "ul",
    "li",
    "blockquote",
    "hr",
}
MARK = "zzz"
FIELDS = tuple(f.name for f in fields(Outside))
HOSTILE = {
    "a call to everybody": "<!channel> <!here> <!everyone> @channel @here zzz",
    "a mention": "<@U123ABC> <#C123ABC> <!subteam^S123> zzz",
    "a link in disguise": "<https://evil.example|click> [click](https://evil.example) https://evil.example/x zzz",
    "markup": "*bold* _slant_ ~gone~ `code` > quote :smile: zzz",
    "five thousand characters": "zzz" + "&" * 2_500 + "å" * 2_500,
    "reversed": "\u202egnp.exe\u202c \u2067\u05e9\u05dc\u05d5\u05dd\u2069 \u200bhid\u200eden zzz",
    "right to left": "\u0645\u0631\u062d\u0628\u0627 (1) <!everyone> zzz",
    "placeholders": "{name} {account} {0} {office.__class__} {} %s ${x} {{ 7 * 7 }} zzz",
    "new lines": "\nzzz\n\n> quote\r\n• list\n",
    "control characters": "\x00\x07\x1b[31mzzz\x7f\ud800",
    "tags": "<!channel> @here <script>alert(1)</script><img src=x onerror=alert(1)> \" ' onclick=alert(1) zzz",
    "a script for a link": "javascript:alert(1)//zzz",
    "a mention in Teams": "<at>Anna Ek</at> <at id=0>Bo Lind</at> &lt;at&gt;Anna&lt;/at&gt; zzz",
    "Markdown": "# zzz [a]: https://evil.example ![p](https://evil.example/p) ~~g~~ | a | __b__ \\*c\\*",
    "Teams' own functions": "{{DATE(2020-01-01T00:00:00Z, SHORT)}} {{TIME(2020-01-01T00:00:00Z)}} ${$root} zzz",
}
EACH = spread.named(HOSTILE, "tags")  # with a call to everybody in them
USERS = {
    PersonId(p): f"U0{p.upper()}" for p in ("anna", "bo", "heidi", "dag", "karin", "kalle", "sven", "sara")
}
OURS = set(USERS.values())
TEAMS_USERS = {person: f"0-{person}" for person in USERS}


@cache
def full(value: str) -> tuple[Entry, ...]:
    """The gallery with that value in every place where other people's words stand."""
    return tuple(gallery("sv", Outside(**dict.fromkeys(FIELDS, value))))


@cache
def slack_of(value: str) -> tuple[tuple[Entry, render.Json], ...]:
    return tuple((entry, in_slack(entry)) for entry in full(value))


@cache
def teams_of(value: str) -> tuple[tuple[Entry, render.Json], ...]:
    return tuple((entry, in_teams(entry)) for entry in full(value))


def in_slack(entry: Entry) -> render.Json:
    if isinstance(entry.shown, Form):
        return forms.modal(entry.shown, T, USERS)
    made = render.message(entry.shown, T, USERS)
    return {"text": made.text, "blocks": made.blocks}


def on_page(entry: Entry) -> str:
    renderer = Renderer(
        t=T, people=[Someone(p, p, "") for p in USERS], channels=[Channel("biologi", "biologi")]
    )
    return str(renderer.form(entry.shown) if isinstance(entry.shown, Form) else renderer.card(entry.shown))


# -- Slack --------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", EACH)
def test_nothing_from_outside_comes_to_life_in_slack(value):
    """Only the people whom a card means to alert are mentioned, and only our own links are links."""
    for entry, made in slack_of(value):
        for live in live_mentions(made):
            assert live.kind == "user", (entry.name, live)
            assert live.target in OURS, (entry.name, live)


@pytest.mark.parametrize("value", EACH)
def test_slack_takes_every_card_and_form_whatever_people_write(value):
    for entry, made in slack_of(value):
        wrong = faults(made["blocks"], MESSAGE) if isinstance(entry.shown, Card) else view_faults(made)
        assert wrong == [], entry.name
        assert len(made.get("text", "x")) in range(1, 4_001), entry.name


@pytest.mark.parametrize(
    "value", spread.first([HOSTILE["control characters"], HOSTILE["reversed"], HOSTILE["right to left"]])
)
def test_no_mark_turns_or_hides_what_stands_around_it_in_slack(value):
    for entry, made in slack_of(value):
        said = made.get("text", "") + plain(made)
        assert not set("\u202e\u202d\u2067\u2066\u200b\u200e\u200f\x00\x07\x1b") & set(
            _values_out(said, made)
        ), entry.name


def _values_out(said: str, made: render.Json) -> str:
    """Without what stands in a field to be changed: there people see their own words as they are."""
    for block in made["blocks"]:
        value = str(block.get("element", {}).get("initial_value", "")) if block["type"] == "input" else ""
        said = said.replace(value, "") if value else said
    return said


# -- Teams --------------------------------------------------------------------------------------


def in_teams(entry: Entry) -> render.Json:
    return on_teams.content(on_teams.shown(entry.shown, "sv", TEAMS_USERS, TEAMS_CHOICES))


@cache
def our_links() -> frozenset[str]:
    alive = (live for e in gallery("sv") for live in reading.live_mentions(in_teams(e)))
    return frozenset(live.target for live in alive if live.kind == "link")


@pytest.mark.parametrize("value", EACH)
def test_nothing_from_outside_comes_to_life_in_teams(value):
    """Only the people whom a card means to alert are mentioned, and only our own links are links."""
    allowed = {("mention", user) for user in TEAMS_USERS.values()} | {("link", link) for link in our_links()}
    for entry, made in teams_of(value):
        alive = {(live.kind, live.target) for live in reading.live_mentions(made)}
        assert alive <= allowed, entry.name


@pytest.mark.parametrize("value", spread.named(HOSTILE, "tags"))
def test_teams_takes_every_card_and_form_whatever_people_write(value):
    for entry, made in teams_of(value):
        assert cards.faults(made, dialog=isinstance(entry.shown, Form)) == [], entry.name


@pytest.mark.parametrize(
    "value", spread.first([HOSTILE["control characters"], HOSTILE["reversed"], HOSTILE["right to left"]])
)
def test_no_mark_turns_or_hides_what_stands_around_it_in_teams(value):
    for entry in full(value):
        said = on_teams.heard(on_teams.shown(entry.shown, "sv", TEAMS_USERS, TEAMS_CHOICES))
        unchanged = "\n".join(line for line in said.splitlines() if " = " not in line)
        assert not set("\u202e\u202d\u2067\u2066\u200b\u200e\u200f\x00\x07\x1b") & set(unchanged), entry.name


# -- the page -----------------------------------------------------------------------------------


class Read(HTMLParser):
    """What a browser would make of the markup."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(entry: Entry) -> Read:
    found = Read()
    found.feed(on_page(entry))
    return found


def shape(entry: Entry) -> list[tuple[str, tuple[str, ...]]]:
    """Tags with the names of their attributes: what text from outside must not change.

    A draft that is too long for one quote stands in several, one after another: they count as one.
    """
    found = [(tag, tuple(sorted(attrs))) for tag, attrs in read(entry).tags]
    quote = [("blockquote", ("class",)), ("p", ("dir",))]
    return [
        t
        for n, t in enumerate(found)
        if not (
            found[n : n + 2] == found[n - 2 : n] == quote
            or found[n - 1 : n + 1] == found[n - 3 : n - 1] == quote
        )
    ]


@cache
def friendly() -> tuple[list[tuple[str, tuple[str, ...]]], ...]:
    return tuple(shape(entry) for entry in full("zzz"))


@pytest.mark.parametrize("value", EACH)
def test_words_from_outside_add_no_tag_and_no_attribute_to_the_page(value):
    for entry, same in zip(full(value), friendly(), strict=True):
        assert shape(entry) == same, entry.name


@pytest.mark.parametrize("value", [HOSTILE["a script for a link"], HOSTILE["tags"]])
def test_no_address_of_the_page_runs_anything(value):
    for entry in full(value):
        for _, attrs in read(entry).tags:
            assert not str(attrs.get("href", "")).lower().startswith(("javascript:", "data:")), entry.name
            assert not [name for name in attrs if name.startswith("on")], entry.name


def test_what_was_written_stands_on_the_page_as_it_was_written():
    value = HOSTILE["tags"]
    seen = [e.name for e in full(value) if any("<script>alert(1)" in w for w in read(e).words)]
    assert "question.new" in seen
    assert "alarm.first" in seen
    assert "approval" in seen


# -- each field on its own ----------------------------------------------------------------------

SHOWN_IN = {
    "question": "question.new", "question_link": "question.new", "alarm_line": "alarm.first",
    "alarm_link": "alarm.first", "alarm_why": "alarm.false", "alarm_phone": "alarm.raiser.phone",
    "alarm_number": "alarm.first", "account": "round.one", "address": "account.one", "purpose": "account.one",
    "unit": "account.one", "person": "round.one", "place": "account.one", "office": "refused.right.account",
    "agreed_by": "account.one.biolab", "searched": "accounts.found", "reason": "trouble.place",
    "answer": "approval", "contact": "run.drafts", "login": "handover",
}  # fmt: skip
"""A card that shows the field: should it stop to, the tests above would test nothing."""


@pytest.mark.parametrize("field", spread.first(FIELDS, now=2))
def test_each_field_is_shown_somewhere_and_stays_as_written(field):
    value = "{name} <!channel> *zzz*"
    entries = {e.name: e for e in gallery("sv", Outside(**{field: value}))}
    entry = entries[SHOWN_IN[field]]
    assert any(value in text for text in _texts(entry.shown)), field
    assert value in "".join(read(entry).words) or value in _attributes(entry), field
    assert value in plain(in_slack(entry)), field
    assert value in reading.plain(in_teams(entry)).replace("\u2060", ""), field
    if isinstance(entry.shown, Card):
        assert "&lt;!channel&gt;" in in_slack(entry)["text"], field


def _texts(thing: object) -> Iterator[str]:
    """Every text in a card or form."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple | list):
        for part in thing:
            yield from _texts(part)
    elif hasattr(thing, "__dataclass_fields__"):
        for field in fields(thing):
            yield from _texts(getattr(thing, field.name))


def _attributes(entry: Entry) -> str:
    return " ".join(str(v) for _, attrs in read(entry).tags for v in attrs.values())


def test_every_kind_of_words_from_outside_is_tried():
    assert set(SHOWN_IN) == set(FIELDS)


# -- mail ---------------------------------------------------------------------------------------


def letter(entry: Entry) -> EmailMessage:
    to = Address(platform="mail", realm="", user="vakt@example.se")
    envelope = Envelope(
        to=to, card=entry.shown, key=entry.name, fallback="", language="sv", users={}, at=NOON
    )
    return mail.message(envelope, sender("smbot@example.se"))


def marked_up(page: str) -> set[str]:
    found = Read()
    found.feed(page)
    assert all(urlsplit(str(attrs["href"])).scheme == "https" for tag, attrs in found.tags if tag == "a")
    assert not [name for _, attrs in found.tags for name in attrs if name.startswith("on")]
    return {tag for tag, _ in found.tags}


@pytest.mark.parametrize("value", EACH)
def test_words_from_outside_begin_no_header_and_bring_nothing_to_life_in_mail(value):
    cards = [entry for entry in full(value) if isinstance(entry.shown, Card)][::6]
    for entry in cards:
        made = letter(entry)
        raw = made.as_bytes()
        head, _, _ = raw.partition(b"\r\n\r\n")
        assert {
            line.partition(b":")[0].lower() for line in head.split(b"\r\n") if line[:1].strip()
        } <= HEADERS, entry.name
        assert max(map(len, raw.split(b"\r\n"))) < 998, entry.name
        assert marked_up(mail.page(entry.shown, T)) <= MARKUP, entry.name
        for said in (mail.text(entry.shown, T), mail.page(entry.shown, T)):
            assert not set("\u202e\u202d\u2067\u2066\u200b\u200e\u200f\x00\x07\x1b") & set(said), entry.name
