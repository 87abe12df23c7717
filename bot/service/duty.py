"""Free days are the head's decision: asked once for all accounts and each half-year, or set from an account's page (U3)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from pydantic import TypeAdapter

from bot import rights
from bot.cases.watch import Settled, Watch, asked, decide
from bot.model import Account, Entry, FreeDuty, PersonId, Refused, Way
from bot.plain import by_name
from bot.register import Register
from bot.screens import duty as screens
from bot.screens import spoken
from bot.service import watch_digest
from bot.service.asked import of_former_heads, open_watches
from bot.service.base import Feature, Verb, Work, several, text
from bot.service.in_use import log_of
from bot.view import Ask, Reply, Tell, Values

ASKED = "duty.asked"
"""The fact that holds, by account, when its head was last asked about free days."""
HALF_YEAR = timedelta(days=182)
ALL: TypeAdapter[dict[str, date]] = TypeAdapter(dict[str, date])


# -- asking ---------------------------------------------------------------------------------------


async def is_wanted(work: Work) -> bool:
    """Where the guidelines want every date looked at."""
    return work.pack.monitored == "every-day"


async def plan(work: Work) -> None:
    """One question a head for all accounts whose turn it is; one that nobody has answered for half a year is renewed, and
    one that waits for a former head is asked of whoever came after."""
    known = ALL.validate_json(await work.tx.fact(ASKED) or "{}")
    known = {a: day for a, day in known.items() if _counts(work.register, a)}
    asked_now = filter(work.register.asked_now, work.register.accounts.values())
    orphans = await of_former_heads(work, "free_days")
    due = [a for a in asked_now if a.id in orphans or _is_due(work, a, known.get(a.id))]
    await _close(work, {a.id for a in due})
    due.sort(key=by_name)
    for reader, accounts in work.register.by_answerer(due, work.today).items():
        watch = Watch(
            id=f"g{work.bot.ids.new()}",
            opened_at=work.now,
            what="free_days",
            reader=reader,
            accounts=tuple(a.id for a in accounts),
        )
        await work.add(asked(watch, work.now))
    after = known | {a.id: work.today for a in due}
    await work.tx.save_fact(ASKED, ALL.dump_json(after).decode())


def _counts(register: Register, ident: str) -> bool:
    """Of an account that a trial leaves out the question is withdrawn: it is asked anew when that ends."""
    account = register.accounts.get(ident)
    return account is not None and not register.is_silent(account.place)


def _is_due(work: Work, account: Account, last: date | None) -> bool:
    newest = max((day for day in (last, account.duty.agreed_on) if day), default=None)
    return newest is None or work.today - newest >= HALF_YEAR


async def _close(work: Work, again: set[str]) -> None:
    """What is asked anew, or about nobody any more, waits no longer in an older question."""
    waits = {a.id for a in filter(work.register.asked_now, work.register.accounts.values())} - again
    for watch in await open_watches(work, "free_days"):
        gone = [a for a in watch.accounts if a not in waits]
        await work.apply(watch, decide(watch, Settled(accounts=gone), work.now))


# -- answering ------------------------------------------------------------------------------------


async def open_duty(work: Work, ident: str) -> Reply:
    """`ident`: a question that was asked, or one account from its own page."""
    known = await asked_about(work, ident)
    if head := rights.told_by(work.register, work.actor, known, work.today):
        return Ask(form=spoken.duty_form(work.eyes, known, ident, head))
    accounts = await _accounts(work, ident)
    return Ask(form=screens.form(work.eyes, accounts, ident))


async def _accounts(work: Work, ident: str) -> list[Account]:
    """Raises Refused for whoever has not the head's word on all of them."""
    found = await asked_about(work, ident)
    rights.heads_word(work.register, work.actor, found, work.today)
    return found


async def asked_about(work: Work, ident: str) -> list[Account]:
    """Those that the answer is about. Raises Refused where nothing is asked any more."""
    if ident in work.register.accounts:
        found = [work.register.accounts[ident]]
    else:
        watch = await work.case(ident, Watch)
        found = work.register.known(watch.accounts)
        if not watch.is_open or not found:
            raise Refused("watch.over")
    if any(a.state == "closed" for a in found):
        raise Refused("account.is_closed", account=found[0].name)
    return found


async def submit_duty(work: Work, ident: str, values: Values) -> Reply:
    """Kept with who and when; the same holds for all that are chosen."""
    offered = await _accounts(work, ident)
    named = several(values, "accounts")
    chosen = [a for a in offered if a.id in named] if len(offered) > 1 else offered
    if not chosen:
        raise Refused("form.choose", field="accounts")
    duty = meant(work, values)
    saved = [await work.tx.save_account(replace(account, duty=duty)) for account in chosen]
    await _log(work, saved, duty)
    await _settled(work, saved)
    if duty.kind == "rota":
        await watch_digest.note_rota(work, [a.id for a in chosen if a.duty.kind != "rota"])
    register = replace(work.register, accounts={**work.register.accounts, **{a.id: a for a in saved}})
    return Tell(card=screens.saved(replace(work.eyes, register=register), saved))


def meant(work: Work, values: Values) -> FreeDuty:
    """What the form says. Raises Refused beside the field that lacks something."""
    kind, by = text(values, "kind"), work.actor.id
    on = work.entered.day if work.entered else work.today
    way: Way = work.entered.way if work.entered else ""
    match kind:
        case "people":
            people = _people(work, several(values, "people"))
            if not text(values, "agreed"):
                raise Refused("duty.not_agreed", field="agreed")
            return FreeDuty(kind="people", people=people, agreed_by=by, agreed_on=on, way=way)
        case "rota":
            return FreeDuty(kind="rota", agreed_by=by, agreed_on=on, way=way)
        case "none":
            return FreeDuty(kind="none", agreed_by=by, agreed_on=on, way=way, instead=_instead(values))
        case _:
            raise Refused("form.choose", field="kind")


def _people(work: Work, idents: Sequence[str]) -> tuple[PersonId, ...]:
    people = tuple(dict.fromkeys(work.register.active(i, "people").id for i in idents))
    if not people:
        raise Refused("duty.nobody_named", field="people")
    return people


def _instead(values: Values) -> Literal["comments_off", "filtered"]:
    match text(values, "instead"):
        case "comments_off" | "filtered" as instead:
            return instead
        case _:
            raise Refused("duty.no_instead", field="instead")


async def _log(work: Work, accounts: Sequence[Account], duty: FreeDuty) -> None:
    entry = Entry(
        what="account.free_days", by=work.actor.id, data={"kind": duty.kind, "instead": duty.instead}
    )
    for account in accounts:
        await work.tx.add_log(log_of(account.id), (entry,), work.now)


async def _settled(work: Work, accounts: Sequence[Account]) -> None:
    done = [a.id for a in accounts]
    for watch in await open_watches(work, "free_days"):
        await work.apply(watch, decide(watch, Settled(accounts=done, by=work.actor.id), work.now))


FEATURE = Feature(
    verbs={"duty.open": Verb(run=open_duty, writes=False)},
    forms={"duty": submit_duty},
)
