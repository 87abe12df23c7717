"""All of an account's people are away: the head is asked once for all, communications takes over in a press (users.md U3)."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.model import Absence, PersonId
from bot.service import day
from tests.flows.test_rounds import round_of
from tests.world import DAY, MONDAY, at, words, world

MON = MONDAY.date()
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MON + n * DAY for n in range(1, 5))
NEXT_MONDAY = MON + 7 * DAY


async def away(w, who: str, first: date = WEDNESDAY, last: date = THURSDAY, **values: object):
    form = (await w.press(who, "away.new")).form
    return await w.fill(who, form, {"first": first.isoformat(), "last": last.isoformat()} | values)


async def all_away(w, **days: date) -> None:
    for who in ("anna", "bo"):
        await away(w, who, **days)


def told(w, who: str) -> list:
    return [
        p for p in w.posts(f"@{who}") if p.key.startswith("heads:") and "borta samtidigt" in words(p.card)
    ]


async def comes(w, moment: datetime) -> None:
    """Time is moved to that morning at once, and from there passes."""
    morning = moment.replace(hour=0, minute=1).astimezone(UTC)
    w.clock.at = max(morning, w.clock.at)
    await w.until(moment + timedelta(minutes=1))


async def open_watches(w) -> list:
    async with w.bot.storage.read() as tx:
        return list(await tx.open_cases("watch"))


async def watcher(w, day: date, account: str = "bio0") -> str | None:
    register = await w.register()
    return register.watcher(register.accounts[account], day)


async def test_the_head_hears_once_for_all_accounts_ahead_of_time_and_names_somebody(tmp_path):
    async with world(tmp_path, accounts=3, chemistry=0) as w:
        await away(w, "anna", cover="bo")
        await away(w, "bo", cover="anna")  # each covers the other: nobody is left
        assert told(w, "heidi") == []
        await comes(w, at(TUESDAY, 9, 30))
        (message,) = told(w, "heidi")
        assert message.card.title == "Alla som bevakar tre konton är borta samtidigt"
        assert [b.verb for b in message.card.buttons] == ["watch.cover", "watch.off", "watch.hand"]
        form = (await w.press_on("heidi", message.card, "watch.cover")).form
        assert (
            (await w.fill("heidi", form, {"who": "anna"}))
            .by_field["who"]
            .startswith("Anna Ek är också borta")
        )
        named = await w.fill("heidi", form, {"who": "olle"})

        assert [await watcher(w, d) for d in (TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)] == [
            "anna",
            "olle",
            "olle",
            "anna",
        ]
        assert "Heidi Berg har utsett dig att bevaka tre konton" in w.posts("@olle")[0].card.title
        assert (await w.fill("heidi", form, {"who": "dag"})).card.title == "Det gick inte"
        await comes(w, at(WEDNESDAY, 9))
        reply = await w.press("olle", "round.clear", round_of(WEDNESDAY))
        assert "tre konton" in reply.card.title
        await comes(w, at(THURSDAY, 9, 30))
        assert len(told(w, "heidi")) == 1

        await w.press_on("heidi", named.card, "watch.undo")
        assert await watcher(w, THURSDAY) == "karin"
        assert [line.role for line in (await w.case(round_of(WEDNESDAY))).lines] == ["substitute"] * 3


async def test_nobody_is_named_who_is_away_on_one_of_the_days_nor_once_somebody_is_there_again(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await all_away(w, last=FRIDAY)
        await away(w, "sara", THURSDAY, THURSDAY)
        await comes(w, at(TUESDAY, 9, 30))
        form = (await w.press_on("heidi", told(w, "heidi")[0].card, "watch.cover")).form
        assert "Sara Alm är också borta" in (await w.fill("heidi", form, {"who": "sara"})).by_field["who"]

        edit = (await w.press("karin", "account.edit", "bio0")).form
        await w.fill("karin", edit, {"people": ("anna", "bo", "olle")})
        reply = await w.fill("heidi", form, {"who": "dag"})
        assert "redan löst" in words(reply.card)
        assert await watcher(w, WEDNESDAY) == "olle"


async def test_what_is_handed_over_is_taken_over_in_one_press_and_ends_by_itself(tmp_path):
    async with world(tmp_path, accounts=2, chemistry=1) as w:
        await all_away(w, last=FRIDAY)
        await comes(w, at(TUESDAY, 9, 30))
        card = told(w, "heidi")[0].card
        await w.press_on("heidi", card, "watch.hand")
        await w.press_on("heidi", card, "watch.hand")
        assert w.posts("kommunikation", TUESDAY) == []
        await w.until(at(TUESDAY, 15, 31))
        (digest,) = w.posts("kommunikation", TUESDAY)
        assert words(digest.card).count("Heidi Berg lämnar över bevakningen av tre konton") == 1
        handed = (await w.press_on("karin", digest.card, "watch.show")).card
        waits = words((await w.say("kalle", "sm-today")).card)
        assert "Alla som bevakar tre konton är borta samtidigt" in waits
        await w.press_on("kalle", handed, "watch.take")
        again = (await w.press_on("karin", handed, "watch.take")).card

        assert "bevakar tre konton en tid" in again.title
        assert [b.verb for b in again.buttons] == ["watch.undo"]
        assert len((await w.register()).takeovers) == 1
        assert len(w.posts("@heidi", TUESDAY)) == 1
        await comes(w, at(WEDNESDAY, 9, 30))
        (heard,) = w.posts("@heidi", WEDNESDAY)
        assert "bevakar tre konton en tid" in heard.card.title
        assert [b.verb for b in heard.card.buttons] == ["watch.undo"]
        (morning,) = [p for p in w.posts("@karin") if p.key.startswith("rota:")]
        assert morning.card.title == "Du bevakar tre konton åt andra i dag"
        await w.press_on("karin", morning.card, "round.clear_mine")
        rows = [
            line for place in ("biologi", "kemi") for line in (await w.case(round_of(WEDNESDAY, place))).lines
        ]
        assert {(line.state, line.role) for line in rows} == {("looked_at", "communications")}
        assert [await watcher(w, d) for d in (FRIDAY, NEXT_MONDAY)] == ["karin", "anna"]

        await w.press_on("heidi", again, "watch.undo")
        once_more = await w.press_on("kalle", again, "watch.undo")
        assert once_more.card.title == "Det var redan tillbakataget."
        await w.until(at(WEDNESDAY, 16))
        (digest,) = w.posts("kommunikation", WEDNESDAY)
        assert "tillbakataget" in words(digest.card)
        await comes(w, at(THURSDAY, 9, 30))
        assert len(told(w, "heidi")) == 2  # asked anew: still nobody is there


async def test_what_is_taken_over_and_back_the_same_day_or_lengthened_later_is_asked_anew_once(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await all_away(w, first=THURSDAY, last=FRIDAY)
        await comes(w, at(TUESDAY, 9, 30))
        card = told(w, "heidi")[0].card
        await w.press_on("heidi", card, "watch.hand")
        await w.press("karin", "watch.take", card.buttons[0].arg)
        await w.press("karin", "watch.undo", card.buttons[0].arg)
        over = await w.press("karin", "watch.show", card.buttons[0].arg)
        assert over.card.title == "Övertagandet är tillbakataget."
        assert [watch.accounts for watch in await open_watches(w)] == [("bio0",)]
        await comes(w, at(WEDNESDAY, 9, 30))
        assert len(told(w, "heidi")) == 2

        await all_away(w, first=NEXT_MONDAY, last=NEXT_MONDAY)
        await comes(w, at(THURSDAY, 9, 30))
        assert "måndag 30 november" in words(told(w, "heidi")[2].card)
        assert len(await open_watches(w)) == 1  # in the place of the one about fewer days
        await comes(w, at(FRIDAY, 9, 30))
        assert len(told(w, "heidi")) == 3


async def test_where_everybody_has_left_it_is_asked_once_and_not_each_day(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        for who in ("anna", "bo"):
            person = replace((await w.register()).people[PersonId(who)], active=False)
            await w.seed(lambda tx, person=person: tx.save_person(person))
        for day_ in (TUESDAY, WEDNESDAY, THURSDAY):
            await comes(w, at(day_, 9, 30))

        assert len(told(w, "heidi")) == 1


async def test_an_absence_that_is_taken_back_in_time_is_told_to_nobody_and_a_new_one_is(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await away(w, "anna", NEXT_MONDAY, NEXT_MONDAY)
        noted = await away(w, "bo", NEXT_MONDAY, NEXT_MONDAY)
        await w.press_on("bo", noted.card, "away.back")
        assert await open_watches(w) == []
        await comes(w, at(TUESDAY, 9, 30))
        assert told(w, "heidi") == []
        await away(w, "bo", NEXT_MONDAY, NEXT_MONDAY)
        w.clock.at = at(WEDNESDAY, 0, 1).astimezone(UTC)
        await asyncio.gather(*(day.plan(w.bot, w.clock.at) for _ in range(2)))  # two processes at once
        assert len(await open_watches(w)) == 1
        await comes(w, at(WEDNESDAY, 9, 30))

        assert len(told(w, "heidi")) == 1


async def test_the_deputy_is_asked_while_the_head_is_away_and_communications_where_both_are(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        gone = [
            Absence(id=f"w{who}", person=PersonId(who), first=MON, last=FRIDAY) for who in ("heidi", "dag")
        ]
        await w.seed(lambda tx: tx.save_absence(gone[0]))
        await all_away(w)
        await comes(w, at(TUESDAY, 9, 30))
        (message,) = told(w, "dag")
        assert [b.verb for b in message.card.buttons] == ["watch.cover", "watch.hand"]
        await w.seed(lambda tx: tx.save_absence(gone[1]))
        for who in ("anna", "bo"):
            await away(w, who, NEXT_MONDAY, NEXT_MONDAY)
        await comes(w, at(WEDNESDAY, 9, 30))

        assert "watch.take" in [b.verb for b in told(w, "karin")[0].card.buttons]
        assert told(w, "heidi") == []


async def test_what_waits_for_a_former_head_is_asked_once_of_the_one_who_came_after(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await all_away(w, first=THURSDAY, last=FRIDAY)
        await comes(w, at(TUESDAY, 9, 30))
        (before,) = told(w, "heidi")
        unit = (await w.register()).units["bio"]
        await w.seed(lambda tx: tx.save_unit(replace(unit, head=PersonId("fia"))))
        for morning in (WEDNESDAY, THURSDAY):
            await comes(w, at(morning, 9, 30))
        assert [len(told(w, who)) for who in ("heidi", "fia")] == [1, 1]
        assert "Det gick inte" in words((await w.press_on("heidi", before.card, "watch.hand")).card)
        assert [watch.reader for watch in await open_watches(w)] == ["fia"]


async def test_communications_takes_over_many_accounts_for_a_period_in_one_form(tmp_path):
    async with world(tmp_path, accounts=5, chemistry=1) as w:
        form = (await w.press("karin", "rota.open")).form
        chosen = {
            "accounts": ("bio0", "bio1", "kem0"),
            "first": TUESDAY.isoformat(),
            "last": FRIDAY.isoformat(),
        }
        assert list((await w.fill("karin", form, chosen | {"accounts": ()})).by_field) == ["accounts"]
        assert list((await w.fill("karin", form, chosen | {"last": MON.isoformat()})).by_field) == ["last"]
        reply = await w.fill("karin", form, chosen)
        assert [await watcher(w, TUESDAY, a) for a in ("bio0", "bio2", "kem0")] == ["karin", "anna", "karin"]
        assert "i sitt nästa samlade meddelande" in words(reply.card)  # as they do, below
        again = await w.fill("karin", form, chosen)  # sent twice
        assert (again.card.title, again.card.buttons) == (reply.card.title, ())
        assert len((await w.register()).takeovers) == 1
        assert w.posts("@heidi") == []
        await comes(w, at(TUESDAY, 9, 30))
        assert [p.card.title for p in w.posts("@heidi")] == [
            "Kommunikationsavdelningen bevakar tre konton en tid"
        ]
        await w.press_on("karin", reply.card, "watch.undo")
        assert await watcher(w, WEDNESDAY) == "anna"
        assert len(w.posts("@heidi")) == 1
        await comes(w, at(WEDNESDAY, 9, 30))
        assert ["tillbakataget" in p.card.title for p in w.posts("@heidi")] == [False, True]
        back = (await w.fill("karin", form, chosen | {"first": THURSDAY.isoformat()})).card
        await w.press_on("karin", back, "watch.undo")
        await comes(w, at(THURSDAY, 9, 30))
        (other,) = w.posts("@heidi", THURSDAY)  # taken over and back before anybody was told
        assert "tillbakataget" not in words(other.card)


async def test_nobody_else_answers_for_the_head_or_takes_over(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await all_away(w)
        await comes(w, at(TUESDAY, 9, 30))
        watch = told(w, "heidi")[0].card.buttons[0].arg
        before = await w.register()
        values = {
            "who": "olle",
            "accounts": ("bio0",),
            "first": TUESDAY.isoformat(),
            "last": FRIDAY.isoformat(),
        }
        for who in ("olle", "dag", "anna", "gast", "borta"):
            for verb in (
                "watch.show",
                "watch.cover",
                "watch.off",
                "watch.hand",
                "watch.take",
                "watch.undo",
                "rota.open",
            ):
                assert (await w.press(who, verb, watch)).card.title == "Det gick inte", (who, verb)
            for form, state in (("watch.cover", watch), ("rota.take", "")):
                reply = await w._then(w.desk.submit(w.call(who), form, state, values))
                assert reply.card.title == "Det gick inte", (who, form)

        assert await w.register() == before
        assert (await w.case(watch)).handed_by is None


async def test_comments_off_opens_the_closing_checklist_with_the_accounts_chosen(tmp_path):
    async with world(tmp_path, accounts=2, chemistry=0) as w:
        await all_away(w)
        await comes(w, at(TUESDAY, 9, 30))
        form = (await w.press_on("heidi", told(w, "heidi")[0].card, "watch.off")).form

        assert ("bio0", "bio1") in [f.value for f in form.fields]


async def test_what_the_pattern_makes_of_the_next_four_weeks_is_said_when_it_is_chosen(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await away(w, "bo", NEXT_MONDAY, NEXT_MONDAY + DAY, cover="olle")
        form = (await w.press("bo", "account.pattern", "bio0")).form
        reply = await w.fill("bo", form, {"kind": "weeks", "order": ("anna", "bo")})
        said = words(reply.card)

        assert "Vecka 48, från måndag 23 november till fredag 27 november" in said
        assert "måndag till tisdag Olle Utan, onsdag till fredag Bo Lind" in said
        assert "Vecka 51" in said
        assert "Vecka 52" not in said


async def test_where_the_login_is_kept_is_read_by_those_who_work_on_the_account_alone(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        form = (await w.press("anna", "account.edit", "bio0")).form
        await w.fill("anna", form, {"login": "Valvet, fråga Heidi"})
        cards = {
            who: words((await w.press(who, "account.open", "bio0")).card)
            for who in ("bo", "heidi", "karin", "olle", "dag")
        }

        assert {who for who, said in cards.items() if "Valvet" in said} == {"bo", "heidi", "karin"}
