"""A card as a letter: what can be done and where is said in words, for nothing in a mail acts (users.md U8)."""

from dataclasses import replace

from bot.model import Contact
from bot.screens.base import Eyes, words
from bot.view import Card, Divider, Item, Items, Part, Text

LOOKS = frozenset(
    {
        "run.read",
        "run.decision",
        "filing.show",
        "filing.queue",
        "decision.open",
        "alarm.show",
        "question.show",
    }
)
"""Buttons that only show something: a letter says all of it at once."""


def letter(eyes: Eyes, card: Card, *, chat: bool, missed: bool = False) -> Card:
    """`chat`: the reader may have one, and can answer there. `missed`: they have one, and it did not reach them."""
    t = eyes.t
    above = (Text(text=t("mail.missed")),) if missed else ()
    parts = (
        *above,
        *map(_still, card.parts),
        *_answer(eyes, card, chat=chat),
        Divider(),
        Text(text=t("mail.unread")),
    )
    return replace(card, parts=parts, buttons=(), begins=False)


def _still(part: Part) -> Part:
    """The part without presses."""
    if not isinstance(part, Items):
        return part
    return replace(part, items=tuple(_line(item) for item in part.items))


def _line(item: Item) -> Item:
    return replace(item, button=None)


def _answer(eyes: Eyes, card: Card, *, chat: bool) -> tuple[Part, ...]:
    labels = [f"”{b.label.rstrip(' …')}”" for b in card.buttons if b.verb not in LOOKS]
    if not labels:
        return ()
    key = "mail.answer.chat" if chat else "mail.answer"
    return (Text(text=eyes.t(key, labels=words(eyes.t, labels), who=who(eyes)), tone="strong"),)


def who(eyes: Eyes) -> str:
    """Communications, and how they are reached: they enter what somebody answers by telephone or on paper."""
    contact = eyes.register.contact("communications")
    return " ".join(filter(None, (eyes.office_name, _ways(eyes, contact))))


def _ways(eyes: Eyes, contact: Contact) -> str:
    """In brackets: the number, else those of its people, else the mailbox, else who they are."""
    people = [
        eyes.register.people[p] for p in eyes.register.own("communications") if p in eyes.register.people
    ]
    numbers = [contact.phone] if contact.phone else [f"{p.name} {p.phone}" for p in people if p.phone]
    found = numbers or list(contact.mail[:1]) or [p.name for p in people]
    return f"({', '.join(found)})" if found else ""
