"""What an import would do, in words: the same lines in a form and on the command line; pasting and copying in chat."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.importing.cells import cells
from bot.importing.columns import COLUMNS
from bot.importing.people import Directory
from bot.importing.plan import Entry, Note, Plan
from bot.plain import cut
from bot.register import Register
from bot.screens.base import Eyes, account_name
from bot.texts import Texts, capital
from bot.view import Button, Card, Form, Item, Items, Lines, Part, Text, Toggle

BOXES = 4
"""Fields of a form that is pasted into or copied out of."""
BOX = 2_900
SHOWN, SHOWN_OF_ALL = 8, 40
"""Lines that a form shows under one heading, and in all: Slack takes a hundred blocks. The command line shows each."""
CELL = 80


@dataclass(frozen=True, kw_only=True)
class Section:
    """What is said once, and the rows that it is true of."""

    title: str
    lines: tuple[str, ...]


def summary(t: Texts, plan: Plan) -> str:
    return t("import.summary", new=len(plan.new), changed=len(plan.changed), same=plan.same,
             doubles=plan.doubles, refused=plan.refused)  # fmt: skip


def report(t: Texts, register: Register, plan: Plan) -> tuple[Section, ...]:
    """Everything that somebody should know before the import, most pressing first."""
    return tuple(s for s in (*_notes(t, plan), *_rest(t, plan.seen(register), plan)) if s.lines)


def _notes(t: Texts, plan: Plan) -> Iterator[Section]:
    for kind in dict.fromkeys(note.kind for note in plan.notes):
        lines = tuple(_note(t, plan, note) for note in plan.notes if note.kind == kind)
        yield Section(title=t(f"import.note.{kind}"), lines=lines)


def _note(t: Texts, plan: Plan, note: Note) -> str:
    where = t("import.at", row=note.row)
    if note.column:
        heading = plan.headings.get(note.column) or t(f"import.column.{note.column}")
        where = t("import.at.column", row=note.row, column=_one_line(heading))
    hint = note.hint if note.hint != note.said else ""
    return ": ".join(filter(None, (where, " – ".join(filter(None, map(_one_line, (note.said, hint)))))))


def _rest(t: Texts, register: Register, plan: Plan) -> Iterator[Section]:
    changes = tuple(_changed(t, register, entry) for entry in plan.changed)
    yield Section(title=t("import.changes"), lines=changes)
    found = Counter(gap for entry in plan.new for gap in register.gaps_of(entry.after))
    gaps = tuple(t.many("import.gap", n, gap=capital(t(f"gap.{gap}"))) for gap, n in found.most_common())
    yield Section(title=t("import.gaps"), lines=gaps)
    directory = Directory(register)
    yield Section(title=t("import.found"), lines=tuple(_one_line(directory.shown(p)) for p in plan.found))
    yield Section(title=t("import.missing"), lines=tuple(account_name(t, a) for a in plan.missing))
    yield Section(title=t("import.unknown"), lines=tuple(map(_one_line, plan.unknown)))


def _changed(t: Texts, register: Register, entry: Entry) -> str:
    """The account as it is called now, and each column that changes."""
    if entry.before is None:
        return ""
    directory = Directory(register)
    before, after = (cells(register, directory, t, a) for a in (entry.before, entry.after))
    told = [
        t("import.change", column=t(f"import.column.{c}"), before=_quoted(t, before[c]), after=_quoted(t, after[c]))
        for c in COLUMNS if before[c] != after[c]
    ]  # fmt: skip
    where = t("import.at", row=entry.row)
    return f"{where}, {account_name(t, entry.before)}. {'; '.join(told)}"


def _quoted(t: Texts, text: str) -> str:
    """What stands in a cell; an empty one in a word, for a dash is not heard."""
    return t("import.cell", text=_one_line(text)) if text else t("import.cell.none")


def _one_line(text: str) -> str:
    return cut(text.replace("\n", " ").replace("\t", " "), CELL)


# -- in chat ------------------------------------------------------------------------------------


def shown(eyes: Eyes, plan: Plan, *, changed: bool = False) -> Form:
    """The dry run, with the button that does it. `changed`: the register is another since the last look."""
    t = eyes.t
    first = [t("import.changed_since")] if changed else []
    first += [summary(t, plan), t("import.quiet") if plan.entries else t("import.nothing_new")]
    intro: list[Part] = [Text(text=line) for line in first]
    left = SHOWN_OF_ALL
    for section in report(t, eyes.register, plan):
        lines = section.lines[: min(SHOWN, max(left, 1))]
        left -= len(lines) + 1
        intro += [Text(text=section.title, tone="strong"), Items(items=tuple(Item(text=x) for x in lines))]
        if more := len(section.lines) - len(lines):
            intro.append(Text(text=t.many("import.more", more), tone="quiet"))
    submit = t("import.do") if plan.entries else ""
    return Form(
        id="import.apply", title=t("import.title"), intro=tuple(intro), submit=submit, state=plan.digest
    )


def taken(eyes: Eyes, plan: Plan) -> Card:
    """A file was read; nothing is imported before somebody has looked."""
    t, label = eyes.t, eyes.t("import.taken.do")
    button = Button(verb="import.taken", label=label, heard=label.removesuffix(" …"), style="primary")
    parts = (Text(text=summary(t, plan)), Text(text=t("import.quiet")))
    return Card(title=t("import.taken"), parts=parts, buttons=(button,))


def boxes_in(turn: int) -> tuple[str, ...]:
    """The fields of one turn of pasting."""
    return tuple(f"rows{turn * BOXES + n}" for n in range(1, BOXES + 1))


def more_in(turn: int) -> str:
    return f"more{turn}"


def paste_form(eyes: Eyes, rows: int, mark: str, turn: int = 0) -> Form:
    """Boxes to paste rows into; `rows`: how many are pasted already, in so many `turn`s.

    Each turn has boxes of its own: Slack keeps what was typed in a field of the same name.
    """
    t = eyes.t
    intro = t.many("import.paste.so_far", rows) if rows else t("import.paste.intro")
    boxes = tuple(
        Lines(id=box, label=t("import.paste.rows", n=n), hint=t("import.paste.hint"), required=n == 1)
        for n, box in enumerate(boxes_in(turn), 1)
    )
    more = Toggle(
        id=more_in(turn), label=t("import.paste.more"), hint=t("import.paste.more.hint"), required=False
    )
    return Form(id="import.paste", title=t("import.paste.title"), intro=(Text(text=intro),), file="" if rows else t("import.paste.file"),
                fields=(*boxes, more), submit=t("import.paste.do"), state=f"{mark}|{turn}")  # fmt: skip


def done(eyes: Eyes, new: int, changed: int) -> Card:
    """What went in, that nobody was told, and what comes next."""
    t = eyes.t
    label = t("account.do.channels")
    title = t.many("import.done", new) if new else t("import.done.none")
    lines = [t.many("import.done.changed", changed)] if changed else []
    lines += [t("import.quiet"), t("import.done.next")] if new else []
    button = Button(verb="start.channels", label=label, heard=label.removesuffix(" …"), style="primary")
    return Card(title=title, parts=tuple(Text(text=x) for x in lines), buttons=(button,) if new else ())


def export_form(eyes: Eyes, parts: Sequence[str], first: int) -> Form:
    """The register as text to copy, box by box, from the part with that number on."""
    t = eyes.t
    boxes = tuple(
        Lines(
            id=f"part{n}",
            label=t("import.export.part", n=n + 1, of=len(parts)),
            value=parts[n],
            required=False,
        )
        for n in range(first, min(first + BOXES, len(parts)))
    )
    after = first + len(boxes)
    submit = t("import.export.next") if after < len(parts) else ""
    return Form(id="import.export", title=t("import.export.title"), fields=boxes, submit=submit, state=str(after),
                intro=(Text(text=t("import.export.intro")),), writes=False)  # fmt: skip


def boxes_of(text: str) -> list[str]:
    """The text in parts that each have room in a box, whole rows where these are not longer than one."""
    parts: list[str] = [""]
    for line in text.splitlines(keepends=True):
        for piece in (line[n : n + BOX] for n in range(0, len(line), BOX)):
            if len(parts[-1]) + len(piece) > BOX:
                parts.append("")
            parts[-1] += piece
    return [part for part in parts if part]
