"""Workbooks as Excel writes them, part by part, so that a test may spoil any of them."""

import io
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET, SECOND, STRINGS, STYLES = (
    "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/styles.xml",
)  # fmt: skip
OF_DAYS = '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
"""The second style of cells shows a number as a day."""


def parts(
    cells: str, strings: str = "", *, hidden: str | None = None, styles: str = OF_DAYS
) -> dict[str, str]:
    """One sheet with these rows. `hidden`: rows of another sheet, which stands before it and is not shown."""
    first = "" if hidden is None else '<sheet name="Gömt" sheetId="2" state="hidden" r:id="rId2"/>'
    made = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{first}'
        '<sheet name="Register" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"), ("worksheet", "worksheets/sheet2.xml"),
            ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml"),
        ),
        SHEET: sheet(cells),
        SECOND: sheet(hidden or ""),
        STRINGS: f'<sst xmlns="{MAIN}">{strings}</sst>',
        STYLES: f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
    }  # fmt: skip
    return {name: HEAD + text for name, text in made.items()}


def sheet(cells: str) -> str:
    """The dimension is wrong, as some programs write it."""
    return f'<worksheet xmlns="{MAIN}"><dimension ref="A1"/><sheetData>{cells}</sheetData></worksheet>'


def _types() -> str:
    named = {"workbook.xml": "sheet.main", "styles.xml": "styles", "sharedStrings.xml": "sharedStrings",
             "worksheets/sheet1.xml": "worksheet", "worksheets/sheet2.xml": "worksheet"}  # fmt: skip
    told = "".join(f'<Override PartName="/xl/{n}" ContentType="{KIND}.{k}+xml"/>' for n, k in named.items())
    rels = f'<Default Extension="rels" ContentType="{PACKAGE.replace("http://schemas", "application/vnd")}"/>'
    return f'<Types xmlns="{PACKAGE}/content-types">{rels}{told}</Types>'


def _relations(*to: tuple[str, str]) -> str:
    told = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(to, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{told}</Relationships>'


def packed(files: Mapping[str, str | bytes], how: int = ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", how) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def workbook(rows: Iterable[Sequence[str]]) -> bytes:
    """These cells, with each text once in the table of strings, as Excel keeps them."""
    strings: dict[str, int] = {}
    cells = "".join(f'<row r="{n}">{_row(n, row, strings)}</row>' for n, row in enumerate(rows, 1))
    told = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    return packed(parts(cells, told))


def _row(number: int, row: Sequence[str], strings: dict[str, int]) -> str:
    placed = ((chr(ord("A") + n) + str(number), text) for n, text in enumerate(row) if text)
    return "".join(
        f'<c r="{at}" t="s"><v>{strings.setdefault(text, len(strings))}</v></c>' for at, text in placed
    )
