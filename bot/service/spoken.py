"""What a head, or whoever stands in, has said outside chat, who is in no chat at all: entered by communications (users.md U8).

It is done as if the head had pressed: the same use cases with the head as actor. Who entered it, how it was said, when and
where that stands is in the log of each account, and the head is told at once what was entered.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from pydantic import TypeAdapter

from bot import rights
from bot.cases.watch import Watch
from bot.cases.yearly import Yearly
from bot.model import Account, Entry, PersonId, Refused
from bot.outgoing import Row, Say, to_person
from bot.screens import spoken as screens
from bot.screens.spoken import About, Said
from bot.season import find, led_by
from bot.service import closing, duty, season, watching, yearly
from bot.service.asked import open_watches
from bot.service.base import Entered, Feature, Verb, Work, several, text
from bot.service.entered import given
from bot.service.in_use import log_of
from bot.view import Ask, Card, Reply, Tell, Values

ENTERED = "account.word_entered"
"""The line of an account's log that says that its head's word was entered, and how it was given."""
SAID: TypeAdapter[Said] = TypeAdapter(Said)


def _as_head(work: Work, head: PersonId, values: Values, since: date | None = None) -> Work:
    """The head acts, and whoever asks enters it. Raises Refused beside the field that lacks something."""
    entered = given(work, values, since or date.min, screens.WAYS)
    return replace(work, actor=work.register.people[head], entered=entered)


async def _note(work: Work, head: PersonId, said: Said, accounts: Sequence[Account]) -> Reply:
    """Kept with each account; the head has a letter, so that nothing is entered behind anybody's back."""
    entry = Entry(what=ENTERED, by=said.by, data=_kept(work, head, said))
    for account in accounts:
        await work.tx.add_log(log_of(account.id), (entry,), work.now)
    await work.say(Say(key=f"spoken:{head}:{work.bot.ids.new()}", card="spoken", arg=SAID.dump_json(said).decode(),
                       reader=to_person(head), lane="answer"))  # fmt: skip
    return Tell(card=screens.noted(_entering(work).eyes, head))


def _kept(work: Work, head: PersonId, said: Said) -> dict[str, str]:
    return {"about": said.about, "answer": said.answer, **_entered(work).kept_for(head)}


def _entered(work: Work) -> Entered:
    if work.entered is None:
        raise AssertionError
    return work.entered


def _entering(work: Work) -> Work:
    """Whoever enters it reads the answer, in their language."""
    return replace(work, actor=_entered(work).by, entered=None)


def _said(theirs: Work, about: About, values: Values, accounts: Sequence[Account]) -> Said:
    how = _entered(theirs)
    return Said(about=about, answer=text(values, "answer"), n=len(accounts), accounts=screens.some(accounts),
                way=how.way, day=how.day, by=how.by.id)  # fmt: skip


def _person(work: Work, values: Values, field: str) -> tuple[PersonId, ...]:
    if not text(values, field):
        raise Refused("form.choose", field=field)
    return (work.register.active(text(values, field), field).id,)


# -- days with nobody -----------------------------------------------------------------------------


async def open_watch(work: Work, ident: str) -> Reply:
    watch, head = await _watch(work, ident)
    return Ask(form=watching.spoken_form(work, watch, head))


async def _watch(work: Work, ident: str) -> tuple[Watch, PersonId]:
    """Raises Refused for one that is over, and for whoever may not enter this head's word."""
    watch = await work.case(ident, Watch)
    head = rights.told_by(work.register, work.actor, work.register.known(watch.accounts), work.today)
    if head is None or watch.what != "away":
        raise Refused("right.speak_for")
    if not watch.is_open:
        raise Refused("watch.over")
    return watch, head


async def submit_watch(work: Work, ident: str, values: Values) -> Reply:
    """Comments off is a checklist: communications begins it at once."""
    watch, head = await _watch(work, ident)
    accounts = work.register.known(watch.accounts)
    theirs = _as_head(work, head, values, work.hours.today(watch.opened_at))
    said = _said(theirs, "watch", values, accounts)
    match said.answer:
        case "cover":
            said = replace(said, people=_person(work, values, "who"))
            await watching.submit_cover(theirs, ident, values)
        case "hand" if not watch.handed_by:
            await watching.hand(theirs, ident)
        case "off" if watching.may_close(work, watch, work.actor.id):
            await _note(theirs, head, said, accounts)
            return await closing.new_for(work, watch.accounts)
        case _:
            raise Refused("form.choose", field="answer")
    return await _note(theirs, head, said, accounts)


# -- free days ------------------------------------------------------------------------------------


async def open_duty(work: Work, ident: str) -> Reply:
    accounts, head = await _duty(work, ident)
    return Ask(form=screens.duty_form(work.eyes, accounts, ident, head))


async def _duty(work: Work, ident: str) -> tuple[list[Account], PersonId]:
    accounts = await duty.asked_about(work, ident)
    head = rights.told_by(work.register, work.actor, accounts, work.today)
    if head is None:
        raise Refused("right.speak_for")
    return accounts, head


async def submit_duty(work: Work, ident: str, values: Values) -> Reply:
    offered, head = await _duty(work, ident)
    theirs = _as_head(work, head, values)
    named = several(values, "accounts")
    chosen = [a for a in offered if a.id in named] if len(offered) > 1 else offered
    meant, said = duty.meant(theirs, values), _said(theirs, "duty", values, chosen)
    said = replace(said, answer=meant.kind, people=meant.people, instead=meant.instead)
    same = all(a.duty == meant for a in chosen) and not await _is_asked(work, chosen)
    if same and await _is_kept(theirs, _kept(theirs, head, said), chosen):
        raise Refused("watch.over")
    await duty.submit_duty(theirs, ident, values)
    return await _note(theirs, head, said, chosen)


async def _is_asked(work: Work, accounts: Sequence[Account]) -> bool:
    """Whether the head waits for an answer about any of them: half a year later it may be the one of before."""
    asked = {a for watch in await open_watches(work, "free_days") for a in watch.accounts}
    return any(a.id in asked for a in accounts)


async def _is_kept(work: Work, data: dict[str, str], accounts: Sequence[Account]) -> bool:
    """Whether just this was entered last about free days, of each of them."""
    for account in accounts:
        log = await work.tx.log(log_of(account.id))
        entered = [e.data for e in log if e.what == ENTERED and e.data["about"] == "duty"]
        if entered[-1:] != [data]:
            return False
    return bool(accounts)


# -- summer and Christmas -------------------------------------------------------------------------


async def open_season(work: Work, arg: str) -> Reply:
    time, head = season.about(work, arg)
    rights.speak_for(work.register, work.actor, head)
    await season.still_asked(work, time, head)
    return Ask(form=screens.season_form(work.eyes, time, head, season.holes_of(work, time, head)))


async def submit_season(work: Work, arg: str, values: Values) -> Reply:
    time, head = season.about(work, arg)
    rights.speak_for(work.register, work.actor, head)
    await season.still_asked(work, time, head)
    theirs, accounts = _as_head(work, head, values), led_by(work.register, head)
    said = replace(_said(theirs, "season", values, accounts), time=time.key)
    match said.answer:
        case "cover":
            if not season.holes_of(work, time, head):
                raise Refused("form.choose", field="answer")
            said = replace(said, people=_person(work, values, "cover"))
            await season.submit_cover(theirs, arg, values)
        case "hand":
            await season.hand(theirs, arg)
        case "fine":
            await season.fine(theirs, arg)
        case _:
            raise Refused("form.choose", field="answer")
    return await _note(theirs, head, said, accounts)


# -- the yearly page ------------------------------------------------------------------------------


async def open_yearly(work: Work, ident: str) -> Reply:
    page, accounts = await _yearly(work, ident)
    return Ask(form=screens.yearly_form(work.eyes, page.id, yearly.mark(accounts), page.head, accounts))


async def _yearly(work: Work, ident: str) -> tuple[Yearly, Sequence[Account]]:
    page = await work.case(ident, Yearly)
    rights.speak_for(work.register, work.actor, page.head)
    accounts = work.register.led_by(page.head, work.today)
    if not page.is_open or not accounts:
        raise Refused("watch.over")
    return page, accounts


async def submit_yearly(work: Work, state: str, values: Values) -> Reply:
    """What has changed since the form was opened is to be seen first."""
    ident, _, mark = state.partition("|")
    page, accounts = await _yearly(work, ident)
    theirs = _as_head(work, page.head, values, work.hours.today(page.opened_at))
    said = _said(theirs, "yearly", values, accounts)
    match said.answer:
        case "right" if mark != yearly.mark(accounts):
            raise Refused("spoken.changed", field="answer")
        case "right":
            await yearly.confirm(theirs, mark)
        case "change":
            case, wish = await yearly.wish(theirs, values)
            accounts = [a for a in accounts if a.id == wish.account]
            said = replace(said, accounts=screens.some(accounts), n=1, case=case, wish=wish.id)
        case _:
            raise Refused("form.choose", field="answer")
    return await _note(theirs, page.head, said, accounts)


# -- what the head is told ------------------------------------------------------------------------


async def compose(work: Work, row: Row) -> Card | None:
    said, eyes = SAID.validate_json(row.arg), work.eyes_of(row)
    time = find(work.register.office.seasons, work.hours.calendar, said.time) if said.time else None
    page = await work.find(said.case, Yearly)
    wish = next((w.text for w in page.wishes if w.id == said.wish), "") if page else ""
    return screens.letter(eyes, said, screens.about(eyes, said, time), wish)


FEATURE = Feature(
    verbs={
        "watch.enter": Verb(run=open_watch, writes=False),
        "duty.enter": Verb(run=open_duty, writes=False),
        "season.enter": Verb(run=open_season, writes=False),
        "yearly.enter": Verb(run=open_yearly, writes=False),
    },
    forms={
        "watch.enter": submit_watch,
        "duty.enter": submit_duty,
        "season.enter": submit_season,
        "yearly.enter": submit_yearly,
    },
    cards={"spoken": compose},
)
