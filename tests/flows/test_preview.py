"""Looking ahead: who sees what in chat, and the command line beside a bot that runs."""

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from typer.testing import CliRunner

from bot.foreseen import Foreseen
from bot.model import Absence, PersonId
from bot.screens import preview as screens
from bot.service.compose import composers
from bot.service.preview import AHEAD
from bot.texts import LANGUAGES, Texts
from bot.view import Items, Tell
from smbot.cli import app
from smbot.gallery.world import Scene
from tests.flows.test_rehearsal import everything
from tests.world import DAY, MONDAY, ZONE, buttons, words, world

MON = MONDAY.date()
SV = Texts("sv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_that_is_sent_has_a_reason_in_words(language):
    t = Texts(language)
    assert [name for name in composers() if not t.has(f"preview.why.{name}")] == []


async def test_communications_sees_every_channel_others_their_own_and_a_guest_none(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        register = await w.register()
        kemi = replace(register.accounts["kem0"], people=(PersonId("olle"),))
        absences = [
            Absence(id=p, person=PersonId(p), first=MON + DAY, last=MON + 2 * DAY) for p in ("anna", "bo")
        ]
        await w.seed(lambda tx: tx.save_account(kemi))
        for absence in absences:
            await w.seed(lambda tx, absence=absence: tx.save_absence(absence))
        before = everything(tmp_path)

        whole = (await w.say("karin", "sm-preview")).card
        assert "Så här blir det om ingen svarar" in whole.parts[0].text
        assert [i.text for i in whole.parts[1].items] == [
            "#biologi",
            "#kemi",
            "#kommunikation",
            "Till personer",
        ]
        assert "@bio0 (Instagram), @bio1 (Instagram): tisdag 24 november till onsdag 25 november" in words(
            whole
        )
        assert "lördag 28 november" in words(whole).casefold()

        mine = (await w.say("olle", "sm-kommande")).card
        assert [i.text for i in mine.parts[1].items] == ["#kemi"]
        assert "bio0" not in words(mine)
        opened = (await w.press("olle", "preview.place", "test:T1:biologi|0")).card
        assert not any(hasattr(part, "items") for part in opened.parts)
        opened = (await w.press_on("olle", mine, "preview.place")).card
        assert "Måndag 23 november kl. 09.00: God morgon! Ett konto att titta igenom i dag." in words(opened)
        assert "Morgonkort." in words(opened)
        later = (await w.press_on("olle", opened, "preview.place")).card
        assert [b.verb for b in later.buttons] == ["preview.page"]

        refused = (await w.say("gast", "sm-preview")).card
        assert "bio" not in words(refused)
        people = (await w.press("karin", "preview.place", "people|0")).card
        for said in ("Alla som bevakar två konton är borta samtidigt", "Konton att titta igenom åt andra."):
            assert said in words(people)
        assert everything(tmp_path) == before
        assert w.chat.posts == []


async def test_a_page_of_fifty_channels_has_few_buttons_and_the_rest_on_the_next(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        register = await w.register()
        for n in range(22):
            place = replace(
                register.places["test:T1:kemi"], id=f"test:T1:c{n:02}", channel=f"c{n:02}", name=f"c{n:02}"
            )
            account = replace(register.accounts["bio0"], id=f"x{n}", version=0, place=place.id,
                              address=f"https://instagram.com/x{n}")  # fmt: skip
            await w.seed(lambda tx, place=place: tx.save_place(place))
            await w.seed(lambda tx, account=account: tx.save_account(account))
        first = (await w.say("karin", "sm-preview")).card
        assert len(first.buttons) == 1
        assert len(buttons(first)) == 1 + screens.GROUPS
        second = (await w.press("karin", first.buttons[0].verb, first.buttons[0].arg)).card
        assert second.parts[1].items[0].text == "#c09"
        assert isinstance(await w.press("karin", "preview.page", "no number"), Tell)


async def test_of_days_with_nobody_what_does_not_fit_is_counted_and_opens(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        register = await w.register()
        eyes = replace(Scene(language="sv").eyes, register=register)
        first = date(2026, 11, 23)
        lone = {
            f"x{n}": tuple(first + timedelta(days=d) for d in range(5) if n >> d & 1) for n in range(1, 31)
        }
        found = Foreseen(first=first, last=first + AHEAD, messages=(), skipped=(), nobody=lone)
        card = screens.overview(eyes, found, 0)
        whole = len(screens.nobody(eyes, found))
        (button,) = buttons(card)
        assert SV.many("preview.rest", whole - screens.MESSAGES) in words(card)
        seen, begin = [], button.arg.partition("|")[2]
        while begin:
            page = screens.of_days(eyes, found, "without", int(begin))
            seen += [i.text for p in page.parts if isinstance(p, Items) for i in p.items]
            begin = next((b.arg.partition("|")[2] for b in page.buttons if b.verb == "preview.place"), "")
        assert len(seen) == whole == len(set(seen))

        opened = (await w.press("karin", button.verb, button.arg)).card
        assert opened.title == SV("preview.without")
        assert (await w.press("gast", button.verb, button.arg)).card.title == SV("refused.title")


def run(*words_: str, database: str) -> tuple[int, str, str]:
    env = {
        "SMBOT_DATABASE_URL": database,
        "SMBOT_POLICY": "ki",
        "SMBOT_LANGUAGE": "sv",
        "SMBOT_CLOCK_FILE": "",
    }
    done = CliRunner().invoke(app, ["preview", *words_], env=env)
    return done.exit_code, done.stdout, done.stderr


async def test_the_command_line_lists_messages_beside_a_running_bot_and_writes_nothing(tmp_path):
    """On the real clock: whatever day it is, a week holds a working day and a Saturday."""
    async with world(tmp_path, accounts=1) as w:
        database = f"sqlite:///{tmp_path}/world.db"
        first = datetime.now(ZONE).date() + DAY
        span = ("--from", first.isoformat(), "--to", (first + 6 * DAY).isoformat())
        before = everything(tmp_path)
        async with w.bot.storage.read() as tx:
            await tx.register()
            code, out, err = await asyncio.to_thread(run, *span, database=database)
            assert (code, err) == (0, "")
        assert out.startswith("Så här blir det om ingen svarar")
        assert "Lediga dagar" in out
        code, out, _ = await asyncio.to_thread(run, *span, "--json", "--place", "#kemi", database=database)
        told = json.loads(out)
        assert {m["to"] for m in told["messages"]} <= {"#kemi"}
        assert "saturday" in {day["why"] for day in told["skipped"]}
        assert everything(tmp_path) == before
        code, _, err = await asyncio.to_thread(run, *span, "--place", "ingen", database=database)
        assert (code, err) == (1, "Ingen kanal heter ingen. Se namnen i /sm-konton.\n")


def test_the_command_line_says_what_is_wrong_in_one_sentence(tmp_path):
    code, out, err = run(database=f"sqlite:///{tmp_path}/none.db")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert not (tmp_path / "none.db").exists()
