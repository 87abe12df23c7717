"""The register as one consistent snapshot, and who watches when."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from bot.model import (
    Absence,
    Account,
    Contact,
    Identity,
    Language,
    Office,
    Pattern,
    Person,
    PersonId,
    Place,
    Refused,
    Role,
    Takeover,
    Unit,
)
from bot.plain import by_name, natural

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class Register:
    """Everything the office has entered, read in one transaction. Lookups return None when unknown."""

    people: Mapping[PersonId, Person] = field(default_factory=dict)
    identities: tuple[Identity, ...] = ()
    units: Mapping[str, Unit] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    takeovers: tuple[Takeover, ...] = ()
    roles: Mapping[Role, tuple[PersonId, ...]] = field(default_factory=dict)
    role_places: Mapping[Role, str] = field(default_factory=dict)
    role_contacts: Mapping[Role, Contact] = field(default_factory=dict)
    office: Office = Office()

    # -- people ---------------------------------------------------------------------------------

    def name(self, person: PersonId | None) -> str:
        """The person's name, or "" for nobody."""
        known = self.people.get(person) if person else None
        return known.name if known else ""

    def active(self, ident: str, field: str | None = None) -> Person:
        """Somebody who may hold a task. Raises Refused for whoever is not known, has left, is a guest or a bot.

        `field`: the form's, in which they were picked.
        """
        known = self.people.get(PersonId(ident))
        if known is None or not known.may_act:
            raise Refused("form.person_inactive", field=field, name=known.name if known else ident)
        return known

    @cached_property
    def _by_identity(self) -> Mapping[tuple[str, str, str], PersonId]:
        return {(i.platform, i.realm, i.user): i.person for i in self.identities}

    def who(self, platform: str, realm: str, user: str) -> Person | None:
        """The person behind a chat account."""
        person = self._by_identity.get((platform, realm, user))
        return self.people.get(person) if person else None

    @cached_property
    def _identities_by_person(self) -> Mapping[PersonId, tuple[Identity, ...]]:
        return _grouped((identity.person, identity) for identity in self.identities)

    def identities_of(self, person: PersonId) -> tuple[Identity, ...]:
        return self._identities_by_person.get(person, ())

    @cached_property
    def chats(self) -> frozenset[str]:
        """The platforms on which anybody is known."""
        return frozenset(i.platform for i in self.identities)

    @cached_property
    def awaited(self) -> Mapping[str, Person]:
        """Whom no platform has told of yet, by their e-mail address."""
        known = {i.person for i in self.identities}
        return {p.email.casefold(): p for p in self.people.values() if p.email and p.id not in known}

    @cached_property
    def tasked(self) -> frozenset[PersonId]:
        """Everybody on an account, with the duty of a free day, at the head of a unit, or in a role."""
        accounts = [a for a in self.accounts.values() if a.state != "closed"]
        people = {p for a in accounts for p in (*a.people, *a.duty.people, a.head) if p}
        people |= {p for unit in self.units.values() for p in (unit.head, unit.deputy) if p}
        return frozenset(people | {p for holders in self.roles.values() for p in holders})

    @cached_property
    def asleep(self) -> frozenset[str]:
        """People and places, by id, that are there for imported accounts alone: nobody is asked about them yet."""
        imported = [a for a in self.accounts.values() if a.state == "imported"]
        others = [a for a in self.accounts.values() if a.state not in ("imported", "closed")]
        busy = {a.unit for a in others}
        units = [u for u in self.units.values() if u.id in {a.unit for a in imported} - busy]
        named = {p for a in imported for p in (*a.people, a.head, a.place) if p}
        named |= {p for unit in units for p in (unit.head, unit.deputy) if p}
        rest = replace(self, accounts={a.id: a for a in others},
                       units={u.id: u for u in self.units.values() if u not in units})  # fmt: skip
        used = {*rest.tasked, *(a.place for a in others), *self.role_places.values()}
        return frozenset(named - used)

    def out_of_reach(self, platforms: Collection[str] | None = None) -> tuple[PersonId, ...]:
        """Those with a task who have no chat account on these platforms (None: on any), or removed the bot there."""
        found = (p for p in self.tasked if not self.reached(p, platforms))
        return tuple(sorted(found, key=lambda p: (natural(self.name(p)), p)))

    def reached(self, person: PersonId, platforms: Collection[str] | None = None) -> bool:
        """Whether somebody has a chat account on these platforms (None: on any), and has not removed the bot there."""
        chats = (i for i in self.identities_of(person) if not i.gone)
        return any(platforms is None or i.platform in platforms for i in chats)

    def has_role(self, person: PersonId, role: Role) -> bool:
        return person in self.holders(role)

    def holders(self, role: Role) -> tuple[PersonId, ...]:
        """Who holds a role; IT security falls back to security, and every empty role to communications."""
        chain: tuple[Role, ...] = ("it_security", "security", "communications")
        start = chain.index(role) if role in chain else None
        if start is None:
            return self.own(role)
        return next((found for r in chain[start:] if (found := self.own(r))), ())

    def own(self, role: Role) -> tuple[PersonId, ...]:
        """Who holds a role themselves; whoever has left, and guests and bots, hold none."""
        named = self.roles.get(role, ())
        return tuple(p for p in named if p not in self.people or self.people[p].may_act)

    def language_of(self, person: PersonId | None) -> Language:
        """A private answer follows the person's own setting, else the organisation's (users.md U10)."""
        known = self.people.get(person) if person else None
        return (known.language if known else None) or self.office.language

    def contact(self, role: Role) -> Contact:
        """The role's mailboxes and telephone number; IT security falls back to security, as its holders do."""
        known = self.role_contacts.get(role)
        if known is None and role == "it_security" and not self.own(role):
            return self.contact("security")
        return known or Contact()

    @property
    def is_looked_after(self) -> bool:
        """Whether an administrator is known in chat, who hears when something is wrong with the bot."""
        return any(self.identities_of(person) for person in self.own("administrators"))

    # -- places ---------------------------------------------------------------------------------

    def is_silent(self, place: str | None) -> bool:
        """Whether a trial leaves this place out, or an account without a place: nothing but alarms is said (users.md U11)."""
        return self.office.pilot is not None and place not in self.office.pilot

    def asked_now(self, account: Account) -> bool:
        """Whether anybody is asked of the account: it is asked about, and no trial leaves it out."""
        return account.is_asked and not self.is_silent(account.place)

    @property
    def silent_accounts(self) -> int:
        """How many accounts in use a trial leaves out."""
        return sum(a.state != "closed" and self.is_silent(a.place) for a in self.accounts.values())

    # -- accounts -------------------------------------------------------------------------------

    def known(self, idents: Iterable[str]) -> list[Account]:
        """Those of these accounts that the register has."""
        return [self.accounts[ident] for ident in idents if ident in self.accounts]

    def accounts_in(self, place: str) -> tuple[Account, ...]:
        """The accounts bound to a place that are not closed, by name."""
        found = (a for a in self.accounts.values() if a.place == place and a.state != "closed")
        return tuple(sorted(found, key=by_name))

    @cached_property
    def _accounts_of(self) -> Mapping[PersonId, tuple[Account, ...]]:
        used = (a for a in self.accounts.values() if a.state != "closed")
        ordered = sorted(used, key=by_name)
        return _grouped((person, a) for a in ordered for person in dict.fromkeys(a.people))

    def accounts_of(self, person: PersonId) -> tuple[Account, ...]:
        """Accounts on which the person is named, by name."""
        return self._accounts_of.get(person, ())

    def head_of(self, account: Account) -> PersonId | None:
        """Who answers for the account; a head's own account goes to the parent unit's head (U5)."""
        return account.head or self.head_for(account.unit, account.people[:1])

    def led_by(self, person: PersonId, day: date | None = None) -> tuple[Account, ...]:
        """The accounts that a head answers for and that are not closed, by name; on a `day`, in a head's stead too."""
        led = (a for a in self.accounts.values() if a.state != "closed" and (head := self.head_of(a))
               and (person == head or (day and person == self.answerer(a, day))))  # fmt: skip
        return tuple(sorted(led, key=by_name))

    def gaps_of(self, account: Account) -> tuple[str, ...]:
        """All that is not known of an account, as text keys `gap.*`: what it needs to be watched, then what is asked later."""
        later = {"head": self.head_of(account) is None, "purpose": not account.purpose}
        return (*account.gaps, *(name for name, missing in later.items() if missing))

    def head_for(self, unit: str | None, runners: Iterable[PersonId] = ()) -> PersonId | None:
        """The head of the unit, or of the nearest parent unit whose head is none of `runners`."""
        own = frozenset(runners)
        return next((u.head for u in self.up_from(unit) if u.head and u.head not in own), None)

    def deputies_of(self, head: PersonId, unit: str | None) -> tuple[PersonId, ...]:
        """Who stands in for a head in a unit: the deputies of that unit, and of its parents, which the head heads."""
        found = (u.deputy for u in self.up_from(unit) if u.head == head and u.deputy)
        return tuple(dict.fromkeys(found))

    def up_from(self, unit: str | None) -> tuple[Unit, ...]:
        """The unit and its parents, nearest first; a circle of parents ends where it began."""
        chain: dict[str, Unit] = {}
        while unit and unit in self.units and unit not in chain:
            chain[unit] = self.units[unit]
            unit = chain[unit].parent
        return tuple(chain.values())

    # -- who watches ----------------------------------------------------------------------------

    @cached_property
    def _absences_of(self) -> Mapping[PersonId, tuple[Absence, ...]]:
        return _grouped((absence.person, absence) for absence in self.absences)

    def absences_of(self, person: PersonId) -> tuple[Absence, ...]:
        """All that is known, earliest first."""
        return self._absences_of.get(person, ())

    def away(self, person: PersonId, day: date) -> Absence | None:
        """The absence that holds on that day, if the person is away."""
        return next((a for a in self.absences_of(person) if a.first <= day <= a.last), None)

    def reachable(self, person: PersonId, day: date) -> bool:
        known = self.people.get(person)
        return known is not None and known.may_act and self.away(person, day) is None

    @cached_property
    def _takeovers_of(self) -> Mapping[str, tuple[Takeover, ...]]:
        return _grouped((account, takeover) for takeover in self.takeovers for account in takeover.accounts)

    def taken_over(self, account: str, day: date) -> Takeover | None:
        """The takeover that holds on that day."""
        return next((t for t in self._takeovers_of.get(account, ()) if t.first <= day <= t.last), None)

    def rota(self, day: date) -> PersonId | None:
        """Whose turn it is at communications: the first who is there, else the first. None: nobody is named at all."""
        people = self.holders("communications")
        return next((p for p in people if self.reachable(p, day)), next(iter(people), None))

    def watcher(self, account: Account, day: date) -> PersonId | None:
        """Who watches on a working day: `arranged`, else communications' rota, never nobody (users.md U3).

        None only where nobody at all is named at communications.
        """
        return self.arranged(account, day) or (self.rota(day) if account.people else None)

    def arranged(self, account: Account, day: date) -> PersonId | None:
        """Whoever took it over; else by pattern; if away their cover; else the account's next reachable person, or the
        cover of the next who has one: where the one whose turn it is has left, the other may be away and covered for.

        None when all are away, or their covers too: then communications and the head are told.
        """
        takeover = self.taken_over(account.id, day)
        if takeover and (found := self._taking(takeover, day)):
            return found
        turn = turn_of(account, day)
        covered = self.stand_in(turn, day) if turn else None
        there = (p for p in account.people if self.reachable(p, day))
        covers = (c for p in account.people if (c := self.stand_in(p, day)))
        return covered or next(there, None) or next(covers, None)

    def _taking(self, takeover: Takeover, day: date) -> PersonId | None:
        return self.stand_in(takeover.who, day) if takeover.who else self.rota(day)

    def substitute(self, account: Account, day: date) -> PersonId | None:
        """Another reachable person of the account than today's watcher; nobody while communications has taken it over."""
        takeover = self.taken_over(account.id, day)
        if takeover and takeover.who is None:
            return None
        watcher = self.watcher(account, day)
        return next((p for p in account.people if p != watcher and self.reachable(p, day)), None)

    def covers(self, person: PersonId, account: Account, day: date) -> bool:
        """Whether this person stands in today for somebody of the account, or for all of them."""
        takeover = self.taken_over(account.id, day)
        if takeover and takeover.who and person == self.stand_in(takeover.who, day):
            return True
        return any(person == self.stand_in(p, day) for p in account.people if self.away(p, day))

    def present_head(self, account: Account, day: date) -> PersonId | None:
        """The head, or the deputy while the head is away or has left; None where neither is there."""
        head = self.head_of(account)
        deputies = self.deputies_of(head, account.unit) if head else ()
        return next((p for p in (head, *deputies) if p and self.reachable(p, day)), None)

    def answerer(self, account: Account, day: date) -> PersonId | None:
        """Who hears what the head hears that day, and gives the head's word: `present_head`, else communications."""
        return self.present_head(account, day) or self.rota(day)

    def by_answerer(self, accounts: Iterable[Account], day: date) -> Mapping[PersonId, tuple[Account, ...]]:
        """The accounts by who answers for them that day; without those for which nobody does."""
        return _grouped((who, a) for a in accounts if (who := self.answerer(a, day)))

    def stand_in(self, person: PersonId, day: date) -> PersonId | None:
        """The person where they are there, else the last of their chain of covers that day.

        A chain that ends in a loop (A to B to A) or with nobody gives nobody.
        """
        seen: set[PersonId] = set()
        while person not in seen:
            seen.add(person)
            absence = self.away(person, day)
            if absence is None:
                return person if self.reachable(person, day) else None
            if absence.cover is None:
                return None
            person = absence.cover
        return None


def _grouped(pairs: Iterable[tuple[K, V]]) -> Mapping[K, tuple[V, ...]]:
    """The values of each key, in their order."""
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def turn_of(account: Account, day: date) -> PersonId | None:
    """Whose turn it is by the account's pattern, before anybody's absence is looked at."""
    pattern = account.pattern
    order = tuple(p for p in pattern.order if p in account.people) or account.people
    if not order:
        return None
    match pattern.kind:
        case "one":
            return order[0]
        case "weeks":
            return order[_weeks(pattern, day) % len(order)]
        case "weekdays":
            return order[day.weekday() % len(order)]


def _weeks(pattern: Pattern, day: date) -> int:
    """Whole weeks, Monday to Sunday, since the pattern began; counted on dates, so no clock change matters."""
    start = pattern.start or date(2024, 1, 1)
    return (day.toordinal() - day.weekday() - start.toordinal() + start.weekday()) // 7
