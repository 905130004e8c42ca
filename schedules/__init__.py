"""What happens by itself, and how often. APScheduler only rings; the tables are the truth."""

from schedules import (
    announcements,
    changes,
    events,
    inbox,
    late_copies,
    latecomers,
    opening,
    privacy,
    progress,
    quiet,
    recognition,
    reconciliation,
    rooms,
    unserved,
    waitlist,
)
from schedules.job import Job

JOBS: tuple[Job, ...] = (
    announcements.job,
    changes.job,
    events.job,
    inbox.job,
    late_copies.job,
    latecomers.job,
    opening.job,
    privacy.job,
    progress.job,
    quiet.job,
    recognition.job,
    reconciliation.job,
    rooms.job,
    unserved.job,
    waitlist.job,
)
