"""A register in a table: read as spreadsheets write it, judged against what there is, and written back."""

import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.importing.cells import exported, headings, places_called, table
from bot.importing.columns import COLUMNS, column_of, level_called, platform_called, says_nothing
from bot.importing.judge import day_called, judge
from bot.importing.people import named
from bot.importing.plan import KINDS, Plan
from bot.importing.sheet import MOST_ROWS, SEPARATORS, closed, opened, read, write
from bot.importing.table_file import decoded
from bot.model import Account, Identity, Person, PersonId, Place, Refused, Unit
from bot.register import Register
from bot.texts import LANGUAGES, Texts
from tests.register_table import ACCOUNTS, DOUBLES, mixed, rows
from tests.register_table import table as office_table

SV, EN = Texts("sv"), Texts("en")
ANNA, BO, LEFT, AWAITED = (PersonId(p) for p in ("anna", "bo", "left", "awaited"))


def register(*accounts: Account) -> Register:
    people = {
        ANNA: Person(id=ANNA, name="Anna Ek", email="anna@uni.se"),
        BO: Person(id=BO, name="Bo; <Lind>", email=""),
        LEFT: Person(id=LEFT, name="Lena", email="lena@uni.se", active=False),
        AWAITED: Person(id=AWAITED, name="vera@uni.se", email="vera@uni.se", checked=False),
    }
    places = ("biologi", "kemi", "Kemi")
    return Register(
        people=people,
        identities=tuple(Identity(platform="t", realm="T", user=p, person=p) for p in (ANNA, BO, LEFT)),
        units={"u1": Unit(id="u1", name="Biologi", head=ANNA), "u2": Unit(id="u2", name="Kemi")},
        places={f"t:T:{n}": Place(id=f"t:T:{n}", platform="t", realm="T", channel=n, name=n) for n in places},
        accounts={a.id: a for a in accounts},
    )


def account(ident: str = "a", **more: object) -> Account:
    usual = Account(id=ident, platform="instagram", name=f"@{ident}", address=f"https://instagram.com/{ident}",
                    unit="u1", people=(ANNA, BO), place="t:T:biologi", state="live", version=3)  # fmt: skip
    return replace(usual, **more)


def plan_of(text: str, *accounts: Account) -> Plan:
    return judge(register(*accounts), read(text), SV)


def one(text: str, *accounts: Account) -> Account:
    [entry] = plan_of(text, *accounts).entries
    return entry.after


def kinds(plan: Plan) -> set[str]:
    return {note.kind for note in plan.notes}


# -- a table is read as spreadsheets write it ----------------------------------------------------


@pytest.mark.parametrize("separator", SEPARATORS)
def test_any_of_three_separators_is_found_by_the_headings_that_it_gives(separator):
    text = (
        f'Namn{separator}Plattform{separator}Syfte\nx{separator}Instagram{separator}"a{separator}b""c\nd"\n'
    )
    [line] = read(text).lines
    assert line.cells == {
        "name": "x",
        "platform": "Instagram",
        "purpose": f'a{separator}b"c\nd' if separator != "\t" else 'a\tb"c\nd',
    }


def test_excels_own_line_that_names_the_separator_is_no_row():
    assert [line.number for line in read("sep=;\nNamn;Adress\na;b\n").lines] == [3]


def test_rows_have_the_numbers_of_the_spreadsheet_though_some_are_empty():
    text = "Register\n\nNamn;Adress\n;\na;b\n;;;\nc;d\n;\n"
    assert [line.number for line in read(text).lines] == [5, 7]


def test_a_heading_over_two_merged_cells_holds_for_both_and_two_of_one_name_stand_together():
    [line] = read("Namn;Ansvarig;;Syfte;Syfte\nx;a@u.se;b@u.se;ett;två\n").lines
    assert (line.cell("manager"), line.cell("purpose")) == ("a@u.se\nb@u.se", "ett\ntvå")


def test_headings_repeated_further_down_are_no_row():
    assert len(read("Namn;Adress\na;b\nNamn;Adress\nc;d\n").lines) == 2


def test_columns_that_nobody_knows_are_left_aside_and_named():
    assert read("Namn;Färg;\nx;blå;y\n").unknown == ("Färg", "C")


@pytest.mark.parametrize("heading", ["Person", "Personer", "Kontaktpersoner", "Redaktörer", "People"])
def test_a_column_of_people_is_known_by_what_offices_call_it(heading):
    assert column_of(heading) == "manager"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headings_of_a_template_are_known_in_both_languages(language):
    assert tuple(map(column_of, headings(Texts(language)))) == COLUMNS
    for column in COLUMNS:
        assert column_of(f"  {Texts(language)(f'import.column.{column}').upper()} (obligatoriskt) ") == column


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_export_calls_platform_and_level_is_understood_again(language):
    t = Texts(language)
    for platform in (
        "instagram",
        "facebook",
        "linkedin",
        "x",
        "youtube",
        "tiktok",
        "bluesky",
        "mastodon",
        "threads",
        "other",
    ):
        assert platform_called(t(f"import.platform.{platform}")) == platform
    for level in ("unit", "administration", "university"):
        assert level_called(t(f"import.level.{level}")) == level


@pytest.mark.parametrize("text", ["", " \n;;\n", "\ufeff"])
def test_an_empty_table_is_refused(text):
    with pytest.raises(Refused, match=r"import\.empty"):
        read(text)


def test_more_rows_than_the_limit_are_refused_with_both_numbers():
    with pytest.raises(Refused) as no:
        read("Namn\n" + "x\n" * (MOST_ROWS + 1))
    assert no.value.values == {"rows": MOST_ROWS + 1, "most": MOST_ROWS}


@pytest.mark.long
def test_five_thousand_rows_are_judged_in_seconds():
    made = "\n".join(
        f"Instagram;konto{n};instagram.com/konto{n};Enhet {n % 90};p{n}@uni.se" for n in range(MOST_ROWS)
    )
    began = time.perf_counter()
    plan = plan_of("Plattform;Namn;Adress;Enhet;Ansvarig\n" + made)
    assert len(plan.new) == MOST_ROWS
    assert plan.digest
    assert time.perf_counter() - began < 20


# -- bytes -----------------------------------------------------------------------------------------

SWEDISH = "Namn;Enhet\r\nåäö;Förvaltningen – ”Ö”\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_each_encoding_of_swedish_excel_is_read(encoding):
    assert read(decoded(SWEDISH.encode(encoding))) == read(SWEDISH)


def test_rows_in_two_encodings_are_read_row_by_row():
    assert read(decoded(mixed(SWEDISH.splitlines()))) == read(SWEDISH)


@pytest.mark.parametrize(
    ("raw", "key"),
    [(b"PK\x03\x04\x14\x00" + b"x" * 90, "import.workbook"), (b"\xd0\xcf\x11\xe0" + b"\0" * 90, "import.workbook"),
     (b"%PDF-1.7", "import.binary"), (b"\0\1\2" * 99, "import.binary")],
)  # fmt: skip
def test_what_is_no_text_is_refused_with_what_to_do(raw, key):
    with pytest.raises(Refused, match=key):
        decoded(raw)


@given(st.binary(max_size=400))
def test_no_bytes_make_anything_but_a_table_or_a_sentence(raw):
    why = ""
    try:
        judge(register(account()), read(decoded(raw)), SV)
    except Refused as no:
        why = no.key
    assert not why or EN.has(why)


# -- cells that would be formulas ------------------------------------------------------------------


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r＝ab\n;\","), max_size=8))
def test_a_cell_that_would_be_a_formula_is_made_harmless_and_read_as_it_was(cell):
    assert opened(closed(cell)) == cell
    assert closed(cell)[:1] not in tuple("=+-@\t\r＝")


def test_formulas_in_a_register_leave_it_as_words():
    evil = account(name='=HYPERLINK("http://x")', purpose="-1+1", approval_number="@x", address="")
    text = write(table(register(evil), SV, [evil]))
    assert '"\'=HYPERLINK(""http://x"")"' in text
    assert plan_of(text, evil).entries == ()


# -- people ----------------------------------------------------------------------------------------


def test_people_are_found_by_address_however_they_are_written_and_names_alone_are_words():
    cell = "Ek, Anna <anna@uni.se>, Bo Lind <bo@uni.se>; c@uni.se\nprefekten"
    assert named(cell).people == (("anna@uni.se", "Anna Ek"), ("bo@uni.se", "Bo Lind"), ("c@uni.se", ""))
    assert named(cell).words == ("prefekten",)
    assert [token for token, _ in named("a@u.se, b@u.se och c@u.se").people] == ["a@u.se", "b@u.se", "c@u.se"]


def test_who_has_left_is_told_and_not_put_on_the_account():
    plan = plan_of("Namn;Ansvarig;Ersättare\nx;lena@uni.se;ANNA@uni.se\n")
    assert (plan.entries[0].after.people, kinds(plan)) == ((ANNA,), {"left"})


def test_an_address_that_nobody_knows_waits_for_its_person_once_for_all_rows():
    plan = plan_of("Namn;Ansvarig\nx;Ny Person <ny@uni.se>\ny;NY@uni.se\n")
    assert list(plan.people.values()) == ["Ny Person"]
    assert len({e.after.people for e in plan.entries}) == 1


@pytest.mark.parametrize("text", ["?", "-", "okänd", "Vet ej", "n/a", "", "…"[:0]])
def test_cells_that_say_that_nobody_knows_say_nothing(text):
    assert says_nothing(text)


def test_a_channel_within_a_team_is_found_by_its_own_name_where_only_one_has_it():
    named = ("Biologi / allmänt", "Kemi / allmänt", "Kemi / sociala medier", "biologi")
    known = {
        f"p{n}": Place(id=f"p{n}", platform="teams", realm="T", channel=str(n), name=x)
        for n, x in enumerate(named)
    }
    register = Register(places=known)
    found = {
        cell: [p.id for p in places_called(register, cell)]
        for cell in ("#Sociala  medier", "kemi > allmänt", "Biologi")
    }
    assert found == {"#Sociala  medier": ["p2"], "kemi > allmänt": ["p1"], "Biologi": ["p3"]}
    assert len(places_called(register, "allmänt")) == 2, "two of one name are nobody's guess"


def test_a_head_by_title_is_the_units_head_where_that_is_known_and_words_where_not():
    plan = plan_of("Namn;Enhet;Chef\nx;Biologi;prefekten\ny;Kemi;prefekten\n")
    first, second = (e.after for e in plan.entries)
    assert (first.head, first.said, second.said) == (None, {}, {"head": "prefekten"})
    assert {"head_is", "head_title"} <= kinds(plan)


# -- doubles ---------------------------------------------------------------------------------------


def test_one_address_in_two_spellings_is_one_account_and_what_differs_is_named():
    plan = plan_of("Adress;Syfte\nhttps://www.instagram.com/Bio/;a\nhttp://m.instagram.com/bio?igsh=1;b\n")
    [note] = [n for n in plan.notes if n.kind == "double"]
    assert (len(plan.new), note.row, note.hint) == (1, 3, "som rad 2 (Syfte)")


def test_names_that_differ_by_a_sign_are_told_and_years_are_not():
    plan = plan_of(
        "Plattform;Namn\nInstagram;@biologi_uni\nInstagram;Biologiuni\nInstagram;alumni2021\nInstagram;alumni2022\nFacebook;biologiuni\n"
    )
    assert [(n.row, n.kind) for n in plan.notes if n.kind == "near"] == [(3, "near")]
    assert len(plan.new) == 5


def test_an_address_that_is_none_is_kept_as_words_and_a_row_that_names_nothing_is_left_out():
    plan = plan_of("Plattform;Namn;Adress;Enhet\n;;http:// nej;\n;;;Kemi\nInstagram;;;\n")
    assert [n.row for n in plan.notes if n.kind == "nothing"] == [3]
    assert [e.after.name for e in plan.new] == ["http:// nej", "Instagram"]
    assert plan.new[0].after.said == {"address": "http:// nej"}


@pytest.mark.parametrize(("text", "day"), [
    ("2019-05-03", date(2019, 5, 3)), ("20190503", date(2019, 5, 3)), ("3/5 2019", date(2019, 5, 3)),
    ("3.5.2019", date(2019, 5, 3)), ("2019-05-03 00:00:00", date(2019, 5, 3)), ("2019", None), ("2019-13-40", None), ("0-0-99999", None),
])  # fmt: skip
def test_a_day_is_read_as_people_write_it_and_never_guessed(text, day):
    assert day_called(text) == day


# -- in, out and in again --------------------------------------------------------------------------

CELL = st.text(st.characters(codec="utf-8"), max_size=12)
SAID = st.dictionaries(
    st.sampled_from(["people", "head", "channel", "address", "approved_on", "platform"]), CELL, max_size=3
)


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """Accounts of all kinds, in whatever words; addresses are unique, as the database keeps them."""
    made = []
    for n in range(draw(st.integers(1, 5))):
        people = draw(st.lists(st.sampled_from([ANNA, BO, LEFT, AWAITED]), unique=True, max_size=3))
        made.append(account(
            f"a{n}", name=draw(CELL), platform=draw(st.sampled_from(["instagram", "x", "other"])),
            address=draw(st.sampled_from(["", f"https://instagram.com/a{n}"])), unit=draw(st.sampled_from(["u1", "u2", ""])),
            people=tuple(people), place=draw(st.sampled_from([None, "t:T:biologi", "t:T:kemi"])),
            state=draw(st.sampled_from(["imported", "gaps", "live", "approved", "paused"])),
            head=draw(st.sampled_from([None, ANNA, LEFT])), purpose=draw(CELL), said=draw(SAID),
            level=draw(st.sampled_from(["unit", "administration", "university"])),
            approved_on=draw(st.sampled_from([None, date(2019, 5, 3)])), approval_number=draw(CELL),
        ))  # fmt: skip
    return register(*made)


@pytest.mark.long
@settings(max_examples=300)
@given(
    registers(),
    st.sampled_from(LANGUAGES),
    st.sampled_from(LANGUAGES),
    st.sampled_from(SEPARATORS),
    st.booleans(),
)
def test_importing_an_export_changes_nothing(found, written_in, read_in, separator, bom):
    text = write(table(found, Texts(written_in), exported(found)), separator)
    raw = text.encode("utf-8-sig" if bom else "utf-8")
    plan = judge(found, read(decoded(raw)), Texts(read_in))
    assert plan.entries == ()
    assert plan.missing == ()
    assert plan.same == len(found.accounts)


def imported(found: Register, plan: Plan) -> Register:
    """The register after the import."""
    accounts = {e.before.id if e.before else f"new{e.row}": e.after for e in plan.entries}
    accounts = {ident: replace(a, id=ident) for ident, a in accounts.items()}
    people = {
        p: Person(id=p, name=name or p, email=p.removeprefix("new:"), checked=False)
        for p, name in plan.people.items()
    }
    return replace(
        found,
        accounts={**found.accounts, **accounts},
        units={**found.units, **plan.units},
        people={**found.people, **people},
    )


@pytest.mark.parametrize("separator", SEPARATORS)
def test_the_offices_table_imported_twice_changes_nothing_the_second_time(separator):
    sheet = read(office_table(separator))
    first = judge(register(), sheet, SV)
    assert (len(first.new), first.doubles, first.refused) == (ACCOUNTS - DOUBLES, DOUBLES, 0)
    second = judge(imported(register(), first), sheet, SV)
    assert (second.entries, second.same, second.doubles) == ((), ACCOUNTS - DOUBLES, DOUBLES)
    assert len(rows()) > ACCOUNTS


@settings(max_examples=200)
@given(st.lists(st.lists(CELL | st.sampled_from(["Instagram", "@bio", "instagram.com/bio", "anna@uni.se", "Kemi", "#kemi", "-"]),
                         min_size=8, max_size=8), min_size=1, max_size=6))  # fmt: skip
def test_whatever_stands_in_the_cells_a_second_import_of_the_same_table_changes_nothing(cells):
    head = ["Plattform", "Namn", "Adress", "Enhet", "Ansvarig", "Chef", "Kanal", "Godkänt"]
    text = write([head, *cells])
    try:
        sheet = read(text)
    except Refused:
        return
    first = judge(register(), sheet, SV)
    assert {note.kind for note in first.notes} <= set(KINDS)
    again = judge(imported(register(), first), sheet, SV)
    assert again.entries == ()


def test_the_digest_changes_with_what_would_be_done_and_with_the_register_only_where_it_counts():
    text = "Adress;Syfte\ninstagram.com/a;Nytt\n"
    before = plan_of(text, account()).digest
    assert plan_of(text, account(), account("b")).digest == before
    assert plan_of(text, account(version=4)).digest != before
    assert plan_of(text.replace("Nytt", "Annat"), account()).digest != before
