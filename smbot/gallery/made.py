"""Runs of a checklist for the gallery, of whatever guidelines the scene has."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from bot import checklists
from bot.cases.run_state import Answer, Run
from bot.policy import Checklist, Field, Step, load
from bot.view import Value
from smbot.gallery.world import ANNA, BO, FRIDAY, HEIDI, KARIN, NOW, Scene, at

CHECKSUM = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def plan(s: Scene) -> Checklist:
    return _with_own_step(s.pack_name)


@cache
def _with_own_step(pack: str) -> Checklist:
    return checklists.with_own_step(load(pack).checklists["new-account"])


@cache
def copy_of(pack: str, checklist: str) -> Mapping[str, Any]:
    """A run's own copy; all runs of the gallery share it."""
    whole = _with_own_step(pack) if checklist == "new-account" else load(pack).checklists[checklist]
    return checklists.copied(whole)


def value(s: Scene, step: Step, field: Field) -> Value:
    """An answer of the field's kind."""
    given: Mapping[str, Value] = {
        checklists.NAME: s.outside.account, checklists.FINAL_NAME: s.outside.account, checklists.UNIT: "bio",
        checklists.PURPOSE: s.outside.purpose, checklists.MANAGER: ANNA, checklists.COVER: KARIN,
        checklists.HEAD: HEIDI, checklists.HOURS_A_WEEK: "4", checklists.OWN_PLACE: "web:local:biologi",
        checklists.OWN_HOUR: "09-00",
    }  # fmt: skip
    known = given.get(checklists.ref(step, field))
    if known is not None:
        return known
    match field.kind:
        case "choice":
            return field.options[0].id
        case "choices":
            return tuple(o.id for o in field.options)
        case "account":
            return "bio"
        case "people" | "person":
            return (ANNA, BO) if field.kind == "people" else ANNA
        case "confirm":
            return "yes" if field.confirmed_by == "runner" else checklists.ASKED
        case "link":
            return s.outside.address
        case "checksum":
            return CHECKSUM
        case "date" | "moment":
            return date(2027, 1, 11).isoformat() if field.kind == "date" else NOW.isoformat()
        case _:
            return s.outside.answer


def answers(s: Scene, until: str = "", **chosen: Value) -> dict[str, Value]:
    """Answers to each step before the one named `until`; `chosen` by "step__field" where another one is meant."""
    found: dict[str, Value] = {}
    for step in plan(s).steps:
        if step.id == until:
            break
        found |= {checklists.ref(step, f): value(s, step, f) for f in checklists.asked(step)}
        found |= {r: v for name, v in chosen.items() if (r := _ref(name)).partition(".")[0] == step.id}
    return checklists.kept(plan(s), found)


def _ref(name: str) -> str:
    return name.replace("__", ".").replace("_", "-")


def run(s: Scene, found: Mapping[str, Value], **changes: Any) -> Run:
    return Run(**{
        "id": "n1", "opened_at": at(FRIDAY, 9), "name": "new-account", "stamp": s.stamp, "runner": ANNA,
        "checklist": copy_of(s.pack_name, "new-account"), "approver": HEIDI, "sent_at": NOW, "sends": 1,
        "answers": {ref: Answer(value=v, by=ANNA, at=NOW) for ref, v in found.items()}, **changes,
    })  # fmt: skip


def all_confirmed(s: Scene, **changes: Any) -> Run:
    """The first half is whole."""
    found = answers(s, "made")
    people = checklists.named(found)
    confirmed = dict.fromkeys(checklists.each_person(plan(s), found), people)
    return run(s, found, confirmed=confirmed, **changes)


def decided(s: Scene, **changes: Any) -> Run:
    usual = {"decided_by": HEIDI, "decided_at": NOW, "decision": 12, "account": "planned"}
    return all_confirmed(s, **{**usual, **changes})
