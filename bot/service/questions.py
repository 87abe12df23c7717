"""Log a question, take it, answer it, hand it on, say why it is due when it is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot import addresses, checklists, rights
from bot.cases.ladder import Hours
from bot.cases.question import (
    Corrected,
    Ended,
    Event,
    Forwarded,
    Interim,
    Question,
    Reopened,
    Taken,
    decide,
    logged,
    moved,
)
from bot.first_week import quiet_until
from bot.model import Account, PersonId, Refused
from bot.outgoing import HEAD, Reader, Row
from bot.plain import natural
from bot.screens import questions as screens
from bot.service.base import Feature, Verb, Work, text
from bot.service.moderation_start import first_form
from bot.view import Ask, Card, Faults, Reply, Tell, Value, Values
from bot.workdays import deadlines

L = TypeVar("L", bound=str)
OLDEST = timedelta(days=366)
CLOCK_SKEW = timedelta(minutes=5)


# -- log ----------------------------------------------------------------------------------------


async def open_log(work: Work, given: str = "") -> Reply:
    """The form, with the account and time filled in as far as they are known. Everyone but guests may.

    `given`: the account from whose card it was asked for.
    """
    rights.staff(work.actor)
    accounts = loggable(work)
    if not accounts:
        raise Refused("pilot.silent" if in_use(work) else "question.no_accounts")
    quoted = work.quoted
    posted = quoted.at or work.now
    likely = given if any(a.id == given for a in accounts) else _likely(work, accounts)
    form = screens.log_form(work.eyes, accounts, likely, text=quoted.text[:280], link=quoted.link,
                            posted=work.hours.calendar.local(posted))  # fmt: skip
    return Ask(form=form)


async def open_for(work: Work, ident: str, accounts: Sequence[str]) -> Reply:
    """The form for the first of a round's accounts; the others follow, each after the one before is saved."""
    rights.staff(work.actor)
    now = work.hours.calendar.local(work.now)
    form = screens.log_form(work.eyes, loggable(work), accounts[0], text="", link="", posted=now)
    return Ask(form=replace(form, id="round.log", state=f"{ident}|{','.join(accounts[1:])}"))


def loggable(work: Work) -> tuple[Account, ...]:
    """Every account in use that a trial does not leave out, in the order of `in_use`."""
    return tuple(account for account in in_use(work) if not work.register.is_silent(account.place))


def in_use(work: Work) -> tuple[Account, ...]:
    """Every account in use: those of this place first, then one's own, then the rest by name."""
    here = {a.id for a in work.register.accounts_in(work.place.id)} if work.place else set()
    mine = {a.id for a in work.register.accounts_of(work.actor.id)}
    found = (a for a in work.register.accounts.values() if a.state != "closed")
    return tuple(sorted(found, key=lambda a: (a.id not in here, a.id not in mine, natural(a.name))))


def _likely(work: Work, accounts: tuple[Account, ...]) -> str:
    """Filled in only where there is no doubt: a question on the wrong account waits unseen."""
    here = [a.id for a in work.register.accounts_in(work.place.id)] if work.place else []
    found = here or [a.id for a in work.register.accounts_of(work.actor.id)]
    return found[0] if len(found) == 1 or len(accounts) == 1 else ""


async def submit_log(work: Work, _state: str, values: Values) -> Reply:
    """Saves the question with its deadlines and puts its card in the account's place, alerting nobody."""
    rights.staff(work.actor)
    account = work.account(text(values, "account"))
    if account.state == "closed":
        raise Refused("form.choose", field="account")
    if work.register.is_silent(account.place):
        raise Refused("pilot.silent", field="account")
    posted = _posted(work, text(values, "posted"))
    link = link_of(text(values, "link"))
    await _not_logged_already(work, account, link)
    question = make(work, account, posted, link, values)
    await work.add(logged(question, work.hours))
    await touch_rounds(work, question.place)
    return Tell(card=screens.logged(work.eyes, question))


def make(work: Work, account: Account, posted: datetime, link: str, values: Values) -> Question:
    """The question with its policy's instants, counted from when the visitor posted (C-32)."""
    calendar = work.hours.calendar
    due = deadlines(work.pack.answer, calendar, posted, work.register.office.collect)
    return Question(
        id=f"q{work.bot.ids.new()}", opened_at=work.now, account=account.id, place=account.place,
        where=_one_of(values, "where", screens.WHERE), kind=_one_of(values, "kind", screens.KINDS),
        posted_at=posted, logged_by=work.actor.id, link=link, text=text(values, "text")[:280],
        remind_at=due.remind_at, last_call=due.last_call, answer_by=due.answer_by, escalate_at=due.escalate_at,
        head_at=work.hours.one_working_day_later(due.escalate_at),
        came_on_free_day=not calendar.is_working_day(calendar.local(posted).date()), stamp=work.stamp,
        quiet_until=quiet_until(calendar, work.register.places.get(account.place or ""), work.today),
    )  # fmt: skip


def _one_of(values: Values, field: str, allowed: tuple[L, ...]) -> L:
    """The submitted choice, if it is one of the closed list."""
    chosen = next((a for a in allowed if a == text(values, field)), None)
    if chosen is None:
        raise Refused("form.choose", field=field)
    return chosen


def _posted(work: Work, value: str) -> datetime:
    """When the visitor posted; a question from the future, or from years ago, is a slip of the finger."""
    try:
        posted = datetime.fromisoformat(value)
    except ValueError:
        raise Refused("form.moment", field="posted") from None
    if posted.tzinfo is None:
        posted = posted.replace(tzinfo=work.hours.calendar.local(work.now).tzinfo)
    if posted > work.now + CLOCK_SKEW:
        raise Refused("question.from_future", field="posted")
    if posted < work.now - OLDEST:
        raise Refused("question.too_old", field="posted")
    return min(posted, work.now)


def link_of(value: str) -> str:
    """The link as it can be opened; what it is compared by is its canonical form."""
    if not value:
        return ""
    try:
        addresses.canonical(value)
    except Refused:
        raise Refused("question.bad_link", field="link") from None
    return addresses.whole(value)


def same_post(one: str, other: str) -> bool:
    """Whether two links show one post, however they were copied."""
    try:
        return addresses.canonical(one) == addresses.canonical(other)
    except Refused:
        return one == other


async def _not_logged_already(work: Work, account: Account, link: str) -> None:
    if not link:
        return
    for case in await work.tx.open_cases("question", account=account.id):
        if isinstance(case, Question) and case.link and same_post(case.link, link):
            raise Refused("question.twice", field="link", due=screens.by_when(work.eyes, case))


# -- act ----------------------------------------------------------------------------------------


async def take(work: Work, ident: str) -> Reply:
    """Names who has it; stops no clock."""
    question = await mine(work, ident)
    if question.is_open and question.taken_by not in (None, work.actor.id):
        return _over(work, question, "question.taken_already", who=work.register.name(question.taken_by))
    return await _do(work, question, Taken(by=work.actor.id), "question.took")


async def answered(work: Work, ident: str) -> Reply:
    return await _do(work, await mine(work, ident), Ended(by=work.actor.id, how="answered"), "question.done")


async def seen(work: Work, ident: str) -> Reply:
    """Seen, nothing to answer: on comments only (C-48)."""
    question = await mine(work, ident)
    if question.where != "comment":
        raise Refused("question.only_comments")
    return await _do(work, question, Ended(by=work.actor.id, how="seen"), "question.seen_noted")


async def reopen(work: Work, ident: str) -> Reply:
    """Back among what waits, and in the place that the account has by now."""
    question = await mine(work, ident)
    account = work.account(question.account)
    if account.state == "closed":
        raise Refused("account.is_closed", account=account.name)
    reply = await _do(work, question, Reopened(by=work.actor.id), "question.reopened")
    await follow(work, account)
    return reply


async def follow(work: Work, account: Account) -> None:
    """Post anew, in the account's place, its open questions that stand elsewhere (exact-rules, "Sending").

    Back in a place where it stood before, the card of that time gets its buttons again.
    """
    for case in await work.tx.open_cases("question", account=account.id):
        if isinstance(case, Question) and account.place and case.place != account.place:
            standing = {m.target for m in await work.tx.messages_of(case.id)}
            move = moved(case, account.place)
            says = tuple(say for say in move.says if str(say.reader) not in standing)
            after = await work.apply(case, replace(move, says=says))
            await touch_rounds(work, case.place)
            await touch_rounds(work, after.place)


async def hand_on(work: Work, ident: str) -> Reply:
    question = await mine(work, ident)
    others = [account for account in loggable(work) if account.id != question.account]
    return Ask(form=screens.hand_on_form(work.eyes, question, others))


async def submit_hand_on(work: Work, ident: str, values: Values) -> Reply:
    """Forward to a person, give the visitor an interim reply, say which account it is about, or moderate what was posted."""
    question = await mine(work, ident)
    if text(values, "how") == "moderate":
        return _moderate(work, question)
    if text(values, "how") == "account":
        return await _correct(work, question, text(values, "account"))
    if text(values, "how") == "interim":
        until = _until(work, text(values, "until"))
        first = question.rung == "" and question.held_until is None
        key = "question.held" if first else "question.held_again"
        return await _do(work, question, Interim(by=work.actor.id, until=until), key)
    to = PersonId(text(values, "to"))
    person = work.register.people.get(to)
    if not to or person is None:
        return Faults(by_field={"to": work.t("form.person")})
    if not person.may_act:
        return Faults(by_field={"to": work.t("form.person_inactive", name=person.name)})
    return await _do(work, question, Forwarded(by=work.actor.id, to=to), "question.handed", who=person.name)


def _moderate(work: Work, question: Question) -> Reply:
    """Its first page, with what is known of the question. The question stays open until the run says what becomes of it."""
    if not question.is_open:
        return _over(work, question, "question.over", who=work.register.name(question.ended_by))
    known: dict[str, Value] = {
        checklists.ACCOUNT: question.account or "", checklists.POSTS: question.link or " ".join(question.text.split()),
        checklists.POSTED: work.hours.calendar.local(question.posted_at).isoformat(), checklists.KIND: question.kind,
    }  # fmt: skip
    return Ask(form=first_form(work, known, question=question.id))


async def _correct(work: Work, question: Question, ident: str) -> Reply:
    """It is about another account: its card stands in that account's place from now on, and the old one points on."""
    account = next((a for a in loggable(work) if a.id == ident and a.id != question.account), None)
    if account is None:
        raise Refused("form.choose", field="account")
    event = Corrected(by=work.actor.id, account=account.id)
    reply = await _do(work, question, event, "question.corrected")
    await follow(work, account)
    return reply


def _until(work: Work, value: str) -> datetime:
    try:
        until = datetime.fromisoformat(value)
    except ValueError:
        raise Refused("form.moment", field="until") from None
    if until.tzinfo is None:
        until = until.replace(tzinfo=work.hours.calendar.local(work.now).tzinfo)
    if until <= work.now:
        raise Refused("question.until_past", field="until")
    if until > work.now + timedelta(days=60):
        raise Refused("question.until_far", field="until")
    return until


async def why(work: Work, ident: str) -> Reply:
    rights.staff(work.actor)
    return Ask(form=screens.why(work.eyes, await work.case(ident, Question)))


async def mine(work: Work, ident: str) -> Question:
    """The question, if whoever asks may work on its account, or has had it handed on to them."""
    question = await work.case(ident, Question)
    if work.actor.id != question.forwarded_to or not work.actor.may_act:
        account, free = work.account(question.account), not work.hours.is_working_day(work.today)
        rights.work_on(work.register, work.actor, account, work.today, free=free)
    return question


async def _do(work: Work, question: Question, event: Event, key: str, **values: object) -> Reply:
    if not question.is_open and not isinstance(event, Reopened):
        return _over(work, question, "question.over", who=work.register.name(question.ended_by))
    after = await work.apply(question, decide(question, event, work.now, work.hours))
    await touch_rounds(work, question.place)
    return Tell(card=screens.noted(work.eyes, after, key, **values))


def _over(work: Work, question: Question, key: str, *, who: str) -> Reply:
    """A second press never has a second effect: it is told who was first."""
    return Tell(card=screens.noted(work.eyes, question, key, who=who))


async def touch_rounds(work: Work, place: str | None) -> None:
    """The morning card lists what is open: it follows."""
    if place:
        for case in await work.tx.open_cases("round", place=place):
            await work.tx.touch(case.id)


# -- what the outbox sends ----------------------------------------------------------------------


async def compose_card(work: Work, row: Row) -> Card | None:
    """In a place that the account has left, the card loses its buttons and points to the new one."""
    question = await work.case(row.case or "", Question)
    return _moved(work, row, question) or screens.card(work.eyes_of(row), question)


def _moved(work: Work, row: Row, question: Question) -> Card | None:
    """What a place shows that the account has left."""
    target = Reader.parse(row.target)
    place = work.register.places.get(question.place or "")
    if target.kind == "place" and place and target.id != place.id:
        return screens.moved(work.eyes_of(row), question, place.called)
    return None


def hours_of(work: Work, question: Question) -> Hours:
    """The office's hours and hearers. Where the account has no substitute that day communications hears: never nobody."""
    hours, account = work.hours, work.register.accounts.get(question.account or "")
    alone = account is None or work.register.substitute(account, work.today) is None
    told = hours.waits.goes_on
    if not alone or "communications" in told:
        return hours
    return replace(hours, waits=replace(hours.waits, goes_on=(*told, "communications")))


async def compose_escalation(work: Work, row: Row) -> Card | None:
    """None once it is answered: what is no longer true is not said. One that stands shows what became of it."""
    question = await work.case(row.case or "", Question)
    if not question.is_open:
        return screens.card(work.eyes_of(row), question) if row.state == "sent" else None
    moved = _moved(work, row, question) if row.arg == "substitute" else None
    return moved or screens.escalation(work.eyes_of(row), question, work.account(question.account), row.arg)


async def compose_told_head(work: Work, row: Row) -> Card | None:
    """Who has it now, by name; without a head it is communications."""
    question = await work.case(row.case or "", Question)
    if not question.is_open:
        return None
    to = next(iter(work.targets(HEAD, question)), None)
    return screens.told_head(work.eyes_of(row), question, PersonId(to.id)) if to else None


async def compose_quiet(work: Work, row: Row) -> Card | None:
    """It is late, and goes on to nobody yet. None once it is answered; one that stands shows what became of it."""
    question = await work.case(row.case or "", Question)
    if not question.is_open or (question.rung and row.state != "sent"):
        return screens.card(work.eyes_of(row), question) if row.state == "sent" else None
    return _moved(work, row, question) or screens.quiet(work.eyes_of(row), question)


async def compose_forwarded(work: Work, row: Row) -> Card | None:
    return screens.forwarded(work.eyes_of(row), await work.case(row.case or "", Question))


FEATURE = Feature(
    commands={"sm-question": open_log},
    shortcuts={"log_question": open_log},
    verbs={
        "question.open": Verb(run=open_log, writes=False),
        "question.take": Verb(run=take, writes=True),
        "question.answered": Verb(run=answered, writes=True),
        "question.seen": Verb(run=seen, writes=True),
        "question.reopen": Verb(run=reopen, writes=True),
        "question.hand_on": Verb(run=hand_on, writes=False),
        "question.why": Verb(run=why, writes=False),
    },
    forms={"question.log": submit_log, "question.hand_on": submit_hand_on},
    cards={
        "question": compose_card,
        "escalation": compose_escalation,
        "told_head": compose_told_head,
        "forwarded": compose_forwarded,
        "quiet": compose_quiet,
    },
)
