"""What one can choose for oneself: the card, and the questions behind its buttons."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.form import Field, Form
from bot.domain.message import Bold, Button, Line, Message, line, plain
from bot.domain.preferences import Preferences, Topic
from bot.domain.reader import Reader
from bot.i18n import Texts, languages, texts_for, venue_text
from bot.views.days import days_text
from bot.views.labels import command_button, cut_label

ZONE_FORM, QUIET_FORM = "zone", "quiet"
_PLATFORMS = {"telegram": "Telegram", "slack": "Slack"}
USUAL_HOURS = ("22:00–07:00", "20:00–08:00")


def settings_card(
    chosen: Preferences, reader: Reader, platforms: Sequence[str], now: datetime, texts: Texts
) -> Message:
    """Return what is set, and buttons to change it."""
    clock = venue_text(now, reader.zone, texts.language)
    zone = texts("settings.chosen" if chosen.zone else "settings.not-chosen", value=clock)
    quiet = chosen.quiet.text if chosen.quiet else texts("settings.quiet-none")
    quiet = texts("settings.inherited", value=quiet) if "quiet" in chosen.inherited else quiet
    days = days_text(chosen.days, texts)
    days = texts("settings.inherited", value=days) if "days" in chosen.inherited else days
    messenger = platform_label(chosen.messenger, texts)
    topics = " · ".join(_topic(one, texts) for one in Topic if one not in chosen.muted)
    lines: list[Line] = [
        line(Bold(texts("settings.title"))),
        texts.line("settings.language", value=Bold(texts("language.name"))),
        texts.line("settings.zone", value=Bold(zone)),
        texts.line("settings.messenger", value=Bold(messenger)),
        texts.line("settings.topics", value=Bold(topics or texts("settings.topics-none"))),
        texts.line("settings.quiet", value=Bold(quiet)),
        texts.line("settings.days", value=Bold(days)),
        line(texts("settings.quiet-why")),
    ]
    second = [Button(texts("button.topics"), "set", "topics")]
    if len(platforms) > 1 or chosen.messenger:
        second.insert(0, Button(texts("button.messenger"), "set", "messenger"))
    rows = (
        (
            Button(texts("button.language"), "set", "language"),
            Button(texts("button.zone"), "set", "zone"),
        ),
        tuple(second),
        (
            Button(texts("button.quiet"), "set", "quiet"),
            Button(texts("button.days"), "set", "days"),
        ),
        (command_button(texts, "privacy", "button.privacy"),),
    )
    return Message(tuple(lines), rows)


def language_message(texts: Texts) -> Message:
    """Offer the languages, each by its own name."""
    buttons = [
        Button(texts_for(one)("language.name"), "set", f"language:{one}") for one in languages()
    ]
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Message((line(texts("settings.ask-language")),), rows)


def messenger_message(platforms: Sequence[str], texts: Texts) -> Message:
    """Offer the person's messengers, and all of them."""
    buttons = [Button(platform_label(one, texts), "set", f"messenger:{one}") for one in platforms]
    buttons.append(Button(platform_label("", texts), "set", "messenger:"))
    return Message((line(texts("settings.ask-messenger")),), (tuple(buttons), _back(texts)))


def topics_message(chosen: Preferences, texts: Texts) -> Message:
    """Offer the topics; a press switches one off or on."""
    rows = [
        (
            Button(
                f"{'☐' if one in chosen.muted else '☑'} {_topic(one, texts)}",
                "set",
                f"topic:{one.value}",
            ),
        )
        for one in Topic
    ]
    return Message((line(texts("settings.ask-topics")),), (*rows, _back(texts)))


def quiet_message(texts: Texts) -> Message:
    """Offer usual hours, others, and none."""
    usual = tuple(Button(one, "set", f"quiet:{one}") for one in USUAL_HOURS)
    others = (
        Button(texts("button.other"), "set", "quiet-other"),
        Button(texts("settings.quiet-none"), "set", "quiet:"),
    )
    return Message((line(texts("settings.ask-quiet")),), (usual, others, _back(texts)))


def zones_message(zones: Sequence[str], now: datetime, texts: Texts) -> Message:
    """Ask which of several zones was meant, each with its present time."""
    rows = tuple(
        (Button(cut_label(venue_text(now, one, texts.language)), "set", f"zone:{one}"),)
        for one in zones
    )
    return Message((line(texts("settings.which-zone")),), rows)


def zone_form(texts: Texts) -> Form:
    """Ask for a time zone in words."""
    field = Field("zone", texts("settings.ask-zone"), hint=texts("settings.zone-hint"), longest=60)
    return Form(ZONE_FORM, texts("button.zone"), texts("form.send"), texts.language, (field,))


def quiet_form(texts: Texts) -> Form:
    """Ask for quiet hours in words."""
    field = Field("hours", texts("settings.ask-hours"), hint="22:00–07:00", longest=20)
    return Form(QUIET_FORM, texts("button.quiet"), texts("form.send"), texts.language, (field,))


def settings_unknown(texts: Texts) -> Message:
    """Tell somebody whom nobody knows yet that there is nothing to keep for them."""
    button = Button(texts("button.introduce"), "introduce")
    return Message((line(texts("settings.unknown")),), ((button,),))


def no_zone(texts: Texts) -> Message:
    """Say that a text named no zone."""
    return plain(texts("settings.no-zone"))


def platform_label(platform: str, texts: Texts) -> str:
    """Return the messenger's name, or that it is all of them."""
    if not platform:
        return texts("settings.all-messengers")
    return _PLATFORMS.get(platform, platform.capitalize())


def _topic(topic: Topic, texts: Texts) -> str:
    return texts(f"topic.{topic.value}")


def _back(texts: Texts) -> tuple[Button, ...]:
    return (Button(texts("button.back"), "set", ""),)
