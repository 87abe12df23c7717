"""Bytes of a table as text: a workbook of Excel, UTF-8 with or without BOM, UTF-16 as Excel's "Unicode text", Windows-1252,
or rows of both."""

from bot.importing.workbook import text_of
from bot.model import Refused

MOST_MB = 20
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""How .xlsx begins, and .xls, with every workbook that has a password."""
BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf")
NUL_MOST = 0.05
"""A text with more NUL than this is none; single ones are left out later."""


def decoded(raw: bytes) -> str:
    """The text. Raises Refused for one that is too large, and for what is no table at all."""
    if len(raw) > MOST_MB * 1_000_000:
        raise Refused("import.too_large", most=MOST_MB)
    if raw.startswith(ZIP):
        return text_of(raw, MOST_MB * 1_000_000)
    if raw.startswith(OLE):
        raise Refused("import.workbook")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    if raw.startswith(BINARY) or raw.count(0) > len(raw) * NUL_MOST:
        raise Refused("import.binary")
    return _text(raw.removeprefix(b"\xef\xbb\xbf"))


def _text(raw: bytes) -> str:
    """Rows pasted together out of two files may be in two encodings, so each is read by itself where the whole is not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(_row(row) for row in raw.splitlines(keepends=True))


def _row(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
