"""Checks a pack as a whole and lists every fault at once, each with its place in the file.

The shape is pydantic's to judge; the rules here read the plain tables and pass over what has another shape,
so that one misspelt key hides nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pydantic

from bot.overlay import BASE, Table, assembled
from bot.policy import PACKS, Pack, load

Faults = Iterator[str]
Placed = Iterator[tuple[str, Table]]

VALUE_FAULT = "Input should be a number, true or false, a text, or a list of texts"
DAYS = ("every-day", "working-days")
HOLE = re.compile(r"\{([^{}]*)\}")
OF_THE_BOT = {"name", "contact"}  # what a draft may say besides answers
OF_THE_BOT_TO_DO = {"registrar", "alarm"}  # duties that need no step: the bot files and alarms by itself
LEVELS: set[object] = {"unit", "administration", "university"}
FILLED_IN = {"accounts.level": LEVELS}  # what the bot answers itself, from the register
RIGHTS = {
    "approve", "away_for_others", "change_place", "close", "correct", "decisions_of", "edit", "enter", "enter_decision", "foresees", "has_heads_word", "heads", "heads_word",
    "join", "judge", "judges", "leads", "led", "let_go", "may_close", "may_correct", "may_enter_decision", "may_join", "may_set", "may_set_pattern", "office",
    "read_decision", "read_history", "reads_all_decisions", "registry", "role_on", "rota", "season", "season_told_by", "see_to_wishes", "set_away", "set_hour",
    "set_for", "set_pattern", "set_rights", "settings", "speak_for", "speaks_for", "staff", "told_by", "trial", "whole_register", "work_on",
}  # fmt: skip  # the rules of bot/rights.py, which stands above this module; a test holds them to it
LONG_TEXTS = 2  # a step asks for no more: what is open is lost on closing (users.md, U5)


def check(text: str) -> list[str]:
    """Every fault of a pack's text, with its place; an empty list means that the pack can be used."""
    try:
        raw = assembled(text)
    except tomllib.TOMLDecodeError as error:
        return [f"file: {error}"]
    rules = (
        _shape, _doubles, _settings, _sources, _steps_alone, _fields_alone, _references, _options, _duties, _requests, _drafts,
        _permissions, _beyond, _whole
    )  # fmt: skip
    return [fault for rule in rules for fault in rule(raw)]


def _shape(raw: Table) -> Faults:
    try:
        Pack.model_validate(raw)
    except pydantic.ValidationError as error:
        found = {_place(fault["loc"]): fault["msg"] for fault in error.errors()}
        for place, what in found.items():
            yield f"{place}: {VALUE_FAULT if place.endswith('.value') else what}"


def _place(loc: tuple[int | str, ...]) -> str:
    """`("step", 3, "field", 0)` as `step[3].field[0]`; the kinds of value that pydantic tried are left out."""
    if loc[:1] == ("parameters",) and "value" in loc:
        loc = loc[: loc.index("value") + 1]
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _doubles(raw: Table) -> Faults:
    lists = [list(_listed("", raw, "section")), list(_listed("", raw, "permission"))]
    lists += [list(_listed("ladder", raw.get("ladder"), place[7:])) for place, _ in _tabled(raw, "ladder")]
    lists += [list(_listed(place, checklist, "step")) for place, checklist in _tabled(raw, "checklist")]
    lists += [list(_listed(place, checklist, "draft")) for place, checklist in _tabled(raw, "checklist")]
    lists += [list(_listed(place, step, "field")) for place, step in _steps(raw)]
    lists += [list(_listed(place, field, "options")) for place, field in _fields(raw)]
    for items in lists:
        ids = [item.get("id") for _, item in items]
        for number, (place, item) in enumerate(items):
            if item.get("id") in ids[:number]:
                yield f"{place}.id: {item['id']} stands twice"


def _settings(raw: Table) -> Faults:
    known = load(BASE).parameters
    settings = {place[11:]: item for place, item in _tabled(raw, "parameters") if isinstance(item, dict)}
    for name in known.keys() - settings.keys() if raw.get("name") == BASE else ():
        yield f"parameters.{name}: is missing"
    for name, item in settings.items():
        value = item.get("value")
        if name not in known:
            yield f"parameters.{name}: there is no such setting"
        elif _kind(value) is not _kind(known[name].value):
            yield f"parameters.{name}.value: should be of the same kind as {known[name].value!r}"
        elif not _fits(name, value):
            yield f"parameters.{name}.value: {value!r} does not fit this setting"


def _kind(value: object) -> type:
    return tuple if isinstance(value, list) else type(value)


def _fits(name: str, value: Any) -> bool:
    if name == "monitoring.days":
        return value in DAYS
    if name == "answer.weekend_remind":
        return value == "none" or _is_time(value)
    if name.startswith(("answer.", "account.min_")) and isinstance(value, int):
        return value >= (0 if name == "answer.remind_hours" else 1)
    return True


def _is_time(value: str) -> bool:
    try:
        time.fromisoformat(value)
    except ValueError:
        return False
    return True


def _sources(raw: Table) -> Faults:
    """A value either cites what it rests on or is marked as a default; what is cited stands in a section."""
    ids = {section.get("id") for _, section in _listed("", raw, "section")}
    held = {cite for _, section in _listed("", raw, "section") for cite in _texts(section.get("cites"))}
    for place, thing in _carriers(raw):
        cites = _texts(thing.get("cites"))
        if bool(cites) == bool(thing.get("default")):
            yield f"{place}: should either cite a requirement or be marked as a default"
        yield from (f"{place}.cites: {cite} stands in no section" for cite in cites if cite not in held)
        if thing.get("section", None) not in ids | {None}:
            yield f"{place}.section: there is no section {thing['section']}"
        if thing.get("like", BASE) not in PACKS:
            yield f"{place}.like: there is no pack {thing['like']}"


def _options(raw: Table) -> Faults:
    """What an option cites stands in a section; a ground for taking off is the law's or a house rule's."""
    held = {cite for _, section in _listed("", raw, "section") for cite in _texts(section.get("cites"))}
    for place, step in _steps(raw):
        for where, option in _options_of(place, step):
            cites = _texts(option.get("cites"))
            yield from (f"{where}.cites: {cite} stands in no section" for cite in cites if cite not in held)


def _carriers(raw: Table) -> Placed:
    yield from ((place, item) for place, item in _tabled(raw, "parameters") if isinstance(item, dict))
    for place, _ in _tabled(raw, "ladder"):
        yield from _listed("ladder", raw["ladder"], place[7:])
    yield from _steps(raw)
    for place, checklist in _tabled(raw, "checklist"):
        yield from _listed(place, checklist, "draft")
    yield from _listed("", raw, "permission")
    if isinstance(raw.get("visitor_notice"), dict):
        yield "visitor_notice", raw["visitor_notice"]


def _steps_alone(raw: Table) -> Faults:
    for place, step in _steps(raw):
        fields = [field for _, field in _listed(place, step, "field")]
        if not fields:
            yield f"{place}.field: a step asks at least one thing"
        if sum(field.get("kind") == "lines" for field in fields) > LONG_TEXTS:
            yield f"{place}.field: more than two long texts; make two steps of it"


def _fields_alone(raw: Table) -> Faults:
    for place, field in _fields(raw):
        kind, options = field.get("kind"), list(_listed(place, field, "options"))
        if (kind in {"choice", "choices"}) != bool(options):
            yield f"{place}.options: {'a choice needs options' if not options else 'only a choice has options'}"
        if field.get("min") and kind != "people":
            yield f"{place}.min: only people are counted"
        if field.get("all_required") and kind != "choices":
            yield f"{place}.all_required: only choices can all be ticked"
        if field.get("past") and kind not in {"date", "moment"}:
            yield f"{place}.past: only a date or a moment can lie in the past"
        for at, option in options:
            if option.get("alone") and kind != "choices":
                yield f"{at}.alone: only of several answers one can stand alone"
            if (option.get("then") in ("stop", "wait")) != ("stop_text" in option):
                yield f"{at}.stop_text: an option that stops or waits says why, and no other does"


def _references(raw: Table) -> Faults:
    """Conditions and what a step rests on name what was asked by then, exceptions any step; both name options that are there."""
    for place, checklist in _tabled(raw, "checklist"):
        asked: dict[str, set[object]] = {}
        for at, step in _listed(place, checklist, "step"):
            yield from (fault for rule in _rules(step) for fault in _unknown(f"{at}.when", rule, asked))
            for here, field in _listed(at, step, "field"):
                options = list(_listed(here, field, "options"))
                for where, option in options:
                    for key in ("when", "likely"):
                        yield from (
                            x for r in _rules(option, key) for x in _unknown(f"{where}.{key}", r, asked)
                        )
                asked[f"{step.get('id')}.{field.get('id')}"] = {option.get("id") for _, option in options}
            yield from _unasked(f"{at}.rests_on", _texts(step.get("rests_on")), asked)
        for at, exception in _listed(place, checklist, "exception"):
            yield from _unknown(at, exception, asked | FILLED_IN)


def _rules(thing: Table, key: str = "when") -> Iterator[Table]:
    """The conditions under which a step or an option is there, or an option is the likely one."""
    when = thing.get(key)
    ways = [[when]] if isinstance(when, dict) else when if isinstance(when, list) else []
    for way in ways:
        yield from (rule for rule in (way if isinstance(way, list) else ()) if isinstance(rule, dict))


def _unasked(place: str, refs: list[str], asked: Collection[str]) -> Faults:
    yield from (f"{place}: no earlier step asks {ref}" for ref in refs if ref not in asked)


def _duties(raw: Table) -> Faults:
    """What an option asks for is met by a later step; what a step or option hangs on is asked for by an earlier one."""
    for place, checklist in _tabled(raw, "checklist"):
        asked: set[str] = set()
        owed: dict[str, str] = {}
        for at, step in _listed(place, checklist, "step"):
            hangs_on = {str(rule["duty"]) for rule in _rules(step) if "duty" in rule}
            yield from (f"{at}.when: no earlier answer asks for {duty}" for duty in sorted(hangs_on - asked))
            owed = {duty: where for duty, where in owed.items() if duty not in hangs_on}
            for where, option in _options_of(at, step):
                yield from (
                    f"{where}.when: an option hangs on no duty" for rule in _rules(option) if "duty" in rule
                )
                new = set(_texts(option.get("duties")))
                asked |= new
                owed |= dict.fromkeys(sorted(new - OF_THE_BOT_TO_DO), f"{where}.duties")
        yield from (f"{where}: no later step meets {duty}" for duty, where in owed.items())


def _options_of(at: str, step: Table) -> Placed:
    for here, field in _listed(at, step, "field"):
        yield from _listed(here, field, "options")


def _requests(raw: Table) -> Faults:
    """Communications is asked before the approval, in words, for something to confirm."""
    for place, step in _steps(raw):
        fields = [field for _, field in _listed(place, step, "field")]
        confirms = any(field.get("confirmed_by") == "communications" for field in fields)
        if confirms != ("request" in step):
            yield f"{place}.request: what communications confirms comes with a request, and the other way round"
        if "request" in step and step.get("half") == "after":
            yield f"{place}.half: communications is asked before the approval"


def _drafts(raw: Table) -> Faults:
    """A draft needs answers that are asked for, and says the same in both languages."""
    for place, checklist in _tabled(raw, "checklist"):
        asked = {f"{step.get('id')}.{field.get('id')}"
                 for at, step in _listed(place, checklist, "step") for _, field in _listed(at, step, "field")}  # fmt: skip
        for at, draft in _listed(place, checklist, "draft"):
            yield from _unasked(f"{at}.needs", _texts(draft.get("needs")), asked)
            words = draft.get("text")
            said = [_holes(words.get(x)) for x in ("sv", "en")] if isinstance(words, dict) else [set(), set()]
            yield from _unasked(f"{at}.text", sorted((said[0] | said[1]) - OF_THE_BOT), asked)
            if said[0] != said[1]:
                yield f"{at}.text: both languages should take the same answers"


def _permissions(raw: Table) -> Faults:
    """What the guideline permits is held by one rule of the bot, or by one step of the pack."""
    steps = {f"{place.split('.')[1]}.{step.get('id')}" for place, step in _steps(raw)}
    for place, permission in _listed("", raw, "permission"):
        rule, step = permission.get("rule"), permission.get("step")
        if bool(rule) == bool(step):
            yield f"{place}: is held either by a rule or by a step"
        elif rule and rule not in RIGHTS:
            yield f"{place}.rule: there is no rule {rule}"
        elif step and step not in steps:
            yield f"{place}.step: there is no step {step}"


def _beyond(raw: Table) -> Faults:
    """What is out of reach names its requirements, each of which stands in a section."""
    held = {cite for _, section in _listed("", raw, "section") for cite in _texts(section.get("cites"))}
    for place, item in _listed("", raw, "out_of_reach"):
        if not item.get("cites"):
            yield f"{place}.cites: names what is out of reach"
        yield from (
            f"{place}.cites: {cite} stands in no section"
            for cite in _texts(item.get("cites"))
            if cite not in held
        )


def _holes(text: Any) -> set[str]:
    return set(HOLE.findall(text)) if isinstance(text, str) else set()


def _unknown(place: str, rule: Table, asked: dict[str, set[object]]) -> Faults:
    if "duty" in rule:
        if "field" in rule or "any_of" in rule:
            yield f"{place}.duty: a condition is about a duty or about an answer"
        return
    field = str(rule.get("field"))
    if field not in asked:
        yield f"{place}.field: no earlier step asks {field}"
        return
    for option in _texts(rule.get("any_of")):
        if option not in asked[field]:
            yield f"{place}.any_of: {field} has no option {option}"


def _whole(raw: Table) -> Faults:
    try:
        ZoneInfo(str(raw.get("zone")))
    except (ValueError, OSError, KeyError):
        yield f"zone: there is no time zone {raw.get('zone')}"
    notice: Any = raw.get("visitor_notice")
    for language in ("sv", "en") if isinstance(notice, dict) else ():
        if "{contact}" not in str(notice.get(language, "{contact}")):
            yield f"visitor_notice.{language}: should say {{contact}}"
    for place, checklist in _tabled(raw, "checklist"):
        halves = [step.get("half") for _, step in _listed(place, checklist, "step")]
        if halves != sorted(
            halves, key=("before", "after").index if {*halves} <= {"before", "after"} else str
        ):
            yield f"{place}.step: what comes before the approval stands before what comes after it"


def _listed(place: str, thing: Any, key: str) -> Placed:
    """The tables in the list `key` of a thing, with their places."""
    items = thing.get(key) if isinstance(thing, dict) else None
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield f"{place}.{key}[{number}]".lstrip("."), item


def _tabled(raw: Table, key: str) -> Iterator[tuple[str, Any]]:
    table = raw.get(key)
    for name, item in table.items() if isinstance(table, dict) else ():
        yield f"{key}.{name}", item


def _steps(raw: Table) -> Placed:
    for place, checklist in _tabled(raw, "checklist"):
        yield from _listed(place, checklist, "step")


def _fields(raw: Table) -> Placed:
    for place, step in _steps(raw):
        yield from _listed(place, step, "field")


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
