"""Activities as Teams sends them."""

import html
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.fakes.teams.state import BOT_NAME, Json, Message, Place, Space, Team, User


class Payloads:
    """Each method gives one activity. `service_url` varies by region and may change."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.service_url = ""

    def base(self, kind: str, user: User, place: Place, root: str = "", **more: Any) -> Json:
        """What every activity holds."""
        return {
            "type": kind,
            "id": f"f:{self.space.guid()}",
            "timestamp": self.space.stamp(),
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": user.account(),
            "conversation": self.conversation(place, root),
            "recipient": {"id": self.space.bot, "name": BOT_NAME},
            "channelData": self.channel_data(place),
            **more,
        }

    def conversation(self, place: Place, root: str = "") -> Json:
        where = {"conversationType": place.type, "tenantId": place.tenant}
        key = f"{place.id};messageid={root}" if root else place.id
        return where | {"id": key} | ({} if place.kind == "personal" else {"isGroup": True})

    def channel_data(self, place: Place) -> Json:
        data: Json = {"tenant": {"id": place.tenant}}
        if place.kind == "channel":
            data |= {"teamsChannelId": place.id, "teamsTeamId": place.team}
            data |= {"channel": {"id": place.id}, "team": {"id": place.team}}
        return data

    def local(self, user: User) -> Json:
        """The client's language and time; conversationUpdate has none of it."""
        here = datetime.fromtimestamp(self.space.now(), UTC).astimezone(ZoneInfo(user.zone))
        client = {
            "locale": user.locale,
            "country": user.locale[-2:],
            "platform": "Web",
            "timezone": user.zone,
        }
        return {
            "localTimestamp": here.isoformat(timespec="milliseconds"),
            "localTimezone": user.zone,
            "locale": user.locale,
            "entities": [{"type": "clientInfo", **client}],
        }

    # -- messages -------------------------------------------------------------------------------

    def message(
        self, user: User, place: Place, message: Message, *, mention: bool, slash: bool = False
    ) -> Json:
        root = (message.root or message.id) if place.kind == "channel" else ""
        activity = self.base("message", user, place, root, **self.local(user))
        at = f"<at>{BOT_NAME}</at>"
        text = f"{at} {message.text}\n" if mention else message.text
        shown = f"<div>{at if mention else ''} {html.escape(message.text, quote=False)}</div>"
        activity |= {"id": message.id, "text": text, "textFormat": "plain"}
        activity["attachments"] = [{"contentType": "text/html", "content": shown}]
        if mention:
            bot = {"id": self.space.bot, "name": BOT_NAME}
            activity["entities"].append({"type": "mention", "mentioned": bot, "text": at})
        if slash:
            activity["recipient"]["isTargeted"] = True
        return activity

    def files(self, user: User, message: Message, files: list[tuple[str, str, str]]) -> Json:
        """A message with files of that name, id and address, in somebody's own chat with the bot."""
        activity = self.message(user, self.space.places[message.place], message, mention=False)
        for name, ident, address in files:
            activity["attachments"].append({
                "contentType": "application/vnd.microsoft.teams.file.download.info",
                "contentUrl": address.partition("/_layouts")[0] + f"/Documents/{name}",
                "name": name,
                "content": {"downloadUrl": address, "uniqueId": ident, "fileType": name.rpartition(".")[2],
                            "etag": f'"{{{ident}}},1"'},
            })  # fmt: skip
        return activity

    # -- invokes --------------------------------------------------------------------------------

    def invoke(
        self, name: str, user: User, place: Place, value: Json, message: Message | None = None
    ) -> Json:
        root = (message.root or message.id) if message and place.kind == "channel" else ""
        activity = self.base("invoke", user, place, root, name=name, value=value)
        local = self.local(user)
        activity |= {k: v for k, v in local.items() if k != "localTimezone"}
        activity["channelData"]["source"] = {"name": "message"}
        return activity | ({"replyToId": message.id} if message else {})

    def message_payload(self, message: Message) -> Json:
        """What a message action says of its message."""
        author = self.space.users.get(message.user)
        who: Json = {"device": None, "conversation": None, "user": None, "application": None}
        if author:
            named = {"id": author.id, "displayName": author.name, "userIdentityType": "aadUser"}
            who["user"] = named
        else:
            bot = {"applicationIdentityType": "bot", "id": self.space.app_id, "displayName": BOT_NAME}
            who["application"] = bot
        return {
            "linkToMessage": f"https://teams.microsoft.com/l/message/{message.place}/{message.id}",
            "id": message.id,
            "replyToId": message.root or None,
            "createdDateTime": self.space.stamp(message.at),
            "lastModifiedDateTime": None,
            "deleted": False,
            "subject": None,
            "summary": None,
            "importance": "normal",
            "locale": "sv-se",
            "body": {"contentType": "html", "content": f"<div><div>{html.escape(message.text)}</div></div>"},
            "from": who,
            "reactions": [],
            "mentions": [],
            "attachments": [],
        }

    # -- events ---------------------------------------------------------------------------------

    def installation(self, user: User, place: Place, action: str) -> Json:
        activity = self.base("installationUpdate", user, place, action=action, locale=user.locale)
        activity["entities"] = [{"type": "clientInfo", "locale": user.locale}]
        activity["channelData"] |= {
            "settings": {"selectedChannel": {"id": place.id}},
            "source": {"name": "message"},
        }
        return activity

    def update(self, user: User, place: Place, event: str = "", **more: Any) -> Json:
        """A conversationUpdate: it tells no language."""
        activity = self.base("conversationUpdate", user, place, **more)
        if place.kind == "channel":
            activity["channelData"]["team"] = self._team(self.space.teams[place.team])
        if event:
            activity["channelData"]["eventType"] = event
        return activity

    @staticmethod
    def _team(team: Team) -> Json:
        return {"aadGroupId": team.group, "name": team.name, "id": team.id}
