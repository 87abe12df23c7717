"""Any request, once or twice, in whatever shape: an answer in words, one effect."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands import COMMANDS
from bot.ports import Profile, Unknown
from bot.service import FEATURES
from bot.view import Ask, Faults, Reply, Tell
from tests.world import MONDAY, at, world

VERBS = sorted(v for f in FEATURES for v in f.verbs)
FORMS = sorted(n for f in FEATURES for n in f.forms)
FIELDS = ("account", "where", "posted", "kind", "link", "text", "how", "to", "until", "platform", "address", "unit",
          "people", "head", "place", "hour", "order", "first", "last", "cover", "who", "why", "line", "exercise",
          "bio0")  # fmt: skip
ODD = ("", "\x00", "\ud800", "x" * 5000, "<!channel>", "0001-01-01T00:00:00+14:00", "9999-12-31", "anna", "gast", "bio0",
       "test:T1:kemi", "::", "round:test:T1:biologi:2026-11-23", "{name}", "%s", "-1", "2026-11-23T02:30", "one")  # fmt: skip
odd = st.sampled_from(ODD)
values = st.dictionaries(st.sampled_from(FIELDS), odd | st.lists(odd, max_size=3).map(tuple), max_size=10)
people = st.sampled_from(["anna", "karin", "gast", "borta"])


@pytest.mark.long
async def test_whatever_is_pressed_or_sent_is_answered_in_words(tmp_path):
    """One world, and requests of every kind at it: no trouble is logged, no exception leaves the desk."""
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        question = await w.log("anna", "bio0", MONDAY)
        for who in ("anna", "gast"):
            for verb in VERBS:
                for arg in ("", question, "\x00\ud800", "x" * 3000, "a|b,c"):
                    assert isinstance(await w.desk.press(w.call(who), verb, arg), Tell | Ask)
            for form in FORMS:
                for state in ("", question, "bio0", "\ud800"):
                    assert isinstance(await w.desk.submit(w.call(who), form, state, {}), Tell | Ask | Faults)


@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_values_of_a_form_break_the_desk(tmp_path_factory, data):
    async def story() -> None:
        async with world(tmp_path_factory.mktemp("w"), accounts=1) as w:
            for _ in range(12):
                form, state = data.draw(st.sampled_from(FORMS)), data.draw(odd)
                reply = await w.desk.submit(w.call(data.draw(people)), form, state, data.draw(values))
                assert isinstance(reply, Tell | Ask | Faults)

    asyncio.run(story())


@pytest.mark.parametrize("name", ["sm-nothing", "", "\ud800", "SM-TODAY"])
async def test_a_command_that_is_not_known_says_where_help_is(tmp_path, name):
    async with world(tmp_path) as w:
        reply = await w.say("anna", name)

        assert isinstance(reply, Tell)
        assert ("/sm-h" in repr(reply)) is (name != "SM-TODAY")


async def test_each_command_and_its_alias_do_the_same(tmp_path):
    async with world(tmp_path) as w:
        for command in COMMANDS:
            one, other = [await w.say("anna", f"/{name}") for name in (command.name, command.alias)]
            assert _of_any_run(one) == _of_any_run(other)


def _of_any_run(reply: Reply) -> Reply:
    """A form that would begin something has an id of its own each time."""
    return replace(reply, form=replace(reply.form, state="")) if isinstance(reply, Ask) else reply


async def test_buttons_forms_and_shortcuts_of_another_time_say_what_to_do(tmp_path):
    async with world(tmp_path) as w:
        replies = [
            await w.press("anna", "old.button"),
            await w.desk.submit(w.call("anna"), "old.form", "", {}),
        ]

        assert all(r.card.title == "Det gick inte" for r in replies)


async def test_a_redelivered_form_gets_the_same_answer_and_has_no_second_effect(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.say("anna", "sm-question")).form
        given_ = {f.id: f.value for f in form.fields if isinstance(f.value, str)}
        filled = given_ | {"account": "bio0", "posted": MONDAY.isoformat()}
        call = w.call("anna", "biologi")
        first = await w.desk.submit(call, form.id, form.state, filled)
        again = await w.desk.submit(call, form.id, form.state, filled)
        await w.until(at(MONDAY.date(), 8))

        assert first == again
        assert len(w.posts()) == 1


async def test_a_form_that_leads_to_another_form_is_answered_with_it_again(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        form = (await w.press("anna", "round.tell", "round:test:T1:biologi:2026-11-23")).form
        call = w.call("anna", "biologi")
        first = await w.desk.submit(call, form.id, form.state, {"bio0": "question"})
        again = await w.desk.submit(call, form.id, form.state, {"bio0": "question"})

        assert isinstance(first, Ask)
        assert first == again


async def test_a_fault_leaves_no_mark_so_that_the_form_can_be_sent_again(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.say("anna", "sm-question")).form
        call, good = (
            w.call("anna"),
            {"account": "bio0", "where": "tag", "kind": "comment", "posted": MONDAY.isoformat()},
        )
        fault = await w.desk.submit(call, form.id, form.state, good | {"posted": "?"})
        saved = await w.desk.submit(call, form.id, form.state, good)

        assert isinstance(fault, Faults)
        assert isinstance(saved, Tell)
        assert saved.card.title != "Det gick inte"


async def test_a_press_twice_in_one_second_by_two_keys_has_one_effect(tmp_path):
    async with world(tmp_path) as w:
        question = await w.log("anna", "bio0", MONDAY)
        calls = [w.call("anna"), w.call("anna")]
        first, second = [await w.desk.press(call, "question.answered", question) for call in calls]

        assert first != second
        assert (await w.case(question)).version == 2


async def test_somebody_who_is_not_stored_is_asked_for_first(tmp_path):
    async with world(tmp_path) as w:
        for act in (
            lambda c: w.desk.command(c, "sm-today", ""),
            lambda c: w.desk.press(c, "round.clear", "x"),
            lambda c: w.desk.submit(c, "alarm.raise", "", {}),
            w.desk.home,
        ):
            with pytest.raises(Unknown):
                await act(w.call("okand"))
        with pytest.raises(Unknown):
            await w.desk.command(replace(w.call("anna"), realm="T2"), "sm-today", "")


async def test_trouble_of_our_own_is_said_as_ours_with_a_number_and_saves_nothing(tmp_path, monkeypatch):
    async with world(tmp_path) as w:

        async def broken(*_args, **_values):
            raise ZeroDivisionError

        monkeypatch.setattr("bot.service.questions.touch_rounds", broken)
        form = (await w.say("anna", "sm-question")).form
        reply = await w.fill("anna", form, {"account": "bio0"})

        assert reply.card.title == "Det gick inte"
        assert [type(t) for t in w.troubles] == [ZeroDivisionError]
        assert w.chat.posts == []
        w.troubles.clear()


async def test_somebody_kept_unchecked_may_do_nothing_before_the_platform_says_who_they_are(tmp_path):
    async with world(tmp_path) as w:
        unsure = Profile(platform="test", realm="T1", user="ny", name="", checked=False)
        ident = await w.desk.meet(unsure)
        with pytest.raises(Unknown):
            await w.say("ny", "sm-today")
        assert await w.desk.meet(replace(unsure, name="Ny Gäst", standing="guest", checked=True)) == ident
        assert await w.desk.meet(unsure) == ident

        person = (await w.register()).people[ident]
        assert (person.name, person.standing, person.checked) == ("Ny Gäst", "guest", True)
