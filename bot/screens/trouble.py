"""What the administrators read when the bot cannot do its work: where, and what to do about it."""

from bot.texts import Texts
from bot.view import Card, Facts, Text


def unreachable(t: Texts, kind: str, name: str, reason: str) -> Card:
    """A channel (`place`), a person, or an address (`mail`) that messages do not reach."""
    title = t(f"trouble.{kind}.title", name=name)
    if reason == "place_shared":
        return Card(title=title, parts=(Text(text=t("trouble.place_shared")),))
    facts = Facts(rows=((t("trouble.reason"), reason or "–"),))
    return Card(title=title, parts=(Text(text=t(f"trouble.{kind}")), facts))


def failed(t: Texts, kind: str, trace: str, place: str = "") -> Card:
    """A message (`row`), a reminder (`case`) or a day's card (`plan`, in a place) that the bot could not make."""
    where = (Facts(rows=((t("trouble.where"), place),)),) if place else ()
    return Card(title=t("trouble.title"), parts=(Text(text=t(f"trouble.{kind}", trace=trace)), *where))
