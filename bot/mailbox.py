"""What is an e-mail address, and what a telephone number, where somebody types one."""

import re

from bot.model import Refused

ADDRESS = re.compile(
    r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@(?=.{1,253}$)[^\s@<>()\[\],;:\\\"_\x00-\x1f\x7f]+", re.UNICODE
)
"""Written as people write it, letters of other alphabets too; quoted names and lists are none."""
PHONE = r"^(\+?[0-9][0-9 ()/-]*)?$"


def mailbox(text: str) -> str:
    """The address, its domain in small letters. Raises Refused for what no mail can be sent to.

    What stands before the @ is the receiver's own business (RFC 5321, 2.4) and stays as it is.
    """
    found = text.strip()
    if (
        not ADDRESS.fullmatch(found)
        or ".." in found
        or found.endswith(".")
        or found.partition("@")[2][0] in ".-"
    ):
        raise Refused("mail.bad_address", address=found[:100])
    name, _, domain = found.partition("@")
    return f"{name}@{domain.lower()}"


def phone(text: str) -> str:
    """The number as it was typed, without spaces at its ends. Raises Refused for what nobody can ring."""
    found = text.strip()
    if len(found) > 40 or not re.fullmatch(PHONE, found):
        raise Refused("phone.bad_number", number=found[:100])
    return found
