"""Settings from the environment, and nowhere else; ``.env.example`` lists them all.

Every secret can also be given as ``…_FILE``, the path of a file that holds it, as
container platforms mount them. A ``.env`` file in the working folder is read first.
"""

import json
import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.clock import Clock, MovableClock, SystemClock

PREFIX = "CONVOKE_"
ENV_FILE = ".env"
SECRETS = ("telegram_token", "slack_bot_token", "slack_app_token")
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
        default={"en": "the Alliance", "zh": "联盟"},
        min_length=1,
        description='The alliance\'s name by language, as JSON: {"en": "…", "zh": "…"}.',
    )
    default_zone: str = Field(
        default="Asia/Shanghai", description="IANA time zone of the secretariat."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged; no level ever logs a token."
    )
    grace_minutes: float = Field(
        default=60.0,
        ge=0,
        description="An announcement that is later than this after downtime is asked, not sent.",
    )
    calendar_file: Path | None = Field(
        default=None, description="Rehearsals only: a file that moves the calendar."
    )
    adapters: str = Field(default="telegram,slack", description="Adapters to run, by name.")

    telegram_token: SecretStr = Field(default=NO_SECRET, description="The bot's token.")
    telegram_api_url: str = Field(
        default="https://api.telegram.org", description="Bot API server, http://host:port."
    )
    telegram_mode: Literal["polling"] = Field(
        default="polling", description="How updates arrive: polling."
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
    slack_mode: Literal["socket"] = Field(
        default="socket", description="How events arrive: socket."
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

    @field_validator("alliance_names", mode="before")
    @classmethod
    def _read_names(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        try:
            return json.loads(given)
        except ValueError:
            raise ValueError('must be JSON such as {"en": "…", "zh": "…"}') from None

    @field_validator("telegram_api_url", "slack_api_url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url

    @field_validator("default_zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("is no IANA time zone, such as Europe/Berlin") from None
        return name

    def alliance(self, language: str) -> str:
        """Return the alliance's name in ``language``, else in the default one, else the first."""
        names = self.alliance_names
        first = next(iter(names.values()))
        return names.get(language) or names.get(self.default_language) or first

    @cached_property
    def adapter_names(self) -> tuple[str, ...]:
        """Names of the adapters to run, in order, without doubles."""
        names = (name.strip() for name in self.adapters.split(","))
        return tuple(dict.fromkeys(name for name in names if name))

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value in use, for the log filter."""
        values = [getattr(self, name).get_secret_value() for name in SECRETS]
        values.append(urlsplit(self.database_url.get_secret_value()).password or "")
        return tuple(value for value in values if value)

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
        first = error.errors(include_input=False)[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg']}. See .env.example.") from None
