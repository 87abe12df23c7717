"""The made-up university with a real mail server beside its chats."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from adapters.mail.send import MailChat
from adapters.mail.server import sender, server
from bot.desk import Desk
from bot.model import Contact, Person, PersonId
from scheduler.deliver import Delivery
from tests.fakes.smtp import Server, smtp
from tests.world import World, world

FROM = "Sociala medier <smbot@example.se>"
VAKT, SMS, LARM, DIARIET = (
    "vakt@example.se",
    "4670@sms.example.se",
    "larm@example.se",
    "registrator@example.se",
)


@asynccontextmanager
async def mailed(folder: Path, **office: object) -> AsyncIterator[tuple[World, Server]]:
    """Security has a mailbox and a telephone that takes texts, communications and the registry a mailbox each."""
    async with smtp() as box, world(folder, **office) as w:
        w.bot = replace(w.bot, mails=True)
        w.desk = Desk(w.bot)
        w.delivery = Delivery(w.bot, [w.chat, w.teams, mails(box)], "world")
        await w.seed(lambda tx: tx.save_role_contact("security", Contact(mail=(VAKT, SMS))))
        await w.seed(
            lambda tx: tx.save_role_contact("communications", Contact(mail=(LARM,), phone="08-1 23"))
        )
        await w.seed(lambda tx: tx.save_role_contact("registrar", Contact(mail=(DIARIET,))))
        yield w, box


def mails(box: Server) -> MailChat:
    return MailChat(server(f"smtp://127.0.0.1:{box.port}"), sender(FROM))


async def without_chat(w: World, ident: str, name: str) -> None:
    """Somebody whom the office has entered with an address, and whom no chat knows."""
    person = Person(id=PersonId(ident), name=name, email=f"{ident}@example.se", phone="070-1")
    await w.seed(lambda tx: tx.save_person(person))
