"""The register: list, open, enter an account that exists, change its people, hour, pattern and place."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta

from bot import addresses, rights
from bot.cases import (
    Alarm,
    Case,
    Filing,
    Handover,
    Moderation,
    Practice,
    Question,
    Round,
    Run,
    Start,
    Watch,
    Yearly,
)
from bot.cases.run_state import CLOSE_ACCOUNT
from bot.model import Account, Entry, Pattern, PersonId, Place, Refused, Unit
from bot.plain import by_name, natural
from bot.ports import Conflict
from bot.screens import accounts as screens
from bot.screens import closing
from bot.screens import guard as guard_screens
from bot.screens.base import Eyes
from bot.service import guard
from bot.service.base import Feature, Verb, Work, several, text
from bot.service.in_use import closure_of, log_of, may_close, since
from bot.service.moving import move_line
from bot.service.newcomers import greet, note_binding
from bot.service.places import place_of
from bot.service.questions import follow, touch_rounds
from bot.service.records import unregistered
from bot.service.sight import as_read
from bot.view import Ask, Part, Reply, Tell, Values

HISTORY_DAYS = 30


# -- look ---------------------------------------------------------------------------------------


async def listing(work: Work, given: str) -> Reply:
    """All accounts in use, or those that the words match; one match opens. Everyone but guests and outsiders may.

    A closed one is found where none in use matches: the register keeps its history.
    """
    rights.staff(work.actor)
    matching = [a for a in work.register.accounts.values() if _matches(work, a, given)]
    found = [a for a in matching if a.state != "closed"] or (matching if given else [])
    if given and len(found) == 1:
        return await open_one(work, found[0].id)
    mine = {a.id for a in work.register.accounts_of(work.actor.id)}
    found.sort(key=lambda a: (a.id not in mine, natural(a.name)))
    join = len(work.register.chats) > 1 and rights.may_join(work.register, work.actor)
    office, heads = rights.office(work.register, work.actor), bool(work.register.led_by(work.actor.id))
    return Tell(
        card=screens.listing(
            work.eyes, found, given, join=join, office=office, heads=heads, lacks=_lacks(work)
        )
    )


async def gaps(work: Work, _arg: str = "") -> Reply:
    """The accounts that lack something."""
    rights.staff(work.actor)
    lacking, known = _lacks(work), with_gaps(work)
    known += [a for a in work.register.accounts.values() if a.id in lacking and a not in known]
    found = sorted(known, key=by_name)
    return Tell(card=screens.listing(work.eyes, found, "", lacks=lacking))


def _lacks(work: Work) -> dict[str, str]:
    """What the two-people guard sees now, in words, by account."""
    return {ident: guard_screens.gap(work.eyes, lack) for ident, lack in guard.now_lacking(work).items()}


def with_gaps(work: Work) -> list[Account]:
    """Accounts in use that lack something in the register, by name."""
    found = [a for a in work.register.accounts.values() if a.gaps and a.state in ("gaps", "live")]
    return sorted(found, key=by_name)


def _matches(work: Work, account: Account, given: str) -> bool:
    unit = work.register.units.get(account.unit)
    where = f"{account.name} {account.address} {account.platform} {unit.name if unit else ''}".casefold()
    return all(word in where for word in given.casefold().split())


async def open_one(work: Work, ident: str) -> Reply:
    rights.staff(work.actor)
    account = work.account(ident)
    return Tell(
        card=screens.one(
            work.eyes,
            account,
            edit=_may(rights.edit, work, account),
            pattern=_may(rights.set_pattern, work, account),
            place=_may(rights.change_place, work, account),
            history=_may(rights.read_history, work, account),
            login=bool(rights.role_on(work.register, work.actor, account, work.today)),
            free_days=account.state not in ("imported", "paused", "closed") and _says_who(work, account),
            below=await _in_use(work, account),
        )
    )


def _says_who(work: Work, account: Account) -> bool:
    """Whether somebody may say who watches on free days, or enter what a head without chat says."""
    asked = (work.register, work.actor, (account,), work.today)
    return rights.has_heads_word(*asked) or rights.told_by(*asked) is not None


async def _in_use(work: Work, account: Account) -> list[Part]:
    """A way to close it, who is closing it, or since when comments are off."""
    begun, off = await closure_of(work, account.id), await since(work, account)
    return closing.on_account(work.eyes, account, close=may_close(work, account), run=begun, since=off)


def _may(right: object, work: Work, account: Account) -> bool:
    try:
        right(work.register, work.actor, account)  # type: ignore[operator]
    except Refused:
        return False
    return True


async def history(work: Work, ident: str) -> Reply:
    """The account's last days and cases, without names of who looked."""
    account = work.account(ident)
    rights.read_history(work.register, work.actor, account)
    since = work.today - timedelta(days=HISTORY_DAYS)
    days = sorted(
        await work.tx.days(account=ident, first=since, last=work.today), key=lambda d: d.day, reverse=True
    )
    lines = [await _line(work, case) for case in await work.tx.cases_of(ident, limit=30)]
    lines += [_change(work, entry) for entry in reversed(await work.tx.log(log_of(ident)))]
    return Ask(form=screens.history(work.eyes, account, days, [line for line in lines if line]))


def _change(work: Work, entry: Entry) -> tuple[str, str]:
    """That it was closed, that comments went off or on, what it was called before; without who changed it."""
    at = work.t.moment(entry.at, work.now) if entry.at else ""
    match entry.what:
        case "account.closed":
            return work.t("history.closed"), work.t(
                "history.closed.by", at=at, n=entry.data.get("decision", "")
            )
        case "account.word_entered":
            way, reference = work.t(f"entered.way.{entry.data['way']}"), entry.data["reference"]
            note = work.t("history.word.note", at=at, way=way, reference=reference)
            return work.t("history.word", office=work.eyes.office_name), note
        case "account.free_days":
            return work.t("history.free_days"), at
        case "account.comments_off" | "account.resumed" | "account.confirmed":
            return work.t(f"history.{entry.what.partition('.')[2]}"), at
        case _:
            return _renaming(work, entry, at)


def _renaming(work: Work, entry: Entry, at: str) -> tuple[str, str]:
    """What the account was called before, and where it stood."""
    unit = work.register.units.get(entry.data.get("unit", ""))
    was = ", ".join(
        filter(None, (entry.data.get("name"), entry.data.get("address"), unit.name if unit else ""))
    )
    return work.t("history.renamed"), work.t("history.renamed.was", at=at, was=was)


async def _line(work: Work, case: Case) -> tuple[str, str] | None:
    t = work.t
    at = t.moment(case.opened_at, work.now)
    match case:
        case Question():
            return t(f"history.question.{case.kind}"), f"{at}, {t('history.' + (case.ended or 'open'))}"
        case Alarm():
            what = (
                t("alarm.exercise", title=t(f"alarm.kind.{case.kind}"))
                if case.exercise
                else t(f"alarm.kind.{case.kind}")
            )
            return what, f"{at}, {t('history.' + (case.ended or 'open'))}"
        case Run():
            return t("history.run.close" if case.name == CLOSE_ACCOUNT else "history.run"), at
        case Moderation():
            return t.many(
                "history.moderation", max(len(case.posts), 1)
            ), f"{at}, {t('history.' + case.state)}"
        case Filing():
            return t(f"history.filing.{case.what}"), f"{at}, {await _filed(work, case)}"
        case Round() | Start() | Practice() | Yearly() | Watch() | Handover():
            return None


async def _filed(work: Work, filing: Filing) -> str:
    """Its number, that it needs none and why, or that it waits; without who entered it."""
    if filing.is_open:
        return work.t("history.filing.waits", registrar=work.eyes.role("registrar"))
    if filing.number:
        return work.t("history.filing.numbered", number=filing.number)
    row = await unregistered(work, filing)
    why = (await as_read(work, row)).personal.get("why", "") if row else ""
    return work.t("history.filing.none" if why else "history.filing.none.plain", why=why)


# -- enter --------------------------------------------------------------------------------------


async def open_enter(work: Work, _arg: str = "") -> Reply:
    """The six fields, with what is known filled in."""
    rights.staff(work.actor)
    units = sorted(work.register.units.values(), key=lambda u: natural(u.name))
    place = work.place
    here = place.id if place else f"{work.call.platform}:{work.call.realm}:{work.call.channel}"
    direct = not place and not work.call.channel
    return Ask(form=screens.enter_form(work.eyes, units, person=work.actor, place="" if direct else here))


async def submit_enter(work: Work, _state: str, values: Values) -> Reply:
    """Save the account: live with a place and two people, else existing, with gaps that are shown."""
    rights.staff(work.actor)
    people = people_named(work, several(values, "people"))
    rights.enter(work.register, work.actor, people)
    platform = _platform(text(values, "platform"))
    address = addresses.of_account(text(values, "address"), platform)
    refuse_twice(work, address)
    head = await _head(work, text(values, "head"))
    unit = await _unit(work, text(values, "unit"), head)
    place = await place_of(work, text(values, "place"), time(9))
    known = addresses.platform_of(address)
    account = Account(
        id=f"c{work.bot.ids.new()}", platform=platform if known == "other" else known, name=addresses.name_in(address),
        address=address, unit=unit.id, people=people, place=place.id if place else None,
        head=head if head and head != unit.head else None, stamp=work.stamp,
    )  # fmt: skip
    return await _saved(work, account, "account.entered")


def settled(account: Account, first_day: date) -> Account:
    """Live from saving with a place and two people; asked from the first day after that."""
    if account.state not in ("gaps", "live"):
        return account
    whole = account.place is not None and len(account.people) >= 2
    asked = account.asked_from or (first_day if account.is_asked else None)
    return replace(account, state="live" if whole else "gaps", asked_from=asked)


async def _saved(work: Work, account: Account, key: str) -> Reply:
    ready = settled(account, work.today + timedelta(days=1))
    await touch_rounds(work, ready.place)
    await touch_start(work, account.id)
    await note_binding(work, ready)
    if before := work.register.accounts.get(account.id):
        await greet(work, before, ready)
    try:
        saved = await work.tx.save_account(ready)
    except Conflict:
        refuse_twice(work, account.address, but=account.id)
        raise
    first = await _first_asked(work, saved)
    return Tell(card=screens.saved(_seeing(work, saved), saved, key, first))


async def touch_start(work: Work, ident: str) -> None:
    """The card that asks whether the account is right shows it as it is now, or that it has moved on."""
    known = work.register.accounts.get(ident)
    if known and known.state == "imported" and known.place:
        for case in await work.tx.open_cases("start", place=known.place):
            await work.tx.touch(case.id)


def _seeing(work: Work, account: Account) -> Eyes:
    register = replace(work.register, accounts={**work.register.accounts, account.id: account})
    return replace(work.eyes, register=register)


async def _first_asked(work: Work, account: Account) -> date | None:
    """The day of its first card, while that is still to come: after the place's welcome, where that has yet to come."""
    day, place = account.asked_from, (await work.tx.register()).places.get(account.place or "")
    if place and place.welcomed is None:
        return work.hours.calendar.next_working_day(work.hours.today(work.hours.speak_at(work.now)))
    if day is None or day <= work.today:
        return None
    return day if work.hours.is_working_day(day) else work.hours.calendar.next_working_day(day)


def refuse_twice(work: Work, address: str, but: str = "") -> None:
    for other in work.register.accounts.values():
        if other.address == address and other.state != "closed" and other.id != but:
            unit = work.register.units.get(other.unit)
            raise Refused(
                "account.twice", field="address", account=other.name, unit=unit.name if unit else other.unit
            )


def _platform(value: str) -> str:
    if value not in screens.PLATFORMS:
        raise Refused("form.choose", field="platform")
    return value


def people_named(work: Work, idents: Iterable[str], field: str = "people") -> tuple[PersonId, ...]:
    """At least one; all different, active, no bot, no guest."""
    people = tuple(dict.fromkeys(work.register.active(i, field).id for i in idents))
    if not people:
        raise Refused("form.person", field=field)
    return people


async def _head(work: Work, ident: str) -> PersonId | None:
    return work.register.active(ident, "head").id if ident else None


async def _unit(work: Work, given: str, head: PersonId | None) -> Unit:
    """A unit of the register; in a register without any, the first one is made by its name."""
    if given in work.register.units:
        return work.register.units[given]
    if not given or work.register.units:
        raise Refused("form.choose", field="unit")
    unit = Unit(id=f"u{work.bot.ids.new()}", name=given[:100], head=head)
    await work.tx.save_unit(unit)
    return unit


def hour_of(work: Work, value: str, place: Place) -> time:
    """One of the hours that are offered, while the office is open, or the one that holds now."""
    hour = next((h for h in (*screens.HOURS, place.hour) if h.strftime("%H:%M") == value), None)
    if hour is None:
        raise Refused("form.choose", field="hour")
    if hour >= work.register.office.closes and hour != place.hour:
        raise Refused("settings.hour.closed", field="hour", place=place.name)
    return hour


# -- change -------------------------------------------------------------------------------------


async def open_edit(work: Work, ident: str) -> Reply:
    account = work.account(ident)
    rights.edit(work.register, work.actor, account)
    place = work.register.places.get(account.place or "")
    return Ask(form=screens.edit_form(work.eyes, account, place.hour if place else None))


async def submit_edit(work: Work, ident: str, values: Values) -> Reply:
    """People, hour, where the login is kept. Fewer than two people is no error: the account then has a gap, and it shows."""
    account = work.account(ident)
    rights.edit(work.register, work.actor, account)
    people = people_named(work, several(values, "people"))
    place = work.register.places.get(account.place or "")
    hour = text(values, "hour")
    if place and hour:
        await work.tx.save_place(replace(place, hour=hour_of(work, hour, place)))
    order = tuple(p for p in account.pattern.order if p in people)
    login = text(values, "login")[:200] if "login" in values else account.login
    after = replace(account, people=people, pattern=replace(account.pattern, order=order), login=login)
    return await _saved(work, after, "account.saved")


async def open_rename(work: Work, ident: str) -> Reply:
    account = work.account(ident)
    rights.edit(work.register, work.actor, account)
    units = sorted(work.register.units.values(), key=lambda u: natural(u.name))
    return Ask(form=screens.rename_form(work.eyes, account, units))


async def submit_rename(work: Work, ident: str, values: Values) -> Reply:
    """Name, address and unit. What it was before stands in the account's history, with who changed it in the log."""
    account = work.account(ident)
    rights.edit(work.register, work.actor, account)
    name, given = text(values, "name")[:100], text(values, "address")
    if not name:
        raise Refused("account.no_name", field="name")
    address = addresses.of_account(given, account.platform) if given else account.address
    if address:
        refuse_twice(work, address, but=account.id)
    known = addresses.platform_of(address)
    unit = await _unit(work, text(values, "unit"), None)
    after = replace(account, name=name, address=address, unit=unit.id,
                    platform=account.platform if known == "other" else known)  # fmt: skip
    if after != account:
        await _renamed(work, account)
    return await _saved(work, after, "account.saved")


async def _renamed(work: Work, before: Account) -> None:
    was = {"name": before.name, "address": before.address, "unit": before.unit}
    entry = Entry(what="account.renamed", by=work.actor.id, data=was)
    await work.tx.add_log(log_of(before.id), (entry,), work.now)
    for question in await work.tx.open_cases("question", account=before.id):
        await work.tx.touch(question.id)


async def open_pattern(work: Work, ident: str) -> Reply:
    account = work.account(ident)
    rights.set_pattern(work.register, work.actor, account)
    return Ask(form=screens.pattern_form(work.eyes, account))


async def submit_pattern(work: Work, ident: str, values: Values) -> Reply:
    """Always one, weeks in turn from this week, or by weekday; among the account's own people."""
    account = work.account(ident)
    rights.set_pattern(work.register, work.actor, account)
    order = people_named(work, several(values, "order"), "order")
    if not set(order) <= set(account.people):
        raise Refused("pattern.not_theirs", field="order")
    match text(values, "kind"):
        case "one" | "weeks" | "weekdays" as kind:
            monday = work.today - timedelta(days=work.today.weekday())
            after = replace(account, pattern=Pattern(kind=kind, order=order, start=monday))
            await _saved(work, after, "account.saved")
            return Tell(card=screens.pattern_saved(_seeing(work, after), after))
        case _:
            raise Refused("form.choose", field="kind")


async def open_place(work: Work, ident: str) -> Reply:
    account = work.account(ident)
    rights.change_place(work.register, work.actor, account)
    return Ask(form=screens.place_form(work.eyes, account))


async def submit_place(work: Work, ident: str, values: Values) -> Reply:
    """Cards already posted stay and point on; what is open is posted anew in the new place (exact-rules, "Sending")."""
    account = work.account(ident)
    rights.change_place(work.register, work.actor, account)
    old = work.register.places.get(account.place or "")
    place = await place_of(work, text(values, "place"), old.hour if old else time(9))
    if place is None:
        raise Refused("form.choose", field="place")
    if place.id == account.place:
        return Tell(card=screens.saved(work.eyes, account, "account.saved"))
    moved = replace(account, place=place.id)
    await follow(work, moved)
    await move_line(work, moved, place)
    return await _saved(work, moved, "account.moved")


FEATURE = Feature(
    commands={"sm-accounts": listing},
    verbs={
        "account.list": Verb(run=listing, writes=False),
        "account.gaps": Verb(run=gaps, writes=False),
        "account.open": Verb(run=open_one, writes=False),
        "account.enter": Verb(run=open_enter, writes=False),
        "account.edit": Verb(run=open_edit, writes=False),
        "account.rename": Verb(run=open_rename, writes=False),
        "account.pattern": Verb(run=open_pattern, writes=False),
        "account.place": Verb(run=open_place, writes=False),
        "account.history": Verb(run=history, writes=False),
    },
    forms={
        "account.enter": submit_enter,
        "account.edit": submit_edit,
        "account.rename": submit_rename,
        "account.pattern": submit_pattern,
        "account.place": submit_place,
    },
)
