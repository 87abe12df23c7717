"""What every store promises about what goes when its time is over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from bot.cases.base import Record
from bot.cases.handover import Told
from bot.changes import Change, Patch, patch
from bot.model import Entry, Person, PersonId
from bot.outgoing import PURGED, SEVERAL
from bot.ports import DayOutcome
from storage import tables
from storage.engine import connect
from storage.rows import table_of
from storage.store import Store
from storage.verify import verify
from tests.contract.samples import (
    ABSENCE,
    ANNA,
    BO,
    IDENTITY,
    NOW,
    handover,
    mark,
    message,
    person,
    question,
    round_,
    row,
    start,
)

LATER = NOW + timedelta(days=400)
NUMBER = "LU 2026/77"


async def closed(store: Store, case, **more) -> None:
    async with store.write() as tx:
        await tx.add_case(replace(case, closed_at=NOW, wake_at=None, **more))


async def rows(store: Store, model: type) -> list[dict]:
    async with store.read() as tx:
        return await tx.rows(select(table_of(model)))


async def purge(store: Store, kind, before=LATER, limit: int = 40) -> int:
    async with store.write() as tx:
        return await tx.purge(kind, before, NUMBER, limit)


async def test_a_closed_case_goes_with_its_log_marks_rows_and_its_messages_fall_due(store: Store) -> None:
    await closed(store, question())
    async with store.write() as tx:
        await tx.add_case(question("q2"))
        await tx.add_log("q1", [Entry(what="question.logged", by=ANNA)], NOW)
        await tx.add_marks([mark()])
        await tx.enqueue([row("q1:card", case="q1")])
        await tx.add_message(message(living=False))
        await tx.add_message(message(ref="<1@mail>", platform="mail", living=False))
        assert (await tx.overdue("questions", NOW)).count == 0
        found = await tx.overdue("questions", LATER)
    assert (found.count, found.oldest) == (1, NOW)
    assert await purge(store, "questions") == 1
    assert [r["id"] for r in await rows(store, tables.Cases)] == ["q2"]
    for model in (tables.CaseLog, tables.Marks, tables.Outbox):
        assert await rows(store, model) == []
    (left,) = await rows(store, tables.Messages)
    assert (left["card"], left["arg"], left["case"], left["due"], left["living"], left["key"]) == (
        PURGED, NUMBER, None, True, True, "",
    )  # fmt: skip
    assert await purge(store, "questions") == 0


async def test_the_oldest_go_first_and_no_more_at_once_than_was_asked(store: Store) -> None:
    for n in range(3):
        await closed(store, question(f"q{n}"), opened_at=NOW - timedelta(days=n))
    assert await purge(store, "questions", limit=2) == 2
    assert [r["id"] for r in await rows(store, tables.Cases)] == ["q0"]


async def test_a_case_of_which_something_is_just_being_sent_goes_with_a_later_pass(store: Store) -> None:
    await closed(store, question())
    async with store.write() as tx:
        await tx.enqueue([row("q1:card", case="q1")])
        (waiting,) = await tx.rows(select(table_of(tables.Outbox)))
        await tx.begin_row(waiting["number"], LATER)
    assert await purge(store, "questions", LATER - timedelta(hours=1)) == 0
    assert await purge(store, "questions", LATER + timedelta(days=1)) == 1


async def test_a_hand_over_stays_while_an_open_one_is_told_in_its_card_and_goes_after_that(
    store: Store,
) -> None:
    for over in (handover("handover:x1"), handover("handover:x2")):
        await closed(store, over)
    both = (Told(person=BO, card="handover:x1"),)
    async with store.write() as tx:
        saved = await tx.add_case(replace(handover("handover:x3"), told=both))
        await tx.add_message(message("handover:x1"))
        assert (await tx.overdue("watching", LATER)).count == 1
    assert await purge(store, "watching") == 1
    assert sorted(r["id"] for r in await rows(store, tables.Cases)) == ["handover:x1", "handover:x3"]
    assert [r["case"] for r in await rows(store, tables.Messages)] == ["handover:x1"]
    async with store.write() as tx:
        await tx.save_case(replace(saved, closed_at=NOW, wake_at=None))
    assert await purge(store, "watching") == 2


@pytest.mark.parametrize("kind", ["checks", "questions", "watching"])
async def test_what_is_past_its_time_is_found_along_an_index_and_by_one_look_at_what_is_being_sent(
    migrated_sqlite: str, kind
) -> None:
    plan = await plan_of(migrated_sqlite, kind)
    walks = [line for line in plan if line.endswith("(kind=? AND opened_at<?)")]
    assert walks == ["SEARCH cases USING INDEX cases_kind (kind=? AND opened_at<?)"]
    assert not [line for line in plan if "CORRELATED" in line or line in ("SCAN cases", "SCAN outbox")], plan


async def plan_of(url: str, kind) -> list[str]:
    """What SQLite says of how a purge finds its cases."""
    engine = connect(url)
    seen: list[tuple[str, object]] = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda _c, _u, sql, given, *_: seen.append((sql, given))
    )
    store = Store(engine)
    await purge(store, kind)
    sql, given = next((sql, given) for sql, given in seen if sql.startswith("SELECT cases.id"))
    async with engine.connect() as connection:
        plan = [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]
    await store.close()
    return plan


async def test_an_edit_that_was_on_its_way_does_not_settle_what_has_to_be_rewritten(store: Store) -> None:
    await closed(store, question())
    async with store.write() as tx:
        await tx.add_message(message())
    (before,) = await rows(store, tables.Messages)
    await purge(store, "questions")
    async with store.write() as tx:
        await tx.shown(before["id"], "digest of the edit", still_due=False)
    (after,) = await rows(store, tables.Messages)
    assert after["due"]


async def test_a_message_that_arrived_while_its_case_went_is_found_as_a_stray(store: Store) -> None:
    async with store.write() as tx:
        await tx.add_message(message("gone"))
        await tx.add_message(message(None, "1.2", card="digest"))
        assert await tx.purge_strays(10) == 1
        assert await tx.purge_strays(10) == 0
    assert sorted(r["card"] for r in await rows(store, tables.Messages)) == ["digest", PURGED]


async def test_what_tells_of_several_things_goes_by_its_own_age_and_notices_by_theirs(store: Store) -> None:
    async with store.write() as tx:
        await tx.add_message(message(None, "1.1", card="digest"))
        await tx.add_message(message(None, "1.2", card="setup"))
        assert await tx.purge_collected(NOW, NUMBER, 10, SEVERAL) == 0
        assert await tx.purge_collected(LATER, NUMBER, 10, SEVERAL) == 1
        assert (await tx.overdue("deliveries", LATER)).count == 1
    assert await purge(store, "deliveries") == 1


async def test_a_round_that_nothing_closed_goes_a_week_later_and_any_other_open_case_never(
    store: Store,
) -> None:
    async with store.write() as tx:
        await tx.add_case(round_())
        await tx.add_case(question())
        await tx.add_case(start())
    assert await purge(store, "checks", NOW + timedelta(days=7)) == 0
    assert await purge(store, "checks", NOW + timedelta(days=8)) == 1
    assert await purge(store, "questions") == 0
    assert await purge(store, "imports") == 0


async def test_values_salts_and_people_of_decisions_go_and_the_chain_still_holds(store: Store) -> None:
    async with store.write() as tx:
        said = Record(kind="moderation", body={"account": "a1"}, personal={"why": "x", "capture.sender": "y"},
                      decided_by=ANNA)  # fmt: skip
        salts = {"why": "00" * 16, "capture.sender": "11" * 16}
        await tx.add_decision(said, NOW, salts)
        assert (await tx.overdue("captures", LATER)).count == 1
    assert await purge(store, "captures") == 1
    assert [r["name"] for r in await rows(store, tables.DecisionValues)] == ["why"]
    assert await purge(store, "decisions") == 1
    assert await purge(store, "decisions") == 0
    assert await rows(store, tables.DecisionValues) == []
    async with store.read() as tx:
        (decision,) = await tx.decisions()
        assert (decision.decided_by, dict(decision.personal)) == (None, {})
        assert (await verify(tx)).bad is None


@pytest.mark.parametrize(("kind", "model"), [("days", tables.Days), ("absences", tables.Absences)])
async def test_days_and_absences_go_by_their_date(store: Store, kind, model) -> None:
    async with store.write() as tx:
        await tx.save_person(person())
        await tx.save_absence(ABSENCE)
        await tx.save_day(DayOutcome(account="a1", day=ABSENCE.last, outcome="looked_at"))
    assert await purge(store, kind, NOW) == 0
    assert await purge(store, kind) == 1
    assert await rows(store, model) == []
    async with store.read() as tx:
        assert kind == "days" or (await tx.register()).absences == ()


async def test_the_log_of_the_register_goes_but_what_something_rests_on(store: Store) -> None:
    await closed(store, question())
    async with store.write() as tx:
        for case in ("account:a1", "q1"):
            await tx.add_log(case, [Entry(what="account.renamed", by=ANNA, data={"name": "Förr"})], NOW)
        await tx.add_log("account:a1", [Entry(what="account.comments_off", data={"since": "x"})], NOW)
    assert await purge(store, "log") == 1
    assert sorted(r["what"] for r in await rows(store, tables.CaseLog)) == [
        "account.comments_off",
        "account.renamed",
    ]


async def test_whoever_is_erased_is_reached_nowhere_and_another_process_sees_it(
    store: Store, open_store: Callable[[], Store]
) -> None:
    async with store.write() as tx:
        await tx.save_person(person())
        await tx.save_identity(IDENTITY)
        await tx.save_absence(ABSENCE)
        await tx.save_contact({"tenant": "T1", "user": "U1", "teams_id": "", "name": "Anna", "email": "", "guest": None,
                               "installed": True})  # fmt: skip
        await tx.add_change(_naming(person(), by=ANNA))
        await tx.add_change(_naming(person("bo"), by=PersonId("bo")))
    other = open_store()
    async with other.read() as tx:
        assert (await tx.register()).identities == (IDENTITY,)
    async with store.write() as tx:
        await tx.erase_person(ANNA)
    async with other.read() as tx:
        register, changes = await tx.register(), await tx.changes()
    assert (register.identities, register.absences) == ((), ())
    assert await rows(store, tables.ChatContacts) == []
    about_bo, about_anna = changes
    assert about_bo == _naming(person("bo"), by=PersonId("bo"))
    emptied = Patch(kind="person", of=ANNA, before=None, after={})
    whole = _naming(person(), by=ANNA)
    assert about_anna == replace(whole, by="", patches=(emptied, *whole.patches[1:]))


def _naming(someone: Person, by: PersonId) -> Change:
    """Somebody is named by address for a role."""
    made = patch("person", someone.id, None, someone)
    held = Patch(kind="role", of="registrar", before={"people": []}, after={"people": [someone.id]})
    assert made
    return Change(id=f"g-{someone.id}", page="role|registrar", at=NOW, by=by, patches=(made, held))


async def test_what_is_kept_about_somebody_is_found_for_them_and_nothing_of_others(store: Store) -> None:
    await closed(store, question())
    await closed(store, question("q2"), logged_by="bo")
    fact = f'{{"summer": {{"{ANNA}": "fine"}}}}'
    async with store.write() as tx:
        await tx.save_person(person())
        await tx.save_identity(IDENTITY)
        await tx.add_log("q1", [Entry(what="question.logged", by=ANNA), Entry(what="x", by="bo")], NOW)
        await tx.add_message(message(None, target=f"person:{ANNA}"))
        await tx.save_fact("season.answers", fact)
        await tx.save_fact("watch.told", "{}")
        await tx.add_change(_naming(person(), by=ANNA))
        await tx.add_change(_naming(person("bo"), by=PersonId("bo")))
        about, newest = await tx.about(ANNA, 10), await tx.about(PersonId("bo"), 1)
    assert [(kind, account) for kind, account, _ in about.closed] == [("question", "a1")]
    assert [card for _, card in about.messages] == [message(None).card]
    assert list(about.log) == [(NOW, "question.logged")]
    assert about.facts == [("season.answers", fact)]
    assert about.changes == [(NOW, "role|registrar")]
    assert len(newest.closed) == 1
