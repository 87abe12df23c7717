"""The page's server: who may talk to it, what it hands to the desk, and what stands in its answers."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request

from adapters.web.guard import MOST_BYTES, Guard
from adapters.web.receive import next_saturday
from adapters.web.visit import preferred
from bot.ports import Address
from bot.view import Ask, Card, Faults, Form, Moment, Tell
from tests.unit._fake_desk import (
    ANNA,
    EVA,
    MORNING,
    World,
    envelope,
    morning_card,
    question_card,
    serve,
    whole_form,
)


@dataclass
class Visitor:
    """A browser of one's own: knows the page's token and its address."""

    world: World
    http: aiohttp.ClientSession
    token: str = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.world.port}"

    async def arrive(self) -> "Visitor":
        async with self.http.get(f"{self.origin}/") as answer:
            self.token = (await answer.text()).split('data-token="')[1].split('"')[0]
        return self

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.http.get(self.origin + path, headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()

    async def post(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        ours = {
            "Origin": self.origin,
            "X-Page-Token": self.token,
            "Content-Type": "application/json",
        } | headers
        sent = {name: value for name, value in ours.items() if value}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.http.post(self.origin + path, data=data, headers=sent) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    world = World(free_port())
    runner = await serve(world)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield await Visitor(world, http).arrive()
    await runner.cleanup()


BIOLOGI = Address(platform="web", realm="local", channel="biologi")
PRESS = {"verb": "round.clear", "arg": "r1", "key": "k1"}


# -- who may talk to it ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}"]
)
async def test_a_foreign_host_header_is_misdirected(visitor: Visitor, host: str) -> None:
    status, _ = await visitor.get("/", Host=host.format(port=visitor.world.port))
    assert status == 421


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
async def test_the_names_of_this_machine_are_answered(visitor: Visitor, name: str) -> None:
    status, _ = await visitor.get("/", Host=f"{name}:{visitor.world.port}")
    assert status == 200


@pytest.mark.parametrize("remote", ["192.168.1.20", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", None])
async def test_another_machine_is_refused(remote: str | None) -> None:
    async def never(_request: aiohttp.web.Request) -> aiohttp.web.Response:
        raise AssertionError

    request = make_mocked_request("GET", "/", headers={"Host": "127.0.0.1:8080"}).clone(remote=remote or "")
    with pytest.raises(aiohttp.web.HTTPForbidden):
        await Guard(8080, "t").reads(never)(request)


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
async def test_this_machine_is_let_in(remote: str) -> None:
    async def greet(_request: aiohttp.web.Request) -> aiohttp.web.Response:
        return aiohttp.web.Response(text="hello")

    request = make_mocked_request("GET", "/", headers={"Host": "127.0.0.1:8080"}).clone(remote=remote)
    assert (await Guard(8080, "t").reads(greet)(request)).status == 200


async def test_a_page_behind_a_proxy_is_refused(visitor: Visitor) -> None:
    status, _ = await visitor.get("/", **{"X-Forwarded-For": "203.0.113.9"})
    assert status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": ""},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-Page-Token": "guessed"},
        {"X-Page-Token": ""},
    ],
)
@pytest.mark.parametrize("path", ["command", "press", "submit", "file", "act-as", "language", "clock"])
async def test_posts_from_elsewhere_are_refused_and_do_nothing(
    visitor: Visitor, path: str, headers: dict[str, str]
) -> None:
    before = visitor.world.clock.moment
    status, _ = await visitor.post(f"/page/{path}", PRESS | {"move": "hour"}, **headers)
    assert status == 403
    assert not [call for call in visitor.world.desk.calls if call[0] != "home"]
    assert visitor.world.clock.moment == before


async def test_other_sites_may_not_read_the_state(visitor: Visitor) -> None:
    for path in ("/page/state", "/page/events"):
        status, _ = await visitor.get(path, **{"Sec-Fetch-Site": "cross-site"})
        assert status == 403


async def test_a_large_or_strange_body_is_refused(visitor: Visitor) -> None:
    assert (await visitor.post("/page/press", b"x" * (MOST_BYTES + 1)))[0] == 413
    assert (await visitor.post("/page/press", b"no json"))[0] == 400
    assert (await visitor.post("/page/press", ["a", "list"]))[0] == 400
    assert (await visitor.post("/page/press", PRESS, **{"Content-Type": "text/plain"}))[0] == 415
    assert (await visitor.post("/page/press", PRESS | {"key": "../x"}))[0] == 400
    assert (await visitor.post("/page/submit", {"key": "k", "form": "f", "values": {"a": {"b": 1}}}))[
        0
    ] == 400
    assert visitor.world.desk.calls == []


async def test_the_page_allows_no_script_or_resource_but_its_own(visitor: Visitor) -> None:
    async with visitor.http.get(f"{visitor.origin}/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        html = await answer.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http://" not in html
    assert "https://" not in html
    assert "style=" not in html
    assert " on" + "click" not in html


# -- what it hands to the desk ---------------------------------------------------------------------


async def test_a_press_carries_the_actor_the_place_and_the_key(visitor: Visitor) -> None:
    await visitor.post(f"/page/press?as={EVA}&at=biologi", PRESS, **{"Accept-Language": "en-GB,sv;q=0.5"})
    _, call, arg = visitor.world.desk.calls[-1]
    assert (call.platform, call.realm, call.user, call.channel) == ("web", "local", "eva", "biologi")
    assert (call.key, call.language, arg) == ("web:k1", "en", ("round.clear", "r1"))


async def test_a_repeated_press_has_the_same_key(visitor: Visitor) -> None:
    for _ in range(2):
        await visitor.post("/page/press?at=biologi", PRESS)
    assert len(visitor.world.desk.calls) == 2
    assert visitor.world.desk.effects == {"web:k1": "round.clear"}


async def test_the_chosen_actor_is_remembered_in_a_strict_cookie(visitor: Visitor) -> None:
    async with visitor.http.post(
        f"{visitor.origin}/page/act-as", json={"person": str(EVA)},
        headers={"Origin": visitor.origin, "X-Page-Token": visitor.token},
    ) as answer:  # fmt: skip
        cookie = answer.headers["Set-Cookie"]
    await visitor.post("/page/press", PRESS)
    assert "SameSite=Strict" in cookie
    assert "HttpOnly" in cookie
    assert visitor.world.desk.calls[-1][1].user == "eva"


async def test_nobody_acts_as_a_person_who_is_not_there(visitor: Visitor) -> None:
    assert (await visitor.post("/page/act-as", {"person": "p-nobody"}))[0] == 400
    await visitor.post("/page/press?as=p-nobody", PRESS)
    assert visitor.world.desk.calls[-1][1].user == "anna"


async def test_an_actor_whom_the_desk_does_not_know_is_introduced_and_the_press_goes_through(
    visitor: Visitor,
) -> None:
    visitor.world.desk.known.clear()
    status, answer = await visitor.post("/page/press", PRESS)
    assert (status, answer["kind"]) == (200, "tell")
    assert visitor.world.desk.known == {"anna"}


async def test_a_command_reaches_the_desk_by_its_alias_with_its_words(visitor: Visitor) -> None:
    await visitor.post("/page/command", {"text": "/sm-konton biologi uni"})
    assert visitor.world.desk.calls[-1][2] == ("sm-accounts", "biologi uni")


@pytest.mark.parametrize("typed", ["/sm-fråga", "sm-fraga", "Fråga", "/SM-Question", "/fraga"])
async def test_a_command_is_known_as_a_swede_would_write_it(visitor: Visitor, typed: str) -> None:
    await visitor.post("/page/command", {"text": typed})
    assert visitor.world.desk.calls[-1][2] == ("sm-question", "")


async def test_words_without_a_slash_are_answered_with_how_to_begin(visitor: Visitor) -> None:
    _, answer = await visitor.post("/page/command", {"text": "hej på dig"})
    assert "Här skriver du kommandon" in answer["html"]
    assert visitor.world.desk.calls == []


async def test_submitted_values_keep_their_kinds_and_moments_get_the_offset_of_their_day(
    visitor: Visitor,
) -> None:
    values = {"link": "https://x.y", "others": ["a", "b"], "winter": {"moment": "2026-11-21T14:02"},
              "summer": {"moment": "2026-07-01T08:00"}, "none": {"moment": ""}}  # fmt: skip
    await visitor.post("/page/submit", {"form": "whole", "state": "s", "key": "k2", "values": values})
    form, state, given = visitor.world.desk.calls[-1][2]
    assert (form, state) == ("whole", "s")
    assert given == {
        "link": "https://x.y",
        "others": ("a", "b"),
        "winter": "2026-11-21T14:02:00+01:00",
        "summer": "2026-07-01T08:00:00+02:00",
        "none": "",
    }


async def test_replies_become_a_private_card_a_dialog_or_texts_beside_fields(visitor: Visitor) -> None:
    desk = visitor.world.desk
    desk.answer = Tell(card=Card(title="Klart"))
    assert "Bara du ser detta" in (await visitor.post("/page/press", PRESS))[1]["html"]
    desk.answer = Ask(form=Form(id="f", title="Fråga"))
    assert 'data-form="f"' in (await visitor.post("/page/press", PRESS))[1]["html"]
    desk.answer = Faults(by_field={"link": "Fel"})
    assert (await visitor.post("/page/press", PRESS))[1] == {"kind": "faults", "faults": {"link": "Fel"}}


@pytest.mark.parametrize(
    ("header", "language"),
    [("sv-SE,sv;q=0.9,en;q=0.8", "sv"), ("en-US,en;q=0.9,sv;q=0.8", "en"), ("de,fr;q=0.9,sv;q=0.1", "sv"),
     ("en;q=0.2, sv;q=0.7", "sv"), ("de", None), ("", None), ("sv;q=0, en;q=x", None)],
)  # fmt: skip
def test_the_browsers_language_is_a_first_guess(header: str, language: str | None) -> None:
    assert preferred(header) == language


async def test_the_language_button_goes_before_the_browser(visitor: Visitor) -> None:
    await visitor.post("/page/language", {"language": "en"})
    _, html = await visitor.get("/", **{"Accept-Language": "sv"})
    assert '<html lang="en">' in html
    assert (await visitor.post("/page/language", {"language": "xx"}))[0] == 400


# -- what is seen ----------------------------------------------------------------------------------


async def test_channels_show_what_is_new_until_they_have_been_opened(visitor: Visitor) -> None:
    await visitor.world.post(question_card())
    _, before = await visitor.get("/page/state?at=home")
    await visitor.get("/page/state?at=biologi")
    _, after = await visitor.get("/page/state?at=home")
    assert "ett nytt, till dig" in before["side"]
    assert before["title"].startswith("(1)")
    assert "till dig" not in after["side"]


async def test_replies_stand_inside_the_message_they_answer(visitor: Visitor) -> None:
    root = await visitor.world.post(morning_card())
    await visitor.world.post(Card(title="Hinner du?"), thread=root)
    _, state = await visitor.get("/page/state?at=biologi")
    assert [item["key"] for item in state["items"]] == ["day-2026-11-23", f"m{root}"]
    assert "Hinner du?" in state["items"][1]["html"].split('class="replies"')[1]


async def test_direct_messages_are_seen_by_their_person_alone(visitor: Visitor) -> None:
    await visitor.world.post(Card(title="Ett beslut väntar"), user="eva")
    _, anna = await visitor.get(f"/page/state?as={ANNA}&at=dm:eva")
    _, eva = await visitor.get(f"/page/state?as={EVA}&at=dm:eva")
    assert "Ett beslut väntar" in json.dumps(eva["items"], ensure_ascii=False)
    assert anna["at"] == "home"
    assert anna["people"][str(EVA)].endswith("ett nytt")


async def test_an_edit_changes_the_card_where_it_stands_and_says_when(visitor: Visitor) -> None:
    world = visitor.world
    ref = await world.post(question_card())
    later = MORNING + timedelta(hours=1)
    world.clock.moment = later
    await world.chat.edit(envelope(Card(title="Besvarad"), BIOLOGI, "q1", at=later), ref)
    _, state = await visitor.get("/page/state?at=biologi")
    assert "Besvarad" in state["items"][1]["html"]
    assert "ändrat i dag kl. 10.00" in state["items"][1]["html"]


async def test_news_reaches_an_open_page(visitor: Visitor) -> None:
    async with visitor.http.get(f"{visitor.origin}/page/events?as={ANNA}") as stream:
        assert await stream.content.readline() == b": here\n"
        await visitor.world.post(Card(title="Hemligt"), user="eva")
        await visitor.world.post(Card(title="Nytt kort"))
        async with asyncio.timeout(5):
            while not (line := await stream.content.readline()).startswith(b"data: "):
                assert b"Hemligt" not in line
    assert json.loads(line[6:]) == {"what": "post", "channel": "biologi", "title": "Nytt kort"}


async def test_the_server_stops_though_a_page_is_listening() -> None:
    world = World(free_port())
    runner = await serve(world)
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{world.port}/page/events") as stream,
    ):
        await stream.content.readline()
        async with asyncio.timeout(5):
            await runner.cleanup()
        assert (await stream.content.read()).strip() == b""


# -- the clock -------------------------------------------------------------------------------------


async def test_the_clock_moves_forward_and_plays_what_comes_on_the_way(visitor: Visitor) -> None:
    visitor.world.clock.arrive = lambda: visitor.world.post(morning_card())
    status, answer = await visitor.post("/page/clock", {"move": "workday"})
    _, state = await visitor.get("/page/state?at=biologi")
    assert (status, answer) == (200, {"kind": "done"})
    assert visitor.world.clock.moment > MORNING
    assert "God morgon!" in json.dumps(state["items"])
    assert "tisdag 24 november 2026" in state["clock"]


@pytest.mark.parametrize(
    ("today", "days"), [(MORNING, 5), (MORNING + timedelta(days=4), 1), (MORNING + timedelta(days=5), 7)]
)
def test_the_suggestion_begins_on_the_next_saturday_at_ten(today: datetime, days: int) -> None:
    saturday = next_saturday(today, "Europe/Stockholm")
    assert (saturday.weekday(), saturday.hour, (saturday.date() - today.date()).days) == (5, 10, days)


async def test_the_clock_is_not_moved_back(visitor: Visitor) -> None:
    _, form = await visitor.post("/page/clock", {"move": "choose"})
    assert 'data-post="/page/clock"' in form["html"]
    _, answer = await visitor.post(
        "/page/clock", {"form": "web.clock", "values": {"to": {"moment": "2026-11-20T08:00"}}}
    )
    assert answer["kind"] == "faults"
    assert visitor.world.clock.moment == MORNING


async def test_a_clock_that_stands_by_itself_has_no_buttons(visitor: Visitor) -> None:
    visitor.world.clock.can_move = False
    assert (await visitor.post("/page/clock", {"move": "hour"}))[0] == 409
    assert "data-move" not in (await visitor.get("/page/state"))[1]["clock"]


async def test_the_gallery_shows_every_card_and_form_in_both_languages(visitor: Visitor) -> None:
    _, html = await visitor.get("/gallery")
    assert html.count('lang="sv"') >= 3
    assert html.count('lang="en"') >= 3
    ids = [part.split('"')[0] for part in html.split(' id="')[1:]]
    assert len(ids) == len(set(ids))


def test_the_forms_of_the_fake_desk_use_every_field() -> None:
    from typing import get_args

    from bot.view import Field

    assert {type(field) for field in whole_form().fields} == set(get_args(Field))
    assert Moment in get_args(Field)
