"""What became of a moderation, told in order: posted, found, alarmed, captured, taken off, filed, answered."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot import checklists, rights
from bot.cases.alarm import FIRST, Alarm
from bot.cases.moderation_state import (
    AGREED,
    CAPTURE,
    DONE,
    DONE_AT,
    POLICE,
    REASON,
    REGISTRAR,
    SOURCE,
    TAKE_OFF,
    WHAT,
    Moderation,
)
from bot.model import PersonId
from bot.policy import Step
from bot.screens.answers import cite, shown
from bot.screens.base import Eyes, words
from bot.view import Item


def story(eyes: Eyes, run: Moderation, alarms: Sequence[Alarm] = ()) -> tuple[Item, ...]:
    """One line for each thing that happened, with when and by which role."""
    return tuple(Item(text=text, note=note, state="done") for text, note in _lines(eyes, run, alarms) if text)


def _lines(eyes: Eyes, run: Moderation, alarms: Sequence[Alarm]) -> Iterator[tuple[str, str]]:
    yield _posted(eyes, run)
    for alarm in alarms:
        to = words(eyes.t, dict.fromkeys((eyes.role(FIRST[alarm.kind]), eyes.office_name)))
        yield eyes.t(f"moderation.alarmed.{alarm.kind}", to=to), eyes.moment(alarm.opened_at)
    yield _found(eyes, run)
    if POLICE in run.duties:
        yield eyes.t("moderation.story.police"), _step_note(eyes, run, POLICE)
    if CAPTURE in run.duties:
        yield eyes.t("moderation.story.captured"), _step_note(eyes, run, CAPTURE)
    yield _reviewed(eyes, run)
    if TAKE_OFF in run.duties:
        yield eyes.t("moderation.story.taken_off"), _off_note(eyes, run)
    if REGISTRAR in run.duties:
        registrar = eyes.role("registrar")
        yield (
            eyes.t.many("moderation.story.filed", max(len(run.posts), 1), registrar=registrar),
            _ended(eyes, run),
        )
    yield _answered(eyes, run)
    if run.left_open:
        yield eyes.t("moderation.story.left_open"), _ended(eyes, run)
    yield eyes.t("moderation.story.decision", n=run.decision or 0), _ended(eyes, run)


def _posted(eyes: Eyes, run: Moderation) -> tuple[str, str]:
    n = max(len(run.posts), 1)
    at = eyes.moment(datetime.fromisoformat(str(run.values[checklists.POSTED])))
    text = eyes.t.many("moderation.story.posted", n, at=at, kind=_said(eyes, run, checklists.KIND).casefold())
    return text, _said(eyes, run, SOURCE)


def _found(eyes: Eyes, run: Moderation) -> tuple[str, str]:
    note = _note(eyes, run, checklists.GROUNDS)
    if not run.grounds:
        return eyes.t("moderation.story.no_breach"), note
    return eyes.t("moderation.story.breach", grounds=_said(eyes, run, checklists.GROUNDS)), note


def _reviewed(eyes: Eyes, run: Moderation) -> tuple[str, str]:
    if AGREED not in run.answers:
        return "", ""
    yes = run.values[AGREED] == "yes"
    reason = run.review_why or str(run.values.get(REASON, ""))
    text = eyes.t(
        f"moderation.story.reviewed.{'yes' if yes else 'no'}", reason=checklists.first_sentences(reason)
    )
    return text, _note(eyes, run, AGREED)


def _answered(eyes: Eyes, run: Moderation) -> tuple[str, str]:
    """What really became of it, whatever was wished."""
    what, note = str(run.values.get(WHAT, "")), _note(eyes, run, WHAT)
    if what in ("later", "forward"):
        return _passed_on(eyes, run, what), note
    key = f"moderation.story.{what}"
    return (eyes.t(key) if eyes.t.has(key) else ""), note


def _passed_on(eyes: Eyes, run: Moderation, what: str) -> str:
    if not run.handed_to:
        return eyes.t("moderation.story.later") if run.question else ""
    key = "forward" if what == "forward" else "later.owner"
    return eyes.t(f"moderation.story.{key}", name=eyes.name(PersonId(run.handed_to)))


def _said(eyes: Eyes, run: Moderation, ref: str) -> str:
    """An answer in words."""
    ident, _, of = ref.partition(".")
    step = run.plan.step(ident)
    field = next((f for f in step.fields if f.id == of), None) if step else None
    return shown(eyes, step, field, run.values) if step and field else ""


def _step_note(eyes: Eyes, run: Moderation, duty: str) -> str:
    step = run.meets(duty)
    return _note(eyes, run, checklists.ref(step, step.fields[0])) if step else ""


def _note(eyes: Eyes, run: Moderation, ref: str) -> str:
    """When something was answered, and by which role."""
    answer = run.answers.get(ref)
    return _when(eyes, run, answer.at, answer.by) if answer else ""


def _off_note(eyes: Eyes, run: Moderation) -> str:
    """When it was taken off: as was said, else when it was answered."""
    said = str(run.values.get(DONE_AT, ""))
    answer = run.answers.get(DONE)
    if answer is None:
        return ""
    return _when(eyes, run, datetime.fromisoformat(said) if said else answer.at, answer.by)


def _ended(eyes: Eyes, run: Moderation) -> str:
    return _when(eyes, run, run.closed_at, run.ended_by) if run.closed_at else ""


def _when(eyes: Eyes, run: Moderation, at: datetime, by: PersonId | None) -> str:
    return eyes.t("moderation.story.note", at=eyes.moment(at), role=role(eyes, run, by))


def role(eyes: Eyes, run: Moderation, by: PersonId | None) -> str:
    """As what somebody acted, in words; no name stands in the story."""
    account, person = (
        eyes.register.accounts.get(run.account or ""),
        eyes.register.people.get(by or PersonId("")),
    )
    acted = rights.role_on(eyes.register, person, account, eyes.today) if account and person else ""
    match acted:
        case "manager":
            return eyes.pack.names.account_manager.of(eyes.t.language)
        case "substitute" | "head":
            return getattr(eyes.pack.names, acted).of(eyes.t.language)  # type: ignore[no-any-return]
        case "communications":
            return eyes.office_name
        case _:
            return eyes.t("moderation.colleague")


def sections(eyes: Eyes, run: Moderation) -> str:
    """The sections that it rests on, each once; or that all of it is our default."""
    found = words(eyes.t, dict.fromkeys(_heading(eyes, step) for step in run.path))
    pack = eyes.pack.title.of(eyes.t.language)
    return (
        eyes.t("moderation.sections", pack=pack, sections=found)
        if found
        else eyes.t("moderation.sections.none")
    )


def _heading(eyes: Eyes, step: Step) -> str:
    return cite(eyes, step).section
