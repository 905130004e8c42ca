"""What staff see of announcements in the chat: the card, the list, the report."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.announcement import Announcement, AnnouncementState
from bot.domain.announcement_reach import Reach
from bot.domain.announcement_reply import ReplyCount
from bot.domain.announcement_report import Report, Status
from bot.domain.message import Bold, Button, Italic, Line, Message, When, line
from bot.domain.timing import Timing
from bot.i18n import Texts, languages, length_text, texts_for, venue_text
from bot.views.announcement_replies import count_lines, replies_button
from bot.views.labels import cut_label

ACTION = "announcement"
LISTED = 8
NAMED = 15
"""Chats that are named in a report; the command line names all."""
_S = AnnouncementState


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
    if one.files:
        lines.append(line(texts("announce.files", names=", ".join(f.name for f in one.files))))
    if one.frozen_at is None:
        lines += _out_of_reach(status.reach, texts)
    elif status.without:
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
        f"{name.capitalize()} {texts.number(count)}" for name, count in status.reach.chats.items()
    )
    people = texts.plural("announce.people", status.people)
    organisations = texts.plural("announce.organisations", status.organisations)
    return texts("announce.whom", people=people, organisations=organisations, chats=chats or "0")


def _out_of_reach(reach: Reach, texts: Texts) -> list[Line]:
    """Say whom it would not reach, and why, while something can be done about it."""
    if not reach.in_vain:
        return []
    lines: list[Line] = [(), line(Bold(texts.plural("announce.in-vain", reach.in_vain)))]
    lines += [_missed(one.who, one.platform, one.reason, texts) for one in reach.missed]
    if reach.in_vain > len(reach.missed):
        more = reach.in_vain - len(reach.missed)
        lines.append(line(Italic(texts.plural("announce.report-more", more))))
    nobody = [one for one in reach.organisations if not one.reachable and one.names]
    if nobody:
        names = ", ".join(
            one.names.get(texts.language) or one.names.get("", one.slug) for one in nobody
        )
        lines += [line(texts("announce.nobody-of")), line(cut_label(names, 1500))]
    return [*lines, ()]


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
    _S.DRAFT: (("preview",), ("words", "language"), ("approve", "drop")),
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
    if one.corrects is not None:
        rows = [[what for what in row if what != "correct"] for row in rows]
    elif one.state is _S.SENT and one.acknowledge:
        rows[-1].insert(0, "chase")
    if one.state is _S.CANCELLED and one.frozen_at is not None:
        rows[0].append("recall")
    acts = tuple(tuple(_button(what, one.id, texts) for what in row) for row in rows)
    return (*acts, *replies)


def _button(what: str, number: int, texts: Texts) -> Button:
    return Button(texts(f"button.a-{what}"), ACTION, f"{number}:{what}")


def ask_recall(found: Announcement, seconds: float, texts: Texts) -> Message:
    """Ask once more before everything is deleted, and say how long that takes."""
    rows = (_button("recall-yes", found.id, texts), _button("card", found.id, texts))
    lines = [line(texts("announce.ask-recall", title=found.title))]
    if seconds >= 1:
        lines.append(line(texts("announce.takes-recall", length=_length(seconds, texts))))
    return Message(tuple(lines), (rows,))


def being_changed(kind: str, seconds: float, texts: Texts) -> Message:
    """Say that copies are being edited or deleted, and how long that takes about."""
    return Message((line(texts(f"announce.being-{kind}", length=_length(seconds, texts))),))


def choose_language(found: Announcement, what: str, texts: Texts) -> Message:
    """Ask in which language the words are to be corrected, or changed: ``what`` says which."""
    buttons = tuple(
        Button(texts_for_name(body.language), ACTION, f"{found.id}:{what}-{body.language}")
        for body in found.bodies
    )
    back = (_button("card", found.id, texts),)
    return Message((line(texts(f"announce.which-{what}")),), (buttons, back))


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
    by_hand = sum(org.by_hand > 0 and not org.reached for org in report.organisations)
    if by_hand:
        lines.append(line(texts.plural("announce.report-by-hand", by_hand)))
    silent = [org for org in report.organisations if not (org.reached or org.by_hand) and org.names]
    if silent:
        names = ", ".join(org.names.get(language) or org.names.get("", org.slug) for org in silent)
        lines += [(), line(texts("announce.report-silent")), line(cut_label(names, 1500))]
    if report.unreached:
        lines += [(), line(Bold(texts("announce.report-unreached")))]
        lines += [_missed(whom, on, why, texts) for _, why, on, whom in report.unreached[:NAMED]]
        if len(report.unreached) > NAMED:
            more = len(report.unreached) - NAMED
            lines.append(line(Italic(texts.plural("announce.report-more", more))))
    if report.elsewhere:
        lines.append(line(texts.plural("announce.report-elsewhere", report.elsewhere)))
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


def _missed(whom: str, platform: str, reason: str, texts: Texts) -> Line:
    word = reason.partition(":")[0]
    why = texts.get(f"reason.{word}") or texts("reason.unclear")
    where = f" ({platform.capitalize()})" if platform else ""
    return line(f"• {whom}{where}: {why}")
