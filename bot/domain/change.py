"""Changing copies of an announcement that stand in chats already.

::

    open → done     every copy was tried; a platform's no, and a lost answer, are listed

A *correction* edits each copy in place: the copies are the rows of the announcement that were
delivered with an older ``revision`` of its words. First the parts that have not left are laid
out anew, as many as the new words need, and until then nothing of the announcement leaves. A
newer correction ends an older one: what that has not edited yet, the newer one will.

A *recall* deletes each copy; where that is not possible any more, the copy becomes a line that
says that it was withdrawn. It ends every correction.

Both are ledger rows of their own (``change_id``, ``source_id``), so a crash loses and doubles
none: one row a copy, and changes can be repeated without harm.

Whoever shall read the corrected words as a new message gets them by an announcement of its own,
with everything that holds for announcements: approval, quiet hours, parts, a report, a recall.
It is corrected and recalled together with the first one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What happens to the copies."""

    CORRECT = "correct"
    RECALL = "recall"


class Follow(StrEnum):
    """Who gets the corrected words as a new message besides."""

    NONE = "none"
    FAILED = "failed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Change:
    """A correction or recall.

    Attributes:
        revision: That of the words which the copies shall have.
        created_at: Aware UTC.
    """

    id: int
    announcement_id: int
    kind: ChangeKind
    follow: Follow
    revision: int
    is_open: bool
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """What became of a change, counted in copies.

    Attributes:
        waiting: Copies that are still to be tried.
        done: Copies that were edited or deleted.
        withdrawn: Copies that could not be deleted, and say now that they were withdrawn.
        told: New messages with the corrected words that arrived.
        told_by: The number of the announcement that tells them, or None.
        failed: (reason, platform, e-mail or room or chat) of copies that could not be changed.
    """

    change: Change
    waiting: int
    done: int
    withdrawn: int
    told: int
    told_by: int | None
    failed: tuple[tuple[str, str, str], ...]
