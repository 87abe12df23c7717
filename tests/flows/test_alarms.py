"""An alarm at any hour: who is told, when it goes on, how it ends."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.commands import Quoted
from bot.model import Absence, PersonId, Unit
from bot.view import Faults, Tell
from tests.mailing import mailed
from tests.world import DAY, MONDAY, ZONE, at, words, world

CHRISTMAS = date(2026, 12, 25)
NIGHT = at(CHRISTMAS, 23, 40)
LATER = timedelta(minutes=15)


async def raise_alarm(w, who: str = "anna", **values: object) -> str:
    form = (await w.say(who, "sm-alarm")).form
    reply = await w.fill(who, form, {"kind": "threat", "account": "bio0"} | values)
    assert isinstance(reply, Tell), reply
    async with w.bot.storage.read() as tx:
        return (await tx.open_cases("alarm"))[-1].id


def told(w, since=NIGHT) -> list[str]:
    return [p.to for p in w.chat.posts if p.at >= since]


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        ("threat", ["@anna", "sakerhet", "kommunikation"]),
        ("pile_on", ["@anna", "kommunikation"]),
        ("taken_over", ["@anna", "@sven", "kommunikation"]),
    ],
)
async def test_on_christmas_night_it_is_told_at_once_never_in_the_accounts_channel(tmp_path, kind, to):
    async with world(tmp_path) as w:
        w.clock.at = NIGHT
        await raise_alarm(w, kind=kind)

        assert sorted(told(w)) == sorted(to)


async def test_where_the_office_wants_it_the_head_hears_at_once_and_not_again_in_the_morning(tmp_path):
    async with world(tmp_path, head_at_once=True) as w:
        w.clock.at = NIGHT
        await raise_alarm(w)
        (card,) = w.posts("@heidi")
        assert (card.at, card.card.buttons) == (NIGHT, ())
        assert "ansvarig chef" in words(card.card)
        await w.press_on("sara", w.posts("sakerhet")[0].card, "alarm.receive")
        assert "Sara Alm har tagit över" in words(card.card)
        await raise_alarm(w, account="bio1", exercise="yes")
        await raise_alarm(w, account="none")
        await w.until(at(date(2026, 12, 28), 10))
        assert not [p for p in w.posts("@heidi")[1:] if "arm" in words(p.card)]
        assert len([p for p in w.posts("@heidi") if not p.key.startswith("heads:")]) == 1


async def test_while_the_head_is_away_their_deputy_hears_at_once(tmp_path):
    async with world(tmp_path, head_at_once=True) as w:
        away = Absence(id="w1", person=PersonId("heidi"), first=CHRISTMAS, last=CHRISTMAS)
        await w.seed(lambda tx: tx.save_absence(away))
        w.clock.at = NIGHT
        await raise_alarm(w)
        assert (len(w.posts("@heidi")), len(w.posts("@dag"))) == (0, 1)


async def test_where_there_is_no_head_or_they_raised_it_nobody_hears_it_as_one(tmp_path):
    async with world(tmp_path, head_at_once=True) as w:
        w.clock.at = NIGHT
        await raise_alarm(w, who="heidi")
        assert len(w.posts("@heidi")) == 1  # the raiser's own card
        await w.seed(lambda tx: tx.save_unit(Unit(id="bio", name="Biologi")))
        await raise_alarm(w, account="bio1")
        assert not [p for p in w.chat.posts if p.key.endswith(":head")]
        assert "ansvarig chef" not in "".join(words(p.card) for p in w.chat.posts)


async def test_once_somebody_has_it_it_waits_for_nobody_who_has_nothing_to_do(tmp_path):
    async with world(tmp_path) as w:
        await raise_alarm(w)
        assert "Larm" in words((await w.say("heidi", "sm-today")).card)
        await w.press_on("sara", w.posts("sakerhet")[0].card, "alarm.receive")
        assert "Larm" not in words((await w.say("heidi", "sm-today")).card)
        assert "Larm" in words((await w.say("sara", "sm-today")).card)


async def test_the_raisers_card_shows_112_and_the_number_and_changes_when_somebody_has_it(tmp_path):
    async with world(tmp_path) as w:
        w.clock.at = NIGHT
        alarm = await raise_alarm(w)
        (card,) = w.posts("@anna")
        assert "112" in words(card.card)
        assert "08-000 00 00" in words(card.card)
        assert "23.40" in words(card.card)
        await w.press_on("sara", w.posts("sakerhet")[0].card, "alarm.receive")
        assert "Sara Alm har tagit över" in words(card.card)
        assert "alarm.receive" not in [b.verb for p in w.chat.posts for b in p.card.buttons]
        second = await w.press("karin", "alarm.receive", alarm)
        await w.until(NIGHT + 4 * LATER)

        assert "Sara Alm" in words(second.card)
        assert len(told(w)) == 3


async def test_without_a_receipt_it_goes_on_each_quarter_of_an_hour_and_ends_loud(tmp_path):
    async with world(tmp_path) as w:
        w.clock.at = NIGHT
        await raise_alarm(w)
        rungs = []
        for n in range(1, 6):
            before = len(w.chat.posts)
            await w.until(NIGHT + n * LATER)
            rungs.append(sorted((p.to, *p.alerts) for p in w.chat.posts[before:]))

        assert rungs == [
            [("@sara", "sara")],
            [("@kalle", "kalle"), ("@karin", "karin")],
            [("@anna", "anna"), ("kommunikation", "karin", "kalle")],
            [],
            [],
        ]
        assert "ring" in words(w.posts("kommunikation")[-1].card).lower()


async def test_a_receipt_by_telephone_is_entered_by_whoever_rang(tmp_path):
    async with world(tmp_path) as w:
        w.clock.at = NIGHT
        alarm = await raise_alarm(w)
        form = (await w.press_on("anna", w.posts("@anna")[0].card, "alarm.phone")).form
        empty = await w.fill("anna", form, {"who": "  "})
        await w.fill("anna", form, {"who": "vakthavande Sven " + "x" * 5000})
        await w.until(NIGHT + 4 * LATER)

        assert list(empty.by_field) == ["who"]
        assert "vakthavande Sven" in words(w.posts("@anna")[0].card)
        assert len((await w.case(alarm)).receipt_phone) == 100
        assert len(told(w)) == 3


async def test_a_false_alarm_needs_a_word_why_and_ends_it_for_everybody(tmp_path):
    async with world(tmp_path) as w:
        w.clock.at = NIGHT
        await raise_alarm(w)
        form = (await w.press_on("anna", w.posts("@anna")[0].card, "alarm.false")).form
        assert isinstance(await w.fill("anna", form, {"why": ""}), Faults)
        await w.fill("anna", form, {"why": "skämt"})
        again = await w.fill("sven", form, {"why": "annat"})
        await w.until(NIGHT + 4 * LATER)

        assert "skämt" in words(again.card)
        assert all("skämt" in words(p.card) and not p.card.buttons for p in w.chat.posts if p.at >= NIGHT)


async def test_the_head_hears_once_on_the_next_working_morning_and_that_it_was_false(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        await w.press("anna", "round.clear", f"round:test:T1:biologi:{MONDAY.date()}")
        await w.until(at(MONDAY.date(), 11))
        alarm = await raise_alarm(w)
        await w.press("sven", "alarm.receive", alarm)
        form = (await w.press("sven", "alarm.false", alarm)).form
        await w.fill("sven", form, {"why": "skämt"})
        await w.until(at(MONDAY.date() + 4 * DAY, 9))

        heard = [p for p in w.posts("@heidi") if "hot" in words(p.card)]
        assert [p.at for p in heard] == [at(MONDAY.date() + DAY, 9, 30)]
        assert "skämt" in words(heard[0].card)


async def test_an_exercise_is_marked_on_every_card_and_stays_out_of_heads_message_and_digest(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await raise_alarm(w, exercise="yes")
        await w.until(MONDAY + 3 * LATER)
        assert all("ÖVNING" in p.card.title for p in w.chat.posts)
        assert len(w.chat.posts) == 8
        today = await w.say("karin", "sm-today")
        await w.until(at(MONDAY.date() + DAY, 23))

        assert "ÖVNING" in words(today.card)
        assert not any("hot" in words(p.card) for p in w.posts("@heidi"))
        digest = [p for p in w.posts("kommunikation") if p.key.startswith("digest")]
        assert not any("larm" in words(p.card).lower() for p in digest)


async def test_an_exercise_says_on_every_card_that_nobody_need_ring_and_when_it_ends_by_itself(tmp_path):
    async with world(tmp_path) as w:
        w.clock.at = NIGHT
        await raise_alarm(w, exercise="yes")
        seen = []
        for n in range(5):
            await w.until(NIGHT + n * LATER)
            seen.append([words(p.card) for p in w.chat.posts])

        assert [len(cards) for cards in seen] == [3, 4, 6, 8, 8]
        assert all("Ingen behöver ringa" in card for cards in seen for card in cards)
        assert not any("112" in card or "Ring nu" in card for cards in seen for card in cards)
        assert all("avslutas av sig själv lördag 26 december kl. 00.40" in card for card in seen[0])
        assert all("Övningen är slut" in card for card in seen[-1][:6])
        assert not any(p.card.buttons for p in w.chat.posts)
        assert "ÖVNING" not in words((await w.say("anna", "sm-today")).card)


async def test_who_raised_an_exercise_ends_it_and_may_not_close_a_real_alarm(tmp_path):
    async with world(tmp_path) as w:
        real = await raise_alarm(w)
        assert "kan kvitteras och avslutas av" in words((await w.press("anna", "alarm.handled", real)).card)
        alarm = await raise_alarm(w, exercise="yes")
        own = next(p for p in w.posts("@anna") if p.key == f"{alarm}:raiser").card
        assert [b.verb for b in own.buttons] == ["alarm.phone", "alarm.handled"]
        stranger = await w.press("olle", "alarm.handled", alarm)
        said = await w.press_on("anna", own, "alarm.handled")

        assert "kan kvitteras och avslutas av" in words(stranger.card)
        assert "övningen är avslutad" in words(said.card)
        assert (await w.case(alarm)).ended_by == "anna"
        assert (await w.case(real)).is_open


async def test_whoever_hears_an_exercise_ends_it_too_before_and_after_its_receipt(tmp_path):
    async with world(tmp_path) as w:
        for received in (False, True):
            alarm = await raise_alarm(w, exercise="yes")
            sent = next(p for p in w.posts("sakerhet") if p.key == f"{alarm}:first")
            if received:
                await w.press_on("sara", sent.card, "alarm.receive")
                assert [b.verb for b in sent.card.buttons] == ["alarm.handled"]
            await w.press_on("sara", sent.card, "alarm.handled")
            assert (await w.case(alarm)).ended_by == "sara"


async def test_without_a_security_officer_a_threat_goes_to_communications_and_says_so(tmp_path):
    async with world(tmp_path) as w:
        await w.seed(lambda tx: tx.save_role("security", [], None))
        alarm = await raise_alarm(w)
        first = next(p for p in w.chat.posts if p.key == f"{alarm}:first")
        await w.press_on("karin", first.card, "alarm.receive")

        assert first.to == "@karin"
        assert "säkerhet" in words(first.card).lower()
        assert (await w.case(alarm)).receipt_by == "karin"


async def test_the_same_link_raised_twice_shows_the_one_that_is_going(tmp_path):
    async with world(tmp_path) as w:
        await raise_alarm(w, link="https://www.instagram.com/p/AbC/?x=1")
        before = len(w.chat.posts)
        form = (await w.say("olle", "sm-alarm")).form
        reply = await w.fill("olle", form, {"link": "http://m.instagram.com/p/AbC", "account": "none"})
        assert "Ingen har kvitterat" in words(reply.card)
        assert reply.card.buttons == ()
        assert len(w.chat.posts) == before
        await w.fill("olle", form, {"link": "http://m.instagram.com/p/AbC", "kind": "pile_on"})

        assert len(w.chat.posts) > before


@pytest.mark.parametrize(
    ("field", "value", "faulty"),
    [
        ("kind", "", True),
        ("kind", "fire", True),
        ("account", "no-such", False),
        ("account", "", False),
        ("link", "https://[bad", False),
        ("link", "<!channel>" * 500, False),
        ("line", "x" * 5000, False),
        ("line", "\x00\ud800", False),
        ("exercise", "perhaps", False),
    ],
)
async def test_nothing_but_its_kind_stops_an_alarm(tmp_path, field, value, faulty):
    async with world(tmp_path) as w:
        form = (await w.say("anna", "sm-alarm")).form
        reply = await w.fill("anna", form, {"account": "bio0", field: value})

        assert isinstance(reply, Faults) is faulty
        assert len(w.chat.posts) == (0 if faulty else 3)


async def test_the_shortcut_brings_the_message_and_the_button_brings_the_account(tmp_path):
    async with world(tmp_path) as w:
        quoted = (
            await w.shortcut("anna", "raise_alarm", Quoted(text="hot", link="https://x.com/a/status/1"))
        ).form
        await w.until(at(MONDAY.date(), 9, 1))
        pressed = (await w.press_on("anna", w.posts("kemi")[0].card, "alarm.open")).form

        assert {f.id: f.value for f in quoted.fields}["line"] == "hot"
        assert {f.id: f.value for f in pressed.fields}["account"] == "kem0"


async def test_a_form_that_is_sent_again_raises_one_alarm(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.say("anna", "sm-alarm")).form
        call, values = w.call("anna"), {"kind": "threat", "account": "none"}
        first = await w.desk.submit(call, form.id, form.state, values)
        assert await w.desk.submit(call, form.id, form.state, values) == first
        async with w.bot.storage.read() as tx:
            assert len(await tx.open_cases("alarm")) == 1


async def test_without_any_role_the_administrators_are_told(tmp_path):
    async with world(tmp_path) as w:
        for role in ("security", "communications"):
            await w.seed(lambda tx, role=role: tx.save_role(role, [], None))
        await raise_alarm(w)

        assert "@adam" in told(w, MONDAY)


async def test_a_person_of_the_role_who_has_left_is_passed_over(tmp_path):
    async with world(tmp_path) as w:
        gone = replace((await w.register()).people["sven"], active=False)
        await w.seed(lambda tx: tx.save_person(gone))
        await w.seed(lambda tx: tx.save_role("security", [PersonId("sven"), PersonId("sara")], None))
        await raise_alarm(w)

        assert "@sara" in told(w, MONDAY)
        assert "@sven" not in told(w, MONDAY)


def test_the_night_is_a_free_day():
    assert NIGHT.astimezone(ZONE).date() == CHRISTMAS


async def test_the_raisers_loud_card_carries_no_button_that_refuses_them(tmp_path):
    async with world(tmp_path) as w:
        w.clock.at = NIGHT
        await raise_alarm(w)
        await w.until(NIGHT + 3 * LATER)
        own, office = w.posts("@anna")[-1].card, w.posts("kommunikation")[-1].card

        assert "alarm.receive" not in [b.verb for b in own.buttons]
        assert "alarm.receive" in [b.verb for b in office.buttons]


async def test_whichever_colleague_on_the_account_rang_enters_who_answered_and_no_more(tmp_path):
    async with world(tmp_path) as w:
        w.clock.at = NIGHT
        alarm = await raise_alarm(w, link="https://instagram.com/p/1")
        waits = (await w.say("bo", "sm-today")).card
        card = (await w.press_on("bo", waits, "alarm.show")).card
        assert [b.verb for b in card.buttons] == ["alarm.phone"]
        again = (
            await w.fill("bo", (await w.say("bo", "sm-alarm")).form, {"link": "https://instagram.com/p/1"})
        ).card
        assert [b.verb for b in again.buttons] == ["alarm.phone"]
        form = (await w.press_on("bo", card, "alarm.phone")).form
        for verb in ("alarm.receive", "alarm.handled", "alarm.false", "alarm.exercise"):
            assert "kan kvitteras och avslutas av" in words((await w.press("bo", verb, alarm)).card)
        for who in ("olle", "gast", "rita"):
            for verb in ("alarm.phone", "alarm.show"):
                assert "kan kvitteras" in words((await w.press(who, verb, alarm)).card)
            assert "kan kvitteras" in words((await w.fill(who, form, {"who": "Ingen"})).card)
            assert "alarm.show" not in repr((await w.say(who, "sm-today")).card)
        assert (await w.case(alarm)).receipt_by is None
        await w.fill("bo", form, {"who": "Sven i växeln"})
        late = (await w.fill("heidi", form, {"who": "Sara"})).card

        assert "Sven i växeln" in words(late)
        assert "Bo Lind" in words(w.posts("@anna")[0].card)
        assert ((await w.case(alarm)).receipt_by, (await w.case(alarm)).receipt_phone) == (
            "bo",
            "Sven i växeln",
        )


async def test_an_alarm_becomes_an_exercise_by_a_button_marked_everywhere_and_kept_out_of_the_records(
    tmp_path,
):
    async with mailed(tmp_path) as (w, box):
        alarm = await raise_alarm(w)
        own = w.posts("@anna")[0].card
        drill = next(b for b in own.buttons if b.verb == "alarm.exercise")
        assert drill.confirm
        before = len(box.inbox)
        said = await w.press("anna", drill.verb, drill.arg)
        await w.press("sven", drill.verb, drill.arg)
        assert "märkt som övning" in words(said.card)
        assert all("ÖVNING" in p.card.title and "112" not in words(p.card) for p in w.chat.posts)
        told = box.inbox[before:]
        assert len(told) == len({mail.to for mail in told}) > 3
        assert all("ÖVNING" in m.subject and "Ingen behöver ringa" in m.text for m in told)
        await w.until(MONDAY + 4 * LATER)
        assert (await w.case(alarm)).ended == "exercise_over"

        had = await raise_alarm(w)
        await w.press("sven", "alarm.receive", had)
        await w.press("sven", "alarm.exercise", had)
        assert (await w.case(had)).ends_at
        await w.until(at(MONDAY.date() + DAY, 16))
        assert not (await w.case(had)).is_open
        assert not any("hot" in words(p.card) for p in w.posts("@heidi"))
        digest = [p for p in w.posts("kommunikation") if p.key.startswith("digest")]
        assert not any("larm" in words(p.card).lower() for p in digest)
