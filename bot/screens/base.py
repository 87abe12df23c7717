"""What every screen needs: the reader's texts, the register, the time and the guidelines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from bot import steps
from bot.cases.ladder import Hours
from bot.model import Account, PersonId, Role
from bot.plain import cut
from bot.policy import Pack, Words
from bot.register import Register
from bot.texts import Texts, capital
from bot.view import Button, Card, Cite, Mention, Option, Text

HEARD, SHORTEST = 75, 10
"""So much of a button's name is read out; so much of an account's name is left in it."""


@dataclass(frozen=True, kw_only=True)
class Eyes:
    """Whose eyes see the card: their language, and the world as it stands now.

    `here`: platform and workspace or tenant in which a form is opened; people whom it does not know cannot be picked there.
    `standing`: the card stays and is read on other days too, so that no time in it is said as today or tomorrow.
    """

    t: Texts
    register: Register
    now: datetime
    hours: Hours
    pack: Pack
    standing: bool = False
    here: tuple[str, str] = ("", "")

    def unseen(self, people: Iterable[PersonId | None]) -> tuple[PersonId, ...]:
        """Those of them whom no picker shows here; nobody where it is not known where that is."""
        if self.here == ("", ""):
            return ()
        return tuple(p for p in people if p and not self._knows(p))

    def _knows(self, person: PersonId) -> bool:
        return any((i.platform, i.realm) == self.here for i in self.register.identities_of(person))

    def moment(self, moment: datetime) -> str:
        """A point in time in words."""
        return self.t.moment(moment, None if self.standing else self.now)

    def due(self, moment: datetime) -> str:
        """A deadline in words."""
        return self.t.due(moment, None if self.standing else self.now)

    @property
    def today(self) -> date:
        return self.hours.today(self.now)

    def name(self, person: PersonId | None) -> str:
        """The person's name, or a word for nobody."""
        return self.register.name(person) or self.t("person.nobody")

    def account(self, ident: str | None) -> str:
        """`@biologi_uni (Instagram)`, or a word for no certain account."""
        known = self.register.accounts.get(ident or "")
        return account_name(self.t, known) if known else self.t("account.none")

    def mentions(self, people: Iterable[PersonId]) -> tuple[Mention, ...]:
        return tuple(Mention(person=p, name=self.name(p)) for p in people)

    def called(self, ident: str | None) -> str:
        """As `account`, but "" where there is none: for what can be said without."""
        return self.account(ident) if ident in self.register.accounts else ""

    @property
    def office_name(self) -> str:
        """What the communications office is called here."""
        own = self.register.office.communications_name.get(self.t.language)
        return own or self.pack.names.communications.of(self.t.language)

    def own_step(self, name: str) -> str:
        """What the office has chosen in the place of a marked default; "" where it has chosen nothing."""
        step = next((s for s in steps.free(self.pack) if s.name == name), None)
        if step is None or name not in self.register.office.steps:
            return ""
        return self.t("settings.step.own", length=self.length(step, steps.wait(self.pack, name)))

    def length(self, step: steps.Step, n: int) -> str:
        """`24 timmar arbetsdagstid`, `two working days`."""
        return self.t.many(f"settings.length.{step.unit}", n)

    def role(self, role: Role) -> str:
        """What whoever holds a role is called here."""
        if role == "communications":
            return self.office_name
        if role == "administrators":
            return self.t("role.administrators")
        named: Words = getattr(self.pack.names, role)
        own = self.register.office.role_names.get(role, {}).get(self.t.language)
        return own or named.of(self.t.language)

    def parameter(self, name: str) -> Cite:
        """Where a setting stands in the guidelines, or that no guideline gives it."""
        parameter = self.pack.parameters[name]
        section = self.pack.section(parameter.section)
        own = self.own_step(name)
        return Cite(
            rule=own or parameter.says.of(self.t.language),
            section=section.heading if section else "",
            default=parameter.default,
        )


def clock(t: Texts, hour: time) -> str:
    """A time of day: `08.30` in Swedish, `08:30` in English."""
    return hour.strftime("%H.%M" if t.language == "sv" else "%H:%M")


def account_name(t: Texts, account: Account) -> str:
    """The name with its platform, which is not said twice."""
    if t("platform." + account.platform).casefold() in account.name.casefold():
        return account.name
    return f"{account.name} ({t('platform.' + account.platform)})"


def told(t: Texts, key: str, *buttons: Button, **values: object) -> Card:
    """A short private answer: one sentence, and what can be done about it."""
    return Card(title=t(key, **values), buttons=buttons)


def refusal(t: Texts, key: str, **values: object) -> Card:
    """What is wrong and what to do next."""
    return Card(title=t("refused.title"), parts=(Text(text=t(key, **values)),))


def options(t: Texts, prefix: str, ids: Iterable[str]) -> tuple[Option, ...]:
    """A closed list of choices whose labels stand under `prefix.ID`."""
    return tuple(Option(id=i, label=capital(t(f"{prefix}.{i}"))) for i in ids)


def whole(eyes: Eyes, rule: str, link: str = "") -> Cite:
    """Whose guidelines hold as a whole. General ones have no document of their own, so none is named as where they stand."""
    general = eyes.pack.name == "generic"
    return Cite(rule=rule, section=link if general else eyes.pack.source, link=link)


def account_options(eyes: Eyes, accounts: Iterable[Account]) -> tuple[Option, ...]:
    return tuple(Option(id=a.id, label=account_name(eyes.t, a)) for a in accounts)


def heard(t: Texts, act: str, of: str, told: str = "") -> str:
    """What a button's label is to a screen reader: the act, and which account it is about if it is about one.

    `told`: what tells it from the same act on another card of the account, a day or a link's end. It is never cut away.
    """
    plain = act.removesuffix(" …")
    if not of and not told:
        return plain
    room = HEARD - len(_heard(t, plain, f", {told}"))
    of = ", ".join(filter(None, (cut(of, max(room, SHORTEST)), told))) if told else of
    return _heard(t, plain, of)


def _heard(t: Texts, act: str, of: str) -> str:
    return f"{act} {of}" if act.endswith("?") else t("button.heard", act=act, account=of)


def words(t: Texts, parts: Iterable[str]) -> str:
    """`a, b och c`."""
    found = [p for p in parts if p]
    if len(found) < 2:
        return "".join(found)
    return t("list.and", first=", ".join(found[:-1]), last=found[-1])
