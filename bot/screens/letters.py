"""A card as a letter: what can be done and where is said in words, for nothing in a mail acts (users.md U8)."""

from collections.abc import Iterable
from dataclasses import replace

from bot.model import Contact
from bot.screens.base import Eyes, words
from bot.screens.duty import KINDS as DUTIES
from bot.texts import capital
from bot.view import Button, Card, Divider, Item, Items, Part, Text

LOOKS = frozenset({
    "run.read", "run.decision", "run.overview", "filing.show", "filing.queue", "decision.open", "alarm.show", "account.open",
    "account.history", "yearly.page", "practice.start", "kept", "today", "mydata", "mydata.all", "help", "home.more",
})  # fmt: skip
"""Buttons that only show something: nobody can answer by them, or enter that for another."""
OPENS = frozenset({"watch.show", "season.open", "question.show", "run.approval", "run.asked", "run.request"})
"""Buttons of lines that only say "Open": what can be answered there stands on the card behind them."""
HOW = {
    (True, True): "mail.answer.chat", (True, False): "mail.answer",
    (False, True): "mail.answer.chat.open", (False, False): "mail.answer.open",
}  # fmt: skip
"""Whether answers are named, and whether the reader may have a chat: which sentence says how to answer."""


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
    """What can be answered by whichever button of the card or of its lines, and who enters it; nothing where none can."""
    found = [b for b in pressed(card) if b.verb not in LOOKS]
    if not found:
        return ()
    labels = answers(eyes, found)
    return (
        Text(
            text=eyes.t(HOW[bool(labels), chat], labels=words(eyes.t, labels), who=who(eyes)), tone="strong"
        ),
    )


def pressed(card: Card) -> list[Button]:
    """All that can be pressed on a card, in its lines too."""
    lines = (item.button for part in card.parts if isinstance(part, Items) for item in part.items)
    return [*card.buttons, *(button for button in lines if button)]


def answers(eyes: Eyes, buttons: Iterable[Button]) -> list[str]:
    """What these answer, each once, in quotation marks."""
    named = (label for b in buttons if b.verb not in LOOKS | OPENS for label in _named(eyes, b))
    return [f"”{label}”" for label in dict.fromkeys(named)]


def _named(eyes: Eyes, button: Button) -> list[str]:
    """The button's words; what opens a form of answers is those answers."""
    if button.verb == "duty.open":
        return [capital(eyes.t(f"duty.kind.{kind}", office=eyes.office_name)) for kind in DUTIES]
    return [button.label.rstrip(" …")]


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
