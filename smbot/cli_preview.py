"""`smbot preview`: what the bot would send if nobody answered. Reads the database, beside a bot that runs on it."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.model import Refused
from smbot.cli_base import check_schema, settings_or_end, stop, texts, with_parts

if TYPE_CHECKING:
    from bot.foreseen import Foreseen
    from bot.screens.base import Eyes
    from smbot.settings import Settings
    from smbot.wiring import Parts

TWO_WEEKS = timedelta(days=13)
First = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day (default: today).")
]
Last = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included (default: two weeks)."),
]
InPlace = Annotated[str, typer.Option("--place", metavar="NAME", help="Only what concerns this channel.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


def register(app: typer.Typer) -> None:
    """Adds `smbot preview` to the program."""
    app.command()(preview)


def preview(first: First = None, last: Last = None, place: InPlace = "", as_json: Json = False) -> None:
    """List every message that would be sent if nobody answered, the free days, and the days with nobody. Sends nothing."""
    settings = settings_or_end()
    try:
        check_schema(settings)
        eyes, found = asyncio.run(
            with_parts(settings, lambda parts: _foreseen(parts, settings, first, last), reads_only=True)
        )
        print(_told(eyes, found, place, as_json=as_json))
    except Refused as no:
        stop(texts(settings), no)


def _told(eyes: Eyes, found: Foreseen, place: str, *, as_json: bool) -> str:
    from bot.screens import preview as screens
    from bot.service.preview import in_place

    shown = in_place(eyes.register, found, place) if place else found
    return _json(eyes, shown) if as_json else "\n".join(screens.table(eyes, shown))


async def _foreseen(
    parts: Parts, settings: Settings, first: datetime | None, last: datetime | None
) -> tuple[Eyes, Foreseen]:
    from bot.service.compose import at_work
    from bot.texts import Texts

    async with parts.store.read() as tx:
        work = await at_work(parts.bot, tx, parts.clock.now())
    begin = first.date() if first else work.today
    end = last.date() if last else max(begin, work.today) + TWO_WEEKS
    rehearsal = parts.bot.rehearsal
    if rehearsal is None:
        raise Refused("preview.none")
    found = await rehearsal.foresee(begin, end)
    return work.eyes_in(Texts(settings.smbot_language, work.register.office.zone)), found


def _json(eyes: Eyes, found: Foreseen) -> str:
    from bot.screens import preview as screens
    from bot.service.preview import as_data

    told = {
        "if_nobody_answers": True,
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "messages": [
            as_data(m) | {"to": screens.to(eyes, m), "why": screens.why(eyes, m)} for m in found.messages
        ],
        "skipped": [
            {"day": day.isoformat(), "why": free.key, "sv": free.sv, "en": free.en}
            for day, free in found.skipped
        ],
        "nobody": {
            account: [day.isoformat() for day in days] for account, days in sorted(found.nobody.items())
        },
        "faults": found.faults,
    }
    return json.dumps(told, ensure_ascii=False, indent=2)
