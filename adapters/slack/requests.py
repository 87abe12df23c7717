"""Slack's payloads as the bot's own requests. Pure reading; nothing is asked of Slack here."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.slack.forms import Carried
from adapters.slack.send import PLATFORM
from bot.commands import Call, Quoted

Json = dict[str, Any]
_ANGLE = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request, and all that its answer needs: where it can be given, and for how long."""

    call: Call
    trigger: str = ""
    response_url: str = ""
    thread: str = ""
    view: Json | None = None
    home: bool = False

    @property
    def direct(self) -> bool:
        """In a direct message (Slack's ids of these begin with D)."""
        return self.call.channel.startswith("D")

    @property
    def in_modal(self) -> bool:
        return self.view is not None and self.view.get("type") == "modal"


def command(body: Json, realm: str) -> tuple[Asked, str, str]:
    """The request, the command's name without slash, the words after it."""
    call = Call(
        platform=PLATFORM,
        realm=realm,
        user=body["user_id"],
        channel=body.get("channel_id", ""),
        key=body["trigger_id"],
    )
    asked = Asked(call=call, trigger=body["trigger_id"], response_url=body.get("response_url", ""))
    return asked, str(body["command"]).removeprefix("/"), str(body.get("text") or "").strip()


def shortcut(body: Json, realm: str, workspace_url: str) -> tuple[Asked, str, Quoted]:
    """The request, the shortcut's name, the message that it was used on."""
    channel = str((body.get("channel") or {}).get("id", ""))
    call = _call(body, realm, channel, body["trigger_id"])
    asked = Asked(call=call, trigger=body["trigger_id"], response_url=body.get("response_url", ""))
    return asked, str(body["callback_id"]), quoted(body.get("message") or {}, channel, workspace_url)


def press(body: Json, realm: str) -> Asked:
    container, view = body.get("container") or {}, body.get("view")
    carried = Carried.parse((view or {}).get("private_metadata", ""))
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or carried.channel
    return Asked(
        call=_call(body, realm, channel, body["trigger_id"]),
        trigger=body["trigger_id"],
        response_url=body.get("response_url", ""),
        thread=str(container.get("thread_ts") or ""),
        view=view,
        home=carried.home or bool(view and view.get("type") == "home"),
    )


def submission(body: Json, realm: str) -> tuple[Asked, str]:
    """The request and the form's state. A form step is known by view id and hash (exact-rules, Requests)."""
    view = body["view"]
    carried = Carried.parse(view.get("private_metadata", ""))
    call = _call(body, realm, carried.channel, f"{view['id']} {view['hash']}")
    return Asked(call=call, trigger=body.get("trigger_id", ""), view=view, home=carried.home), carried.state


def event(body: Json, realm: str, user: str) -> Call:
    return Call(platform=PLATFORM, realm=realm, user=user, key=str(body.get("event_id", "")))


def quoted(message: Json, channel: str, workspace_url: str) -> Quoted:
    """The words as they are read, a link that costs no call, and when it was posted."""
    ts = str(message.get("ts") or "")
    if not ts:
        return Quoted()
    link = f"{workspace_url}archives/{channel}/p{ts.replace('.', '')}"
    thread = message.get("thread_ts")
    return Quoted(
        text=readable(str(message.get("text") or "")),
        link=link + (f"?thread_ts={thread}&cid={channel}" if thread and thread != ts else ""),
        at=datetime.fromtimestamp(float(ts), UTC),
    )


def readable(text: str) -> str:
    """Slack's message text without its own syntax: a link as its words and address, a mention as a word."""
    return html.unescape(_ANGLE.sub(_said, text))


def _said(match: re.Match[str]) -> str:
    target, label = match.group(1), match.group(2)
    if target[:1] in {"@", "#", "!"}:
        return label or (target.replace("!", "@", 1) if target.startswith("!") else target)
    address = target.removeprefix("mailto:")
    return f"{label} ({address})" if label and label not in address else address


def _call(body: Json, realm: str, channel: str, key: str) -> Call:
    return Call(platform=PLATFORM, realm=realm, user=str(body["user"]["id"]), channel=channel, key=key)
