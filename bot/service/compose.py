"""An outbox row holds no card: addressee and card are made here at sending, from the case as it stands."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter

from bot.model import PersonId, Refused
from bot.outgoing import MAIL, PURGED, Dead, Message, Reader, Row, said_as, unreached
from bot.ports import Address, Envelope, NotFound, Tx
from bot.register import Register
from bot.screens.letters import letter
from bot.service import alerts, mailing
from bot.service.base import Bot, Composer, Work
from bot.texts import Texts
from bot.view import Card, People, Text

SHARED_PLACES = "places.shared"
"""The fact that lists the places which another organisation shares, as far as the platform has said."""
CARD: TypeAdapter[Card] = TypeAdapter(Card)


@dataclass(frozen=True)
class Superseded:
    """What the row would say is no longer true, or no longer useful."""


@cache
def composers() -> Mapping[str, Composer]:
    """Every card that a feature can make, by name."""
    from bot.service import FEATURES  # at call: the features themselves may use this module

    return {name: make for feature in FEATURES for name, make in feature.cards.items()}


@cache
def letters() -> Mapping[str, Composer]:
    """The cards that are made otherwise for mail, by name."""
    from bot.service import FEATURES

    return {name: make for feature in FEATURES for name, make in feature.letters.items()}


async def at_work(bot: Bot, tx: Tx, now: datetime) -> Work:
    """A transaction of the bot's own: nobody asks."""
    return Work(bot=bot, tx=tx, now=now, register=await tx.register())


async def compose(
    bot: Bot, tx: Tx, row: Row, now: datetime, chats: Collection[str]
) -> Envelope | Superseded | Dead:
    """The message of a row as of `now`; `chats` are the platforms that run. Raises KeyError for an unknown card."""
    if is_late(row, now):
        return Superseded()
    work, target = await at_work(bot, tx, now), Reader.parse(row.target)
    if target.kind in mailing.WIRES and MAIL not in chats:
        return Superseded()
    near = await _place_of(tx, row) if len(set(chats) - {MAIL}) > 1 else None
    to = await _refused(tx, row.target) or address(work.register, target, chats, near)
    card = await _card(work, row, by_mail=isinstance(to, Address) and to.platform == MAIL)
    if card is None:
        return Superseded()
    if isinstance(to, Dead):
        return to
    card = await alerts.once(work, row, card)
    return _envelope(work, row, card, to, thread=await _thread(tx, row))


async def _refused(tx: Tx, target: str) -> Dead | None:
    """Where another organisation reads along, nothing is said: names would stand before strangers (users.md U6)."""
    kind, _, ident = target.partition(":")
    shared = kind == "place" and ident in json.loads(await tx.fact(SHARED_PLACES) or "[]")
    return Dead(reason="place_shared") if shared else None


async def edited(bot: Bot, tx: Tx, message: Message, now: datetime) -> Envelope | Superseded:
    """What a message that stands shall show now."""
    work = await at_work(bot, tx, now)
    row = Row(key=message.key, card=message.card, reader=message.reader, target=message.target,
              case=message.case, arg=message.arg, living=True, state="sent")  # fmt: skip
    card = await _card(work, row)
    to = address(work.register, Reader.parse(message.target), (message.platform,))
    if message.card == PURGED:
        to = _as_it_stands(work.register, message, to)
    if card is None or isinstance(to, Dead):
        return Superseded()
    card = await alerts.as_sent(work, row, card)
    return _envelope(work, row, card, replace(to, channel=message.channel, user=""), thread=message.thread)


def _as_it_stands(register: Register, message: Message, to: Address | Dead) -> Address | Dead:
    """What is purged is rewritten in its channel, though its reader has left or moved since."""
    if isinstance(to, Address):
        return to
    places = [(place.platform, place.realm) for place in register.places.values()]
    known = dict([*places, *((i.platform, i.realm) for i in register.identities)])
    realm = known.get(message.platform)
    return to if realm is None else Address(platform=message.platform, realm=realm, channel=message.channel)


def is_late(row: Row, now: datetime) -> bool:
    """Whether the row is of no use any more."""
    return row.useful_until is not None and now > row.useful_until


def digest(card: Card) -> str:
    """Tells two cards apart that do not look the same."""
    return hashlib.sha256(CARD.dump_json(card)).hexdigest()


def repeated(envelope: Envelope) -> Envelope:
    """The same message, marked as one that may stand there already."""
    return replace(envelope, card=marked(envelope.card, Texts("en" if envelope.language == "en" else "sv")))


def marked(card: Card, t: Texts) -> Card:
    """The card, saying first that it may be a repeat."""
    return replace(card, parts=(Text(text=t("sending.repeat"), tone="quiet"), *card.parts))


def alerted(card: Card) -> tuple[PersonId, ...]:
    """Everybody whom the card alerts, each once."""
    people = (m.person for part in card.parts if isinstance(part, People) for m in part.people)
    return tuple(dict.fromkeys(people))


def address(
    register: Register, target: Reader, chats: Collection[str], near: str | None = None
) -> Address | Dead:
    """Where a place, a person or a mailbox is reached, among the platforms that run. A person without chat: by mail.

    A person on several: on that of the place that it is about (`near`), else on that of their accounts' places, else
    on that of most places; where they removed the bot only if there is no other.
    """
    if target.kind == "place":
        place = register.places.get(target.id)
        if place is None or place.platform not in chats:
            return Dead(reason="no_such_place")
        return Address(platform=place.platform, realm=place.realm, channel=place.channel)
    if target.kind != "person":
        return mailing.address(register, target, chats) or Dead(reason="no_mail_address")
    found = [i for i in register.identities_of(PersonId(target.id)) if i.platform in chats]
    if not found:
        return mailing.address(register, target, chats) or Dead(reason="no_chat_account")
    order = {chat: n for n, chat in enumerate(_preferred(register, PersonId(target.id), chats, near))}
    known = min(found, key=lambda i: (i.gone, order[i.platform]))
    return Address(platform=known.platform, realm=known.realm, user=known.user)


def _preferred(
    register: Register, person: PersonId, chats: Collection[str], near: str | None
) -> Sequence[str]:
    """The platforms that run, the likeliest for somebody first."""
    if len(chats) < 2:
        return tuple(chats)
    own = [account.place for account in register.accounts_of(person)]
    places = (register.places.get(ident or "") for ident in (near, *own))
    used = Counter(place.platform for place in register.places.values() if not place.gone)
    most = sorted(chats, key=lambda chat: -used[chat])
    return tuple(dict.fromkeys(p for p in (*(p.platform for p in places if p), *most) if p in chats))


async def _card(work: Work, row: Row, *, by_mail: bool = False) -> Card | None:
    make = letters().get(row.card) if by_mail else None
    asked = replace(row, key=said_as(row.key))
    try:
        card = await (make or composers()[row.card])(work, asked)
    except (NotFound, Refused):
        return None
    if card and (above := _above(work, asked)):
        card = replace(card, parts=(*above, *card.parts))
    return _letter(work, row, card) if card and by_mail else card


def _above(work: Work, row: Row) -> tuple[Text, ...]:
    """Whom it was for, where it could not arrive there."""
    instead = unreached(row.key)
    if instead is None:
        return ()
    t = work.texts_for(Reader.parse(row.target))
    return (Text(text=t("sending.instead", name=_called(work.register, instead)), tone="quiet"),)


def _letter(work: Work, row: Row, card: Card) -> Card:
    """In words what a chat would have buttons for; that chat did not reach them, where this comes instead."""
    target = Reader.parse(row.target)
    chat = target.kind == "mailbox" or mailing.in_chat(work.register, PersonId(target.id), work.bot.platforms)
    missed = target.kind == "mail" and row.lane != "alarm"
    return letter(work.eyes_of(row), card, chat=chat, missed=missed)


def _called(register: Register, reader: Reader) -> str:
    place = register.places.get(reader.id)
    return (place.called if place else register.name(PersonId(reader.id))) or reader.id


async def _place_of(tx: Tx, row: Row) -> str | None:
    """The place that the row's case belongs to."""
    try:
        return (await tx.case(row.case)).place if row.case else None
    except NotFound:
        return None


async def _thread(tx: Tx, row: Row) -> str:
    """The case's first post in that place; without one (it is dead, or never was) the message stands alone."""
    if not row.threaded or row.case is None:
        return ""
    found = await tx.messages_of(row.case)
    return next((m.ref for m in found if m.target == row.target and not m.thread), "")


def _envelope(work: Work, row: Row, card: Card, to: Address, *, thread: str) -> Envelope:
    language = work.texts_for(Reader.parse(row.target)).language
    return Envelope(to=to, card=card, key=row.key, fallback=card.title, language=language, thread=thread,
                    users=_users(work.register, card, to), at=work.now)  # fmt: skip


def _users(register: Register, card: Card, to: Address) -> dict[PersonId, str]:
    found = (i for person in alerted(card) for i in register.identities_of(person))
    return {i.person: i.user for i in found if (i.platform, i.realm) == (to.platform, to.realm)}
