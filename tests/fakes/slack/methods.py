"""Slack's Web API methods on the workspace: chat, conversations, users. Views stand in views.py."""

import copy
from collections.abc import Callable
from typing import Any

from tests.fakes.slack import blocks as kit
from tests.fakes.slack.reading import mentioned
from tests.fakes.slack.state import Channel, Json, Message, SlackError, User, Workspace

CUT = 40_000
UPDATE_MOST = 4_000
BLOCKS_MOST = 13_000  # undocumented ceiling over all texts of the blocks
METADATA_MOST = 16_000
SCALARS = str | int | float | bool

ALL_SCOPES = (
    "chat:write",
    "commands",
    "users:read",
    "users:read.email",
    "channels:read",
    "groups:read",
    "im:read",
    "mpim:read",
    "im:write",
    "mpim:write",
    "channels:history",
    "groups:history",
    "im:history",
    "mpim:history",
    "team:read",
    "files:read",
)
NEEDS = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
    "conversations.open": "im:write",
    "team.info": "team:read",
    "files.info": "files:read",
}


def truthy(value: Any) -> bool:
    return str(value).lower() in {"1", "true"}


def ids(value: Any) -> list[str]:
    return value if isinstance(value, list) else [i for i in str(value or "").split(",") if i]


def page(things: list[Any], args: Json, default: int) -> tuple[list[Any], str]:
    """One page by `cursor` and `limit`, and the cursor of the next ("" at the end)."""
    limit = int(args.get("limit") or default)
    if not 1 <= limit <= 1000:
        raise SlackError("invalid_limit")
    cursor = str(args.get("cursor") or "")
    if cursor and not cursor.removeprefix("next:").isdigit():
        raise SlackError("invalid_cursor")
    start = int(cursor.removeprefix("next:")) if cursor else 0
    return things[start : start + limit], f"next:{start + limit}" if start + limit < len(things) else ""


class Methods:
    """One method each, named as Slack's with `_` for `.`; each takes the arguments and gives the answer."""

    def __init__(self, space: Workspace, scopes: set[str], report: Callable[[str], None]) -> None:
        self.space, self.scopes, self.report = space, scopes, report
        self.alerted: Callable[[str, Message], None] = lambda user, message: None
        self.last_stored: Message | None = None

    # ---- rights

    def need(self, scope: str) -> None:
        if scope not in self.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    def channel(self, args: Json, scope: str | None = None) -> Channel:
        """The channel that is asked about, if the bot may know of it."""
        channel = self.space.channels.get(str(args.get("channel") or ""))
        if channel is None:
            raise SlackError("channel_not_found")
        if scope:
            self.need(f"{channel.scope_family}:{scope}")
        if channel.kind != "public" and self.space.bot_user not in channel.members:
            raise SlackError("channel_not_found")
        return channel

    def postable(self, args: Json) -> Channel:
        wanted = str(args.get("channel") or "")
        if wanted in self.space.users:
            user = self.space.users[wanted]
            if user.deleted or user.is_bot or user.is_stranger:
                raise SlackError("channel_not_found")
            return self.space.direct(wanted)
        channel = self.channel(args)
        if channel.is_archived:
            raise SlackError("is_archived")
        if self.space.bot_user not in channel.members:
            raise SlackError("not_in_channel")
        if channel.kind == "im" and self.space.users[channel.other(self.space.bot_user)].deleted:
            raise SlackError("channel_not_found")
        return channel

    # ---- content

    def content(self, args: Json) -> tuple[str, list[Json], list[Json]]:
        """Text, blocks with ids filled in, attachments; checked as Slack checks them."""
        text, blocks, attachments = (
            str(args.get("text") or ""),
            args.get("blocks") or [],
            args.get("attachments") or [],
        )
        if args.get("markdown_text"):
            if text or blocks or len(args["markdown_text"]) > 12_000:
                raise SlackError("markdown_text_conflict")
            text = args["markdown_text"]
        if not (text or blocks or attachments):
            raise SlackError("no_text")
        if found := kit.faults(blocks, kit.MESSAGE):
            raise SlackError("invalid_blocks", found)
        if len(attachments) > 100:
            raise SlackError("too_many_attachments")
        for attachment in attachments:
            if found := kit.faults(attachment.get("blocks") or [], kit.MESSAGE):
                raise SlackError("invalid_blocks", found)
        if sum(len(t) for b in blocks for t in _words(b)) > BLOCKS_MOST:
            raise SlackError("msg_blocks_too_long")
        if blocks and not text.strip():
            self.report("blocks without text: nothing to read in a notification or by a screen reader")
        if len(text) > CUT:
            self.report(f"text of {len(text)} characters is cut at {CUT}")
        return text[:CUT], self.named(blocks), copy.deepcopy(attachments)

    def named(self, blocks: list[Json]) -> list[Json]:
        """The blocks as stored: Slack gives an id to each block and element that has none."""
        stored = copy.deepcopy(blocks)
        for block in stored:
            block.setdefault("block_id", f"{self.space.random.getrandbits(24):05x}")
            for element in kit.elements(block):
                element.setdefault("action_id", f"{self.space.random.getrandbits(24):05x}")
        return stored

    def metadata(self, args: Json) -> Json | None:
        data = args.get("metadata")
        if not data:
            return None
        if not isinstance(data, dict):
            raise SlackError("invalid_metadata_format")
        payload = data.get("event_payload")
        if set(data) - {"event_type", "event_payload", "entities"} or not data.get("event_type"):
            raise SlackError(
                "invalid_metadata_schema", ["event_type and event_payload are needed, nothing else"]
            )
        if not isinstance(payload, dict):
            raise SlackError("invalid_metadata_schema", ["event_payload must be an object"])
        for key, value in payload.items():
            flat = value if isinstance(value, list) else [value]
            if not all(isinstance(v, SCALARS) for v in flat):
                raise SlackError("invalid_metadata_schema", [f"event_payload/{key} is not flat"])
        if len(str(data)) > METADATA_MOST:
            raise SlackError("metadata_too_large")
        return copy.deepcopy(data)

    # ---- chat

    def chat_postMessage(self, args: Json) -> Json:
        channel = self.postable(args)
        text, blocks, attachments = self.content(args)
        thread = self.parent(channel, args.get("thread_ts"))
        message = Message(
            self.space.ts(),
            channel.id,
            self.space.bot_user,
            text,
            blocks,
            attachments,
            thread,
            self.metadata(args),
        )
        self.space.store(message)
        self.last_stored = message
        self.alert(channel, message)
        return {"channel": channel.id, "ts": message.ts, "message": self.shown(message, with_metadata=True)}

    def parent(self, channel: Channel, ts: Any) -> str | None:
        if not ts:
            return None
        parent = self.space.messages.get(channel.id, {}).get(str(ts))
        if parent is None or parent.deleted:
            raise SlackError("thread_not_found")
        if parent.thread_ts and parent.thread_ts != parent.ts:
            self.report("thread_ts is the ts of a reply, not of its parent")
            return parent.thread_ts
        return parent.ts

    def alert(self, channel: Channel, message: Message) -> None:
        """Whom the post makes a sound for: direct messages, mentions of members, broadcasts."""
        heard = channel.members - {message.user} if channel.kind in {"im", "mpim"} else set()
        for live in mentioned(message):
            if live.kind == "user" and live.target in channel.members:
                heard.add(live.target)
            if live.kind == "broadcast":
                heard |= channel.members - {message.user}
        for user in sorted(heard):
            self.alerted(user, message)

    def shown(self, message: Message, *, with_metadata: bool = False) -> Json:
        out = message.json(self.space.team_id, self.space.bot, with_metadata=with_metadata)
        replies = self.replies_of(message)
        if replies:
            last = replies[-1].ts
            out |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": last}
        return out

    def replies_of(self, message: Message) -> list[Message]:
        return [
            m
            for m in self.space.standing(message.channel)
            if m.thread_ts == message.ts and m.ts != message.ts
        ]

    def own(self, args: Json, refusal: str) -> Message:
        channel = self.channel(args)
        message = self.space.messages.get(channel.id, {}).get(str(args.get("ts")))
        if message is None or message.deleted:  # also what an ephemeral message gives
            raise SlackError("message_not_found")
        if message.user != self.space.bot_user:
            raise SlackError(refusal)
        return message

    def chat_update(self, args: Json) -> Json:
        message = self.own(args, "cant_update_message")
        if self.space.channels[message.channel].is_archived:
            raise SlackError("is_inactive")
        if len(str(args.get("text") or "")) > UPDATE_MOST:
            raise SlackError("msg_too_long")
        text, blocks, attachments = self.content(args)
        metadata = self.metadata(args) or message.metadata
        self.rewrite(message, text, blocks, attachments)
        message.metadata = metadata
        self.last_stored = message
        shown = self.shown(message, with_metadata=True)
        return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}

    def rewrite(self, message: Message, text: str, blocks: list[Json], attachments: list[Json]) -> None:
        message.text, message.blocks, message.attachments = text, blocks, attachments
        message.edited, message.edits = True, message.edits + 1
        self.space.changed()

    def chat_delete(self, args: Json) -> Json:
        message = self.own(args, "cant_delete_message")
        message.deleted = True
        self.space.changed()
        return {"channel": message.channel, "ts": message.ts}

    def chat_postEphemeral(self, args: Json) -> Json:
        channel = self.postable(args)
        user = str(args.get("user") or "")
        if user not in channel.members:
            raise SlackError("user_not_in_channel")
        text, blocks, attachments = self.content(args)
        message = self.ephemeral(user, channel.id, text, blocks, attachments, args.get("thread_ts"))
        return {"message_ts": message.ts}

    def ephemeral(
        self,
        user: str,
        channel: str,
        text: str,
        blocks: list[Json],
        attachments: list[Json],
        thread: Any = None,
    ) -> Message:
        message = Message(
            self.space.ts(),
            channel,
            self.space.bot_user,
            text,
            blocks,
            attachments,
            thread,
            ephemeral_to=user,
        )
        self.space.ephemerals.append(message)
        self.last_stored = message
        self.space.changed()
        return message

    def chat_getPermalink(self, args: Json) -> Json:
        channel = self.channel(args)
        ts = str(args.get("message_ts"))
        message = self.space.messages.get(channel.id, {}).get(ts)
        if message is None or message.deleted:
            raise SlackError("message_not_found")
        link = f"https://university.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
        if message.thread_ts:
            link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
        return {"channel": channel.id, "permalink": link}

    # ---- files

    def files_info(self, args: Json) -> Json:
        file = self.space.files.get(str(args.get("file")))
        if file is None:
            raise SlackError("file_not_found")
        return {"file": {"id": file.id, "name": file.name, "user": file.user, "size": file.size,
                         "mimetype": "text/csv", "filetype": "csv", "mode": "hosted", "ims": [file.channel],
                         "url_private": file.url, "url_private_download": file.url}}  # fmt: skip

    # ---- conversations

    def conversations_info(self, args: Json) -> Json:
        channel = self.channel(args, "read")
        return {"channel": self.about(channel) | {"num_members": len(channel.members)}}

    def about(self, channel: Channel) -> Json:
        is_im = channel.kind == "im"
        out: Json = {
            "id": channel.id,
            "created": 1,
            "is_archived": channel.is_archived,
            "is_channel": channel.kind == "public",
            "is_group": channel.kind == "private",
            "is_im": is_im,
            "is_mpim": channel.kind == "mpim",
            "is_private": channel.kind != "public",
            "is_ext_shared": channel.is_ext_shared,
            "is_shared": channel.is_ext_shared,
            "context_team_id": self.space.team_id,
        }
        if is_im:
            return out | {"user": channel.other(self.space.bot_user)}
        member = self.space.bot_user in channel.members
        return out | {"name": channel.name, "name_normalized": channel.name, "is_member": member}

    def conversations_list(self, args: Json) -> Json:
        families = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
        kinds = {families[t.strip()] for t in ids(args.get("types") or "public_channel")}
        for kind in sorted(kinds):
            self.need(f"{Channel('', '', kind).scope_family}:read")
        found = [c for c in self.space.channels.values() if c.kind in kinds]
        found = [c for c in found if c.kind == "public" or self.space.bot_user in c.members]
        if truthy(args.get("exclude_archived")):
            found = [c for c in found if not c.is_archived]
        some, cursor = page(found, args, 100)
        return {"channels": [self.about(c) for c in some], "response_metadata": {"next_cursor": cursor}}

    def conversations_members(self, args: Json) -> Json:
        some, cursor = page(sorted(self.channel(args, "read").members), args, 100)
        return {"members": some, "response_metadata": {"next_cursor": cursor}}

    def conversations_open(self, args: Json) -> Json:
        users = ids(args.get("users"))
        if not users and args.get("channel"):
            return {"channel": {"id": self.channel(args).id}}
        if not users:
            raise SlackError("users_list_not_supplied")
        people = [self.space.person(u) for u in users]
        if any(p.deleted for p in people):
            raise SlackError("user_disabled")
        if any(p.is_bot for p in people):
            raise SlackError("cannot_dm_bot")
        if any(p.is_stranger for p in people):
            raise SlackError("user_not_visible")
        channel = self.space.direct(users[0]) if len(users) == 1 else self.group(set(users))
        return {"channel": self.about(channel) if truthy(args.get("return_im")) else {"id": channel.id}}

    def group(self, users: set[str]) -> Channel:
        self.need("mpim:write")
        members = users | {self.space.bot_user}
        for channel in self.space.channels.values():
            if channel.kind == "mpim" and channel.members == members:
                return channel
        channel = Channel(self.space.mint("G0"), "mpdm", "mpim", members)
        self.space.channels[channel.id] = channel
        return channel

    def readable(self, args: Json) -> Channel:
        channel = self.channel(args, "history")
        if self.space.bot_user not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def between(self, messages: list[Message], args: Json) -> list[Message]:
        oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
        if truthy(args.get("inclusive")):
            return [m for m in messages if oldest <= float(m.ts) <= latest]
        return [m for m in messages if oldest < float(m.ts) < latest]

    def conversations_history(self, args: Json) -> Json:
        channel = self.readable(args)
        tops = [m for m in self.space.standing(channel.id) if m.thread_ts in {None, m.ts}]
        return self.messages(self.between(tops, args)[::-1], args)

    def conversations_replies(self, args: Json) -> Json:
        channel = self.readable(args)
        parent = self.space.messages.get(channel.id, {}).get(str(args.get("ts")))
        if parent is None or parent.deleted:
            raise SlackError("thread_not_found")
        if parent.thread_ts:  # the ts of a reply gives that reply alone
            return self.messages([parent], args)
        replies = self.between(self.replies_of(parent), args)
        return self.messages([parent, *replies], args)

    def messages(self, found: list[Message], args: Json) -> Json:
        some, cursor = page(found, args, 100)
        with_metadata = truthy(args.get("include_all_metadata"))
        shown = [self.shown(m, with_metadata=with_metadata) for m in some]
        out: Json = {"messages": shown, "has_more": bool(cursor)}
        return out | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})

    # ---- people and the team

    def user_json(self, user: User) -> Json:
        return user.json(with_email="users:read.email" in self.scopes)

    def users_info(self, args: Json) -> Json:
        user = self.space.person(str(args.get("user") or ""))
        out = self.user_json(user)
        return {"user": out | ({"locale": user.locale} if truthy(args.get("include_locale")) else {})}

    def users_list(self, args: Json) -> Json:
        members = [u for u in self.space.users.values() if not u.is_stranger]
        some, cursor = page(members, args, 1000)
        return {"members": [self.user_json(u) for u in some], "response_metadata": {"next_cursor": cursor}}

    def users_lookupByEmail(self, args: Json) -> Json:
        for user in self.space.users.values():
            if user.email and not user.deleted and user.email.lower() == str(args.get("email", "")).lower():
                return {"user": self.user_json(user)}
        raise SlackError("users_not_found")

    def auth_test(self, args: Json) -> Json:
        return {
            "url": "https://university.slack.com/",
            "team": self.space.team_name,
            "user": "smbot",
            "team_id": self.space.team_id,
            "user_id": self.space.bot_user,
            "bot_id": self.space.bot_id,
            "is_enterprise_install": False,
        }

    def team_info(self, args: Json) -> Json:
        return {"team": {"id": self.space.team_id, "name": self.space.team_name, "domain": "university"}}


def _words(thing: Any) -> list[str]:
    if isinstance(thing, list):
        return [w for part in thing for w in _words(part)]
    if not isinstance(thing, dict):
        return []
    own = [thing["text"]] if isinstance(thing.get("text"), str) else []
    return own + [w for part in thing.values() for w in _words(part)]
