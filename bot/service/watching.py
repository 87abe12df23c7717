"""When all of an account's people are away: the head is asked once for all, and communications can take over (users.md U3)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from pydantic import TypeAdapter

from bot import rights
from bot.cases.run_state import CLOSE_ACCOUNT
from bot.cases.watch import Handed, Settled, Taken, Undone, Watch, asked, decide
from bot.model import Account, Person, PersonId, Refused, Takeover
from bot.outgoing import Mark
from bot.plain import by_name
from bot.register import Register
from bot.screens import duty as duty_screens
from bot.screens import spoken
from bot.screens import watching as screens
from bot.screens.base import Eyes
from bot.service import closing
from bot.service.asked import of_former_heads, open_watches
from bot.service.base import Feature, Verb, Work, day_of, several, text
from bot.service.in_use import role_for
from bot.view import Ask, Card, Form, Item, Reply, Tell, Values
from bot.watching import Span, days_of, ended, making_room, unwatched

TOLD = "watch.told"
"""The fact that holds, by account, of which days its head has been told that nobody is there."""
LONGEST = timedelta(days=366)
Told = dict[str, list[tuple[date, date]]]
ALL: TypeAdapter[Told] = TypeAdapter(Told)


# -- looking for days with nobody -----------------------------------------------------------------


async def look(work: Work) -> None:
    """Ask heads of the days of which they have not heard; what has settled itself is over. Safe at any time, and twice.

    Also once a working day: people leave, and accounts change, without anybody saying that they are away. What waits for a
    former head is news to whoever came after.
    """
    spans, former = unwatched(work.register, work.hours, work.today), await of_former_heads(work, "away")
    still = [s for s in spans if s.account not in former]
    await _settle(work, still)
    told = await _told(work, still)
    fresh = [s for s in spans if not _is_told(told, s) and not _is_held(work, s.account)]
    await _replace(work, [s for s in fresh if _begins_in(told, s)])
    accounts = work.register.known(dict.fromkeys(s.account for s in fresh))
    for reader, theirs in work.register.by_answerer(accounts, work.today).items():
        await _ask(work, reader, [s for s in fresh if s.account in {a.id for a in theirs}])
    await _save_told(work, told, fresh)


def _is_held(work: Work, ident: str) -> bool:
    """Whether the account's place is in its first week: its head hears of it after that (users.md U11)."""
    account = work.register.accounts.get(ident)
    return account is not None and work.is_quiet(account.place)


async def _settle(work: Work, spans: Sequence[Span]) -> None:
    for watch in await open_watches(work, "away"):
        left = {s.account for s in within(watch, spans)}
        gone = [a for a in watch.accounts if a not in left]
        await work.apply(watch, decide(watch, Settled(accounts=gone), work.now))


def within(watch: Watch, spans: Iterable[Span]) -> list[Span]:
    """Of what is still without anybody, what this watch is about."""
    first, last = watch.first or date.max, watch.last or date.min
    return [s for s in spans if s.account in watch.accounts and s.first <= last and first <= s.last]


async def _replace(work: Work, longer: Sequence[Span]) -> None:
    """Days that have become more are asked about anew, and no longer in a question that was said."""
    said = [w for w in await open_watches(work, "away") if not w.handed_by] if longer else []
    waiting = await _waiting(work, said)
    for watch in [w for w in said if w.id not in waiting]:
        again = [s.account for s in within(watch, longer)]
        await work.apply(watch, decide(watch, Settled(accounts=again), work.now))


async def _known(work: Work) -> Told:
    return ALL.validate_json(await work.tx.fact(TOLD) or "{}")


async def _told(work: Work, spans: Sequence[Span]) -> Told:
    """What still holds of what was told: of an absence that was taken back, a new one is told anew."""
    known = await _known(work)
    kept = {a: [days for days in periods if _touches(days, spans, a)] for a, periods in known.items()}
    return {a: periods for a, periods in kept.items() if periods}


def _touches(days: tuple[date, date], spans: Iterable[Span], account: str) -> bool:
    return any(s.account == account and s.first <= days[1] and days[0] <= s.last for s in spans)


def _begins_in(told: Told, span: Span) -> bool:
    return any(first <= span.first <= last for first, last in told.get(span.account, ()))


def _is_told(told: Told, span: Span) -> bool:
    """Days among those that were told are no news; nor is it that a time without an end is seen a day further."""
    periods = told.get(span.account, ())
    return any(
        first <= span.first <= last and (span.unending or span.last <= last) for first, last in periods
    )


async def _save_told(work: Work, told: Told, fresh: Sequence[Span]) -> None:
    for span in fresh:
        told.setdefault(span.account, []).append((span.first, span.last))
    await _keep(work, told)


async def _keep(work: Work, told: Told) -> None:
    after = ALL.dump_json(dict(sorted(told.items()))).decode()
    if after != (await work.tx.fact(TOLD) or "{}"):
        await work.tx.save_fact(TOLD, after)


async def _ask(work: Work, reader: PersonId, spans: Sequence[Span]) -> None:
    """One more for what is not said yet is told with it: one message a head, for all accounts at once."""
    accounts = tuple(dict.fromkeys(s.account for s in spans))
    first, last = min(s.first for s in spans), max(s.last for s in spans)
    if known := await _unsaid(work, reader):
        both = tuple(dict.fromkeys((*known.accounts, *accounts)))
        first, last = min(first, known.first or first), max(last, known.last or last)
        await work.tx.save_case(replace(known, accounts=both, first=first, last=last))
        return
    watch = Watch(id=f"g{work.bot.ids.new()}", opened_at=work.now, what="away", reader=reader, accounts=accounts,
                  first=first, last=last)  # fmt: skip
    await work.add(asked(watch, work.now))


async def _unsaid(work: Work, reader: PersonId) -> Watch | None:
    mine = [w for w in await open_watches(work, "away") if w.reader == reader]
    waiting = await _waiting(work, mine)
    return next((w for w in mine if w.id in waiting), None)


async def _waiting(work: Work, watches: Sequence[Watch]) -> set[str]:
    """Those that no message has said yet."""
    marks = await work.tx.marks_for([w.id for w in watches]) if watches else ()
    return {m.case for m in marks if not m.said}


# -- what the head does ---------------------------------------------------------------------------


async def show(work: Work, ident: str) -> Reply:
    """The card, privately: from a list of what waits."""
    watch = await work.case(ident, Watch)
    if not rights.office(work.register, work.actor):
        _heads_word(work, watch)
    return Tell(card=facts_card(work, work.eyes_in(work.t), watch, work.actor.id))


def _heads_word(work: Work, watch: Watch) -> None:
    accounts = work.register.known(watch.accounts)
    rights.heads_word(work.register, work.actor, accounts, work.today)


async def _open(work: Work, ident: str) -> Watch:
    """Raises Refused for one that is over, or that somebody else has to answer."""
    watch = await work.case(ident, Watch)
    _heads_word(work, watch)
    if not watch.is_open:
        raise Refused("watch.over")
    return watch


async def open_cover(work: Work, ident: str) -> Reply:
    """Of a head whom no chat knows, communications enters who was named."""
    known = await work.case(ident, Watch)
    if (head := _told_by(work, known, work.actor)) and known.is_open:
        return Ask(form=spoken_form(work, known, head, "cover"))
    watch = await _open(work, ident)
    return Ask(form=screens.cover_form(work.eyes, watch))


def _told_by(work: Work, watch: Watch, reader: Person | None) -> PersonId | None:
    """Whose word this reader may enter."""
    known = work.register.known(watch.accounts)
    return rights.told_by(work.register, reader, known, work.today) if reader else None


def spoken_form(work: Work, watch: Watch, head: PersonId, chosen: str = "") -> Form:
    off = may_close(work, watch, work.actor.id)
    return spoken.watch_form(work.eyes, watch, head, off=off, chosen=chosen)


async def submit_cover(work: Work, ident: str, values: Values) -> Reply:
    """Somebody stands in for all of them, on just the days when nobody else is there."""
    watch = await _open(work, ident)
    who = work.register.active(text(values, "who"), "who")
    spans = spans_of(work, watch)
    if not spans:
        raise Refused("watch.over")
    if any(work.register.away(who.id, day) for span in spans for day in days_of(work.hours, span)):
        raise Refused("watch.away_too", field="who", name=who.name)
    await _take(work, watch, spans, who.id)
    return Tell(card=screens.named(work.eyes, who.id, len({s.account for s in spans}), watch.id))


def spans_of(work: Work, watch: Watch) -> list[Span]:
    """The days and accounts of this watch that have nobody still."""
    return within(watch, unwatched(work.register, work.hours, work.today))


async def open_off(work: Work, ident: str) -> Reply:
    """Comments off instead: the checklist that closes accounts, with these chosen; there they stay, without comments."""
    watch = await _open(work, ident)
    return await closing.new_for(work, watch.accounts)


async def hand(work: Work, ident: str) -> Reply:
    watch = await _open(work, ident)
    await work.apply(watch, decide(watch, Handed(by=work.actor.id), work.now))
    return Tell(card=screens.handed_over(work.eyes))


# -- what communications does ---------------------------------------------------------------------


async def take(work: Work, ident: str) -> Reply:
    """One press takes over all of them, for just the days when nobody is there; it ends by itself."""
    rights.rota(work.register, work.actor)
    watch = await work.case(ident, Watch)
    if watch.is_open and (spans := spans_of(work, watch)):
        watch = await _take(work, watch, spans, None)
    if not watch.takeovers:
        raise Refused("watch.over")
    return Tell(card=screens.taken(work.eyes, watch, _takeovers(await work.tx.register(), watch)))


async def _take(work: Work, watch: Watch, spans: Iterable[Span], who: PersonId | None) -> Watch:
    periods: dict[tuple[date, date], list[str]] = {}
    for span in spans:
        periods.setdefault((span.first, span.last), []).append(span.account)
    made = [
        Takeover(
            id=f"o{work.bot.ids.new()}",
            accounts=tuple(accounts),
            first=first,
            last=last,
            by=work.actor.id,
            who=who,
        )
        for (first, last), accounts in periods.items()
    ]
    for takeover in made:
        await _save(work, takeover)
    event = Taken(by=work.actor.id, takeovers=tuple(t.id for t in made), who=who)
    return await work.apply(watch, decide(watch, event, work.now))


async def _save(work: Work, takeover: Takeover) -> None:
    """What was said last of an account and a day holds; today's cards name the watcher as it is now."""
    register = await work.tx.register()
    for other in (*making_room(register, takeover), takeover):
        await work.tx.save_takeover(other)
    await _touch(work, takeover.accounts)


async def _touch(work: Work, accounts: Iterable[str]) -> None:
    known = (work.register.accounts.get(a) for a in accounts)
    for place in sorted({a.place for a in known if a and a.place}):
        for case in await work.tx.open_cases("round", place=place):
            await work.tx.touch(case.id)


async def touch_watched(work: Work, person: PersonId) -> None:
    """Today's cards name the watcher as it is now: of their own accounts, and of those that they watch for others."""
    own = work.register.accounts_of(person)
    others = (a for a in work.register.accounts.values() if work.register.watcher(a, work.today) == person)
    await _touch(work, {a.id for a in (*own, *others)})


async def open_rota(work: Work, _arg: str = "") -> Reply:
    """Any accounts, for a period: those that were handed over, or have nobody, are chosen already."""
    rights.rota(work.register, work.actor)
    spans = unwatched(work.register, work.hours, work.today)
    return Ask(form=screens.rota_form(work.eyes, _asked_about(work), spans))


def _asked_about(work: Work) -> list[Account]:
    found = [a for a in work.register.accounts.values() if a.is_asked]
    return sorted(found, key=by_name)


async def submit_rota(work: Work, _state: str, values: Values) -> Reply:
    rights.rota(work.register, work.actor)
    chosen = [a for a in _asked_about(work) if a.id in several(values, "accounts")]
    if not chosen:
        raise Refused("form.choose", field="accounts")
    first, last = _period(work, values)
    fresh = [a for a in chosen if not _stands(work, a, first, last)]
    made = [
        await _taken_for(work, reader, theirs, first, last)
        for reader, theirs in work.register.by_answerer(fresh, work.today).items()
    ]
    await look(replace(work, register=await work.tx.register()))
    return Tell(card=screens.rota_taken(work.eyes, [a.id for a in chosen], first, last, [w.id for w in made]))


def _stands(work: Work, account: Account, first: date, last: date) -> bool:
    """Whether communications has it for just that time already: a form that is sent twice."""
    held = (t for t in work.register.takeovers if account.id in t.accounts and t.who is None)
    return any(t.first <= first and last <= t.last for t in held)


def _period(work: Work, values: Values) -> tuple[date, date]:
    first, last = day_of(values, "first"), day_of(values, "last")
    if last < first:
        raise Refused("away.backwards", field="last")
    if last < work.today or last > work.today + LONGEST:
        raise Refused("form.date", field="last")
    return first, last


async def _taken_for(
    work: Work, reader: PersonId, accounts: Sequence[Account], first: date, last: date
) -> Watch:
    """A watch that is settled at once: so that the head is told, and either side can take it back."""
    idents = tuple(a.id for a in accounts)
    watch = Watch(id=f"g{work.bot.ids.new()}", opened_at=work.now, what="away", reader=reader, accounts=idents,
                  first=first, last=last)  # fmt: skip
    saved = await work.tx.add_case(watch)
    return await _take(work, saved, [Span(account=a, first=first, last=last) for a in idents], None)


async def undo(work: Work, arg: str) -> Reply:
    """Communications, or whoever answers for the accounts; then the head is asked anew where nobody is there."""
    done = 0
    for ident in arg.split(","):
        watch = await work.case(ident, Watch)
        office = rights.office(work.register, work.actor)
        if not office:
            _heads_word(work, watch)
        done += len(watch.takeovers)
        await _undo(work, watch, office=office)
    await look(replace(work, register=await work.tx.register()))
    return Tell(card=screens.undone(work.eyes, nothing=not done))


async def _undo(work: Work, watch: Watch, *, office: bool) -> None:
    for takeover in _takeovers(work.register, watch):
        await _forget(work, takeover)
        await work.tx.save_takeover(ended(takeover, work.today))
        await _touch(work, takeover.accounts)
    await work.apply(watch, decide(watch, Undone(by=work.actor.id, office=office), work.now))


async def _forget(work: Work, takeover: Takeover) -> None:
    """Its days are news again for whoever is asked, but where a question about them still waits."""
    watches, known = await open_watches(work, "away"), await _known(work)
    for account in takeover.accounts:
        spans = [Span(account=account, first=days[0], last=days[1]) for days in known.get(account, ())]
        known[account] = [
            (s.first, s.last) for s in spans
            if s.last < takeover.first or takeover.last < s.first or any(within(w, [s]) for w in watches)
        ]  # fmt: skip
    await _keep(work, {a: periods for a, periods in known.items() if periods})


def _takeovers(register: Register, watch: Watch) -> list[Takeover]:
    return [t for t in register.takeovers if t.id in watch.takeovers]


# -- what the outbox sends ------------------------------------------------------------------------


def facts_card(work: Work, eyes: Eyes, watch: Watch, reader: PersonId) -> Card:
    """The whole matter for one reader, with what they may do about it."""
    if watch.what == "free_days":
        return duty_screens.card(eyes, watch)
    may = {
        "head": may_answer(work, watch, reader), "off": may_close(work, watch, reader),
        "office": work.register.has_role(reader, "communications"),
    }  # fmt: skip
    found = frozenset(what for what, allowed in may.items() if allowed)
    told_by = _told_by(work, watch, work.register.people.get(reader))
    spans, takeovers = spans_of(work, watch), _takeovers(work.register, watch)
    return screens.card(eyes, watch, spans, takeovers, may=found, told_by=told_by)


def may_close(work: Work, watch: Watch, reader: PersonId) -> bool:
    """Whether they may turn the comments of all of them off; a deputy may not."""
    checklist = work.pack.checklists.get(CLOSE_ACCOUNT)
    known = work.register.known(watch.accounts)
    own = (rights.may_close(work.register, reader, a, role_for(checklist, a)) for a in known)
    return checklist is not None and all(own)


def line(work: Work, eyes: Eyes, watch: Watch) -> Item | None:
    """The watch in one line; None once nobody need say anything."""
    if watch.what == "free_days":
        return duty_screens.line(eyes, watch)
    return screens.line(eyes, watch, spans_of(work, watch))


def marked(work: Work, eyes: Eyes, watch: Watch, rung: str) -> Item | None:
    """What a mark has to say of it in a collected message, if that holds still."""
    match rung:
        case "taken":
            known = [t for t in _takeovers(work.register, watch) if t.last >= work.today]
            return screens.taken_line(eyes, watch, known)
        case "undone":
            return screens.undone_line(eyes, watch) if watch.undone else None
        case _:
            return line(work, eyes, watch) if watch.is_open else None


def told_once(marks: Sequence[Mark]) -> list[Mark]:
    """Of a takeover that was taken back before anybody was told of it, nothing is said."""
    both = {m.case for m in marks if m.rung == "taken"} & {m.case for m in marks if m.rung == "undone"}
    return [m for m in marks if m.case not in both or m.rung not in ("taken", "undone")]


def may_answer(work: Work, watch: Watch, reader: PersonId) -> bool:
    person = work.register.people.get(reader)
    accounts = work.register.known(watch.accounts)
    return person is not None and rights.has_heads_word(work.register, person, accounts, work.today)


FEATURE = Feature(
    verbs={
        "watch.show": Verb(run=show, writes=False),
        "watch.cover": Verb(run=open_cover, writes=False),
        "watch.off": Verb(run=open_off, writes=False),
        "watch.hand": Verb(run=hand, writes=True),
        "watch.take": Verb(run=take, writes=True),
        "watch.undo": Verb(run=undo, writes=True),
        "rota.open": Verb(run=open_rota, writes=False),
    },
    forms={"watch.cover": submit_cover, "rota.take": submit_rota},
)
