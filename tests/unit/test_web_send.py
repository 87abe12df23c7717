"""Sending to the page: each key once, edits in place, and only those alerted whom the card names."""

from datetime import datetime, timedelta

import pytest

from adapters.web.cards import load
from adapters.web.shelf import MemoryShelf, Shown
from bot.outgoing import Ambiguous, Dead, Sent
from bot.ports import Address, Envelope
from bot.view import Card
from tests.unit._fake_desk import MORNING, World, envelope, question_card

BIOLOGI = Address(platform="web", realm="local", channel="biologi")


def sending(card: Card, to: Address = BIOLOGI, at: datetime = MORNING) -> Envelope:
    return envelope(card, to, "k1", at=at)


async def test_the_same_key_is_shown_once() -> None:
    world = World(1)
    first = await world.chat.post(sending(question_card()))
    second = await world.chat.post(sending(question_card()))
    assert first == second == Sent(ref="1", channel="biologi")
    assert len(await world.shelf.list("biologi")) == 1


async def test_a_key_is_found_or_surely_not_there() -> None:
    world = World(1)
    assert await world.chat.find(sending(question_card()), MORNING) is None
    await world.chat.post(sending(question_card()))
    assert await world.chat.find(sending(question_card()), MORNING) == Sent(ref="1", channel="biologi")


async def test_an_edit_keeps_place_and_time_and_says_when_it_was_changed() -> None:
    world = World(1)
    await world.chat.post(sending(question_card()))
    await world.chat.edit(sending(Card(title="Besvarad"), at=MORNING + timedelta(hours=1)), "1")
    (shown,) = await world.shelf.list("biologi")
    assert (load(shown.card_json).title, shown.at, shown.edited_at) == (
        "Besvarad",
        MORNING,
        MORNING + timedelta(hours=1),
    )


@pytest.mark.parametrize("ref", ["7", "", "x1"])
async def test_an_edit_of_what_does_not_stand_is_dead(ref: str) -> None:
    assert isinstance(await World(1).chat.edit(sending(Card(title="x")), ref), Dead)


async def test_a_message_to_nowhere_is_dead() -> None:
    assert isinstance(
        await World(1).chat.post(sending(Card(title="x"), Address(platform="web", realm="local"))), Dead
    )


async def test_a_direct_message_stands_in_the_persons_own_channel() -> None:
    world = World(1)
    sent = await world.chat.post(sending(Card(title="x"), Address(platform="web", realm="local", user="eva")))
    assert sent == Sent(ref="1", channel="dm:eva")


async def test_only_those_whom_the_card_names_are_alerted() -> None:
    world = World(1)
    await world.chat.post(sending(question_card()))
    (shown,) = await world.shelf.list("biologi")
    assert shown.alerted == ("anna", "bo")


async def test_a_shelf_that_fails_leaves_the_message_ambiguous() -> None:
    class Broken(MemoryShelf):
        async def put(self, shown: Shown) -> Shown:
            raise OSError

    world = World(1, shelf=Broken())
    assert isinstance(await world.chat.post(sending(Card(title="x"))), Ambiguous)


async def test_reading_never_moves_back() -> None:
    shelf = World(1).shelf
    for number in range(3):
        await shelf.put(Shown(channel="c", card_json="", language="sv", at=MORNING, key=f"k{number}"))
    await shelf.read_to("anna", "c", 2)
    await shelf.read_to("anna", "c", 1)
    assert [shown.id for shown in await shelf.unread("anna")] == [3]
    assert len(await shelf.unread("bo")) == 3
    assert await shelf.unread("bo", channel="d") == []
