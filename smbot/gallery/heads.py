"""What a head sees: the yearly page and its answers, the list of what waits for a decision, a request as a deputy sees it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from bot.cases.yearly import Wish, Yearly
from bot.ports import Decision
from bot.screens import approvals, entered, overview, season, spoken, watching, yearly
from bot.screens.letters import letter
from bot.screens.overview import Digest, Waiting
from bot.screens.spoken import About, Said
from bot.screens.yearly import Page, Standing
from bot.season import Time
from bot.view import Card, Form, Item
from smbot.gallery import made
from smbot.gallery.watching import SPANS, watch
from smbot.gallery.world import ANNA, ASKED, DAG, HEIDI, KARIN, MONDAY, NOW, TUESDAY, Scene, at


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _pages(s)
    yield from _answers(s)
    yield from _requests(s)
    yield from _spoken(s)


def standings(s: Scene) -> list[Standing]:
    """One with a decision, one with days that nobody answered, one that was approved before the register."""
    bio, page, lab, alumni, planned = s.register.accounts.values()
    decision = Decision(
        number=12, at=at(MONDAY, 11), kind="account.approved", body={}, personal={}, previous="", hash=""
    )
    old = replace(lab, approved_on=date(2019, 5, 3), approval_number="UN 12/2019")
    unknown = replace(alumni, people=(), said={"people": s.outside.person})
    return [
        Standing(account=bio, decision=decision), Standing(account=page, unanswered=1),
        Standing(account=old, unanswered=14), Standing(account=unknown), Standing(account=planned),
    ]  # fmt: skip


def _pages(s: Scene) -> Iterator[tuple[str, Card]]:
    eyes, found = s.posted.eyes, standings(s)
    yield "yearly.page", yearly.page(eyes, Page(standings=found, mark="m"))
    yield "yearly.page.one", yearly.page(eyes, Page(standings=found[1:2], mark="m", closes=False))
    yield "yearly.page.many", yearly.page(eyes, Page(standings=found * 8, mark="m", first=15))
    yield "yearly.page.changed", yearly.page(s.eyes, Page(standings=found, mark="m"), changed=True)
    line = Item(text=s.t.many("heads.unlooked", 2, account=s.eyes.account("biolab")), state="open")
    above = overview.heads(eyes, (line,), own=True).parts
    yield "yearly.page.above", yearly.page(eyes, Page(standings=found, mark="m"), above=above)


def _answers(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    case = Yearly(id="year:heidi:2026", opened_at=at(MONDAY, 9, 30), head=HEIDI, closed_at=at(TUESDAY, 9))
    yield "yearly.over.confirmed", yearly.over(s.posted.eyes, replace(case, mark="m", answered=True), 5)
    yield "yearly.over.seen_to", yearly.over(s.posted.eyes, replace(case, answered=True), 5)
    yield "yearly.over.unanswered", yearly.over(s.posted.eyes, case, 5)
    for n in (1, 5):
        yield f"yearly.confirmed{n}", yearly.confirmed(s.eyes, n, MONDAY)
    yield "yearly.change", yearly.change_form(s.eyes, tuple(s.register.accounts.values()))
    wish = Wish(id="w1", account="bio", text=s.outside.reason)
    asked = replace(case, wishes=(wish,), closed_at=None)
    heads = [replace(case, head=head) for head in (HEIDI, DAG)]
    lines = [yearly.wish(s.eyes, asked, wish), yearly.unanswered(s.eyes, heads)]
    well = Digest(asked=5, unanswered=(), nobody=(), overdue=(), waiting=0, alarms=0, gaps=())
    yield "digest.yearly", overview.digest(s.posted.eyes, replace(well, pages=lines))


def _requests(s: Scene) -> Iterator[tuple[str, Card]]:
    run = replace(made.all_confirmed(s), state="waiting", approver=HEIDI, sent_at=at(MONDAY, 9), sends=1)
    lines = [approvals.in_list(s.eyes, run, person) for person in (HEIDI, DAG)]
    found = [Waiting(text=t, note=n, at=NOW, verb="run.approval", arg="n1", decide=True) for t, n in lines]
    other = Waiting(
        text=s.t("today.confirm"), note=s.t.moment(NOW - timedelta(hours=1), NOW), at=NOW, verb="run.asked"
    )
    yield "today.decide", overview.waiting(s.eyes, [*found, other], 0)
    yield "today.decide.one", overview.waiting(s.eyes, found[:1], 0)
    yield "home.head", overview.home(s.eyes, found, 0, office=False, heads=True)
    yield "approval.as_deputy", approvals.as_deputy(s.eyes, run, approvals.card(s.eyes, run, (DAG,)))


def _spoken(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    """What a head without chat has said, entered by communications."""
    accounts = [s.register.accounts[ident] for ident in ASKED]
    time = Time(name="christmas", asks=date(2026, 12, 1), first=date(2026, 12, 19), last=date(2027, 1, 6))
    holes = {"bio": (date(2026, 12, 22),)}
    yield "spoken.watch", spoken.watch_form(s.eyes, watch(), HEIDI, off=True)
    yield "spoken.watch.handed", spoken.watch_form(s.eyes, watch(handed_by=HEIDI), HEIDI, off=False)
    yield "spoken.season", spoken.season_form(s.eyes, time, HEIDI, holes)
    yield "spoken.season.whole", spoken.season_form(s.eyes, time, HEIDI, {})
    yield "spoken.yearly", spoken.yearly_form(s.eyes, "year:heidi:2026", "m", HEIDI, accounts)
    yield "spoken.duty", spoken.duty_form(s.eyes, accounts, "g1", HEIDI)
    told_by = watching.card(s.eyes, watch(), SPANS, (), may=("office",), told_by=HEIDI)
    yield "spoken.card.watch", told_by
    yield (
        "spoken.card.season",
        season.card(s.eyes, time, HEIDI, accounts, holes, own=False, answer="", told_by=True),
    )
    yield "spoken.noted", spoken.noted(s.eyes, HEIDI)
    yield "spoken.waits", Card(title=s.t("spoken.waits", name=s.eyes.name(HEIDI)))
    yield from _letters(s, time)


def _letters(s: Scene, time: Time) -> Iterator[tuple[str, Card]]:
    """To the head: what was entered; and what can be answered to two matters at once."""
    said: tuple[tuple[About, str], ...] = (
        *(("watch", a) for a in ("cover", "off", "hand")), *(("duty", a) for a in ("people", "rota", "none")),
        *(("season", a) for a in ("cover", "hand", "fine")), *(("yearly", a) for a in ("right", "change")),
    )  # fmt: skip
    for n, (about, answer) in enumerate(said):
        whom = (ANNA,) if answer in ("cover", "people") else ()
        way = (*spoken.WAYS, *entered.WAYS)[n % 3]
        instead = "filtered" if answer == "none" else ""
        one = Said(about=about, answer=answer, n=5, accounts=ASKED, people=whom, instead=instead, way=way,
                   day=MONDAY, by=KARIN)  # fmt: skip
        wish = s.outside.reason if answer == "change" else ""
        named = spoken.about(s.eyes, one, time if about == "season" else None)
        yield f"spoken.letter.{about}.{answer}", spoken.letter(s.eyes, one, named, wish)
    lines = [line for line in (watching.line(s.eyes, watch(), SPANS),) if line]
    card, holes = overview.heads(s.eyes, lines, own=True), {"bio": (date(2026, 12, 22),)}
    matters = [
        watching.card(s.eyes, watch(), SPANS, (), may=("head", "off")),
        season.card(s.eyes, time, HEIDI, [s.register.accounts["bio"]], holes, own=True, answer=""),
    ]
    both = overview.with_matters(s.eyes, card, matters)
    for chat in (True, False):
        yield f"heads.letter.both.{chat}", letter(s.eyes, both, chat=chat)
        yield f"heads.letter.open.{chat}", letter(s.eyes, card, chat=chat)
