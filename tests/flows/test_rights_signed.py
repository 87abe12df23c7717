"""The wrong person's signed requests, with forged buttons, against `smbot run` as a process (exact-rules, rights)."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.fakes.slack import FakeSlack
from tests.flows.process import running

ORGANISATION = """
name = "Provuniversitetet"
language = "sv"
alarm_number = "08-000 00 00"
bridge_days = "worked"

[roles]
communications = ["{karin}"]
security = ["{sven}"]
registrar = ["{rita}"]
administrators = ["{adam}"]

[[unit]]
id = "bio"
name = "Biologi"
head = "{heidi}"
deputy = "{dag}"

[[channel]]
name = "some"

[[account]]
platform = "instagram"
name = "@bio"
address = "https://instagram.com/bio"
unit = "bio"
channel = "some"
people = ["{anna}", "{bo}"]
"""
PEOPLE = ("anna", "bo", "heidi", "dag", "karin", "sven", "adam", "rita", "olle")
ON_QUESTION = ("question.take", "question.answered", "question.seen", "question.hand_on", "question.reopen")
ON_ROUND = ("round.clear", "round.tell", "round.forgot", "round.ask", "round.undo")
ON_ACCOUNT = ("account.edit", "account.pattern", "account.place", "account.history")
ON_ALARM = ("alarm.receive", "alarm.handled", "alarm.phone", "alarm.false", "alarm.show")
REFUSED = "Det gick inte"


async def test_a_forged_button_of_the_wrong_person_is_refused_in_words_and_changes_nothing(
    tmp_path: Path,
) -> None:
    slack = FakeSlack(mode="http")
    slack.limits.off()
    await slack.start()
    people = {name: slack.add_user(name, name.title()) for name in PEOPLE}
    guest = slack.add_user("gast", "Gast", is_restricted=True)
    place = slack.add_channel("some", [*people.values(), guest])
    slack.invite_bot(place)
    file = tmp_path / "organisation.toml"
    file.write_text(ORGANISATION.format(**people), encoding="utf-8")
    try:
        async with running(slack, tmp_path, SMBOT_ORGANISATION=str(file)) as bot:
            await bot.move_to(_next_tuesday())
            card = (await slack.wait_for(lambda: slack.posts(place)))[0]
            await _ask(slack, people["anna"], place)
            alarm = await _raise(slack, people["anna"])
            question = _only(tmp_path, "question")
            account = _only(tmp_path, "account")
            before = _state(tmp_path)
            forged = [(verb, question) for verb in ON_QUESTION] + [
                (verb, _only(tmp_path, "round")) for verb in ON_ROUND
            ]
            forged += [(verb, account) for verb in ON_ACCOUNT] + [(verb, alarm) for verb in ON_ALARM]
            wrong = [
                (people["olle"], forged),
                (guest, forged),
                *_by_role(people, question, account, alarm, forged),
            ]
            for who, tries in wrong:
                for verb, arg in tries:
                    told = len(slack.ephemerals(who))
                    await slack.press(who, _with(card, verb, arg), f"{verb}#0", forged=True)
                    await slack.wait_for(lambda who=who, told=told: len(slack.ephemerals(who)) > told)
                    assert REFUSED in slack.plain(slack.ephemerals(who)[-1]), (who, verb)
            assert _state(tmp_path) == before
            assert not slack.violations
            assert not slack.user_errors
    finally:
        await slack.stop()


async def test_a_guest_gets_no_form_by_command_and_help_stays_theirs_to_read(tmp_path: Path) -> None:
    slack = FakeSlack(mode="http")
    await slack.start()
    people = {name: slack.add_user(name, name.title()) for name in PEOPLE}
    guest = slack.add_user("gast", "Gast", is_ultra_restricted=True)
    place = slack.add_channel("some", [*people.values(), guest])
    slack.invite_bot(place)
    file = tmp_path / "organisation.toml"
    file.write_text(ORGANISATION.format(**people), encoding="utf-8")
    try:
        async with running(slack, tmp_path, SMBOT_ORGANISATION=str(file)):
            for n, command in enumerate(
                ("question", "alarm", "new-account", "accounts", "away", "today"), start=1
            ):
                await slack.command(guest, f"/sm-{command}", channel=place)
                await slack.wait_for(lambda n=n: len(slack.ephemerals(guest)) == n)
                assert REFUSED in slack.plain(slack.ephemerals(guest)[-1]), command
            assert slack.modal(guest) is None
    finally:
        await slack.stop()


def _next_tuesday() -> datetime:
    day = datetime.now(UTC) + timedelta(days=1)
    while day.weekday() != 1:
        day += timedelta(days=1)
    return day.replace(hour=11, minute=0)


async def _ask(slack: FakeSlack, who: str, place: str) -> None:
    await slack.command(who, "/sm-fraga", channel=place)
    await slack.wait_for(lambda: slack.modal(who))
    outcome = await slack.submit(who, {})
    assert outcome.ok, outcome.errors
    await slack.wait_for(lambda: len(slack.posts(place)) > 1)


async def _raise(slack: FakeSlack, who: str) -> str:
    await slack.command(who, "/sm-larm", channel=slack.dm(who))
    await slack.wait_for(lambda: slack.modal(who))
    outcome = await slack.submit(who, {})
    assert outcome.ok, outcome.errors
    return str((await slack.wait_for(lambda: _args(slack.dms(who), "alarm.")))[0])


def _args(messages, start: str) -> list[str]:
    elements = [e for m in messages for b in m.blocks if b["type"] == "actions" for e in b["elements"]]
    return [e["value"] for e in elements if e["action_id"].startswith(start)]


def _by_role(
    people, question: str, account: str, alarm: str, forged
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom the table lets do one thing and not the other: substitute, manager, head, security, administrator, registrar."""
    receipt = [("alarm.receive", alarm), ("alarm.handled", alarm)]
    own = [("account.edit", account), ("account.place", account)]
    work = [one for one in forged if one[0].split(".")[0] in ("question", "round", "account")]
    but_history = [one for one in work if one[0] != "account.history"]
    return [
        (people["bo"], [*receipt, *own]),
        (people["anna"], [*receipt, ("account.place", account)]),
        (people["heidi"], [*receipt, ("account.place", account)]),
        (people["dag"], [*receipt, *but_history]),
        (people["sven"], work),
        (people["adam"], [*work, *receipt]),
        (people["rita"], [*but_history, *receipt]),
    ]


def _with(card, verb: str, arg: str):
    """The card as somebody would forge it: with one button of their own making."""
    made = card.snapshot()
    button = {
        "type": "button",
        "action_id": f"{verb}#0",
        "value": arg,
        "text": {"type": "plain_text", "text": "x"},
    }
    made.blocks = [{"type": "actions", "block_id": "forged", "elements": [button]}]
    return made


def _only(folder: Path, kind: str) -> str:
    table = "accounts" if kind == "account" else "cases"
    where = "" if kind == "account" else f" WHERE kind = '{kind}'"
    with sqlite3.connect(folder / "smbot.db") as database:
        rows = database.execute(f"SELECT id FROM {table}{where}").fetchall()
    return str(rows[-1][0])


def _state(folder: Path) -> list[tuple]:
    with sqlite3.connect(folder / "smbot.db") as database:
        cases = database.execute("SELECT id, version, body FROM cases ORDER BY id").fetchall()
        return cases + database.execute("SELECT * FROM accounts ORDER BY id").fetchall()
