"""Who may do what, cell by cell (exact-rules.md, "People and rights"), through the desk."""

from dataclasses import replace

import pytest

from bot import rights
from bot.model import Absence, Person, PersonId, Refused
from bot.service import FEATURES
from bot.view import Ask, Faults, Tell
from tests import spread
from tests.flows._wrong_people import MAY_PRESS, MAY_SEND
from tests.new_account import first_form, go_through, ident_of, run_of
from tests.world import DAY, MONDAY, at, buttons, world

EVERYBODY = {
    "manager": "anna", "substitute": "bo", "cover": "olle", "head": "heidi", "deputy": "dag",
    "communications": "karin", "registrar": "rita", "security": "sven", "administrator": "adam", "director": "dora",
    "unrelated": "nils", "guest": "gast", "outsider": "ute", "deactivated": "borta", "bot": "robot",
}  # fmt: skip
STAFF = frozenset(EVERYBODY) - {"guest", "outsider", "deactivated", "bot"}
ACCOUNT = frozenset({"manager", "substitute", "cover", "head", "communications"})
OFFICE = frozenset({"communications", "administrator"})
"""Kinds of people as their user ids: Olle covers for Bo, who is away; Nils has nothing to do with it."""

TABLE = {
    "help": STAFF,
    "today": STAFF,
    "accounts": STAFF,
    "account": STAFF,
    "alarm form": STAFF,
    "raise an alarm": STAFF,
    "question form": STAFF,
    "log a question": STAFF,
    "start a new account": STAFF,
    "away": STAFF,
    "language": STAFF,
    "why": STAFF,
    "clear mine": STAFF,
    "enter, naming oneself": STAFF,
    "enter for others": frozenset({"communications"}),
    "history": frozenset({"manager", "substitute", "head", "deputy", "communications", "registrar"}),
    "look ahead": STAFF,
    "the registrar's queue": frozenset({"communications", "registrar"}),
    "take": ACCOUNT,
    "answered": ACCOUNT,
    "seen": ACCOUNT,
    "hand on": ACCOUNT,
    "forward": ACCOUNT,
    "see a question": ACCOUNT,
    "all clear": ACCOUNT,
    "something to tell": ACCOUNT,
    "tell": ACCOUNT,
    "ask the substitute": ACCOUNT,
    "pattern form": frozenset({"manager", "substitute", "head", "communications"}),
    "pattern": frozenset({"manager", "substitute", "head", "communications"}),
    "people and hour form": frozenset({"manager", "head", "communications"}),
    "people and hour": frozenset({"manager", "head", "communications"}),
    "channel form": frozenset({"communications"}),
    "channel": frozenset({"communications"}),
    "receive an alarm": frozenset({"security", "communications"}),
    "close an alarm": frozenset({"security", "communications"}),
    "false alarm": frozenset({"security", "communications", "administrator"}),
    "by telephone": ACCOUNT | {"security", "communications", "administrator"},
    "joining form": OFFICE,
    "joining proposed": OFFICE,
    "joining look": OFFICE,
    "joining which": OFFICE,
    "joining, confirmed": OFFICE,
    "somebody has left, form": frozenset({"communications"}),
    "somebody has left": frozenset({"communications"}),
    "they have not left": frozenset({"communications"}),
    "what is kept": frozenset(EVERYBODY),
    "my data": frozenset(EVERYBODY),
    "all of my data": frozenset(EVERYBODY),
}
"""The administrator raised the alarm in these tests: whoever raised one may call it off."""


def test_every_form_and_every_button_that_writes_is_forged_by_wrong_people() -> None:
    """In `test_rights_signed.py`, on each platform: whatever is new has to say here who may."""
    assert set(MAY_SEND) == {form for feature in FEATURES for form in feature.forms}
    assert set(MAY_PRESS) >= {verb for f in FEATURES for verb, known in f.verbs.items() if known.writes}


async def scene(w):
    async def more(tx):
        await tx.save_person(Person(id=PersonId("olle2"), name="Olle Annorstans"))
        for ident, standing in (("nils", "member"), ("robot", "bot")):
            await tx.save_person(Person(id=PersonId(ident), name=ident, standing=standing))
            known = (await tx.register()).identities_of(PersonId("anna"))[0]
            await tx.save_identity(replace(known, user=ident, person=PersonId(ident)))
        await tx.save_absence(
            Absence(
                id="w",
                person=PersonId("bo"),
                first=MONDAY.date() - DAY,
                last=MONDAY.date(),
                cover=PersonId("olle"),
            )
        )

    await w.seed(more)
    await w.until(at(MONDAY.date(), 9, 1))
    question = await w.log("karin", "bio0", MONDAY)
    await w.fill("adam", (await w.say("adam", "sm-alarm")).form, {"account": "bio0"})
    (alarm,) = [c.id for c in await cases(w, "alarm")]
    return question, alarm, w.posts()[0].key.split(":card:")[0]


async def cases(w, kind):
    async with w.bot.storage.read() as tx:
        return await tx.open_cases(kind)


def acts(w, who: str, question: str, alarm: str, round_: str):
    """What each row of the table does, as `who`."""
    log = {"account": "bio0", "where": "comment", "kind": "question", "posted": MONDAY.isoformat()}
    new = {"platform": "instagram", "address": f"@new{who}", "unit": "bio"}

    async def submit(form: str, state: str = "", **values):
        return await w._then(w.desk.submit(w.call(who, "biologi"), form, state, values))

    return {
        "help": lambda: w.say(who, "sm-help"),
        "today": lambda: w.say(who, "sm-today"),
        "accounts": lambda: w.say(who, "sm-accounts"),
        "account": lambda: w.press(who, "account.open", "bio0"),
        "alarm form": lambda: w.say(who, "sm-alarm"),
        "raise an alarm": lambda: submit("alarm.raise", kind="pile_on", account="none", exercise="yes"),
        "question form": lambda: w.say(who, "sm-question"),
        "log a question": lambda: submit("question.log", **log),
        "start a new account": lambda: w.say(who, "sm-new-account"),
        "away": lambda: submit("away", first="2026-12-24", last="2026-12-24"),
        "language": lambda: w.press(who, "language", "sv"),
        "why": lambda: w.press(who, "question.why", question),
        "clear mine": lambda: w.press(who, "round.clear_mine"),
        "enter, naming oneself": lambda: submit("account.enter", people=(who, "adam"), **new),
        "enter for others": lambda: submit(
            "account.enter", people=("fia", "kalle"), **new | {"address": "@others"}
        ),
        "history": lambda: w.press(who, "account.history", "bio0"),
        "the registrar's queue": lambda: w.say(who, "sm-registrar"),
        "look ahead": lambda: w.say(who, "sm-preview"),
        "take": lambda: w.press(who, "question.take", question),
        "answered": lambda: w.press(who, "question.answered", question),
        "seen": lambda: w.press(who, "question.seen", question),
        "hand on": lambda: w.press(who, "question.hand_on", question),
        "forward": lambda: submit("question.hand_on", question, how="forward", to="fia"),
        "see a question": lambda: w.press(who, "question.show", question),
        "all clear": lambda: w.press(who, "round.clear", round_),
        "something to tell": lambda: w.press(who, "round.tell", round_),
        "tell": lambda: submit("round.tell", round_, bio0="found"),
        "ask the substitute": lambda: w.press(who, "round.ask", round_),
        "pattern form": lambda: w.press(who, "account.pattern", "bio0"),
        "pattern": lambda: submit("account.pattern", "bio0", kind="weeks", order=("bo", "anna")),
        "people and hour form": lambda: w.press(who, "account.edit", "bio0"),
        "people and hour": lambda: submit("account.edit", "bio0", people=("anna", "bo"), hour="08:30"),
        "channel form": lambda: w.press(who, "account.place", "bio0"),
        "channel": lambda: submit("account.place", "bio0", place="test:T1:kemi"),
        "receive an alarm": lambda: w.press(who, "alarm.receive", alarm),
        "close an alarm": lambda: w.press(who, "alarm.handled", alarm),
        "false alarm": lambda: submit("alarm.false", alarm, why="skämt"),
        "by telephone": lambda: submit("alarm.phone", alarm, who="Sven"),
        "joining form": lambda: w.press(who, "person.join"),
        "joining proposed": lambda: w.press(who, "person.propose", "olle|olle2"),
        "joining look": lambda: submit("person.join", person="olle", other="annorstans"),
        "joining which": lambda: submit("person.which", "olle", other="olle2"),
        "joining, confirmed": lambda: submit("person.same", "olle|olle2"),
        "somebody has left, form": lambda: w.press(who, "left.open"),
        "somebody has left": lambda: submit("left", person="fia"),
        "they have not left": lambda: w.press(who, "left.back", "fia"),
        "what is kept": lambda: w.press(who, "kept"),
        "my data": lambda: w.say(who, "sm-my-data"),
        "all of my data": lambda: w.press(who, "mydata.all", "1"),
    }


def allowed(reply) -> bool:
    """A refusal has a title of its own."""
    return isinstance(reply, Ask) or (isinstance(reply, Tell) and reply.card.title != "Det gick inte")


@pytest.mark.parametrize(
    "kind", spread.chosen(EVERYBODY, "manager", "head", "communications", "unrelated", "guest")
)
async def test_each_kind_of_person_may_do_what_the_table_says_and_nothing_else(tmp_path, kind):
    async with world(tmp_path) as w:
        subject = await scene(w)
        who = EVERYBODY[kind]
        may = {}
        for act in sorted(
            TABLE, key=lambda a: (kind in TABLE[a], a)
        ):  # what is refused first: it changes nothing
            may[act] = allowed(await acts(w, who, *subject)[act]())

        assert may == {act: kind in who_may for act, who_may in TABLE.items()}


async def test_a_refusal_says_who_may_and_leaves_no_mark(tmp_path):
    async with world(tmp_path) as w:
        question, *_ = await scene(w)
        call = w.call("olle", "biologi")
        stranger = replace(call, user="nils")
        first = await w.desk.press(stranger, "question.take", question)
        assert "ansvarig chef och kommunikationsavdelningen" in repr(first.card).lower()

        await w.fill("anna", (await w.press("anna", "question.hand_on", question)).form, {"to": "nils"})
        second = await w.desk.press(stranger, "question.take", question)
        assert allowed(second)
        assert (await w.case(question)).taken_by == "nils"


async def test_a_form_that_is_sent_after_the_right_was_lost_is_refused(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.press("anna", "account.edit", "bio0")).form
        await w.fill("karin", form, {"people": ("bo", "fia")})
        reply = await w.fill("anna", form, {"people": ("anna", "olle")})

        assert not allowed(reply)
        assert (await w.register()).accounts["bio0"].people == ("bo", "fia")


async def test_entering_for_others_is_refused_beside_the_field_and_names_the_office(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.press("anna", "account.enter")).form
        reply = await w.fill("anna", form, {"address": "@ny", "unit": "bio", "people": ("bo", "fia")})

        assert isinstance(reply, Faults)
        assert "ommunikation" in reply.by_field["people"]


@pytest.mark.parametrize(
    ("who", "runner", "key"),
    [
        ("heidi", "anna", None),
        ("dag", "anna", None),
        ("heidi", "heidi", "right.own_request"),
        ("dag", "dag", "right.own_request"),
        ("dag", "heidi", "right.approve"),
        ("fia", "anna", "right.approve"),
        ("karin", "anna", "right.approve"),
        ("adam", "anna", "right.approve"),
        ("borta", "anna", "right.approve"),
        ("gast", "anna", "right.approve"),
    ],
)
async def test_who_decides_on_a_request_to_heidi(tmp_path, who, runner, key):
    async with world(tmp_path) as w:
        register = await w.register()
        try:
            rights.approve(register, register.people[who], (PersonId(runner),), PersonId("heidi"), ("bio",))
            found = None
        except Refused as no:
            found = no.key
        assert found == key


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("anna", True),
        ("heidi", True),
        ("karin", True),
        ("bo", False),
        ("dag", False),
        ("fia", False),
        ("adam", False),
    ],
)
async def test_who_may_say_that_anna_is_away(tmp_path, who, may):
    async with world(tmp_path) as w:
        register = await w.register()
        try:
            rights.set_away(register, register.people[who], PersonId("anna"))
            found = True
        except Refused:
            found = False
        assert found is may


async def test_a_guest_sees_help_in_home_and_staff_see_their_buttons(tmp_path):
    async with world(tmp_path) as w:
        guest, staff = await w.desk.home(w.call("gast")), await w.desk.home(w.call("anna"))

        assert guest.buttons == ()
        assert [b.verb for b in staff.buttons] == ["question.open", "alarm.open", "run.start", "away.open"]


JUDGING = {
    "see what communications is asked": frozenset({"communications", "director"}),
    "say yes for communications": frozenset({"communications", "director"}),
    "say no for communications": frozenset({"communications", "director"}),
}
"""Who answers what guidelines ask of communications; the account is Anna's and Bo's."""


ANSWERS = ("communications", "director")


@pytest.mark.parametrize(
    "kinds", spread.first([[k for k in EVERYBODY if k not in ANSWERS], ["communications"], ["director"]])
)
async def test_only_communications_and_the_director_answer_for_communications(tmp_path, kinds):
    async with world(tmp_path, pack="kau") as w:
        await scene(w)
        ident = ident_of(await go_through(w, "anna", await first_form(w)))
        for kind in kinds:
            await answers_for_communications(w, ident, kind)


async def answers_for_communications(w, ident, kind):
    who, asked = EVERYBODY[kind], f"{ident}|judgement"
    yes = await w.press(who, "run.judge", f"{asked}||judgement.communicator")
    may = {
        "see what communications is asked": allowed(await w.press(who, "run.request", asked)),
        "say yes for communications": allowed(yes),
        "say no for communications": allowed(await w.press(who, "run.decline", asked)),
    }
    form = await w._then(w.desk.submit(w.call(who), "run.decline", asked, {"text": "Nej"}))
    assert allowed(form) is may["say no for communications"]
    assert may == {act: kind in who_may for act, who_may in JUDGING.items()}
    assert (await run_of(w, ident)).is_open is not may["say no for communications"]


@pytest.mark.parametrize("own", [{"people.manager": "karin", "people.people": ("karin", "anna")}, {}])
async def test_nobody_answers_for_communications_on_their_own_account(tmp_path, own):
    async with world(tmp_path, pack="kau") as w:
        runner = "anna" if own else "karin"
        ident = ident_of(await go_through(w, runner, await first_form(w, runner), own))
        reply = await w.press("karin", "run.judge", f"{ident}|judgement||judgement.lead")
        assert "sin egen begäran" in repr(reply.card)
        assert "run.request" not in [b.verb for b in buttons((await w.say("karin", "sm-today")).card)]
        assert allowed(await w.press("kalle", "run.judge", f"{ident}|judgement||judgement.lead"))
