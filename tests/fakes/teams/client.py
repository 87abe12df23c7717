"""FakeTeams: one tenant and more, and what its people do and see. See tests/fakes/teams/__init__.py for an example."""

import copy
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.fakes.teams import forms, reading
from tests.fakes.teams.connector import Call, Connector, Hook
from tests.fakes.teams.delivery import Delivery, Outcome
from tests.fakes.teams.files import Files
from tests.fakes.teams.hands import Hands
from tests.fakes.teams.keys import OPENID, Keys
from tests.fakes.teams.limits import Faults, Limits
from tests.fakes.teams.payloads import Payloads
from tests.fakes.teams.state import Json, Space
from tests.fakes.teams.tokens import Tokens

APP, TENANT = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
SECRET = "fake~secret.of.the.bot"


class FakeTeams(Hands):
    """Set `target` to the bot's /api/messages, or several of them."""

    def __init__(self, seed: int = 0, answer_within: float = 10.0) -> None:
        self.app_id, self.tenant, self.secret = APP, TENANT, SECRET
        self.space = Space(APP, TENANT, seed)
        self.keys, self.tokens = Keys(APP), Tokens(APP, TENANT, SECRET)
        self.limits, self.faults = Limits(self.space.now), Faults()
        self.connector = Connector(self.space, self.tokens, self.limits, self.faults)
        self.payloads, self.files = Payloads(self.space), Files(self.space)
        self.wire = Delivery(self.keys, seed, answer_within)
        self.violations = self.files.violations = self.connector.violations
        self.user_errors: list[
            tuple[str, str, str]
        ] = []  # user, what they did, why they saw "Something went wrong"
        self.deliveries: list[Outcome] = []
        self.base = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=4 * 1024**2)
        self.keys.mount(app)
        self.tokens.mount(app)
        self.connector.mount(app)
        self.files.mount(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = self.keys.base = self.tokens.base = self.files.base = (
            f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        )
        self.move_to_region("emea")
        await self.wire.start()

    async def stop(self) -> None:
        for hanging in (self.keys, self.tokens, self.connector, self.files):
            hanging.release()
        await self.wire.stop()
        if self._runner:
            await self._runner.cleanup()

    # -- settings and records -------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        """What `smbot run` needs to find this Teams."""
        return {
            "MICROSOFT_APP_ID": self.app_id,
            "MICROSOFT_APP_PASSWORD": self.secret,
            "MICROSOFT_APP_TENANT_ID": self.tenant,
            "SMBOT_TEAMS_OPENID_URL": self.openid_url,
            "SMBOT_TEAMS_TOKEN_URL": self.tokens.url,
        }

    @property
    def openid_url(self) -> str:
        return f"{self.base}{OPENID}"

    @property
    def service_url(self) -> str:
        """Where the bot shall send, as each activity says."""
        return self.payloads.service_url

    def move_to_region(self, region: str) -> None:
        """Activities name another service address from now on; the old one goes on working."""
        self.payloads.service_url = f"{self.base}/{region}/{self.tenant}/"

    @property
    def target(self) -> str | list[str]:
        return self.wire.target

    @target.setter
    def target(self, url: str | list[str]) -> None:
        self.wire.target = url

    @property
    def calls(self) -> list[Call]:
        """Every request of the bot to the connector, in order of arrival."""
        return self.connector.calls

    def called(self, method: str, since: float = 0.0) -> list[Call]:
        """The calls of one method that came after time.perf_counter() `since`."""
        return [c for c in self.calls if c.method == method and c.at >= since]

    def hooks(
        self,
        on_arrived: Hook | None = None,
        on_stored: Hook | None = None,
        on_sent: Callable[[], Any] | None = None,
    ) -> None:
        """on_arrived(call) before something is sent, changed or deleted: a true result drops the connection.
        on_stored(call, message) before the answer: a true result drops the answer.
        on_sent() when a person's activity has been written to the bot."""
        self.connector.on_arrived, self.connector.on_stored, self.wire.on_sent = (
            on_arrived,
            on_stored,
            on_sent,
        )

    def targeting(self, *, on: bool, refusal: int = 403) -> None:
        """Whether targeted messages are known here; `refusal` is what they are answered with otherwise."""
        self.connector.targeting, self.connector.targeting_refusal = on, refusal

    def skip(self, seconds: float) -> None:
        """Teams' own time moves on: pace, message times, what lives for a day. Tokens do not."""
        self.space.skipped += seconds

    async def wait_for(self, predicate: Callable[[], Any], timeout: float = 5.0) -> Any:
        """The predicate's first true value; asked again after each change."""
        try:
            return await self.space.wait_for(predicate, timeout)
        except TimeoutError:
            last = [(c.method, c.code or c.status) for c in self.calls[-8:]]
            told = [(o.status, o.reason) for o in self.deliveries[-4:]]
            raise AssertionError(
                f"waited {timeout} s in vain; last calls {last}, last answers {told}; {self.violations}"
            ) from None

    # -- delivery -------------------------------------------------------------------------------

    async def deliver(self, user: str, what: str, activity: Json) -> Outcome:
        """Send it; a failure is what the person sees."""
        outcome = await self.wire.send(user, activity)
        self.deliveries.append(outcome)
        if outcome.error:
            self.user_errors.append((user, what, outcome.reason))
        self.space.changed()
        return outcome

    async def again(self, outcome: Outcome) -> Outcome:
        """The very same activity once more. Its answer is handed back, not acted on."""
        if outcome.activity is None:
            raise LookupError("nothing was sent")
        return await self.wire.send(outcome.user, copy.deepcopy(outcome.activity))

    async def send(self, activity: Json, token: str | None = None) -> Outcome:
        """Any activity with any token ("" for none), as a stranger would: recorded nowhere."""
        return await self.wire.send("", activity, token)

    async def forged(self, kind: str, activity: Json) -> Outcome:
        """The activity with a token that must be refused; `kind` is one of keys.FORGERIES."""
        return await self.send(activity, self.keys.forge(kind, activity["serviceUrl"]))

    # -- what people see ------------------------------------------------------------------------

    def plain(self, thing: reading.Thing) -> str:
        """All words that a person reads in it, with button labels."""
        return reading.plain(thing)

    def buttons(self, thing: reading.Thing) -> list[str]:
        return reading.buttons(thing)

    def labels(self, thing: reading.Thing) -> list[str]:
        """What a form asks for, in order; a moment is asked once."""
        return forms.labels(thing)
