"""The wrong person's signed requests, forged, against `smbot run` as a process (exact-rules, rights)."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.commands import COMMANDS, SHORTCUTS
from bot.service import FEATURES
from tests.flows._wrong_people import PEOPLE, STRANGERS, office, something_of_each

ON_QUESTION = ("question.take", "question.answered", "question.seen", "question.hand_on", "question.reopen")
ON_ROUND = ("round.clear", "round.tell", "round.forgot", "round.ask", "round.undo")
ON_ACCOUNT = ("account.edit", "account.pattern", "account.place", "account.history")
ON_ALARM = ("alarm.receive", "alarm.handled", "alarm.phone", "alarm.false", "alarm.show")
REFUSED = "Det gick inte"
OWN_ONLY = "Du kan lägga in ett konto där du själv är en av personerna"
STAFF = PEOPLE
WORKS_ON_IT = ("anna", "bo", "heidi", "karin")
MAY_SEND: dict[str, tuple[str, ...]] = {
    "question.log": STAFF,
    "alarm.raise": STAFF,
    "round.log": STAFF,
    "account.enter": ("sven", "karin"),
    "account.edit": ("anna", "heidi", "karin"),
    "account.pattern": WORKS_ON_IT,
    "account.place": ("karin",),
    "question.hand_on": WORKS_ON_IT,
    "round.tell": WORKS_ON_IT,
    "alarm.phone": ("anna", "sven", "karin"),
    "alarm.false": ("anna", "sven", "karin"),
    "away": ("sven", "karin"),
    "run.step": ("anna", "bo", "dag"),
    "run.hand": ("anna", "bo", "dag"),
    "run.reply": ("anna", "bo", "dag"),
    "run.withdraw": ("anna", "karin"),
    "run.set_head": ("karin",),
    "approval.back": ("heidi", "dag"),
    "approval.reject": ("heidi", "dag"),
}
"""Who may send each form, as `_forms` fills it in: an account for others, Sven's absence, Anna's alarm and request."""


async def test_forged_buttons_and_forms_of_the_wrong_person_are_refused_in_words_and_change_nothing(
    tmp_path: Path,
) -> None:
    assert set(MAY_SEND) == {form for feature in FEATURES for form in feature.forms}
    async with office(tmp_path) as scene:
        await something_of_each(scene)
        before, forms = await scene.settled(), _forms(scene.about)

        async def try_all(who: str) -> None:
            for verb, arg in _buttons(scene.about)[who]:
                assert REFUSED in await scene.press(who, verb, arg), (who, verb)
            for form in (form for form in forms if who not in MAY_SEND[form]):
                told = await scene.submit(who, form, *forms[form])
                assert REFUSED in told or OWN_ONLY in told, (who, form, told)

        await asyncio.gather(*map(try_all, (*PEOPLE, *STRANGERS)))
        assert scene.state() == before
        assert REFUSED not in await scene.submit("anna", "round.tell", *forms["round.tell"])
        assert scene.state() != before


async def test_strangers_get_no_answer_and_no_form_by_any_command_or_shortcut(tmp_path: Path) -> None:
    async with office(tmp_path, moved=False) as scene:
        before = scene.state()

        async def try_all(who: str) -> None:
            for name in (name for command in COMMANDS for name in (command.name, command.alias)):
                assert REFUSED in await scene.command(who, name), (who, name)
            for shortcut in SHORTCUTS:
                assert REFUSED in await scene.shortcut(who, shortcut), (who, shortcut)
            assert scene.slack.modal(scene.people[who]) is None

        await asyncio.gather(*map(try_all, STRANGERS))
        assert scene.state() == before


def _buttons(about: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Whom the table lets do one thing and not the other: substitute, manager, head, security, administrator, registrar."""
    question, account, alarm = about["question"], about["account"], about["alarm"]
    work = [(verb, question) for verb in ON_QUESTION] + [(verb, about["round"]) for verb in ON_ROUND]
    work += [(verb, account) for verb in ON_ACCOUNT]
    forged = work + [(verb, alarm) for verb in ON_ALARM]
    receipt = [("alarm.receive", alarm), ("alarm.handled", alarm)]
    own = [("account.edit", account), ("account.place", account)]
    but_history = [one for one in work if one[0] != "account.history"]
    return {
        **dict.fromkeys(("olle", *STRANGERS), forged),
        "bo": [*receipt, *own],
        "anna": [*receipt, ("account.place", account)],
        "heidi": [*receipt, ("account.place", account)],
        "dag": [*receipt, *but_history],
        "sven": work,
        "adam": [*work, *receipt],
        "rita": [*but_history, *receipt],
        "karin": [("approval.approve", f"{about['run']}|1"), ("run.confirm", f"{about['run']}|terms.read")],
    }


def _forms(about: dict[str, str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each form as somebody would forge it: state and values."""
    account, alarm, run = about["account"], about["alarm"], about["run"]
    now = datetime.now(UTC)
    day = (now + timedelta(days=60)).date().isoformat()
    post = {"account": account, "where": "comment", "kind": "question", "posted": now.isoformat()}
    new = {"platform": "instagram", "address": "@annat", "unit": "bio", "hour": "09:00"}
    sent = f"{run}|1"
    return {
        "question.log": ("", post),
        "alarm.raise": ("", {"kind": "threat", "account": account}),
        "round.log": (f"{about['round']}|", post),
        "account.enter": ("", new | {"people": ("sven", "karin")}),
        "account.edit": (account, {"people": ("olle", "dag"), "hour": "10:00"}),
        "account.pattern": (account, {"kind": "weeks", "order": ("bo", "anna")}),
        "account.place": (account, {"place": "some"}),
        "question.hand_on": (about["question"], {"how": "forward", "to": "olle"}),
        "round.tell": (about["round"], {account: "found"}),
        "alarm.phone": (alarm, {"who": "Sven"}),
        "alarm.false": (alarm, {"why": "skämt"}),
        "away": ("", {"person": "sven", "first": day, "last": day}),
        "run.step": (f"{run}|purpose|", {"purpose.purpose": "Något annat"}),
        "run.hand": (run, {"person": "olle"}),
        "run.reply": (run, {"text": "Svar"}),
        "run.withdraw": (run, {"text": "Nej"}),
        "run.set_head": (run, {"person": "olle"}),
        "approval.back": (sent, {"text": "Varför?"}),
        "approval.reject": (sent, {"text": "Nej"}),
    }
