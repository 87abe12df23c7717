"""One decision with its story, in order: what led to it, what was decided, what came later, the rules as they stood."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from bot import checklists, decided
from bot.cases.filing import Filing
from bot.model import Entry, PersonId
from bot.ports import Decision
from bot.screens.base import Eyes, account_name, heard, words
from bot.screens.quoting import apart
from bot.texts import capital
from bot.view import (
    Button,
    Card,
    Cite,
    Divider,
    Facts,
    Form,
    Item,
    Items,
    Part,
    Quote,
    Text,
)

ON_CARD = 12
"""Lines of the log on a card; the page that holds everything has them all."""
LINKED = 10


@dataclass(frozen=True, kw_only=True)
class Story:
    """A decision with the log of its case, the decisions that it names (`of`), those that name it later, and its filing.

    All of it as whoever reads may see it; `of` and `later` hold only what they may open.
    """

    made: Decision
    log: tuple[Entry, ...] = ()
    of: tuple[Decision, ...] = ()
    later: tuple[Decision, ...] = ()
    filing: Filing | None = None


# -- one decision ---------------------------------------------------------------------------------


def opened(eyes: Eyes, story: Story, *, correct: bool) -> Card:
    """What led to it, what was decided, what came later. `correct`: whoever reads may correct it."""
    made = story.made
    arg = str(made.number)
    buttons = [button(eyes, "read", arg, title(eyes, made)), button(eyes, "search", "")]
    buttons.insert(1, button(eyes, "print", arg, title(eyes, made)))
    if correct:
        buttons.insert(2, button(eyes, "correct", arg, title(eyes, made)))
    parts = (
        *_before(eyes, story, ON_CARD),
        *itself(eyes, story, _together),
        *after(eyes, story, linked=True),
    )
    return Card(title=title(eyes, made), parts=parts, buttons=tuple(buttons))


def whole(eyes: Eyes, story: Story) -> Form:
    """All of it on one page, with the rules as they stood that day."""
    parts = (*_before(eyes, story), *itself(eyes, story, apart), *after(eyes, story, linked=False),
             *_rules(eyes, story.made))  # fmt: skip
    return Form(id="show", title=title(eyes, story.made), intro=parts, writes=False)


def title(eyes: Eyes, made: Decision) -> str:
    """Approvals and closures are decisions, and are called so; what is done with a post is not."""
    first = made.kind.partition(".")[0]
    known = eyes.t.has(f"decision.title.{first}")
    return eyes.t(f"decision.title.{first}" if known else "decision.title.other", n=made.number)


def about(eyes: Eyes, made: Decision) -> str:
    """The accounts that it is about, as they are called now; else what the account was to be called."""
    known = eyes.register.accounts
    found = [account_name(eyes.t, known[a]) for a in decided.accounts(made.body) if a in known]
    return words(eyes.t, found) or decided.words(made.body, "account_name")


# -- what led to it -------------------------------------------------------------------------------


def _before(eyes: Eyes, story: Story, most: int | None = None) -> list[Part]:
    lines = list(_log(eyes, story.made, (e for e in story.log if _until(e, story.made.at))))
    if not lines:
        return []
    cut = most is not None and len(lines) > most
    parts: list[Part] = [Text(text=eyes.t("decision.before"), tone="strong")]
    if cut:
        parts.append(Text(text=eyes.t("decision.before.cut"), tone="quiet"))
    return [*parts, Facts(rows=tuple(lines[-most:] if cut and most else lines)), Divider()]


def _until(entry: Entry, at: datetime) -> bool:
    return entry.at is None or entry.at <= at


def _log(eyes: Eyes, made: Decision, entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """When, and what by whom; what somebody did several times on end in one day is one line."""
    for (day, _, what), same in groupby(entries, key=lambda e: (_day_of(eyes, e.at), e.by, e.what)):
        yield day, _entry(eyes, made, next(same), what)


def _entry(eyes: Eyes, made: Decision, entry: Entry, what: str) -> str:
    said = eyes.t(_logged(eyes, made, what), who=_who(eyes, made, entry.by))
    twice = what == "run.rejected"  # the reason stands with the decision, from which it can be purged
    return (
        said
        if twice or not entry.data.get("why")
        else eyes.t("decision.log.why", said=said, why=entry.data["why"])
    )


def _logged(eyes: Eyes, made: Decision, what: str) -> str:
    """A closure is decided, an account is approved: where the words differ, a closure has its own."""
    own = ("closed.",) if made.kind in decided.CLOSURES else ()
    keys = (f"decision.log.{first}{what}" for first in (*own, ""))
    return next(filter(eyes.t.has, keys), "decision.log.other")


def _who(eyes: Eyes, made: Decision, by: PersonId | None) -> str:
    """A name only as the decision still holds it; else as what they acted, as far as that is known."""
    if by is None:
        return eyes.t("decision.by.bot")
    taker = "decided_by" if "decided_by" in made.names else "entered_by"
    took = {made.presented_by: "presented_by", made.decided_by: taker}.get(by)
    if took in made.names:
        return made.personal.get(str(took), eyes.t("approval.decision.gone"))
    if eyes.register.name(by) in made.personal.values():
        return eyes.register.name(by)
    return _role_of(eyes, made, by)


def _role_of(eyes: Eyes, made: Decision, by: PersonId) -> str:
    known = [a for a in map(eyes.register.accounts.get, decided.accounts(made.body)) if a]
    if any(by in account.people for account in known):
        return eyes.t("decision.by.people")
    if any(by == eyes.register.head_of(account) for account in known):
        return eyes.t("decision.by.head")
    return eyes.office_name if eyes.register.has_role(by, "communications") else eyes.t("decision.by.other")


# -- the decision itself --------------------------------------------------------------------------

FACTS = ("decided_by", "decided_for", "entered_by", "presented_by", "took_part", "reference")
Written = Callable[[Sequence[str]], list[Quote]]


def itself(eyes: Eyes, story: Story, written: Written) -> list[Part]:
    made = story.made
    rows = [("day", _day_of(eyes, made.at)), ("content", _content(eyes, story))]
    rows += [(name, _decider(eyes, made, name)) for name in ("decided_by", "entered_by")]
    rows += [("given", _given(eyes, made)), ("presented_by", _held(eyes, made, "presented_by")),
             ("took_part", _took_part(eyes, made)), ("categories", _categories(eyes, made)), ("reason", _reason(eyes, made)),
             ("posts", str(made.body.get("posts") or "")), ("sections", "; ".join(_headings(eyes, made))),
             ("pack", _pack(eyes, made.body))]  # fmt: skip
    facts = [(_fact(eyes, made, key), value) for key, value in rows if value]
    return [Text(text=eyes.t("decision.itself"), tone="strong"),
            Facts(rows=(*facts, *_unknown(eyes, made))), *_own_words(eyes, made, written)]  # fmt: skip


def _fact(eyes: Eyes, made: Decision, key: str) -> str:
    """Only what is a decision is called one."""
    plain = {} if made.kind.startswith(("account.", "closure.")) else {"content": "what", "decided_by": "by"}
    return eyes.t(f"decision.fact.{plain[key]}" if key in plain else f"approval.decision.fact.{key}")


def _content(eyes: Eyes, story: Story) -> str:
    t, made = eyes.t, story.made
    name, unit = about(eyes, made), decided.words(made.body, "unit_name")
    if made.kind in ("account.approved", "account.rejected") and unit:
        return t(f"approval.decision.{made.kind.rpartition('.')[2]}", name=name, unit=unit)
    named = ", ".join(filter(None, (capital(kind_name(eyes, made.kind)), name)))
    others = words(t, [t("decision.nr", n=d.number) for d in story.of[:LINKED]])
    return t("decision.content.of", content=named, others=others) if others else named


def _decider(eyes: Eyes, made: Decision, name: str) -> str:
    """Who took it, or entered it for somebody, and as what."""
    role = f"approval.role.{decided.words(made.body, name)}"
    as_what = eyes.t(role) if eyes.t.has(role) else ""
    if name == "decided_by" and "decided_for" in made.names:
        as_what = eyes.t("approval.role.deputy_of", name=_held(eyes, made, "decided_for"))
    return ", ".join(filter(None, (_held(eyes, made, name), as_what)))


def _given(eyes: Eyes, made: Decision) -> str:
    """`Enligt besked per telefon av Heidi Berg 23 november 2026, infört av Karin Berg. Referens: …` (users.md U8)."""
    key = f"decision.given.{decided.words(made.body, 'way')}"
    if not eyes.t.has(key):
        return ""
    held = {name: _held(eyes, made, name) for name in ("decided_by", "entered_by", "reference")}
    return eyes.t(key, day=date_of(eyes, decided.words(made.body, "given_on")), **held)


def _taker(eyes: Eyes, made: Decision) -> str:
    return _held(eyes, made, "decided_by") or _held(eyes, made, "entered_by")


def _held(eyes: Eyes, made: Decision, name: str) -> str:
    """A personal value, or that it has been purged; "" where there never was one."""
    return made.personal.get(name, eyes.t("approval.decision.gone") if name in made.names else "")


def _took_part(eyes: Eyes, made: Decision) -> str:
    names = [name for name in made.names if name.startswith("took_part")]
    return ", ".join(dict.fromkeys(_held(eyes, made, name) for name in names))


def _own_words(eyes: Eyes, made: Decision, written: Written) -> list[Part]:
    """What whoever decided wrote, each under what it is."""
    parts: list[Part] = []
    for name, several in groupby(made.names, key=_unnumbered):
        if name not in FACTS:
            said = dict.fromkeys(_held(eyes, made, each) for each in several)
            parts += [Text(text=_label(eyes, name)), *written(list(said))]
    return parts


def _together(said: Sequence[str]) -> list[Quote]:
    """On a card: a platform cuts what is long, and the page that holds everything has it all."""
    return [Quote(text=", ".join(said))]


def _unnumbered(name: str) -> str:
    """`post.001` is one of several alike."""
    several, _, number = name.rpartition(".")
    return several if number.isdigit() else name


def _label(eyes: Eyes, name: str) -> str:
    """Words of its own, or what was asked in the step, as the guidelines that hold today ask it."""
    key = f"decision.held.{name}"
    steps = ((s, f) for c in eyes.pack.checklists.values() for s in c.steps for f in s.fields)
    asked = (f.ask.of(eyes.t.language) for s, f in steps if f"{s.id}.{f.id}" == name)
    return eyes.t(key) if eyes.t.has(key) else next(asked, name)


def _unknown(eyes: Eyes, made: Decision) -> list[tuple[str, str]]:
    """Of a kind that is not known here: whatever it holds that is a word or a number."""
    if made.kind in decided.KINDS:
        return [(eyes.t("decision.fact.diary"), d) for d in [decided.words(made.body, "diary")] if d]
    shown = {"pack", "version", "digest", "day", "account", "account_name", "decided_by", "posts"}
    return [(name, str(value)) for name, value in sorted(made.body.items())
            if name not in shown and isinstance(value, str | int) and value != ""]  # fmt: skip


def _categories(eyes: Eyes, made: Decision) -> str:
    return words(eyes.t, [category_name(eyes, each) for each in decided.categories(made.body)])


def _reason(eyes: Eyes, made: Decision) -> str:
    """Why an account was closed, as it was chosen; in the words of the guidelines that hold today, else its id."""
    ident = decided.words(made.body, "reason")
    if not made.kind.startswith("closure."):
        return ""
    plan = eyes.pack.checklists.get("close-account")
    step = plan.step(checklists.WHY_CLOSE.partition(".")[0]) if plan else None
    fields = [f for f in step.fields if checklists.ref(step, f) == checklists.WHY_CLOSE] if step else []
    return next((o.label.of(eyes.t.language) for f in fields for o in f.options if o.id == ident), ident)


def _pack(eyes: Eyes, body: "decided.Body") -> str:
    """The guidelines' title where they are those that hold today, and their version."""
    name, version = decided.words(body, "pack"), decided.words(body, "version")
    called = eyes.pack.title.of(eyes.t.language) if name == eyes.pack.name else name
    return ", ".join(filter(None, (called, version)))


def _headings(eyes: Eyes, made: Decision) -> list[str]:
    """As they were called that day; of older decisions as today, or by their id."""
    kept = [str(rule.get("heading") or rule.get("section") or "") for rule in decided.rules(made.body)]
    return kept or [_section(eyes, made, ident) for ident in _sections(made)]


def _sections(made: Decision) -> list[str]:
    found = made.body.get("sections")
    return [s for s in found if isinstance(s, str)] if isinstance(found, list | tuple) else []


def _section(eyes: Eyes, made: Decision, ident: str) -> str:
    same = made.body.get("pack") == eyes.pack.name and made.body.get("version") == eyes.pack.version
    section = eyes.pack.section(ident) if same else None
    return section.heading if section else ident


# -- what came later ------------------------------------------------------------------------------


def after(eyes: Eyes, story: Story, *, linked: bool) -> list[Part]:
    """In order of time: the case's log from then on, decisions that name it, and what the registrar has."""
    made = story.made
    log = list(_log(eyes, made, (e for e in story.log if not _until(e, made.at))))
    items = [*(_named(eyes, d, "of", linked=linked) for d in story.of[:LINKED]),
             *(_named(eyes, d, "later", linked=linked) for d in story.later[:LINKED]),
             *_filed(eyes, story)]  # fmt: skip
    parts: list[Part] = [Facts(rows=tuple(log))] if log else []
    parts += [Items(items=tuple(items))] if items else []
    parts += [part for d in story.later[:LINKED] for part in _correcting(eyes, d)]
    return [Divider(), Text(text=eyes.t("decision.after"), tone="strong"), *parts] if parts else []


def _named(eyes: Eyes, other: Decision, how: str, *, linked: bool) -> Item:
    """Another decision that belongs to it."""
    diary = decided.words(other.body, "diary")
    known = eyes.t.has(f"decision.{how}.{other.kind}")
    key = f"decision.{how}.{other.kind}" if known else f"decision.{how}"
    if other.kind == "registered" and not diary:
        key = f"decision.{how}.unregistered"
    text = eyes.t(key, n=other.number, kind=kind_name(eyes, other.kind), diary=diary)
    opens = open_button(eyes, other) if linked else None
    return Item(text=text, note=when_by_whom(eyes, other), button=opens)


def _correcting(eyes: Eyes, other: Decision) -> list[Part]:
    """The words of a correction stand with what it corrects, and why something was given no number."""
    name = {"correction": "text", "registered": "why"}.get(other.kind, "")
    said = _held(eyes, other, name) or _held(eyes, other, "why_none")
    if not name or not said:
        return []
    return [Text(text=eyes.t("decision.words_of", n=other.number)), Quote(text=said)]


def _filed(eyes: Eyes, story: Story) -> list[Item]:
    filing = story.filing
    if filing is None or any(d.kind == "registered" for d in story.later):
        return []
    since = _day_of(eyes, filing.opened_at)
    if filing.is_open:
        return [
            Item(
                text=eyes.t("decision.filed.open", registrar=eyes.role("registrar")), note=since, state="open"
            )
        ]
    key = "numbered" if filing.number else "none"
    return [Item(text=eyes.t(f"decision.filed.{key}", number=filing.number),
                 note=_day_of(eyes, filing.closed_at), state="done")]  # fmt: skip


# -- the rules as they stood ----------------------------------------------------------------------


def _rules(eyes: Eyes, made: Decision) -> list[Part]:
    kept = decided.rules(made.body)
    if not kept:
        sections = "; ".join(_headings(eyes, made))
        text = eyes.t("decision.rules.not_kept", sections=sections, pack=_pack(eyes, made.body))
        return [Divider(), Text(text=text, tone="quiet")] if sections else []
    head = Text(text=eyes.t("decision.rules", pack=_pack(eyes, decided.rules_of(made.body))), tone="strong")
    return [Divider(), head, *(_cite(eyes, rule) for rule in kept)]


def _cite(eyes: Eyes, rule: "decided.Body") -> Cite:
    says, cites = rule.get("says"), rule.get("cites")
    text = says.get(eyes.t.language, "") if isinstance(says, dict) else ""
    ids = ", ".join(map(str, cites)) if isinstance(cites, list | tuple) else ""
    heading = str(rule.get("heading") or rule.get("section") or "")
    gone = "" if text else eyes.t("decision.rules.gone")
    return Cite(rule=str(text) or gone, section=f"{heading} ({ids})" if ids else heading)


# -- words ----------------------------------------------------------------------------------------


def date_of(eyes: Eyes, day: str) -> str:
    return eyes.t.short_date(date.fromisoformat(day))


def called(eyes: Eyes, made: Decision) -> str:
    """`Nr 12: Konto godkänt, @biologi_uni (Instagram)`."""
    named = eyes.t("decision.called", n=made.number, kind=kind_name(eyes, made.kind))
    return ", ".join(filter(None, (named, about(eyes, made))))


def when_by_whom(eyes: Eyes, made: Decision) -> str:
    return f"{_day_of(eyes, made.at)}, {_taker(eyes, made) or eyes.t('decision.nobody')}"


def open_button(eyes: Eyes, made: Decision) -> Button:
    return button(eyes, "open", str(made.number), called(eyes, made))


def _day_of(eyes: Eyes, at: datetime | None) -> str:
    return eyes.t.short_date(eyes.t.local(at).date()) if at else ""


def kind_name(eyes: Eyes, kind: str) -> str:
    return eyes.t(f"decision.kind.{kind}") if kind in decided.KINDS else kind


def category_name(eyes: Eyes, ident: str) -> str:
    """As the guidelines that hold today call it; else its id."""
    fields = (f for c in eyes.pack.checklists.values() for s in c.steps for f in s.fields)
    labels = (o.label.of(eyes.t.language) for f in fields for o in f.options if o.id == ident)
    return next(labels, ident)


def button(eyes: Eyes, verb: str, arg: str, of: str = "") -> Button:
    label = eyes.t(f"decision.do.{verb}")
    return Button(verb=f"decision.{verb}", arg=arg, label=label, heard=heard(eyes.t, label, of))
