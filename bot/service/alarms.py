"""Raise an alarm at any hour, say that one has it, ring it in, call it off."""

from collections.abc import Sequence
from dataclasses import replace

from bot import rights
from bot.cases.alarm import Alarm, AlarmKind, Drilled, Ended, Event, Received, decide, raised
from bot.cases.base import Move
from bot.model import PersonId, Refused, Role
from bot.outgoing import Reader, Row, to_person
from bot.screens import alarms as screens
from bot.service.base import Composer, Feature, Verb, Work, text
from bot.service.questions import in_use, link_of, same_post
from bot.view import Ask, Card, Faults, Mention, Reply, Tell, Values


async def open_raise(work: Work, account: str = "") -> Reply:
    """The form; everyone but guests and outsiders may."""
    rights.staff(work.actor)
    accounts = in_use(work)
    here = work.register.accounts_in(work.place.id) if work.place else ()
    is_known = account in work.register.accounts
    known = account if is_known else here[0].id if len(here) == 1 else ""
    line = work.quoted.text or ("" if is_known else account)  # words after the command
    form = screens.raise_form(work.eyes, accounts, known, link=work.quoted.link, line=line[:280])
    return Ask(form=form)


async def submit_raise(work: Work, _state: str, values: Values) -> Reply:
    """Told at once. A bad link never stops an alarm: it is taken as it stands."""
    rights.staff(work.actor)
    kind = _kind(text(values, "kind"))
    account = work.register.accounts.get(text(values, "account"))
    alarm = Alarm(
        id=f"a{work.bot.ids.new()}", opened_at=work.now, account=account.id if account else None, kind=kind,
        raised_by=work.actor.id, link=_any_link(text(values, "link")), line=text(values, "line")[:280],
        exercise=text(values, "exercise") == "yes",
    )  # fmt: skip
    if same := await _same(work, alarm):
        return Tell(card=_running(work, same))
    await work.add(_raised(work, alarm))
    return Tell(card=screens.raised(work.eyes, alarm))


def _raised(work: Work, alarm: Alarm) -> Move[Alarm]:
    """The head hears at once where the office wants it and there is one, or who stands in, who did not raise it."""
    account = work.register.accounts.get(alarm.account or "")
    head = work.register.present_head(account, work.today) if account else None
    wanted = work.register.office.head_at_once and head not in (None, alarm.raised_by)
    return raised(alarm, work.hours, work.now, head_at_once=wanted)


def _kind(value: str) -> AlarmKind:
    match value:
        case "threat" | "pile_on" | "taken_over":
            return value
        case _:
            raise Refused("form.choose", field="kind")


def _any_link(value: str) -> str:
    try:
        return link_of(value)
    except Refused:
        return value[:1000]


async def _same(work: Work, alarm: Alarm) -> Alarm | None:
    """An alarm on the same post that is already going: shown, not raised twice."""
    if not alarm.link:
        return None
    running = [case for case in await work.tx.open_cases("alarm") if isinstance(case, Alarm)]
    alike = (a for a in running if (a.kind, a.exercise) == (alarm.kind, alarm.exercise) and a.link)
    return next((a for a in alike if same_post(a.link, alarm.link)), None)


async def raise_for(
    work: Work, kind: AlarmKind, account: str | None, posts: Sequence[str], words: str
) -> Alarm:
    """The alarm of a moderation: the one that stands already on one of its posts, else a new one, told at once."""
    link = next((link for post in posts if (link := _whole(post))), "")
    alarm = Alarm(id=f"a{work.bot.ids.new()}", opened_at=work.now, account=account, kind=kind,
                  raised_by=work.actor.id, link=link, line=words)  # fmt: skip
    running = [case for case in await work.tx.open_cases("alarm", account=account) if isinstance(case, Alarm)]
    alike = (a for a in running if a.kind == kind and not a.exercise and a.link)
    same = next((a for a in alike if any(same_post(a.link, post) for post in posts)), None)
    return same or await work.add(_raised(work, alarm))


def _whole(post: str) -> str:
    """The address of a post that has one."""
    try:
        return link_of(post)
    except Refused:
        return ""


def _running(work: Work, alarm: Alarm) -> Card:
    """For whoever raises what is raised already: how it stands; the buttons are those of who may press them."""
    return _pressable(work, alarm, screens.raiser(work.eyes, alarm))


def _pressable(work: Work, alarm: Alarm, card: Card) -> Card:
    """A colleague on the account, who may have rung, enters who answered, and no more."""
    if _concerned(work, alarm):
        return card
    may = ("alarm.phone",) if may_have_rung(work, alarm) else ()
    return replace(card, buttons=tuple(b for b in card.buttons if b.verb in may))


# -- receipt and end ----------------------------------------------------------------------------


async def show(work: Work, ident: str) -> Reply:
    """The alarm's card, privately: as the raiser sees it, or as whoever shall act does."""
    alarm = await _rang(work, ident)
    if alarm.raised_by == work.actor.id:
        return Tell(card=screens.raiser(work.eyes, alarm))
    return Tell(card=_pressable(work, alarm, screens.card(work.eyes, alarm, (), "copy")))


async def receive(work: Work, ident: str) -> Reply:
    """Whom it was sent to, security, communications: one press, and the raiser sees the name and time."""
    alarm = await _told(work, ident)
    return await _do(work, alarm, Received(by=work.actor.id), "alarm.noted.received")


async def phone(work: Work, ident: str) -> Reply:
    return Ask(form=screens.phone_form(work.eyes, await _rang(work, ident)))


async def submit_phone(work: Work, ident: str, values: Values) -> Reply:
    """Entered by whoever rang: who answered."""
    who = text(values, "who")[:100]
    if not who:
        return Faults(by_field={"who": work.t("alarm.phone.empty")})
    return await _do(
        work, await _rang(work, ident), Received(by=work.actor.id, phone=who), "alarm.noted.phone"
    )


async def handled(work: Work, ident: str) -> Reply:
    """Whoever may have it; of an exercise its raiser too, whether or not anybody has received it."""
    alarm = await _near(work, ident)
    if not alarm.exercise:
        alarm = await _told(work, ident)
    noted = "alarm.noted.handled.exercise" if alarm.exercise else "alarm.noted.handled"
    return await _do(work, alarm, Ended(by=work.actor.id, how="handled"), noted)


async def drill(work: Work, ident: str) -> Reply:
    """It is an exercise, and was raised without saying so."""
    return await _do(work, await _near(work, ident), Drilled(by=work.actor.id), "alarm.noted.exercise")


async def false(work: Work, ident: str) -> Reply:
    return Ask(form=screens.false_form(work.eyes, await _near(work, ident)))


async def submit_false(work: Work, ident: str, values: Values) -> Reply:
    why = text(values, "why")[:280]
    if not why:
        return Faults(by_field={"why": work.t("alarm.false.empty")})
    alarm = await _near(work, ident)
    return await _do(work, alarm, Ended(by=work.actor.id, how="false_alarm", why=why), "alarm.noted.false")


async def _told(work: Work, ident: str) -> Alarm:
    alarm = await work.case(ident, Alarm)
    if not _may_act(work):
        raise Refused("alarm.not_yours")
    return alarm


def _may_act(work: Work) -> bool:
    roles: tuple[Role, ...] = ("security", "it_security", "communications")
    return work.actor.may_act and any(work.register.has_role(work.actor.id, role) for role in roles)


async def _near(work: Work, ident: str) -> Alarm:
    """The raiser too may call it off, or say who answered the telephone."""
    alarm = await work.case(ident, Alarm)
    if not _concerned(work, alarm):
        raise Refused("alarm.not_yours")
    return alarm


async def _rang(work: Work, ident: str) -> Alarm:
    """Whoever rang says who answered: whom it concerns, and whoever works on the account (users.md U7)."""
    alarm = await work.case(ident, Alarm)
    if not may_have_rung(work, alarm):
        raise Refused("alarm.not_yours")
    return alarm


def may_have_rung(work: Work, alarm: Alarm) -> bool:
    """Whether somebody may read the alarm, and so may have rung about it."""
    account = work.register.accounts.get(alarm.account or "")
    on_it = account is not None and bool(
        rights.role_on(work.register, work.actor, account, work.today, free=True)
    )
    return on_it or _concerned(work, alarm)


def _concerned(work: Work, alarm: Alarm) -> bool:
    return _may_act(work) or (work.actor.may_act and work.actor.id == alarm.raised_by)


async def _do(work: Work, alarm: Alarm, event: Event, key: str) -> Reply:
    """The first press counts; a second one is told how it stands."""
    if not alarm.is_open or (isinstance(event, Received) and alarm.receipt_by):
        return Tell(card=_running(work, alarm))
    after = await work.apply(alarm, decide(alarm, event, work.now, work.hours))
    return Tell(card=Card(title=work.t(key, account=work.eyes.account(after.account))))


# -- what the outbox sends ----------------------------------------------------------------------


async def compose_raiser(work: Work, row: Row) -> Card | None:
    return screens.raiser(work.eyes_of(row), await work.case(row.case or "", Alarm))


async def compose_card(work: Work, row: Row) -> Card | None:
    return screens.card(
        work.eyes_of(row), await work.case(row.case or "", Alarm), _alerted(work, row), row.arg
    )


async def compose_head(work: Work, row: Row) -> Card | None:
    return screens.for_head(work.eyes_of(row), await work.case(row.case or "", Alarm))


async def compose_loud(work: Work, row: Row) -> Card | None:
    alarm = await work.case(row.case or "", Alarm)
    own = row.reader == str(to_person(alarm.raised_by))
    return screens.loud(work.eyes_of(row), alarm, _alerted(work, row), own=own)


async def compose_news(work: Work, row: Row) -> Card | None:
    return screens.news(work.eyes_of(row), await work.case(row.case or "", Alarm), row.arg)


def _by_mail(make: Composer) -> Composer:
    """The same card for a mailbox; once somebody has it, or it is over, the news that is sent then says all."""

    async def letter(work: Work, row: Row) -> Card | None:
        alarm, card = await work.case(row.case or "", Alarm), await make(work, row)
        waits = alarm.is_open and alarm.receipt_by is None
        return screens.letter(work.eyes_of(row), alarm, card) if card and waits else None

    return letter


def _alerted(work: Work, row: Row) -> tuple[Mention, ...]:
    """In a role's channel its first holder (everybody, once it is loud); in a direct message whoever reads it."""
    target, reader = Reader.parse(row.target), Reader.parse(row.reader)
    if target.kind in ("person", "mail"):
        return work.eyes.mentions((PersonId(target.id),))
    role = reader.id.partition("/")[0]
    holders = work.register.holders(role)  # type: ignore[arg-type]
    return work.eyes.mentions(holders if row.card == "alarm_loud" else holders[:1])


FEATURE = Feature(
    commands={"sm-alarm": open_raise},
    shortcuts={"raise_alarm": open_raise},
    verbs={
        "alarm.open": Verb(run=open_raise, writes=False),
        "alarm.show": Verb(run=show, writes=False),
        "alarm.receive": Verb(run=receive, writes=True),
        "alarm.handled": Verb(run=handled, writes=True),
        "alarm.phone": Verb(run=phone, writes=False),
        "alarm.false": Verb(run=false, writes=False),
        "alarm.exercise": Verb(run=drill, writes=True),
    },
    forms={"alarm.raise": submit_raise, "alarm.phone": submit_phone, "alarm.false": submit_false},
    cards={
        "alarm": compose_card,
        "alarm_raiser": compose_raiser,
        "alarm_head": compose_head,
        "alarm_loud": compose_loud,
        "alarm_news": compose_news,
    },
    letters={"alarm": _by_mail(compose_card), "alarm_loud": _by_mail(compose_loud)},
)
