"""A register in a workbook of Excel: the values of its first sheet, whatever else is in the file."""

import io
import struct
import tracemalloc
from zipfile import ZIP_BZIP2, ZIP_LZMA

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.importing.sheet import read
from bot.importing.table_file import decoded
from bot.importing.workbook import LAST_ROW, text_of
from bot.model import Refused
from bot.texts import Texts
from tests.register_table import rows, table
from tests.workbooks import MAIN, SHEET, STRINGS, STYLES, packed, parts, sheet, workbook

SMALL = parts(
    "<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row>", "<si><t>Plattform</t></si><si><t>Namn</t></si>"
)
BOMB = 40_000_000


def shown(cells: str, strings: str = "") -> str:
    return text_of(packed(parts(cells, strings)), 100_000)


def refusal(raw: bytes, most: int = 100_000) -> str:
    with pytest.raises(Refused) as caught:
        text_of(raw, most)
    assert Texts("sv").has(caught.value.key)
    return caught.value.key


# -- what is in it ---------------------------------------------------------------------------------


def test_a_register_in_a_workbook_is_read_as_the_same_one_in_a_csv():
    assert read(decoded(workbook(rows()))) == read(table())


def test_a_workbook_of_another_program_is_read_too():
    made, out = Workbook(), io.BytesIO()
    for row in rows():
        made.worksheets[0].append([cell or None for cell in row])
    made.save(out)
    assert read(decoded(out.getvalue())) == read(table())


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<c s='1'><v>43588</v></c>", "2019-05-03"),
        ("<c s='1'><v>43588.5</v></c>", "2019-05-03T12:00:00"),
        ("<c><v>12</v></c>", "12"),
        ("<c><v>2019.5</v></c>", "2019.5"),
        ("<c><v>1E+2</v></c>", "100"),
        ("<c t='str'><f>HYPERLINK(\"http://x\",\"Biologi\")</f><v>Biologi</v></c>", "Biologi"),
        ("<c><f>1+1</f><v>2</v></c>", "2"),
        ('<c><f>WEBSERVICE("http://x")</f></c>', ""),
        ("<c t='inlineStr'><is><t> åäö – ”Ö” </t></is></c>", "åäö – ”Ö”"),
        ("<c t='s'><v>0</v></c>", "Instagram"),
        ("<c t='e'><v>#N/A</v></c>", "#N/A"),
        ("<c t='inlineStr'><is><t>en;två\ntre</t></is></c>", '"en;två\ntre"'),
    ],
)  # fmt: skip
def test_a_cell_gives_its_value_as_one_would_write_it(cell: str, text: str):
    rich = "<si><r><rPr><b/></rPr><t>Insta</t></r><r><t>gram</t></r><rPh sb='0' eb='1'><t>x</t></rPh></si>"
    assert shown(f"<row>{cell}<c><v>1</v></c></row>", rich) == f"{text};1\n"


def test_rows_keep_their_numbers_and_empty_ones_at_the_end_are_left_out():
    cells = "<row r='3'><c r='B3'><v>1</v></c></row><row r='5'><c r='A5'><v>2</v></c></row><row r='900'/>"
    assert shown(cells) == "\n\n;1\n\n2\n"


def test_the_first_sheet_that_is_shown_is_the_one_that_is_read():
    hidden = "<row><c><v>7</v></c></row>"
    assert text_of(packed(parts("<row><c><v>1</v></c></row>", hidden=hidden)), 100) == "1\n"


def test_what_openpyxl_warns_of_is_no_matter():
    lists = sheet("<row><c><v>1</v></c></row>").replace(
        "</worksheet>", "<extLst><ext uri='{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}'/></extLst></worksheet>"
    )
    assert text_of(packed(SMALL | {SHEET: lists}), 100) == "1\n"


def test_pictures_are_left_where_they_are():
    assert (
        text_of(packed(SMALL | {"xl/media/image1.png": b"\x89PNG" + bytes(3_000_000)}), 100)
        == "Plattform;Namn\n"
    )


# -- what it must not do ---------------------------------------------------------------------------


def strings(inside: str, before: str = "") -> str:
    return f'{before}<sst xmlns="{MAIN}">{inside}</sst>'


LAUGHS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
LONG = "<si><t>" + "x" * 32_000 + "</t></si>"
MANY = "<row>" + "<c t='s'><v>0</v></c>" * 90 + "</row>"


@pytest.mark.parametrize(
    ("spoilt", "key"),
    [
        ({SHEET: sheet("<row>" + "<c/>" * 400_000 + "</row>")}, "import.workbook_large"),
        ({STRINGS: strings("<si/>" * 400_001)}, "import.workbook_large"),
        ({STYLES: f'<styleSheet xmlns="{MAIN}"><fonts>{"<font/>" * 50_000}</fonts></styleSheet>'}, "import.workbook_large"),
        ({SHEET: " " * 9_000_000}, "import.workbook_large"),
        ({f"a{n}.xml": "<a/>" for n in range(600)}, "import.workbook_large"),
        ({f"xl/worksheets/sheet{n}.xml": sheet(" " * 6_000_000) for n in range(1, 5)}, "import.workbook_large"),
        ({SHEET: sheet(MANY * 100), STRINGS: strings(LONG)}, "import.workbook_large"),
        ({SHEET: sheet(f"<row r='{LAST_ROW + 1}'><c><v>1</v></c></row>")}, "import.too_many"),
        ({STRINGS: strings("<si><t>&i;</t></si><si/>", f'<!DOCTYPE sst [<!ENTITY a "ha">{LAUGHS}]>')}, "import.workbook"),
        ({STRINGS: strings("<si><t>&a;</t></si><si/>", '<!DOCTYPE sst [<!ENTITY a "ha">]>')}, "import.workbook"),
        ({STRINGS: strings("<si><t>&a;</t></si><si/>", '<!DOCTYPE sst [<!ENTITY a SYSTEM "file:///etc/passwd">]>')}, "import.workbook"),
        ({SHEET: "<worksheet>"}, "import.workbook"),
        ({"xl/workbook.xml": "<workbook/>"}, "import.workbook"),
        ({"[Content_Types].xml": "no XML"}, "import.workbook"),
    ],
    ids=["cells", "strings", "styles", "sheet", "parts", "sheets", "text", "rows", "laughs", "declared", "external",
         "broken", "no sheet", "no types"],
)  # fmt: skip
def test_what_would_unfold_too_far_or_is_broken_is_refused_with_what_to_do(spoilt: dict[str, str], key: str):
    assert refusal(packed(SMALL | spoilt)) == key


@pytest.mark.long
def test_a_row_that_says_it_is_the_last_of_all_is_no_endless_table():
    assert text_of(packed(SMALL | {SHEET: sheet("<row r='99999999999'><c><v>1</v></c></row>")}), 100) == ""


@pytest.mark.parametrize("how", [ZIP_BZIP2, ZIP_LZMA])
def test_a_way_of_packing_that_excel_does_not_use_is_refused(how: int):
    assert refusal(packed(SMALL, how)) == "import.workbook"


def test_a_part_that_unfolds_into_more_than_it_says_is_not_unfolded():
    raw = bytearray(packed({SHEET: " " * BOMB}))
    at = raw.find(b"PK\x01\x02")
    struct.pack_into("<I", raw, at + 24, 1_000)  # its size, as the list of parts says it
    tracemalloc.start()
    try:
        assert refusal(bytes(raw)) == "import.workbook"
        assert tracemalloc.get_traced_memory()[1] < BOMB / 10
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("raw", [b"PK\x03\x04", packed({"word/document.xml": "<w/>"}), packed(SMALL)[:-40]])
def test_another_zip_and_half_a_workbook_are_refused_with_what_to_do(raw: bytes):
    assert refusal(raw) == "import.workbook"


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(SMALL)), st.integers(0, 400), st.binary(max_size=6))
def test_a_spoilt_workbook_makes_a_table_or_a_sentence_and_nothing_else(name: str, at: int, spoil: bytes):
    whole = SMALL[name].encode()
    raw = packed(SMALL | {name: whole[:at] + spoil + whole[at + len(spoil) :]})
    why = ""
    try:
        text_of(raw, 100_000)
    except Refused as no:
        why = no.key
    assert not why or Texts("en").has(why)
