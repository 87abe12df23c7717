"""MailChat: the port `Chat` by mail. Sending never raises; retrying belongs to the outbox alone."""

import asyncio
import logging
import ssl
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPResponseException

from adapters.mail import render
from adapters.mail.server import Sender, Server
from adapters.mail.trouble import ADDRESSED, LETTING_IN, NotLetIn, outcome
from bot.outgoing import MAIL, Ambiguous, Dead, Outcome, Retry, Sent
from bot.ports import Address, Envelope

PLATFORM = MAIL
RATE, BURST, GAP = 5.0, 20, timedelta()
"""The pace (`scheduler.pace.Pace`): mails a second, mails at once, and no time between two to one mailbox."""
READY_SECONDS = 5.0
"""So long a server may take until it has the addresses: an alarm's lease is ten seconds."""
TURN_SECONDS = 2.0
"""So long a mail waits for one of few connections; with the above it ends before the lease does."""
AT_ONCE = 4
"""Connections at a time: many servers take no more of one client."""
log = logging.getLogger("smbot.mail")


class MailChat:
    """Hands each mail in over a connection of its own, so that one that hangs holds up no other.

    `context`: whom a TLS server's certificate is trusted from; None: the machine's own authorities.
    """

    platform = PLATFORM

    def __init__(self, server: Server, sender: Sender, context: ssl.SSLContext | None = None) -> None:
        self._server, self._sender = server, sender
        self._context = context or ssl.create_default_context()
        self._few = asyncio.Semaphore(AT_ONCE)

    async def post(self, envelope: Envelope) -> Outcome:
        """A mail. What happened before the server had all of it has not been sent; after that nobody knows."""
        try:
            mail = render.message(envelope, self._sender)
            options = ("SMTPUTF8",) if render.needs_utf8(envelope) else ()
            recipient = str(mail["To"].addresses[0].addr_spec)
        except (ValueError, UnicodeError, IndexError) as error:
            return _logged(Dead(reason="bad_address"), error)
        try:
            await asyncio.wait_for(self._few.acquire(), TURN_SECONDS)
        except TimeoutError as error:
            return _logged(Retry(reason="busy"), error)
        try:
            return await self._handed_in(mail, recipient, options)
        finally:
            self._few.release()

    async def edit(self, envelope: Envelope, ref: str) -> Outcome:  # noqa: ARG002
        """What has been sent by mail stays as it is."""
        return Dead(reason="mail_cannot_be_changed")

    async def find(self, envelope: Envelope, since: datetime) -> Sent | None | Outcome:  # noqa: ARG002
        """Nobody can look into another's mailbox."""
        return Ambiguous(reason="cannot_be_looked_up")

    async def members(self, address: Address) -> frozenset[str] | None:
        """A mailbox has one reader."""
        return frozenset({address.user})

    async def try_out(self) -> str:
        """Connect, be let in, do nothing: "" when that went well, else why not in a word. For `doctor`."""
        client = self._client()
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._enter(client)
                await client.noop()
        except Exception as error:
            return outcome(error, LETTING_IN).reason
        finally:
            await _leave(client)
        return ""

    # -- one mail -------------------------------------------------------------------------------

    async def _handed_in(self, mail: EmailMessage, recipient: str, options: tuple[str, ...]) -> Outcome:
        client, phase = self._client(), LETTING_IN
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._enter(client)
                phase = ADDRESSED
                await self._address(client, recipient, options)
        except Exception as error:
            client.close()
            return _logged(outcome(error, phase, utf8=bool(options)), error)
        try:
            await client.data(mail.as_bytes())
        except SMTPDataError as error:
            return _logged(outcome(error, ADDRESSED), error)
        except Exception as error:
            client.close()
            return _logged(Ambiguous(reason=type(error).__name__), error)
        finally:
            await _leave(client)
        return Sent(ref=str(mail["Message-ID"]), channel=PLATFORM)  # the address stands in the register alone

    def _client(self) -> SMTP:
        where = self._server
        return SMTP(
            hostname=where.host, port=where.port, local_hostname=self._sender.domain,
            use_tls=where.tls == "implicit", start_tls=False, tls_context=self._context, timeout=READY_SECONDS,
        )  # fmt: skip

    async def _enter(self, client: SMTP) -> None:
        """Connected, hidden from those on the way, and let in."""
        await client.connect()
        await client.ehlo()
        offered = client.supports_extension("starttls")
        if self._server.tls == "required" and not offered:
            raise NotLetIn("no_starttls")
        if offered and self._server.tls in ("required", "offered"):
            await client.starttls(tls_context=self._context)
            await client.ehlo()
        if self._server.user:
            await client.login(self._server.user, self._server.password)

    async def _address(self, client: SMTP, recipient: str, options: tuple[str, ...]) -> None:
        if options and not client.supports_extension("smtputf8"):
            raise SMTPResponseException(553, "no SMTPUTF8")
        encoding = "utf-8" if options else "ascii"
        await client.mail(self._sender.address, options=options, encoding=encoding)
        await client.rcpt(recipient, encoding=encoding)


async def _leave(client: SMTP) -> None:
    """Politely; the mail is in anyhow."""
    with suppress(SMTPException, OSError, TimeoutError):
        if client.is_connected:
            await client.quit(timeout=1.0)
    client.close()


def _logged(found: Outcome, error: Exception) -> Outcome:
    """The kind of trouble and the server's number, never its words: they may hold an address."""
    log.warning("a mail was not taken: %s (%s)", getattr(found, "reason", ""), type(error).__name__)
    return found
