"""Teams' activities as the bot's own requests. Pure reading; nothing is asked of Teams here.

Whatever has another shape than expected is read as empty, and what is not ours as None: nobody's data is an error.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from botbuilder.schema import Activity, ConversationAccount

from adapters.teams.ports import PLATFORM, Contact, Kind, Reference
from adapters.teams.render import KEY, Json
from bot.commands import Call, Quoted

KINDS: Mapping[str, Kind] = {"channel": "channel", "groupChat": "group", "personal": "personal"}
CLOSED = ("private", "shared")
"""Kinds of channels that the bot cannot be used in: it does not see who is there, or strangers are."""
LONGEST = 50_000
"""Characters of a message that are read; Teams takes about as many in one."""
FILE = "application/vnd.microsoft.teams.file.download.info"
_TAG = re.compile(r"</?at\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request, and all that its answer needs: where it can be given, and to whom."""

    call: Call
    kind: Kind
    service_url: str
    bot: str  # 28:…, the bot's own id
    teams_id: str = ""  # 29:…, Teams' name for whoever asks
    name: str = ""
    thread: str = ""  # the root's id, in a channel
    team: str = ""

    @property
    def known(self) -> bool:
        """Whether Teams says who asks. Anonymous people of a meeting and other bots have no id of their own."""
        return bool(self.call.user)

    @property
    def where(self) -> str:
        """The conversation to answer in, with its thread."""
        return f"{self.call.channel};messageid={self.thread}" if self.thread else self.call.channel

    @property
    def reference(self) -> Reference:
        return Reference(
            tenant=self.call.realm,
            conversation=self.call.channel,
            kind=self.kind,
            service_url=self.service_url,
            bot=self.bot,
            team=self.team,
            user=self.call.user if self.kind == "personal" else "",
        )

    @property
    def contact(self) -> Contact:
        """Whoever writes to the bot in a personal chat has the app."""
        return Contact(
            tenant=self.call.realm,
            user=self.call.user,
            teams_id=self.teams_id,
            name=self.name,
            installed=self.kind == "personal",
        )


def asked(activity: Activity) -> Asked:
    """Who asks, from where. The activity's id is the request's key, in its conversation: a repeat has the same."""
    place, sender = activity.conversation or ConversationAccount(), activity.from_property
    conversation, _, root = str(place.id or "").partition(";messageid=")
    bot = str(activity.recipient.id or "") if activity.recipient else ""
    kind = _kind(place, conversation, bot)
    call = Call(
        platform=PLATFORM,
        realm=tenant(activity),
        user=str(sender.aad_object_id or "").lower() if sender else "",
        channel=conversation,
        key=f"{PLATFORM}:{activity.id}:{conversation}" if activity.id else "",
        slash="",
    )
    return Asked(
        call=call,
        kind=kind,
        service_url=str(activity.service_url or ""),
        bot=bot,
        teams_id=str(sender.id or "") if sender else "",
        name=str(sender.name or "") if sender else "",
        thread=root if kind == "channel" else "",
        team=_text(_part(data(activity), "team"), "id") if kind == "channel" else "",
    )


def _kind(place: ConversationAccount, conversation: str, bot: str) -> Kind:
    """A chat of two people, where a shortcut may be used, calls itself personal too; in the bot's own, its id stands."""
    told = KINDS.get(str(place.conversation_type), "personal")
    own = bot.removeprefix("28:")
    theirs = conversation.startswith("19:") and not (own and own in conversation)
    return "group" if told == "personal" and (theirs or not conversation) else told


def data(activity: Activity) -> Json:
    """Teams' own part of an activity."""
    return activity.channel_data if isinstance(activity.channel_data, dict) else {}


def tenant(activity: Activity) -> str:
    named = _text(_part(data(activity), "tenant"), "id")
    place = activity.conversation
    return (named or str((place and place.tenant_id) or "")).lower()


# -- messages -------------------------------------------------------------------------------------


def words(activity: Activity) -> str:
    """What was written to the bot: without its own name, without tags."""
    text = str(activity.text or "")
    for entity in activity.entities or ():
        told = entity.additional_properties
        mentioned = told.get("mentioned")
        if isinstance(mentioned, dict) and mentioned.get("id") == activity.recipient.id and told.get("text"):
            text = text.replace(str(told["text"]), " ", 1)
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def files(activity: Activity) -> list[str]:
    """Where the files lie that were sent along, which Teams tells in somebody's own chat with the bot alone."""
    told = (found.content for found in activity.attachments or () if found.content_type == FILE)
    return [_text(content, "downloadUrl") if isinstance(content, dict) else "" for content in told]


# -- what our cards and dialogs send --------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Press:
    """A button. `confirm`: ask first; the whole of what stands under our key."""

    verb: str
    arg: str
    confirm: Json | None = None


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The button under a typed command that opens a form."""

    name: str
    words: str
    channel: str = ""  # where it was typed, when that is told


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """A dialog's inputs, with the form that they belong to. `faults`: it is to be shown again with these."""

    data: Json
    faults: Mapping[str, str]

    @property
    def channel(self) -> str:
        """Where its form was asked for first."""
        return _text(_part(self.data, KEY), "channel")


Sent = Press | Opening | Submitted


def sent(value: object) -> Sent | None:
    """What stands under our key in a button's or dialog's data; None for what is not ours or broken."""
    given = _inner(value)
    match _part(given, KEY):
        case {"confirm": told, "press": str(verb), "arg": str(arg)} as own:
            return Press(verb=verb, arg=arg, confirm=own) if _confirms(told) else None
        case {"press": str(verb), "arg": str(arg)}:
            return Press(verb=verb, arg=arg)
        case {"command": str(name), "words": str(after)} as own:
            return Opening(name=name, words=after, channel=_text(own, "channel"))
        case {"form": dict()} as own:
            faults = _part(own, "faults")
            return Submitted(data=given, faults={f: str(text) for f, text in faults.items()})
    return None


def closes(value: object) -> bool:
    """Whether a dialog's button says no to what it asks."""
    return "close" in _part(_inner(value), KEY)


def _inner(value: object) -> Json:
    """The data, however deep Teams packs it: a message bears it plainly, a dialog in `data`, a press in `action.data`."""
    given: Json = value if isinstance(value, dict) else {}
    packed: Json = _part(_part(given, "action") or given, "data")
    return packed or given


def _confirms(told: object) -> bool:
    return isinstance(told, dict) and all(
        isinstance(told.get(name), str) for name in ("title", "text", "yes", "no")
    )


# -- messages that a shortcut was used on ---------------------------------------------------------


def quoted(value: object) -> Quoted:
    """The words as they are read, the link, and when it was posted; empty where nothing is quoted."""
    payload = _part(value if isinstance(value, dict) else {}, "messagePayload")
    body = _part(payload, "body")
    content = _text(body, "content")
    return Quoted(
        text=content.strip() if body.get("contentType") == "text" else readable(content),
        link=_text(payload, "linkToMessage"),
        at=_moment(_text(payload, "createdDateTime")),
    )


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def readable(markup: str) -> str:
    """HTML as the words that are read: a link as its words and address, a line for each block, a picture's own words."""
    reader = _Reader()
    reader.feed(_ended(markup[:LONGEST]).replace("<![", "&lt;!["))  # which Python's reader fails at
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).splitlines())
    return "\n".join(line for line in lines if line)


def _ended(markup: str) -> str:
    """Without a tag that never ends: Python's reader looks for the end of each anew, which takes seconds."""
    tags, closed, tail = markup.rpartition(">")
    return tags + closed + tail.partition("<")[0]


class _Reader(HTMLParser):
    BLOCKS = frozenset(
        {"p", "div", "br", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "h1", "h2", "h3"}
    )
    SILENT = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self._silent += tag in self.SILENT
        if tag in self.BLOCKS:
            self.found.append("\n")
        elif tag == "a":
            self._links = [(told.get("href") or "", len(self.found))]  # one within another is none
        elif tag in {"img", "emoji"}:
            self.found.append(told.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT and self._silent > 0
        if tag in self.BLOCKS:
            self.found.append("\n")
        elif tag == "a" and self._links:
            address, begun = self._links.pop()
            if address and address not in "".join(self.found[begun:]):
                self.found.append(f" ({address.removeprefix('mailto:')})")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


# -- what happens to teams and channels -----------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Event:
    """What a conversationUpdate or installationUpdate says. `channel` is the one that an event is about."""

    what: str = ""  # Teams' own word: channelCreated, teamRenamed …
    channel: str = ""
    name: str = ""
    closed: bool = False
    team: str = ""
    team_name: str = ""


def event(activity: Activity) -> Event:
    told = data(activity)
    channel, team = _part(told, "channel"), _part(told, "team")
    return Event(
        what=_text(told, "eventType"),
        channel=_text(channel, "id"),
        name=_text(channel, "name"),
        closed=is_closed(channel),
        team=_text(team, "id"),
        team_name=_text(team, "name"),
    )


def is_closed(channel: Mapping[str, Any]) -> bool:
    """Whether what is said of a channel calls it private or shared."""
    kinds = (channel.get(name) for name in ("type", "channelType", "membershipType"))
    return any(str(kind).lower() in CLOSED for kind in kinds)


def names_bot(members: Any, bot: str) -> bool:
    """Whether the bot itself is among those who came or went."""
    return any(member.id == bot for member in members or ())


def _part(thing: Mapping[str, Any], name: str) -> Json:
    value = thing.get(name)
    return value if isinstance(value, dict) else {}


def _text(thing: Mapping[str, Any], name: str) -> str:
    value = thing.get(name)
    return value if isinstance(value, str) else ""
