"""Card -> Adaptive Card 1.5, as plain dicts.

Words from outside stand in TextRuns, where Teams reads no syntax. Only a title (a heading), people (mentions) and a
rule's section (a link) need a TextBlock, which reads Markdown; `words.literal` is for these. A FactSet would read it
too, and an address in it could not be copied. Teams takes about 100 KB of UTF-16 for a whole message.
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, assert_never
from urllib.parse import quote

from adapters.teams.words import called, cut, dead, filled, literal
from bot import plain
from bot.model import PersonId
from bot.texts import Texts
from bot.view import (
    Button,
    Card,
    Cite,
    Confirm,
    Divider,
    Facts,
    Item,
    Items,
    Mention,
    Part,
    People,
    Quote,
    Text,
)

Json = dict[str, Any]
Users = Mapping[PersonId, str]

KEY = "smbot"
"""All that our buttons and dialogs send stands under this key; data without it is not ours."""
FETCH = {"type": "task/fetch"}
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.5"
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
ROOM = 64_000  # bytes of a card in UTF-16: with its envelope and what travels in a form it stays below 80 KB
TEXT, QUOTE, FACT, ITEM, LABEL = 2_000, 1_500, 600, 400, 75
SPOKEN, NOTIFIED = 3_000, 300
SHOWN = 6  # buttons; Teams puts what is above that into a menu
IN_LINKS = ":/?#@!$&*+,;=%~"
SIGNS = {"none": "", "open": "", "done": "✓ ", "late": "! "}
STYLES = {"plain": "default", "primary": "positive", "danger": "destructive"}
Press = Callable[[Button], Json]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part, or a line of one, as shown and as heard."""

    elements: list[Json]
    heard: str


def message(card: Card, t: Texts, users: Users, writes: Callable[[str], bool], first: str = "") -> Json:
    """The card as a message. `first` is said before all else where it says something that the title does not."""
    pen = Pen(t=t, users=users, press=lambda button: in_message(button, writes(button.verb)))
    lead = first if first != card.title else ""
    return pen.card(card, lead)


def in_dialog(card: Card, t: Texts, users: Users) -> Json:  # noqa: ARG001  in a dialog nobody can be mentioned
    """The card inside a dialog: people by name alone, and each button submits."""
    return Pen(t=t, users={}, press=in_form).card(card)


def activity(content: Json, said: str) -> Json:
    """The message that bears a card; `said` is for the notification."""
    return {
        "type": "message",
        "summary": said,
        "attachments": [{"contentType": CARD_TYPE, "content": content}],
    }


def summary(card: Card, t: Texts) -> str:  # noqa: ARG001  a title says itself
    """What a notification says: the title, in plain words."""
    return plain.filled(card.title, NOTIFIED)


@dataclass(frozen=True, kw_only=True)
class Pen:
    """Writes one card, and notes whom it mentions."""

    t: Texts
    users: Users
    press: Press
    entities: list[Json] = field(default_factory=list)

    def card(self, card: Card, lead: str = "") -> Json:
        """The pieces that fit, with a line where some were left out; title and buttons always stand."""
        head = [*([self.said(Text(text=lead, tone="quiet"))] if lead else []), self.title(card)]
        above, below = (card.buttons[:SHOWN], card.buttons[SHOWN:]) if card.begins else ((), card.buttons)
        head += [self.row(above)] if above else []
        body = [piece for part in card.parts for piece in self.part(part)]
        more = self.said(Text(text=self.t("teams.more"), tone="quiet"))

        def first(n: int) -> Json:
            return self.whole([*head, *body[:n], *([more] if n < len(body) else [])], below)

        if size(first(len(body))) <= ROOM:
            return first(len(body))
        return first(bisect_left(range(1, len(body)), True, key=lambda n: size(first(n)) > ROOM))

    def whole(self, pieces: list[Piece], buttons: tuple[Button, ...] = ()) -> Json:
        said = [p.heard for p in pieces] + [self.spoken(buttons)] * bool(buttons)
        shown = root(stacked(pieces), self.t, plain.cut("\n".join(filter(None, said)), SPOKEN))
        if buttons:
            shown["actions"] = [self.button(b, hidden=n >= SHOWN) for n, b in enumerate(buttons)]
        if self.entities:
            shown["msteams"]["entities"] = self.entities
        return shown

    # -- parts ----------------------------------------------------------------------------------

    def title(self, card: Card) -> Piece:
        """A heading over parts; a card that is one sentence stays a sentence."""
        words = plain.filled(card.title, TEXT)
        if not card.parts:
            return Piece(elements=[runs(run(dead(words)))], heard=dead(words))
        return Piece(elements=[heading(words)], heard=dead(words))

    def parts(self, parts: tuple[Part, ...]) -> list[Piece]:
        return [piece for part in parts for piece in self.part(part)]

    def part(self, part: Part) -> Iterator[Piece]:
        match part:
            case Text():
                yield self.said(part)
            case Quote():
                yield quoted(part)
            case Facts():
                yield from _close(fact(label, value) for label, value in part.rows)
            case Items():
                yield from _close(self.item(item) for item in part.items)
            case Cite():
                yield self.cite(part)
            case People():
                yield self.people(part)
            case Divider():
                yield Piece(elements=[], heard="")
            case _:
                assert_never(part)

    def said(self, part: Text) -> Piece:
        words = filled(part.text, TEXT)
        return Piece(
            elements=[runs(run(words, bold=part.tone == "strong", quiet=part.tone == "quiet"))], heard=words
        )

    def item(self, item: Item) -> Piece:
        """A bullet, or a line with its button beside it. The sign only repeats what `note` says in words."""
        text, note = filled(item.text, ITEM), cut(item.note, ITEM)
        sign = SIGNS[item.state] or ("" if item.button else "• ")
        shown = [run(sign + text), *([run(f" – {note}", bold=item.state == "late")] if note else [])]
        heard = f"• {text}{' – ' if note else ''}{note}"
        if item.button is None:
            return Piece(elements=[runs(*shown)], heard=heard)
        return Piece(
            elements=[beside(runs(*shown), self.button(item.button))],
            heard=f"{heard} {self.spoken((item.button,))}",
        )

    def cite(self, cite: Cite) -> Piece:
        """The rule in our own words, where it stands, and whether that is our own default."""
        rule, where, link = cut(cite.rule, TEXT), plain.cut(cite.section, ITEM), web(cite.link)
        note = self.t("teams.default") if cite.default else ""
        words = [w for w in (rule, dead(where) if not link else "", note) if w]
        elements = [runs(run(" ".join(words)))] if words or not link else []
        if link:
            elements.append(block(f"[{literal(where or link)}]({link})"))
        told = (rule, dead(where), f"({link})" if link else "", note)
        return Piece(elements=_closed(elements), heard=" ".join(filter(None, told)))

    def people(self, part: People) -> Piece:
        """The only place where a mention is alive."""
        words, names = cut(part.text, TEXT), ", ".join(plain.filled(p.name, FACT) for p in part.people)
        heard = ", ".join(filter(None, (dead(names), words)))
        if not any(p.person in self.users for p in part.people):
            return Piece(elements=[runs(run(heard or "–"))], heard=heard)
        shown = ", ".join([*(self.mention(p) for p in part.people), *([literal(words)] if words else [])])
        return Piece(elements=[block(shown)], heard=heard)

    def mention(self, person: Mention) -> str:
        """The person by name, brought to life where they are known here. Two of one name are told apart by Teams' text."""
        user = self.users.get(person.person)
        if not user:
            return literal(plain.filled(person.name, FACT))
        name = called(plain.clean(person.name))
        known = next((e for e in self.entities if e["mentioned"]["id"] == user), None)
        if known:
            return str(known["text"])
        same = sum(e["mentioned"]["name"] == name for e in self.entities)
        text = f"<at>{name}{f' {same + 1}' if same else ''}</at>"
        self.entities.append({"type": "mention", "text": text, "mentioned": {"id": user, "name": name}})
        return text

    # -- buttons --------------------------------------------------------------------------------

    def row(self, buttons: tuple[Button, ...]) -> Piece:
        """Buttons side by side within a card; the foot's own hold more."""
        pressed = {"type": "ActionSet", "actions": [self.button(b) for b in buttons]}
        return Piece(elements=[pressed], heard=self.spoken(buttons))

    def spoken(self, buttons: tuple[Button, ...]) -> str:
        labels = "; ".join(filled(b.heard or b.label, LABEL) for b in buttons)
        return self.t("teams.buttons" if len(buttons) > 1 else "teams.button", labels=labels)

    def button(self, button: Button, *, hidden: bool = False) -> Json:
        """`tooltip` is what a screen reader says in the place of the title."""
        shown = self.press(button) | {"title": filled(button.label, LABEL)}
        if button.heard and button.heard != button.label:
            shown["tooltip"] = filled(button.heard, LABEL)
        if button.style != "plain":
            shown["style"] = STYLES[button.style]
        return shown | ({"mode": "secondary"} if hidden else {})


# -- what a button sends --------------------------------------------------------------------------


def in_message(button: Button, writes: bool) -> Json:
    """What writes is answered where it stands; what opens a form, only tells or asks first opens a dialog."""
    if writes and not button.confirm:
        return {"type": "Action.Execute", "verb": "press", "data": {KEY: asked(button)}}
    return {"type": "Action.Submit", "data": {"msteams": FETCH, KEY: asked(button)}}


def in_form(button: Button) -> Json:
    """Inside a dialog: without the inputs, so that an empty required field does not stand in the way."""
    return {"type": "Action.Submit", "data": {KEY: asked(button)}, "associatedInputs": "none"}


def opener(label: str, name: str, words: str, channel: str) -> Json:
    """The button with which a command that opens a form answers, typed in the channel; it may stand elsewhere."""
    data = {"msteams": FETCH, KEY: {"command": name, "words": words, "channel": channel}}
    return {"type": "Action.Submit", "title": filled(label, LABEL), "data": data}


def closer(label: str) -> Json:
    """Inside a dialog: closes it, and nothing is done."""
    data = {KEY: {"close": True}}
    return {
        "type": "Action.Submit",
        "title": filled(label, LABEL),
        "data": data,
        "associatedInputs": "none",
    }


def asked(button: Button) -> Json:
    pressed: Json = {"press": button.verb, "arg": button.arg}
    return ({"confirm": _cut_confirm(button.confirm)} if button.confirm else {}) | pressed


def _cut_confirm(confirm: Confirm) -> Json:
    return {name: plain.filled(text, 300) for name, text in asdict(confirm).items()}


# -- Teams' own objects ---------------------------------------------------------------------------


def root(body: list[Json], t: Texts, fallback: str) -> Json:
    """An Adaptive Card. `fallback` is what stands there where a client cannot draw it."""
    return {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "lang": t.language,
        "fallbackText": fallback,
        "msteams": {"width": "Full"},
        "body": body,
    }


def run(text: str, *, bold: bool = False, quiet: bool = False) -> Json:
    """Literal words: Teams reads no Markdown in them."""
    return (
        {"type": "TextRun", "text": text}
        | ({"weight": "Bolder"} if bold else {})
        | ({"isSubtle": True} if quiet else {})
    )


def runs(*inlines: Json) -> Json:
    return {"type": "RichTextBlock", "inlines": list(inlines)}


def block(markdown: str) -> Json:
    """A text with syntax in it: every word from outside has gone through `literal`."""
    return {"type": "TextBlock", "text": markdown, "wrap": True}


def heading(words: str) -> Json:
    return block(literal(words)) | {"style": "heading", "size": "Large", "weight": "Bolder"}


def beside(line: Json, button: Json) -> Json:
    """A line with its button at the right."""
    press = {"type": "ActionSet", "actions": [button]}
    return {
        "type": "ColumnSet",
        "columns": [
            {"type": "Column", "width": "stretch", "verticalContentAlignment": "Center", "items": [line]},
            {"type": "Column", "width": "auto", "verticalContentAlignment": "Center", "items": [press]},
        ],
    }


def quoted(part: Quote) -> Piece:
    words = filled(part.text, QUOTE)
    return Piece(
        elements=[{"type": "Container", "style": "emphasis", "items": [runs(run(words))]}], heard=f"”{words}”"
    )


def fact(label: str, value: str) -> Piece:
    name, shown = filled(label, FACT), filled(value, FACT)
    asks = "" if name.endswith("?") else ":"
    return Piece(elements=[runs(run(f"{name}{asks} ", bold=True), run(shown))], heard=f"{name}{asks} {shown}")


def stacked(pieces: list[Piece]) -> list[Json]:
    """One under the other. A piece without elements draws a line above the next."""
    body: list[Json] = []
    line: Json = {}
    for piece in pieces:
        for element in piece.elements:
            body.append(element | line)
            line = {}
        line = line if piece.elements else {"separator": True, "spacing": "Medium"} if body else {}
    return body


def web(link: str) -> str:
    """The link if it leads to the web, so written that it stays within Markdown's brackets, else ""."""
    return quote(plain.safe_link(link), safe=IN_LINKS) if len(link) <= TEXT else ""


def size(thing: Json) -> int:
    """Bytes as Teams counts them."""
    return len(json.dumps(thing, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))


def _close(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Lines that belong together stand close under the first."""
    for n, piece in enumerate(pieces):
        yield Piece(elements=_spaced(piece.elements), heard=piece.heard) if n else piece


def _closed(elements: list[Json]) -> list[Json]:
    return elements[:1] + _spaced(elements[1:])


def _spaced(elements: list[Json]) -> list[Json]:
    return [e | {"spacing": "Small"} for e in elements]
