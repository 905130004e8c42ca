"""Drafts to begin with, in every language that is shipped, with defaults that make sense.

What the templates say stands in the catalogs (``template.…``). The event's title, date and
place are written out when the draft is made, so that staff see and can change them; the
reader's name and organisation stay fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.announcement import Body
from bot.domain.event import Event
from bot.domain.fields import FIELD, PERSONAL
from bot.domain.message import Text, When
from bot.domain.preferences import Topic
from bot.domain.reader import Reader
from bot.domain.refusal import Refusal
from bot.i18n import Texts, languages, texts_for, when_text
from bot.services import conferences
from bot.services.announcements import Draft
from bot.storage.database import Read
from bot.views.fields import event_values

LATECOMERS = timedelta(days=60)
"""For how long those who join get an invitation whose event has no date yet."""


@dataclass(frozen=True, slots=True)
class Template:
    """A draft to begin with.

    Attributes:
        about_event: It is about an event, which must be named.
        buttons: The event's answer buttons go with it.
        acknowledge: Readers are asked to confirm that they have read it.
        latecomers: Those who join until the event get it too.
        looks_back: It is about an event that is over.
    """

    name: str
    about_event: bool = True
    buttons: bool = False
    acknowledge: bool = False
    latecomers: bool = False
    looks_back: bool = False


TEMPLATES = {
    one.name: one
    for one in (
        Template("greeting", about_event=False),
        Template("save-the-date", latecomers=True),
        Template("invitation", buttons=True, latecomers=True),
        Template("change", acknowledge=True),
        Template("postponement", acknowledge=True),
        Template("thanks", looks_back=True),
    )
}


def named(name: str) -> Template:
    """Return the template.

    Raises:
        Refusal: there is none of this name; the sentence lists those there are.
    """
    template = TEMPLATES.get(name)
    if template is None:
        raise Refusal("refusal.template-unknown", name=name, known=", ".join(TEMPLATES))
    return template


async def events_for(read: Read, template: Template, now: datetime) -> tuple[Event, ...]:
    """Return the events that it is most likely about, the likeliest first.

    One says thanks for what is over, or just going on; everything else is about what comes.
    """
    coming = await conferences.upcoming(read, now)
    if not template.looks_back:
        return coming
    return (*await conferences.past(read, now), *coming)


async def draft(
    read: Read, name: str, event_name: str, *, language: str, zone: str, now: datetime
) -> Draft:
    """Return the draft of a template, the words in ``language`` first.

    Raises:
        Refusal: there is no such template or event, or it needs one.
    """
    template = named(name)
    if template.about_event and not event_name:
        raise Refusal("refusal.template-event", name=name)
    event = await conferences.event_named(read, event_name) if event_name else None
    order = sorted(languages(), key=lambda one: one != language)
    bodies = tuple(_body(template, event, texts_for(one), zone) for one in order)
    return Draft(
        title=bodies[0].title,
        bodies=bodies,
        audience="all",
        due=None,
        zone=zone,
        rsvp_event=event.slug if event and template.buttons else "",
        topic=Topic.INVITATIONS if template.buttons else Topic.NEWS,
        late_until=_late_until(event, now) if template.latecomers else None,
        acknowledge=template.acknowledge,
        about=event.slug if event else "",
    )


def _late_until(event: Event | None, now: datetime) -> datetime:
    starts = event.start.instant if event and event.start else None
    return starts if starts and starts > now else now + LATECOMERS


def _body(template: Template, event: Event | None, texts: Texts, zone: str) -> Body:
    values = _written_out(event, texts, zone)

    def fill(key: str) -> str:
        words = texts.get(key) or ""
        return FIELD.sub(lambda hit: values.get(hit[1] or "", hit[0]), words)

    kind = f"template.{template.name}"
    return Body(texts.language, fill(f"{kind}.title"), fill(f"{kind}.text"))


def _written_out(event: Event | None, texts: Texts, zone: str) -> Mapping[str, str]:
    reader = Reader(texts.language, zone)
    found = {}
    for name, value in event_values(event, texts).items():
        if isinstance(value, When):
            found[name] = when_text(value.instant, value.zone, reader, value.date_only)
        elif isinstance(value, Text) and name not in PERSONAL:
            found[name] = value.text.replace("{", "{{").replace("}", "}}")
    return found
