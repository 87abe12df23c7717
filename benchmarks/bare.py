"""The bare alternative, a process of its own: Bolt by HTTP and SQLAlchemy, and nothing that smbot does.

A command opens the view that stands in BARE_VIEW; a submission is answered at once, nothing is saved.
"""

import asyncio
import json
import logging
import os
from pathlib import Path
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ['BARE_DATABASE']}")
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    web_app = (await slack_app()).web_app("/slack/events")
    web_app.router.add_get("/readyz", lambda _request: _ready())
    runner = web.AppRunner(web_app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["BARE_PORT"])).start()
    await asyncio.Event().wait()


async def _ready() -> web.Response:
    return web.json_response({"ready": True})


async def slack_app() -> AsyncApp:
    """As fast as Bolt is: who we are is asked once, at the start."""
    token = os.environ["SLACK_BOT_TOKEN"]
    client = AsyncWebClient(token, base_url=os.environ["SMBOT_SLACK_API_URL"])
    us = await client.auth_test()

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=us["team_id"], bot_id=us["bot_id"],
                               bot_user_id=us["user_id"], bot_token=token)  # fmt: skip

    quiet = logging.getLogger("bare")
    quiet.setLevel(logging.ERROR)  # Bolt remarks on a token beside `authorize`
    app = AsyncApp(
        logger=quiet, client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=authorize
    )
    view = json.loads(Path(os.environ["BARE_VIEW"]).read_text(encoding="utf-8"))

    async def opens(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    async def saves(ack: Any) -> None:
        await ack()

    app.command("/sm-question")(opens)
    app.view(view["callback_id"])(saves)
    return app


if __name__ == "__main__":
    asyncio.run(main())
