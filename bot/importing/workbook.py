"""An Excel workbook (.xlsx) as the text of a table: the values of its first sheet, and nothing of what reckons them out.

A workbook is a zip of XML, so a small one may unfold into a large one. Each part is unfolded up to a size and looked
through before openpyxl gets it, which opens no links and runs no macros; of a formula it gives what Excel reckoned last.
"""

import csv
import io
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from bot.importing.sheet import MOST_ROWS
from bot.model import Refused

TABLES = ("xl/worksheets/", "xl/sharedStrings.xml")
MOST_OF_TABLES, MOST_OF_OTHERS, MOST_IN_ALL = 8_000_000, 500_000, 16_000_000
"""Bytes of a part when it is unfolded. A register of 5,000 rows takes 4 MB; what is large and no table is a picture."""
MOST_PARTS, MOST_IN_TABLES, MOST_IN_OTHERS = 500, 400_000, 40_000
"""Elements of a part: 5,000 rows take half of that."""
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
        if len(whole.infolist()) > MOST_PARTS:
            raise Refused("import.workbook_large")
        for part in {found.filename: found for found in whole.infolist()}.values():
            data = _unfolded(whole, part)
            if _is_plain(data, MOST_IN_TABLES if _is_table(part) else MOST_IN_OTHERS):
                kept.writestr(part.filename, data)
            left -= len(data)
            if left < 0:
                raise Refused("import.workbook_large")
    return slim


def _unfolded(whole: ZipFile, part: ZipInfo) -> bytes:
    """No more than the part says of itself: then its checksum is wrong. Asked for everything, Python would unfold it first."""
    if _is_table(part) and part.file_size > MOST_OF_TABLES:
        raise Refused("import.workbook_large")
    if not _is_table(part) and part.file_size > MOST_OF_OTHERS:
        return b""
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # the others cannot be unfolded in part
        raise Refused("import.workbook")
    with whole.open(part) as packed:
        return packed.read(part.file_size)


def _is_table(part: ZipInfo) -> bool:
    return part.filename.startswith(TABLES)


def _is_plain(data: bytes, most: int) -> bool:
    """Whether it is XML, and declares nothing of its own that would be put in elsewhere. Raises Refused for too much of it."""
    elements, declared = 0, []

    def begin(*_: object) -> None:
        nonlocal elements
        elements += 1
        if elements > most:
            raise Refused("import.workbook_large")

    reader = ParserCreate()
    reader.StartElementHandler = begin
    reader.StartDoctypeDeclHandler = lambda *_: declared.append(True)
    try:
        reader.Parse(data, True)
    except ExpatError:
        return False
    return not declared


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
