"""Who is asking: acting as whom, through which user of the page, in which place and language."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from adapters.web.ports import PLATFORM, REALM, Channel, Channels, Desk, People, Someone
from adapters.web.screen import HOME
from adapters.web.send import direct
from bot.commands import Call
from bot.model import Language
from bot.ports import Profile, Unknown
from bot.texts import LANGUAGES

ACTOR_COOKIE = "smbot_as"
LANGUAGE_COOKIE = "smbot_language"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request. `guess` is the language of the browser or of the page's button; the person's own goes first."""

    me: Someone
    user: str
    at: str
    language: Language
    guess: Language | None
    people: Sequence[Someone]
    channels: Sequence[Channel]

    def call(self, key: str = "") -> Call:
        """What the desk is told; Home is no channel."""
        channel = "" if self.at == HOME else self.at
        return _call(self.user, self.guess, channel=channel, key=key)

    @property
    def profile(self) -> Profile:
        return Profile(platform=PLATFORM, realm=REALM, user=self.user, name=self.me.name)


@dataclass(frozen=True, kw_only=True)
class Door:
    """Finds out who is asking."""

    desk: Desk
    people: People
    channels: Channels

    async def visit(self, request: web.Request) -> Visit:
        """Acts as the person named by `as` in the address (each tab its own), else by the cookie, else the first.

        Raises HTTPNotFound where there is nobody to act as.
        """
        guess = guessed(request)
        people = await self.people(guess or "sv")
        if not people:
            raise web.HTTPNotFound(text="There is nobody to act as yet.\n")
        me = _chosen(people, request.query.get("as"), request.cookies.get(ACTOR_COOKIE))
        user = (await self.desk.users(PLATFORM, REALM, [me.id])).get(me.id, str(me.id))
        language = await self._language(me, user, guess)
        if language != (guess or "sv"):
            people = await self.people(language)
            me = _chosen(people, me.id, None)
        channels = await self.channels(language)
        at = request.query.get("at", HOME)
        known = {HOME, direct(user), *(channel.id for channel in channels)}
        return Visit(
            me=me, user=user, at=at if at in known else HOME, language=language, guess=guess,
            people=people, channels=channels,
        )  # fmt: skip

    async def _language(self, me: Someone, user: str, guess: Language | None) -> Language:
        call = _call(user, guess)
        try:
            return await self.desk.language(call)
        except Unknown:
            await self.desk.meet(Profile(platform=PLATFORM, realm=REALM, user=user, name=me.name))
            return await self.desk.language(call)


def guessed(request: web.Request) -> Language | None:
    """The language of the page's own button, else the browser's first that we have, else None."""
    if (chosen := request.cookies.get(LANGUAGE_COOKIE)) in LANGUAGES:
        return chosen
    return preferred(request.headers.get("Accept-Language", ""))


def preferred(header: str) -> Language | None:
    """The first language of an Accept-Language header, by its weights, that we have: `en-GB;q=0.8, sv` is sv."""
    ranges = [part.strip().split(";") for part in header.split(",")[:20]]
    ranked = sorted(ranges, key=lambda r: -_weight(r[1:]))
    tags = (r[0].strip().lower().partition("-")[0] for r in ranked if _weight(r[1:]) > 0)
    return next((tag for tag in tags if tag in LANGUAGES), None)


def _weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0
    return 1


def _call(user: str, guess: Language | None, *, channel: str = "", key: str = "") -> Call:
    return Call(platform=PLATFORM, realm=REALM, user=user, channel=channel, key=key, language=guess or "")


def _chosen(people: Sequence[Someone], *wanted: str | None) -> Someone:
    by_id = {str(one.id): one for one in people}
    return next((by_id[w] for w in wanted if w in by_id), people[0])
