"""Every environment variable of the bot: typed, with what it is for; secrets never print themselves.

Each may be given as NAME_FILE instead, the path of a file that holds the value (as container platforms hand over
secrets). A bad setting stops the start with one message that lists every fault.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from adapters.mail import server as mail
from bot.model import Language
from bot.policy import names
from bot.texts import Texts

SLACK = "https://slack.com/api/"
OPENID = "https://login.botframework.com/v1/.well-known/openidconfiguration"
LOGIN = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
DATABASES = ("sqlite:", "sqlite+", "postgresql:", "postgresql+", "postgres:", "postgres+")


def data_folder() -> Path:
    """Where this user's programs keep what they store."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "smbot"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "smbot"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "smbot"


def sqlite(path: Path) -> SecretStr:
    """The address of a SQLite file; a secret like every address of a database, for it may hold a password."""
    return SecretStr(f"sqlite:///{path}")


@dataclass(frozen=True)
class Unreadable:
    """A NAME_FILE that cannot be read."""

    path: str


class FileSource(PydanticBaseSettingsSource):
    """NAME_FILE: the path of a file that holds the value of NAME."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        path = os.environ.get(f"{field_name.upper()}_FILE", "")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError):
            return Unreadable(path), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(info, name)[0] for name, info in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """What the environment says. Names are those of the variables, in lower case."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    slack_bot_token: SecretStr | None = Field(None, description="Slack's bot token (xoxb-…).")
    slack_app_token: SecretStr | None = Field(None, description="Slack's app token (xapp-…): Socket Mode.")
    slack_signing_secret: SecretStr | None = Field(None, description="Slack's signing secret: signed HTTP.")
    smbot_slack_api_url: str = Field(SLACK, description="Where Slack's API is; another one for tests.")
    smbot_teams_allow_unsigned: bool = Field(
        False, description="For tests: 1 asks Teams for no token; only when listening on loopback."
    )
    microsoft_app_id: str | None = Field(None, description="Teams: the app registration's application id.")
    microsoft_app_password: SecretStr | None = Field(None, description="Teams: the app's client secret, or:")
    microsoft_app_certificate: SecretStr | None = Field(
        None, description="Teams: the path of a PEM file with private key and certificate."
    )
    microsoft_app_tenant_id: str | None = Field(
        None, description="Teams: the tenant in which the app is registered."
    )
    smbot_teams_tenants: str = Field(
        "", description="Teams: tenants that may use the bot, with commas; default: the app's own."
    )
    smbot_teams_openid_url: str = Field(
        OPENID, description="Teams: where Microsoft's signing keys are told; another one for tests."
    )
    smbot_teams_token_url: str = Field(
        "", description="Teams: where the bot's own token comes from; default: Microsoft's for the tenant."
    )
    smbot_smtp_url: SecretStr | None = Field(
        None, description="Mail: smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://…"
    )
    smbot_mail_from: str = Field("", description="Mail: the sender, an address or Name <address>.")
    smbot_database_url: SecretStr = Field(
        default_factory=lambda: sqlite(data_folder() / "smbot.db"),
        description="sqlite:///FILE or postgresql://…; default: a SQLite file in the user's data folder.",
    )
    smbot_policy: str = Field("generic", description="Whose guideline: " + ", ".join(names()) + ".")
    smbot_language: Language = Field(
        "sv", description="Language of the organisation and of this program: sv, en."
    )
    smbot_admin: str = Field(
        "", description="The first administrator: the id of a person in Slack or Entra, or an e-mail address."
    )
    smbot_clock_file: Path | None = Field(
        None, description="For tests: a file with seconds to add to real time."
    )
    smbot_http_host: str = Field("127.0.0.1", description="Address to listen on.")
    smbot_http_port: Annotated[int, Field(ge=0, le=65535)] = Field(8080, description="Port to listen on.")
    smbot_metrics_token: SecretStr | None = Field(
        None, description="Bearer token for /metrics and the body of /readyz from other machines."
    )
    smbot_heartbeat_url: SecretStr | None = Field(
        None, description="A monitoring address that gets a sign of life while all is well; default: none."
    )
    smbot_heartbeat_seconds: Annotated[int, Field(ge=10, le=86400)] = Field(
        60, description="Seconds between two signs of life."
    )
    smbot_organisation: Path | None = Field(None, description="A TOML file that fills an empty database.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FileSource(settings_cls)

    @field_validator("*", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        if isinstance(value, Unreadable):
            raise _fault("file_unreadable", path=value.path)
        return value.strip() if isinstance(value, str) else value

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _begins(value, "xoxb-")

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _begins(value, "xapp-")

    @field_validator("smbot_slack_api_url")
    @classmethod
    def _api_address(cls, value: str) -> str:
        return _web_address(value).rstrip("/") + "/"

    @field_validator("smbot_teams_openid_url", "smbot_teams_token_url")
    @classmethod
    def _teams_address(cls, value: str) -> str:
        return _web_address(value) if value else value

    @field_validator("smbot_heartbeat_url")
    @classmethod
    def _heartbeat_address(cls, value: SecretStr | None) -> SecretStr | None:
        return value and SecretStr(_web_address(value.get_secret_value()))

    @field_validator("microsoft_app_id", "microsoft_app_tenant_id")
    @classmethod
    def _one_guid(cls, value: str | None, info: ValidationInfo) -> str | None:
        return value and _guid(value, info)

    @field_validator("smbot_admin")
    @classmethod
    def _entra_id(cls, value: str) -> str:
        return value.lower() if GUID.fullmatch(value) else value

    @field_validator("smbot_teams_tenants")
    @classmethod
    def _guids(cls, value: str, info: ValidationInfo) -> str:
        return ",".join(_guid(each.strip(), info) for each in value.split(",") if each.strip())

    @field_validator("microsoft_app_certificate")
    @classmethod
    def _pem(cls, value: SecretStr | None) -> SecretStr | None:
        return value and SecretStr(_certificate(value.get_secret_value()))

    @field_validator("smbot_smtp_url")
    @classmethod
    def _smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _taken_apart(mail.server, value.get_secret_value())
        return value

    @field_validator("smbot_mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        if value:
            _taken_apart(mail.sender, value)
        return value

    @field_validator("smbot_database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(DATABASES):
            raise _fault("database_url")
        return value

    @field_validator("smbot_policy")
    @classmethod
    def _known_policy(cls, value: str) -> str:
        if value not in names():
            raise _fault("policy", given=value, names=", ".join(names()))
        return value

    @field_validator("smbot_organisation")
    @classmethod
    def _is_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise _fault("no_file", path=str(value))
        return value

    @property
    def has_slack(self) -> bool:
        return self.slack_bot_token is not None

    @property
    def has_teams(self) -> bool:
        return self.microsoft_app_id is not None

    @property
    def has_mail(self) -> bool:
        return self.smbot_smtp_url is not None

    @property
    def tenants(self) -> tuple[str, ...]:
        """The tenants whose requests are taken: those allowed, else the app's own."""
        return tuple(
            filter(None, (self.smbot_teams_tenants or self.microsoft_app_tenant_id or "").split(","))
        )

    @property
    def teams_token_url(self) -> str:
        return self.smbot_teams_token_url or LOGIN.format(tenant=self.microsoft_app_tenant_id)

    @property
    def database(self) -> str:
        """The database's address, as the engine takes it."""
        return self.smbot_database_url.get_secret_value()


def on_loopback(url: str) -> bool:
    """Whether an address is this machine's own, so that nobody outside can be reached by it."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def on_loopback_alone(host: str) -> bool:
    """Whether listening on this address lets nobody in from outside."""
    return on_loopback(f"http://[{host}]" if ":" in host else f"http://{host}")


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and on_loopback(value))):
        raise _fault("api_url")
    return value


def _taken_apart(how: Callable[[str], object], value: str) -> None:
    try:
        how(value)
    except mail.BadServer as bad:
        raise _fault(bad.key) from None


def _guid(value: str, info: ValidationInfo) -> str:
    """Any id where no token is asked for: emulators of Teams call tenants and apps as they like."""
    if not (GUID.fullmatch(value) or info.data.get("smbot_teams_allow_unsigned")):
        raise _fault("guid")
    return value.lower()


def _certificate(value: str) -> str:
    """The PEM's text, of which the value is the path unless it is that text itself (NAME_FILE)."""
    text = value
    if "-----BEGIN" not in value:
        try:
            text = Path(value).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise _fault("file_unreadable", path=value) from None
    if "PRIVATE KEY-----" not in text or "-----BEGIN CERTIFICATE-----" not in text or "ENCRYPTED" in text:
        raise _fault("certificate")
    return text


def _begins(value: SecretStr | None, prefix: str) -> SecretStr | None:
    if value is not None and not value.get_secret_value().startswith(prefix):
        raise _fault("token", prefix=prefix)
    return value


def _fault(key: str, **values: str) -> PydanticCustomError:
    return PydanticCustomError(f"setup.{key}", "see its type", values)


# -- all faults in one message ------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the variable, and a text key with its values."""

    name: str
    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, t: Texts) -> str:
        return f"{self.name}: {t(self.key, **self.values)}"


class BadSettings(Exception):
    """The settings cannot be used; `str()` is the message in the language that SMBOT_LANGUAGE asks for."""

    def __init__(self, faults: list[Fault], language: Language) -> None:
        self.faults = tuple(faults)
        t = Texts(language)
        lines = [t.many("setup.faults", len(faults)), *(f"- {fault.text(t)}" for fault in faults)]
        super().__init__("\n".join(lines))


def load() -> Settings:
    """The settings of this process. Raises BadSettings with every fault at once."""
    given = _given()
    try:
        settings, faults = Settings(), list[Fault]()
    except ValidationError as error:
        settings, faults = None, [_told(each) for each in error.errors()]
    faults += _together(given)
    if settings is None or faults:
        raise BadSettings(faults, language_of(given))
    return settings


def language_of(given: Mapping[str, Any] | None = None) -> Language:
    """The language asked for, as far as that can be told before the settings have been checked."""
    known = _given() if given is None else given
    return "en" if known.get("smbot_language") == "en" else "sv"


def _given() -> dict[str, Any]:
    """What was set, unchecked: the files first, for a plain variable wins over its file."""
    plain = {name: os.environ[name.upper()] for name in Settings.model_fields if os.environ.get(name.upper())}
    return FileSource(Settings)() | plain


def one(name: str) -> str:
    """One variable, or its file, unchecked; "" where there is neither."""
    found = _given().get(name.lower(), "")
    return found if isinstance(found, str) else ""


def _told(error: ErrorDetails) -> Fault:
    name = str(error["loc"][0]).upper() if error["loc"] else "SMBOT"
    if error["type"].startswith("setup."):
        return Fault(name, error["type"], error.get("ctx", {}))
    key: Literal["language", "port", "bad_value"] = "bad_value"
    key = "language" if name == "SMBOT_LANGUAGE" else "port" if name == "SMBOT_HTTP_PORT" else key
    return Fault(name, f"setup.{key}")


def _together(given: Mapping[str, Any]) -> list[Fault]:
    """Faults that no variable has by itself."""
    faults = [*_slack_together(given), *_teams_together(given), *_mail_together(given)]
    if "smbot_clock_file" in given and not all(on_loopback(url) for url in _reached(given)):
        faults.append(Fault("SMBOT_CLOCK_FILE", "setup.clock_refused"))
    return faults


def _slack_together(given: Mapping[str, Any]) -> Iterator[Fault]:
    bot, app, secret = (
        name in given for name in ("slack_bot_token", "slack_app_token", "slack_signing_secret")
    )
    if bot and not app and not secret:
        yield Fault("SLACK_BOT_TOKEN", "setup.no_way_in")
    if (app or secret) and not bot:
        yield Fault("SLACK_BOT_TOKEN", "setup.no_bot_token")


def _teams_together(given: Mapping[str, Any]) -> Iterator[Fault]:
    app, secret, certificate, tenant = (
        f"microsoft_app_{name}" in given for name in ("id", "password", "certificate", "tenant_id")
    )
    if (secret or certificate or tenant) and not app:
        yield Fault("MICROSOFT_APP_ID", "setup.no_app_id")
    if app and not secret and not certificate:
        yield Fault("MICROSOFT_APP_PASSWORD", "setup.no_app_secret")
    if secret and certificate:
        yield Fault("MICROSOFT_APP_CERTIFICATE", "setup.two_app_secrets")
    if app and not tenant:
        yield Fault("MICROSOFT_APP_TENANT_ID", "setup.no_tenant")
    if _yes(given.get("smbot_teams_allow_unsigned")) and not on_loopback_alone(
        str(given.get("smbot_http_host") or "127.0.0.1")
    ):
        yield Fault("SMBOT_TEAMS_ALLOW_UNSIGNED", "setup.unsigned_refused")


def _mail_together(given: Mapping[str, Any]) -> Iterator[Fault]:
    url, sender = "smbot_smtp_url" in given, "smbot_mail_from" in given
    if url and not sender:
        yield Fault("SMBOT_MAIL_FROM", "setup.no_mail_from")
    if sender and not url:
        yield Fault("SMBOT_SMTP_URL", "setup.no_smtp_url")


def _yes(value: object) -> bool:
    return value is not None and str(value).strip().lower() not in {"0", "false", "no", "off", "n", "f"}


def _reached(given: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of the platforms that are configured."""
    if "slack_bot_token" in given:
        yield str(given.get("smbot_slack_api_url") or SLACK)
    if "microsoft_app_id" in given:
        yield str(given.get("smbot_teams_openid_url") or OPENID)
        yield str(given.get("smbot_teams_token_url") or LOGIN)
    if "smbot_smtp_url" in given:
        yield str(given["smbot_smtp_url"])
