"""What a person sees and hears of blocks: readable text, live mentions, alerts."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes.slack import blocks as kit
from tests.fakes.slack.state import Message, View

Json = dict[str, Any]

_ANGLE = re.compile(r"<([^<>]+)>")
_BARE_URL = re.compile(r"\bhttps?://[^\s<>|]+")
_BARE_CALL = re.compile(r"(?<![\w<!])@(channel|here|everyone|group)\b")
_MARKDOWN_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)")


@dataclass(frozen=True)
class Live:
    """Something that Slack would bring to life. kind: user, broadcast, usergroup, channel, date, link,
    and where Slack links bare words by itself: autolink, autobroadcast."""

    kind: str
    target: str
    where: str  # path in the message, "text" for the text twin


def _texts(thing: Any, path: str) -> Iterator[tuple[str, Json]]:
    """Each text object of the blocks with its path, in reading order."""
    if isinstance(thing, list):
        for i, part in enumerate(thing):
            yield from _texts(part, f"{path}/{i}")
    elif isinstance(thing, dict):
        if thing.get("type") in {"mrkdwn", "plain_text", "markdown"} and isinstance(thing.get("text"), str):
            yield path, thing
            return
        for key, part in thing.items():
            if key not in {"value", "initial_option", "initial_options"} and isinstance(part, dict | list):
                yield from _texts(part, f"{path}/{key}")


def _kind(inside: str) -> tuple[str, str]:
    target = inside.split("|", 1)[0]
    if target.startswith("@"):
        return "user", target[1:]
    if target.startswith("!subteam^"):
        return "usergroup", target[9:]
    if target.startswith("!date^"):
        return "date", target
    if target.startswith("!"):
        return "broadcast", target[1:]
    if target.startswith("#"):
        return "channel", target[1:]
    return "link", target


def _in_text(words: str, where: str, *, verbatim: bool) -> Iterator[Live]:
    for inside in _ANGLE.findall(words):
        kind, target = _kind(inside)
        yield Live(kind, target, where)
    if not verbatim:
        bare = _ANGLE.sub(" ", words)
        yield from (Live("autolink", url, where) for url in _BARE_URL.findall(bare))
        yield from (Live("autobroadcast", call, where) for call in _BARE_CALL.findall(bare))


def _in_rich(thing: Any, path: str) -> Iterator[Live]:
    if isinstance(thing, list):
        for i, part in enumerate(thing):
            yield from _in_rich(part, f"{path}/{i}")
    elif isinstance(thing, dict):
        names = {
            "user": "user_id",
            "channel": "channel_id",
            "broadcast": "range",
            "usergroup": "usergroup_id",
        }
        kind = thing.get("type")
        if kind in names:
            yield Live(kind, str(thing.get(names[kind])), path)
        if kind == "link":
            yield Live("link", str(thing.get("url")), path)
        yield from _in_rich(thing.get("elements", []), f"{path}/elements")


def _body(thing: Message | View | Json) -> Json:
    return thing if isinstance(thing, dict) else {"blocks": thing.blocks, "text": getattr(thing, "text", "")}


def live_mentions(thing: Message | View | Json) -> list[Live]:
    """All mentions, broadcasts and links that Slack would render live, also in the text twin."""
    body = _body(thing)
    found = list(_in_text(body.get("text") or "", "text", verbatim=False))
    for i, block in enumerate(body.get("blocks") or []):
        path = f"blocks/{i}"
        if block.get("type") == "rich_text":
            found += _in_rich(block.get("elements", []), path)
        for where, text in _texts(block, path):
            if text["type"] == "plain_text":
                continue
            found += _in_text(text["text"], where, verbatim=bool(text.get("verbatim")))
            if text["type"] == "markdown":
                found += [Live("link", url, where) for url in _MARKDOWN_LINK.findall(text["text"])]
    return found


def mentioned(message: Message) -> list[Live]:
    """What alerts people: of the blocks if there are any, else of the text."""
    found = live_mentions(message)
    return [live for live in found if not message.blocks or live.where != "text"]


def _shown(text: Json, names: dict[str, str]) -> str:
    if text["type"] == "plain_text":
        return text["text"]

    def say(match: re.Match[str]) -> str:
        inside = match.group(1)
        kind, target = _kind(inside)
        label = inside.split("|", 1)[1] if "|" in inside else ""
        if kind == "user":
            return "@" + names.get(target, target)
        if kind == "broadcast":
            return "@" + target
        return label or (f"#{names.get(target, target)}" if kind == "channel" else target)

    return html.unescape(_ANGLE.sub(say, text["text"]))


def _rich_words(thing: Any, names: dict[str, str]) -> str:
    if isinstance(thing, list):
        return "".join(_rich_words(part, names) for part in thing)
    own = thing.get("text") or thing.get("url") or ""
    own += "@" + names.get(thing["user_id"], thing["user_id"]) if "user_id" in thing else ""
    end = "\n" if str(thing.get("type", "")).startswith("rich_text_") else ""
    return own + _rich_words(thing.get("elements", []), names) + end


def _block_lines(block: Json, names: dict[str, str]) -> Iterator[str]:
    if block.get("type") == "rich_text":
        yield _rich_words(block["elements"], names).strip()
        return
    buttons = [e for e in kit.elements(block) if e["type"] == "button"]
    rest = {k: v for k, v in block.items() if k not in {"elements", "accessory"} or not kit.elements(block)}
    for _, text in _texts(rest, ""):
        yield _shown(text, names)
    for element in kit.elements(block):
        if element not in buttons and "element" not in block:
            yield from (_shown(text, names) for _, text in _texts(element, ""))
    if "initial_value" in block.get("element", {}):
        yield str(block["element"]["initial_value"])
    if buttons:
        yield " ".join(f"[{e['text']['text']}]" for e in buttons)
    if block.get("type") == "image" and "alt_text" in block:
        yield f"({block['alt_text']})"


def plain(thing: Message | View | Json, names: dict[str, str] | None = None) -> str:
    """All that can be read, line by line; buttons as [label], people by name where `names` knows them."""
    named = names or {}
    lines: list[str] = []
    if isinstance(thing, View):
        heads = [thing.body.get(k) for k in ("title",)]
        lines += [h["text"] for h in heads if h]
    body = _body(thing)
    for block in body.get("blocks") or []:
        lines += _block_lines(block, named)
    if not body.get("blocks") and body.get("text"):
        lines.append(_shown({"type": "mrkdwn", "text": body["text"]}, named))
    if isinstance(thing, View) and thing.body.get("submit"):
        lines.append(f"[{thing.body['submit']['text']}]")
    return "\n".join(line for line in lines if line)
