"""The pages of `/sm-settings`: what holds now, in fields that can be changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import time

from bot import policy, steps
from bot.model import ROLES, Contact, Office, PersonId, Role, Season, Unit
from bot.plain import by_name, natural
from bot.retention import KINDS as KEPT
from bot.retention import Disposal, Kept, kept
from bot.screens.base import Eyes, clock, words
from bot.texts import LANGUAGES, capital
from bot.view import (
    Choice,
    Choices,
    Cite,
    Date,
    Field,
    Form,
    Line,
    Lines,
    Option,
    Part,
    PeopleField,
    PersonField,
    PlaceField,
    Text,
    Toggle,
)

GROUPS: Mapping[str, tuple[str, ...]] = {
    "role": ROLES,
    "unit": (),
    "channel": (),
    "times": ("hours", "messages", "days", "seasons", "steps", "hearers"),
    "words": ("names", "guidelines", "contact", "links", "person", "retention", "changers", "pilot"),
    "retention": KEPT,
    "person": (),
}
"""What each button of the first card opens; units, channels and people are those of the register. The trial has a form of its own."""
NEW, ALL, NONE = "+", "*", "-"
"""Options beside those of the register: a new unit, every channel; and nothing chosen."""
OPENS = ("opens", "closes")
LINKS = ("guidelines", "about", "hr_page")
SEASON = ("asked", "first", "last")
UNLOOKED = (2, 10)
"""Working days until a head hears that nobody has looked: at least two, since none hears of a single one (users.md)."""
MESSAGES = ("heads_at", "registrar_at", "collect_early", "collect", "digest_at")


def choose(eyes: Eyes, group: str) -> Form:
    """Which page of a group."""
    t = eyes.t
    options = tuple(options_of(eyes, group))
    what = Choice(id="what", label=t(f"settings.{group}.which"), options=options, required=group != "person")
    fields: tuple[Field, ...] = (*((what,) if options else ()), *(_picker(eyes) if group == "person" else ()))
    return Form(id="settings.choose", title=t("settings.title"), fields=fields, submit=t("settings.do.next"),
                state=group, writes=False)  # fmt: skip


def _picker(eyes: Eyes) -> tuple[Field, ...]:
    """Everybody whom the chat itself can show."""
    return (PersonField(id="person", label=eyes.t("settings.person.in_chat"), required=False),)


def options_of(eyes: Eyes, group: str) -> Iterable[Option]:
    match group:
        case "role":
            return [Option(id=role, label=capital(eyes.role(role))) for role in ROLES]
        case "unit":
            units = sorted(eyes.register.units.values(), key=lambda u: natural(u.name))
            return [
                Option(id=NEW, label=eyes.t("settings.unit.new")),
                *(Option(id=u.id, label=u.name) for u in units),
            ]
        case "channel":
            places = sorted(eyes.register.places.values(), key=lambda p: natural(p.name))
            every = [Option(id=ALL, label=eyes.t("settings.channel.all"))] if len(places) > 1 else []
            return [*every, *(Option(id=p.id, label=p.called) for p in places)]
        case "person":
            lone = (p for p in eyes.register.people.values() if p.may_act and is_lone(eyes, p.id))
            return [Option(id=p.id, label=p.name) for p in sorted(lone, key=by_name)]
        case "retention":
            return [Option(id=kind, label=eyes.t(f"settings.kept.{kind}")) for kind in KEPT]
        case _:
            return [Option(id=page, label=eyes.t(f"settings.page.{page}")) for page in GROUPS[group]]


def form(eyes: Eyes, page: str, of: str = "") -> Form:
    """One page. Raises KeyError for one that there is not."""
    fields, intro = FIELDS[page](eyes, of), INTROS.get(page, _nothing)(eyes, of)
    return Form(id="settings.page", title=eyes.t(f"settings.form.{page}"), fields=tuple(fields), intro=tuple(intro),
                submit=eyes.t("settings.do.see"), state=f"{page}|{of}")  # fmt: skip


def _nothing(_eyes: Eyes, _of: str) -> Sequence[Part]:
    return ()


# -- roles, units, channels -----------------------------------------------------------------------


def role_fields(eyes: Eyes, of: str) -> list[Field]:
    t, register = eyes.t, eyes.register
    role: Role = of  # type: ignore[assignment]
    place, contact = register.role_places.get(role, ""), register.role_contacts.get(role, Contact())
    return [
        PeopleField(id="people", label=t("settings.field.role.people"), hint=t("settings.people.hint"), required=False,
                    value=seen(eyes, register.roles.get(role, ())), ordered=True),
        *unseen(eyes, register.roles.get(role, ())),
        _line(eyes, "email", hint="settings.email.hint"),
        PlaceField(id="place", label=t("settings.field.role.place"), hint=t("settings.place.hint"), required=False,
                   value=place),
        *([] if place == "" else [Toggle(id="no_place", label=t("settings.no_place"), required=False)]),
        _line(eyes, "mail", ", ".join(contact.mail), hint="settings.mail.hint"),
        _line(eyes, "phone", contact.phone),
        *([] if role == "administrators" else _named(eyes, role)),
    ]  # fmt: skip


def seen(eyes: Eyes, people: Iterable[PersonId]) -> tuple[PersonId, ...]:
    return tuple(p for p in people if p not in eyes.unseen([p]))


def _one(eyes: Eyes, person: PersonId | None) -> PersonId | None:
    return next(iter(seen(eyes, [person] if person else [])), None)


def unseen(eyes: Eyes, people: Iterable[PersonId | None], name: str = "kept") -> list[Field]:
    """Those whom no picker of this chat shows: they stay as long as they are ticked."""
    found = tuple(dict.fromkeys(eyes.unseen(people)))
    if not found:
        return []
    options = tuple(Option(id=p, label=eyes.name(p)) for p in found)
    return [Choices(id=name, label=eyes.t("settings.unseen"), hint=eyes.t("settings.unseen.hint"), options=options,
                    value=found, required=False)]  # fmt: skip


def _named(eyes: Eyes, role: Role) -> list[Field]:
    """What the role is called here, in each language; the guideline's own name where nothing is given."""
    own = names_of(eyes.register.office, role)
    given: list[Field] = []
    for language in LANGUAGES:
        usual = getattr(eyes.pack.names, role).of(language)
        given.append(Line(id=f"name_{language}", label=eyes.t(f"settings.role.name.{language}"), required=False,
                          value=own.get(language, ""), placeholder=usual, max_length=100))  # fmt: skip
    return given


def names_of(office: Office, role: Role) -> Mapping[str, str]:
    own: Mapping[str, str] = (
        office.communications_name if role == "communications" else office.role_names.get(role, {})  # type: ignore[assignment]
    )
    return own


def unit_fields(eyes: Eyes, of: str) -> list[Field]:
    t = eyes.t
    unit = eyes.register.units.get(of) or Unit(id="", name="")
    above = [u for u in eyes.register.units.values() if u.id != unit.id]
    parents = [Option(id=u.id, label=u.name) for u in sorted(above, key=lambda u: natural(u.name))]
    found: list[Field] = [
        Line(id="name", label=t("settings.field.unit.name"), value=unit.name, max_length=100),
        PersonField(
            id="head", label=t("settings.field.unit.head"), value=_one(eyes, unit.head), required=False
        ),
        _line(eyes, "head_email", kind="unit", hint="settings.email.hint"),
        PersonField(
            id="deputy", label=t("settings.field.unit.deputy"), value=_one(eyes, unit.deputy), required=False
        ),
        _line(eyes, "deputy_email", kind="unit", hint="settings.email.hint"),
        *unseen(eyes, (unit.head, unit.deputy)),
    ]
    if parents:
        options = (Option(id=NONE, label=t("settings.unit.no_parent")), *parents)
        found.append(
            Choice(
                id="parent", label=t("settings.field.unit.parent"), options=options, value=unit.parent or NONE
            )
        )
    if unit.id and not in_use(eyes, unit):
        found.append(Toggle(id="remove", label=t("settings.unit.remove"), required=False))
    return found


def in_use(eyes: Eyes, unit: Unit) -> bool:
    """Whether any account, closed ones too, or another unit belongs to it."""
    accounts = any(account.unit == unit.id for account in eyes.register.accounts.values())
    return accounts or any(other.parent == unit.id for other in eyes.register.units.values())


def is_lone(eyes: Eyes, person: PersonId) -> bool:
    """Whether no chat knows somebody, and so tells what they are called."""
    return not eyes.register.identities_of(person)


def person_fields(eyes: Eyes, of: str) -> list[Field]:
    """A name where no chat tells it; a telephone number, which no chat tells."""
    person, t = eyes.register.people[PersonId(of)], eyes.t
    name = Line(id="name", label=t("settings.field.person.name"), hint=t("settings.person.name.hint"), value=person.name,
                max_length=100)  # fmt: skip
    phone = Line(id="phone", label=t("settings.field.person.phone"), hint=t("settings.person.phone.hint"),
                 value=person.phone, required=False, max_length=100)  # fmt: skip
    return [*([name] if is_lone(eyes, person.id) else []), phone]


def person_intro(eyes: Eyes, of: str) -> list[Part]:
    person = eyes.register.people[PersonId(of)]
    named = person.name if person.email in ("", person.name) else f"{person.name}, {person.email}"
    return [Text(text=named, tone="strong")]


def channel_fields(eyes: Eyes, of: str) -> list[Field]:
    t = eyes.t
    if of == ALL:
        return [hour_line(eyes, "hour", None, "place")]
    place = eyes.register.places[of]
    options = (Option(id=NONE, label=t("settings.channel.language.office")), *_languages(eyes))
    return [
        Line(id="name", label=t("settings.field.place.name"), value=place.name, max_length=100),
        Choice(
            id="language",
            label=t("settings.field.place.language"),
            options=options,
            value=place.language or NONE,
        ),
        hour_line(eyes, "hour", place.hour, "place"),
    ]


def _languages(eyes: Eyes) -> tuple[Option, ...]:
    return tuple(Option(id=name, label=eyes.t(f"settings.language.{name}")) for name in LANGUAGES)


# -- the office -----------------------------------------------------------------------------------


def hour_line(eyes: Eyes, name: str, hour: time | None, kind: str = "office") -> Line:
    label = eyes.t(f"settings.field.{kind}.{name}")
    return Line(id=name, label=label, value=clock(eyes.t, hour) if hour else "", max_length=5,
                placeholder="" if hour else clock(eyes.t, time(8, 30)))  # fmt: skip


def hours_fields(eyes: Eyes, _of: str) -> list[Field]:
    return [hour_line(eyes, name, getattr(eyes.register.office, name)) for name in OPENS]


def messages_fields(eyes: Eyes, _of: str) -> list[Field]:
    return [hour_line(eyes, name, getattr(eyes.register.office, name)) for name in MESSAGES]


def days_fields(eyes: Eyes, _of: str) -> list[Field]:
    office, t = eyes.register.office, eyes.t
    options = tuple(Option(id=kind, label=t(f"settings.bridge.{kind}")) for kind in ("worked", "free"))
    value = {None: "", True: "free", False: "worked"}[office.bridge_days_free]
    closed = "\n".join(day.isoformat() for day in sorted(office.closed))
    return [
        Choice(id="bridge", label=t("settings.field.office.bridge_days_free"), options=options, value=value or "worked",
               hint=t("settings.bridge.hint")),
        Lines(id="closed", label=t("settings.field.office.closed"), hint=t("settings.closed.hint"), required=False,
              value=closed),
    ]  # fmt: skip


def seasons_fields(eyes: Eyes, _of: str) -> list[Field]:
    """Each season: when heads are asked who covers, and for which time."""
    return [_season_line(eyes, season, name) for season in eyes.register.office.seasons for name in SEASON]


def _season_line(eyes: Eyes, season: Season, name: str) -> Line:
    label = eyes.t(f"settings.season.{name}", season=capital(eyes.t(f"settings.season_of.{season.name}")))
    hint = eyes.t("settings.season.asked.hint" if name == "asked" else "settings.season.hint")
    return Line(id=f"{season.name}.{name}", label=label, value=getattr(season, name), hint=hint, max_length=5,
                required=name != "asked")  # fmt: skip


def steps_fields(eyes: Eyes, _of: str) -> list[Field]:
    found: list[Field] = [
        Line(id=step.name, label=eyes.t(f"settings.step.{step.name}"), value=str(steps.wait(eyes.pack, step.name)),
             hint=eyes.t(f"settings.unit_of.{step.unit}", least=step.least, most=step.most), max_length=3)
        for step in steps.free(eyes.pack)
    ]  # fmt: skip
    receipt = Line(id="receipt_minutes", label=eyes.t("settings.field.office.receipt_minutes"),
                   value=str(eyes.register.office.receipt_minutes), max_length=3,
                   hint=eyes.t("settings.unit_of.minutes"))  # fmt: skip
    unlooked = Line(id="unlooked_days", label=eyes.t("settings.field.office.unlooked_days"),
                    value=str(eyes.register.office.unlooked_days), max_length=2,
                    hint=eyes.t("settings.unit_of.days", least=UNLOOKED[0], most=UNLOOKED[1]))  # fmt: skip
    at_once = Toggle(id="head_at_once", label=eyes.t("settings.field.office.head_at_once"), required=False,
                     value=eyes.register.office.head_at_once)  # fmt: skip
    return [*found, unlooked, receipt, at_once]


def steps_intro(eyes: Eyes, _of: str) -> list[Part]:
    """What the guideline sets itself is shown with its section, and cannot be changed here."""
    fixed = steps.fixed(eyes.pack)
    if not fixed:
        return []
    first: list[Part] = [Text(text=eyes.t("settings.steps.fixed"), tone="quiet")]
    return [*first, *(eyes.parameter(step.name) for step in fixed)]


def hearers_fields(eyes: Eyes, _of: str) -> list[Field]:
    """Who hears at each rung that the guideline leaves to the office."""
    return [_hearers(eyes, rung) for rung in steps.open_rungs(eyes.pack)]


def _hearers(eyes: Eyes, rung: steps.Rung) -> Field:
    t = eyes.t
    chosen = steps.hears(eyes.pack, eyes.register.office.hearers, rung)
    found = tuple(Option(id=who, label=hearer(eyes, who)) for who in rung.may)
    label = t(f"settings.rung.{rung.name}")
    if rung.least:
        return Choices(id=rung.name, label=label, hint=t("settings.rung.at_least", office=eyes.office_name), options=found,
                       value=chosen)  # fmt: skip
    nobody = Option(id=NONE, label=hearer(eyes, "nobody"))
    hint = capital(t("settings.rung.never_nobody", office=eyes.office_name))
    return Choice(
        id=rung.name, label=label, hint=hint, options=(*found, nobody), value=next(iter(chosen), NONE)
    )


def hearer(eyes: Eyes, who: str) -> str:
    """Somebody who may hear, as a choice names them; `nobody` beside them."""
    return capital(eyes.t(f"settings.hearer.{who}", office=eyes.office_name))


def named(eyes: Eyes, hearers: Iterable[str]) -> str:
    """Who hears, in a sentence; without anybody: nobody else."""
    found = [hearer(eyes, who) for who in hearers] or [hearer(eyes, "nobody")]
    return words(eyes.t, [found[0], *(each[:1].lower() + each[1:] for each in found[1:])])


def hearers_intro(eyes: Eyes, _of: str) -> list[Part]:
    """Whom the guideline names itself is shown with its section, and cannot be left out here."""
    alarms = Text(text=eyes.t("settings.hearers.alarms"), tone="quiet")
    left = steps.open_rungs(eyes.pack)
    fixed = [_fixed(eyes, rung) for rung in steps.RUNGS if rung not in left]
    return [*([Text(text=eyes.t("settings.hearers.fixed"), tone="quiet")] if fixed else []), *fixed, alarms]


def _fixed(eyes: Eyes, rung: steps.Rung) -> Cite:
    who = named(eyes, steps.usual(eyes.pack, rung))
    section = eyes.pack.section_of(steps.written(eyes.pack, rung))
    rule = eyes.t("settings.hearers.rung", rung=eyes.t(f"settings.rung.{rung.name}"), who=who)
    return Cite(rule=rule, section=section.heading if section else "", default=False)


def names_fields(eyes: Eyes, _of: str) -> list[Field]:
    office, t = eyes.register.office, eyes.t
    return [
        Line(id="name", label=t("settings.field.office.name"), value=office.name, max_length=200),
        Choice(id="language", label=t("settings.field.office.language"), options=_languages(eyes), value=office.language),
        Line(id="zone", label=t("settings.field.office.zone"), value=office.zone, max_length=60,
             hint=t("settings.zone.hint")),
    ]  # fmt: skip


def guidelines_fields(eyes: Eyes, _of: str) -> list[Field]:
    options = tuple(
        Option(id=name, label=policy.load(name).title.of(eyes.t.language)) for name in policy.names()
    )
    return [Choice(id="policy", label=eyes.t("settings.field.office.policy"), options=options, value=eyes.pack.name,
                   hint=eyes.t("settings.guidelines.hint"))]  # fmt: skip


def contact_fields(eyes: Eyes, _of: str) -> list[Field]:
    office = eyes.register.office
    return [
        _line(eyes, "visitor_contact", office.visitor_contact, kind="office", hint="settings.contact.hint"),
        _line(eyes, "alarm_number", office.alarm_number, kind="office", hint="settings.alarm_number.hint"),
    ]


def links_fields(eyes: Eyes, _of: str) -> list[Field]:
    office = eyes.register.office
    return [
        Line(id=name, label=eyes.t(f"settings.field.office.{name}"), value=getattr(office, name), required=False,
             hint=eyes.t(f"settings.link.{name}.hint"), max_length=500)
        for name in LINKS
    ]  # fmt: skip


def changers_fields(eyes: Eyes, _of: str) -> list[Field]:
    changers = eyes.register.office.changers
    hint, label = (
        eyes.t("settings.changers.hint", office=eyes.office_name),
        eyes.t("settings.field.office.changers"),
    )
    field = PeopleField(id="changers", label=label, required=False, hint=hint, value=seen(eyes, changers))
    return [field, *unseen(eyes, changers)]


def retention_fields(eyes: Eyes, of: str) -> list[Field]:
    """One kind of row: for how long, on what ground, by which disposal decision (users.md U6)."""
    kind: Kept = of  # type: ignore[assignment]
    holds, t = kept(eyes.register.office.retention, kind), eyes.t
    ground = Lines(
        id="ground", label=t("settings.kept.ground"), value=holds.ground, required=False, max_length=1000
    )
    return [*disposal_fields(eyes, holds, t("settings.kept.time.hint")), ground]


def disposal_fields(eyes: Eyes, holds: Disposal, hint: str) -> list[Field]:
    """For how long, by which disposal decision, from when. `hint`: what is said of the time."""
    t = eyes.t
    return [
        Line(id="days", label=t("settings.kept.time"), value=str(holds.days), max_length=5, hint=hint),
        Line(id="number", label=t("settings.kept.number"), value=holds.number, required=False, max_length=100,
             hint=t("settings.kept.number.hint")),
        Date(id="decided_on", label=t("settings.kept.decided_on"), value=holds.decided_on, required=False),
    ]  # fmt: skip


def retention_intro(eyes: Eyes, of: str) -> list[Part]:
    return [Text(text=eyes.t(f"settings.kept.{of}"), tone="strong")]


def named_intro(eyes: Eyes, of: str) -> list[Part]:
    """Which role, unit or channel it is about."""
    if of in ROLES:
        return [Text(text=capital(eyes.role(of)), tone="strong")]
    place, unit = eyes.register.places.get(of), eyes.register.units.get(of)
    named = place.called if place else unit.name if unit else ""
    if not named:
        named = eyes.t("settings.channel.all" if of == ALL else "settings.unit.new")
    return [Text(text=named, tone="strong")]


def _line(eyes: Eyes, name: str, value: str = "", *, kind: str = "role", hint: str = "") -> Line:
    return Line(id=name, label=eyes.t(f"settings.field.{kind}.{name}"), value=value, required=False,
                hint=eyes.t(hint) if hint else "", max_length=200)  # fmt: skip


FIELDS: Mapping[str, Callable[[Eyes, str], list[Field]]] = {
    "role": role_fields,
    "unit": unit_fields,
    "person": person_fields,
    "channel": channel_fields,
    "hours": hours_fields,
    "messages": messages_fields,
    "days": days_fields,
    "seasons": seasons_fields,
    "steps": steps_fields,
    "hearers": hearers_fields,
    "names": names_fields,
    "guidelines": guidelines_fields,
    "contact": contact_fields,
    "links": links_fields,
    "changers": changers_fields,
    "retention": retention_fields,
}
INTROS: Mapping[str, Callable[[Eyes, str], Sequence[Part]]] = {
    "steps": steps_intro,
    "hearers": hearers_intro,
    "retention": retention_intro,
    "role": named_intro,
    "unit": named_intro,
    "person": person_intro,
    "channel": named_intro,
}
