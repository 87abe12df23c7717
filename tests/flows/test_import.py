"""The register that exists, pasted in chat: looked at, imported, compared, copied out. Nobody gets a message."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.importing.table_file import decoded
from bot.model import PersonId
from bot.service.importing import DRAFTS
from bot.service.passes import housekeeping
from bot.texts import Texts
from bot.view import Ask, Faults, Items, Tell, Text
from tests.register_table import ACCOUNTS, DOUBLES, mixed, table
from tests.world import DAY, MONDAY, at, buttons, words, world

HEADINGS = "Plattform\tNamn\tAdress\tEnhet\tKontoansvarig\tErsättare\tAnsvarig chef\tKanal\tSyfte"
A_PASTE, A_PRESS, TO_READ = timedelta(minutes=1), timedelta(seconds=20), timedelta(minutes=15)
"""What somebody needs who does it for the first time: to copy fifteen rows and paste them, to press, to read what is shown."""
HALF_AN_HOUR = timedelta(minutes=30)
ONE = f"{HEADINGS}\nInstagram\t@nytt\tinstagram.com/nytt\tBiologi\tanna@example.se\tbo@example.se\t\t#biologi\tVisa"


def shown(reply) -> str:
    """All that a form says above its fields."""
    assert isinstance(reply, Ask), reply
    parts = reply.form.intro
    texts = [p.text for p in parts if isinstance(p, Text)]
    return "\n".join(texts + [i.text for p in parts if isinstance(p, Items) for i in p.items])


async def paste(w, text: str, who: str = "karin"):
    """Paste it all, as many boxes and forms as it takes; gives the dry run, and how many forms were sent."""
    form = (await w.press(who, "import.open")).form
    boxes, forms = split(text), 0
    while True:
        here, boxes = boxes[:4], boxes[4:]
        fields = [f.id for f in form.fields]
        given = dict(zip(fields, here, strict=False)) | {fields[-1]: "yes" if boxes else ""}
        reply = await w.fill(who, form, given)
        forms += 1
        if not boxes or not isinstance(reply, Ask):
            return reply, forms
        form = reply.form


def split(text: str) -> list[str]:
    """Whole rows, at most 3,000 characters a box."""
    boxes = [""]
    for line in text.splitlines(keepends=True):
        if len(boxes[-1]) + len(line) > 3_000:
            boxes.append("")
        boxes[-1] += line
    return boxes


async def accounts_named(w, name: str):
    return [a for a in (await w.register()).accounts.values() if a.name == name]


async def test_140_rows_with_the_usual_faults_are_in_and_the_first_channel_asked_without_a_message_before_that(
    tmp_path,
):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        w.clock.at = at(MONDAY.date(), 9)
        raw = mixed(table("\t").splitlines())
        began, first = time.perf_counter(), next(w.keys)
        listing = await w.say("karin", "sm-accounts")
        assert "import.open" in {b.verb for b in buttons(listing.card)}
        dry, forms = await paste(w, decoded(raw))
        done = await w.fill("karin", dry.form)
        assert time.perf_counter() - began < 10

        register = await w.register()
        assert len(register.accounts) == ACCOUNTS - DOUBLES
        assert {a.state for a in register.accounts.values()} == {"imported"}
        await w.until(at(MONDAY.date() + 9 * DAY, 20))
        assert [*w.chat.posts, *w.teams.posts] == [], "nothing is said before communications says so"

        w.clock.at = at(MONDAY.date() + 10 * DAY, 9)
        choice = await w.press_on("karin", done.card, "start.channels")
        asked = await w.fill("karin", choice.form, {"places": ("test:T1:biologi",)})
        assert isinstance(asked, Tell)
        await w.until(w.clock.at + timedelta(minutes=1))
        [card] = w.posts("biologi")
        assert "start.confirm" in {b.verb for b in card.card.buttons}
        presses = next(w.keys) - first - 1  # each request that reached the bot
        assert (
            presses
            == len(["/sm-konton", "Importera", *["paste"] * forms, "do it", "Starta kanaler", "ask"])
            <= 10
        )
        assert len(split(decoded(raw))) * A_PASTE + presses * A_PRESS + TO_READ <= HALF_AN_HOUR


async def test_the_dry_run_names_every_fault_with_its_row_and_column(tmp_path):
    async with world(tmp_path) as w:
        left = (await w.register()).people[PersonId("borta")]
        await w.seed(lambda tx: tx.save_person(replace(left, email="borta@example.se")))
        dry, _ = await paste(w, table("\t"))
        said = shown(dry)
        for kind in ("double", "left", "no_email", "head_title", "no_owner", "channel", "new_unit", "date"):
            assert Texts("sv")(f"import.note.{kind}") in said, kind
        assert "Rad 15, Kontoansvarig: borta@example.se" in said
        assert "Anm." in said
        assert (await w.register()).accounts.keys() == {f"bio{n}" for n in range(5)} | {"kem0"}


async def test_a_gap_refuses_no_row_and_what_names_nobody_is_kept(tmp_path):
    text = f"{HEADINGS}\tGodkänt\tDnr\nInstagram\t@nytt\tinstagram.com/nytt\tBiologi\tstudenten\t\tprefekten\t#okänd\t\tvåren\tUN 1"
    async with world(tmp_path) as w:
        dry, _ = await paste(w, text.replace("Biologi", "Ny"))
        await w.fill("karin", dry.form)
        [new] = await accounts_named(w, "@nytt")
        assert new.said == {
            "people": "studenten",
            "head": "prefekten",
            "channel": "#okänd",
            "approved_on": "våren",
        }
        assert (new.state, new.people, new.place, new.head, new.approval_number) == (
            "imported",
            (),
            None,
            None,
            "UN 1",
        )
        assert (await w.register()).units[new.unit].name == "Ny"
        card = (await w.press("karin", "account.open", new.id)).card
        assert "våren, diarienummer UN 1" in words(card), "an older approval stays to be seen"


async def test_a_second_import_shows_what_differs_field_by_field_and_deletes_nothing(tmp_path):
    async with world(tmp_path) as w:
        dry, _ = await paste(w, ONE)
        await w.fill("karin", dry.form)
        again = ONE.replace("Visa", "Visa mer").replace("\tbo@example.se", "\t")
        dry, _ = await paste(w, again)
        assert "Syfte: var ”Visa”, blir ”Visa mer”" in shown(dry)
        assert "Ersättare" not in shown(dry), "an empty cell changes nothing"
        assert Texts("sv")("import.missing") in shown(dry)
        await w.fill("karin", dry.form)
        [new] = await accounts_named(w, "@nytt")
        assert (new.purpose, new.people) == ("Visa mer", ("anna", "bo"))
        assert len((await w.register()).accounts) == 7


async def test_an_export_copied_back_changes_nothing(tmp_path):
    async with world(tmp_path) as w:
        dry, _ = await paste(w, table("\t"))
        await w.fill("karin", dry.form)
        before = (await w.register()).accounts
        reply = await w.press("karin", "export.open")
        parts = []
        while isinstance(reply, Ask):
            parts += [f.value for f in reply.form.fields]
            if not reply.form.submit:
                break
            reply = await w.fill("karin", reply.form)
        assert max(map(len, parts)) <= 3_000
        form = (await w.press("karin", "import.open")).form
        dry, _ = await paste(w, "".join(parts))
        assert dry.form.submit == "", shown(dry)
        assert (await w.fill("karin", replace(dry.form, id="import.apply"))).card
        assert (await w.register()).accounts == before
        assert form.fields


@pytest.mark.parametrize(
    "who", ["anna", "heidi", "dag", "adam", "rita", "sven", "dora", "gast", "ute", "borta"]
)
async def test_nobody_but_communications_imports_exports_or_starts(tmp_path, who):
    async with world(tmp_path) as w:
        dry, _ = await paste(w, ONE)
        paste_form = (await w.press("karin", "import.open")).form
        before = await w.register()
        replies = [
            await w.press(who, "import.open"), await w.press(who, "export.open"), await w.press(who, "start.channels"),
            await w.fill(who, paste_form, {"rows1": ONE}), await w.fill(who, dry.form),
            await w.desk.submit(w.call(who), "import.export", "0", {}),
            await w.desk.submit(w.call(who), "start.channels", "", {"places": ("test:T1:biologi",)}),
        ]  # fmt: skip
        refused = Texts("sv")("right.import", office="Kommunikationsavdelningen").split("av ")[0]
        for reply in replies:
            assert isinstance(reply, Tell), reply
            assert refused in words(reply.card)
        assert (await w.register()).accounts == before.accounts
        listing = await w.say(who, "sm-accounts")
        assert not {"import.open", "export.open"} & {b.verb for b in buttons(listing.card)}


async def test_pressed_twice_it_is_imported_once_and_a_sentence_says_why(tmp_path):
    async with world(tmp_path) as w:
        dry, _ = await paste(w, ONE)
        call = w.call("karin")
        first = await w.desk.submit(call, "import.apply", dry.form.state, {})
        assert await w.desk.submit(call, "import.apply", dry.form.state, {}) == first
        second = await w.fill("karin", dry.form)
        assert Texts("sv")("import.no_draft") in words(second.card)
        assert len(await accounts_named(w, "@nytt")) == 1


async def test_what_was_shown_is_what_is_done_else_it_is_shown_again(tmp_path):
    async with world(tmp_path) as w:
        text = f"{HEADINGS}\nInstagram\t@bio0\tinstagram.com/bio0\t\t\t\t\t\tNytt syfte"
        dry, _ = await paste(w, text)
        changed = (await w.register()).accounts["bio0"]
        await w.seed(lambda tx: tx.save_account(replace(changed, name="@nyttnamn")))
        again = await w.fill("karin", dry.form)
        assert Texts("sv")("import.changed_since") in shown(again)
        assert (await w.register()).accounts["bio0"].purpose == ""
        await w.fill("karin", again.form)
        assert (await w.register()).accounts["bio0"].purpose == "Nytt syfte"


async def test_the_boxes_of_each_turn_are_new_ones_so_that_no_chat_keeps_the_old_text(tmp_path):
    async with world(tmp_path) as w:
        first = (await w.press("karin", "import.open")).form
        second = (await w.fill("karin", first, {"rows1": ONE, "more0": "yes"})).form
        assert not {f.id for f in first.fields} & {f.id for f in second.fields}
        assert [f.value for f in second.fields[:-1]] == [""] * 4


async def test_the_same_box_sent_twice_is_kept_once(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.press("karin", "import.open")).form
        more = (await w.fill("karin", form, {"rows1": ONE, "more0": "yes"})).form
        row = "Facebook\tAndra\tfacebook.com/andra\t\t\t\t\t\t"
        await w.fill("karin", more, {"rows5": row, "more1": "yes"})
        second = await w.fill("karin", more, {"rows5": row, "more1": "yes"})
        assert Texts("sv")("import.no_draft") in words(second.card)
        async with w.bot.storage.read() as tx:
            assert (await tx.fact(DRAFTS)).count("facebook.com/andra") == 1


async def test_what_was_pasted_and_not_imported_is_forgotten_after_a_week(tmp_path):
    async with world(tmp_path) as w:
        await paste(w, ONE)
        await housekeeping(w.bot, w.clock.at + timedelta(days=6))
        async with w.bot.storage.read() as tx:
            assert "anna@example.se" in await tx.fact(DRAFTS)
        await housekeeping(w.bot, w.clock.at + timedelta(days=8))
        async with w.bot.storage.read() as tx:
            assert "anna@example.se" not in await tx.fact(DRAFTS)


@pytest.mark.parametrize(("text", "key"), [("   ", "import.empty"), ("hej\ndu", "import.no_headings"),
                                           (HEADINGS, "import.no_rows")])  # fmt: skip
async def test_what_is_no_table_stays_in_the_form_with_a_sentence(tmp_path, text, key):
    async with world(tmp_path) as w:
        form = (await w.press("karin", "import.open")).form
        reply = await w.fill("karin", form, {"rows1": text})
        assert reply == Faults(by_field={"rows1": Texts("sv")(key)})


async def test_words_from_the_table_are_kept_and_shown_as_words(tmp_path):
    hostile = ["<!channel>", "=1+1", "@everyone", "a\u202eb", "x" * 5_000, "{office}", "\u0000nul"]
    async with world(tmp_path) as w:
        rows = "\n".join(
            f"Instagram\t{name}\tinstagram.com/h{n}\t{name}\t{name}\t\t{name}\t\t{name}"
            for n, name in enumerate(hostile)
        )
        dry, _ = await paste(w, f"{HEADINGS}\n" + rows.replace("x" * 5_000, "x" * 2_900))
        await w.fill("karin", dry.form)
        names = {a.name for a in (await w.register()).accounts.values()}
        assert {"<!channel>", "=1+1", "@everyone", "ab", "x" * 100, "{office}", "nul"} <= names
        for account in (await w.register()).accounts.values():
            assert isinstance(await w.press("karin", "account.open", account.id), Tell)


async def test_an_import_begins_nothing_for_an_account_that_only_lacked_people_or_a_channel(tmp_path):
    async with world(tmp_path, chemistry=0) as w:
        known = (await w.register()).accounts["bio0"]
        await w.seed(lambda tx: tx.save_account(replace(known, state="gaps", place=None, people=())))
        dry, _ = await paste(
            w, f"{HEADINGS}\nInstagram\t@bio0\tinstagram.com/bio0\t\tanna@example.se\t\t\t#kemi\t"
        )
        await w.fill("karin", dry.form)
        after = (await w.register()).accounts["bio0"]
        assert (after.state, after.place, after.people) == ("imported", "test:T1:kemi", (PersonId("anna"),))
        await w.until(at(MONDAY.date() + 2 * DAY, 18))
        assert w.posts("kemi") == []


async def test_the_channel_of_an_account_that_is_watched_is_changed_in_chat_alone(tmp_path):
    async with world(tmp_path) as w:
        dry, _ = await paste(w, f"{HEADINGS}\nInstagram\t@bio0\tinstagram.com/bio0\t\t\t\t\t#kemi\t")
        assert Texts("sv")("import.note.channel_kept") in shown(dry)
        assert dry.form.submit == ""


async def test_who_comes_to_the_chat_later_is_joined_and_nobody_is_told(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        from bot.ports import Profile
        from bot.service.arrivals import Arrival
        from bot.service.places import FoundPlace

        dry, _ = await paste(
            w, ONE.replace("anna@example.se", "Nils Ny <nils@example.se>").replace("#biologi", "#sen")
        )
        await w.fill("karin", dry.form)
        nils = Profile(platform="test", realm="T1", user="nils", name="Nils Ny", email="nils@example.se")
        place = FoundPlace(channel="sen", name="sen")
        await w.desk.arrived(Arrival(platform="test", realm="T1", people=(nils,), places=(place,)))
        await w.until(at(MONDAY.date() + 3 * DAY, 18))
        [new] = await accounts_named(w, "@nytt")
        register = await w.register()
        assert (new.place, new.state) == ("test:T1:sen", "imported")
        assert register.who("test", "T1", "nils").id == new.people[0]
        assert w.chat.posts == []


@pytest.mark.long
async def test_a_file_may_be_longer_than_what_can_be_pasted(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        rows = "".join(
            f"Instagram;Konto {n};https://instagram.com/k{n};Biologi;{'x' * 200}\n" for n in range(900)
        )
        table = f"Plattform;Namn;Adress;Enhet;Syfte\n{rows}"
        assert len(table) > 200_000
        reply = await w.desk.submit(w.call("karin", ""), "import.file", "", {"table": table})
        assert isinstance(reply, Tell)
        assert "inget är importerat än" in words(reply.card)
        long = await w.desk.submit(w.call("karin", ""), "import.file", "", {"table": "x" * 2_000_001})
        assert "2 miljoner tecken" in repr(long)
