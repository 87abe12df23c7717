"""Form -> Slack's modal, and a submitted modal back to values.

block_id and action_id are the field's id, so that what somebody typed survives an update of the view.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from adapters.slack.render import Json, Users, plain, rich, run, section, view_blocks
from adapters.slack.words import cut, filled, short
from bot.picking import Picked, Raw
from bot.plain import clean
from bot.texts import Texts
from bot.view import (
    Card,
    Choice,
    Choices,
    Date,
    Field,
    Form,
    Line,
    Lines,
    Moment,
    Option,
    PeopleField,
    PersonField,
    PlaceField,
    Toggle,
)

TITLE, LABEL, OPTION, PLACEHOLDER, LONGEST = 24, 2_000, 75, 150, 3_000
RADIOS, BOXES, GROUP, GROUPS = 5, 10, 100, 100
BLOCKS = 100
YES, TOGGLE = "yes", "#toggle"  # a toggle is one box; the end of its action_id tells it from a list of one


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What travels in a modal's private_metadata: the form's state, and where the form was opened."""

    state: str = ""
    channel: str = ""
    home: bool = False

    def __str__(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def parse(cls, text: str) -> "Carried":
        """Empty for what is not ours."""
        try:
            read = json.loads(text or "{}")
            return cls(state=str(read["state"]), channel=str(read["channel"]), home=bool(read["home"]))
        except (ValueError, KeyError, TypeError):
            return cls()


# -- views --------------------------------------------------------------------------------------


def modal(form: Form, t: Texts, users: Users, channel: str = "", *, home: bool = False) -> Json:
    """The form as a modal; `channel`, or `home`, is where it was opened, so that the answer can be given there."""
    inputs = [field_block(f, t, users) for f in form.fields]
    shown = Card(title=form.title, parts=form.above)
    head = view_blocks(shown, t, users, BLOCKS - len(inputs)) if form.above else _full_title(form.title)
    whole = head if not form.above or _is_cut(form.title) else head[1:]
    view = frame(form.title, [*whole, *inputs] or _full_title("–", always=True), t)
    view |= {
        "callback_id": form.id,
        "private_metadata": str(Carried(state=form.state, channel=channel, home=home)),
    }
    if form.submit or any(b["type"] == "input" for b in inputs):
        view["submit"] = plain(short(form.submit or t("slack.submit"), TITLE), TITLE)
        view["close"] = plain(short(t("slack.cancel"), TITLE), TITLE)
    return view


def notice(card: Card, t: Texts, users: Users, channel: str = "", *, home: bool = False) -> Json:
    """A card in a modal that can only be closed. Its buttons answer where the form would."""
    carried = Carried(channel=channel, home=home)
    return frame(card.title, view_blocks(card, t, users, BLOCKS), t) | {"private_metadata": str(carried)}


def saving(t: Texts) -> Json:
    """Shown when a submission has not been answered in time; the answer takes its place."""
    return frame(t("slack.saving.title"), [rich(section(run(t("slack.saving"))))], t)


def frame(title: str, blocks: list[Json], t: Texts) -> Json:
    close = plain(short(t("slack.close"), TITLE), TITLE)
    return {"type": "modal", "title": plain(short(title, TITLE), TITLE), "close": close, "blocks": blocks}


def _is_cut(title: str) -> bool:
    return short(title, TITLE) != clean(title).strip()


def _full_title(title: str, *, always: bool = False) -> list[Json]:
    """The whole title, where Slack's 24 characters do not hold it."""
    return [rich(section(run(filled(title, LABEL), bold=True)))] if always or _is_cut(title) else []


# -- fields -------------------------------------------------------------------------------------


def field_block(field: Field, t: Texts, users: Users) -> Json:
    if isinstance(field, Choice | Choices) and not field.options:
        words = f"{cut(field.label, LABEL)}: {t('slack.no_options')}"
        return rich(section(run(words)))
    block: Json = {
        "type": "input",
        "block_id": field.id,
        "label": plain(field.label, LABEL),
        "element": {"action_id": field.id, **element(field, t, users)},
        "optional": isinstance(field, Toggle) or not field.required,
    }
    if field.hint:
        block["hint"] = plain(field.hint, LABEL)
    return block


def element(field: Field, t: Texts, users: Users) -> Json:
    match field:
        case Line():
            return _line(field.value, field.max_length, field.placeholder)
        case Lines():
            return _line(field.value, field.max_length) | {"multiline": True}
        case Choice():
            return _choice(field, t)
        case Choices():
            return _choices(field, t)
        case Date():
            return {"type": "datepicker", **_given(initial_date=field.value and field.value.isoformat())}
        case Moment():
            at = int(field.value.timestamp()) if field.value else None
            return {"type": "datetimepicker", **_given(initial_date_time=at)}
        case PersonField():
            user = users.get(field.value) if field.value else None
            return {"type": "users_select", **_given(initial_user=user)}
        case PeopleField():
            found = [users[p] for p in field.value if p in users]
            return {
                "type": "multi_users_select",
                "max_selected_items": field.most,
                **_given(initial_users=found),
            }
        case PlaceField():
            return _place(field.value)
        case Toggle():
            yes = _option(Option(id=YES, label=t("slack.yes")))
            return {"type": "checkboxes", "options": [yes], **_given(initial_options=[yes] * field.value)} | {
                "action_id": field.id + TOGGLE
            }
        case _:
            assert_never(field)


def _line(value: str, max_length: int, placeholder: str = "") -> Json:
    most = min(max_length, LONGEST)
    hint = plain(placeholder, PLACEHOLDER) if placeholder else None
    return {
        "type": "plain_text_input",
        "max_length": most,
        **_given(initial_value=value[:most], placeholder=hint),
    }


def _choice(field: Choice, t: Texts) -> Json:
    options = [_option(o) for o in field.options]
    chosen = next((o for o in options if o["value"] == field.value), None)
    if len(options) <= RADIOS:
        return {"type": "radio_buttons", "options": options, **_given(initial_option=chosen)}
    return {"type": "static_select", **_listed(options, t), **_given(initial_option=chosen)}


def _choices(field: Choices, t: Texts) -> Json:
    options = [_option(o) for o in field.options]
    chosen = [o for o in options if o["value"] in field.value]
    if len(options) <= BOXES:
        return {"type": "checkboxes", "options": options, **_given(initial_options=chosen)}
    return {"type": "multi_static_select", **_listed(options, t), **_given(initial_options=chosen)}


def _option(option: Option) -> Json:
    return {"text": plain(option.label, OPTION), "value": option.id}


def _listed(options: list[Json], t: Texts) -> Json:
    """A list holds 100 options; more are grouped by hundreds, named by their first and last."""
    placeholder = plain(t("slack.choose"), PLACEHOLDER)
    if len(options) <= GROUP:
        return {"options": options, "placeholder": placeholder}
    groups = [options[n : n + GROUP] for n in range(0, min(len(options), GROUP * GROUPS), GROUP)]
    return {"option_groups": [{"label": _span(g), "options": g} for g in groups], "placeholder": placeholder}


def _span(group: list[Json]) -> Json:
    first, last = (str(o["text"]["text"]) for o in (group[0], group[-1]))
    return plain(f"{cut(first, 35)} – {cut(last, 35)}", OPTION)


def _place(value: str) -> Json:
    """One's own chat with the bot is a place too, so chats with bots are among what is offered."""
    kinds = {"include": ["public", "private", "mpim", "im"], "exclude_external_shared_channels": True}
    channel = value.rpartition(":")[2]
    return {"type": "conversations_select", "filter": kinds, **_given(initial_conversation=channel)}


def _given(**values: Any) -> Json:
    """Slack refuses empty initial values: what is not there is left out."""
    return {name: value for name, value in values.items() if value}


# -- reading back -------------------------------------------------------------------------------


def read(state: Mapping[str, Any], place: str) -> dict[str, Raw]:
    """A view's `state` as values by field id. `place` is the beginning of place ids; people are still Slack's."""
    values = state.get("values") or {}
    found: dict[str, Raw] = {}
    for block, actions in values.items():
        for action, given in actions.items():
            value = _value(given, place)
            found[block] = "".join(value) if action.endswith(TOGGLE) and isinstance(value, tuple) else value
    return found


def places(state: Mapping[str, Any]) -> list[str]:
    """The conversations that were picked, by Slack's ids."""
    given = (each for actions in (state.get("values") or {}).values() for each in actions.values())
    return [str(each["selected_conversation"]) for each in given if each.get("selected_conversation")]


def _value(given: Json, place: str) -> Raw:
    match given["type"]:
        case "static_select" | "radio_buttons":
            return str((given.get("selected_option") or {}).get("value", ""))
        case "checkboxes" | "multi_static_select":
            return tuple(str(o["value"]) for o in given.get("selected_options") or ())
        case "datepicker":
            return given.get("selected_date") or ""
        case "datetimepicker":
            at = given.get("selected_date_time")
            return datetime.fromtimestamp(at, UTC).isoformat() if at else ""
        case "users_select":
            return Picked(tuple(filter(None, [given.get("selected_user")])), many=False)
        case "multi_users_select":
            return Picked(tuple(given.get("selected_users") or ()), many=True)
        case "conversations_select":
            channel = given.get("selected_conversation")
            return f"{place}:{channel}" if channel else ""
        case _:
            return given.get("value") or ""


# -- a submitted view shown again ----------------------------------------------------------------

_INITIAL = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_date": "initial_date",
    "selected_date_time": "initial_date_time",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
}
_KEPT = ("type", "title", "submit", "close", "callback_id", "private_metadata")


def again(view: Json, faults: Mapping[str, str]) -> Json:
    """The view as it was submitted, with what is wrong above each field: for an answer that came after 2.5 s."""
    state = (view.get("state") or {}).get("values") or {}
    blocks: list[Json] = []
    for block in view["blocks"]:
        if fault := faults.get(block.get("block_id", "")):
            blocks.append(rich(section(run(filled(fault, LABEL), bold=True))))
        blocks.append(_refilled(block, state) if block["type"] == "input" else block)
    return {k: view[k] for k in _KEPT if view.get(k)} | {"blocks": blocks[:BLOCKS]}


def _refilled(block: Json, state: Json) -> Json:
    element: Json = block["element"]
    given: Json = next(iter(state.get(block["block_id"], {}).values()), {})
    shown = {k: v for k, v in element.items() if not k.startswith("initial_")}
    shown |= {_INITIAL[k]: _own(element, v) for k, v in given.items() if k in _INITIAL and v}
    return block | {"element": shown}


def _own(element: Json, chosen: Any) -> Any:
    """A chosen option as the element itself has it: Slack compares them word by word."""
    if isinstance(chosen, list):
        return [_own(element, one) for one in chosen]
    if not isinstance(chosen, dict):
        return chosen
    groups = [element.get("options", []), *(g["options"] for g in element.get("option_groups", []))]
    return next((o for group in groups for o in group if o["value"] == chosen["value"]), chosen)


def field_faults(view: Json, faults: Mapping[str, str]) -> dict[str, str]:
    """Faults by block_id as Slack wants them; one for a field that is not shown goes to the first input."""
    inputs = [b["block_id"] for b in view["blocks"] if b["type"] == "input"]
    shown: dict[str, str] = {}
    for name, text in faults.items():
        at = name if name in inputs else next(iter(inputs), "")
        shown[at] = f"{shown[at]} {text}" if at in shown else text
    return {at: filled(text, LABEL) for at, text in shown.items() if at}
