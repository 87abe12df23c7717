"""Card -> Slack's blocks and the text twin, which is what a notification shows and a screen reader hears.

Outside words stand in rich text and plain text only, where Slack reads no syntax of its own; mrkdwn is not used.
Limits are Slack's (Block Kit) or tighter: a message stays under the 4,000 characters that `chat.update` takes as
text, so that the twin says all that the blocks say, and under 50 blocks.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, assert_never

from adapters.slack.words import cut, escape, filled, heard
from bot.model import PersonId
from bot.texts import Texts
from bot.view import Button, Card, Cite, Divider, Facts, Item, Items, Mention, Part, People, Quote, Text

Json = dict[str, Any]
Users = Mapping[PersonId, str]

TWIN = 3_900
TEXT, QUOTE, FACT, ITEM, HEADER = 2_000, 1_500, 600, 400, 150
BUTTON, ARG, ACTION_ID = 75, 2_000, 255
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
SIGNS = {"none": "", "open": "", "done": "✓ ", "late": "! "}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A message: its blocks, and the same in words."""

    text: str
    blocks: list[Json]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part as shown and as heard."""

    blocks: list[Json]
    heard: str


def message(card: Card, t: Texts, users: Users, *, first: str = "") -> Shown:
    """The card as a message. `first` is heard before all else where it says something that the title does not."""
    pen = Pen(t=t, users=users)
    lead = heard(cut(first, ITEM)) if first and first != card.title else ""
    pieces = pen.fitting(card, MESSAGE_BLOCKS, TWIN - len(lead) - 1)
    blocks = merged([b for p in pieces for b in p.blocks])
    return Shown(text="\n".join(filter(None, (lead, *(p.heard for p in pieces)))), blocks=blocks)


def home(card: Card, t: Texts, users: Users) -> Json:
    """The card as a Home tab, its buttons above all else (users.md U11)."""
    blocks = view_blocks(card, t, users, VIEW_BLOCKS)
    presses = [b for b in blocks if b["type"] == "actions"]
    title, *rest = [b for b in blocks if b["type"] != "actions"]
    return {"type": "home", "blocks": [title, *presses, *rest]}


def view_blocks(card: Card, t: Texts, users: Users, most: int) -> list[Json]:
    """The card's blocks in a view, which has room for more than a message and no text twin."""
    pieces = Pen(t=t, users=users).fitting(card, most, most * TWIN // 10)
    return merged([b for p in pieces for b in p.blocks])


@dataclass(frozen=True, kw_only=True)
class Pen:
    """Writes one card: numbers its buttons, so that each action_id stands once."""

    t: Texts
    users: Users
    numbers: Iterator[int] = field(default_factory=count)

    def fitting(self, card: Card, most: int, room: int) -> list[Piece]:
        """The pieces that fit, with a line where some were left out; title and buttons always stand."""
        head, tail = self.title(card), self.buttons(card)
        more = self.said(Text(text=self.t("slack.more"), tone="quiet"))
        body = [piece for part in card.parts for piece in self.part(part)]

        def first(n: int) -> list[Piece]:
            return [head, *body[:n], *([more] if n < len(body) else []), *tail]

        if _fit(first(len(body)), most, room):
            return first(len(body))
        return first(bisect_left(range(1, len(body)), True, key=lambda n: not _fit(first(n), most, room)))

    # -- parts ----------------------------------------------------------------------------------

    def title(self, card: Card) -> Piece:
        """A heading over parts; a card that is one sentence stays a sentence."""
        words = filled(card.title, TEXT)
        if card.parts and len(words) <= HEADER:
            return Piece(blocks=[{"type": "header", "text": plain(words, HEADER)}], heard=heard(words))
        return Piece(blocks=[rich(section(run(words, bold=bool(card.parts))))], heard=heard(words))

    def part(self, part: Part) -> Iterator[Piece]:
        match part:
            case Text():
                yield self.said(part)
            case Quote():
                yield quoted(part)
            case Facts():
                yield from (fact(label, value) for label, value in part.rows)
            case Items():
                yield from (self.item(item) for item in part.items)
            case Cite():
                yield self.cite(part)
            case People():
                yield self.people(part)
            case Divider():
                yield Piece(blocks=[{"type": "divider"}], heard="")
            case _:
                assert_never(part)

    def said(self, part: Text) -> Piece:
        words = filled(part.text, TEXT)
        if part.tone == "quiet":
            return Piece(blocks=[{"type": "context", "elements": [plain(words, TEXT)]}], heard=heard(words))
        return Piece(blocks=[rich(section(run(words, bold=part.tone == "strong")))], heard=heard(words))

    def item(self, item: Item) -> Piece:
        """A bullet, or a line with its button beside it. The sign only repeats what `note` says in words."""
        text, note = filled(SIGNS[item.state] + item.text, ITEM), cut(item.note, ITEM)
        line = f"{filled(item.text, ITEM)}{' – ' if note else ''}{note}"
        if item.button is None:
            runs = [run(text), *([run(f" – {note}", bold=item.state == "late")] if note else [])]
            return Piece(blocks=[rich(bullets(section(*runs)))], heard=f"• {heard(line)}")
        shown = f"{text}{' – ' if note else ''}{note}"
        block = {"type": "section", "text": plain(shown, TEXT), "accessory": self.button(item.button)}
        return Piece(blocks=[block], heard=f"• {heard(line)} {self.spoken((item.button,))}")

    def cite(self, cite: Cite) -> Piece:
        rule, where = cut(cite.rule, TEXT), cut(cite.section, ITEM)
        note = self.t("slack.default") if cite.default else ""
        runs = [run(rule)] if rule else []
        told = [heard(rule)] if rule else []
        if where or cite.link:
            runs += [run(" "), linked(where, cite.link)] if runs else [linked(where, cite.link)]
            told.append(heard(where) + (f" ({escape(cite.link)})" if _is_web(cite.link) else ""))
        if note or not runs:
            runs.append(run(f" {note or '–'}".lstrip() if not runs else f" {note}", italic=True))
            told.append(heard(note))
        return Piece(blocks=[rich(section(*runs))], heard=" ".join(told))

    def people(self, part: People) -> Piece:
        """The only place where a mention is alive."""
        runs: list[Json] = []
        for n, person in enumerate(part.people):
            runs += ([run(", ")] if n else []) + [self.mention(person)]
        words = cut(part.text, TEXT)
        names = ", ".join(self.called(p) for p in part.people)
        runs += [run(f"{', ' if runs else ''}{words}")] if words or not runs else []
        return Piece(blocks=[rich(section(*runs))], heard=", ".join(filter(None, (names, heard(words)))))

    def mention(self, person: Mention) -> Json:
        user = self.users.get(person.person)
        return {"type": "user", "user_id": user} if user else run(filled(person.name, FACT))

    def called(self, person: Mention) -> str:
        user = self.users.get(person.person)
        return f"<@{user}>" if user else heard(filled(person.name, FACT))

    # -- buttons --------------------------------------------------------------------------------

    def buttons(self, card: Card) -> list[Piece]:
        if not card.buttons:
            return []
        block = {"type": "actions", "elements": [self.button(b) for b in card.buttons[:25]]}
        return [Piece(blocks=[block], heard=self.spoken(card.buttons))]

    def spoken(self, buttons: tuple[Button, ...]) -> str:
        labels = "; ".join(heard(filled(b.heard or b.label, BUTTON)) for b in buttons)
        return self.t("slack.buttons" if len(buttons) > 1 else "slack.button", labels=labels)

    def button(self, button: Button) -> Json:
        shown: Json = {
            "type": "button",
            "text": plain(button.label, BUTTON),
            "action_id": f"{button.verb}#{next(self.numbers)}",
            "accessibility_label": filled(button.heard or button.label, BUTTON),
        }
        if button.arg:
            shown["value"] = button.arg
        if button.style != "plain":
            shown["style"] = button.style
        if button.confirm:
            shown["confirm"] = {
                "title": plain(button.confirm.title, 100),
                "text": plain(button.confirm.text, 300),
                "confirm": plain(button.confirm.yes, 30),
                "deny": plain(button.confirm.no, 30),
            }
        return shown


def pressed(action_id: str) -> str:
    """The verb of a button's action_id."""
    return action_id.rpartition("#")[0] or action_id


# -- Slack's own objects ------------------------------------------------------------------------


def plain(text: str, most: int) -> Json:
    """Plain text without emoji codes. Its limit counts characters as sent, unescaped."""
    return {"type": "plain_text", "text": filled(text, most), "emoji": False}


def run(text: str, **style: bool) -> Json:
    """Literal words in rich text: Slack reads no syntax in them."""
    on = {name: True for name, wanted in style.items() if wanted}
    return {"type": "text", "text": text, **({"style": on} if on else {})}


def section(*runs: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(runs)}


def bullets(*lines: Json) -> Json:
    return {"type": "rich_text_list", "style": "bullet", "elements": list(lines)}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def linked(words: str, link: str) -> Json:
    """A link of ours (from the guidelines), or only its words where it is none."""
    shown = words or cut(link, ITEM)
    return {"type": "link", "url": link, "text": shown} if _is_web(link) else run(shown, italic=True)


def quoted(part: Quote) -> Piece:
    words = filled(part.text, QUOTE)
    quote = {"type": "rich_text_quote", "elements": [run(words)]}
    return Piece(blocks=[rich(quote)], heard=f"”{heard(words)}”")


def fact(label: str, value: str) -> Piece:
    name, shown = filled(label, FACT), filled(value, FACT)
    asks = "" if name.endswith("?") else ":"
    return Piece(
        blocks=[rich(section(run(f"{name}{asks} ", bold=True), run(shown)))],
        heard=f"{heard(name)}{asks} {heard(shown)}",
    )


def merged(blocks: list[Json]) -> list[Json]:
    """Neighbouring bullets become one list, neighbouring facts one block."""
    joined: list[Json] = []
    for block in blocks:
        last = _only(joined[-1]) if joined else None
        this = _only(block)
        if last and this and last["type"] == this["type"] == "rich_text_list":
            joined[-1] = rich(bullets(*last["elements"], *this["elements"]))
        elif joined and _is_facts(joined[-1]) and _is_facts(block):
            joined[-1] = rich(*joined[-1]["elements"], *block["elements"])
        else:
            joined.append(block)
    return joined


def _only(block: Json) -> Json | None:
    """The single element of a rich text block."""
    elements = block["elements"] if block["type"] == "rich_text" else []
    return elements[0] if len(elements) == 1 else None


def _is_facts(block: Json) -> bool:
    """Whether each line begins in bold and goes on plainly, as facts do."""
    return block["type"] == "rich_text" and all(
        e["type"] == "rich_text_section" and len(e["elements"]) == 2 and _is_label(e["elements"][0])
        for e in block["elements"]
    )


def _is_label(element: Json) -> bool:
    return bool(element.get("style", {}).get("bold")) and str(element.get("text", "")).endswith(": ")


def _is_web(link: str) -> bool:
    return link.startswith(("https://", "http://")) and len(link) <= ARG and not set("<>| ") & set(link)


def _fit(pieces: list[Piece], most: int, room: int) -> bool:
    blocks = merged([b for p in pieces for b in p.blocks])
    return len(blocks) <= most and sum(len(p.heard) + 1 for p in pieces) <= room
