"""Communications starts what came in from a file: channels in batches, one card each, one list a head (users.md U1)."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot import addresses, rights
from bot.cases.base import TimePassed
from bot.cases.start import Answered, Start, begun, decide
from bot.importing.cells import places_called
from bot.model import Account, PersonId, Refused
from bot.outgoing import Mark, Row, to_person
from bot.plain import by_name
from bot.screens import starting as screens
from bot.screens.base import Eyes
from bot.service import gaps
from bot.service.accounts import people_named, refuse_twice, settled
from bot.service.arrivals import wanted
from bot.service.base import Feature, Verb, Work, several, text
from bot.view import Ask, Card, Item, Reply, Tell, Values

PREFIX = "start.head:"
"""How the marks of the heads' lists are told apart: they belong to no case."""
HEADS = "start.heads"
"""The fact that lists which heads are to be told, and of which accounts they have been told."""


# -- communications -----------------------------------------------------------------------------


async def open_channels(work: Work, _arg: str = "") -> Reply:
    rights.whole_register(work.register, work.actor)
    asked = await _open_starts(work)
    found = to_start(work, asked)
    missing = [each.name for each in await wanted(work.tx) if each.accounts]
    homeless = sum(a.state == "imported" and a.place is None for a in work.register.accounts.values())
    return Ask(form=screens.channels_form(work.eyes, found, asked, homeless, missing))


async def submit_channels(work: Work, _state: str, values: Values) -> Reply:
    rights.whole_register(work.register, work.actor)
    places = several(values, "places")
    await start(work, places)
    return Tell(card=screens.started(work.eyes, places, now=work.hours.is_open(work.now)))


def to_start(work: Work, asked: Sequence[Start]) -> dict[str, list[Account]]:
    """Channels that nobody has been asked in, with their accounts, by name."""
    under_way = {(start.place, line) for start in asked for line in start.open_lines}
    found: dict[str, list[Account]] = {}
    for place in sorted(work.register.places.values(), key=by_name):
        waits = [
            a
            for a in work.register.accounts_in(place.id)
            if a.state == "imported" and (place.id, a.id) not in under_way
        ]
        if waits and not place.gone and not work.register.is_silent(place.id):
            found[place.id] = waits
    return found


async def unstarted_names(work: Work) -> list[tuple[str, int]]:
    """The channels of `to_start` by what people call them, with how many accounts wait in each."""
    found = to_start(work, await _open_starts(work))
    return [(work.register.places[place].called, len(accounts)) for place, accounts in found.items()]


async def start_named(work: Work, names: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """As `start`, for whoever types names: the places, and whether they are asked now or when the office opens."""
    found = [(name, places_called(work.register, name)) for name in names]
    if unsure := next((name for name, places in found if len(places) != 1), None):
        raise Refused("start.no_such", name=unsure)
    places = tuple(dict.fromkeys(places[0].id for _, places in found))
    await start(work, places)
    return places, work.hours.is_open(work.now)


async def start(work: Work, places: Sequence[str]) -> None:
    """Ask these channels, at most ten at once. Pressed twice, the second finds them started already."""
    places = tuple(dict.fromkeys(places))
    if not places:
        raise Refused("form.choose", field="places")
    if len(places) > screens.AT_ONCE:
        raise Refused("start.too_many", field="places", most=screens.AT_ONCE)
    if any(work.register.is_silent(place) for place in places):
        raise Refused("pilot.silent")
    waiting = to_start(work, await _open_starts(work))
    if any(place not in waiting for place in places):
        raise Refused("start.already")
    for place in places:
        await work.tx.save_place(replace(work.register.places[place], confirmed=True))
        accounts = [account.id for account in waiting[place]]
        case = begun(f"s{work.bot.ids.new()}", place, accounts, work.actor.id or None, work.now, work.hours)
        await work.tx.add_case(case)
    await _note_heads(work, [account for place in places for account in waiting[place]])


async def _open_starts(work: Work) -> list[Start]:
    return [c for c in await work.tx.open_cases("start") if isinstance(c, Start)]


async def wake(work: Work, case: Start) -> None:
    """The office is open: the channel is asked. One that has yet to meet the bot is welcomed by the same card."""
    place = work.register.places.get(case.place or "")
    if case.wake_at and place and place.welcomed is None:
        await work.tx.save_place(replace(place, welcomed=work.today))
        case = replace(case, greets=True)
    await work.apply(case, decide(case, TimePassed(), work.now))


# -- the heads ----------------------------------------------------------------------------------


async def _note_heads(work: Work, accounts: Sequence[Account]) -> None:
    """A head hears once of all their accounts; again only when there are some that they have not heard of."""
    heads, told = await _heads(work)
    found = [str(head) for a in accounts if a.id not in told and (head := work.register.head_of(a))]
    await _save_heads(work, [*heads, *found], told)


async def _heads(work: Work) -> tuple[list[str], set[str]]:
    known = json.loads(await work.tx.fact(HEADS) or "{}")
    return known.get("waiting", []), set(known.get("told", []))


async def _save_heads(work: Work, waiting: Sequence[str], told: set[str]) -> None:
    facts = {"waiting": list(dict.fromkeys(waiting)), "told": sorted(told)}
    await work.tx.save_fact(HEADS, json.dumps(facts))


async def heads_wait(work: Work) -> bool:
    """Whether a head is to be told now: in office hours alone."""
    return work.hours.is_open(work.now) and bool((await _heads(work))[0])


async def tell_heads(work: Work) -> None:
    """One list a head with all their accounts, in their next collected message: never a second one that day (users.md)."""
    waiting, told = await _heads(work)
    for head in waiting:
        rung, reader = f"list:{work.today.isoformat()}", to_person(PersonId(head))
        await work.tx.add_marks((Mark(case=f"{PREFIX}{head}", rung=rung, reader=reader, at=work.now),))
        told |= {account.id for account in work.register.led_by(PersonId(head))}
    await _save_heads(work, [], told)


# -- the channel --------------------------------------------------------------------------------


async def confirm(work: Work, ident: str) -> Reply:
    """All of it is right, of what the presser may answer for and somebody is named on."""
    case = await work.case(ident, Start)
    mine = [a for a in _open_accounts(work, case) if rights.role_on(work.register, work.actor, a, work.today)]
    if case.open_lines and not mine:
        raise Refused("right.start")
    return await _right(work, case, [account for account in mine if account.people])


async def take(work: Work, arg: str) -> Reply:
    """Nobody is named on it: whoever says that they look after it is, as if they had entered it."""
    case, account = await _line(work, arg)
    rights.staff(work.actor)
    if account.people:
        raise Refused("start.taken", account=account.name)
    return await _right(work, case, [replace(account, people=(work.actor.id,))])


async def open_change(work: Work, arg: str) -> Reply:
    case, account = await _line(work, arg)
    rights.edit(work.register, work.actor, account)
    return Ask(form=screens.change_form(work.eyes, case, account))


async def submit_change(work: Work, arg: str, values: Values) -> Reply:
    """What was wrong is put right and confirmed with it; what is not theirs goes back to communications."""
    case, account = await _line(work, arg)
    rights.edit(work.register, work.actor, account)
    if text(values, "whose") == "away":
        said = {column: words for column, words in account.said.items() if column != "channel"}
        await work.tx.save_account(replace(account, place=None, said=said))
        return await _answered(work, case, (account.id,), "away")
    given = text(values, "address")
    address = addresses.of_account(given, account.platform) if given else account.address
    if address:
        refuse_twice(work, address, but=account.id)
    people = people_named(work, several(values, "people"))
    purpose = text(values, "purpose") or account.purpose
    return await _right(work, case, [replace(account, address=address, people=people, purpose=purpose)])


async def _line(work: Work, arg: str) -> tuple[Start, Account]:
    """The account of a line that is still open. Raises Refused for one that has been answered, or moved on."""
    ident, _, account = arg.partition("|")
    case = await work.case(ident, Start)
    found = next((a for a in _open_accounts(work, case) if a.id == account), None)
    if found is None:
        raise Refused("start.answered_already")
    return case, found


def _open_accounts(work: Work, case: Start) -> list[Account]:
    known = (work.register.accounts.get(ident) for ident in case.open_lines)
    return [a for a in known if a and a.state == "imported" and a.place == case.place]


async def _right(work: Work, case: Start, accounts: Sequence[Account]) -> Reply:
    """Looked after from the next working day on; what is missing is asked about later."""
    await _first_week(work, case)
    for account in accounts:
        ready = settled(replace(account, state="gaps", asked_from=None), first_day(work))
        await work.tx.save_account(ready)
    await gaps.begin(work, case.id, [account.id for account in accounts])
    return await _answered(work, case, tuple(account.id for account in accounts), "right")


async def _first_week(work: Work, case: Start) -> None:
    """It begins when the first account is confirmed: until then nobody was asked there at all."""
    place = work.register.places.get(case.place or "")
    if case.greets and place and not any(a.is_asked for a in work.register.accounts_in(place.id)):
        await work.tx.save_place(replace(place, welcomed=work.today))


async def _answered(work: Work, case: Start, accounts: tuple[str, ...], state: str) -> Reply:
    """Lines of accounts that have gone elsewhere meanwhile wait for nobody."""
    here = {account.id for account in _open_accounts(work, case)}
    gone = tuple(ident for ident in case.open_lines if ident not in here)
    event = Answered(by=work.actor.id, accounts=accounts, state="away" if state == "away" else "right")
    after = await work.apply(case, decide(case, event, work.now))
    if gone:
        over = Answered(by=work.actor.id, accounts=gone, state="away")
        after = await work.apply(after, decide(after, over, work.now))
    right = len(accounts) if state == "right" else 0
    return Tell(card=screens.answered(work.eyes, right, len(after.open_lines), first_day(work)))


def first_day(work: Work) -> date:
    """Checks begin on the working day after the channel has confirmed."""
    return work.hours.calendar.next_working_day(work.today)


# -- what the outbox sends ------------------------------------------------------------------------


async def compose_card(work: Work, row: Row) -> Card | None:
    case = await work.case(row.case or "", Start)
    return screens.card(work.eyes_of(row), case)


def head_line(work: Work, eyes: Eyes, head: PersonId) -> Item | None:
    """The list as one line among others; None for a head without accounts."""
    found = work.register.led_by(head)
    return screens.head_line(eyes, found) if found else None


def head_card(work: Work, eyes: Eyes, head: PersonId) -> Card | None:
    """The whole list, where the head hears of nothing else that day."""
    found = work.register.led_by(head)
    return screens.head_list(eyes, found) if found else None


FEATURE = Feature(
    verbs={
        "start.channels": Verb(run=open_channels, writes=False),
        "start.confirm": Verb(run=confirm, writes=True),
        "start.mine": Verb(run=take, writes=True),
        "start.change": Verb(run=open_change, writes=False),
    },
    forms={"start.channels": submit_channels, "start.change": submit_change},
    cards={"start": compose_card},
)
