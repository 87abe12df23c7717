"""What is kept, how long and who sees it; what would go; and what stands where something went."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.ports import Overdue
from bot.retention import KINDS, Disposal, Kept, kept, undecided
from bot.screens.base import Eyes, words
from bot.texts import Texts
from bot.view import Button, Card, Item, Items, Text

TOLD: tuple[Kept, ...] = (
    "checks", "days", "questions", "alarms", "moderations", "runs", "decisions", "absences", "left",
)  # fmt: skip
"""The kinds that somebody who looks after an account meets; `smbot retention plan` and docs/dataskydd.md have all."""
YEAR = 365


def how_long(t: Texts, days: int) -> str:
    """`30 dagar`, `två år`."""
    return t.many("retention.days", days) if days % YEAR else t.many("retention.years", days // YEAR)


def gone(t: Texts, number: str) -> Card:
    """What stands in a message whose contents were purged."""
    return Card(title=t("retention.gone", number=number) if number else t("retention.gone_plain"))


def kept_card(eyes: Eyes) -> Card:
    """What is kept, how long, and who sees it, for whoever asks."""
    t, held = eyes.t, eyes.register.office.retention
    items = tuple(
        Item(text=t(f"retention.kind.{kind}"), note=_note(t, kind, kept(held, kind))) for kind in TOLD
    )
    mine = Button(verb="mydata", label=t("kept.do.mine"), heard=t("kept.do.mine"))
    parts = (
        Text(text=t("kept.purpose")),
        Items(items=items),
        Text(text=t("kept.not")),
        *((Text(text=t("kept.undecided"), tone="quiet"),) if undecided(held) else ()),
    )
    return Card(title=t("kept.title"), parts=parts, buttons=(mine,))


def _note(t: Texts, kind: Kept, rule: Disposal) -> str:
    long = how_long(t, rule.days)
    time = t("kept.time" if rule.is_decided else "kept.time_proposed", time=long)
    return f"{time} {t(f'kept.who.{kind}')}"


# -- for the command line ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A kind, its rule, and what would go by it now, or by its proposed time if there were a number."""

    kind: Kept
    rule: Disposal
    found: Overdue


def plan_lines(t: Texts, planned: Sequence[Planned]) -> Iterator[str]:
    """What would go now, and what waits for a number, with ground and time of each kind."""
    for each in planned:
        yield t("retention.plan.kind", kind=t(f"retention.kind.{each.kind}"), id=each.kind)
        yield f"  {_rule(t, each.kind, each.rule)}"
        yield f"  {_found(t, each)}"


def ground(t: Texts, kind: Kept, rule: Disposal) -> str:
    return rule.ground or t(f"retention.ground.{kind}")


def _rule(t: Texts, kind: Kept, rule: Disposal) -> str:
    values = {"time": how_long(t, rule.days), "ground": ground(t, kind, rule)}
    if not rule.is_decided:
        return t("retention.plan.undecided", **values)
    day = t.short_date(rule.decided_on) if rule.decided_on else ""
    return t("retention.plan.decided", number=rule.number, day=day, **values)


def _found(t: Texts, each: Planned) -> str:
    if not each.found.count:
        return t("retention.plan.nothing")
    oldest = t.short_date(t.local(each.found.oldest).date()) if each.found.oldest else ""
    key = "retention.plan.goes" if each.rule.is_decided else "retention.plan.waits"
    return t.many(key, each.found.count, oldest=oldest)


def waiting(t: Texts, kinds: Sequence[Kept]) -> str:
    """The kinds that wait for a disposal decision, in one sentence."""
    names = [t(f"retention.short.{kind}") for kind in KINDS if kind in kinds]
    return words(t, names)
