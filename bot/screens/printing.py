"""A decision on one page of paper, as plain text: what was decided, by whom, under which rules, under which number (U9)."""

import textwrap
from collections.abc import Iterator

from bot.screens import decision_story
from bot.screens.base import Eyes
from bot.screens.decision_story import Story
from bot.screens.quoting import apart
from bot.view import Cite, Divider, Facts, Form, Item, Items, Part, People, Quote, Text

WIDTH, LINES = 80, 56
"""Characters in a line and lines on a page of A4 in ordinary type."""


def printed(eyes: Eyes, story: Story) -> str:
    """In the language of `eyes`, never longer than a page: where words are, the last line says where all of it stands."""
    head = [eyes.register.office.name, "", decision_story.title(eyes, story.made), ""]
    parts = (*decision_story.itself(eyes, story, apart), *decision_story.after(eyes, story, linked=False))
    body = [line for part in parts for line in _part(part)]
    day = eyes.t.short_date(eyes.today)
    foot = ["", *_wrapped(eyes.t("print.foot", n=story.made.number, day=day), "")]
    room = LINES - len(head) - len(foot)
    if len(body) > room:
        more = _wrapped(eyes.t("print.more", slash=eyes.t.slash), "")
        body = [*body[: room - len(more) - 1], "", *more]
    return "\n".join([*head, *body, *foot]) + "\n"


def _part(part: Part) -> Iterator[str]:
    """Each part in lines of a page's width."""
    match part:
        case Facts(rows=rows):
            for label, value in rows:
                yield from _wrapped(f"{label}: {value}", "    ")
        case Items(items=items):
            for item in items:
                yield from _wrapped(_item(item), "    ")
        case Quote(text=text):
            for line in text.splitlines():
                yield from _wrapped(f"    {line.strip()}", "    ")
        case Text(text=text, tone=tone):
            yield from ([] if tone == "plain" else [""])
            yield from _wrapped(text, "")
        case Cite(rule=rule, section=section):
            yield from _wrapped(", ".join(filter(None, (rule, section))), "    ")
        case Divider():
            yield ""
        case People(text=text):
            yield from _wrapped(text, "")


def _item(item: Item) -> str:
    return f"– {item.text}" + (f" ({item.note})" if item.note else "")


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent) or [""]


def form(eyes: Eyes, text: str) -> Form:
    """To copy, and to print in any program that writes. `eyes`: of whoever copies."""
    intro: tuple[Part, ...] = (Text(text=eyes.t("print.intro")), *apart(text.splitlines()))
    return Form(id="show", title=eyes.t("print.title"), intro=intro, writes=False)
