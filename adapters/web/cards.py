"""A card as JSON and back."""

from pydantic import TypeAdapter

from bot.view import Card

CARD: TypeAdapter[Card] = TypeAdapter(Card)


def dump(card: Card) -> str:
    """The card as JSON text."""
    return CARD.dump_json(card).decode()


def load(text: str) -> Card:
    """The card that `dump` wrote. Raises ValueError when it is none."""
    return CARD.validate_json(text)
