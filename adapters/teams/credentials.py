"""The bot's own access token: OAuth2 client credentials, by secret or by certificate (RFC 6749 4.4, RFC 7523).

The SDK's credentials are not used: they fetch a token for every turn, and block the event loop while they do
(docs/decisions/0008).
"""

import asyncio
import base64
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from adapters.teams.trouble import NotSent, Refused

SCOPE = "https://api.botframework.com/.default"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTED = timedelta(minutes=5)
EARLY = 300.0
"""Seconds before its end from which a token is renewed; half its life, where that is less."""
SPARE = 10.0
"""Seconds before its end from which a token is not used any more: it has to get there."""
SOON = 3.0
"""Seconds between two fetches while there is no token."""
RARELY = 30.0
"""Seconds between two fetches while the old one still serves."""
PATIENCE = 5.0
"""Seconds that a call waits for a token; the fetch goes on for the next one."""
FETCH = 10.0
log = logging.getLogger("smbot.teams")

Proof = Callable[[], Mapping[str, str]]
"""What shows the token server that we are who we say: form fields, made anew for each fetch."""


def by_secret(secret: str) -> Proof:
    return lambda: {"client_secret": secret}


def by_certificate(
    pem: bytes, app_id: str, token_url: str, now: Callable[[], datetime], new_id: Callable[[], str]
) -> Proof:
    """By a PEM file with private key and certificate. Raises ValueError for anything else.

    PS256 with the certificate's SHA-256 thumbprint, as Entra's "certificate credentials" asks for.
    """
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the private key is no RSA key")  # noqa: TRY004  what is wrong is the file
    certificate = x509.load_pem_x509_certificate(pem)
    if certificate.public_key() != key.public_key():
        raise ValueError("the certificate is not of this private key")
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()

    def proof() -> Mapping[str, str]:
        at = now()
        claims = {"aud": token_url, "iss": app_id, "sub": app_id, "jti": new_id(),
                  "iat": at, "nbf": at, "exp": at + ASSERTED}  # fmt: skip
        signed = jwt.encode(claims, key, algorithm="PS256", headers={"x5t#S256": thumbprint})
        return {"client_assertion_type": ASSERTION, "client_assertion": signed}

    return proof


@dataclass(frozen=True, kw_only=True)
class Given:
    """A token, and from which moments on it is renewed and not used any more (seconds that have elapsed)."""

    token: str
    renewed_from: float
    used_until: float


class Tokens:
    """One token for all calls of the process: fetched once, kept, and renewed beside them."""

    def __init__(
        self, app_id: str, token_url: str, proof: Proof, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._app_id, self._url, self._proof, self._elapsed = app_id, token_url, proof, elapsed
        self._given: Given | None = None
        self._failed: Refused | NotSent | None = None
        self._begun = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def token(self) -> str:
        """Raises Refused(401) when the token server says no, NotSent when there is none within PATIENCE."""
        given = self._usable()
        if given is None:
            given = await self._waited()
        elif self._elapsed() >= given.renewed_from:
            self._fetch_once(RARELY)
        return given.token

    def spoilt(self, token: str) -> None:
        """Teams did not take it: the next call gets another one. Nothing happens for one that is replaced already."""
        if self._given and self._given.token == token:
            self._given = None

    async def close(self) -> None:
        """Let go of a fetch that is under way."""
        if self._fetching:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})

    def _usable(self) -> Given | None:
        return self._given if self._given and self._elapsed() < self._given.used_until else None

    async def _waited(self) -> Given:
        fetching = self._fetch_once(SOON)
        if fetching:
            await asyncio.wait({fetching}, timeout=PATIENCE)
        if given := self._usable():
            return given
        raise self._failed or NotSent("no token in time")

    def _fetch_once(self, pause: float) -> "asyncio.Task[None] | None":
        """One fetch for all who wait, and none within `pause` of one that failed."""
        if self._fetching is None or self._fetching.done():
            if self._failed and self._elapsed() - self._begun < pause:
                return None
            self._begun, self._failed = self._elapsed(), None
            self._fetching = asyncio.create_task(self._fetch(), name="teams_token")
        return self._fetching

    async def _fetch(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._app_id,
            "scope": SCOPE,
            **self._proof(),
        }
        try:
            self._given = _read(await posted(self._url, form), self._elapsed())
        except Refused as refused:
            self._failed = refused
        except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
            self._failed = NotSent(f"no token: {type(error).__name__}")
        if self._failed:
            log.warning("Teams' token was not given: %s", self._failed)


async def posted(url: str, form: Mapping[str, str]) -> Any:
    """What the token server answers to a form. Raises Refused for its no, aiohttp's errors, OSError, ValueError."""
    limit = aiohttp.ClientTimeout(total=FETCH)
    async with (
        aiohttp.ClientSession(timeout=limit) as session,
        session.post(url, data=form, allow_redirects=False) as answer,
    ):
        found = json.loads(await answer.read())
        if 400 <= answer.status < 500:
            raise Refused(401, str(found["error"]))
        answer.raise_for_status()
        return found


def _read(found: Any, at: float) -> Given:
    lasts = float(found["expires_in"])
    token = str(found["access_token"])
    return Given(token=token, renewed_from=at + lasts - min(EARLY, lasts / 2), used_until=at + lasts - SPARE)
