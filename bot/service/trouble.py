"""What the administrators are told when the bot cannot do its work: where, and what to do about it."""

import json

from bot.model import PersonId
from bot.outgoing import Reader, Row, Say, to_role
from bot.ports import Tx
from bot.screens import trouble as screens
from bot.service.base import Feature, Work
from bot.service.mailing import WIRES
from bot.view import Card

SHUT_OUT = "shut_out"
"""The fact that holds each platform that does not take the bot's own token, and why."""


class ShutOut(Exception):
    """A platform does not take the bot's token any more."""


CARDS = ("trouble", "removed")
"""Cards about trouble: one that cannot be delivered makes no further one."""


async def shut_out(tx: Tx) -> dict[str, str]:
    """Platforms that do not take the bot's token, and in which words. What is to be said there waits."""
    found: dict[str, str] = json.loads(await tx.fact(SHUT_OUT) or "{}")
    return found


async def note_shut_out(tx: Tx, platform: str, reason: str) -> bool:
    """Keep why a platform does not take the token, "" once it does again. Whether that is news."""
    found = await shut_out(tx)
    if found.get(platform, "") == reason:
        return False
    others = {p: why for p, why in found.items() if p != platform}
    await tx.save_fact(SHUT_OUT, json.dumps({**others, platform: reason} if reason else others))
    return True


def unreachable(work: Work, row: Row, reason: str) -> Say:
    """One card a day for each place or person that messages cannot reach."""
    key = f"trouble:dead:{row.target}:{work.today.isoformat()}"
    return Say(key=key, card="trouble", arg=f"target|{row.target}|{reason}", reader=to_role("administrators"))


def stuck(row: Row, trace: str) -> Say:
    """One card for a message that the bot itself cannot make."""
    key = f"trouble:row:{row.key}"
    return Say(key=key, card="trouble", arg=f"row|{trace}|{row.target}", reader=to_role("administrators"))


def unplanned(work: Work, task: str, trace: str) -> Say:
    """One card for a place, or a reader, for whom the bot cannot make what today asks for."""
    key = f"trouble:plan:{task}:{work.today.isoformat()}"
    return Say(key=key, card="trouble", arg=f"plan|{trace}|{task}", reader=to_role("administrators"))


async def compose_trouble(work: Work, row: Row) -> Card | None:
    """`target|TARGET|REASON`, `row|TRACE|TARGET`, `case|TRACE` or `plan|TRACE|TASK`."""
    kind, _, rest = row.arg.partition("|")
    first, _, second = rest.partition("|")
    if kind == "target":
        return _unreachable(work, row, Reader.parse(first), second)
    place = work.register.places.get(second.partition("|")[2]) if kind == "plan" else None
    return screens.failed(work.texts_for(Reader.parse(row.target)), kind, first, place.name if place else "")


def _unreachable(work: Work, row: Row, target: Reader, reason: str) -> Card:
    place = work.register.places.get(target.id)
    name = (place.name if place else work.register.name(PersonId(target.id))) or target.id
    t = work.texts_for(Reader.parse(row.target))
    kind = "mail" if target.kind in WIRES else "place" if target.kind == "place" else "person"
    return screens.unreachable(t, kind, name, reason)


FEATURE = Feature(cards={"trouble": compose_trouble})
