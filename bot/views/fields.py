"""Fields filled in, after the words were understood: what a name holds is never markup."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.domain.event import Event
from bot.domain.fields import FIELD
from bot.domain.message import Bold, Inline, Italic, Line, Link, Message, Text, text_of
from bot.domain.people import Person
from bot.i18n import Texts
from bot.views.dates import when_parts

Values = Mapping[str, Inline]


def personal_values(person: Person | None, texts: Texts) -> Values:
    """Return what is the reader's own; a room is addressed as colleagues."""
    if person is None:
        name, organisation = texts("field.colleagues"), texts("field.your-organisation")
    else:
        name = person.names.get(texts.language) or person.names.get("", "")
        home = person.organisation
        organisation = home.name(texts.language) if home else texts("field.your-organisation")
    return {"name": Text(name or texts("field.colleague")), "organisation": Text(organisation)}


def event_values(event: Event | None, texts: Texts) -> Values:
    """Return what is known of the event; a date is shown in the reader's own time."""
    if event is None:
        return {}
    place = ", ".join(part for part in (event.venue, event.city, event.country) if part)
    return {
        "event": Text(event.title(texts.language)),
        "event_date": when_parts(event, texts),
        "event_place": Text(place or texts("field.no-place")),
    }


def filled(message: Message, values: Values) -> Message:
    """Return ``message`` with its fields filled in; one without a value stays as it is."""
    lines = tuple(tuple(_filled(one, values)) for one in message.lines)
    return replace(message, lines=lines)


def _filled(line: Line, values: Values) -> Iterator[Inline]:
    for part in line:
        match part:
            case Text(text=text) | Bold(text=text) | Italic(text=text) if (
                "{" in text or "}" in text
            ):
                yield from _pieces(text, type(part), values)
            case Link(text=text, url=url) if "{" in text:
                yield Link(text_of([tuple(_pieces(text, Text, values))]), url)
            case _:
                yield part


def _pieces(text: str, style: type[Text | Bold | Italic], values: Values) -> Iterator[Inline]:
    at = 0
    for hit in FIELD.finditer(text):
        if hit.start() > at:
            yield style(text[at : hit.start()])
        at = hit.end()
        value = values.get(hit[1]) if hit[1] else None
        if value is None:
            yield style({"{{": "{", "}}": "}"}.get(hit[0], hit[0]))
        else:
            yield style(value.text) if isinstance(value, Text) else value
    if at < len(text):
        yield style(text[at:])
