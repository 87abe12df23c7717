"""Where mail is handed in, and as whom: SMBOT_SMTP_URL and SMBOT_MAIL_FROM, taken apart and checked."""

from dataclasses import dataclass, field
from email.utils import getaddresses
from ipaddress import ip_address
from typing import Literal, get_args
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from bot.mailbox import mailbox
from bot.model import Refused
from bot.plain import bare

Tls = Literal["implicit", "required", "offered", "never"]
"""From the first byte; by STARTTLS, or nothing is sent; by STARTTLS where the server has it; not at all."""
PORTS = {"smtp": 587, "smtps": 465}
PLAIN_PORT = 25
"""Of a server on this machine, which takes mail without a password."""


class BadServer(Exception):
    """The address of the server, or of the sender, cannot be used; `key` is the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, kw_only=True)
class Server:
    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who the mail is from: `Sociala medier <smbot@larosatet.se>`, or the address alone."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """Its domain as a mail server writes it."""
        return ascii_domain(self.address)


def server(url: str) -> Server:
    """Of `smtp://user:password@host:port?starttls=…` or `smtps://…`. Raises BadServer.

    Without TLS only on this machine: everywhere else STARTTLS is required.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadServer("smtp_url") from None
    if parts.scheme not in PORTS or not host or parts.path.strip("/"):
        raise BadServer("smtp_url")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise BadServer("smtp_password")
    tls = _tls(parts, host)
    usual = PORTS[parts.scheme] if user or not is_here(host) or tls == "implicit" else PLAIN_PORT
    return Server(host=host, port=port or usual, tls=tls, user=user, password=password)


def _tls(parts: SplitResult, host: str) -> Tls:
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    how = asked.pop("starttls", "")
    if asked or (how and how not in get_args(Tls)[1:]) or (how and parts.scheme == "smtps"):
        raise BadServer("smtp_options")
    if how in ("never", "offered") and not is_here(host):
        raise BadServer("smtp_plain")
    if parts.scheme == "smtps":
        return "implicit"
    if how == "never":
        return "never"
    return "offered" if how == "offered" or (not how and is_here(host)) else "required"


def is_here(host: str) -> bool:
    """Whether it is this machine, so that nobody on the way reads along."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def sender(text: str) -> Sender:
    """Its domain in letters that every server knows. Raises BadServer for what is no address, or more than one, or has
    letters before the @ that some servers do not take."""
    found = getaddresses([text])
    if len(found) != 1 or set(text) & {"\r", "\n"}:
        raise BadServer("mail_from")
    name, address = found[0]
    try:
        local, domain = mailbox(address).rpartition("@")[0], ascii_domain(address)
    except (Refused, UnicodeError):
        raise BadServer("mail_from") from None
    if not local.isascii():
        raise BadServer("mail_from")
    return Sender(address=f"{local}@{domain}", name=" ".join(bare(name).split()))


def ascii_domain(address: str) -> str:
    """The domain in the letters that every mail server knows. Raises ValueError for one that is none."""
    return address.rpartition("@")[2].encode("idna").decode("ascii")
