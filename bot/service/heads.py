"""The collected message of a day: what a head, or whoever else is named by its marks, still has to hear and do."""

from dataclasses import replace

from bot import rights
from bot.cases import Alarm, Moderation, Question, Round, Run, Start, Watch
from bot.model import PersonId
from bot.outgoing import Mark, Reader, Row
from bot.ports import NotFound
from bot.screens import alarms as alarm_screens
from bot.screens import approvals
from bot.screens import moderation as moderation_screens
from bot.screens import overview as screens
from bot.screens import questions as question_screens
from bot.screens.answers import name as run_name
from bot.screens.answers import said
from bot.screens.base import Eyes, words
from bot.screens.letters import pressed
from bot.service import gaps, guard, season, starting, undertakings, watching, yearly
from bot.service.base import Feature, Work
from bot.steps import reached
from bot.view import Button, Card, Item

ONCE = ("approval", "confirm", "confirm_late", "live")
"""Rungs of a run of which one line says all."""


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
    for run in await undertakings.waiting(work) if lines or row.case else []:
        if person in (run.approver, run.deputy_asked) and undertakings.decides(work, run, person):
            lines.setdefault(f"{run.id}:approval", _request(work, eyes, run, person))
    card = screens.heads(eyes, tuple(lines.values()), own=own) if lines else None
    return await yearly.with_page(work, eyes, row.case, card)


async def compose_letter(work: Work, row: Row) -> Card | None:
    """The collected message with each request, and all else that can be answered, complete enough to answer it."""
    card, eyes = await compose_heads(work, row), work.eyes_of(row)
    person = PersonId(Reader.parse(row.target).id)
    if card is None:
        return None
    mine = [run for run in await undertakings.waiting(work) if person in (run.approver, run.deputy_asked)]
    requests = [
        await undertakings.of(run).card(work, eyes, run, ())
        for run in mine if undertakings.decides(work, run, person)
    ]  # fmt: skip
    return screens.with_matters(eyes, card, [*await _matters(work, eyes, card, person), *requests])


async def _matters(work: Work, eyes: Eyes, card: Card, person: PersonId) -> list[Card]:
    """What the lines about who watches open."""
    found = [await _opened(work, eyes, button, person) for button in pressed(card)]
    return [matter for matter in found if matter and matter.buttons]


async def _opened(work: Work, eyes: Eyes, button: Button, person: PersonId) -> Card | None:
    match button.verb:
        case "watch.show":
            watch = await work.find(button.arg, Watch)
            return watching.facts_card(work, eyes, watch, person) if watch else None
        case "season.open":
            return await season.whole(work, eyes, button.arg, person)
        case _:
            return None


async def _alone(work: Work, eyes: Eyes, line: str, person: PersonId) -> Card | None:
    """Nothing but who watches, or the list of their accounts: that matter's own card in the place of a list of one."""
    if any(undertakings.decides(work, run, person) for run in await undertakings.waiting(work)):
        return None
    if line.startswith(starting.PREFIX):
        return starting.head_card(work, eyes, person)
    watch = await work.find(line.partition(":")[0], Watch)
    return watching.facts_card(work, eyes, watch, person) if watch else None


async def _led(work: Work, mark: Mark, person: PersonId) -> bool:
    """Whether it is about an account, a round's line or a season of which this person is the head."""
    if mark.case.startswith((guard.PREFIX, season.PREFIX, starting.PREFIX)):
        return _own_of(work, mark, person)
    case = await work.tx.case(mark.case)
    ident = mark.rung.partition(":")[2] if isinstance(case, Round) else case.account
    account = work.register.accounts.get(ident or "")
    return account is not None and rights.leads(work.register, person, account)


def _own_of(work: Work, mark: Mark, person: PersonId) -> bool:
    """What belongs to no case names the account, or the head, itself."""
    if mark.case.startswith(starting.PREFIX):
        return True
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


def _request(work: Work, eyes: Eyes, run: Run, person: PersonId) -> Item:
    """For whoever decides, with a button; communications hears who has not, or that nobody can."""
    what = (
        "approval" if undertakings.decides(work, run, person) else "late" if run.approver else "no_approver"
    )
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
    if mark.case.startswith(starting.PREFIX):
        return starting.head_line(work, eyes, person)
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
    line = replace(question_screens.line(eyes, question), button=question_screens.open_button(eyes, question))
    if rung != "head+skipped" or not question.account:
        return line
    account = work.account(question.account)
    substitute = work.register.substitute(account, work.today)
    told = {"substitute": eyes.name(substitute) if substitute else "", "communications": eyes.office_name}
    there = reached(work.hours.waits.goes_on, substitute=substitute is not None)
    names = words(eyes.t, [told[who] for who in there])
    return replace(line, note=eyes.t("heads.skipped", note=line.note, names=names))


def _alarmed(eyes: Eyes, alarm: Alarm) -> Item:
    """What has been raised; whether it was false, or is over, belongs to it."""
    note = alarm_screens.receipt(eyes, alarm) if alarm.ended else eyes.t("heads.alarm")
    return Item(text=alarm_screens.title(eyes, alarm), note=note)


def _two_days(work: Work, eyes: Eyes, round_: Round, account: str) -> Item | None:
    if account not in work.register.accounts or account not in _still_open(round_):
        return None
    days = work.register.office.unlooked_days
    return Item(text=eyes.t.many("heads.unlooked", days, account=eyes.account(account)), state="open")


def _still_open(round_: Round) -> tuple[str, ...]:
    return tuple(line.account for line in round_.lines if line.state in ("open", "no_answer"))


FEATURE = Feature(cards={"heads": compose_heads}, letters={"heads": compose_letter})
