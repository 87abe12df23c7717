"""What an account lacks, in one sentence with the name of whoever can mend it."""

from collections.abc import Collection

from bot.guard import Lack
from bot.model import Account, PersonId
from bot.register import Register
from bot.screens.base import Eyes, account_name, heard, words
from bot.texts import Texts
from bot.view import Button, Item

CHATS = ("slack", "teams")


def sentence(eyes: Eyes, lack: Lack, reader: PersonId | None = None) -> str:
    """`@konto: Anna Ek finns inte längre i Slack; Heidi Berg behöver utse någon.` `reader`: the head is called *you*."""
    account, head = eyes.register.accounts[lack.account], _head(eyes, lack)
    do = eyes.t("guard.do.you") if reader and reader == head else eyes.t("guard.do", head=_named(eyes, head))
    return eyes.t("guard.line", account=account_name(eyes.t, account), what=what(eyes, lack), do=do)


def gap(eyes: Eyes, lack: Lack) -> str:
    """For a list that everybody may see: without the name of whoever left."""
    do = eyes.t("guard.do", head=_named(eyes, _head(eyes, lack)))
    return f"{eyes.t(f'guard.gap.{lack.kind}')} ({do})"


def what(eyes: Eyes, lack: Lack) -> str:
    names = words(eyes.t, [eyes.name(p) for p in lack.people])
    return eyes.t(f"guard.{lack.kind}", names=names, chat=_chat(eyes.t, eyes.register, lack.people))


def _head(eyes: Eyes, lack: Lack) -> PersonId | None:
    return eyes.register.head_of(eyes.register.accounts[lack.account])


def _named(eyes: Eyes, head: PersonId | None) -> str:
    return eyes.register.name(head) or eyes.office_name


def _chat(t: Texts, register: Register, people: Collection[PersonId]) -> str:
    """The chat in which they were, where it has a name."""
    found = {i.platform for p in people for i in register.identities_of(p)}
    return t(f"guard.chat.{found.pop()}") if len(found) == 1 and found <= set(CHATS) else t("guard.chat")


def line(eyes: Eyes, account: Account, lack: Lack, reader: PersonId) -> Item:
    """For a collected message, with the press that mends it."""
    label = eyes.t("account.do.edit")
    button = Button(verb="account.edit", arg=account.id, label=label,
                    heard=heard(eyes.t, label, account_name(eyes.t, account)))  # fmt: skip
    return Item(text=sentence(eyes, lack, reader), state="open", button=button)
