"""`smbot doctor`: what is missing or wrong, one plain line each, with what to do about it."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from bot.cases.ladder import Hours
from bot.guard import lacks
from bot.model import Language, Office, PersonId, Place, Role
from bot.outgoing import Row
from bot.overlay import BASE
from bot.plain import natural
from bot.policy import Pack, load, names
from bot.ports import Tx
from bot.register import Register
from bot.retention import Kept, undecided
from bot.screens import guard as guard_screens
from bot.screens.base import Eyes
from bot.screens.retention import waiting
from bot.service import retention
from bot.service.arrivals import MISSING_PLACES
from bot.service.compose import at_work
from bot.service.mailing import has_mail, is_ready, needed_by, without_address
from bot.service.people import TO_CONFIRM
from bot.service.trouble import shut_out
from bot.texts import Texts
from smbot.manifest import OPTIONAL, scope_reasons
from smbot.settings import Settings
from smbot.wiring import Parts, SystemClock, build

if TYPE_CHECKING:
    from adapters.slack.people import SlackDirectory

Group = Literal[
    "settings",
    "database",
    "pack",
    "slack",
    "teams",
    "mail",
    "places",
    "people",
    "office",
    "alarm",
    "accounts",
    "delivery",
]
ROLES: Mapping[Role, Role | None] = {
    "communications": None,
    "director": None,
    "registrar": None,
    "security": "communications",
    "it_security": "security",
}
"""The roles that somebody should hold, and who hears instead while nobody does."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing to look at. `note`: it is worth knowing, and nothing that could be done about it now."""

    group: Group
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    note: bool = False

    def text(self, t: Texts) -> str:
        return t(f"doctor.{self.key}", **self.values)


def find(group: Group, key: str, **values: object) -> Finding:
    return Finding(group=group, key=key, values=values)


def note(group: Group, key: str, **values: object) -> Finding:
    return Finding(group=group, key=key, values=values, note=True)


async def examine(settings: Settings, language: Language) -> bool:
    """Print the findings, grouped; True when nothing is wrong."""
    found = await findings(settings, language)
    for line in report(found, Texts(language)):
        print(line)
    return all(each.note for each in found)


def report(found: Sequence[Finding], t: Texts) -> Iterator[str]:
    """What is wrong by group, in the order in which it is best mended; then what is worth knowing."""
    wrong = [each for each in found if not each.note]
    for group in (group for group in get_args(Group) if any(each.group == group for each in wrong)):
        yield t(f"doctor.group.{group}")
        yield from (f"  - {each.text(t)}" for each in wrong if each.group == group)
        yield ""
    if len(wrong) < len(found):
        yield t("doctor.group.notes")
        yield from (f"  - {each.text(t)}" for each in found if each.note)
        yield ""
    yield t.many("doctor.found", len(wrong)) if wrong else t("doctor.sound")


async def findings(settings: Settings, language: Language) -> list[Finding]:
    """Everything that is missing or wrong, gathered without changing anything."""
    found = [*of_settings(settings), *of_pack(settings)]
    chats = [*await _slack(settings, language), *await _teams(settings, language), *await _mail(settings)]
    state = await asyncio.to_thread(_schema, settings)
    if isinstance(state, Finding):
        return [*found, state, *chats, *of_beginning(settings, state)]
    parts = build(settings)
    try:
        async with parts.store.read() as tx:
            return [
                *found,
                *chats,
                *await of_office(tx, parts.bot.pack, language, parts.bot.platforms, mails=settings.has_mail),
                *await _places(settings, tx),
                *await _conversations(parts, tx),
                *await _retention(parts, tx, language),
            ]
    finally:
        await parts.store.close()


async def of_office(
    tx: Tx, pack: Pack, language: Language, platforms: frozenset[str] | None = None, *, mails: bool = False
) -> list[Finding]:
    """What the register and the outbox show. `platforms`: the chats that run; None where that is not known.
    `mails`: whether mail can be sent."""
    register = await tx.register()
    pack = load(register.office.policy) if register.office.policy else pack
    named = {place.name.casefold() for place in register.places.values()}
    lost = [name for name in await _listed(tx, MISSING_PLACES) if name.lstrip("#").casefold() not in named]
    unsure = await _listed(tx, TO_CONFIRM)
    return [
        *(find("places", "place_missing", place=name) for name in lost),
        *of_places(register),
        *of_people(register, frozenset(unsure), platforms, mails=mails),
        *of_roles(register, pack, language),
        *of_filings(register, len(await tx.open_cases("filing")), pack, language),
        *of_setup(register),
        *of_alarms(register, pack, language, mails=mails),
        *of_mail(register, pack, language, platforms, mails=mails),
        *of_accounts(register, Texts(language)),
        *of_guard(register, pack, Texts(language), platforms),
        *of_delivery(await tx.undeliverable(), register),
        *of_tokens(await shut_out(tx)),
    ]


async def _listed(tx: Tx, fact: str) -> list[str]:
    found: list[str] = json.loads(await tx.fact(fact) or "[]")
    return found


# -- settings, pack, database -------------------------------------------------------------------


def of_settings(settings: Settings) -> Iterator[Finding]:
    if not settings.has_slack and not settings.has_teams:
        yield find("settings", "no_platform")
    if settings.smbot_clock_file:
        yield find("settings", "clock_moved")
    yield from _organisation(settings)


def _organisation(settings: Settings) -> Iterator[Finding]:
    from bot.organisation import BadOrganisation, parse

    if settings.smbot_organisation is None:
        return
    try:
        parse(settings.smbot_organisation.read_text(encoding="utf-8"))
    except BadOrganisation as bad:
        for fault in bad.faults:
            yield find("settings", "organisation", path=settings.smbot_organisation, fault=fault)
    except (OSError, UnicodeDecodeError) as error:
        yield find("settings", "organisation", path=settings.smbot_organisation, fault=error)


def of_pack(settings: Settings) -> Iterator[Finding]:
    """The pack is checked as a whole; the defaults are said to be no university's own."""
    from importlib.resources import files

    from bot.policy_check import check

    name = settings.smbot_policy
    text = files("bot").joinpath("packs", f"{name}.toml").read_text(encoding="utf-8")
    yield from (find("pack", "pack_fault", pack=name, fault=fault) for fault in check(text))
    if name == BASE:
        yield note("pack", "pack_generic", names=", ".join(other for other in names() if other != BASE))


def _schema(settings: Settings) -> Finding | None:
    """What keeps the database from being read, if anything. Makes no database where there is none."""
    from storage.migrations import schema_state

    try:
        state = schema_state(settings.database)
    except Exception as error:
        return find("database", "no_database", why=type(error).__name__)
    return None if state == "current" else find("database", f"schema_{state}")


def of_beginning(settings: Settings, state: Finding) -> Iterator[Finding]:
    """Before the first start: whoever shall be administrator must be named in the settings."""
    if state.key == "schema_empty" and not settings.smbot_admin and not _names_administrator(settings):
        yield find("people", "no_administrator")


def _names_administrator(settings: Settings) -> bool:
    from bot.organisation import BadOrganisation, parse

    try:
        file = settings.smbot_organisation and parse(settings.smbot_organisation.read_text(encoding="utf-8"))
    except (BadOrganisation, OSError, UnicodeDecodeError):
        return True  # the file's own faults are told
    return bool(file and file.roles.get("administrators"))


# -- Slack --------------------------------------------------------------------------------------


async def _slack(settings: Settings, language: Language) -> list[Finding]:
    """Whether the token is taken, and whether each scope is there."""
    if not settings.has_slack:
        return []
    from adapters.slack import trouble

    try:
        workspace = await _directory(settings).start()
    except Exception as error:
        return [find("slack", "slack_refused", why=trouble.name(error))]
    return list(of_scopes(workspace.scopes, language))


def of_scopes(granted: frozenset[str], language: Language) -> Iterator[Finding]:
    """Each scope that the bot asks for and does not have; the optional ones are notes."""
    if not granted:
        yield find("slack", "scopes_unknown")
        return
    for scope, why in scope_reasons(language):
        if scope not in granted:
            optional = scope in OPTIONAL
            yield (note if optional else find)("slack", "scope", scope=scope, why=why)


async def _places(settings: Settings, tx: Tx) -> list[Finding]:
    """Whether the bot is in each place that something is bound to."""
    if not settings.has_slack:
        return []
    directory = _directory(settings)
    register = await tx.register()
    found = [await _in_place(directory, place.channel, place.name) for place in bound(register, "slack")]
    return [finding for finding in found if finding]


async def _in_place(directory: "SlackDirectory", channel: str, name: str) -> Finding | None:
    match await directory.is_member(channel):
        case True:
            return None
        case False | "not_in_channel":
            return find("places", "not_in_place", place=f"#{name}")
        case "is_archived":
            return find("places", "place_archived", place=f"#{name}")
        case "is_ext_shared":
            return find("places", "place_shared", place=f"#{name}")
        case why:
            return find("places", "place_unknown", place=f"#{name}", why=why)


def _directory(settings: Settings) -> "SlackDirectory":
    from adapters.slack.people import SlackDirectory

    token = settings.slack_bot_token
    return SlackDirectory(token.get_secret_value() if token else "", settings.smbot_slack_api_url)


# -- mail --------------------------------------------------------------------------------------


async def _mail(settings: Settings) -> list[Finding]:
    """Whether the server lets us in. Nothing is sent."""
    if not settings.has_mail:
        return []
    from smbot.on_mail import mail

    chat = mail(settings)
    why = await chat.try_out() if chat else ""
    return [find("mail", "mail_refused", why=why)] if why else []


# -- Teams --------------------------------------------------------------------------------------


async def _teams(settings: Settings, language: Language) -> list[Finding]:
    if not settings.has_teams:
        return []
    from smbot import doctor_teams

    return await doctor_teams.of_service(settings, Texts(language))


async def _conversations(parts: Parts, tx: Tx) -> list[Finding]:
    if not parts.settings.has_teams:
        return []
    from smbot import doctor_teams

    return await doctor_teams.of_conversations(parts, await tx.register())


# -- register -----------------------------------------------------------------------------------


def bound(register: Register, platform: str, kinds: Sequence[str] = ("channel",)) -> list[Place]:
    """The channels of a platform, or its places of other kinds, in which something is to be said."""
    used = {a.place for a in register.accounts.values() if a.state != "closed"} | set(
        register.role_places.values()
    )
    places = (p for p in register.places.values() if p.id in used and p.platform == platform)
    return sorted((p for p in places if p.kind in kinds), key=lambda p: natural(p.name))


def _called(place: Place) -> str:
    """As its platform writes it: with `#` in Slack alone."""
    return f"#{place.name}" if place.platform == "slack" else place.name


def of_places(register: Register) -> Iterator[Finding]:
    for place in register.places.values():
        if not place.confirmed:
            yield note("places", "place_unconfirmed", place=_called(place))


def of_people(
    register: Register,
    unsure: frozenset[str],
    platforms: frozenset[str] | None = None,
    *,
    mails: bool = False,
) -> Iterator[Finding]:
    """Those who have a task here and cannot be reached, or by mail alone, or were found by their address alone."""
    for person in sorted(tasked(register), key=lambda p: natural(register.name(p))):
        known = register.people.get(person)
        chats = {identity.platform for identity in register.identities_of(person)}
        if known is None or not (chats if platforms is None else chats & platforms):
            if mails and has_mail(register, person):
                yield note("people", "person_by_mail", name=register.name(person))
                continue
            yield find("people", "person_without_id", name=register.name(person) or person)
        elif not known.may_act:
            yield find("people", "person_inactive", name=known.name)
        elif person in unsure:
            yield note("people", "person_unconfirmed", name=known.name)


def tasked(register: Register) -> set[PersonId]:
    """Everybody on an account, at the head of a unit, or in a role."""
    return set(register.tasked)


def of_roles(register: Register, pack: Pack, language: Language) -> Iterator[Finding]:
    if not register.roles.get("administrators"):
        yield find("people", "no_administrator")
    for role, instead in ROLES.items():
        if register.roles.get(role):
            continue
        said = getattr(pack.names, role).of(language)
        if instead and register.holders(role):
            yield note(
                "people", "role_empty_covered", role=said, instead=getattr(pack.names, instead).of(language)
            )
        else:
            yield find("people", "role_empty", role=said)
    for unit in register.units.values():
        if register.head_for(unit.id) is None:
            yield find("people", "unit_without_head", unit=unit.name)


def of_filings(register: Register, waiting: int, pack: Pack, language: Language) -> Iterator[Finding]:
    """Things that wait for a diary number while nobody holds the registrar's role."""
    if waiting and not register.own("registrar"):
        names = pack.names
        yield find("people", "filings_wait", n=waiting, registrar=names.registrar.of(language),
                   office=names.communications.of(language))  # fmt: skip


def of_setup(register: Register) -> Iterator[Finding]:
    if register.office.name == Office().name:
        yield find("office", "no_name")
    if register.office.bridge_days_free is None:
        yield find("office", "bridge_days")
    if not register.office.visitor_contact:
        yield find("office", "no_contact")
    if register.office.pilot is not None:
        names = ", ".join(
            sorted(register.places[p].called for p in register.office.pilot if p in register.places)
        )
        yield note("office", "pilot", names=names or "–", n=register.silent_accounts)


async def _retention(parts: Parts, tx: Tx, language: Language) -> list[Finding]:
    """What waits for the number of a disposal decision: nothing of it is destroyed before (users.md U6)."""
    work = await at_work(parts.bot, tx, parts.clock.now())
    return list(
        of_retention(await retention.waits(work), undecided(work.register.office.retention), language)
    )


def of_retention(
    overdue: Sequence[Kept], open_kinds: Sequence[Kept], language: Language
) -> Iterator[Finding]:
    """Kinds of which something is past its proposed time; else, as a note, those that nobody has decided about yet."""
    t = Texts(language)
    if overdue:
        yield find("office", "retention_waits", kinds=waiting(t, overdue))
    elif open_kinds:
        yield note("office", "retention_undecided", n=len(open_kinds))


def of_alarms(
    register: Register, pack: Pack, language: Language, *, mails: bool = False
) -> Iterator[Finding]:
    """Without a 24-hour number and without mail for threat and pile-on an installation is not ready (users.md U7)."""
    if not is_ready(register, mails=mails):
        yield find("alarm", "not_ready")
    if not register.office.alarm_number:
        yield find("alarm", "no_alarm_number")
    if not mails:
        yield note("alarm", "no_mail")
        return
    for role in without_address(register):
        yield note("alarm", "no_mail_for", role=getattr(pack.names, role).of(language))


def of_mail(
    register: Register, pack: Pack, language: Language, platforms: frozenset[str] | None, *, mails: bool
) -> Iterator[Finding]:
    """Mailboxes and people whom mail alone reaches, while no server is set to hand it to."""
    if mails:
        return
    roles = [role for role, contact in register.role_contacts.items() if contact.mail]
    named = [getattr(pack.names, role).of(language) if role != "administrators" else role for role in roles]
    named += [register.name(person) for person in needed_by(register, platforms)]
    if named:
        yield find("mail", "mail_needed", names=", ".join(named))


def of_accounts(register: Register, t: Texts) -> Iterator[Finding]:
    accounts = [a for a in register.accounts.values() if a.state != "closed"]
    if not accounts:
        yield find("accounts", "no_accounts")
    if waiting := sum(account.state == "imported" for account in accounts):
        yield note("accounts", "imported", n=waiting)
    for account in sorted(accounts, key=lambda a: natural(a.name)):
        if account.gaps and account.state != "imported":
            gaps = " ".join(t(f"doctor.gap.{gap}") for gap in account.gaps)
            yield find("accounts", "account_gaps", account=account.name, gaps=gaps)


def of_guard(register: Register, pack: Pack, t: Texts, platforms: frozenset[str] | None) -> Iterator[Finding]:
    """Accounts without two people who can be reached."""
    office = register.office
    calendar = pack.calendar(
        zone=office.zone, bridge_days_free=bool(office.bridge_days_free), closed=office.closed
    )
    now = SystemClock().now()
    eyes = Eyes(t=t, register=register, now=now, hours=Hours(calendar=calendar, office=office), pack=pack)
    for _, lack in sorted(lacks(register, platforms).items()):
        yield find("accounts", "account_guard", what=guard_screens.sentence(eyes, lack))


def of_tokens(shut_out: Mapping[str, str]) -> Iterator[Finding]:
    """Platforms that did not take the bot's token when it last wrote to them."""
    for platform, reason in shut_out.items():
        yield find("delivery", "shut_out", platform=platform.capitalize(), reason=reason)


def of_delivery(rows: Sequence[Row], register: Register) -> Iterator[Finding]:
    """What can never be delivered, once for each addressee and reason."""
    for target, reason in dict.fromkeys((row.target, row.reason) for row in rows):
        kind, _, ident = target.partition(":")
        place = register.places.get(ident)
        name = (
            _called(place)
            if place
            else register.name(PersonId(ident))
            if kind in ("person", "mail")
            else ident
        )
        yield find("delivery", "undeliverable", target=name or ident, reason=reason)
