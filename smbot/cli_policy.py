"""`smbot deadline`, `calendar` and `policy`: the guidelines on the command line.

They need no environment, open no database and import no chat SDK.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.coverage import Covered, coverage
from bot.model import Refused
from bot.policy import (
    Checklist,
    Cited,
    Draft,
    Field,
    Found,
    Pack,
    Parameter,
    Permission,
    Rung,
    Section,
    Step,
    VisitorNotice,
    Words,
    load,
    names,
)
from bot.policy_check import check
from bot.workdays import FIRST_YEAR, LAST_YEAR, Calendar, deadlines

WRONG_USE = 2
NOT_FOUND = 1


class BridgeDays(StrEnum):
    """Whether a working day between two free days is free too."""

    FREE = "free"
    WORKED = "worked"


class InLanguage(StrEnum):
    """The language of what is printed."""

    SV = "sv"
    EN = "en"


PolicyName = Annotated[str, typer.Option("--policy", help="The guideline: " + ", ".join(names()) + ".")]
Bridge = Annotated[BridgeDays, typer.Option(help="Whether a bridge day (klämdag) is free.")]
Language = Annotated[InLanguage, typer.Option(help="Language of names and texts.")]
Json = Annotated[bool, typer.Option("--json", help="JSON, one object a line (always so here).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")]
Times = Annotated[
    list[str] | None,
    typer.Argument(metavar="[TIME]...", help="ISO times; none: standard input, one a line."),
]


def register(app: typer.Typer) -> None:
    """Adds these commands to the program's own."""
    app.command("deadline")(deadline)
    app.command("calendar")(calendar)
    policy = typer.Typer(help="The guidelines as data.", no_args_is_help=True)
    policy.command("list")(policy_list)
    policy.command("show")(policy_show)
    policy.command("check")(policy_check)
    policy.command("coverage")(policy_coverage)
    app.add_typer(policy, name="policy")


def deadline(
    times: Times = None,
    policy: PolicyName = "generic",
    bridge_days: Bridge = BridgeDays.WORKED,
    as_json: Json = True,
) -> None:
    """When a question that came in at TIME is reminded of, due and passed on: one JSON object a line.

    A time without offset is read in the policy's time zone. These are the policy's instants, before quiet hours.
    A line that is no time is named on standard error; the rest is answered, and the exit code is then 2.
    """
    del as_json
    pack = _pack(policy)
    working = pack.calendar(bridge_days_free=bridge_days is BridgeDays.FREE)
    answered = [_answer(pack, working, number, line) for number, line in _lines(times) if line]
    if not all(answered):
        raise typer.Exit(WRONG_USE)


def _lines(times: list[str] | None) -> Iterable[tuple[int, str]]:
    return ((number, line.strip()) for number, line in enumerate(times or sys.stdin, start=1))


def _answer(pack: Pack, working: Calendar, number: int, line: str) -> bool:
    try:
        arrival = datetime.fromisoformat(line)
        if arrival.tzinfo is None:
            arrival = working.at(arrival.date(), arrival.time())
        found = deadlines(pack.answer, working, arrival)
    except ValueError:
        _complain(f"line {number}: {line!r} is no time such as 2026-11-20T16:00 or 2026-11-20T16:00+01:00")
        return False
    except (Refused, OverflowError):
        _complain(f"line {number}: {line!r} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
        return False
    keys = ("arrival", "remind_at", "last_call", "answer_by", "escalate_at")
    moments: dict[str, datetime | None] = {key: getattr(found, key) for key in keys}
    print(json.dumps({key: moment and moment.isoformat() for key, moment in moments.items()}))
    return True


def calendar(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")],
    policy: PolicyName = "generic",
    bridge_days: Bridge = BridgeDays.WORKED,
    language: Language = InLanguage.SV,
    as_json: Json = True,
) -> None:
    """Each day of a period: is it worked, must accounts be looked at, and is it a holiday or an eve?"""
    del as_json
    pack = _pack(policy)
    working = pack.calendar(bridge_days_free=bridge_days is BridgeDays.FREE)
    if last < first:
        _complain("--to lies before --from")
        raise typer.Exit(WRONG_USE)
    for number in range((last - first).days + 1):
        print(
            json.dumps(
                _day(pack, working, first.date() + timedelta(days=number), language), ensure_ascii=False
            )
        )


def _day(pack: Pack, working: Calendar, day: date, language: InLanguage) -> dict[str, object]:
    try:
        free = working.why_free(day)
    except Refused as refused:
        _complain(f"{day} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
        raise typer.Exit(WRONG_USE) from refused
    named = free if free and free.key in {"holiday", "eve"} else None
    return {
        "date": day.isoformat(),
        "working_day": free is None,
        "monitored": pack.monitored == "every-day" or free is None,
        "holiday": named and (named.sv if language == "sv" else named.en),
    }


def policy_list(language: Language = InLanguage.SV) -> None:
    """The policies there are."""
    for name in names():
        print(f"{name:8}  {load(name).title.of(language.value)}")


def policy_show(
    name: Annotated[str, typer.Argument(help="The policy.")],
    id: Annotated[str | None, typer.Argument(help="A section, setting, step, ladder or requirement.")] = None,
    language: Language = InLanguage.SV,
    as_json: AsJson = False,
) -> None:
    """A policy, or one thing in it, by the name under which it is cited. Defaults are marked."""
    pack = _pack(name)
    found = pack.find(id) if id else pack
    if found is None:
        _complain(f"The policy {name} has nothing called {id}.")
        raise typer.Exit(NOT_FOUND)
    if as_json:
        print(_json(found))
    elif isinstance(found, Pack):
        print("\n".join(_overview(found, language)))
    else:
        print("\n".join(_shown(pack, str(id), found, language)))


def policy_check(file: Annotated[Path, typer.Argument(help="A policy as TOML.")]) -> None:
    """Check a policy file as a whole: each fault on a line, with its place."""
    try:
        faults = check(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        _complain(f"{file} cannot be read: {error}")
        raise typer.Exit(WRONG_USE) from error
    print("\n".join(faults) or f"{file}: no faults")
    raise typer.Exit(NOT_FOUND if faults else 0)


def policy_coverage(
    policy: PolicyName = "generic",
    language: Language = InLanguage.SV,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, one object a line.")] = False,
) -> None:
    """What carries each requirement of a policy: names that `policy show` opens, or why no bot can, or nothing yet."""
    found = coverage(_pack(policy))
    for covered in found:
        print(_covered_json(covered, language) if as_json else _covered(covered, language))
    if not as_json:
        print(_counted(found))


def _covered_json(covered: Covered, language: InLanguage) -> str:
    line: dict[str, object] = {"id": covered.id}
    if covered.carried_by:
        line["carried_by"] = covered.carried_by
    elif covered.out_of_reach:
        line["out_of_reach"] = covered.out_of_reach.of(language.value)
    else:
        line["missing"] = True
    return json.dumps(line, ensure_ascii=False)


def _covered(covered: Covered, language: InLanguage) -> str:
    if covered.carried_by:
        return f"{covered.id}  carried by {', '.join(covered.carried_by)}"
    why = covered.out_of_reach
    return f"{covered.id}  out of reach: {why.of(language.value)}" if why else f"{covered.id}  missing"


def _counted(found: tuple[Covered, ...]) -> str:
    carried = sum(bool(x.carried_by) for x in found)
    beyond = sum(x.out_of_reach is not None for x in found)
    return f"{len(found)} requirements: {carried} carried, {beyond} out of reach, {len(found) - carried - beyond} missing"


def _pack(name: str) -> Pack:
    try:
        return load(name)
    except Refused as refused:
        _complain(f"There is no policy {name}. There are: {', '.join(names())}.")
        raise typer.Exit(WRONG_USE) from refused


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _json(found: Pack | Found) -> str:
    parts = found if isinstance(found, tuple) else (found,)
    dumped = [part.model_dump(mode="json") for part in parts]
    return json.dumps(dumped if isinstance(found, tuple) else dumped[0], ensure_ascii=False)


def _overview(pack: Pack, language: InLanguage) -> list[str]:
    lines = [
        pack.title.of(language.value),
        f"{pack.source} · {pack.name} {pack.version} · {pack.digest[:12]}",
    ]
    lines += [pack.noted.of(language.value)] if pack.noted else []
    for section in pack.sections:
        lines += ["", *_shown(pack, section.id, section, language)]
    lines += [""]
    for name, parameter in pack.parameters.items():
        lines.append(f"{name} = {parameter.value!r}{_mark(pack, parameter)}")
    for checklist in pack.checklists.values():
        lines += ["", *_shown(pack, checklist.id, checklist, language)]
    return lines


def _shown(pack: Pack, id: str, found: Found, language: InLanguage) -> list[str]:
    def say(words: Words | VisitorNotice) -> str:
        return words.sv if language == "sv" else words.en

    match found:
        case Section():
            return [f"{id}: {found.heading}", f"  {say(found.says)}", *_rests_on(found.cites)]
        case Parameter():
            return [f"{id} = {found.value!r}{_mark(pack, found)}", f"  {say(found.says)}"]
        case VisitorNotice():
            return [f"{id}{_mark(pack, found)}", f"  {say(found)}"]
        case Checklist():
            steps = [
                f"  {step.half:6}  {id}.{step.id}: {say(step.title)}{_mark(pack, step)}"
                for step in found.steps
            ]
            return [f"{id}: {say(found.title)}", f"  {say(found.intro)}", *steps]
        case Step():
            asked = [f"  {field.id}: {say(field.ask)}" for field in found.fields]
            return [f"{id}: {say(found.title)}{_mark(pack, found)}", f"  {say(found.why)}", *asked]
        case Draft():
            return [
                f"{id}: {say(found.title)}{_mark(pack, found)}",
                *(f"  {x}" for x in say(found.text).splitlines()),
            ]
        case Field():
            options = [f"  {option.id}: {say(option.label)}" for option in found.options]
            return [f"{id} ({found.kind}): {say(found.ask)}", *options]
        case Permission():
            held = f"  {found.rule or found.step}"
            return [f"{id}  [{', '.join(found.cites)}]", f"  {say(found.says)}", held]
        case Cited():
            why = [f"  {say(found.out_of_reach)}"] if found.out_of_reach else []
            return [f"{id}: {', '.join(found.by)}", *why]
        case _:
            rungs = (
                f"  {rung.when}: {', '.join(rung.who)} ({rung.where}){_mark(pack, rung)}" for rung in found
            )
            return [id, *rungs]


def _rests_on(cites: tuple[str, ...]) -> list[str]:
    return [f"  {', '.join(cites)}"] if cites else []


def _mark(pack: Pack, thing: Parameter | Step | Draft | VisitorNotice | Rung) -> str:
    unbuilt = "; not built yet" if isinstance(thing, Parameter) and thing.unbuilt else ""
    if not thing.default:
        section = None if isinstance(thing, Rung) else pack.section_of(thing)
        return f"  [{', '.join(thing.cites)}{f'; {section.heading}' if section else ''}{unbuilt}]"
    like = thing.like if isinstance(thing, Parameter) else None
    return f"  [default{f', as {like}' if like else ''}{unbuilt}]"
