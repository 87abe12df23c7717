"""What became of a mail that was not taken, told by when that was and by the server's number."""

import ssl
from datetime import timedelta

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from bot.outgoing import Dead, Retry

LETTING_IN, ADDRESSED = "letting_in", "addressed"
"""When it was: while connecting and logging in, or after that."""
PERMANENT = 500
NOT_THIS_SENDER = frozenset({530, 535, 550, 553})
"""Log in first, not let in, not allowed, not an address: what a server says of a sender that it takes nothing from."""
AGAIN = timedelta(seconds=30)


class NotLetIn(Exception):
    """The server is not one that we hand mail to, or it does not let us in; somebody has to mend that."""


def outcome(error: Exception, phase: str, *, utf8: bool = False) -> Retry | Dead:
    """Nothing was sent. It is dead only where the server said so of this mail for good.

    What is wrong between the server and us (certificate, password, sender) keeps all mail waiting, and is said.
    `utf8`: the server was asked for SMTPUTF8, as only this mail's address needs: its no to the sender may be to that.
    """
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return _shut_out("certificate")
    match error:
        case NotLetIn():
            return _shut_out(str(error))
        case SMTPAuthenticationError(code=code):
            return _shut_out(f"login_{code}") if code >= PERMANENT else Retry(reason=f"login_{code}")
        case SMTPSenderRefused(code=code):
            return _of_sender(code, utf8=utf8)
        case SMTPRecipientRefused(code=code):
            return (
                Dead(reason=f"recipient_{code}") if code >= PERMANENT else Retry(reason=f"recipient_{code}")
            )
        case SMTPResponseException(code=code) if phase == ADDRESSED and code >= PERMANENT:
            return Dead(reason=f"refused_{code}")
        case SMTPResponseException(code=code):
            return Retry(reason=f"smtp_{code}")
        case _:
            cause = error.__cause__
            return Retry(reason=type(cause if isinstance(cause, Exception) else error).__name__)


def _of_sender(code: int, *, utf8: bool) -> Retry | Dead:
    """A no to MAIL FROM may be to the sender, and so to all mail, or to this mail's size or letters."""
    reason = f"sender_{code}"
    if code in NOT_THIS_SENDER and not utf8:
        return _shut_out(reason)
    return Dead(reason=reason) if code >= PERMANENT else Retry(reason=reason)


def _shut_out(reason: str) -> Retry:
    return Retry(after=AGAIN, wide=True, reason=reason, shut_out=True)
