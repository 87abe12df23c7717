"""Teams' rules for Adaptive Cards, in words for each breach."""

import functools
import json
from collections import Counter
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft6Validator, ValidationError

from tests.fakes.teams.reading import inputs, inside, texts
from tests.fakes.teams.state import Json

VERSION, MOST_ACTIONS, MOST_VIEWERS = "1.5", 6, 60
TOP = Path(__file__).parents[3]
NAME = "adaptive-card.schema.1.5.0.json"
SCHEMA = next(
    (p for p in (TOP / "tests/schemas" / NAME, TOP.parent / "shared/schemas" / NAME) if p.exists()), None
)
"""The published schema (github.com/microsoft/AdaptiveCards, MIT), which the project does not hold."""
ROOT_ONLY = {"width", "entities", "allowExpand"}


@functools.cache
def validator() -> Any:
    """None where the schema is not at hand: then our own rules alone hold."""
    if SCHEMA is None:
        return None
    schema = json.loads(SCHEMA.read_text("utf-8"))
    schema["definitions"]["ChoiceInputStyle"]["anyOf"].append(
        {"enum": ["filtered"]}
    )  # documented for 1.5, forgotten there
    return Draft6Validator(schema)


WORDS = {"text", "title", "value", "label", "placeholder", "errorMessage", "fallbackText", "speak", "tooltip"}
"""Where the schema asks for a string, whatever it says."""


def _schema_faults(card: Json) -> list[str]:
    plain = {k: v for k, v in card.items() if k != "msteams"}
    return list(_faults_of(json.dumps(_wordless(plain), sort_keys=True)))


def _wordless(thing: Any, key: str = "") -> Any:
    """The same card with other words: for the schema all words are alike, and cards of one shape need one look."""
    if isinstance(thing, dict):
        return {k: _wordless(v, k) for k, v in thing.items()}
    if isinstance(thing, list):
        return [_wordless(each) for each in thing]
    return "x" if isinstance(thing, str) and key in WORDS else thing


@functools.lru_cache(maxsize=4096)
def _faults_of(card: str) -> tuple[str, ...]:
    held = validator()
    worst = [_deepest(wrong) for wrong in (held.iter_errors(json.loads(card)) if held else ())]
    return tuple(f"schema 1.5 at {'/'.join(map(str, e.instance_path))}: {e.message[:300]}" for e in worst)


def _deepest(error: ValidationError) -> ValidationError:
    """What is wrong inside the branch that fits best; that it is of no other type tells nothing."""
    inside = [_deepest(e) for branch in getattr(error.kind, "context", ()) for e in branch]
    return max([error, *inside], key=lambda e: (len(e.instance_path), list(e.instance_path[-1:]) != ["type"]))


def faults(card: Any, *, dialog: bool = False) -> list[str]:
    """Each rule that the card breaks; cards in dialogs have rules of their own."""
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return [f"no AdaptiveCard: {str(card)[:100]}"]
    found = [*_root_faults(card, dialog=dialog), *_input_faults(card), *_mention_faults(card)]
    found += _action_faults(card, dialog=dialog)
    return found + _schema_faults(card)


def _root_faults(card: Json, *, dialog: bool) -> list[str]:
    found = [] if card.get("version") == VERSION else [f"version {card.get('version')!r}"]
    if not dialog and not card.get("fallbackText"):
        found.append("no fallbackText")
    primary = [a for a in card.get("actions") or [] if a.get("mode") != "secondary"]
    if len(primary) > MOST_ACTIONS:
        found.append(f"{len(primary)} actions in the action bar")
    if strange := set(card.get("msteams") or {}) - ROOT_ONLY:
        found.append(f"unknown msteams {sorted(strange)}")
    viewers = (card.get("refresh") or {}).get("userIds") or []
    if len(viewers) > MOST_VIEWERS:
        found.append(f"{len(viewers)} userIds")
    return found


def _input_faults(card: Json) -> list[str]:
    fields = inputs(card)
    counts = Counter(f.get("id") for f in fields)
    found = [f"input id {name!r} {n} times" for name, n in counts.items() if n > 1 or not name]
    found += [f"input {f.get('id')!r} without a label" for f in fields if not _labelled(f)]
    return found + [f for field in fields for f in _choice_faults(field)]


def _labelled(field: Json) -> bool:
    return bool(field.get("label") or (field["type"] == "Input.Toggle" and field.get("title")))


def _choice_faults(field: Json) -> list[str]:
    if field["type"] != "Input.ChoiceSet":
        return []
    values = [c.get("value") for c in field.get("choices") or []]
    found = [] if len(set(values)) == len(values) else [f"choices of {field.get('id')!r} share a value"]
    if any("," in str(v) for v in values) and field.get("isMultiSelect"):
        found.append(f"a comma in a value of {field.get('id')!r}")
    given = str(field.get("value") or "")
    strange = set(filter(None, given.split(",") if field.get("isMultiSelect") else [given])) - set(values)
    return found + ([f"{field.get('id')!r} begins with {sorted(strange)}, no choice"] if strange else [])


def _action_faults(card: Json, *, dialog: bool) -> list[str]:
    found = []
    for action in (e for e in inside(card) if str(e["type"]).startswith("Action.")):
        name, kind = action.get("title") or action.get("tooltip"), action["type"]
        if not name:
            found.append(f"{kind} without a title")
        if dialog and kind == "Action.Execute":
            found.append(f"Action.Execute {name!r} in a dialog")
        if kind == "Action.Execute" and not action.get("verb"):
            found.append(f"Action.Execute {name!r} without a verb")
    return found


def _mention_faults(card: Json) -> list[str]:
    words = "\n".join(t for e in inside(card) for t in texts(e))
    entities = (card.get("msteams") or {}).get("entities") or []
    return [fault for e in entities for fault in mention_faults(e, words)]


def mention_faults(entity: Json, words: str) -> list[str]:
    """What is missing of a mention; `words` are those that it must stand in."""
    mentioned = entity.get("mentioned") or {}
    found = [f"mention without mentioned.{k}" for k in ("id", "name") if not mentioned.get(k)]
    text = str(entity.get("text") or "")
    if not (text.startswith("<at>") and text.endswith("</at>")):
        found.append(f"mention text {text!r}")
    elif text not in words:
        found.append(f"mention {text!r} does not occur in the text")
    return found
