"""The Bot Framework's key server, and the signed tokens of requests to the bot: good ones and every forgery."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.teams.state import Json

ISSUER = "https://api.botframework.com"
OPENID, JWKS = "/v1/.well-known/openidconfiguration", "/v1/.well-known/keys"
HOUR = 3600
LONG_AGO = 600
"""Seconds: beyond the five minutes by which clocks may differ."""
_POOL: list[rsa.RSAPrivateKey] = []


def private_key(number: int) -> rsa.RSAPrivateKey:
    """The same for each test: making one takes its time."""
    while len(_POOL) <= number:
        _POOL.append(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    return _POOL[number]


@dataclass
class Key:
    kid: str
    private: rsa.RSAPrivateKey
    endorsements: list[str] = field(default_factory=lambda: ["msteams"])

    def public(self) -> Json:
        """As the key document holds it."""
        text: str = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key())
        numbers = {name: json.loads(text)[name] for name in ("n", "e")}
        return {"kty": "RSA", "use": "sig", "kid": self.kid, "x5t": self.kid, **numbers} | (
            {"endorsements": self.endorsements} if self.endorsements else {}
        )

    def pem(self) -> bytes:
        public = self.private.public_key()
        return public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def _part(value: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class Keys:
    """`trouble`: "" or one of TROUBLES, for both documents, as long as it stands. `slow` is in seconds."""

    TROUBLES = ("", "hang", "500", "slow", "html", "empty", "close")

    def __init__(self, app_id: str) -> None:
        self.app_id = app_id
        self.trouble = ""
        self.slow = 5.0
        self.fetches: list[str] = []
        self.base = ""
        self._made = 0
        self._released = asyncio.Event()
        self.signing = self._new()
        self.unendorsed = self._new(endorsements=[])
        self.stranger = self._new()  # signs, but stands in no document
        self.published = [self.signing, self.unendorsed]

    def _new(self, **facts: Any) -> Key:
        self._made += 1
        return Key(f"key-{self._made}", private_key(self._made - 1), **facts)

    def rotate(self, *, keep: bool = True) -> Key:
        """A new signing key, published at once; the old one stays in the document if `keep`."""
        old, self.signing = self.signing, self._new()
        self.published.append(self.signing)
        if not keep:
            self.published.remove(old)
        return self.signing

    # -- documents ------------------------------------------------------------------------------

    def mount(self, app: web.Application) -> None:
        app.router.add_get(OPENID, self._openid)
        app.router.add_get(JWKS, self._jwks)

    async def _openid(self, request: web.Request) -> web.StreamResponse:
        document = {
            "issuer": ISSUER,
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": f"{self.base}{JWKS}",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }
        return await self._serve(request, "openid", document)

    async def _jwks(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "jwks", {"keys": [key.public() for key in self.published]})

    async def _serve(self, request: web.Request, name: str, document: Json) -> web.StreamResponse:
        self.fetches.append(name)
        match self.trouble:
            case "500":
                return web.Response(status=500, text="Internal Server Error")
            case "html":
                return web.Response(text="<html>Down</html>", content_type="text/html")
            case "empty":
                return web.json_response({})
            case "slow":
                await asyncio.sleep(self.slow)
            case "hang":
                await self._released.wait()
            case "close" if request.transport:
                request.transport.abort()
        return web.json_response(document)

    def release(self) -> None:
        """Let go of whoever hangs."""
        self._released.set()

    # -- tokens ---------------------------------------------------------------------------------

    def claims(self, service_url: str, **other: Any) -> Json:
        """Those of a good token, and `other`; None takes one away."""
        now = int(time.time())
        good = {
            "iss": ISSUER,
            "aud": self.app_id,
            "serviceurl": service_url,
            "nbf": now - 1,
            "exp": now + HOUR,
        }
        return {name: value for name, value in (good | other).items() if value is not None}

    def token(self, service_url: str, **other: Any) -> str:
        """A good one, unless `other` claims make it something else."""
        return self.signed(self.claims(service_url, **other), self.signing)

    @staticmethod
    def signed(claims: Json, key: Key, kid: str | None = None) -> str:
        return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": kid or key.kid})

    def forge(self, kind: str, service_url: str) -> str:
        """A token that must be refused; `kind` is one of FORGERIES."""
        return FORGERIES[kind](self, service_url)

    def _hs256(self, service_url: str) -> str:
        """Signed with the public key as if it were a shared secret."""
        head = _part({"alg": "HS256", "typ": "JWT", "kid": self.signing.kid})
        body = f"{head}.{_part(self.claims(service_url))}"
        digest = hmac.new(self.signing.pem(), body.encode(), hashlib.sha256).digest()
        return f"{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    def _unsigned(self, service_url: str) -> str:
        head = _part({"alg": "none", "typ": "JWT", "kid": self.signing.kid})
        return f"{head}.{_part(self.claims(service_url))}."

    def _without_kid(self, service_url: str) -> str:
        return jwt.encode(self.claims(service_url), self.signing.private, algorithm="RS256")

    def _tampered(self, service_url: str) -> str:
        head, _, signature = self.token(service_url).split(".")
        return f"{head}.{_part(self.claims(service_url, extra='yes'))}.{signature}"


def _past() -> Json:
    now = int(time.time())
    return {"nbf": now - 2 * HOUR, "exp": now - LONG_AGO}


FORGERIES: dict[str, Callable[[Keys, str], str]] = {
    "expired": lambda k, url: k.token(url, **_past()),
    "not yet valid": lambda k, url: k.token(url, nbf=int(time.time()) + LONG_AGO),
    "wrong audience": lambda k, url: k.token(url, aud="00000000-0000-4000-8000-00000000ffff"),
    "missing audience": lambda k, url: k.token(url, aud=None),
    "wrong issuer": lambda k, url: k.token(url, iss="https://sts.windows.net/evil/"),
    "issuer of the emulator": lambda k, url: k.token(
        url, iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
    ),
    "missing issuer": lambda k, url: k.token(url, iss=None),
    "alg none": Keys._unsigned,
    "HS256 with the public key": Keys._hs256,
    "unknown key": lambda k, url: k.signed(k.claims(url), k.stranger),
    "missing key id": Keys._without_kid,
    "another's signature": lambda k, url: k.signed(k.claims(url), k.stranger, k.signing.kid),
    "changed after signing": Keys._tampered,
    "key without endorsement": lambda k, url: k.signed(k.claims(url), k.unendorsed),
    "missing exp": lambda k, url: k.token(url, exp=None),
    "other service address": lambda k, url: k.token(f"{url}evil/"),
    "missing service address": lambda k, url: k.token(url, serviceurl=None),
    "no token at all": lambda _k, _url: "",
    "garbage": lambda _k, _url: "not.a.token",
}
