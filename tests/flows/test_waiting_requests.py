"""A request to start an account is never left to wait in silence, through the desk with a real store."""

from datetime import timedelta

import pytest

from bot.model import Person, PersonId
from tests.new_account import run_of, sent
from tests.world import MONDAY, Post, World, at, buttons, words, world


def collected(w: World, to: str) -> list[Post]:
    return [p for p in w.posts(to) if p.key.startswith("heads:")]


def day(n: int, hour: int = 16):
    return at(MONDAY.date() + timedelta(days=n), hour)


@pytest.mark.long
async def test_a_request_that_was_sent_back_is_reminded_of_again_when_it_comes_anew(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        ident = await sent(w)
        await w.until(day(3))
        assert len(collected(w, "@heidi")) == 1
        form = (await w.press("heidi", "approval.back", f"{ident}|1")).form
        await w.fill("heidi", form, {"text": "Vem svarar i juli?"})
        reply = (await w.press("anna", "run.reply", ident)).form
        await w.fill("anna", reply, {"text": "Bo"})
        await w.until(day(8))
        assert len(collected(w, "@heidi")) == 2


@pytest.mark.long
async def test_it_is_reminded_of_each_week_and_communications_hears_it_from_the_second_time(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await sent(w)
        await w.until(day(4))
        assert (len(collected(w, "@heidi")), len(collected(w, "kommunikation"))) == (1, 0)
        await w.until(day(24))
        assert (len(collected(w, "@heidi")), len(collected(w, "kommunikation"))) == (4, 3)
        assert "Heidi Berg" in words(collected(w, "kommunikation")[-1].card)


@pytest.mark.long
async def test_several_waiting_requests_come_as_one_list_that_opens_each(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        first = await sent(w)
        await w.until(day(2, 9))
        second = await sent(w, changes={"platform.name": "@biologi_tva"})
        await w.until(day(3))
        (post,) = collected(w, "@heidi")
        said = words(post.card)
        assert (said.count("@biologi_ny"), said.count("@biologi_tva")) == (1, 1)
        assert [b.arg for b in buttons(post.card) if b.verb == "run.approval"] == [first, second]
        opened = await w.press_on("heidi", post.card, "run.approval")
        assert opened.card.buttons[0].verb == "approval.approve"


async def test_the_digest_counts_what_waits_to_be_approved(tmp_path):
    async with world(tmp_path) as w:
        await sent(w)
        await w.until(day(0, 17))
        digests = [p for p in w.posts("kommunikation") if p.key.startswith("digest:")]
        assert "Ett nytt konto väntar på att godkännas" in words(digests[-1].card)


async def test_communications_is_told_of_an_approver_who_has_left_without_asking(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        ident = await sent(w)
        await w.seed(lambda tx: tx.save_person(Person(id=PersonId("heidi"), name="Heidi Berg", active=False)))
        await w.until(day(1, 9))
        asked = [p for p in w.posts("kommunikation") if "Ingen kan godkänna" in p.card.title]
        assert len(asked) == 1
        await w.until(day(4))
        (reminder,) = collected(w, "kommunikation")
        form = (await w.press_on("karin", reminder.card, "run.set_head")).form
        await w.fill("karin", form, {"person": "fia"})
        assert (await run_of(w, ident)).approver == "fia"
        assert (await w.register()).units["bio"].head == "fia"
