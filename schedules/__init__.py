"""What happens by itself, and how often. APScheduler only rings; the tables are the truth."""

from schedules import (
    announcements,
    inbox,
    privacy,
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
    inbox.job,
    privacy.job,
    quiet.job,
    recognition.job,
    reconciliation.job,
    rooms.job,
    unserved.job,
    waitlist.job,
)
