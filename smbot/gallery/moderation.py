"""A moderation from the first page to its story, and what others are asked on the way."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot import checklists
from bot.cases.alarm import Alarm
from bot.cases.moderation import Moderation
from bot.cases.moderation_state import AGREED
from bot.cases.run_state import Answer
from bot.model import PersonId
from bot.policy import Checklist
from bot.screens import moderation as screens
from bot.view import Card, Form, Value
from smbot.gallery.made import copy_of
from smbot.gallery.world import ANNA, BO, HEIDI, MONDAY, NOW, Scene, at

PACKS = ("generic", "ki", "ki-2021", "kau", "bth", "kth")
TOLD = ("reviewed", "taken_off", "off_reminder", "idle", "left", "done", "owner", "doubt")


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    generic = replace(s, pack_name="generic")
    yield from _begin(generic)
    for pack in PACKS:
        scene = replace(s, pack_name=pack)
        if "moderate" in scene.pack.checklists:
            yield from _pages(pack, scene)
            yield (
                f"moderation.done.{pack}",
                screens.overview(scene.posted.eyes, ended(scene, BREACH), (_alarm(scene),)),
            )
    yield from _overviews(generic)
    yield from _others(generic.posted)
    yield from _forms(generic)


# -- made ---------------------------------------------------------------------------------------


def plan(s: Scene) -> Checklist:
    return s.pack.checklists["moderate"]


def _given(s: Scene) -> dict[str, Value]:
    """An answer to each question of each guideline: nothing wrong, nothing to answer."""
    return {
        "first.threat": "no", "first.pile-on": "no", "first.account": "bio", "first.posts": _link(s),
        "first.posted": at(MONDAY, 8, 30).isoformat(), "first.kind": "comment", "first.source": "own",
        "first.public": "yes", "breach.grounds": ("none",), "breach.which": "", "breach.doubt": "no",
        "police.called": "yes", "capture.taken": "yes", "capture.place": s.outside.answer,
        "capture.sender": s.outside.person, "capture.kept": "registry", "house-rule.reason": s.outside.alarm_line,
        "take-off.done": "now", "take-off.at": "", "archive-only.reason": s.outside.alarm_line, "answer.what": "nothing",
        "answer.at": "", "answer.case": "no", "pass-on.to": BO, "owner.to": HEIDI,
    }  # fmt: skip


BREACH: Mapping[str, Value] = {"first.threat": "yes"}
ADVERT: Mapping[str, Value] = {"breach.grounds": ("advertising",)}


def law(s: Scene) -> tuple[str, ...]:
    """The first ground of law that asks for a capture."""
    step = plan(s).step("breach")
    options = [o for f in step.fields for o in f.options] if step else []
    return tuple(o.id for o in options if o.ground == "law" and "capture" in o.duties)[:1]


def answers(s: Scene, chosen: Mapping[str, Value], until: str = "") -> dict[str, Answer]:
    """Answers on the path that they lead to, before the step `until`."""
    values: dict[str, Value] = {}
    for step in plan(s).steps:
        if step.id == until:
            break
        for field in (*checklists.asked(step), *checklists.reviewed(step)):
            ref = checklists.ref(step, field)
            value = {**_given(s), **chosen}.get(ref)
            if value is None and field.confirmed_by == "runner":
                value = field.options[0].id if field.options else "yes" if field.kind == "confirm" else ""
            if value is not None:
                values[ref] = value
    kept: dict[str, Value] = checklists.kept(plan(s), values)
    return {ref: Answer(value=value, by=ANNA, at=NOW - timedelta(minutes=20)) for ref, value in kept.items()}


def run(s: Scene, chosen: Mapping[str, Value], until: str = "", **changes: Any) -> Moderation:
    made = Moderation(
        id="m1", opened_at=NOW, account="bio", place="web:local:biologi", stamp=s.stamp, runner=ANNA,
        checklist=copy_of(s.pack_name, "moderate"), answers=answers(s, chosen, until), touched_at=NOW,
    )  # fmt: skip
    return replace(made, **changes)


def ended(s: Scene, chosen: Mapping[str, Value], **changes: Any) -> Moderation:
    """Everything is answered, and the decision is chained."""
    wrong: Mapping[str, Value] = {
        "breach.grounds": law(s),
        "first.posts": _many(s),
        "answer.what": "later",
        **chosen,
    }
    usual = {"state": "done", "decision": 12, "closed_at": NOW, "ended_by": ANNA, "alarms": {"threat": "a1"},
             "question": "q1"}  # fmt: skip
    return run(s, wrong, **{**usual, **changes})


def _link(s: Scene) -> str:
    """One post: each line of what is answered is a post of its own."""
    return " ".join(s.outside.question_link.split())


def _many(s: Scene) -> str:
    return "\n".join([_link(s), *(f"https://www.instagram.com/p/Cy{n}" for n in range(7))])


def _alarm(s: Scene) -> Alarm:
    return s.alarm(link=_link(s), receipt_by=PersonId("sven"), receipt_at=NOW)


# -- shown --------------------------------------------------------------------------------------


def _begin(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    bare = s.pack.model_copy(update={"checklists": {}})
    yield "moderation.not_written", screens.not_written(replace(s.eyes, pack=bare))
    waiting = run(s, {"breach.grounds": law(s)}, "take-off", off_since=NOW)
    yield "moderation.listing", screens.listing(s.eyes, (run(s, {}, "answer"), waiting))
    known: dict[str, Value] = {"first.posts": _link(s), "first.source": "own"}
    first = screens.first_form(s.eyes, plan(s), known, actor=ANNA, state="m1|first|new|")
    yield "moderation.step.generic.from_question", first
    told = screens.first_form(s.eyes, plan(s), known, actor=ANNA, state="m1|first|new|", others=("biolab",))
    yield "moderation.step.generic.from_round", told


def _pages(pack: str, s: Scene) -> Iterator[tuple[str, Form]]:
    """Each page, with what leads to it answered."""
    for step in plan(s).steps:
        ways: tuple[Mapping[str, Value], ...] = (
            {}, {"breach.grounds": law(s)}, {"breach.grounds": law(s), "capture.kept": "local"},
            {"answer.what": "forward"}, ADVERT, {"breach.grounds": ("abuse",)}, {"first.kind": "criticism"},
        )  # fmt: skip
        made = (run(s, way, step.id) for way in ways)
        found = next((r for r in made if step in r.path and checklists.asked(step)), None)
        if found:
            state = f"m1|{step.id}|"
            form = screens.step_form(s.eyes, plan(s), step, found.values, actor=ANNA, state=state)
            yield f"moderation.step.{pack}.{step.id}", form


def _overviews(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    wrong, advert = {"breach.grounds": law(s)}, run(s, ADVERT, review_since=NOW)
    raised = run(s, BREACH, "breach", alarms={"threat": "a1"})
    shown = {
        "begun": run(s, {}, "breach"),
        "capture": run(s, {**wrong, "first.posts": _many(s)}, "capture", off_since=NOW),
        "still_there": run(s, wrong, "take-off", off_since=NOW),
        "office": run(s, {**wrong, "take-off.done": "office"}, off_since=NOW, office_since=NOW),
        "abuse": run(s, {"breach.grounds": ("abuse",)}, "police", off_since=NOW),
        "review": advert,
        "review_no": _said(s, "no"),
        "withdrawn": run(s, {}, "breach", state="withdrawn", closed_at=NOW, why=s.outside.alarm_why),
        "removed": run(s, {}, "first", state="removed", closed_at=NOW),
        "criticism": _criticism(s),
    }
    for name, one in shown.items():
        yield f"moderation.overview.{name}", screens.overview(s.eyes, one)
    yield "moderation.overview.alarmed", screens.overview(s.eyes, raised, (s.alarm(),))
    open_ = ended(s, {"answer.what": "nothing"}, alarms={}, left_open=True)
    yield "moderation.overview.left_open", screens.overview(s.eyes, open_)
    yield (
        "moderation.over",
        screens.over(s.eyes, _said(s, "yes", state="done", decision=13, closed_at=NOW, ended_by=BO)),
    )
    step = plan(s).steps[0]
    above = screens.above(s.eyes, raised, step, (s.alarm(),))
    following = plan(s).steps[1]
    yield (
        "moderation.step.generic.alarmed",
        screens.step_form(s.eyes, plan(s), following, raised.values, actor=ANNA, state="m1|", above=above),
    )
    both = screens.meanwhile(s.eyes, run(s, {}, "answer"), following, BO)
    yield (
        "moderation.step.generic.meanwhile",
        screens.step_form(s.eyes, plan(s), following, raised.values, actor=ANNA, state="m1|", above=both),
    )


def _said(s: Scene, what: str, **changes: Any) -> Moderation:
    """A house rule with its answer."""
    asked = run(s, {**ADVERT, AGREED: what}, "answer" if not changes else "")
    return replace(asked, reviewed_as="head", review_why=s.outside.answer if what == "no" else "", **changes)


def _criticism(s: Scene) -> Moderation:
    chosen: Mapping[str, Value] = {
        "first.kind": "criticism",
        "answer.what": "later",
        "breach.grounds": ("none",),
    }
    return ended(s, chosen, alarms={}, handed_to=HEIDI)


def _others(s: Scene) -> Iterator[tuple[str, Card]]:
    wrong = {"breach.grounds": law(s)}
    to_office = run(s, {**wrong, "take-off.done": "office"}, off_since=NOW, office_since=NOW)
    yield "moderation.off.asked", screens.off_card(s.eyes, to_office)
    yield "moderation.off.late", screens.off_card(s.eyes, run(s, wrong, "take-off", off_since=NOW))
    yield "moderation.off.first", screens.off_card(s.eyes, run(s, wrong, "capture", off_since=NOW))
    many = run(
        s, {**wrong, "first.posts": _many(s), "take-off.done": "office"}, off_since=NOW, office_since=NOW
    )
    yield "moderation.off.many", screens.off_card(s.eyes, many)
    abuse = run(s, {"breach.grounds": ("abuse",)}, "police", off_since=NOW)
    yield "moderation.off.abuse", screens.off_card(s.eyes, abuse)
    yield "moderation.off.over", screens.off_card(s.eyes, run(s, wrong))
    yield "moderation.off.noted.own", screens.noted(s.eyes, to_office, "moderation.off.noted.own")
    yield "moderation.off.noted", screens.noted(s.eyes, to_office, "moderation.off.noted")
    yield "moderation.review", screens.review_card(s.eyes, run(s, ADVERT, review_since=NOW))
    yield "moderation.review.over", screens.review_card(s.eyes, _said(s, "no"))
    yield "moderation.review.gone", screens.review_card(s.eyes, run(s, {}))
    yield "moderation.review.older", screens.older(s.eyes, run(s, ADVERT))
    for what in TOLD:
        one = (
            ended(s, BREACH)
            if what in ("done", "owner")
            else _said(s, "no")
            if what == "reviewed"
            else to_office
        )
        yield f"moderation.told.{what}", screens.told_card(s.eyes, one, what)


def _forms(s: Scene) -> Iterator[tuple[str, Form]]:
    yield "moderation.posts", screens.all_posts(s.eyes, ended(s, BREACH))
    yield "moderation.why", screens.why(s.eyes, ended(s, BREACH))
    for form in ("moderation.no", "moderation.withdraw"):
        yield f"{form}.form", screens.ask_text(s.eyes, form, "m1")
