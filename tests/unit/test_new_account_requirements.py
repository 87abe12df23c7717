"""What each guideline asks of a new account stands in a step (requirements.md 2.1)."""

import pytest

from bot.policy import load

ASKED = {
    "kth": ("KTH", "01 02 03 04 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 34 35 36 37 38"),
    "ki": (
        "KIEN",
        "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 21 24 26 27 28 34 35 36 37 38 42 69 74",
    ),
    "ki-2021": (
        "KISV",
        "01 02 03 04 05 06 07 08 09 11 12 13 14 15 17 19 20 21 26 27 28 29 30 31 32 33 34 35 38 39 42 43 79 80 81 82 83 89",
    ),
    "bth": (
        "BTH",
        "05 10 11 12 13 16 17 19 20 28 29 32 33 35 36 38 39 40 41 42 53 54 55 56 57 59 60 61 62 63 64 65 68",
    ),
    "kau": (
        "KAU",
        "01 02 05 06 07 08 09 10 11 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 30 31 32 34 71 72 73 74 75 76 78 79 81 82 83 84 85 86 87 88 89 97 98",
    ),
}
"""Each guideline's requirements on a new account, as listed there step by step."""


@pytest.mark.parametrize("pack", ASKED)
def test_each_requirement_on_a_new_account_is_cited_by_a_step_of_its_guideline(pack):
    prefix, numbers = ASKED[pack]
    wanted = {f"{prefix}-{number}" for number in numbers.split()}
    cited = {cite for step in load(pack).checklists["new-account"].steps for cite in step.cites}

    assert wanted - cited == set()


@pytest.mark.parametrize("pack", ASKED)
def test_a_step_cites_only_its_own_guideline(pack):
    prefix, _ = ASKED[pack]
    steps = load(pack).checklists["new-account"].steps

    assert {cite.partition("-")[0] for step in steps for cite in step.cites} == {prefix}
