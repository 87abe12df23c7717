"""The first meeting: seven questions, each with an answer that will do, in at most seven presses."""

from collections.abc import Iterable, Sequence

from bot.changes import holding
from bot.model import Role
from bot.retention import kept
from bot.screens import settings_forms as forms
from bot.screens.base import Eyes, words
from bot.texts import capital
from bot.view import Button, Card, Field, Form, Item, Items, Line, PeopleField, PlaceField, Text

QUESTIONS = ("name", "communications", "registrar", "security", "hours", "contact", "accounts")
PAGES: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "people": ("communications", "registrar"),
    "security": ("security",),
    "hours": ("hours",),
    "contact": ("contact",),
    "channel": ("accounts",),
}
"""The forms, in order, and which questions each answers; with the press that opens the first they are seven presses."""


def questions(eyes: Eyes, lacks: Sequence[str]) -> Card:
    """All seven, with what is done; the button goes to the first that is left."""
    t = eyes.t
    items = tuple(
        Item(text=t(f"beginning.ask.{name}"), state="open" if name in lacks else "done",
             note=t("beginning.open" if name in lacks else "beginning.done"))
        for name in QUESTIONS
    )  # fmt: skip
    parts = (Text(text=t("beginning.intro")), Items(items=items))
    return Card(title=t("beginning.title"), parts=parts, buttons=(go_on(eyes),))


def go_on(eyes: Eyes) -> Button:
    label = eyes.t("beginning.do.go_on")
    return Button(verb="beginning.open", label=label, heard=label.removesuffix(" …"), style="primary")


def left_words(eyes: Eyes, lacks: Iterable[str]) -> str:
    return capital(words(eyes.t, [eyes.t(f"beginning.lacks.{name}") for name in lacks]))


def form(eyes: Eyes, page: str) -> Form:
    """One page; what holds now, or the default, stands in its fields."""
    t = eyes.t
    asks = ("place",) if page == "channel" else PAGES[page]
    intro = tuple(Text(text=t(f"beginning.ask.{name}"), tone="strong") for name in asks)
    return Form(id="beginning.page", title=t(f"beginning.form.{page}"), fields=tuple(fields(eyes, page)),
                submit=t("beginning.do.save"), intro=intro, state=page)  # fmt: skip


def fields(eyes: Eyes, page: str) -> list[Field]:
    match page:
        case "name":
            return forms.names_fields(eyes, "")
        case "people":
            return [*_people(eyes, "communications"), *_people(eyes, "registrar")]
        case "security":
            return [*_people(eyes, "security"), forms.contact_fields(eyes, "")[1]]
        case "hours":
            return [*forms.hours_fields(eyes, ""), forms.days_fields(eyes, "")[0]]
        case "contact":
            return [forms.contact_fields(eyes, "")[0], *_checks(eyes)]
        case _:
            place = eyes.register.role_places.get("communications", "")
            hint, label = eyes.t("beginning.place.hint"), eyes.t("beginning.place")
            return [PlaceField(id="place", label=label, hint=hint, required=False, value=place)]


def _people(eyes: Eyes, role: Role) -> list[Field]:
    t = eyes.t
    hint = t("beginning.registrar.hint") if role == "registrar" else t("settings.people.hint")
    return [
        PeopleField(id=role, label=t(f"beginning.{role}"), hint=hint, required=False,
                    value=forms.seen(eyes, holding(eyes.register, role).people), ordered=True),
        *forms.unseen(eyes, holding(eyes.register, role).people, f"{role}_kept"),
        Line(id=f"{role}_email", label=t("beginning.email", role=t(f"beginning.{role}").partition(":")[0]), hint=t("settings.email.hint"), required=False,
             max_length=200),
    ]  # fmt: skip


def _checks(eyes: Eyes) -> list[Field]:
    """How long the name on a daily check is kept: 30 days, once the disposal decision has a number (users.md U6)."""
    holds = kept(eyes.register.office.retention, "checks")
    return forms.disposal_fields(eyes, holds, eyes.t("settings.kept.checks"))


def finished(eyes: Eyes, lacks: Sequence[str], *, imports: bool) -> Card:
    """What is left, and how accounts come in. `imports`: the reader may import them."""
    t = eyes.t
    left = [name for name in lacks if name != "accounts"]
    parts = [Text(text=t("beginning.finished.left", left=left_words(eyes, left)))] if left else []
    buttons: list[Button] = []
    if "accounts" in lacks:
        parts.append(Text(text=t("beginning.finished.accounts", office=eyes.office_name)))
        wanted = (
            ("account.enter", "account.do.enter"),
            *((("import.open", "account.do.import"),) if imports else ()),
        )
        buttons = [Button(verb=verb, label=t(key), heard=t(key).removesuffix(" …")) for verb, key in wanted]
    return Card(title=t("beginning.finished"), parts=tuple(parts), buttons=tuple(buttons))
