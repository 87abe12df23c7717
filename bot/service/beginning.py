"""The first meeting: seven questions for the first administrator, of which only what lacks is asked (users.md U4)."""

import json
from collections.abc import Iterator
from dataclasses import replace

from bot import rights
from bot.changes import Change, Patch, holding
from bot.model import Office, Refused, Role
from bot.ports import Tx
from bot.register import Register
from bot.screens import beginning as screens
from bot.service import settings_pages as pages
from bot.service.base import Feature, Verb, Work, several, text
from bot.service.seed import SEEDED
from bot.service.settings_follow import commit
from bot.service.settings_pages import After
from bot.view import Ask, Reply, Tell, Value, Values

ANSWERED = "beginning.answered"
"""The fact that lists the questions that have been answered, also where the default will do."""


def lacks(register: Register, answered: frozenset[str]) -> tuple[str, ...]:
    """The questions without an answer, in order. Nobody in a role, no number and no account stay open until there is one."""
    office = register.office
    found = {
        "name": office.name == Office().name and "name" not in answered,
        "communications": not register.own("communications"),
        "registrar": not register.own("registrar"),
        "security": not register.own("security") or not office.alarm_number,
        "hours": office.bridge_days_free is None,
        "contact": not office.visitor_contact,
        "accounts": not any(a.state != "closed" for a in register.accounts.values()),
    }
    return tuple(name for name in screens.QUESTIONS if found[name])


async def lacking(work: Work) -> tuple[str, ...]:
    return lacks(work.register, await answered(work.tx))


async def answered(tx: Tx) -> frozenset[str]:
    return frozenset(json.loads(await tx.fact(ANSWERED) or "[]"))


async def is_first(work: Work) -> bool:
    """Whether the bot has just begun here: filled from a file, or with nothing in it yet."""
    return not work.register.accounts or await work.tx.fact(SEEDED) is not None


# -- the seven presses ------------------------------------------------------------------------------


async def open_next(work: Work, _arg: str = "") -> Reply:
    """The first page with a question that is open."""
    rights.set_rights(work.register, work.actor)
    return await _next(work, tuple(screens.PAGES))


async def _next(work: Work, ahead: tuple[str, ...]) -> Reply:
    lacking_now = await lacking(work)
    for page in ahead:
        if set(screens.PAGES[page]) & set(lacking_now):
            return Ask(form=screens.form(work.eyes, page))
    imports = rights.office(work.register, work.actor)
    return Tell(card=screens.finished(work.eyes, lacking_now, imports=imports))


async def submit(work: Work, page: str, values: Values) -> Reply:
    """Save a page at once: there is nothing yet that it could move. Then the next one with an open question."""
    rights.set_rights(work.register, work.actor)
    if page not in screens.PAGES:
        raise Refused("form.gone")
    patches = pages.patches(work, _read(work, page, values))
    done = {*await answered(work.tx), *screens.PAGES[page]}
    await work.tx.save_fact(ANSWERED, json.dumps(sorted(done)))
    after = await _saved(work, page, patches) if patches else work
    ahead = tuple(screens.PAGES)
    return await _next(after, ahead[ahead.index(page) + 1 :])


async def _saved(work: Work, page: str, patches: tuple[Patch, ...]) -> Work:
    change = Change(
        id=f"g{work.bot.ids.new()}", page=_logged(page), at=work.now, by=work.actor.id, patches=patches
    )
    await commit(work, change)
    return replace(work, register=await work.tx.register())


def _logged(page: str) -> str:
    """Who holds communications says who may change settings: it is taken back by whom the same rule lets."""
    return "role|communications" if page in ("people", "channel") else "beginning"


def _read(work: Work, page: str, values: Values) -> Iterator[After]:
    match page:
        case "name":
            yield from pages.names(work, "", values)
        case "people":
            yield from _role(work, "communications", values)
            yield from _role(work, "registrar", values)
        case "security":
            yield from _role(work, "security", values)
            number = {
                "alarm_number": text(values, "alarm_number"),
                "visitor_contact": work.register.office.visitor_contact,
            }
            yield from pages.contact(work, "", number)
        case "hours":
            (_, _, office), *_ = pages.hours(work, "", values)
            bridge = text(values, "bridge")
            if isinstance(office, Office) and bridge in ("free", "worked"):
                yield "office", "", replace(office, bridge_days_free=bridge == "free")
        case "contact":
            yield "office", "", _contact(work, values)
        case _:
            yield from _channel(work, values)


def _role(work: Work, role: Role, values: Values) -> Iterator[After]:
    email, unseen = f"{role}_email", f"{role}_kept"
    given: dict[str, Value] = {role: several(values, role), email: text(values, email)}
    given |= {"kept": several(values, unseen)} if unseen in values else {}
    yield from pages.role_people(work, role, given, holding(work.register, role), role, email)


def _contact(work: Work, values: Values) -> Office:
    office = replace(work.register.office, visitor_contact=text(values, "visitor_contact"))
    found = [thing for _, _, thing in pages.retention(work, "checks", values) if isinstance(thing, Office)]
    return replace(office, retention=found[0].retention) if found else office


def _channel(work: Work, values: Values) -> Iterator[After]:
    ident = text(values, "place")
    if not ident:
        return
    pages.known_place(work, ident)
    if ident not in work.register.places:
        yield "place", ident, pages.new_place(ident)
    yield "role", "communications", replace(holding(work.register, "communications"), place=ident)


FEATURE = Feature(
    verbs={"beginning.open": Verb(run=open_next, writes=False)},
    forms={"beginning.page": submit},
)
