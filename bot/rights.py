"""Who may do what (exact-rules.md, "People and rights"). Pure; a refusal says who may."""

from collections.abc import Collection, Iterable
from datetime import date

from bot.model import Account, Person, PersonId, Refused
from bot.register import Register
from bot.retention import Disposal, Kept


def staff(actor: Person) -> None:
    """Everyone but guests, bots, deactivated people and outsiders of shared channels."""
    if not actor.may_act:
        raise Refused("right.staff")


def office(register: Register, actor: Person) -> bool:
    """Communications, whom the register and the settings belong to."""
    return actor.may_act and register.has_role(actor.id, "communications")


def leads(register: Register, actor: PersonId, account: Account) -> bool:
    """The head who answers for the account."""
    return actor == register.head_of(account)


def heads(register: Register, actor: PersonId, account: Account, day: date) -> bool:
    """The head, and the deputy while the head is away or has left: what the head is asked that day goes to them.

    Otherwise a deputy reads the account's history and decides on requests, no more.
    """
    return leads(register, actor, account) or actor == register.present_head(account, day)


def led(register: Register, actor: Person, day: date) -> tuple[Account, ...]:
    """All accounts that whoever asks answers for as their head, or in the head's stead that day: they alone say that all
    of them stand right."""
    found = register.led_by(actor.id, day) if actor.may_act else ()
    if not found:
        raise Refused("right.led")
    return found


def see_to_wishes(register: Register, actor: Person) -> None:
    """Say that what a head wanted changed is done: communications."""
    if not office(register, actor):
        raise Refused("right.wishes")


def role_on(register: Register, actor: Person, account: Account, day: date, *, free: bool = False) -> str:
    """As what somebody acts on an account that day: manager, substitute, head (who stands in too), communications, or "".

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
    if heads(register, actor.id, account, day):
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
    if not actor.may_act or not (_near(register, actor, account) or reads_all_decisions(register, actor)):
        raise Refused("right.history", account=account.name)


def _near(register: Register, actor: Person, account: Account) -> bool:
    """Among the account's people, its head, or a deputy of the head there."""
    head = register.head_of(account)
    deputies = register.deputies_of(head, account.unit) if head else ()
    return actor.id in (*account.people, head, *deputies)


def reads_all_decisions(register: Register, actor: Person) -> bool:
    """Communications and the registrar."""
    return office(register, actor) or (actor.may_act and register.has_role(actor.id, "registrar"))


def decisions_of(register: Register, actor: Person) -> frozenset[str]:
    """The accounts, closed ones too, whose decisions somebody may read: its people, head, deputy (users.md U6)."""
    if not actor.may_act:
        return frozenset()
    return frozenset(a.id for a in register.accounts.values() if _near(register, actor, a))


def read_decision(
    register: Register, actor: Person, accounts: Iterable[str], took: Iterable[PersonId | None]
) -> None:
    """Read a decision: whoever may read those of one of its accounts, whoever `took` it or presented it, the registrar,
    communications."""
    near = actor.id in set(took) or not decisions_of(register, actor).isdisjoint(accounts)
    if not actor.may_act or not (near or reads_all_decisions(register, actor)):
        raise Refused("right.decision")


def may_correct(register: Register, actor: Person, decided_by: PersonId | None) -> bool:
    """Correct a decision by a new one: whoever took it, and communications."""
    return actor.may_act and (actor.id == decided_by or office(register, actor))


def correct(register: Register, actor: Person, decided_by: PersonId | None) -> None:
    if not may_correct(register, actor, decided_by):
        raise Refused("right.correct")


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


def _in_use(account: Account) -> None:
    """The register keeps a closed account as it was."""
    if account.state == "closed":
        raise Refused("account.is_closed", account=account.name)


def whole_register(register: Register, actor: Person) -> None:
    """Import, export and start the register: communications alone (users.md U1)."""
    if not office(register, actor):
        raise Refused("right.import")


def may_set(register: Register, actor: Person) -> bool:
    """Change how the office works: communications, administrators, and whom these have named for it (users.md U4)."""
    named = actor.id in register.office.changers
    return actor.may_act and (
        named or office(register, actor) or register.has_role(actor.id, "administrators")
    )


def settings(register: Register, actor: Person) -> None:
    if not may_set(register, actor):
        raise Refused("right.settings")


def set_rights(register: Register, actor: Person) -> None:
    """Who may change settings, and who holds the two roles that may: these two roles alone, never whom they have named."""
    if not _may_set_rights(register, actor):
        raise Refused("right.set_rights")


def _may_set_rights(register: Register, actor: Person) -> bool:
    return office(register, actor) or (actor.may_act and register.has_role(actor.id, "administrators"))


def set_for(before: Register, after: Register, actor: Person) -> None:
    """Make the settings into `after`: whom the two roles have named gives themselves no role, no unit and no account's
    decisions by it, and changes no disposal decision."""
    if _may_set_rights(before, actor):
        return
    if not _tasks(after, actor) <= _tasks(before, actor):
        raise Refused("right.set_for_oneself")
    if _disposals(before) != _disposals(after):
        raise Refused("right.set_rights")


def _tasks(register: Register, actor: Person) -> frozenset[tuple[str, str]]:
    """Roles, units as head or deputy, and accounts whose decisions are theirs."""
    return frozenset([
        *(("role", role) for role, people in register.roles.items() if actor.id in people),
        *(("head", u.id) for u in register.units.values() if actor.id == u.head),
        *(("deputy", u.id) for u in register.units.values() if actor.id == u.deputy),
        *(("leads", a.id) for a in register.accounts.values() if leads(register, actor.id, a)),
        *(("account", ident) for ident in decisions_of(register, actor)),
    ])  # fmt: skip


def _disposals(register: Register) -> dict[Kept, Disposal]:
    """What is decided on paper, by kind: its number and what goes by it."""
    return {kind: rule for kind, rule in register.office.retention.items() if rule.number}


def may_set_pattern(register: Register, actor: Person, account: Account) -> bool:
    """As `set_pattern`, for a button that is only shown where it works."""
    try:
        set_pattern(register, actor, account)
    except Refused:
        return False
    return True


def trial(register: Register, actor: Person) -> None:
    """Try the bot in some channels only: communications alone (users.md U11)."""
    if not office(register, actor):
        raise Refused("right.pilot")


def foresees(register: Register, actor: Person) -> frozenset[str]:
    """The accounts of which somebody may see what will be said: one's own, those one is head of; all for communications."""
    if not actor.may_act:
        return frozenset()
    own = {a.id for a in register.accounts.values() if actor.id in a.people or leads(register, actor.id, a)}
    return frozenset(register.accounts) if office(register, actor) else frozenset(own)


def season(register: Register, actor: Person, head: PersonId) -> None:
    """Say who covers a head's accounts in a season: the head, their deputies, communications."""
    near = actor.id in {head, *_deputies(register, head)}
    if not actor.may_act or not (near or office(register, actor)):
        raise Refused("right.season")


def _deputies(register: Register, head: PersonId) -> frozenset[PersonId]:
    """Of the head, for any of their accounts."""
    led = (a for a in register.accounts.values() if register.head_of(a) == head)
    return frozenset(d for account in led for d in register.deputies_of(head, account.unit))


def season_told_by(register: Register, actor: Person, head: PersonId) -> bool:
    """Whether the head's answer about a season is only to be entered: not by a deputy, who may give their own."""
    return speaks_for(register, actor, head) and actor.id not in _deputies(register, head)


def set_pattern(register: Register, actor: Person, account: Account) -> None:
    """Who watches when: the account's people, head, communications."""
    _in_use(account)
    near = actor.id in account.people or leads(register, actor.id, account)
    if not actor.may_act or not (near or office(register, actor)):
        raise Refused("right.pattern", account=account.name)


def edit(register: Register, actor: Person, account: Account) -> None:
    """Hour and people of an account: account manager, head, communications."""
    _in_use(account)
    near = actor.id in account.people[:1] or leads(register, actor.id, account)
    if not actor.may_act or not (near or office(register, actor)):
        raise Refused("right.edit", account=account.name)


def set_hour(register: Register, actor: Person, accounts: Iterable[Account]) -> None:
    """The hour of a place's card: whoever may change one of its accounts."""
    known = [a for a in accounts if a.state != "closed"]
    near = any(actor.id in a.people[:1] or leads(register, actor.id, a) for a in known)
    if not actor.may_act or not (near or office(register, actor)):
        raise Refused("right.edit", account=", ".join(a.name for a in known[:3]))


def may_close(register: Register, person: PersonId, account: Account, role: str) -> bool:
    """Start to close an account, or turn its comments off: its people, head, communications; the director where `role`,
    as what it is decided, is the director's (KIEN-79)."""
    decides = role == "director" and register.has_role(person, "director")
    near = person in account.people or leads(register, person, account) or decides
    return account.state != "closed" and (near or register.has_role(person, "communications"))


def close(register: Register, actor: Person, account: Account, role: str) -> None:
    """As `may_close`, of an account that is in use."""
    _in_use(account)
    if not actor.may_act or not may_close(register, actor.id, account, role):
        raise Refused("right.close", account=account.name)


def change_place(register: Register, actor: Person, account: Account) -> None:
    """Another channel: communications; the first one: also whoever may edit the account."""
    _in_use(account)
    if account.place is None:
        edit(register, actor, account)
    elif not office(register, actor):
        raise Refused("right.place", account=account.name)


def let_go(register: Register, actor: Person) -> None:
    """Say that somebody has left, and take it back: communications."""
    if not office(register, actor):
        raise Refused("right.let_go")


def away_for_others(register: Register, actor: Person) -> bool:
    """Whether the form asks who is away: of heads and communications."""
    return office(register, actor) or any(leads(register, actor.id, a) for a in register.accounts.values())


def set_away(register: Register, actor: Person, person: PersonId) -> None:
    """Away: oneself, one's head, communications."""
    head_of_them = any(leads(register, actor.id, account) for account in register.accounts_of(person))
    if not actor.may_act or not (actor.id == person or head_of_them or office(register, actor)):
        raise Refused("right.away")


def has_heads_word(register: Register, actor: Person, accounts: Iterable[Account], day: date) -> bool:
    """Give the head's word on who watches all of these: the head, the deputy while the head is away; communications where
    neither is there (users.md U3)."""
    found = [_heads(register, actor, account, day) for account in accounts]
    return actor.may_act and bool(found) and all(found)


def _heads(register: Register, actor: Person, account: Account, day: date) -> bool:
    asked = register.answerer(account, day)
    for_them = asked is not None and register.has_role(asked, "communications") and office(register, actor)
    return leads(register, actor.id, account) or actor.id == asked or for_them


def speaks_for(register: Register, actor: Person, head: PersonId | None) -> bool:
    """Enter what a head, or whoever stands in, has said, whom no chat knows at all: communications (users.md U8)."""
    known = register.people.get(head) if head else None
    other = known is not None and known.may_act and known.id != actor.id
    return other and office(register, actor) and not register.identities_of(PersonId(head or ""))


def speak_for(register: Register, actor: Person, head: PersonId | None) -> None:
    if not speaks_for(register, actor, head):
        raise Refused("right.speak_for")


def told_by(register: Register, actor: Person, accounts: Iterable[Account], day: date) -> PersonId | None:
    """Whose word on all of these, told outside chat, somebody may enter; None where it is theirs to give, or nobody's."""
    known = list(accounts)
    asked = {register.answerer(account, day) for account in known}
    head = asked.pop() if len(asked) == 1 else None
    own = has_heads_word(register, actor, known, day)
    return head if head and not own and speaks_for(register, actor, head) else None


def heads_word(register: Register, actor: Person, accounts: Iterable[Account], day: date) -> None:
    if not has_heads_word(register, actor, accounts, day):
        raise Refused("right.heads_word")


def rota(register: Register, actor: Person) -> None:
    """Take accounts over for communications: communications alone."""
    if not office(register, actor):
        raise Refused("right.rota")


def approve(
    register: Register,
    actor: Person,
    own: Iterable[PersonId],
    approver: PersonId | None,
    units: Collection[str | None],
    handed: PersonId | None = None,
) -> None:
    """The approver or their deputy in those units; never one whose `own` request it is, nor a deputy for these.

    `handed`: the deputy to whom it has been handed on; they decide though the approver has left since.
    """
    mine = set(own)
    if (approver is None and handed is None) or not actor.may_act:
        raise Refused("right.approve")
    if actor.id in mine:
        raise Refused("right.own_request")
    found = [register.deputies_of(approver, unit) for unit in units] if approver else []
    stands_in = bool(found) and all(actor.id in deputies for deputies in found)
    if actor.id != approver and not ((actor.id == handed or stands_in) and approver not in mine):
        raise Refused("right.approve")


def may_enter_decision(register: Register, person: Person, own: Iterable[PersonId]) -> bool:
    """Enter what somebody decided on paper or by telephone: communications, on nobody's `own` request (users.md U8)."""
    return office(register, person) and person.id not in set(own)


def enter_decision(register: Register, actor: Person, own: Iterable[PersonId]) -> None:
    if not office(register, actor):
        raise Refused("right.enter_decision")
    if not may_enter_decision(register, actor, own):
        raise Refused("right.own_request")


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


def registry(register: Register, actor: Person) -> str:
    """As what somebody sees the registrar's queue and enters numbers: registrar, or communications on their behalf (U8)."""
    if actor.may_act and register.has_role(actor.id, "registrar"):
        return "registrar"
    if office(register, actor):
        return "communications"
    raise Refused("right.registry")
