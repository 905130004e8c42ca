"""The forms in which staff write an announcement: from a template or not, and in each language.

Three are asked one after the other: which template, which event it is about (where it is
about one), and then everything, filled in already and free to change. What was chosen before
goes along as the last form's context, ``<template>:<event>``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.announcement import MOST_FILES, Announcement
from bot.domain.event import Event
from bot.domain.form import Choice, Field, FieldKind, Form
from bot.domain.message import ATTACHMENT_BYTES
from bot.domain.reader import Reader
from bot.i18n import Texts, languages, length_text, texts_for, when_text
from bot.views.labels import cut_label

TEMPLATE_FORM, EVENT_FORM, FORM = "announce-from", "announce-about", "announce"
LANGUAGE_FORM, WORDS_FORM = "announce-in", "announce-words"
NUMBER_FORM, CORRECT_FORM = "announce-n", "correct"
NO_TEMPLATE = "none"
AUDIENCE_HINT = "all · country:CN · tag:press · room:forum · org:cern or org:esrf"
"""Words of a language of its own, the same for everybody."""
WHEN_EXAMPLE = "2020-05-14 09:00"
WORDS = 3000
"""Characters of words that a form holds; Slack's limit for what is filled in."""
YES, NO = "yes", "no"


def template_form(names: Sequence[str], texts: Texts) -> Form:
    """Return the form in which a template is chosen, or none."""
    choices = (
        Choice(NO_TEMPLATE, texts("announce.no-template")),
        *(Choice(name, texts(f"template.{name}.name")) for name in names),
    )
    label = texts("announce.ask-template")
    fields = (Field("template", label, FieldKind.CHOICE, choices=choices),)
    title, submit = texts("announce.form"), texts("form.next")
    return Form(TEMPLATE_FORM, title, submit, texts.language, fields)


def event_form(template: str, events: Sequence[Event], zone: str, texts: Texts) -> Form:
    """Return the form in which the event is chosen that the template is about."""
    reader = Reader(texts.language, zone)
    choices = tuple(Choice(f"e{one.id}", _event_label(one, reader)) for one in events)
    label = texts("announce.ask-event")
    fields = (Field("event", label, FieldKind.CHOICE, choices=choices),)
    title, submit = texts(f"template.{template}.name"), texts("form.next")
    return Form(EVENT_FORM, title, submit, texts.language, fields, template)


def event_of(choice: str) -> str:
    """Return the event's number that a choice of :func:`event_form` stands for."""
    return choice.removeprefix("e")


def _event_label(event: Event, reader: Reader) -> str:
    """Two events may have the same title, so its day stands behind it."""
    title = cut_label(event.title(reader.language), 40)
    if event.start is None:
        return title
    day = when_text(event.start.instant, event.start.zone, reader, date_only=True)
    return cut_label(f"{title} · {day}")


def announce_form(
    texts: Texts,
    zone: str,
    given: Mapping[str, str] | None = None,
    *,
    context: str = "",
    has_buttons: bool = False,
    takes_files: bool = False,
) -> Form:
    """Return the form in which an announcement is written; ``given`` is filled in already.

    Args:
        has_buttons: It is about an event, so its answer buttons can go with it.
        takes_files: What is sent to us can be fetched, so pictures and files can go with it.
    """
    fields = [
        Field("title", texts("announce.ask-title"), longest=200),
        Field("text", texts("announce.ask-text"), FieldKind.LINES, longest=WORDS),
        Field("audience", texts("announce.ask-audience"), hint=AUDIENCE_HINT),
        Field(
            "when",
            texts("announce.ask-when"),
            hint=texts("announce.when-hint", example=WHEN_EXAMPLE),
        ),
        Field("clock", texts("announce.ask-clock"), FieldKind.CHOICE, choices=_clocks(texts, zone)),
        Field("confirm", texts("announce.ask-confirm"), FieldKind.CHOICE, choices=yes_no(texts)),
        Field(
            "late",
            texts("announce.ask-late"),
            hint=texts("announce.late-hint", example=WHEN_EXAMPLE),
        ),
    ]
    if has_buttons:
        label = texts("announce.ask-buttons")
        fields.append(Field("buttons", label, FieldKind.CHOICE, choices=yes_no(texts)))
    if takes_files:
        fields.append(_files(texts))
    first = {"audience": "all", "when": texts("announce.now"), "clock": "secretariat"}
    first |= {"confirm": NO, "late": texts("announce.no"), "buttons": NO, **(given or {})}
    filled = tuple(replace(one, initial=first.get(one.name, "")) for one in fields)
    title, submit = texts("announce.form"), texts("form.send")
    return Form(FORM, title, submit, texts.language, filled, context, keeps_rest=True)


def _files(texts: Texts) -> Field:
    limits = {"limit": MOST_FILES, "size": ATTACHMENT_BYTES // (1024 * 1024)}
    hint = texts("announce.files-hint", **limits)
    label = texts("announce.ask-files")
    return Field("files", label, FieldKind.FILES, hint=hint, required=False, longest=MOST_FILES)


def wall_clock(instant: datetime, zone: str) -> str:
    """Return ``instant`` as it is typed into these forms."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _clocks(texts: Texts, zone: str) -> tuple[Choice, ...]:
    return (
        Choice("secretariat", texts("announce.clock-ours", zone=zone)),
        Choice("reader", texts("announce.clock-theirs")),
    )


def yes_no(texts: Texts) -> tuple[Choice, ...]:
    """Return the two answers to a question that has no others."""
    return (Choice(NO, texts("announce.no")), Choice(YES, texts("announce.yes")))


def language_form(number: int, taken: Sequence[str], texts: Texts) -> Form:
    """Return the form in which an announcement is written in one more language."""
    free = [one for one in languages() if one not in taken]
    choices = tuple(Choice(one, texts_for(one)("language.name")) for one in free)
    fields = (
        Field("language", texts("announce.ask-language"), FieldKind.CHOICE, choices=choices),
        Field("title", texts("announce.ask-title"), longest=200),
        Field("text", texts("announce.ask-text"), FieldKind.LINES, longest=WORDS),
    )
    title, send = texts("announce.form-language"), texts("form.send")
    return Form(LANGUAGE_FORM, title, send, texts.language, fields, str(number))


def number_form(number: int, texts: Texts) -> Form:
    """Return the form in which staff type how many chats an announcement goes to."""
    fields = (Field("count", texts("announce.ask-count"), longest=12),)
    title, send = texts("announce.form-count"), texts("button.a-approve")
    return Form(NUMBER_FORM, title, send, texts.language, fields, str(number))


def correct_form(found: Announcement, language: str, seconds: float, texts: Texts) -> Form:
    """Return the form in which the words of one language are corrected.

    Whoever fills it in reads first how long it takes until every copy has the new words.
    """
    follow = (
        Choice("none", texts("announce.follow-none")),
        Choice("failed", texts("announce.follow-failed")),
        Choice("all", texts("announce.follow-all")),
    )
    asked = Field("follow", texts("announce.ask-follow"), FieldKind.CHOICE, "none", choices=follow)
    form = _words_form(CORRECT_FORM, "announce.form-correct", found, language, texts, asked)
    if seconds < 1:
        return form
    length = length_text(timedelta(seconds=seconds), texts.language)
    first, *others = form.fields
    first = replace(first, hint=texts("announce.takes-correct", length=length))
    return replace(form, fields=(first, *others))


def words_form(found: Announcement, language: str, texts: Texts) -> Form:
    """Return the form in which the words of one language of a draft are changed."""
    return _words_form(WORDS_FORM, "announce.form-words", found, language, texts)


def _words_form(
    name: str, title: str, found: Announcement, language: str, texts: Texts, *more: Field
) -> Form:
    body = found.body(language)
    fields = (
        Field("title", texts("announce.ask-title"), initial=body.title, longest=200),
        Field("text", texts("announce.ask-text"), FieldKind.LINES, body.text, longest=WORDS),
        *more,
    )
    context = f"{found.id}:{body.language}:{found.revision}"
    return Form(name, texts(title), texts("form.send"), texts.language, fields, context)
