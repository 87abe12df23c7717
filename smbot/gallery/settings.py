"""The settings: what there is, one page of each, what a change would do, what was changed; and the first questions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta

from bot.changes import Change, Patch, holding, patch
from bot.model import SEASONS, Contact, Office, Role
from bot.outgoing import to_person, to_place
from bot.policy import Pack
from bot.retention import Disposal
from bot.screens import beginning, settings, setup
from bot.screens import settings_forms as forms
from bot.screens.settings import Effect
from bot.view import Card, Form
from smbot.gallery.world import BO, DAG, HEIDI, KALLE, KARIN, MONDAY, NOW, SVEN, TUESDAY, Scene

PLACE = "web:local:biologi"
PAGES = (
    ("role", "communications"), ("role", "administrators"), ("unit", "bio"), ("unit", "+"), ("channel", PLACE),
    ("channel", "*"), ("hours", ""), ("messages", ""), ("days", ""), ("seasons", ""), ("steps", ""), ("hearers", ""), ("names", ""), ("guidelines", ""),
    ("contact", ""), ("links", ""), ("changers", ""), ("retention", "checks"), ("person", BO),
)  # fmt: skip


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield "settings.menu", settings.overview(s.eyes)
    yield "settings.menu.left", settings.overview(s.eyes, ("registrar", "contact"))
    for group in forms.GROUPS:
        yield f"settings.choose.{group}", forms.choose(s.eyes, group)
    for page, of in PAGES:
        yield f"settings.form.{page}.{of.rpartition(':')[2] or 'whole'}", forms.form(_known(s).eyes, page, of)
    elsewhere = replace(_known(s).eyes, here=("slack", "T1"))
    yield "settings.form.role.unseen", forms.form(elsewhere, "role", "communications")
    kau = replace(s, pack_name="kau")
    yield "settings.form.steps.fixed", forms.form(kau.eyes, "steps")
    yield "settings.form.hearers.fixed", forms.form(replace(kau.eyes, pack=_asking(kau.pack)), "hearers")
    yield from _shown(s)
    yield from _log(s)
    yield from _beginning(s)


def _known(s: Scene) -> Scene:
    """An office that has been at it for a while."""
    office = replace(
        s.register.office, bridge_days_free=False, closed=frozenset({date(2027, 7, 19)}), changers=(BO,),
        retention={"checks": Disposal(days=30, number="G 2026/1", decided_on=date(2026, 10, 1))},
    )  # fmt: skip
    contacts = {"communications": Contact(mail=("press@example.se",), phone="08-1")}
    return s.having(office=office, role_places={"communications": PLACE}, role_contacts=contacts)


# -- before and after -----------------------------------------------------------------------------


def _shown(s: Scene) -> Iterator[tuple[str, Card]]:
    hour = Effect(key="cards", n=34, values={"before": time(9), "after": time(8, 30), "from": TUESDAY})
    yield "settings.shown", settings.shown(s.eyes, _hours(s), (hour,), "g1")
    again = settings.shown(s.eyes, _hours(s), (hour,), "g1", again="settings.shown.again")
    yield "settings.shown.again", again
    yield "settings.shown.everything", settings.shown(_after(s).eyes, _all(s), tuple(_effects(s)), "g1")
    singular = tuple(replace(e, n=1) for e in _effects(s) if e.n is not None)
    yield "settings.shown.one", settings.shown(_after(s).eyes, _hours(s), singular, "g1")


def _hours(s: Scene) -> tuple[Patch, ...]:
    place = s.place
    return _made(patch("place", place.id, place, replace(place, hour=time(8, 30))))


def _made(*found: Patch | None) -> tuple[Patch, ...]:
    return tuple(each for each in found if each)


def _asking(pack: Pack) -> Pack:
    """Guidelines that say themselves who hears when nobody answers."""
    first, *rest = pack.ladders["question"]
    rungs = (first, *(r.model_copy(update={"default": False, "cites": ("KAU-44",)}) for r in rest))
    return pack.model_copy(update={"ladders": {**pack.ladders, "question": rungs}})


def _all(s: Scene) -> tuple[Patch, ...]:
    """Something of each kind."""
    unit, office = s.register.units["bio"], s.register.office
    role: Role = "registrar"
    held = replace(holding(s.register, role), people=(SVEN,), mail=("registrator@example.se",), phone="08-2")
    after = replace(
        _known(s).register.office, steps={"answer.hours": 48}, hearers={"question.goes-on": ("substitute",)}, role_names={"director": {"sv": "pressen", "en": "press"}},
        communications_name={"sv": s.outside.office or "pressen", "en": s.outside.office or "press"}, language="en",
        policy="kau", alarm_number="", about="https://example.se/smbot", seasons=(replace(SEASONS[0], asked=""), SEASONS[1]),
    )  # fmt: skip
    return _made(
        patch("role", role, holding(s.register, role), held),
        patch("unit", "bio", unit, replace(unit, head=DAG, deputy=None, name=s.outside.unit + " 2")),
        patch("unit", "new", None, replace(unit, id="new", parent="fak")),
        patch("person", BO, s.register.people[BO], replace(s.register.people[BO], name="Bo L", phone="08-3")),
        patch("office", "", office, after),
    )


def _after(s: Scene) -> Scene:
    unit = s.register.units["bio"]
    return s.having(units={**s.register.units, "new": replace(unit, id="new", parent="fak")})


def _effects(s: Scene) -> Iterator[Effect]:
    days = tuple(MONDAY + timedelta(days=n) for n in range(9))
    yield Effect(key="cards", n=34, values={"before": time(9), "after": time(8, 30), "from": MONDAY})
    yield from (Effect(key=key) for key in ("no_cards", "at_once", "kept.none", "language"))
    yield from (Effect(key=key, n=9, values={"days": days}) for key in ("freed", "worked"))
    yield from (Effect(key=key, n=3, values={"on": TUESDAY}) for key in ("fewer", "more"))
    yield Effect(
        key="message",
        values={"what": "digest_at", "before": time(15, 30), "after": time(15), "from": TUESDAY},
    )
    yield Effect(key="hours", values={"opens": time(7, 30), "closes": time(16)})
    yield Effect(key="outside", values={"what": "digest_at"})
    yield Effect(key="receipt", n=10)
    yield Effect(key="unlooked", n=3)
    yield Effect(key="hears.question.goes-on", values={"hearers": ("substitute", "communications")})
    for rung in ("question.head", "round.head"):
        yield from (Effect(key=f"hears.{rung}{who}") for who in ("", ".nobody"))
    yield from (Effect(key=f"head.{when}") for when in ("at_once", "morning"))
    yield Effect(key="season", values={"season": "summer", "on": TUESDAY})
    yield Effect(key="season.not_asked", values={"season": "christmas"})
    yield Effect(key="deadline", values={"at": NOW, "before": NOW, "after": NOW + timedelta(days=1)})
    yield Effect(key="kept", n=2)
    one, other = (to_place(PLACE),), (to_person(KARIN), to_person(KALLE))
    yield Effect(key="role", values={"role": "registrar", "before": one, "after": other})
    yield Effect(key="empty", values={"role": "registrar", "after": other})
    yield Effect(key="contact", values={"role": "security"})
    yield Effect(key="nameless", values={"who": "bo@example.se"})
    yield from (Effect(key=key, values={"who": s.outside.person}) for key in ("renamed", "phone", "no_phone"))
    yield Effect(key="head", n=4, values={"who": HEIDI})
    yield Effect(key="no_head", n=4, values={"who": ""})
    yield Effect(key="request", n=2, values={"who": HEIDI})
    yield Effect(key="request.nobody", n=2, values={"who": ""})
    yield Effect(key="unit", n=4, values={"name": s.outside.unit})
    yield Effect(key="guidelines", values={"title": s.pack.title})
    yield from (Effect(key=key, n=400, values={"kind": "log"}) for key in ("goes", "stays"))
    yield Effect(key="goes_now", n=12)
    yield Effect(key="goes_none")


# -- the log --------------------------------------------------------------------------------------


def _log(s: Scene) -> Iterator[tuple[str, Card]]:
    change = Change(id="g1", page="channel", at=NOW - timedelta(hours=1), by=KARIN, patches=_hours(s))
    back = replace(change, id="g3", at=NOW, by=KALLE, undoes="g2", patches=_all(s))
    yield "settings.done", settings.done(s.eyes, change)
    yield "settings.done.back", settings.done(_after(s).eyes, back)
    yield (
        "settings.log",
        settings.log(_after(s).eyes, [(back, True), (replace(change, id="g2"), False), (change, True)]),
    )
    yield "settings.log.none", settings.log(s.eyes, ())


# -- the first questions --------------------------------------------------------------------------


def _beginning(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield "beginning", beginning.questions(s.eyes, beginning.QUESTIONS)
    yield "beginning.left", beginning.questions(s.eyes, ("registrar", "accounts"))
    first = s.having(office=Office(name="Universitetet"), roles={}, units={}, accounts={})
    for page in beginning.PAGES:
        yield f"beginning.form.{page}", beginning.form(first.eyes, page)
    yield "beginning.finished", beginning.finished(s.eyes, (), imports=True)
    yield "beginning.finished.left", beginning.finished(s.eyes, ("registrar", "accounts"), imports=True)
    yield "beginning.finished.admin", beginning.finished(s.eyes, ("accounts",), imports=False)
    people, places = tuple(s.register.people.values())[:2], tuple(s.register.places.values())[:2]
    yield (
        "beginning.found",
        setup.found(s.eyes, setup.Facts(people=people, places=places, lacks=("registrar", "accounts"))),
    )
