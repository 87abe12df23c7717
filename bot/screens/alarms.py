"""An alarm's cards: the raiser's first, then whoever shall act; and the forms (users.md U7)."""

from dataclasses import replace

from bot.cases.alarm import LAST_STEP, Alarm
from bot.model import Account
from bot.screens.base import Eyes, account_options, heard, options
from bot.screens.letters import who
from bot.texts import capital
from bot.view import (
    Button,
    Card,
    Choice,
    Confirm,
    Facts,
    Form,
    Line,
    Mention,
    Option,
    Part,
    People,
    Text,
    Toggle,
)

KINDS = ("threat", "pile_on", "taken_over")


def raiser(eyes: Eyes, alarm: Alarm) -> Card:
    """The raiser's own card: 112, the 24-hour number, whether anybody has it, what to do meanwhile."""
    parts: list[Part] = [
        Text(text=call(eyes, alarm), tone="strong"),
        Text(text=receipt(eyes, alarm), tone="strong"),
    ]
    if alarm.receipt_by and alarm.is_open:
        parts.append(Text(text=eyes.t("alarm.no_more")))
    elif alarm.is_open:
        parts.append(Text(text=eyes.t(f"alarm.meanwhile.{alarm.kind}")))
    parts.append(_facts(eyes, alarm))
    return Card(title=title(eyes, alarm), parts=tuple(parts), buttons=_buttons(eyes, alarm, own=True))


def danger(eyes: Eyes) -> str:
    """What to do when somebody is in danger, with the 24-hour number if the office has given one."""
    number = eyes.register.office.alarm_number
    return eyes.t("alarm.danger", number=number) if number else eyes.t("alarm.danger.no_number")


def call(eyes: Eyes, alarm: Alarm) -> str:
    """Whom to ring. Of an exercise that nobody need, and when it ends by itself."""
    if not alarm.exercise:
        return danger(eyes)
    if not alarm.is_open or alarm.ends_at is None:
        return eyes.t("alarm.only_exercise")
    return eyes.t("alarm.only_exercise.until", at=eyes.moment(alarm.ends_at))


def receipt(eyes: Eyes, alarm: Alarm) -> str:
    """Whether anybody has it, or how it ended, in one sentence."""
    if alarm.ended:
        who = eyes.name(alarm.ended_by)
        return eyes.t(f"alarm.ended.{alarm.ended}", name=who, why=alarm.why)
    if alarm.receipt_by and alarm.receipt_at:
        at = eyes.moment(alarm.receipt_at)
        if alarm.receipt_phone:
            return eyes.t(
                "alarm.received.phone", name=alarm.receipt_phone, by=eyes.name(alarm.receipt_by), at=at
            )
        return eyes.t("alarm.received", name=eyes.name(alarm.receipt_by), at=at)
    told = eyes.moment(alarm.told_at or alarm.opened_at)
    if alarm.exercise and alarm.step >= LAST_STEP:
        return eyes.t("alarm.nobody.exercise")
    return eyes.t(f"alarm.nobody.{min(alarm.step, 3)}", at=told, office=eyes.office_name)


def card(eyes: Eyes, alarm: Alarm, alerted: tuple[Mention, ...], rung: str) -> Card:
    """The card of whoever is told: who alarms about what, and one press to say that one has it."""
    parts: list[Part] = []
    if alarm.is_open and not alarm.receipt_by and alerted:
        parts.append(People(people=alerted, text=eyes.t(f"alarm.told.{rung}")))
    parts += [Text(text=receipt(eyes, alarm), tone="strong"), _facts(eyes, alarm)]
    if rung == "first" and alarm.kind == "threat" and not eyes.register.own("security"):
        parts.append(Text(text=eyes.t("alarm.no_security", office=eyes.office_name)))
    parts.append(Text(text=call(eyes, alarm), tone="quiet"))
    return Card(title=title(eyes, alarm), parts=tuple(parts), buttons=_buttons(eyes, alarm, own=False))


def for_head(eyes: Eyes, alarm: Alarm) -> Card:
    """For the responsible head, who has nothing to press: what has happened, and whether anybody has it."""
    parts: list[Part] = [Text(text=receipt(eyes, alarm), tone="strong")]
    if alarm.is_open and not alarm.receipt_by:
        parts.append(Text(text=eyes.t("alarm.for_head")))
    parts += [_facts(eyes, alarm), Text(text=call(eyes, alarm), tone="quiet")]
    return Card(title=title(eyes, alarm), parts=tuple(parts))


def loud(eyes: Eyes, alarm: Alarm, alerted: tuple[Mention, ...], *, own: bool = False) -> Card:
    """Nobody has answered: ring, unless it is an exercise. `own`: the raiser's copy, without the buttons of whoever shall act."""
    said: Part = Text(text=receipt(eyes, alarm), tone="strong")
    if not alarm.receipt_by and alarm.is_open:
        words = eyes.t("alarm.loud.exercise" if alarm.exercise else "alarm.loud")
        said = People(people=alerted, text=words) if alerted else Text(text=capital(words), tone="strong")
    parts = (said, Text(text=call(eyes, alarm), tone="strong"), _facts(eyes, alarm))
    return Card(title=title(eyes, alarm), parts=parts, buttons=_buttons(eyes, alarm, own=own))


# -- by mail ------------------------------------------------------------------------------------


def letter(eyes: Eyes, alarm: Alarm, card: Card) -> Card:
    """The card for a mailbox, which may be a telephone: what, where, who alarmed, and that nobody has it, stand first."""
    lead = eyes.t("alarm.mail.lead", who=_raiser(eyes, alarm), clock=eyes.t.clock(alarm.opened_at))
    rest = (part for part in card.parts if not isinstance(part, People))
    parts = (Text(text=lead, tone="strong"), Text(text=_answer(eyes, alarm), tone="strong"), *rest)
    return replace(card, parts=parts, buttons=())


def news(eyes: Eyes, alarm: Alarm, what: str = "received") -> Card:
    """Somebody has it, it is over, or it was an exercise: whoever was told by mail need do no more."""
    drill = (Text(text=call(eyes, alarm), tone="strong"),) if what == "exercise" else ()
    parts = (
        *drill,
        Text(text=receipt(eyes, alarm), tone="strong"),
        Text(text=eyes.t("alarm.mail.no_more")),
        _facts(eyes, alarm),
    )
    return Card(title=title(eyes, alarm), parts=parts)


def _raiser(eyes: Eyes, alarm: Alarm) -> str:
    """Whoever alarmed, with their number where the register has it."""
    known = eyes.register.people.get(alarm.raised_by)
    return ", ".join(filter(None, (eyes.name(alarm.raised_by), known.phone if known else "")))


def _answer(eyes: Eyes, alarm: Alarm) -> str:
    """How to say that one has it: in chat, or by telephone to somebody who can enter it there."""
    known = eyes.register.people.get(alarm.raised_by)
    ring = _raiser(eyes, alarm) if known and known.phone else who(eyes)
    return eyes.t("alarm.mail.answer", label=eyes.t("alarm.do.receive"), who=ring)


def title(eyes: Eyes, alarm: Alarm) -> str:
    """`Larm: hot på @biologi_uni (Instagram)`, marked where it is an exercise."""
    account = eyes.called(alarm.account)
    known = eyes.t(f"alarm.title.{alarm.kind}", account=account)
    title = known if account else eyes.t(f"alarm.title.{alarm.kind}.none")
    return eyes.t("alarm.exercise", title=title) if alarm.exercise else title


def _facts(eyes: Eyes, alarm: Alarm) -> Facts:
    rows = [(eyes.t("alarm.raised_by"), eyes.name(alarm.raised_by)),
            (eyes.t("alarm.raised_at"), eyes.moment(alarm.opened_at))]  # fmt: skip
    if alarm.line:
        rows.append((eyes.t("alarm.line"), alarm.line))
    if alarm.link:
        rows.append((eyes.t("question.link"), alarm.link))
    return Facts(rows=tuple(rows))


def _buttons(eyes: Eyes, alarm: Alarm, *, own: bool) -> tuple[Button, ...]:
    if not alarm.is_open:
        return ()
    verbs = [] if own or alarm.receipt_by else ["receive"]
    verbs += [] if alarm.receipt_by else ["phone"]
    verbs += ["handled"] if alarm.receipt_by and not own and not alarm.exercise else []
    last = ("handled",) if alarm.exercise else ("false", "exercise")
    return tuple(_button(eyes, alarm, verb) for verb in (*verbs, *last))


def _button(eyes: Eyes, alarm: Alarm, verb: str) -> Button:
    ends_exercise = verb == "handled" and alarm.exercise
    label = eyes.t("alarm.do.handled.exercise" if ends_exercise else f"alarm.do.{verb}")
    of = eyes.called(alarm.account) or eyes.t(f"alarm.kind.{alarm.kind}")
    return Button(verb=f"alarm.{verb}", arg=alarm.id, label=label,
                  heard=heard(eyes.t, label, of, eyes.t.when(alarm.opened_at)),
                  style="primary" if verb == "receive" else "plain",
                  confirm=_sure(eyes) if verb == "exercise" else None)  # fmt: skip


def _sure(eyes: Eyes) -> Confirm:
    """Nobody rings about an exercise: one press by mistake must not make a threat into one."""
    t = eyes.t
    return Confirm(
        title=t("alarm.drill.title"),
        text=t("alarm.drill.text"),
        yes=t("alarm.drill.yes"),
        no=t("run.send.no"),
    )


# -- forms --------------------------------------------------------------------------------------


def raise_form(eyes: Eyes, accounts: tuple[Account, ...], chosen: str, *, link: str, line: str) -> Form:
    """Three things at most: what, where, one line. Nothing but the kind is asked for."""
    t = eyes.t
    none = Option(id="none", label=capital(t("account.none")))
    fields = (
        Choice(id="kind", label=t("alarm.ask.kind"), options=options(t, "alarm.kind", KINDS), value="threat"),
        Choice(id="account", label=t("alarm.ask.account"), options=(*account_options(eyes, accounts), none),
               value=chosen or "none"),
        Line(id="link", label=t("question.ask.link"), required=False, value=link, max_length=1000),
        Line(id="line", label=t("alarm.ask.line"), hint=t("alarm.ask.line.hint"), required=False, value=line),
        Toggle(id="exercise", label=t("alarm.ask.exercise"), required=False),
    )  # fmt: skip
    return Form(id="alarm.raise", title=t("alarm.ask.title"), fields=fields, submit=t("alarm.ask.submit"),
                intro=(Text(text=danger(eyes), tone="strong"),))  # fmt: skip


def false_form(eyes: Eyes, alarm: Alarm) -> Form:
    why = Line(id="why", label=eyes.t("alarm.false.why"))
    return Form(id="alarm.false", title=eyes.t("alarm.false.title"), fields=(why,), submit=eyes.t("form.save"),
                state=alarm.id)  # fmt: skip


def phone_form(eyes: Eyes, alarm: Alarm) -> Form:
    who = Line(id="who", label=eyes.t("alarm.phone.who"), hint=eyes.t("alarm.phone.who.hint"), max_length=100)
    return Form(id="alarm.phone", title=eyes.t("alarm.phone.title"), fields=(who,), submit=eyes.t("form.save"),
                state=alarm.id)  # fmt: skip


def raised(eyes: Eyes, alarm: Alarm) -> Card:
    """The ephemeral answer: 112, the number (or that it is an exercise), and where the card is that will change."""
    parts = (Text(text=call(eyes, alarm), tone="strong"), Text(text=eyes.t("alarm.see_direct")))
    return Card(title=title(eyes, alarm), parts=parts)
