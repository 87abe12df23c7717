"""Looking ahead: what will be sent."""

from collections.abc import Iterator
from datetime import date, timedelta

from bot.foreseen import Coming, Foreseen
from bot.outgoing import Reader, to_person, to_place, to_role
from bot.screens import preview
from bot.view import Card, Form
from smbot.gallery.world import HEIDI, KARIN, MONDAY, Scene, at

BIOLOGY, CHEMISTRY = "web:local:biologi", "web:local:kemi"
FREE = (date(2026, 11, 28), date(2026, 11, 29))
CHRISTMAS = date(2026, 12, 24)


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    found = _foreseen(s, 13)
    yield "preview", preview.overview(s.eyes, found, 0)
    yield "preview.place", preview.of_place(s.eyes, found, BIOLOGY, 0)
    yield "preview.people", preview.of_place(s.eyes, found, preview.PEOPLE, 0)
    few = Foreseen(first=found.first, last=found.last, messages=found.messages[:1], nobody={}, faults=1)
    yield "preview.one", preview.overview(s.eyes, few, 0)
    none = Foreseen(first=found.first, last=found.last, nobody={})
    yield "preview.nothing", preview.overview(s.eyes, none, 0)


def _foreseen(s: Scene, days: int) -> Foreseen:
    """Two weeks with a card each day, what goes to people, a weekend, and a day with nobody."""
    made = [_coming(s, n, "round", BIOLOGY) for n in range(days)]
    made += [_coming(s, n, "reply", CHEMISTRY) for n in range(2)]
    heads = s.t("heads.two_days", account=s.eyes.account("biolab"))
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
