"""What the secretariat is asked in its own chats."""

from datetime import datetime

from bot.domain.announcement import Announcement, AnnouncementState
from bot.domain.message import Bold, Button, Message, When, line, plain
from bot.i18n import Texts


def missed_message(announcement: Announcement, texts: Texts) -> Message:
    """Ask whether an announcement that is late after downtime shall still go out."""
    due = When(announcement.due, announcement.zone)
    said = texts.line("staff.missed", title=Bold(announcement.title), due=due)
    buttons = (
        Button(texts("button.send-now"), "late", f"{announcement.id}:send"),
        Button(texts("button.cancel-late"), "late", f"{announcement.id}:cancel"),
    )
    return Message((said, line(texts("staff.missed-ask"))), (buttons,))


def late_decided_message(announcement: Announcement, texts: Texts) -> Message:
    """Say what was decided about a late announcement."""
    cancelled = announcement.state is AnnouncementState.CANCELLED
    key = "staff.late-cancelled" if cancelled else "staff.late-sending"
    return plain(texts(key, title=announcement.title))


def late_copies_message(
    announcement: Announcement, chats: int, since: datetime, texts: Texts
) -> Message:
    """Ask whether copies still go out whose readers' own hour passed during a downtime."""
    due = When(since, announcement.zone)
    said = texts.line("staff.late-copies", title=Bold(announcement.title), due=due)
    buttons = (
        Button(texts("button.late-copies-send"), "latecopies", f"{announcement.id}:send"),
        Button(texts("button.late-copies-leave"), "latecopies", f"{announcement.id}:leave"),
    )
    count = line(texts("staff.late-copies-chats", count=chats))
    return Message((said, count, line(texts("staff.late-copies-ask"))), (buttons,))


def late_copies_decided_message(announcement: Announcement, sent: bool, texts: Texts) -> Message:
    """Say what was decided about late copies."""
    key = "staff.late-copies-sending" if sent else "staff.late-copies-left"
    return plain(texts(key, title=announcement.title))
