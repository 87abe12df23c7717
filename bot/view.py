"""What a person sees, for no platform in particular: cards, forms and what answers a press.

Texts are plain: each renderer escapes for itself, so `<!channel>` typed by a visitor stays dead text.
The unions are closed; a new part does not type-check until every renderer knows it (`assert_never`).
`type` tells the members of a union apart when they are read back from JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.model import PersonId

# -- cards --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Confirm:
    """What is asked before a press that cannot be taken back."""

    title: str
    text: str
    yes: str
    no: str


@dataclass(frozen=True, kw_only=True)
class Button:
    """A press. `heard` names account and act for a screen reader (at most 75 characters are read)."""

    verb: str
    label: str
    arg: str = ""
    heard: str = ""
    style: Literal["plain", "primary", "danger"] = "plain"
    confirm: Confirm | None = None


@dataclass(frozen=True, kw_only=True)
class Text:
    type: Literal["text"] = "text"
    text: str
    tone: Literal["plain", "strong", "quiet"] = "plain"


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Words of a visitor, kept apart from ours and never interpreted."""

    type: Literal["quote"] = "quote"
    text: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Label and value, in reading order."""

    type: Literal["facts"] = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a list. The state is always said in words in `note`, never by a sign alone."""

    text: str
    note: str = ""
    state: Literal["none", "open", "done", "late"] = "none"
    button: Button | None = None


@dataclass(frozen=True, kw_only=True)
class Items:
    type: Literal["items"] = "items"
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Cite:
    """Where a rule stands: our own words, section, and the page if it has one. `default`: no guideline says it."""

    type: Literal["cite"] = "cite"
    rule: str
    section: str
    link: str = ""
    default: bool = False


@dataclass(frozen=True, kw_only=True)
class Mention:
    person: PersonId
    name: str


@dataclass(frozen=True, kw_only=True)
class People:
    """People to alert, followed by what they are told. The only part that may ring anybody's phone."""

    type: Literal["people"] = "people"
    people: tuple[Mention, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Divider:
    type: Literal["divider"] = "divider"


Part = Text | Quote | Facts | Items | Cite | People | Divider


@dataclass(frozen=True, kw_only=True)
class Card:
    """A title, parts and at most six buttons. The title is also what a notification says.

    `begins`: whoever opens it comes to do something, so its buttons stand above its parts.
    """

    title: str
    parts: tuple[Part, ...] = ()
    buttons: tuple[Button, ...] = ()
    begins: bool = False


# -- forms --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Option:
    id: str
    label: str


@dataclass(frozen=True, kw_only=True)
class _Field:
    id: str
    label: str
    hint: str = ""
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Line(_Field):
    type: Literal["line"] = "line"
    value: str = ""
    max_length: int = 280
    placeholder: str = ""


@dataclass(frozen=True, kw_only=True)
class Lines(_Field):
    type: Literal["lines"] = "lines"
    value: str = ""
    max_length: int = 3000


@dataclass(frozen=True, kw_only=True)
class Choice(_Field):
    """One of the options; the value is an option's id. Shown as radio buttons up to five, else as a list."""

    type: Literal["choice"] = "choice"
    options: tuple[Option, ...]
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Choices(_Field):
    """Any of the options; the value is a tuple of ids."""

    type: Literal["choices"] = "choices"
    options: tuple[Option, ...]
    value: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Date(_Field):
    type: Literal["date"] = "date"
    value: date | None = None


@dataclass(frozen=True, kw_only=True)
class Moment(_Field):
    """A date with a time of day, on the organisation's wall clock; aware values in, aware values out."""

    type: Literal["moment"] = "moment"
    value: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PersonField(_Field):
    """One person, by the platform's own picker."""

    type: Literal["person_field"] = "person_field"
    value: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class PeopleField(_Field):
    """Several people. `ordered`: it counts who stands first."""

    type: Literal["people_field"] = "people_field"
    value: tuple[PersonId, ...] = ()
    most: int = 10
    ordered: bool = False


@dataclass(frozen=True, kw_only=True)
class PlaceField(_Field):
    """One channel, by the platform's own picker; the value is a place id."""

    type: Literal["place_field"] = "place_field"
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Toggle(_Field):
    """Yes or no; the value is "yes" or ""."""

    type: Literal["toggle"] = "toggle"
    value: bool = False


Field = Toggle | Line | Lines | Choice | Choices | Date | Moment | PersonField | PeopleField | PlaceField
Value = str | tuple[str, ...]
"""A submitted value: text, option id, ISO date, ISO moment with offset, person id or place id; or several."""
Values = Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Form:
    """A dialog. `state` travels with it and comes back untouched (at most 2,000 characters).

    `intro` stands above the fields. Without `submit` it only shows and closes. `file`: a table may be handed in instead
    of filling in (`Desk.file`). Where forms have room for a file, as on the page, there is a place for it; where they
    have none, `file` says how else.
    """

    id: str
    title: str
    fields: tuple[Field, ...] = ()
    submit: str = ""
    intro: tuple[Part, ...] = ()
    state: str = ""
    writes: bool = True
    file: str = ""

    @property
    def above(self) -> tuple[Part, ...]:
        """What stands above the fields where a form has no room for a file."""
        return (*self.intro, Text(text=self.file, tone="quiet")) if self.file else self.intro


# -- what answers a command, a press or a submission ----------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Tell:
    """A private answer; an open form closes."""

    type: Literal["tell"] = "tell"
    card: Card


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Open this form, or put it in the place of the one that was submitted."""

    type: Literal["ask"] = "ask"
    form: Form


@dataclass(frozen=True, kw_only=True)
class Faults:
    """The form stays open with these texts beside its fields (field id -> text)."""

    type: Literal["faults"] = "faults"
    by_field: Mapping[str, str]


Reply = Tell | Ask | Faults
