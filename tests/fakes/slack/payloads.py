"""The payloads that Slack sends, from the workspace's state."""

from typing import Any

from tests.fakes.slack.forms import message_values
from tests.fakes.slack.state import Channel, File, Json, Message, View, Workspace


class Payloads:
    def __init__(self, space: Workspace) -> None:
        self.space = space

    def _user(self, user: str) -> Json:
        person = self.space.users[user]
        return {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id}

    def _base(self, kind: str, user: str) -> Json:
        return {
            "type": kind,
            "team": {"id": self.space.team_id, "domain": "university"},
            "user": self._user(user),
            "api_app_id": self.space.app_id,
            "token": "verification",
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _channel(self, channel: str) -> Json:
        place = self.space.channels[channel]
        names = {"im": "directmessage", "private": "privategroup"}
        return {"id": channel, "name": names.get(place.kind, place.name)}

    def command(self, user: str, name: str, text: str, channel: str, response_url: str) -> Json:
        person = self.space.users[user]
        return {
            "token": "verification",
            "team_id": person.team_id,
            "team_domain": "university",
            "channel_id": channel,
            "channel_name": self._channel(channel)["name"],
            "user_id": user,
            "user_name": person.name,
            "command": name,
            "text": text,
            "api_app_id": self.space.app_id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": self.space.trigger(user),
        }

    def view(self, view: View) -> Json:
        return view.json(self.space.team_id, self.space.bot)

    def press_in_view(self, user: str, view: View, actions: list[Json]) -> Json:
        return self._base("block_actions", user) | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.space.trigger(user, None if view.body["type"] == "home" else view.id),
            "view": self.view(view),
            "actions": actions,
        }

    def press_in_message(self, user: str, message: Message, actions: list[Json], response_url: str) -> Json:
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": bool(message.ephemeral_to),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        out = self._base("block_actions", user) | {
            "container": container,
            "trigger_id": self.space.trigger(user),
            "channel": self._channel(message.channel),
            "state": {"values": message_values(message)},
            "response_url": response_url,
            "actions": actions,
        }
        if not message.ephemeral_to:  # Slack does not show the app its own ephemeral message again
            out["message"] = message.json(self.space.team_id, self.space.bot)
        return out

    def submission(self, user: str, view: View) -> Json:
        return self._base("view_submission", user) | {
            "trigger_id": self.space.trigger(user, view.id),
            "view": self.view(view),
            "response_urls": [],
        }

    def closed(self, user: str, view: View, *, cleared: bool) -> Json:
        return self._base("view_closed", user) | {"view": self.view(view), "is_cleared": cleared}

    def global_shortcut(self, user: str, callback_id: str) -> Json:
        return self._base("shortcut", user) | {
            "callback_id": callback_id,
            "trigger_id": self.space.trigger(user),
            "action_ts": self.space.ts(),
        }

    def message_shortcut(self, user: str, callback_id: str, message: Message, response_url: str) -> Json:
        return self._base("message_action", user) | {
            "callback_id": callback_id,
            "trigger_id": self.space.trigger(user),
            "action_ts": self.space.ts(),
            "message_ts": message.ts,
            "channel": self._channel(message.channel),
            "message": message.json(self.space.team_id, self.space.bot),
            "response_url": response_url,
        }

    def suggestion(self, user: str, view: View, block: Json, element: Json, typed: str) -> Json:
        return self._base("block_suggestion", user) | {
            "container": {"type": "view", "view_id": view.id},
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "value": typed,
            "view": self.view(view),
        }

    def event(self, event: Json) -> Json:
        ts = self.space.ts()
        return {
            "token": "verification",
            "team_id": self.space.team_id,
            "api_app_id": self.space.app_id,
            "event": event | {"event_ts": ts},
            "type": "event_callback",
            "event_id": self.space.mint("Ev0"),
            "event_time": int(float(ts)),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self.space.team_id,
                    "user_id": self.space.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": "4-fake",
        }

    def home_opened(self, user: str, channel: Channel, view: View | None) -> Json:
        out: dict[str, Any] = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": "home"}
        return out | ({"view": self.view(view)} if view else {})

    def file_shared(self, file: File, ts: str) -> Json:
        return {"type": "file_shared", "channel_id": file.channel, "file_id": file.id, "user_id": file.user,
                "file": {"id": file.id}, "event_ts": ts}  # fmt: skip

    def member_joined(self, user: str, channel: Channel) -> Json:
        letter = {"public": "C", "private": "G"}.get(channel.kind, "C")
        return {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": letter,
            "team": self.space.team_id,
        }
