"""Words from outside, made harmless for eyes and cut to a length. What a platform escapes is its adapter's."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from typing import Protocol
from urllib.parse import urlsplit

MORE = "…"
_CLOSE = "\u2069"
_ISOLATE = "\u2068"
# Zero-width signs and marks of direction could hide words or reorder ours. The joiners of emoji and of Persian stay.
_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")

_LATIN = re.compile("[\n\t\x20-\x7e\u00a0-\u00ac\u00ae-\u024f\u2010-\u2027]*")
"""Letters, digits and signs with which nothing is wrong: most texts are made of nothing else."""


_WORDS = re.compile(r"(\D*)(\d*)")
_LAST = str.maketrans("åäö", "{|}")  # what comes after z, in their order


@lru_cache(maxsize=8192)
def natural(name: str) -> tuple[tuple[str, int, str], ...]:
    """What lists of names are sorted by: konto2 before konto10; å, ä and ö last; capitals as small letters."""
    parts = _WORDS.findall(unicodedata.normalize("NFC", name.casefold()).translate(_LAST))
    return tuple((word, len(number), number) for word, digits in parts for number in [digits.lstrip("0")])


class Named(Protocol):
    """A person, an account or a place."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def by_name(one: Named) -> tuple[object, ...]:
    """The key by which lists of people, accounts and places are sorted; the id parts two of one name."""
    return natural(one.name), one.id


def clean(text: str) -> str:
    """The text without control characters and hidden marks; right-to-left words cannot reorder what stands around them."""
    if _LATIN.fullmatch(text):
        return text
    shown = _HIDDEN.sub("", text.replace("\r\n", "\n"))
    shown = "".join(c for c in shown if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    leans = any(unicodedata.bidirectional(c) in {"R", "AL"} for c in shown)
    return f"{_ISOLATE}{shown}{_CLOSE}" if leans else shown


def bare(text: str) -> str:
    """The text for keeping, not for showing: without control characters and hidden marks of direction, trimmed."""
    kept = _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " "))
    return "".join(c for c in kept if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def cut(text: str, most: int, sent: Callable[[str], str] = str) -> str:
    """At most so many characters once cleaned, counted as they are `sent`, ending in an ellipsis when some were left out."""
    whole = clean(text).strip()
    if len(sent(whole)) <= most:
        return whole
    closing = _CLOSE if whole.endswith(_CLOSE) else ""
    sums = list(accumulate(len(sent(c)) for c in whole))
    kept = sum(total <= most - len(MORE) - len(closing) for total in sums)
    return whole[:kept].rstrip() + MORE + closing


def filled(text: str, most: int, sent: Callable[[str], str] = str) -> str:
    """As `cut`, and never empty: no platform takes an empty label."""
    return cut(text, most, sent) or "–"


def short(text: str, most: int, sent: Callable[[str], str] = str) -> str:
    """As `filled`, but ends with a whole word where that leaves half of the room or more."""
    shown = filled(text, most, sent)
    if not shown.endswith(MORE) or clean(text).strip() == shown:
        return shown
    at = shown.rfind(" ")
    return shown[:at].rstrip(" ,.:;–") + MORE if at >= most // 2 else shown


def safe_link(link: str) -> str:
    """The link if it leads to the web, else "": `javascript:` and its like stay dead."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme in ("https", "http") and parts.netloc else ""
