"""Looking ahead: what will be sent, what accounts lack, who covers in a season."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from bot.foreseen import Coming, Foreseen
from bot.guard import Lack
from bot.model import Identity
from bot.outgoing import Reader, to_person, to_place, to_role
from bot.screens import accounts, guard, overview, preview, season
from bot.screens.overview import Digest
from bot.season import Time
from bot.view import Card, Form
from smbot.gallery.world import BO, HEIDI, KARIN, MONDAY, Scene, at

BIOLOGY, CHEMISTRY = "web:local:biologi", "web:local:kemi"
FREE = (date(2026, 11, 28), date(2026, 11, 29))
CHRISTMAS = date(2026, 12, 24)


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    found = _foreseen(s, 13)
    yield "preview", preview.overview(s.eyes, found, 0)
    yield "preview.place", preview.of_place(s.eyes, found, BIOLOGY, 0)
    yield "preview.people", preview.of_place(s.eyes, found, preview.PEOPLE, 0)
    few = Foreseen(first=found.first, last=found.last, messages=found.messages[:1], nobody={}, faults=1)
    many, lone = _lone(s, found)
    yield "preview.cut", preview.overview(many.eyes, lone, 0)
    yield "preview.without", preview.of_days(many.eyes, lone, preview.WITHOUT, 0)
    yield "preview.one", preview.overview(s.eyes, few, 0)
    none = Foreseen(first=found.first, last=found.last, nobody={})
    yield "preview.nothing", preview.overview(s.eyes, none, 0)
    yield from _guard(s)
    yield from _season(s)


def _guard(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    """In a collected message, in the digest, in the list of accounts."""
    here = s.posted.having(identities=(Identity(platform="slack", realm="T1", user="U1", person=BO),))
    left, few = Lack(account="bio", kind="left", people=(BO,)), Lack(account="biolab", kind="few")
    found = [(here.register.accounts[lack.account], lack) for lack in (left, few)]
    lines = tuple(guard.line(here.eyes, account, lack, HEIDI) for account, lack in found)
    yield "guard", overview.heads(here.eyes, lines, own=True)
    said = [guard.sentence(here.eyes, lack) for _, lack in found]
    for n in (6, 7):
        facts = Digest(
            asked=5,
            unanswered=(),
            nobody=(),
            overdue=(),
            waiting=0,
            alarms=0,
            gaps=(),
            lacking=(said * 4)[:n],
        )
        yield f"guard.digest{n}", overview.digest(here.eyes, facts)
    lacks = {lack.account: guard.gap(here.eyes, lack) for _, lack in found}
    yield "guard.listed", accounts.listing(here.eyes, [account for account, _ in found], "", lacks=lacks)


def _season(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    time = Time(name="christmas", asks=date(2026, 12, 1), first=date(2026, 12, 19), last=date(2027, 1, 6))
    led = tuple(s.register.accounts[ident] for ident in ("bio", "biolab", "biologi-fb"))
    days = (date(2026, 12, 22), date(2026, 12, 23), date(2026, 12, 28))
    holes = {"bio": days, "biolab": days[:1]}
    for name, who, gaps in (("own", True, holes), ("others", False, {"bio": days}), ("whole", True, {})):
        line = season.line(s.posted.eyes, time, HEIDI, gaps, own=who)
        yield f"season.line.{name}", overview.heads(s.posted.eyes, (line,), own=who)
        yield f"season.{name}", season.card(s.eyes, time, HEIDI, led, gaps, own=who, answer="")
    given = season.handed(s.posted.eyes, time, HEIDI, holes)
    yield "season.line.handed", overview.heads(s.posted.eyes, (given,), own=False)
    for answer in ("fine", "handed"):
        yield f"season.{answer}", season.card(s.eyes, time, HEIDI, led, holes, own=True, answer=answer)
    yield "season.cover", season.cover_form(s.eyes, time, HEIDI, holes)


def _lone(s: Scene, found: Foreseen) -> tuple[Scene, Foreseen]:
    """Thirty accounts, each with nobody on days of its own."""
    days = [MONDAY + timedelta(days=n) for n in range(5)]
    own = {f"x{n}": tuple(day for k, day in enumerate(days) if n >> k & 1) for n in range(1, 31)}
    more = {ident: replace(s.account(), id=ident, name=f"@konto_{ident}") for ident in own}
    return s.having(accounts={**s.register.accounts, **more}), replace(found, nobody=own)


def _foreseen(s: Scene, days: int) -> Foreseen:
    """Two weeks with a card each day, what goes to people, a weekend, and a day with nobody."""
    made = [_coming(s, n, "round", BIOLOGY) for n in range(days)]
    made += [_coming(s, n, "reply", CHEMISTRY) for n in range(2)]
    heads = s.t.many("heads.unlooked", 2, account=s.eyes.account("biolab"))
    people = [
        _message(1, "heads", to_person(HEIDI), Reader(kind="role", id="head"), heads),
        _message(1, "digest", to_person(KARIN), to_role("communications"), s.t("digest.all_well")),
    ]
    calendar = s.pack.calendar()
    free = tuple((day, why) for day in (*FREE, CHRISTMAS) if (why := calendar.why_free(day)))
    return Foreseen(first=MONDAY, last=MONDAY + timedelta(days=days), messages=(*made, *people), skipped=free,
                    nobody={"bio": FREE, "biolab": FREE, "biologi-fb": (date(2026, 12, 3),)})  # fmt: skip


def _coming(s: Scene, n: int, card: str, place: str) -> Coming:
    return _message(n, card, to_place(place), to_place(place), s.t.many("round.title", 3))


def _message(n: int, card: str, target: Reader, reader: Reader, title: str) -> Coming:
    moment = at(MONDAY + timedelta(days=n), 9)
    return Coming(at=moment, key=f"{card}{n}", card=card, arg="", target=target, reader=reader, title=title)
