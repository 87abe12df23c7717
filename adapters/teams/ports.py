"""What the adapter keeps between two activities: where somebody can be reached, as our own JSON.

Teams gives no list of conversations and no look-up by name: whatever is known came with an activity, and each one
renews it (the service address changes by region and over time).
"""

from dataclasses import dataclass
from typing import Literal, Protocol

PLATFORM = "teams"
Kind = Literal["channel", "group", "personal"]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A conversation that the bot is part of. `frozen`: the app was removed there; nothing is sent until it is back."""

    tenant: str
    conversation: str  # without `;messageid=`
    kind: Kind
    service_url: str
    bot: str  # the bot's own id in Teams: 28:APP-ID
    team: str = ""  # of a channel: the team's own conversation id
    name: str = ""  # of a channel or a group chat, where Teams has said it
    user: str = ""  # of a personal chat: whose it is, their aadObjectId
    frozen: bool = False


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A person of a tenant. `user` is their aadObjectId, which stays; `teams_id` (29:…) is this bot's own name for them."""

    tenant: str
    user: str
    teams_id: str
    name: str = ""
    email: str = ""
    guest: bool | None = None  # None: Teams has not said
    installed: bool = False  # whether they have the app, so that a personal chat can be begun


class References(Protocol):
    """Kept in the database, so that every process knows the same. Each call is a transaction of its own."""

    async def remember(self, reference: Reference) -> bool:
        """Insert or renew by (tenant, conversation). Empty fields keep what is known. Whether it is new or was frozen."""
        ...

    async def conversation(self, tenant: str, conversation: str) -> Reference | None: ...
    async def personal(self, tenant: str, user: str) -> Reference | None: ...
    async def any_of(self, tenant: str) -> Reference | None:
        """The one renewed last that is not frozen: its service address serves the whole tenant."""
        ...

    async def all_of(self, tenant: str) -> tuple[Reference, ...]: ...
    async def freeze(
        self, tenant: str, *, conversation: str = "", team: str = "", user: str = ""
    ) -> tuple[Reference, ...]:
        """What was removed with a conversation, a team or a person's app; gives what was alive until now."""
        ...

    async def meet(self, contact: Contact) -> None:
        """Insert or renew by (tenant, user). Empty fields keep what is known."""
        ...

    async def contact(self, tenant: str, user: str) -> Contact | None: ...
    async def contacts(self, tenant: str) -> tuple[Contact, ...]: ...
