"""Filling in and pressing: from labels, as a person knows them, to what Teams sends."""

import itertools
import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.fakes.teams import reading
from tests.fakes.teams.reading import Thing
from tests.fakes.teams.state import Dialog, Json

NUMBERED = re.compile(r"(.+) – (\d+)", re.DOTALL)
MISSING = "This is required."
UNFIT = "Please check this entry."


def find_button(thing: Thing, name: str | int) -> Json:
    """By label or by its number among the buttons."""
    there = reading.actions(thing)
    if isinstance(name, int):
        return there[name]
    for action, label in zip(there, reading.buttons(thing), strict=True):
        if name == label:
            return action
    raise LookupError(f"no button {name!r}; there are {reading.buttons(thing)}")


def initial(card: Json) -> Json:
    """What stands in the inputs of a card that has just come."""
    return {f["id"]: str(f["value"]) for f in reading.inputs(card) if f.get("value") not in (None, "")}


def find_input(fields: list[Json], name: str) -> int:
    for number, field in enumerate(fields):
        own = {reading.visible(field.get(k, "")) for k in ("label", "title", "placeholder", "id")}
        if name in own | {_asked(fields, number)}:
            return number
    raise LookupError(f"no input {name!r}; there are {[reading.label(f) for f in fields]}")


def fill(dialog: Dialog, name: str, value: Any, zone: str) -> None:
    """By label, placeholder or id. A moment fills a date and the time that follows it, several names their lists."""
    fields = reading.inputs(dialog)
    at = find_input(fields, name)
    if lists := _ranks(fields, at) if isinstance(value, list | tuple) else []:
        if len(value) > len(lists):
            raise LookupError(f"{len(value)} people for {len(lists)} lists under {name!r}")
        for field, one in itertools.zip_longest(lists, value):
            dialog.values[field["id"]] = given(field, one)
        return
    if isinstance(value, datetime) and fields[at]["type"] == "Input.Date":
        here = value.astimezone(ZoneInfo(zone))
        dialog.values[fields[at]["id"]] = here.date().isoformat()
        dialog.values[fields[at + 1]["id"]] = here.strftime("%H:%M")
        return
    dialog.values[fields[at]["id"]] = given(fields[at], value)


def given(field: Json, value: Any) -> str:
    """A person's choice (label, labels, tick, day) as Teams keeps it."""
    match field["type"]:
        case "Input.ChoiceSet":
            names = [value] if isinstance(value, str) else list(value or ())
            return ",".join(choice(field, name) for name in names)
        case "Input.Toggle":
            on, off = field.get("valueOn", "true"), field.get("valueOff", "false")
            return str(on if value in {True, on} else off)
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def choice(field: Json, name: str) -> str:
    for each in field.get("choices") or []:
        if name in {reading.visible(each["title"]), each["value"]}:
            return str(each["value"])
    raise LookupError(f"no choice {name!r}; there are {[c['title'] for c in field.get('choices') or []]}")


def _of_moment(fields: list[Json], number: int) -> bool:
    """Whether a day and the time of day after it are one moment."""
    return [f["type"] for f in fields[number : number + 2]] == ["Input.Date", "Input.Time"]


def _rank(field: Json) -> tuple[str, int]:
    """The label that numbered lists have in common, and which of them this is; ("", 0) for any other input."""
    found = NUMBERED.fullmatch(reading.label(field)) if field["type"] == "Input.ChoiceSet" else None
    return (found[1], int(found[2])) if found else ("", 0)


def _ranks(fields: list[Json], number: int) -> list[Json]:
    """The lists that are numbered from one, where the first of them stands; else none."""
    name, first = _rank(fields[number])
    if first != 1:
        return []
    after = enumerate(fields[number:], 1)
    return [field for _, field in itertools.takewhile(lambda each: _rank(each[1]) == (name, each[0]), after)]


def _asked(fields: list[Json], number: int) -> str:
    """An input's label; of a moment's two, or of numbered lists, what they have in common."""
    label = reading.label(fields[number])
    if _ranks(fields, number):
        return _rank(fields[number])[0]
    if not _of_moment(fields, number):
        return label
    same = itertools.takewhile(
        lambda pair: pair[0] == pair[1], zip(label, reading.label(fields[number + 1]), strict=False)
    )
    return "".join(a for a, _ in same).rstrip(" –-:(,") or label


def labels(thing: Thing) -> list[str]:
    """What a form asks for, in order; a moment is asked once, and so are numbered lists."""
    fields = reading.inputs(thing)
    asked = [
        n
        for n, field in enumerate(fields)
        if (n == 0 or not _of_moment(fields, n - 1)) and _rank(field)[1] < 2
    ]
    return [_asked(fields, n) for n in asked]


# -- Teams' own checks --------------------------------------------------------------------------


def client_errors(dialog: Dialog) -> dict[str, str]:
    """What Teams refuses before anything is sent, by input id."""
    found = {f["id"]: _error(f, str(dialog.values.get(f["id"], ""))) for f in reading.inputs(dialog)}
    return {name: error for name, error in found.items() if error}


def _error(field: Json, value: str) -> str:
    if not value or (field["type"] == "Input.Toggle" and value != str(field.get("valueOn", "true"))):
        return field.get("errorMessage") or MISSING if field.get("isRequired") else ""
    return "" if _fits(field, value) else field.get("errorMessage") or UNFIT


def _fits(field: Json, value: str) -> bool:
    match field["type"]:
        case "Input.Text":
            short = len(value) <= field.get("maxLength", len(value))
            return short and bool(re.search(field.get("regex", ""), value))
        case "Input.Number":
            if not re.fullmatch(r"-?\d+([.,]\d+)?", value):
                return False
            return _between(field, float(value.replace(",", ".")), float)
        case "Input.Date" | "Input.Time":
            return _between(field, value, str)
    return True


def _between(field: Json, value: Any, kind: Any) -> bool:
    low, high = field.get("min"), field.get("max")
    return (low in (None, "") or kind(low) <= value) and (high in (None, "") or value <= kind(high))


def sent(thing: Thing, action: Json, values: Json) -> Json:
    """The data of a submission: the button's own, and on top of it what stands in the inputs."""
    own = action.get("data")
    data: Json = dict(own) if isinstance(own, dict) else {}
    if action.get("associatedInputs") == "none":
        return data
    for field in reading.inputs(thing):
        value = values.get(field["id"], "")
        if field["type"] == "Input.Toggle":
            value = value or field.get("valueOff", "false")
        if value or field["type"] in {"Input.Text", "Input.Date", "Input.Time"} or field.get("isMultiSelect"):
            data[field["id"]] = value
    return data
