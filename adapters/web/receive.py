"""The page's web server: what a person does in the browser goes to the desk, what they shall see comes back.

It answers on loopback only (`guard.py`). Nobody signs in: whoever sits at this machine acts as whom they choose.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time, timedelta
from hashlib import sha256
from importlib.resources import files
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from aiohttp import web

from adapters.web.guard import Guard, body, sent_file
from adapters.web.live import Bus, News, stream
from adapters.web.ports import Channels, ChooseLanguage, ClockControl, Desk, Gallery, People
from adapters.web.render import Renderer
from adapters.web.screen import HOME, Screen, hints
from adapters.web.send import direct
from adapters.web.shelf import Shelf
from adapters.web.visit import ACTOR_COOKIE, LANGUAGE_COOKIE, Door, Visit
from bot.commands import spoken
from bot.model import Language
from bot.ports import Unknown
from bot.texts import LANGUAGES, Texts
from bot.view import Ask, Card, Faults, Form, Moment, Reply, Tell, Text, Value

STATIC = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
CLOCK_FORM = "web.clock"
MOST_KEY = 64


class Page:
    """The local page. `mount` puts it on an aiohttp application; serve that on 127.0.0.1 and `port` only.

    desk: `bot.desk.Desk` · shelf: what stands on the page, shared with `WebChat` · bus: shared with `WebChat`
    clock: shows and moves the organisation's time · people, channels: whom one may act as, and where cards stand
    zone: the organisation's time zone · organisation: its name, shown at the top
    gallery: title with card or form, all of them, in a language · choose_language: stores a person's own choice
    """

    def __init__(
        self,
        *,
        desk: Desk,
        shelf: Shelf,
        bus: Bus,
        clock: ClockControl,
        people: People,
        channels: Channels,
        port: int,
        zone: str = "Europe/Stockholm",
        organisation: str = "",
        gallery: Gallery | None = None,
        choose_language: ChooseLanguage | None = None,
    ) -> None:
        self._desk, self._shelf, self._bus, self._clock = desk, shelf, bus, clock
        self._door = Door(desk=desk, people=people, channels=channels)
        self._zone, self._organisation = zone, organisation
        self._gallery, self._choose_language = gallery, choose_language
        self._guard = Guard(port, secrets.token_urlsafe(24))
        self._playing = False
        self._static = {name: files(__package__).joinpath("static", name).read_bytes() for name in STATIC}
        self._stamp = sha256(b"".join(self._static.values())).hexdigest()[:12]

    def mount(self, app: web.Application) -> None:
        """Add the page's routes. Open streams end when the application shuts down."""
        reads, writes = self._guard.reads, self._guard.writes
        app.router.add_get("/", reads(self._shell, from_page=False))
        app.router.add_get("/static/{name}", reads(self._file))
        app.router.add_get("/page/state", reads(self._state))
        app.router.add_get("/page/events", reads(self._events))
        app.router.add_post("/page/command", writes(self._command))
        app.router.add_post("/page/press", writes(self._press))
        app.router.add_post("/page/submit", writes(self._submit))
        app.router.add_post("/page/file", writes(self._sent_file))
        app.router.add_post("/page/act-as", writes(self._act_as))
        app.router.add_post("/page/language", writes(self._language))
        app.router.add_post("/page/clock", writes(self._move))
        if self._gallery:
            app.router.add_get("/gallery", reads(self._show_gallery, from_page=False))
        app.on_shutdown.append(self._end)

    async def _end(self, _app: web.Application) -> None:
        self._bus.close()

    # -- what is seen ---------------------------------------------------------------------------

    async def _shell(self, request: web.Request) -> web.Response:
        visit = await self._door.visit(request)
        renderer = self._renderer(visit)
        other: Language = "en" if visit.language == "sv" else "sv"
        html = renderer.page(
            "page.html", me=visit.me, people=visit.people, token=self._guard.token, stamp=self._stamp,
            organisation=self._organisation, other=other, commands=hints(renderer.t), to_saturday=self._clock.can_move and not self._is_saturday(),
        )  # fmt: skip
        return web.Response(text=html, content_type="text/html")

    def _is_saturday(self) -> bool:
        return self._clock.now().astimezone(ZoneInfo(self._zone)).weekday() == 5

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in STATIC:
            raise web.HTTPNotFound
        return web.Response(body=self._static[name], content_type=STATIC[name], charset="utf-8")

    async def _state(self, request: web.Request) -> web.Response:
        """All that changes on the page, as HTML fragments; the browser puts in what differs."""
        visit = await self._door.visit(request)
        screen = self._screen(visit)
        items = screen.home(await self._home(visit)) if visit.at == HOME else await screen.messages()
        side, unread = await screen.side()
        place, name = screen.place()
        return web.json_response({
            "at": visit.at,
            "language": visit.language,
            "token": self._guard.token,
            "items": items,
            "side": side,
            "place": place,
            "clock": screen.clock(self._clock, playing=self._playing),
            "title": f"({unread}) {name} – smbot" if unread else f"{name} – smbot",
            "people": await self._waiting(visit),
        })  # fmt: skip

    async def _waiting(self, visit: Visit) -> dict[str, str]:
        """How each person reads in `act as`, with how many direct messages wait for them."""
        texts = self._renderer(visit).t
        users = await self._desk.users("web", "local", [one.id for one in visit.people])
        labels = {}
        for one in visit.people:
            user = users.get(one.id, str(one.id))
            new = len(await self._shelf.unread(user, channel=direct(user)))
            words = (one.name, one.description, texts.many("web.unread", new) if new else "")
            labels[str(one.id)] = " – ".join(word for word in words if word)
        return labels

    async def _events(self, request: web.Request) -> web.StreamResponse:
        visit = await self._door.visit(request)
        return await stream(self._bus, request, direct(visit.user))

    async def _show_gallery(self, request: web.Request) -> web.Response:
        visit = await self._door.visit(request)
        rows: dict[int, tuple[str, list[tuple[str, str]]]] = {}
        for language in LANGUAGES:
            for number, (title, shown) in enumerate(self._gallery(language) if self._gallery else ()):
                renderer = Renderer(
                    t=Texts(language, self._zone), people=visit.people, channels=visit.channels,
                    prefix=f"{language}-{number}-",
                )  # fmt: skip
                html = renderer.form(shown) if isinstance(shown, Form) else renderer.card(shown)
                rows.setdefault(number, (title, []))[1].append((language, html))
        page = self._renderer(visit).page("gallery.html", rows=list(rows.values()), stamp=self._stamp)
        return web.Response(text=page, content_type="text/html")

    # -- what is done ---------------------------------------------------------------------------

    async def _command(self, request: web.Request) -> web.Response:
        posted = await body(request)
        visit = await self._door.visit(request)
        typed = _text(posted, "text").strip()
        if not (named := spoken(typed)) and not typed.startswith("/"):
            return self._answer(visit, Tell(card=self._slash(visit)))
        name, words = named or (typed[1:], "")
        return await self._reply(visit, lambda: self._desk.command(visit.call(), name, words))

    async def _press(self, request: web.Request) -> web.Response:
        posted = await body(request)
        visit = await self._door.visit(request)
        call, verb, arg = visit.call(_key(posted)), _text(posted, "verb"), _text(posted, "arg")
        return await self._reply(visit, lambda: self._desk.press(call, verb, arg))

    async def _submit(self, request: web.Request) -> web.Response:
        posted = await body(request)
        visit = await self._door.visit(request)
        call, form, state = visit.call(_key(posted)), _text(posted, "form"), _text(posted, "state")
        values = values_of(posted.get("values"), self._zone)
        return await self._reply(visit, lambda: self._desk.submit(call, form, state, values))

    async def _sent_file(self, request: web.Request) -> web.Response:
        """A file is the body itself; `key` and `form` (whether it was chosen in one) stand in the address."""
        visit = await self._door.visit(request)
        call, at_once = visit.call(_key(request.query)), "form" in request.query
        return await self._reply(
            visit, lambda: self._desk.file(call, lambda: sent_file(request), at_once=at_once)
        )

    async def _act_as(self, request: web.Request) -> web.Response:
        posted = await body(request)
        visit = await self._door.visit(request)
        person = _text(posted, "person")
        if person not in {str(one.id) for one in visit.people}:
            raise web.HTTPBadRequest
        return _remembering(ACTOR_COOKIE, person)

    async def _language(self, request: web.Request) -> web.Response:
        language = _text(await body(request), "language")
        for known in LANGUAGES:
            if known == language and self._choose_language:
                visit = await self._door.visit(request)
                await self._choose_language(visit.call(), known)
        if language not in LANGUAGES:
            raise web.HTTPBadRequest
        return _remembering(LANGUAGE_COOKIE, language)

    # -- the clock ------------------------------------------------------------------------------

    async def _move(self, request: web.Request) -> web.Response:
        """Move the clock, or show the form that asks where to; answered when all on the way has been played."""
        posted = await body(request)
        if not self._clock.can_move or self._playing:
            raise web.HTTPConflict
        visit = await self._door.visit(request)
        now = self._clock.now()
        if posted.get("move") == "choose":
            return self._answer(visit, Ask(form=self._clock_form(visit, now)), post="/page/clock")
        wanted = self._wanted(posted, now)
        if wanted is None or wanted <= now:
            return self._answer(visit, Faults(by_field={"to": self._renderer(visit).t("web.clock.later")}))
        await self._play(wanted)
        return web.json_response({"kind": "done"})

    def _wanted(self, posted: Mapping[str, Any], now: datetime) -> datetime | None:
        match posted.get("move"):
            case "hour":
                return now + timedelta(hours=1)
            case "week":
                return now + timedelta(weeks=1)
            case "morning":
                return self._clock.next_morning(now)
            case "saturday":
                return next_saturday(now, self._zone)
            case "workday":
                return self._clock.next_working_day(now)
            case _:
                to = values_of(posted.get("values"), self._zone).get("to")
                return datetime.fromisoformat(to) if isinstance(to, str) and to else None

    async def _play(self, moment: datetime) -> None:
        self._playing = True
        self._bus.publish(News(what="clock"))
        try:
            await self._clock.move_to(moment)
        finally:
            self._playing = False
            self._bus.publish(News(what="clock"))

    def _clock_form(self, visit: Visit, now: datetime) -> Form:
        t = self._renderer(visit).t
        field = Moment(id="to", label=t("web.clock.to"), hint=t("web.clock.hint"), value=now)
        return Form(id=CLOCK_FORM, title=t("web.clock.move"), fields=(field,), submit=t("web.clock.submit"))

    # -- inside ---------------------------------------------------------------------------------

    async def _reply(self, visit: Visit, act: Callable[[], Awaitable[Reply]]) -> web.Response:
        """Ask the desk; an actor whom it does not know yet is introduced once."""
        try:
            reply = await act()
        except Unknown:
            await self._desk.meet(visit.profile)
            reply = await act()
        return self._answer(visit, reply)

    def _answer(self, visit: Visit, reply: Reply, post: str = "/page/submit") -> web.Response:
        renderer = self._renderer(visit)
        match reply:
            case Tell():
                html = renderer.page("private.html", card=reply.card)
                return web.json_response({"kind": "tell", "html": html})
            case Ask():
                return web.json_response({"kind": "ask", "html": renderer.form(reply.form, post)})
            case Faults():
                return web.json_response({"kind": "faults", "faults": dict(reply.by_field)})
            case _:
                assert_never(reply)

    async def _home(self, visit: Visit) -> Card:
        try:
            return await self._desk.home(visit.call())
        except Unknown:
            await self._desk.meet(visit.profile)
            return await self._desk.home(visit.call())

    def _slash(self, visit: Visit) -> Card:
        t = self._renderer(visit).t
        return Card(title=t("web.box.slash"), parts=(Text(text=t("web.box.slash.more")),))

    def _renderer(self, visit: Visit) -> Renderer:
        texts = Texts(visit.language, self._zone)
        return Renderer(t=texts, me=visit.me.id, people=visit.people, channels=visit.channels)

    def _screen(self, visit: Visit) -> Screen:
        return Screen(
            r=self._renderer(visit), me=visit.me, user=visit.user, at=visit.at,
            channels=visit.channels, shelf=self._shelf, now=self._clock.now(),
        )  # fmt: skip


def next_saturday(moment: datetime, zone: str) -> datetime:
    """Ten in the morning of the first Saturday after the moment's day: where the suggestion to try begins."""
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=(4 - local.weekday()) % 7 + 1)
    return datetime.combine(day, time(10), ZoneInfo(zone))


def values_of(posted: object, zone: str) -> dict[str, Value]:
    """What was filled in: text, several texts, or `{"moment": "2026-11-21T14:02"}` on the organisation's wall clock.

    Raises HTTPBadRequest for anything else.
    """
    if not isinstance(posted, dict):
        raise web.HTTPBadRequest
    return {str(name): _value(value, zone) for name, value in posted.items()}


def _value(value: object, zone: str) -> Value:
    match value:
        case str():
            return value
        case list() if all(isinstance(one, str) for one in value):
            return tuple(value)
        case {"moment": str(wall)}:
            return _aware(wall, zone)
        case _:
            raise web.HTTPBadRequest


def _aware(wall: str, zone: str) -> str:
    if not wall:
        return ""
    try:
        return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except ValueError:
        raise web.HTTPBadRequest from None


def _text(posted: Mapping[str, Any], name: str) -> str:
    value = posted.get(name, "")
    if not isinstance(value, str):
        raise web.HTTPBadRequest
    return value


def _key(posted: Mapping[str, Any]) -> str:
    """The id that the browser drew for this press, so that a repeat is known as one."""
    key = _text(posted, "key")
    if not (key.isascii() and key.isalnum() and len(key) <= MOST_KEY):
        raise web.HTTPBadRequest
    return f"web:{key}"


def _remembering(cookie: str, value: str) -> web.Response:
    response = web.json_response({"kind": "done"})
    response.set_cookie(cookie, value, samesite="Strict", httponly=True, path="/", max_age=30 * 86400)
    return response
