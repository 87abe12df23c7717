"""What cannot arrive where it was sent goes by another way at once; a unit without a head silences nobody."""

from dataclasses import replace
from datetime import date

import pytest

from bot.model import PersonId, Unit
from bot.outgoing import Dead
from tests.world import MONDAY, account, at, words, world


class Archived:
    """Wraps a recorder: some channels are gone."""

    def __init__(self, chat, gone):
        self._chat, self._gone, self.platform = chat, gone, chat.platform

    def __getattr__(self, name):
        return getattr(self._chat, name)

    async def post(self, envelope):
        if envelope.to.channel in self._gone:
            return Dead(reason="is_archived")
        return await self._chat.post(envelope)


async def test_an_alarm_whose_channel_is_gone_reaches_every_officer_directly_and_at_once(tmp_path):
    async with world(tmp_path) as w:
        w.delivery._sender._chats["test"] = Archived(w.chat, {"sakerhet"})
        await w.fill("anna", (await w.say("anna", "sm-alarm")).form, {"account": "bio0"})
        await w.delivery.run_pass(w.clock.now())

        assert [len(w.posts(f"@{who}")) for who in ("sven", "sara")] == [1, 1]
        assert "hot" in words(w.posts("@sven")[0].card)


async def test_an_escalation_whose_channel_is_gone_reaches_the_substitute_directly(tmp_path):
    async with world(tmp_path) as w:
        await w.log("anna", "bio0", MONDAY)
        w.delivery._sender._chats["test"] = Archived(w.chat, {"biologi"})
        await w.until(at(date(2026, 11, 24), 12))

        assert any(":escalated:substitute" in p.key for p in w.posts("@bo"))


@pytest.mark.long
async def test_a_unit_without_a_head_keeps_no_other_head_from_hearing(tmp_path):
    async with world(tmp_path) as w:

        async def more(tx):
            await tx.save_unit(Unit(id="vilse", name="Vilse"))
            await tx.save_account(account("vil0", "kemi", unit="vilse"))

        await w.seed(more)
        for ident in ("bio0", "vil0"):
            await w.log("anna", ident, MONDAY)
        await w.until(at(date(2026, 11, 27), 12))

        assert [p for p in w.posts("@heidi") if p.key.startswith("heads:")]
        assert any("@vil0" in words(p.card) for p in w.posts("@karin") if p.key.startswith("heads:"))


async def test_the_next_person_is_never_the_one_who_was_told_already(tmp_path):
    async with world(tmp_path) as w:
        await w.seed(lambda tx: tx.save_role("security", [PersonId("kalle")], None))
        await w.fill("anna", (await w.say("anna", "sm-alarm")).form, {"account": "bio0"})
        await w.until(at(MONDAY.date(), 7, 20))

        told = [p.to for p in w.chat.posts if p.key.split(":")[1].startswith("next")]
        assert told == ["@karin"]


async def test_the_organisations_own_zone_moves_cards_and_deadlines(tmp_path):
    async with world(tmp_path) as w:

        async def helsinki(tx):
            await tx.save_office(replace((await tx.register()).office, zone="Europe/Helsinki"))

        await w.seed(helsinki)
        await w.until(at(MONDAY.date(), 7, 30))
        await w.until(at(MONDAY.date(), 8, 1))

        assert [p.at for p in w.posts()] == [at(MONDAY.date(), 8)]


async def test_only_the_units_own_deputy_stands_in_for_a_head_of_two_units(tmp_path):
    async with world(tmp_path) as w:

        async def more(tx):
            await tx.save_unit(Unit(id="kem", name="Kemi", head=PersonId("heidi"), deputy=PersonId("olle")))

        await w.seed(more)
        refused = await w.press("olle", "account.history", "bio0")
        shown = await w.press("dag", "account.history", "bio0")

        assert "Historiken" in words(refused.card)
        assert shown.form.title
