"""What the outbox promises, on Teams: the real delivery and the Teams adapter, on the made-up university."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.model import Place
from bot.outgoing import RowState
from bot.ports import Tx
from bot.retention import KINDS, Disposal
from bot.service import retention
from bot.texts import Texts
from scheduler.deliver import Delivery
from storage import tables
from storage.base import everything
from tests.fakes.teams import Call, Message
from tests.flows._teams_scene import Playing, Scene, known_here
from tests.world import MONDAY, STAFF, WELCOMED, World, at, world

TUESDAY, WEDNESDAY = (MONDAY.date() + timedelta(days=n) for n in (1, 2))
REPEAT = Texts("sv")("sending.repeat")
ABSENT = ("heidi", "karin", "sven", "sara", "adam")
"""They have the app, and are not in the channel's team."""


@dataclass
class Office:
    """The made-up university with its first five accounts in a channel of Teams."""

    scene: Scene
    world: World
    users: dict[str, str]
    at: dict[str, datetime] = field(default_factory=dict)  # when each message was posted
    alerts: dict[str, list[str]] = field(default_factory=dict)  # whom it alerted then: no edit alerts anybody

    def stored(self, _call: Call, message: Message) -> None:
        """Teams has a new message, or a change of one."""
        if message.id not in self.at:
            self.at[message.id], self.alerts[message.id] = self.world.clock.at, alerted(message)

    def posts(self, who: str = "", day: date | None = None) -> list[Message]:
        """What the bot has written in the channel with its threads, or to a person."""
        place = self.scene.teams.chat(self.users[who]) if who else self.scene.place
        found = [m for m in self.scene.teams.space.standing(place) if not m.user]
        return [m for m in found if day is None or self.at[m.id].astimezone(MONDAY.tzinfo).date() == day]

    def words(self, message: Message) -> str:
        return self.scene.teams.plain(message)

    async def pass_by(self, seconds: float) -> None:
        await self.world.until(self.world.clock.at + timedelta(seconds=seconds))
        await self.world.delivery.run_pass(self.world.clock.at)

    async def states(self, card: str) -> list[RowState]:
        """Of the rows of one kind of card."""
        async with self.world.bot.storage.read() as tx:
            rows = await tx._all(everything(tables.Outbox))
        return [row["state"] for row in rows if row["card"] == card]


def alerted(message: Message) -> list[str]:
    """Whom a post alerts: mentions in its card, with Teams' own flag."""
    entities = (message.cards[0].get("msteams") or {}).get("entities") or []
    flagged = (message.body.get("channelData") or {}).get("notification", {}).get("alert", False)
    assert flagged == bool(entities)
    return [entity["mentioned"]["id"] for entity in entities]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    (tmp_path / "stage").mkdir()
    async with world(tmp_path) as w, Playing(tmp_path / "stage", w) as scene:
        scene.teams.limits.off()
        users = {"anna": scene.anna, "bo": scene.bo}
        users |= {who: scene.teams.add_user(STAFF[who]) for who in ABSENT}
        scene.teams.give_app(*users.values())
        await w.seed(lambda tx: known_here(tx, scene.realm, users))
        await w.seed(lambda tx: moved(tx, scene))
        w.delivery = Delivery(w.bot, [scene.chat], "teams")
        found = Office(scene, w, users)
        scene.teams.hooks(on_stored=found.stored)
        yield found


async def moved(tx: Tx, scene: Scene) -> None:
    """The accounts of #biologi to the channel of Teams; the offices' own channels are gone."""
    here = Place(id=f"teams:{scene.realm}:{scene.place}", platform="teams", realm=scene.realm, channel=scene.place,
                 name="Biology / Social media", welcomed=WELCOMED)  # fmt: skip
    await tx.save_place(here)
    register = await tx.register()
    for account in register.accounts.values():
        if account.id.startswith("bio"):
            await tx.save_account(replace(account, place=here.id))
    for role in ("communications", "security"):
        await tx.save_role(role, register.holders(role), None)


# -- once, or marked --------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["close_after", 502])
async def test_a_question_that_may_have_arrived_is_sent_again_as_a_possible_repeat(
    office: Office, trouble: str | int
) -> None:
    office.scene.teams.faults.add("create", trouble)
    await office.world.log("anna", "bio0", MONDAY)
    await office.pass_by(6)
    *first, last = office.posts()
    assert len(first) == (trouble == "close_after")
    assert [REPEAT in office.words(post) for post in (*first, last)] == [False] * len(first) + [True]
    assert await office.states("question") == ["sent"]
    await office.pass_by(60)
    assert len(office.posts()) == len(first) + 1


async def test_a_morning_card_that_may_have_arrived_waits_for_the_next_morning(office: Office) -> None:
    office.scene.teams.faults.add("create", "close_after")
    await office.world.until(at(MONDAY.date(), 13))
    assert len(office.posts()) == 1
    assert "ambiguous" in await office.states("round")
    await office.world.until(at(TUESDAY, 10))
    (card,) = office.posts(day=TUESDAY)
    assert REPEAT not in office.words(card)


async def test_what_surely_did_not_arrive_is_sent_again_unmarked(office: Office) -> None:
    office.scene.teams.faults.add("create", 412, body="empty")
    await office.world.log("anna", "bio0", MONDAY)
    assert office.posts() == []
    await office.pass_by(6)
    (card,) = office.posts()
    assert REPEAT not in office.words(card)


# -- waiting, and never -----------------------------------------------------------------------------


async def test_retry_after_holds_its_own_conversation_and_no_other(office: Office) -> None:
    office.scene.teams.faults.add("create", 429, retry_after=40, place=office.scene.place)
    await office.world.log("anna", "bio0", MONDAY)
    await raised(office)
    assert len(office.posts("sven")) == 1
    await office.pass_by(38)
    assert office.posts() == []
    await office.pass_by(4)
    assert len(office.posts()) == 1


async def raised(office: Office) -> None:
    form = (await office.world.say("anna", "sm-alarm")).form
    await office.world.fill("anna", form, {"account": "bio0"})
    await office.pass_by(1)


async def test_a_card_that_teams_finds_too_big_is_told_to_the_administrators_and_holds_up_no_other(
    office: Office,
) -> None:
    office.scene.teams.faults.add("create", 413, code="MessageSizeTooBig")
    for account in ("bio0", "bio1"):
        await office.world.log("anna", account, MONDAY)
    await office.pass_by(2)
    assert sorted(await office.states("question")) == ["dead", "sent"]
    (told,) = office.posts("adam")
    assert "Biology / Social media" in office.words(told)


async def test_an_escalation_where_the_app_is_gone_goes_to_the_next_rung_at_once_and_says_so(
    office: Office,
) -> None:
    await office.world.until(at(MONDAY.date(), 10))
    await office.world.log("anna", "bio0", MONDAY)
    office.scene.teams.space.teams[office.scene.team].installed = False
    await office.world.until(at(WEDNESDAY, 12))
    substitute = [m for m in office.posts("bo") if "Biology / Social media" in office.words(m)]
    (place,) = [c for c in office.scene.teams.calls if c.status == 403]
    assert len(substitute) == 1
    assert place.place == office.scene.place
    assert any("Biology / Social media" in office.words(m) for m in office.posts("adam"))


# -- threads and edits ------------------------------------------------------------------------------


async def test_the_days_reply_stands_in_the_thread_of_its_card(office: Office) -> None:
    await office.world.until(at(MONDAY.date(), 14, 1))
    card, reply = office.posts()
    assert (card.root, reply.root) == ("", card.id)
    assert (office.at[card.id], office.at[reply.id]) == (at(MONDAY.date(), 9), at(MONDAY.date(), 14))


async def test_every_copy_of_an_alarm_shows_who_has_it(office: Office) -> None:
    await raised(office)
    shown = [office.posts(who)[0] for who in ("anna", "sven", "karin")]
    before = [message.edits for message in shown]
    assert (await office.scene.teams.press(office.users["sven"], shown[1], 0)).ok
    await office.pass_by(2)
    assert [message.edits for message in shown] == [edits + 1 for edits in before]
    assert all("Sven Malm" in office.words(message) for message in shown)


async def test_a_repeat_and_the_first_are_not_both_changed_but_the_one_that_is_known(office: Office) -> None:
    office.scene.teams.faults.add("create", "close_after")
    question = await office.world.log("anna", "bio0", MONDAY)
    await office.pass_by(6)
    await office.world.press("bo", "question.take", question)
    await office.pass_by(2)
    assert [message.edits for message in office.posts()] == [0, 1]


# -- how often it speaks (users.md, U12) ------------------------------------------------------------


async def test_a_day_without_an_answer_is_a_card_that_alerts_the_watcher_and_a_reply_that_alerts_nobody(
    office: Office,
) -> None:
    await office.world.until(at(MONDAY.date(), 23))
    card, reply = office.posts()
    assert office.alerts[card.id] == [office.users["anna"]]
    assert office.alerts[reply.id] == []
    assert "Anna Ek" in office.words(reply)
    assert "@Anna Ek" not in office.words(reply)


async def test_an_answered_day_is_one_post_and_one_alert(office: Office) -> None:
    await office.world.until(at(MONDAY.date(), 9, 1))
    (card,) = office.posts()
    label = next(b for b in office.scene.teams.buttons(card) if b.startswith("Allt lugnt"))
    assert (await office.scene.teams.press(office.users["anna"], card, label)).ok
    await office.world.until(at(MONDAY.date(), 23))
    assert office.posts() == [card]
    assert card.edits == 1


@pytest.mark.long
async def test_in_ten_days_without_an_answer_each_working_day_is_two_posts_and_only_the_card_alerts(
    office: Office,
) -> None:
    days = [MONDAY.date() + timedelta(days=n) for n in range(10)]
    await office.world.until(at(days[-1], 23))
    calendar = office.world.bot.pack.calendar()
    for day in days:
        posts = office.posts(day=day)
        assert len(posts) == (2 if calendar.is_working_day(day) else 0), day
        alerts = [office.alerts[post.id] for post in posts]
        assert not alerts or (len(set(alerts[0])) == len(alerts[0]) > 0 and alerts[1] == []), day


# -- purged -----------------------------------------------------------------------------------------


@pytest.mark.long
async def test_what_is_purged_is_written_over_in_teams_also_for_somebody_whose_chat_is_gone(
    office: Office,
) -> None:
    ident = await office.world.log("anna", "bio0", MONDAY, text="Får jag ha marsvin?")
    await office.world.until(at(TUESDAY, 10))
    await office.world.press("anna", "question.answered", ident)
    assert any("marsvin" in office.words(post) for post in office.posts())
    await office.world.seed(decided)
    office.world.clock.at += timedelta(days=60)
    await retention.run(office.world.bot, office.world.clock.now(), batches=None)
    for _ in range(6):
        await office.pass_by(600)
    everywhere = [post for who in ("", *office.users) for post in office.posts(who)]
    assert [post for post in everywhere if "marsvin" in office.words(post)] == []
    assert any("gallrat enligt beslut LU 2026/77" in office.words(post) for post in everywhere)


async def decided(tx: Tx) -> None:
    rule = Disposal(days=30, number="LU 2026/77", decided_on=MONDAY.date())
    found = (await tx.register()).office
    await tx.save_office(replace(found, retention=dict.fromkeys(KINDS, rule)))
