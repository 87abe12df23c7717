"""What waits for me, Home, help, and the collected messages of heads and communications."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from bot.commands import COMMANDS
from bot.model import PersonId, Place
from bot.screens import pilot
from bot.screens.base import HEARD, Eyes, heard, whole, words
from bot.screens.letters import answers
from bot.screens.welcome import about, kept_button, practice_button
from bot.texts import Texts, capital
from bot.view import Button, Card, Divider, Form, Item, Items, Part, Text

SHOWN = 10
REST = (
    ("accounts", "account.list"),
    ("ahead", "preview.open"),
    ("practice", "practice.start"),
    ("kept", "kept"),
    ("help", "help"),
    ("other", "home.more"),
)
"""What stands below what waits, each with a line on what it is for."""
MORE = (
    ("moderate", "moderation.start", "sm-moderate"),
    ("close", "close.start", "sm-close-account"),
    ("decisions", "decision.list", "sm-decisions"),
)
"""What else can be begun from Home, with the command that does the same."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One thing that waits: what, until when in words, the moment it sorts by, and the press that opens it."""

    text: str
    note: str
    at: datetime
    late: bool = False
    verb: str = ""
    arg: str = ""
    decide: bool = False  # it waits for the reader's own decision
    told: str = ""  # what tells it from another with the same text, for ears


def waiting(eyes: Eyes, found: Sequence[Waiting], rounds: int) -> Card:
    """Most urgent first; one `all clear` for everything of mine in all channels."""
    title = eyes.t.many("today.title", len(found)) if found else eyes.t("today.nothing")
    return Card(title=title, parts=_items(eyes, found), buttons=_clear(eyes, rounds))


def _clear(eyes: Eyes, rounds: int) -> tuple[Button, ...]:
    if not rounds:
        return ()
    label = eyes.t.many("today.do.clear", rounds)
    return (Button(verb="round.clear_mine", label=label, heard=label, style="primary"),)


def _items(eyes: Eyes, found: Sequence[Waiting]) -> tuple[Part, ...]:
    """In their order; what waits for the reader's decision is one list with a heading of its own (users.md U9)."""
    parts: list[Part] = []
    for decide, several in groupby(found, key=lambda w: w.decide):
        items = tuple(_item(eyes, w) for w in several)
        if decide:
            parts.append(Text(text=eyes.t.many("today.decide", len(items)), tone="strong"))
        elif parts:
            parts.append(Text(text=eyes.t("today.rest"), tone="strong"))
        parts.append(Items(items=items))
    return tuple(parts)


def _item(eyes: Eyes, w: Waiting) -> Item:
    label = eyes.t("today.do.open")
    said = heard(eyes.t, label, w.text, w.told)[:HEARD]
    button = Button(verb=w.verb, arg=w.arg, label=label, heard=said) if w.verb else None
    return Item(text=w.text, note=w.note, state="late" if w.late else "open", button=button)


def home(
    eyes: Eyes,
    found: Sequence[Waiting],
    rounds: int,
    *,
    office: bool,
    heads: bool = False,
    lost: Sequence[PersonId] = (),
    gone: Sequence[Place] = (),
    mailed: Collection[PersonId] = (),
) -> Card:
    """Four buttons above what waits for me; the other ways in and the language below (users.md U11).

    `heads`: the reader answers for accounts, all of which are a press away.

    For communications also whom and where the bot cannot reach, before anything waits there; `mailed`: who of them gets
    mail until then (U12).
    """
    verbs = (
        ("question.open", "question"),
        ("alarm.open", "alarm"),
        ("run.start", "new"),
        ("away.open", "away"),
    )
    buttons = tuple(_home_button(eyes, verb, name) for verb, name in verbs)
    parts: list[Part] = []
    title = eyes.t.many("today.title", len(found)) if found else eyes.t("today.nothing")
    parts.append(Text(text=title, tone="strong"))
    parts += _items(eyes, found)
    ways = [("mine", "yearly.page"), *REST] if heads else REST
    more = [Item(text=eyes.t("home.clear"), button=button) for button in _clear(eyes, rounds)]
    more += [Item(text=eyes.t(f"home.{name}"), button=_home_button(eyes, verb, name)) for name, verb in ways]
    other = "en" if eyes.t.language == "sv" else "sv"
    label = eyes.t(f"home.language.{other}")
    language = Button(verb="language", arg=other, label=label, heard=label)
    if office:
        more.append(Item(text=eyes.t("home.left"), button=_home_button(eyes, "left.open", "left")))
    more.append(Item(text=eyes.t("home.language"), button=language))
    parts += [Divider(), Items(items=tuple(more))]
    if office:
        trial = pilot.line(eyes, eyes.register.silent_accounts)
        parts += [Items(items=(trial,))] if trial else []
        parts += [*_out_of_reach(eyes, lost, gone, mailed), Text(text=eyes.t("home.office"), tone="quiet")]
    return Card(title=eyes.t("home.title"), parts=tuple(parts), buttons=buttons, begins=True)


def more(eyes: Eyes, *, office: bool) -> Card:
    """Everything that has no button in Home, with what it is for."""
    items = tuple(
        Item(text=eyes.t(f"command.{command}.help"), button=_home_button(eyes, verb, name))
        for name, verb, command in MORE
    )
    trial = (
        (Item(text=eyes.t("home.pilot"), button=_home_button(eyes, "pilot.open", "pilot")),) if office else ()
    )
    return Card(title=eyes.t("home.more.title"), parts=(Items(items=(*items, *trial)),))


def _out_of_reach(
    eyes: Eyes, lost: Sequence[PersonId], gone: Sequence[Place], mailed: Collection[PersonId]
) -> list[Part]:
    if not lost and not gone:
        return []
    items = [Item(text=place.called, note=eyes.t("home.gone"), state="late") for place in gone[:SHOWN]]
    items += [_lost(eyes, person, by_mail=person in mailed) for person in lost[:SHOWN]]
    left = len(lost) + len(gone) - len(items)
    more = [Text(text=eyes.t("home.more", n=left), tone="quiet")] if left else []
    return [Text(text=eyes.t("home.out_of_reach"), tone="strong"), Items(items=tuple(items)), *more]


def _lost(eyes: Eyes, person: PersonId, *, by_mail: bool) -> Item:
    note = eyes.t("home.mailed" if by_mail else "home.lost")
    return Item(text=eyes.name(person), note=note, state="open" if by_mail else "late")


def _home_button(eyes: Eyes, verb: str, name: str) -> Button:
    label = eyes.t(f"home.do.{name}")
    return Button(
        verb=verb, label=label, heard=label.removesuffix(" …"), style="danger" if name == "alarm" else "plain"
    )


def help_card(eyes: Eyes, *, staff: bool = True) -> Card:
    """Every command with what it does, whose rules hold, and what is not seen. `staff`: who may also press something."""
    alias = eyes.t.language == "sv"
    items = tuple(
        Item(text=f"{eyes.t.slash}{c.alias if alias else c.name}", note=eyes.t(f"command.{c.name}.help"))
        for c in COMMANDS
    )
    pack = eyes.pack
    rules = whole(eyes, eyes.t("help.rules", pack=pack.title.of(eyes.t.language), version=pack.version))
    how = () if eyes.t.slash else (Text(text=eyes.t("help.typed")),)
    parts = (
        *how,
        Items(items=items),
        Text(text=_whom_to_ask(eyes)),
        Text(text=eyes.t("help.sees")),
        Text(text=eyes.t("help.keeps")),
        *(about(eyes) or (Text(text=eyes.t("help.about", office=eyes.office_name), tone="quiet"),)),
        rules,
    )
    return Card(title=eyes.t("help.title"), parts=parts,
                buttons=(practice_button(eyes), kept_button(eyes)) if staff else ())  # fmt: skip


def _whom_to_ask(eyes: Eyes) -> str:
    """Communications by their channel, else by name; the administrators for what does not work."""
    place = eyes.register.places.get(eyes.register.role_places.get("communications", ""))
    names = [eyes.name(p) for p in eyes.register.own("communications")[:ASKED]]
    where = f"#{place.name}" if place else words(eyes.t, names)
    office = eyes.t("help.ask.office", office=capital(eyes.office_name), where=where) if where else ""
    technical = words(eyes.t, [eyes.name(p) for p in eyes.register.own("administrators")[:ASKED]])
    trouble = eyes.t("help.ask.trouble", names=technical) if technical else ""
    return " ".join(filter(None, (eyes.t("help.ask"), office, trouble)))


def one(eyes: Eyes, card: Card) -> Form:
    """A card shown on its own, from a list."""
    return Form(id="show", title=eyes.t("today.show"), intro=(Text(text=card.title, tone="strong"), *card.parts),
                writes=False)  # fmt: skip


def heads(eyes: Eyes, lines: Sequence[Item], *, own: bool) -> Card:
    """The one collected message of a day. `own`: all of it is about accounts that the reader is head of."""
    title = eyes.t.many("heads.title" if own else "heads.title.waits", len(lines))
    return Card(title=title, parts=(Items(items=tuple(lines)),))


def with_matters(eyes: Eyes, card: Card, matters: Sequence[Card]) -> Card:
    """The collected message with each matter as a whole, for whoever can open nothing.

    Where they are not all answered alike each says what can be answered to it.
    """
    parts: list[Part] = []
    said = [answers(eyes, matter.buttons) for matter in matters]
    alike = all(each == said[0] for each in said) and not card.buttons
    for matter, labels in zip(matters, said, strict=True):
        can = [] if alike or not labels else [Text(text=eyes.t("mail.here", labels=words(eyes.t, labels)))]
        parts += [Divider(), Text(text=matter.title, tone="strong"), *matter.parts, *can]
    buttons = (*card.buttons, *(button for matter in matters for button in matter.buttons))
    return replace(card, parts=(*card.parts, *parts), buttons=buttons)


ASKED = 3
NAMED = 5
"""The digest names at most so many accounts of a kind; the rest are counted."""


WHY_FREE = ("decided", "never", "away")
"""Why nobody watched on a free day: the head's decision, no head has answered, those who were agreed on were away."""


@dataclass(frozen=True, kw_only=True)
class Digest:
    """Communications' working day: what was looked through, what waits, what has nobody."""

    asked: int
    unanswered: Sequence[str]
    nobody: Sequence[str]
    overdue: Sequence[Item]
    waiting: int
    alarms: int
    gaps: Sequence[str]
    requests: int = 0
    standing: Sequence[Item] = ()  # what breaks a rule and has not been taken off
    moderations: int = 0
    closures: int = 0
    pages: Sequence[Item] = ()  # what heads answered to their yearly page, and who has not
    free: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # without a watch on the last free days, by `WHY_FREE`
    watches: Sequence[Item] = ()  # what heads handed over, took back, or gave to the rota on free days
    lacking: Sequence[str] = ()  # what the two-people guard found today


def digest(eyes: Eyes, facts: Digest) -> Card:
    """One line when all is well."""
    t = eyes.t
    rows = [
        t.many("digest.unanswered", len(facts.unanswered), accounts=_named(t, facts.unanswered)) if facts.unanswered else "",
        t.many("digest.nobody", len(facts.nobody), accounts=_named(t, facts.nobody)) if facts.nobody else "",
        *(_counted(t, f"digest.free.{why}", facts.free.get(why, ())) for why in WHY_FREE),
        t.many("digest.alarms", facts.alarms) if facts.alarms else "",
        t.many("digest.requests", facts.requests) if facts.requests else "",
        t.many("digest.moderations", facts.moderations) if facts.moderations else "",
        t.many("digest.closures", facts.closures) if facts.closures else "",
    ]  # fmt: skip
    lines = [*facts.standing, *(Item(text=row) for row in rows if row), *facts.watches, *facts.pages]
    lines += _lacking(t, facts.lacking)
    if facts.gaps:
        lines.append(_gaps(t, facts.gaps))
    if trial := pilot.line(eyes, eyes.register.silent_accounts):
        lines.append(trial)
    quiet = not lines and not facts.overdue
    well = t.many("digest.well", facts.waiting) if facts.waiting else t("digest.all_well")
    stands = t.many("digest.title", facts.asked) if facts.asked else t("digest.title.nothing_asked")
    title = well if quiet else stands
    parts: list[Part] = [Items(items=tuple(lines))] if lines else []
    if facts.overdue:
        parts += [Text(text=t("digest.overdue"), tone="strong"), Items(items=tuple(facts.overdue))]
    return Card(title=title, parts=tuple(parts))


def _counted(t: Texts, key: str, accounts: Sequence[str]) -> str:
    return t.many(key, len(accounts), accounts=_named(t, accounts)) if accounts else ""


def _named(t: Texts, accounts: Sequence[str]) -> str:
    """A handful by name, the rest counted."""
    shown, left = ", ".join(accounts[:NAMED]), len(accounts) - NAMED
    return t.many("digest.more", left, accounts=shown) if left > 0 else shown


def _lacking(t: Texts, sentences: Sequence[str]) -> list[Item]:
    """A handful in words, the rest counted with a way to the list."""
    lines = [Item(text=sentence) for sentence in sentences[:NAMED]]
    if left := len(sentences) - NAMED if len(sentences) > NAMED else 0:
        label = t("digest.do.gaps")
        button = Button(verb="account.gaps", label=label, heard=label)
        lines.append(Item(text=t.many("digest.lacking", left), button=button))
    return lines


def _gaps(t: Texts, accounts: Sequence[str]) -> Item:
    """Which accounts lack something in the register, with a way to the list of them."""
    text, label = t.many("digest.gaps", len(accounts), accounts=_named(t, accounts)), t("digest.do.gaps")
    return Item(text=text, button=Button(verb="account.gaps", label=label, heard=label))
