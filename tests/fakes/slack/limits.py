"""Slack's pace and its troubles: token buckets for 429, and faults that a test orders."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}  # calls per minute, per method
SPECIAL = 300  # postMessage over all channels, getPermalink, auth.test
_TIER_OF = {
    "conversations.list": 2,
    "users.list": 2,
    "chat.update": 3,
    "chat.delete": 3,
    "conversations.history": 3,
    "conversations.replies": 3,
    "conversations.open": 3,
    "conversations.info": 3,
    "users.lookupByEmail": 3,
    "apps.connections.open": 3,
    "team.info": 3,
    "chat.postEphemeral": 4,
    "views.open": 4,
    "views.push": 4,
    "views.update": 4,
    "views.publish": 4,
    "users.info": 4,
    "conversations.members": 4,
}


@dataclass
class Bucket:
    per_second: float
    burst: float
    left: float
    at: float

    def take(self, now: float) -> float:
        """0 when the call may pass, else the seconds to wait."""
        self.left = min(self.burst, self.left + (now - self.at) * self.per_second)
        self.at = now
        if self.left >= 1:
            self.left -= 1
            return 0.0
        return (1 - self.left) / self.per_second


@dataclass
class Limits:
    """Per channel about one post a second with a short burst; per method the tier, a minute's worth at once."""

    now: Callable[[], float]
    enabled: bool = True
    channel_per_second: float = 1.0
    channel_burst: int = 5
    workspace_per_minute: int = SPECIAL
    tier: dict[str, int] = field(default_factory=lambda: {m: TIERS[t] for m, t in _TIER_OF.items()})
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def off(self) -> None:
        self.enabled = False

    def wait(self, method: str, channel: str | None) -> int:
        """Whole seconds for Retry-After, 0 when the call may pass."""
        if not self.enabled:
            return 0
        waits = [self._take(method, self.per_minute(method) / 60, self.per_minute(method))]
        if method == "chat.postMessage" and channel and not waits[0]:
            waits.append(self._take(f"{method} {channel}", self.channel_per_second, self.channel_burst))
        return math.ceil(max(waits))

    def per_minute(self, method: str) -> int:
        return self.workspace_per_minute if method == "chat.postMessage" else self.tier.get(method, SPECIAL)

    def _take(self, key: str, per_second: float, burst: float) -> float:
        now = self.now()
        bucket = self.buckets.setdefault(key, Bucket(per_second, burst, burst, now))
        return bucket.take(now)


HOWS = {
    "429",
    "500",
    "html",
    "garbage",  # 200 with a body that is no JSON
    "timeout",  # never stored, no answer for `seconds`
    "timeout_after_store",
    "reset_before_store",
    "reset_after_store",
    "slow",  # `seconds` before it is stored
}


@dataclass
class Fault:
    how: str
    method: str | None = None
    channel: str | None = None
    times: int = 1
    seconds: float = 1.0


@dataclass
class Faults:
    """Troubles to come: each is used `times` times by calls of its method (and channel)."""

    waiting: list[Fault] = field(default_factory=list)
    happened: list[tuple[str, str]] = field(default_factory=list)  # method, how

    def add(
        self,
        method: str | None = None,
        how: str = "500",
        times: int = 1,
        channel: str | None = None,
        seconds: float = 1.0,
    ) -> Fault:
        """`how` is one of HOWS, or `error:NAME` for Slack's JSON error of that name."""
        if how not in HOWS and not how.startswith("error:"):
            raise ValueError(f"unknown fault {how!r}, one of {sorted(HOWS)} or error:NAME")
        fault = Fault(how, method, channel, times, seconds)
        self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, method: str, channel: str | None) -> Fault | None:
        for fault in self.waiting:
            if fault.method in {None, method} and fault.channel in {None, channel}:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                self.happened.append((method, fault.how))
                return fault
        return None
