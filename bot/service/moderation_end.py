"""The end of a moderation, in one transaction: the decision is chained, the registrar gets it, and what is still to be answered follows."""

from datetime import datetime
from typing import Literal

from bot import checklists, rights
from bot.cases.moderation import Finished, Moderation, decide
from bot.cases.moderation_state import (
    AGREED,
    CAPTURE,
    DONE,
    KEPT,
    NOW,
    OWNER,
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
"""The picture of what is registered though it breaks nothing (KISV-63, KAU-55)."""


async def finished(work: Work, run: Moderation) -> Moderation:
    """The run as it stands, or ended when nothing is left of it. Run twice it ends once: what is over is not whole."""
    if not run.is_whole:
        return run
    question = await _follow(work, run)
    decision = await _decided(work, run)
    if REGISTRAR in run.duties:
        await records.file(work, "moderation", decision, run.account, posts=max(len(run.posts), 1))
    event = Finished(by=work.actor.id, decision=decision.number, question=question)
    return await work.apply(run, decide(run, event, work.now, work.hours))


# -- what is still to be answered ---------------------------------------------------------------


async def _follow(work: Work, run: Moderation) -> str:
    """The question that it came from, or that stands on its first post, is ended or goes on; else one follows, if needed."""
    what = str(run.values.get(WHAT, ""))
    question = await _linked(work, run)
    if what in ("later", "forward"):
        question = question or await _logged(work, run)
        return await _handed(work, run, question) if question else ""
    if question and _works_on(work, question):
        how: Literal["answered", "seen"] = "answered" if what == "answered" else "seen"
        await _do(work, question, Ended(by=work.actor.id, how=how))
    return question.id if question else ""


def _works_on(work: Work, question: Question) -> bool:
    """Anybody may moderate; a question of others is ended and handed on only by whoever may do that (exact-rules, rights)."""
    account = work.register.accounts.get(question.account or "")
    free = not work.hours.is_working_day(work.today)
    role = rights.role_on(work.register, work.actor, account, work.today, free=free) if account else ""
    return bool(role) or work.actor.id in (question.forwarded_to, question.logged_by)


async def _linked(work: Work, run: Moderation) -> Question | None:
    if run.question:
        try:
            found = await work.case(run.question, Question)
        except Refused:
            return None
        return found if found.is_open else None
    open_ones = [
        c for c in await work.tx.open_cases("question", account=run.account) if isinstance(c, Question)
    ]
    return next(
        (q for q in open_ones if q.link and any(questions.same_post(q.link, p) for p in run.posts)), None
    )


async def _logged(work: Work, run: Moderation) -> Question | None:
    """With its clock begun when the visitor posted, so that what is late shows as late (C-32)."""
    account = work.register.accounts.get(run.account or "")
    if account is None:
        return None
    first = next(iter(run.posts), "")
    link = _link(first)
    kind = str(run.values.get(checklists.KIND, ""))
    hidden = run.values.get(checklists.VISIBLE) == "no" or not link
    given = {"where": "direct" if hidden else "comment", "text": "" if link else first[:280],
             "kind": kind if kind in ("question", "criticism") else "comment"}  # fmt: skip
    posted = datetime.fromisoformat(str(run.values[checklists.POSTED]))
    question = questions.make(work, account, posted, link, given)
    saved = await work.add(logged(question, work.hours))
    await questions.touch_rounds(work, saved.place)
    return saved


def _link(post: str) -> str:
    try:
        return questions.link_of(post)
    except Refused:
        return ""


async def _handed(work: Work, run: Moderation, question: Question) -> str:
    """On to whoever was named, or answers for what is criticised; the clock runs on (BTH-77)."""
    to = str(run.values.get(TO, "") or run.values.get(OWNER, ""))
    if to and to not in (work.actor.id, question.forwarded_to) and _works_on(work, question):
        await _do(work, question, Forwarded(by=work.actor.id, to=PersonId(to)))
    return question.id


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
    return [
        ref for ref, field in fields if field.kind in ("line", "lines", "link") and ref != checklists.POSTS
    ]
