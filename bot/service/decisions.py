"""Decisions of officials: searched, opened with their story, corrected by a new one (users.md U6, U9)."""

import json
from dataclasses import fields, replace
from datetime import date, time

from bot import decided, rights
from bot.cases.filing import Filing
from bot.model import Account, Entry, Refused
from bot.plain import by_name
from bot.ports import Decision, Search, Sight
from bot.screens import decision_story, printing
from bot.screens import decisions as screens
from bot.screens.base import Eyes
from bot.screens.decision_story import Story
from bot.screens.decisions import Asked
from bot.service import records
from bot.service.base import Feature, Verb, Work, text
from bot.service.runs import needed
from bot.service.sight import as_read, in_sight, known, may_read, open_to
from bot.view import Ask, Reply, Tell, Values

SHOWN = 10
"""Decisions on a page."""
LONGEST = 100
DIGITS = 9


# -- search -------------------------------------------------------------------------------------


async def listing(work: Work, given: str) -> Reply:
    """The newest that whoever asks may open; words are a number or the name of an account."""
    rights.staff(work.actor)
    if not given:
        return await _page(work, Asked())
    if number := _number(given):
        return await _numbered(work, given, number)
    found = [a for a in _accounts(work) if _named(given, a)]
    if len(found) > 1:
        raise Refused("decision.several", words=given)
    return await _page(work, Asked(account=found[0].id) if found else Asked(number=given[:LONGEST]))


async def _numbered(work: Work, given: str, number: int) -> Reply:
    """The decision of that number; else what was given it as its diary number, which may be digits too."""
    decision, asked = await known(work, number), Asked(number=given)
    opens = decision is not None and may_read(work, decision)
    return await (
        open_one(work, str(number)) if opens or not await _by_number(work, asked) else _page(work, asked)
    )


def _named(given: str, account: Account) -> bool:
    return all(word in f"{account.name} {account.address}".casefold() for word in given.casefold().split())


def _accounts(work: Work) -> list[Account]:
    """Those whose decisions whoever asks may read, by name."""
    every = rights.reads_all_decisions(work.register, work.actor)
    own = frozenset() if every else rights.decisions_of(work.register, work.actor)
    found = (a for a in work.register.accounts.values() if every or a.id in own)
    return sorted(found, key=by_name)


def _sight(work: Work) -> Sight | None:
    if rights.reads_all_decisions(work.register, work.actor):
        return None
    return Sight(person=work.actor.id, accounts=rights.decisions_of(work.register, work.actor))


async def more(work: Work, arg: str) -> Reply:
    """The page after the last that was shown."""
    rights.staff(work.actor)
    return await _page(work, _read(arg))


async def open_search(work: Work, arg: str) -> Reply:
    """The form as it was filled in last."""
    rights.staff(work.actor)
    categories = await work.tx.decision_categories(_sight(work))
    return Ask(form=screens.search_form(work.eyes, _read(arg), _accounts(work), categories))


async def submit_search(work: Work, _state: str, values: Values) -> Reply:
    rights.staff(work.actor)
    given = {field.name: text(values, field.name)[:LONGEST] for field in fields(Asked)}
    asked = Asked(account=given["account"], kind=given["kind"], category=given["category"], first=given["first"],
                  last=given["last"], number=given["number"])  # fmt: skip
    for field in ("first", "last"):
        _in_time(work, field, text(values, field))
    if asked.first and asked.last and _day(asked.first) > _day(asked.last):
        raise Refused("decision.turned", field="last")
    return await _page(work, asked)


def _in_time(work: Work, field: str, given: str) -> None:
    """A year that no calendar knows stays in the form, with a sentence beside it."""
    try:
        _ = given and work.hours.calendar.end_of(_day(given))
    except Refused as no:
        raise Refused(no.key, field=field, **no.values) from None


async def _page(work: Work, asked: Asked) -> Reply:
    """At most ten, and whether there are more. Nothing that may not be opened is shown or counted."""
    found = await (_by_number(work, asked) if asked.number else _by_search(work, asked))
    sight = _sight(work)
    if not found and asked == Asked() and sight and not sight.accounts:
        raise Refused("right.decisions")
    following = replace(asked, before=found[SHOWN - 1].number) if len(found) > SHOWN else None
    shown = [in_sight(work, decision) for decision in found[:SHOWN]]
    return Tell(card=screens.listing(work.eyes, asked, shown, following))


async def _by_search(work: Work, asked: Asked) -> list[Decision]:
    search = _search(work, asked)
    found = await work.tx.search_decisions(search, _sight(work), before=asked.before or None, limit=SHOWN + 1)
    return list(found)


def _search(work: Work, asked: Asked) -> Search:
    """Days as they are on the organisation's wall clock, both included."""
    at = work.hours.calendar.at
    since = at(_day(asked.first), time()) if asked.first else None
    until = work.hours.calendar.end_of(_day(asked.last)) if asked.last else None
    return Search(account=asked.account, kind=asked.kind, category=asked.category, since=since, until=until)


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Refused("button.gone") from None


async def _by_number(work: Work, asked: Asked) -> list[Decision]:
    """The decision of that number, and what a diary number was given to; the rest of the search holds too."""
    search, own = _search(work, asked), _number(asked.number)
    found = [d for d in [await known(work, own)] if d and _fits(work, d, search)] if not asked.before else []
    last, whole = asked.before or None, False
    while len(found) <= SHOWN and not whole:
        some = await work.tx.decisions_under(asked.number, before=last, limit=SHOWN + 1)
        found += [d for d in some if _fits(work, d, search) and d not in found]
        last, whole = (some[-1].number if some else last), len(some) <= SHOWN
    return found


def _fits(work: Work, decision: Decision, search: Search) -> bool:
    body = decision.body
    return (
        may_read(work, decision)
        and search.kind in ("", decision.kind)
        and (not search.account or search.account in decided.accounts(body))
        and (not search.category or search.category in decided.categories(body))
        and (search.since is None or decision.at >= search.since)
        and (search.until is None or decision.at < search.until)
    )


def _number(given: str) -> int:
    """The number of a decision, or 0 for what is none."""
    plain = given.strip().removeprefix("#")
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= DIGITS else 0


def _read(arg: str) -> Asked:
    """A search that travelled with a button. Raises Refused for one that is none of ours."""
    try:
        found = json.loads(arg or "{}")
        return Asked(**{**found, "before": int(found.get("before", 0))})
    except (ValueError, TypeError, AttributeError):
        raise Refused("button.gone") from None


# -- open ---------------------------------------------------------------------------------------


async def open_one(work: Work, arg: str) -> Reply:
    """What was decided, what led to it and what came later, on a card with what can be done about it."""
    decision = await _readable(work, arg)
    story = await story_of(work, decision)
    correct = rights.may_correct(work.register, work.actor, decision.decided_by)
    return Tell(card=decision_story.opened(official(work), story, correct=correct))


async def read(work: Work, arg: str) -> Reply:
    """All of it on one page, with the rules as they stood that day."""
    story = await story_of(work, await _readable(work, arg))
    return Ask(form=decision_story.whole(official(work), story))


async def on_paper(work: Work, arg: str) -> Reply:
    """On one page, to copy and print; in the organisation's language."""
    story = await story_of(work, await _readable(work, arg))
    return Ask(form=printing.form(work.eyes, printing.printed(official(work), story)))


async def printed(work: Work, number: int) -> str:
    """The same for the command line, which reads everything. Raises Refused for a number that there is not."""
    decision = await known(work, number)
    if decision is None:
        raise Refused("records.no_such", n=number)
    story = Story(made=decision, log=(), later=tuple(await work.tx.decisions_naming(number)),
                  filing=await work.find(f"f{number}", Filing))  # fmt: skip
    return printing.printed(official(work), story)


def official(work: Work) -> Eyes:
    """Decisions are written in the organisation's language (users.md U10), with times that stay true."""
    return replace(work.eyes_in(work.texts(work.register.office.language)), standing=True)


async def _readable(work: Work, arg: str) -> Decision:
    """One that is not there and one that may not be read are answered alike."""
    rights.staff(work.actor)
    decision = await known(work, _number(arg))
    if decision is None or not may_read(work, decision):
        raise Refused("right.decision")
    return decision


async def story_of(work: Work, decision: Decision) -> Story:
    """The log of its case, where its filing stands, and what it names and what names it that whoever reads may open."""
    tx, number = work.tx, decision.number
    run = decided.words(decision.body, "run")
    log: tuple[Entry, ...] = tuple(await tx.log(run)) if run else ()
    named = [d for n in decided.of(decision.body) if (d := await known(work, n))]
    later = await tx.decisions_naming(number)
    made = await as_read(work, decision) if may_read(work, decision) else decision
    return Story(made=made, log=log, of=await open_to(work, named), later=await open_to(work, later),
                 filing=await work.find(f"f{number}", Filing))  # fmt: skip


# -- correct ------------------------------------------------------------------------------------


async def open_correct(work: Work, arg: str) -> Reply:
    decision = await _to_correct(work, arg)
    return Ask(form=screens.correct_form(work.eyes, decision))


async def submit_correct(work: Work, arg: str, values: Values) -> Reply:
    """A new decision that names the old one, in which nothing is changed. The same words twice are one."""
    decision = await _to_correct(work, arg)
    words = needed(values)
    made = await _same(work, decision, words) or await _corrected(work, decision, words)
    return Tell(card=screens.corrected(work.eyes, decision, made))


async def _to_correct(work: Work, arg: str) -> Decision:
    decision = await _readable(work, arg)
    rights.correct(work.register, work.actor, decision.decided_by)
    return decision


async def _same(work: Work, decision: Decision, words: str) -> Decision | None:
    """A form that stood open twice."""
    for later in await work.tx.decisions_naming(decision.number):
        if (later.kind, later.decided_by, later.personal.get("text")) == ("correction", work.actor.id, words):
            return later
    return None


KEPT = ("account", "accounts", "account_name", "platform", "unit", "unit_name", "categories")
"""What a correction takes from the decision that it names: it is found in the same places."""


async def _corrected(work: Work, decision: Decision, words: str) -> Decision:
    own = work.actor.id == decision.decided_by
    role = decided.words(decision.body, "decided_by") if own else "communications"
    body = {name: decision.body[name] for name in KEPT if name in decision.body}
    body |= {"of": [decision.number], "decided_by": role, **records.under(work.stamp)}
    personal = {"text": words, "decided_by": work.actor.name}
    return await records.record(work, "correction", body, personal)


FEATURE = Feature(
    commands={"sm-decisions": listing},
    verbs={
        "decision.list": Verb(run=listing, writes=False),
        "decision.more": Verb(run=more, writes=False),
        "decision.search": Verb(run=open_search, writes=False),
        "decision.open": Verb(run=open_one, writes=False),
        "decision.print": Verb(run=on_paper, writes=False),
        "decision.read": Verb(run=read, writes=False),
        "decision.correct": Verb(run=open_correct, writes=False),
    },
    forms={"decision.search": submit_search, "decision.correct": submit_correct},
)
