"""Two chat accounts, one person: who they are, what joining them would do, and the question whether it is right."""

from collections.abc import Iterable, Sequence

from bot.model import Person
from bot.screens.base import Eyes, account_name, words
from bot.texts import capital
from bot.view import Button, Choice, Facts, Form, Item, Line, Option, PersonField, Text


def chat(platform: str) -> str:
    """The platform as people write it."""
    return capital(platform)


def join_form(eyes: Eyes) -> Form:
    """Pickers offer the people of one chat, so the other is named in words."""
    t = eyes.t
    fields = (
        PersonField(id="person", label=t("join.person"), hint=t("join.person.hint")),
        Line(id="other", label=t("join.other"), hint=t("join.other.hint"), max_length=100),
    )
    intro = (Text(text=t("join.intro"), tone="quiet"),)
    return Form(id="person.join", title=t("join.title"), fields=fields, submit=t("join.do.look"), intro=intro)


def which_form(eyes: Eyes, person: Person, found: Sequence[Person]) -> Form:
    options = tuple(Option(id=p.id, label=f"{p.name} ({_where(eyes, p)})"[:75]) for p in found)
    choice = Choice(id="other", label=eyes.t("join.which", name=person.name), options=options)
    return Form(id="person.which", title=eyes.t("join.title"), fields=(choice,), submit=eyes.t("join.do.look"),
                state=person.id)  # fmt: skip


def confirm_form(eyes: Eyes, stays: Person, joins: Person) -> Form:
    """What it would do, said before it is done."""
    t = eyes.t
    rows = ((_called(eyes, stays), _does(eyes, stays)), (_called(eyes, joins), _does(eyes, joins)))
    intro = (
        Text(text=t("join.what", name=stays.name)),
        Facts(rows=rows),
        Text(text=t("join.for_good"), tone="quiet"),
    )
    return Form(id="person.same", title=t("join.title"), submit=t("join.do.same"), intro=intro,
                state=f"{stays.id}|{joins.id}")  # fmt: skip


def proposals(eyes: Eyes, pairs: Iterable[tuple[Person, Person]]) -> tuple[Item, ...]:
    """Lines of the set-up card: two with one address."""
    return tuple(_proposal(eyes, one, other) for one, other in pairs)


def _proposal(eyes: Eyes, one: Person, other: Person) -> Item:
    label = eyes.t("join.do.open")
    button = Button(verb="person.propose", arg=f"{one.id}|{other.id}", label=label,
                    heard=f"{label}: {one.name}"[:75])  # fmt: skip
    text = words(eyes.t, [_called(eyes, one), _called(eyes, other)])
    return Item(text=text, note=one.email, button=button)


def _called(eyes: Eyes, person: Person) -> str:
    return f"{person.name} ({_where(eyes, person)})"


def _where(eyes: Eyes, person: Person) -> str:
    """On which chats, and the address that tells people of one name apart."""
    chats = dict.fromkeys(chat(i.platform) for i in eyes.register.identities_of(person.id))
    return ", ".join(filter(None, (*chats, person.email))) or eyes.t("join.nowhere")


def _does(eyes: Eyes, person: Person) -> str:
    """What the person has to do here, in words."""
    register, t = eyes.register, eyes.t
    accounts = [account_name(t, account) for account in register.accounts_of(person.id)]
    heads = [u.name for u in register.units.values() if person.id in (u.head, u.deputy)]
    roles = [eyes.role(role) for role, people in register.roles.items() if person.id in people]
    return "; ".join(filter(None, (", ".join(accounts), ", ".join(heads), ", ".join(roles)))) or t(
        "join.nothing"
    )
