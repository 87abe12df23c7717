"""Teams' pace and its troubles: windows for 429, and faults that a test orders."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.teams.state import Json

Window = tuple[int, float]
SENDS: tuple[Window, ...] = ((7, 1), (8, 2), (60, 30), (1800, 3600))
READS: tuple[Window, ...] = ((14, 1), (16, 2), (120, 30), (3600, 3600))
WHOLE: tuple[Window, ...] = ((50, 1),)
"""Per app and tenant. Source: rate limiting for agents, 2026-10-08."""
SENDING = {"post": "send", "targeted": "send", "put": "send", "delete": "send", "create": "create"}
"""Edits are not in Microsoft's table; they count with the sends here, to be on the safe side."""


@dataclass
class Limits:
    """Sliding windows per conversation and kind of call, and one per tenant."""

    now: Callable[[], float]
    enabled: bool = True
    _seen: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def off(self) -> None:
        self.enabled = False

    def wait(self, method: str, place: str, tenant: str) -> int:
        """Whole seconds for Retry-After, 0 when the call may pass (and is counted)."""
        if not self.enabled:
            return 0
        kind = SENDING.get(method, "read")
        own = (kind, place), READS if kind == "read" else SENDS
        whole = ("tenant", tenant), WHOLE
        waits = [self._wait(key, windows) for key, windows in (own, whole)]
        if not max(waits):
            for key in (own[0], whole[0]):
                self._seen[key].append(self.now())
        return math.ceil(max(waits))

    def _wait(self, key: tuple[str, str], windows: tuple[Window, ...]) -> float:
        now, seen = self.now(), self._seen.setdefault(key, deque())
        while seen and now - seen[0] >= windows[-1][1]:
            seen.popleft()
        waits = [0.0]
        for most, seconds in windows:
            if len(seen) >= most and now - seen[-most] < seconds:
                waits.append(seconds - (now - seen[-most]))
        return max(waits)


How = Literal["status", "hang", "hang_after", "slow", "close_before", "close_after"]
HOWS = ("status", "hang", "hang_after", "slow", "close_before", "close_after")


@dataclass
class Fault:
    """One trouble. `code` is the error's code in a JSON body; `retry_after` in seconds, None leaves it out."""

    how: How
    method: str | None = None
    place: str | None = None
    times: int = 1
    status: int = 500
    code: str = "ServiceError"
    body: Literal["json", "html", "empty"] = "json"
    retry_after: int | None = None
    seconds: float = 1.0

    def error(self) -> Json:
        return {"error": {"code": self.code, "message": f"{self.code}, as ordered."}}


@dataclass
class Faults:
    """Troubles to come: each is used `times` times by calls of its method and place.

    Methods: create, post, targeted, put, delete, members, member, pagedmembers, channels.
    """

    waiting: list[Fault] = field(default_factory=list)
    happened: list[tuple[str, str]] = field(default_factory=list)  # method, how

    def add(self, method: str | None = None, how: How | int = "status", **more: object) -> Fault:
        """`how` is one of HOWS, or a status."""
        if isinstance(how, int):
            how, more["status"] = "status", how
        if how not in HOWS:
            raise ValueError(f"unknown fault {how!r}, one of {HOWS}")
        fault = Fault(how, method, **more)  # type: ignore[arg-type]
        self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, method: str, place: str) -> Fault | None:
        for fault in self.waiting:
            if fault.method in {None, method} and fault.place in {None, place}:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                self.happened.append((method, fault.how))
                return fault
        return None
