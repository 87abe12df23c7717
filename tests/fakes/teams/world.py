"""People, teams and places of the fake, and what each person can see. Nothing here tells the bot."""

from typing import Any

from tests.fakes.teams.state import Dialog, Message, Notice, Place, Space, Team, User


class World:
    """Making and changing, silently. FakeTeams adds what the bot hears of it."""

    space: Space

    # -- making ---------------------------------------------------------------------------------

    def add_user(self, name: str, email: str = "", **facts: Any) -> str:
        """A person's aadObjectId. Facts: tenant, guest, locale, zone."""
        made = self.space
        key, mail = made.guid(), email or f"{name.lower().replace(' ', '.')}@example.org"
        tenant = facts.pop("tenant", made.tenant)
        made.users[key] = User(key, f"29:1{made.hex()}", name, mail, tenant, **facts)
        return key

    def add_tenant(self) -> str:
        """Another university's tenant id."""
        return self.space.guid()

    def add_team(self, name: str, members: list[str], *, app: bool = True, tenant: str = "") -> str:
        """A team's id, which is also its General channel's. `app`: it has the bot, silently."""
        key = f"19:{self.space.hex()}@thread.tacv2"
        team = Team(key, name, tenant or self.space.tenant, self.space.guid(), set(members), app)
        self.space.teams[key] = team
        self.space.places[key] = Place(key, "channel", team.tenant, None, key)
        return key

    def add_channel(self, team: str, name: str, sharing: Any = "standard", members: Any = ()) -> str:
        """A channel's id. `members` are those of a private or shared one."""
        key, tenant = f"19:{self.space.hex()}@thread.tacv2", self.space.teams[team].tenant
        self.space.places[key] = Place(key, "channel", tenant, name, team, sharing, set(members))
        return key

    def add_group(self, members: list[str], name: str | None = None, *, app: bool = True) -> str:
        """A group chat's id."""
        key, tenant = f"19:{self.space.hex()}@thread.v2", self.space.users[members[0]].tenant
        self.space.places[key] = Place(key, "group", tenant, name, members=set(members), installed=app)
        return key

    def give_app(self, *users: str) -> None:
        """They have the app, so that the bot may write to them; silently."""
        self.space.installed |= set(users)

    def block(self, user: str, *, blocked: bool = True) -> None:
        """The person blocks the bot: 403 MessageWritesBlocked."""
        self.space.personal(user).blocked = blocked

    # -- looking --------------------------------------------------------------------------------

    def chat(self, user: str) -> str:
        """The id of the person's chat with the bot."""
        return self.space.personal(user).id

    def posts(self, place: str) -> list[Message]:
        """What stands in a place, without replies in threads, oldest first."""
        return [m for m in self.space.standing(place) if not m.root]

    def thread(self, message: Message) -> list[Message]:
        """The replies under a message, oldest first."""
        return [m for m in self.space.standing(message.place) if m.root == message.id]

    def personal(self, user: str) -> list[Message]:
        """All in the person's chat with the bot, oldest first."""
        return self.space.standing(self.chat(user))

    def targeted(self, user: str, place: str | None = None) -> list[Message]:
        """What only this person sees in channels and group chats, oldest first."""
        return [m for m in self.space.targeted(user) if place in {None, m.place}]

    def notices(self, user: str) -> list[Notice]:
        """Words that answered this person's presses and submissions, oldest first."""
        return [n for n in self.space.notices if n.user == user]

    def dialog(self, user: str) -> Dialog | None:
        """The open dialog."""
        return self.space.dialogs.get(user)

    def sees(self, user: str, thing: Message | Dialog | Notice) -> bool:
        """Whether this person has it before their eyes."""
        if isinstance(thing, Dialog | Notice):
            return thing.user == user
        if thing.targeted_to:
            return thing.id in {m.id for m in self.space.targeted(user)}
        place = self.space.places[thing.place]
        return any(u.id == user for u in self.space.members(place))
