"""Where things stand: what waits for me, Home, help."""

from datetime import datetime

from bot import rights
from bot.cases import (
    Alarm,
    Case,
    Filing,
    Handover,
    Moderation,
    Practice,
    Question,
    Round,
    Run,
    Start,
    Watch,
    Yearly,
)
from bot.model import Account, PersonId, Role
from bot.screens import alarms as alarm_screens
from bot.screens import approvals
from bot.screens import moderation as moderation_screens
from bot.screens import overview as screens
from bot.screens import questions as question_screens
from bot.screens.answers import name as run_name
from bot.screens.answers import said
from bot.screens.base import words
from bot.screens.overview import Waiting
from bot.screens.removal import bound
from bot.screens.runs import standing
from bot.screens.season import span
from bot.service import moderation, season, undertakings, watching
from bot.service.alarms import may_have_rung
from bot.service.base import Feature, Verb, Work
from bot.service.mailing import has_mail, in_chat
from bot.service.requests import lacks_approver
from bot.view import Card, Reply, Tell

WAITING_LIMIT = 30


# -- what waits for me --------------------------------------------------------------------------


async def today(work: Work, _words: str = "") -> Reply:
    """What waits for me, most urgent first."""
    rights.staff(work.actor)
    found, rounds = await _mine(work)
    return Tell(card=screens.waiting(work.eyes, found[:WAITING_LIMIT], rounds))


async def home_card(work: Work) -> Card:
    """Home: the buttons above what waits; somebody without rights sees help instead."""
    if not work.actor.may_act:
        return screens.help_card(work.eyes, staff=False)
    found, rounds = await _mine(work)
    office = rights.office(work.register, work.actor)
    lost = work.register.out_of_reach(work.bot.platforms) if office else ()
    gone = [p for p in work.register.places.values() if p.gone and bound(work.register, p)] if office else []
    mailed = {person for person in lost if work.bot.mails and has_mail(work.register, person)}
    heads = bool(work.register.led_by(work.actor.id))
    return screens.home(
        work.eyes,
        found[:WAITING_LIMIT],
        rounds,
        office=office,
        heads=heads,
        lost=lost,
        gone=gone,
        mailed=mailed,
    )


async def _mine(work: Work) -> tuple[list[Waiting], int]:
    """Everything open that is mine to do, alarms first, then by time; and how many of my lines nobody has answered."""
    cases = await work.tx.open_cases()
    found = [(2, w) for w in _filings(work, [case for case in cases if isinstance(case, Filing)])]
    rounds = 0
    for case in cases:
        if isinstance(case, Round):
            lines = _round_lines(work, case)
            rounds += len(lines)
            found += [(2, w) for w in _round(work, case, lines)]
        elif waiting := _case(work, case):
            found.append((_rank(case, waiting), waiting))
    found += [(2, waiting) for waiting in await _seasons(work)]
    found.sort(key=lambda w: (w[0], not w[1].late, w[1].at))
    return [w for _, w in found], rounds


def _rank(case: Case, waiting: Waiting) -> int:
    """Alarms first, then what waits for somebody's decision as one list, then the rest."""
    return 0 if isinstance(case, Alarm) else 1 if waiting.decide else 2


def _round_lines(work: Work, round_: Round) -> list[str]:
    if round_.day != work.today or not round_.posted:
        return []
    mine = (work.register.accounts.get(a) for a in round_.unanswered)
    return [a.id for a in mine if a and _watches(work, a)]


def _watches(work: Work, account: Account) -> bool:
    """Among its people, standing in for one of them, today's watcher, or with the duty of this free day."""
    free = not work.hours.is_working_day(work.today)
    if not free and work.actor.may_act and work.actor.id == work.register.watcher(account, work.today):
        return True
    role = rights.role_on(work.register, work.actor, account, work.today, free=free)
    return role in ("manager", "substitute")


def _round(work: Work, round_: Round, lines: list[str]) -> list[Waiting]:
    if not lines:
        return []
    accounts = words(work.t, [work.eyes.account(a) for a in lines])
    closes = work.hours.calendar.at(round_.day, work.register.office.closes)
    return [Waiting(text=work.t("today.round", accounts=accounts), note=work.t("round.line.open"), at=closes,
                    verb="round.tell", arg=round_.id)]  # fmt: skip


def _filings(work: Work, filings: list[Filing]) -> list[Waiting]:
    """One line for all that waits for a number: the registrar's, and communications' where nobody is registrar."""
    role: Role = "registrar" if work.register.own("registrar") else "communications"
    if not filings or not work.actor.may_act or not work.register.has_role(work.actor.id, role):
        return []
    oldest = min(filing.opened_at for filing in filings)
    note = work.t("filing.waits", at=work.t.moment(oldest, work.now))
    return [
        Waiting(text=work.t.many("filing.title", len(filings)), note=note, at=oldest, verb="filing.queue")
    ]


def _case(work: Work, case: Case) -> Waiting | None:
    match case:
        case Question():
            return _question(work, case)
        case Alarm():
            return _alarm(work, case)
        case Run():
            return _run(work, case)
        case Moderation():
            return _moderation(work, case)
        case Watch():
            return _watch(work, case)
        case Yearly():
            return _yearly(work, case)
        case Round() | Filing() | Start() | Practice() | Handover():
            return None


def _yearly(work: Work, page: Yearly) -> Waiting | None:
    """For communications, of a head without chat who has not answered."""
    if page.answered or not rights.speaks_for(work.register, work.actor, page.head):
        return None
    about = work.t.many("spoken.yearly", len(work.register.led_by(page.head, work.today)))
    return _to_enter(work, page.head, about, page.opened_at, ("yearly.enter", page.id))


async def _seasons(work: Work) -> list[Waiting]:
    """The same of who covers in summer and at Christmas."""
    asked = await season.to_enter(work)
    about = [work.t("season.ask.others", name=work.register.name(h), **span(work.eyes, s)) for s, h in asked]
    return [
        _to_enter(work, head, text, work.now, ("season.enter", f"{time.key}|{head}"))
        for (time, head), text in zip(asked, about, strict=True)
    ]


def _to_enter(work: Work, head: PersonId, about: str, since: datetime, press: tuple[str, str]) -> Waiting:
    text = work.t("spoken.waits", name=work.register.name(head))
    return Waiting(text=text, note=about, at=since, verb=press[0], arg=press[1])


def _watch(work: Work, watch: Watch) -> Waiting | None:
    """The head's, and communications' once it has been handed over, or where the head is in no chat."""
    accounts = work.register.known(watch.accounts)
    head = rights.told_by(work.register, work.actor, accounts, work.today)
    if head and not watch.handed_by:
        return _told_by(work, watch, head)
    handed = watch.handed_by is not None and rights.office(work.register, work.actor)
    line = (
        watching.line(work, work.eyes, watch)
        if handed or watching.may_answer(work, watch, work.actor.id)
        else None
    )
    if line is None:
        return None
    return Waiting(text=line.text, note=line.note, at=watch.opened_at, verb="watch.show", arg=watch.id)


def _told_by(work: Work, watch: Watch, head: PersonId) -> Waiting | None:
    line = watching.line(work, work.eyes, watch)
    verb = "duty.enter" if watch.what == "free_days" else "watch.show"
    return _to_enter(work, head, line.text, watch.opened_at, (verb, watch.id)) if line else None


def _moderation(work: Work, run: Moderation) -> Waiting | None:
    """What breaks a rule and still stands comes with the alarms' urgency; whoever is asked sees what they are asked."""
    verb = _asked_of_me(work, run) or ("overview" if moderation.is_mine(work, run) else "")
    if not verb:
        return None
    text = work.t(f"today.moderation.{verb}", called=moderation_screens.called(work.eyes, run))
    since = run.off_since or run.review_since or run.opened_at
    note = moderation_screens.apart(work.eyes, run, moderation_screens.standing(work.eyes, run))
    return Waiting(text=text, note=note, at=since,
                   late=run.waits_to_be_taken_off, verb=f"moderation.{verb}", arg=run.id,
                   told=moderation_screens.told_by(work.eyes, run))  # fmt: skip


def _asked_of_me(work: Work, run: Moderation) -> str:
    if moderation.may_review(work, run):
        return "review"
    asked = run.office_since or any(told.endswith(":office") for told in run.told)
    return "off" if run.waits_to_be_taken_off and asked and rights.office(work.register, work.actor) else ""


def _question(work: Work, question: Question) -> Waiting | None:
    account = work.register.accounts.get(question.account or "")
    mine = work.actor.id in (question.forwarded_to, question.taken_by)
    if account is None:
        return None
    role = rights.role_on(work.register, work.actor, account, work.today)
    passed_on = (role == "communications" and question.rung) or (role == "head" and question.rung == "head")
    if not (mine or _watches(work, account) or passed_on):
        return None
    line = question_screens.line(work.eyes, question)
    return Waiting(text=line.text, note=line.note, at=question.answer_by, late=line.state == "late",
                   verb="question.show", arg=question.id, told=work.t.when(question.posted_at))  # fmt: skip


def _alarm(work: Work, alarm: Alarm) -> Waiting | None:
    concerned = any(
        work.register.has_role(work.actor.id, r) for r in ("security", "it_security", "communications")
    )
    may_ring = not alarm.receipt_by and may_have_rung(work, alarm)
    if not concerned and alarm.raised_by != work.actor.id and not may_ring:
        return None
    title = alarm_screens.title(work.eyes, alarm)
    return Waiting(text=title, note=work.t.moment(alarm.opened_at, work.now), at=alarm.opened_at,
                   late=not alarm.receipt_by, verb="alarm.show", arg=alarm.id,
                   told=work.t.when(alarm.opened_at))  # fmt: skip


def _run(work: Work, run: Run) -> Waiting | None:
    key, verb, arg = _mine_to_do(work, run)
    if not verb and run.runner != work.actor.id:
        return None
    if verb == "run.approval":
        text, note = approvals.in_list(work.eyes, run, work.actor.id)
        return Waiting(
            text=text, note=note, at=run.sent_at or run.opened_at, verb=verb, arg=run.id, decide=True
        )
    text = said(work.eyes, run, key, name=run_name(work.eyes, run)) if verb else standing(work.eyes, run)
    return Waiting(text=text, note=work.t.moment(run.opened_at, work.now), at=run.opened_at,
                   verb=verb or "run.overview", arg=arg or run.id)  # fmt: skip


def _mine_to_do(work: Work, run: Run) -> tuple[str, str, str]:
    """What somebody has to do for a run that is another's: the line, the press, and the step where there is one."""
    if request := _asked(work, run):
        return "today.request", "run.request", f"{run.id}|{request}"
    if undertakings.decides(work, run, work.actor.id):
        return "", "run.approval", ""  # a line of its own in the list of what waits for a decision
    if run.waits_for("confirm", work.actor.id) and (run.runner != work.actor.id or run.next_step is None):
        return "today.confirm", "run.asked", ""
    if rights.office(work.register, work.actor) and lacks_approver(work, run):
        return "today.set_head", "run.set_head", ""
    if _waits_outside(work, run) and rights.may_enter_decision(work.register, work.actor, run.own):
        return "today.enter", "approval.enter", ""
    if _silent(work, run) and rights.may_enter_decision(work.register, work.actor, run.own):
        return "today.confirm_enter", "confirm.enter", ""
    return "", "", ""


def _waits_outside(work: Work, run: Run) -> bool:
    """Whether it waits for somebody who may have answered otherwise: they have no chat, or have been reminded."""
    if run.state != "waiting" or run.approver is None:
        return False
    reminded = any(told.startswith("remind:") for told in run.told)
    return reminded or not in_chat(work.register, run.approver, work.bot.platforms)


def _silent(work: Work, run: Run) -> bool:
    """Whether somebody without chat has still to confirm something in it."""
    people = {person for _, person in run.unconfirmed} if run.may_change else set()
    return any(not in_chat(work.register, person, work.bot.platforms) for person in people)


def _asked(work: Work, run: Run) -> str:
    """The step in which this person may answer for communications."""
    if work.actor.id not in rights.judges(work.register, run.own):
        return ""
    return next((s.id for s in run.open_requests if run.asks(s.id)), "")


async def show_question(work: Work, ident: str) -> Reply:
    """The question's card, privately, with its buttons."""
    question = await work.case(ident, Question)
    if not work.actor.may_act or work.actor.id not in (question.forwarded_to, question.logged_by):
        rights.work_on(work.register, work.actor, work.account(question.account), work.today)
    return Tell(card=question_screens.card(work.eyes, question))


# -- help ---------------------------------------------------------------------------------------


async def help_(work: Work, _words: str = "") -> Reply:
    rights.staff(work.actor)
    return Tell(card=screens.help_card(work.eyes))


async def more(work: Work, _arg: str = "") -> Reply:
    """What else can be begun: moderation, closing an account, decisions; for communications also the trial."""
    rights.staff(work.actor)
    return Tell(card=screens.more(work.eyes, office=rights.office(work.register, work.actor)))


FEATURE = Feature(
    commands={"sm-today": today, "sm-help": help_},
    verbs={
        "today": Verb(run=today, writes=False),
        "home.more": Verb(run=more, writes=False),
        "help": Verb(run=help_, writes=False),
        "question.show": Verb(run=show_question, writes=False),
    },
)
