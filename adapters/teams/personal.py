"""The chat with one person, begun by the bot."""

from typing import Protocol

from adapters.teams.ports import Reference, References
from adapters.teams.render import Json


class Creates(Protocol):
    """What is asked of the connector. Raises `trouble`'s errors."""

    async def create(self, service_url: str, body: Json) -> tuple[str, str]: ...


def conversation(bot: str, tenant: str) -> Json:
    """What every conversation that the bot begins says of itself."""
    return {"bot": {"id": bot}, "tenantId": tenant, "channelData": {"tenant": {"id": tenant}}}


async def opened(creates: Creates, references: References, near: Reference, user: str) -> Reference:
    """The chat with somebody who has not written yet. Opened twice it is the same.

    `near` is any conversation of the tenant: its service address serves them all.
    """
    contact = await references.contact(near.tenant, user)
    body = conversation(near.bot, near.tenant) | {
        "isGroup": False, "members": [{"id": contact.teams_id if contact and contact.teams_id else user}],
    }  # fmt: skip
    ident, _ = await creates.create(near.service_url, body)
    made = Reference(
        tenant=near.tenant, conversation=ident, kind="personal", user=user,
        service_url=near.service_url, bot=near.bot,
    )  # fmt: skip
    await references.remember(made)
    return made
