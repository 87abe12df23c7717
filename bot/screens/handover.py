"""What the cover gets when somebody is away, and what that person gets when they are back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.cases.moderation import Moderation
from bot.cases.question import Question
from bot.cases.run import Run
from bot.model import Account, PersonId, Takeover
from bot.ports import DayOutcome
from bot.screens import moderation as moderation_screens
from bot.screens import questions as question_screens
from bot.screens import runs as run_screens
from bot.screens.base import Eyes, account_name, told, words
from bot.texts import capital
from bot.view import Button, Card, Divider, Facts, Item, Items, Part, Text

SHOWN = 8
"""Lines of a kind; the rest are counted."""
SEEN = ("looked_at", "found", "late")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the accounts' next watcher has to know: what is open, how the last days were answered, what is half done."""

    accounts: Sequence[Account]
    questions: Sequence[Question] = ()
    days: Sequence[DayOutcome] = ()
    runs: Sequence[Run] = ()
    moderations: Sequence[Moderation] = ()


@dataclass(frozen=True, kw_only=True)
class Meanwhile:
    """What came in while somebody was away, and how the days were answered."""

    questions: Sequence[Question] = ()
    days: Sequence[DayOutcome] = ()


def given(eyes: Eyes, away: Sequence[tuple[PersonId, date]], known: Known) -> Card:
    """For whoever stands in, on the first working morning: for whom, each until when, and what has to be known."""
    t = eyes.t
    if len(away) == 1:
        person, last = away[0]
        title = t("handover.title", name=eyes.name(person), last=t.long_date(last))
        return Card(title=title, parts=tuple(whole(eyes, known)), buttons=_today(eyes))
    title = t("handover.title.several", names=words(t, [eyes.name(person) for person, _ in away]))
    until = [Item(text=eyes.name(p), note=t("handover.until", last=t.long_date(last))) for p, last in away]
    parts = (Items(items=tuple(until[:SHOWN])), *_more(eyes, len(until)), *whole(eyes, known))
    return Card(title=title, parts=parts, buttons=_today(eyes))


def named(eyes: Eyes, by: PersonId, over: Sequence[Takeover], known: Known) -> Card:
    """For somebody whom the head has named because all of the accounts' people are away."""
    t = eyes.t
    first, last = min(o.first for o in over), max(o.last for o in over)
    title = t.many(
        "handover.named",
        len(known.accounts),
        name=eyes.name(by),
        first=t.long_date(first),
        last=t.long_date(last),
    )
    return Card(title=title, parts=tuple(whole(eyes, known)), buttons=_today(eyes))


def over(eyes: Eyes) -> Card:
    return told(eyes.t, "handover.over")


def back(eyes: Eyes, stood_in: Sequence[str], meanwhile: Meanwhile, known: Known) -> Card:
    """The mirror image: who stood in ("": communications), what came in, how the days went, what is still open."""
    t = eyes.t
    parts: list[Part] = []
    if stood_in:
        names = [eyes.name(PersonId(who)) if who else eyes.office_name for who in stood_in]
        parts.append(Text(text=capital(t("handover.back.cover", name=words(t, names)))))
    parts += _came_in(eyes, meanwhile)
    parts += _open(eyes, known)
    return Card(title=t("handover.back.title"), parts=tuple(parts), buttons=_today(eyes))


def _today(eyes: Eyes) -> tuple[Button, ...]:
    label = eyes.t("handover.do.today")
    return (Button(verb="today", label=label, heard=label),)


def whole(eyes: Eyes, known: Known) -> list[Part]:
    """All that whoever watches these accounts from now on has to know."""
    return [
        *_accounts(eyes, known),
        *_open(eyes, known),
        *_rounds(eyes, known),
        *_runs(eyes, known),
        *_contact(eyes, known),
    ]


def fresh(eyes: Eyes, known: Known) -> list[Part]:
    """The same for communications' rota, below what it looks through today: of accounts whose first morning it is."""
    heading = eyes.t.many("rota.fresh", len(known.accounts))
    return [Divider(), Text(text=heading, tone="strong"), *whole(eyes, known)]


def _accounts(eyes: Eyes, known: Known) -> list[Part]:
    """Each account with where it is asked about and where its login is kept."""
    items = tuple(Item(text=account_name(eyes.t, a), note=_where(eyes, a)) for a in known.accounts[:SHOWN])
    return (
        [Items(items=items), *_more(eyes, len(known.accounts))]
        if items
        else [Text(text=eyes.t("handover.no_accounts"))]
    )


def _where(eyes: Eyes, account: Account) -> str:
    place = eyes.register.places.get(account.place or "")
    login = eyes.t("handover.login", where=account.login) if account.login else eyes.t("handover.no_login")
    return ". ".join(filter(None, (place.called if place else "", login)))


def _more(eyes: Eyes, n: int) -> list[Part]:
    return [Text(text=eyes.t("handover.more", n=n - SHOWN), tone="quiet")] if n > SHOWN else []


def _headed(eyes: Eyes, key: str, items: Sequence[Item]) -> list[Part]:
    if not items:
        return []
    shown = Items(items=tuple(items[:SHOWN]))
    return [Text(text=eyes.t(key), tone="strong"), shown, *_more(eyes, len(items))]


def _open(eyes: Eyes, known: Known) -> list[Part]:
    if not known.questions:
        return [Text(text=eyes.t("handover.no_questions"))]
    return _headed(eyes, "handover.questions", [question_screens.line(eyes, q) for q in known.questions])


def _rounds(eyes: Eyes, known: Known) -> list[Part]:
    """The last week, date by date: without anybody's name."""
    by_day: dict[date, list[DayOutcome]] = {}
    for day in known.days:
        by_day.setdefault(day.day, []).append(day)
    newest = sorted(by_day.items(), reverse=True)
    return _headed(
        eyes,
        "handover.rounds",
        [Item(text=eyes.t.long_date(d), note=_answered(eyes, rows)) for d, rows in newest],
    )


def _answered(eyes: Eyes, rows: Sequence[DayOutcome]) -> str:
    counted = Counter(row.outcome for row in rows)
    if len(counted) == 1:
        return eyes.t(f"day.{next(iter(counted))}")
    return "; ".join(
        eyes.t.many("handover.outcome", n, outcome=eyes.t(f"day.{outcome}"))
        for outcome, n in counted.most_common()
    )


def _runs(eyes: Eyes, known: Known) -> list[Part]:
    items = [Item(text=run_screens.standing(eyes, run)) for run in known.runs]
    return _headed(eyes, "handover.runs", [*items, *(_moderation(eyes, run) for run in known.moderations)])


def _moderation(eyes: Eyes, run: Moderation) -> Item:
    note = moderation_screens.apart(eyes, run, moderation_screens.standing(eyes, run))
    return Item(text=capital(moderation_screens.called(eyes, run)), note=note)


def _contact(eyes: Eyes, known: Known) -> list[Part]:
    heads = dict.fromkeys(eyes.register.head_of(a) for a in known.accounts)
    names = words(eyes.t, [eyes.name(h) for h in heads if h])
    rows = [(eyes.t("account.head"), names)] if names else []
    return [Facts(rows=(*rows, (eyes.t("handover.ask"), eyes.office_name)))]


def _came_in(eyes: Eyes, meanwhile: Meanwhile) -> list[Part]:
    answered = sum(not q.is_open for q in meanwhile.questions)
    seen = sum(d.outcome in SEEN for d in meanwhile.days)
    asked = sum(d.outcome not in ("no_watch", "paused") for d in meanwhile.days)
    came = eyes.t("handover.back.came", n=len(meanwhile.questions), answered=answered)
    rows = [(eyes.t("handover.back.questions"), came)]
    if asked:
        rows.append((eyes.t("handover.back.days"), eyes.t("handover.back.seen", n=seen, of=asked)))
    return [Facts(rows=tuple(rows))]
