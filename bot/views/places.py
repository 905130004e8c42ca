"""Where an event is, in words a reader knows.

The data give a place in one language. Countries and the zone's own city have public names
in every language, so those two are said in the reader's; anything else stays as given.
"""

from functools import cache

from babel import Locale

from bot.domain.event import Event
from bot.domain.message import Line
from bot.i18n import Texts, city_of, languages

_SHORT = {"usa": "US", "uk": "GB", "south korea": "KR", "russia": "RU"}


def place_line(event: Event, texts: Texts) -> Line:
    """Return the venue, or what is known of the place while it is not announced."""
    town = _town(event, texts)
    venue = _given(event, "venue", texts.language) or event.venue
    if not venue:
        key = "event.place-no-venue" if town else "event.place-unknown"
        return texts.line(key, place=town) if town else texts.line(key)
    # Many addresses name their city themselves.
    repeats = not town or event.city.split(",")[0].casefold() in venue.casefold()
    place = venue if repeats else _joined(venue, town, texts)
    return texts.line("event.place", place=place)


def _town(event: Event, texts: Texts) -> str:
    city = _given(event, "city", texts.language) or _city(event, texts.language)
    country = _given(event, "country", texts.language) or _country(event.country, texts.language)
    if city and country:
        return _joined(city, country, texts)
    return city or country


def _joined(first: str, second: str, texts: Texts) -> str:
    """Return the smaller place with the larger; Chinese names run together, largest first."""
    latin = first.isascii() or second.isascii()
    key = "event.place-join-latin" if latin else "event.place-join"
    return texts(key, first=first, second=second)


def _given(event: Event, name: str, language: str) -> str:
    value = event.facts.get(f"{name}_{language}")
    return value if isinstance(value, str) else ""


def _city(event: Event, language: str) -> str:
    """The zone's city in the reader's language, if that is the city meant; else as given."""
    zone = event.zone
    known = {city_of(zone, one).casefold() for one in languages()}
    return city_of(zone, language) if event.city.casefold() in known - {""} else event.city


def _country(name: str, language: str) -> str:
    territories = Locale.parse(language).territories
    return str(territories.get(_code_of(name), name))


@cache
def _code_of(name: str) -> str:
    """The ISO code of a country that is given by its English name or by its code."""
    folded = name.casefold()
    names = Locale.parse("en").territories.items()
    found = (code for code, known in names if folded in (code.casefold(), known.casefold()))
    return _SHORT.get(folded) or next((code for code in found if code.isalpha()), "")
