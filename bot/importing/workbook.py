"""An Excel workbook (.xlsx) as the text of a table: the values of its first sheet, and nothing of what reckons them out.

A workbook is a zip of XML, so a small one may unfold into a large one. Each part is unfolded up to a size and looked
through before openpyxl gets it, which opens no links and runs no macros; of a formula it gives what Excel reckoned last.
"""

import csv
import io
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from bot.importing.sheet import MOST_ROWS
from bot.model import Refused

TABLES = ("xl/worksheets/", "xl/sharedStrings.xml")
MOST_PARTS, MOST_IN_ALL = 500, 16_000_000
"""Parts, and bytes of all of them when they are unfolded."""


class Most(NamedTuple):
    """Of one part: bytes when it is unfolded, and elements of XML."""

    size: int
    elements: int


OF_A_TABLE, OF_ANOTHER = Most(8_000_000, 400_000), Most(500_000, 40_000)
"""A register of 5,000 rows takes half of it. What is larger and no table is a picture."""
MOST_COLUMNS = 100
LAST_ROW = 4 * MOST_ROWS
"""Nothing stands below it: a register may have gaps, and thousands of rows that were emptied."""
EXCELS_LAST_ROW = 1_048_576


def text_of(raw: bytes, most: int) -> str:
    """The first sheet that is shown, with semicolons; rows keep the numbers that they have in Excel.

    `most`: characters. Raises Refused for what is no such workbook, and for one that is too large.
    """
    try:
        return _text(_rows(_parts(raw)), most)
    except Refused:
        raise
    except Exception as error:  # a broken one raises nearly anything
        raise Refused("import.workbook") from error


def _parts(raw: bytes) -> io.BytesIO:
    """The workbook without what holds no words: pictures, settings of a printer."""
    slim, left = io.BytesIO(), MOST_IN_ALL
    with ZipFile(io.BytesIO(raw)) as whole, ZipFile(slim, "w") as kept:
        for part in _named(whole):
            most = OF_A_TABLE if part.filename.startswith(TABLES) else OF_ANOTHER
            data = _unfolded(whole, part, most)
            left -= len(data)
            if left < 0:
                raise Refused("import.workbook_large")
            if _is_plain(data, most):
                kept.writestr(part.filename, data)
    return slim


def _named(whole: ZipFile) -> Iterable[ZipInfo]:
    """Each part once: of two with one name the last, as everybody reads them."""
    if len(whole.infolist()) > MOST_PARTS:
        raise Refused("import.workbook_large")
    return {part.filename: part for part in whole.infolist()}.values()


def _unfolded(whole: ZipFile, part: ZipInfo, most: Most) -> bytes:
    """No more than the part says of itself: then its checksum is wrong. Asked for everything, Python would unfold it first."""
    if part.file_size > most.size and most is OF_A_TABLE:
        raise Refused("import.workbook_large")
    if part.file_size > most.size:
        return b""
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # the others cannot be unfolded in part
        raise Refused("import.workbook")
    with whole.open(part) as packed:
        return packed.read(part.file_size)


def _is_plain(data: bytes, most: Most) -> bool:
    """Whether it is XML that declares nothing of its own. Raises Refused for too much of it."""
    seen = _Seen(most.elements)
    reader = ParserCreate()
    reader.StartElementHandler, reader.StartDoctypeDeclHandler = seen.element, seen.declaration
    try:
        reader.Parse(data, True)
    except ExpatError:
        return False
    return not seen.declares


class _Seen:
    """What an XML reader comes by. What a document declares would be put in elsewhere, as often as it likes."""

    def __init__(self, most: int) -> None:
        self.left, self.declares = most, False

    def element(self, *_: object) -> None:
        self.left -= 1
        if self.left < 0:
            raise Refused("import.workbook_large")

    def declaration(self, *_: object) -> None:
        self.declares = True


def _rows(slim: io.BytesIO) -> Iterator[list[str]]:
    from openpyxl import load_workbook  # only when there is a workbook: it takes a quarter of a second

    warnings.filterwarnings("ignore", module="openpyxl")  # of what it does not know how to keep
    book = load_workbook(slim, read_only=True, data_only=True, keep_links=False)
    sheet = next(s for s in book.worksheets if s.sheet_state == "visible")
    sheet.reset_dimensions()  # some programs write down other ones than there are
    found = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
    for n, row in zip(range(1, EXCELS_LAST_ROW + 1), found, strict=False):
        if row.count(None) == len(row):
            yield []
        elif n > LAST_ROW:
            raise Refused("import.too_many", rows=n, most=MOST_ROWS)
        else:
            yield ["" if value is None else _cell(value) for value in row]


def _cell(value: object) -> str:
    """As one would write it: a day without its midnight, a whole number without a point."""
    match value:
        case float():
            return f"{value:.15g}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value).strip()


def _text(rows: Iterable[list[str]], most: int) -> str:
    """Empty rows count; those at the end are left out. One text may stand in many cells, so what grows is the sum."""
    out, empty = io.StringIO(newline=""), 0
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    for row in rows:
        if not row:
            empty += 1
            continue
        out.write("\n" * empty)
        writer.writerow(row[: max(n for n, cell in enumerate(row, 1) if cell or n == 1)])
        empty = 0
        if out.tell() > most:
            raise Refused("import.workbook_large")
    return out.getvalue()
