"""Answers in words: what an account is to be called, one answer as its reader says it, and what a step rests on."""

from collections.abc import Sequence
from datetime import date, datetime

from bot import checklists
from bot.cases.run_state import CLOSE_ACCOUNT, Run
from bot.model import PersonId
from bot.policy import Checklist, Field, Step
from bot.screens.base import Eyes, words
from bot.view import Cite, Values

NAMED = 3
"""So many accounts of a closure are named; the rest are counted."""


def said(eyes: Eyes, run: Run, key: str, **values: object) -> str:
    """A text about a run: a closure says `close.KEY` where it has words of its own."""
    own = f"close.{key}"
    return eyes.t(own if run.name == CLOSE_ACCOUNT and eyes.t.has(own) else key, **values)


def name(eyes: Eyes, run: Run) -> str:
    """The account, or the accounts, that a run is about."""
    return _several(eyes, run.closing) if run.closing else called(eyes, run.plan, run.values)


def _several(eyes: Eyes, accounts: Sequence[str]) -> str:
    named, left = [eyes.account(a) for a in accounts[:NAMED]], len(accounts) - NAMED
    if left > 0:
        named.append(eyes.t.many("close.others", left))
    return words(eyes.t, named)


def called(eyes: Eyes, plan: Checklist, values: Values) -> str:
    """What the account is to be called, with its platform, as far as that is known."""
    wanted = str(values.get(checklists.FINAL_NAME) or values.get(checklists.NAME) or "")
    platform = str(values.get(checklists.PLATFORM, ""))
    if not wanted or not platform:
        return wanted or plan.title.of(eyes.t.language)
    return f"{wanted} ({eyes.t('platform.' + platform)})"


def cite(eyes: Eyes, step: Step) -> Cite:
    """The rule in our words and the section it stands in; a default is shown as one."""
    section = eyes.pack.section(step.section)
    heading = section.heading if section and not step.default else ""
    return Cite(rule=step.why.of(eyes.t.language), section=heading, default=step.default)


def unit(eyes: Eyes, ident: str) -> str:
    known = eyes.register.units.get(ident)
    return known.name if known else ident


def shown(eyes: Eyes, step: Step, field: Field, values: Values) -> str:
    """An answer in words; "" for what was left empty."""
    ref = checklists.ref(step, field)
    value = values.get(ref, "")
    several = checklists.several(value)
    if not several:
        return ""
    if ref == checklists.UNIT:
        return unit(eyes, several[0])
    if ref == checklists.OWN_PLACE:
        place = eyes.register.places.get(several[0])
        return place.called if place else eyes.t("run.place.chosen")
    match field.kind:
        case "account":
            return eyes.account(several[0])
        case "accounts":
            return words(eyes.t, [eyes.account(ident) for ident in several])
        case "person" | "people":
            return words(eyes.t, [eyes.name(PersonId(p)) for p in several])
        case "choice" | "choices":
            return words(eyes.t, [o.label.of(eyes.t.language) for o in field.options if o.id in several])
        case "confirm":
            return eyes.t("run.value.yes") if several[0] == "yes" else eyes.t("run.value.asked")
        case "date":
            return eyes.t.short_date(date.fromisoformat(several[0]))
        case "moment":
            return eyes.moment(datetime.fromisoformat(several[0]))
        case _:
            return several[0]


def answer(eyes: Eyes, run: Run, ref: str) -> str:
    return answered(eyes, run.plan, run.values, ref)


def answered(eyes: Eyes, plan: Checklist, values: Values, ref: str) -> str:
    """The answer to "step.field" in words; "" where it is not on this path."""
    found = field_of(plan, ref)
    return shown(eyes, *found, values) if found else ""


def field_of(plan: Checklist, ref: str) -> tuple[Step, Field] | None:
    """The step and the field that "step.field" names."""
    ident, _, of = ref.partition(".")
    step = plan.step(ident)
    return next(((step, f) for f in step.fields if f.id == of), None) if step else None


def cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rstrip()}…"
