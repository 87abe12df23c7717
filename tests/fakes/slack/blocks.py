"""Block Kit as Slack's documents have it: what is wrong with these blocks, as sentences with a path.

Unknown keys are faults too, as they are in Slack. A second opinion comes from `slack_sdk.models`.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

Json = dict[str, Any]
Faults = Iterator[str]

SELECTS = {
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
}
CHOICES = {"radio_buttons", "checkboxes"}
PICKERS = {"datepicker", "timepicker", "datetimepicker"}
LINES = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
INPUT_ONLY = LINES | {"rich_text_input", "file_input"}
STATEFUL = SELECTS | CHOICES | PICKERS | INPUT_ONLY
IN_ACTIONS = {"button", "overflow"} | SELECTS | CHOICES | PICKERS
IN_SECTION = IN_ACTIONS | {"image"}
IN_INPUT = STATEFUL

MESSAGE, MODAL, HOME = "message", "modal", "home"
NOT_ON = {"alert": {MESSAGE, HOME}, "markdown": {MODAL, HOME}, "table": {MODAL, HOME}}

_KEYS: dict[str, str] = {  # "needed | allowed", besides type and block_id
    "section": "| text fields accessory expand",
    "header": "text |",
    "context": "elements |",
    "divider": "|",
    "actions": "elements |",
    "image": "alt_text | image_url slack_file title",
    "input": "label element | dispatch_action hint optional",
    "rich_text": "elements |",
    "markdown": "text |",
    "table": "rows | column_settings",
    "video": "alt_text title thumbnail_url video_url | author_name description provider_icon_url provider_name title_url",
    "alert": "text | level",
}
_FOCUS = "focus_on_load"
_HINTED = f"placeholder {_FOCUS}"
_ELEMENT_KEYS: dict[str, str] = {  # besides type and action_id
    "button": "text | url value style confirm accessibility_label",
    "overflow": "options | confirm",
    "image": "alt_text | image_url slack_file",
    "static_select": f"| options option_groups initial_option confirm {_HINTED}",
    "external_select": f"| initial_option min_query_length confirm {_HINTED}",
    "users_select": f"| initial_user confirm {_HINTED}",
    "conversations_select": (
        f"| initial_conversation default_to_current_conversation response_url_enabled filter confirm {_HINTED}"
    ),
    "channels_select": f"| initial_channel response_url_enabled confirm {_HINTED}",
    "multi_static_select": f"| options option_groups initial_options max_selected_items confirm {_HINTED}",
    "multi_external_select": f"| initial_options min_query_length max_selected_items confirm {_HINTED}",
    "multi_users_select": f"| initial_users max_selected_items confirm {_HINTED}",
    "multi_conversations_select": (
        f"| initial_conversations default_to_current_conversation max_selected_items filter confirm {_HINTED}"
    ),
    "multi_channels_select": f"| initial_channels max_selected_items confirm {_HINTED}",
    "radio_buttons": f"options | initial_option confirm {_FOCUS}",
    "checkboxes": f"options | initial_options confirm {_FOCUS}",
    "datepicker": f"| initial_date confirm {_HINTED}",
    "timepicker": f"| initial_time timezone confirm {_HINTED}",
    "datetimepicker": f"| initial_date_time confirm {_FOCUS}",
    "plain_text_input": f"| initial_value multiline min_length max_length dispatch_action_config {_HINTED}",
    "email_text_input": f"| initial_value dispatch_action_config {_HINTED}",
    "url_text_input": f"| initial_value dispatch_action_config {_HINTED}",
    "number_input": f"is_decimal_allowed | initial_value min_value max_value dispatch_action_config {_HINTED}",
    "rich_text_input": f"| initial_value dispatch_action_config {_HINTED}",
    "file_input": "| filetypes max_files",
}


def keys(thing: Json, spec: str, always: set[str], path: str) -> Faults:
    needed, allowed = (set(part.split()) for part in spec.split("|"))
    yield from (f"{path}: {key} is missing" for key in sorted(needed - thing.keys()))
    for key in sorted(thing.keys() - needed - allowed - always):
        yield f"{path}: {key} is not a field of {thing.get('type', 'this')}"


def text(thing: Any, path: str, limit: int, *, plain: bool = False) -> Faults:
    if not isinstance(thing, dict):
        yield f"{path}: must be a text object"
        return
    kind, words = thing.get("type"), thing.get("text")
    if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
        yield f"{path}: text type {kind!r} is not allowed here"
    yield from keys(thing, "text | emoji" if kind == "plain_text" else "text | verbatim", {"type"}, path)
    yield from string(words, path, limit)


def string(words: Any, path: str, limit: int, least: int = 1) -> Faults:
    if not isinstance(words, str):
        yield f"{path}: must be a string"
    elif not least <= len(words) <= limit:
        yield f"{path}: {len(words)} characters, must be {least} to {limit}"


def option(thing: Any, path: str, *, plain: bool) -> Faults:
    if not isinstance(thing, dict):
        yield f"{path}: must be an option"
        return
    yield from keys(thing, "text value | description url", set(), path)
    yield from text(thing.get("text"), f"{path}/text", 75, plain=plain)
    yield from string(thing.get("value"), f"{path}/value", 150)
    if "description" in thing:
        yield from text(thing["description"], f"{path}/description", 75, plain=plain)


def options(things: Any, path: str, limit: int, *, plain: bool, least: int = 1) -> Faults:
    if not isinstance(things, list) or not least <= len(things) <= limit:
        yield f"{path}: must hold {least} to {limit} options"
        return
    for i, thing in enumerate(things):
        yield from option(thing, f"{path}/{i}", plain=plain)
    values = Counter(str(o.get("value")) for o in things if isinstance(o, dict))
    yield from (f"{path}: value {v!r} stands twice" for v, n in values.items() if n > 1)


def all_options(element: Json) -> list[Json]:
    """The options of a select, radio, checkbox or overflow element, groups laid flat."""
    groups = [g.get("options", []) for g in element.get("option_groups") or []]
    return [*(element.get("options") or []), *(o for group in groups for o in group)]


def _choice(element: Json, path: str) -> Faults:
    kind = element["type"]
    plain = kind not in CHOICES
    if "options" in element:
        limit = 10 if kind in CHOICES else 5 if kind == "overflow" else 100
        yield from options(element["options"], f"{path}/options", limit, plain=plain)
    if "option_groups" in element:
        groups = element["option_groups"]
        if not 1 <= len(groups) <= 100:
            yield f"{path}/option_groups: must hold 1 to 100 groups"
        for i, group in enumerate(groups):
            yield from text(group.get("label"), f"{path}/option_groups/{i}/label", 75, plain=True)
            yield from options(group.get("options"), f"{path}/option_groups/{i}/options", 100, plain=True)
    if kind.endswith("static_select") and ("options" in element) == ("option_groups" in element):
        yield f"{path}: needs either options or option_groups"
    if kind.endswith("external_select"):
        return
    initial = element.get(
        "initial_options", [element["initial_option"]] if "initial_option" in element else None
    )
    if initial == []:
        yield f"{path}: initial_options may not be empty"
    for chosen in initial or []:
        if chosen not in all_options(element):
            yield f"{path}: the initial option {chosen.get('value')!r} is not among the options"


def _confirm(thing: Json, path: str) -> Faults:
    yield from keys(thing, "title text confirm deny | style", set(), path)
    yield from text(thing.get("title"), f"{path}/title", 100, plain=True)
    yield from text(thing.get("text"), f"{path}/text", 300)
    yield from text(thing.get("confirm"), f"{path}/confirm", 30, plain=True)
    yield from text(thing.get("deny"), f"{path}/deny", 30, plain=True)


def _button(element: Json, path: str) -> Faults:
    yield from text(element.get("text"), f"{path}/text", 75, plain=True)
    for key, limit in (("value", 2000), ("url", 3000), ("accessibility_label", 75)):
        if key in element:
            yield from string(element[key], f"{path}/{key}", limit)
    if "style" in element and element["style"] not in {"primary", "danger"}:
        yield f"{path}/style: must be primary or danger"


def _line(element: Json, path: str) -> Faults:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if not (0 <= least <= 3000 and 1 <= most <= 3000 and least <= most):
        yield f"{path}: min_length and max_length must lie within 3000"
    if "initial_value" in element:
        yield from string(element["initial_value"], f"{path}/initial_value", most, least=0)


def element(thing: Any, path: str, allowed: set[str]) -> Faults:
    if not isinstance(thing, dict) or thing.get("type") not in allowed:
        yield f"{path}: element {thing.get('type') if isinstance(thing, dict) else thing!r} is not allowed here"
        return
    kind = thing["type"]
    always = {"type"} if kind == "image" else {"type", "action_id"}
    yield from keys(thing, _ELEMENT_KEYS[kind], always, path)
    if "action_id" in thing:
        yield from string(thing["action_id"], f"{path}/action_id", 255)
    if "placeholder" in thing:
        yield from text(thing["placeholder"], f"{path}/placeholder", 150, plain=True)
    if "confirm" in thing:
        yield from _confirm(thing["confirm"], f"{path}/confirm")
    if kind == "button":
        yield from _button(thing, path)
    elif kind == "image":
        yield from _image(thing, path)
    elif kind == "overflow" or kind in CHOICES or kind in SELECTS:
        yield from _choice(thing, path)
    elif kind == "plain_text_input":
        yield from _line(thing, path)


def _image(thing: Json, path: str) -> Faults:
    yield from string(thing.get("alt_text"), f"{path}/alt_text", 2000)
    if ("image_url" in thing) == ("slack_file" in thing):
        yield f"{path}: needs either image_url or slack_file"
    if "image_url" in thing:
        yield from string(thing["image_url"], f"{path}/image_url", 3000)
    if "title" in thing:
        yield from text(thing["title"], f"{path}/title", 2000, plain=True)


def _section(block: Json, path: str) -> Faults:
    if "text" not in block and "fields" not in block:
        yield f"{path}: needs text or fields"
    if "text" in block:
        yield from text(block["text"], f"{path}/text", 3000)
    if "fields" in block:
        if not 1 <= len(block["fields"]) <= 10:
            yield f"{path}/fields: must hold 1 to 10"
        for i, thing in enumerate(block["fields"]):
            yield from text(thing, f"{path}/fields/{i}", 2000)
    if "accessory" in block:
        yield from element(block["accessory"], f"{path}/accessory", IN_SECTION)


def _actions(block: Json, path: str) -> Faults:
    things = block.get("elements") or []
    if not 1 <= len(things) <= 25:
        yield f"{path}/elements: must hold 1 to 25"
    for i, thing in enumerate(things):
        yield from element(thing, f"{path}/elements/{i}", IN_ACTIONS)


def _context(block: Json, path: str) -> Faults:
    things = block.get("elements") or []
    if not 1 <= len(things) <= 10:
        yield f"{path}/elements: must hold 1 to 10"
    for i, thing in enumerate(things):
        if isinstance(thing, dict) and thing.get("type") == "image":
            yield from element(thing, f"{path}/elements/{i}", {"image"})
        else:
            yield from text(thing, f"{path}/elements/{i}", 3000)


def _input(block: Json, path: str, surface: str) -> Faults:
    yield from text(block.get("label"), f"{path}/label", 2000, plain=True)
    if "hint" in block:
        yield from text(block["hint"], f"{path}/hint", 2000, plain=True)
    yield from element(block.get("element"), f"{path}/element", IN_INPUT)
    if surface != MODAL and (block.get("element") or {}).get("type") == "file_input":
        yield f"{path}/element: file_input stands in modals only"


def _table(block: Json, path: str) -> Faults:
    rows = block.get("rows") or []
    if not 1 <= len(rows) <= 100 or any(not 1 <= len(row) <= 20 for row in rows):
        yield f"{path}/rows: must hold 1 to 100 rows of 1 to 20 cells"


def block(thing: Any, path: str, surface: str) -> Faults:
    kind = thing.get("type") if isinstance(thing, dict) else None
    if kind not in _KEYS:
        yield f"{path}: block type {kind!r} is not known"
        return
    if surface in NOT_ON.get(kind, set()):
        yield f"{path}: {kind} is not allowed in a {surface}"
    yield from keys(thing, _KEYS[kind], {"type", "block_id"}, path)
    if "block_id" in thing:
        yield from string(thing["block_id"], f"{path}/block_id", 255)
    match kind:
        case "section":
            yield from _section(thing, path)
        case "header":
            yield from text(thing.get("text"), f"{path}/text", 150, plain=True)
        case "actions":
            yield from _actions(thing, path)
        case "context":
            yield from _context(thing, path)
        case "image":
            yield from _image(thing, path)
        case "input":
            yield from _input(thing, path, surface)
        case "table":
            yield from _table(thing, path)
        case "markdown":
            yield from string(thing.get("text"), f"{path}/text", 12_000)


def elements(thing: Json) -> list[Json]:
    """The interactive elements of one block."""
    found = [thing["accessory"]] if "accessory" in thing else []
    found += thing.get("elements", []) if thing.get("type") == "actions" else []
    found += [thing["element"]] if "element" in thing else []
    return [e for e in found if isinstance(e, dict) and e.get("type") in IN_ACTIONS | STATEFUL]


def twice(blocks: list[Json], surface: str) -> Faults:
    ids = Counter(b["block_id"] for b in blocks if b.get("block_id"))
    yield from (f"block_id {i!r} stands twice" for i, n in ids.items() if n > 1)
    for i, thing in enumerate(blocks):
        actions = Counter(e["action_id"] for e in elements(thing) if e.get("action_id"))
        yield from (f"/blocks/{i}: action_id {a!r} stands twice" for a, n in actions.items() if n > 1)
    if surface == MESSAGE:
        return
    focused = sum(bool(e.get("focus_on_load")) for b in blocks for e in elements(b))
    if focused > 1:
        yield "focus_on_load stands on more than one element"


def second_opinion(things: list[Json]) -> Faults:
    """What Slack's own Python models say."""
    for i, thing in enumerate(things):
        try:
            parsed = Block.parse(thing)
            if parsed is not None:
                parsed.validate_json()
        except (SlackObjectFormationError, TypeError, ValueError, AttributeError) as error:
            yield f"/blocks/{i}: {error} (slack_sdk)"


def faults(blocks: Any, surface: str) -> list[str]:
    """All that is wrong with the blocks on that surface; empty when Slack would take them."""
    most = 50 if surface == MESSAGE else 100
    if not isinstance(blocks, list) or not all(isinstance(b, dict) for b in blocks):
        return ["/blocks: must be a list of blocks"]
    if len(blocks) > most or (surface != MESSAGE and not blocks):
        return [f"/blocks: {len(blocks)} blocks, a {surface} holds at most {most} (a view at least 1)"]
    found = [f for i, thing in enumerate(blocks) for f in block(thing, f"/blocks/{i}", surface)]
    found += twice(blocks, surface)
    return found or list(second_opinion(blocks))


def view_faults(view: Any) -> list[str]:
    """All that is wrong with a modal or home view."""
    if not isinstance(view, dict) or view.get("type") not in {MODAL, HOME}:
        return ["/view/type: must be modal or home"]
    kind = view["type"]
    common = "private_metadata callback_id external_id"
    spec = {
        MODAL: f"title blocks | close submit clear_on_close notify_on_close submit_disabled {common}",
        HOME: f"blocks | {common}",
    }[kind]
    found = list(keys(view, spec, {"type"}, "/view"))
    for key in ("title", "submit", "close"):
        if view.get(key) is not None and kind == MODAL:
            found += text(view[key], f"/view/{key}", 24, plain=True)
    for key, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if view.get(key) is not None:
            found += string(view[key], f"/view/{key}", most, least=0)
    found += faults(view.get("blocks"), kind)
    has_input = any(b.get("type") == "input" for b in view.get("blocks") or [] if isinstance(b, dict))
    if kind == MODAL and has_input and not view.get("submit"):
        found.append("/view/submit: is needed when there is an input block")
    return found
