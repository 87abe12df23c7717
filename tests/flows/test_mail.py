"""What goes by mail too, or instead: alarms, whoever has no chat, the registry's bundle (users.md U7, U8, U12)."""

from dataclasses import replace
from datetime import date, timedelta

from bot.model import Contact, PersonId
from bot.outgoing import Dead
from tests.filed import file
from tests.flows.test_alarms import raise_alarm
from tests.flows.test_unreachable import Archived
from tests.mailing import DIARIET, LARM, SMS, VAKT, mailed, without_chat
from tests.world import MONDAY, at, words

NIGHT = at(date(2026, 12, 25), 23, 40)
LATER = timedelta(minutes=15)


def addresses(box, since: int = 0) -> list[str]:
    return sorted(mail.to for mail in box.inbox[since:])


async def test_each_step_of_an_alarm_also_goes_by_mail_in_the_same_second(tmp_path):
    async with mailed(tmp_path) as (w, box):
        w.clock.at = NIGHT
        alarm = await raise_alarm(w)
        assert addresses(box) == sorted(
            ["anna@example.se", "kalle@example.se", "karin@example.se", "sven@example.se", LARM, SMS, VAKT]
        )
        (text,) = box.to(SMS)
        short = " ".join(text.text.split())[:140]
        for word in ("Larm: hot", "@bio0", "Anna Ek", "23.40", "Ingen har kvitterat"):
            assert word in short
        assert "Jag har det" in text.text
        assert "08-1 23" in text.text
        assert "tryck på knappen" not in text.text.lower()
        assert not text.message.is_attachment()

        rungs = []
        for n in (1, 2, 3):
            before = len(box.inbox)
            await w.until(NIGHT + n * LATER)
            rungs.append(addresses(box, before))
        both = ["kalle@example.se", "karin@example.se", LARM]
        assert rungs == [
            sorted(["sara@example.se", SMS, VAKT]),
            sorted(both),
            sorted(["anna@example.se", *both]),
        ]

        before = len(box.inbox)
        await w.press("karin", "alarm.receive", alarm)
        told = box.inbox[before:]
        assert len(told) == len({mail.to for mail in told}) == 8
        assert all("Karin Berg har tagit över" in mail.text for mail in told)
        await w.press("karin", "alarm.receive", alarm)
        assert len(box.inbox) == before + 8
        assert len({mail.message["Message-ID"] for mail in box.inbox}) == len(box.inbox)


async def test_neither_wire_waits_for_the_other(tmp_path):
    async with mailed(tmp_path) as (w, box):
        w.clock.at = NIGHT
        box.codes = {VAKT: 550, "": 0}
        await raise_alarm(w)
        assert {p.to for p in w.chat.posts} >= {"@anna", "sakerhet", "kommunikation"}
        assert SMS in addresses(box)
        assert not box.to(VAKT)
        await w.until(NIGHT + timedelta(minutes=1))
        dead = [p for p in w.posts("@adam") if "kommer inte fram" in p.card.title]
        assert [VAKT in p.card.title for p in dead] == [True]
        assert not [p for p in w.chat.posts if p.to == "@sara"]  # a mailbox that is dead hurries no rung

        async def nothing(_envelope):
            return Dead(reason="channel_not_found")

        w.chat.post = nothing
        before = len(box.inbox)
        await raise_alarm(w, kind="pile_on", account="bio1")
        assert addresses(box, before).count(LARM) == 1


async def test_an_alarm_whose_mail_nobody_answered_for_is_sent_again_as_a_possible_repeat(tmp_path):
    async with mailed(tmp_path) as (w, box):
        w.clock.at = NIGHT
        await w.seed(lambda tx: tx.save_role_contact("communications", Contact()))
        await w.seed(lambda tx: tx.save_role_contact("security", Contact(mail=(VAKT,))))
        for person in (await w.register()).people.values():
            await w.seed(lambda tx, person=person: tx.save_person(replace(person, email="")))
        box.at_end = [0]
        await raise_alarm(w)
        await w.until(NIGHT + timedelta(minutes=1))

        first, again = box.to(VAKT)
        assert "upprepning" not in first.text
        assert "upprepning" in again.text
        assert first.message["Message-ID"] == again.message["Message-ID"]


async def test_a_role_may_be_a_person_without_chat(tmp_path):
    async with mailed(tmp_path) as (w, box):
        w.clock.at = NIGHT
        await without_chat(w, "vera", "Vera Vakt")
        await w.seed(lambda tx: tx.save_role("security", [PersonId("vera")], None))
        await raise_alarm(w)
        assert addresses(box).count("vera@example.se") == 1
        (mail,) = box.to("vera@example.se")
        assert "Larm: hot" in mail.subject
        await w.until(NIGHT + timedelta(minutes=14))
        assert addresses(box).count("vera@example.se") == 1
        assert "får e-post så länge" in words(await w.desk.home(w.call("karin")))
        assert not [p for p in w.posts("@adam") if "vera" in p.card.title.lower()]


async def test_without_mail_set_nothing_waits_for_it(tmp_path):
    async with mailed(tmp_path) as (w, box):
        w.clock.at = NIGHT
        w.bot = replace(w.bot, mails=False)
        w.desk = type(w.desk)(w.bot)
        await raise_alarm(w)
        async with w.bot.storage.read() as tx:
            assert await tx.waiting() == 0
        assert box.inbox == []


async def test_whoever_removed_the_bot_gets_what_is_theirs_by_mail_and_the_next_rung_is_told_as_before(
    tmp_path,
):
    async with mailed(tmp_path) as (w, box):
        real = w.chat.post

        async def post(envelope):
            lost = envelope.to.user == "bo" or envelope.to.channel == "biologi"
            return Dead(reason="app_removed") if lost else await real(envelope)

        w.chat.post = post
        await w.log("anna", "bio0", MONDAY)
        await w.until(at(date(2026, 11, 24), 12))

        (mail,) = box.to("bo@example.se")
        assert "Jag når dig inte i chatten" in mail.text
        assert "@bio0" in mail.text
        told = [p for p in w.posts("@heidi") if ":escalated:substitute" in p.key]
        assert ["Bo Lind kunde inte nås" in words(p.card) for p in told] == [True]


async def test_the_registry_has_one_mail_a_working_day_with_a_cover_sheet_for_each_thing(tmp_path):
    async with mailed(tmp_path) as (w, box):
        await file(w, "moderation", "bio0")
        await file(w, "closure", "bio1")
        await w.until(at(MONDAY.date(), 16))

        (mail,) = box.to(DIARIET)
        assert mail.text.count("Ni är hemska!") == mail.text.count("G:/arkiv/bild.png") == 2
        for said in (
            "@bio0",
            "@bio1",
            "https://instagram.com/p/1",
            "Svara inte på det här brevet",
            "08-1 23",
        ):
            assert said in mail.text, said
        assert len(w.posts("@rita")) == 1
        await without_chat(w, "reg", "Reg Istrator")
        await w.seed(lambda tx: tx.save_role("registrar", [PersonId("reg")], None))
        await file(w, "moderation", "bio2")
        await w.until(at(date(2026, 11, 24), 16))
        assert ["@bio2" in m.text for m in box.to(DIARIET)] == [False, True]
        assert not box.to("reg@example.se")


async def test_an_escalation_to_somebody_without_chat_goes_to_them_by_mail_and_on_at_once(tmp_path):
    async with mailed(tmp_path) as (w, box):
        await without_chat(w, "vera", "Vera Vik")
        known = (await w.register()).accounts["bio0"]
        people = (PersonId("anna"), PersonId("vera"))
        await w.seed(lambda tx: tx.save_account(replace(known, people=people)))
        await w.log("anna", "bio0", MONDAY)
        w.delivery._sender._chats["test"] = Archived(w.chat, {"biologi"})
        await w.until(at(date(2026, 11, 24), 12))

        assert ["@bio0" in mail.text for mail in box.to("vera@example.se")] == [True]
        assert [p for p in w.posts("@heidi") if "Vera Vik kunde inte nås" in words(p.card)]
