"""The end of a moderation, in one transaction: the decision is chained, the registrar gets it, and what is still to be answered follows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from bot import checklists, rights
from bot.cases.moderation import Finished, Follows, Moderation, decide
from bot.cases.moderation_state import (
    AGREED,
    CAPTURE,
    DONE,
    KEPT,
    NOW,
    OWNER,
    POLICE,
    REGISTRAR,
    SOURCE,
    TAKE_OFF,
    TO,
    WHAT,
)
from bot.cases.question import Ended, Forwarded, Question, logged
from bot.cases.question import decide as decide_question
from bot.model import Account, PersonId, Refused
from bot.policy import Step
from bot.ports import Decision
from bot.service import questions, records
from bot.service.base import Work

FOR_REGISTRY = "for-registry.taken"
WORDS = ("line", "lines", "link", "checksum")
"""The kinds of fields that somebody writes in: what stands there can be purged."""
"""The picture of what is registered though it breaks nothing (KISV-63, KAU-55)."""


async def finished(work: Work, run: Moderation) -> Moderation:
    """The run as it stands, or ended when nothing is left of it. Run twice it ends once: what is over is not whole."""
    if not run.is_whole:
        return run
    follows = await _follow(work, run)
    decision = await _decided(work, run)
    if REGISTRAR in run.duties:
        await records.file(work, "moderation", decision, run.account, posts=max(len(run.posts), 1))
    event = Finished(by=work.actor.id, decision=decision.number, follows=follows)
    return await work.apply(run, decide(run, event, work.now, work.hours))


# -- what is still to be answered ---------------------------------------------------------------


async def _follow(work: Work, run: Moderation) -> Follows:
    """Every open question on its posts is ended or goes on; else one follows, if needed. It is the runner who acts."""
    what = str(run.values.get(WHAT, ""))
    found = await _linked(work, run)
    first = found[0].id if found else ""
    if what in ("later", "forward"):
        return await _handed(work, run, found or await _logged(work, run))
    ended = [await _end(work, run, question, what) for question in found]
    return Follows(question=first, left_open=not all(ended))


async def _end(work: Work, run: Moderation, question: Question, what: str) -> bool:
    """Whether it could be: by whoever may answer it, and with nothing to answer only where it is a comment (C-48)."""
    by = next((p for p in (run.runner, work.actor.id) if _works_on(work, question, p)), None)
    if by is None or (what != "answered" and question.where != "comment"):
        return False
    how: Literal["answered", "seen"] = "answered" if what == "answered" else "seen"
    await _do(work, question, Ended(by=by, how=how))
    return True


def _works_on(work: Work, question: Question, person: PersonId) -> bool:
    """Anybody may moderate; a question of others is ended only by whoever may do that (exact-rules, rights)."""
    account, known = work.register.accounts.get(question.account or ""), work.register.people.get(person)
    free = not work.hours.is_working_day(work.today)
    role = rights.role_on(work.register, known, account, work.today, free=free) if account and known else ""
    return bool(role) or person in (question.forwarded_to, question.logged_by)


async def _linked(work: Work, run: Moderation) -> list[Question]:
    """The open one that it came from, and those on its posts, as they were logged."""
    cases = await work.tx.open_cases("question", account=run.account)
    found = [q for q in cases if isinstance(q, Question) and _is_on(q, run)]
    if run.question and run.question not in {q.id for q in found}:
        try:
            found.insert(0, await work.case(run.question, Question))
        except Refused:
            return found
    return sorted((q for q in found if q.is_open), key=lambda q: q.id != run.question)


def _is_on(question: Question, run: Moderation) -> bool:
    return bool(question.link) and any(questions.same_post(question.link, post) for post in run.posts)


async def _logged(work: Work, run: Moderation) -> list[Question]:
    """With its clock begun when the visitor posted, so that what is late shows as late (C-32)."""
    account = work.register.accounts.get(run.account or "")
    if account is None:
        return []
    first = next(iter(run.posts), "")
    if POLICE in run.duties:
        first = ""  # its address is not passed on (C-12)
    link = _link(first)
    kind = str(run.values.get(checklists.KIND, ""))
    hidden = run.values.get(checklists.VISIBLE) == "no" or not link
    given = {"where": "direct" if hidden else "comment", "text": "" if link else first[:280],
             "kind": kind if kind in ("question", "criticism") else "comment"}  # fmt: skip
    posted = datetime.fromisoformat(str(run.values[checklists.POSTED]))
    question = replace(questions.make(work, account, posted, link, given), logged_by=run.runner)
    saved = await work.add(logged(question, work.hours))
    await questions.touch_rounds(work, saved.place)
    return [saved]


def _link(post: str) -> str:
    try:
        return questions.link_of(post)
    except Refused:
        return ""


async def _handed(work: Work, run: Moderation, found: Sequence[Question]) -> Follows:
    """On to whoever was named, or answers for what is criticised; the clock runs on (BTH-77).

    Anybody may hand on what stands on their posts: it ends nothing. Nothing is handed to the runner themselves.
    """
    to = PersonId(str(run.values.get(TO, "") or run.values.get(OWNER, "")))
    got = found and to and to != run.runner
    for question in found if got else ():
        if question.forwarded_to != to:
            await _do(work, question, Forwarded(by=run.runner, to=to))
    return Follows(question=found[0].id if found else "", handed_to=to if got else "")


async def _do(work: Work, question: Question, event: Ended | Forwarded) -> None:
    await work.apply(question, decide_question(question, event, work.now, work.hours))
    await questions.touch_rounds(work, question.place)


# -- the decision -------------------------------------------------------------------------------


async def _decided(work: Work, run: Moderation) -> Decision:
    """Once: what was found and done, under which sections, by which roles. Addresses, names and words stand apart, salted.

    It is the runner's, also where communications does the last thing of it.
    """
    body, personal = _body(work, run), _personal(work, run)
    return await records.record(work, "moderation", body, personal, by=run.runner)


def _body(work: Work, run: Moderation) -> dict[str, object]:
    values, account = run.values, work.register.accounts.get(run.account or "")
    posted = datetime.fromisoformat(str(values[checklists.POSTED]))
    return {
        "run": run.id,
        **_of(account),
        "posts": max(len(run.posts), 1),
        "posted": work.hours.today(posted).isoformat(),
        "kind": str(values.get(checklists.KIND, "")),
        "source": str(values.get(SOURCE, "")),
        "categories": [option.id for option in run.grounds],
        "threat": "threat" in run.alarms,
        "pile_on": "pile_on" in run.alarms,
        "captured": CAPTURE in run.duties or values.get(FOR_REGISTRY) == "yes",
        "kept": str(values.get(KEPT, "")),
        "taken_off": _taken_off(run),
        "house_rule": str(values.get(AGREED, "")),
        "reviewed_by": run.reviewed_as,
        "registrar": REGISTRAR in run.duties,
        "answer": str(values.get(WHAT, "")),
        "case": str(values.get(checklists.CASE, "")),
        "decided_by": _role(work, account, run.runner),
        "took_part": sorted({_role(work, account, p) for p in run.took_part if p != run.runner}),
        **records.rests(work, [_cited(run, step) for step in run.path], run.stamp),
    }


def _of(account: Account | None) -> dict[str, object]:
    """The account by id, name and place in the organisation: names of accounts are no personal data here."""
    if account is None:
        return {"account": None, "account_name": "", "platform": "", "unit": ""}
    return {
        "account": account.id,
        "account_name": account.name,
        "platform": account.platform,
        "unit": account.unit,
    }


def _taken_off(run: Moderation) -> bool | str:
    """True, false, or that there was nothing that the public could see (BTH-70)."""
    if run.values.get(DONE) == NOW and TAKE_OFF in run.duties:
        return True
    return "not-public" if run.values.get(checklists.VISIBLE) == "no" else False


def _role(work: Work, account: Account | None, person: PersonId) -> str:
    known = work.register.people.get(person)
    acted = rights.role_on(work.register, known, account, work.today) if known and account else ""
    return acted or "colleague"


def _cited(run: Moderation, step: Step) -> Step:
    """The step with what its chosen answers cite, too."""
    cites = [c for ref, option in run.chosen if ref.partition(".")[0] == step.id for c in option.cites]
    return step.model_copy(update={"cites": tuple(dict.fromkeys((*step.cites, *cites)))})


def _personal(work: Work, run: Moderation) -> dict[str, str]:
    """What can be purged and the chain still holds: addresses, sender, reasons, names."""
    part = [work.register.name(p) for p in run.took_part if p != run.runner]
    found = {f"post.{n:03}": post for n, post in enumerate(run.posts, 1)}
    found |= {f"took_part.{n:02}": name for n, name in enumerate(part, 1)}
    found |= {ref: str(run.values.get(ref, "")) for ref in _own_words(run)}
    found |= {"decided_by": work.register.name(run.runner), "review_reason": run.review_why}
    return {name: value for name, value in found.items() if value}


def _own_words(run: Moderation) -> list[str]:
    """Every answer in somebody's own words: reasons, the sender, the place of the picture."""
    fields = ((checklists.ref(step, f), f) for step in run.path for f in step.fields)
    return [ref for ref, field in fields if field.kind in WORDS and ref != checklists.POSTS]
