"""A moderation as those who go through it see it: the list, one step at a time, the overview, and what others are asked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from bot import checklists
from bot.cases.alarm import FIRST, Alarm
from bot.cases.moderation_state import (
    DONE,
    OFFICE,
    POLICE,
    REASON,
    REVIEW,
    TAKE_OFF,
    Moderation,
    hangs_on,
    stamp,
)
from bot.cases.moderation_times import office_hears_at
from bot.model import PersonId
from bot.policy import Checklist, Field, Step
from bot.screens import runs
from bot.screens.alarms import danger, receipt
from bot.screens.answers import cite, cut, shown
from bot.screens.base import Eyes, heard, told, words
from bot.screens.moderation_story import sections, story
from bot.screens.questions import alarm_button
from bot.texts import capital
from bot.view import Button, Card, Form, Item, Items, Part, Quote, Text, Values

SHORT, SHOWN, LINK, SPOKEN = 80, 5, 30, 16
"""So much of an answer, and so many posts, stand in a card; the rest are a press away."""
Alarms = Sequence[Alarm]


def called(eyes: Eyes, run: Moderation) -> str:
    """`3 inlägg på @biologi_uni (Instagram)`."""
    return eyes.t.many("moderation.called", max(len(run.posts), 1), account=eyes.account(run.account))


def apart(eyes: Eyes, run: Moderation, then: str) -> str:
    """What tells it from others on the same account: what is broken, when it was written or begun, the link's end; `then`: where
    it stands."""
    grounds = words(eyes.t, [option.label.of(eyes.t.language) for option in run.grounds])
    at = eyes.t(
        f"moderation.{'posted' if _posted(run) else 'begun'}", at=eyes.moment(_posted(run) or run.opened_at)
    )
    said = (grounds, at, _link_end(run, LINK))
    return f"{capital(', '.join(filter(None, said)))}. {capital(then)}"


def told_by(eyes: Eyes, run: Moderation) -> str:
    """The same for ears, as short as can be: `9 december kl. 10.03, …/p/Cx2`."""
    at = eyes.t.when(_posted(run) or run.opened_at)
    return ", ".join(filter(None, (at, _link_end(run, SPOKEN))))


def _posted(run: Moderation) -> datetime | None:
    at = str(run.values.get(checklists.POSTED, ""))
    return datetime.fromisoformat(at) if at else None


def _link_end(run: Moderation, most: int) -> str:
    """`…/p/Cx2`, `…?comment_id=12`: the end of the first post that is known by its link, where one differs from another."""
    if POLICE in run.duties:
        return ""  # such an address is passed on nowhere (C-12)
    links = (urlsplit(post) for post in run.posts if post.startswith("https://"))
    ends = (f"{link.path.rstrip('/')}?{link.query}".rstrip("?") for link in links)
    return next((f"…{end[-most:]}" for end in ends if end.strip("/")), "")


# -- begin --------------------------------------------------------------------------------------


def listing(eyes: Eyes, found: Sequence[Moderation]) -> Card:
    """The open ones of mine, and a way to begin another."""
    label = eyes.t("moderation.do.new")
    new = Button(verb="moderation.new", label=label, heard=label, style="primary")
    items = tuple(_line(eyes, run) for run in found)
    title = eyes.t.many("moderation.list", len(found))
    return Card(title=title, parts=(Items(items=items),), buttons=(new,))


def _line(eyes: Eyes, run: Moderation) -> Item:
    return Item(text=capital(called(eyes, run)), note=apart(eyes, run, standing(eyes, run)), state="open",
                button=_button(eyes, run, "overview"))  # fmt: skip


def line(eyes: Eyes, run: Moderation) -> Item:
    """In the digest: what breaks a rule and still stands."""
    since = eyes.moment(run.off_since or run.opened_at)
    return Item(text=eyes.t("digest.standing", called=called(eyes, run)), note=apart(eyes, run, eyes.t("digest.standing.since", at=since)),
                state="late", button=_button(eyes, run, "overview"))  # fmt: skip


def marked(eyes: Eyes, run: Moderation, rung: str) -> Item:
    """In a collected message: what somebody is asked, with the press that opens it."""
    what = {"review": "review", "left": "left"}.get(rung.partition(":")[0], "off")
    text = eyes.t(f"heads.moderation.{what}", called=called(eyes, run), name=eyes.name(run.runner))
    since = eyes.moment(run.review_since or run.off_since or run.left_since or run.opened_at)
    button = _button(eyes, run, "overview" if what == "left" else what)
    note = apart(eyes, run, since)
    return Item(text=text, note=note, state="late" if what == "off" else "open", button=button)


def standing(eyes: Eyes, run: Moderation) -> str:
    """Whom or what it waits for, in a few words."""
    step = run.next_step
    if step:
        return eyes.t("moderation.at.step", step=step.title.of(eyes.t.language), name=eyes.name(run.runner))
    key = "review" if run.waits_for_review else "office" if run.waits_to_be_taken_off else "whole"
    return eyes.t(f"moderation.at.{key}", office=eyes.office_name)


def not_written(eyes: Eyes) -> Card:
    """For guidelines whose checklist is not written."""
    return told(
        eyes.t, "moderation.not_written", pack=eyes.pack.title.of(eyes.t.language), office=eyes.office_name
    )


def step_form(
    eyes: Eyes,
    plan: Checklist,
    step: Step,
    values: Values,
    *,
    actor: PersonId,
    state: str,
    above: tuple[Part, ...] = (),
) -> Form:
    """One page of the checklist."""
    calls = (_police(eyes),) if hangs_on(step, POLICE) else ()
    form = runs.step_form(eyes, plan, step, values, actor=actor, state=state, above=(*above, *calls))
    return replace(form, id="moderation.step")


def _police(eyes: Eyes) -> Text:
    """Whom to call about child abuse material (C-12)."""
    number = eyes.register.office.alarm_number
    text = eyes.t("moderation.police.number", number=number) if number else eyes.t("moderation.police")
    return Text(text=text, tone="strong")


def first_form(
    eyes: Eyes, plan: Checklist, values: Values, *, actor: PersonId, state: str, others: Sequence[str] = ()
) -> Form:
    """The first page, with what is known filled in. `others`: accounts that were told of at once and still wait."""
    step = checklists.path(plan, {})[0]
    parts: list[Part] = [Text(text=danger(eyes), tone="strong"), Text(text=plan.intro.of(eyes.t.language))]
    if others:
        names = words(eyes.t, [eyes.account(a) for a in others])
        parts.append(Text(text=eyes.t("moderation.others_wait", accounts=names)))
    form = step_form(eyes, plan, step, values, actor=actor, state=state, above=tuple(parts))
    closing = Text(text=eyes.t("run.closing.first"), tone="quiet")
    return replace(form, intro=(*form.intro[:-1], closing))


def waits(eyes: Eyes, alarms: Alarms) -> tuple[Part, ...]:
    """Above a step: the alarms that nobody has confirmed yet."""
    return _alarmed(eyes, [a for a in alarms if a.is_open and not a.receipt_by])


def above(eyes: Eyes, run: Moderation, step: Step, raised: Alarms) -> tuple[Part, ...]:
    """What the answers to a step mean: who has been alarmed, and what is done next."""
    notes = [o.note or o.stop_text for ref, o in run.chosen if ref.partition(".")[0] == step.id]
    said = tuple(Text(text=note.of(eyes.t.language)) for note in notes if note)
    return (*_alarmed(eyes, raised), *said)


def meanwhile(eyes: Eyes, run: Moderation, step: Step, by: PersonId) -> tuple[Part, ...]:
    """Somebody else has answered the step since it was opened: nothing is overwritten unseen."""
    answers = "; ".join(a for f in checklists.asked(step) if (a := shown(eyes, step, f, run.values)))
    return (
        Text(text=eyes.t("moderation.meanwhile", name=eyes.name(by)), tone="strong"),
        Quote(text=answers or "-"),
        Text(text=eyes.t("moderation.meanwhile.yours")),
    )


# -- the overview -------------------------------------------------------------------------------


def overview(eyes: Eyes, run: Moderation, alarms: Alarms = ()) -> Card:
    """How it stands, each duty with where it is said, every step with a way back to it; once it is over, its story."""
    if not run.is_open:
        return over(eyes, run, alarms)
    title = eyes.t("moderation.title.open", called=called(eyes, run))
    parts = [
        *_alarmed(eyes, alarms),
        *_state(eyes, run),
        *_posts(eyes, run),
        *_duties(eyes, run),
        _steps(eyes, run),
    ]
    return Card(title=title, parts=tuple(parts), buttons=_buttons(eyes, run))


def over(eyes: Eyes, run: Moderation, alarms: Alarms = ()) -> Card:
    """What was posted, found and done, in order; or why nothing was done."""
    title = eyes.t(f"moderation.title.{run.state}", called=called(eyes, run))
    if run.state != "done":
        return Card(title=title, parts=(Quote(text=run.why),) if run.why else ())
    rules = Text(text=sections(eyes, run), tone="quiet")
    parts = (Items(items=story(eyes, run, alarms)), rules)
    return Card(title=title, parts=parts, buttons=(_button(eyes, run, "why"),))


def _alarmed(eyes: Eyes, alarms: Alarms) -> tuple[Part, ...]:
    """Who was told, and whether anybody has it; until then nothing is taken off, as the alarm says as well."""
    told = tuple(Text(text=f"{alarmed(eyes, a)} {receipt(eyes, a)}", tone="strong") for a in alarms)
    waits = any(a.is_open and not a.receipt_by for a in alarms)
    return (*told, Text(text=eyes.t("moderation.alarmed.wait"))) if waits else told


def alarmed(eyes: Eyes, alarm: Alarm) -> str:
    """`Larm om hot har gått till säkerhetsansvarig och kommunikationsavdelningen.`"""
    roles = dict.fromkeys((eyes.role(FIRST[alarm.kind]), eyes.office_name))
    return eyes.t(f"moderation.alarmed.{alarm.kind}", to=words(eyes.t, roles))


def _state(eyes: Eyes, run: Moderation) -> list[Part]:
    parts: list[Part] = [_police(eyes)] if POLICE in run.open_duties else []
    if run.waits_for_review:
        key = "moderation.waits.review" if run.review_since else "moderation.at.review"
        parts.append(
            Text(text=eyes.t(key, head=eyes.pack.names.head.of(eyes.t.language), office=eyes.office_name))
        )
    if run.reviewed_as:
        parts += reviewed(eyes, run)
    if run.waits_to_be_taken_off:
        key = "office" if run.values.get(DONE) == OFFICE else "runner"
        parts.append(Text(text=eyes.t(f"moderation.waits.{key}", office=eyes.office_name)))
    return parts


def reviewed(eyes: Eyes, run: Moderation) -> list[Part]:
    """The yes or no to a house rule, by the role that said it."""
    yes = TAKE_OFF in run.duties
    text = eyes.t(f"moderation.reviewed.{'yes' if yes else 'no'}", role=said_as(eyes, run.reviewed_as))
    return [Text(text=text), *([Quote(text=run.review_why)] if run.review_why else [])]


def said_as(eyes: Eyes, role: str) -> str:
    return eyes.pack.names.head.of(eyes.t.language) if role == "head" else eyes.office_name


def _posts(eyes: Eyes, run: Moderation) -> list[Part]:
    """One line each, so that no address is cut; the rest are counted."""
    left = len(run.posts) - SHOWN
    rows = [*run.posts[:SHOWN], *([eyes.t("moderation.more_posts", n=left)] if left > 0 else [])]
    return _lines(eyes, rows)


def _lines(eyes: Eyes, rows: Sequence[str]) -> list[Part]:
    items = Items(items=tuple(Item(text=row) for row in rows))
    return [Text(text=eyes.t("moderation.posts"), tone="strong"), items] if rows else []


def _pushed(eyes: Eyes, run: Moderation) -> list[Part]:
    """The posts in what is sent to others: never where the address itself must not be passed on (C-12)."""
    return [] if POLICE in run.duties else _posts(eyes, run)


def _all_posts(eyes: Eyes, run: Moderation) -> tuple[Button, ...]:
    """A way to those that the card has no room for."""
    return (_button(eyes, run, "posts"),) if len(run.posts) > SHOWN and POLICE not in run.duties else ()


def all_posts(eyes: Eyes, run: Moderation) -> Form:
    """Every post, for whoever presses."""
    title = eyes.t("moderation.do.posts")
    intro = (Text(text=capital(called(eyes, run)), tone="strong"), *_lines(eyes, run.posts))
    return Form(id="show", title=title, intro=intro, writes=False)


def _duties(eyes: Eyes, run: Moderation) -> list[Part]:
    items = tuple(_duty(eyes, run, duty) for duty in run.duties)
    return [Text(text=eyes.t("moderation.duties"), tone="strong"), Items(items=items)] if items else []


def _duty(eyes: Eyes, run: Moderation, duty: str) -> Item:
    """One thing that has to be done, how it stands, and the section that says so."""
    key = f"moderation.duty.{duty}"
    step = run.meets(duty)
    text = (
        eyes.t(key, office=eyes.office_name)
        if eyes.t.has(key)
        else step.title.of(eyes.t.language)
        if step
        else duty
    )
    state = eyes.t(f"moderation.duty.state.{_duty_state(run, duty)}")
    done = run.is_met(duty) and duty != "registrar"
    note = eyes.t("moderation.duty.note", state=state, section=section(eyes, step or _asked_by(run, duty)))
    return Item(text=text, note=note, state="done" if done else "open")


def _duty_state(run: Moderation, duty: str) -> str:
    if duty == "registrar":
        return "at_end"
    if run.is_met(duty):
        return "done"
    return "waits" if (duty == REVIEW and run.waits_for_review) else "open"


def _asked_by(run: Moderation, duty: str) -> Step:
    """The step whose answer asks for a duty."""
    ref = next((ref for ref, option in run.chosen if duty in option.duties), "")
    return run.plan.step(ref.partition(".")[0]) or run.plan.steps[0]


def section(eyes: Eyes, step: Step) -> str:
    """Where a step stands in the guidelines, or that it stands in none."""
    return cite(eyes, step).section or eyes.t("moderation.default")


def _steps(eyes: Eyes, run: Moderation) -> Part:
    return Items(items=tuple(_step(eyes, run, step) for step in run.path if checklists.asked(step)))


def _step(eyes: Eyes, run: Moderation, step: Step) -> Item:
    title = step.title.of(eyes.t.language)
    answered = all(checklists.ref(step, f) in run.values for f in checklists.asked(step))
    label = eyes.t("run.do.change" if answered else "run.do.fill_in")
    button = Button(
        verb="moderation.step_open", arg=f"{run.id}|{step.id}", label=label, heard=f"{label}: {title}"[:75]
    )
    note = _answers(eyes, run, step) if answered else eyes.t("run.step.open")
    done = answered and checklists.is_done(step, run.values)
    return Item(text=title, note=note, state="done" if done else "open", button=button)


def _answers(eyes: Eyes, run: Moderation, step: Step) -> str:
    """What was answered, and whether somebody else has still to do something about it. A no to a threat goes without saying."""
    answered = [f for f in checklists.asked(step) if run.values.get(checklists.ref(step, f)) != "no"]
    answers = "; ".join(a for f in answered if (a := _answer(eyes, run, step, f)))
    if not answers:
        return eyes.t("run.step.done")
    key = "run.step.answered" if checklists.is_done(step, run.values) else "moderation.step.waits"
    return eyes.t(key, answers=cut(answers, SHORT))


def _answer(eyes: Eyes, run: Moderation, step: Step, field: Field) -> str:
    """A bare yes says nothing without what was asked."""
    said = shown(eyes, step, field, run.values)
    yes = run.values.get(checklists.ref(step, field)) == "yes" and field.kind == "choice"
    return f"{field.ask.of(eyes.t.language)} {said}" if yes else said


def _buttons(eyes: Eyes, run: Moderation) -> tuple[Button, ...]:
    verbs = [*(["continue"] if run.next_step else []), "why", *([] if run.breach else ["withdraw"])]
    posts = ["posts"] if len(run.posts) > SHOWN else []
    return (*(_button(eyes, run, verb) for verb in (*verbs, *posts)), alarm_button(eyes, run.account))


def _button(eyes: Eyes, run: Moderation, verb: str, arg: str = "") -> Button:
    label = eyes.t(f"moderation.do.{verb}")
    style = "primary" if verb in ("continue", "yes", "taken_off") else "plain"
    return Button(verb=f"moderation.{verb}", arg=arg or run.id, label=label, style=style,  # type: ignore[arg-type]
                  heard=heard(eyes.t, label, eyes.account(run.account), told_by(eyes, run)))  # fmt: skip


def why(eyes: Eyes, run: Moderation) -> Form:
    """What each step rests on, with its section."""
    parts: list[Part] = []
    for step in run.path:
        parts += [Text(text=step.title.of(eyes.t.language), tone="strong"), cite(eyes, step)]
    pack = eyes.t("why.pack", pack=eyes.pack.title.of(eyes.t.language), version=run.stamp.version)
    parts.append(Text(text=pack, tone="quiet"))
    return Form(
        id="show", title=eyes.t("moderation.do.why").removesuffix(" …"), intro=tuple(parts), writes=False
    )


# -- what others are asked ----------------------------------------------------------------------


def off_card(eyes: Eyes, run: Moderation) -> Card:
    """To communications: take it off, or go on with the run where no capture has been taken; afterwards what became of it."""
    if not run.waits_to_be_taken_off:
        return told(eyes.t, "moderation.off.over", called=called(eyes, run))
    key = "asked" if run.office_since else "late"
    parts: list[Part] = [
        Text(text=eyes.t(f"moderation.off.{key}", name=eyes.name(run.runner))),
        *_pushed(eyes, run),
    ]
    if POLICE in run.duties:
        parts.append(Text(text=eyes.t("moderation.off.no_picture"), tone="strong"))
    if run.may_be_taken_off:
        step = run.meets(TAKE_OFF)
        parts += [cite(eyes, step)] if step else []
        return Card(
            title=_off_title(eyes, run), parts=tuple(parts), buttons=_off_buttons(eyes, run, "taken_off")
        )
    parts.append(Text(text=eyes.t("moderation.off.first", step=_holding(eyes, run)), tone="strong"))
    return Card(title=_off_title(eyes, run), parts=tuple(parts), buttons=_off_buttons(eyes, run, "continue"))


def _off_title(eyes: Eyes, run: Moderation) -> str:
    return eyes.t("moderation.off.title", called=called(eyes, run))


def _off_buttons(eyes: Eyes, run: Moderation, first: str) -> tuple[Button, ...]:
    return (_button(eyes, run, first), _button(eyes, run, "overview"), *_all_posts(eyes, run))


def _holding(eyes: Eyes, run: Moderation) -> str:
    """The step that comes first."""
    step = run.next_step
    return step.title.of(eyes.t.language) if step else ""


def review_card(eyes: Eyes, run: Moderation) -> Card:
    """To head and communications, whoever is first: what, why, and yes or no; afterwards what was answered."""
    if not run.waits_for_review:
        if run.reviewed_as:
            return Card(
                title=eyes.t("moderation.review.over", called=called(eyes, run)),
                parts=tuple(reviewed(eyes, run)),
            )
        return told(eyes.t, "moderation.review.gone", called=called(eyes, run))
    step = run.meets(REVIEW) or run.plan.steps[0]
    grounds = words(eyes.t, [o.label.of(eyes.t.language) for o in run.grounds])
    parts = (
        Text(text=eyes.t("moderation.review.text", name=eyes.name(run.runner), grounds=grounds)),
        Quote(text=str(run.values.get(REASON, ""))), *_pushed(eyes, run), cite(eyes, step),
    )  # fmt: skip
    arg = f"{run.id}|{stamp(run.review_since)}"
    buttons = (_button(eyes, run, "yes", arg), _button(eyes, run, "no", arg), *_all_posts(eyes, run))
    return Card(
        title=eyes.t("moderation.review.title", called=called(eyes, run)), parts=parts, buttons=buttons
    )


def older(eyes: Eyes, run: Moderation) -> Card:
    """The reason has been given anew, and there is a newer card."""
    return told(eyes.t, "moderation.review.older", called=called(eyes, run))


def told_card(eyes: Eyes, run: Moderation, what: str, alarms: Alarms = ()) -> Card:
    """What somebody hears: still there, reviewed, taken off, lying still, done, you answer for it, there is a doubt."""
    if what == "done":
        return over(eyes, run, alarms)
    title = eyes.t(f"moderation.told.{what}", called=called(eyes, run), office=eyes.office_name)
    parts: list[Part] = [*reviewed(eyes, run)] if what == "reviewed" else []
    parts += _told_text(eyes, run, f"moderation.told.{what}.text")
    if what in ("owner", "doubt"):
        parts += _pushed(eyes, run)
    if what == "owner":
        parts.append(Items(items=story(eyes, run, alarms)))
    goes_on = ("continue",) if run.next_step and run.is_open and what not in ("owner", "doubt") else ()
    verbs = () if what == "owner" else (*goes_on, "overview")
    buttons = tuple(_button(eyes, run, verb) for verb in verbs)
    return Card(title=title, parts=tuple(parts), buttons=buttons)


def _told_text(eyes: Eyes, run: Moderation, key: str) -> list[Part]:
    """Nothing where the title says it all."""
    if not eyes.t.has(key):
        return []
    hears_at = office_hears_at(run, eyes.hours)
    when = eyes.moment(hears_at) if hears_at else ""
    return [Text(text=eyes.t(key, name=eyes.name(run.runner), office=eyes.office_name, when=when))]


def noted(eyes: Eyes, run: Moderation, key: str) -> Card:
    """A short private answer after a press."""
    return told(eyes.t, key, called=called(eyes, run), name=eyes.name(run.runner))


def ask_text(eyes: Eyes, form: str, state: str) -> Form:
    """A reason: of a no, or of a withdrawal."""
    return runs.ask_text(eyes, form, state)
