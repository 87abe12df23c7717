"""What goes to the registrar: the queue, the day's bundle, the form for numbers, and the cover sheet (users.md U8).

What a decision holds is read with care: each kind writes its own, and personal values may have been purged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.cases.filing import Filing
from bot.ports import Decision
from bot.screens.base import Eyes, heard, words
from bot.texts import capital
from bot.view import (
    Button,
    Card,
    Choices,
    Cite,
    Divider,
    Facts,
    Form,
    Item,
    Items,
    Line,
    Mention,
    Option,
    Part,
    People,
    Quote,
    Text,
)

PAGE = 10
"""As many at a time as both Slack and Teams show as boxes to tick, and as can be read."""
NUMBER = 60
POSTS = 20
"""A cover sheet lists at most so many posts; the decision's story has them all."""
QUOTED = ("words", "reason", "review_reason", "kept_reason", "why")
"""Personal values that are somebody's own words."""
NAMED = (
    "decided_by",
    "decided_for",
    "presented_by",
    "took_part",
    "had_access",
    "sender",
    "which",
    "place",
    "checksum",
    "snapshot",
)
ANSWERS: Mapping[str, str] = {
    "capture.place": "place",
    "capture.checksum": "checksum",
    "capture.sender": "sender",
    "breach.which": "which",
    "house-rule.reason": "reason",
    "archive-only.reason": "kept_reason",
}
"""What a moderation's answers are called on its cover sheet."""
POST = "post"


@dataclass(frozen=True, kw_only=True)
class Filed:
    """What waits, or has waited, for a number, and the decision that it is about.

    `why_none`: why it needs no number, until that is purged.
    """

    filing: Filing
    decision: Decision
    why_none: str = ""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A page of what waits, oldest first. `total`: all that waits; `left`: what comes after this page."""

    shown: Sequence[Filed]
    total: int
    left: int


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """One working day's message. `waits`: how many of those listed have no number yet; `earlier`: what waits besides.

    `instead`: communications hears it, for nobody is registrar. `alerts`: whom a post has to mention to reach anybody.
    """

    shown: Sequence[Filed]
    waits: int
    earlier: int = 0
    instead: bool = False
    alerts: tuple[Mention, ...] = ()


# -- one thing --------------------------------------------------------------------------------------


def thing(eyes: Eyes, filed: Filed) -> str:
    """`Nr 12: åtgärd för tre inlägg, @biologi_uni (Instagram)`."""
    filing = filed.filing
    what = eyes.t.many(f"filing.what.{filing.what}", filing.posts)
    return eyes.t("filing.thing", number=filing.decision, what=what, account=accounts(eyes, filed))


def accounts(eyes: Eyes, filed: Filed) -> str:
    """The accounts that it is about, as they are called now, else as they were called then."""
    body = filed.decision.body
    idents = _texts(body.get("accounts")) or _texts(filed.filing.account)
    named = [eyes.called(ident) for ident in idents]
    then = _texts(body.get("names")) or _texts(body.get("account_name"))
    return words(eyes.t, named) or words(eyes.t, then) or eyes.t("account.none")


def line(eyes: Eyes, filed: Filed) -> Item:
    """What it is, when it was decided, on what grounds, and since when it waits or what it was given."""
    filing = filed.filing
    label = eyes.t("filing.do.show")
    button = Button(verb="filing.show", arg=filing.id, label=label,
                    heard=heard(eyes.t, label, eyes.t("filing.number", n=filing.decision)))  # fmt: skip
    posted = _date(eyes, filed.decision.body.get("posted"))
    said = (_day(eyes, filed), capital(_grounds(eyes, filed)),
            capital(eyes.t("moderation.posted", at=posted)) if posted else "", standing(eyes, filed))  # fmt: skip
    note = ". ".join(filter(None, said))
    return Item(text=thing(eyes, filed), note=note, state="open" if filing.is_open else "done", button=button)


def standing(eyes: Eyes, filed: Filed) -> str:
    """Since when it waits, its number and who entered it, or that it needs none, and why."""
    filing = filed.filing
    who = eyes.name(filing.entered_by)
    if filing.is_open:
        return eyes.t("filing.waits", at=eyes.moment(filing.opened_at))
    if filing.number:
        return eyes.t("filing.numbered", number=filing.number, who=who)
    key = "filing.none" if filed.why_none else "filing.none.plain"
    return eyes.t(key, why=filed.why_none, who=who)


def _day(eyes: Eyes, filed: Filed) -> str:
    return _date(eyes, filed.decision.body.get("day")) or eyes.t.short_date(
        eyes.t.local(filed.decision.at).date()
    )


def _date(eyes: Eyes, value: object) -> str:
    try:
        return eyes.t.short_date(date.fromisoformat(str(value or "")))
    except ValueError:
        return ""


def _grounds(eyes: Eyes, filed: Filed) -> str:
    """The categories by name, as today's guidelines call them."""
    return words(eyes.t, [_ground(eyes, ident) for ident in _texts(filed.decision.body.get("categories"))])


def _ground(eyes: Eyes, ident: str) -> str:
    checklist = eyes.pack.checklists.get("moderate")
    options = (o for s in checklist.steps for f in s.fields for o in f.options) if checklist else ()
    return next((o.label.of(eyes.t.language) for o in options if o.ground and o.id == ident), ident)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(str(v) for v in value) if isinstance(value, list | tuple) else ()


def _why_filed(eyes: Eyes, filings: Iterable[Filed]) -> tuple[Cite, ...]:
    """Where the guidelines say that such a thing goes to the registrar, each place once."""
    names = ("closure.notify" if f.filing.what == "closure" else "registry.when" for f in filings)
    return tuple(eyes.parameter(name) for name in dict.fromkeys(names))


# -- the queue, and the day's bundle ------------------------------------------------------------------


def queue(eyes: Eyes, found: Queue) -> Card:
    """Oldest first, ten at a time."""
    if not found.shown:
        key = "filing.no_more" if found.total else "filing.nothing"
        back = (_look(eyes, "queue"),) if found.total else ()
        return Card(title=eyes.t(key), buttons=back)
    parts: list[Part] = [Items(items=tuple(line(eyes, f) for f in found.shown))]
    if found.left:
        parts.append(Text(text=eyes.t.many("filing.after", found.left), tone="quiet"))
    parts += _why_filed(eyes, found.shown)
    last = str(found.shown[-1].filing.decision)
    more = (_look(eyes, "next", last),) if found.left else ()
    return Card(title=eyes.t.many("filing.title", found.total), parts=tuple(parts),
                buttons=(_enter(eyes, found.shown), *more))  # fmt: skip


def _enter(eyes: Eyes, shown: Sequence[Filed]) -> Button:
    """One number for all that is shown and still waits."""
    waiting = [f.filing for f in shown if f.filing.is_open]
    first, last = (eyes.t("filing.number", n=waiting[at].decision) for at in (0, -1))
    of = first if first == last else eyes.t("filing.from_to", first=first, last=last)
    label = eyes.t("filing.do.number")
    return Button(verb="filing.number", arg=",".join(f.id for f in waiting), label=label,
                  heard=heard(eyes.t, label, of), style="primary")  # fmt: skip


def _look(eyes: Eyes, label: str, after: str = "") -> Button:
    """To the queue, from its beginning or after what was seen."""
    text = eyes.t(f"filing.do.{label}")
    return Button(verb="filing.queue", arg=after, label=text, heard=text)


def bundle(eyes: Eyes, found: Bundle) -> Card:
    """What has come; it follows what is numbered meanwhile, and alerts nobody once that is all."""
    parts: list[Part] = []
    if found.waits and found.alerts:
        parts.append(People(people=found.alerts, text=eyes.t("filing.bundle.alert")))
    if found.waits and found.instead:
        text = eyes.t("filing.bundle.instead", registrar=eyes.role("registrar"), office=eyes.office_name)
        parts.append(Text(text=text))
    parts.append(Items(items=tuple(line(eyes, f) for f in found.shown)))
    besides = found.earlier + found.waits - sum(f.filing.is_open for f in found.shown)
    if besides:
        parts.append(Text(text=eyes.t.many("filing.besides", besides), tone="quiet"))
    parts += _why_filed(eyes, found.shown)
    title = eyes.t.many("filing.title", found.waits) if found.waits else eyes.t("filing.bundle.done")
    enter = (_enter(eyes, found.shown),) if found.waits else ()
    everything = (_look(eyes, "queue"),) if besides else ()
    return Card(title=title, parts=tuple(parts), buttons=(*enter, *everything))


def letter(eyes: Eyes, found: Bundle) -> Card:
    """The bundle for a mailbox: first the list, then each thing's cover sheet, whole."""
    card = bundle(eyes, found)
    parts = list(card.parts)
    for filed in found.shown:
        sheet = cover(eyes, filed)
        parts += [Divider(), Text(text=sheet.title, tone="strong"), *sheet.parts]
    return replace(card, parts=tuple(parts))


# -- a number -----------------------------------------------------------------------------------------


def number_form(eyes: Eyes, found: Sequence[Filed], *, on_behalf: bool) -> Form:
    """Which of them, all ticked; the number that they share, or why none is needed."""
    t = eyes.t
    options = tuple(Option(id=f.filing.id, label=thing(eyes, f)) for f in found)
    fields = (
        Choices(id="items", label=t("filing.ask.items"), options=options, value=tuple(o.id for o in options)),
        Line(id="number", label=t("filing.ask.number"), hint=t("filing.ask.number.hint"), required=False,
             max_length=NUMBER),
        Line(id="why", label=t("filing.ask.why"), hint=t("filing.ask.why.hint"), required=False),
    )  # fmt: skip
    said = Text(text=t("filing.ask.on_behalf", registrar=eyes.role("registrar")), tone="quiet")
    listed = (Items(items=tuple(replace(line(eyes, f), button=None) for f in found)),) if found[1:] else ()
    return Form(id="filing.number", title=t("filing.ask.title"), fields=fields, submit=t("form.save"),
                intro=(*listed, *((said,) if on_behalf else ())))  # fmt: skip


def noted(eyes: Eyes, given: Sequence[Filed], before: Sequence[Filed], left: int) -> Card:
    """What was saved; of what somebody else had entered first, what and who; and what still waits."""
    parts: list[Part] = []
    if before:
        lines = tuple(Item(text=thing(eyes, f), note=standing(eyes, f), state="done") for f in before)
        said = (Text(text=eyes.t.many("filing.first", len(before))),) if given else ()
        parts += [*said, Items(items=lines)]
    if left:
        parts.append(Text(text=eyes.t.many("filing.left", left), tone="quiet"))
    return Card(
        title=_saved(eyes, given), parts=tuple(parts), buttons=(_look(eyes, "queue"),) if left else ()
    )


def _saved(eyes: Eyes, given: Sequence[Filed]) -> str:
    if not given:
        return eyes.t("filing.already")
    filing = given[0].filing
    key = "filing.noted.number" if filing.number else "filing.noted.none"
    return eyes.t.many(key, len(given), number=filing.number)


# -- the cover sheet ----------------------------------------------------------------------------------


def cover(eyes: Eyes, filed: Filed) -> Card:
    """What, where, when, the posts, where the captures lie (C-12), and the words that have not been purged."""
    parts: list[Part] = [Facts(rows=tuple(_rows(eyes, filed))), *_posts(eyes, filed)]
    for kind in QUOTED:
        for value in (v for name, v in filed.decision.personal.items() if v and _kind(name) == kind):
            parts += [Text(text=eyes.t(f"filing.value.{kind}"), tone="strong"), Quote(text=value)]
    parts += _why_filed(eyes, [filed])
    buttons = (*((_enter(eyes, [filed]),) if filed.filing.is_open else ()), _story(eyes, filed))
    return Card(title=thing(eyes, filed), parts=tuple(parts), buttons=buttons)


def _story(eyes: Eyes, filed: Filed) -> Button:
    """The decision with all that led to it."""
    label = eyes.t("filing.do.story")
    return Button(verb="decision.open", arg=str(filed.filing.decision), label=label,
                  heard=heard(eyes.t, label, thing(eyes, filed)))  # fmt: skip


def _rows(eyes: Eyes, filed: Filed) -> list[tuple[str, str]]:
    t, body = eyes.t, filed.decision.body
    rows = [
        ("day", _day(eyes, filed)),
        ("account", accounts(eyes, filed)),
        ("platform", _platform(eyes, str(body.get("platform") or ""))),
        ("address", _address(eyes, filed)),
        ("unit", _unit(eyes, filed)),
        ("posted", _date(eyes, body.get("posted"))),
        ("grounds", capital(_grounds(eyes, filed))),
        *((name, _said(eyes, name, body.get(name))) for name in ("captured", "taken_off", "answer")),
        ("pack", " ".join(str(body[name]) for name in ("pack", "version") if name in body)),
        ("standing", standing(eyes, filed)),
    ]  # fmt: skip
    return [(t(f"filing.fact.{name}"), value) for name, value in rows if value] + _values(eyes, filed)


def _said(eyes: Eyes, name: str, value: object) -> str:
    """A word of the decision's own closed list, in the reader's language; "" for what it does not say."""
    word = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    key = f"filing.{name}.{word}"
    return eyes.t(key) if isinstance(word, str) and eyes.t.has(key) else ""


def _platform(eyes: Eyes, name: str) -> str:
    return eyes.t(f"platform.{name}") if eyes.t.has(f"platform.{name}") else name


def _address(eyes: Eyes, filed: Filed) -> str:
    account = eyes.register.accounts.get(filed.filing.account or "")
    return account.address if account else ""


def _unit(eyes: Eyes, filed: Filed) -> str:
    account = eyes.register.accounts.get(filed.filing.account or "")
    unit = eyes.register.units.get(account.unit) if account else None
    return str(filed.decision.body.get("unit_name") or "") or (unit.name if unit else "")


def _values(eyes: Eyes, filed: Filed) -> list[tuple[str, str]]:
    """The personal values that have not been purged, those of one kind together; what has no name here comes last."""
    found: dict[str, list[str]] = {name: [] for name in (*NAMED, "more")}
    for name, value in sorted(filed.decision.personal.items()):
        kind = _kind(name)
        if value and kind not in (*QUOTED, POST):
            found[kind if kind in NAMED else "more"].append(value)
    return [(eyes.t(f"filing.value.{name}"), ", ".join(held)) for name, held in found.items() if held]


def _kind(name: str) -> str:
    return ANSWERS.get(name, name.partition(".")[0])


def _posts(eyes: Eyes, filed: Filed) -> list[Part]:
    """Each by its address, or in words where it had none."""
    posts = [v for name, v in sorted(filed.decision.personal.items()) if name.partition(".")[0] == POST]
    if not posts:
        return []
    left = len(posts) - POSTS
    more = [Text(text=eyes.t.many("filing.posts.more", left), tone="quiet")] if left > 0 else []
    items = Items(items=tuple(Item(text=post) for post in posts[:POSTS]))
    return [Text(text=eyes.t("filing.posts"), tone="strong"), items, *more]
