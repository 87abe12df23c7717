"""A pack: one university's guideline as data, in our own words, in both languages.

A pack says only what its guideline says. What it leaves open comes from the pack `generic`, whose every value
is marked as a default, so that no default is ever shown as somebody's rule (requirements.md, part 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from functools import lru_cache
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from bot.model import Language, Refused
from bot.overlay import BASE, assembled, pack_text
from bot.workdays import AnswerRule, Calendar

PACKS = (BASE, "kth", "ki", "ki-2021", "bth", "kau")

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Prose = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Cites = tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]+-\d\d+$")], ...]


class Part(BaseModel):
    """What every piece of a pack shares: it never changes, and an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Words(Part):
    """One text in both languages."""

    sv: Prose
    en: Prose

    def of(self, language: Language) -> str:
        """The text in the reader's language."""
        return self.sv if language == "sv" else self.en


class Section(Part):
    """A section of the guideline: its own heading, our words for what it asks, and the requirements it holds."""

    id: Slug
    heading: Prose
    says: Words
    cites: Cites = ()


class Parameter(Part):
    """One setting. `default` marks a value that no guideline gives; `like` names the pack whose rule it follows.

    `unbuilt`: it states a rule of something that the bot does not do yet, so it carries no requirement.
    """

    value: bool | int | tuple[Prose, ...] | Prose
    says: Words
    cites: Cites = ()
    section: Slug | None = None
    default: bool = False
    like: str | None = None
    unbuilt: bool = False


Who = Literal[
    "watcher",
    "substitute",
    "head",
    "director",
    "communications",
    "security",
    "it_security",
    "next-of-role",
    "everyone-of-role",
]
Where = Literal["thread", "direct", "collected", "own-channel", "digest", "card"]
When = Literal[
    "remind-at",
    "last-call",
    "escalate-at",
    "collected",
    "next-card",
    "two-days-running",
    "at-once",
    "no-receipt",
    "daily",
]


class Rung(Part):
    """One step of a ladder: when (a moment, plus working days or elapsed minutes), who hears it, and where."""

    id: Slug
    when: When
    who: tuple[Who, ...]
    where: Where
    working_days_later: int = 0
    minutes_later: int = 0
    cites: Cites = ()
    default: bool = False


class Condition(Part):
    """True when the answer to `field` ("step.field") is, or holds, one of `any_of`; or when an answer so far asks for
    `duty`, and none forbids it."""

    field: str = ""
    any_of: tuple[str, ...] = ()
    duty: Slug | None = None


def _either(when: Any) -> Any:
    """One condition is short for one way; nothing for none."""
    return ((when,),) if isinstance(when, dict | Condition) else when or ()


Offered = Annotated[tuple[tuple[Condition, ...], ...], BeforeValidator(_either)]
"""Ways of which one is enough; all conditions of a way hold. Empty: always."""


class Option(Part):
    """One answer of a choice. `stop` ends the run with a text that says where to go instead; `wait` keeps the step
    open, with a text that says what is done first. `note` is told at once, and to whoever approves.

    `duties`: what choosing it asks for, each met by a step that hangs on it; `bars`: what must not be done any more,
    whoever asks for it. `ground`: as what it lets a post be taken off, if it does (C-11). `alone`: not chosen together
    with another option of its field. `likely`: after these answers it is filled in already, to be changed where wrong.
    """

    id: Slug
    label: Words
    then: Literal["go", "stop", "wait"] = "go"
    stop_text: Words | None = None
    note: Words | None = None
    when: Offered = ()
    default: bool = False
    ground: Literal["", "law", "house-rule"] = ""
    duties: tuple[Slug, ...] = ()
    bars: tuple[Slug, ...] = ()
    alone: bool = False
    likely: Offered = ()
    cites: Cites = ()


Kind = Literal[
    "line", "lines", "choice", "choices", "person", "people", "account", "accounts", "date", "moment", "confirm", "link",
    "checksum",
]  # fmt: skip
ConfirmedBy = Literal["runner", "each-person", "head", "communications", "reviewer"]
"""`reviewer`: the account's head or communications, whoever is first, in a checklist that nobody approves as a whole."""


class Field(Part):
    """One thing asked. `min` counts people; `confirmed_by` says who answers it if not the runner.

    `later`: may be left open when the account goes live, and is asked for again. `past`: no day or moment to come.
    `to_head`: the answer stands on the card of whoever approves.
    """

    id: Slug
    kind: Kind
    ask: Words
    hint: Words | None = None
    required: bool = True
    min: int = 0
    all_required: bool = False
    max_length: int = 200
    options: tuple[Option, ...] = ()
    confirmed_by: ConfirmedBy = "runner"
    later: bool = False
    past: bool = False
    to_head: bool = False
    default: bool = False


class Request(Part):
    """What communications is asked in a step; each field that it confirms is a button of its own, said by different people.

    `words`: a yes says something too. `enough_after_days`: working days after which having told them is enough.
    `ends`: with their yes the run ends, with this text. Their no, with its reason, always ends it.
    """

    ask: Words
    no: Words
    words: bool = False
    enough_after_days: int = 0
    ends: Words | None = None


class Step(Part):
    """One page of a checklist, before or after the approval. What others confirmed in it rests on the answers to
    `rests_on`: when one of these changes they are asked again. `gate`: nothing after it is shown before it is done."""

    id: Slug
    half: Literal["before", "after"]
    title: Words
    help: Words
    why: Words
    section: Slug
    cites: Cites = ()
    default: bool = False
    when: Offered = ()
    rests_on: tuple[str, ...] = ()
    gate: bool = False
    request: Request | None = None
    fields: tuple[Field, ...] = pydantic.Field(alias="field")


ApproverRole = Literal["head", "director", "communications"]


class ApproverException(Part):
    """Another role approves when `field` is answered with one of `any_of`."""

    field: str
    any_of: tuple[str, ...]
    approver: ApproverRole


class Draft(Part):
    """A text that is made of answers, ready when each of `needs` is answered (if left empty, too): `{step.field}` is the answer, and a line
    none of whose answers is there is left out."""

    id: Slug
    title: Words
    text: Words
    needs: tuple[str, ...]
    section: Slug | None = None
    cites: Cites = ()
    default: bool = False


class Checklist(Part):
    """The steps of one undertaking, whose yes it needs (a moderation: nobody's), and the texts that come out of it."""

    id: Slug
    title: Words
    intro: Words
    approver: ApproverRole = "head"
    exceptions: tuple[ApproverException, ...] = pydantic.Field(default=(), alias="exception")
    steps: tuple[Step, ...] = pydantic.Field(alias="step")
    drafts: tuple[Draft, ...] = pydantic.Field(default=(), alias="draft")

    def draft(self, id: str) -> Draft | None:
        """The draft of that id."""
        return next((draft for draft in self.drafts if draft.id == id), None)

    def step(self, id: str) -> Step | None:
        """The step of that id."""
        return next((step for step in self.steps if step.id == id), None)

    def half(self, half: Literal["before", "after"]) -> tuple[Step, ...]:
        """The steps before, or after, the approval."""
        return tuple(step for step in self.steps if step.half == half)

    def approver_for(self, answers: Mapping[str, str]) -> ApproverRole:
        """Whose yes is needed, given the answers by "step.field" (KIEN-05)."""
        hits = (rule.approver for rule in self.exceptions if answers.get(rule.field) in rule.any_of)
        return next(hits, self.approver)

    def closed_by(self, level: str) -> ApproverRole:
        """Who decides on closing an account of that level: what the register knows answers `accounts.level` (KIEN-79)."""
        return self.approver_for({"accounts.level": level})


class Names(Part):
    """What the organisation calls its roles and offices."""

    university: Words
    communications: Words
    head: Words
    director: Words
    registrar: Words
    security: Words
    it_security: Words
    account_manager: Words
    substitute: Words


class VisitorNotice(Part):
    """A draft of what visitors of an account are told; `{contact}` is filled in by the organisation."""

    sv: Prose
    en: Prose
    cites: Cites = ()
    section: Slug | None = None
    default: bool = False


class Permission(Part):
    """Who may do what by the guideline, and what holds to it: a function of bot/rights.py, or a step ("checklist.step")."""

    id: Slug
    says: Words
    cites: Cites
    rule: str = ""
    step: str = ""


class OutOfReach(Part):
    """Requirements that no bot can meet, and why."""

    cites: Cites
    says: Words


class Cited(Part):
    """A requirement of a guideline, the names of all that cite it, and why no bot can meet it if that is so."""

    id: str
    by: tuple[str, ...]
    out_of_reach: Words | None = None


Ladder = tuple[Rung, ...]
Found = Section | Parameter | Checklist | Step | Field | Draft | Ladder | VisitorNotice | Permission | Cited


class Pack(Part):
    """One guideline as data. Read `answer`, `monitored`, `min_people` and `calendar` rather than raw parameters."""

    name: Slug
    version: Prose
    title: Words
    source: Prose
    valid_from: str | None = None
    noted: Words | None = None
    language: Language
    zone: str
    contact: str | None = None
    digest: str = ""
    names: Names
    sections: tuple[Section, ...] = pydantic.Field(default=(), alias="section")
    parameters: Mapping[str, Parameter]
    ladders: Mapping[str, Ladder] = pydantic.Field(alias="ladder")
    visitor_notice: VisitorNotice
    permissions: tuple[Permission, ...] = pydantic.Field(default=(), alias="permission")
    out_of_reach: tuple[OutOfReach, ...] = ()
    checklists: Mapping[str, Checklist] = pydantic.Field(default_factory=dict, alias="checklist")

    @property
    def answer(self) -> AnswerRule:
        """How soon questions are answered (`answer.*`); hours are working-day time."""
        noon = str(self.parameters["answer.weekend_remind"].value)
        return AnswerRule(
            hours=self._number("answer.hours"),
            remind_hours=self._number("answer.remind_hours") or None,
            escalate_hours=self._number("answer.escalate_hours"),
            free_day_reminder=None if noon == "none" else time.fromisoformat(noon),
        )

    @property
    def monitored(self) -> Literal["every-day", "working-days"]:
        """Which days an account must be looked at (KIEN-30, KISV-22, KAU-80)."""
        return "every-day" if self.parameters["monitoring.days"].value == "every-day" else "working-days"

    @property
    def min_people(self) -> int:
        """The least number of people who look after an account."""
        return self._number("account.min_people")

    def calendar(
        self, *, zone: str = "", bridge_days_free: bool = False, closed: frozenset[date] = frozenset()
    ) -> Calendar:
        """The working days of the organisation's zone, else of this pack's."""
        return Calendar(zone or self.zone, bridge_days_free, closed)

    def section(self, id: str | None) -> Section | None:
        """The section of that id."""
        return next((section for section in self.sections if section.id == id), None)

    def section_of(self, thing: Parameter | Step | Draft | VisitorNotice | Rung) -> Section | None:
        """The section a thing rests on: the one it names, else the one that holds the first id it cites."""
        held = (section for section in self.sections if set(thing.cites[:1]) & set(section.cites))
        named = None if isinstance(thing, Rung) else thing.section
        return self.section(named) or next(held, None)

    def find(self, id: str) -> Found | None:
        """What carries that name: a section, setting, ladder, permission, checklist, step, field, or requirement."""
        named = self.named()
        by = tuple(name for name, thing in named.items() if id in cites(thing))
        why = self.beyond(id)
        return named.get(id) or (Cited(id=id, by=by, out_of_reach=why) if by else None)

    def beyond(self, id: str) -> Words | None:
        """Why no bot can meet that requirement, if the pack says so."""
        return next((out.says for out in self.out_of_reach if id in out.cites), None)

    def named(self) -> dict[str, Found]:
        """All that has a name in the pack, by that name."""
        return dict(self._named())

    def _named(self) -> list[tuple[str, Found]]:
        found: list[tuple[str, Found]] = [(section.id, section) for section in self.sections]
        found += self.parameters.items()
        found += ((f"ladder.{name}", ladder) for name, ladder in self.ladders.items())
        found.append(("visitor-notice", self.visitor_notice))
        found += ((f"permission.{permission.id}", permission) for permission in self.permissions)
        for checklist in self.checklists.values():
            found.append((checklist.id, checklist))
            for step in checklist.steps:
                found.append((f"{checklist.id}.{step.id}", step))
                found += ((f"{checklist.id}.{step.id}.{field.id}", field) for field in step.fields)
            found += ((f"{checklist.id}.draft.{draft.id}", draft) for draft in checklist.drafts)
        return found

    def _number(self, name: str) -> int:
        value = self.parameters[name].value
        assert isinstance(value, int)  # noqa: S101  # check() refuses a pack in which it is not
        return value


def cites(thing: Found) -> tuple[str, ...]:
    """What a thing cites: a ladder by its rungs, a field by its options."""
    parts = thing if isinstance(thing, tuple) else thing.options if isinstance(thing, Field) else ()
    if parts:
        return tuple(dict.fromkeys(cite for part in parts for cite in part.cites))
    return getattr(thing, "cites", ())


def names() -> tuple[str, ...]:
    """The packs that come with smbot."""
    return PACKS


@lru_cache(maxsize=16)
def load(name: str) -> Pack:
    """The pack of that name. Refuses an unknown one (`policy.unknown`, with the names there are)."""
    if name not in PACKS:
        raise Refused("policy.unknown", name=name, names=", ".join(PACKS))
    return Pack.model_validate(assembled(pack_text(name)))
