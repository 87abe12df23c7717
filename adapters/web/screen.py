"""What one reader sees now: the channels with what is new, the cards of one place, the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from adapters.web.cards import load
from adapters.web.ports import Channel, ClockControl, Someone
from adapters.web.render import Renderer
from adapters.web.send import direct
from adapters.web.shelf import Shelf, Shown
from bot.commands import COMMANDS
from bot.texts import Texts
from bot.view import Card

HOME = "home"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line at the left: where it leads, what is unread there and how much of that alerts the reader."""

    at: str
    name: str
    sign: str = ""
    unread: int = 0
    alerts: int = 0
    here: bool = False


@dataclass(frozen=True, kw_only=True)
class Hint:
    """A command as the completion shows it; `names` are all it may be found by."""

    name: str
    names: str
    help: str
    usage: str
    takes: bool


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One reader's page at one moment. `at` is a channel's id, the reader's `dm:USER`, or `home`."""

    r: Renderer
    me: Someone
    user: str
    at: str
    channels: Sequence[Channel]
    shelf: Shelf
    now: datetime

    @property
    def t(self) -> Texts:
        return self.r.t

    @property
    def entries(self) -> tuple[Entry, list[Entry], Entry]:
        """Home, the channels, the reader's direct messages: none has anything new."""
        home = Entry(at=HOME, name=self.t("web.home"))
        channels = [Entry(at=channel.id, name=channel.name, sign="#") for channel in self.channels]
        return home, channels, Entry(at=direct(self.user), name=self.t("web.direct.bot"))

    async def side(self) -> tuple[Markup, int]:
        """The list at the left, and how many messages in it are unread."""
        fresh = await self.shelf.unread(self.user)
        home, channels, mine = self.entries
        lines = [self._counted(line, fresh) for line in (home, *channels, mine)]
        html = self.r.page("side.html", home=lines[0], channels=lines[1:-1], direct=lines[-1])
        return html, sum(line.unread for line in lines)

    def place(self) -> tuple[Markup, str]:
        """The heading of the place, and its name."""
        here = self._here()
        kind = "home" if self.at == HOME else "direct" if self.at.startswith("dm:") else "channel"
        html = self.r.page("place.html", here=here, about=self.t(f"web.about.{kind}", name=self.me.name))
        return html, here.sign + here.name

    async def messages(self) -> list[dict[str, str]]:
        """The place's cards with their threads and a line between days: each with a key, in order."""
        found = await self.shelf.list(self.at)
        if found:
            await self.shelf.read_to(self.user, self.at, max(shown.id for shown in found))
        roots = {shown.id for shown in found if not shown.thread}
        tops = [shown for shown in found if shown.thread not in roots]
        made: list[dict[str, str]] = []
        day: date | None = None
        for shown in tops:
            if (on := self.t.local(shown.at).date()) != day:
                day = on
                made.append({"key": f"day-{on}", "html": self.r.page("day.html", day=self.t.long_date(on))})
            replies = [reply for reply in found if reply.thread == shown.id]
            made.append({"key": f"m{shown.id}", "html": self._message(shown, replies)})
        return made or [{"key": "empty", "html": self.r.page("empty.html")}]

    def home(self, card: Card) -> list[dict[str, str]]:
        return [{"key": "home", "html": self.r.page("home.html", card=card)}]

    def clock(self, control: ClockControl, *, playing: bool) -> Markup:
        local = self.t.local(self.now)
        return self.r.page(
            "clock.html",
            now=local.replace(second=0, microsecond=0),
            day=f"{self.t.long_date(local.date())} {local.year}",
            clock=self.t.clock(self.now),
            can_move=control.can_move,
            playing=playing,
        )

    def _here(self) -> Entry:
        home, channels, mine = self.entries
        return next((line for line in (*channels, mine) if line.at == self.at), home)

    def _counted(self, line: Entry, fresh: Sequence[Shown]) -> Entry:
        unread = [shown for shown in fresh if shown.channel == line.at]
        rings = [shown for shown in unread if self.user in shown.alerted or shown.channel.startswith("dm:")]
        return Entry(
            at=line.at, name=line.name, sign=line.sign,
            unread=len(unread), alerts=len(rings), here=line.at == self.at,
        )  # fmt: skip

    def _message(self, shown: Shown, replies: Sequence[Shown]) -> Markup:
        values = [self._values(reply) for reply in replies]
        return self.r.page("message.html", shown=self._values(shown), replies=values)

    def _values(self, shown: Shown) -> dict[str, object]:
        when = self.t.moment(shown.edited_at, self.now) if shown.edited_at else ""
        return {
            "id": shown.id,
            "language": shown.language,
            "at": shown.at,
            "when": self.t.moment(shown.at, self.now),
            "edited": self.t("web.edited", when=when) if when else "",
            "rings": self.user in shown.alerted,
            "card": load(shown.card_json),
        }


def hints(t: Texts) -> list[Hint]:
    """The commands under the name that the reader's language gives them."""
    swedish = t.language == "sv"
    return [
        Hint(
            name=command.alias if swedish else command.name,
            names=f"/{command.name} /{command.alias}",
            help=t(f"command.{command.name}.help"),
            usage=t(f"command.{command.name}.usage") if command.takes else "",
            takes=command.takes,
        )
        for command in COMMANDS
    ]
