"""What each guideline asks of moderation and of closing stands in a step (requirements.md 2.2 and 2.3)."""

import pytest

from bot.policy import Checklist, load, names

MODERATION = {
    "kth": ("KTH", "02 12 27 32"),
    "ki": ("KIEN", "22 23 25 31 46 53 56 57 58 59 60 61 62 63 64 65 66"),
    "ki-2021": ("KISV", "18 23 24 28 44 45 46 47 48 49 50 51 52 54 55 56 57 59 60 61 62 63 65"),
    "bth": (
        "BTH",
        "04 09 21 22 23 25 40 41 42 43 44 45 46 47 48 49 50 51 52 57 58 59 60 62 66 67 69 70 71 72 73 74 75 76 77 78",
    ),
    "kau": ("KAU", "23 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 51 52 53 54 55 57 77"),
}
CLOSING = {
    "kth": ("KTH", ""),
    "ki": ("KIEN", "49 75 76 77 78 79"),
    "ki-2021": ("KISV", "67 87 88"),
    "bth": ("BTH", "34 36"),
    "kau": ("KAU", "59 94 95 96"),
}
"""Each guideline's requirements on the two, as listed there step by step."""
CASES = [(pack, "moderate", *asked) for pack, asked in MODERATION.items()]
CASES += [(pack, "close-account", *asked) for pack, asked in CLOSING.items()]
EVERY = pytest.mark.parametrize(("pack", "name", "prefix", "numbers"), CASES)
BOTH = [load(pack).checklists[name] for pack in names() for name in ("moderate", "close-account")]


def cited(plan: Checklist) -> set[str]:
    """What the steps cite, and what their options do."""
    options = [o for s in plan.steps for f in s.fields for o in f.options]
    return {cite for thing in (*plan.steps, *options) for cite in thing.cites}


@EVERY
def test_each_requirement_is_cited_by_a_step_of_its_guideline(pack, name, prefix, numbers):
    wanted = {f"{prefix}-{number}" for number in numbers.split()}

    assert wanted - cited(load(pack).checklists[name]) == set()


@EVERY
def test_a_step_or_answer_cites_only_its_own_guideline(pack, name, prefix, numbers):
    assert {cite.partition("-")[0] for cite in cited(load(pack).checklists[name])} <= {prefix}


def test_the_defaults_cite_nobody():
    generic = load("generic").checklists
    assert [cited(generic[name]) for name in ("moderate", "close-account")] == [set(), set()]


def test_kth_is_never_cited_for_what_it_does_not_say():
    steps = load("kth").checklists["moderate"].steps

    assert {s.id for s in steps if not s.default} == {"breach", "answer"}
    assert all(s.default for s in load("kth").checklists["close-account"].steps)


def test_no_label_is_longer_than_a_list_on_slack_shows():
    options = [o for plan in BOTH for s in plan.steps for f in s.fields for o in f.options]

    assert [o.label for o in options if max(len(o.label.sv), len(o.label.en)) > 75] == []


def test_no_step_asks_for_more_than_two_long_texts():
    steps = [s for plan in BOTH for s in plan.steps]

    assert [s.id for s in steps if sum(f.kind == "lines" for f in s.fields) > 2] == []
