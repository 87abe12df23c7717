"""The fake Teams refuses what Teams refuses, remembers each breach, keeps its pace, and makes the troubles ordered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from tests.fakes.teams import FORGERIES, FakeTeams
from tests.fakes.teams.cards import SCHEMA, faults
from tests.fakes.teams.keys import JWKS, private_key
from tests.fakes.teams.limits import Limits
from tests.unit._bare_teams import Scene, block, card, execute, line, message, submit


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as made:
        yield made


HELLO = {"type": "message", "text": "Hello"}


# -- keys and tokens ----------------------------------------------------------------------------


async def published(teams: FakeTeams) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{teams.base}{JWKS}") as answer:
        return {key["kid"]: key for key in (await answer.json())["keys"]}


async def accepted(teams: FakeTeams, token: str) -> bool:
    """As Microsoft's text has a bot check it."""
    try:
        head = jwt.get_unverified_header(token)
        key = (await published(teams))[head["kid"]]
        claims = jwt.decode(
            token,
            jwt.PyJWK(key, "RS256"),
            algorithms=["RS256"],
            audience=teams.app_id,
            issuer="https://api.botframework.com",
            leeway=300,
            options={"require": ["exp", "serviceurl"]},
        )
    except (jwt.PyJWTError, KeyError):
        return False
    return claims["serviceurl"] == teams.service_url and "msteams" in key.get("endorsements", [])


async def test_a_good_token_is_accepted_also_with_a_new_key(scene: Scene) -> None:
    teams = scene.teams
    assert await accepted(teams, teams.keys.token(teams.service_url))
    old = teams.keys.token(teams.service_url)
    teams.keys.rotate(keep=False)
    assert await accepted(teams, teams.keys.token(teams.service_url))
    assert not await accepted(teams, old)


@pytest.mark.parametrize("kind", FORGERIES)
async def test_every_forgery_is_refused_by_whoever_follows_the_rules(scene: Scene, kind: str) -> None:
    assert not await accepted(scene.teams, scene.teams.keys.forge(kind, scene.teams.service_url))


async def test_the_key_server_fails_as_ordered(scene: Scene) -> None:
    teams = scene.teams
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2)) as session:
        async with session.get(teams.openid_url) as answer:
            assert (await answer.json())["jwks_uri"] == f"{teams.base}{JWKS}"
        teams.keys.trouble = "500"
        async with session.get(teams.openid_url) as answer:
            assert answer.status == 500
        for trouble in ("hang", "slow"):
            teams.keys.trouble = trouble
            with pytest.raises(TimeoutError):
                await session.get(teams.openid_url)
        teams.keys.trouble = "close"
        with pytest.raises(aiohttp.ClientError):
            await session.get(teams.openid_url)
    assert set(teams.keys.fetches) == {"openid"}


async def test_a_token_is_given_for_the_secret_alone_and_ends(scene: Scene) -> None:
    bot, tokens = scene.bot, scene.teams.tokens
    assert (await bot.sign_in(client_secret="wrong"))[0] == 401
    assert (await bot.sign_in(scope="https://graph.microsoft.com/.default"))[1]["error"] == "invalid_scope"
    assert (await bot.sign_in(grant_type="password"))[1]["error"] == "invalid_request"
    status, body = await bot.sign_in()
    assert (status, body["token_type"], body["expires_in"]) == (200, "Bearer", 3599)
    assert (await bot.post(scene.place, HELLO))[0] == 201
    tokens.revoke()
    assert (await bot.post(scene.place, HELLO))[0] == 401
    assert len(tokens.fetches) == 4


async def test_a_token_is_given_for_an_assertion_by_the_certificate(scene: Scene) -> None:
    teams, key = scene.teams, private_key(0)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "smbot")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    teams.tokens.certificate = made.public_bytes(serialization.Encoding.PEM)
    claims: dict[str, Any] = {"iss": teams.app_id, "sub": teams.app_id, "aud": teams.tokens.url, "jti": "1"}
    claims |= {"exp": int(now.timestamp()) + 60}
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    for signer, status in ((key, 200), (private_key(1), 401)):
        assertion = jwt.encode(claims, signer, algorithm="RS256", headers={"x5t#S256": "x"})
        answer = await scene.bot.sign_in(client_assertion=assertion, client_assertion_type=kind)
        assert answer[0] == status


# -- the connector ------------------------------------------------------------------------------


async def test_nothing_is_taken_without_a_token(scene: Scene) -> None:
    scene.bot.token = "made up"
    assert (await scene.bot.post(scene.place, HELLO))[0] == 401
    assert scene.teams.posts(scene.place) == []


async def test_a_personal_chat_needs_the_app_and_can_be_blocked(scene: Scene) -> None:
    status, made, _ = await scene.bot.open_chat(scene.anna)
    assert (status, made["id"]) == (201, scene.teams.chat(scene.anna))
    status, refused, _ = await scene.bot.open_chat(scene.bo)
    assert (status, refused["error"]["code"]) == (403, "ForbiddenOperationException")
    teams_id = scene.teams.space.users[scene.anna].teams_id
    assert (await scene.bot.open_chat(teams_id))[1] == made
    assert (await scene.bot.post(made["id"], HELLO))[0] == 201
    assert [m.text for m in scene.teams.personal(scene.anna)] == ["Hello"]
    scene.teams.block(scene.anna)
    assert (await scene.bot.post(made["id"], HELLO))[1]["error"]["code"] == "MessageWritesBlocked"


async def test_only_ones_own_messages_are_changed_and_only_where_they_are(scene: Scene) -> None:
    said = scene.teams.written(scene.bo, scene.place, "Mine")
    assert (await scene.bot.change("PUT", scene.place, said.id, HELLO))[0] == 404
    assert (await scene.bot.change("DELETE", scene.place, said.id))[0] == 404
    own = (await scene.bot.post(scene.place, HELLO))[1]["id"]
    assert (await scene.bot.change("PUT", scene.team, own, HELLO))[0] == 404
    assert (await scene.bot.post(f"{scene.place};messageid=1", HELLO))[0] == 404
    assert (await scene.bot.post("19:gone@thread.tacv2", HELLO))[1]["error"]["code"] == "ConversationNotFound"
    assert [m.text for m in scene.teams.posts(scene.place)] == ["Mine", "Hello"]


async def test_a_targeted_message_needs_a_member_a_group_and_a_client_that_knows_it(scene: Scene) -> None:
    query = "?isTargetedActivity=true"
    stranger = HELLO | {"recipient": {"id": scene.cecilia}}
    assert (await scene.bot.post(scene.place, stranger, query))[0] == 400
    chat = scene.teams.chat(scene.anna)
    assert (await scene.bot.post(chat, HELLO | {"recipient": {"id": scene.anna}}, query))[0] == 400
    to_bo = HELLO | {"recipient": {"id": scene.teams.space.users[scene.bo].teams_id}}
    scene.teams.violations.clear()
    scene.teams.targeting(on=False, refusal=400)
    assert (await scene.bot.post(scene.place, to_bo, query))[0] == 400
    scene.teams.targeting(on=True)
    assert not scene.teams.violations
    own = (await scene.bot.post(scene.place, to_bo, query))[1]["id"]
    assert (await scene.bot.change("PUT", scene.place, own, to_bo))[0] == 200
    assert (await scene.bot.change("DELETE", scene.place, own))[0] == 404
    assert (await scene.bot.change("DELETE", scene.place, f"{own}{query}"))[0] == 200


async def test_rosters_come_in_pages_and_know_no_strangers(scene: Scene) -> None:
    bot, teams = scene.bot, scene.teams
    teams.connector.page = 1
    status, first, _ = await bot.call("GET", f"conversations/{scene.place}/pagedmembers?pageSize=100")
    token = first["continuationToken"]
    path = f"conversations/{scene.place}/pagedmembers?pageSize=100&continuationToken={token}"
    _, second, _ = await bot.call("GET", path)
    assert [m["aadObjectId"] for m in first["members"] + second["members"]] == [scene.anna, scene.bo]
    assert "continuationToken" not in second
    assert status == 200
    status, found, _ = await bot.call("GET", f"conversations/{scene.place}/members/{scene.bo}")
    assert (status, found["name"], found["email"]) == (200, "Bo Ek", "bo.ek@example.org")
    assert (await bot.call("GET", f"conversations/{scene.place}/members/{scene.cecilia}"))[0] == 404
    _, channels, _ = await bot.call("GET", f"teams/{scene.team}/conversations")
    assert [(c["id"], c["name"]) for c in channels["conversations"]] == [
        (scene.team, None), (scene.place, "Social media"),
    ]  # fmt: skip
    assert not teams.violations


async def test_private_and_shared_channels_have_members_of_their_own_and_no_bot_by_default(
    scene: Scene,
) -> None:
    inner = scene.teams.add_channel(scene.team, "Inner", "private", [scene.anna])
    status, body, _ = await scene.bot.open_thread(inner, HELLO)
    assert (status, body["error"]["code"]) == (403, "BotNotInConversationRoster")
    scene.teams.space.tier1 = True
    _, there, _ = await scene.bot.call("GET", f"conversations/{inner}/members")
    assert [m["name"] for m in there] == ["Anna Lind"]
    assert (await scene.bot.open_thread(inner, HELLO))[0] == 201
    assert not scene.teams.sees(scene.bo, scene.teams.posts(inner)[0])


# -- rules for what is sent ---------------------------------------------------------------------

GOOD = card(block("Hello"), line("a", "A"), actions=(execute("Go"),))
MENTION = {"type": "mention", "text": "<at>Bo Ek</at>", "mentioned": {"id": "29:x", "name": "Bo Ek"}}
BROKEN = {
    "version '1.6'": GOOD | {"version": "1.6"},
    "no fallbackText": GOOD | {"fallbackText": ""},
    "7 actions": card(block("x"), actions=tuple(submit(str(n)) for n in range(7))),
    "input id 'a' 2 times": card(line("a", "A"), line("a", "B")),
    "without a label": card({"type": "Input.Text", "id": "a"}),
    "without a title": card(block("x"), actions=({"type": "Action.Submit"},)),
    "without a verb": card(block("x"), actions=({"type": "Action.Execute", "title": "Go"},)),
    "61 userIds": GOOD | {"refresh": {"action": execute("Go"), "userIds": [str(n) for n in range(61)]}},
    "does not occur in the text": GOOD | {"msteams": {"entities": [MENTION]}},
    "no choice": card(
        {"type": "Input.ChoiceSet", "id": "a", "label": "A", "value": "z", "choices": [{"title": "B", "value": "b"}]}
    ),
    "unknown msteams": GOOD | {"msteams": {"colour": "red"}},
    "no AdaptiveCard": {"type": "message"},
}  # fmt: skip


def test_a_good_card_breaks_no_rule() -> None:
    assert faults(GOOD) == []
    rest = tuple(submit(str(n)) | {"mode": "secondary"} for n in range(3))
    assert faults(card(block("x"), actions=(*(submit(str(n)) for n in range(6)), *rest))) == []
    assert faults(card(block("Hello"), actions=(submit("Go"),)), dialog=True) == []


@pytest.mark.parametrize("fault", BROKEN)
def test_each_breach_of_a_cards_rules_is_named(fault: str) -> None:
    assert any(fault in found for found in faults(BROKEN[fault])), faults(BROKEN[fault])


def test_the_published_schema_holds_where_it_is_at_hand() -> None:
    wrong = card({"type": "PeoplePicker", "id": "a"})
    if SCHEMA is None:
        print("the schema was not found: cards are held against our own rules alone")
    assert any("schema" in found for found in faults(wrong)) is (SCHEMA is not None)


def test_a_dialog_has_no_action_execute() -> None:
    assert any("in a dialog" in found for found in faults(GOOD, dialog=True))


async def test_what_is_too_big_is_refused_and_what_is_nearly_so_is_noted(scene: Scene) -> None:
    assert (await scene.bot.post(scene.place, HELLO | {"text": "å" * 50_000}))[0] == 201
    assert scene.teams.violations
    status, body, _ = await scene.bot.post(scene.place, HELLO | {"text": "å" * 52_000})
    assert (status, body["error"]["code"]) == (413, "MessageSizeTooBig")


@pytest.mark.parametrize(
    ("activity", "status"),
    [
        ({"type": "message"}, 400),
        ({"text": "x"}, 400),
        ({"type": "message", "attachments": [{"contentType": "text/x", "content": {}}]}, 400),
        (HELLO | {"entities": [{"type": "mention"}]}, 400),
        (HELLO | {"entities": [MENTION]}, 201),
        (HELLO | {"conversation": {"id": "19:other@thread.tacv2"}}, 201),
        (HELLO | {"from": {"id": "28:other"}}, 201),
        (HELLO | {"blocks": []}, 201),
        (message(GOOD | {"version": "1.4"}), 201),
    ],
)
async def test_each_breach_of_an_activitys_rules_is_noted(scene: Scene, activity: Any, status: int) -> None:
    assert (await scene.bot.post(scene.place, activity))[0] == status
    assert scene.teams.violations


async def test_a_new_thread_needs_its_tenant_its_group_flag_and_its_first_message(scene: Scene) -> None:
    whole = {"isGroup": True, "channelData": {"channel": {"id": scene.place}}, "tenantId": scene.teams.tenant}
    whole["activity"] = HELLO
    for gone in ("isGroup", "tenantId", "activity"):
        part = {k: v for k, v in whole.items() if k != gone}
        assert (await scene.bot.call("POST", "conversations", part))[0] == 400
    assert (await scene.bot.call("POST", "conversations", whole))[0] == 201


# -- pace and troubles --------------------------------------------------------------------------


async def test_the_eighth_message_in_a_second_must_wait_and_other_places_need_not(scene: Scene) -> None:
    now = [0.0]
    scene.teams.limits.now = lambda: now[0]
    other = scene.teams.add_channel(scene.team, "Other")
    assert [(await scene.bot.post(scene.place, HELLO))[0] for _ in range(7)] == [201] * 7
    refused, _, headers = await scene.bot.post(scene.place, HELLO)
    assert (refused, headers["Retry-After"]) == (429, "1")
    assert (await scene.bot.post(other, HELLO))[0] == 201
    now[0] = 1.0
    assert (await scene.bot.post(scene.place, HELLO))[0] == 201
    assert (await scene.bot.post(scene.place, HELLO))[0] == 429
    scene.teams.limits.off()
    assert (await scene.bot.post(scene.place, HELLO))[0] == 201


def test_each_place_and_each_tenant_has_its_pace() -> None:
    now = [0.0]
    limits = Limits(lambda: now[0])
    assert [limits.wait("post", str(n), "tenant") for n in range(51)] == [0] * 50 + [1]
    assert limits.wait("post", "elsewhere", "another tenant") == 0
    assert [limits.wait("members", "read", "a third") for _ in range(15)] == [0] * 14 + [1]
    now[0] = 2.0
    for _ in range(60):
        now[0] += 0.3
        assert limits.wait("create", "busy", "tenant") == 0
    assert limits.wait("create", "busy", "tenant") == 13
    assert limits.wait("post", "busy", "tenant") == 0


async def test_troubles_come_as_ordered_for_so_many_calls_of_one_kind(scene: Scene) -> None:
    add = scene.teams.faults.add
    add("post", 412, times=2)
    add("post", 429, retry_after=7)
    add("post", 503, body="html")
    add("post", 502, body="empty")
    add("put", 403, code="MessageWritesBlocked")
    seen = [await scene.bot.post(scene.place, HELLO) for _ in range(6)]
    assert [s for s, _, _ in seen] == [412, 412, 429, 503, 502, 201]
    assert seen[2][2]["Retry-After"] == "7"
    assert seen[3][1].startswith("<html>")
    assert seen[4][1] == ""
    status, body, _ = await scene.bot.change("PUT", scene.place, seen[5][1]["id"], HELLO)
    assert (status, body["error"]["code"]) == (403, "MessageWritesBlocked")
    assert len(scene.teams.posts(scene.place)) == 1


@pytest.mark.parametrize(("how", "stored"), [("close_before", 0), ("close_after", 1)])
async def test_a_connection_closes_before_or_after_the_message_is_kept(
    scene: Scene, how: Any, stored: int
) -> None:
    scene.teams.faults.add("post", how)
    with pytest.raises(aiohttp.ClientError):
        await scene.bot.post(scene.place, HELLO)
    assert len(scene.teams.posts(scene.place)) == stored


@pytest.mark.parametrize(("how", "stored"), [("hang", 0), ("hang_after", 1)])
async def test_a_call_may_never_be_answered(scene: Scene, how: Any, stored: int) -> None:
    await scene.bot.sign_in()
    scene.teams.faults.add("post", how, place=scene.place)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(scene.bot.post(scene.place, HELLO), 0.2)
    assert len(scene.teams.posts(scene.place)) == stored


async def test_hooks_see_the_call_and_may_drop_the_connection(scene: Scene) -> None:
    arrived: list[Any] = []
    scene.teams.hooks(on_arrived=lambda call: not arrived.append(call) and len(arrived) == 1)
    with pytest.raises(aiohttp.ClientError):
        await scene.bot.post(scene.place, HELLO)
    assert scene.teams.posts(scene.place) == []
    assert arrived[0].peer is not None
    stored: list[Any] = []
    scene.teams.hooks(on_stored=lambda call, kept: not stored.append((call, kept)))
    with pytest.raises(aiohttp.ClientError):
        await scene.bot.post(scene.place, HELLO)
    assert [kept for _, kept in stored] == scene.teams.posts(scene.place)
    sent: list[int] = []
    scene.teams.hooks(on_sent=lambda: sent.append(1))
    await scene.teams.say(scene.anna, scene.place, "sm-today")
    assert sent == [1]
