"""What waits to be sent, who may send where, and what stands on the platforms."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    text,
    update,
)
from sqlmodel import col, select

from bot.outgoing import MAIL, PURGED, Claim, Message, Pause, Row, RowState, Tokens
from bot.ports import Conflict
from storage import tables
from storage.base import Part, everything
from storage.rows import plain, table_of, to_row

BATCH = 25
"""At most so many rows, and so many edits, of one claim."""
RELEASED = datetime(1970, 1, 1, tzinfo=UTC)
Box = tables.Outbox
Shown = tables.Messages

# -- what each pass runs ------------------------------------------------------------------------

IS_DUE = or_(col(Box.retry_at).is_(None), col(Box.retry_at) <= bindparam("real"))
HELD: BindParameter[Any] = bindparam("held", expanding=True)
CAN_BE_CHANGED = col(Shown.platform).in_(bindparam("chats", expanding=True))
"""An edit where nothing can be written to just now waits there: it keeps nothing from the others of its target."""
NEWEST = select(func.coalesce(func.max(Box.number), 0)).scalar_subquery()
ALARMS_FIRST: ColumnElement[int] = literal_column("CASE lane WHEN 'alarm' THEN 0 ELSE 1 END")
ENTERED = tuple(c.name for c in table_of(Shown).columns if c.name not in ("id", "due_after"))
HAS_ROW = select(Box.number).where(col(Box.key) == bindparam("key"))
ANYTHING = select(
    or_(exists(select(Box.number).where(text(tables.LIVE))), exists(select(Shown.id).where(text(tables.DUE))))
)
BEGIN = (
    update(Box)
    .where(col(Box.number) == bindparam("of"), text(tables.LIVE))
    .values(
        state="sending",
        tries=Box.tries + 1,
        first_try=func.coalesce(Box.first_try, bindparam("real", type_=table_of(Box).c.first_try.type)),
        retry_at=None,
    )
)
SETTLE = (
    update(Box)
    .where(col(Box.number) == bindparam("of"))
    .values({name: bindparam(name) for name in ("state", "retry_at", "reason")})
)
LEASED = select(tables.Leases.target).where(col(tables.Leases.until) > bindparam("real"))
RELEASE = (
    update(tables.Leases)
    .where(col(tables.Leases.target) == bindparam("of"), col(tables.Leases.owner) == bindparam("ours"))
    .values(until=bindparam("until"))
)
PAUSES = everything(tables.Pauses).where(col(tables.Pauses.until) > bindparam("real"))
FREE = select(Box.number, Box.target).where(IS_DUE, col(Box.target).not_in(HELD)).order_by(col(Box.number))
OLDEST = FREE.where(text(tables.LIVE)).limit(1)
OLDEST_ALARM = FREE.where(text(tables.LIVE_ALARM)).limit(1)
OLDEST_EDIT = (
    select(Shown.due_after, Shown.target)
    .where(text(tables.DUE), CAN_BE_CHANGED, col(Shown.target).not_in(HELD))
    .order_by(col(Shown.due_after), col(Shown.id))
    .limit(1)
)
ROWS_OF = (
    everything(Box)
    .where(text(tables.LIVE), col(Box.target) == bindparam("target"), IS_DUE)
    .order_by(ALARMS_FIRST, col(Box.number))
    .limit(BATCH)
)
EDITS_OF = (
    everything(Shown)
    .where(text(tables.DUE), CAN_BE_CHANGED, col(Shown.target) == bindparam("target"))
    .order_by(col(Shown.due_after), col(Shown.id))
    .limit(BATCH)
)
ADD_MESSAGE = insert(Shown).values({**{name: bindparam(name) for name in ENTERED}, "due_after": NEWEST})
SHOWN = (
    update(Shown)
    .where(col(Shown.id) == bindparam("of"))
    .values(
        shown=bindparam("shown"),
        # One that was purged while an edit of before was on its way still has to be rewritten.
        due=or_(col(Shown.card) == PURGED, bindparam("due", type_=table_of(Shown).c.due.type)),
    )
)
MESSAGES_OF = everything(Shown).where(col(Shown.case) == bindparam("case")).order_by(col(Shown.id))


class Outgoing(Part):
    """The outbox, its leases and pauses, and the messages. Moments here are real time."""

    async def enqueue(self, rows: Sequence[Row]) -> None:
        entered = [_entered(row) for row in rows]
        if entered:
            await self._write(self._insert(Box).on_conflict_do_nothing(index_elements=["key"]), entered)

    async def has_row(self, key: str) -> bool:
        return await self._value(HAS_ROW, key=key) is not None

    async def undeliverable(self, limit: int = 50) -> Sequence[Row]:
        dead = everything(Box).where(text("state = 'dead'")).order_by(col(Box.number).desc()).limit(limit)
        return [plain(Row, row) for row in await self._all(dead)]

    async def waiting(self) -> int:
        return int(await self._value(select(func.count()).select_from(Box).where(text(tables.LIVE))))

    async def begin_row(self, number: int, real: datetime) -> None:
        """Raises Conflict when the row has been settled."""
        if not await self._write(BEGIN, {"of": number, "real": real}):
            raise Conflict(f"row {number} is settled already")

    async def settle_row(
        self, number: int, state: RowState, *, retry_at: datetime | None = None, reason: str = ""
    ) -> None:
        settled = {"of": number, "state": state, "retry_at": retry_at, "reason": reason}
        await self._write(SETTLE, settled)

    async def doubt(self, since: datetime) -> None:
        begun = {"state": "sending", "retry_at": None, "first_try": func.coalesce(Box.first_try, since)}
        await self._write(update(Box).where(text(tables.LIVE)).values(begun))
        case = tables.Cases
        still_open = select(case.id).where(col(case.closed_at).is_(None))
        standing = col(Shown.living).is_(True), col(Shown.case).in_(still_open)
        await self._write(update(Shown).where(*standing).values(shown="", due=True, due_after=NEWEST))

    # -- claims: a target is held, not a row, so that its rows keep their order and its pace holds
    async def claim(
        self,
        owner: str,
        real: datetime,
        lease: timedelta,
        alarm_lease: timedelta,
        *,
        chats: Collection[str],
        only_alarms: bool = False,
        without: Collection[str] = (),
    ) -> Claim | None:
        """At most `BATCH` due rows and as many edits; what is left comes with the next claim.

        Call it first in its transaction: then processes wait for each other here and none meets `Conflict`.
        """
        if self._is_postgres:  # before the transaction's snapshot is taken, which a lock by SELECT would do
            await self._write(text("LOCK TABLE leases IN SHARE ROW EXCLUSIVE MODE"))
        if not await self._value(ANYTHING):
            return None  # as nearly always
        pauses = await self.pauses(real)
        awake = set(chats) - {pause.platform for pause in pauses if not pause.target}
        target = await self._next_target(real, pauses, without, awake, only_alarms=only_alarms)
        if target is None:
            return None
        rows, edits = await self._rows_of(target, real), await self._edits_of(target, awake - set(without))
        until = real + (alarm_lease if any(row.lane == "alarm" for row in rows) else lease)
        await self._hold_target(target, owner, real, until)
        return Claim(target=target, until=until, rows=tuple(rows), edits=tuple(edits))

    async def release(self, target: str, owner: str) -> None:
        # The row stays: somebody who still sees the target as it was before meets a conflict on it.
        await self._write(RELEASE, {"of": target, "ours": owner, "until": RELEASED})

    async def _hold_target(self, target: str, owner: str, real: datetime, until: datetime) -> None:
        statement = self._insert(tables.Leases).values(target=target, owner=owner, until=until)
        free = col(tables.Leases.until) <= real
        taken = statement.on_conflict_do_update(
            index_elements=["target"], set_={"owner": owner, "until": until}, where=free
        )
        if not await self._write(taken):
            raise Conflict(f"{target} is held by another process")

    async def _held(self, real: datetime, pauses: Sequence[Pause], awake: Collection[str]) -> set[str]:
        """Targets that somebody sends to, or that a platform asked us to leave alone for a while."""
        held = {row["target"] for row in await self._all(LEASED, real=real)}
        held |= {pause.target for pause in pauses if pause.target and pause.platform}
        asleep = {pause.platform for pause in pauses if not pause.target}
        return held | await self._targets_on(asleep, awake)

    async def _targets_on(self, platforms: Collection[str], awake: Collection[str]) -> set[str]:
        """Every place on these platforms, and the people who are in no chat that is `awake`; of mail also mailboxes."""
        if not platforms:
            return set()
        places = await self._all(select(tables.Places.id).where(col(tables.Places.platform).in_(platforms)))
        people = await self._all(select(tables.Identities.person, tables.Identities.platform))
        letters = await self._letters() if MAIL in platforms else set()
        there = {f"person:{row['person']}" for row in people if row["platform"] in platforms}
        elsewhere = {f"person:{row['person']}" for row in people if row["platform"] in awake}
        return {f"place:{row['id']}" for row in places} | ((letters | there) - elsewhere)

    async def _letters(self) -> set[str]:
        """Mailboxes for which something waits, and everybody: whom no chat that runs knows is sent mail."""
        waits = select(Box.target).where(text(tables.LIVE), col(Box.target).like("mail%")).distinct()
        people = await self._all(select(tables.People.id))
        return {row["target"] for row in await self._all(waits)} | {f"person:{row['id']}" for row in people}

    async def _next_target(
        self,
        real: datetime,
        pauses: Sequence[Pause],
        without: Collection[str],
        awake: set[str],
        *,
        only_alarms: bool,
    ) -> str | None:
        """Alarms first; then whichever has waited longest, an edit being as old as the rows before it."""
        held = await self._held(real, pauses, awake)
        if alarm := await self._first(OLDEST_ALARM, real=real, held=list(held)):
            return str(alarm["target"])
        if only_alarms:
            return None
        awake = awake - set(without)
        held |= {*without, *(pause.target for pause in pauses if not pause.platform)}
        held |= await self._targets_on(without, awake)
        edit = await self._first(OLDEST_EDIT, chats=list(awake), held=list(held))
        row = await self._first(OLDEST, real=real, held=list(held))
        if row and edit:
            return str((edit if edit["due_after"] < row["number"] else row)["target"])
        found = row or edit
        return str(found["target"]) if found else None

    async def _rows_of(self, target: str, real: datetime) -> Sequence[Row]:
        return [plain(Row, row) for row in await self._all(ROWS_OF, target=target, real=real)]

    async def _edits_of(self, target: str, awake: Collection[str]) -> Sequence[Message]:
        return await self._messages(EDITS_OF, target=target, chats=list(awake))

    # -- pauses
    async def pause(self, pause: Pause) -> None:
        """A pause that lasts longer already stays as it is."""
        table = tables.Pauses
        statement = self._insert(table).values(to_row(table, pause))
        longer = statement.on_conflict_do_update(
            index_elements=["platform", "target"],
            set_={"until": pause.until},
            where=col(table.until) < pause.until,
        )
        await self._write(longer)

    async def pauses(self, real: datetime) -> Sequence[Pause]:
        return [plain(Pause, row) for row in await self._all(PAUSES, real=real)]

    # -- pace
    async def tokens(self, platform: str) -> Tokens | None:
        found = await self._first(everything(tables.Paces).where(col(tables.Paces.platform) == platform))
        return plain(Tokens, found, without=("platform",)) if found else None

    async def keep_tokens(self, platform: str, tokens: Tokens) -> None:
        await self._upsert(tables.Paces, to_row(tables.Paces, tokens, platform=platform))

    # -- messages
    async def add_message(self, message: Message) -> None:
        if message.case is not None and message.living:
            await self._hold_case(message.case)
        row = to_row(Shown, message, due_after=0)
        await self._write(ADD_MESSAGE, {name: row[name] for name in ENTERED})

    async def shown(self, message: int, digest: str, *, still_due: bool = False) -> None:
        await self._write(SHOWN, {"of": message, "shown": digest, "due": still_due})

    async def drop_message(self, message: int) -> None:
        await self._write(delete(Shown).where(col(Shown.id) == message))

    async def messages_of(self, case: str) -> Sequence[Message]:
        return await self._messages(MESSAGES_OF, case=case)

    async def _messages(self, statement: Any, **filled: Any) -> Sequence[Message]:
        return [plain(Message, row, without=("due_after",)) for row in await self._all(statement, **filled)]


def _entered(row: Row) -> dict[str, Any]:
    """The row's columns; its number comes from the database."""
    entered = to_row(Box, row)
    del entered["number"]
    return entered
