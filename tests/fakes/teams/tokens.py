"""Microsoft Entra's token server: client credentials, by secret or by certificate."""

import asyncio
import json
import time
from dataclasses import dataclass, field

import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.fakes.teams.state import Json

SCOPE = "https://api.botframework.com/.default"
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CODES = {
    "invalid_client": 7000215,
    "unauthorized_client": 700016,
    "invalid_scope": 70011,
    "invalid_request": 900144,
}


class Refused(Exception):
    """An OAuth error by name."""


@dataclass
class Tokens:
    """Gives access tokens and knows them again. `certificate` is a PEM; `seconds` is how long a token lives.

    `trouble`: "" or "refuse", "500", "html", "hang", "close"; `delay` in seconds before each answer.
    """

    app_id: str
    tenant: str
    secret: str
    certificate: bytes | None = None
    seconds: int = 3599
    delay: float = 0.0
    trouble: str = ""
    base: str = ""
    fetches: list[float] = field(default_factory=list)  # time.perf_counter() at arrival
    refusals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._given: dict[str, float] = {}
        self._released = asyncio.Event()

    @property
    def url(self) -> str:
        return f"{self.base}/{self.tenant}/oauth2/v2.0/token"

    def good(self, token: str) -> bool:
        """Whether it was given here and has not ended."""
        return self._given.get(token, 0.0) > time.monotonic()

    def revoke(self) -> None:
        """No token given until now is taken any more."""
        self._given.clear()

    def release(self) -> None:
        self._released.set()

    def mount(self, app: web.Application) -> None:
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.fetches.append(time.perf_counter())
        await asyncio.sleep(self.delay)
        match self.trouble:
            case "500":
                return web.Response(status=500, text="Internal Server Error")
            case "html":
                return web.Response(text="<html>Sign in</html>", content_type="text/html")
            case "hang":
                await self._released.wait()
            case "close" if request.transport:
                request.transport.abort()
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            self._check(request.match_info["tenant"], form)
        except Refused as refused:
            return self._no(str(refused))
        return web.json_response(self._give())

    def _give(self) -> Json:
        token = f"eyJ.{len(self.fetches)}.{time.monotonic_ns()}"
        self._given[token] = time.monotonic() + self.seconds
        shown = {"token_type": "Bearer", "expires_in": self.seconds, "ext_expires_in": self.seconds}
        return shown | {"access_token": token}

    def _check(self, tenant: str, form: dict[str, str]) -> None:
        if self.trouble == "refuse":
            raise Refused("invalid_client")
        if tenant != self.tenant or form.get("client_id") != self.app_id:
            raise Refused("unauthorized_client")
        if form.get("grant_type") != "client_credentials":
            raise Refused("invalid_request")
        if form.get("scope") != SCOPE:
            raise Refused("invalid_scope")
        if "client_assertion" in form:
            self._check_assertion(form)
        elif form.get("client_secret") != self.secret:
            raise Refused("invalid_client")

    def _check_assertion(self, form: dict[str, str]) -> None:
        """RFC 7523: signed by the certificate's key, for this very address, and soon over."""
        if self.certificate is None or form.get("client_assertion_type") != BEARER:
            raise Refused("invalid_client")
        certificate = x509.load_pem_x509_certificate(self.certificate)
        key, wanted = certificate.public_key(), ["aud", "exp", "iss", "sub", "jti"]
        assert isinstance(key, RSAPublicKey)
        try:
            claims = jwt.decode(
                form["client_assertion"],
                key,
                algorithms=["RS256", "PS256"],
                audience=self.url,
                options={"require": wanted},
            )
        except jwt.PyJWTError as fault:
            raise Refused("invalid_client") from fault
        if {claims["iss"], claims["sub"]} != {self.app_id}:
            raise Refused("invalid_client")
        head = jwt.get_unverified_header(form["client_assertion"])
        if not {"x5t", "x5t#S256"} & set(head):
            raise Refused("invalid_client")

    def _no(self, error: str) -> web.Response:
        self.refusals.append(error)
        code = CODES[error]
        body = {"error": error, "error_description": f"AADSTS{code}: refused.", "error_codes": [code]}
        status = 401 if error == "invalid_client" else 400
        return web.Response(status=status, text=json.dumps(body), content_type="application/json")
