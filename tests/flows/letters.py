"""Letters, the same on every platform: a real mail server in the test's process takes what the bot sends."""

import asyncio
from contextlib import suppress

from tests.fakes.smtp import Mail, Server

SECONDS = 20.0
SENDER = "Sociala medier <smbot@larosatet.example>"


def settings(box: Server) -> dict[str, str]:
    """What a bot needs in its environment to send there."""
    return {"SMBOT_SMTP_URL": f"smtp://127.0.0.1:{box.port}", "SMBOT_MAIL_FROM": SENDER}


class Letterbox:
    """The part of a player that opens letters; `box` is set where the story has any."""

    box: Server | None = None

    async def opens_letter(self, address: str, text: str) -> None:
        """Wait until a letter to this address says so, in its subject or below."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                while not any(text in _words(mail) for mail in self._to(address)):
                    await asyncio.sleep(0.02)
        there = "\n---\n".join(_words(mail) for mail in self._to(address))
        assert text in there, f"no letter to {address} says {text!r}, but:\n{there}"

    def _to(self, address: str) -> list[Mail]:
        assert self.box, "this story has no mail server"
        return self.box.to(address)


def _words(mail: Mail) -> str:
    """A letter's lines are broken where a mail program wants it."""
    return " ".join(f"{mail.subject} {mail.text}".split())
