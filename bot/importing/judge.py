"""Rows against the register: which account each is, what would change, and all that somebody should know first."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from bot import addresses
from bot.importing.cells import Cells, cells, exported, places_called
from bot.importing.columns import Column, folded, level_called, platform_called, says_nothing
from bot.importing.people import NEW, Directory, Named, named
from bot.importing.plan import KINDS, Entry, Note, Plan
from bot.importing.sheet import Line, Sheet
from bot.model import Account, PersonId, Refused, Unit
from bot.plain import bare
from bot.register import Register
from bot.texts import Texts

LONGEST: dict[Column, int] = {
    "name": 100, "address": 300, "unit": 100, "manager": 1_000, "substitutes": 1_000, "head": 300, "channel": 100,
    "purpose": 1_000, "approval_number": 100, "approved_on": 40, "level": 60, "platform": 60, "id": 60, "state": 60,
}  # fmt: skip
YEARS = (1990, 2100)
NEAR = 5
"""Shorter names are not called alike for one letter."""


def judge(register: Register, sheet: Sheet, t: Texts) -> Plan:
    """The whole plan. Nothing is looked up outside and nothing is changed."""
    return _Judge(register, t).plan(sheet)


class _Judge:
    """One import, row by row: what has been taken so far decides what later rows are."""

    def __init__(self, register: Register, t: Texts) -> None:
        self._register, self._t = register, t
        self._directory = Directory(register)
        self._notes: list[Note] = []
        self._people: dict[PersonId, str] = {}
        self._units: dict[str, Unit] = {}
        self._found_here: dict[PersonId, None] = {}
        self._unit_ids = {folded(u.name): u.id for u in reversed(list(register.units.values()))}
        open_ = [a for a in register.accounts.values() if a.state != "closed"]
        self._taken = {a.address: a.id for a in open_ if a.address}
        self._closed = {a.address for a in register.accounts.values() if a.state == "closed" and a.address}
        self._by_name: dict[tuple[str, str], list[Account]] = defaultdict(list)
        for account in open_:
            self._by_name[account.platform, folded(account.name)].append(account)
        self._rows: dict[str, Line] = {}  # by address or by the account's id: the row that has it
        self._seen: set[tuple[tuple[str, str], ...]] = set()

    def plan(self, sheet: Sheet) -> Plan:
        entries = [entry for line in sheet.lines if (entry := self._entry(line))]
        real = [e for e in entries if e.after != e.before]
        self._near(entries)
        used = {e.before.id for e in entries if e.before}
        order = {kind: n for n, kind in enumerate(KINDS)}
        return Plan(
            entries=tuple(real), same=len(entries) - len(real), headings=sheet.headings, unknown=sheet.unknown,
            missing=tuple(a for a in exported(self._register) if a.id not in used),
            notes=tuple(sorted(dict.fromkeys(self._notes), key=lambda n: (order[n.kind], n.row))),
            people=self._people, units=self._units,
            found=tuple(p for p in self._found_here if self._directory.may_act(p)),
        )  # fmt: skip

    def _note(
        self, kind: str, line: Line, column: Column | None = None, hint: str = "", said: str = ""
    ) -> None:
        said = said or (bare(line.cell(column)) if column else "")[:80]
        self._notes.append(Note(kind=kind, row=line.number, column=column, said=said, hint=hint))

    # -- which account it is ----------------------------------------------------------------------

    def _entry(self, line: Line) -> Entry | None:
        """The row as an account; None for one that cannot be any, and for one that stands twice."""
        platform, address = self._platform(line), ""
        if line.cell("address") and not says_nothing(line.cell("address")):
            platform, address = self._address(line, platform)
        if not (platform or address or _given(line, "name") or _given(line, "address")):
            self._note("nothing", line)
            return None
        blank = Account(id="", platform=platform or "other", name="", address=address, unit="", people=(),
                        state="imported")  # fmt: skip
        blank = replace(blank, name=self._name(line, blank))
        base = self._known(line, blank)
        if self._is_double(line, blank, base):
            return None
        if base is None and address in self._closed:
            self._note("closed", line, "address")
        return Entry(row=line.number, before=base, after=self._filled(line, base, blank))

    def _platform(self, line: Line) -> str:
        """By its name, of either language; a name that nobody knows is `other`, and is told."""
        given = _given(line, "platform")
        if not given:
            return ""
        known = platform_called(given)
        if known is None:
            self._note("platform", line, "platform")
        return known or "other"

    def _address(self, line: Line, platform: str) -> tuple[str, str]:
        """Platform and canonical address: a host that we know decides what platform it is."""
        try:
            address = addresses.of_account("".join(line.cell("address").split()), platform)
        except (Refused, ValueError):
            self._note("bad_address", line, "address")
            return platform, ""
        known = addresses.platform_of(address)
        return (platform or "other") if known == "other" else known, address

    def _name(self, line: Line, blank: Account) -> str:
        """Its name, else as its address calls it; at worst its platform and unit."""
        given = _given(line, "name") or (addresses.name_in(blank.address) if blank.address else "")
        label = self._t(f"import.platform.{blank.platform}")
        whole = given or _given(line, "address") or f"{label} {_given(line, 'unit')}".strip()
        return whole.replace("\n", " ")[: LONGEST["name"]]

    def _known(self, line: Line, blank: Account) -> Account | None:
        """By id, by address; without address, or where the register has none, by platform and name."""
        if ident := _given(line, "id"):
            found = self._register.accounts.get(ident)
            if found and found.state != "closed":
                return found
            self._note("id_unknown", line, "id")
        if by_address := self._taken.get(blank.address):
            return self._register.accounts[by_address]
        alike = self._by_name[blank.platform, folded(blank.name)]
        return next((a for a in alike if not (blank.address and a.address) and a.id not in self._rows), None)

    def _is_double(self, line: Line, blank: Account, base: Account | None) -> bool:
        """The same address, account or whole row a second time: it is entered once, and what differs is named."""
        whole = tuple(sorted(line.cells.items()))
        own = base.id if base else None
        mine = blank.address if self._taken.get(blank.address, own) == own else ""
        keys = [key for key in (own or "", mine) if key]
        first = next((self._rows[key] for key in keys if key in self._rows), None)
        if first or whole in self._seen:
            self._note("double", line, "address" if blank.address else "name", self._differs(line, first))
            return True
        self._seen.add(whole)
        self._rows |= dict.fromkeys(keys, line)
        return False

    def _differs(self, line: Line, first: Line | None) -> str:
        """`som rad 5`, or `som rad 5 (Syfte)`: the row that came first, and the columns in which the two say different things."""
        if first is None:
            return "="
        names = [
            c for c in line.cells if c not in ("address", "id", "state") and first.cell(c) != line.cell(c)
        ]
        called = ", ".join(self._t(f"import.column.{c}") for c in names)
        row = self._t("import.as_row", row=first.number)
        return f"{row} ({called})" if called else row

    # -- what is in the row -----------------------------------------------------------------------

    def _filled(self, line: Line, base: Account | None, blank: Account) -> Account:
        """The account with what the row says. An empty cell, and one that says what stands, change nothing."""
        shown = cells(self._register, self._directory, self._t, base or blank)
        row = self._cut(_News(line, shown))
        account = self._identity(row, base, blank) if base else blank
        if account.platform == "other" and (called := row.given("platform")) and not platform_called(called):
            account = _said(account, "platform", called)
        words = row.given("address")
        if words and not blank.address and not account.address:
            account = _said(account, "address", words)
        account = self._in_unit(row, account)
        for step in (self._staffed, self._headed, self._placed, self._described, self._approved):
            account = step(row, account)
        if base is None and not account.people:
            self._note("no_owner", line, None, account.name)
        return _asleep(base, account)

    def _cut(self, row: "_News") -> "_News":
        for column, most in LONGEST.items():
            if len(row.given(column)) > most:
                self._note("long", row.line, column, str(most))
                row.cut(column, most)
        return row

    def _identity(self, row: "_News", base: Account, blank: Account) -> Account:
        """Another name, platform or address of an account that the register has."""
        name = row.given("name").replace("\n", " ") or base.name
        account = replace(base, name=name)
        known = platform_called(row.given("platform"))
        known = None if known == base.platform else known
        if known and addresses.platform_of(blank.address or base.address) == "other":
            account = _known_now(replace(account, platform=known), "platform")
        if not row.given("address") or not blank.address or blank.address == base.address:
            return account
        if self._taken.get(blank.address, base.id) != base.id:
            self._note("address_taken", row.line, "address")
            return account
        self._taken[blank.address] = base.id
        return _known_now(replace(account, address=blank.address, platform=blank.platform), "address")

    def _in_unit(self, row: "_News", account: Account) -> Account:
        name = row.given("unit").replace("\n", " ")
        if not name:
            return account
        ident = name if name in self._register.units else self._unit_ids.get(folded(name))
        if ident is None:
            ident = f"{NEW}{folded(name)}"
            self._unit_ids[folded(name)] = ident
            self._units[ident] = Unit(id=ident, name=name)
            self._note("new_unit", row.line, "unit")
        return replace(account, unit=ident)

    def _staffed(self, row: "_News", account: Account) -> Account:
        """The manager first. A cell without any address is kept as words, as long as nobody is known."""
        if not (row.given("manager") or row.given("substitutes")):
            return account
        cells_ = {c: named(row.given(c)) for c in ("manager", "substitutes")}
        first = self._found(row.line, "manager", cells_["manager"]) or account.people[:1]
        rest = self._found(row.line, "substitutes", cells_["substitutes"]) or account.people[1:]
        words = "; ".join(w for n in cells_.values() for w in n.words if not says_nothing(w))
        people = tuple(dict.fromkeys((*first, *rest)))
        order = tuple(p for p in account.pattern.order if p in people)
        after = replace(account, people=people, pattern=replace(account.pattern, order=order))
        is_new = not account.id
        if words and (is_new or not people):
            after = _said(after, "people", words)
        return after if words or is_new or not people else _known_now(after, "people")

    def _found(self, line: Line, column: Column, cell: Named) -> tuple[PersonId, ...]:
        """Those who may act; who has left, and who is not known yet, is told."""
        if cell.words and (said := [w for w in cell.words if not says_nothing(w)]):
            self._note("no_email", line, column, said=", ".join(said)[:80])
        found = [(self._person(line, column, token, name), token) for token, name in cell.people]
        for person, token in found:
            if person and not self._directory.may_act(person):
                self._note("left", line, column, said=token)
        return tuple(p for p, _ in found if p and self._directory.may_act(p))

    def _person(self, line: Line, column: Column, token: str, name: str) -> PersonId | None:
        known = self._directory.find(token)
        if known and (known in self._directory.in_chat or not self._directory.may_act(known)):
            self._found_here[known] = None
            return known
        self._note("not_found", line, column, said=token)
        if known or token.startswith("id:"):
            return known
        ident = PersonId(f"{NEW}{token.casefold()}")
        self._people[ident] = self._people.get(ident) or name
        return ident

    def _headed(self, row: "_News", account: Account) -> Account:
        """By address; by title the head whom the unit has, if it has one."""
        cell = named(row.given("head"))
        found = self._found(row.line, "head", Named(people=cell.people[:1]))
        unit = self._units.get(account.unit) or self._register.units.get(account.unit)
        if found:
            return self._with_head(account, unit, found[0])
        title = "; ".join(w for w in cell.words if not says_nothing(w))
        if not title:
            return account
        if account.head or (unit and unit.head):
            self._note(
                "head_is",
                row.line,
                "head",
                self._register.name(account.head or (unit.head if unit else None)),
            )
            return account
        self._note("head_title", row.line, "head")
        return _said(account, "head", title)

    def _with_head(self, account: Account, unit: Unit | None, head: PersonId) -> Account:
        """A unit that is new gets the head of its first row."""
        if unit and unit.id in self._units and unit.head is None:
            unit = self._units[unit.id] = replace(unit, head=head)
        own = None if unit and unit.head == head else head
        return _known_now(replace(account, head=own), "head")

    def _placed(self, row: "_News", account: Account) -> Account:
        """Where its people talk. An account that is asked about already is moved in chat, with what is open there."""
        name = row.given("channel").replace("\n", " ")
        if not name:
            return account
        if account.id and account.state != "imported" and account.place:
            self._note("channel_kept", row.line, "channel")
            return account
        found = places_called(self._register, name)
        if len(found) == 1:
            return _known_now(replace(account, place=found[0].id), "channel")
        self._note("channel", row.line, "channel")
        return account if account.place else _said(account, "channel", name)

    def _described(self, row: "_News", account: Account) -> Account:
        level = level_called(row.given("level"))
        if row.given("level") and level is None:
            self._note("level", row.line, "level")
        return replace(account, purpose=row.given("purpose") or account.purpose, level=level or account.level)

    def _approved(self, row: "_News", account: Account) -> Account:
        """Date and number of an approval that is older than the register."""
        account = replace(account, approval_number=row.given("approval_number") or account.approval_number)
        given = row.given("approved_on")
        if not given:
            return account
        if day := day_called(given):
            return _known_now(replace(account, approved_on=day), "approved_on")
        self._note("date", row.line, "approved_on")
        return account if account.approved_on else _said(account, "approved_on", given)

    # -- names alike ------------------------------------------------------------------------------

    def _near(self, entries: Iterable[Entry]) -> None:
        """New accounts on one platform whose names differ by a sign at most: told, and entered all the same."""
        seen: dict[tuple[str, str], tuple[str, str]] = {}
        used = {e.before.id for e in entries if e.before}
        for account in exported(self._register):
            if account.id not in used:
                _remember(seen, account, account.name)
        for entry in entries:
            name, new = entry.after.name, entry.before is None
            other = next((seen[k] for k in _alike(entry.after) if k in seen), None) if new else None
            if other and other[1] == _digits(name):
                self._notes.append(
                    Note(kind="near", row=entry.row, column="name", said=name[:80], hint=other[0])
                )
            _remember(seen, entry.after, f"{name} ({entry.row})")


class _News:
    """What a row says that the register does not say already."""

    def __init__(self, line: Line, shown: Cells) -> None:
        self.line = line
        new = {c: v for c, v in line.cells.items() if v != bare(shown.get(c, ""))}
        self._new = {c: v for c, v in new.items() if not says_nothing(v)}

    def given(self, column: Column) -> str:
        return self._new.get(column, "")

    def cut(self, column: Column, most: int) -> None:
        self._new[column] = self._new[column][:most].rstrip()


def _given(line: Line, column: Column) -> str:
    value = line.cell(column)
    return "" if says_nothing(value) else value


def _said(account: Account, column: str, words: str) -> Account:
    return replace(account, said={**account.said, column: words})


def _known_now(account: Account, column: str) -> Account:
    return replace(account, said={c: w for c, w in account.said.items() if c != column})


def _asleep(base: Account | None, account: Account) -> Account:
    """What nobody was asked about and now could be waits until communications starts it: an import begins nothing."""
    if base and not base.is_asked and account.is_asked:
        return replace(account, state="imported")
    return account


def day_called(text: str) -> date | None:
    """`2019-05-03`, `20190503`, `3/5 2019`, `3.5.2019`; None for what is no certain day."""
    numbers = [
        int(n) for n in re.findall(r"\d+", text.split("T", maxsplit=1)[0].split(" 00:", maxsplit=1)[0])
    ]
    match numbers:
        case [whole] if whole > 10_000_000:
            year, month, day = whole // 10_000, whole // 100 % 100, whole % 100
        case [year, month, day] if year > 31:
            pass
        case [day, month, year] if year > 31:
            pass
        case _:
            return None
    try:
        return date(year, month, day) if YEARS[0] <= year < YEARS[1] else None
    except ValueError:
        return None


def _alike(account: Account) -> Iterator[tuple[str, str]]:
    """Keys that two names share when they differ by one sign at most."""
    name = folded(account.name)
    yield account.platform, name
    if len(name) >= NEAR:
        yield from ((account.platform, name[:n] + name[n + 1 :]) for n in range(len(name)))


def _digits(name: str) -> str:
    """Years and numbers: names that differ by them alone are different accounts."""
    return "".join(re.findall(r"\d", name))


def _remember(seen: dict[tuple[str, str], tuple[str, str]], account: Account, called: str) -> None:
    for key in _alike(account):
        seen.setdefault(key, (called, _digits(account.name)))
