"""Who may do what with a moderation, through the desk, and what comes from outside: wrong, empty, huge, hostile."""

from dataclasses import replace

import pytest

from bot.model import Absence, Person, PersonId
from bot.view import Ask, Faults, Tell
from tests import spread
from tests.moderating import ADVERT, INSULT, POST, QUIET, answer, decisions, first, run, runs, step_of, until
from tests.world import DAY, MONDAY, at, words, world

EVERYBODY = {
    "runner": "adam", "manager": "anna", "substitute": "bo", "cover": "olle", "head": "heidi", "deputy": "dag",
    "communications": "karin", "registrar": "rita", "security": "sven", "director": "dora", "unrelated": "nils",
    "guest": "gast", "outsider": "ute", "deactivated": "borta", "bot": "robot",
}  # fmt: skip
"""Adam, who has nothing to do with the account, began both runs; Olle covers for Bo, who is away."""
STAFF = frozenset(EVERYBODY) - {"guest", "outsider", "deactivated", "bot"}
GO_ON = frozenset({"runner", "manager", "substitute", "cover", "head", "communications"})
TABLE = {
    "open": STAFF, "begin": STAFF, "see": GO_ON, "go on": GO_ON, "go back": GO_ON, "save": GO_ON, "why": GO_ON | {"registrar"},
    "withdraw form": frozenset({"runner", "communications"}), "withdraw": frozenset({"runner", "communications"}),
    "see the request": frozenset({"head", "communications"}), "no form": frozenset({"head", "communications"}),
    "no": frozenset({"head", "communications"}), "yes": frozenset({"head", "communications"}),
    "see what to take off": frozenset({"communications"}), "taken off": frozenset({"communications"}),
}  # fmt: skip


async def scene(w) -> tuple[str, str]:
    """A house rule that waits for an answer, and a breach that waits to be taken off."""

    async def more(tx):
        for ident, standing in (("nils", "member"), ("robot", "bot")):
            await tx.save_person(Person(id=PersonId(ident), name=ident, standing=standing))
            known = (await tx.register()).identities_of(PersonId("anna"))[0]
            await tx.save_identity(replace(known, user=ident, person=PersonId(ident)))
        day = MONDAY.date()
        away = Absence(id="w", person=PersonId("bo"), first=day - DAY, last=day, cover=PersonId("olle"))
        await tx.save_absence(away)

    await w.seed(more)
    w.clock.at = at(MONDAY.date(), 10).astimezone(w.clock.at.tzinfo)
    form = await until(w, "adam", "house-rule", ADVERT)
    await answer(w, "adam", form)
    house_rule = (await run(w)).id
    await until(w, "adam", "take-off", INSULT | {"first.posts": POST + "2"})
    return house_rule, next(r.id for r in await runs(w) if r.id != house_rule)


def acts(w, who: str, house_rule: str, breach: str):
    async def submit(form: str, state: str, **values):
        return await w._then(w.desk.submit(w.call(who, "biologi"), form, state, values))

    page = {ref: value for ref, value in QUIET.items() if ref.startswith("first.")} | {
        "first.posts": f"av {who}"
    }
    return {
        "open": lambda: w.say(who, "sm-moderate"),
        "begin": lambda: submit("moderation.step", f"m{who}|first|new|", **page),
        "see": lambda: w.press(who, "moderation.overview", breach),
        "go on": lambda: w.press(who, "moderation.continue", breach),
        "go back": lambda: w.press(who, "moderation.step_open", f"{breach}|breach"),
        "save": lambda: submit("moderation.step", f"{breach}|capture|", **{"capture.taken": "yes", "capture.kept": "registry"}),
        "why": lambda: w.press(who, "moderation.why", breach),
        "withdraw form": lambda: w.press(who, "moderation.withdraw", house_rule),
        "withdraw": lambda: submit("moderation.withdraw", house_rule, text=""),
        "see the request": lambda: w.press(who, "moderation.review", house_rule),
        "no form": lambda: w.press(who, "moderation.no", house_rule),
        "no": lambda: submit("moderation.no", house_rule, text=""),
        "yes": lambda: w.press(who, "moderation.yes", house_rule),
        "see what to take off": lambda: w.press(who, "moderation.off", breach),
        "taken off": lambda: w.press(who, "moderation.taken_off", breach),
    }  # fmt: skip


def allowed(reply) -> bool:
    return isinstance(reply, Ask | Faults) or (
        isinstance(reply, Tell) and reply.card.title != "Det gick inte"
    )


@pytest.mark.parametrize(
    "kind", spread.chosen(EVERYBODY, "manager", "head", "communications", "unrelated", "guest")
)
async def test_each_kind_of_person_may_do_what_the_table_says_and_a_refusal_changes_nothing(tmp_path, kind):
    async with world(tmp_path, pack="generic") as w:
        about = await scene(w)
        order = sorted(TABLE, key=lambda act: (kind in TABLE[act], list(TABLE).index(act)))
        before, may = await kept(w), {}
        for act in order:
            may[act] = allowed(await acts(w, EVERYBODY[kind], *about)[act]())
            if not may[act]:
                assert await kept(w) == before, act

        assert may == {act: kind in who for act, who in TABLE.items()}


async def kept(w) -> list:
    async with w.bot.storage.read() as tx:
        return [*(await tx.open_cases()), *(await tx.decisions())]


async def test_the_runner_does_not_say_yes_to_their_own_wish_whatever_they_are(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = at(MONDAY.date(), 10).astimezone(w.clock.at.tzinfo)
        await answer(w, "heidi", await until(w, "heidi", "house-rule", ADVERT))
        ident = (await run(w)).id
        reply = await w.press("heidi", "moderation.yes", ident)

        assert "Ingen säger ja till sin egen önskan" in words(reply.card)
        assert [p for p in w.posts("@heidi") if "Ska det tas bort" in p.card.title] == []
        assert (await run(w)).waits_for_review


async def test_whoever_gave_the_reason_does_not_answer_it_either(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = at(MONDAY.date(), 10).astimezone(w.clock.at.tzinfo)
        form = await until(w, "anna", "house-rule", ADVERT)
        await answer(w, "karin", form)
        reply = await w.press("karin", "moderation.yes", (await run(w)).id)
        assert "egen önskan" in words(reply.card)


async def test_an_older_request_points_to_the_newer_reason(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = at(MONDAY.date(), 10).astimezone(w.clock.at.tzinfo)
        await answer(w, "anna", await until(w, "anna", "house-rule", ADVERT))
        ident = (await run(w)).id
        old = w.posts("@heidi")[-1]
        w.clock.at += DAY / 24
        form = (await w.press("anna", "moderation.step_open", f"{ident}|house-rule")).form
        await answer(w, "anna", form, {"house-rule.reason": "Det är spam"})
        assert "nyare kortet" in old.card.title
        reply = await w.press_on("heidi", w.posts("kommunikation")[-1].card, "moderation.yes")

        assert "Ja från ansvarig chef" in words(reply.card)


async def test_somebody_who_has_left_the_university_goes_on_with_nothing(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        form = await until(w, "anna", "breach")

        async def leave(tx):
            known = (await tx.register()).people[PersonId("anna")]
            await tx.save_person(replace(known, active=False))

        await w.seed(leave)
        reply = await answer(w, "anna", form, INSULT)
        assert reply.card.title == "Det gick inte"
        assert "breach.grounds" not in (await run(w)).values
        assert isinstance(await w.press("bo", "moderation.continue", (await run(w)).id), Ask)


# -- what comes from outside --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("first.posts", "", "Det här behövs"),
        ("first.posts", "   \n \n", "Det här behövs"),
        ("first.posts", f"{POST}\n\nhttps://instagram .com/p/2", "Rad 3"),
        ("first.posts", f"{POST}\nftp://x.com/1", "Rad 2"),
        ("first.posts", f"{POST}\nhttps://" + "a" * 1200, "Rad 2"),
        ("first.posts", "x" * 5000, "3000"),
        ("first.posted", "", "klockslag"),
        ("first.posted", "i går", "klockslag"),
        ("first.posted", "2026-11-23T06:30", "klockslag"),
        ("first.posted", at(MONDAY.date() + DAY, 9).isoformat(), "framåt"),
        ("first.posted", at(MONDAY.date() - 800 * DAY, 9).isoformat(), "mer än ett år"),
        ("first.account", "annat", "alternativen"),
        ("first.threat", "", "alternativen"),
        ("first.kind", "<script>", "alternativen"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_stored(tmp_path, field, value, said):
    async with world(tmp_path, pack="generic") as w:
        form = await first(w)
        reply = await answer(w, "anna", form, {field: value})

        assert isinstance(reply, Faults)
        assert said in reply.by_field[field]
        assert await runs(w) == []
        assert isinstance(await answer(w, "anna", form), Ask)


async def test_none_of_these_cannot_be_chosen_beside_a_breach(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        form = await until(w, "anna", "breach")
        reply = await answer(w, "anna", form, {"breach.grounds": ("honour", "none")})
        assert "breach.grounds" in reply.by_field


async def test_criticism_is_never_offered_a_house_rule(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        form = await until(w, "anna", "breach", {"first.kind": "criticism"})
        offered = {o.id for f in form.fields if f.id == "breach.grounds" for o in f.options}
        reply = await answer(w, "anna", form, ADVERT)

        assert not offered & {"advertising", "other-rule"}
        assert "honour" in offered
        assert "breach.grounds" in reply.by_field


async def test_one_post_copied_in_three_ways_is_one_post(tmp_path):
    copies = f"{POST}\n{POST}?igsh=abc\ninstagram.com/p/Cx1/\n\n{POST}"
    async with world(tmp_path, pack="generic") as w:
        await until(w, "anna", "breach", {"first.posts": copies})
        assert (await run(w)).posts == (POST,)


async def test_hostile_words_are_kept_as_words(tmp_path):
    evil = "<!channel> <script>alert(1)</script> *x* {account} %s"
    async with world(tmp_path, pack="generic") as w:
        reply: object = Ask(form=await first(w))
        changes = INSULT | {"first.posts": evil, "capture.sender": evil, "breach.which": evil}
        while isinstance(reply, Ask):
            reply = await answer(w, "anna", reply.form, changes)

        (made,) = await decisions(w)
        assert made.personal["post.001"] == made.personal["capture.sender"] == evil
        assert (await run(w)).state == "done"


@pytest.mark.parametrize(
    "state", ["", "m1", "round:test:T1:biologi|first|new|", "m2|capture|new|", "q1|first|new|", "m3|first|"]
)
async def test_a_forged_first_page_stores_no_case_that_is_not_a_moderations(tmp_path, state):
    async with world(tmp_path, pack="generic") as w:
        page = {ref: value for ref, value in QUIET.items() if ref.startswith("first.")}
        reply = await w._then(w.desk.submit(w.call("anna"), "moderation.step", state, page))
        assert isinstance(reply, Tell | Ask | Faults)
        assert {r.id for r in await runs(w)} <= {"m2"}


async def test_a_question_of_others_is_not_ended_by_whoever_may_not_answer_it(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = at(MONDAY.date(), 10).astimezone(w.clock.at.tzinfo)
        ident = await w.log("bo", "bio0", at(MONDAY.date(), 9), link=POST)
        page = {ref: value for ref, value in QUIET.items() if ref.startswith("first.")}
        forged = await w._then(
            w.desk.submit(w.call("olle"), "moderation.step", f"m9|first|new|{ident}", page)
        )
        assert forged.card.title == "Det gick inte"
        assert await runs(w) == []
        await answer(w, "olle", await until(w, "olle", "answer"), {"answer.what": "answered"})

        assert (await run(w)).state == "done"
        assert (await w.case(ident)).is_open


async def test_a_press_on_a_run_that_is_over_tells_its_story(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        form = await until(w, "anna", "answer")
        await answer(w, "anna", form)
        ident = (await run(w)).id
        for verb, arg in (
            ("continue", ident),
            ("overview", ident),
            ("step_open", f"{ident}|first"),
            ("withdraw", ident),
        ):
            reply = await w.press("bo" if verb != "withdraw" else "anna", f"moderation.{verb}", arg)
            assert reply.card.title.startswith("Klart"), verb
        late = await answer(w, "bo", form, {"answer.what": "later"})
        assert late.card.title.startswith("Klart")
        assert step_of(form) == "answer"
        assert len(await decisions(w)) == 1
