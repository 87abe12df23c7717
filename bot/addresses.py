"""One canonical form for each account and post address, so that the same account is refused twice."""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from bot.model import Refused

SYNONYMS = {
    "twitter.com": "x.com",
    "fb.com": "facebook.com",
    "instagr.am": "instagram.com",
    "threads.net": "threads.com",
}
PREFIX = re.compile(r"^(www|m|mobile|web|touch|sv|en|se|sv-se|en-gb|en-us)\.(?=[^.]+\.)")
LANGUAGE = re.compile(r"^[a-z]{2}(-[a-z]{2})?\.")
"""On the platforms' own hosts each language is a prefix; elsewhere two letters may be a department."""
KNOWN = {
    "instagram.com": "instagram",
    "facebook.com": "facebook",
    "linkedin.com": "linkedin",
    "x.com": "x",
    "youtube.com": "youtube",
    "tiktok.com": "tiktok",
    "bsky.app": "bluesky",
    "threads.com": "threads",
}
IGNORES_CASE = {
    "instagram.com": 1,
    "facebook.com": 1,
    "x.com": 1,
    "tiktok.com": 1,
    "threads.com": 1,
    "youtube.com": 1,
    "bsky.app": 2,  # /profile/NAME
    "linkedin.com": 2,  # /company/NAME
}
"""Hosts whose handles ignore case, and by which piece of the path the handle ends: ids of posts keep their case."""
NEEDED_QUERY = {
    "facebook.com": ("comment_id", "fbid", "id", "reply_comment_id", "story_fbid", "v"),
    "linkedin.com": ("commentUrn", "dashCommentUrn", "dashReplyUrn", "replyUrn"),
    "youtube.com": ("lc", "list", "v"),
}
"""What tells one video, post or comment from another: two comments below one post are two."""
NAMED_BY_HANDLE = ("instagram", "x", "tiktok", "threads", "bluesky")
LONGEST = 1000
HOST = re.compile(r"[^\s.@:/?#\[\]]+(\.[^\s.@:/?#\[\]]+)+\.?")


def canonical(address: str, platform: str = "") -> str:
    """The address in its one form. Takes `@name` where the platform is known; refuses what is no https address."""
    parts = _split(whole(address, platform))
    host, path, query = _host(parts.hostname or ""), parts.path, parse_qsl(parts.query)
    if host == "youtu.be" and (video := unquote(path.strip("/")).strip()):
        host, path, query = "youtube.com", "/watch", [*query, ("v", video)]
    needed = NEEDED_QUERY.get(host, ())
    asked = urlencode(sorted({k: v for k, v in query if k in needed}.items()))
    return f"https://{host}{_path(host, path)}" + (f"?{asked}" if asked else "")


def whole(address: str, platform: str = "") -> str:
    """As it was typed, with its scheme; `@name` as the platform's own address."""
    text = address.strip()
    if text.startswith("@") and platform in _HANDLES and "/" not in text:
        text = _HANDLES[platform].format(text.lstrip("@"))
    return text if "://" in text else f"https://{text}"


def _split(text: str) -> SplitResult:
    """Raises Refused for what is no address on the web, or hides who is asked before an `@`."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        raise Refused("account.bad_address", field="address") from None
    known = parts.scheme in ("http", "https") and HOST.fullmatch(host)
    if not known or "@" in parts.netloc or len(text) > LONGEST or any(c.isspace() for c in text):
        raise Refused("account.bad_address", field="address")
    return parts


_HANDLES = {
    "instagram": "https://instagram.com/{}",
    "x": "https://x.com/{}",
    "tiktok": "https://tiktok.com/@{}",
    "threads": "https://threads.com/@{}",
    "youtube": "https://youtube.com/@{}",
    "facebook": "https://facebook.com/{}",
    "bluesky": "https://bsky.app/profile/{}",
}


def _host(host: str) -> str:
    host = host.lower().rstrip(".")
    while PREFIX.match(host):
        host = PREFIX.sub("", host)
    bare = LANGUAGE.sub("", host)
    host = bare if SYNONYMS.get(bare, bare) in KNOWN else host
    return SYNONYMS.get(host, host)


def _path(host: str, path: str) -> str:
    pieces = [piece for piece in path.split("/") if piece]
    handle = IGNORES_CASE.get(host, 0)
    return "".join(f"/{piece.lower() if n < handle else piece}" for n, piece in enumerate(pieces))


def platform_of(address: str) -> str:
    """The platform that a canonical address belongs to, or `other`."""
    return KNOWN.get(urlsplit(address).hostname or "", "other")


def name_in(address: str) -> str:
    """What an account is called by its address: `@handle` where the host has handles, else the last piece."""
    tail = address.rstrip("/").rsplit("/", 1)[-1].removeprefix("@")
    return f"@{tail}" if platform_of(address) in NAMED_BY_HANDLE else tail


def of_account(value: str, platform: str) -> str:
    """Canonical, and of an account: the front page of a platform is nobody's."""
    address = canonical(value, platform)
    if platform_of(address) != "other" and address.count("/") < 3:
        raise Refused("account.bad_address", field="address")
    return address
