"""Names in the order in which people look for them."""

from hypothesis import given
from hypothesis import strategies as st

from bot.plain import natural


def test_numbers_in_names_count_and_the_swedish_letters_come_last():
    names = [
        "Örebro",
        "konto10",
        "Konto2",
        "konto1",
        "@konto3 b",
        "@konto3 a",
        "ärenden",
        "Åland",
        "zoo",
        "konto02b",
    ]
    assert sorted(names, key=natural) == [
        "@konto3 a", "@konto3 b", "konto1", "Konto2", "konto02b", "konto10", "zoo", "Åland", "ärenden", "Örebro",
    ]  # fmt: skip


@given(st.lists(st.integers(0, 10**30), unique=True))
def test_names_that_differ_in_a_number_alone_come_in_its_order(numbers):
    assert sorted((f"konto{n} x" for n in numbers), key=natural) == [f"konto{n} x" for n in sorted(numbers)]


@given(st.text(), st.text())
def test_any_two_names_can_be_compared(one, other):
    assert sorted([one, other], key=natural) in ([one, other], [other, one])
