"""The bot's own token: fetched once for all, renewed beside them, and proved by secret or certificate."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from adapters.teams import credentials
from adapters.teams.credentials import Proof, Tokens, by_certificate, by_secret
from adapters.teams.trouble import NotSent, Refused
from tests.fakes.teams import FakeTeams
from tests.fakes.teams.keys import private_key

NOW = datetime.now(UTC)


class Elapsed:
    """Seconds that pass when a test says so."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def teams() -> AsyncIterator[FakeTeams]:
    found = FakeTeams()
    await found.start()
    yield found
    await found.stop()


@pytest.fixture
def elapsed() -> Elapsed:
    return Elapsed()


@pytest.fixture
async def tokens(teams: FakeTeams, elapsed: Elapsed) -> AsyncIterator[Tokens]:
    found = made(teams, elapsed, by_secret(teams.secret))
    yield found
    await found.close()


def made(teams: FakeTeams, elapsed: Elapsed, proof: Proof) -> Tokens:
    return Tokens(teams.app_id, teams.tokens.url, proof, elapsed)


async def another(tokens: Tokens, old: str) -> str:
    """The token that comes in the place of the old one."""
    async with asyncio.timeout(5):
        while (found := await tokens.token()) == old:
            await asyncio.sleep(0)
    return found


async def test_all_who_wait_share_one_fetch_and_keep_its_token(teams: FakeTeams, tokens: Tokens) -> None:
    found = await asyncio.gather(*(tokens.token() for _ in range(20)))
    assert teams.tokens.good(found[0])
    assert {*found, await tokens.token()} == {found[0]}
    assert len(teams.tokens.fetches) == 1


async def test_a_token_is_renewed_before_its_end_while_the_old_one_serves(
    teams: FakeTeams, tokens: Tokens, elapsed: Elapsed
) -> None:
    old = await tokens.token()
    elapsed.seconds = teams.tokens.seconds - credentials.EARLY - 1
    assert await tokens.token() == old
    assert len(teams.tokens.fetches) == 1
    elapsed.seconds += 1
    assert await tokens.token() == old  # nobody waits for the new one
    assert await another(tokens, old) != old
    assert len(teams.tokens.fetches) == 2


async def test_a_renewal_that_fails_leaves_the_old_one_until_its_end(
    teams: FakeTeams, tokens: Tokens, elapsed: Elapsed
) -> None:
    old = await tokens.token()
    teams.tokens.trouble = "500"
    elapsed.seconds = teams.tokens.seconds - credentials.EARLY
    for fetches in (2, 3):
        assert await tokens.token() == old
        await fetched(teams, tokens, fetches)
        assert await tokens.token() == old
        assert len(teams.tokens.fetches) == fetches  # and the server is not asked again at once
        elapsed.seconds += credentials.RARELY
    elapsed.seconds = float(teams.tokens.seconds)
    with pytest.raises(NotSent, match="no token"):
        await tokens.token()
    teams.tokens.trouble = ""
    elapsed.seconds += credentials.SOON
    assert await tokens.token() != old


async def fetched(teams: FakeTeams, tokens: Tokens, times: int) -> None:
    async with asyncio.timeout(5):
        while len(teams.tokens.fetches) < times or not (tokens._fetching and tokens._fetching.done()):
            await asyncio.sleep(0)


async def test_a_token_that_teams_does_not_take_is_replaced_once(teams: FakeTeams, tokens: Tokens) -> None:
    old = await tokens.token()
    tokens.spoilt(old)
    new = await tokens.token()
    tokens.spoilt(old)
    assert await tokens.token() == new != old
    assert len(teams.tokens.fetches) == 2


async def test_a_refusal_is_told_as_one_and_not_asked_for_again_at_once(
    teams: FakeTeams, elapsed: Elapsed
) -> None:
    tokens = made(teams, elapsed, by_secret("another"))
    for _ in range(3):
        with pytest.raises(Refused, match="401 invalid_client"):
            await tokens.token()
    assert len(teams.tokens.fetches) == 1
    elapsed.seconds += credentials.SOON
    with pytest.raises(Refused):
        await tokens.token()
    assert len(teams.tokens.fetches) == 2


@pytest.mark.parametrize("trouble", ["500", "html", "close"])
async def test_a_token_server_in_trouble_means_that_nothing_was_sent(
    teams: FakeTeams, tokens: Tokens, trouble: str
) -> None:
    teams.tokens.trouble = trouble
    with pytest.raises(NotSent, match="no token"):
        await tokens.token()


async def test_nobody_waits_long_for_a_silent_token_server(
    teams: FakeTeams, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "PATIENCE", 0.01)
    teams.tokens.trouble = "hang"
    for _ in range(2):
        with pytest.raises(NotSent, match="in time"):
            await tokens.token()
    await teams.wait_for(lambda: teams.tokens.fetches)
    assert len(teams.tokens.fetches) == 1


# -- by certificate -----------------------------------------------------------------------------


def certificate(key: CertificateIssuerPrivateKeyTypes) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "smbot")])
    built = x509.CertificateBuilder(
        issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=7,
        not_valid_before=NOW, not_valid_after=NOW + timedelta(days=1),
    ).sign(key, hashes.SHA256())  # fmt: skip
    return built.public_bytes(serialization.Encoding.PEM)


def private(key: CertificateIssuerPrivateKeyTypes) -> bytes:
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())


def proof_of(pem: bytes, teams: FakeTeams, ids: list[str]) -> Proof:
    return by_certificate(pem, teams.app_id, teams.tokens.url, lambda: datetime.now(UTC), ids.pop)


@pytest.mark.parametrize("key_first", [True, False])
async def test_a_certificate_proves_it_as_well(
    teams: FakeTeams, elapsed: Elapsed, *, key_first: bool
) -> None:
    key = private_key(0)
    teams.tokens.certificate = certificate(key)
    pem = [private(key), certificate(key)]
    ids = ["one", "two"]
    tokens = made(teams, elapsed, proof_of(b"".join(pem if key_first else pem[::-1]), teams, ids))
    first = await tokens.token()
    tokens.spoilt(first)
    assert teams.tokens.good(await tokens.token())
    assert ids == []  # each proof has an id of its own


async def test_a_certificate_that_is_not_registered_is_refused(teams: FakeTeams, elapsed: Elapsed) -> None:
    teams.tokens.certificate = certificate(private_key(1))
    pem = private(private_key(0)) + certificate(private_key(0))
    with pytest.raises(Refused, match="invalid_client"):
        await made(teams, elapsed, proof_of(pem, teams, ["one"])).token()


def test_a_file_that_proves_nothing_is_refused_at_once() -> None:
    ours, other, curve = private_key(0), private_key(1), ec.generate_private_key(ec.SECP256R1())
    files = (
        b"", b"nonsense", private(ours), certificate(ours), private(ours) + certificate(other),
        private(curve) + certificate(curve),
    )  # fmt: skip
    for pem in files:
        with pytest.raises(ValueError, match=r".+"):
            by_certificate(pem, "app", "https://example.org/token", lambda: NOW, str)
