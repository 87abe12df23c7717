"""Who is reached by mail: beside chat, when it must not fail, and where there is no chat (users.md U7, U8, U12)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from bot.model import ROLES, PersonId, Role
from bot.outgoing import MAIL, Reader, Row, Say, mail_key, to_mail, to_mailbox
from bot.plain import natural
from bot.ports import Address
from bot.register import Register

WIRES = ("mail", "mailbox")
"""The kinds of readers that are reached by mail and by nothing else."""


def readers(register: Register, say: Say, told: Iterable[PersonId]) -> tuple[Reader, ...]:
    """The mailboxes of the role, and the people who are told, as far as they have an address."""
    role = next((r for r in ROLES if r == say.reader.id.partition("/")[0]), None)
    boxes = register.contact(role).mail if role and say.reader.kind == "role" else ()
    people = () if say.mail == "boxes" else (p for p in told if has_mail(register, p))
    return (*map(to_mailbox, boxes), *map(to_mail, people))


def has_mail(register: Register, person: PersonId) -> bool:
    """Whoever has left, guests and bots get none."""
    known = register.people.get(person)
    return known is not None and known.may_act and bool(known.email)


def in_chat(register: Register, person: PersonId, platforms: Collection[str] | None) -> bool:
    """Whether somebody has a chat account, on one of these platforms (None: on any)."""
    found = register.identities_of(person)
    return any(platforms is None or i.platform in platforms for i in found)


ALARMED: tuple[Role, ...] = ("security", "communications")
"""Who hears first of a threat, and of a risk of a pile-on."""


def is_ready(register: Register, *, mails: bool) -> bool:
    """Whether an alarm can ring by night: a 24-hour number, or a mail address for each of threat and pile-on (users.md U7)."""
    return bool(register.office.alarm_number) or (mails and not without_address(register))


def without_address(register: Register) -> tuple[Role, ...]:
    """Of those who hear alarms first, who has neither a mailbox nor anybody with an address."""
    return tuple(
        role for role in ALARMED
        if not register.contact(role).mail and not any(has_mail(register, p) for p in register.holders(role))
    )  # fmt: skip


def needed_by(register: Register, platforms: Collection[str] | None) -> tuple[PersonId, ...]:
    """Those with a task who can be reached by mail and by nothing else."""
    lone = (p for p in register.tasked if has_mail(register, p) and not in_chat(register, p, platforms))
    return tuple(sorted(lone, key=lambda p: natural(register.name(p))))


def once(rows: Sequence[Row]) -> list[Row]:
    """Of what is said at one moment each mailbox gets the first: one person may hold two roles."""
    seen: set[str] = set()
    found: list[Row] = []
    for row in rows:
        if Reader.parse(row.target).kind not in WIRES:
            found.append(row)
        elif row.target not in seen:
            seen.add(row.target)
            found.append(row)
    return found


def by_mail(row: Row, target: Reader) -> Row:
    """The same by mail. It is of no thread, and nothing changes it once it has been sent."""
    said = row.key.removesuffix(f">{row.target}")
    return replace(row, number=0, key=mail_key(said, target), target=str(target), threaded=False, living=False,
                   state="waiting", tries=0, retry_at=None, first_try=None, reason="")  # fmt: skip


def instead(register: Register, row: Row, platforms: Collection[str]) -> Row | None:
    """What could not reach somebody in chat, for them by mail; what went by mail already does so no second time."""
    target = Reader.parse(row.target)
    person = PersonId(target.id)
    if MAIL not in platforms or target.kind != "person" or not in_chat(register, person, platforms):
        return None
    return by_mail(row, to_mail(person)) if has_mail(register, person) else None


def address(register: Register, target: Reader, platforms: Collection[str]) -> Address | None:
    """Where mail to a mailbox, or to a person, goes; None where there is no way."""
    if MAIL not in platforms:
        return None
    if target.kind == "mailbox":
        return Address(platform=MAIL, realm="", user=target.id)
    person = PersonId(target.id)
    if not has_mail(register, person):
        return None
    return Address(platform=MAIL, realm="", user=register.people[person].email)
