"""Slack, put together from the settings: receiver, sender and transport."""

from pydantic import SecretStr

from adapters.slack import trouble
from adapters.slack.people import SlackDirectory
from adapters.slack.receive import SlackReceiver
from adapters.slack.send import PLATFORM, SlackChat
from adapters.slack.transport import Http, Socket
from scheduler.pace import Pace
from smbot import beside
from smbot.serve import CannotStart, Service
from smbot.wiring import Parts


class OnSlack:
    """One workspace."""

    def __init__(self, parts: Parts) -> None:
        settings = parts.settings
        token, self._signing_secret = (
            _secret(settings.slack_bot_token),
            _secret(settings.slack_signing_secret),
        )
        self._app_token = _secret(settings.slack_app_token)
        self._store, self._desk = parts.store, parts.desk
        self._receiver = SlackReceiver(
            parts.desk,
            token=token,
            signing_secret=self._signing_secret,
            api_url=settings.smbot_slack_api_url,
            language=settings.smbot_language,
        )
        self.chat = SlackChat(token, settings.smbot_slack_api_url)
        self.pace = Pace()

    @property
    def directory(self) -> SlackDirectory:
        return self._receiver.directory

    async def begin(self) -> None:
        try:
            await self._receiver.start()
        except Exception as error:
            raise CannotStart("setup.slack_refused", why=trouble.name(error)) from error

    def attach(self, service: Service) -> None:
        """Socket Mode when an app token is set, else signed HTTP."""
        if self._app_token:
            socket = Socket(self._receiver, self._app_token)
            service.transports.append(socket)
            service.at_start.append(lambda: _connect(socket))
        else:
            http = Http(self._receiver, self._signing_secret)
            http.mount(service.app)
            service.transports.append(http)
        service.beside += [
            lambda: beside.refresh(self._receiver),
            lambda: beside.check_people(self._store, PLATFORM, self._receiver),
            lambda: beside.look_for_missing(self._desk, self._store, self._receiver.directory),
            lambda: beside.look_at_places(self._store, PLATFORM, self._receiver.directory),
        ]


async def _connect(socket: Socket) -> None:
    try:
        await socket.connect()
    except Exception as error:
        raise CannotStart("setup.socket_refused", why=trouble.name(error)) from error


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
