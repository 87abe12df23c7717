"""Cards and forms as HTML. Jinja escapes every text; nothing from outside is ever marked safe."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.web.ports import PLATFORM, REALM, Channel, Someone
from bot.model import PersonId
from bot.plain import safe_link
from bot.service.importing import MOST_MB
from bot.texts import Texts
from bot.view import (
    Button,
    Card,
    Choice,
    Choices,
    Cite,
    Date,
    Divider,
    Facts,
    Field,
    Form,
    Items,
    Line,
    Lines,
    Moment,
    Part,
    People,
    PeopleField,
    PersonField,
    PlaceField,
    Quote,
    Text,
    Toggle,
)

MOST_RADIOS = 5
ENVIRONMENT = Environment(
    loader=PackageLoader("adapters.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.globals["most_mb"] = MOST_MB


@dataclass(frozen=True, kw_only=True)
class Renderer:
    """Renders for one reader, in one language. `me` is who reads: their own mention stands out."""

    t: Texts
    me: PersonId = PersonId("")
    people: Sequence[Someone] = ()
    channels: Sequence[Channel] = ()
    prefix: str = ""  # of element ids, where several forms stand on one page

    def page(self, name: str, **values: object) -> Markup:
        """A template of its own."""
        return Markup(ENVIRONMENT.get_template(name).render(t=self.t, r=self, **values))  # noqa: S704

    def card(self, card: Card, heading: str = "") -> Markup:
        """The card's title, parts and buttons; `heading` becomes the title's element id."""
        return self._macro("parts.html", "card", card, self, heading)

    def form(self, form: Form, post: str = "/page/submit") -> Markup:
        """The inside of a dialog. What is filled in goes to `post`."""
        return self._macro("fields.html", "form", form, self, self.t, post)

    def button(self, button: Button) -> Markup:
        return self._macro("parts.html", "button", button)

    def part(self, part: Part) -> Markup:
        match part:
            case Text():
                return self._macro("parts.html", "text", part)
            case Quote():
                return self._macro("parts.html", "quote", part)
            case Facts():
                return self._macro("parts.html", "facts", part)
            case Items():
                return self._macro("parts.html", "items", part, self)
            case Cite():
                return self._macro("parts.html", "cite", part, self.t, safe_link(part.link))
            case People():
                return self._macro("parts.html", "people", part, self.t, self.me)
            case Divider():
                return self._macro("parts.html", "divider")
            case _:
                assert_never(part)

    def field(self, field: Field, number: int) -> Markup:
        """One field of a form; `number` makes its element ids."""
        at = f"{self.prefix}field-{number}"
        match field:
            case Toggle():
                return self._macro("fields.html", "toggle", field, at)
            case Line():
                return self._macro("fields.html", "line", field, at, self.t)
            case Lines():
                return self._macro("fields.html", "lines", field, at, self.t)
            case Choice():
                radios = len(field.options) <= MOST_RADIOS
                return self._macro("fields.html", "radios" if radios else "listed", field, at, self.t)
            case Choices():
                return self._macro("fields.html", "boxes", field, at, self.t)
            case Date():
                return self._macro("fields.html", "date", field, at, self.t)
            case Moment():
                return self._macro("fields.html", "moment", field, at, self.t, self.wall(field.value))
            case PersonField():
                return self._macro("fields.html", "person", field, at, self.t, self.people)
            case PeopleField():
                return self._macro("fields.html", "several", field, at, self.t, self.people)
            case PlaceField():
                return self._macro("fields.html", "place", field, at, self.t, self.places)
            case _:
                assert_never(field)

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Place ids with the channels' names."""
        return [(f"{PLATFORM}:{REALM}:{channel.id}", channel.name) for channel in self.channels]

    def wall(self, moment: datetime | None) -> str:
        """A moment as the browser's date and time field wants it: the organisation's wall clock."""
        return self.t.local(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""

    @staticmethod
    def _macro(template: str, name: str, *values: object) -> Markup:
        made: Markup = getattr(ENVIRONMENT.get_template(template).module, name)(*values)
        return made
