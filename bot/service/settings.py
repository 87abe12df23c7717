"""`/sm-settings`: choose, see what it would do, change it, take it back (users.md U4). In force at once, without a restart."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from bot import rights
from bot.changes import Change, Patch, changed, renewed, stands
from bot.model import PersonId, Refused
from bot.ports import NotFound, Tx
from bot.register import Register
from bot.screens import settings as screens
from bot.screens import settings_forms as forms
from bot.screens.base import Eyes, told
from bot.service import beginning, pilot
from bot.service.base import Feature, Verb, Work, text
from bot.service.settings_effects import GOES_NOW, effects
from bot.service.settings_follow import commit
from bot.service.settings_pages import exists, read
from bot.view import Ask, Form, Reply, Tell, Values

DRAFTS = "settings.drafts"
"""The fact that holds what somebody has been shown and not agreed to yet, one for each person."""
KEPT = timedelta(days=1)
"""How long: it may hold the name and address of somebody whom no register knows."""
SHOWN = 8
"""Changes that the log shows."""
PATCHES: TypeAdapter[tuple[Patch, ...]] = TypeAdapter(tuple[Patch, ...])
OF_THINGS = ("role", "unit", "channel", "retention", "person")
"""Groups of one page for each of several things."""
OF_RIGHTS = ("changers", "role|administrators", "role|communications")
"""Pages that say who may change settings."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A change that is shown and not done. `digest`: of what it was said to do."""

    id: str
    page: str
    patches: tuple[Patch, ...]
    digest: str


# -- choose -----------------------------------------------------------------------------------------


async def menu(work: Work, _arg: str = "") -> Reply:
    rights.settings(work.register, work.actor)
    return Tell(card=screens.overview(work.eyes, await beginning.lacking(work)))


async def open_group(work: Work, group: str) -> Reply:
    rights.settings(work.register, work.actor)
    return Ask(form=_choice(work, group))


def _choice(work: Work, group: str) -> Form:
    if group not in forms.GROUPS:
        raise Refused("form.gone")
    if group != "person" and not tuple(forms.options_of(work.eyes, group)):
        raise Refused("settings.channel.none")
    return forms.choose(work.eyes, group)


async def submit_choice(work: Work, group: str, values: Values) -> Reply:
    """The page of what was chosen; retention has one for each kind of row, and the trial its own form and right."""
    rights.settings(work.register, work.actor)
    chosen = _chosen(group, values)
    if chosen in ("retention", "person") and group == "words":
        return Ask(form=_choice(work, chosen))
    if (group, chosen) == ("words", "pilot"):
        return await pilot.open_pilot(work)
    page, of = (group, chosen) if group in OF_THINGS else (chosen, "")
    _allowed(work, page, of, "what")
    return Ask(form=forms.form(work.eyes, page, of))


def _chosen(group: str, values: Values) -> str:
    """A person is picked as the chat shows them, or from those whom no chat knows."""
    picked = text(values, "person") if group == "person" else ""
    return picked or text(values, "what")


def _allowed(work: Work, page: str, of: str, field: str | None = None) -> None:
    """There is such a page, and this person may change what is on it."""
    _may(work, _named(page, of))
    if not exists(work, page, of):
        raise Refused("form.choose", field=field)


def _may(work: Work, page: str) -> None:
    rights.settings(work.register, work.actor)
    if page in OF_RIGHTS:
        rights.set_rights(work.register, work.actor)


def _named(page: str, of: str) -> str:
    """Where a change is made, as the log keeps it."""
    return f"{page}|{of}" if page == "role" else page


# -- see --------------------------------------------------------------------------------------------


async def submit_page(work: Work, state: str, values: Values) -> Reply:
    """Show what it would do. Nothing is changed yet."""
    page, _, of = state.partition("|")
    _allowed(work, page, of)
    patches = await read(work, page, of, values)
    if not patches:
        return Tell(card=told(work.t, "settings.same"))
    return await _show(work, _named(page, of), patches)


async def _show(work: Work, page: str, patches: tuple[Patch, ...], again: str = "") -> Reply:
    guard(work, patches)
    found = await effects(work, patches)
    draft = Draft(id=f"g{work.bot.ids.new()}", page=page, patches=patches, digest=digest(patches, found))
    await _keep(work, draft)
    return Tell(card=screens.shown(_then(work, patches), patches, found, draft.id, again=again))


def _then(work: Work, patches: Sequence[Patch]) -> Eyes:
    """The reader's eyes on the register as it would be: whoever is named anew has a name."""
    after = changed(work.register, patches)
    units = {**work.register.units, **after.units}
    return replace(
        work.eyes, register=replace(work.register, people=after.people, places=after.places, units=units)
    )


def digest(patches: Sequence[Patch], found: Sequence[screens.Effect]) -> str:
    """Tells two promises apart: what is changed, and what that was said to do."""
    whole = json.dumps(
        [[asdict(p) for p in patches], [asdict(e) for e in found if e.key != GOES_NOW]],
        default=str,
        sort_keys=True,
    )
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def guard(work: Work, patches: Sequence[Patch]) -> None:
    """What no setting may bring about: no administrator whom the bot can reach; units in a circle; a task that somebody
    whom the office has named gives themselves."""
    after = changed(work.register, patches)
    rights.set_for(work.register, after, work.actor)
    if not after.is_looked_after and any(
        each.kind == "role" and each.of == "administrators" for each in patches
    ):
        raise Refused("settings.last_administrator", field="people")
    _in_hours(work, patches, after)
    for each in patches:
        if each.kind == "unit" and each.after is None and _used(work, each.of):
            raise Refused("settings.unit.in_use")
        if each.kind == "person" and each.before is None and _is_known(work, each):
            raise Refused("settings.gone")


def _in_hours(work: Work, patches: Sequence[Patch], after: Register) -> None:
    """No place is asked from now on after the office has closed; one that a file has put there may stay."""
    before = {p.id for p in work.register.places.values() if p.hour >= work.register.office.closes}
    late = (p for p in after.places.values() if p.hour >= after.office.closes and p.id not in before)
    if place := next(late, None):
        field = "hour" if any(each.kind == "place" for each in patches) else "closes"
        raise Refused("settings.hour.closed", field=field, place=place.name)


def _is_known(work: Work, given: Patch) -> bool:
    """Whether the chat has told of somebody with that address since it was shown."""
    address = str((given.after or {}).get("email", "")).casefold()
    return any(p.email.casefold() == address and p.may_act for p in work.register.people.values())


def _used(work: Work, ident: str) -> bool:
    unit = work.register.units.get(ident)
    return unit is not None and forms.in_use(work.eyes, unit)


# -- change -----------------------------------------------------------------------------------------


async def apply(work: Work, ident: str) -> Reply:
    """Do what was shown, once. Where it would do something else by now, that is shown first."""
    rights.settings(work.register, work.actor)
    draft = await _draft(work)
    if draft is None or draft.id != ident:
        return Tell(card=told(work.t, "settings.already" if await _is_done(work, ident) else "settings.gone"))
    _may(work, draft.page)
    patches = _renewed(work, draft.patches)
    if not patches:
        await _keep(work, None)
        return Tell(card=told(work.t, "settings.same"))
    guard(work, patches)
    if digest(patches, await effects(work, patches)) != draft.digest:
        return await _show(work, draft.page, patches, "settings.shown.again")
    await _keep(work, None)
    change = Change(id=ident, page=draft.page, at=work.now, by=work.actor.id, patches=patches)
    return Tell(card=screens.done(await commit(work, change), change))


def _renewed(work: Work, patches: Sequence[Patch]) -> tuple[Patch, ...]:
    try:
        return renewed(work.register, patches)
    except KeyError:
        raise Refused("settings.thing_gone") from None


async def drop(work: Work, ident: str) -> Reply:
    """Nothing is changed."""
    rights.settings(work.register, work.actor)
    draft = await _draft(work)
    if draft and draft.id == ident:
        await _keep(work, None)
    return Tell(card=told(work.t, "settings.already" if await _is_done(work, ident) else "settings.dropped"))


async def _is_done(work: Work, ident: str) -> bool:
    try:
        await work.tx.change(ident)
    except NotFound:
        return False
    return True


async def _draft(work: Work) -> Draft | None:
    found = json.loads(await work.tx.fact(DRAFTS) or "{}").get(work.actor.id)
    if not found:
        return None
    kept = {name: value for name, value in found.items() if name != "at"}
    return Draft(**{**kept, "patches": PATCHES.validate_python(found["patches"])})


async def _keep(work: Work, draft: Draft | None) -> None:
    drafts = json.loads(await work.tx.fact(DRAFTS) or "{}")
    drafts.pop(work.actor.id, None)
    if draft:
        drafts[work.actor.id] = {**asdict(draft), "at": work.now.isoformat()}
    await work.tx.save_fact(DRAFTS, json.dumps(drafts, ensure_ascii=False))


async def forget_drafts(tx: Tx, now: datetime) -> None:
    """Housekeeping: what was shown a day ago and not agreed to is forgotten, as is what does not say when it was shown."""
    drafts = json.loads(await tx.fact(DRAFTS) or "{}")
    kept = {
        who: d for who, d in drafts.items() if "at" in d and datetime.fromisoformat(d["at"]) >= now - KEPT
    }
    if kept != drafts:
        await tx.save_fact(DRAFTS, json.dumps(kept, ensure_ascii=False))


# -- take back --------------------------------------------------------------------------------------


async def log(work: Work, _arg: str = "") -> Reply:
    """The last changes; whatever still holds has a button that takes it back."""
    rights.settings(work.register, work.actor)
    newest = await work.tx.changes(SHOWN)
    return Tell(card=screens.log(work.eyes, [(change, _holds(work, change)) for change in newest]))


def _holds(work: Work, change: Change) -> bool:
    """Whether everything that it changed is still as it made it."""
    return all(stands(work.register, p.after, p.kind, p.of) for p in change.patches if not _new_person(p))


async def undo(work: Work, ident: str) -> Reply:
    """In one press, and itself a change that can be taken back."""
    _may(work, "")
    try:
        change = await work.tx.change(ident)
    except NotFound:
        raise Refused("settings.gone") from None
    _may(work, change.page)
    if not _holds(work, change):
        back = await work.tx.taken_back(ident)
        return Tell(card=told(work.t, "settings.undone.already" if back else "settings.undone.other"))
    patches = tuple(p.inverse for p in reversed(change.patches) if not (_new_person(p) or _new_place(p)))
    _still_there(work, patches)
    guard(work, patches)
    taken = Change(id=f"g{work.bot.ids.new()}", page=change.page, at=work.now, by=work.actor.id, patches=patches,
                   undoes=ident)  # fmt: skip
    return Tell(card=screens.done(await commit(work, taken), taken))


def _new_person(given: Patch) -> bool:
    """Somebody who is named anew stays known."""
    return given.kind == "person" and given.before is None


def _new_place(given: Patch) -> bool:
    """A channel that the bot has met stays known, as a person does."""
    return given.kind == "place" and given.before is None


def _still_there(work: Work, patches: Sequence[Patch]) -> None:
    """Nobody who has left comes back into a role, and no unit under one that is gone."""
    after = changed(work.register, patches)
    for each in patches:
        given = each.after or {}
        people = [
            *given.get("people", ()),
            *given.get("changers", ()),
            given.get("head"),
            given.get("deputy"),
        ]
        now = {p for role in work.register.roles.values() for p in role}
        for person in (PersonId(p) for p in people if p and p not in now):
            known = after.people.get(person)
            if known is None or not known.may_act:
                raise Refused("settings.undone.left", name=known.name if known else "–")
        if given.get("parent") and given["parent"] not in after.units:
            raise Refused("settings.thing_gone")


FEATURE = Feature(
    commands={"sm-settings": menu},
    verbs={
        "settings.menu": Verb(run=menu, writes=False),
        "settings.open": Verb(run=open_group, writes=False),
        "settings.log": Verb(run=log, writes=False),
        "settings.apply": Verb(run=apply, writes=True),
        "settings.drop": Verb(run=drop, writes=True),
        "settings.undo": Verb(run=undo, writes=True),
    },
    forms={"settings.choose": submit_choice, "settings.page": submit_page},
)
