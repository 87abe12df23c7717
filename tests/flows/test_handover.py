"""The cover gets one card when an absence begins, the person back its mirror image (users.md U3)."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest

from bot.model import PersonId
from bot.outgoing import Outcome, Retry
from scheduler.taking import take
from scheduler.wake import run_pass
from tests.flows.test_watching import all_away, away, comes, told
from tests.moderating import answer, first
from tests.new_account import first_form, known
from tests.world import DAY, MONDAY, at, words, world

MON = MONDAY.date()
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MON + n * DAY for n in range(1, 5))
MINUTE = timedelta(minutes=1)


def cards(w, who: str) -> list:
    return [p for p in w.posts(f"@{who}") if p.key.startswith("handover:")]


async def test_the_cover_gets_what_is_open_and_the_person_back_what_happened(tmp_path):
    async with world(tmp_path, accounts=2, chemistry=0) as w:
        form = (await w.press("anna", "account.edit", "bio0")).form
        await w.fill("anna", form, {"login": "Valvet, fråga Heidi"})
        await w.until(at(MON, 9, 1))
        await w.press("anna", "round.clear", w.posts()[0].card.buttons[0].arg)
        await w.log("anna", "bio0", at(MON, 8))
        await away(w, "anna", TUESDAY, THURSDAY, cover="olle")
        assert cards(w, "olle") == []
        await comes(w, at(TUESDAY, 8))
        await asyncio.gather(*(run_pass(w.bot, w.clock.now()) for _ in range(2)))
        (given,) = cards(w, "olle")
        said = words(given.card)
        assert given.card.title == "Du ersätter Anna Ek till och med torsdag 26 november"
        for part in (
            "Inloggning: Valvet, fråga Heidi",
            "#biologi",
            "Obesvarad fråga på @bio0",
            "genomgånget",
            "Heidi Berg",
        ):
            assert part in said, part

        listed = (await w.say("anna", "sm-away")).card
        form = (await w.press_on("anna", listed, "away.change")).form
        await w.fill("anna", form, {"last": FRIDAY.isoformat()})
        await w.delivery.run_pass(w.clock.now())
        assert given.card.title == "Du ersätter Anna Ek till och med fredag 27 november"
        await w.log("olle", "bio1", at(TUESDAY, 7))
        await comes(w, at(FRIDAY + 3 * DAY, 8))
        (back,) = cards(w, "anna")

        assert back.card.title == "Välkommen tillbaka! Det här hände medan du var borta"
        assert "Olle Utan ersatte dig." in words(back.card)
        assert "1, varav 0 är besvarade" in words(back.card)
        assert len(cards(w, "olle")) == 1
        await comes(w, at(FRIDAY + 4 * DAY, 8))
        assert len(cards(w, "anna")) == 1


async def test_where_the_cover_is_away_as_well_the_card_goes_to_their_cover_until_they_are_back(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        account = (await w.register()).accounts["bio0"]
        await w.seed(
            lambda tx: tx.save_account(replace(account, people=(PersonId("anna"), PersonId("dora"))))
        )
        await away(w, "bo", WEDNESDAY, THURSDAY, cover="olle")
        await away(w, "anna", WEDNESDAY, FRIDAY, cover="bo")
        await comes(w, at(WEDNESDAY, 8))
        assert cards(w, "bo") == []
        (anna,) = (p for p in cards(w, "olle") if "Anna Ek" in p.card.title)
        assert "@bio0" in words(anna.card)

        await comes(w, at(THURSDAY, 8))
        await comes(w, at(FRIDAY, 8))
        assert [p.card.title for p in cards(w, "bo") if "Anna Ek" in p.card.title] == [
            "Du ersätter Anna Ek till och med fredag 27 november"
        ]
        assert anna.card.title == "Du behöver inte bevaka åt någon annan längre."
        await away(w, "bo", FRIDAY, FRIDAY, cover="sara")  # from the same day on: it comes soon
        await w.until(w.clock.at + timedelta(minutes=2))
        assert "Anna Ek" in "".join(p.card.title for p in cards(w, "sara"))
        assert len([p for p in cards(w, "olle") if p.at > at(WEDNESDAY, 9)]) == 0


async def test_none_comes_of_an_absence_that_was_taken_back_or_changed_to_have_no_cover(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        noted = await away(w, "anna", TUESDAY, WEDNESDAY, cover="olle")
        await w.press_on("anna", noted.card, "away.back")
        await away(w, "bo", TUESDAY, WEDNESDAY, cover="olle")
        await away(w, "bo", TUESDAY, WEDNESDAY)
        await comes(w, at(TUESDAY, 8))
        await comes(w, at(THURSDAY, 8))

        assert [cards(w, who) for who in ("olle", "anna", "bo")] == [[], [], []]


async def test_another_cover_gets_a_card_and_the_first_ones_says_that_it_is_over(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await away(w, "anna", TUESDAY, FRIDAY, cover="olle")
        await comes(w, at(TUESDAY, 8))
        await away(w, "anna", TUESDAY, FRIDAY, cover="sara")
        await w.until(w.clock.at + timedelta(minutes=2))
        assert [p.card.title for p in cards(w, "olle")] == ["Du behöver inte bevaka åt någon annan längre."]
        assert "Du ersätter Anna Ek" in cards(w, "sara")[0].card.title
        listed = (await w.say("anna", "sm-away")).card
        form = (await w.press_on("anna", listed, "away.change")).form
        await comes(w, at(WEDNESDAY, 10))
        await w.fill("anna", form, {"gone": "yes"})
        await w.until(w.clock.at + timedelta(minutes=2))

        assert len(cards(w, "anna")) == 1
        assert cards(w, "sara")[0].card.title == "Du behöver inte bevaka åt någon annan längre."


async def begun(w) -> None:
    """Anna keeps a question, a moderation and an application for a new account open."""
    form = (await w.press("anna", "account.edit", "bio0")).form
    await w.fill("anna", form, {"login": "Valvet, fråga Heidi"})
    await w.log("anna", "bio0", at(MON, 7))
    await answer(w, "anna", await first(w))
    form = await first_form(w)
    await w.fill("anna", form, {f.id: known(w)[f.id] for f in form.fields if f.id in known(w)})


WHOLE = (
    "Valvet, fråga Heidi",
    "Obesvarad fråga på @bio0",
    "Påbörjade checklistor",
    "nlägg på @bio0",
    "Heidi Berg",
)


async def test_without_a_named_cover_the_accounts_next_person_gets_it_all_with_the_checklists_that_are_begun(
    tmp_path,
):
    async with world(tmp_path, accounts=2, chemistry=0) as w:
        await w.until(at(MON, 9, 1))
        await begun(w)
        await away(w, "anna", TUESDAY, THURSDAY)
        await comes(w, at(TUESDAY, 8))
        (given,) = cards(w, "bo")
        assert given.card.title == "Du ersätter Anna Ek till och med torsdag 26 november"
        for part in WHOLE:
            assert part in words(given.card), part
        assert "nytt konto" in words(given.card).lower()

        await comes(w, at(WEDNESDAY, 8))
        await comes(w, at(FRIDAY, 8))
        assert len(cards(w, "bo")) == 1
        (back,) = cards(w, "anna")
        assert "Bo Lind ersatte dig." in words(back.card)
        assert given.card.title == "Du behöver inte bevaka åt någon annan längre."


async def test_whoever_stands_in_for_two_colleagues_gets_one_card_that_morning(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=1) as w:
        other = (await w.register()).accounts["kem0"]
        people = (PersonId("kalle"), PersonId("bo"))
        await w.seed(lambda tx: tx.save_account(replace(other, people=people)))
        await away(w, "anna", TUESDAY, WEDNESDAY)
        await away(w, "kalle", TUESDAY, THURSDAY)
        await comes(w, at(TUESDAY, 8))
        (card,) = cards(w, "bo")
        assert card.card.title == "Du ersätter Anna Ek och Kalle Dahl"
        assert all(name in words(card.card) for name in ("@bio0", "@kem0"))

        await comes(w, at(THURSDAY, 8))
        assert card.card.title == "Du ersätter Kalle Dahl till och med torsdag 26 november"
        assert [len(cards(w, who)) for who in ("bo", "anna", "kalle")] == [1, 1, 0]


async def test_on_the_rotas_first_morning_it_gets_all_that_a_cover_gets_and_those_who_are_back_the_rest(
    tmp_path,
):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(MON, 9, 1))
        await begun(w)
        await all_away(w, first=TUESDAY, last=WEDNESDAY)
        await comes(w, at(TUESDAY, 9, 30))
        await comes(w, at(WEDNESDAY, 9, 30))
        await comes(w, at(THURSDAY, 8))
        first_day, second = [p.card for p in w.posts("@karin") if p.key.startswith("rota:")]
        for part in WHOLE:
            assert part in words(first_day), part
            assert part == "Heidi Berg" or part not in words(second)
        for who in ("anna", "bo"):
            assert len(cards(w, who)) == (
                1 if who == "anna" else 0
            )  # of nothing that would have been Bo's turn
        assert "ommunikationsavdelningen ersatte dig." in words(cards(w, "anna")[0].card)


async def test_after_a_head_has_named_somebody_whoever_was_away_gets_the_mirror_image_too(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(MON, 9, 1))
        await begun(w)
        await all_away(w)
        await comes(w, at(TUESDAY, 9, 30))
        (message,) = told(w, "heidi")
        form = (await w.press_on("heidi", message.card, "watch.cover")).form
        await w.fill("heidi", form, {"who": "olle"})
        named = w.posts("@olle")[0].card
        for part in WHOLE:
            assert part in words(named), part
        await comes(w, at(WEDNESDAY, 9, 30))
        await comes(w, at(FRIDAY, 8))
        (back,) = cards(w, "anna")
        assert "Olle Utan ersatte dig." in words(back.card)
        assert len(w.posts("@olle")) == 1


async def test_whoever_is_reported_away_after_the_mornings_card_is_told_in_a_card_of_its_own(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await away(w, "anna", TUESDAY, WEDNESDAY, cover="olle")
        await w.hop(at(TUESDAY, 8))
        await w.hop(at(TUESDAY, 10))
        await away(w, "dora", TUESDAY, WEDNESDAY, cover="olle")
        await w.hop(at(TUESDAY, 10, 2))

        morning, later = cards(w, "olle")
        assert (morning.at, later.at) == (at(TUESDAY, 8), at(TUESDAY, 10, 2))
        assert later.card.title == "Du ersätter Anna Ek och Dora Quist"


@pytest.mark.parametrize("stamp", [at(TUESDAY, 8), at(TUESDAY, 8) - timedelta(seconds=1)])
async def test_what_is_stamped_at_eight_or_before_and_saved_after_the_mornings_card_is_told(tmp_path, stamp):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await away(w, "anna", TUESDAY, WEDNESDAY, cover="olle")
        await w.hop(at(TUESDAY, 8))
        w.clock.at = stamp.astimezone(UTC)
        await away(w, "dora", TUESDAY, WEDNESDAY, cover="olle")
        await w.hop(at(TUESDAY, 8, 2))
        await w.hop(at(TUESDAY, 9))

        morning, later = cards(w, "olle")
        assert (morning.at, later.card.title) == (at(TUESDAY, 8), "Du ersätter Anna Ek och Dora Quist")


async def test_what_is_reported_a_minute_apart_for_one_cover_is_one_card(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.hop(at(TUESDAY, 10))
        await away(w, "anna", TUESDAY, WEDNESDAY, cover="olle")
        await w.hop(at(TUESDAY, 10, 1))
        await away(w, "dora", TUESDAY, THURSDAY, cover="olle")
        for minute in (2, 3, 59):
            await w.hop(at(TUESDAY, 10, minute))

        (card,) = cards(w, "olle")
        assert card.card.title == "Du ersätter Anna Ek och Dora Quist"
        await comes(w, at(WEDNESDAY, 8))
        await comes(w, at(THURSDAY, 8))
        assert card.card.title == "Du ersätter Dora Quist till och med torsdag 26 november"
        await comes(w, at(FRIDAY, 8))
        assert [len(cards(w, who)) for who in ("olle", "anna", "dora")] == [1, 1, 1]


async def test_a_card_for_three_is_right_until_the_last_of_them_is_back(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        noted = {
            who: (await away(w, who, TUESDAY, last, cover="olle")).card
            for who, last in (("anna", TUESDAY), ("dora", WEDNESDAY), ("rita", FRIDAY), ("sven", FRIDAY))
        }
        await w.hop(at(TUESDAY, 8))
        (card,) = cards(w, "olle")
        await w.hop(at(WEDNESDAY, 8))
        assert card.card.title == "Du ersätter Dora Quist, Rita Ros och Sven Malm"
        await w.hop(at(THURSDAY, 8))
        assert card.card.title == "Du ersätter Rita Ros och Sven Malm"
        for who, title in (
            ("rita", "Du ersätter Sven Malm till och med fredag 27 november"),
            ("sven", "Du behöver inte bevaka åt någon annan längre."),
        ):
            await w.press_on(who, noted[who], "away.back")
            assert card.card.title == title
        assert len(cards(w, "olle")) == 1


async def reports(w, who: str, last: date = THURSDAY, cover: str = "olle") -> None:
    """As `away` from Tuesday on, without a pass of delivery."""
    form = (await w.desk.press(w.call(who), "away.new", "")).form
    given = {f.id: "" for f in form.fields} | {"first": f"{TUESDAY}", "last": f"{last}", "cover": cover}
    await w.desk.submit(w.call(who), form.id, form.state, given)


async def test_what_is_reported_while_the_card_is_on_its_way_is_told_in_the_next(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await away(w, "anna", TUESDAY, WEDNESDAY, cover="olle")
        post = w.chat.post

        async def meanwhile(envelope):
            w.chat.post = post
            await reports(w, "dora")
            return await post(envelope)

        w.chat.post = meanwhile
        await w.hop(at(TUESDAY, 8))
        await w.hop(at(TUESDAY, 8, 2))
        assert [p.at for p in cards(w, "olle")] == [at(TUESDAY, 8), at(TUESDAY, 8, 2)]
        assert {p.card.title for p in cards(w, "olle")} == {"Du ersätter Anna Ek och Dora Quist"}


async def test_after_a_kill_the_card_tells_of_all_that_was_reported_meanwhile_and_is_the_only_one(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await away(w, "anna", TUESDAY, WEDNESDAY, cover="olle")
        w.clock.at = at(TUESDAY, 8).astimezone(UTC)
        await run_pass(w.bot, w.clock.at)
        chats = {"test"}
        assert await take(w.bot, "killed", w.clock.at, chats, {}, only_alarms=False, slow={})
        await reports(w, "dora")
        await w.hop(at(TUESDAY, 8, 1))
        await w.hop(at(TUESDAY, 8, 30))

        (card,) = cards(w, "olle")
        assert card.card.title == "Du ersätter Anna Ek och Dora Quist"


async def test_whose_card_could_not_go_out_before_they_were_away_too_gets_it_once_they_are_back(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await away(w, "anna", TUESDAY, FRIDAY, cover="olle")
        w.clock.at = at(TUESDAY, 8).astimezone(UTC)
        await run_pass(w.bot, w.clock.at)  # nothing can be sent just now
        await reports(w, "olle", last=TUESDAY, cover="sara")
        await w.hop(at(TUESDAY, 9))
        assert [len(cards(w, who)) for who in ("olle", "sara")] == [0, 1]
        await w.hop(at(WEDNESDAY, 8))
        assert "Du ersätter Anna Ek till och med fredag 27 november" in {
            p.card.title for p in cards(w, "olle")
        }


async def test_whoever_takes_over_from_somebody_who_stood_in_for_four_gets_one_card(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        for who in ("anna", "dora", "rita", "sven"):
            await away(w, who, TUESDAY, THURSDAY, cover="olle")
        await w.hop(at(WEDNESDAY, 8, 30))  # the bot was down on the first morning
        assert len(cards(w, "olle")) == 1
        await w.hop(at(WEDNESDAY, 10))
        await away(w, "olle", WEDNESDAY, THURSDAY, cover="kalle")
        await w.hop(at(WEDNESDAY, 10, 2))

        (card,) = cards(w, "kalle")
        assert all(name in card.card.title for name in ("Anna", "Dora", "Rita", "Sven", "Olle"))
        assert cards(w, "olle")[0].card.title == "Du behöver inte bevaka åt någon annan längre."


async def test_what_is_reported_in_the_evening_is_told_when_the_office_opens(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.hop(at(MON, 20))
        await away(w, "anna", MON, WEDNESDAY, cover="olle")
        await w.hop(at(MON, 21))
        assert cards(w, "olle") == []
        await w.hop(at(TUESDAY, 8, 1))
        assert len(cards(w, "olle")) == 1


async def unsent_changes(w) -> set[str]:
    """Whose hand-over has a card that waits to be made anew."""
    async with w.bot.storage.read() as tx:
        found = [(h.person, await tx.messages_of(h.id)) for h in await tx.open_cases("handover")]
    return {person for person, messages in found if any(m.due for m in messages)}


async def test_a_reported_absence_makes_anew_only_the_cards_of_those_whom_it_concerns(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await away(w, "anna", TUESDAY, THURSDAY, cover="olle")
        await away(w, "rita", TUESDAY, THURSDAY, cover="sara")
        await w.hop(at(TUESDAY, 8))
        await w.hop(at(TUESDAY, 8, 30))
        form = (await w.press("dora", "away.new")).form
        given = {f.id: "" for f in form.fields} | {
            "first": f"{TUESDAY}",
            "last": f"{FRIDAY}",
            "cover": "olle",
        }
        noted = await w.desk.submit(w.call("dora"), form.id, form.state, given)
        assert await unsent_changes(w) == {"anna"}
        await w.hop(at(TUESDAY, 8, 32))
        assert {p.card.title for p in cards(w, "olle")} == {"Du ersätter Anna Ek och Dora Quist"}

        await w.press_on("dora", noted.card, "away.back")
        until = "Du ersätter Anna Ek till och med torsdag 26 november"
        assert [p.card.title for p in cards(w, "olle")] == [until, until]


async def turned_away(w, moment, retry: Retry) -> None:
    """Be there while the chat refuses the first message that it is given; from then on it takes all."""
    post = w.chat.post

    async def once(_envelope) -> Outcome:
        w.chat.post = post
        return retry

    w.chat.post = once
    await w.hop(moment)
    assert w.chat.post == post


async def killed(w, moment) -> None:
    """Be there in a process that is killed when it has taken the first message, and has sent nothing."""
    w.clock.at = moment.astimezone(UTC)
    await run_pass(w.bot, w.clock.at)
    assert await take(w.bot, "killed", w.clock.at, {"test"}, {}, only_alarms=False, slow={})


async def refused(w, moment) -> None:
    await turned_away(w, moment, Retry(after=10 * MINUTE))


@pytest.mark.parametrize("fails", [refused, killed])
async def test_whoever_is_back_before_the_card_for_two_can_go_out_leaves_it_to_tell_of_the_other(
    tmp_path, fails
):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        for who in ("anna", "dora"):
            await away(w, who, TUESDAY, THURSDAY, cover="olle")
        listed = (await w.say("anna", "sm-away")).card
        form = (await w.press_on("anna", listed, "away.change")).form
        await fails(w, at(TUESDAY, 8))
        await w.fill("anna", form, {"gone": "yes"})
        await w.hop(at(TUESDAY, 8, 30))
        await w.hop(at(WEDNESDAY, 8))

        (card,) = cards(w, "olle")
        assert card.card.title == "Du ersätter Dora Quist till och med torsdag 26 november"
        await w.hop(at(FRIDAY, 8))
        assert card.card.title == "Du behöver inte bevaka åt någon annan längre."


async def test_after_a_pause_longer_than_a_colleagues_absence_the_cover_hears_of_whoever_is_still_away(
    tmp_path,
):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await away(w, "anna", TUESDAY, TUESDAY, cover="olle")
        await away(w, "dora", TUESDAY, FRIDAY, cover="olle")
        await turned_away(w, at(TUESDAY, 8), Retry(after=DAY, wide=True))
        await w.hop(at(TUESDAY, 12))
        assert cards(w, "olle") == []
        await w.hop(at(WEDNESDAY, 10))
        await w.hop(at(THURSDAY, 8))

        titles = [p.card.title for p in cards(w, "olle")]
        assert titles == ["Du ersätter Dora Quist till och med fredag 27 november"]


async def test_a_card_for_two_that_could_not_go_out_while_its_reader_was_away_tells_both_once_they_are_back_that_day(
    tmp_path,
):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        for who in ("anna", "dora"):
            await away(w, who, TUESDAY, FRIDAY, cover="olle")
        await refused(w, at(TUESDAY, 8))
        await reports(w, "olle", last=TUESDAY, cover="sara")
        await w.hop(at(TUESDAY, 10))
        assert [len(cards(w, who)) for who in ("olle", "sara")] == [0, 1]
        listed = (await w.say("olle", "sm-away")).card
        form = (await w.press_on("olle", listed, "away.change")).form
        await w.fill("olle", form, {"gone": "yes"})
        await w.hop(at(TUESDAY, 10, 30))

        titles = [p.card.title for p in cards(w, "olle")]
        assert [t for t in titles if "Anna" in t or "Dora" in t] == ["Du ersätter Anna Ek och Dora Quist"]
