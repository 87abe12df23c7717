"""How fast one platform is written to, so that it need not tell us to wait. Real time; the level is in the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.outgoing import Tokens


@dataclass(frozen=True)
class Pace:
    """A bucket of `burst` tokens that fills at `rate` a second. One token in ten is kept for alarms.

    `gap`: the least time between two posts in one place; alarms go past it. Slack: one message a second and channel.
    """

    rate: float = 5.0
    burst: int = 20
    gap: timedelta = timedelta(seconds=1)

    def take(self, last: Tokens | None, real: datetime, *, urgent: bool) -> Tokens | None:
        """What is left when a token is taken; None where there is none to take. An alarm may take the last."""
        left = self._filled(last, real) - 1
        floor = 0.0 if urgent else self.burst / 10
        at = max(real, last.at) if last else real  # who waited for its turn came with an earlier moment
        return Tokens(tokens=left, at=at) if left >= floor else None

    def wait(self, last: Tokens | None, real: datetime) -> timedelta:
        """How long until a token may be taken that is not for an alarm, if nobody else takes it."""
        missing = 1 + self.burst / 10 - self._filled(last, real)
        return timedelta(seconds=max(0.0, missing / self.rate))

    def _filled(self, last: Tokens | None, real: datetime) -> float:
        if last is None:
            return float(self.burst)
        earned = max(0.0, (real - last.at).total_seconds()) * self.rate
        return min(float(self.burst), last.tokens + earned)
