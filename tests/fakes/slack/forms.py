"""Filling in and pressing: from labels, as a person knows them, to the payloads' values."""

from typing import Any

from tests.fakes.slack import blocks as kit
from tests.fakes.slack.state import Json, Message, View

NAMES = {  # element type -> (key of the value, key of the initial value)
    **dict.fromkeys(kit.LINES | {"rich_text_input"}, ("value", "initial_value")),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}
MANY = {"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"}
MISSING = "Please complete this required field."


def value_of(element: Json, value: Any) -> Json:
    """The state of one element as payloads hold it; an empty one has None, or [] for the many."""
    key, _ = NAMES[element["type"]]
    empty: list[Any] | None = [] if key in MANY else None
    return {"type": element["type"], key: value if value not in (None, "") else empty}


def stateful(blocks: list[Json]) -> list[tuple[Json, Json]]:
    """Each block with each of its elements that hold a value."""
    return [(b, e) for b in blocks for e in kit.elements(b) if e["type"] in kit.STATEFUL]


def initial_values(blocks: list[Json]) -> dict[str, dict[str, Json]]:
    values: dict[str, dict[str, Json]] = {}
    for block, element in stateful(blocks):
        initial = element.get(NAMES[element["type"]][1])
        values.setdefault(block["block_id"], {})[element["action_id"]] = value_of(element, initial)
    return values


def label(block: Json) -> str:
    named = block.get("label") or block.get("text") or {}
    return named.get("text", "")


def find_field(blocks: list[Json], name: str) -> tuple[Json, Json]:
    """The field with that label, block_id, action_id or placeholder."""
    for block, element in stateful(blocks):
        placeholder = (element.get("placeholder") or {}).get("text")
        if name in {label(block), block["block_id"], element["action_id"], placeholder}:
            return block, element
    raise LookupError(
        f"no field {name!r}; there are {[label(b) or b['block_id'] for b, _ in stateful(blocks)]}"
    )


def find_press(blocks: list[Json], name: str) -> tuple[Json, Json, Json | None]:
    """The element to press by action_id, button label, overflow option, field label or placeholder."""
    seen: list[str] = []
    for block in blocks:
        for element in kit.elements(block):
            own = (element.get("text") or element.get("placeholder") or {}).get("text", "")
            seen.append(own or element["action_id"])
            if name in {own, element["action_id"]}:
                return block, element, None
            if element["type"] == "overflow":
                for option in element["options"]:
                    seen.append(option["text"]["text"])
                    if name in {option["text"]["text"], option["value"]}:
                        return block, element, option
            if element["type"] in kit.STATEFUL and name in {label(block), block["block_id"]}:
                return block, element, None
    raise LookupError(f"nothing to press called {name!r}; there are {seen}")


def buttons(blocks: list[Json]) -> list[str]:
    """The labels of all buttons, in their order."""
    return [e["text"]["text"] for block in blocks for e in kit.elements(block) if e["type"] == "button"]


def find_option(element: Json, name: str, offered: list[Json] | None = None) -> Json:
    options = [*kit.all_options(element), *(offered or [])]
    for option in options:
        if name in {option["text"]["text"], option["value"]}:
            return {"text": option["text"], "value": option["value"]}
    raise LookupError(f"no option {name!r}; there are {[o['text']['text'] for o in options]}")


def chosen(element: Json, value: Any, offered: list[Json] | None = None) -> Json:
    """A person's choice (labels, ids, text, dates) as the element's state."""
    key, _ = NAMES[element["type"]]
    if value is None:
        return value_of(element, None)
    if key == "selected_option":
        return value_of(element, find_option(element, value, offered))
    if key == "selected_options":
        names = [value] if isinstance(value, str) else value
        return value_of(element, [find_option(element, name, offered) for name in names])
    if key in MANY:
        return value_of(element, [value] if isinstance(value, str) else list(value))
    if key == "selected_date_time":
        return value_of(element, int(value.timestamp()) if hasattr(value, "timestamp") else int(value))
    if key in {"selected_date", "selected_time"}:
        return value_of(element, str(value)[: 10 if key == "selected_date" else 5])
    return value_of(element, str(value))


def client_errors(view: View) -> dict[str, str]:
    """What Slack's own client refuses before anything is sent, by block_id."""
    errors: dict[str, str] = {}
    for block in view.blocks:
        if block.get("type") != "input":
            continue
        element = block["element"]
        state = view.values[block["block_id"]][element["action_id"]]
        value = state[NAMES[element["type"]][0]]
        if not value and not block.get("optional"):
            errors[block["block_id"]] = MISSING
        elif element["type"] in kit.LINES and value and not _fits(element, value):
            errors[block["block_id"]] = "Please check the length or form of this entry."
        elif isinstance(value, list) and len(value) > element.get("max_selected_items", 10_000):
            errors[block["block_id"]] = "Too many are chosen."
    return errors


def _fits(element: Json, value: str) -> bool:
    if element["type"] == "email_text_input":
        return "@" in value
    if element["type"] == "url_text_input":
        return "://" in value
    if element["type"] == "number_input":
        return value.replace(".", "", 1).replace("-", "", 1).isdigit()
    return element.get("min_length", 0) <= len(value) <= element.get("max_length", 3000)


def action(block: Json, element: Json, option: Json | None, state: Json | None, ts: str) -> Json:
    """One entry of a block_actions payload's `actions`."""
    out: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    out["action_ts"] = ts
    for key in ("text", "value", "style", "url", "placeholder"):
        if key in element and element["type"] == "button":
            out[key] = element[key]
    if option:
        out["selected_option"] = option
    if state:
        out |= {k: v for k, v in state.items() if k != "type"}
    return out


def message_values(message: Message) -> dict[str, dict[str, Json]]:
    return initial_values(message.blocks)
