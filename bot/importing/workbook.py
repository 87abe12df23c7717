"""An Excel workbook (.xlsx) as the text of a table: the values of its first sheet, and nothing of what reckons them out.

A workbook is a zip of XML, so a small one may unfold into a large one. Each part is unfolded up to a size and looked
through before openpyxl gets it, which opens no links and runs no macros; of a formula it gives what Excel reckoned last.
"""

import csv
import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice, starmap
from typing import NamedTuple, NoReturn
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from bot.importing.sheet import MOST_ROWS
from bot.model import Refused

MOST_PARTS, MOST_IN_ALL = 500, 16_000_000
"""Parts, and bytes of all of them when they are unfolded."""


class Most(NamedTuple):
    """Of one part: bytes when it is unfolded, and elements of XML."""

    size: int
    elements: int


NEEDED = {
    "xl/workbook.xml": Most(4_000_000, 100_000),
    "xl/styles.xml": Most(4_000_000, 100_000),
    "xl/sharedStrings.xml": Most(8_000_000, 400_000),
    "xl/worksheets/": Most(8_000_000, 400_000),
}
"""A register of 5,000 rows takes half of it. Without one of these, days would be read as numbers, or nothing would."""
OF_ANOTHER = Most(500_000, 40_000)
"""What is larger holds no values: it is left out."""
PIECE, LONGEST = 16_384, 500_000
"""Bytes that are looked through at a time, and of one tag: openpyxl begins it again with each piece of it."""
MOST_COLUMNS = 100
MOST_IN_A_CELL = 32_767
"""Characters, as in Excel. One text may stand in as many cells as one likes."""
LAST_ROW = 4 * MOST_ROWS
"""Nothing stands below it: a register may have gaps, and thousands of rows that were emptied."""
EXCELS_LAST_ROW = 1_048_576


def text_of(raw: bytes, millions: int) -> str:
    """The first sheet that is shown, with semicolons; rows keep the numbers that they have in Excel.

    `millions`: of characters, at most. Raises Refused for what is no such workbook, and for one that is too large.
    """
    try:
        return _text(_rows(_parts(raw)), millions)
    except Refused:
        raise
    except Exception as error:  # a broken one raises nearly anything
        raise Refused("import.workbook") from error


def _parts(raw: bytes) -> io.BytesIO:
    """The workbook without what holds no words: pictures, settings of a printer."""
    slim = io.BytesIO()
    with ZipFile(io.BytesIO(raw)) as whole, ZipFile(slim, "w") as kept:
        parts = [part for part in _named(whole) if _fits(part)]
        if sum(part.file_size for part in parts) > MOST_IN_ALL:
            raise Refused("import.workbook_large")
        for part in parts:
            if _is_plain(data := _unfolded(whole, part), part):
                kept.writestr(part.filename, data)
    return slim


def _named(whole: ZipFile) -> Iterable[ZipInfo]:
    """Each part of XML once: of two with one name the last, as everybody reads them."""
    if len(whole.infolist()) > MOST_PARTS:
        raise Refused("import.workbook_large")
    return {
        p.filename: p for p in whole.infolist() if p.filename.lower().endswith((".xml", ".rels"))
    }.values()


def _needed(part: ZipInfo) -> Most | None:
    """None for what may be left out."""
    return next((most for name, most in NEEDED.items() if part.filename.startswith(name)), None)


def _fits(part: ZipInfo) -> bool:
    """Raises Refused for one that is needed and does not."""
    fits = part.file_size <= (_needed(part) or OF_ANOTHER).size
    if not fits and _needed(part):
        raise Refused("import.workbook_large")
    return fits


def _unfolded(whole: ZipFile, part: ZipInfo) -> bytes:
    """No more than the part says of itself: then its checksum is wrong. Asked for everything, Python would unfold it first."""
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # the others cannot be unfolded in part
        raise Refused("import.workbook")
    with whole.open(part) as packed:
        return packed.read(part.file_size)


def _is_plain(data: bytes, part: ZipInfo) -> bool:
    """Whether it is XML. Raises Refused for too much of it, for what declares something, and for a broken part that is needed."""
    try:
        _Seen((_needed(part) or OF_ANOTHER).elements).read(data)
    except ExpatError:
        if _needed(part):
            raise
        return False
    return True


class _Seen:
    """What an XML reader comes by, piece by piece: it goes on to the end of a piece whatever is refused in it."""

    def __init__(self, elements: int) -> None:
        self._left = elements
        self._reader = ParserCreate()
        self._reader.StartElementHandler = self._element
        self._reader.StartDoctypeDeclHandler = self._declaration

    def read(self, data: bytes) -> None:
        """Raises ExpatError for what is no XML. Nobody else waits for longer than one piece takes."""
        for at in range(0, len(data), PIECE):
            self._reader.Parse(data[at : at + PIECE])
            if at - self._reader.CurrentByteIndex > LONGEST:
                raise Refused("import.workbook_large")
        self._reader.Parse(b"", True)

    def _element(self, *_: object) -> None:
        self._left -= 1
        if self._left < 0:
            raise Refused("import.workbook_large")

    def _declaration(self, *_: object) -> NoReturn:
        """What a document declares would be put in elsewhere, as often as it likes."""
        raise Refused("import.workbook")


def _rows(slim: io.BytesIO) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # only when there is a workbook: it takes a quarter of a second

    warnings.filterwarnings("ignore", module="openpyxl")  # of what it does not know how to keep
    book = load_workbook(slim, read_only=True, data_only=True, keep_links=False)
    sheet = next(s for s in book.worksheets if s.sheet_state == "visible")
    sheet.reset_dimensions()  # some programs write down other ones than there are
    found = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
    return starmap(_row, enumerate(islice(found, EXCELS_LAST_ROW), 1))


def _row(number: int, values: Sequence[object]) -> list[str]:
    """Nothing for an empty one. Raises Refused for one that stands too far down."""
    if values.count(None) == len(values):
        return []
    if number > LAST_ROW:
        raise Refused("import.too_many", rows=number, most=MOST_ROWS)
    return ["" if value is None else _cell(value) for value in values]


def _cell(value: object) -> str:
    """As one would write it: a day without its midnight, a whole number without a point."""
    match value:
        case float():
            return f"{value:.15g}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case str() if len(value) > MOST_IN_A_CELL:
            raise Refused("import.workbook_large")
        case _:
            return str(value).strip()


def _text(rows: Iterable[list[str]], millions: int) -> str:
    """Empty rows count; those at the end are left out. A row that would be too much is not written any more."""
    out, empty = io.StringIO(newline=""), 0
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    for row in rows:
        if out.tell() + sum(map(len, row)) > millions * 1_000_000:
            raise Refused("import.too_much", most=millions)
        if row:
            out.write("\n" * empty)
            writer.writerow(row[: max(n for n, cell in enumerate(row, 1) if cell or n == 1)])
        empty = 0 if row else empty + 1
    return out.getvalue()
