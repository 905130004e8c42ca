"""What a check found: one line for one thing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad it is; ``wrong`` keeps the service from doing its work."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line.

    Attributes:
        thing: What was looked at, such as ``database`` or a platform's name.
        text: What is so, and what to do if it is not well; one line, no secret in it.
    """

    level: Level
    thing: str
    text: str


TEXTS = {
    "settings-ok": "the settings can be read",
    "settings-none": (
        "nothing is set up yet: `convoke init` asks for what is needed, "
        "or copy .env.example to .env"
    ),
    "settings-unknown": "{name} is no setting{meant}; see docs/settings.md",
    "settings-calendar": (
        "CONVOKE_CALENDAR_FILE moves the calendar: leave it empty but for rehearsals"
    ),
    "language-unknown": (
        "CONVOKE_DEFAULT_LANGUAGE={language}: no such language is here; choose one of {known}"
    ),
    "language-nameless": (
        "CONVOKE_ALLIANCE_NAMES has no name in {language}: members would read another language's"
    ),
    "name-default": "members read “{name}”: set CONVOKE_ALLIANCE_NAMES to the alliance's own name",
    "key-missing": (
        "CONVOKE_SECRET_KEY is empty: codes and invitations need one; `convoke init` makes it, or "
        "`python -c 'import secrets; print(secrets.token_urlsafe(32))'`"
    ),
    "public-plain": "CONVOKE_PUBLIC_URL must be https:// for {platforms}: platforms call no other",
    "public-missing": (
        "CONVOKE_PUBLIC_URL is empty, and {platforms} delivers to it: "
        "set the https:// address of this service"
    ),
    "adapter-wrong": "{problem}",
    "platform-ok": "this is {name}",
    "platform-ok-but": "this is {name}, but {problem}",
    "platform-wrong": "{problem}",
    "platform-slow": "no answer within {seconds:.0f} s; check the network and CONVOKE_PROXY",
    "proxy-none": "CONVOKE_PROXY is empty: requests to the platforms go straight out",
    "proxy-ok": "{proxy} takes connections; every request to the platforms goes through it",
    "proxy-away": (
        "nothing takes connections at {proxy}: start that proxy, "
        "or correct CONVOKE_PROXY, or empty it"
    ),
    "clock-ok": "agrees with {platform}'s to {seconds:.0f} s",
    "clock-off": (
        "{minutes} {way} {platform}'s: switch time synchronisation on (`timedatectl set-ntp true`)"
    ),
    "clock-unknown": "no platform answered that it could be compared with",
    "database-ok": "{where} is at this version's schema",
    "database-new": "{where} does not exist yet: `convoke migrate` makes it",
    "database-empty": "{where} is empty: run `convoke migrate`",
    "database-old": "{where} lacks a migration (it is at {revision}): run `convoke migrate`",
    "database-newer": (
        "{where} was made by a newer version: install that version, or restore a backup"
    ),
    "database-away": "{problem}",
    "database-readonly": (
        "{where} cannot be written by this user: change its owner, or CONVOKE_DATABASE_URL"
    ),
    "admin-none": (
        "nobody is admin yet: `convoke staff grant you@example.org admin`, "
        "so that somebody is asked about late announcements"
    ),
    "admin-ok": "{count} may decide as admin",
}
"""Every line, by its key. ``docs/operations.md`` lists them; a test compares."""


def found(level: Level, thing: str, key: str, **fields: Any) -> Finding:
    """Return the line of ``key``; line breaks of foreign words become spaces."""
    return Finding(level, thing, " ".join(TEXTS[key].format(**fields).split()))
