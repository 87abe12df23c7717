"""Words on their way to Slack: made harmless, escaped, and cut to its limits."""

import re
import unicodedata
from itertools import accumulate

MORE = "…"
_CLOSE = "\u2069"
_ISOLATE = "\u2068"
# Zero-width signs and marks of direction could hide words or reorder ours. The joiners of emoji and of Persian stay.
_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_SCHEME = re.compile(r"\bhttps?://", re.IGNORECASE)
_CALL = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)


def clean(text: str) -> str:
    """The text without control characters and hidden marks; right-to-left words cannot reorder what stands around them."""
    shown = _HIDDEN.sub("", text.replace("\r\n", "\n"))
    shown = "".join(c for c in shown if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    leans = any(unicodedata.bidirectional(c) in {"R", "AL"} for c in shown)
    return f"{_ISOLATE}{shown}{_CLOSE}" if leans else shown


def escape(text: str) -> str:
    """For mrkdwn and for a message's `text`: without these three, nothing of Slack's own syntax can begin."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """At most so many characters once cleaned and escaped, ending in an ellipsis when something was left out."""
    whole = clean(text).strip()
    if len(escape(whole)) <= most:
        return whole
    closing = _CLOSE if whole.endswith(_CLOSE) else ""
    sums = list(accumulate(len(escape(c)) for c in whole))
    kept = sum(total <= most - len(MORE) - len(closing) for total in sums)
    return whole[:kept].rstrip() + MORE + closing


def filled(text: str, most: int) -> str:
    """As `cut`, and never empty: Slack takes no empty label."""
    return cut(text, most) or "–"


def short(text: str, most: int) -> str:
    """As `filled`, but ends with a whole word where that leaves half of the room or more."""
    shown = filled(text, most)
    if not shown.endswith(MORE) or clean(text).strip() == shown:
        return shown
    at = shown.rfind(" ")
    return shown[:at].rstrip(" ,.:;–") + MORE if at >= most // 2 else shown


def heard(text: str) -> str:
    """For the text twin: escaped, and without what Slack would make a link or a call to all of by itself."""
    return _CALL.sub("@ ", escape(_SCHEME.sub("", text)))
