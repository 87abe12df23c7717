"""The environment: every variable, each as NAME_FILE too, and all faults in one message."""

from pathlib import Path

import pytest

from adapters.mail.server import BadServer, sender, server
from bot.texts import Texts, keys
from smbot.settings import BadSettings, Settings, data_folder, load, on_loopback

LOOPBACK = "http://127.0.0.1:9/api/"
APP, TENANT = "11111111-2222-3333-4444-555555555555", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
PEM = """-----BEGIN PRIVATE KEY-----
MIIB
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIC
-----END CERTIFICATE-----"""


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of this machine gets in."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)


def teams(monkeypatch: pytest.MonkeyPatch, **env: str) -> None:
    """Teams, as far as it must be set, with more or other values; an empty one is as good as none."""
    whole = {"MICROSOFT_APP_ID": APP, "MICROSOFT_APP_PASSWORD": "geheim", "MICROSOFT_APP_TENANT_ID": TENANT}
    for name, value in {**whole, **env}.items():
        monkeypatch.setenv(name, value)


def faults() -> list[tuple[str, str]]:
    with pytest.raises(BadSettings) as bad:
        load()
    return [(fault.name, fault.key) for fault in bad.value.faults]


def test_nothing_needs_to_be_set() -> None:
    settings = load()
    assert not settings.has_slack
    assert not settings.has_teams
    assert (settings.smbot_policy, settings.smbot_language, settings.smbot_http_port) == (
        "generic",
        "sv",
        8080,
    )
    assert settings.database == f"sqlite:///{data_folder() / 'smbot.db'}"


def test_every_fault_is_listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "SLACK_BOT_TOKEN": "geheim",
        "SLACK_APP_TOKEN": "geheim",
        "SMBOT_SLACK_API_URL": "ftp://slack.com",
        "MICROSOFT_APP_ID": "inget-guid",
        "MICROSOFT_APP_TENANT_ID": "inget-guid",
        "MICROSOFT_APP_CERTIFICATE": "/finns/inte.pem",
        "SMBOT_TEAMS_TENANTS": f"{TENANT}, fel",
        "SMBOT_TEAMS_OPENID_URL": "http://keys.example",
        "SMBOT_TEAMS_TOKEN_URL": "http://tokens.example",
        "SMBOT_TEAMS_ALLOW_UNSIGNED": "kanske",
        "SMBOT_DATABASE_URL": "mysql://root:geheim@host/db",
        "SMBOT_POLICY": "okänd",
        "SMBOT_LANGUAGE": "fi",
        "SMBOT_HTTP_PORT": "99999",
        "SMBOT_HEARTBEAT_URL": "http://ping.example/geheim",
        "SMBOT_HEARTBEAT_SECONDS": "1",
        "SMBOT_ADMIN_FILE": "/finns/inte",
        "SMBOT_ORGANISATION": "/finns/inte.toml",
        "SMBOT_CLOCK_FILE": "/tmp/clock",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as bad:
        load()
    assert {fault.name for fault in bad.value.faults} == {name.removesuffix("_FILE") for name in wrong} - {
        "SMBOT_CLOCK"
    } | {"SMBOT_CLOCK_FILE"}
    assert "geheim" not in str(bad.value)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_faults_are_told_in_the_language_asked_for(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("SMBOT_LANGUAGE", language)
    monkeypatch.setenv("SMBOT_POLICY", "okänd")
    with pytest.raises(BadSettings) as bad:
        load()
    assert Texts(language).many("setup.faults", 1) in str(bad.value)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_each_variable_is_documented_and_may_stand_in_a_file(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    values = {
        "slack_bot_token": "xoxb-1",
        "slack_app_token": "xapp-1",
        "smbot_slack_api_url": LOOPBACK,
        "microsoft_app_id": APP,
        "microsoft_app_certificate": PEM,
        "microsoft_app_tenant_id": TENANT,
        "smbot_teams_tenants": f"{TENANT},{APP}",
        "smbot_teams_openid_url": LOOPBACK,
        "smbot_teams_token_url": LOOPBACK,
        "smbot_teams_allow_unsigned": "True",
        "smbot_database_url": "sqlite:////tmp/x.db",
        "smbot_policy": "ki",
        "smbot_language": "en",
        "smbot_http_port": "8081",
        "smbot_heartbeat_url": "https://ping.example/abc",
        "smbot_heartbeat_seconds": "30",
        "smbot_organisation": __file__,
        "smbot_smtp_url": "smtp://127.0.0.1",
        "smbot_mail_from": "smbot@larosatet.example",
    }
    if name in ("smbot_smtp_url", "smbot_mail_from"):
        monkeypatch.setenv("SMBOT_SMTP_URL", values["smbot_smtp_url"])
        monkeypatch.setenv("SMBOT_MAIL_FROM", values["smbot_mail_from"])
        monkeypatch.delenv(name.upper())
    if name.startswith("slack_"):
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
        monkeypatch.setenv("SLACK_SIGNING_SECRET", "s")
        monkeypatch.delenv(name.upper(), raising=False)
        if name == "slack_bot_token":
            monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    if name.startswith("microsoft_"):
        teams(monkeypatch)
        monkeypatch.delenv(name.upper(), raising=False)
        if name == "microsoft_app_certificate":
            monkeypatch.delenv("MICROSOFT_APP_PASSWORD")
    file = tmp_path / "value"
    file.write_text(f"{values.get(name, 'value')}\n", encoding="utf-8")
    monkeypatch.setenv(f"{name.upper()}_FILE", str(file))
    assert Settings.model_fields[name].description
    found = getattr(load(), name)
    plain = found.get_secret_value() if hasattr(found, "get_secret_value") else str(found)
    assert plain == values.get(name, "value")


def test_secrets_never_print_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SLACK_BOT_TOKEN": "xoxb-geheim",
        "SLACK_APP_TOKEN": "xapp-geheim",
        "SLACK_SIGNING_SECRET": "geheim",
        "MICROSOFT_APP_ID": APP,
        "MICROSOFT_APP_TENANT_ID": TENANT,
        "MICROSOFT_APP_PASSWORD": "geheim",
        "SMBOT_METRICS_TOKEN": "geheim",
        "SMBOT_DATABASE_URL": "postgresql://me:geheim@host/db",
        "SMBOT_SMTP_URL": "smtps://me:geheim@host",
        "SMBOT_MAIL_FROM": "me@host.example",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load()
    assert "geheim" not in f"{settings} {settings!r} {settings.model_dump_json()}"


def test_the_clock_may_be_moved_where_nobody_real_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMBOT_CLOCK_FILE", "/tmp/clock")
    assert load().smbot_clock_file == Path("/tmp/clock")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    with pytest.raises(BadSettings):
        load()
    monkeypatch.setenv("SMBOT_SLACK_API_URL", LOOPBACK)
    assert load().smbot_slack_api_url == LOOPBACK


def test_a_token_alone_is_no_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    with pytest.raises(BadSettings) as bad:
        load()
    assert [fault.key for fault in bad.value.faults] == ["setup.no_way_in"]


# -- Teams --------------------------------------------------------------------------------------


def test_teams_alone_is_enough_and_lets_in_its_own_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    teams(monkeypatch, MICROSOFT_APP_TENANT_ID=TENANT.upper())
    settings = load()
    assert (settings.has_slack, settings.has_teams) == (False, True)
    assert settings.tenants == (TENANT,)
    assert TENANT in settings.teams_token_url
    assert settings.teams_token_url.startswith("https://login.microsoftonline.com/")


def test_the_tenants_that_are_named_are_the_ones_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    teams(monkeypatch, SMBOT_TEAMS_TENANTS=f" {APP} , {TENANT},")
    assert load().tenants == (APP, TENANT)


def test_an_id_of_entra_is_taken_however_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMBOT_ADMIN", TENANT.upper())
    assert load().smbot_admin == TENANT
    monkeypatch.setenv("SMBOT_ADMIN", "U0ABC")
    assert load().smbot_admin == "U0ABC"


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"MICROSOFT_APP_PASSWORD": ""}, ("MICROSOFT_APP_PASSWORD", "setup.no_app_secret")),
        ({"MICROSOFT_APP_TENANT_ID": ""}, ("MICROSOFT_APP_TENANT_ID", "setup.no_tenant")),
        ({"MICROSOFT_APP_ID": ""}, ("MICROSOFT_APP_ID", "setup.no_app_id")),
        ({"MICROSOFT_APP_CERTIFICATE": PEM}, ("MICROSOFT_APP_CERTIFICATE", "setup.two_app_secrets")),
        ({"MICROSOFT_APP_ID": "smbot"}, ("MICROSOFT_APP_ID", "setup.guid")),
    ],
)
def test_what_is_missing_for_teams_or_too_much_is_told(
    env: dict[str, str], told: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    teams(monkeypatch, **env)
    assert faults() == [told]


def test_an_emulators_own_ids_are_taken_where_no_token_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    teams(monkeypatch, MICROSOFT_APP_ID="emulated-app", MICROSOFT_APP_TENANT_ID="00000000-0000-0000-0000-0000000000001",
          SMBOT_TEAMS_ALLOW_UNSIGNED="1")  # fmt: skip
    assert load().microsoft_app_id == "emulated-app"
    assert load().tenants == ("00000000-0000-0000-0000-0000000000001",)


def test_a_certificate_is_read_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "app.pem"
    file.write_text(PEM, encoding="ascii")
    teams(monkeypatch, MICROSOFT_APP_PASSWORD="", MICROSOFT_APP_CERTIFICATE=str(file))
    certificate = load().microsoft_app_certificate
    assert certificate is not None
    assert certificate.get_secret_value() == PEM
    assert "MIIB" not in repr(load())


@pytest.mark.parametrize(
    "text", ["ingen pem", PEM.replace("PRIVATE", "ENCRYPTED PRIVATE"), PEM.partition("-----BEGIN CERT")[0]]
)
def test_a_file_that_is_no_key_with_its_certificate_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "app.pem"
    file.write_text(text, encoding="ascii")
    teams(monkeypatch, MICROSOFT_APP_PASSWORD="", MICROSOFT_APP_CERTIFICATE=str(file))
    assert faults() == [("MICROSOFT_APP_CERTIFICATE", "setup.certificate")]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_unsigned_requests_are_taken_on_loopback_alone(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    teams(monkeypatch, SMBOT_TEAMS_ALLOW_UNSIGNED="1", SMBOT_HTTP_HOST=host)
    assert load().smbot_teams_allow_unsigned
    monkeypatch.setenv("SMBOT_HTTP_HOST", "0.0.0.0")
    assert faults() == [("SMBOT_TEAMS_ALLOW_UNSIGNED", "setup.unsigned_refused")]


def test_the_clock_stays_where_teams_is_real(monkeypatch: pytest.MonkeyPatch) -> None:
    teams(monkeypatch, SMBOT_CLOCK_FILE="/tmp/clock", SMBOT_TEAMS_OPENID_URL=LOOPBACK)
    assert faults() == [("SMBOT_CLOCK_FILE", "setup.clock_refused")]
    monkeypatch.setenv("SMBOT_TEAMS_TOKEN_URL", LOOPBACK)
    assert load().smbot_clock_file == Path("/tmp/clock")


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8/api/", True),
        ("http://localhost/", True),
        ("http://[::1]:80/", True),
        ("https://slack.com/api/", False),
        ("http://localhost.example/", False),
        ("http://127.0.0.1@evil.example/", False),
    ],
)
def test_loopback_is_told_from_its_lookalikes(url: str, here: bool) -> None:
    assert on_loopback(url) is here


def test_both_languages_say_all_that_can_be_wrong() -> None:
    for prefix in ("setup.", "doctor."):
        told = {language: {k for k in keys(language) if k.startswith(prefix)} for language in ("sv", "en")}
        assert told["sv"] == told["en"] != set()


@pytest.mark.parametrize(
    ("url", "tls", "port"),
    [
        ("smtp://u:p@mail.example:587", "required", 587),
        ("smtp://mail.example", "required", 587),
        ("smtps://u:p@mail.example", "implicit", 465),
        ("smtp://127.0.0.1", "offered", 25),
        ("smtp://[::1]:2525?starttls=never", "never", 2525),
        ("smtp://localhost?starttls=required", "required", 25),
    ],
)
def test_mail_is_hidden_from_those_on_the_way_but_on_this_machine(url: str, tls: str, port: int) -> None:
    found = server(url)
    assert (found.tls, found.port) == (tls, port)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://mail.example", "smtp_url"),
        ("smtp://", "smtp_url"),
        ("smtp://mail.example:no", "smtp_url"),
        ("smtp://u@mail.example", "smtp_password"),
        ("smtp://mail.example?starttls=never", "smtp_plain"),
        ("smtp://127.0.0.1.example?starttls=offered", "smtp_plain"),
        ("smtp://mail.example?tls=no", "smtp_options"),
        ("smtps://mail.example?starttls=never", "smtp_options"),
    ],
)
def test_a_mail_server_that_cannot_be_used_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, url: str, key: str
) -> None:
    monkeypatch.setenv("SMBOT_SMTP_URL", url)
    monkeypatch.setenv("SMBOT_MAIL_FROM", "Sociala medier, nej")
    assert faults() == [("SMBOT_SMTP_URL", f"setup.{key}"), ("SMBOT_MAIL_FROM", "setup.mail_from")]


def test_server_and_sender_of_mail_belong_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMBOT_SMTP_URL", "smtp://u:hemligt%40@mail.example")
    assert faults() == [("SMBOT_MAIL_FROM", "setup.no_mail_from")]
    monkeypatch.setenv("SMBOT_MAIL_FROM", "Sociala medier <smbot@larosatet.example>")
    assert load().has_mail
    assert "hemligt" not in repr(load())
    monkeypatch.setenv("SMBOT_CLOCK_FILE", "/tmp/klocka")
    assert ("SMBOT_CLOCK_FILE", "setup.clock_refused") in faults()
    monkeypatch.delenv("SMBOT_SMTP_URL")
    assert ("SMBOT_SMTP_URL", "setup.no_smtp_url") in faults()


def test_a_sender_is_written_as_every_mail_server_reads_it() -> None:
    found = sender("Högskolans bot <bot@Högskolan.example>")
    assert (found.address, found.name) == ("bot@xn--hgskolan-n4a.example", "Högskolans bot")
    for wrong in ("böt@example.se", "a@b.se, c@d.se", "a@b.se\nBcc: c@d.se", f"a@{'x' * 64}.se"):
        with pytest.raises(BadServer):
            sender(wrong)


def test_a_password_stands_in_no_line_and_is_read_without_its_percent_signs() -> None:
    found = server("smtp://u:hemligt%40@mail.example")
    assert found.password == "hemligt@"
    assert "hemligt" not in repr(found)
