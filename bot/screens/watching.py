"""Who watches when all of an account's people are away: for the head, for communications, and the next four weeks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

from bot.cases.watch import Watch
from bot.model import Account, PersonId, Takeover
from bot.screens.base import Eyes, account_name, account_options, heard, told, words
from bot.screens.entered import enter
from bot.view import Button, Card, Choices, Date, Form, Item, Items, Part, PersonField, Text
from bot.watching import Span, Turn, weeks_ahead

SHOWN = 12
"""A card names at most so many accounts; the rest are counted."""


def _button(eyes: Eyes, verb: str, watch: str, n: int, style: str = "plain") -> Button:
    label = eyes.t(f"watch.do.{verb.removeprefix('watch.')}", office=eyes.office_name)
    said = heard(eyes.t, label, eyes.t.many("watch.accounts", n))
    return Button(verb=verb, arg=watch, label=label, heard=said[:75], style=style)  # type: ignore[arg-type]


def _days(eyes: Eyes, first: date, last: date) -> str:
    if first == last:
        return eyes.t.long_date(first)
    return eyes.t("watch.days", first=eyes.t.long_date(first), last=eyes.t.long_date(last))


def _lines(eyes: Eyes, spans: Sequence[Span]) -> list[Part]:
    items = tuple(
        Item(text=eyes.account(s.account), note=_days(eyes, s.first, s.last), state="open")
        for s in spans[:SHOWN]
    )
    more = len(spans) - len(items)
    rest = [Text(text=eyes.t.many("watch.more", more), tone="quiet")] if more else []
    return [Items(items=items), *rest]


def _accounts(spans: Iterable[Span]) -> int:
    return len({s.account for s in spans})


# -- the head -------------------------------------------------------------------------------------


def card(
    eyes: Eyes,
    watch: Watch,
    spans: Sequence[Span],
    takeovers: Sequence[Takeover],
    *,
    may: Collection[str],
    told_by: PersonId | None = None,
) -> Card:
    """All accounts that have nobody, what happens if nothing is said, and what can be done about it.

    `may`: what the reader may do, of `head` (give the head's word), `off` (turn comments off), `office` (take over).
    `told_by`: the head without chat whose answer the reader may enter.
    """
    if watch.takeovers:
        return taken(eyes, watch, takeovers)
    if watch.undone:
        return told_undone(eyes, watch)
    n = _accounts(spans)
    if not watch.is_open or not spans:
        return told(eyes.t, "watch.settled")
    parts = (*_lines(eyes, spans), Text(text=eyes.t("watch.otherwise", office=eyes.office_name)))
    if watch.handed_by:
        parts = (*parts, Text(text=eyes.t("watch.is_handed", office=eyes.office_name), tone="quiet"))
    buttons = tuple(_button(eyes, verb, watch.id, n) for verb in _verbs(watch, may))
    if told_by:
        buttons = (enter(eyes, "watch.enter", watch.id, told_by), *buttons)
    return Card(title=eyes.t.many("watch.title", n), parts=parts, buttons=buttons)


def _verbs(watch: Watch, may: Collection[str]) -> list[str]:
    head = "head" in may
    offered = {
        "watch.cover": head,
        "watch.off": head and "off" in may,
        "watch.hand": head and "office" not in may and not watch.handed_by,
        "watch.take": "office" in may,
    }
    return [verb for verb, is_theirs in offered.items() if is_theirs]


def line(eyes: Eyes, watch: Watch, spans: Sequence[Span]) -> Item | None:
    """One line of a collected message, or of what waits; None once somebody is there."""
    if not spans:
        return None
    text = eyes.t.many("watch.title", _accounts(spans))
    note = _days(eyes, min(s.first for s in spans), max(s.last for s in spans))
    label = eyes.t("today.do.open")
    return Item(text=text, note=note, state="open",
                button=Button(verb="watch.show", arg=watch.id, label=label, heard=f"{label}: {text}"[:75]))  # fmt: skip


def cover_form(eyes: Eyes, watch: Watch) -> Form:
    t = eyes.t
    who = PersonField(id="who", label=t("watch.who"), hint=t("watch.who.hint"))
    intro = (Text(text=t.many("watch.cover.intro", len(watch.accounts))),)
    return Form(id="watch.cover", title=t("watch.cover.title"), fields=(who,), intro=intro, submit=t("form.save"),
                state=watch.id)  # fmt: skip


def named(eyes: Eyes, who: PersonId, n: int, watch: str) -> Card:
    return told(eyes.t, "watch.named_now", _button(eyes, "watch.undo", watch, n), name=eyes.name(who))


def handed_over(eyes: Eyes) -> Card:
    return told(eyes.t, "watch.handed_now", office=eyes.office_name)


# -- communications -------------------------------------------------------------------------------


def handed(eyes: Eyes, watch: Watch, spans: Sequence[Span]) -> Item | None:
    """In communications' digest; what it opens takes over all of them in one press. None once somebody is there."""
    found = line(eyes, watch, spans)
    text = eyes.t.many("watch.handed.title", _accounts(spans), name=eyes.name(watch.handed_by))
    return replace(found, text=text) if found else None


def taken(eyes: Eyes, watch: Watch, takeovers: Sequence[Takeover]) -> Card:
    """For both sides: who watches which accounts until when, and a way back."""
    spans = [Span(account=a, first=t.first, last=t.last) for t in takeovers for a in t.accounts]
    if not watch.takeovers or not spans:
        return told(eyes.t, "watch.undone")
    parts = (*_lines(eyes, spans), Text(text=eyes.t("watch.taken.text"), tone="quiet"))
    return Card(title=_taken(eyes, spans, takeovers), parts=parts,
                buttons=(_button(eyes, "watch.undo", watch.id, _accounts(spans)),))  # fmt: skip


def taken_line(eyes: Eyes, watch: Watch, takeovers: Sequence[Takeover]) -> Item | None:
    """For the head's collected message; what it opens has the way back."""
    spans = [Span(account=a, first=t.first, last=t.last) for t in takeovers for a in t.accounts]
    found = line(eyes, watch, spans)
    return replace(found, text=_taken(eyes, spans, takeovers), state="none") if found else None


def _taken(eyes: Eyes, spans: Sequence[Span], takeovers: Sequence[Takeover]) -> str:
    who = takeovers[0].who
    return eyes.t.many(
        "watch.taken.title", _accounts(spans), name=eyes.name(who) if who else eyes.office_name
    )


def undone(eyes: Eyes, *, nothing: bool) -> Card:
    return told(eyes.t, "watch.nothing_undone" if nothing else "watch.undone")


def told_undone(eyes: Eyes, watch: Watch) -> Card:
    """The other side sees that nothing comes of it."""
    return Card(title=eyes.t("watch.undone"), parts=(Text(text=_named(eyes, watch)),))


def undone_line(eyes: Eyes, watch: Watch) -> Item:
    """The same in a digest, or in a collected message."""
    return Item(text=eyes.t("watch.undone"), note=_named(eyes, watch))


def _named(eyes: Eyes, watch: Watch) -> str:
    accounts = [eyes.account(a) for a in watch.accounts]
    return words(eyes.t, accounts) if len(accounts) <= SHOWN else eyes.t.many("watch.accounts", len(accounts))


def rota_form(eyes: Eyes, accounts: Sequence[Account], spans: Sequence[Span]) -> Form:
    """Any accounts for a period; those that have nobody are chosen already, with their days."""
    t, alone = eyes.t, {s.account for s in spans}
    offered = sorted(accounts, key=lambda a: a.id not in alone)
    first = min((s.first for s in spans), default=eyes.today)
    last = max((s.last for s in spans), default=None)
    fields = (
        Choices(id="accounts", label=t("rota.accounts"), options=account_options(eyes, offered),
                value=tuple(a.id for a in offered if a.id in alone)),
        Date(id="first", label=t("away.first"), value=first),
        Date(id="last", label=t("away.last"), value=last),
    )  # fmt: skip
    intro = (Text(text=t("rota.intro", office=eyes.office_name)),)
    return Form(id="rota.take", title=t("rota.title"), fields=fields, intro=intro, submit=t("rota.do.take"))


def rota_taken(eyes: Eyes, accounts: Sequence[str], first: date, last: date, watches: Sequence[str]) -> Card:
    title = eyes.t.many("watch.taken.title", len(accounts), name=eyes.office_name)
    text = eyes.t("rota.taken", days=_days(eyes, first, last))
    undo = _button(eyes, "watch.undo", ",".join(watches), len(accounts))
    return Card(title=title, parts=(Text(text=text),), buttons=(undo,) if watches else ())


def rota(eyes: Eyes, accounts: Sequence[str], fresh: Sequence[Part] = ()) -> Card:
    """The rota's morning: what communications looks through today for others, answered by one press.

    `fresh`: what has to be known of those whose first morning it is.
    """
    items = tuple(
        Item(text=eyes.account(a), note=eyes.t("round.line.open"), state="open") for a in accounts[:SHOWN]
    )
    parts: list[Part] = [Items(items=items)]
    if more := len(accounts) - len(items):
        parts.append(Text(text=eyes.t.many("watch.more", more), tone="quiet"))
    parts += fresh
    label = eyes.t.many("today.do.clear", len(accounts))
    return Card(title=eyes.t.many("rota.morning", len(accounts)), parts=tuple(parts),
                buttons=(Button(verb="round.clear_mine", label=label, heard=label, style="primary"),))  # fmt: skip


# -- the next four weeks --------------------------------------------------------------------------


def next_weeks(eyes: Eyes, account: Account) -> list[Part]:
    """Who has this week and the next three, week by week, as absences stand now."""
    weeks = weeks_ahead(eyes.register, eyes.hours, account, eyes.today)
    items = [_week(eyes, turns) for turns in weeks if turns]
    return [Text(text=eyes.t("pattern.ahead"), tone="strong"), Items(items=tuple(items))] if items else []


def _week(eyes: Eyes, turns: Sequence[Turn]) -> Item:
    t = eyes.t
    head = t(
        "pattern.week", n=turns[0].first.isocalendar().week, days=_days(eyes, turns[0].first, turns[-1].last)
    )
    if len(turns) == 1:
        return Item(text=head, note=_who(eyes, turns[0]))
    said = [t("pattern.turn", days=_weekdays(eyes, turn), name=_who(eyes, turn)) for turn in turns]
    return Item(text=head, note=", ".join(said))


def _who(eyes: Eyes, turn: Turn) -> str:
    return eyes.office_name if turn.office else eyes.name(turn.who)


def _weekdays(eyes: Eyes, turn: Turn) -> str:
    first, last = eyes.t.weekday(turn.first), eyes.t.weekday(turn.last)
    return first if turn.first == turn.last else eyes.t("pattern.from_to", first=first, last=last)


def called(eyes: Eyes, accounts: Iterable[str]) -> list[str]:
    """The accounts that the register still has, by name."""
    known = (eyes.register.accounts.get(a) for a in accounts)
    return [account_name(eyes.t, a) for a in known if a]
