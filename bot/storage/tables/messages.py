"""What comes in and what goes out."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field

from bot.storage.tables.base import BIG_ID, Table

A_REPLY, A_CHANGE = "inbox_id IS NOT NULL", "change_id IS NOT NULL"
NO_COPY, HAS_MESSAGE = "announcement_id IS NULL", "message_id <> ''"


def _where(condition: str) -> dict[str, Any]:
    """Return what makes an index hold those rows only, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Announcement(Table, table=True):
    """An announcement; ``due_local`` and ``zone`` are what was meant, ``due_at`` its instant.

    ``timing`` says whose clock ``due_local`` is read on, or that an event moves it;
    ``revision`` counts its corrections, from 1; ``laid_out`` is the newest revision for which
    the ledger has as many parts as its words: until it is ``revision``, nothing is claimed.
    ``chases_id`` is the announcement that it reminds of, ``series_id`` the first of those that
    it repeats.
    """

    __tablename__ = "announcement"
    __table_args__ = (
        Index("ix_announcement_due", "state", "due_at"),
        UniqueConstraint("series_id", "due_local"),
    )
    id: int | None = Field(default=None, primary_key=True)
    title: str
    state: str
    audience: str = Field(sa_type=Text)
    due_at: datetime
    due_local: str
    zone: str
    rsvp_event_id: int | None = Field(default=None, foreign_key="event.id")
    topic: str = "news"
    created_by: str
    created_at: datetime
    freeze_cursor: int = 0
    frozen_at: datetime | None = None
    timing: str = "instant"
    before_event_id: int | None = Field(default=None, foreign_key="event.id")
    before_seconds: int = 0
    repeat: str = ""
    repeat_until: str = ""
    series_id: int | None = Field(default=None, foreign_key="announcement.id")
    late_until: datetime | None = None
    acknowledge: bool = False
    revision: int = 1
    laid_out: int = 1
    chases_id: int | None = Field(default=None, foreign_key="announcement.id")
    recalled_at: datetime | None = None


class AnnouncementBody(Table, table=True):
    """An announcement's words in one language; ``position`` 0 is the default one."""

    __tablename__ = "announcement_body"
    announcement_id: int = Field(foreign_key="announcement.id", primary_key=True)
    language: str = Field(primary_key=True)
    position: int = 0
    title: str
    text: str = Field(sa_type=Text)


class AnnouncementWording(Table, table=True):
    """Words that were sent once and have been corrected since."""

    __tablename__ = "announcement_wording"
    announcement_id: int = Field(foreign_key="announcement.id", primary_key=True)
    revision: int = Field(primary_key=True)
    language: str = Field(primary_key=True)
    title: str
    text: str = Field(sa_type=Text)


class AnnouncementFile(Table, table=True):
    """A file that goes with an announcement; with ``organisation_id`` to that one only."""

    __tablename__ = "announcement_file"
    id: int | None = Field(default=None, primary_key=True)
    announcement_id: int = Field(foreign_key="announcement.id", index=True)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    name: str
    media_type: str
    size: int
    content: bytes = Field(sa_type=LargeBinary)


class AnnouncementChange(Table, table=True):
    """A correction or recall of copies that stand in chats. States: ``bot.domain.change``.

    ``telling_id`` is the announcement that tells the corrected words anew.
    """

    __tablename__ = "announcement_change"
    id: int | None = Field(default=None, primary_key=True)
    announcement_id: int = Field(foreign_key="announcement.id", index=True)
    kind: str
    follow: str = "none"
    revision: int
    state: str = Field(default="open", index=True)
    created_by: str
    created_at: datetime
    finished_at: datetime | None = None
    telling_id: int | None = Field(default=None, foreign_key="announcement.id", unique=True)


class Acknowledgement(Table, table=True):
    """A person has confirmed that they have read an announcement."""

    __tablename__ = "acknowledgement"
    announcement_id: int = Field(foreign_key="announcement.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    at: datetime


class AnnouncementReply(Table, table=True):
    """What a reader wrote to an announcement. ``met``: ``bot.domain.announcement_reply``.

    ``question_id`` is the question that it became for the secretariat; ``quoted`` says that
    the reader named the announcement, and did not only write after it.
    """

    __tablename__ = "announcement_reply"
    id: int | None = Field(default=None, primary_key=True)
    announcement_id: int = Field(foreign_key="announcement.id", index=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    room_id: int | None = Field(default=None, foreign_key="room.id")
    question_id: int | None = Field(default=None, foreign_key="question.id")
    text: str = Field(sa_type=Text)
    met: str
    quoted: bool
    said_at: datetime


class AnnouncementCard(Table, table=True):
    """A message of ours that shows staff how far an announcement is; it is edited in place."""

    __tablename__ = "announcement_card"
    announcement_id: int = Field(foreign_key="announcement.id", primary_key=True)
    address_id: int = Field(foreign_key="address.id", primary_key=True)
    message_id: str
    person_id: int = Field(foreign_key="person.id", index=True)
    shown: str = ""


class ReachedByHand(Table, table=True):
    """Staff have reached a person otherwise: ``how`` is email or phone."""

    __tablename__ = "reached_by_hand"
    announcement_id: int = Field(foreign_key="announcement.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    how: str
    day: str
    noted_by: str
    at: datetime


class Delivery(Table, table=True):
    """The ledger: one row a part and address. States: ``bot.domain.delivery``.

    Announcements are rendered when they are sent (``payload`` is NULL); replies carry
    their rendered part. ``epoch`` is the lease's number under which the row was claimed,
    ``later_since`` the epoch second since when its chat says "later" and nothing else.
    ``not_before`` keeps it for the end of the reader's quiet hours, ``introduce`` adds who
    writes and why, ``trace`` is the id of its cause in the logs. ``revision`` is that of the
    words that were sent; a row of a change names it, and the ``source_id`` that it changes.
    ``resent`` counts how often staff had it sent again.

    A million rows are written at once when an audience is fixed, so each index and foreign
    key has to earn its place (decision 0047). ``address_id`` and ``announcement_id`` name rows
    that nothing ever deletes and have none; copies of announcements are found by address
    through :func:`bot.storage.ledger_looks.at_address`.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("announcement_id", "address_id", "part"),
        Index("ix_delivery_reply", "inbox_id", "ordinal", "part", unique=True, **_where(A_REPLY)),
        Index("ix_delivery_claim", "platform", "account", "lane", "state", "not_before", "id"),
        Index("ix_delivery_tally", "announcement_id", "state"),
        Index("ix_delivery_address", "address_id", "lane", "state", **_where(NO_COPY)),
        Index("ix_delivery_message", "address_id", "message_id", **_where(HAS_MESSAGE)),
        Index(
            "ix_delivery_change", "change_id", "source_id", "kind", unique=True, **_where(A_CHANGE)
        ),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    lane: int
    kind: str = "send"
    platform: str
    account: str
    address_id: int
    person_id: int | None = Field(default=None, foreign_key="person.id")
    announcement_id: int | None = None
    inbox_id: int | None = Field(default=None, foreign_key="inbox.id", sa_type=BIG_ID)
    ordinal: int = 0
    part: int = 1
    language: str = ""
    zone: str = ""
    payload: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    summary: str = Field(default="", sa_type=Text)
    target: str = ""
    state: str = "pending"
    epoch: int = 0
    attempts: int = 0
    reason: str = ""
    message_id: str = ""
    sending_epoch: float = 0.0
    later_since: float = 0.0
    moves: int = 0
    not_before: datetime | None = None
    introduce: bool = False
    trace: str = ""
    finished_at: datetime | None = None
    revision: int = 0
    change_id: int | None = Field(default=None, foreign_key="announcement_change.id")
    source_id: int | None = Field(default=None, sa_type=BIG_ID)
    resent: int = 0


class Inbox(Table, table=True):
    """What reached us, before anybody acted on it."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("platform", "account", "delivery_id"),
        Index("ix_inbox_open", "state", "id"),
        Index(
            "ix_inbox_unfinished",
            "conversation",
            "id",
            sqlite_where=text("state IN ('new', 'claimed')"),
            postgresql_where=text("state IN ('new', 'claimed')"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    platform: str
    account: str
    delivery_id: str
    conversation: str
    payload: dict[str, Any] = Field(sa_type=JSON)
    state: str = "new"
    claimed_by: str = ""
    attempts: int = 0
    error: str = ""
    trace: str = ""
    received_at: datetime
    handled_at: datetime | None = None


class Dialog(Table, table=True):
    """A conversation of several steps."""

    __tablename__ = "dialog"
    conversation: str = Field(primary_key=True)
    account_id: int = Field(foreign_key="account.id", primary_key=True)
    form: str
    step: str
    answers: dict[str, str] = Field(sa_type=JSON)
    version: int = 1
    expires_at: datetime


class Question(Table, table=True):
    """A question that the data could not answer; the secretariat sees it."""

    __tablename__ = "question"
    id: int | None = Field(default=None, primary_key=True)
    text: str = Field(sa_type=Text)
    account_id: int = Field(foreign_key="account.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    conversation: str
    state: str = "asked_secretariat"
    asked_at: datetime
