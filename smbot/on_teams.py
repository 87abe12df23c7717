"""Teams, put together from the settings: receiver, sender, route, keys and token."""

import asyncio
from contextlib import suppress

import structlog

from adapters.teams.connector import Connector
from adapters.teams.credentials import Tokens, by_certificate, by_secret
from adapters.teams.http import TeamsHttp
from adapters.teams.people import TeamsDirectory
from adapters.teams.ports import PLATFORM, Contact, Reference, References
from adapters.teams.receive import TeamsReceiver
from adapters.teams.send import BURST, GAP, RATE, TeamsChat
from adapters.teams.trouble import NotSent, Refused
from adapters.teams.validate import Gate, Keys
from bot.texts import Texts
from scheduler.pace import Pace
from smbot import beside
from smbot.serve import CannotStart, Service
from smbot.settings import Settings
from smbot.wiring import Parts, RandomIds, SystemClock, trouble
from storage.references import SqlReferences
from storage.store import Store

log = structlog.get_logger("smbot")
WARM = 60.0
"""Seconds between two looks at the token: it is renewed before somebody has to wait for it."""


class OnTeams:
    """The tenants that may use the bot."""

    def __init__(self, parts: Parts) -> None:
        settings = parts.settings
        self._parts, self._app_id = parts, settings.microsoft_app_id or ""
        self._tokens = tokens(settings)
        self._connector = Connector(self._tokens)
        known = references(parts.store)
        self.directory = TeamsDirectory(known, self._connector, settings.tenants)
        self.chat = TeamsChat(self._connector, known, self._app_id, parts.desk.writes)
        self.pace = Pace(rate=RATE, burst=BURST, gap=GAP)
        self._receiver = TeamsReceiver(
            parts.desk,
            references=known,
            posts=self._connector,
            directory=self.directory,
            language=settings.smbot_language,
        )

    async def begin(self) -> None:
        """Nothing is asked: Teams may be slow, or away, while Slack is served. `keep_token` says so in the log."""

    def attach(self, service: Service) -> None:
        settings = self._parts.settings
        keys = None if settings.smbot_teams_allow_unsigned else Keys(settings.smbot_teams_openid_url)
        http = TeamsHttp(self._receiver, Gate(keys, self._app_id, settings.tenants), self._sorry)
        http.mount(service.app)
        service.transports.append(http)
        service.at_end.append(self._connector.close)
        service.beside += [
            self._keep_token,
            lambda: beside.refresh(self._receiver),
            lambda: beside.check_people(self._parts.store, PLATFORM, self._receiver),
            lambda: beside.look_at_places(self._parts.store, PLATFORM, self.directory),
        ]
        if keys:
            service.beside.append(keys.keep)

    async def _keep_token(self) -> None:
        """Runs along with the bot: the token is there before somebody waits for it."""
        while True:
            with suppress(Refused, NotSent):  # the log has it
                await self._tokens.token()
            await asyncio.sleep(WARM)

    def _sorry(self, error: BaseException) -> str:
        trace = self._parts.bot.ids.new()
        trouble(trace, error)
        return Texts(self._parts.settings.smbot_language)("sorry", trace=trace)


def references(store: Store) -> References:
    return SqlReferences(store, Reference, Contact)


def tokens(settings: Settings) -> Tokens:
    """Raises CannotStart for a certificate that is none."""
    app_id, url = settings.microsoft_app_id or "", settings.teams_token_url
    pem, secret = settings.microsoft_app_certificate, settings.microsoft_app_password
    if pem is None:
        return Tokens(app_id, url, by_secret(secret.get_secret_value() if secret else ""))
    try:
        proof = by_certificate(
            pem.get_secret_value().encode(), app_id, url, SystemClock().real, RandomIds().new
        )
    except ValueError as error:
        raise CannotStart("setup.bad_certificate", why=error) from error
    return Tokens(app_id, url, proof)
