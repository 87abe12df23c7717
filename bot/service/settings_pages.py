"""What a submitted page of the settings asks for: things as they shall be. Nothing is saved here; Refused stays in the form."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import policy, steps
from bot.changes import Holding, Kind, Patch, Thing, found, holding, patch
from bot.mailbox import mailbox, phone
from bot.model import Language, Office, Person, PersonId, Place, Refused, Role, Season, Unit
from bot.retention import Disposal, Kept, kept
from bot.screens.settings_forms import (
    ALL,
    GROUPS,
    LINKS,
    MESSAGES,
    NEW,
    NONE,
    OPENS,
    SEASON,
    UNLOOKED,
    in_use,
    is_lone,
)
from bot.season import is_month_day
from bot.service.base import Work, day_of, several, text
from bot.service.places import place_of
from bot.texts import LANGUAGES
from bot.view import Values

HEADS = ("head", "deputy")
After = tuple[Kind, str, Thing | None]
"""What of which thing shall be how; None: removed."""
Read = Callable[[Work, str, Values], Iterable[After]]


def exists(work: Work, page: str, of: str) -> bool:
    """Whether there is such a page of such a thing: both come back from the client."""
    register = work.register
    match page:
        case "role" | "retention":
            return of in GROUPS[page]
        case "unit":
            return of == NEW or of in register.units
        case "person":
            known = register.people.get(PersonId(of))
            return known is not None and known.may_act
        case "channel":
            return of == ALL or of in register.places
        case _:
            return page in PAGES and of == ""


async def read(work: Work, page: str, of: str, values: Values) -> tuple[Patch, ...]:
    """What would be changed, against what holds now; () for nothing. Raises Refused with the field."""
    if page == "role":
        await role_place(work, values)
    return patches(work, PAGES[page](work, of, values))


def patches(work: Work, wanted: Iterable[After]) -> tuple[Patch, ...]:
    made = (patch(kind, of, found(work.register, kind, of), after) for kind, of, after in wanted)
    return tuple(each for each in made if each)


# -- roles ----------------------------------------------------------------------------------------


async def role_place(work: Work, values: Values) -> None:
    """A channel that is shared with others, or closed to the bot, is none for a role."""
    ident = text(values, "place")
    if ident:
        known_place(work, ident)
        if ident in work.register.places:
            await place_of(work, ident, time(9))


def known_place(work: Work, ident: str) -> None:
    """Of the register, or one that is new to the bot where the request came from. Raises Refused."""
    if ident not in work.register.places and ident.split(":", 2)[:2] != [work.call.platform, work.call.realm]:
        raise Refused("form.choose", field="place")


def role(work: Work, of: str, values: Values) -> Iterator[After]:
    which: Role = of  # type: ignore[assignment]
    before = holding(work.register, which)
    yield from role_people(work, which, values, before, "people", "email")
    if which != "administrators":
        yield "office", "", _renamed(work.register.office, which, values)


def role_people(
    work: Work, role: Role, values: Values, before: Holding, people: str, email: str
) -> Iterator[After]:
    """Who is picked, and who is named by address: somebody whom no chat knows yet waits for it under the address."""
    picked = with_unseen(
        work, _picked(work, several(values, people), before.people, people), before.people, values
    )
    named = by_email(work, text(values, email), email)
    if named and named.id not in work.register.people:
        yield "person", named.id, named
    holders = tuple(dict.fromkeys([*picked, *([named.id] if named else [])]))
    place = text(values, "place")
    if place and place not in work.register.places:
        yield "place", place, new_place(place)
    after = Holding(
        people=holders,
        place=None if text(values, "no_place") else place or before.place,
        mail=_mailboxes(text(values, "mail")) if "mail" in values else before.mail,
        phone=_phone(text(values, "phone")) if "phone" in values else before.phone,
    )
    yield "role", role, after


def new_place(ident: str) -> Place:
    platform, realm, channel = ident.split(":", 2)
    return Place(id=ident, platform=platform, realm=realm, channel=channel, name=channel)


def _picked(
    work: Work, idents: Iterable[str], before: Iterable[PersonId], field: str
) -> tuple[PersonId, ...]:
    """Somebody who has left may stay where they stand, and is not put anywhere anew."""
    picked = tuple(dict.fromkeys(PersonId(i) for i in idents))
    stays = work.register.people.keys() & set(before)
    for ident in picked:
        if ident not in stays:
            work.register.active(ident, field)
    return picked


def with_unseen(
    work: Work, picked: tuple[PersonId, ...], before: tuple[PersonId, ...], values: Values
) -> tuple[PersonId, ...]:
    """Those whom no picker of this chat shows stay, first where they were first, unless their tick is gone."""
    unseen = work.eyes.unseen(before)
    ticked = set(several(values, "kept")) if "kept" in values else set(unseen)
    stay = [p for p in unseen if p in ticked and p not in picked]
    first = [p for p in stay if p == before[0]]
    return tuple(dict.fromkeys([*first, *picked, *stay]))


def by_email(work: Work, given: str, field: str) -> Person | None:
    """The person of that address; "" for nobody. An address that nobody has yet becomes a person who is waited for."""
    if not given:
        return None
    try:
        address = mailbox(given).casefold()
    except Refused as no:
        raise Refused(no.key, field=field, **no.values) from None
    known = [p for p in work.register.people.values() if p.email.casefold() == address and p.may_act]
    if len(known) > 1:
        raise Refused("settings.email.several", field=field)
    return (
        known or [Person(id=PersonId(f"p{work.bot.ids.new()}"), name=address, email=address, checked=False)]
    )[0]


def _mailboxes(given: str) -> tuple[str, ...]:
    try:
        return tuple(
            dict.fromkeys(mailbox(each) for each in given.replace(";", ",").split(",") if each.strip())
        )
    except Refused as no:
        raise Refused(no.key, field="mail", **no.values) from None


def _phone(given: str, field: str = "phone") -> str:
    try:
        return phone(given)
    except Refused as no:
        raise Refused(no.key, field=field, **no.values) from None


def _renamed(office: Office, role: Role, values: Values) -> Office:
    given: dict[Language, str] = {
        language: text(values, f"name_{language}")[:100]
        for language in LANGUAGES
        if text(values, f"name_{language}")
    }
    if role == "communications":
        return replace(office, communications_name=given)
    others = {r: names for r, names in office.role_names.items() if r != role}
    return replace(office, role_names={**others, role: given} if given else others)


# -- units and channels ---------------------------------------------------------------------------


def unit(work: Work, of: str, values: Values) -> Iterator[After]:
    known = work.register.units.get(of)
    if known and text(values, "remove"):
        if in_use(work.eyes, known):
            raise Refused("settings.unit.in_use", field="remove")
        yield "unit", of, None
        return
    named = {field: by_email(work, text(values, f"{field}_email"), f"{field}_email") for field in HEADS}
    if named["head"] and named["deputy"] and named["head"].email == named["deputy"].email:
        raise Refused("settings.unit.own_deputy", field="deputy_email")
    for person in named.values():
        if person and person.id not in work.register.people:
            yield "person", person.id, person
    after = _unit(work, known, values, {field: p.id for field, p in named.items() if p})
    yield "unit", after.id, after


def _unit(work: Work, known: Unit | None, values: Values, named: Mapping[str, PersonId]) -> Unit:
    """`named`: head and deputy by address, which counts before whoever is picked."""
    parent = text(values, "parent")
    after = Unit(
        id=known.id if known else f"u{work.bot.ids.new()}",
        name=_needed(values, "name")[:100],
        head=named.get("head") or _person(work, values, "head", known.head if known else None),
        deputy=named.get("deputy") or _person(work, values, "deputy", known.deputy if known else None),
        parent=None if parent in ("", NONE) else parent,
    )
    if after.head and after.head == after.deputy:
        raise Refused("settings.unit.own_deputy", field="deputy")
    if after.parent and (after.parent not in work.register.units or _loops(work, after)):
        raise Refused("settings.unit.circle", field="parent")
    return after


def _loops(work: Work, unit: Unit) -> bool:
    return unit.id in {above.id for above in work.register.up_from(unit.parent)}


def _person(work: Work, values: Values, field: str, before: PersonId | None) -> PersonId | None:
    given, held = text(values, field), (before,) if before else ()
    picked = _picked(work, [given], held, field) if given else ()
    return next(iter(picked or with_unseen(work, (), held, values)), None)


def person(work: Work, of: str, values: Values) -> Iterator[After]:
    """What somebody is called where no chat tells it, and the number at which they are reached."""
    known = work.register.people[PersonId(of)]
    name = _needed(values, "name")[:100] if is_lone(work.eyes, known.id) else known.name
    yield "person", of, replace(known, name=name, phone=_phone(text(values, "phone")))


def channel(work: Work, of: str, values: Values) -> Iterator[After]:
    hour = clock_of(values, "hour")
    if of == ALL:
        yield from (("place", p.id, replace(p, hour=hour)) for p in work.register.places.values())
        return
    given = text(values, "language")
    language: Language | None = "sv" if given == "sv" else "en" if given == "en" else None
    place = work.register.places[of]
    yield (
        "place",
        of,
        replace(place, name=_needed(values, "name").lstrip("#")[:100], language=language, hour=hour),
    )


# -- the office -----------------------------------------------------------------------------------


def hours(work: Work, _of: str, values: Values) -> Iterator[After]:
    opens, closes = (clock_of(values, name) for name in OPENS)
    after = replace(work.register.office, opens=opens, closes=closes)
    if after.opens >= after.closes:
        raise Refused("settings.hours.backwards", field="closes")
    yield "office", "", after


def messages(work: Work, _of: str, values: Values) -> Iterator[After]:
    """Whatever is said in office hours has its hour in them."""
    office = work.register.office
    given = {name: clock_of(values, name) for name in MESSAGES}
    for name, hour in given.items():
        if not office.opens <= hour < office.closes and hour != getattr(office, name):
            raise Refused("settings.messages.outside", field=name)
    if given["collect_early"] > given["collect"]:
        raise Refused("settings.messages.backwards", field="collect")
    yield "office", "", replace(office, **given)  # type: ignore[arg-type]


def days(work: Work, _of: str, values: Values) -> Iterator[After]:
    """Past days stay: they say why a day was not asked about."""
    bridge = text(values, "bridge")
    if bridge not in ("free", "worked"):
        raise Refused("form.choose", field="bridge")
    lines = [line.strip() for line in text(values, "closed").replace(",", "\n").splitlines() if line.strip()]
    try:
        closed = frozenset(date.fromisoformat(line) for line in lines)
    except ValueError:
        raise Refused("settings.closed.unread", field="closed") from None
    yield "office", "", replace(work.register.office, bridge_days_free=bridge == "free", closed=closed)


def seasons(work: Work, _of: str, values: Values) -> Iterator[After]:
    """Month and day, the same each year. Without a day of asking no head is asked about that season."""
    office = work.register.office
    after = tuple(_season(season, values) for season in office.seasons)
    yield "office", "", replace(office, seasons=after)


def _season(season: Season, values: Values) -> Season:
    asked, first, last = (_month_day(values, f"{season.name}.{name}") for name in SEASON)
    for name, given in (("first", first), ("last", last)):
        if not given:
            raise Refused("settings.needed", field=f"{season.name}.{name}")
    return replace(season, asked=asked, first=first, last=last)


def _month_day(values: Values, field: str) -> str:
    given = text(values, field)
    if given and not is_month_day(given):
        raise Refused("settings.season.unread", field=field)
    return given


def waits(work: Work, _of: str, values: Values) -> Iterator[After]:
    """Only what the guideline leaves open; what is as its default is kept nowhere."""
    office, own = work.register.office, dict(work.register.office.steps)
    for step in steps.free(work.guidelines):
        n = number(values, step.name, step.least, step.most)
        own.pop(step.name, None)
        if n != steps.wait(work.guidelines, step.name):
            own[step.name] = n
    minutes = number(values, "receipt_minutes", 1, 120)
    unlooked, at_once = number(values, "unlooked_days", *UNLOOKED), bool(text(values, "head_at_once"))
    after = replace(office, steps=own, receipt_minutes=minutes)
    yield "office", "", replace(after, unlooked_days=unlooked, head_at_once=at_once)


def hearers(work: Work, _of: str, values: Values) -> Iterator[After]:
    """Only what the guideline leaves open; what is as its default is kept nowhere."""
    own = dict(work.register.office.hearers)
    for rung in steps.open_rungs(work.guidelines):
        chosen = tuple(who for who in rung.may if who in several(values, rung.name))
        if len(chosen) < rung.least:
            raise Refused("settings.hearers.too_few", field=rung.name)
        own.pop(rung.name, None)
        if chosen != steps.usual(work.guidelines, rung):
            own[rung.name] = chosen
    yield "office", "", replace(work.register.office, hearers=own)


def names(work: Work, _of: str, values: Values) -> Iterator[After]:
    language: Language = "en" if text(values, "language") == "en" else "sv"
    zone = text(values, "zone")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused("settings.zone.unknown", field="zone") from None
    yield (
        "office",
        "",
        replace(work.register.office, name=_needed(values, "name"), language=language, zone=zone),
    )


def guidelines(work: Work, _of: str, values: Values) -> Iterator[After]:
    chosen = text(values, "policy")
    if chosen not in policy.names():
        raise Refused("form.choose", field="policy")
    if chosen != work.guidelines.name:
        yield "office", "", replace(work.register.office, policy=chosen)


def contact(work: Work, _of: str, values: Values) -> Iterator[After]:
    number = _phone(text(values, "alarm_number"), "alarm_number")
    yield (
        "office",
        "",
        replace(work.register.office, visitor_contact=text(values, "visitor_contact"), alarm_number=number),
    )


def links(work: Work, _of: str, values: Values) -> Iterator[After]:
    given = {name: text(values, name) for name in LINKS}
    for name, address in given.items():
        if address and not address.startswith("https://"):
            raise Refused("settings.link.unread", field=name)
    yield "office", "", replace(work.register.office, **given)  # type: ignore[arg-type]


def changers(work: Work, _of: str, values: Values) -> Iterator[After]:
    office = work.register.office
    picked = _picked(work, several(values, "changers"), office.changers, "changers")
    named = with_unseen(work, picked, office.changers, values)
    yield "office", "", replace(office, changers=named)


def retention(work: Work, of: str, values: Values) -> Iterator[After]:
    kind: Kept = of  # type: ignore[assignment]
    office = work.register.office
    given, decided = text(values, "number"), text(values, "decided_on")
    if bool(given) != bool(decided):
        raise Refused("settings.kept.both", field="number" if decided else "decided_on")
    after = Disposal(days=number(values, "days", 1, 36500), number=given, ground=text(values, "ground"),
                     decided_on=day_of(values, "decided_on") if decided else None)  # fmt: skip
    if after != kept(office.retention, kind):
        yield "office", "", replace(office, retention={**office.retention, kind: after})


# -- values ---------------------------------------------------------------------------------------


def clock_of(values: Values, field: str) -> time:
    """A time of day as people write it: `8`, `8.30`, `08:30`, `0830`."""
    given = text(values, field).replace(":", ".").replace(" ", "")
    hour, _, minute = given.partition(".") if "." in given or len(given) < 3 else (given[:-2], "", given[-2:])
    if not (hour.isdecimal() and (minute.isdecimal() or not minute)):
        raise Refused("settings.clock", field=field)
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        raise Refused("settings.clock", field=field) from None


def number(values: Values, field: str, least: int, most: int) -> int:
    given = text(values, field)
    if not (given.isdecimal() and least <= int(given) <= most):
        raise Refused("settings.number", field=field, least=least, most=most)
    return int(given)


def _needed(values: Values, field: str) -> str:
    given = text(values, field)
    if not given:
        raise Refused("settings.needed", field=field)
    return given


PAGES: Mapping[str, Read] = {
    "role": role,
    "unit": unit,
    "person": person,
    "channel": channel,
    "hours": hours,
    "messages": messages,
    "days": days,
    "seasons": seasons,
    "steps": waits,
    "hearers": hearers,
    "names": names,
    "guidelines": guidelines,
    "contact": contact,
    "links": links,
    "changers": changers,
    "retention": retention,
}
