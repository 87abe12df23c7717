"""What is said arrives once, in order, and nothing is silently lost. Over a real SQLite file and a chat in memory."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.model import Identity, Person, PersonId
from bot.outgoing import Row, Tokens
from bot.service import trouble
from scheduler.deliver import Delivery
from scheduler.pace import Pace
from storage.engine import connect
from storage.store import Store
from tests.fakes import chat as fakes
from tests.fakes.chat import StageClock, bot_on, cut_off
from tests.fakes.stage import Stage, open_stage


def row(key: str, *, place: str = "bio", card: str = "question", case: str = "q1", **more: object) -> Row:
    return Row(key=key, card=card, reader=f"place:{place}", target=f"place:{place}", case=case, **more)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as found:
        yield found


async def ask_and_lose(stage: Stage, fault: fakes.Fault) -> None:
    """A question whose first post goes wrong, and the next try six seconds later."""
    await stage.ask()
    stage.chat.faults.append(fault)
    await stage.delivery.run_pass()
    stage.clock.pass_by(seconds=6)
    await stage.delivery.run_pass()


# -- once -----------------------------------------------------------------------------------------


async def test_a_question_is_posted_once_in_its_place(stage: Stage) -> None:
    await stage.ask()
    assert await stage.delivery.run_pass() == 1
    assert await stage.delivery.run_pass() == 0
    assert [(p.channel, p.title) for p in stage.chat.posts] == [("BIO", stage.chat.titles[0])]
    assert "@bio" in stage.chat.titles[0]
    assert await stage.states() == {"q1:card": "sent"}
    (message,) = await stage.messages()
    assert (message.ref, message.living, message.due) == ("0001", True, False)


async def test_two_deliveries_on_one_store_send_nothing_twice(stage: Stage) -> None:
    for n in range(12):
        await stage.ask(f"q{n}", place="bio" if n % 2 else "fys")
    await asyncio.gather(stage.delivery.run_pass(), stage.another("two").run_pass())
    keys = [p.envelope.key for p in stage.chat.posts]
    assert sorted(keys) == sorted(f"q{n}:card" for n in range(12))
    assert [k for k, p in zip(keys, stage.chat.posts, strict=True) if p.channel == "BIO"] == [
        f"q{n}:card" for n in range(1, 12, 2)
    ]


async def test_two_processes_with_stores_of_their_own_send_nothing_twice(stage: Stage) -> None:
    for n in range(12):
        await stage.ask(f"q{n}", place="bio" if n % 2 else "fys")
    second = Store(connect(stage.url))
    other = Delivery(bot_on(second, stage.clock, stage.troubles), [stage.chat], "two")
    await asyncio.gather(stage.delivery.run_pass(), other.run_pass())
    await stage.delivery.run_pass()
    await second.close()
    assert sorted(p.envelope.key for p in stage.chat.posts) == sorted(f"q{n}:card" for n in range(12))
    assert stage.troubles == []


async def test_a_crash_between_sending_and_settling_is_found_by_its_key(stage: Stage) -> None:
    await stage.ask()
    stage.chat.hangs = True
    task = asyncio.create_task(stage.delivery.run_pass())
    await stage.chat.reached.wait()
    await cut_off(task)
    assert await stage.states() == {"q1:card": "sending"}
    stage.chat.hangs = False
    assert await stage.another("two").run_pass() == 0  # the lease still holds
    stage.clock.pass_by(seconds=31)
    await stage.another("two").run_pass()
    assert len(stage.chat.posts) == 1
    assert await stage.states() == {"q1:card": "sent"}
    assert [m.ref for m in await stage.messages()] == ["0001"]


async def test_a_crash_before_the_request_left_is_sent_after_looking(stage: Stage) -> None:
    await ask_and_lose(stage, fakes.lost_request)
    assert stage.chat.calls[-2:] == ["find q1:card", "post q1:card"]
    assert len(stage.chat.posts) == 1
    assert "repeat" not in repr(stage.chat.posts[0].envelope.card)


async def test_what_was_found_shows_its_case_as_it_stands(stage: Stage) -> None:
    await stage.ask()
    stage.chat.faults.append(fakes.lost_answer)
    await stage.delivery.run_pass()
    await stage.take()
    stage.clock.pass_by(seconds=6)
    await stage.delivery.run_pass()
    stage.clock.pass_by(seconds=6)
    await stage.delivery.run_pass()
    assert len(stage.chat.posts) == 1
    assert "Bo" in repr(stage.chat.posts[0].edits)


async def test_a_lost_answer_is_found_and_not_repeated(stage: Stage) -> None:
    await ask_and_lose(stage, fakes.lost_answer)
    assert len(stage.chat.posts) == 1
    assert await stage.states() == {"q1:card": "sent"}


async def test_a_question_that_cannot_be_looked_up_is_sent_again_as_a_possible_repeat(stage: Stage) -> None:
    stage.chat.finds = False
    await ask_and_lose(stage, fakes.lost_answer)
    first, second = stage.chat.posts
    assert "may be a repeat" not in repr(first.envelope.card)
    assert "may be a repeat" in repr(second.envelope.card)
    assert [m.ref for m in await stage.messages()] == [second.ref]


async def test_a_possible_repeat_stays_one_until_it_is_through(stage: Stage) -> None:
    stage.chat.finds = False
    await stage.ask()
    stage.chat.faults.extend([fakes.lost_answer, fakes.refused])
    for _ in range(3):
        await stage.delivery.run_pass()
        stage.clock.pass_by(seconds=21)
    assert "may be a repeat" in repr(stage.chat.posts[1].envelope.card)


async def test_a_morning_card_in_doubt_waits_for_its_next_occasion(stage: Stage, monkeypatch) -> None:
    monkeypatch.setattr("scheduler.sending.WAITS", frozenset({"question"}))
    stage.chat.finds = False
    await ask_and_lose(stage, fakes.lost_answer)
    assert len(stage.chat.posts) == 1
    assert await stage.states() == {"q1:card": "ambiguous"}


# -- waiting --------------------------------------------------------------------------------------


async def test_a_place_that_is_written_to_too_fast_waits_and_the_others_go_on(stage: Stage) -> None:
    await stage.ask("q1", "bio")
    await stage.ask("q2", "bio")
    await stage.ask("q3", "fys")
    stage.chat.faults.append(fakes.too_fast(30))
    await stage.delivery.run_pass()
    assert [p.envelope.key for p in stage.chat.posts] == ["q3:card"]
    stage.clock.pass_by(seconds=29)
    assert await stage.delivery.run_pass() == 0
    stage.clock.pass_by(seconds=2)
    await stage.delivery.run_pass()
    assert [p.envelope.key for p in stage.chat.posts] == ["q3:card", "q1:card", "q2:card"]


async def test_a_limit_of_the_whole_workspace_holds_every_place(stage: Stage) -> None:
    await stage.ask("q1", "bio")
    stage.chat.faults.append(fakes.too_fast(30, wide=True))
    await stage.delivery.run_pass()
    await stage.ask("q2", "fys")
    await stage.put(row("dm", card="question", case="q2", place="fys"))
    assert await stage.delivery.run_pass() == 0
    stage.clock.pass_by(seconds=31)
    await stage.delivery.run_pass()
    assert {p.envelope.key for p in stage.chat.posts} == {"q1:card", "q2:card", "dm"}


async def test_what_meets_a_revoked_token_waits_and_is_sent_once_it_is_mended(stage: Stage) -> None:
    await stage.ask("q1", "bio")
    stage.chat.faults.extend([fakes.shut_out] * 3)
    for _ in range(3):
        await stage.delivery.run_pass()
        stage.clock.pass_by(seconds=31)
    async with stage.store.read() as tx:
        assert await trouble.shut_out(tx) == {"slack": "token_revoked"}
    assert await stage.states() == {"q1:card": "waiting"}
    assert [type(t) for t in stage.troubles] == [trouble.ShutOut]

    await stage.delivery.run_pass()
    assert await stage.states() == {"q1:card": "sent"}
    async with stage.store.read() as tx:
        assert await trouble.shut_out(tx) == {}


async def test_nothing_left_the_machine_is_tried_again_at_growing_distances(stage: Stage) -> None:
    await stage.ask()
    stage.chat.faults.extend([fakes.refused] * 9)
    for wait in (5, 10, 20, 40, 80, 160, 320, 600, 600):
        await stage.delivery.run_pass()
        stage.clock.pass_by(seconds=wait - 1)
        assert await stage.delivery.run_pass() == 0
        stage.clock.pass_by(seconds=1)
    await stage.delivery.run_pass()
    assert len(stage.chat.posts) == 1


async def test_what_follows_never_overtakes_what_waits_but_an_alarm_does(stage: Stage) -> None:
    await stage.ask("q1")
    stage.chat.faults.extend([fakes.refused] * 3)
    for _ in range(3):
        await stage.delivery.run_pass()
        stage.clock.pass_by(seconds=19)
    await stage.ask("q2")
    await stage.delivery.run_pass()
    assert stage.chat.posts == []
    await stage.put(row("alarm", lane="alarm"), row("gone", lane="alarm", case="q9"))
    await stage.delivery.run_pass()
    assert [p.envelope.key for p in stage.chat.posts] == ["alarm"]
    stage.clock.pass_by(seconds=2)
    await stage.delivery.run_pass()
    assert [p.envelope.key for p in stage.chat.posts] == ["alarm", "q1:card", "q2:card"]


async def test_the_pace_keeps_tokens_for_alarms(stage: Stage) -> None:
    stage.paces["slack"] = Pace(rate=1, burst=10, gap=timedelta())
    for n in range(12):
        await stage.put(row(f"r{n:02}", place="bio" if n % 2 else "fys", case="q1"))
    await stage.ask()
    await stage.delivery.run_pass()
    assert len(stage.chat.posts) == 9
    await stage.put(row("alarm", lane="alarm"))
    await stage.delivery.run_pass()
    assert stage.chat.posts[-1].envelope.key == "alarm"
    assert len(stage.chat.posts) == 10
    stage.clock.pass_by(seconds=10)
    await stage.delivery.run_pass()
    assert len(stage.chat.posts) == 14


async def test_a_platform_that_waits_for_its_pace_keeps_no_other_waiting(stage: Stage) -> None:
    teams = fakes.FakeChat("teams")
    async with stage.store.write() as tx:
        fys = (await tx.register()).places["fys"]
        await tx.save_place(replace(fys, platform="teams"))
    stage.paces["slack"] = Pace(rate=0.5, burst=2, gap=timedelta())
    delivery = Delivery(stage.bot, [stage.chat, teams], "one", stage.paces)
    for n in range(6):
        await stage.ask(f"q{n}", place="fys" if n > 2 else "bio")
    await delivery.run_pass()
    assert (len(stage.chat.posts), len(teams.posts)) == (1, 3)
    await stage.put(row("alarm", lane="alarm"))
    await delivery.run_pass()
    assert [post.envelope.key for post in stage.chat.posts] == ["q0:card", "alarm"]


async def test_whoever_is_sent_to_where_the_pace_is_slow_keeps_no_other_target_waiting(stage: Stage) -> None:
    """Tia's only chat does not run, so she gets mail; Bo is on two chats, and of them the slow one is his."""
    mail, teams = fakes.FakeChat("mail"), fakes.FakeChat("teams")
    async with stage.store.write() as tx:
        tia = Person(id=PersonId("tia"), name="Tia", email="tia@uni.example")
        await tx.save_person(tia)
        await tx.save_identity(Identity(platform="old", realm="T", user="tia", person=tia.id))
        await tx.save_identity(Identity(platform="teams", realm="T", user="bo", person=PersonId("bo")))
        await tx.save_place(replace((await tx.register()).places["fys"], platform="teams"))
        for slow in ("mail", "slack"):
            await tx.keep_tokens(slow, Tokens(tokens=2.0, at=stage.clock.real()))
    to_both = [replace(row(f"r{to}", card="trouble", arg="case|x", case=None), reader=to, target=to)
               for to in ("person:tia", "person:bo", "place:bio")]  # fmt: skip
    await stage.put(*to_both)
    await stage.ask("q1", place="fys")
    paces = {"mail": Pace(rate=1.0), "slack": Pace(rate=1.0)}
    delivery = Delivery(stage.bot, [stage.chat, teams, mail], "one", paces)
    await delivery.run_pass()
    assert (mail.calls, stage.chat.calls, teams.titles) == ([], [], [teams.titles[0]])
    stage.clock.pass_by(seconds=2)
    await delivery.run_pass()
    assert (len(mail.posts), len(stage.chat.posts)) == (1, 2)


async def test_a_pass_waits_for_a_pace_that_allows_more_in_a_moment(stage: Stage) -> None:
    class Running(StageClock):
        """A moment passes each time that somebody looks."""

        def real(self) -> datetime:
            self.pass_by(seconds=0.002)
            return super().real()

    stage.bot = replace(stage.bot, clock=Running())
    for n in range(8):
        await stage.ask(f"q{n}", place="bio" if n % 2 else "fys")
    pace = Pace(rate=100, burst=2, gap=timedelta())
    assert await Delivery(stage.bot, [stage.chat], "one", {"slack": pace}).run_pass() == 8
    assert len(stage.chat.posts) == 8


async def test_two_processes_share_one_pace(stage: Stage) -> None:
    for n in range(20):
        await stage.put(row(f"r{n:02}", place="bio" if n % 2 else "fys", case="q1"))
    await stage.ask()
    stage.paces["slack"] = Pace(rate=1, burst=10, gap=timedelta())
    await stage.delivery.run_pass()
    second = Store(connect(stage.url))
    pace = Pace(rate=1, burst=10, gap=timedelta())
    other = Delivery(bot_on(second, stage.clock), [stage.chat], "two", {"slack": pace})
    await other.run_pass()
    assert len(stage.chat.posts) == 9
    stage.clock.pass_by(seconds=3)
    await other.run_pass()
    await stage.delivery.run_pass()
    await second.close()
    assert len(stage.chat.posts) == 12


async def test_a_channel_gets_no_second_post_within_a_second(stage: Stage) -> None:
    stage.paces["slack"] = Pace()
    await stage.ask("q1")
    await stage.ask("q2")
    await stage.delivery.run_pass()
    assert len(stage.chat.posts) == 1
    stage.clock.pass_by(seconds=1)
    await stage.delivery.run_pass()
    assert len(stage.chat.posts) == 2


# -- never ----------------------------------------------------------------------------------------


async def test_a_dead_channel_is_told_to_the_administrators_once(stage: Stage) -> None:
    stage.chat.dead.add("BIO")
    await stage.ask("q1")
    await stage.ask("q2")
    await stage.delivery.run_pass()
    states = await stage.states()
    assert (states["q1:card"], states["q2:card"]) == ("dead", "dead")
    (told,) = stage.chat.posts
    assert told.channel == "DADA"
    assert told.title == "I cannot write in #bio"


async def test_administrators_who_cannot_be_reached_start_no_loop(stage: Stage) -> None:
    stage.chat.dead |= {"BIO", "ADA"}
    await stage.ask()
    assert await stage.delivery.run_pass() == 2
    assert await stage.delivery.run_pass() == 0
    assert set((await stage.states()).values()) == {"dead"}


async def test_a_person_without_a_chat_account_is_dead_and_told(stage: Stage) -> None:
    await stage.ask()
    await stage.put(Row(key="x", card="question", reader="person:eve", target="person:eve", case="q1"))
    await stage.delivery.run_pass()
    assert (await stage.states())["x"] == "dead"
    assert "I cannot reach eve" in stage.chat.titles


async def test_what_is_no_longer_true_is_not_said(stage: Stage) -> None:
    await stage.ask()
    await stage.put(
        row("late", useful_until=stage.clock.now() - timedelta(minutes=1)),
        row("gone", case="q9"),
        row("over", card="escalation", arg="substitute"),
    )
    await stage.change(closed_at=stage.clock.now(), ended="answered")
    await stage.delivery.run_pass()
    assert [p.envelope.key for p in stage.chat.posts] == ["q1:card"]
    states = await stage.states()
    assert {states[k] for k in ("late", "gone", "over")} == {"superseded"}


async def test_a_card_that_cannot_be_made_holds_up_no_other(stage: Stage) -> None:
    await stage.put(row("poison", card="no such card"))
    await stage.ask()
    for minutes in (2, 6, 31, 31):
        await stage.delivery.run_pass()
        stage.clock.pass_by(minutes=minutes)
    titles = stage.chat.titles
    assert [p.envelope.key for p in stage.chat.posts] == ["q1:card", "trouble:row:poison"]
    assert titles[1] == "Something in me needs looking after"
    assert len(stage.troubles) == 4


# -- edits ----------------------------------------------------------------------------------------


async def test_ten_changes_make_one_edit(stage: Stage) -> None:
    await stage.ask()
    await stage.delivery.run_pass()
    for n in range(10):
        await stage.change(link=f"https://example.org/{n}")
    await stage.delivery.run_pass()
    assert stage.chat.calls == ["post q1:card", "edit q1:card"]
    assert "https://example.org/9" in repr(stage.chat.posts[0].edits)


async def test_a_change_that_is_not_seen_edits_nothing(stage: Stage) -> None:
    await stage.ask()
    await stage.delivery.run_pass()
    await stage.change()
    await stage.delivery.run_pass()
    assert stage.chat.calls == ["post q1:card"]
    assert [m.due for m in await stage.messages()] == [False]


async def test_changes_before_the_post_stand_in_the_post(stage: Stage) -> None:
    await stage.ask()
    await stage.take()
    await stage.delivery.run_pass()
    assert stage.chat.calls == ["post q1:card"]
    assert "Bo" in repr(stage.chat.posts[0].envelope.card)


async def test_a_change_while_the_post_is_on_its_way_is_edited_in(stage: Stage) -> None:
    await stage.ask()
    stage.chat.meanwhile = stage.take
    await stage.delivery.run_pass()
    assert stage.chat.calls == ["post q1:card", "edit q1:card"]
    assert "Bo" in repr(stage.chat.posts[0].edits)


async def test_a_crash_between_an_edit_and_settling_leaves_no_card_that_its_case_has_left(
    stage: Stage,
) -> None:
    """The case looks again as before the edit that was cut off: the card does not."""
    await stage.ask()
    await stage.delivery.run_pass()
    await stage.change(link="https://example.org/1")
    stage.chat.hangs = True
    stage.chat.reached.clear()
    task = asyncio.create_task(stage.delivery.run_pass())
    await stage.chat.reached.wait()
    await cut_off(task)
    stage.chat.hangs = False
    assert "https://example.org/1" in repr(stage.chat.posts[0].edits[-1])
    await stage.change(link="")
    stage.clock.pass_by(seconds=31)
    await stage.another("two").run_pass()
    assert "https://example.org/1" not in repr(stage.chat.posts[0].edits[-1])
    assert [m.due for m in await stage.messages()] == [False]


async def test_an_edit_in_doubt_waits_for_the_next_change(stage: Stage) -> None:
    await stage.ask()
    await stage.delivery.run_pass()
    await stage.take()
    stage.chat.faults.append(fakes.lost_request)
    await stage.delivery.run_pass()
    assert await stage.delivery.run_pass() == 0
    await stage.change()
    await stage.delivery.run_pass()
    assert len(stage.chat.posts[0].edits) == 1


async def test_an_edit_that_waits_for_our_token_is_made_once_it_is_back(stage: Stage) -> None:
    await stage.ask()
    await stage.delivery.run_pass()
    await stage.take()
    stage.chat.faults.append(fakes.too_fast(30, wide=True))
    await stage.delivery.run_pass()
    assert [m.due for m in await stage.messages()] == [True]
    stage.clock.pass_by(seconds=31)
    await stage.delivery.run_pass()
    assert len(stage.chat.posts[0].edits) == 1


async def test_a_message_that_was_removed_is_forgotten(stage: Stage) -> None:
    await stage.ask()
    await stage.delivery.run_pass()
    await stage.take()
    stage.chat.faults.append(fakes.no_channel)
    await stage.delivery.run_pass()
    assert await stage.messages() == []
    assert await stage.delivery.run_pass() == 0


# -- order and threads ----------------------------------------------------------------------------


async def test_an_alarm_goes_before_everything_that_waits(stage: Stage) -> None:
    for n in range(1, 6):
        await stage.ask(f"q{n}", place="bio")
    await stage.put(row("alarm", lane="alarm"))
    await stage.delivery.run_pass()
    assert stage.chat.posts[0].envelope.key == "alarm"
    assert [p.envelope.key for p in stage.chat.posts[1:]] == [f"q{n}:card" for n in range(1, 6)]


async def test_what_follows_a_card_stands_in_its_thread(stage: Stage) -> None:
    await stage.ask()
    await stage.put(row("escalated", card="escalation", arg="substitute", threaded=True))
    stage.chat.people["BIO"] = frozenset({"BO", "CIA"})
    await stage.delivery.run_pass()
    assert [p.envelope.thread for p in stage.chat.posts] == ["", "0001"]


async def test_what_follows_a_dead_card_stands_alone(stage: Stage) -> None:
    await stage.ask()
    stage.chat.faults.append(fakes.no_channel)
    await stage.put(row("escalated", card="escalation", arg="substitute", threaded=True))
    await stage.delivery.run_pass()
    post = next(p for p in stage.chat.posts if p.envelope.key == "escalated")
    assert post.envelope.thread == ""


async def test_whoever_is_alerted_and_is_no_member_gets_a_direct_message(stage: Stage) -> None:
    await stage.ask()
    stage.chat.people["BIO"] = frozenset({"BO"})
    await stage.put(row("escalated", card="escalation", arg="substitute", threaded=True))
    await stage.delivery.run_pass()
    await stage.delivery.run_pass()
    by_key = {p.envelope.key: p for p in stage.chat.posts}
    assert by_key["escalated"].envelope.users == {}
    assert by_key["escalated:dm:cia"].channel == "DCIA"
    assert len(stage.chat.posts) == 3


async def test_members_are_asked_once_a_day(stage: Stage) -> None:
    await stage.ask()
    stage.chat.people["BIO"] = frozenset({"BO", "CIA"})
    for n in range(3):
        async with stage.store.write() as tx:
            await tx.save_fact("alerted|place:bio", "{}")  # as on a new day: each of them alerts
        await stage.put(row(f"e{n}", card="escalation", arg="substitute"))
        await stage.delivery.run_pass()
    assert stage.chat.calls.count("members BIO") == 1
    assert stage.chat.posts[-1].envelope.users == {PersonId("cia"): "CIA"}


async def test_several_escalations_of_a_day_alert_somebody_once_and_name_them_after_that(
    stage: Stage,
) -> None:
    await stage.ask()
    stage.chat.people["BIO"] = frozenset({"BO", "CIA"})
    await stage.put(*(row(f"e{n}", card="escalation", arg="substitute") for n in range(3)))
    await stage.delivery.run_pass()
    alerted = [p.envelope.users for p in stage.chat.posts if p.envelope.key.startswith("e")]
    assert alerted == [{PersonId("cia"): "CIA"}, {}, {}]
    assert "Cia, " in repr(stage.chat.posts[-1].envelope.card) or "Cia " in repr(
        stage.chat.posts[-1].envelope.card
    )


async def test_an_alarm_is_sent_while_ordinary_posts_hang(stage: Stage) -> None:
    places = [f"p{n}" for n in range(12)]
    await fakes.office(stage.store, places)
    for n, place in enumerate(places):
        await stage.ask(f"q{n}", place=place)
    stage.chat.hangs = True
    running = asyncio.create_task(stage.delivery.run_pass())
    await stage.chat.reached.wait()
    await stage.put(row("alarm", place="bio", case="q0", lane="alarm"))
    stage.delivery.nudge()
    async with asyncio.timeout(5):
        while "BIO" not in [p.channel for p in stage.chat.posts]:
            await asyncio.sleep(0.01)
    assert len(stage.chat.posts) < len(places)
    await cut_off(running)
