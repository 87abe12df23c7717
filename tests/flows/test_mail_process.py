"""`smbot run` with a chat and a mail server: an alarm takes both ways, and what mail cannot do is said."""

from pathlib import Path

import pytest

from tests.fakes.slack import FakeSlack
from tests.fakes.smtp import smtp
from tests.flows.process import running
from tests.flows.test_serve import by_http, organisation

pytestmark = pytest.mark.process
BOXES = """
[role_mail]
security = "vakt@example.org"
communications = ["larm@example.org"]
"""
__all__ = ["by_http"]


def with_mail(slack: FakeSlack, folder: Path) -> str:
    path = Path(organisation(slack, folder))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[[unit]]", f"{BOXES}\n[[unit]]", 1), encoding="utf-8")
    return str(path)


async def test_an_alarm_goes_by_chat_and_by_mail_and_mail_waits_where_the_password_is_wrong(
    by_http: FakeSlack, tmp_path: Path
) -> None:
    slack, user = by_http, ("smbot", "hemligt")
    async with smtp(user=user) as box:
        mail = {
            "SMBOT_SMTP_URL": f"smtp://smbot:hemligt@127.0.0.1:{box.port}",
            "SMBOT_MAIL_FROM": "Sociala medier <smbot@example.org>",
        }
        async with running(slack, tmp_path, SMBOT_ORGANISATION=with_mail(slack, tmp_path), **mail) as bot:
            maria = next(u.id for u in slack.space.users.values() if u.name == "maria")
            await slack.command(maria, "/sm-alarm", channel=slack.dm(maria))
            await slack.wait_for(lambda: slack.modal(maria))
            await slack.submit(maria, {})
            assert await slack.wait_for(lambda: slack.dms(maria))
            assert await slack.wait_for(
                lambda: {"vakt@example.org", "larm@example.org"} <= {m.to for m in box.inbox}
            )
            (first,) = box.to("vakt@example.org")
            assert first.user == "smbot"
            assert first.subject.startswith("Larm: hot")
            assert "08-000 00 00" in first.text

            box.takes = ("smbot", "nytt")
            before = len(slack.dms(maria))
            await slack.command(maria, "/sm-alarm", channel=slack.dm(maria))
            await slack.wait_for(lambda: slack.modal(maria))
            await slack.submit(maria, {})
            assert await slack.wait_for(lambda: len(slack.dms(maria)) > before)
            await bot.until(lambda _status, body: body.get("shut_out") == {"mail": "login_535"})
            assert await bot.terminate() == 0
            assert "vakt@example.org" not in bot.log
            assert "hemligt" not in bot.log
