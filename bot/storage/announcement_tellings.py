"""To whom a correction is told anew: whoever had the old words."""

from typing import Any

from sqlalchemy import and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.change import Follow
from bot.domain.delivery import DeliveryState, Kind
from bot.storage import tables

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

SOURCE, MADE = aliased(t.Delivery), aliased(t.Delivery)
THEIRS, THERE = aliased(t.Account), aliased(t.Address)


def told_people(announcement_id: int, change_id: int) -> Any:
    """Return the condition on ``person``: the correction is told to them in a new message.

    They had read the old words, on whichever of their messengers; or, where only those are
    told whose copy could not be edited, it could not.
    """
    return exists().where(
        THEIRS.person_id == t.Person.id,
        THERE.account_id == THEIRS.id,
        SOURCE.address_id == THERE.id,
        *_had_old_words(announcement_id, change_id),
    )


def told_rooms(announcement_id: int, change_id: int) -> Any:
    """Return the same condition on the ``address`` of a room."""
    return exists().where(
        SOURCE.address_id == t.Address.id, *_had_old_words(announcement_id, change_id)
    )


def _had_old_words(announcement_id: int, change_id: int) -> list[Any]:
    change = t.AnnouncementChange
    failed = exists().where(
        MADE.change_id == change_id,
        MADE.source_id == SOURCE.id,
        MADE.kind == Kind.EDIT.value,
        MADE.state.in_(_NOT_EDITED),
    )
    return [
        SOURCE.announcement_id == announcement_id,
        SOURCE.state == DeliveryState.DELIVERED.value,
        col(change.id) == change_id,
        or_(
            and_(col(change.follow) == Follow.ALL.value, SOURCE.finished_at < change.created_at),
            and_(col(change.follow) == Follow.FAILED.value, failed),
        ),
    ]


_NOT_EDITED = (
    DeliveryState.FAILED.value,
    DeliveryState.UNCONFIRMED.value,
    DeliveryState.SKIPPED.value,
)
