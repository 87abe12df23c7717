"""A register as an office has it, 140 accounts with the usual faults, as rows and as the bytes of a file; and one of a row."""

from collections.abc import Sequence

UNITS = ("Biologi", "Kemi", "Fysik", "Matematik", "Historia", "Juridik", "Medicin")
HEADINGS = ["Plattform", "Kontonamn", "Länk", "Institution", "Kontoansvarig", "", "Prefekt", "Slack-kanal",
            "Syfte", "Godkänt", "Dnr", "Anm."]  # fmt: skip
"""The people's heading stands over two merged cells."""
SERVICES = ("Instagram", "Facebook", "LinkedIn", "Twitter", "YouTube")
HOSTS = ("https://www.instagram.com/{}/", "facebook.com/{}", "https://se.linkedin.com/company/{}",
         "http://twitter.com/{}", "https://www.youtube.com/@{}")  # fmt: skip
ACCOUNTS = 140
DOUBLES = 5
"""Of the rows, so many are accounts that stand there already, in another spelling."""

ONE = "Plattform;Namn;Adress;Enhet\r\nInstagram;Växthuset;https://instagram.com/vaxthuset;Biologi\r\n"
ONE_AS_EXCEL_SAVES = ONE.encode("cp1252")
"""In Sweden, as CSV."""


def rows() -> list[list[str]]:
    """140 rows below a title, merged cells and the headings; empty rows after them."""
    made = [_row(n) for n in range(ACCOUNTS - DOUBLES)]
    doubles = [
        [row[0], row[1].upper(), f"HTTPS://M.{_bare(row[2])}?utm_source=x", *[""] * 9]
        for row in made[2 : 2 + DOUBLES]
    ]
    above = [["Register över sociala medier"], ["", "Konto", "", "", "Ansvariga", "", "", "", "", "", "", ""]]
    return [*above, HEADINGS, *made, *doubles, *[[""] * 12] * 30]


def _bare(address: str) -> str:
    return address.removeprefix("https://").removeprefix("http://").removeprefix("www.").removeprefix("se.")


def _row(n: int) -> list[str]:
    """One row; every kind of fault comes now and then."""
    unit, service = UNITS[n % len(UNITS)], n % len(SERVICES)
    manager, second = ("Ek, Anna <anna@example.se>", "bo@example.se") if n % 2 else ("karin@example.se", "")
    if n % 11 == 0:
        manager, second = "borta@example.se", "bo@example.se"  # has left
    if n % 13 == 0:
        manager, second = "", ""
    if n % 17 == 0:
        manager, second = "studentmedarbetare", "?"
    head = ("prefekten", "heidi@example.se", "", "okänd")[n % 4]
    channel = ("#biologi", "kemi", "", "#finns-inte")[n % 4]
    address = "" if n % 19 == 1 else HOSTS[service].format(f"konto{n}")
    return [SERVICES[service], f"konto{n}", address, unit, manager, second, head, channel,
            "Visa vad vi gör; och varför" if n % 3 else "", "2019-05-03" if n % 5 else "våren 2019", f"UN {n}/2019",
            "ring först"]  # fmt: skip


def table(separator: str = ";") -> str:
    """As a spreadsheet writes it."""
    return "\r\n".join(separator.join(_cell(cell, separator) for cell in row) for row in rows()) + "\r\n"


def _cell(cell: str, separator: str) -> str:
    return f'"{cell}"' if separator in cell else cell


def mixed(lines: Sequence[str]) -> bytes:
    """Every other row in another encoding, as when two lists were pasted together."""
    return b"\r\n".join(x.encode("cp1252" if n % 2 else "utf-8") for n, x in enumerate(lines))
