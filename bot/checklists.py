"""A checklist with answers: which steps are shown, what comes next, what an answer must be. Pure."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import time
from functools import lru_cache
from typing import Any, Literal

from bot.model import Account, PersonId, Unit
from bot.plain import natural
from bot.policy import ApproverRole, Checklist, Condition, Draft, Field, Offered, Option, Request, Step, Words
from bot.register import Register
from bot.texts import Texts
from bot.view import Value, Values

Half = Literal["before", "after"]

LEVEL, UNIT = "level.level", "level.unit"
PLATFORM, NAME = "platform.platform", "platform.name"
PURPOSE, AUDIENCE, HOURS_A_WEEK = "purpose.purpose", "audience.who", "resources.hours"
PEOPLE, MANAGER = "people.people", "people.manager"
AGREED = "agreed"
"""The answer that somebody watches on free days, agreed with the head, who confirms it by approving."""
SUBSTITUTES, COVER, FREE_DAYS = "substitutes.substitutes", "substitutes.cover", "substitutes.free-days"
HEAD = "head.head"
ADDRESS, FINAL_NAME = "made.address", "made.name"
NOTICE = "notice"
THREAT, PILE_ON, ACCOUNT, POSTS = "first.threat", "first.pile-on", "first.account", "first.posts"
POSTED, KIND, VISIBLE = "first.posted", "first.kind", "first.public"
GROUNDS, DOUBT, CASE = "breach.grounds", "breach.doubt", "answer.case"
"""`VISIBLE` and `DOUBT` only where the guideline asks; they share a page, so that a routine moderation is six presses."""
CLOSING, CLOSING_LEVEL = "accounts.accounts", "accounts.level"
WHY_CLOSE, WHY_CLOSE_TEXT = "why.reason", "why.text"
INSTEAD, INSTEAD_SINCE, COMMENTS_OFF = "comments-off.instead", "comments-off.since", "yes"
PICTURE, PICTURE_DAY = "snapshot.place", "snapshot.day"
CHECKED = "open-items.checked"
OF_EACH_ACCOUNT = ("comments-off", "snapshot", "open-items")
"""Steps of a closure whose answers are true of the accounts that were chosen when they were given."""
OWN = "own-place"
OWN_PLACE, OWN_HOUR = f"{OWN}.place", f"{OWN}.hour"
"""What the bot itself understands of a checklist: the pack's ids for it, and the bot's own step (exact-rules, "Requests")."""

HOURS = tuple(time(h, m) for h in range(7, 17) for m in (0, 30))
ASKED = "asked"
"""The answer to what each person confirms, when whoever ran the step is none of them."""


# -- making and reading a copy ------------------------------------------------------------------


def with_own_step(checklist: Checklist) -> Checklist:
    """The pack's checklist, followed in its first half by the bot's own step: place and hour."""
    steps = (*checklist.half("before"), _own_step(), *checklist.half("after"))
    return checklist.model_copy(update={"steps": steps})


def of(copy: Mapping[str, Any]) -> Checklist:
    """A run's own copy of its checklist. Each copy is read once: every change of a run asks for it many times."""
    return _read_once(_Copy(copy))


class _Copy:
    """A copy that is known again as long as it is the same one: a run passes it on unchanged with each change."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Copy) and self.data is other.data

    def __hash__(self) -> int:
        return id(self.data)


@lru_cache(maxsize=64)
def _read_once(copy: _Copy) -> Checklist:
    return _checked(json.dumps(copy.data))


@lru_cache(maxsize=64)
def _checked(copy: str) -> Checklist:
    """Runs of one checklist hold equal copies, and each time a run is read its copy is another one: it is checked once."""
    return Checklist.model_validate_json(copy)


def copied(checklist: Checklist) -> dict[str, Any]:
    return checklist.model_dump(mode="json", by_alias=True)


def _own_step() -> Step:
    hours = tuple(
        Option(id=hour_id(h), label=Words(sv=h.strftime("%H.%M"), en=h.strftime("%H:%M"))) for h in HOURS
    )
    fields = (
        Field(id="place", kind="line", required=False, ask=_both("run.own.place"), hint=_both("run.own.place.hint")),
        Field(id="hour", kind="choice", options=hours, ask=_both("run.own.hour"), hint=_both("run.own.hour.hint")),
    )  # fmt: skip
    return Step(id=OWN, half="before", title=_both("run.own.title"), help=_both("run.own.help"),
                why=_both("run.own.why"), section=OWN, default=True, fields=fields)  # fmt: skip


def _both(key: str) -> Words:
    return Words(sv=Texts("sv")(key), en=Texts("en")(key))


def hour_id(hour: time) -> str:
    return hour.strftime("%H-%M")


def hour_of(answers: Values) -> time:
    """The hour answered to the bot's own step; nine o'clock when there is none."""
    try:
        return time.fromisoformat(str(answers.get(OWN_HOUR, "")).replace("-", ":"))
    except ValueError:
        return time(9)


# -- the path -----------------------------------------------------------------------------------


def ref(step: Step, field: Field) -> str:
    return f"{step.id}.{field.id}"


def path(checklist: Checklist, answers: Values) -> tuple[Step, ...]:
    """The steps that these answers lead through; a step that hangs on one that is not shown is not shown either.

    After a step whose request ends the run nothing is left to ask, after a gate that is not done nothing yet.
    """
    known = _ahead(checklist, answers)
    held = next(
        (n for n, step in enumerate(known, 1) if step.gate and not is_done(step, answers)), len(known)
    )
    return known[:held]


def _ahead(checklist: Checklist, answers: Values) -> tuple[Step, ...]:
    """The path as it is known, also behind a gate that is not done."""
    shown: list[Step] = []
    here: set[str] = set()
    taken: list[Option] = []
    for step in checklist.steps:
        if _offered(step.when, answers, here, _duties(taken)):
            shown.append(step)
            here.add(step.id)
            taken += _chosen_in(step, answers)
            if step.request and step.request.ends:
                break
    return tuple(shown)


def owed(steps: Iterable[Step], answers: Values) -> tuple[str, ...]:
    """The duties that the answers to these steps ask for, less those that one of them forbids (C-12)."""
    return _duties([option for step in steps for option in _chosen_in(step, answers)])


def _duties(options: Collection[Option]) -> tuple[str, ...]:
    barred = {duty for option in options for duty in option.bars}
    return tuple(dict.fromkeys(duty for option in options for duty in option.duties if duty not in barred))


def _chosen_in(step: Step, answers: Values) -> list[Option]:
    """The options that are chosen in a step. Of what nobody answered, most fields of a long checklist, none is."""
    given = [(f, several(answers.get(ref(step, f), ""))) for f in step.fields if f.options]
    return [option for field, values in given if values for option in field.options if option.id in values]


def _offered(ways: Offered, answers: Values, here: Collection[str], duties: Collection[str] = ()) -> bool:
    """Whether one of the ways holds, by answers to steps that are shown and the duties that follow from them."""
    return not ways or any(all(_holds(c, answers, here, duties) for c in way) for way in ways)


def _holds(condition: Condition, answers: Values, here: Collection[str], duties: Collection[str]) -> bool:
    if condition.duty:
        return condition.duty in duties
    given = several(answers.get(condition.field, ""))
    return condition.field.partition(".")[0] in here and any(v in condition.any_of for v in given)


def several(value: Value) -> tuple[str, ...]:
    """One value or more, as a tuple."""
    return ((value,) if value else ()) if isinstance(value, str) else tuple(value)


def offered(field: Field, answers: Values) -> tuple[Option, ...]:
    """The options that these answers leave to choose from."""
    here = {ref.partition(".")[0] for ref in answers}
    return tuple(o for o in field.options if _offered(o.when, answers, here))


def likely(field: Field, answers: Values) -> str:
    """The option that these answers make the likely one; "" for none (C-27)."""
    here = {ref.partition(".")[0] for ref in answers}
    found = (o.id for o in offered(field, answers) if o.likely and _offered(o.likely, answers, here))
    return next(found, "")


def kept(checklist: Checklist, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without those of a branch that has been left, nor those that are not offered any more."""
    found = dict(answers)
    while True:
        values = {name: getattr(a, "value", a) for name, a in found.items()}
        fields = {ref(step, field): field for step in path(checklist, values) for field in step.fields}
        left = {name: a for name, a in found.items() if name in fields and _still(fields[name], values, name)}
        if left == found:
            return found
        found = left


def _still(field: Field, values: Values, name: str) -> bool:
    """Whether all that was chosen can still be chosen."""
    return not field.options or set(several(values[name])) <= {o.id for o in offered(field, values)}


def stopped(checklist: Checklist, answers: Values) -> tuple[str, Option] | None:
    """The answer that ends the run, with the option whose text says where to go instead."""
    found = ((name, option) for name, option in chosen(checklist, answers) if option.then == "stop")
    return next(found, None)


def chosen(checklist: Checklist, answers: Values) -> tuple[tuple[str, Option], ...]:
    """Every option that was chosen on the path, with its "step.field"."""
    fields = ((ref(s, f), f) for s in path(checklist, answers) for f in s.fields)
    return tuple((name, o) for name, f in fields for o in f.options if o.id in several(answers.get(name, "")))


def asked(step: Step) -> tuple[Field, ...]:
    """What whoever runs the checklist is asked; what the head confirms is a line of the approval (users.md U5)."""
    return tuple(f for f in step.fields if f.confirmed_by in ("runner", "each-person"))


def reviewed(step: Step) -> tuple[Field, ...]:
    """What the account's head or communications answers."""
    return tuple(f for f in step.fields if f.confirmed_by == "reviewer")


def missing(step: Step, answers: Values) -> tuple[str, ...]:
    """What is asked and not answered yet; something optional is answered once it was left empty."""
    fields = (*asked(step), *reviewed(step))
    return tuple(ref(step, field) for field in fields if _lacks(field, answers.get(ref(step, field))))


def _lacks(field: Field, answer: Value | None) -> bool:
    if answer is None or (field.required and not field.later and not answer):
        return True
    return any(o.then == "wait" and o.id in several(answer) for o in field.options)


def is_done(step: Step, answers: Values) -> bool:
    return not missing(step, answers)


def later(checklist: Checklist, answers: Values) -> tuple[Step, ...]:
    """The steps with something that may wait until the account is live, and is not answered yet."""
    steps = path(checklist, answers)
    return tuple(s for s in steps if any(f.later and not answers.get(ref(s, f)) for f in s.fields))


def next_step(checklist: Checklist, answers: Values, half: Half, after: str = "") -> Step | None:
    """The next step that is not done: the first one after `after`, else the first of all; None when all are."""
    steps = [s for s in path(checklist, answers) if s.half == half]
    ids = [s.id for s in steps]
    start = ids.index(after) + 1 if after in ids else 0
    return next((s for s in (*steps[start:], *steps[:start]) if not is_done(s, answers)), None)


def progress(checklist: Checklist, answers: Values, step: str) -> tuple[int, int]:
    """Which step of how many, counted in its half on the path as it is known: what a gate still holds back comes too."""
    found = {s.id: s.half for s in _ahead(checklist, answers) if asked(s)}
    ids = [ident for ident, half in found.items() if half == found.get(step)]
    return (ids.index(step) + 1 if step in ids else 0, len(ids))


# -- who ----------------------------------------------------------------------------------------


def named(answers: Values) -> tuple[PersonId, ...]:
    """Everybody named on the account: manager, people, substitutes and who takes over, each once."""
    found = [p for name in (MANAGER, PEOPLE, SUBSTITUTES, COVER) for p in _people(answers, name)]
    return tuple(dict.fromkeys(found))


def account_people(answers: Values) -> tuple[PersonId, ...]:
    """The account's people: its manager first, then the others, then the substitutes."""
    found = [p for name in (MANAGER, PEOPLE, SUBSTITUTES) for p in _people(answers, name)]
    return tuple(dict.fromkeys(found))


def _people(answers: Values, name: str) -> tuple[PersonId, ...]:
    return tuple(PersonId(p) for p in several(answers.get(name, "")) if p)


def each_person(checklist: Checklist, answers: Values) -> tuple[str, ...]:
    """What every named person confirms, as far as its step has been answered."""
    return tuple(name for name, _ in _confirmed_by(checklist, answers, "each-person") if name in answers)


def by_head(checklist: Checklist, answers: Values) -> tuple[Field, ...]:
    """What whoever approves confirms by approving."""
    return tuple(field for _, field in _confirmed_by(checklist, answers, "head"))


def _confirmed_by(checklist: Checklist, answers: Values, who: str) -> list[tuple[str, Field]]:
    return [(ref(s, f), f) for s in path(checklist, answers) for f in s.fields if f.confirmed_by == who]


def requests(checklist: Checklist, answers: Values) -> tuple[tuple[Step, Request], ...]:
    """The steps in which communications is asked, with what it is asked."""
    return tuple((s, s.request) for s in path(checklist, answers) if s.request)


def by_communications(step: Step) -> tuple[str, ...]:
    """What communications confirms in a step, each by another person."""
    return tuple(ref(step, f) for f in step.fields if f.confirmed_by == "communications")


def may_be_asked(checklist: Checklist, answers: Values, step: Step) -> bool:
    """Communications is asked as soon as the step, and all before it, is answered."""
    steps = path(checklist, answers)
    return all(is_done(s, answers) for s in steps[: steps.index(step) + 1])


def changed(checklist: Checklist, before: Values, after: Values) -> tuple[Step, ...]:
    """The steps whose confirmations rest on an answer that has become another."""
    new = {name for name in before if before[name] and before[name] != after.get(name)}
    return tuple(step for step in checklist.steps if new & set(step.rests_on))


def ready(checklist: Checklist, answers: Values) -> tuple[Draft, ...]:
    """The drafts whose answers are all there."""
    return tuple(d for d in checklist.drafts if all(need in answers for need in d.needs))


def approver_role(checklist: Checklist, answers: Values) -> ApproverRole:
    return checklist.approver_for({name: v for name, v in answers.items() if isinstance(v, str)})


def unit_of(register: Register, answers: Values) -> Unit | None:
    """The unit that was answered, by id or by its name."""
    given = str(answers.get(UNIT, ""))
    wanted = given.strip().casefold()
    by_name = (u for u in register.units.values() if u.name.casefold() == wanted)
    return register.units.get(given) or next(by_name, None)


def unit_id(register: Register, answers: Values) -> str | None:
    """The id of the unit that was answered, if the register has it."""
    unit = unit_of(register, answers)
    return unit.id if unit else None


def similar(register: Register, answers: Values) -> tuple[Account, ...]:
    """Accounts that may already do: the same unit on the same platform, or a word of the name in common."""
    unit, platform = unit_of(register, answers), answers.get(PLATFORM, "")
    words = _words(str(answers.get(NAME, "")))
    found = (
        a for a in register.accounts.values()
        if a.state != "closed" and (
            (unit is not None and a.unit == unit.id) or (a.platform == platform and words & _words(a.name)))
    )  # fmt: skip
    return tuple(sorted(found, key=lambda a: (a.platform != platform, natural(a.name))))


def _words(name: str) -> frozenset[str]:
    plain = "".join(c if c.isalnum() else " " for c in name.casefold())
    return frozenset(w for w in plain.split() if len(w) > 2)


def accounts(register: Register, actor: PersonId | None = None) -> tuple[Account, ...]:
    """The accounts that are not closed, those on which `actor` is named first, then by name."""
    found = (a for a in register.accounts.values() if a.state != "closed")
    return tuple(sorted(found, key=lambda a: (actor not in a.people, natural(a.name), a.id)))


def first_sentences(text: str, most: int = 280) -> str:
    """Whole sentences from the beginning, as many as fit; at least the first, cut."""
    flat = " ".join(text.split())
    if len(flat) <= most:
        return flat
    end = max((flat.rfind(mark, 0, most) for mark in (". ", "! ", "? ")), default=-1)
    return flat[: end + 1] if end > 0 else f"{flat[: most - 1].rstrip()}…"
