"""Where things stand: what waits for me, Home, help, and the collected messages of heads and communications."""

from collections.abc import Sequence
from datetime import date, timedelta

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
from bot.cases.run_state import CLOSE_ACCOUNT, NEW_ACCOUNT
from bot.model import Account, PersonId, Role
from bot.outgoing import Mark, Reader, Row
from bot.ports import NotFound
from bot.screens import alarms as alarm_screens
from bot.screens import approvals
from bot.screens import guard as guard_screens
from bot.screens import moderation as moderation_screens
from bot.screens import overview as screens
from bot.screens import questions as question_screens
from bot.screens.answers import name as run_name
from bot.screens.answers import said
from bot.screens.base import Eyes, words
from bot.screens.duty import decided_on
from bot.screens.overview import Waiting
from bot.screens.removal import bound
from bot.screens.runs import standing
from bot.service import gaps, guard, moderation, season, undertakings, watch_digest, watching, yearly
from bot.service.accounts import with_gaps
from bot.service.base import Feature, Verb, Work
from bot.service.mailing import has_mail, in_chat
from bot.service.requests import lacks_approver
from bot.view import Button, Card, Item, Reply, Tell

WAITING_LIMIT = 30
ONCE = ("approval", "confirm", "confirm_late", "live")
"""Rungs of a run of which one line says all."""


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
        case Round() | Filing() | Start() | Practice() | Yearly() | Handover():
            return None


def _watch(work: Work, watch: Watch) -> Waiting | None:
    """The head's, and communications' once it has been handed over."""
    handed = watch.handed_by is not None and rights.office(work.register, work.actor)
    line = (
        watching.line(work, work.eyes, watch)
        if handed or watching.may_answer(work, watch, work.actor.id)
        else None
    )
    if line is None:
        return None
    return Waiting(text=line.text, note=line.note, at=watch.opened_at, verb="watch.show", arg=watch.id)


def _moderation(work: Work, run: Moderation) -> Waiting | None:
    """What breaks a rule and still stands comes with the alarms' urgency; whoever is asked sees what they are asked."""
    verb = _asked_of_me(work, run) or ("overview" if moderation.is_mine(work, run) else "")
    if not verb:
        return None
    text = work.t(f"today.moderation.{verb}", called=moderation_screens.called(work.eyes, run))
    since = run.off_since or run.review_since or run.opened_at
    note = moderation_screens.apart(work.eyes, run, moderation_screens.standing(work.eyes, run))
    return Waiting(text=text, note=note, at=since,
                   late=run.waits_to_be_taken_off, verb=f"moderation.{verb}", arg=run.id)  # fmt: skip


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
                   verb="question.show", arg=question.id)  # fmt: skip


def _alarm(work: Work, alarm: Alarm) -> Waiting | None:
    concerned = any(
        work.register.has_role(work.actor.id, r) for r in ("security", "it_security", "communications")
    )
    if not concerned and alarm.raised_by != work.actor.id:
        return None
    title = alarm_screens.title(work.eyes, alarm)
    return Waiting(text=title, note=work.t.moment(alarm.opened_at, work.now), at=alarm.opened_at,
                   late=not alarm.receipt_by, verb="alarm.show", arg=alarm.id)  # fmt: skip


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
    if _decides(work, run, work.actor.id):
        return "today.approval", "run.approval", ""
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


def _decides(work: Work, run: Run, person: PersonId) -> bool:
    """Whether it waits for this person's decision, or may be taken by them as a deputy."""
    if run.state != "waiting" or person in run.own:
        return False
    who = (run.approver, run.deputy_asked, *undertakings.deputies(work, run))
    return person in {p for p in who if p}


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


# -- collected messages -------------------------------------------------------------------------


async def compose_heads(work: Work, row: Row) -> Card | None:
    """What the marks of this message still have to say; None when all of it is done meanwhile."""
    eyes = work.eyes_of(row)
    person = PersonId(Reader.parse(row.target).id)
    lines: dict[str, Item] = {}
    own = True
    marks = watching.told_once(await work.tx.marks_of(row.key))
    for mark in await season.told_once(work, marks):
        if line := await _marked(work, eyes, mark, person):
            lines.setdefault(_once(mark), line)
            own = own and await _led(work, mark, person)
    if (
        row.case is None
        and len(lines) == 1
        and (alone := await _alone(work, eyes, next(iter(lines)), person))
    ):
        return alone
    for run in await _requests(work) if lines or row.case else []:
        if person in (run.approver, run.deputy_asked) and _decides(work, run, person):
            lines.setdefault(f"{run.id}:approval", _request(work, eyes, run, person))
    card = screens.heads(eyes, tuple(lines.values()), own=own) if lines else None
    return await yearly.with_page(work, eyes, row.case, card)


async def compose_letter(work: Work, row: Row) -> Card | None:
    """The collected message with each request in it that waits for its reader, complete enough to decide on."""
    card, eyes = await compose_heads(work, row), work.eyes_of(row)
    person = PersonId(Reader.parse(row.target).id)
    if card is None:
        return None
    mine = [run for run in await _requests(work) if person in (run.approver, run.deputy_asked)]
    requests = [
        await undertakings.of(run).card(work, eyes, run, ())
        for run in mine if _decides(work, run, person)
    ]  # fmt: skip
    return screens.with_requests(card, requests)


async def _alone(work: Work, eyes: Eyes, line: str, person: PersonId) -> Card | None:
    """Nothing but who watches: that matter's own card in the place of a list of one."""
    if any(_decides(work, run, person) for run in await _requests(work)):
        return None
    watch = await watching.find(work, line.partition(":")[0])
    return watching.facts_card(work, eyes, watch, person) if watch else None


async def _led(work: Work, mark: Mark, person: PersonId) -> bool:
    """Whether it is about an account, a round's line or a season of which this person is the head."""
    if mark.case.startswith((guard.PREFIX, season.PREFIX)):
        return _own_of(work, mark, person)
    case = await work.tx.case(mark.case)
    ident = mark.rung.partition(":")[2] if isinstance(case, Round) else case.account
    account = work.register.accounts.get(ident or "")
    return account is not None and rights.leads(work.register, person, account)


def _own_of(work: Work, mark: Mark, person: PersonId) -> bool:
    """What belongs to no case names the account, or the head, itself."""
    if mark.case.startswith(season.PREFIX):
        return mark.rung == f"ask:{person}"
    account = work.register.accounts.get(mark.case.removeprefix(guard.PREFIX))
    return account is not None and rights.leads(work.register, person, account)


def _once(mark: Mark) -> str:
    """What a line is about: reminded of twice before it could be sent, a request is still one line."""
    what, _, step, *_ = (*mark.rung.split(":"), "", "")
    if what in ("review", "take_off", "left"):
        return f"{mark.case}:{what}"
    if what in ("request", "request_late"):
        return f"{mark.case}:{what}:{step}"
    return f"{mark.case}:{what if what in ONCE else mark.rung}"


async def _requests(work: Work) -> list[Run]:
    """The runs that wait to be decided on, oldest first."""
    found = [c for c in await work.tx.open_cases("run") if isinstance(c, Run) and c.state == "waiting"]
    return sorted(found, key=lambda run: (run.sent_at or run.opened_at, run.id))


def _request(work: Work, eyes: Eyes, run: Run, person: PersonId) -> Item:
    """For whoever decides, with a button; communications hears who has not, or that nobody can."""
    what = "approval" if _decides(work, run, person) else "late" if run.approver else "no_approver"
    verb = {"approval": "run.approval", "no_approver": "run.set_head"}.get(what)
    text = said(eyes, run, f"heads.run.{what}", name=eyes.name(run.runner), who=eyes.name(run.approver))
    label = eyes.t("today.do.open")
    button = Button(verb=verb, arg=run.id, label=label, heard=f"{label}: {text}"[:75]) if verb else None
    note = f"{run_name(eyes, run)}, {eyes.t.moment(run.sent_at or run.opened_at, work.now)}"
    if what == "approval":
        text, note = approvals.in_list(eyes, run, person)
    return Item(text=text, note=note, state="open", button=button)


async def _marked(work: Work, eyes: Eyes, mark: Mark, person: PersonId) -> Item | None:
    if mark.case.startswith(guard.PREFIX):
        return guard.line(work, eyes, mark, person)
    if mark.case.startswith(season.PREFIX):
        return await season.line(work, eyes, mark, person)
    try:
        case = await work.tx.case(mark.case)
    except NotFound:
        return None
    match case:
        case Question() if case.is_open:
            return _passed_on(work, eyes, case, mark.rung)
        case Round():
            return _two_days(work, eyes, case, mark.rung.partition(":")[2])
        case Alarm():
            return None if case.exercise else _alarmed(eyes, case)
        case Run(state="waiting") if case.waits_for(mark.rung, person):
            return _request(work, eyes, case, person)
        case Run() if case.is_open and case.waits_for(mark.rung, person):
            return _reminder(eyes, case, mark.rung)
        case Moderation() if case.waits_for(mark.rung) and person not in _not_asked(case, mark.rung):
            return moderation_screens.marked(eyes, case, mark.rung)
        case Start():
            return gaps.line(work, eyes, mark.rung)
        case Watch():
            return watching.marked(work, eyes, case, mark.rung)
        case _:
            return None


def _reminder(eyes: Eyes, run: Run, rung: str) -> Item:
    """What a run waits for; communications gets the button with it."""
    what, _, step, *_ = (*rung.split(":"), "", "")
    text = said(eyes, run, f"heads.run.{what}", name=eyes.name(run.runner), office=eyes.office_name)
    label = eyes.t("today.do.open")
    button = Button(verb="run.request", arg=f"{run.id}|{step}", label=label, heard=f"{label}: {text}"[:75])
    note = run_name(eyes, run) if step else ""
    return Item(text=text, note=note, state="open", button=button if what == "request" else None)


def _not_asked(run: Moderation, rung: str) -> tuple[PersonId, ...]:
    """Nobody says yes to their own wish, so nobody is reminded to."""
    return run.own if rung.startswith("review:") else ()


def _passed_on(work: Work, eyes: Eyes, question: Question, rung: str) -> Item:
    """After a long sleep the head's line names those whom the skipped rungs would have reached."""
    line = question_screens.line(eyes, question)
    if rung != "head+skipped" or not question.account:
        return line
    account = work.account(question.account)
    substitute = work.register.substitute(account, work.today)
    names = words(eyes.t, [eyes.name(substitute) if substitute else "", eyes.office_name])
    return Item(text=line.text, note=eyes.t("heads.skipped", note=line.note, names=names), state=line.state)


def _alarmed(eyes: Eyes, alarm: Alarm) -> Item:
    """What has been raised; whether it was false, or is over, belongs to it."""
    note = alarm_screens.receipt(eyes, alarm) if alarm.ended else eyes.t("heads.alarm")
    return Item(text=alarm_screens.title(eyes, alarm), note=note)


def _two_days(work: Work, eyes: Eyes, round_: Round, account: str) -> Item | None:
    if account not in work.register.accounts or account not in _still_open(round_):
        return None
    return Item(text=eyes.t("heads.two_days", account=eyes.account(account)), state="open")


def _still_open(round_: Round) -> tuple[str, ...]:
    return tuple(line.account for line in round_.lines if line.state in ("open", "no_answer"))


def _about(requests: Sequence[Run], name: str) -> int:
    return sum(run.name == name for run in requests)


async def compose_digest(work: Work, row: Row) -> Card | None:
    eyes = work.eyes_of(row)
    cases = list(await work.tx.open_cases())
    rows = await work.tx.days(first=work.today, last=work.today)
    known = [r for r in rows if r.account in work.register.accounts]
    questions = [c for c in cases if isinstance(c, Question)]
    requests = await _requests(work)
    overdue = [q for q in questions if q.rung]
    runs = [c for c in cases if isinstance(c, Moderation)]
    pages = [c for c in cases if isinstance(c, Yearly)]
    return screens.digest(eyes, screens.Digest(
        asked=sum(r.outcome not in ("no_watch", "not_asked") for r in known),
        unanswered=[eyes.account(r.account) for r in known if r.outcome == "open"],
        nobody=[eyes.account(r.account) for r in known if r.outcome == "no_watch"],
        overdue=[question_screens.line(eyes, q) for q in sorted(overdue, key=lambda q: q.answer_by)],
        waiting=len(questions) - len(overdue),
        alarms=sum(isinstance(c, Alarm) and not c.exercise for c in cases),
        standing=[moderation_screens.line(eyes, r) for r in runs if r.waits_to_be_taken_off],
        moderations=sum(not r.waits_to_be_taken_off for r in runs),
        requests=_about(requests, NEW_ACCOUNT),
        closures=_about(requests, CLOSE_ACCOUNT),
        gaps=[eyes.account(a.id) for a in with_gaps(work)],
        pages=yearly.in_digest(work, eyes, pages),
        watches=await watch_digest.lines(work, eyes, cases, f"digest:{row.arg}"),
        free=await _free_days(work, eyes),
        lacking=[guard_screens.sentence(eyes, lack) for lack in await guard.new_today(work, work.today)],
    ))  # fmt: skip


async def _free_days(work: Work, eyes: Eyes) -> dict[str, list[str]]:
    """Accounts without a watch on free days since the last working day, by why; without anybody's name."""
    before = work.hours.calendar.previous_working_day(work.today)
    rows = await work.tx.days(first=before + timedelta(days=1), last=work.today - timedelta(days=1))
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: row.account):
        account = work.register.accounts.get(row.account)
        if account and row.outcome == "no_watch":
            named = found.setdefault(_why_free(account, row.day), [])
            named += [name for name in [_with_date(eyes, account, row.day)] if name not in named]
    return found


def _with_date(eyes: Eyes, account: Account, day: date) -> str:
    name, on = eyes.account(account.id), decided_on(account, day)
    return eyes.t("digest.free.dated", account=name, on=eyes.t.short_date(on)) if on else name


def _why_free(account: Account, day: date) -> str:
    if account.duty.kind != "none":
        return "away"
    return "decided" if decided_on(account, day) else "never"


FEATURE = Feature(
    commands={"sm-today": today, "sm-help": help_},
    verbs={
        "today": Verb(run=today, writes=False),
        "home.more": Verb(run=more, writes=False),
        "help": Verb(run=help_, writes=False),
        "question.show": Verb(run=show_question, writes=False),
    },
    cards={"heads": compose_heads, "digest": compose_digest},
    letters={"heads": compose_letter},
)
