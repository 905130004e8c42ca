"""The ready text of an invitation, to be sent by e-mail."""

from datetime import datetime

from bot.domain.joining import readable
from bot.domain.people import Person
from bot.domain.reader import Reader
from bot.i18n import Texts, when_text
from bot.views.labels import command_word


def invitation_text(
    person: Person,
    *,
    alliance: str,
    token: str,
    link: str,
    until: datetime,
    zone: str,
    texts: Texts,
) -> str:
    """Return what the person is written; plain text, in their language.

    Args:
        link: Opens the chat on Telegram; ``""`` where there is none.
        until: When the invitation ends, aware.
        zone: IANA name of the person's zone.
    """
    reader = Reader(texts.language, zone)
    last_day = when_text(until, zone, reader, date_only=True)
    typed = f"{command_word(texts, 'join')} {readable(token)}"
    paragraphs = [
        texts("invite.dear", name=person.name(texts.language)),
        texts("invite.why", alliance=alliance),
        *([texts("invite.telegram", platform="Telegram", link=link)] if link else []),
        texts("invite.elsewhere", typed=typed),
        texts("invite.until", day=last_day),
        texts("invite.from", alliance=alliance),
    ]
    return "\n\n".join(paragraphs)
