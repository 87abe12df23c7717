"""The organisation as a file that fills an empty database to the same state. Closed accounts and cases stay behind."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time

from bot.model import Account, FreeDuty, Office, PersonId, Place, Takeover
from bot.plain import by_name, natural
from bot.register import Register
from bot.service.arrivals import Wanted

Value = object
"""What TOML can hold: text, numbers, days, times, lists and tables of these."""
OFFICE = Office()
EMPTY: tuple[Value, ...] = (None, "", (), {})
"""What is left out: the file's own default."""
SAID = ("address", "asked")
"""What says something where it is empty: an account that is not made yet, a season about which nobody is asked."""
LINKS = ("hr_page", "guidelines", "about")
OWN = ("policy", "heads_at", "registrar_at", "collect_early", "collect", "digest_at", "receipt_minutes",
       "unlooked_days", "head_at_once", "communications_name", "role_names", "steps", "hearers")  # fmt: skip
"""Values of the office that stand in a table of their own, under the model's names."""


def organisation(register: Register, waiting: Sequence[Wanted] = ()) -> str:
    """TOML. `waiting`: channels that nobody has found yet, with what waits for them."""
    people, channels = _Refs(register), _channels(register, waiting)
    lines = [f"{key} = {_toml(value)}" for key, value in _top(register.office, channels, waiting)]
    for name, table in _tables(register, people, channels, waiting):
        kept = {key: value for key, value in table.items() if key in SAID or value not in EMPTY}
        rows = [f"{_toml_key(key)} = {_toml(value)}" for key, value in kept.items()]
        lines += ["", name, *rows] if rows else []
    return "\n".join(lines) + "\n"


class _Refs:
    """How the file calls a person: by the id on a platform, else by e-mail address."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def users(self, person: PersonId) -> tuple[str, ...]:
        return tuple(i.user for i in self._register.identities_of(person))

    def who(self, person: PersonId | None) -> str:
        if person is None or person not in self._register.people:
            return ""
        return next(iter(self.users(person)), "") or self._register.people[person].email

    def all(self, people: Sequence[PersonId]) -> tuple[str, ...]:
        return tuple(filter(None, map(self.who, people)))


def _top(
    office: Office, channels: Mapping[str, str], waiting: Sequence[Wanted]
) -> Iterator[tuple[str, Value]]:
    yield from (("name", office.name), ("language", office.language), ("zone", office.zone))
    yield from (("alarm_number", office.alarm_number), ("visitor_contact", office.visitor_contact))
    if office.bridge_days_free is not None:
        yield "bridge_days", "free" if office.bridge_days_free else "worked"
    yield "closed", tuple(sorted(office.closed))
    yield from ((name, getattr(office, name)) for name in LINKS if getattr(office, name))
    if office.pilot is not None:
        found = [channels[place] for place in office.pilot if place in channels]
        yield "pilot", tuple(sorted([*found, *(each.name for each in waiting if each.pilot)]))


def _tables(
    register: Register, people: _Refs, channels: Mapping[str, str], waiting: Sequence[Wanted]
) -> Iterator[tuple[str, dict[str, Value]]]:
    office = register.office
    yield "[office_hours]", {"opens": office.opens, "closes": office.closes}
    yield (
        "[office]",
        {
            **{name: getattr(office, name) for name in OWN if getattr(office, name) != getattr(OFFICE, name)},
            "changers": people.all(office.changers),
        },
    )
    for kind, rule in office.retention.items():
        yield f"[retention.{kind}]", {"days": rule.days, "number": rule.number, "decided_on": rule.decided_on,
                                      "ground": rule.ground}  # fmt: skip
    for season in office.seasons:
        yield f"[seasons.{season.name}]", {"asked": season.asked, "first": season.first, "last": season.last}
    yield from _roles(register, people, channels, waiting)
    yield from _people(register, people)
    for unit in register.units.values():
        yield "[[unit]]", {"id": unit.id, "name": unit.name, "head": people.who(unit.head),
                           "deputy": people.who(unit.deputy), "parent": unit.parent}  # fmt: skip
    yield from _places(register, channels, waiting)
    found = {account: each.name for each in waiting for account in each.accounts}
    for account in sorted(register.accounts.values(), key=lambda a: (natural(a.name), a.address)):
        if account.state != "closed":
            yield (
                "[[account]]",
                _account(account, people, channels.get(account.place or "") or found.get(account.id, "")),
            )
    for each in register.absences:
        yield "[[absence]]", {"person": people.who(each.person), "first": each.first, "last": each.last,
                              "cover": people.who(each.cover)}  # fmt: skip
    for takeover in register.takeovers:
        yield "[[takeover]]", _takeover(register, people, takeover)


def _takeover(register: Register, people: _Refs, takeover: Takeover) -> dict[str, Value]:
    """Nothing where none of its accounts goes into the file. An account is found again by its address."""
    found = (register.accounts[each] for each in takeover.accounts if each in register.accounts)
    accounts = tuple(each.address for each in found if each.address and each.state != "closed")
    if not accounts:
        return {}
    return {"accounts": accounts, "first": takeover.first, "last": takeover.last,
            "by": people.who(takeover.by), "who": people.who(takeover.who)}  # fmt: skip


def _roles(
    register: Register, people: _Refs, channels: Mapping[str, str], waiting: Sequence[Wanted]
) -> Iterator[tuple[str, dict[str, Value]]]:
    yield "[roles]", {role: people.all(held) for role, held in register.roles.items()}
    places: dict[str, Value] = {
        role: channels[place] for role, place in register.role_places.items() if place in channels
    }
    yield "[role_channels]", {**{role: w.name for w in waiting for role in w.roles}, **places}
    yield "[role_mail]", {role: contact.mail for role, contact in register.role_contacts.items()}
    yield "[role_phone]", {role: contact.phone for role, contact in register.role_contacts.items()}


def _people(register: Register, people: _Refs) -> Iterator[tuple[str, dict[str, Value]]]:
    """Those with a task, and what the office knows of others; the rest come from the platform by themselves."""
    away = {p for a in register.absences for p in (a.person, a.cover) if p}
    taken = {p for t in register.takeovers for p in (t.by, t.who) if p}
    named = register.tasked | away | taken | set(register.office.changers)
    for person in sorted(register.people.values(), key=by_name):
        first, *more = (*people.users(person.id), "")
        if (person.id in named or person.language or person.phone) and (first or person.email):
            yield "[[person]]", {"id": first, "ids": tuple(filter(None, more)), "email": person.email,
                                 "name": person.name, "phone": person.phone, "language": person.language}  # fmt: skip


def _channels(register: Register, waiting: Sequence[Wanted]) -> dict[str, str]:
    """What the file calls each place: its name, or with its id where two have one name."""
    names: dict[str, str] = {}
    taken = {each.name for each in waiting}
    for place in sorted(register.places.values(), key=lambda p: p.id):
        names[place.id] = place.name if place.name not in taken else f"{place.name} ({place.channel})"
        taken.add(names[place.id])
    return names


def _places(
    register: Register, channels: Mapping[str, str], waiting: Sequence[Wanted]
) -> Iterator[tuple[str, dict[str, Value]]]:
    for place in sorted(register.places.values(), key=lambda p: p.id):
        called = place.name if channels[place.id] != place.name else ""
        yield "[[channel]]", {"name": channels[place.id], "called": called, **_said(place),
                              "id": place.channel if place.confirmed else None}  # fmt: skip
    for each in waiting:
        yield "[[channel]]", {"name": each.name, "hour": each.hour, "language": each.language,
                              "welcomed": each.welcomed}  # fmt: skip


def _said(place: Place) -> dict[str, Value]:
    kind = None if place.kind == "channel" else place.kind
    return {"hour": place.hour, "language": place.language, "kind": kind, "welcomed": place.welcomed}


def _account(account: Account, people: _Refs, channel: str) -> dict[str, Value]:
    pattern = account.pattern
    order: dict[str, Value] = {
        "kind": pattern.kind,
        "order": people.all(pattern.order),
        "start": pattern.start,
    }
    stamp = account.stamp
    return {
        "platform": account.platform, "name": account.name, "address": account.address, "unit": account.unit,
        "people": people.all(account.people), "channel": channel, "head": people.who(account.head),
        "purpose": account.purpose, "level": account.level, "login": account.login, "pattern": order, "free_days": _duty(account.duty, people),
        "state": account.state, "asked_from": account.asked_from, "approved_on": account.approved_on,
        "approval_number": account.approval_number, "said": dict(account.said),
        "stamp": {"pack": stamp.pack, "version": stamp.version, "digest": stamp.digest} if stamp else None,
    }  # fmt: skip


def _duty(duty: FreeDuty, people: _Refs) -> dict[str, Value] | None:
    """Also that nobody watches, where that was decided: nobody is asked about it again."""
    if duty.kind == "none" and duty.agreed_on is None:
        return None
    return {"kind": duty.kind, "people": people.all(duty.people), "agreed_by": people.who(PersonId(duty.agreed_by)),
            "agreed_on": duty.agreed_on, "instead": duty.instead,
            "way": duty.way or None}  # fmt: skip


# -- TOML -----------------------------------------------------------------------------------------


def _toml(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case int():
            return str(value)
        case time() | date():
            return value.isoformat()
        case Mapping():
            # An empty list is said: at this rung nobody hears.
            inner = (f"{_toml_key(k)} = {_toml(v)}" for k, v in value.items() if v == () or v not in EMPTY)
            return f"{{ {', '.join(inner)} }}"
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            raise TypeError(type(value).__name__)


def _toml_key(key: object) -> str:
    plain = str(key)
    return (
        plain if plain.replace("_", "").replace("-", "").isalnum() and plain.isascii() else json.dumps(plain)
    )
