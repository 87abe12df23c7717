"""A moderation as it is stored: one run over one or many posts, with its own copy of the pack's checklist."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Literal

from bot import checklists
from bot.cases.base import CaseBase
from bot.cases.run_state import Answer
from bot.model import PersonId, Stamp
from bot.policy import Checklist, Option, Step
from bot.view import Value, Values

ModerationState = Literal["open", "done", "withdrawn", "removed"]
CAPTURE, TAKE_OFF, REVIEW, POLICE, REGISTRAR, ALARM = (
    "capture", "take-off", "review", "police", "registrar", "alarm"
)  # fmt: skip
BY_ITSELF = (REGISTRAR, ALARM)
"""Duties that the bot does: it files when the run ends, and alarms at once."""
DONE, DONE_AT, NOW, OFFICE = "take-off.done", "take-off.at", "now", "office"
REASON, AGREED = "house-rule.reason", "house-rule.agreed"
SOURCE, KEPT, SENDER = "first.source", "capture.kept", "capture.sender"
WHAT, TO, OWNER = "answer.what", "pass-on.to", "owner.to"
"""What the bot itself understands of the checklist, besides the names in bot/checklists.py."""


@dataclass(frozen=True, kw_only=True)
class Moderation(CaseBase):
    """`answers` by "step.field". `alarms`: kind -> the alarm that was raised for it, or stood already.

    `off_since`: since when something waits to be taken off. `office_since`: since when communications is asked to.
    `review_since`: since when a house rule waits for a yes or no, said as head or for communications (`reviewed_as`).
    `question`: the one that it came from, or that followed. `handed_to`: who really got what is to be answered.
    `left_open`: a question on its posts was neither handed on nor could be ended.
    `told`: what has been said of what comes with time.
    """

    case: Literal["moderation"] = "moderation"
    stamp: Stamp
    checklist: Mapping[str, Any]
    runner: PersonId
    state: ModerationState = "open"
    answers: Mapping[str, Answer] = field(default_factory=dict)
    alarms: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    touched_at: datetime | None = None
    off_since: datetime | None = None
    office_since: datetime | None = None
    review_since: datetime | None = None
    reviewed_as: str = ""
    review_why: str = ""
    told: tuple[str, ...] = ()
    why: str = ""  # of a withdrawal
    decision: int | None = None
    handed_to: str = ""
    left_open: bool = False
    ended_by: PersonId | None = None

    @cached_property
    def plan(self) -> Checklist:
        return _parsed(json.dumps(self.checklist))

    @cached_property
    def values(self) -> dict[str, Value]:
        return {name: answer.value for name, answer in self.answers.items()}

    @cached_property
    def path(self) -> tuple[Step, ...]:
        return checklists.path(self.plan, self.values)

    @property
    def duties(self) -> tuple[str, ...]:
        """What the answers so far ask for, in the order in which they did."""
        return checklists.owed(self.path, self.values)

    def meets(self, duty: str) -> Step | None:
        """The step that hangs on a duty, if it is shown."""
        return next((step for step in self.path if hangs_on(step, duty)), None)

    def is_met(self, duty: str) -> bool:
        """Whether a duty is done; one that the bot does itself never holds the run open."""
        step = self.meets(duty)
        return duty in BY_ITSELF or (step is not None and checklists.is_done(step, self.values))

    @property
    def open_duties(self) -> tuple[str, ...]:
        return tuple(duty for duty in self.duties if not self.is_met(duty))

    @property
    def chosen(self) -> tuple[tuple[str, Option], ...]:
        return checklists.chosen(self.plan, self.values)

    @property
    def grounds(self) -> tuple[Option, ...]:
        """What the posts break: the options that let them be taken off."""
        return tuple(option for _, option in self.chosen if option.ground)

    @property
    def breach(self) -> bool:
        """A breach of law, or of a house rule that somebody else has agreed to."""
        return any(o.ground == "law" for o in self.grounds) or TAKE_OFF in self.duties

    @property
    def waits_to_be_taken_off(self) -> bool:
        return self.is_open and TAKE_OFF in self.open_duties

    @property
    def may_be_taken_off(self) -> bool:
        """Only after the capture, or where none may be taken: the step is shown then (C-23)."""
        return self.waits_to_be_taken_off and self.meets(TAKE_OFF) is not None

    @property
    def waits_for_review(self) -> bool:
        """Whether the reason is given, and the yes or no is not."""
        step = self.meets(REVIEW)
        return self.is_open and step is not None and _lacks_only_review(step, self.values)

    @property
    def own(self) -> tuple[PersonId, ...]:
        """Who does not say yes to their own wish: the runner, and whoever gave the reason."""
        reason = self.answers.get(REASON)
        return (self.runner, reason.by) if reason else (self.runner,)

    @property
    def took_part(self) -> tuple[PersonId, ...]:
        """Everybody who has answered something, the runner first."""
        return tuple(dict.fromkeys((self.runner, *(a.by for a in self.answers.values()))))

    @property
    def posts(self) -> tuple[str, ...]:
        """One address, or a few words, a post."""
        return lines(self.values)

    @property
    def next_step(self) -> Step | None:
        """The next step that the runner can answer; what others have to do is none of theirs."""
        return self.step_after("")

    def step_after(self, step: str) -> Step | None:
        """The first step after `step`, else of all, that is still to be answered by whoever goes through the run."""
        ids = [s.id for s in self.path]
        start = ids.index(step) + 1 if step in ids else 0
        return next((s for s in (*self.path[start:], *self.path[:start]) if self._asks(s)), None)

    def _asks(self, step: Step) -> bool:
        if hangs_on(step, TAKE_OFF) and self.values.get(DONE) == OFFICE:
            return False  # it waits for communications
        refs = {checklists.ref(step, f) for f in checklists.asked(step)}
        return bool(refs & set(checklists.missing(step, self.values)))

    @property
    def is_whole(self) -> bool:
        """Nothing is left to answer and no duty is open: it may end."""
        done = all(checklists.is_done(step, self.values) for step in self.path)
        return self.is_open and bool(self.answers) and done and not self.open_duties

    @property
    def alarms_wanted(self) -> tuple[str, ...]:
        """Kinds of alarm that the answers ask for and that have not been raised for this run."""
        asked = [_kind(name) for name, option in self.chosen if ALARM in option.duties]
        wanted = dict.fromkeys(asked) if ALARM in self.duties else {}
        return tuple(kind for kind in wanted if kind not in self.alarms)

    @property
    def doubts(self) -> str:
        """Who is asked where the guidelines have a question on doubt: "office", "management" or ""."""
        found = str(self.values.get(checklists.DOUBT, ""))
        return found if found in ("office", "management") else ""

    @property
    def is_kept(self) -> bool:
        """Never removed for lying still: something is marked, raised or asked that somebody has to end."""
        return self.breach or self.waits_for_review or bool(self.alarms)

    @property
    def left_since(self) -> datetime | None:
        """Since when nobody has gone on with what must be ended, where no other reminder speaks of it."""
        asked = self.off_since or self.review_since
        if not self.is_open or not self.is_kept or asked or self.is_whole:
            return None
        return max((self.touched_at or self.opened_at, *(a.at for a in self.answers.values())))

    def waits_for(self, rung: str) -> bool:
        """Whether what a mark would say is still true. `rung`: what waits, ":", since when."""
        what, _, rest = rung.partition(":")
        since = rest.partition(":")[0]
        match what:
            case "review":
                return self.waits_for_review and since == stamp(self.review_since)
            case "take_off":
                return self.waits_to_be_taken_off and since == stamp(self.off_since)
            case "left":
                return self.left_since is not None and since == stamp(self.left_since)
            case _:
                return False


@lru_cache(maxsize=64)
def _parsed(copy: str) -> Checklist:
    """Of one run the same copy is read again with each change."""
    return Checklist.model_validate_json(copy)


def stamp(since: datetime | None) -> str:
    """What keeps two askings apart."""
    return str(int(since.timestamp() * 1000)) if since else ""


def hangs_on(step: Step, duty: str) -> bool:
    return any(condition.duty == duty for way in step.when for condition in way)


def rests_on_duty(step: Step) -> bool:
    return any(condition.duty for way in step.when for condition in way)


def lines(values: Values) -> tuple[str, ...]:
    """The lines of the posts as they are kept: each once, without empty ones."""
    given = str(values.get(checklists.POSTS, ""))
    return tuple(dict.fromkeys(line.strip() for line in given.splitlines() if line.strip()))


def _kind(name: str) -> str:
    return "pile_on" if name == checklists.PILE_ON else "threat"


def _lacks_only_review(step: Step, values: Values) -> bool:
    reviewed = {checklists.ref(step, f) for f in checklists.reviewed(step)}
    lacks = set(checklists.missing(step, values))
    return bool(lacks) and lacks <= reviewed
