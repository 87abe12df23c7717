"""Words on their way to Teams: nothing in them comes to life.

Teams reads Markdown in a TextBlock and none in a TextRun, so words from outside stand in TextRuns, where they keep
their form and an address can be copied. What Teams fills in or brings to life anywhere is broken by a word joiner,
which nobody sees or hears: `<at>`, `{{DATE(…)}}`, `${…}`.
"""

import re
import unicodedata

from bot import plain

JOINER = "\u2060"  # never in words from outside: `plain.clean` takes it out
_ALIVE = re.compile(r"<(?=/?at\b)|\{(?=\{)|\$(?=\{)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(?=[!-/:-@\[-`{-~])|[`*]|(?<![^\W_])_|_(?![^\W_])")
_BROKEN = re.compile(rf"(?:[<&\]]|:(?=//)|~(?=~)|\bwww(?=\.))(?!{JOINER})", re.IGNORECASE)
_BEGINNING = re.compile(r"[#>=+-]|\d+[.)]")
_SIGN = re.compile(r"[`*]|(?<![^\W_])_|_(?![^\W_])")
_ALIKE = {"`": "ˋ", "*": "∗", "_": "ˍ"}
_IN_NAMES = " .,'’()-"


def dead(text: str) -> str:
    """For a TextRun, a label or a button."""
    return _ALIVE.sub(rf"\g<0>{JOINER}", text)


def cut(text: str, most: int) -> str:
    """At most so many characters, ending in an ellipsis when something was left out, and dead."""
    return dead(plain.cut(text, most))


def filled(text: str, most: int) -> str:
    """As `cut`, and never empty: Teams draws nothing for an empty text."""
    return dead(plain.filled(text, most))


def short(text: str, most: int) -> str:
    """As `filled`, but ends with a whole word where that leaves half of the room or more."""
    return dead(plain.short(text, most))


def literal(text: str) -> str:
    """For a TextBlock: each sign of Markdown stands for itself, and an address is no link. One line stays one."""
    shown = _ESCAPED.sub(r"\\\g<0>", dead(" ".join(text.split())))
    shown = _BROKEN.sub(rf"\g<0>{JOINER}", shown)
    return _begun(shown)


def label(text: str, most: int) -> str:
    """For a choice: some clients read Markdown there, others would show its escapes. Its signs become their look-alikes."""
    shown = _SIGN.sub(lambda m: _ALIKE[m[0]], " ".join(filled(text, most).split()))
    return _begun(_BROKEN.sub(rf"\g<0>{JOINER}", shown))


def _begun(text: str) -> str:
    """The line without a beginning that makes it a heading, a quote or a list."""
    return JOINER + text if _BEGINNING.match(text) else text


def called(name: str) -> str:
    """A person's name between `<at>` and `</at>`: letters, digits and what else stands in names."""
    kept = (c if c.isalnum() or c in _IN_NAMES or unicodedata.category(c)[0] == "M" else " " for c in name)
    return " ".join("".join(kept).split())[:100].rstrip() or "–"
