"""At most one alert a person, channel and day when nobody answers: what comes later says the name in plain text (U2)."""

import json
from collections.abc import Mapping
from dataclasses import replace

from bot.outgoing import Reader, Row
from bot.screens.base import words
from bot.service.base import Work
from bot.view import Card, Part, People, Text

COUNTED = ("round", "reply", "escalation", "bundle")
"""What the bot says by itself because something waits. Alarms always alert."""


async def once(work: Work, row: Row, card: Card) -> Card:
    """The card as it may be sent: whoever another message has alerted there today is named, and not alerted again."""
    before = await _alerted(work, row)
    if before is None:
        return card
    keys: dict[str, str] = {m.person: row.key for part in _ringing(card) for m in part.people}
    keys |= before
    if keys != before:
        told = {"day": work.today.isoformat(), "by": keys}
        await work.tx.save_fact(_fact(row), json.dumps(told))
    return _folded(work, row, card, keys)


async def as_sent(work: Work, row: Row, card: Card) -> Card:
    """The card of a message that stands: who was not alerted by it is not named as if they were."""
    before = await _alerted(work, row)
    return card if before is None else _folded(work, row, card, before)


async def _alerted(work: Work, row: Row) -> Mapping[str, str] | None:
    """Who has been alerted in a place today, by the message's key. None for what is not counted."""
    if row.card not in COUNTED or Reader.parse(row.target).kind != "place":
        return None
    found = json.loads(await work.tx.fact(_fact(row)) or "{}")
    by: Mapping[str, str] = found["by"] if found.get("day") == work.today.isoformat() else {}
    return by


def _ringing(card: Card) -> list[People]:
    return [part for part in card.parts if isinstance(part, People)]


def _fact(row: Row) -> str:
    return f"alerted|{row.target}"


def _folded(work: Work, row: Row, card: Card, keys: Mapping[str, str]) -> Card:
    parts = tuple(_plain(work, row, part, keys) if isinstance(part, People) else part for part in card.parts)
    return replace(card, parts=parts)


def _plain(work: Work, row: Row, part: People, keys: Mapping[str, str]) -> Part:
    rest = tuple(m for m in part.people if keys.get(m.person, row.key) == row.key)
    others = [m.name for m in part.people if m not in rest]
    if not others:
        return part
    text = f"{words(work.texts_for(Reader.parse(row.target)), others)}, {part.text}"
    return People(people=rest, text=text) if rest else Text(text=text)
