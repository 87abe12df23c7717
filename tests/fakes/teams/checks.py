"""What the connector refuses in an activity, and what it takes although the rules forbid it."""

import json
from typing import Any

from tests.fakes.teams import cards
from tests.fakes.teams.reading import mentions_of
from tests.fakes.teams.state import ADAPTIVE, Json, Place, Space

BIGGEST, SAFE = 100 * 1024, 80 * 1024
"""Bytes in UTF-16. Source: format your bot messages."""
TYPES = {"message", "typing"}
FIELDS = {
    "type", "id", "timestamp", "localTimestamp", "localTimezone", "channelId", "from", "conversation", "recipient",
    "serviceUrl", "replyToId", "text", "textFormat", "speak", "inputHint", "summary", "attachmentLayout",
    "attachments", "suggestedActions", "entities", "channelData", "locale", "importance", "deliveryMode", "value",
    "callerId",
}  # fmt: skip
ATTACHMENTS = {
    ADAPTIVE,
    "application/vnd.microsoft.card.hero",
    "application/vnd.microsoft.card.list",
    "image/png",
    "image/jpeg",
    "image/gif",
}


class Wrong(Exception):
    """An answer with an error's code."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message or code


def size(body: Any) -> int:
    """Bytes of the payload as Teams counts them."""
    return len(json.dumps(body, ensure_ascii=False).encode("utf-16-le"))


def check(activity: Any, place: Place, space: Space) -> list[str]:
    """Breaches of the rules that do not stop the message. Raises Wrong for what the connector refuses."""
    if not isinstance(activity, dict) or activity.get("type") not in TYPES:
        raise Wrong(400, "BadSyntax", "no activity with a known type")
    if size(activity) > BIGGEST:
        raise Wrong(413, "MessageSizeTooBig")
    if activity["type"] == "message" and not (activity.get("text") or activity.get("attachments")):
        raise Wrong(400, "BadSyntax", "neither text nor attachments")
    found = [f"unknown field {name!r}" for name in sorted(set(activity) - FIELDS)]
    found += [f"{size(activity)} bytes"] if size(activity) > SAFE else []
    found += _about(activity, place, space) + _mentions(activity, place, space)
    for attachment in activity.get("attachments") or []:
        found += _attachment(attachment)
    return found


def _about(activity: Json, place: Place, space: Space) -> list[str]:
    found = []
    named = str((activity.get("conversation") or {}).get("id") or place.id).partition(";")[0]
    if named != place.id:
        found.append(f"conversation {named} in the activity, {place.id} in the address")
    if str((activity.get("from") or {}).get("id") or space.bot) != space.bot:
        found.append(f"from {activity['from']['id']}, who is not the bot")
    if activity.get("textFormat", "markdown") not in {"markdown", "plain", "xml"}:
        found.append(f"textFormat {activity['textFormat']!r}")
    return found


def _attachment(attachment: Json) -> list[str]:
    kind = attachment.get("contentType")
    if kind not in ATTACHMENTS:
        raise Wrong(400, "BadSyntax", f"unknown attachment content type {kind!r}")
    return cards.faults(attachment.get("content")) if kind == ADAPTIVE else []


def _mentions(activity: Json, place: Place, space: Space) -> list[str]:
    found: list[str] = []
    for entity in activity.get("entities") or []:
        if entity.get("type") == "mention":
            faults = cards.mention_faults(entity, str(activity.get("text") or ""))
            if any("without" in fault for fault in faults):
                raise Wrong(400, "BadSyntax", f"MissingProperty: {faults[0]}")
            found += faults
    there = {name for u in space.members(place) for name in (u.id, u.teams_id, u.email)}
    strangers = set(mentions_of(activity).values()) - there - {space.bot, place.id, place.team}
    return found + [f"mention of {who}, who is not there" for who in sorted(strangers)]
