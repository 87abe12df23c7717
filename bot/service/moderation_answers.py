"""What the answers of a moderation must be: posts one a line, and a moment that can be."""

from collections.abc import Mapping
from datetime import datetime

from bot import addresses, checklists, submitted
from bot.cases.moderation import Moderation
from bot.model import Refused
from bot.policy import Step
from bot.service.base import Work
from bot.service.questions import CLOCK_SKEW, OLDEST, same_post
from bot.view import Value, Values

LONGEST = 1000
"""Characters of one post's line."""


async def open_runs(work: Work, account: str | None = None) -> list[Moderation]:
    """Those of one account, else of all."""
    found = await work.tx.open_cases("moderation", account=account)
    return [c for c in found if isinstance(c, Moderation)]


async def read(
    work: Work, run: Moderation, step: Step, values: Values
) -> tuple[dict[str, Value], dict[str, Refused]]:
    asker = submitted.Asker(actor=work.actor.id, register=work.register, answers=run.values, today=work.today,
                             now=work.now + CLOCK_SKEW)  # fmt: skip
    found, faults = submitted.read(step, values, asker)
    faults |= _posted(work, found)
    if checklists.POSTED in faults and faults[checklists.POSTED].key == "run.not_future":
        faults[checklists.POSTED] = Refused("question.from_future")
    if checklists.POSTS in found and checklists.POSTS not in faults:
        try:
            posts = _posts(str(found[checklists.POSTS]))
            await _not_twice(work, run, found, posts)
            found[checklists.POSTS] = "\n".join(posts.values())
        except Refused as no:
            faults[checklists.POSTS] = no
    return found, faults


def _posted(work: Work, found: dict[str, Value]) -> dict[str, Refused]:
    """A post of years ago is a slip of the finger; one of this very minute is of now."""
    given = str(found.get(checklists.POSTED, ""))
    if not given:
        return {}
    posted = datetime.fromisoformat(given)
    if posted < work.now - OLDEST:
        return {checklists.POSTED: Refused("question.too_old")}
    found[checklists.POSTED] = min(posted, work.now).isoformat()
    return {}


def _posts(given: str) -> dict[int, str]:
    """Each post once, however its address was copied, by the line it first stands in.

    Raises Refused with the number of the line that is wrong.
    """
    found: dict[str, tuple[int, str]] = {}
    for n, line in enumerate(given.splitlines(), 1):
        if post := line.strip():
            known, shown = _post(n, post)
            found.setdefault(known, (n, shown))
    if not found:
        raise Refused("run.fill_in")
    return dict(found.values())


def _post(n: int, line: str) -> tuple[str, str]:
    """What it is compared by, and how it is kept."""
    if len(line) > LONGEST:
        raise Refused("moderation.posts.long", n=n, most=LONGEST)
    if not is_address(line):
        return line, line
    try:
        return addresses.canonical(line), addresses.whole(line)
    except Refused:
        raise Refused("moderation.posts.bad", n=n, line=line[:60]) from None


def is_address(line: str) -> bool:
    """What is meant as an address; other words say what a message without one was."""
    bare = not any(c.isspace() for c in line)
    return "://" in line or line.casefold().startswith(("www.", "http:", "https:")) or (bare and "/" in line)


async def _not_twice(
    work: Work, run: Moderation, found: Mapping[str, Value], posts: Mapping[int, str]
) -> None:
    """A post that somebody else is moderating already is said, with its line; a threat never waits for that."""
    if "yes" in (found.get(checklists.THREAT), found.get(checklists.PILE_ON)):
        return
    links = [(n, post) for n, post in posts.items() if is_address(post)]
    account = str(found.get(checklists.ACCOUNT, "")) or None
    for other in await open_runs(work, account):
        if other.id != run.id and other.account == account:
            theirs = [post for post in other.posts if is_address(post)]
            n = next((n for n, post in links if any(same_post(post, t) for t in theirs)), 0)
            if n:
                raise Refused("moderation.posts.twice", n=n, name=work.register.name(other.runner))
