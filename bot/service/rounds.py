"""Answer the day: all clear, something to tell, I forgot to say; and what the heartbeat does with a round."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot import rights
from bot.cases.base import TimePassed
from bot.cases.question import Question
from bot.cases.round import WAITING, Gone, LineState, Looked, Over, Round, TakenBack, decide
from bot.checklists import ACCOUNT
from bot.model import Account, PersonId, Refused
from bot.outgoing import Mark, Reader, Row, Say, to_person
from bot.plan import round_id
from bot.ports import UNANSWERED, DayOutcome
from bot.screens import rounds as screens
from bot.service import moderation, questions
from bot.service.base import Feature, Verb, Work, text
from bot.service.moderation_start import first_form
from bot.view import Ask, Card, Faults, Reply, Tell, Values

STATES: dict[str, LineState] = {
    "clear": "looked_at",
    "found": "found",
    "not_looked": "not_looked",
}
NEW_AFTER = timedelta(days=60)
"""An account that was not asked about in a place for so long is new there."""


# -- presses ------------------------------------------------------------------------------------


async def clear(work: Work, ident: str) -> Reply:
    """All clear on all that the presser may answer for: one press, whatever the number of accounts."""
    round_ = await _going(work, ident)
    states: dict[str, LineState] = {
        a.id: "looked_at" for a in _mine(work, round_) if a.id in round_.unanswered
    }
    return await _looked(work, round_, states)


async def clear_mine(work: Work, _arg: str) -> Reply:
    """All clear for everything of mine in all places (users.md U2: /sm-today and Home)."""
    rights.staff(work.actor)
    done = 0
    for case in await work.tx.open_cases("round"):
        if isinstance(case, Round) and case.day == work.today and case.posted:
            states: dict[str, LineState] = {
                a: "looked_at" for a in case.unanswered if _is_mine(work, case, a)
            }
            if states:
                await _save(work, case, states)
                done += len(states)
    return Tell(card=Card(title=work.t.many("round.noted", done) if done else work.t("round.already")))


def _is_mine(work: Work, round_: Round, ident: str) -> bool:
    account = work.register.accounts.get(ident)
    if account is None:
        return False
    watches = not round_.free_day and work.actor.id == work.register.watcher(account, work.today)
    return watches or _role(work, round_, account) in ("manager", "substitute")


def _role(work: Work, round_: Round, account: Account) -> str:
    return rights.role_on(work.register, work.actor, account, work.today, free=round_.free_day)


async def tell(work: Work, ident: str) -> Reply:
    round_ = await _going(work, ident)
    return Ask(form=screens.tell_form(work.eyes, round_, _mine(work, round_)))


async def submit_tell(work: Work, ident: str, values: Values) -> Reply:
    """A line for each account; whoever chose to log a question, or to moderate, gets that form next, and the line waits for it."""
    round_ = await _going(work, ident)
    told = {a.id: text(values, a.id) for a in _mine(work, round_)}
    states = {account: STATES[value] for account, value in told.items() if value in STATES}
    reply = await _looked(work, await _reopened(work, round_, states), states)
    asking = [account for account, value in told.items() if value == "question"]
    moderating = [account for account, value in told.items() if value == "moderate"]
    if moderating:
        others = [*moderating[1:], *asking]
        return Ask(form=first_form(work, {ACCOUNT: moderating[0]}, round_=ident, others=others))
    return await questions.open_for(work, ident, asking) if asking else reply


async def _reopened(work: Work, round_: Round, states: dict[str, LineState]) -> Round:
    """The round with those lines open that were answered otherwise before."""
    changed = tuple(
        line.account for line in round_.lines
        if line.account in states and line.state not in (*WAITING, states[line.account])
    )  # fmt: skip
    if not changed:
        return round_
    event = TakenBack(by=work.actor.id, accounts=changed)
    return await work.apply(round_, decide(round_, event, work.now, work.hours))


async def submit_log(work: Work, state: str, values: Values) -> Reply:
    """A question told of in the round's form: its line is found once the question is saved. Then the next."""
    reply = await questions.submit_log(work, "", values)
    ident, _, rest = state.rpartition("|")
    await _found(work, ident, text(values, "account"))
    more = [a for a in rest.split(",") if a in work.register.accounts]
    return await questions.open_for(work, ident, more) if more else reply


async def submit_moderate(work: Work, state: str, values: Values) -> Reply:
    """The first page of a moderation that was told of in the round's form: its line is found once the run is stored."""
    own, _, ident = state.rpartition("|")
    reply = await moderation.submit_step(work, own, values)
    if not isinstance(reply, Faults):
        await _found(work, ident, text(values, ACCOUNT))
    return reply


async def _found(work: Work, ident: str, account: str) -> None:
    """The round may be over by now, or the question be about another account: it is saved all the same."""
    try:
        round_ = await work.case(ident, Round)
    except Refused:
        return
    known = work.register.accounts.get(account)
    states: dict[str, LineState] = {account: "found"}
    in_it = round_.is_open and any(line.account == account for line in round_.kept)
    if in_it and known and _role(work, round_, known):
        await _save(work, await _reopened(work, round_, states), states)


async def undo(work: Work, arg: str) -> Reply:
    """Take back one's own press: just those lines are open again."""
    ident, _, given = arg.partition("|")
    round_ = await _going(work, ident)
    accounts = tuple(a.id for a in _mine(work, round_) if a.id in given.split(","))
    after = await work.apply(
        round_, decide(round_, TakenBack(by=work.actor.id, accounts=accounts), work.now, work.hours)
    )
    await _save_days(work, after)
    await _follow(work, after)
    return Tell(card=Card(title=work.t("round.undone")))


async def ask_substitute(work: Work, ident: str) -> Reply:
    """Today's watcher cannot make it: the substitute gets the question, by a direct message."""
    round_ = await _going(work, ident)
    accounts = [a for a in _mine(work, round_) if a.id in round_.unanswered]
    if not accounts:
        return Tell(card=screens.nothing_new(work.eyes))
    people = _substitutes(work, accounts, work.today)
    if not people:
        raise Refused("round.no_substitute")
    for person in people:
        await work.say(Say(key=f"{round_.id}:asked:{person}", card="asked", case=round_.id, reader=to_person(person),
                           lane="answer", arg=work.actor.id, living=True), case=round_)  # fmt: skip
    names = ", ".join(work.register.name(p) for p in people)
    return Tell(card=Card(title=work.t("round.asked", names=names)))


async def _going(work: Work, ident: str) -> Round:
    """Raises Refused for a round that can no longer be answered."""
    round_ = await work.case(ident, Round)
    if not round_.is_open:
        raise Refused("round.over")
    return round_


def _mine(work: Work, round_: Round) -> list[Account]:
    """The accounts of a round that whoever presses may answer for; none: a refusal that says who may."""
    accounts = [
        work.register.accounts[line.account] for line in round_.kept if line.account in work.register.accounts
    ]
    own = [a for a in accounts if _role(work, round_, a)]
    if not own:
        raise Refused("right.account", account=", ".join(a.name for a in accounts[:3]))
    return own


async def _looked(work: Work, round_: Round, states: dict[str, LineState]) -> Reply:
    after = await _save(work, round_, states)
    if after.lines == round_.lines:
        return Tell(card=screens.nothing_new(work.eyes))
    return Tell(card=screens.noted(work.eyes, after, tuple(states)))


async def _save(work: Work, round_: Round, states: dict[str, LineState]) -> Round:
    """Each line with the role of whoever answered; no name is kept (users.md U6)."""
    after = round_
    for role, accounts in _by_role(work, round_, states).items():
        own: dict[str, LineState] = {a: states[a] for a in accounts}
        after = (decide(after, Looked(by=work.actor.id, role=role, states=own), work.now, work.hours)).case
    if after == round_:
        return round_
    saved = await work.tx.save_case(after)
    await _save_days(work, saved)
    await _follow(work, saved)
    return saved


async def _follow(work: Work, round_: Round) -> None:
    """Today's card says what is left of the day before."""
    if round_.day < work.today:
        await questions.touch_rounds(work, round_.place)


def _by_role(work: Work, round_: Round, states: dict[str, LineState]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for account in states:
        role = _role(work, round_, work.register.accounts[account])
        if role:
            found.setdefault(role, []).append(account)
    return found


async def _save_days(work: Work, round_: Round) -> None:
    """The overview reads these rows: each account and date, how it stands."""
    for line in round_.kept:
        unseen = line.state == "not_looked"  # said without blame: nobody's role stands beside it
        outcome = "open" if unseen else line.state
        await work.tx.save_day(
            DayOutcome(
                account=line.account,
                day=round_.day,
                outcome=outcome,
                place=round_.place,
                role="" if unseen else line.role,
            )
        )


# -- the heartbeat ------------------------------------------------------------------------------


async def wake(work: Work, round_: Round) -> None:
    """Post the card; with it the round before the last is over, and a second day without an answer reaches the head.

    Where a trial leaves the place out since the day was planned, it is not asked.
    """
    silent = work.register.is_silent(round_.place)
    event = Gone() if silent and not round_.posted else TimePassed()
    after = await work.apply(round_, decide(round_, event, work.now, work.hours))
    if not after.posted:
        for line in after.lines:
            await work.tx.save_day(
                DayOutcome(account=line.account, day=after.day, outcome="not_asked", place=after.place)
            )
        return
    earlier = await _earlier(work, after)
    for old in earlier[1:]:
        closed = await work.apply(old, decide(old, Over(), work.now, work.hours))
        await _save_days(work, closed)
    if earlier:
        await work.tx.touch(earlier[0].id)
    if not after.free_day and not work.is_quiet(after.place):
        await _tell_heads(work, after)


async def _earlier(work: Work, round_: Round) -> list[Round]:
    """Open rounds of the place before this one, newest first."""
    found = [c for c in await work.tx.open_cases("round", place=round_.place) if isinstance(c, Round)]
    return sorted((r for r in found if r.day < round_.day), key=lambda r: r.day, reverse=True)


async def _tell_heads(work: Work, round_: Round) -> None:
    """So many working days in a row, two where nothing else is set, and only when the last of them has just passed: at most
    one collected message (U2)."""
    last = work.hours.calendar.previous_working_day(round_.day)
    for line in round_.lines if work.hours.waits.round_head else ():
        account = work.register.accounts.get(line.account)
        head = work.register.answerer(account, work.today) if account else work.register.rota(work.today)
        if head and await _is_enough(work, round_, line.account, last):
            mark = Mark(case=round_id(str(round_.place), last), rung=f"two_days:{line.account}",
                        reader=to_person(head), at=work.now)  # fmt: skip
            await work.tx.add_marks((mark,))


async def _is_enough(work: Work, round_: Round, account: str, last: date) -> bool:
    """Whether `last` and the working days before it that make enough stayed without an answer, and the one before did not.

    Days of the place's first week do not count.
    """
    days = [last]
    for _ in range(work.register.office.unlooked_days):
        days.append(work.hours.calendar.previous_working_day(days[-1]))
    rows = await work.tx.days(account=account, first=days[-1], last=last)
    outcomes = {row.day: row.outcome for row in rows if not work.is_quiet(round_.place, row.day)}
    unanswered = [outcomes.get(day) in UNANSWERED for day in days]
    return all(unanswered[:-1]) and not unanswered[-1]


# -- what the outbox sends ----------------------------------------------------------------------


async def compose_card(work: Work, row: Row) -> Card | None:
    round_ = await work.case(row.case or "", Round)
    eyes = work.eyes_of(row)
    if not round_.is_open:
        return screens.card(eyes, screens.Morning(round=round_, watchers={}))
    return screens.card(eyes, replace(await morning(work, round_), alerts=_mentions(work, row)))


def _named(work: Work, account: Account, day: date) -> PersonId | None:
    """Today's watcher; in the first week not communications' rota, which would be somebody else (users.md U11)."""
    quiet = work.is_quiet(account.place, day)
    return work.register.arranged(account, day) if quiet else work.register.watcher(account, day)


def _mentions(work: Work, row: Row) -> bool:
    """Whether the reader is a place where the morning card mentions today's watcher."""
    place = work.register.places.get(Reader.parse(row.target).id)
    return place is not None and place.mentions


async def morning(work: Work, round_: Round) -> screens.Morning:
    """Everything that stands in the morning card, as it is now."""
    earlier = await _earlier(work, round_)
    forgotten = earlier[0] if earlier and earlier[0].unanswered and not round_.free_day else None
    accounts = [
        work.register.accounts[line.account] for line in round_.kept if line.account in work.register.accounts
    ]
    quiet = work.is_quiet(round_.place)
    return screens.Morning(
        round=round_,
        watchers={a.id: _named(work, a, round_.day) for a in accounts},
        questions=await _open_questions(work, str(round_.place)),
        forgotten=forgotten,
        substitutes=_substitutes(work, [work.account(a) for a in forgotten.unanswered], work.today)
        if forgotten and not quiet else (),
        quiet=quiet, new=await _new_here(work, round_, accounts),
        not_asked=await _not_asked(work, round_, earlier[0].day if earlier else None),
    )  # fmt: skip


async def _open_questions(work: Work, place: str) -> list[Question]:
    found = [c for c in await work.tx.open_cases("question", place=place) if isinstance(c, Question)]
    return sorted(found, key=lambda q: q.answer_by)


def _substitutes(work: Work, accounts: Sequence[Account], day: date) -> tuple[PersonId, ...]:
    found = (work.register.substitute(account, day) for account in accounts)
    return tuple(dict.fromkeys(p for p in found if p))


async def _not_asked(work: Work, round_: Round, since: date | None) -> list[date]:
    """Dates since the last round on which the bot was down: said once, in the next card."""
    first = since + timedelta(days=1) if since else round_.day - timedelta(days=7)
    days: set[date] = set()
    for line in round_.kept:
        rows = await work.tx.days(account=line.account, first=first, last=round_.day - timedelta(days=1))
        days |= {row.day for row in rows if row.outcome == "not_asked"}
    return sorted(days)


async def _new_here(work: Work, round_: Round, accounts: Sequence[Account]) -> tuple[str, ...]:
    """Accounts that have come to a place which knows the bot: no second welcome, a line in their first card (users.md U11)."""
    first, last = round_.day - NEW_AFTER, round_.day - timedelta(days=1)
    known = {
        account.id
        for account in accounts
        for row in await work.tx.days(account=account.id, first=first, last=last)
        if row.place == round_.place
    }
    return tuple(a.id for a in accounts if a.id not in known) if known else ()


async def compose_reply(work: Work, row: Row) -> Card | None:
    """None when everything has been answered before it is sent: then nobody is alerted. Later it says so, or its day."""
    marks = {m.case for m in await work.tx.marks_of(row.key.partition(":dm:")[0])}
    place = row.arg.partition("|")[0]
    waiting = [q for q in await _open_questions(work, place) if q.id in marks]
    round_ = await work.case(row.case, Round) if row.case else None
    stands = row.state == "sent"
    if stands and row.arg.partition("|")[2] != work.today.isoformat():
        return screens.reply_over(work.eyes_of(row))
    if round_ and not round_.unanswered:
        round_ = replace(round_, lines=())
    if not waiting and not (round_ and round_.unanswered):
        return screens.reply_answered(work.eyes_of(row)) if stands else None
    reminder = _reminder(work, round_, waiting)
    alerted = row.case is not None and _mentions(work, row)  # by the morning card
    return screens.reply(work.eyes_of(row), replace(reminder, alerts=not alerted))


def _reminder(work: Work, round_: Round | None, waiting: Sequence[Question]) -> screens.Reminder:
    idents = [*(round_.unanswered if round_ else ()), *(q.account or "" for q in waiting)]
    accounts = [work.register.accounts[i] for i in dict.fromkeys(idents) if i in work.register.accounts]
    watchers = tuple(dict.fromkeys(p for a in accounts if (p := _named(work, a, work.today))))
    if round_ and round_.free_day:
        watchers = round_.duty
    return screens.Reminder(round=round_, watchers=watchers, questions=waiting,
                            substitutes=_substitutes(work, accounts, work.today))  # fmt: skip


async def compose_asked(work: Work, row: Row) -> Card | None:
    round_ = await work.case(row.case or "", Round)
    return screens.asked(work.eyes_of(row), round_, work.register.name(PersonId(row.arg)))


FEATURE = Feature(
    verbs={
        "round.clear": Verb(run=clear, writes=True),
        "round.clear_mine": Verb(run=clear_mine, writes=True),
        "round.forgot": Verb(run=clear, writes=True),
        "round.undo": Verb(run=undo, writes=True),
        "round.ask": Verb(run=ask_substitute, writes=True),
        "round.tell": Verb(run=tell, writes=False),
    },
    forms={"round.tell": submit_tell, "round.log": submit_log, "round.moderate": submit_moderate},
    cards={"round": compose_card, "reply": compose_reply, "asked": compose_asked},
)
