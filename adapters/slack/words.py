"""Words on their way to Slack: made harmless, escaped, and cut to its limits."""

import re

from bot import plain

_SCHEME = re.compile(r"\bhttps?://", re.IGNORECASE)
_CALL = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)


def escape(text: str) -> str:
    """For mrkdwn and for a message's `text`: without these three, nothing of Slack's own syntax can begin."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """At most so many characters once cleaned and escaped, ending in an ellipsis when something was left out."""
    return plain.cut(text, most, escape)


def filled(text: str, most: int) -> str:
    """As `cut`, and never empty: Slack takes no empty label."""
    return plain.filled(text, most, escape)


def short(text: str, most: int) -> str:
    """As `filled`, but ends with a whole word where that leaves half of the room or more."""
    return plain.short(text, most, escape)


def heard(text: str) -> str:
    """For the text twin: escaped, and without what Slack would make a link or a call to all of by itself."""
    return _CALL.sub("@ ", escape(_SCHEME.sub("", text)))
