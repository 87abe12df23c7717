"""What a person reads of cards, dialogs and messages: words, buttons, and what is live in them."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes.teams.state import Dialog, Json, Message, Notice

Thing = Message | Dialog | Notice | Json

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_LINK = re.compile(r"\[([^\]\x00]*)\]\(([^)\s]+)[^)]*\)")
_BARE = re.compile(r"\bhttps?://[^\s<>|)\]]+")
_STRONG = re.compile(r"(\*\*|__|\*|_)(?=\S)(.+?)(?<=\S)\1")
_AT = re.compile(r"<at\b[^>]*>(.*?)</at>", re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_KEPT = "\x00{}\x01"
_UNSEEN = str.maketrans("", "", "\u200b\u2060\ufeff")


@dataclass(frozen=True)
class Live:
    """Something that Teams would bring to life. kind: mention, link, autolink (a bare address), tag (HTML)."""

    kind: str
    target: str
    where: str  # the element's type, or "text"


def inside(thing: Any, *, hidden: bool = True, cards: bool = True) -> Iterator[Json]:
    """Each element and action below, in reading order; without what is invisible, or in an Action.ShowCard."""
    if isinstance(thing, list):
        for part in thing:
            yield from inside(part, hidden=hidden, cards=cards)
    elif isinstance(thing, dict):
        if not hidden and thing.get("isVisible") is False:
            return
        if thing.get("type") == "Action.ShowCard" and not cards:
            yield {k: v for k, v in thing.items() if k != "card"}
            return
        if "type" in thing:
            yield thing
        for name, part in thing.items():
            if name not in {"data", "msteams", "fallback", "selectAction"} and isinstance(part, dict | list):
                yield from inside(part, hidden=hidden, cards=cards)


def cards_of(thing: Thing) -> list[Json]:
    match thing:
        case Message():
            return thing.cards
        case Dialog():
            return [thing.card]
        case Notice():
            return []
    return [thing] if thing.get("type") == "AdaptiveCard" else Message("", "", "", thing, 0.0).cards


def actions(thing: Thing) -> list[Json]:
    """Each button, in reading order: of the card, its action sets, and of cards that a button unfolds."""
    return [e for card in cards_of(thing) for e in inside(card) if str(e["type"]).startswith("Action.")]


def visible(words: str) -> str:
    """Without the signs that nobody sees."""
    return words.translate(_UNSEEN)


def buttons(thing: Thing) -> list[str]:
    """The labels of the buttons, in reading order."""
    return [visible(a.get("title") or a.get("tooltip") or "") for a in actions(thing)]


def inputs(thing: Thing) -> list[Json]:
    """Each input, in reading order."""
    return [e for card in cards_of(thing) for e in inside(card) if str(e["type"]).startswith("Input.")]


def label(field: Json) -> str:
    """What a person calls an input."""
    return visible(field.get("label") or field.get("title") or field.get("placeholder") or field["id"])


# -- words --------------------------------------------------------------------------------------


def _escapes_kept(words: str) -> str:
    return _ESCAPED.sub(lambda m: _KEPT.format(ord(m[1])), words)


def _escapes_given(words: str) -> str:
    return re.sub("\x00(\\d+)\x01", lambda m: chr(int(m[1])), words)


def rendered(words: str, mentions: dict[str, str]) -> str:
    """Markdown as it is read: mentions as @Name, links by their label, without the signs of emphasis."""
    for text in sorted(mentions, key=len, reverse=True):
        words = words.replace(text, "@" + _AT.sub(r"\1", text))
    shown = _LINK.sub(r"\1", _escapes_kept(words))
    for _ in range(3):
        shown = _STRONG.sub(r"\2", shown)
    return html.unescape(_escapes_given(shown))


def mentions_of(thing: Thing) -> dict[str, str]:
    """Each mention's text with whom it means."""
    entities = [e for card in cards_of(thing) for e in (card.get("msteams") or {}).get("entities") or []]
    body = thing.body if isinstance(thing, Message) else thing if isinstance(thing, dict) else {}
    entities += body.get("entities") or []
    found = [e for e in entities if e.get("type") == "mention" and e.get("text")]
    return {e["text"]: str((e.get("mentioned") or {}).get("id")) for e in found}


def texts(element: Json) -> Iterator[str]:
    """The texts of one element that Teams reads as Markdown."""
    if element["type"] == "TextBlock":
        yield str(element.get("text", ""))
    if element["type"] == "FactSet":
        yield from (str(fact.get(k, "")) for fact in element.get("facts", []) for k in ("title", "value"))


def _chosen(field: Json, given: str) -> str:
    titles = {c["value"]: c["title"] for c in field.get("choices") or []}
    return ", ".join(titles.get(value, value) for value in given.split(",")) if titles else given


def _input_lines(field: Json, values: Json, errors: dict[str, str]) -> Iterator[str]:
    yield field.get("label") or ""
    if field["type"] == "Input.Toggle":
        yield field.get("title") or ""
    if field["type"] == "Input.ChoiceSet" and field.get("style", "compact") == "expanded":
        yield from (str(c["title"]) for c in field.get("choices", []))
    yield _chosen(field, str(values.get(field["id"], field.get("value") or "")))
    yield errors.get(field["id"], "")


def _lines(element: Json, named: dict[str, str], dialog: Dialog | None) -> Iterator[str]:
    kind = str(element["type"])
    if kind == "FactSet":
        for fact in element.get("facts", []):
            yield f"{rendered(fact['title'], named)}: {rendered(fact['value'], named)}"
        return
    yield from (rendered(text, named) for text in texts(element))
    if kind == "RichTextBlock":
        yield "".join(r if isinstance(r, str) else r.get("text", "") for r in element.get("inlines", []))
    if kind == "Image" and element.get("altText"):
        yield f"({element['altText']})"
    if kind.startswith("Action."):
        yield f"[{element.get('title') or element.get('tooltip') or ''}]"
    if kind.startswith("Input."):
        values, errors = (dialog.values, dialog.errors) if dialog else ({}, {})
        yield from _input_lines(element, values, errors)


def plain(thing: Thing) -> str:
    """All that can be read, line by line; buttons as [label], mentions as @Name."""
    if isinstance(thing, Notice):
        return visible(rendered(thing.text, {}))
    named, dialog = mentions_of(thing), thing if isinstance(thing, Dialog) else None
    lines = [dialog.title] if dialog else []
    body = thing.body if isinstance(thing, Message) else thing if isinstance(thing, dict) else {}
    if isinstance(body.get("text"), str):
        lines.append(_TAG.sub("", rendered(body["text"], named)))
    for card in cards_of(thing):
        for element in inside(card, hidden=False, cards=False):
            lines += _lines(element, named, dialog)
    return visible("\n".join(line for line in lines if line))


# -- what is live -------------------------------------------------------------------------------


def _live(words: str, where: str, named: dict[str, str], *, message: bool) -> Iterator[Live]:
    for text, target in named.items():
        yield from [Live("mention", target, where)] * words.count(text)
        words = words.replace(text, " ")
    escaped = _escapes_kept(words)
    yield from (Live("link", url, where) for _, url in _LINK.findall(escaped))
    rest = _LINK.sub(" ", escaped)
    yield from (Live("autolink", url, where) for url in _BARE.findall(rest))
    if message:
        yield from (Live("tag", tag, where) for tag in _TAG.findall(rest))


def live_mentions(thing: Thing) -> list[Live]:
    """All mentions, links, bare addresses and HTML that Teams would bring to life, in the cards and in the text."""
    named = mentions_of(thing)
    body = thing.body if isinstance(thing, Message) else thing if isinstance(thing, dict) else {}
    words = thing.text if isinstance(thing, Notice) else body.get("text")
    found = list(_live(words, "text", named, message=True)) if isinstance(words, str) else []
    for card in cards_of(thing):
        for element in inside(card):
            for text in texts(element):
                found += _live(text, element["type"], named, message=False)
    return found
