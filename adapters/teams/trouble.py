"""What became of a call that Teams did not simply answer: three errors, and a total map from every trouble to an Outcome."""

from datetime import timedelta
from http import HTTPStatus

from bot.outgoing import Ambiguous, Dead, Retry

BAD_ADDRESS, TOO_BIG = "bad_service_url", "too_big"
GONE = frozenset({"BotNotInConversationRoster", "MessageWritesBlocked", "ConversationBlockedByUser"})
"""Teams' words for: the app was removed there, or somebody blocked the bot. Nothing is sent until it is heard of again."""
AGAIN = frozenset({407, 408, 409, 412, 425, 429})
"""Answers that say that nothing was done, and may be otherwise next time (teams-rules, back-off)."""
LOCKED_OUT = timedelta(seconds=30)
"""How long all of Teams waits when our own token is not taken."""


class Refused(Exception):
    """An answer that says no. `code`: Teams' name of it, "" without one; `after`: how long it asks us to wait."""

    def __init__(self, status: int, code: str = "", after: timedelta | None = None) -> None:
        super().__init__(f"{status} {code}".strip())
        self.status, self.code, self.after = status, code, after


class NotSent(Exception):
    """Nothing left this machine: no connection, or no token to go with it."""


class Unsure(Exception):
    """It left, and no answer came that can be read: it may have been done."""


def outcome(error: Exception) -> Retry | Ambiguous | Dead:
    """For a call that changes something. Retry: nothing arrived. Ambiguous: it may have. Dead: it never can."""
    match error:
        case Refused(status=HTTPStatus.UNAUTHORIZED):
            return Retry(after=LOCKED_OUT, wide=True, reason=name(error), shut_out=True)
        case Refused(status=status, after=after) if status in AGAIN:
            return Retry(after=after, reason=name(error))
        case Refused(status=status) if 400 <= status < 500:
            return Dead(reason=name(error))
        case NotSent():
            return Retry(reason=name(error))
    return Ambiguous(reason=name(error))


def opening(error: Exception) -> Retry | Dead:
    """For what comes before a message is sent: a conversation that is opened twice is opened once."""
    found = outcome(error)
    return Retry(reason=found.reason) if isinstance(found, Ambiguous) else found


def editing(error: Exception) -> Retry | Ambiguous | Dead:
    """For a change of a message that stands. Dead: the message can never be changed again.

    Any refusal but of the message or its place is of this one card, and the next change of its case makes another.
    """
    found = outcome(error)
    if isinstance(found, Dead) and not (isinstance(error, Refused) and error.status in (403, 404)):
        return Ambiguous(reason=found.reason)
    return found


def is_gone(error: Exception) -> bool:
    """Whether the app was removed there, or the bot is blocked."""
    return isinstance(error, Refused) and error.status == HTTPStatus.FORBIDDEN and error.code in GONE


def name(error: Exception) -> str:
    """Teams' name of the error or its status; else what went wrong, or the kind of trouble."""
    if isinstance(error, Refused):
        return error.code or str(error.status)
    return str(error) if isinstance(error, NotSent | Unsure) else type(error).__name__
