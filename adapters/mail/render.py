"""Card -> a mail: plain words first, for readers, for text messages and for ears, and the same in simple HTML.

Words from outside stand escaped and without hidden signs, and none of them can begin a header. Nothing in a mail acts:
what can be done, and where, is said in words.
"""

import hashlib
from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from html import escape
from textwrap import wrap
from typing import assert_never

from adapters.mail.server import Sender, ascii_domain
from bot.plain import clean, cut, safe_link, short
from bot.ports import Envelope
from bot.texts import Texts
from bot.view import Card, Cite, Divider, Facts, Item, Items, Part, People, Quote, Text

WIDTH = 76
SUBJECT, WORDS = 100, 20_000
RULE = "-" * 20
NOTHING = "–"
STYLE = "font-family: sans-serif; font-size: 16px; line-height: 1.5; max-width: 42em"


def message(envelope: Envelope, sender: Sender) -> EmailMessage:
    """The whole mail. The same key gives the same Message-ID, so that a repeat can be told by mailboxes too.

    It says that a machine wrote it, and to which list it belongs, so that nobody's absence answers it (RFC 3834).
    """
    t = Texts("en" if envelope.language == "en" else "sv")
    mail = EmailMessage(policy=SMTPUTF8 if needs_utf8(envelope) else SMTP)
    mail["Subject"] = " ".join(short(envelope.card.title, SUBJECT).split())
    mail["From"] = Address(sender.name, *_halves(sender.address))
    mail["To"] = Address("", *_halves(envelope.to.user))
    mail["Date"] = envelope.at
    mail["Message-ID"] = message_id(envelope.key, sender)
    if envelope.thread:
        mail["In-Reply-To"] = mail["References"] = envelope.thread
    mail["List-Id"] = f"<smbot.{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = t.language
    mail.set_content(text(envelope.card, t), cte="quoted-printable")
    mail.add_alternative(page(envelope.card, t), subtype="html", cte="quoted-printable")
    return mail


def message_id(key: str, sender: Sender) -> str:
    """Made of what is said to whom, and of nothing that could be read back."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{sender.domain}>"


def needs_utf8(envelope: Envelope) -> bool:
    """Whether the name before the @ has letters that only some mail servers take."""
    return not envelope.to.user.rpartition("@")[0].isascii()


def _halves(address: str) -> tuple[str, str]:
    name, _, domain = address.rpartition("@")
    return name, ascii_domain(address) if name.isascii() else domain


# -- in words -----------------------------------------------------------------------------------


def text(card: Card, t: Texts) -> str:
    """All of the card, the most important first. Lines are folded, addresses are not."""
    blocks = [card.title, *(block for part in card.parts for block in _said(part, t)), *_can(card, t)]
    return "\n\n".join("\n".join(_folded(block)) for block in blocks if block) + "\n"


def _said(part: Part, t: Texts) -> Iterator[str]:
    match part:
        case Text():
            yield part.text
        case Quote():
            yield "\n".join(f"> {line}" for line in cut(part.text, WORDS).splitlines())
        case Facts():
            yield "\n".join(_fact(label, value) for label, value in part.rows)
        case Items():
            yield "\n".join(f"- {_line(item)}" for item in part.items)
        case Cite():
            yield _cited(part, t)
        case People():
            yield _addressed(part)
        case Divider():
            yield RULE
        case _:
            assert_never(part)


def _fact(label: str, value: str) -> str:
    return f"{_label(label)} {value or NOTHING}"


def _label(label: str) -> str:
    return label if label.endswith("?") else f"{label}:"


def _line(item: Item) -> str:
    return " – ".join(filter(None, (item.text, item.note)))


def _cited(part: Cite, t: Texts) -> str:
    where = f"{part.section} {safe_link(part.link)}".strip()
    return " ".join(filter(None, (part.rule, where, t("mail.default") if part.default else "")))


def _addressed(part: People) -> str:
    return ", ".join(filter(None, (*(person.name for person in part.people), part.text)))


def _can(card: Card, t: Texts) -> list[str]:
    """Presses that nobody has put into words: what a chat would offer."""
    return [t("mail.can", labels="; ".join(button.label for button in card.buttons))] if card.buttons else []


def _folded(block: str) -> Iterator[str]:
    for line in cut(block, WORDS).splitlines():
        ahead = "> " if line.startswith("> ") else "  " if line.startswith("- ") else ""
        yield from wrap(
            line, WIDTH, subsequent_indent=ahead, break_long_words=False, break_on_hyphens=False
        ) or [""]


# -- as a page ----------------------------------------------------------------------------------


def page(card: Card, t: Texts) -> str:
    """The same in HTML that every reader of mail shows: no script, no picture, nothing from elsewhere."""
    body = [f"<h1 style='font-size: 1.3em'>{_safe(card.title)}</h1>"]
    body += [_shown(part, t) for part in card.parts]
    body += [f"<p>{_safe(words)}</p>" for words in _can(card, t)]
    inner = "\n".join(body)
    return (
        f"<!doctype html>\n<html lang='{t.language}'>\n<head><meta charset='utf-8'><title>{_safe(card.title)}</title>"
        f"</head>\n<body>\n<div style='{STYLE}'>\n{inner}\n</div>\n</body>\n</html>\n"
    )


def _shown(part: Part, t: Texts) -> str:
    match part:
        case Text():
            inner = _safe(part.text)
            return f"<p><strong>{inner}</strong></p>" if part.tone == "strong" else f"<p>{inner}</p>"
        case Quote():
            return f"<blockquote>{_safe(part.text)}</blockquote>"
        case Facts():
            said = (
                f"<strong>{_safe(_label(label))}</strong> {_safe(value or NOTHING)}"
                for label, value in part.rows
            )
            return f"<p>{'<br>'.join(said)}</p>"
        case Items():
            return f"<ul>{''.join(f'<li>{_safe(_line(item))}</li>' for item in part.items)}</ul>"
        case Cite():
            return f"<p>{_linked(part, t)}</p>"
        case People():
            return f"<p><strong>{_safe(_addressed(part))}</strong></p>"
        case Divider():
            return "<hr>"
        case _:
            assert_never(part)


def _linked(part: Cite, t: Texts) -> str:
    link = safe_link(part.link)
    where = (
        f"<a href='{escape(link, quote=True)}'>{_safe(part.section or link)}</a>"
        if link
        else _safe(part.section)
    )
    note = f"<em>{_safe(t('mail.default'))}</em>" if part.default else ""
    return " ".join(filter(None, (_safe(part.rule), where, note)))


def _safe(words: str) -> str:
    return escape(clean(cut(words, WORDS)), quote=True).replace("\n", "<br>")
