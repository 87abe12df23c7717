"""Form -> Teams' dialog, and what a dialog submits back to values.

The form travels in the submit button's data, so that any process can show it again with its faults. An input's id is
the field's id; a moment has two inputs. Several choices come back joined by commas: they are sent as numbers.
A list of several gives back its own order, so people whose order counts are picked in a list for each.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter

from adapters.teams import render
from adapters.teams.render import CARD_TYPE, KEY, Json, Pen, Users, in_dialog, root, run, runs, size, stacked
from adapters.teams.words import dead, filled, label, short
from bot import plain
from bot.commands import Call
from bot.picking import Picked, Raw
from bot.texts import Texts
from bot.view import (
    Button,
    Card,
    Choice,
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
    Text,
    Toggle,
)
from bot.view import Choices as Several

TITLE, LABEL, HINT, OPTION, LONGEST, STATE = 64, 300, 600, 100, 3_000, 2_000
RADIOS, BOXES, LISTED = 5, 10, 15
FIELDS, OPTIONS = 100, 2_000
"""More than any form of ours has, of people picked too: a client may send back another than it was given."""
LONGEST_KEY = 200
ROOM = 72_000  # bytes of a dialog in UTF-16: Teams takes about 100 KB
YES, NO = "yes", "no"
NONE = "-"  # takes back the choice in a list, which else could not be emptied
DAY, CLOCK = "#day", "#clock"  # the two inputs of a moment
LISTS, SPARE, LEAST = 7, 4, 2  # lists of people whose order counts: at most, and how many of them are empty
FORM: TypeAdapter[Form] = TypeAdapter(Form)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What pickers may offer: (user id, name) and (place id, name)."""

    people: tuple[tuple[str, str], ...] = ()
    places: tuple[tuple[str, str], ...] = ()


Submitted = Mapping[str, Any]


# -- dialogs --------------------------------------------------------------------------------------


def dialog(
    form: Form,
    t: Texts,
    users: Users,
    choices: Choices,
    *,
    faults: Mapping[str, str] | None = None,
    given: Submitted | None = None,
    channel: str = "",
    key: str = "",
) -> Json:
    """The form as a dialog. `given` is what was submitted, as Teams sent it; `channel` is where the form was opened.

    `key` is that of the request that the dialog answers: sent twice after an error, it is one submission.
    """
    most = max(len(choices.people), len(choices.places), 1)
    sheet = Sheet(t=t, users=users, choices=choices, faults=faults or {}, given=given)
    opened = {"channel": channel, "zone": t.zone} | ({"key": key} if key else {})
    while size(content := sheet.content(form, opened, most)) > ROOM and most > 1:
        if sheet.spare > LEAST:
            sheet = replace(sheet, spare=sheet.spare - 1)
        else:
            most //= 2
    return frame(form.title, content, "large" if len(form.fields) > 2 else "medium")


def notice(card: Card, t: Texts, users: Users) -> Json:
    """A card in a dialog."""
    return frame(card.title, in_dialog(card, t, users), "large" if len(card.parts) > 4 else "medium")


def confirm(asked: Mapping[str, Any], t: Texts) -> Json:
    """What is asked before a press; `asked` is what stands under our key. Its yes is the press, its no closes it."""
    told = asked["confirm"]
    yes = Button(verb=str(asked["press"]), arg=str(asked["arg"]), label=str(told["yes"]), style="primary")
    card = Card(title=str(told["title"]), parts=(Text(text=str(told["text"])),), buttons=(yes,))
    content = in_dialog(card, t, {})
    content["actions"].append(render.closer(str(told["no"])))
    return frame(card.title, content, "small")


def frame(title: str, content: Json, height: str) -> Json:
    """A TaskModuleTaskInfo."""
    return {
        "title": short(title, TITLE),
        "height": height,
        "width": "medium",
        "card": {"contentType": CARD_TYPE, "content": content},
    }


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A form as it is filled in by one person."""

    t: Texts
    users: Users
    choices: Choices
    faults: Mapping[str, str]
    given: Submitted | None
    spare: int = SPARE

    def content(self, form: Form, opened: Json, most: int) -> Json:
        """The card; its pickers offer so many at most. `opened`: what travels beside the form."""
        pen = Pen(t=self.t, users={}, press=render.in_form)
        above = [pen.title(Card(title=form.title, parts=(Text(text=""),)))] if _is_cut(form.title) else []
        intro = stacked([*above, *pen.parts(form.above)])
        fields = [element for field in form.fields for element in self.field(field, most)]
        shown = root([*self.wrong(form), *intro, *fields], self.t, dead(plain.filled(form.title, LABEL)))
        if form.submit or form.fields:
            shown["actions"] = [self.submit(form, opened)]
        return shown

    def submit(self, form: Form, opened: Json) -> Json:
        data = {"form": FORM.dump_python(_carried(form), mode="json"), **opened}
        title = filled(form.submit or self.t("teams.submit"), OPTION)
        return {"type": "Action.Submit", "title": title, "style": "positive", "data": {KEY: data}}

    def wrong(self, form: Form) -> list[Json]:
        """On top: the fields that need a second look, and what belongs to no field of this form."""
        labels = {f.id: f.label for f in form.fields}
        names = ", ".join(plain.cut(labels[f], LABEL).rstrip("?:. ") for f in self.faults if f in labels)
        told = [self.t("teams.wrong", labels=names)] if names else []
        return [_warning(text) for text in [*told, *(w for f, w in self.faults.items() if f not in labels)]]

    # -- fields -----------------------------------------------------------------------------------

    def field(self, field: Field, most: int) -> list[Json]:
        """What is wrong, the inputs, the hint: one under the other, close together."""
        if isinstance(field, Choice | Several) and not field.options:
            return [runs(run(f"{filled(field.label, LABEL)}: {self.t('teams.no_options')}"))]
        inputs = self.inputs(field, most)
        fault, hint = self.faults.get(field.id), self.hint(field, most)
        shown = [_warning(self.t("teams.fault", text=fault))] if fault else []
        shown += [*inputs, *([runs(run(hint, quiet=True)) | {"spacing": "Small"}] if hint else [])]
        return [{"type": "Container", "spacing": "Medium", "items": shown}] if len(shown) > 1 else shown

    def hint(self, field: Field, most: int) -> str:
        told = [plain.cut(field.hint, HINT)]
        if isinstance(field, PeopleField):
            told += [self.t("teams.ordered") if field.ordered else self.t("teams.most", n=field.most)]
        told += [self.t("teams.places")] if isinstance(field, PlaceField) else []
        offered = self.choices.places if isinstance(field, PlaceField) else self.choices.people
        picks = isinstance(field, PersonField | PeopleField | PlaceField)
        told += [self.t("teams.not_all")] if picks and len(offered) > most else []
        return dead(" ".join(filter(None, told)))

    def inputs(self, field: Field, most: int) -> list[Json]:
        match field:
            case Line():
                return [self.line(field, field.max_length, hint=field.placeholder)]
            case Lines():
                return [self.line(field, field.max_length) | {"isMultiline": True}]
            case Choice():
                return [self.one(field)]
            case Several():
                return [self.several(field)]
            case Date():
                return [
                    self.plain(
                        field, "Input.Date", "teams.which_day", field.value and field.value.isoformat()
                    )
                ]
            case Moment():
                return self.moment(field)
            case PersonField():
                one = self.users.get(field.value, "") if field.value else ""
                return [self.picker(field, [one] * bool(one), most)]
            case PeopleField():
                chosen = [self.users[p] for p in field.value if p in self.users]
                return (
                    self.ranked(field, chosen, most) if field.ordered else [self.picker(field, chosen, most)]
                )
            case PlaceField():
                return [self.picker(field, [field.value] * bool(field.value), most)]
            case Toggle():
                return [self.toggle(field)]
            case _:
                assert_never(field)

    def plain(
        self, field: Field, kind: str, error: str, value: object, *, id: str = "", label: str = ""
    ) -> Json:
        """An input with what was given last, else its value."""
        name = id or field.id
        now = value if self.given is None else self.given.get(name, "")
        shown: Json = {"type": kind, "id": name, "label": filled(label or field.label, LABEL)}
        if field.required and not isinstance(field, Toggle):
            shown |= {"isRequired": True, "errorMessage": self.error(field, error)}
        return shown | ({"value": _clean(str(now))} if now else {})

    def error(self, field: Field, key: str) -> str:
        return dead(self.t(key, label=plain.filled(field.label, LABEL).rstrip(":")))

    def line(self, field: Line | Lines, max_length: int, hint: str = "") -> Json:
        most = min(max_length, LONGEST)
        shown = self.plain(field, "Input.Text", "teams.fill", field.value[:most])
        return shown | {"maxLength": most} | ({"placeholder": filled(hint, OPTION)} if hint else {})

    def one(self, field: Choice) -> Json:
        shown = self.plain(field, "Input.ChoiceSet", "teams.pick", field.value)
        return self.offered(field, shown, [(o.id, o.label) for o in field.options], RADIOS)

    def several(self, field: Several) -> Json:
        ids = [o.id for o in field.options]
        chosen = ",".join(str(ids.index(v)) for v in field.value if v in ids)
        shown = self.plain(field, "Input.ChoiceSet", "teams.pick", chosen) | {"isMultiSelect": True}
        return self.offered(field, shown, [(str(n), o.label) for n, o in enumerate(field.options)], BOXES)

    def picker(self, field: PersonField | PeopleField | PlaceField, chosen: list[str], most: int) -> Json:
        """People or channels; who is chosen and not offered is added, unless that is what was wrong."""
        places = isinstance(field, PlaceField)
        shown = self.plain(field, "Input.ChoiceSet", "teams.pick", ",".join(chosen))
        known = dict(self.choices.places if places else self.choices.people)
        wrong = field.id.partition("#")[0] in self.faults
        now = [
            one
            for one in str(shown.get("value", "")).split(",")
            if one not in ("", NONE) and (one in known or not wrong)
        ]
        name = self.t("teams.chosen_place" if places else "teams.chosen")
        rest = [one for one in known if one not in now][:most]
        many: Json = {"isMultiSelect": True} if isinstance(field, PeopleField) else {}
        return self.offered(field, shown | many, [(one, known.get(one, name)) for one in [*now, *rest]], 0)

    def ranked(self, field: PeopleField, chosen: list[str], most: int) -> list[Json]:
        """A list for each person, in their order, and some that are empty: the first must be filled in."""
        given = chosen if self.given is None else _ranked(field, self.given)
        count = max(len(given), min(len(given) + self.spare, field.most, LISTS))
        label = plain.filled(field.label, LABEL - 5)
        lists = [
            PersonField(id=f"{field.id}#{n}", label=f"{label} – {n}", required=field.required and n == 1)
            for n in range(1, count + 1)
        ]
        return [self.picker(one, given[n : n + 1], most) for n, one in enumerate(lists)]

    def offered(self, field: Field, shown: Json, options: Sequence[tuple[str, str]], open_up_to: int) -> Json:
        """The choices: open, as a list, or with a search where there are many.

        A search loses what is chosen already on the iPhone (msteams-docs 10472), so then it is a list.
        """
        named = _told_apart([(value, label(name, OPTION)) for value, name in options])
        given = str(shown.pop("value", ""))
        chosen = given.split(",") if shown.get("isMultiSelect") else [given]
        known = dict(named)
        values = [value for value in chosen if value in known]
        style = (
            "expanded"
            if len(named) <= open_up_to
            else "compact"
            if values or len(named) <= LISTED
            else "filtered"
        )
        if style == "compact" and not field.required and not shown.get("isMultiSelect"):
            named = [(NONE, self.t("teams.none")), *named]
        shown |= {
            "choices": [{"title": title, "value": value} for value, title in named],
            "wrap": True,
            "style": style,
        }
        shown |= {"value": ",".join(values)} if values else {}
        return shown if style == "expanded" else shown | {"placeholder": self.t(f"teams.{style}")}

    def moment(self, field: Moment) -> list[Json]:
        """Day and time of day on the organisation's wall clock, side by side."""
        at = self.t.local(field.value) if field.value else None
        label = plain.filled(field.label, LABEL)
        day = self.plain(field, "Input.Date", "teams.when", at and at.date().isoformat(),
                         id=field.id + DAY, label=f"{label} – {self.t('teams.day')}")  # fmt: skip
        clock = self.plain(field, "Input.Time", "teams.when", at and at.strftime("%H:%M"),
                           id=field.id + CLOCK, label=f"{label} – {self.t('teams.clock')}")  # fmt: skip
        columns = [{"type": "Column", "width": "stretch", "items": [each]} for each in (day, clock)]
        return [{"type": "ColumnSet", "columns": columns}]

    def toggle(self, field: Toggle) -> Json:
        on = YES if field.value else NO
        shown = self.plain(field, "Input.Toggle", "", on)
        return shown | {"title": self.t("teams.yes"), "valueOn": YES, "valueOff": NO}


def _warning(text: str) -> Json:
    words = run(filled(text, HINT), bold=True) | {"color": "Attention"}
    return runs(words)


def _clean(text: str) -> str:
    """What stands in a field to be changed: as it was written, but for what no text holds."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable() or c > "\x9f")


def _told_apart(options: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Two of one name get numbers: some clients find the value by its title."""
    named: dict[str, str] = {}
    times, taken = Counter[str](), set[str]()
    for value, title in options:
        shown = title
        while shown in taken:
            times[title] += 1
            shown = f"{title} ({times[title] + 1})"
        named[value] = shown
        taken.add(shown)
    return list(named.items())


def _is_cut(title: str) -> bool:
    return plain.short(title, TITLE) != plain.clean(title).strip()


def _carried(form: Form) -> Form:
    """The form as it travels: what is filled in comes with the inputs, and no text is longer than it is shown."""
    return replace(form, fields=tuple(_slim(f) for f in form.fields))


def _slim(field: Field) -> Field:
    field = replace(field, label=plain.cut(field.label, LABEL), hint=plain.cut(field.hint, HINT))
    if isinstance(field, Line | Lines):
        return replace(field, value="")
    if isinstance(field, Choice | Several):
        return replace(
            field, options=tuple(Option(id=o.id, label=plain.cut(o.label, OPTION)) for o in field.options)
        )
    return field


# -- reading back -----------------------------------------------------------------------------------


def carried(data: Submitted) -> tuple[Form, str]:
    """The form that a submitted dialog showed, and the channel where it was opened. Raises ValueError when it is not ours."""
    own = data.get(KEY)
    if not isinstance(own, dict):
        raise ValueError("not a dialog of ours")  # noqa: TRY004
    form = FORM.validate_python(own.get("form"))
    if len(form.fields) > FIELDS or any(len(getattr(f, "options", ())) > OPTIONS for f in form.fields):
        raise ValueError("no form of ours is so long")
    return form, str(own.get("channel") or "")


def sent_under(data: Submitted, call: Call) -> str:
    """The key of a submission: its dialog's and sender's, so that nobody is given another's answer; else the request's."""
    own = data.get(KEY)
    key = own.get("key") if isinstance(own, dict) else None
    return f"{key[:LONGEST_KEY]}:{call.user}" if isinstance(key, str) and key else call.key


def read(form: Form, data: Submitted) -> dict[str, Raw]:
    """A submitted dialog as values by field id; people are still Teams' (`bot.picking`)."""
    zone = _zone(data)
    return {field.id: _value(field, data, zone) for field in form.fields}


def _zone(data: Submitted) -> ZoneInfo:
    own = data.get(KEY)
    try:
        return ZoneInfo(str(own["zone"]) if isinstance(own, dict) else Texts("sv").zone)
    except (KeyError, ValueError, ZoneInfoNotFoundError):
        return ZoneInfo(Texts("sv").zone)


def _value(field: Field, data: Submitted, zone: ZoneInfo) -> Raw:
    given = _text(data, field.id)
    given = "" if given == NONE and not isinstance(field, Line | Lines) else given
    match field:
        case Several():
            return tuple(field.options[n].id for n in _numbers(given) if n < len(field.options))
        case Moment():
            return _moment(_text(data, field.id + DAY), _text(data, field.id + CLOCK), zone)
        case PersonField():
            return Picked((given,) if given else (), many=False)
        case PeopleField(ordered=True):
            return Picked(tuple(dict.fromkeys(filter(None, _ranked(field, data)))), many=True)
        case PeopleField():
            return Picked(tuple(filter(None, given.split(",")))[:FIELDS], many=True)
        case Toggle():
            return YES if given == YES else ""
        case Choice() | Line() | Lines() | Date() | PlaceField():
            return given
        case _:
            assert_never(field)


def _ranked(field: PeopleField, data: Submitted) -> list[str]:
    """What stands in the lists of a field whose order counts, "" for a gap."""
    lists = min(max(LISTS, field.most, len(field.value)), FIELDS)
    given = [_text(data, f"{field.id}#{n}") for n in range(1, lists + 1)]
    picked = ["" if one == NONE else one for one in given]
    while picked and not picked[-1]:
        picked.pop()
    return picked


def _text(data: Submitted, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _numbers(joined: str) -> Iterator[int]:
    yield from (int(n) for n in joined.split(",") if n.isascii() and n.isdecimal())


def _moment(day: str, clock: str, zone: ZoneInfo) -> str:
    """An ISO moment with offset. Half of one stays half, so that the desk asks for the rest."""
    if not day and not clock:
        return ""
    wall = f"{day}T{clock}"
    try:
        return datetime.fromisoformat(wall).replace(tzinfo=zone).isoformat()
    except ValueError:
        return wall
