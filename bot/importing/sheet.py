"""A table as Swedish Excel writes it: semicolon, comma or tab; read into rows by column, and written back."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.importing.columns import Column, column_of
from bot.model import Refused
from bot.plain import bare

SEPARATORS = (";", "\t", ",")
MOST_ROWS = 5_000
LOOKED_AT = 15
"""Among so many rows the headings are looked for: titles and merged cells may stand above them."""
NEEDED = frozenset({"platform", "name", "address"})
PEOPLE = frozenset({"manager", "substitutes", "head"})
LIVE_CELL = re.compile("'*[=+\\-@\t\r＝＋－＠]")
"""What a spreadsheet would reckon out when it opens the cell, or what was made harmless before."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row, by the number that it has in the spreadsheet, with what is in its cells."""

    number: int
    cells: Mapping[Column, str]

    def cell(self, column: Column) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The table. `headings`: what each column is called in it; `unknown`: columns that are left aside."""

    lines: tuple[Line, ...]
    headings: Mapping[Column, str]
    unknown: tuple[str, ...] = ()


def read(text: str) -> Sheet:
    """The rows below the headings. Raises Refused where there are none, or too many."""
    text = text.lstrip("\ufeff").replace("\0", "")
    if not text.strip(" \t\r\n;,"):
        raise Refused("import.empty")
    rows, at = _rows(text)
    used = _columns(rows, at)
    found = [(n, row) for n, row in enumerate(rows[at + 1 :], at + 2) if any(map(str.strip, row))]
    lines = [line for n, row in found if (line := _line(n, row, used, rows[at]))]
    if not lines:
        raise Refused("import.no_rows")
    if len(lines) > MOST_ROWS:
        raise Refused("import.too_many", rows=len(lines), most=MOST_ROWS)
    headings = {used[n]: rows[at][n].strip() for n in sorted(used, reverse=True) if rows[at][n].strip()}
    return Sheet(lines=tuple(lines), headings=headings, unknown=_unknown(rows, at, used))


def _rows(text: str) -> tuple[list[list[str]], int]:
    """All cells by the separator under which most headings are known, and in which row the headings stand."""
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r'"?sep=(.)"?\r?', first.strip(" "))
    body = "\n" + rest if named else text  # the row that names the separator still counts as one
    separators = (named.group(1),) if named else SEPARATORS
    tried = [(_heading(list(islice(_parsed(body, s), LOOKED_AT))), s) for s in separators]
    (known, row), separator = max(tried, key=lambda t: t[0][0])
    if not known:
        raise Refused("import.no_headings")
    return list(_parsed(body, separator)), row


def _parsed(text: str, separator: str) -> Iterable[list[str]]:
    csv.field_size_limit(max(len(text), 1) + 1)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error:
        raise Refused("import.broken") from None


def _heading(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """How many headings the likeliest row knows, and which it is. One that names no account is none."""
    found = [(len(known), -n) for n, row in enumerate(rows) if (known := _known(row)) & NEEDED]
    score, at = max(found, default=(0, 0))
    return score, -at


def _known(row: Sequence[str]) -> set[str]:
    return {column for cell in row if (column := column_of(cell))}


def _columns(rows: Sequence[Sequence[str]], at: int) -> dict[int, Column]:
    """Which column stands where. A heading over two merged cells of people holds for both."""
    found: dict[int, Column] = {}
    for n, heading in enumerate(rows[at]):
        column = column_of(heading)
        before = found.get(n - 1)
        if column:
            found[n] = column
        elif not heading.strip() and before in PEOPLE and not _above(rows, at, n):
            found[n] = before
    return found


def _above(rows: Sequence[Sequence[str]], at: int, n: int) -> bool:
    """Whether a row of merged headings above says something of its own for this column."""
    return any(n < len(row) and row[n].strip() for row in rows[:at])


def _line(
    number: int, row: Sequence[str], used: Mapping[int, Column], headings: Sequence[str]
) -> Line | None:
    """A row's cells; those under one heading stand together. A repeated row of headings is none."""
    if _known(row) & NEEDED and [c.strip() for c in row] == [c.strip() for c in headings]:
        return None
    cells: dict[Column, str] = {}
    for n, column in used.items():
        value = bare(opened(row[n])) if n < len(row) else ""
        if value:
            cells[column] = f"{cells[column]}\n{value}" if column in cells else value
    return Line(number=number, cells=cells)


def _unknown(rows: Sequence[Sequence[str]], at: int, used: Mapping[int, Column]) -> tuple[str, ...]:
    """Columns with something in them that no heading of ours names."""
    width = max(map(len, rows[at:]))
    filled = [
        n for n in range(width) if n not in used and any(n < len(r) and r[n].strip() for r in rows[at:])
    ]
    named = [rows[at][n].strip() if n < len(rows[at]) else "" for n in filled]
    return tuple(bare(name)[:60] or letter(n) for n, name in zip(filled, named, strict=True))


def letter(n: int) -> str:
    """What a spreadsheet calls its column: A, B … AA."""
    return (letter(n // 26 - 1) if n >= 26 else "") + chr(ord("A") + n % 26)


# -- back into a table ----------------------------------------------------------------------------


def write(rows: Iterable[Sequence[str]], separator: str = ";") -> str:
    """The table as text that a spreadsheet opens and reckons nothing out of."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(
        [closed(c) for c in r] for r in rows
    )
    return out.getvalue()


def closed(cell: str) -> str:
    """A cell that would be a formula, with a `'` before it."""
    return f"'{cell}" if LIVE_CELL.match(cell) else cell


def opened(cell: str) -> str:
    """What `closed` was given."""
    return cell[1:] if cell.startswith("'") and LIVE_CELL.match(cell) else cell
