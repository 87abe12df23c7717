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
AGAIN = timedelta(seconds=30)


class NotLetIn(Exception):
    """The server is not one that we hand mail to, or it does not let us in; somebody has to mend that."""


def outcome(error: Exception, phase: str) -> Retry | Dead:
    """Nothing was sent. It is dead only where the server said so of this mail for good.

    What is wrong between the server and us (certificate, password, sender) keeps all mail waiting, and is said.
    """
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return _shut_out("certificate")
    match error:
        case NotLetIn():
            return _shut_out(str(error))
        case SMTPAuthenticationError(code=code):
            return _shut_out(f"login_{code}") if code >= PERMANENT else Retry(reason=f"login_{code}")
        case SMTPSenderRefused(code=code):
            return _shut_out(f"sender_{code}") if code >= PERMANENT else Retry(reason=f"sender_{code}")
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


def _shut_out(reason: str) -> Retry:
    return Retry(after=AGAIN, wide=True, reason=reason, shut_out=True)
