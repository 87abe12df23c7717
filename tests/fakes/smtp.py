"""A real SMTP server in this process (aiosmtpd): it keeps what it was handed, and refuses or hangs up where a test says so."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

WORDS = {421: "Try later", 451: "Busy", 550: "No such mailbox", 552: "Too large"}


@dataclass
class Mail:
    """One mail as the server got it."""

    sender: str
    to: str
    raw: bytes
    secret: bool  # it came over TLS
    user: str

    @property
    def message(self) -> EmailMessage:
        return BytesParser(policy=default).parsebytes(self.raw)  # type: ignore[return-value]

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return str(self.message.get_body(("plain",)).get_content())

    @property
    def html(self) -> str:
        return str(self.message.get_body(("html",)).get_content())


@dataclass
class Server:
    """`codes`: what it answers to RCPT, by address; "" is all. `at_end`: to the end of DATA, 0 hangs up instead; `at_sender`: to MAIL."""

    inbox: list[Mail] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    at_end: list[int] = field(default_factory=list)
    at_sender: list[int] = field(default_factory=list)
    takes: tuple[str, str] = ("", "")
    port: int = 0

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.inbox if mail.to == address]

    # -- aiosmtpd calls these -------------------------------------------------------------------

    async def handle_MAIL(
        self, _server: SMTP, _session: Any, envelope: Any, address: str, options: list
    ) -> str:
        if self.at_sender:
            return f"{self.at_sender.pop(0)} Not so"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Any, envelope: Any, address: str, options: list
    ) -> str:
        code = self.codes.get(address) or self.codes.get("")
        if code:
            return f"{code} {WORDS[code]}"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        code = self.at_end.pop(0) if self.at_end else 250
        if code in (0, 250):
            secret = server.transport.get_extra_info("sslcontext") is not None
            user = session.auth_data.login.decode() if session.auth_data else ""
            self.inbox += [
                Mail(envelope.mail_from, to, envelope.content, secret, user) for to in envelope.rcpt_tos
            ]
        if code == 0:
            server.transport.abort()
            await asyncio.Event().wait()
        return f"{code} {WORDS.get(code, 'OK')}"

    def let_in(self, _server: SMTP, _session: Any, _envelope: Any, mechanism: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode()) if mechanism in ("LOGIN", "PLAIN") else ("", "")
        return AuthResult(success=given == self.takes, handled=False, auth_data=data)


@asynccontextmanager
async def smtp(
    *, tls: str = "", user: tuple[str, str] = ("", ""), port: int = 0, **more: Any
) -> AsyncIterator[Server]:
    """A server on 127.0.0.1. `tls`: "implicit", "offered", "required" (by STARTTLS), or none. `user`: name and password."""
    box = Server(takes=user)
    inside = _inside() if tls in ("offered", "required") else None

    def answer() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # that a password may come without TLS is what some tests are about
            return SMTP(box, hostname="localhost", enable_SMTPUTF8=more.get("utf8", True), tls_context=inside,
                        require_starttls=tls == "required", authenticator=box.let_in if user[0] else None,
                        auth_required=bool(user[0]), auth_require_tls=False)  # fmt: skip

    running = await asyncio.get_running_loop().create_server(
        answer, "127.0.0.1", port, ssl=_inside() if tls == "implicit" else None
    )
    box.port = running.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        running.close()
        for task in [t for t in asyncio.all_tasks() if "SMTP._handle_client" in repr(t.get_coro())]:
            task.cancel()
        await asyncio.sleep(0)


# -- certificates -------------------------------------------------------------------------------


@cache
def authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A test's own certificate authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _signed("test authority", key, None, ca=True), key


def trusting() -> ssl.SSLContext:
    """Whoever trusts that authority, and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=_pem(authority()[0]).decode())
    return context


@cache
def _inside() -> ssl.SSLContext:
    """The server's: a certificate of that authority for 127.0.0.1 and localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed("localhost", key, authority(), ca=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "server.pem"
        file.write_bytes(_private(key) + _pem(certificate))
        context.load_cert_chain(file)
    return context


def _signed(
    name: str, key: ec.EllipticCurvePrivateKey, by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
    *, ca: bool,
) -> x509.Certificate:  # fmt: skip
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(by[0].subject if by else subject)
    made = made.public_key(key.public_key()).serial_number(2 if by else 1)
    made = made.not_valid_before(start).not_valid_after(start + dt.timedelta(days=30_000))
    made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    above = (by[1] if by else key).public_key()
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
    if not ca:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(by[1] if by else key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
