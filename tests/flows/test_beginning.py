"""The first administrator answers seven questions in seven presses, and what is left is said."""

from datetime import time

from bot import policy
from bot.desk import Desk
from bot.model import Identity, Office, Person, PersonId
from bot.organisation import parse
from bot.service.base import Bot
from bot.service.seed import SEEDED, Found, first_office, seed
from bot.view import Ask, Tell
from scheduler.deliver import Delivery
from smbot.doctor import of_office
from tests.world import MONDAY, CountedIds, MovedClock, Recorder, World, at, words, world
from tests.world import _store as store_of

TODAY = MONDAY.date()


async def met(w: World, *people: str) -> None:
    """People whom the chat knows; Adam is named in SMBOT_ADMIN."""
    async with w.bot.storage.write() as tx:
        for ident in people:
            await tx.save_person(Person(id=PersonId(ident), name=ident.title(), email=f"{ident}@example.se"))
            await tx.save_identity(Identity(platform="test", realm="T1", user=ident, person=PersonId(ident)))
        await tx.save_role("administrators", [PersonId("adam")], None)


def empty(folder) -> World:
    """A database with nothing in it."""
    clock, troubles = MovedClock(), []
    chat = Recorder(clock)
    bot = Bot(storage=store_of(f"sqlite:///{folder}/empty.db", "empty"), clock=clock, ids=CountedIds(),
              pack=policy.load("kau"), nudge=lambda: None, trouble=lambda _trace, error: troubles.append(error))  # fmt: skip
    return World(bot=bot, desk=Desk(bot), clock=clock, chat=chat, teams=chat, delivery=Delivery(bot, [chat], "w"),
                 troubles=troubles)  # fmt: skip


ANSWERS = {
    "name": {"name": "Provuniversitetet"},
    "people": {"communications": ("karin",), "registrar": (), "registrar_email": "rita@example.se"},
    "security": {"security": ("sven",), "alarm_number": "08-1"},
    "hours": {"opens": "7.30", "closes": "16.30", "bridge": "free"},
    "contact": {"visitor_contact": "x@example.se", "number": "G 1", "decided_on": "2026-11-01"},
    "channel": {"place": "test:T1:kommunikation"},
}


async def answer_all(w: World, reply) -> tuple[int, Tell]:
    """Form after form until a card comes: how many presses it took."""
    presses = 1
    while isinstance(reply, Ask):
        reply = await w.fill("adam", reply.form, ANSWERS[reply.form.state])
        presses += 1
    return presses, reply


async def lacks(w: World) -> set[str]:
    async with w.bot.storage.read() as tx:
        return {finding.key for finding in await of_office(tx, w.bot.pack, "sv")}


async def test_an_empty_database_asks_its_first_administrator_seven_questions_in_seven_presses(tmp_path):
    w = empty(tmp_path)
    await met(w, "adam", "karin", "sven", "olle")
    await first_office(w.bot, "sv")
    await w.until(at(TODAY, 8, 5))
    (card,) = [post.card for post in w.posts("@adam")]
    assert card.title == "Välkommen. Här är de första frågorna"
    assert words(card).count("återstår") == 7
    assert {"no_name", "bridge_days", "no_contact", "no_alarm_number", "no_accounts"} <= await lacks(w)
    assert "kan bara" in words((await w.press_on("olle", card, "beginning.open")).card)

    presses, done = await answer_all(w, await w.press_on("adam", card, "beginning.open"))
    assert presses == 7
    assert "{office}" not in words(done.card)
    assert {b.verb for b in done.card.buttons} == {"account.enter"}
    register = await w.register()
    office = register.office
    assert (office.name, office.opens, office.closes) == ("Provuniversitetet", time(7, 30), time(16, 30))
    assert (office.bridge_days_free, office.alarm_number, office.visitor_contact) == (
        True,
        "08-1",
        "x@example.se",
    )
    assert office.retention["checks"].number == "G 1"
    assert register.roles["communications"] == ("karin",)
    assert register.name(register.roles["registrar"][0]) == "rita@example.se"
    assert register.role_places["communications"] == "test:T1:kommunikation"
    assert {"no_name", "bridge_days", "no_contact", "no_alarm_number"}.isdisjoint(await lacks(w))
    menu = (await w.say("adam", "sm-settings")).card
    assert "En fråga är kvar från starten" in words(menu)
    assert w.troubles == []
    await w.until(at(TODAY, 12))
    assert len(w.posts("@adam")) == 1
    await w.bot.storage.close()


async def test_defaults_will_do_and_a_file_leaves_only_what_it_lacks(tmp_path):
    w = empty(tmp_path)
    await met(w, "adam")
    file = parse('name = "Provuniversitetet"\nbridge_days = "worked"\nvisitor_contact = "x@example.se"\n')
    await seed(w.bot, file, Found(), "sv")
    reply = await w.press("adam", "beginning.open")
    pages = []
    while isinstance(reply, Ask):
        pages.append(reply.form.state)
        reply = await w.fill("adam", reply.form)  # as it stands
    assert pages == ["people", "security", "channel"]
    assert "registrator" in words(reply.card)
    assert (await w.register()).office == Office(name="Provuniversitetet", bridge_days_free=False,
                                                 visitor_contact="x@example.se")  # fmt: skip
    await w.bot.storage.close()


async def test_a_complete_installation_is_asked_nothing(tmp_path):
    whole = Office(
        name="Provuniversitetet", bridge_days_free=False, visitor_contact="x@example.se", alarm_number="08-1"
    )
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.seed(lambda tx: tx.save_office(whole))
        await w.seed(lambda tx: tx.save_fact(SEEDED, "2026-11-23"))
        await w.until(at(TODAY, 8, 30))
        assert w.posts("@adam") == []
