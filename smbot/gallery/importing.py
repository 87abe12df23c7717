"""The register that exists: pasted, looked at, imported, copied out."""

from collections.abc import Iterator
from dataclasses import replace

from bot.importing.plan import KINDS, Entry, Note, Plan
from bot.screens import importing
from bot.view import Card, Form
from smbot.gallery.world import ANNA, BO, Scene


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield "accounts.import", importing.paste_form(s.eyes, 0, "")
    yield "accounts.import.more", importing.paste_form(s.eyes, 41, "0a1b", 1)
    yield "accounts.import_shown", importing.shown(s.eyes, plan(s))
    yield "accounts.import_shown.again", importing.shown(s.eyes, plan(s), changed=True)
    yield "accounts.import_shown.nothing", importing.shown(s.eyes, replace(plan(s), entries=(), notes=()))
    yield "accounts.import_taken", importing.taken(s.eyes, plan(s))
    yield "accounts.imported", importing.done(s.eyes, 137, 3)
    yield "accounts.imported.one", importing.done(s.eyes, 1, 0)
    yield "accounts.imported.changed", importing.done(s.eyes, 0, 1)
    parts = [f"{s.outside.account}\t{s.outside.purpose}\n"] * 9
    yield "accounts.export", importing.export_form(s.eyes, parts, 0)
    yield "accounts.export.last", importing.export_form(s.eyes, parts, 8)


def plan(s: Scene) -> Plan:
    """Some of each that a table may hold, in the words of whoever wrote it."""
    o = s.outside
    notes = [
        Note(kind=kind, row=n, column="name", said=o.account, hint=o.purpose)
        for n, kind in enumerate(KINDS, 2)
    ]
    notes += [Note(kind="channel", row=n, column="channel", said=o.place) for n in range(30, 45)]
    known = s.account("alumni")
    new = replace(known, id="", name=o.account, purpose="", address="", people=(), state="imported")
    return Plan(
        entries=(
            Entry(row=2, before=None, after=new),
            Entry(row=3, before=known, after=replace(known, purpose=o.purpose, name=o.account, people=(ANNA, BO))),
        ),
        notes=tuple(notes), headings={"name": o.account}, unknown=(o.answer,), same=3,
        missing=(s.account("planned"),), found=(ANNA,),
    )  # fmt: skip
