"""What staff see of announcements in the chat: the form, the card, the list, the report."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.announcement import Announcement, AnnouncementState
from bot.domain.announcement_reply import ReplyCount
from bot.domain.announcement_report import Report, Status
from bot.domain.form import Choice, Field, FieldKind, Form
from bot.domain.message import Bold, Button, Italic, Line, Message, When, line
from bot.domain.timing import Timing
from bot.i18n import Texts, languages, length_text, texts_for, venue_text
from bot.views.announcement_replies import count_lines, replies_button
from bot.views.labels import cut_label

FORM, LANGUAGE_FORM, NUMBER_FORM, CORRECT_FORM = "announce", "announce-in", "announce-n", "correct"
ACTION = "announcement"
AUDIENCE_HINT = "all · country:CN · tag:press · room:forum · org:cern or org:esrf"
"""Words of a language of its own, the same for everybody."""
WHEN_EXAMPLE = "2020-05-14 09:00"
LISTED = 8
WORDS = 3000
"""Characters of words that a form holds; Slack's limit for what is filled in."""
NAMED = 15
"""Chats that are named in a report; the command line names all."""
_S = AnnouncementState


def announce_form(texts: Texts, zone: str, given: dict[str, str] | None = None) -> Form:
    """Return the form in which an announcement is written; ``given`` is filled in already."""
    given = given or {}
    fields = (
        Field("title", texts("announce.ask-title"), longest=200),
        Field("text", texts("announce.ask-text"), FieldKind.LINES, longest=WORDS),
        Field("audience", texts("announce.ask-audience"), hint=AUDIENCE_HINT),
        Field(
            "when",
            texts("announce.ask-when"),
            hint=texts("announce.when-hint", example=WHEN_EXAMPLE),
        ),
        Field("clock", texts("announce.ask-clock"), FieldKind.CHOICE, choices=_clocks(texts, zone)),
        Field("confirm", texts("announce.ask-confirm"), FieldKind.CHOICE, choices=_yes_no(texts)),
    )
    first = {"audience": "all", "when": texts("announce.now"), "clock": "secretariat"}
    first |= {"confirm": "no", **given}
    filled = tuple(_filled(one, first.get(one.name, "")) for one in fields)
    return Form(FORM, texts("announce.form"), texts("form.send"), texts.language, filled)


def _filled(one: Field, initial: str) -> Field:
    return Field(
        one.name, one.label, one.kind, initial, one.hint, longest=one.longest, choices=one.choices
    )


def _clocks(texts: Texts, zone: str) -> tuple[Choice, ...]:
    return (
        Choice("secretariat", texts("announce.clock-ours", zone=zone)),
        Choice("reader", texts("announce.clock-theirs")),
    )


def _yes_no(texts: Texts) -> tuple[Choice, ...]:
    return (Choice("no", texts("announce.no")), Choice("yes", texts("announce.yes")))


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


def correct_form(found: Announcement, language: str, texts: Texts) -> Form:
    """Return the form in which the words of one language are corrected."""
    body = found.body(language)
    follow = (
        Choice("none", texts("announce.follow-none")),
        Choice("failed", texts("announce.follow-failed")),
        Choice("all", texts("announce.follow-all")),
    )
    fields = (
        Field("title", texts("announce.ask-title"), initial=body.title, longest=200),
        Field("text", texts("announce.ask-text"), FieldKind.LINES, body.text, longest=WORDS),
        Field("follow", texts("announce.ask-follow"), FieldKind.CHOICE, "none", choices=follow),
    )
    title, send = texts("announce.form-correct"), texts("form.send")
    context = f"{found.id}:{body.language}"
    return Form(CORRECT_FORM, title, send, texts.language, fields, context)


def status_card(status: Status, now: datetime, texts: Texts) -> Message:
    """Return how an announcement stands, with what can be done about it."""
    one = status.announcement
    lines: list[Line] = [
        line(Bold(one.title)),
        line(_state(one, texts)),
        *_when(status, now, texts),
        line(_whom(status, texts)),
        line(
            texts(
                "announce.languages",
                languages=", ".join(texts_for_name(b.language) for b in one.bodies),
            )
        ),
    ]
    lines += count_lines(status.replies, texts)
    if status.without:
        lines.append(line(texts.plural("announce.without", status.without)))
    if one.frozen_at is not None:
        lines += [(), *_progress(status, texts)]
    elif one.state in (_S.DRAFT, _S.REVIEW, _S.APPROVED, _S.SCHEDULED) and status.seconds >= 1:
        lines.append(line(texts("announce.takes", length=_length(status.seconds, texts))))
    return Message(tuple(lines), _buttons(one, status.replies, texts))


def texts_for_name(language: str) -> str:
    """Return how the language calls itself, or its code where we have no catalog of it."""
    return texts_for(language)("language.name") if language in languages() else language


def _state(one: Announcement, texts: Texts) -> str:
    return texts("announce.state.recalled" if one.recalled_at else f"announce.state.{one.state}")


def _when(status: Status, now: datetime, texts: Texts) -> list[Line]:
    one = status.announcement
    if one.waits_for_date:
        return [line(texts("announce.when-no-date", event=one.before_event))]
    if one.state not in (_S.DRAFT, _S.REVIEW, _S.APPROVED, _S.SCHEDULED, _S.MISSED):
        return []
    if one.timing is Timing.READER:
        return [line(texts("announce.when-reader", clock=f"{one.due_local:%Y-%m-%d %H:%M}"))]
    if one.state in (_S.DRAFT, _S.REVIEW) and one.due <= now:
        return [line(texts("announce.when-approved"))]
    lines = [texts.line("announce.when", when=When(one.due, one.zone))]
    there = [venue_text(one.due, zone, texts.language) for zone, _n in status.zones[:4]]
    if len(there) > 1:
        lines.append(line(texts("announce.there", clocks=" · ".join(there))))
    left = (one.due - now).total_seconds()
    if left >= 60:
        lines.append(line(texts("announce.countdown", length=_length(left, texts))))
    return lines


def _whom(status: Status, texts: Texts) -> str:
    chats = " · ".join(
        f"{name.capitalize()} {texts.number(count)}" for name, count in status.chats.items()
    )
    people = texts.plural("announce.people", status.people)
    organisations = texts.plural("announce.organisations", status.organisations)
    return texts("announce.whom", people=people, organisations=organisations, chats=chats or "0")


def _progress(status: Status, texts: Texts) -> list[Line]:
    tally = status.tally
    left = tally.pending + tally.claimed + tally.sending
    total = tally.total - tally.skipped
    done = texts("announce.progress", done=tally.delivered, total=total)
    lines = [line(Bold(_bar(tally.delivered, total)), " ", done)]
    for key, count in (
        ("failed", tally.failed),
        ("unconfirmed", tally.unconfirmed),
        ("skipped", tally.skipped),
        ("confirmed", status.acknowledged),
    ):
        if count:
            lines.append(line(texts.plural(f"announce.{key}", count)))
    if left and status.seconds >= 1 and status.announcement.state is _S.SENDING:
        lines.append(line(texts("announce.left", length=_length(status.seconds, texts))))
    return lines


def _bar(done: int, total: int) -> str:
    filled = 10 if total <= 0 else done * 10 // total
    return "▓" * filled + "░" * (10 - filled)


def _length(seconds: float, texts: Texts) -> str:
    return length_text(timedelta(seconds=max(seconds, 1)), texts.language)


_CHOICES: dict[AnnouncementState, tuple[tuple[str, ...], ...]] = {
    _S.DRAFT: (("preview", "language"), ("approve", "drop")),
    _S.REVIEW: (("preview",), ("approve", "drop")),
    _S.APPROVED: (("preview",), ("drop",)),
    _S.SCHEDULED: (("preview",), ("drop",)),
    _S.SENDING: (("pause", "stop-sending"), ("refresh", "report")),
    _S.PAUSED: (("resume-sending", "stop-sending"), ("refresh", "report")),
    _S.SENT: (("report", "correct"), ("recall",)),
    _S.CANCELLED: (("report",),),
    _S.MISSED: (("report",),),
}
"""What can be done in each state, by rows of buttons."""


def _buttons(one: Announcement, count: ReplyCount, texts: Texts) -> tuple[tuple[Button, ...], ...]:
    replies = ((replies_button(one.id, texts),),) if count.replies else ()
    if one.recalled_at is not None:
        return ((_button("report", one.id, texts),), *replies)
    rows = [list(row) for row in _CHOICES[one.state]]
    if one.state is _S.SENT and one.acknowledge:
        rows[-1].insert(0, "chase")
    if one.state is _S.CANCELLED and one.frozen_at is not None:
        rows[0].append("recall")
    acts = tuple(tuple(_button(what, one.id, texts) for what in row) for row in rows)
    return (*acts, *replies)


def _button(what: str, number: int, texts: Texts) -> Button:
    return Button(texts(f"button.a-{what}"), ACTION, f"{number}:{what}")


def ask_recall(found: Announcement, texts: Texts) -> Message:
    """Ask once more before everything is deleted."""
    rows = (_button("recall-yes", found.id, texts), _button("card", found.id, texts))
    return Message((line(texts("announce.ask-recall", title=found.title)),), (rows,))


def being_changed(kind: str, seconds: float, texts: Texts) -> Message:
    """Say that copies are being edited or deleted, and how long that takes about."""
    return Message((line(texts(f"announce.being-{kind}", length=_length(seconds, texts))),))


def choose_language(found: Announcement, texts: Texts) -> Message:
    """Ask in which language the words are to be corrected."""
    buttons = tuple(
        Button(texts_for_name(body.language), ACTION, f"{found.id}:correct-{body.language}")
        for body in found.bodies
    )
    back = (_button("card", found.id, texts),)
    return Message((line(texts("announce.which-language")),), (buttons, back))


def announcements_list(found: Sequence[Announcement], texts: Texts) -> Message:
    """Return the newest announcements, each with a button that shows it."""
    if not found:
        return Message((line(texts("announce.none")),))
    rows = tuple(
        (Button(cut_label(f"{_state(one, texts)}: {one.title}"), ACTION, f"{one.id}:show"),)
        for one in found[:LISTED]
    )
    return Message((line(Bold(texts("announce.list"))),), rows)


def report_message(report: Report, language: str, texts: Texts) -> Message:
    """Return what became of it: organisations first, then who was not reached."""
    one = report.announcement
    reached = sum(org.reached > 0 for org in report.organisations)
    confirmed = sum(org.acknowledged > 0 for org in report.organisations)
    total = len(report.organisations)
    lines: list[Line] = [
        line(Bold(one.title)),
        line(texts("announce.report-reached", reached=reached, total=total)),
    ]
    if one.acknowledge:
        lines.append(line(texts("announce.report-confirmed", confirmed=confirmed, total=total)))
    lines += count_lines(report.replies, texts)
    silent = [org for org in report.organisations if not org.reached and org.names]
    if silent:
        names = ", ".join(org.names.get(language) or org.names.get("", org.slug) for org in silent)
        lines += [(), line(texts("announce.report-silent")), line(cut_label(names, 1500))]
    if report.unreached:
        lines += [(), line(Bold(texts("announce.report-unreached")))]
        lines += [_unreached(row, texts) for row in report.unreached[:NAMED]]
        if len(report.unreached) > NAMED:
            more = len(report.unreached) - NAMED
            lines.append(line(Italic(texts.plural("announce.report-more", more))))
    for change in report.changes:
        key = f"announce.change.{change.change.kind.value}"
        lines.append(line(texts(key, done=change.done, failed=len(change.failed))))
    if report.resent:
        lines.append(line(texts.plural("announce.resent", report.resent)))
    buttons = [_button("card", one.id, texts)]
    if report.tally.unconfirmed and not one.recalled_at:
        buttons.insert(0, _button("resend", one.id, texts))
    if report.replies.replies:
        buttons.insert(0, replies_button(one.id, texts))
    return Message(tuple(lines), (tuple(buttons),))


def _unreached(row: tuple[str, str, str, str], texts: Texts) -> Line:
    _state_word, reason, platform, whom = row
    word = reason.partition(":")[0]
    why = texts.get(f"reason.{word}") or texts("reason.unclear")
    return line(f"• {whom} ({platform.capitalize()}): {why}")
