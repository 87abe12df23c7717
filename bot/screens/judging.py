"""What communications is asked of a new account, and what the others hear of its answer."""

from bot import checklists
from bot.cases.run_state import Run, stamp
from bot.policy import Request, Step
from bot.screens.answers import cite, field_of, name, shown
from bot.screens.base import Eyes, heard
from bot.screens.runs import request_state, similar, stop_text
from bot.texts import capital
from bot.view import Button, Card, Facts, Form, Lines, Part, Quote, Text


def card(eyes: Eyes, run: Run, step: Step) -> Card:
    """What is asked, what it rests on, and a button for each answer; afterwards what was answered."""
    if run.asks(step.id) is None or step.request is None:
        return _over(eyes, run, step)
    title = eyes.t("run.request.title", runner=eyes.name(run.runner), name=name(eyes, run))
    parts: list[Part] = [Text(text=step.request.ask.of(eyes.t.language)), *_facts(eyes, run, step)]
    found = [a for a in checklists.similar(eyes.register, run.values) if a.id != run.account]
    parts += [*similar(eyes, found), cite(eyes, step)]
    if run.judges(step):
        parts.append(Text(text=capital(request_state(eyes, run, step))))
    return Card(title=title, parts=tuple(parts), buttons=_buttons(eyes, run, step, step.request))


def older(eyes: Eyes, run: Run) -> Card:
    """It was asked anew, since what it rests on has changed."""
    return Card(title=eyes.t("approval.older", name=name(eyes, run)))


def _over(eyes: Eyes, run: Run, step: Step) -> Card:
    called = name(eyes, run)
    if run.stop == step.id and run.state == "rejected":
        title = eyes.t("run.request.no", name=called, who=eyes.name(run.decided_by), n=run.decision or 0)
        return Card(title=title, parts=(Quote(text=run.why),))
    if run.unjudged(step):
        return Card(title=eyes.t("run.request.gone", name=called))
    said = run.said.get(step.id)
    title = eyes.t("run.request.answered", name=called, state=request_state(eyes, run, step))
    return Card(title=title, parts=(Quote(text=str(said.value)),) if said else ())


def _facts(eyes: Eyes, run: Run, step: Step) -> tuple[Part, ...]:
    """The answers that it rests on, and those of the step itself."""
    refs = (checklists.UNIT, *step.rests_on, *(checklists.ref(step, f) for f in checklists.asked(step)))
    rows = [(found[1].ask.of(eyes.t.language).rstrip("."), shown(eyes, *found, run.values))
            for ref in dict.fromkeys(refs) if (found := field_of(run.plan, ref))]  # fmt: skip
    known = tuple((label, checklists.first_sentences(value)) for label, value in rows if value)
    return (Facts(rows=known),) if known else ()


def _buttons(eyes: Eyes, run: Run, step: Step, request: Request) -> tuple[Button, ...]:
    """A yes for each thing that is still to be said, a no, and all answers."""
    state = f"{run.id}|{step.id}|{stamp(run.requested_at.get(step.id))}"
    verb = "run.judge_words" if request.words else "run.judge"
    asked = [(ref, found[1]) for ref in run.unjudged(step) if (found := field_of(run.plan, ref))]
    yes = [
        _button(eyes, run, verb, f"{state}|{ref}", f.ask.of(eyes.t.language), main=True) for ref, f in asked
    ]
    no = _button(eyes, run, "run.decline", state, f"{request.no.of(eyes.t.language)} …")
    return (*yes, no, _button(eyes, run, "run.read", run.id, eyes.t("run.do.read")))


def _button(eyes: Eyes, run: Run, verb: str, arg: str, label: str, *, main: bool = False) -> Button:
    return Button(verb=verb, arg=arg, label=label, style="primary" if main else "plain",
                  heard=heard(eyes.t, label, name(eyes, run))[:75])  # fmt: skip


def ask_words(eyes: Eyes, run: Run, ref: str, state: str) -> Form:
    """A yes that says something too."""
    found = field_of(run.plan, ref)
    above = (Text(text=found[1].ask.of(eyes.t.language)),) if found else ()
    t = eyes.t
    field = Lines(id="text", label=t("run.judge.text"), hint=t("run.judge.hint"), max_length=1000)
    return Form(id="run.judge", title=t("run.judge.title"), fields=(field,), submit=t("run.judge.submit"),
                state=state, intro=above)  # fmt: skip


def told(eyes: Eyes, run: Run, step: Step) -> Card:
    """To whoever fills it in: what communications said in a step, and how to go on."""
    called, said = name(eyes, run), run.said.get(step.id)
    key = "noticed" if step.id in run.noticed else "yes"
    title = eyes.t(
        f"run.judged.{key}", name=called, office=eyes.office_name, step=step.title.of(eyes.t.language)
    )
    parts: list[Part] = [Text(text=capital(request_state(eyes, run, step)))]
    if said:
        parts.append(Quote(text=str(said.value)))
    if run.state == "stopped":
        parts.append(Text(text=stop_text(eyes, run)))
    if run.may_be_sent:
        parts.append(Text(text=eyes.t("run.judged.all")))
    label = eyes.t("run.do.overview")
    button = Button(verb="run.overview", arg=run.id, label=label, heard=heard(eyes.t, label, called))
    return Card(title=title, parts=tuple(parts), buttons=(button,))
