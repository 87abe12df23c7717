"""Words from outside that are to be read to the last one, in quotes that no platform cuts."""

from collections.abc import Sequence

from bot.view import Quote

QUOTED = 1_400
"""Characters, as a platform may escape them, of a quote on the page that holds everything: none cuts it there."""


def apart(said: Sequence[str]) -> list[Quote]:
    """A line for each value, so many lines a quote that nothing is cut; what is long goes on in the next quote."""
    quotes: list[str] = []
    for piece in (piece for each in said for piece in _pieces(each)):
        longer = f"{quotes[-1]}\n{piece}" if quotes else piece
        quotes[-1:] = [longer] if _fits(longer) else [*quotes[-1:], piece]
    return [Quote(text=quote) for quote in quotes]


def _pieces(text: str) -> list[str]:
    """Halves of halves, between words where there are any."""
    if _fits(text):
        return [text]
    at = text.rfind(" ", 1, len(text) // 2 + 1)
    at = at if at > 0 else len(text) // 2
    return [*_pieces(text[:at]), *_pieces(text[at:].removeprefix(" "))]


def _fits(text: str) -> bool:
    return len(text) + 4 * sum(map(text.count, "&<>")) <= QUOTED
