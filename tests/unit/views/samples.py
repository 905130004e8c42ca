"""Events, answers and a plain drawing of a message, for the tests of views and handlers."""

from datetime import UTC, date, datetime

from bot.domain.event import Event
from bot.domain.message import Bold, Code, Inline, Italic, Link, Mention, Message, Text, When
from bot.domain.reader import Reader
from bot.domain.rsvp import Answer, Rsvp, Seats, SeatState
from bot.domain.zoned import event_time
from bot.i18n import when_text

NOW = datetime(2019, 12, 31, 2, 0, tzinfo=UTC)
MARKS = {Text: "", Bold: "*", Italic: "_", Code: "`"}
SEATS = Seats(capacity=None, taken=0)

FORUM = Event(
    id=1,
    slug="frontier-forum-2020",
    conference="alliance",
    titles={"": "Frontier Forum", "zh": "前沿论坛"},
    zone="Asia/Shanghai",
    date_note={"": "First half of 2020.", "zh": "2020年上半年。"},
    city="Beijing",
    country="China",
    facts={"audience": "Experts from the member centers.", "audience_zh": "各成员中心的专家。"},
)

TALK = Event(
    id=2,
    slug="talk",
    conference="alliance",
    titles={"": "Open Day"},
    status="dated",
    zone="Europe/Zurich",
    start=event_time(datetime(2020, 5, 14, 9, 0), "Europe/Zurich"),
    end=event_time(datetime(2020, 5, 14, 17, 0), "Europe/Zurich"),
    city="Geneva",
    country="Switzerland",
    venue="Main Auditorium",
    capacity=2,
    reply_by=datetime(2020, 5, 1, 10, 0, tzinfo=UTC),
    facts={"registration_url": "https://example.org/day", "contact": None, "phases": ["x"]},
)

DAY = Event(
    id=3,
    slug="day",
    conference="alliance",
    titles={"": "A day"},
    zone="Asia/Shanghai",
    start=event_time(date(2020, 6, 1), "Asia/Shanghai"),
)


def rsvp(
    answer: Answer, seat: SeatState = SeatState.NONE, ahead: int | None = None, event_id: int = 2
) -> Rsvp:
    return Rsvp(event_id=event_id, person_id=7, answer=answer, seat=seat, ahead=ahead)


def drawn(message: Message, reader: Reader) -> str:
    """Return ``message`` as a person would read it, marks standing for the formatting."""
    lines = ["".join(_part(part, reader) for part in one) for one in message.lines]
    rows = [" ".join(f"[{one.label}]" for one in row) for row in message.buttons]
    return "\n".join(lines + rows)


def _part(part: Inline, reader: Reader) -> str:
    match part:
        case Link(text, url):
            return f"<{text}|{url}>"
        case Mention(name=name):
            return f"@{name}"
        case When(instant, zone, date_only):
            return when_text(instant, zone, reader, date_only)
        case _:
            mark = MARKS[type(part)]
            return f"{mark}{part.text}{mark}"
