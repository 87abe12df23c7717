"""What goes when its time is over. Each call is a few rows of one kind, in its transaction; run again it goes on.

How a message on a platform comes to say nothing: its row gets the card `purged` and is due after all else.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, String, and_, cast, delete, exists, func, or_, text, update
from sqlmodel import SQLModel, col, select

from bot.model import PersonId
from bot.outgoing import MAIL, PURGED
from bot.ports import About, Overdue
from bot.retention import STANDING_LINES, Kept
from storage import tables
from storage.base import everything
from storage.cases import Cases
from storage.findings import PEOPLE
from storage.registers import Registers
from storage.rows import table_of

CASES: Mapping[Kept, tuple[str, ...]] = {
    "checks": ("round", "practice"),
    "questions": ("question",),
    "alarms": ("alarm",),
    "runs": ("run",),
    "moderations": ("moderation",),
    "filings": ("filing",),
    "imports": ("start",),
    "watching": ("watch", "handover", "yearly"),
}
"""Kinds whose rows are cases: their times run from when they were closed."""
BESIDE: Mapping[Kept, tuple[type[SQLModel], Any]] = {
    "watching": (tables.Takeovers, tables.Takeovers.last),
    "log": (tables.Changes, tables.Changes.at),
}
"""Plain rows that go with a kind, and when each ended."""
NEVER_CLOSED = timedelta(days=7)
"""A day's round that is still open so much later is over all the same."""
AFTER_ALL = 2**31 - 1
"""The rank of an edit that goes when nothing else is due anywhere; the highest number of its column."""
CAPTURE = "capture."
"""Answers, and personal values of decisions, that say where a picture is and whose post it shows."""

Case, Box, Shown = tables.Cases, tables.Outbox, tables.Messages
Log, Values, Tags, Refs = tables.CaseLog, tables.DecisionValues, tables.DecisionTags, tables.DecisionRefs
Where = ColumnElement[bool]


class Purging(Registers, Cases):
    """The port's part about retention."""

    async def overdue(self, kind: Kept, before: datetime) -> Overdue:
        if kind == "captures":
            found = await self._captures(before)
            dates = [*(row["closed_at"] for row in found), *await self._captured(before)]
            return Overdue(count=len(dates), oldest=min(dates, default=None))
        model, at, where = await self._past(kind, before)
        counted = [await self._counted(model, at, where)]
        if kind in BESIDE:
            model, at = BESIDE[kind]
            counted.append(await self._counted(model, at, (_ended(at, before),)))
        oldest = [one.oldest for one in counted if one.oldest]
        return Overdue(count=sum(one.count for one in counted), oldest=min(oldest, default=None))

    async def _counted(self, model: type[SQLModel], at: Any, where: tuple[Where, ...]) -> Overdue:
        row = await self._first(
            select(func.count().label("count"), func.min(at).label("oldest")).select_from(model).where(*where)
        )
        return Overdue(count=row["count"], oldest=_moment(row["oldest"])) if row else Overdue(count=0)

    async def purge(self, kind: Kept, before: datetime, number: str, limit: int) -> int:
        gone = await self._purge(kind, before, number, limit)
        if kind in BESIDE and gone < limit:
            model, at = BESIDE[kind]
            gone += await self._purge_old(model, at, (_ended(at, before),), limit - gone)
        return gone

    async def _purge(self, kind: Kept, before: datetime, number: str, limit: int) -> int:
        match kind:
            case "captures":
                return await self._purge_captures(before, limit)
            case "decisions":
                return await self._purge_values(before, limit)
            case "deliveries":
                return await self.purge_collected(before, number, limit)
            case _ if kind in CASES:
                return await self._purge_cases(kind, before, number, limit)
            case _:
                return await self._purge_rows(kind, before, limit)

    # -- cases ----------------------------------------------------------------------------------

    async def _purge_cases(self, kind: Kept, before: datetime, number: str, limit: int) -> int:
        _, at, where = await self._past(kind, before)
        found = await self._all(select(Case.id, Case.account).where(*where).order_by(at).limit(limit))
        idents = [row["id"] for row in found]
        if not idents:
            return 0
        await self._rewrite(col(Shown.case).in_(idents), number)
        if kind == "imports":
            await self._forget_said(idents)
        for model, column in ((Box, Box.case), (tables.Marks, tables.Marks.case), (Log, Log.case)):
            await self._write(delete(model).where(col(column).in_(idents)))
        return await self._write(delete(Case).where(col(Case.id).in_(idents)))

    async def _past(self, kind: Kept, before: datetime) -> tuple[type[SQLModel], Any, tuple[Where, ...]]:
        """As `_old`, without the hand-overs in whose cards somebody reads of another one that is open still."""
        model, at, where = _old(kind, before)
        needed = await self._told_in() if kind == "watching" else set()
        return model, at, (*where, col(Case.id).not_in(needed)) if needed else where

    async def _told_in(self) -> set[str]:
        """The hand-overs with whose cards the open ones stand: as many as there are people away, or soon to be."""
        still = select(Case.body).where(col(Case.kind) == "handover", col(Case.closed_at).is_(None))
        return {told["card"] for row in await self._all(still) for told in row["body"].get("told", ())}

    async def _forget_said(self, starts: Sequence[str]) -> None:
        """What an imported file said of accounts in words that the register knows nobody by."""
        rows = await self._all(select(Case.body).where(col(Case.id).in_(starts)))
        accounts = {line["account"] for row in rows for line in row["body"]["lines"]}
        table = tables.Accounts
        await self._write(update(table).where(col(table.id).in_(accounts)).values(said={}))
        await self._bump()

    # -- messages -------------------------------------------------------------------------------

    async def _rewrite(self, where: Where, number: str) -> int:
        """They fall due, whatever they were; what they were sent for is forgotten. A mail can never be changed: it goes."""
        emptied = {
            "card": PURGED,
            "arg": number,
            "case": None,
            "living": True,
            "due": True,
            "shown": "",
            "key": "",
            "due_after": AFTER_ALL,
        }
        mails = await self._write(delete(Shown).where(where, col(Shown.platform) == MAIL))
        return mails + await self._write(
            update(Shown).where(where, col(Shown.card) != PURGED).values(emptied)
        )

    async def purge_collected(
        self, before: datetime, number: str, limit: int, cards: Collection[str] = ()
    ) -> int:
        """`cards` empty: whatever belongs to no case."""
        which = col(Shown.card).in_(cards) if cards else col(Shown.case).is_(None)
        old = and_(which, col(Shown.card) != PURGED, col(Shown.posted_at) < before)
        found = await self._all(select(Shown.id).where(old).order_by(col(Shown.id)).limit(limit))
        return await self._rewrite(col(Shown.id).in_([row["id"] for row in found]), number)

    async def purge_strays(self, limit: int) -> int:
        there = exists().where(col(Case.id) == col(Shown.case))
        stray = select(Shown.id).where(col(Shown.case).is_not(None), ~there).limit(limit)
        return await self._rewrite(col(Shown.id).in_([row["id"] for row in await self._all(stray)]), "")

    async def forget_answers(self, before: datetime) -> None:
        await self._write(delete(tables.Seen).where(col(tables.Seen.at) < before))

    # -- decisions: the chain holds digests alone, so it still verifies ---------------------------

    async def _purge_values(self, before: datetime, limit: int) -> int:
        _, at, where = _old("decisions", before)
        found = await self._all(select(tables.Decisions.number).where(*where).order_by(at).limit(limit))
        numbers = [row["number"] for row in found]
        await self._write(delete(Values).where(col(Values.number).in_(numbers)))
        await self._write(delete(Tags).where(col(Tags.number).in_(numbers), col(Tags.person) != ""))
        await self._write(delete(Refs).where(col(Refs.number).in_(numbers), col(Refs.what).in_(PEOPLE)))
        return len(numbers)

    # -- captures -------------------------------------------------------------------------------

    async def _captures(self, before: datetime) -> list[dict[str, Any]]:
        """Moderations that are over and still say where their pictures are."""
        names = col(Case.kind) == "moderation", cast(col(Case.body), String).like(f'%"{CAPTURE}%')
        over = everything(Case).where(*names, col(Case.closed_at) < before).order_by(col(Case.closed_at))
        return [row for row in await self._all(over) if any(map(_is_capture, row["body"]["answers"]))]

    async def _captured(self, before: datetime) -> list[datetime]:
        """When decisions were taken that still have such a value."""
        found = select(tables.Decisions.at).join(Values, col(Values.number) == col(tables.Decisions.number))
        return [row["at"] for row in await self._all(found.where(*_capture_values(before)))]

    async def _purge_captures(self, before: datetime, limit: int) -> int:
        found = (await self._captures(before))[:limit]
        for row in found:
            answers = {n: a for n, a in row["body"]["answers"].items() if not _is_capture(n)}
            emptied = {"body": {**row["body"], "answers": answers}, "version": row["version"] + 1}
            same = col(Case.id) == row["id"], col(Case.version) == row["version"]
            await self._write(update(Case).where(*same).values(emptied))
            await self._make_due(row["id"])
        old = select(tables.Decisions.number).where(col(tables.Decisions.at) < before)
        values = await self._write(
            delete(Values).where(col(Values.name).startswith(CAPTURE), col(Values.number).in_(old))
        )
        return len(found) + values

    # -- plain rows -----------------------------------------------------------------------------

    async def _purge_rows(self, kind: Kept, before: datetime, limit: int) -> int:
        return await self._purge_old(*_old(kind, before), limit)

    async def _purge_old(self, model: type[SQLModel], at: Any, where: tuple[Where, ...], limit: int) -> int:
        keys = list(table_of(model).primary_key.columns)
        rows = await self._all(select(*keys).where(*where).order_by(at).limit(limit))
        one_of = [and_(*(key == row[key.name] for key in keys)) for row in rows]
        gone = await self._write(delete(model).where(or_(*one_of))) if one_of else 0
        if gone and model in (tables.Absences, tables.Takeovers):
            await self._bump()
        return gone

    # -- one person -----------------------------------------------------------------------------

    async def about(self, person: PersonId, limit: int) -> About:
        named, change = cast(col(Case.body), String).like(f'%"{person}"%'), tables.Changes
        told = cast(col(change.patches), String).like(f'%"{person}"%')
        closed = select(Case.kind, Case.account, Case.opened_at).where(
            col(Case.closed_at).is_not(None), named
        )
        lines = select(Log.at, Log.what).where(col(Log.by) == person)
        to_them = select(Shown.posted_at, Shown.card).where(col(Shown.target) == f"person:{person}")
        changes = select(change.at, change.page).where(or_(col(change.by) == person, told))
        return About(
            closed=await self._newest(closed, col(Case.opened_at), limit),
            log=await self._newest(lines, col(Log.id), limit),
            messages=await self._newest(to_them, col(Shown.id), limit),
            changes=await self._newest(changes, col(change.number), limit),
            facts=await self._facts_of(person),
            contacts=await self._contacts_of(person),
        )

    async def _newest(self, statement: Any, by: Any, limit: int) -> list[Any]:
        rows = await self._all(statement.order_by(by.desc()).limit(limit))
        return [tuple(row.values()) for row in rows]

    async def _facts_of(self, person: PersonId) -> list[tuple[str, str]]:
        table = tables.Facts
        found = select(table.name, table.value).where(col(table.value).contains(person, autoescape=True))
        return [(row["name"], row["value"]) for row in await self._all(found.order_by(col(table.name)))]

    async def _contacts_of(self, person: PersonId) -> list[str]:
        who, where, reads = tables.ChatContacts, tables.ChatReferences, tables.WebReads
        found = []
        for identity in await self._identities_of(person):
            realm, user = identity["realm"], identity["user"]
            contacts = select(who.name, who.email, who.teams_id).where(
                col(who.tenant) == realm, col(who.user) == user
            )
            chats = select(where.name, where.kind).where(col(where.tenant) == realm, col(where.user) == user)
            read = select(reads.channel, reads.upto).where(col(reads.reader) == user)
            for statement in (contacts, chats, read):
                found += [
                    ", ".join(map(str, filter(None, row.values()))) for row in await self._all(statement)
                ]
        return found

    async def _identities_of(self, person: PersonId) -> list[dict[str, Any]]:
        return await self._all(everything(tables.Identities).where(col(tables.Identities.person) == person))

    async def erase_person(self, person: PersonId) -> None:
        for identity in await self._identities_of(person):
            await self._erase_reach(identity["realm"], identity["user"])
        for model, column in ((tables.Identities, tables.Identities.person),
                              (tables.Absences, tables.Absences.person)):  # fmt: skip
            await self._write(delete(model).where(col(column) == person))
        took = col(tables.Takeovers.by) == person
        await self._write(update(tables.Takeovers).where(took).values(by=""))
        named = col(tables.Takeovers.who) == person
        await self._write(update(tables.Takeovers).where(named).values(who=None))
        await self._erase_changes(person)
        cover = update(tables.Absences).where(col(tables.Absences.cover) == person)
        await self._write(cover.values(cover=None))
        await self._bump()

    async def _erase_changes(self, person: PersonId) -> None:
        """That something was changed stays; who by, and what it told of whom it named by address, goes."""
        table = tables.Changes
        await self._write(update(table).where(col(table.by) == person).values(by=""))
        named = cast(col(table.patches), String).like(f'%"{person}"%')
        for row in await self._all(select(table.id, table.patches).where(named)):
            emptied = [_emptied(each, person) for each in row["patches"]]
            if emptied != row["patches"]:
                await self._write(update(table).where(col(table.id) == row["id"]).values(patches=emptied))

    async def _erase_reach(self, realm: str, user: str) -> None:
        where, who, reads = tables.ChatReferences, tables.ChatContacts, tables.WebReads
        await self._write(delete(where).where(col(where.tenant) == realm, col(where.user) == user))
        await self._write(delete(who).where(col(who.tenant) == realm, col(who.user) == user))
        await self._write(delete(reads).where(col(reads.reader) == user))


def _old(kind: Kept, before: datetime) -> tuple[type[SQLModel], Any, tuple[Where, ...]]:
    """The table of a kind, when a row of it ended, and which of its rows ended before that moment."""
    if kind in CASES:
        ended = col(Case.closed_at) < before
        if (
            kind == "checks"
        ):  # where nobody is asked any more, nothing comes after the last days to close them
            ended = or_(ended, col(Case.opened_at) < before - NEVER_CLOSED)
        # Nothing ends before it begins: so the index on (kind, opened_at) serves, and what is recent is not read.
        kinds = col(Case.kind).in_(CASES[kind]), col(Case.opened_at) < before, ended
        return Case, col(Case.opened_at), (*kinds, ~_on_its_way(before))
    if kind == "deliveries":
        alone = col(Shown.case).is_(None), col(Shown.card) != PURGED
        return Shown, col(Shown.posted_at), (*alone, col(Shown.posted_at) < before)
    if kind == "decisions":
        table = tables.Decisions
        named = exists().where(col(Values.number) == col(table.number))
        found = exists().where(col(Refs.number) == col(table.number), col(Refs.what).in_(PEOPLE))
        return table, col(table.at), (col(table.at) < before, or_(named, found))
    if kind == "log":
        of_a_case = exists().where(col(Case.id) == col(Log.case))
        standing = col(Log.what).in_(STANDING_LINES)
        return Log, col(Log.at), (col(Log.at) < before, ~of_a_case, ~standing)
    if kind == "absences":
        return tables.Absences, col(tables.Absences.last), (col(tables.Absences.last) < before.date(),)
    return tables.Days, col(tables.Days.day), (col(tables.Days.day) < before.date(),)


def _ended(at: Any, before: datetime) -> Where:
    """Before that moment; where a row knows its day alone, before that day."""
    moment = before.date() if isinstance(at.type, Date) else before
    return col(at) < moment


def _on_its_way(before: datetime) -> Where:
    """A message of the case is just being sent: the case goes with a later pass. What is live is read once."""
    sending = col(Box.state) == "sending", or_(col(Box.first_try).is_(None), col(Box.first_try) >= before)
    cases = select(Box.case).where(text(tables.LIVE), *sending, col(Box.case).is_not(None))
    return col(Case.id).in_(cases)


def _capture_values(before: datetime) -> tuple[Where, ...]:
    return col(Values.name).startswith(CAPTURE), col(tables.Decisions.at) < before


def _emptied(given: dict[str, Any], person: PersonId) -> dict[str, Any]:
    """A patch about that person says no more than that they came, or went."""
    if (given["kind"], given["of"]) != ("person", person):
        return given
    return {**given, **{side: given[side] and {} for side in ("before", "after")}}


def _is_capture(name: str) -> bool:
    return name.startswith(CAPTURE)


def _moment(found: Any) -> datetime | None:
    """A day counts from its beginning."""
    if found is None or isinstance(found, datetime):
        return found
    return datetime.combine(found, time(), UTC)
