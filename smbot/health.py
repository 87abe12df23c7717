"""/healthz, /readyz and /metrics: is it alive, may it be sent requests, and figures that name nobody."""

import asyncio
from collections import Counter
from datetime import timedelta
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bot.service import trouble
from scheduler.jobs import Heartbeats
from smbot.wiring import Parts
from storage.migrations import schema_state

LATE = {"deliver": 300, "wake": 300, "plan": 600, "housekeeping": 3 * 3600}
"""Seconds after which a heartbeat counts as dead: a pass may have much to send to a slow platform."""
SCHEMA_KEPT = timedelta(minutes=1)
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


class Health:
    """What the process says of itself. `stopping` is set on SIGTERM: 503 from then on."""

    def __init__(self, parts: Parts, heartbeats: Heartbeats) -> None:
        self._parts, self._heartbeats = parts, heartbeats
        self.stopping = False
        self._schema = ("unknown", parts.clock.real() - 2 * SCHEMA_KEPT)
        self._started = parts.clock.real()

    def mount(self, app: web.Application) -> None:
        app.router.add_get("/healthz", self._live)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _ready(self, request: web.Request) -> web.Response:
        """200 when database, schema and heartbeats are alive. What cannot be delivered never changes the status."""
        checks = await self._checks()
        body: dict[str, Any] = {"ready": all(checks.values()), **checks, **self._dangers()}
        if self._trusted(request) and checks["database"]:
            body |= await self._delivery()
        return web.json_response(body, status=200 if body["ready"] else 503)

    async def well(self) -> bool:
        """Whether /readyz would say 200, and messages go out: a platform that does not take our token gets none."""
        if not all((await self._checks()).values()):
            return False
        async with self._parts.store.read() as tx:
            return not await trouble.shut_out(tx)

    async def _metrics(self, request: web.Request) -> web.Response:
        if not self._trusted(request):
            raise web.HTTPForbidden(text="Ask from this machine, or with SMBOT_METRICS_TOKEN.\n")
        text = generate_latest(await self._figures())
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    # -- what is asked --------------------------------------------------------------------------

    async def _checks(self) -> dict[str, bool]:
        return {
            "database": await self._database(),
            "schema": await self._current(),
            "heartbeats": not self._late(),
            "serving": not self.stopping,
        }

    async def _database(self) -> bool:
        try:
            async with asyncio.timeout(5), self._parts.store.read() as tx:
                await tx.waiting()
        except Exception:
            return False
        return True

    async def _current(self) -> bool:
        state, at = self._schema
        now = self._parts.clock.real()
        if state != "current" or now - at > SCHEMA_KEPT:
            try:
                state = await asyncio.to_thread(schema_state, self._parts.settings.database)
            except Exception:
                state = "unknown"
            self._schema = (state, now)
        return state == "current"

    def _late(self) -> list[str]:
        """Heartbeats that have not beaten for too long, counted from the start for those that never have.

        A first pass may last long where much waits to be sent: that must not take the bot off the air.
        """
        now = self._parts.clock.real()
        beats = {name: last or self._started for name, last in self._heartbeats.alive().items()}
        return [n for n, last in beats.items() if now - last > timedelta(seconds=LATE.get(n, 600))]

    def _dangers(self) -> dict[str, Any]:
        """What must never be so where the bot is really used."""
        unsigned = self._parts.settings.smbot_teams_allow_unsigned
        return self._clock() | ({"TEAMS_UNSIGNED_REQUESTS_ARE_TAKEN": True} if unsigned else {})

    def _clock(self) -> dict[str, Any]:
        asked = self._parts.clock.offset.total_seconds()
        if not asked:
            return {}
        lived = (self._heartbeats.moves.now() - self._parts.clock.real()).total_seconds()
        return {"CLOCK_MOVED_SECONDS": asked, "clock_lived_seconds": round(lived, 3)}

    async def _delivery(self) -> dict[str, Any]:
        async with self._parts.store.read() as tx:
            dead, waiting = await tx.undeliverable(), await tx.waiting()
            shut_out = await trouble.shut_out(tx)
        rows = [{"target": row.target, "card": row.card, "reason": row.reason} for row in dead]
        return {
            "waiting": waiting,
            "shut_out": shut_out,
            "undeliverable": rows,
            "late_heartbeats": self._late(),
        }

    async def _figures(self) -> CollectorRegistry:
        registry = CollectorRegistry()
        async with self._parts.store.read() as tx:
            dead, waiting = await tx.undeliverable(limit=1000), await tx.waiting()
            kinds = Counter(case.case for case in await tx.open_cases())
        _gauge(registry, "smbot_outbox_waiting", "Messages that wait to be sent", waiting)
        _gauge(registry, "smbot_outbox_undeliverable", "Messages that can never be sent", len(dead))
        _gauge(registry, "smbot_clock_moved_seconds", "How far the clock is moved", self._moved())
        cases = Gauge("smbot_open_cases", "Open cases by kind", ["kind"], registry=registry)
        for kind, number in kinds.items():
            cases.labels(kind).set(number)
        ages = Gauge("smbot_heartbeat_age_seconds", "Since a pass last ended", ["name"], registry=registry)
        for name, last in self._heartbeats.alive().items():
            ages.labels(name).set((self._parts.clock.real() - last).total_seconds() if last else float("inf"))
        return registry

    def _moved(self) -> float:
        return self._parts.clock.offset.total_seconds()

    def _trusted(self, request: web.Request) -> bool:
        """From this machine and not through a proxy on it, or with the token."""
        token = self._parts.settings.smbot_metrics_token
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and compare_digest(given.encode(), token.get_secret_value().encode()):
            return True
        return on_this_machine(request)


def on_this_machine(request: web.Request) -> bool:
    if any(name in request.headers for name in PROXY_HEADERS):
        return False
    try:
        return ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def _gauge(registry: CollectorRegistry, name: str, what: str, value: float) -> None:
    Gauge(name, what, registry=registry).set(value)
