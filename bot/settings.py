"""Settings from the environment, and nowhere else; ``.env.example`` lists them all.

Every secret can also be given as ``…_FILE``, the path of a file that holds it, as
container platforms mount them. A ``.env`` file in the working folder is read first.
"""

import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.clock import Clock, MovableClock, SystemClock
from bot.domain.alliance import of_alliance, without_article
from bot.domain.announcement import Guard
from bot.domain.office_hours import OfficeHours, office_hours

PREFIX = "CONVOKE_"
ENV_FILE = ".env"
SECRETS = (
    "secret_key",
    "proxy",
    "telegram_token",
    "telegram_webhook_secret",
    "slack_bot_token",
    "slack_app_token",
    "slack_signing_secret",
)
SHORTEST_KEY = 32
NO_SECRET = SecretStr("")


class SettingsError(Exception):
    """The environment is wrong; the message says which variable, and what to do."""


class Settings(BaseSettings):
    """What an installation can choose."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///convoke.db"),
        description="SQLite file or PostgreSQL, such as postgresql://user:password@host/name.",
    )
    default_language: str = Field(default="en", description="Language of readers who chose none.")
    alliance_names: Annotated[dict[str, str], NoDecode] = Field(
        default={"en": "the Alliance", "zh": "联盟", "fr": "l’Alliance", "de": "der Allianz"},
        min_length=1,
        description='The alliance\'s name by language, as JSON: {"en": "…", "zh": "…"}; '
        "each as it stands after “the secretariat of”, such as “l’Alliance” or “der Allianz”.",
    )
    default_zone: str = Field(
        default="Asia/Shanghai", description="IANA time zone of the secretariat."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged; no level ever logs a token."
    )
    log_format: Literal["line", "json"] = Field(
        default="line", description="line for people, json for machines."
    )
    grace_minutes: float = Field(
        default=60.0,
        ge=0,
        description="An announcement that is later than this after downtime is asked, not sent.",
    )
    calendar_file: Path | None = Field(
        default=None, description="Rehearsals only: a file that moves the calendar."
    )
    adapters: str = Field(
        default="telegram,slack",
        description="Adapters to run, by name: telegram, slack, terminal, or one of a package.",
    )
    secret_key: SecretStr = Field(
        default=NO_SECRET,
        description="32 characters or more that nobody can guess; other secrets are made from it.",
    )
    proxy: SecretStr = Field(
        default=NO_SECRET,
        description="For every request to a platform: http://host:port or socks5://host:port.",
    )

    public_url: str = Field(
        default="", description="https://… under which the platforms reach this service."
    )
    http_host: str = Field(
        default="127.0.0.1", description="Address that webhooks and health checks are served on."
    )
    http_port: int = Field(
        default=8080, ge=0, le=65535, description="Port for them; 0 takes a free one."
    )

    signatures: Annotated[dict[str, str], NoDecode] = Field(
        default={}, description="Last line of announcements by language, as JSON."
    )
    office_hours: str = Field(
        default="",
        description="When the secretariat answers, in its time zone, such as Mon-Fri 09:00-17:00.",
    )
    privacy_contact: str = Field(
        default="", description="E-mail or web address for questions about personal data."
    )
    large_audience: int = Field(
        default=500,
        ge=0,
        description="From how many chats on an approval is confirmed; 0 is never.",
    )
    approval: Literal["number", "second"] = Field(
        default="number",
        description="How: number (of chats, typed in), or second (another person approves).",
    )
    invite_days: int = Field(
        default=30, ge=1, le=365, description="Days for which an invitation link is good."
    )

    telegram_token: SecretStr = Field(default=NO_SECRET, description="The bot's token.")
    telegram_api_url: str = Field(
        default="https://api.telegram.org", description="Bot API server, http://host:port."
    )
    telegram_mode: Literal["polling", "webhook"] = Field(
        default="polling", description="How updates arrive: polling, or webhook."
    )
    telegram_webhook_secret: SecretStr = Field(
        default=NO_SECRET,
        description="What Telegram shows at the webhook; made from CONVOKE_SECRET_KEY if empty.",
    )
    telegram_rate: float = Field(default=30.0, gt=0, description="Messages a second, at most.")
    telegram_paid_broadcast: bool = Field(
        default=False, description="1 pays Stars for bulk above the free rate; never implied."
    )

    slack_bot_token: SecretStr = Field(default=NO_SECRET, description="xoxb-… of the app.")
    slack_app_token: SecretStr = Field(
        default=NO_SECRET, description="xapp-… with connections:write, for Socket Mode."
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/", description="Web API server, http://host:port/api/."
    )
    slack_mode: Literal["socket", "http"] = Field(
        default="socket", description="How events arrive: socket, or http."
    )
    slack_signing_secret: SecretStr = Field(
        default=NO_SECRET, description="Proves that a request over HTTP is Slack's."
    )
    slack_trusted_teams: str = Field(
        default="",
        description="Ids of workspaces whose e-mail addresses we believe, with commas between.",
    )

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        written = {**dotenv_values(ENV_FILE), **os.environ}
        for name in (*SECRETS, "database_url"):
            path = written.get(f"{PREFIX}{name.upper()}_FILE")
            if path:
                try:
                    values[name] = Path(path).read_text().strip()
                except OSError as error:
                    raise ValueError(f"{PREFIX}{name.upper()}_FILE: {error.strerror}") from None
        return values

    @field_validator("alliance_names", "signatures", mode="before")
    @classmethod
    def _read_names(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        try:
            return json.loads(given)
        except ValueError:
            raise ValueError('must be JSON such as {"en": "…", "zh": "…"}') from None

    @field_validator("secret_key")
    @classmethod
    def _is_long(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(f"must have {SHORTEST_KEY} characters or more")
        return key

    @field_validator("proxy")
    @classmethod
    def _is_proxy(cls, proxy: SecretStr) -> SecretStr:
        url = proxy.get_secret_value()
        if url and not url.startswith(("http://", "socks5://", "socks5h://")):
            raise ValueError("must begin with http://, socks5:// or socks5h://")
        if url and not _is_whole(url):
            raise ValueError("must name a host and a port, such as socks5://localhost:1080")
        return proxy

    @field_validator("public_url")
    @classmethod
    def _is_public(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http:// for a rehearsal)")
        return url.rstrip("/")

    @field_validator("telegram_api_url", "slack_api_url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url

    @field_validator("office_hours")
    @classmethod
    def _are_hours(cls, text: str) -> str:
        if text:
            office_hours(text)
        return text

    @field_validator("default_zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("is no IANA time zone, such as Europe/Berlin") from None
        return name

    def alliance(self, language: str) -> str:
        """Return the alliance's name as it stands behind *the secretariat* in ``language``.

        Where there is none in that language it is the one in the default language, else the
        first.
        """
        return of_alliance(self._name_in(language), language)

    @property
    def bare_alliance(self) -> str:
        """The alliance's name in the default language without its article, for titles."""
        return without_article(self._name_in(self.default_language))

    def _name_in(self, language: str) -> str:
        names = self.alliance_names
        first = next(iter(names.values()))
        return names.get(language) or names.get(self.default_language) or first

    @property
    def guard(self) -> Guard:
        """What approving an announcement to many needs."""
        return Guard(self.large_audience, self.approval == "second")

    def signature(self, language: str) -> str:
        """Return the last line of announcements in ``language``, ``""`` where there is none."""
        return self.signatures.get(language, "")

    @cached_property
    def office(self) -> OfficeHours | None:
        """When the secretariat answers, in its zone; None if it does not say."""
        return office_hours(self.office_hours) if self.office_hours else None

    @cached_property
    def adapter_names(self) -> tuple[str, ...]:
        """Names of the adapters to run, in order, without doubles."""
        names = (name.strip() for name in self.adapters.split(","))
        return tuple(dict.fromkeys(name for name in names if name))

    @cached_property
    def trusted_teams(self) -> frozenset[str]:
        """Ids of the Slack workspaces whose directory we believe."""
        return frozenset(filter(None, map(str.strip, self.slack_trusted_teams.split(","))))

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value in use, for the log filter."""
        values = [getattr(self, name).get_secret_value() for name in SECRETS]
        for url in (self.database_url, self.proxy):
            password = urlsplit(url.get_secret_value()).password or ""
            values += [password, unquote(password)]  # a driver's message shows it decoded
        return tuple(dict.fromkeys(value for value in values if value))

    @cached_property
    def clock(self) -> Clock:
        """The calendar and the monotonic clock of this installation."""
        return MovableClock(self.calendar_file) if self.calendar_file else SystemClock()


def load_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        SettingsError: a variable has a value that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_explained(error)[0]) from None


def settings_from(values: Mapping[str, str]) -> Settings:
    """Return the settings that ``values``, by their variables' names, stand for.

    The environment has no say in it; what is empty or missing is the default.

    Raises:
        SettingsError: a variable has a value that cannot be used.
    """
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in values.items()
        if name.startswith(PREFIX) and value
    }
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise SettingsError(_explained(error)[0]) from None


def settings_problems() -> tuple[str, ...]:
    """Return everything that cannot be used in this process's settings, a line each."""
    try:
        Settings()
    except ValidationError as error:
        return _explained(error)
    return ()


def setting_names() -> frozenset[str]:
    """Return the names of all variables that are read."""
    names = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    files = {f"{PREFIX}{name.upper()}_FILE" for name in (*SECRETS, "database_url")}
    return frozenset(names | files)


def _explained(error: ValidationError) -> tuple[str, ...]:
    lines = []
    for one in error.errors(include_input=False):
        name = PREFIX + "_".join(str(part) for part in one["loc"]).upper() if one["loc"] else ""
        said = one["msg"].removeprefix("Value error, ")
        lines.append(f"{name}: {said}. See .env.example." if name else f"{said}. See .env.example.")
    return tuple(lines)


def _is_whole(url: str) -> bool:
    """Return whether a proxy's address has what is needed; HTTP alone has a port by itself."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port is not None or parts.scheme == "http")
    except ValueError:
        return False
