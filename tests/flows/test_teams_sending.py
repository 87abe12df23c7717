"""Messages on their way to Teams: each where it belongs, posted once, and an outcome for every trouble."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from adapters.teams import trouble
from adapters.teams.connector import LARGEST, Connector
from adapters.teams.credentials import Tokens, by_secret
from adapters.teams.ports import Contact, Reference
from adapters.teams.send import TeamsChat
from adapters.teams.trouble import NotSent, Refused, Unsure
from bot.model import PersonId
from bot.outgoing import Ambiguous, Dead, Outcome, Retry, Sent
from bot.ports import Address, Envelope
from bot.view import Button, Card, Mention, People
from storage.references import SqlReferences
from tests.fakes.stage import open_stage
from tests.fakes.teams import FakeTeams

HELLO = Card(title="Hello", buttons=(Button(verb="x", label="Press"),))
ANNA = PersonId("p1")


@dataclass
class Scene:
    """A team with a channel, a group chat, and two people; Anna has the app."""

    teams: FakeTeams
    tokens: Tokens
    connector: Connector
    references: SqlReferences[Reference, Contact]
    chat: TeamsChat
    anna: str
    bo: str
    team: str
    place: str
    group: str

    def envelope(
        self,
        card: Card = HELLO,
        *,
        to: str = "",
        user: str = "",
        thread: str = "",
        realm: str = "",
        key: str = "k1",
    ) -> Envelope:
        where = Address(
            platform="teams",
            realm=realm or self.teams.tenant,
            channel="" if user else to or self.place,
            user=user,
        )
        return Envelope(
            to=where, card=card, key=key, fallback=card.title, language="en", thread=thread,
            users={ANNA: self.anna}, at=datetime(2026, 11, 23, tzinfo=UTC),
        )  # fmt: skip

    async def remember(self, conversation: str, kind: Any, **more: Any) -> None:
        await self.references.remember(
            Reference(
                tenant=self.teams.tenant, conversation=conversation, kind=kind, bot=self.teams.space.bot,
                service_url=self.teams.service_url, **more,
            )
        )  # fmt: skip

    async def frozen(self, conversation: str) -> bool:
        found = await self.references.conversation(self.teams.tenant, conversation)
        return found is not None and found.frozen


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    teams = FakeTeams()
    await teams.start()
    anna, bo = teams.add_user("Anna Ek"), teams.add_user("Bo Alm")
    team = teams.add_team("Biology", [anna, bo])
    place, group = teams.add_channel(team, "Social media"), teams.add_group([anna, bo])
    teams.give_app(anna)
    tokens = Tokens(teams.app_id, teams.tokens.url, by_secret(teams.secret))
    connector = Connector(tokens)
    async with open_stage(tmp_path) as stage:
        references = SqlReferences(stage.store, Reference, Contact)
        chat = TeamsChat(connector, references, teams.app_id, lambda verb: verb.startswith("save"))
        found = Scene(teams, tokens, connector, references, chat, anna, bo, team, place, group)
        await found.remember(place, "channel", team=team)
        await found.remember(group, "group")
        yield found
    await connector.close()
    await teams.stop()
    assert teams.violations == []


async def sent(outcome: Any) -> Sent:
    found = await outcome
    assert isinstance(found, Sent), found
    return found


# -- where it goes ------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "outcome"), [
    ("", Ambiguous(reason="no id")),
    (";messageid=", Ambiguous(reason="no id")),
    (";messageid=17", Sent(ref="17", channel="C")),
])  # fmt: skip
async def test_a_post_whose_id_teams_does_not_tell_may_stand_there(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, suffix: str, outcome: Outcome
) -> None:
    async def created(_url: str, _body: Any) -> tuple[str, str]:
        return f"{scene.place}{suffix}", ""

    monkeypatch.setattr(scene.connector, "create", created)
    found = await scene.chat.post(scene.envelope())
    assert found == (replace(outcome, channel=scene.place) if isinstance(outcome, Sent) else outcome)


async def test_a_post_in_a_channel_begins_a_thread_of_its_own(scene: Scene) -> None:
    first, second = (
        await sent(scene.chat.post(scene.envelope())),
        await sent(scene.chat.post(scene.envelope())),
    )
    assert [post.id for post in scene.teams.posts(scene.place)] == [first.ref, second.ref]
    assert (first.channel, first.thread) == (scene.place, "")


async def test_what_follows_stands_in_the_thread_of_the_first(scene: Scene) -> None:
    first = await sent(scene.chat.post(scene.envelope()))
    reply = await sent(scene.chat.post(scene.envelope(Card(title="Later"), thread=first.ref)))
    assert reply.thread == first.ref
    [root] = scene.teams.posts(scene.place)
    assert [message.id for message in scene.teams.thread(root)] == [reply.ref]


async def test_group_and_personal_chats_know_no_threads(scene: Scene) -> None:
    in_group = [await sent(scene.chat.post(scene.envelope(to=scene.group, thread="1"))) for _ in range(2)]
    private = await sent(scene.chat.post(scene.envelope(user=scene.anna, thread="1")))
    assert [post.id for post in scene.teams.posts(scene.group)] == [post.ref for post in in_group]
    assert [post.id for post in scene.teams.personal(scene.anna)] == [private.ref]
    assert {post.thread for post in (*in_group, private)} == {""}


async def test_a_message_is_changed_in_its_place(scene: Scene) -> None:
    for to, user in (("", ""), (scene.group, ""), ("", scene.anna)):
        first = await sent(scene.chat.post(scene.envelope(to=to, user=user)))
        await sent(scene.chat.edit(scene.envelope(Card(title="Done"), to=first.channel), first.ref))
        [message] = [m for m in scene.teams.space.messages if m.id == first.ref]
        assert "Done" in scene.teams.plain(message)


async def test_a_personal_chat_is_opened_once_and_remembered(scene: Scene) -> None:
    await scene.references.meet(
        Contact(
            tenant=scene.teams.tenant, user=scene.anna, teams_id=scene.teams.space.users[scene.anna].teams_id
        )
    )
    for key in ("k1", "k2"):
        found = await sent(scene.chat.post(scene.envelope(user=scene.anna, key=key)))
        assert found.channel == scene.teams.chat(scene.anna)
    [call] = scene.teams.called("create")
    assert call.body["members"] == [{"id": scene.teams.space.users[scene.anna].teams_id}]
    assert (await scene.references.personal(scene.teams.tenant, scene.anna)) is not None


async def test_somebody_whom_teams_never_showed_is_reached_by_the_id_that_stays(scene: Scene) -> None:
    await sent(scene.chat.post(scene.envelope(user=scene.anna)))
    assert scene.teams.called("create")[0].body["members"] == [{"id": scene.anna}]


async def test_a_channel_that_was_named_before_it_spoke_is_reached(scene: Scene) -> None:
    named = scene.teams.add_channel(scene.team, "Press")
    await sent(scene.chat.post(scene.envelope(to=named)))
    assert len(scene.teams.posts(named)) == 1


async def test_nothing_crosses_from_one_tenant_to_another(scene: Scene) -> None:
    other = scene.teams.add_tenant()
    for envelope in (scene.envelope(realm=other), scene.envelope(realm=other, user=scene.anna)):
        assert await scene.chat.post(envelope) == Dead(reason="app_not_installed")
        assert await scene.chat.edit(envelope, "1") == Dead(reason="app_not_installed")
        assert await scene.chat.members(envelope.to) is None
    assert scene.teams.calls == []


async def test_the_newest_service_address_is_used(scene: Scene) -> None:
    scene.teams.move_to_region("amer")
    await scene.remember(scene.group, "group")
    await sent(scene.chat.post(scene.envelope(to=scene.group)))
    await sent(scene.chat.post(scene.envelope(user=scene.anna)))
    found = await scene.references.personal(scene.teams.tenant, scene.anna)
    assert found is not None
    assert found.service_url == scene.teams.service_url


# -- what it says -------------------------------------------------------------------------------


async def test_only_the_people_of_a_card_are_alerted(scene: Scene) -> None:
    people = People(people=(Mention(person=ANNA, name="Anna Ek"),), text="can you?")
    await sent(scene.chat.post(scene.envelope(Card(title="<at>Bo Alm</at> everybody"))))
    await sent(scene.chat.post(scene.envelope(Card(title="Your turn", parts=(people,)))))
    quiet, loud = (post.body for post in scene.teams.posts(scene.place))
    assert "channelData" not in quiet
    assert loud["channelData"] == {"notification": {"alert": True}}
    assert (quiet["summary"], loud["summary"]) == ("<at>Bo Alm</at> everybody", "Your turn")


async def test_members_are_listed_page_by_page_or_not_known(scene: Scene) -> None:
    scene.teams.connector.page = 1
    address = scene.envelope().to
    assert await scene.chat.members(address) == frozenset({scene.anna, scene.bo})
    assert len(scene.teams.called("pagedmembers")) == 2
    scene.teams.faults.add("pagedmembers", 500)
    assert await scene.chat.members(address) is None


async def test_what_was_posted_cannot_be_looked_up(scene: Scene) -> None:
    await sent(scene.chat.post(scene.envelope()))
    found = await scene.chat.find(scene.envelope(), datetime.now(UTC) - timedelta(minutes=1))
    assert found == Ambiguous(reason="cannot_be_looked_up")


# -- troubles -----------------------------------------------------------------------------------

TROUBLES: list[tuple[dict[str, Any], Outcome]] = [
    ({"status": 429, "retry_after": 3}, Retry(after=timedelta(seconds=3), reason="ServiceError")),
    ({"status": 429, "retry_after": "9" * 5000}, Retry(after=timedelta(hours=1), reason="ServiceError")),
    ({"status": 429, "retry_after": "soon"}, Retry(reason="ServiceError")),
    ({"status": 429, "body": "html"}, Retry(reason="429")),
    ({"status": 412, "body": "empty"}, Retry(reason="412")),
    ({"status": 500}, Ambiguous(reason="ServiceError")),
    ({"status": 502, "body": "html"}, Ambiguous(reason="502")),
    ({"status": 504, "body": "empty"}, Ambiguous(reason="504")),
    ({"status": 200, "body": "html"}, Ambiguous(reason="unreadable")),
    ({"status": 302, "body": "html"}, Ambiguous(reason="302")),
    ({"how": "close_before"}, Ambiguous(reason="ServerDisconnectedError")),
    ({"how": "close_after"}, Ambiguous(reason="ServerDisconnectedError")),
    ({"status": 400, "code": "BadSyntax"}, Dead(reason="BadSyntax")),
    ({"status": 403, "code": "Forbidden"}, Dead(reason="Forbidden")),
    ({"status": 404, "code": "ConversationNotFound"}, Dead(reason="ConversationNotFound")),
    ({"status": 413, "code": "MessageSizeTooBig"}, Dead(reason="MessageSizeTooBig")),
]


@pytest.mark.parametrize(("how", "outcome"), TROUBLES)
@pytest.mark.parametrize("method", ["create", "post"])
async def test_each_trouble_has_its_outcome_and_is_met_with_a_single_try(
    scene: Scene, how: dict[str, Any], outcome: Outcome, method: str
) -> None:
    scene.teams.faults.add(method, **how)
    assert await scene.chat.post(scene.envelope(to=scene.group if method == "post" else "")) == outcome
    assert len(scene.teams.calls) == 1
    assert not await scene.frozen(scene.place)


@pytest.mark.parametrize(("how", "outcome"), TROUBLES)
async def test_only_what_is_gone_makes_an_edit_dead(
    scene: Scene, how: dict[str, Any], outcome: Outcome
) -> None:
    first = await sent(scene.chat.post(scene.envelope()))
    # aiohttp itself repeats a PUT whose kept connection died, which does no harm
    scene.teams.faults.add("put", times=2 if "how" in how else 1, **how)
    lasting = how.get("status") in (403, 404)
    expected = Ambiguous(reason=outcome.reason) if isinstance(outcome, Dead) and not lasting else outcome
    assert await scene.chat.edit(scene.envelope(Card(title="Done")), first.ref) == expected


async def test_a_message_that_was_deleted_is_changed_no_more(scene: Scene) -> None:
    first = await sent(scene.chat.post(scene.envelope()))
    await scene.connector.delete(scene.teams.service_url, scene.place, first.ref)
    assert scene.teams.posts(scene.place) == []
    assert isinstance(await scene.chat.edit(scene.envelope(), first.ref), Dead)


async def test_opening_a_chat_is_simply_tried_again(scene: Scene) -> None:
    scene.teams.faults.add("create", "close_after")
    assert await scene.chat.post(scene.envelope(user=scene.anna)) == Retry(reason="ServerDisconnectedError")
    await sent(scene.chat.post(scene.envelope(user=scene.anna)))
    assert isinstance(await scene.chat.post(scene.envelope(user=scene.bo)), Dead)


async def test_where_the_app_was_removed_nothing_is_sent_until_it_is_heard_of_again(scene: Scene) -> None:
    scene.teams.space.teams[scene.team].installed = False
    assert await scene.chat.post(scene.envelope()) == Dead(reason="BotNotInConversationRoster")
    calls = len(scene.teams.calls)
    assert await scene.chat.post(scene.envelope()) == Dead(reason="app_removed")
    assert await scene.chat.edit(scene.envelope(), "1") == Dead(reason="app_removed")
    assert len(scene.teams.calls) == calls
    scene.teams.space.teams[scene.team].installed = True
    await scene.remember(scene.place, "channel")
    await sent(scene.chat.post(scene.envelope()))


async def test_who_blocked_the_bot_is_not_written_to_any_more(scene: Scene) -> None:
    first = await sent(scene.chat.post(scene.envelope(user=scene.anna)))
    scene.teams.block(scene.anna)
    assert await scene.chat.edit(scene.envelope(to=first.channel), first.ref) == Dead(
        reason="MessageWritesBlocked"
    )
    assert await scene.chat.post(scene.envelope(user=scene.anna)) == Dead(reason="app_removed")
    assert not await scene.frozen(scene.place)


async def test_a_card_that_is_too_big_is_not_even_sent(scene: Scene) -> None:
    long = {"type": "message", "text": "å" * (LARGEST // 2)}
    with pytest.raises(Refused) as refused:
        await scene.connector.post(scene.teams.service_url, scene.group, long)
    assert trouble.outcome(refused.value) == Dead(reason="too_big")
    assert scene.teams.calls == []


# -- the bot's own token ------------------------------------------------------------------------


async def test_a_token_that_is_not_taken_is_replaced_and_the_message_posted_once(scene: Scene) -> None:
    await sent(scene.chat.post(scene.envelope()))
    scene.teams.tokens.revoke()
    posts = [sent(scene.chat.post(scene.envelope(to=scene.group))) for _ in range(5)]
    await asyncio.gather(*posts)
    assert len(scene.teams.posts(scene.group)) == 5
    assert len(scene.teams.tokens.fetches) == 2


async def test_all_of_teams_waits_while_our_token_is_not_taken(scene: Scene) -> None:
    scene.teams.faults.add("create", 401, times=2, code="Unauthorized")
    waits = Retry(after=trouble.LOCKED_OUT, wide=True, reason="Unauthorized", shut_out=True)
    assert await scene.chat.post(scene.envelope()) == waits
    await sent(scene.chat.post(scene.envelope()))


async def test_a_token_server_in_trouble_costs_no_message(scene: Scene) -> None:
    scene.teams.tokens.trouble = "refuse"
    waits = Retry(after=trouble.LOCKED_OUT, wide=True, reason="invalid_client", shut_out=True)
    assert await scene.chat.post(scene.envelope()) == waits
    assert await scene.chat.post(scene.envelope(user=scene.anna)) == waits
    assert scene.teams.calls == []


# -- the connector alone ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "service_url",
    [
        "http://smba.example.org/emea/",
        "ftp://127.0.0.1/",
        "",
        "//127.0.0.1/",
        "http://127.0.0.1.example.org/",
        "http://localhost.example.org/",
        "https:///x",
    ],
)
async def test_a_token_goes_only_over_tls_or_to_this_machine(scene: Scene, service_url: str) -> None:
    with pytest.raises(Refused, match="bad_service_url"):
        await scene.connector.post(service_url, scene.group, {"type": "message", "text": "x"})
    assert scene.teams.calls == []


async def test_an_emulator_on_this_machine_may_call_itself_localhost(scene: Scene) -> None:
    url = scene.teams.service_url.replace("127.0.0.1", "localhost")
    await scene.connector.post(url, scene.group, {"type": "message", "text": "x"})
    assert len(scene.teams.calls) == 1


async def test_what_nobody_listens_to_left_nothing(scene: Scene) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(NotSent):
            await scene.connector.post(url, scene.group, {"type": "message", "text": "x"})
    with pytest.raises(NotSent):
        await scene.connector.post(
            "https://no-such-host.invalid/", scene.group, {"type": "message", "text": "x"}
        )


async def test_a_redirect_is_not_followed_with_our_token(scene: Scene) -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPTemporaryRedirect("/stolen")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", elsewhere)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with pytest.raises(Refused, match="307"):
        await scene.connector.channels(f"http://127.0.0.1:{runner.addresses[0][1]}/", scene.team)
    assert asked == [f"/v3/teams/{scene.team}/conversations"]
    await runner.cleanup()


async def test_people_and_channels_are_read(scene: Scene) -> None:
    url = scene.teams.service_url
    assert (await scene.connector.member(url, scene.place, scene.anna) or {})["aadObjectId"] == scene.anna
    assert await scene.connector.member(url, scene.place, "29:nobody") is None
    names = {channel.get("name") for channel in await scene.connector.channels(url, scene.team)}
    assert names == {None, "Social media"}
    scene.teams.faults.add("member", 403)
    with pytest.raises(Refused):
        await scene.connector.member(url, scene.place, scene.anna)


async def test_only_the_recipient_sees_a_targeted_message(scene: Scene) -> None:
    teams_id = scene.teams.space.users[scene.anna].teams_id
    whisper = {"type": "message", "text": "only you", "recipient": {"id": teams_id}}
    ident = await scene.connector.post(scene.teams.service_url, scene.place, whisper, targeted=True)
    assert [message.id for message in scene.teams.targeted(scene.anna)] == [ident]
    assert scene.teams.targeted(scene.bo) == []
    await scene.connector.delete(scene.teams.service_url, scene.place, ident, targeted=True)
    assert scene.teams.targeted(scene.anna) == []


async def test_after_its_end_nothing_is_sent(scene: Scene) -> None:
    await scene.connector.close()
    assert await scene.chat.post(scene.envelope()) == Retry(reason="closed")


@pytest.mark.parametrize(
    "error",
    [
        Refused(401), Refused(404, "x"), Refused(418), Refused(429, "x", timedelta(seconds=1)), Refused(302), Refused(599),
        NotSent("x"), Unsure("x"), TimeoutError(), OSError(), KeyError("id"), aiohttp.ServerDisconnectedError(),
    ],
)  # fmt: skip
def test_there_is_an_outcome_for_each_shape_of_trouble(error: Exception) -> None:
    assert isinstance(trouble.outcome(error), Retry | Ambiguous | Dead)
    assert isinstance(trouble.opening(error), Retry | Dead)
    assert isinstance(trouble.editing(error), Retry | Ambiguous | Dead)
    assert trouble.name(error)
