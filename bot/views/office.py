"""When a person of the secretariat answers."""

from datetime import datetime

from bot.domain.reader import Reader
from bot.i18n import range_text, texts_for


def office_text(begins: datetime, ends: datetime, zone: str, reader: Reader) -> str:
    """Return when the office is open next, in the reader's words and on both clocks.

    Args:
        begins, ends: Aware instants of one day.
        zone: IANA name of the secretariat's zone.
    """
    return texts_for(reader.language)("answer.office", hours=range_text(begins, ends, zone, reader))
