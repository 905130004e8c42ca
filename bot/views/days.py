"""The days on which announcements may come."""

from babel import Locale

from bot.domain.message import Button, Message, line
from bot.domain.rest import WEEK
from bot.i18n import Texts

WORKDAYS = "12345"


def days_text(days: str, texts: Texts) -> str:
    """Return the days in words: all, a span, or one by one."""
    if not days or set(days) == set(WEEK):
        return texts("settings.days-all")
    names = [_name(day, texts) for day in sorted(days)]
    is_span = len(days) > 2 and days in WEEK
    return f"{names[0]}–{names[-1]}" if is_span else ", ".join(names)


def days_message(days: str, texts: Texts) -> Message:
    """Offer each day, the working days, and all; a press switches a day off or on."""
    chosen = set(days or WEEK)
    each = [
        Button(f"{'☑' if day in chosen else '☐'} {_name(day, texts)}", "set", f"day:{day}")
        for day in WEEK
    ]
    usual = (
        Button(days_text(WORKDAYS, texts), "set", f"days:{WORKDAYS}"),
        Button(texts("settings.days-all"), "set", f"days:{WEEK}"),
    )
    back = (Button(texts("button.back"), "set", ""),)
    rows = (tuple(each[:4]), tuple(each[4:]), usual, back)
    return Message((line(texts("settings.ask-days")),), rows)


def _name(day: str, texts: Texts) -> str:
    """Return the short name of a day; Babel counts from Monday as 0."""
    names = Locale.parse(texts.language).days["stand-alone"]["abbreviated"]
    return str(names[int(day) - 1])
