"""What the bot drafts out of answers: texts that are handed over as soon as they can be, ready to be pasted."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot import checklists
from bot.cases.run_state import Run
from bot.model import Language
from bot.policy import Checklist, Draft
from bot.screens.answers import answered, called, field_of, name
from bot.screens.base import Eyes
from bot.texts import LANGUAGES
from bot.view import Card, Form, Part, Quote, Text, Values

HOLE = re.compile(r"\{([a-z0-9-]+(?:\.[a-z0-9-]+)?)\}")
PIECE = 1_400
"""So much is shown in one piece: more would be cut on Slack."""


def has_drafts(run: Run) -> bool:
    return bool(checklists.ready(run.plan, run.values))


def drafts(eyes: Eyes, run: Run) -> Form:
    """All drafts that are ready, and the notice to visitors."""
    parts: list[Part] = []
    for draft in _but_the_notice(run):
        parts += [Text(text=draft.title.of(eyes.t.language), tone="strong"), *_pieces(text(eyes, run, draft))]
    parts += notice(eyes, run.plan, run.values)
    return Form(id="show", title=eyes.t("run.drafts.title"), intro=tuple(parts), writes=False)


def _but_the_notice(run: Run) -> tuple[Draft, ...]:
    return tuple(d for d in checklists.ready(run.plan, run.values) if d.id != checklists.NOTICE)


def card(eyes: Eyes, run: Run, ident: str) -> Card:
    """One draft as it stands with the latest answers, to whoever gave the last of them."""
    draft = next((d for d in checklists.ready(run.plan, run.values) if d.id == ident), None)
    if draft is None:
        return Card(title=eyes.t("run.drafts.gone"))
    values = {"draft": draft.title.of(eyes.t.language), "name": name(eyes, run)}
    found = (
        notice(eyes, run.plan, run.values) if ident == checklists.NOTICE else _pieces(text(eyes, run, draft))
    )
    return Card(
        title=eyes.t("run.drafts.ready", **values), parts=(Text(text=eyes.t("run.drafts.how")), *found)
    )


def text(eyes: Eyes, run: Run, draft: Draft) -> str:
    return _filled(eyes, run.plan, run.values, draft)


def notice(eyes: Eyes, plan: Checklist, values: Values) -> list[Part]:
    """The notice to visitors in both languages, out of answers where the guidelines have it so."""
    draft = next((d for d in checklists.ready(plan, values) if d.id == checklists.NOTICE), None)
    default = draft.default if draft else eyes.pack.visitor_notice.default
    title = eyes.t("run.drafts.notice.default" if default else "run.drafts.notice")
    own = eyes.pack.visitor_notice
    if draft:
        found = [_filled(_in(eyes, language), plan, values, draft) for language in LANGUAGES]
    else:
        found = [words.replace("{contact}", contact(eyes)) for words in (own.sv, own.en)]
    return [Text(text=title, tone="strong"), *(piece for words in found for piece in _pieces(words))]


def contact(eyes: Eyes) -> str:
    """Whom visitors may ask."""
    return eyes.register.office.visitor_contact or eyes.pack.contact or eyes.office_name


def _in(eyes: Eyes, language: Language) -> Eyes:
    return replace(eyes, t=replace(eyes.t, language=language))


def _filled(eyes: Eyes, plan: Checklist, values: Values, draft: Draft) -> str:
    """The template with its answers; a line is left out when it has answers to show and none is there."""
    lines = draft.text.of(eyes.t.language).strip().splitlines()
    return "\n".join(found for line in lines if (found := _line(eyes, plan, values, line)) is not None)


def _line(eyes: Eyes, plan: Checklist, values: Values, line: str) -> str | None:
    known = {hole: _word(eyes, plan, values, hole) for hole in HOLE.findall(line)}
    if known and not any(known.values()):
        return None
    return HOLE.sub(lambda match: known[match.group(1)], line)


def _word(eyes: Eyes, plan: Checklist, values: Values, hole: str) -> str:
    match hole:
        case "name":
            return called(eyes, plan, values)
        case "contact":
            return contact(eyes)
        case _:
            return _ticked(eyes, plan, values, hole) or answered(eyes, plan, values, hole)


def _ticked(eyes: Eyes, plan: Checklist, values: Values, ref: str) -> str:
    """What was ticked, a line each."""
    found = field_of(plan, ref)
    if found is None or found[1].kind != "choices":
        return ""
    ticked = checklists.several(values.get(ref, ""))
    return "\n".join(o.label.of(eyes.t.language) for o in found[1].options if o.id in ticked)


def _pieces(whole: str) -> Iterator[Quote]:
    """The text in pieces that no platform cuts, at line ends where there are any."""
    rest = whole.strip()
    while len(rest) > PIECE:
        at = max(rest.rfind(mark, 0, PIECE) for mark in ("\n", " "))
        at = at if at > 0 else PIECE
        yield Quote(text=rest[:at].rstrip())
        rest = rest[at:].lstrip()
    yield Quote(text=rest)
