"""Every word a member reads, and every time, in the reader's language.

Texts are gettext catalogs, ``locale/<language>/LC_MESSAGES/convoke.po``; adding a language
is adding a folder. Keys are symbolic and English is a catalog like any other, so a text
that is missing is an error that the tests see, never an English fragment in Chinese.

Times name cities and offsets and never an abbreviation: CST alone stands for three zones.
"""

import gettext
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from babel.core import get_global
from babel.dates import format_datetime, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.domain.message import Inline, Line, Text
from bot.domain.reader import Reader
from bot.domain.zoned import zone_named

_LOCALE = Path(__file__).parent / "locale"
_CATALOG = Path("LC_MESSAGES", "convoke.po")
_FIELD = re.compile(r"\{(\w+)\}")
_ABBREVIATED = re.compile(r"[A-Z]{3}(\d[A-Z]{3})?")
"""Zones such as EST or CET, which the tables would turn into some city that nobody meant."""


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """The texts of one language.

    Attributes:
        language: Name of the catalog, such as ``zh``.
    """

    language: str
    _forms: Mapping[str, tuple[str, ...]] = field(repr=False)
    _form_of: Callable[[int], int] = field(repr=False)

    def __call__(self, key: str, /, **fields: str | int) -> str:
        """Return the text ``key`` with its placeholders filled from ``fields``.

        Raises:
            KeyError: the text is not in the catalog, or a field is missing.
        """
        return self._fill(self._forms[key][0], fields)

    def plural(self, key: str, count: int, /, **fields: str | int) -> str:
        """Return the form of ``key`` that ``count`` takes; ``{count}`` is filled as well."""
        return self._fill(self._forms[key][self._form_of(count)], {**fields, "count": count})

    def line(self, key: str, /, **parts: Inline | str | int) -> Line:
        """Return the text ``key`` as a line whose placeholders are inline parts."""
        return tuple(self._parts(self._forms[key][0], parts))

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """Return the keys that begin with ``prefix``, sorted."""
        return tuple(sorted(key for key in self._forms if key.startswith(prefix)))

    def get(self, key: str) -> str | None:
        """Return the text ``key`` as it stands in the catalog, or None."""
        forms = self._forms.get(key)
        return forms[0] if forms else None

    def number(self, value: int) -> str:
        """Return ``value`` with the digits and separators of the language."""
        return str(format_decimal(value, locale=self.language))

    def _fill(self, template: str, fields: Mapping[str, str | int]) -> str:
        def fill(found: re.Match[str]) -> str:
            value = fields[found[1]]
            return value if isinstance(value, str) else self.number(value)

        return _FIELD.sub(fill, template)

    def _parts(self, template: str, parts: Mapping[str, Inline | str | int]) -> Iterator[Inline]:
        # re.split with one group: literal text and names of fields take turns.
        for index, piece in enumerate(_FIELD.split(template)):
            if index % 2 == 0:
                if piece:
                    yield Text(piece)
                continue
            part = parts[piece]
            match part:
                case str():
                    yield Text(part)
                case int():
                    yield Text(self.number(part))
                case _:
                    yield part


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have a catalog, sorted."""
    return tuple(sorted(path.parents[1].name for path in _LOCALE.glob(f"*/{_CATALOG}")))


@cache
def texts_for(language: str) -> Texts:
    """Return the texts of ``language``, read at first use.

    Raises:
        LookupError: there is no catalog for it.
    """
    if language not in languages():
        raise LookupError(f"no catalog for {language!r}; there are {', '.join(languages())}")
    with (_LOCALE / language / _CATALOG).open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    forms: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        key = message.id if isinstance(message.id, str) else message.id[0]
        given = message.string
        texts = (given,) if isinstance(given, str) else tuple(given or ())
        if key and all(texts) and not message.fuzzy:
            forms[key] = texts
    return Texts(language, MappingProxyType(forms), gettext.c2py(catalog.plural_expr))


def texts_in(tag: str) -> Texts:
    """Return the texts closest to the language tag, English where there are none."""
    return texts_for(best_language(tag, default="en"))


def best_language(*wanted: str, default: str) -> str:
    """Return the first of ``wanted`` that has a catalog, else ``default``.

    Tags of any kind are understood: ``zh-hans``, ``zh_CN``, ``pt-BR``, ``de_AT.UTF-8``, ``""``.
    """
    for tag in wanted:
        parts = re.split(r"[-_]", re.split(r"[.@]", tag.strip())[0])
        for end in range(len(parts), 0, -1):
            name = "_".join((parts[0].lower(), *parts[1:end]))
            if name in languages():
                return name
    return default


@cache
def command_words() -> Mapping[str, str]:
    """Return the command that each bare word means in any language, by casefolded word.

    Slack has no slash in a direct chat, so a word alone, such as ``help`` or 帮助, is a
    command on every platform.

    Raises:
        ValueError: two commands claim the same word.
    """
    found: dict[str, str] = {}
    for language in languages():
        texts = texts_for(language)
        for key in texts.keys("commands."):
            name = key.removeprefix("commands.")
            for word in (name, *texts(key).split(",")):
                if found.setdefault(word.strip().casefold(), name) != name:
                    raise ValueError(f"{language}: {word!r} means two commands")
    return MappingProxyType(found)


def when_text(instant: datetime, zone: str, reader: Reader, date_only: bool = False) -> str:
    """Return ``instant`` with day, in the venue's time and in the reader's beside it.

    Only the venue's is shown where both clocks read the same at that instant, and for a
    bare date: a day at the venue must not become another day for a distant reader.
    """
    texts = texts_for(reader.language)
    day = _day(instant, zone, texts, "time.day")
    if date_only:
        return day
    venue = texts("time.dated", day=day, clock=_at_place(instant, zone, texts, "time.venue"))
    if not clocks_differ(instant, zone, reader.zone):
        return venue
    own = _at_place(instant, reader.zone, texts, "time.reader")
    if _local(instant, reader.zone).date() != _local(instant, zone).date():
        own_day = _day(instant, reader.zone, texts, "time.day-short")
        own = texts("time.dated", day=own_day, clock=own)
    return texts("time.beside", venue=venue, reader=own)


def range_text(begins: datetime, ends: datetime, zone: str, reader: Reader) -> str:
    """Return a stretch of one day, such as ``Monday, 6 January 2020, 09:00–17:00 Beijing …``.

    The day is written once, and the reader's own clock stands beside the venue's.
    """
    texts = texts_for(reader.language)
    day = _day(begins, zone, texts, "time.day")
    clock = _span_at_place(begins, ends, zone, texts, "time.venue")
    venue = texts("time.dated", day=day, clock=clock)
    if not clocks_differ(begins, zone, reader.zone):
        return venue
    own = _span_at_place(begins, ends, reader.zone, texts, "time.reader")
    if _local(begins, reader.zone).date() != _local(begins, zone).date():
        own_day = _day(begins, reader.zone, texts, "time.day-short")
        own = texts("time.dated", day=own_day, clock=own)
    return texts("time.beside", venue=venue, reader=own)


def venue_text(
    instant: datetime, zone: str, language: str, date_only: bool = False, beside: str = ""
) -> str:
    """Return the venue's own time, such as ``14:00 Beijing (UTC+8)``, or its day.

    Args:
        instant: Aware datetime.
        zone: IANA name of the venue's zone.
        language: Of the reader.
        date_only: Return the day instead of the clock.
        beside: Zone of the time that this stands beside; where the day differs from the
            day there, it is named.
    """
    texts = texts_for(language)
    if date_only:
        return _day(instant, zone, texts, "time.day")
    clock = _at_place(instant, zone, texts, "time.venue")
    if not beside or not clocks_differ(instant, zone, beside):
        return clock
    if _local(instant, beside).date() == _local(instant, zone).date():
        return clock
    return texts("time.dated", day=_day(instant, zone, texts, "time.day-short"), clock=clock)


def length_text(length: timedelta, language: str) -> str:
    """Return a stretch of time in its largest fitting unit, such as ``3 minutes``."""
    return str(format_timedelta(length, threshold=1.5, locale=language))


@cache
def city_of(zone: str, language: str) -> str:
    """Return the city that ``zone`` is known by, or ``""`` for a zone such as ``UTC``."""
    aliases: Mapping[str, str] = get_global("zone_aliases")
    modern = aliases.get(zone, zone)
    if "/" not in modern or modern.startswith("Etc/") or _ABBREVIATED.fullmatch(zone):
        return ""
    own = texts_for(language).get(f"city.{modern}")
    if own is not None:
        return own
    # The tables name some cities under the zone's former name only (Kolkata, Kyiv).
    former = (old for old, new in aliases.items() if new == modern)
    names = Locale.parse(language).time_zones
    known = (names[one]["city"] for one in (zone, modern, *former) if "city" in names.get(one, {}))
    return str(next(known, modern.rpartition("/")[2].replace("_", " ")))


def _local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(zone_named(zone))


def clocks_differ(instant: datetime, zone: str, other: str) -> bool:
    """Whether the two clocks read differently; a zone that nobody knows has no clock."""
    try:
        return _local(instant, zone).utcoffset() != _local(instant, other).utcoffset()
    except ValueError:
        return False


def _day(instant: datetime, zone: str, texts: Texts, pattern: str) -> str:
    local = _local(instant, zone).replace(tzinfo=None)
    written = texts(f"{pattern}-first" if local.day == 1 else pattern)
    return format_datetime(local, written, locale=texts.language)


def _at_place(instant: datetime, zone: str, texts: Texts, pattern: str) -> str:
    return _placed(f"{_local(instant, zone):%H:%M}", instant, zone, texts, pattern)


def _span_at_place(begins: datetime, ends: datetime, zone: str, texts: Texts, pattern: str) -> str:
    clock = f"{_local(begins, zone):%H:%M}–{_local(ends, zone):%H:%M}"
    return _placed(clock, begins, zone, texts, pattern)


def _placed(clock: str, instant: datetime, zone: str, texts: Texts, pattern: str) -> str:
    local = _local(instant, zone)
    city, offset = city_of(zone, texts.language), _offset_text(local.utcoffset() or timedelta())
    if not city:
        return texts("time.no-city", clock=clock, offset=offset.removesuffix("+0"))
    return texts(pattern, clock=clock, city=city, offset=offset)


def _offset_text(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
