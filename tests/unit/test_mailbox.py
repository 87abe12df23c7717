"""What is an e-mail address and what is a number to ring."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mailbox import mailbox, phone
from bot.model import Refused
from bot.organisation import BadOrganisation, parse


@pytest.mark.parametrize(
    "text", ["registrator@larosatet.se", "46700000112@sms.example.net", "åsa.öberg@högskolan.se", "a+b@x.y"]
)
def test_what_people_have_as_an_address_is_taken_as_it_is(text: str) -> None:
    assert mailbox(f" {text} ") == text


def test_small_and_large_letters_of_a_domain_are_one() -> None:
    assert mailbox("Registrator@KTH.Se") == "Registrator@kth.se"


@pytest.mark.parametrize(
    "text",
    ["", "@", "registrator", "a@", "@b.se", "a b@c.se", "a@b.se, c@d.se", "a@b.se\nBcc: c@d.se", "a@b..se", "a@.se",
     "Anna <anna@b.se>", '"a"@b.se', "a@b.se.", "a@b@c.se", "a\r@b.se", "a\x00@b.se", "x" * 65 + "@b.se"],
)  # fmt: skip
def test_what_no_mail_can_be_sent_to_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"mail\.bad_address"):
        mailbox(text)


@given(st.text())
def test_an_address_that_is_taken_holds_no_break_and_is_taken_again(text: str) -> None:
    try:
        found = mailbox(text)
    except Refused:
        return
    assert mailbox(found) == found
    assert len(found.splitlines()) == 1
    assert not any(sign in found for sign in "<>,;\"' \r\n\t")


@pytest.mark.parametrize("text", ["08-123 45 67", "+46 (0)8 123", ""])
def test_a_number_stays_as_it_was_typed(text: str) -> None:
    assert phone(f" {text} ") == text


@pytest.mark.parametrize("text", ["ring Karin", "08;ext=1", "+", "1" * 41])
def test_what_nobody_can_ring_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"phone\.bad_number"):
        phone(text)


def test_the_file_names_the_role_whose_address_or_number_is_none() -> None:
    with pytest.raises(BadOrganisation) as bad:
        parse('name = "U"\n[role_mail]\nsecurity = ["a@b.se", "nobody"]\nregistrar = "a@b.se"\n'
              '[role_phone]\nsecurity = "växeln"\n')  # fmt: skip
    assert [fault.partition(":")[0] for fault in bad.value.faults] == [
        "role_mail, security 2",
        "role_phone, security",
    ]
