"""Who may do what (exact-rules.md, "People and rights"). Pure; a refusal says who may."""

from collections.abc import Iterable
from datetime import date

from bot.model import Account, Person, PersonId, Refused
from bot.register import Register


def staff(actor: Person) -> None:
    """Everyone but guests, bots, deactivated people and outsiders of shared channels."""
    if not actor.may_act:
        raise Refused("right.staff")


def office(register: Register, actor: Person) -> bool:
    """Communications, whom the register and the settings belong to."""
    return actor.may_act and register.has_role(actor.id, "communications")


def leads(register: Register, actor: PersonId, account: Account) -> bool:
    """The head who answers for the account. A deputy reads its history and decides on requests, no more."""
    return actor == register.head_of(account)


def role_on(register: Register, actor: Person, account: Account, day: date, *, free: bool = False) -> str:
    """As what somebody acts on an account that day: manager, substitute, head, communications, or "".

    `free`: it is about a free day, on which whoever has the agreed duty stands in (users.md U3).
    """
    if not actor.may_act:
        return ""
    if account.people and actor.id == account.people[0]:
        return "manager"
    if actor.id in account.people or register.covers(actor.id, account, day):
        return "substitute"
    if free and _has_duty(register, actor, account):
        return "substitute"
    if leads(register, actor.id, account):
        return "head"
    return "communications" if office(register, actor) else ""


def _has_duty(register: Register, actor: Person, account: Account) -> bool:
    if account.duty.kind == "rota":
        return office(register, actor)
    return account.duty.kind == "people" and actor.id in account.duty.people


def work_on(register: Register, actor: Person, account: Account, day: date, *, free: bool = False) -> str:
    """Take, answer, hand on or close a question, answer a round: the account's people, cover, head, communications."""
    role = role_on(register, actor, account, day, free=free)
    if not role:
        raise Refused("right.account", account=account.name)
    return role


def read_history(register: Register, actor: Person, account: Account) -> None:
    """The history of an account: its people, head, deputy, communications, registrar (users.md U6)."""
    head = register.head_of(account)
    near = (
        actor.id in account.people
        or actor.id == head
        or (head and actor.id in register.deputies_of(head, account.unit))
    )
    if not actor.may_act or not (near or office(register, actor) or register.has_role(actor.id, "registrar")):
        raise Refused("right.history", account=account.name)


def may_join(register: Register, actor: Person) -> bool:
    """Say that two chat accounts are one person: communications, administrators."""
    return office(register, actor) or (actor.may_act and register.has_role(actor.id, "administrators"))


def join(register: Register, actor: Person) -> None:
    if not may_join(register, actor):
        raise Refused("right.join")


def enter(register: Register, actor: Person, people: tuple[PersonId, ...]) -> None:
    """Enter an account that exists: whoever names themselves among its people, or communications."""
    if actor.id not in people and not office(register, actor):
        raise Refused("right.enter", field="people")


def whole_register(register: Register, actor: Person) -> None:
    """Import, export and start the register: communications alone (users.md U1)."""
    if not office(register, actor):
        raise Refused("right.import")


def set_pattern(register: Register, actor: Person, account: Account) -> None:
    """Who watches when: the account's people, head, communications."""
    near = actor.id in account.people or leads(register, actor.id, account)
    if not actor.may_act or not (near or office(register, actor)):
        raise Refused("right.pattern", account=account.name)


def edit(register: Register, actor: Person, account: Account) -> None:
    """Hour and people of an account: account manager, head, communications."""
    near = actor.id in account.people[:1] or leads(register, actor.id, account)
    if not actor.may_act or not (near or office(register, actor)):
        raise Refused("right.edit", account=account.name)


def change_place(register: Register, actor: Person, account: Account) -> None:
    """Another channel: communications; the first one: also whoever may edit the account."""
    if account.place is None:
        edit(register, actor, account)
    elif not office(register, actor):
        raise Refused("right.place", account=account.name)


def away_for_others(register: Register, actor: Person) -> bool:
    """Whether the form asks who is away: of heads and communications."""
    return office(register, actor) or any(leads(register, actor.id, a) for a in register.accounts.values())


def set_away(register: Register, actor: Person, person: PersonId) -> None:
    """Away: oneself, one's head, communications."""
    head_of_them = any(leads(register, actor.id, account) for account in register.accounts_of(person))
    if not actor.may_act or not (actor.id == person or head_of_them or office(register, actor)):
        raise Refused("right.away")


def approve(
    register: Register,
    actor: Person,
    runner: PersonId,
    approver: PersonId | None,
    unit: str | None,
    manager: PersonId | None = None,
    handed: PersonId | None = None,
) -> None:
    """The approver or their deputy in that unit; never the runner or the account's manager, nor a deputy for these.

    `handed`: the deputy to whom it has been handed on; they decide though the approver has left since.
    """
    own = (runner, manager)
    if (approver is None and handed is None) or not actor.may_act:
        raise Refused("right.approve")
    if actor.id in own:
        raise Refused("right.own_request")
    deputies = register.deputies_of(approver, unit) if approver else ()
    deputy = actor.id == handed or actor.id in deputies
    if actor.id != approver and not (deputy and approver not in own):
        raise Refused("right.approve")


def judges(register: Register, own: Iterable[PersonId | None] = ()) -> tuple[PersonId, ...]:
    """Who answers for communications on a new account: its people and the director, on nobody's own request."""
    named = (*register.holders("communications"), *register.own("director"))
    return tuple(p for p in dict.fromkeys(named) if p not in set(own))


def judge(register: Register, actor: Person, own: Iterable[PersonId | None]) -> None:
    """Answer for communications; never on the request of the one who runs it or shall manage the account."""
    if not actor.may_act or actor.id not in judges(register):
        raise Refused("right.judge")
    if actor.id not in judges(register, own):
        raise Refused("right.own_request")
