"""The budget of messages (users.md) with everything that the bot does at once: an office of thirty accounts, through Christmas,
into summer and over the heads' yearly page."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import replace
from datetime import UTC, date
from random import Random

import pytest

from bot.model import SEASONS, Account, FreeDuty, Identity, Pattern, Person, PersonId, Place, Stamp, Unit
from tests.filed import file
from tests.new_account import sent
from tests.world import DAY, STAFF, WELCOMED, ZONE, Post, World, account, at, buttons, words, world

STRETCHES = (
    (date(2026, 11, 30), date(2026, 12, 4)),  # heads are asked who covers at Christmas
    (date(2026, 12, 23), date(2026, 12, 28)),  # Christmas itself
    (date(2027, 1, 7), date(2027, 1, 7)),  # all are back
    (date(2027, 5, 31), date(2027, 6, 1)),  # the summer is asked about, and free days anew
    (date(2027, 6, 4), date(2027, 6, 7)),  # with the national day
    (date(2027, 6, 24), date(2027, 6, 25)),  # Midsummer
    (date(2027, 9, 1), date(2027, 9, 1)),  # the heads' yearly pages
)
"""What is lived through day by day; between them the bot is down."""
CHANNELS = {
    "biologi": ("bio", 5), "fysik": ("fys", 5), "historia": ("hum", 4), "musik": ("hum", 3), "bibliotek": ("lib", 3),
    "teknik": ("fys", 3), "kemi": ("bio", 3), "idrott": ("hum", 2), "arkiv": ("lib", 1), "vatten": ("bio", 1),
}  # fmt: skip
UNMET, IMPORTED = "idrott", "vatten"
HEADS = {"bio": ("heidi", "dag"), "fys": ("hans", "dag"), "hum": ("ulla", None), "lib": ("lisa", None)}
ALL_HEADS = ("heidi", "dag", "hans", "ulla", "lisa", "fia")
DUTY = {"bibliotek": FreeDuty(kind="people", people=(PersonId("olle"), PersonId("sara")), agreed_by="lisa"),
        "teknik": FreeDuty(kind="rota", agreed_by="hans")}  # fmt: skip


def people_of(place: str) -> tuple[str, ...]:
    """Three in each channel."""
    return tuple(f"{place}-{n}" for n in range(3))


def accounts_of(place: str, stamp: Stamp) -> list[Account]:
    """Each with two of the channel's three people, and in turns of all kinds."""
    unit, number = CHANNELS[place]
    people = people_of(place)
    made = []
    for n in range(number):
        pair = PersonId(people[n % 3]), PersonId(people[(n + 1) % 3])
        kind = ("one", "weeks", "weekdays")[n % 3]
        order = {"one": (), "weeks": pair, "weekdays": (pair * 3)[:5]}[kind]
        pattern = Pattern(kind=kind, order=order, start=date(2026, 11, 30) if kind == "weeks" else None)
        duty = replace(DUTY[place], agreed_on=date(2026, 11, 2)) if place in DUTY else FreeDuty()
        state = "imported" if place == IMPORTED else "live"
        changes = {"unit": unit, "people": pair, "pattern": pattern, "duty": duty, "state": state}
        made.append(account(f"{place}{n}", place, stamp, **changes))
    return made


async def settle_in(w: World) -> None:
    everybody = frozenset((*STAFF, *(p for place in CHANNELS for p in people_of(place))))

    async def members(_address: object) -> frozenset[str]:
        return everybody

    w.chat.members = members
    stamp = Stamp(pack=w.bot.pack.name, version=w.bot.pack.version, digest=w.bot.pack.digest)
    async with w.bot.storage.write() as tx:
        for ident in ("hans", "ulla", "lisa", *(p for place in CHANNELS for p in people_of(place))):
            await tx.save_person(Person(id=PersonId(ident), name=ident, email=f"{ident}@example.se"))
            await tx.save_identity(Identity(platform="test", realm="T1", user=ident, person=PersonId(ident)))
        for unit, (head, deputy) in HEADS.items():
            await tx.save_unit(
                Unit(
                    id=unit,
                    name=unit,
                    head=PersonId(head),
                    deputy=PersonId(deputy) if deputy else None,
                    parent="fak",
                )
            )
        for place in CHANNELS:
            welcomed = None if place in (UNMET, IMPORTED) else WELCOMED
            ident = f"test:T1:{place}"
            await tx.save_place(
                Place(id=ident, platform="test", realm="T1", channel=place, name=place, welcomed=welcomed)
            )
            for each in accounts_of(place, stamp):
                await tx.save_account(each)


# -- what people do ---------------------------------------------------------------------------------


async def away(w: World, who: str, first: date, last: date, cover: str = "") -> None:
    form = (await w.press(who, "away.new")).form
    await w.fill(who, form, {"first": f"{first}", "last": f"{last}", "cover": cover})


async def leaves(w: World, who: str) -> None:
    await w.fill("karin", (await w.press("karin", "left.open")).form, {"person": who})


async def a_day(w: World, day: date, chance: Random) -> None:
    """Most cards are answered, some questions come, somebody falls ill; not all is answered."""
    await w.until(at(day, 8, 50))
    await scripted(w, day)
    await w.until(at(day, 9, 10))
    for place in CHANNELS if is_working_day(w, day) else ():
        if chance.random() < 0.7:
            for who in people_of(place)[:2]:
                await w.press(who, "round.clear", f"round:test:T1:{place}:{day}", place)
        if chance.random() < 0.1:
            await ask(w, place, day, chance)
    if is_working_day(w, day):
        who = chance.choice(people_of(chance.choice(list(CHANNELS)))[:2])
        await away(w, who, day, day + chance.randrange(4) * DAY, chance.choice(("", "olle", "sara")))
    await w.until(at(day, 23))


def is_working_day(w: World, day: date) -> bool:
    return w.bot.pack.calendar().is_working_day(day)


async def ask(w: World, place: str, day: date, chance: Random) -> None:
    who = people_of(place)[chance.randrange(2)]
    question = await w.log(who, f"{place}0", at(day, 8, 30))
    if chance.random() < 0.5:
        await w.press(who, "question.answered", question)


async def scripted(w: World, day: date) -> None:
    """What happens on certain days, before that day's cards."""
    match day:
        case date(year=2026, month=11, day=30):
            await file(w, account="biologi0")
            form = (await w.press("karin", "start.channels")).form
            await w.fill("karin", form, {"places": (f"test:T1:{IMPORTED}",)})
        case date(year=2026, month=12, day=1):
            for who in people_of("musik"):  # nobody is left: the head is asked, and the rota takes over
                await away(w, who, day + 2 * DAY, day + 20 * DAY)
            await leaves(w, "historia-2")
        case date(year=2026, month=12, day=2):
            await sent(w)
            for place in list(CHANNELS)[::2]:  # two of three, over Christmas
                for who in people_of(place)[:2]:
                    await away(w, who, date(2026, 12, 21), date(2027, 1, 6), "olle")
            await away(w, "heidi", date(2026, 12, 3), date(2026, 12, 4))
        case date(year=2026, month=12, day=3):
            await hand_over(w, "ulla")
        case date(year=2026, month=12, day=25):
            await w.log("biologi-0", "biologi0", at(day, 6))
            form = (await w.say("biologi-0", "sm-alarm")).form
            await w.fill("biologi-0", form, {"kind": "threat", "account": "biologi0"})
        case date(year=2027, month=6, day=1):
            await leaves(w, "kemi-2")
            for place in list(CHANNELS)[1::2]:
                for who in people_of(place):
                    await away(w, who, date(2027, 6, 21), date(2027, 7, 20))


async def hand_over(w: World, head: str) -> None:
    """The head leaves their accounts to communications, who takes them."""
    async with w.bot.storage.read() as tx:
        watches = [c for c in await tx.open_cases("watch") if c.what == "away" and c.reader == head]
    assert watches
    for watch in watches:
        await w.press(head, "watch.hand", watch.id)
        shown = (await w.press("karin", "watch.show", watch.id)).card
        for verb in {b.verb for b in buttons(shown)} & {"watch.take"}:
            await w.press_on("karin", shown, verb)


# -- what is counted --------------------------------------------------------------------------------

OWN = re.compile(r"[qa]\d")
"""What is a question's or an alarm's own begins with its id."""


def day_of(post: Post) -> date:
    return post.at.astimezone(ZONE).date()


def kind(post: Post) -> str:
    return "handover.back" if ":handover.back:" in post.key else post.key.split(":")[0]


def twice(found: Iterable[Hashable]) -> list[Hashable]:
    """What is there more than once."""
    return sorted(what for what, n in Counter(found).items() if n > 1)


def of_channels(posts: Iterable[Post]) -> list[Post]:
    """Outside questions and alarms."""
    return [p for p in posts if not p.to.startswith("@") and not OWN.match(p.key)]


def nothing_on_free_days_without_duty(w: World, posts: list[Post]) -> None:
    """Whoever has the duty gets the card and, unanswered, one reminder; an alarm and a press of one's own are heard too."""
    free = [p for p in posts if not is_working_day(w, day_of(p)) and not OWN.match(p.key)]
    assert {p.to for p in free} == {"@olle", "@sara", "@karin"}
    assert twice((p.to, day_of(p), kind(p)) for p in free) == []
    assert {kind(p) for p in free} == {"round", "reply"}
    assert {p.to for p in posts if OWN.match(p.key) and day_of(p) == date(2026, 12, 26)} == set()


def people_hear_each_thing_once_a_day(posts: list[Post]) -> None:
    """A request that comes at once, and what answers one's own press, is as often as it is pressed."""
    to_people = [p for p in posts if p.to.startswith("@") and not re.match(r"[aqr]\d", p.key)]
    assert {kind(p) for p in to_people} == {
        "heads", "round", "reply", "bundle", "rota", "handover", "handover.back",
    }  # fmt: skip
    assert twice((p.to, day_of(p), kind(p)) for p in to_people) == []
    assert {kind(p) for p in to_people if p.to[1:] in ALL_HEADS} == {"heads"}


def all_features_spoke(posts: list[Post]) -> None:
    """Else the budget would be kept by saying nothing."""
    to_heads = "\n".join(words(p.card) for p in posts if kind(p) == "heads" and p.to.startswith("@"))
    for part in ("Vem tar dina konton från", "på lediga dagar?", "finns inte längre", "är borta samtidigt",
                 "som du ansvarar för: stämmer det?", "@biologi_ny"):  # fmt: skip
        assert part in to_heads, part
    assert Counter(kind(p) for p in posts if not p.to.startswith("@")) >= Counter(
        ["welcome", "start", "round", "reply", "digest"]
    )
    assert any(p.key.startswith("a") for p in posts)


@pytest.mark.long
async def test_with_everything_at_once_nobody_hears_more_than_the_budget_allows(tmp_path):
    async with world(tmp_path, pack="kau", accounts=0, chemistry=0, seasons=SEASONS) as w:
        await settle_in(w)
        chance, days = Random(5), []
        for first, last in STRETCHES:
            w.clock.at = at(first, 0, 1).astimezone(UTC)
            for n in range((last - first).days + 1):
                days.append(first + n * DAY)
                await a_day(w, days[-1], chance)
        posts = w.chat.posts

        all_features_spoke(posts)
        asked = [p for p in of_channels(posts) if p.to != "kommunikation" and not p.thread]
        assert twice((p.to, day_of(p)) for p in asked) == []
        assert twice((p.to, day_of(p)) for p in of_channels(posts) if p.thread) == []
        ringing = [(p.to, day_of(p), who) for p in posts for who in p.alerts if not p.key.startswith("a")]
        assert twice(ringing) == []
        people_hear_each_thing_once_a_day(posts)
        nothing_on_free_days_without_duty(w, posts)
        office = [p for p in of_channels(posts) if p.to == "kommunikation"]
        digests = [day_of(p) for p in office if kind(p) == "digest"]
        assert digests == [day for day in days if is_working_day(w, day)]
        assert twice((day_of(p), kind(p)) for p in office) == []
