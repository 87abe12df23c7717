"""A register in a workbook of Excel: the values of its first sheet, whatever else is in the file."""

import io
import struct
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import ZIP_BZIP2, ZIP_LZMA

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.importing.sheet import read
from bot.importing.table_file import decoded
from bot.importing.workbook import LAST_ROW, MOST_IN_A_CELL, text_of
from bot.model import Refused
from bot.service.importing import MOST_MB
from bot.texts import Texts
from tests.register_table import rows, table
from tests.workbooks import MAIN, OF_DAYS, SHEET, STRINGS, STYLES, packed, parts, sheet, workbook

SMALL = parts(
    "<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row>", "<si><t>Plattform</t></si><si><t>Namn</t></si>"
)
BOMB = 20_000_000


def shown(cells: str, strings: str = "") -> str:
    return text_of(packed(parts(cells, strings)), 1)


def refusal(raw: bytes) -> str:
    with pytest.raises(Refused) as caught:
        text_of(raw, 1)
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
    assert text_of(packed(parts("<row><c><v>1</v></c></row>", hidden=hidden)), 1) == "1\n"


def test_what_openpyxl_warns_of_is_no_matter():
    lists = sheet("<row><c><v>1</v></c></row>").replace(
        "</worksheet>", "<extLst><ext uri='{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}'/></extLst></worksheet>"
    )
    assert text_of(packed(SMALL | {SHEET: lists}), 1) == "1\n"


def test_pictures_are_left_where_they_are():
    drawn = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd"><svg/>'
    seen = {"xl/media/image1.png": b"\x89PNG" + bytes(3_000_000), "xl/media/image2.svg": drawn}
    assert text_of(packed(SMALL | seen), 1) == "Plattform;Namn\n"


def test_days_are_days_in_an_old_workbook_with_thousands_of_formats_too():
    one = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" applyNumberFormat="1" applyAlignment="1" applyFont="1"/>'
    made = parts(
        "<row><c s='1'><v>43588</v></c></row>", styles=OF_DAYS.replace("</cell", f"{one * 5_000}</cell")
    )
    assert len(made[STYLES]) > 500_000
    assert text_of(packed(made), 1) == "2019-05-03\n"


def test_a_cell_may_hold_as_much_as_excel_allows():
    assert len(shown("<row><c t='s'><v>0</v></c></row>", LONG)) == MOST_IN_A_CELL + 1


# -- what it must not do ---------------------------------------------------------------------------


def strings(inside: str, before: str = "") -> str:
    return f'{before}<sst xmlns="{MAIN}">{inside}</sst>'


LAUGHS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
LONG = f"<si><t>{'x' * MOST_IN_A_CELL}</t></si><si/>"
MANY = "<row>" + "<c t='s'><v>0</v></c>" * 90 + "</row>"


@pytest.mark.parametrize(
    ("spoilt", "key"),
    [
        ({SHEET: sheet("<row>" + "<c/>" * 400_000 + "</row>")}, "import.workbook_large"),
        pytest.param({STRINGS: strings("<si/>" * 400_001)}, "import.workbook_large", marks=pytest.mark.long),
        ({STYLES: f'<styleSheet xmlns="{MAIN}"><fonts>{"<font/>" * 100_001}</fonts></styleSheet>'}, "import.workbook_large"),
        ({SHEET: " " * 9_000_000}, "import.workbook_large"),
        ({f"a{n}.xml": "<a/>" for n in range(600)}, "import.workbook_large"),
        ({f"xl/worksheets/sheet{n}.xml": sheet(" " * 6_000_000) for n in range(1, 4)}, "import.workbook_large"),
        ({STYLES: " " * 4_000_001}, "import.workbook_large"),
        ({"xl/workbook.xml": " " * 4_000_001}, "import.workbook_large"),
        ({SHEET: sheet("<row " + " ".join(f"a{n}=''" for n in range(70_000)) + "/>")}, "import.workbook_large"),
        ({STRINGS: strings(LONG.replace("x", "xx", 1))}, "import.workbook_large"),
        ({SHEET: sheet(MANY), STRINGS: strings(LONG)}, "import.too_much"),
        ({STYLES: "<styleSheet>"}, "import.workbook"),
        ({SHEET: sheet(f"<row r='{LAST_ROW + 1}'><c><v>1</v></c></row>")}, "import.too_many"),
        ({STRINGS: strings("<si><t>&i;</t></si><si/>", f'<!DOCTYPE sst [<!ENTITY a "ha">{LAUGHS}]>')}, "import.workbook"),
        ({STRINGS: strings("<si><t>&a;</t></si><si/>", '<!DOCTYPE sst [<!ENTITY a "ha">]>')}, "import.workbook"),
        ({STRINGS: strings("<si><t>&a;</t></si><si/>", '<!DOCTYPE sst [<!ENTITY a SYSTEM "file:///etc/passwd">]>')}, "import.workbook"),
        ({SHEET: "<worksheet>"}, "import.workbook"),
        ({"xl/workbook.xml": "<workbook/>"}, "import.workbook"),
        ({"[Content_Types].xml": "no XML"}, "import.workbook"),
    ],
    ids=["cells", "strings", "styles", "sheet", "parts", "sheets", "much of styles", "of names", "a tag", "a cell", "text",
         "broken styles", "rows", "laughs", "declared", "external", "broken", "no sheet", "no types"],
)  # fmt: skip
def test_what_would_unfold_too_far_or_is_broken_is_refused_with_what_to_do(spoilt: dict[str, str], key: str):
    assert refusal(packed(SMALL | spoilt)) == key


@pytest.mark.long
def test_a_row_that_says_it_is_the_last_of_all_is_no_endless_table():
    assert text_of(packed(SMALL | {SHEET: sheet("<row r='99999999999'><c><v>1</v></c></row>")}), 1) == ""


@pytest.mark.parametrize("how", [ZIP_BZIP2, ZIP_LZMA])
def test_a_way_of_packing_that_excel_does_not_use_is_refused(how: int):
    assert refusal(packed(SMALL, how)) == "import.workbook"


def test_a_part_that_unfolds_into_more_than_it_says_is_not_unfolded():
    raw = bytearray(packed({SHEET: " " * BOMB}))
    at = raw.find(b"PK\x01\x02")
    struct.pack_into("<I", raw, at + 24, 1_000)  # its size, as the list of parts says it
    with at_most(BOMB // 10):
        assert refusal(bytes(raw)) == "import.workbook"


@pytest.mark.parametrize("characters", [MOST_IN_A_CELL, 1_000_000])
def test_one_text_in_many_cells_takes_no_room_for_each_of_them(characters: int):
    raw = packed(SMALL | {SHEET: sheet(MANY * 20), STRINGS: strings(f"<si><t>{'x' * characters}</t></si>")})
    with at_most(12_000_000):
        refusal(raw)


def test_whoever_looks_after_the_installation_may_give_more_than_others_in_the_chat():
    raw = workbook([["Instagram", "x" * 30_000]] * 70)
    assert len(decoded(raw)) > 2_000_000
    with pytest.raises(Refused, match=r"import\.too_much"):
        decoded(raw, MOST_MB)


@contextmanager
def at_most(room: int) -> Iterator[None]:
    """Bytes of memory at any one time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < room
    finally:
        tracemalloc.stop()


def test_what_a_part_declares_is_refused_and_never_put_in():
    """Others wait as long as the reader of XML puts it in; without it this takes some milliseconds."""
    inside = "&a;" * 300_000
    laughs = f'<!DOCTYPE r [<!ENTITY a "{"x" * 10_000}">]><r>{inside}</r>'
    before = time.process_time()
    assert refusal(packed(SMALL | {f"xl/worksheets/z{n}.xml": laughs for n in range(3)})) == "import.workbook"
    assert time.process_time() - before < 1


def test_a_part_that_declares_something_is_refused_wherever_it_is():
    assert refusal(packed(SMALL | {"xl/theme/theme1.xml": "<!DOCTYPE a><a/>"})) == "import.workbook"


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
        text_of(raw, 1)
    except Refused as no:
        why = no.key
    assert not why or Texts("en").has(why)
