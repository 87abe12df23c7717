"""The register that exists, in from a table and out again (users.md U1). Nothing here says anything to anybody."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import rights
from bot.importing.cells import exported, table
from bot.importing.judge import judge
from bot.importing.people import NEW
from bot.importing.plan import Entry, Plan
from bot.importing.sheet import read, write
from bot.model import Account, Person, PersonId, Refused
from bot.model import Entry as LogEntry
from bot.ports import Tx
from bot.screens import importing as screens
from bot.screens.base import told
from bot.service.accounts import settled, touch_start
from bot.service.arrivals import Wanted, plain, want, wanted
from bot.service.base import Feature, Verb, Work, text
from bot.service.in_use import log_of
from bot.service.questions import touch_rounds
from bot.view import Ask, Reply, Tell, Values

DRAFTS = "import.drafts"
"""The fact that holds what communications has pasted and not imported yet, by person."""
KEPT = timedelta(days=7)
MOST = 200_000
"""Characters that may be pasted in all."""
MOST_MB = 2
"""A file: a register of thousands of accounts is smaller."""
AT_ONCE = "form"
"""The state of a file that was chosen in the form: what it would do is shown in its place."""
LOG = "register"
"""Under which name the register's own log is kept."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """How many accounts went in, and how many have changed."""

    new: int
    changed: int


def look(work: Work, given: str) -> Plan:
    """The dry run. In the organisation's language, so that two readers of one table get one digest. Raises Refused."""
    return judge(work.register, read(given), work.texts(work.register.office.language))


async def apply(work: Work, given: str, digest: str) -> Done:
    """Do what was shown under that digest, in this transaction. Raises Refused when it would be something else by now."""
    plan = look(work, given)
    if plan.digest != digest:
        raise Refused("import.changed")
    people = await _people(work, plan)
    units = await _units(work, plan, people)
    new = await work.tx.add_accounts([_real(work, entry, people, units) for entry in plan.new])
    changed = [await _save(work, _real(work, e, people, units), e.before) for e in plan.changed if e.before]
    await _want(work, [*new, *changed])
    done = Done(new=len(plan.new), changed=len(plan.changed))
    data = {"new": str(done.new), "changed": str(done.changed), "digest": digest}
    await work.tx.add_log(
        LOG, (LogEntry(what="register.imported", by=work.actor.id or None, data=data),), work.now
    )
    return done


async def _people(work: Work, plan: Plan) -> dict[PersonId, PersonId]:
    """Those whom no chat knows yet wait for it under their address, as in the organisation file."""
    made: dict[PersonId, PersonId] = {}
    for ident, name in plan.people.items():
        email = ident.removeprefix(NEW)
        person = Person(id=PersonId(f"p{work.bot.ids.new()}"), name=name or email, email=email, checked=False)
        await work.tx.save_person(person)
        made[ident] = person.id
    return made


async def _units(work: Work, plan: Plan, people: Mapping[PersonId, PersonId]) -> dict[str, str]:
    made: dict[str, str] = {}
    for ident, unit in plan.units.items():
        made[ident] = f"u{work.bot.ids.new()}"
        head = people.get(unit.head, unit.head) if unit.head else None
        await work.tx.save_unit(replace(unit, id=made[ident], head=head))
    return made


def _real(work: Work, entry: Entry, people: Mapping[PersonId, PersonId], units: Mapping[str, str]) -> Account:
    """The account with the ids that people and units have got."""
    account = entry.after
    return replace(
        account,
        id=account.id or f"c{work.bot.ids.new()}",
        unit=units.get(account.unit, account.unit),
        people=tuple(people.get(p, p) for p in account.people),
        head=people.get(account.head, account.head) if account.head else None,
        stamp=account.stamp or work.stamp,
    )


async def _save(work: Work, account: Account, before: Account) -> Account:
    """What it was called before stands in its history; cards of today that show it are written anew."""
    await touch_rounds(work, before.place)
    await touch_start(work, before.id)
    if (before.name, before.address, before.unit) != (account.name, account.address, account.unit):
        was = {"name": before.name, "address": before.address, "unit": before.unit}
        entry = LogEntry(what="account.renamed", by=work.actor.id or None, data=was)
        await work.tx.add_log(log_of(account.id), (entry,), work.now)
        for question in await work.tx.open_cases("question", account=account.id):
            await work.tx.touch(question.id)
    return await work.tx.save_account(settled(account, work.today + timedelta(days=1)))


async def _want(work: Work, saved: list[Account]) -> None:
    """Channels that nobody has found are waited for, each with its accounts."""
    before = await wanted(work.tx)
    named = {a.id: a.said.get("channel", "") if a.place is None else "" for a in saved}
    waiting = {
        plain(w.name): replace(w, accounts=tuple(a for a in w.accounts if a not in named)) for w in before
    }
    for ident, name in named.items():
        if name:
            known = waiting.get(plain(name)) or Wanted(name=name.removeprefix("#"))
            waiting[plain(name)] = replace(known, accounts=(*known.accounts, ident))
    after = tuple(w for w in waiting.values() if w.accounts or w.roles or w in before)
    if after != before:
        await want(work.tx, after)


def export(work: Work, separator: str = ";") -> str:
    """All accounts that are not closed, in the organisation's language. Imported again it changes nothing."""
    t = work.texts(work.register.office.language)
    return write(table(work.register, t, exported(work.register)), separator)


# -- in chat ------------------------------------------------------------------------------------


async def open_paste(work: Work, _arg: str = "") -> Reply:
    rights.whole_register(work.register, work.actor)
    return Ask(form=screens.paste_form(work.eyes, 0, ""))


async def submit_paste(work: Work, state: str, values: Values) -> Reply:
    """Keep what was pasted. With more to come the boxes come again, else what would happen is shown.

    `state` is the mark of what was pasted before, and how often: sent twice, the same rows are not kept twice.
    """
    rights.whole_register(work.register, work.actor)
    before_mark, _, count = state.partition("|")
    turn = int(count) if count.isdecimal() else 0
    boxes = screens.boxes_in(turn)
    before = await _draft(work) if before_mark else ""
    if mark(before) != before_mark:
        raise Refused("import.no_draft")
    whole = "\n".join(filter(None, (before, *(_box(values, box) for box in boxes))))
    if len(whole) > MOST:
        raise Refused("import.too_long", field=boxes[0])
    plan = _looked(work, whole, boxes[0])
    await _keep(work, whole)
    if text(values, screens.more_in(turn)):
        rows = len(read(whole).lines)
        return Ask(form=screens.paste_form(work.eyes, rows, mark(whole), turn + 1))
    return Ask(form=screens.shown(work.eyes, plan))


def _looked(work: Work, whole: str, field: str) -> Plan:
    """The dry run; what cannot be read is said beside the box."""
    try:
        return look(work, whole)
    except Refused as no:
        raise Refused(no.key, field=field, **no.values) from None


def _box(values: Values, name: str) -> str:
    """As it was pasted: a tab at the end of a row is an empty cell."""
    value = values.get(name, "")
    return value.strip("\n") if isinstance(value, str) and value.strip() else ""


async def take_file(work: Work, state: str, values: Values) -> Reply:
    """A table that was sent as a file is kept like what is pasted; its card opens what it would do."""
    rights.whole_register(work.register, work.actor)
    given, field = text(values, "table"), "table" if state == AT_ONCE else ""
    if len(given) > MOST_MB * 1_000_000:
        raise Refused("import.too_large", field=field, most=MOST_MB)
    plan = _looked(work, given, field)
    await _keep(work, given)
    return Ask(form=screens.shown(work.eyes, plan)) if field else Tell(card=screens.taken(work.eyes, plan))


async def open_taken(work: Work, _arg: str = "") -> Reply:
    rights.whole_register(work.register, work.actor)
    draft = await _draft(work)
    if not draft:
        raise Refused("import.no_draft")
    return Ask(form=screens.shown(work.eyes, look(work, draft)))


async def submit_apply(work: Work, digest: str, _values: Values) -> Reply:
    """Import what was shown; if that would be something else by now, it is shown first."""
    rights.whole_register(work.register, work.actor)
    draft = await _draft(work)
    if not draft:
        raise Refused("import.no_draft")
    plan = look(work, draft)
    if plan.digest != digest:
        return Ask(form=screens.shown(work.eyes, plan, changed=True))
    done = await apply(work, draft, digest)
    await _keep(work, "")
    return Tell(card=screens.done(work.eyes, done.new, done.changed))


def mark(draft: str) -> str:
    """Tells two drafts apart; "" for none."""
    return hashlib.sha256(draft.encode()).hexdigest()[:16] if draft else ""


async def _draft(work: Work) -> str:
    drafts = json.loads(await work.tx.fact(DRAFTS) or "{}")
    return str(drafts.get(work.actor.id, {}).get("text", ""))


async def _keep(work: Work, draft: str) -> None:
    """One draft a person."""
    drafts = json.loads(await work.tx.fact(DRAFTS) or "{}")
    drafts.pop(work.actor.id, None)
    if draft:
        drafts[work.actor.id] = {"text": draft, "at": work.now.isoformat()}
    await work.tx.save_fact(DRAFTS, json.dumps(drafts, ensure_ascii=False))


async def forget_drafts(tx: Tx, now: datetime) -> None:
    """Housekeeping: what was pasted a week ago and not imported is forgotten."""
    drafts = json.loads(await tx.fact(DRAFTS) or "{}")
    kept = {who: d for who, d in drafts.items() if datetime.fromisoformat(d["at"]) >= now - KEPT}
    if kept != drafts:
        await tx.save_fact(DRAFTS, json.dumps(kept, ensure_ascii=False))


async def open_export(work: Work, _arg: str = "") -> Reply:
    return await _exported(work, 0)


async def submit_export(work: Work, state: str, _values: Values) -> Reply:
    return await _exported(work, int(state) if state.isdecimal() else 0)


async def _exported(work: Work, first: int) -> Reply:
    """Tabs part the cells, so that what is copied falls into a spreadsheet's columns."""
    rights.whole_register(work.register, work.actor)
    if not exported(work.register):
        return Tell(card=told(work.t, "import.export.none"))
    parts = screens.boxes_of(export(work, "\t").replace("\r\n", "\n"))
    return Ask(form=screens.export_form(work.eyes, parts, min(first, len(parts) - 1)))


FEATURE = Feature(
    verbs={
        "import.open": Verb(run=open_paste, writes=False),
        "import.taken": Verb(run=open_taken, writes=False),
        "export.open": Verb(run=open_export, writes=False),
    },
    forms={
        "import.paste": submit_paste,
        "import.file": take_file,
        "import.apply": submit_apply,
        "import.export": submit_export,
    },
)
