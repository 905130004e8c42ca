"""From what somebody types to time zones: a city in any language we speak, a name, an offset."""

import re
import unicodedata
from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global

from bot.i18n import city_of, languages

MOST = 3
"""Zones that are offered for one text."""
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+\-−]?)\s*(\d{1,2})(?::?00)?", re.IGNORECASE)
_LEFT_OUT = (
    "Etc/",
    "posix/",
    "right/",
    "SystemV/",
    "US/",
    "Canada/",
    "Brazil/",
    "Mexico/",
    "Chile/",
)


def zones_for(text: str) -> tuple[str, ...]:
    """Return up to three IANA names that ``text`` may mean, best first; none if it means none."""
    wanted = _plain(text)
    if not wanted:
        return ()
    if exact := _by_name().get(wanted):
        return (exact,)
    if offset := _offset_zone(text):
        return (offset,)
    cities = _by_city()
    found = list(cities.get(wanted, ()))
    if len(wanted) >= 2:
        found += [zone for city, some in cities.items() if city.startswith(wanted) for zone in some]
    return tuple(dict.fromkeys(found))[:MOST]


def _offset_zone(text: str) -> str:
    """Return the fixed zone of ``UTC+8``; its IANA name has the opposite sign (RFC 9636)."""
    match = _OFFSET.fullmatch(text.strip())
    if match is None or not (match[1] or text.strip()[:3].casefold() in ("utc", "gmt")):
        return ""
    hours = int(match[2])
    if hours > 14 or (hours > 12 and match[1] in "-−"):
        return ""
    if hours == 0:
        return "Etc/UTC"
    return f"Etc/GMT{'+' if match[1] in ('-', '−') else '-'}{hours}"


@cache
def _zones() -> tuple[str, ...]:
    former = get_global("zone_aliases")
    return tuple(one for one in _named() if one not in former)


@cache
def _named() -> tuple[str, ...]:
    return tuple(
        sorted(one for one in available_timezones() if "/" in one and not one.startswith(_LEFT_OUT))
    )


@cache
def _by_name() -> dict[str, str]:
    return {_plain(one): one for one in _named()}


@cache
def _by_city() -> dict[str, tuple[str, ...]]:
    """Return zones by the plain names of their city, in every language that has a catalog."""
    found: dict[str, list[str]] = {}
    for zone in _zones():
        names = {city_of(zone, language) for language in languages()}
        names.add(zone.rpartition("/")[2].replace("_", " "))
        for name in filter(None, map(_plain, names)):
            found.setdefault(name, []).append(zone)
    return {name: tuple(zones) for name, zones in found.items()}


def _plain(text: str) -> str:
    """Return ``text`` without accents, case and doubled spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("_", " "))
    kept = "".join(one for one in letters if not unicodedata.combining(one))
    return " ".join(kept.split())
