"""Mail against real servers: what becomes of each, and what arrives."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.mail.send import MailChat
from adapters.mail.server import sender, server
from bot.outgoing import Ambiguous, Dead, Retry, Sent
from bot.ports import Address, Envelope
from bot.view import Card, Facts, Text
from tests.fakes.smtp import smtp, trusting

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
FROM = "Sociala medier <smbot@larosatet.example>"
VAKT = "vakt@larosatet.example"
CARD = Card(
    title="Larm: hot på @biologi", parts=(Text(text="Ingen har kvitterat än."), Facts(rows=(("Länk", "x"),)))
)


def letter(to: str = VAKT, card: Card = CARD, key: str = "a1:first", **more: object) -> Envelope:
    return replace(
        Envelope(to=Address(platform="mail", realm="", user=to), card=card, key=key, fallback="", language="sv",
                 users={}, at=NOON), **more)  # fmt: skip


def chat(
    port: int, scheme: str = "smtp", user: str = "", options: str = "", *, trusts: bool = True
) -> MailChat:
    where = server(f"{scheme}://{user}127.0.0.1:{port}{options}")
    return MailChat(where, sender(FROM), trusting() if trusts else None)


async def test_a_mail_arrives_whole_and_its_repeat_bears_the_same_id() -> None:
    async with smtp() as box:
        mails = chat(box.port)
        first, again = await mails.post(letter()), await mails.post(letter())
        other = await mails.post(letter(key="a1:next"))

        assert isinstance(first, Sent)
        assert first == again != other
        (mail, *_) = box.inbox
        message = mail.message
        assert (mail.sender, mail.to) == ("smbot@larosatet.example", VAKT)
        assert (mail.subject, str(message["From"])) == (CARD.title, FROM)
        assert message["Message-ID"] == first.ref
        assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
        assert message["List-Id"] == "<smbot.larosatet.example>"
        assert "Ingen har kvitterat än." in mail.text
        assert "Ingen har kvitterat än." in mail.html
        assert mail.text.index(CARD.title) == 0


@pytest.mark.parametrize("tls", ["required", "offered"])
async def test_by_starttls_nothing_is_said_before_it_is_secret(tls: str) -> None:
    async with smtp(tls=tls, user=("smbot", "hemligt/å")) as box:
        sent = await chat(box.port, user="smbot:hemligt%2F%C3%A5@", options="?starttls=required").post(
            letter()
        )

        assert isinstance(sent, Sent)
        assert [(m.secret, m.user) for m in box.inbox] == [(True, "smbot")]


async def test_over_tls_from_the_first_byte_it_arrives_too() -> None:
    async with smtp(tls="implicit") as box:
        assert isinstance(await chat(box.port, "smtps").post(letter()), Sent)
        assert [m.secret for m in box.inbox] == [True]


async def test_to_a_server_that_nobody_vouches_for_nothing_is_sent() -> None:
    async with smtp(tls="offered") as box:
        out = await chat(box.port, options="?starttls=required", trusts=False).post(letter())

        assert isinstance(out, Retry)
        assert (out.shut_out, out.reason, box.inbox) == (True, "certificate", [])


async def test_where_starttls_is_required_and_not_there_nothing_is_sent() -> None:
    async with smtp() as box:
        out = await chat(box.port, options="?starttls=required").post(letter())

        assert isinstance(out, Retry)
        assert (out.shut_out, out.reason, box.inbox) == (True, "no_starttls", [])


async def test_a_wrong_password_keeps_all_mail_waiting_and_is_said() -> None:
    async with smtp(user=("smbot", "hemligt")) as box:
        mails = chat(box.port, user="smbot:gissat@")
        out = await mails.post(letter())

        assert isinstance(out, Retry)
        assert (out.shut_out, out.wide, out.reason) == (True, True, "login_535")
        assert await mails.try_out() == "login_535"


@pytest.mark.parametrize(
    ("code", "outcome"), [(451, Retry(reason="recipient_451")), (550, Dead(reason="recipient_550"))]
)
async def test_a_mailbox_that_is_refused_is_dead_and_one_that_is_busy_is_not(
    code: int, outcome: object
) -> None:
    async with smtp() as box:
        box.codes[VAKT] = code
        mails = chat(box.port)
        assert await mails.post(letter()) == outcome
        assert isinstance(await mails.post(letter(to="annan@larosatet.example")), Sent)


async def test_a_no_to_the_sender_keeps_all_mail_waiting_only_where_it_is_of_the_sender() -> None:
    async with smtp() as box:
        mails, utf8 = chat(box.port), letter(to="åsa@larosatet.example")
        box.at_sender += [530, 535, 550, 553, 552, 555, 451, 550, 451]
        shut = [await mails.post(letter()) for _ in range(4)]
        alone = [await mails.post(mail) for mail in (letter(), letter(), letter(), utf8, utf8)]

        assert [isinstance(out, Retry) and out.shut_out and out.wide for out in shut] == [True] * 4
        assert alone == [Dead(reason="sender_552"), Dead(reason="sender_555"), Retry(reason="sender_451"),
                         Dead(reason="sender_550"), Retry(reason="sender_451")]  # fmt: skip
        assert isinstance(await mails.post(utf8), Sent)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(451, Retry(reason="smtp_451")), (552, Dead(reason="refused_552"))],
)
async def test_what_the_server_says_after_the_last_line_counts(code: int, outcome: object) -> None:
    async with smtp() as box:
        box.at_end.append(code)
        assert await chat(box.port).post(letter()) == outcome
        assert box.inbox == []


async def test_who_hangs_up_after_the_last_line_may_have_it() -> None:
    async with smtp() as box:
        box.at_end.append(0)
        assert isinstance(await chat(box.port).post(letter()), Ambiguous)
        assert len(box.inbox) == 1


async def test_where_nobody_listens_or_nobody_greets_it_is_tried_again() -> None:
    async with smtp() as box:
        closed = box.port
    assert isinstance(out := await chat(closed).post(letter()), Retry)
    assert not out.shut_out

    async def busy(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"421 Try later\r\n")
        await writer.drain()
        writer.close()

    turned_away = await asyncio.start_server(busy, "127.0.0.1", 0)
    async with turned_away:
        port = turned_away.sockets[0].getsockname()[1]
        assert await chat(port).post(letter()) == Retry(reason="smtp_421")
        assert await chat(port).try_out() == "smtp_421"


async def test_letters_of_every_alphabet_reach_addresses_subjects_and_texts() -> None:
    card = Card(
        title="Frågor på 日本語 och ångström till " + "Öländska " * 20, parts=(Text(text="Å" * 2_000),)
    )
    async with smtp() as box:
        mails = chat(box.port)
        assert isinstance(await mails.post(letter(to="åsa.öberg@högskolan.example", card=card)), Sent)
        assert isinstance(await mails.post(letter(to="asa@högskolan.example", card=card)), Sent)

        assert [m.to for m in box.inbox] == ["åsa.öberg@högskolan.example", "asa@xn--hgskolan-n4a.example"]
        assert all(m.subject.startswith("Frågor på 日本語 och ångström till") for m in box.inbox)
        assert all(m.text.count("Å") == 2_000 for m in box.inbox)
        assert max(len(line) for m in box.inbox for line in m.raw.split(b"\r\n")) < 200


async def test_a_server_that_takes_no_such_letters_refuses_the_address_alone() -> None:
    async with smtp(utf8=False) as box:
        assert await chat(box.port).post(letter(to="åsa@larosatet.example")) == Dead(reason="refused_553")
        assert isinstance(await chat(box.port).post(letter()), Sent)


@pytest.mark.parametrize(
    "title", ["Larm\r\nBcc: ond@example.org", "Larm\nX-Ond: 1\n\nTexten", "\u202eLarm\x00\x07"]
)
async def test_no_name_begins_a_header(title: str) -> None:
    async with smtp() as box:
        assert isinstance(await chat(box.port).post(letter(card=Card(title=title))), Sent)
        (mail,) = box.inbox
        assert {"bcc", "x-ond"}.isdisjoint(name.lower() for name in mail.message)
        assert "\n" not in mail.subject


async def test_a_mail_can_be_neither_changed_nor_looked_up() -> None:
    mails = chat(1)
    assert isinstance(await mails.edit(letter(), "<x@y>"), Dead)
    assert isinstance(await mails.find(letter(), NOON), Ambiguous)
    assert await mails.members(Address(platform="mail", realm="", user=VAKT)) == {VAKT}
