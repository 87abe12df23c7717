"""One thing that an account lacks, in a collected message, and the form for what no other form asks."""

from bot.model import Account
from bot.screens.base import Eyes, account_name, heard
from bot.view import Button, Card, Form, Item, Lines, PersonField, Text

FORMS = {"address": "account.rename", "place": "account.place", "purpose": "gap.fill", "head": "gap.fill"}
"""The press that fills each gap; for people it is the account's own form."""


def line(eyes: Eyes, account: Account, gap: str) -> Item:
    t, name = eyes.t, account_name(eyes.t, account)
    label = t("gap.do")
    button = Button(
        verb=FORMS.get(gap, "account.edit"), arg=account.id, label=label, heard=heard(t, label, name)
    )
    return Item(text=t(f"gap.ask.{gap}", account=name), note=t("gap.when"), button=button)


def fill_form(eyes: Eyes, account: Account, *, head: bool) -> Form:
    t = eyes.t
    purpose = Lines(id="purpose", label=t("account.purpose"), hint=t("gap.purpose.hint"), value=account.purpose,
                    required=not head, max_length=1_000)  # fmt: skip
    person = PersonField(
        id="head", label=t("account.head"), value=eyes.register.head_of(account), required=False
    )
    return Form(id="gap.fill", title=t("gap.fill.title"), fields=(purpose, person) if head else (purpose,),
                intro=(Text(text=account_name(t, account), tone="strong"),), submit=t("form.save"), state=account.id)  # fmt: skip


def filled(eyes: Eyes, account: Account) -> Card:
    return Card(title=eyes.t("account.saved", account=account_name(eyes.t, account)))
