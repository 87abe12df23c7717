"""The packs are whole, and the check finds every kind of fault."""

from importlib import resources

import pytest

from bot.model import Refused
from bot.overlay import assembled
from bot.policy import Cited, Field, Pack, Parameter, Section, Step, load, names
from bot.policy_check import check

HEAD = """
name = "mine"
version = "1"
source = "Our rules"
language = "sv"
zone = "Europe/Stockholm"
title = { sv = "Våra", en = "Ours" }
"""
SECTION = """
[[section]]
id = "all"
heading = "Allt"
cites = ["MY-01", "MY-02"]
says = { sv = "Allt.", en = "All." }
"""
CHECKLIST = """
[checklist.new-account]
id = "new-account"
approver = "head"
title = { sv = "Nytt", en = "New" }
intro = { sv = "Hej", en = "Hello" }

[[checklist.new-account.step]]
id = "what"
section = "all"
cites = ["MY-01"]

[[checklist.new-account.step]]
id = "own"
half = "before"
section = "all"
cites = ["MY-02"]
title = { sv = "Eget", en = "Own" }
help = { sv = "Eget", en = "Own" }
why = { sv = "Eget", en = "Own" }
field = [{ id = "why", kind = "lines", ask = { sv = "Varför?", en = "Why?" } }]
"""
WHOLE = HEAD + SECTION + CHECKLIST
DUTIES = """
[checklist.moderate]
id = "moderate"
title = { sv = "Ta ställning", en = "Moderate" }
intro = { sv = "Hej", en = "Hello" }

[[checklist.moderate.step]]
id = "breach"
half = "before"
section = "all"
cites = ["MY-01"]
title = { sv = "Fel?", en = "Wrong?" }
help = { sv = "Fel?", en = "Wrong?" }
why = { sv = "Fel?", en = "Wrong?" }
field = [{ id = "grounds", kind = "choices", ask = { sv = "Vad?", en = "What?" }, options = [
    { id = "threat", ground = "law", duties = ["capture", "alarm"], label = { sv = "Hot", en = "A threat" } },
    { id = "abuse", ground = "law", bars = ["capture"], label = { sv = "Övergrepp", en = "Abuse" } },
] }]

[[checklist.moderate.step]]
id = "capture"
half = "before"
section = "all"
cites = ["MY-02"]
when = { duty = "capture" }
gate = true
title = { sv = "Bild", en = "Picture" }
help = { sv = "Bild", en = "Picture" }
why = { sv = "Bild", en = "Picture" }
field = [{ id = "taken", kind = "confirm", ask = { sv = "Tagen", en = "Taken" } }]
"""


def text_of(name: str) -> str:
    return resources.files("bot").joinpath("packs", f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", names())
def test_every_pack_that_comes_along_is_without_fault(name):
    assert check(text_of(name)) == []


@pytest.mark.parametrize("name", names())
def test_every_pack_has_every_setting(name):
    assert load(name).parameters.keys() == load("generic").parameters.keys()


@pytest.mark.parametrize("name", names())
def test_a_value_is_a_default_exactly_when_it_cites_nothing(name):
    pack = load(name)
    steps = [step for checklist in pack.checklists.values() for step in checklist.steps]
    rungs = [rung for ladder in pack.ladders.values() for rung in ladder]

    for thing in [*pack.parameters.values(), *steps, *rungs, pack.visitor_notice]:
        assert thing.default is not bool(thing.cites)


def test_generic_cites_nobody():
    assert not [name for name, thing in load("generic").parameters.items() if not thing.default]
    assert "KI" not in text_of("generic")


@pytest.mark.parametrize(
    ("name", "count"), [("generic", 0), ("kth", 39), ("ki", 80), ("ki-2021", 90), ("bth", 78), ("kau", 113)]
)
def test_the_sections_hold_each_requirement_of_their_guideline_once(name, count):
    cites = [cite for section in load(name).sections for cite in section.cites]

    assert len(cites) == len(set(cites)) == count


@pytest.mark.parametrize(
    ("name", "hours", "remind", "days"),
    [
        ("generic", 24, None, "working-days"),
        ("kth", 24, None, "working-days"),
        ("ki", 24, None, "working-days"),
        ("ki-2021", 24, None, "every-day"),
        ("bth", 24, None, "working-days"),
        ("kau", 48, 24, "every-day"),
    ],
)
def test_each_pack_has_its_own_hours_and_days(name, hours, remind, days):
    pack = load(name)

    assert (pack.answer.hours, pack.answer.remind_hours, pack.monitored) == (hours, remind, days)
    assert pack.answer.escalate_hours == pack.answer.hours
    assert pack.min_people == 2


def test_24_hours_is_a_default_at_ki_and_a_rule_of_2021():
    assert load("ki").parameters["answer.hours"].default
    assert load("ki").parameters["answer.hours"].like == "ki-2021"
    assert load("ki-2021").parameters["answer.hours"].cites == ("KISV-54",)


def test_karlstad_names_whom_to_tell_of_threats_and_pile_ons():
    ladders = load("kau").ladders

    assert (ladders["threat"][0].who, ladders["threat"][0].cites) == (("security",), ("KAU-49",))
    assert (ladders["pile-on"][0].who, ladders["pile-on"][0].cites) == (("communications",), ("KAU-48",))


@pytest.mark.parametrize("name", names())
def test_every_pack_has_the_new_account_checklist(name):
    assert "new-account" in load(name).checklists


@pytest.mark.parametrize("name", names())
def test_no_step_asks_for_more_than_two_long_texts(name):
    for step in load(name).checklists["new-account"].steps:
        assert sum(field.kind == "lines" for field in step.fields) <= 2


@pytest.mark.parametrize("name", ["ki", "generic"])
def test_what_needs_the_finished_account_comes_after_the_approval(name):
    after = load(name).checklists["new-account"].half("after")

    assert [step.id for step in after] == ["made", "sender", "notice", "access"]


@pytest.mark.parametrize("name", names())
def test_in_every_pack_address_sender_notice_and_login_come_after_the_approval(name):
    checklist = load(name).checklists["new-account"]

    assert {"made", "sender", "notice", "access"} <= {step.id for step in checklist.half("after")}
    assert {"level", "platform", "people", "substitutes", "head"} <= {s.id for s in checklist.half("before")}


@pytest.mark.parametrize("name", ["ki", "generic"])
def test_private_and_student_accounts_stop_with_an_explanation(name):
    options = load(name).checklists["new-account"].step("what").fields[0].options
    stops = {option.id: option.stop_text for option in options if option.then == "stop"}

    assert {"private", "student"} <= stops.keys()
    assert all(text and text.sv and text.en for text in stops.values())


@pytest.mark.parametrize(
    ("name", "level", "approver"),
    [
        ("ki", "unit", "head"),
        ("ki", "administration", "director"),
        ("ki", "university", "director"),
        ("generic", "university", "head"),
    ],
)
def test_the_level_decides_who_approves(name, level, approver):
    assert load(name).checklists["new-account"].approver_for({"level.level": level}) == approver


def test_generic_asks_kis_steps_without_the_one_on_internal_accounts():
    def steps(name: str) -> list[str]:
        return [step.id for step in load(name).checklists["new-account"].steps]

    assert [step for step in steps("ki") if step not in {"aim", "aim-reason"}] == steps("generic")


def test_each_thing_is_found_under_the_name_it_is_cited_by():
    pack = load("ki")

    assert isinstance(pack.find("resources"), Section)
    assert isinstance(pack.find("answer.hours"), Parameter)
    assert isinstance(pack.find("new-account.level"), Step)
    assert isinstance(pack.find("new-account.level.level"), Field)
    assert pack.find("ladder.threat") == pack.ladders["threat"]
    assert pack.find("KIEN-26") == Cited(
        id="KIEN-26", by=("resources", "account.resources", "new-account.resources")
    )
    assert pack.find("KIEN-99") is None


def test_a_setting_rests_on_the_section_that_holds_what_it_cites():
    pack = load("kau")

    assert pack.section_of(pack.parameters["answer.hours"]).id == "questions"
    assert pack.section_of(pack.parameters["closure.decides"]) is None


def test_an_unknown_pack_is_refused_with_the_names_there_are():
    with pytest.raises(Refused) as refused:
        load("lund")

    assert (refused.value.key, refused.value.values["name"]) == ("policy.unknown", "lund")


def test_each_pack_has_its_own_digest():
    assert len({load(name).digest for name in names()}) == len(names())


def test_a_packs_own_values_leave_the_shared_defaults_alone():
    assert (
        load("kau").parameters["prohibited.hate"].says == load("generic").parameters["prohibited.hate"].says
    )
    assert not load("kau").parameters["prohibited.hate"].default
    assert load("generic").parameters["prohibited.hate"].default


OWN_GROUNDS = """
[checklist.moderate]
id = "moderate"

[[checklist.moderate.step]]
id = "breach"
section = "all"
cites = ["MY-01"]
field = [{ id = "grounds", options = [{ id = "hate", cites = ["MY-02"] }, { id = "none", label = { sv = "Nej", en = "No" } }] },
         { id = "which" }]
"""


def test_a_field_that_does_not_say_its_kind_takes_the_rest_from_generic_and_so_do_its_options():
    step = Pack.model_validate(assembled(HEAD + SECTION + OWN_GROUNDS)).checklists["moderate"].steps[0]
    ours = load("generic").checklists["moderate"].step("breach")
    grounds, which = step.fields
    hate = next(o for o in ours.fields[0].options if o.id == "hate")
    assert [o.id for o in grounds.options] == ["hate", "none"]
    assert grounds.options[0] == hate.model_copy(update={"cites": ("MY-02",)})
    assert (grounds.options[1].label.sv, grounds.options[1].alone) == ("Nej", True)
    assert (grounds.kind, grounds.ask, which) == ("choices", ours.fields[0].ask, ours.fields[1])


def test_a_checklist_takes_title_and_introduction_from_generic_where_it_has_none():
    made = Pack.model_validate(assembled(HEAD + SECTION + OWN_GROUNDS)).checklists["moderate"]
    assert made.intro == load("generic").checklists["moderate"].intro


def test_a_small_pack_of_ones_own_is_without_fault():
    assert check(WHOLE) == []


def setting(name: str, rest: str) -> str:
    return f'{HEAD}{SECTION}[parameters]\n"{name}" = {{ {rest} }}\n'


SAYS = 'says = { sv = "a", en = "b" }'
CHOICE = '{ id = "why", kind = "choice", ask = { sv = "a", en = "b" }, options = ['
YES = 'label = { sv = "Ja", en = "Yes" }'
LINES = 'kind = "lines", ask = { sv = "a", en = "b" } }'
OWN_FIELD = 'field = [{ id = "why", kind = "lines", ask = { sv = "Varför?", en = "Why?" } }]'
OWN = "checklist.new-account.step[1]"


def with_field(field: str) -> str:
    return WHOLE.replace(OWN_FIELD, f"field = [{field}]")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name = ", "file: "),
        (HEAD.replace('version = "1"', ""), "version: Field required"),
        (HEAD + 'colour = "red"', "colour: Extra inputs"),
        (HEAD.replace("Stockholm", "Atlantis"), "zone: there is no time zone Europe/Atlantis"),
        (WHOLE.replace(', en = "All."', ""), "section[0].says.en: Field required"),
        (WHOLE + SECTION, "section[1].id: all stands twice"),
        (WHOLE.replace('id = "own"', 'id = "what"'), f"{OWN}.id: what stands twice"),
        (WHOLE.replace("MY-02", "my2"), "section[0].cites[1]: "),
        (
            setting("answer.days", 'value = 1, cites = ["MY-01"], ' + SAYS),
            "parameters.answer.days: there is no",
        ),
        (
            setting("answer.hours", 'value = "24", cites = ["MY-01"]'),
            "parameters.answer.hours.value: should be of",
        ),
        (
            setting("answer.hours", 'value = 0, cites = ["MY-01"]'),
            "parameters.answer.hours.value: 0 does not fit",
        ),
        (
            setting("answer.hours", 'value = 1.5, cites = ["MY-01"]'),
            "parameters.answer.hours.value: Input should",
        ),
        (
            setting("monitoring.days", 'value = "mondays", cites = ["MY-01"]'),
            "parameters.monitoring.days.value: ",
        ),
        (
            setting("answer.weekend_remind", 'value = "noon", cites = ["MY-01"]'),
            "parameters.answer.weekend_remind.value: ",
        ),
        (setting("answer.hours", "value = 12"), "parameters.answer.hours: should either cite"),
        (
            setting("answer.hours", 'default = true, cites = ["MY-01"]'),
            "parameters.answer.hours: should either",
        ),
        (
            setting("answer.hours", 'cites = ["MY-09"]'),
            "parameters.answer.hours.cites: MY-09 stands in no section",
        ),
        (setting("answer.hours", 'cites = ["MY-01"], section = "none"'), "parameters.answer.hours.section: "),
        (setting("answer.hours", 'default = true, like = "lund"'), "parameters.answer.hours.like: "),
        (with_field(f'{{ id = "why", {LINES.replace("lines", "colour")}'), f"{OWN}.field[0].kind: "),
        (with_field(CHOICE + "] }"), f"{OWN}.field[0].options: a choice needs options"),
        (
            with_field(CHOICE.replace('"choice"', '"line"') + f'{{ id = "y", {YES} }}] }}'),
            f"{OWN}.field[0].options: only a choice",
        ),
        (
            with_field(CHOICE + f'{{ id = "y", {YES} }}, {{ id = "y", {YES} }}] }}'),
            f"{OWN}.field[0].options[1].id: ",
        ),
        (
            with_field(CHOICE + f'{{ id = "y", then = "stop", {YES} }}] }}'),
            f"{OWN}.field[0].options[0].stop_text: ",
        ),
        (
            with_field(CHOICE + f'{{ id = "y", alone = true, {YES} }}] }}'),
            f"{OWN}.field[0].options[0].alone: only of several",
        ),
        (
            WHOLE
            + '[[checklist.new-account.exception]]\nfield = "accounts.level"\nany_of = ["whole"]\napprover = "head"',
            "checklist.new-account.exception[0].any_of: accounts.level has no option whole",
        ),
        (with_field(f'{{ id = "why", min = 2, {LINES}'), f"{OWN}.field[0].min: only people"),
        (with_field(f'{{ id = "why", all_required = true, {LINES}'), f"{OWN}.field[0].all_required: "),
        (with_field(", ".join(f'{{ id = "f{n}", {LINES}' for n in range(3))), f"{OWN}.field: more than two"),
        (with_field(""), f"{OWN}.field: a step asks"),
        (WHOLE + 'when = { field = "gone.gone", any_of = ["x"] }', f"{OWN}.when.field: no earlier step"),
        (
            WHOLE + 'when = { field = "what.kind", any_of = ["x"] }',
            f"{OWN}.when.any_of: what.kind has no option x",
        ),
        (WHOLE + 'when = { field = "own.why", any_of = ["x"] }', f"{OWN}.when.field: no earlier step"),
        (
            WHOLE
            + '[[checklist.new-account.exception]]\nfield = "no.no"\nany_of = ["x"]\napprover = "director"',
            "checklist.new-account.exception[0].field: ",
        ),
        (
            WHOLE.replace('id = "what"', 'id = "what"\nhalf = "after"'),
            "checklist.new-account.step: what comes before",
        ),
        (
            HEAD + '[visitor_notice]\nsv = "Hej"\nen = "{contact}"\ndefault = true',
            "visitor_notice.sv: should say {contact}",
        ),
        (
            HEAD + "[ladder]\nthreat = [{ id = 'a', when = 'some-day', who = [], where = 'card' }]",
            "ladder.threat[0].",
        ),
        (HEAD + "parameters = 3\nladder = 4\nchecklist = 5\nsection = 6", "parameters: Input should"),
    ],
)
def test_each_kind_of_fault_is_reported_with_its_place(text, fault):
    assert [found for found in check(text) if found.startswith(fault)]


def test_all_faults_are_listed_at_once():
    text = with_field(CHOICE + "] }").replace('version = "1"', "").replace("Stockholm", "Atlantis")

    places = [fault.split(":")[0] for fault in check(text)]

    assert {"version", "zone", f"{OWN}.field[0].options"} <= set(places)


def test_a_pack_cannot_be_changed_once_loaded():
    with pytest.raises(ValueError, match="frozen"):
        load("ki").version = "2"  # type: ignore[misc]


def test_a_pack_survives_being_written_and_read():
    pack = load("ki")

    assert Pack.model_validate(pack.model_dump(mode="json")) == pack


# -- duties ---------------------------------------------------------------------------------------


def test_a_duty_is_met_by_a_step_that_hangs_on_it():
    assert check(HEAD + SECTION + DUTIES) == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('duties = ["capture", "alarm"]', 'duties = ["capture", "police"]',
         "checklist.moderate.step[0].field[0].options[0].duties: no later step meets police"),
        ('when = { duty = "capture" }', 'when = { duty = "police" }',
         "checklist.moderate.step[1].when: no earlier answer asks for police"),
        ('when = { duty = "capture" }', 'when = { duty = "capture", field = "breach.grounds" }',
         "checklist.moderate.step[1].when.duty: a condition is about a duty or about an answer"),
        ('bars = ["capture"]', 'cites = ["MY-09"]',
         "checklist.moderate.step[0].field[0].options[1].cites: MY-09 stands in no section"),
        ('bars = ["capture"]', 'when = { duty = "capture" }',
         "checklist.moderate.step[0].field[0].options[1].when: an option hangs on no duty"),
    ],
)  # fmt: skip
def test_a_duty_that_leads_nowhere_is_a_fault(before, after, fault):
    assert fault in check(HEAD + SECTION + DUTIES.replace(before, after))
