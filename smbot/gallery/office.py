"""Where things stand: today, Home, help, the collected messages; refusals and what is said in trouble."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from bot.model import Identity
from bot.screens import joining, overview, removal, runs, setup, trouble
from bot.screens import questions as question_screens
from bot.screens.base import refusal
from bot.screens.letters import letter
from bot.screens.overview import Digest, Waiting
from bot.service.compose import marked
from bot.view import Button, Card, Form, Item
from smbot.gallery import made
from smbot.gallery.world import ANNA, BO, DAG, FRIDAY, MONDAY, NOW, SVEN, TUESDAY, Scene, at

RIGHTS = (
    "settings",
    "set_rights",
    "account",
    "approve",
    "away",
    "edit",
    "enter",
    "enter_decision",
    "history",
    "import",
    "own_request",
    "pattern",
    "join",
    "pilot",
    "place",
    "practice",
    "registry",
    "led",
    "wishes",
    "season",
    "staff",
    "start",
)
REFUSALS = (
    *(f"right.{name}" for name in RIGHTS),
    "account.unknown", "alarm.not_yours", "button.gone", "case.gone", "command.unknown", "form.gone",
    "join.same", "pilot.silent", "practice.gone", "question.no_accounts", "preview.none", "question.only_comments", "round.no_substitute", "round.over", "season.over", "sorry",
)  # fmt: skip


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _mine(s)
    yield from _collected(s.posted)
    yield from _refusals(s)
    yield from _trouble(s)
    yield from _joining(s)


def _waiting(s: Scene) -> list[Waiting]:
    t, question = s.t, question_screens.line(s.later(at(TUESDAY, 8)).eyes, s.question(at(FRIDAY, 9)))
    alarm = t("alarm.title.threat", account=s.eyes.account("bio"))
    accounts = t("list.and", first=s.eyes.account("bio"), last=s.eyes.account("biolab"))
    return [
        Waiting(text=alarm, note=t.moment(at(MONDAY, 9, 45), NOW), at=NOW, late=True, verb="alarm.show", arg="a1"),
        Waiting(text=question.text, note=question.note, at=NOW, late=True, verb="question.show", arg="q1"),
        Waiting(text=t("today.round", accounts=accounts), note=t("round.line.open"), at=NOW, verb="round.tell",
                arg="r1"),
        Waiting(text=runs.standing(s.eyes, made.all_confirmed(s)), note=t.moment(at(FRIDAY, 9), NOW), at=NOW,
                verb="run.overview", arg="n1"),
    ]  # fmt: skip


def _mine(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    found = _waiting(s)
    yield "today", overview.waiting(s.eyes, found, 2)
    yield "today.one", overview.waiting(s.eyes, found[2:3], 1)
    yield "today.nothing", overview.waiting(s.eyes, (), 0)
    yield "home", overview.home(s.eyes, found, 2, office=True)
    yield (
        "home.out_of_reach",
        overview.home(
            s.eyes,
            (),
            0,
            office=True,
            lost=(ANNA, BO),
            gone=tuple(s.register.places.values())[:1],
            mailed=(BO,),
        ),
    )
    yield "home.nothing", overview.home(s.eyes, (), 0, office=False)
    yield "help", overview.help_card(s.eyes)
    yield "show", overview.one(s.eyes, question_screens.card(s.eyes, s.question()))


def _collected(s: Scene) -> Iterator[tuple[str, Card]]:
    s = s.later(at(TUESDAY, 9, 30))
    late = question_screens.line(s.eyes, s.question(at(FRIDAY, 9), rung="head"))
    names = s.t("list.and", first="Bo Lind", last=s.eyes.office_name)
    skipped = Item(text=late.text, note=s.t("heads.skipped", note=late.note, names=names), state="late")
    two_days = Item(text=s.t.many("heads.unlooked", 2, account=s.eyes.account("biolab")), state="open")
    alarm = Item(text=s.t("alarm.title.threat", account=s.eyes.account("bio")), note=s.t("heads.alarm"))
    yield "heads", overview.heads(s.eyes, (late, skipped, two_days, alarm), own=True)
    waits = Card(
        title=s.t("heads.title.waits", n=1),
        buttons=(Button(verb="approval.approve", label=s.t("approval.do.approve")),),
    )
    whole = overview.with_matters(s.eyes, overview.heads(s.eyes, (late,), own=False), [waits])
    yield "heads.letter", letter(s.eyes, whole, chat=False)
    yield "heads.one", overview.heads(s.eyes, (two_days,), own=True)
    yield "heads.waits", overview.heads(s.eyes, (late,), own=False)
    yield "heads.waits.many", overview.heads(s.eyes, (late, alarm), own=False)
    yield from _digests(s, late)


def _digests(s: Scene, late: Item) -> Iterator[tuple[str, Card]]:
    well = Digest(asked=5, unanswered=(), nobody=(), overdue=(), waiting=0, alarms=0, gaps=())
    bio, lab = s.eyes.account("bio"), s.eyes.account("biolab")
    one = Digest(
        asked=1, unanswered=(bio,), nobody=(lab,), overdue=(), waiting=0, alarms=1, gaps=(lab,), requests=1
    )
    many = Digest(
        asked=140,
        unanswered=(bio, lab),
        nobody=(lab, bio),
        overdue=(late,),
        waiting=3,
        alarms=2,
        gaps=(bio, lab) * 4,
        requests=2,
    )
    yield "digest.well", overview.digest(s.eyes, well)
    for n in (1, 2):
        yield f"digest.well{n}", overview.digest(s.eyes, Digest(**{**vars(well), "waiting": n}))
    yield "digest.one", overview.digest(s.eyes, one)
    yield "digest.many", overview.digest(s.eyes, many)


def _refusals(s: Scene) -> Iterator[tuple[str, Card]]:
    values = {"account": s.outside.account, "office": s.eyes.office_name, "trace": "7f3a"}
    for key in REFUSALS:
        yield f"refused.{key}", refusal(s.t, key, **values)


def _joining(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    here = s.having(identities=(
        Identity(platform="slack", realm="T1", user="U1", person=ANNA),
        Identity(platform="teams", realm="t", user="u", person=DAG),
    ))  # fmt: skip
    anna, dag = here.register.people[ANNA], here.register.people[DAG]
    yield "join", joining.join_form(here.eyes)
    yield "join.which", joining.which_form(here.eyes, anna, (dag, here.register.people[SVEN]))
    yield "join.confirm", joining.confirm_form(here.eyes, anna, dag)


def _trouble(s: Scene) -> Iterator[tuple[str, Card]]:
    named: tuple[tuple[Literal["place", "person"], str], ...] = (
        ("place", s.outside.place),
        ("person", s.outside.person),
    )
    for kind, name in named:
        yield f"trouble.{kind}", trouble.unreachable(s.t, kind, name, s.outside.reason)
    yield "trouble.place_shared", trouble.unreachable(s.t, "place", s.outside.place, "place_shared")
    yield "trouble.row", trouble.failed(s.t, "row", "7f3a")
    yield "trouble.case", trouble.failed(s.t, "case", "7f3a")
    yield "trouble.plan", trouble.failed(s.t, "plan", "7f3a", s.outside.place)
    people, places = tuple(s.register.people.values())[:2], tuple(s.register.places.values())[:2]
    found = setup.Facts(people=people, places=places)
    said, doubles = setup.Confirmed(by=people[0].id, at=s.eyes.now), [(people[0], people[1])]
    yield "setup.found", setup.found(s.eyes, found)
    yield "setup.doubles", setup.found(s.eyes, setup.Facts(doubles=doubles))
    yield "setup.not_ready", setup.found(s.eyes, replace(found, ready=False))
    yield "setup.confirmed", setup.found(s.eyes, setup.Facts(confirmed=said))
    yield "setup.confirmed.doubles", setup.found(s.eyes, setup.Facts(confirmed=said, doubles=doubles))
    yield "removed.place", removal.removed(s.eyes, places[:1], ())
    yield "removed.both", removal.removed(s.eyes, places, [p.id for p in people])
    yield "sending.repeat", marked(question_screens.card(s.eyes, s.question()), s.t)
