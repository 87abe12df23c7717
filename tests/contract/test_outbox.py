"""What every store promises about the outbox, its leases and the messages that stand on a platform."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.outgoing import Claim, Pause, Tokens
from bot.ports import Conflict
from storage.outbox import BATCH
from storage.store import Store
from tests.contract.samples import (
    ALARM_LEASE,
    ANNA,
    BO,
    IDENTITY,
    LEASE,
    NOW,
    PLACE,
    message,
    person,
    question,
    row,
)

SECOND = timedelta(seconds=1)


async def claim(
    store: Store,
    owner: str = "one",
    at: datetime = NOW,
    without: tuple[str, ...] = (),
    chats: tuple[str, ...] = ("slack", "teams", "mail"),
) -> Claim | None:
    async with store.write() as tx:
        return await tx.claim(owner, at, LEASE, ALARM_LEASE, chats=chats, without=without)


async def enqueue(store: Store, *rows: object) -> None:
    async with store.write() as tx:
        await tx.enqueue(rows)  # type: ignore[arg-type]


def keys(claimed: Claim | None) -> list[str]:
    assert claimed is not None
    return [r.key for r in claimed.rows]


async def test_a_key_is_queued_once(store: Store) -> None:
    await enqueue(store, row("k", arg="first"), row("k", arg="second"))
    await enqueue(store, row("k", arg="third"), row("l"))
    claimed = await claim(store)
    assert keys(claimed) == ["k", "l"]
    assert claimed.rows[0] == replace(row("k", arg="first"), number=claimed.rows[0].number)
    async with store.read() as tx:
        assert await tx.has_row("k")
        assert not await tx.has_row("m")
        assert await tx.waiting() == 2


async def test_with_nothing_to_do_there_is_nothing_to_claim(store: Store) -> None:
    assert await claim(store) is None


async def test_a_held_target_is_left_alone_until_it_is_released(store: Store, other: Store) -> None:
    await enqueue(store, row("k"))
    claimed = await claim(store)
    assert (claimed.target, claimed.until) == ("place:p1", NOW + LEASE)
    assert await claim(other, "two") is None
    async with other.write() as tx:
        await tx.release("place:p1", "two")
    assert await claim(other, "two") is None
    async with store.write() as tx:
        await tx.release("place:p1", "one")
    assert keys(await claim(other, "two")) == ["k"]


async def test_a_row_whose_sender_died_comes_back_as_sending_when_the_lease_ends(
    store: Store, other: Store
) -> None:
    await enqueue(store, row("k"))
    number = (await claim(store)).rows[0].number
    async with store.write() as tx:
        await tx.begin_row(number, NOW)
    assert await claim(other, "two", NOW + LEASE - SECOND) is None
    (again,) = (await claim(other, "two", NOW + LEASE)).rows
    assert (again.state, again.tries, again.first_try) == ("sending", 1, NOW)
    async with other.write() as tx:
        await tx.begin_row(number, NOW + LEASE)
        await tx.release("place:p1", "two")
    (third,) = (await claim(other, "two", NOW + LEASE)).rows
    assert (third.tries, third.first_try) == (2, NOW)


async def test_alarms_come_first_and_with_the_short_lease(store: Store) -> None:
    await enqueue(store, row("old", "place:p2"), row("k"), row("l"), row("alarm", lane="alarm"))
    claimed = await claim(store)
    assert claimed.until == NOW + ALARM_LEASE
    assert keys(claimed) == ["alarm", "k", "l"]
    assert keys(await claim(store)) == ["old"]


async def test_the_target_that_waits_longest_comes_first(store: Store) -> None:
    await enqueue(store, row("a", "place:p2"), row("b"), row("c", "person:anna"))
    assert [keys(await claim(store)) for _ in range(3)] == [["a"], ["b"], ["c"]]


async def test_a_row_that_is_to_be_tried_later_waits_alone(store: Store) -> None:
    await enqueue(store, row("k"), row("l"))
    first, _ = (await claim(store)).rows
    async with store.write() as tx:
        await tx.begin_row(first.number, NOW)
        await tx.settle_row(first.number, "waiting", retry_at=NOW + 5 * SECOND, reason="no network")
        await tx.release("place:p1", "one")
    claimed = await claim(store)
    assert keys(claimed) == ["l"]
    async with store.write() as tx:
        await tx.settle_row(claimed.rows[0].number, "sent")
        await tx.release("place:p1", "one")
    assert await claim(store, at=NOW + 4 * SECOND) is None
    (again,) = (await claim(store, at=NOW + 5 * SECOND)).rows
    assert (again.key, again.tries, again.reason) == ("k", 1, "no network")


@pytest.mark.parametrize("state", ["sent", "superseded", "ambiguous", "dead"])
async def test_a_settled_row_is_not_sent_again(store: Store, state: str) -> None:
    await enqueue(store, row("k"))
    number = (await claim(store)).rows[0].number
    async with store.write() as tx:
        await tx.settle_row(number, state, reason="why")  # type: ignore[arg-type]
        await tx.release("place:p1", "one")
        assert await tx.waiting() == 0
    assert await claim(store) is None
    with pytest.raises(Conflict):
        async with store.write() as tx:
            await tx.begin_row(number, NOW)


async def test_what_could_not_be_delivered_is_listed_newest_first(store: Store) -> None:
    await enqueue(store, row("a"), row("b"), row("c"))
    a, b, _ = (await claim(store)).rows
    async with store.write() as tx:
        await tx.settle_row(a.number, "dead", reason="channel_not_found")
        await tx.settle_row(b.number, "dead")
        assert [r.key for r in await tx.undeliverable()] == ["b", "a"]
        assert [r.reason for r in await tx.undeliverable(limit=1)] == [""]


async def test_a_paused_target_waits_and_the_others_go_on(store: Store, other: Store) -> None:
    await enqueue(store, row("a"), row("b", "place:p2"))
    longer = Pause(platform="slack", target="place:p1", until=NOW + 5 * SECOND)
    async with other.write() as tx:
        await tx.pause(longer)
        await tx.pause(replace(longer, until=NOW + SECOND))
        assert await tx.pauses(NOW) == [longer]
    assert keys(await claim(store)) == ["b"]
    assert await claim(store, at=NOW + 2 * SECOND) is None
    assert keys(await claim(store, at=NOW + 5 * SECOND)) == ["a"]


async def test_a_platforms_pace_is_one_for_all_processes(store: Store, other: Store) -> None:
    async with store.write() as tx:
        assert await tx.tokens("slack") is None
        await tx.keep_tokens("slack", Tokens(tokens=3.5, at=NOW))
        await tx.keep_tokens("slack", Tokens(tokens=2.5, at=NOW + SECOND))
    async with other.read() as tx:
        assert await tx.tokens("slack") == Tokens(tokens=2.5, at=NOW + SECOND)
        assert await tx.tokens("teams") is None


async def test_a_paused_workspace_waits_with_its_places_and_people(store: Store) -> None:
    async with store.write() as tx:
        await tx.save_place(PLACE)
        await tx.save_place(replace(PLACE, id="p2", platform="teams"))
        for who in (ANNA, BO):
            await tx.save_person(person(who))
        await tx.save_identity(IDENTITY)
        await tx.save_identity(replace(IDENTITY, user="U2", person=BO))
        await tx.save_identity(replace(IDENTITY, platform="teams", person=BO))
        await tx.pause(Pause(platform="slack", target="", until=NOW + SECOND))
        await tx.enqueue(
            [row("a"), row("b", "place:p2"), row("c", "person:anna"), row("d", "person:bo")],
        )
    assert [keys(await claim(store)) for _ in range(2)] == [["b"], ["d"]]
    assert await claim(store) is None
    assert [keys(await claim(store, at=NOW + SECOND)) for _ in range(2)] == [["a"], ["c"]]


async def test_of_a_platform_that_is_left_out_only_alarms_are_claimed(store: Store) -> None:
    async with store.write() as tx:
        await tx.save_place(PLACE)
        await tx.save_place(replace(PLACE, id="p2", platform="teams"))
        await tx.save_place(replace(PLACE, id="p3"))
    await enqueue(store, row("a"), row("b", "place:p2"), row("alarm", "place:p3", lane="alarm"))
    assert [keys(await claim(store, without=("slack",))) for _ in range(2)] == [["alarm"], ["b"]]
    assert await claim(store, without=("slack",)) is None
    assert keys(await claim(store)) == ["a"]


async def test_mail_that_waits_holds_up_no_chat_and_a_chat_that_waits_no_mail(store: Store) -> None:
    async with store.write() as tx:
        await tx.save_place(PLACE)
        await tx.save_person(person("vera"))
        await tx.save_person(person("anna"))
        await tx.save_identity(IDENTITY)
    letters = [row("m", "mail:anna"), row("b", "mailbox:vakt@example.org"), row("v", "person:vera")]
    await enqueue(store, *letters, row("p", "place:p1"), row("a", "person:anna"))
    by_chat = [keys(await claim(store, without=("mail",))) for _ in range(2)]
    assert by_chat == [["p"], ["a"]]
    assert await claim(store, without=("mail",)) is None
    async with store.write() as tx:
        await tx.pause(Pause(platform="slack", target="", until=NOW + SECOND))
    assert [keys(await claim(store)) for _ in range(3)] == [["m"], ["b"], ["v"]]


async def test_a_claim_brings_a_batch_and_the_next_one_the_rest(store: Store) -> None:
    await enqueue(store, *(row(f"k{n:02}") for n in range(BATCH + 1)))
    claimed = await claim(store)
    assert len(claimed.rows) == BATCH
    async with store.write() as tx:
        for r in claimed.rows:
            await tx.settle_row(r.number, "sent")
        await tx.release("place:p1", "one")
    assert keys(await claim(store)) == [f"k{BATCH}"]


# -- messages and edits -------------------------------------------------------------------------


async def stand(store: Store, **more: object) -> None:
    """A question with its card standing in its place."""
    async with store.write() as tx:
        await tx.add_case(question())
        await tx.add_message(message(**more))


async def test_ten_changes_make_one_edit(store: Store) -> None:
    await stand(store)
    assert await claim(store) is None
    for _ in range(10):
        async with store.write() as tx:
            await tx.save_case(await tx.case("q1"))
    claimed = await claim(store)
    (edit,) = claimed.edits
    assert (claimed.target, edit.ref, edit.shown, edit.due) == ("place:p1", "1.1", "digest", True)
    async with store.write() as tx:
        await tx.shown(edit.id, "newer")
        await tx.release("place:p1", "one")
    assert await claim(store) is None
    async with store.read() as tx:
        assert [m.shown for m in await tx.messages_of("q1")] == ["newer"]


async def test_an_edit_that_is_behind_again_stays_due(store: Store) -> None:
    await stand(store, due=True)
    (edit,) = (await claim(store)).edits
    async with store.write() as tx:
        await tx.shown(edit.id, "newer", still_due=True)
        await tx.release("place:p1", "one")
    assert [e.shown for e in (await claim(store)).edits] == ["newer"]


async def test_a_message_that_is_dropped_or_not_living_is_never_edited(store: Store) -> None:
    await stand(store)
    async with store.write() as tx:
        await tx.add_message(message(ref="2", living=False, due=True))
        await tx.save_case(await tx.case("q1"))
        first, second = await tx.messages_of("q1")
        await tx.drop_message(first.id)
        assert await tx.messages_of("q1") == [second]
    assert await claim(store) is None


async def test_an_edit_waits_its_turn_among_the_rows_of_other_targets(store: Store) -> None:
    await stand(store)
    await enqueue(store, row("before", "place:p2"))
    async with store.write() as tx:
        await tx.touch("q1")
    await enqueue(store, row("after", "place:p3"))
    async with store.write() as tx:
        await tx.touch("q1")
    targets = [(await claim(store)).target for _ in range(3)]
    assert targets == ["place:p2", "place:p1", "place:p3"]


async def test_edits_and_rows_of_one_target_come_in_one_claim(store: Store) -> None:
    await stand(store, due=True)
    await enqueue(store, row("k"))
    claimed = await claim(store)
    assert (len(claimed.rows), len(claimed.edits)) == (1, 1)


@pytest.mark.parametrize("why", ["not running", "paused", "slow"])
async def test_edits_where_nothing_can_be_written_keep_nothing_from_the_others(
    store: Store, why: str
) -> None:
    async with store.write() as tx:
        for n in range(BATCH + 1):
            await tx.add_message(message(None, f"t{n}", target="person:bo", platform="teams", due=True))
        await tx.add_message(message(None, "s", target="person:bo", due=True))
        if why == "paused":
            await tx.pause(Pause(platform="teams", target="", until=NOW + SECOND))
    chats = ("slack",) if why == "not running" else ("slack", "teams")
    without = ("teams",) if why == "slow" else ()
    (edit,) = (await claim(store, chats=chats, without=without)).edits
    async with store.write() as tx:
        await tx.drop_message(edit.id)
        await tx.release("person:bo", "one")
    assert edit.ref == "s"
    assert await claim(store, chats=chats, without=without) is None
    assert len((await claim(store, at=NOW + SECOND)).edits) == BATCH


async def test_what_is_purged_comes_after_all_rows_and_after_the_edits_of_its_target(store: Store) -> None:
    async with store.write() as tx:
        for n in range(BATCH + 1):
            await tx.add_message(message(None, f"old{n}", card="digest", posted_at=NOW - 2 * LEASE))
        await tx.purge_collected(NOW, "LU 1", BATCH + 1, ("digest",))
    await stand(store, due=True)
    await enqueue(store, row("k", "place:p2"), row("l", "place:p3"))
    first, *others = [await claim(store) for _ in range(3)]
    assert [edit.ref for edit in first.edits][:2] == ["1.1", "old0"]
    assert [keys(other) for other in others] == [["k"], ["l"]]
    async with store.write() as tx:
        await tx.drop_message(first.edits[0].id)
        await tx.release(first.target, "one")
    await enqueue(store, row("m", "place:p4"))
    assert keys(await claim(store)) == ["m"]
    assert (await claim(store)).target == first.target


async def test_the_messages_of_a_case_are_its_own_and_one_may_belong_to_none(store: Store) -> None:
    await stand(store)
    async with store.write() as tx:
        await tx.add_message(message(None, key="digest"))
    async with store.read() as tx:
        (standing,) = await tx.messages_of("q1")
        assert standing == replace(message(), id=standing.id)
        assert await tx.messages_of("q2") == []


async def test_a_late_statement_in_a_claim_sees_the_same_state(open_store: Callable[[], Store]) -> None:
    one = open_store()
    await stand(one, due=True)
    async with one.write() as tx:
        claimed = await tx.claim("one", NOW, LEASE, ALARM_LEASE, chats=("slack",))
        assert (await tx.case(claimed.edits[0].case)).version == 1
        assert (await tx.register()).people == {}


async def test_in_doubt_all_that_waits_may_have_been_sent_and_open_cases_are_shown_anew(store: Store) -> None:
    before = NOW - timedelta(hours=2)
    async with store.write() as tx:
        for ident, closed in (("q1", None), ("q2", NOW)):
            await tx.add_case(question(ident, closed_at=closed))
            await tx.add_message(message(ident, ref=ident))
        await tx.enqueue([row("tried"), row("new")])
        await tx.begin_row(1, before)
        await tx.settle_row(1, "waiting", retry_at=NOW + timedelta(hours=1))
        await tx.doubt(NOW)
        assert [(m.due, m.shown) for m in (*await tx.messages_of("q1"), *await tx.messages_of("q2"))] == [
            (True, ""),
            (False, "digest"),
        ]
    claimed = await claim(store)
    assert [(r.state, r.first_try) for r in claimed.rows] == [("sending", before), ("sending", NOW)]


async def test_what_stands_of_a_card_without_a_case_becomes_due_and_no_other(store: Store) -> None:
    async with store.write() as tx:
        await tx.add_case(question("q1"))
        await tx.add_message(message("q1", "1", card="setup"))
        for ref, more in (("2", {}), ("3", {"living": False}), ("4", {"card": "other"})):
            await tx.add_message(message(None, ref, **({"card": "setup"} | more)))
        await tx.touch_card("setup")
        claim = await tx.claim("one", NOW, LEASE, ALARM_LEASE, chats=("slack",))
        assert [m.ref for m in claim.edits] == ["2"]
