"""What waits for me, Home, help, the digest."""

from dataclasses import replace

import pytest

from bot.commands import COMMANDS
from bot.model import Unit
from tests.world import DAY, MONDAY, at, buttons, words, world

MON = MONDAY.date()
TUESDAY = MON + DAY


def lines(card) -> list[str]:
    return [item.text for part in card.parts if part.type == "items" for item in part.items]


async def test_what_waits_stands_with_the_most_urgent_first(tmp_path):
    async with world(tmp_path) as w:
        overdue = await w.log("anna", "bio1", at(MON - 5 * DAY, 10))
        soon = await w.log("anna", "bio2", at(MON - DAY, 10))
        later = await w.log("anna", "bio3", MONDAY)
        await w.until(at(MON, 9, 1))
        await w.fill("anna", (await w.say("anna", "sm-alarm")).form, {"account": "bio0"})
        card = (await w.say("anna", "sm-today")).card

        opened = [b.arg for b in buttons(card) if b.verb in ("alarm.show", "question.show", "round.tell")]
        assert opened[0].startswith("a")
        assert opened[1] == overdue
        assert [o for o in opened if o.startswith("q")] == [overdue, soon, later]


@pytest.mark.parametrize(
    ("who", "sees"), [("anna", True), ("bo", True), ("olle", False), ("karin", False), ("heidi", False)]
)
async def test_only_what_is_mine_waits_for_me(tmp_path, who, sees):
    async with world(tmp_path) as w:
        await w.log("anna", "bio0", MONDAY)

        assert bool(lines((await w.say(who, "sm-today")).card)) is sees


@pytest.mark.parametrize("who", ["karin", "heidi"])
async def test_what_has_gone_on_waits_for_whom_it_went_to(tmp_path, who):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        question = await w.log("anna", "bio0", at(MON - 6 * DAY, 10))
        await w.until(at(TUESDAY, 9))
        card = (await w.say(who, "sm-today")).card

        assert question in [b.arg for b in buttons(card)]


async def test_what_was_handed_to_me_waits_for_me_and_opens_with_its_buttons(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        form = (await w.press("anna", "question.hand_on", question)).form
        await w.fill("anna", form, {"to": "olle"})
        (show,) = [b for b in buttons((await w.say("olle", "sm-today")).card) if b.arg == question]
        card = (await w.press("olle", show.verb, show.arg)).card

        assert "question.answered" in [b.verb for b in card.buttons]


async def test_one_all_clear_stands_there_while_something_is_open(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MON, 9, 1))
        card = (await w.say("anna", "sm-today")).card
        await w.press_on("anna", card, "round.clear_mine")
        after = (await w.say("anna", "sm-today")).card

        assert after.buttons == ()
        assert lines(after) == []


@pytest.mark.parametrize("who", ["gast", "ute", "borta"])
async def test_home_of_somebody_without_rights_is_help_and_tells_nothing(tmp_path, who):
    async with world(tmp_path) as w:
        await w.log("anna", "bio0", MONDAY)
        home = await w.desk.home(w.call(who))

        assert "bio0" not in words(home)
        assert home.buttons == ()


async def test_the_language_is_changed_by_one_press_and_kept(tmp_path):
    async with world(tmp_path) as w:
        home = await w.desk.home(w.call("anna"))
        (button,) = [b for b in buttons(home) if b.verb == "language"]
        await w.press("anna", "language", button.arg)

        assert (await w.desk.home(w.call("anna"))).title == "Social media"
        assert "question" in words((await w.say("anna", "sm-help")).card)
        assert (await w.desk.home(w.call("bo"))).title != "Social media"


async def test_an_english_reader_gets_private_cards_in_english_and_the_channel_keeps_its_own(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.press("heidi", "language", "en")
        await w.until(at(MON + 2 * DAY, 10))

        assert "One thing" in w.posts("@heidi")[0].card.title
        assert w.posts(day=MON + 2 * DAY)[0].card.title.startswith("God morgon!")


async def test_help_names_each_command(tmp_path):
    async with world(tmp_path) as w:
        card = (await w.say("anna", "sm-help")).card

        assert lines(card) == [f"/{c.alias}" for c in COMMANDS]


async def test_help_names_whom_to_ask_and_who_mends_what_does_not_work(tmp_path):
    async with world(tmp_path) as w:
        card = (await w.say("anna", "sm-help")).card

        assert "Kommunikationsavdelningen svarar: #kommunikation." in words(card)
        assert "Om något inte fungerar: Adam" in words(card)


async def test_the_digest_is_one_line_when_all_is_well(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MON, 9, 1))
        await w.press("anna", "round.clear_mine")
        await w.until(at(MON, 23))

        (digest,) = w.posts("kommunikation")
        assert digest.at == at(MON, 15, 30)
        assert digest.card.parts == digest.card.buttons == ()


async def test_the_digest_names_accounts_and_never_people(tmp_path):
    async with world(tmp_path) as w:
        await w.log("anna", "bio0", at(MON - 6 * DAY, 10))
        short = replace((await w.register()).accounts["kem0"], people=("bo",), state="gaps")
        await w.seed(lambda tx: tx.save_account(short))
        await w.until(at(MON, 15, 31))

        said = words(w.posts("kommunikation")[-1].card)
        assert "@bio4" in said
        assert "@bio0" in said
        assert not any(name in said for name in ("Anna Ek", "Bo Lind", "Heidi Berg"))


async def test_the_digest_names_the_accounts_with_gaps_and_opens_the_list_of_them(tmp_path):
    async with world(tmp_path, accounts=7, chemistry=0) as w:
        for n in range(7):
            short = replace((await w.register()).accounts[f"bio{n}"], people=("bo",), state="gaps")
            await w.seed(lambda tx, short=short: tx.save_account(short))
        await w.until(at(MON, 15, 31))
        digest = w.posts("kommunikation")[-1].card

        assert "@bio4 (Instagram) och två till" in words(digest)
        reply = await w.press_on("karin", digest, "account.gaps")
        assert [line.split(" ")[0] for line in lines(reply.card)] == [f"@bio{n}" for n in range(7)]


async def test_a_collected_message_about_other_peoples_accounts_does_not_call_them_yours(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.seed(lambda tx: tx.save_unit(Unit(id="bio", name="Biologi")))
        await w.until(at(MON + 2 * DAY, 10))

        (told,) = w.posts("@karin")
        assert told.card.title == "En sak väntar på dig"


async def test_on_a_free_day_there_is_no_digest(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        w.clock.at = at(MON + 4 * DAY, 17)
        await w.until(at(MON + 6 * DAY, 23))

        assert w.posts("kommunikation") == []


async def test_a_register_without_accounts_asks_the_administrator_once_what_it_lacks_and_is_silent(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await w.until(at(TUESDAY, 23))

        assert [post.to for post in w.chat.posts] == ["@adam"]
        refused = await w.say("anna", "sm-question")
        assert refused.card.title == "Det gick inte"
