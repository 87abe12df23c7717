"""What carries each requirement of a guideline is derived from the pack, and never claimed for what is not built."""

import inspect
import json
import re

import pytest
from typer.testing import CliRunner

from bot import policy_check, rights
from bot.coverage import coverage
from bot.overlay import assembled
from bot.policy import Field, Pack, Permission, Words, cites, load, names
from bot.policy_check import check
from smbot.cli import app
from tests.unit.test_packs import HEAD, SECTION, WHOLE

COUNTS = {
    "kth": ("KTH", 39),
    "ki": ("KIEN", 80),
    "bth": ("BTH", 78),
    "ki-2021": ("KISV", 90),
    "kau": ("KAU", 113),
}
EVERY = pytest.mark.parametrize("name", COUNTS)
NOT_BUILT = {
    "kth": "24 25 26 28 29 30 31 33",  # blogs and ambassadors
    "ki": "19 33 48 50 52 54 55 67 68 71 72 73",  # follow-up, half-yearly picture, purging, consent
    "ki-2021": "41 66 68 69 70 71 72 73 74 75 76 77 84 85 86",
    "bth": "02 03 06 08 14",  # publishing, follow-up, students' posts
    "kau": "33 50 58 60 61 62 63 64 65 66 67 68 69 90 91 92 93 100 101 102 103 107 108 109 110 111 112",
}
BEYOND = {"kth": "05 39", "ki": "44 47 51 70", "ki-2021": "40", "bth": "26 37", "kau": "105 106"}


def run(*args: str) -> str:
    result = CliRunner().invoke(app, ["policy", *args])
    assert result.exit_code == 0, result.output
    return result.stdout


def lines(name: str) -> dict[str, dict]:
    found = [json.loads(line) for line in run("coverage", "--policy", name, "--json").splitlines()]
    return {line["id"]: line for line in found}


def ids(name: str, numbers: str) -> set[str]:
    return {f"{COUNTS[name][0]}-{number}" for number in numbers.split()}


@EVERY
def test_every_requirement_of_a_guideline_has_one_line_and_each_says_one_thing(name):
    prefix, count = COUNTS[name]
    found = lines(name)
    assert set(found) == {f"{prefix}-{number:02}" for number in range(1, count + 1)}
    assert all(
        len(line) == 2 and {*line} & {"carried_by", "out_of_reach", "missing"} for line in found.values()
    )
    assert len(run("coverage", "--policy", name, "--json").splitlines()) == count


@EVERY
def test_every_name_that_carries_a_requirement_can_be_opened_and_cites_it(name):
    pack = load(name)
    opened = {by: pack.find(by) for line in lines(name).values() for by in line.get("carried_by", ())}
    assert opened
    for by, thing in opened.items():
        assert thing is not None, by
    for ident, line in lines(name).items():
        assert all(ident in cites(opened[by]) for by in line.get("carried_by", ()))


def test_policy_show_opens_each_kind_of_carrier():
    kinds = {type(thing).__name__: by for by, thing in load("kau").named().items()}
    assert {"Parameter", "tuple", "VisitorNotice", "Permission", "Step", "Field", "Draft"} <= set(kinds)
    for by in kinds.values():
        assert by in run("show", "kau", by)
        json.loads(run("show", "kau", by, "--json"))


@EVERY
def test_what_the_bot_does_not_do_yet_is_missing_and_not_claimed(name):
    found = lines(name)
    assert {
        ident for ident in ids(name, NOT_BUILT[name]) if found[ident] != {"id": ident, "missing": True}
    } == set()


@EVERY
def test_what_no_bot_can_meet_is_out_of_reach_and_says_why_in_both_languages(name):
    found = lines(name)
    assert {ident for ident, line in found.items() if "out_of_reach" in line} == ids(name, BEYOND[name])
    for out in load(name).out_of_reach:
        assert out.says.sv != out.says.en
        assert set(out.cites) <= set(found)


def test_a_section_alone_and_a_setting_that_is_not_built_carry_nothing():
    assert lines("kth")["KTH-24"] == {"id": "KTH-24", "missing": True}
    assert "KIEN-68" in load("ki").parameters["consent.rule"].cites
    assert lines("ki")["KIEN-68"] == {"id": "KIEN-68", "missing": True}
    assert "answer.hours" in lines("kau")["KAU-44"]["carried_by"]


def test_coverage_follows_the_pack_when_a_checklist_is_taken_out_of_it():
    pack = load("bth")
    left = {name: plan for name, plan in pack.checklists.items() if name != "moderate"}
    without = {x.id: x for x in coverage(pack.model_copy(update={"checklists": left}))}
    with_it = {x.id: x for x in coverage(pack)}
    assert with_it["BTH-69"].carried_by == ("moderate.first",)
    assert (without["BTH-69"].carried_by, without["BTH-69"].out_of_reach) == ((), None)


def test_no_setting_that_the_bot_acts_on_is_marked_as_not_built():
    source = inspect.getsource(Pack)
    read = set(re.findall(r'"((?:answer|monitoring|account)\.[a-z_]+)"', source))
    assert {"answer.hours", "monitoring.days", "account.min_people"} <= read
    for name in names():
        assert [key for key in read if load(name).parameters[key].unbuilt] == []


def test_a_person_reads_it_with_the_sum_at_the_end():
    text = run("coverage", "--policy", "kth", "--language", "en").splitlines()
    assert "KTH-05  out of reach: Communication plans are made in other tools." in text
    assert "KTH-24  missing" in text
    assert any(line.startswith("KTH-27  carried by ") and "moderate.breach" in line for line in text)
    assert text[-1] == "39 requirements: 29 carried, 2 out of reach, 8 missing"
    assert run("coverage").strip() == "0 requirements: 0 carried, 0 out of reach, 0 missing"


def test_a_requirement_out_of_reach_is_shown_with_its_reason():
    assert "Kommunikationsplaner görs i andra verktyg." in run("show", "kth", "KTH-05")
    assert load("ki").find("permission.director") == Permission(
        id="director", rule="approve", cites=("KIEN-05", "KIEN-79"),
        says=load("ki").permissions[1].says,
    )  # fmt: skip
    shown = run("show", "ki", "permission.director", "--language", "en")
    assert "KIEN-79" in shown
    assert "approve" in shown
    assert "consent.rule" in run("show", "ki", "KIEN-68")
    assert "not built yet" in run("show", "ki", "consent.rule")


def test_an_option_that_cites_makes_its_field_a_carrier():
    found = load("bth").find("moderate.breach.grounds")
    assert isinstance(found, Field)
    assert "BTH-60" in cites(found)
    assert "moderate.breach.grounds" in lines("bth")["BTH-60"]["carried_by"]


def test_the_check_of_packs_knows_the_rules_of_rights():
    public = {name for name, thing in inspect.getmembers(rights, inspect.isfunction)
              if not name.startswith("_") and thing.__module__ == rights.__name__}  # fmt: skip
    assert public == policy_check.RIGHTS


PERMISSION = '[[permission]]\nid = "head"\ncites = ["MY-01"]\nsays = { sv = "Chefen.", en = "The head." }\n'
BEYOND_IT = 'says = { sv = "Nej.", en = "No." }\n'


@pytest.mark.parametrize(
    ("added", "fault"),
    [
        (PERMISSION + 'rule = "approve"', ""),
        (PERMISSION + 'step = "new-account.own"', ""),
        (PERMISSION, "permission[0]: is held either by a rule or by a step"),
        (PERMISSION + 'rule = "approve"\nstep = "new-account.own"', "permission[0]: is held either"),
        (PERMISSION + 'rule = "fly"', "permission[0].rule: there is no rule fly"),
        (PERMISSION + 'step = "new-account.gone"', "permission[0].step: there is no step new-account.gone"),
        ((PERMISSION + 'rule = "approve"\n').replace("MY-01", "MY-09"), "permission[0].cites: MY-09 stands in no section"),
        ((PERMISSION + 'rule = "approve"\n') * 2, "permission[1].id: head stands twice"),
        ('[[out_of_reach]]\ncites = ["MY-01"]\n' + BEYOND_IT, ""),
        ("[[out_of_reach]]\ncites = []\n" + BEYOND_IT, "out_of_reach[0].cites: names what is out of reach"),
        ('[[out_of_reach]]\ncites = ["MY-09"]\n' + BEYOND_IT, "out_of_reach[0].cites: MY-09 stands in no section"),
    ],
)  # fmt: skip
def test_permissions_and_what_is_out_of_reach_are_checked_with_their_place(added, fault):
    found = check(f"{WHOLE}\n{added}")
    assert [x for x in found if x.startswith(fault)] if fault else found == []


def test_a_pack_of_ones_own_says_why_something_is_out_of_reach():
    text = HEAD + SECTION + '[[out_of_reach]]\ncites = ["MY-02"]\n' + BEYOND_IT
    assert check(text) == []
    pack = Pack.model_validate(assembled(text))
    assert [(x.id, x.carried_by, x.out_of_reach) for x in coverage(pack)] == [
        ("MY-01", (), None),
        ("MY-02", (), Words(sv="Nej.", en="No.")),
    ]
