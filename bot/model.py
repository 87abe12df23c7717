"""What the register knows: people, units, places, accounts and how the office works.

Plain frozen values. Nothing here reads a clock, a disk or a chat platform.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal, NewType

from bot.retention import Disposal, Kept

PersonId = NewType("PersonId", str)
Language = Literal["sv", "en"]
Standing = Literal["member", "guest", "bot", "outsider"]
Role = Literal["administrators", "communications", "director", "registrar", "security", "it_security"]
ROLES: tuple[Role, ...] = (
    "administrators",
    "communications",
    "director",
    "registrar",
    "security",
    "it_security",
)


class Refused(Exception):
    """What a person asked for cannot be done.

    `key` names the text that says what is wrong and what to do next, in the reader's language;
    `values` fill its placeholders. `field` names the form field it belongs to, if any.
    """

    def __init__(self, key: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.field = field
        self.values = values


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody the bot knows, with or without a chat account. Only ids join them to one, never a matching name.

    `phone`: a number that the office has entered, for people to ring; the bot rings nobody.
    """

    id: PersonId
    name: str
    email: str = ""
    phone: str = ""
    language: Language | None = None  # None: the organisation's
    standing: Standing = "member"
    active: bool = True
    checked: bool = True  # False: picked in a form before the platform could be asked about them
    left_on: date | None = (
        None  # noted by communications, or by the bot when every platform says that they are gone
    )

    @property
    def may_act(self) -> bool:
        """Guests, bots, whoever has left, deactivated people and outsiders of shared channels hold no role."""
        return self.active and self.standing == "member" and self.left_on is None


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How a role is reached beside chat: its function mailboxes, any of which may be an SMS gateway's address or that of
    an on-call service, and a number that people ring (users.md U7, U8)."""

    mail: tuple[str, ...] = ()
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One chat account of a person. `realm` is the workspace or tenant. `gone`: they removed the bot, or blocked it."""

    platform: str
    realm: str
    user: str
    person: PersonId
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A department, school or office, with the head who answers for its accounts."""

    id: str
    name: str
    head: PersonId | None = None
    deputy: PersonId | None = None
    parent: str | None = None


UNHEARD = frozenset({"teams"})
"""Chats in which a post that mentions nobody may reach nobody (users.md U12)."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an account's people talk: a channel, a group chat or one person's direct messages."""

    id: str
    platform: str
    realm: str
    channel: str
    name: str
    kind: Literal["channel", "group", "direct"] = "channel"
    language: Language | None = None
    hour: time = time(9)
    confirmed: bool = True  # False: found by name at seeding, an administrator has still to confirm it
    gone: bool = False  # the bot was removed there: nobody is asked there until it is back
    welcomed: date | None = None  # the day of its welcome (users.md U11): asked from the day after

    @property
    def mentions(self) -> bool:
        """Whether the morning card has to mention today's watcher, which is then the day's one alert."""
        return self.platform in UNHEARD

    @property
    def called(self) -> str:
        """As people call it: `#` stands before a channel's name that is one word in small letters."""
        is_word = self.name == self.name.lower() and " " not in self.name
        return f"#{self.name}" if self.kind == "channel" and is_word else self.name


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Who watches when: always one, weeks in turn from `start`, or by weekday (Monday first)."""

    kind: Literal["one", "weeks", "weekdays"] = "one"
    order: tuple[PersonId, ...] = ()
    start: date | None = None


Way = Literal["", "phone", "paper", "mail", "meeting"]
"""How somebody said outside chat what another entered for them (users.md U8); "": it was said in chat."""


@dataclass(frozen=True, kw_only=True)
class FreeDuty:
    """What the head decided about free days. `none` means nobody is asked, and that is shown.

    `agreed_on` with `none`: that nobody watches is the head's own decision, and `instead` is what happens then.
    """

    kind: Literal["none", "people", "rota"] = "none"
    people: tuple[PersonId, ...] = ()
    agreed_by: str = ""
    agreed_on: date | None = None
    instead: Literal["", "comments_off", "filtered"] = ""
    way: Way = ""  # how the head said it, where communications has entered it for them (users.md U8)


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """Which guidelines, in which words, something was made under."""

    pack: str
    version: str
    digest: str


AccountState = Literal["imported", "gaps", "approved", "live", "paused", "closed"]
"""`imported`: it came in from a file, and nothing is asked before communications starts its channel."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account on a social platform. `people[0]` is the account manager, the rest substitutes."""

    id: str
    platform: str  # instagram, facebook, linkedin, x, youtube, tiktok, bluesky, mastodon, threads, other
    name: str
    address: str  # canonical, see bot/addresses.py; "" while an approved account is not made yet
    unit: str
    people: tuple[PersonId, ...]
    place: str | None = None
    state: AccountState = "gaps"
    asked_from: date | None = None  # first day on which the account may be asked about
    pattern: Pattern = Pattern()
    duty: FreeDuty = FreeDuty()
    head: PersonId | None = None  # None: the unit's head
    purpose: str = ""
    level: Literal["unit", "administration", "university"] = "unit"
    stamp: Stamp | None = None
    approved_on: date | None = None  # an approval that is older than the register
    approval_number: str = ""
    said: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What an imported file said by column where the register knows nobody and nothing by it: `head`: "prefekten"."""
    login: str = ""  # where the login is kept, in a few words; never the login itself
    version: int = 0

    @property
    def gaps(self) -> tuple[str, ...]:
        """What the register lacks about this account, as text keys `gap.*`, most pressing first."""
        lacking = {
            "place": self.place is None,
            "person": len(self.people) == 0,
            "second_person": len(self.people) == 1,
            "address": not self.address,
        }
        return tuple(name for name, missing in lacking.items() if missing)

    @property
    def is_asked(self) -> bool:
        """Live, or existing with gaps but with a place and at least one person."""
        return self.state in ("live", "gaps") and self.place is not None and bool(self.people)


@dataclass(frozen=True, kw_only=True)
class Absence:
    """A person is away from `first` to `last`, both included. Said of a person, never per account."""

    id: str
    person: PersonId
    first: date
    last: date
    cover: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class Takeover:
    """Somebody else watches these accounts from `first` to `last`, both included; then it is over by itself.

    `who`: whom the head named; None: communications' rota. `by`: who took over, or named them. A takeover that is
    taken back ends before it began, or the day before.
    """

    id: str
    accounts: tuple[str, ...]
    first: date
    last: date
    by: PersonId
    who: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class Season:
    """When heads are asked who covers, and for which time: month and day, `06-01`. `asked` "": they are not asked."""

    name: Literal["summer", "christmas"]
    asked: str
    first: str
    last: str


SEASONS = (
    Season(name="summer", asked="06-01", first="06-15", last="08-15"),
    Season(name="christmas", asked="12-01", first="12-19", last="01-06"),
)
"""Marked defaults: no guideline says when."""


Hearer = Literal["substitute", "communications", "head"]
"""Who may hear of it when nobody answers."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """How the office works. Every value is a setting; the times are marked defaults (exact-rules)."""

    name: str = "Universitetet"
    language: Language = "sv"
    zone: str = "Europe/Stockholm"
    alarm_number: str = ""  # the 24-hour number shown on an alarm
    visitor_contact: str = ""
    communications_name: Mapping[Language, str] = field(default_factory=dict)
    opens: time = time(8)
    closes: time = time(17)
    collect_early: time = time(12)
    collect: time = time(14)
    heads_at: time = time(9, 30)
    digest_at: time = time(15, 30)
    registrar_at: time = time(10)
    bridge_days_free: bool | None = None  # None: nobody has said yet, `doctor` calls it a fault
    closed: frozenset[date] = frozenset()
    receipt_minutes: int = 15
    head_at_once: bool = (
        False  # a head hears of an alarm at once, and not on the next working morning (users.md U7)
    )
    unlooked_days: int = (
        2  # working days in a row without a word of an account until its head hears (users.md U2)
    )
    role_names: Mapping[Role, Mapping[Language, str]] = field(default_factory=dict)
    """What a role is called here, where that is not as in the guidelines; communications has a field of its own."""
    policy: str = ""
    """Whose guidelines hold, by the pack's name; "": those that the server was started with."""
    steps: Mapping[str, int] = field(default_factory=dict)
    """Waits of the ladders that differ from the guidelines' marked defaults, by the setting's name (bot/steps.py)."""
    hearers: Mapping[str, tuple[Hearer, ...]] = field(default_factory=dict)
    """Who hears at a rung of a ladder, where the office has chosen others than the marked default, by the rung (bot/steps.py)."""
    changers: tuple[PersonId, ...] = ()
    """Who may change settings beside communications and the administrators."""
    retention: Mapping[Kept, Disposal] = field(default_factory=dict)
    """What the office has entered of its own; what it lacks is as `bot.retention.DEFAULTS`."""
    guidelines: str = ""  # the address at which the organisation publishes its guidelines
    about: str = ""  # the address of its page for colleagues (docs/for-kollegor.md)
    pilot: frozenset[str] | None = None
    """The places in which the bot is tried out (users.md U11): all others are silent. None: no trial."""
    pilot_over: date | None = None  # the day on which a trial ended: the rest begins on the day after
    hr_page: str = ""  # where the employer says how work on free days is agreed
    seasons: tuple[Season, ...] = SEASONS


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a case's log: what was done, by whom (None: the bot), with codes and data."""

    what: str
    by: PersonId | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None  # filled when it is saved
