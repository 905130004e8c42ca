"""Whether a direct chat or a room gets an announcement, and why where it does not.

Said once for both: what staff are told before it is sent, and what the freeze then writes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, case, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.address import ANY_ACCOUNT
from bot.domain.delivery import DeliveryState
from bot.storage import tables

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

# An alias is costly to make, and chunks are many.
OTHER_ACCOUNT, OTHER_ADDRESS = aliased(t.Account), aliased(t.Address)
THERE = aliased(t.Delivery)
ELSEWHERE = "other_messenger"
"""The reason of a chat whose person gets it in another one."""


def why_not_to_person(
    topic: str,
    platforms: Sequence[str] | None,
    own: Mapping[str, str],
    announcement_id: int | None = None,
) -> Any:
    """Return the reason why ``address`` of ``person`` gets nothing, ``""`` where it does.

    Args:
        topic: What the announcement is about; people switch topics off.
        platforms: As for :func:`unserved`.
        own: As for :func:`unserved`.
        announcement_id: The one that is being frozen: rows of it count as decided.
    """
    elsewhere = _goes_elsewhere(platforms, own, announcement_id)
    return case(
        (col(t.Person.stopped), "stopped"),
        *unserved(t.Address, platforms, own),
        (_is_muted(topic), "topic"),
        (and_(col(t.Address.unreachable) == "", elsewhere), ELSEWHERE),
        else_=t.Address.unreachable,
    )


def why_not_to_room(platforms: Sequence[str] | None, own: Mapping[str, str]) -> Any:
    """Return the reason why ``room`` at ``address`` gets nothing, ``""`` where it does."""
    return case(
        *unserved(t.Address, platforms, own),
        (~col(t.Room.active), func.coalesce(func.nullif(t.Address.unreachable, ""), "gone")),
        else_=t.Address.unreachable,
    )


def unserved(
    table: Any, platforms: Sequence[str] | None, own: Mapping[str, str]
) -> list[tuple[Any, str]]:
    """Return (condition, reason) for rows of ``table`` whose account no adapter here serves.

    An account that is not known yet (Slack has never answered, or the row was imported
    before) waits: it is served once it is known. Without ``platforms`` all are served.
    """
    cases: list[tuple[Any, str]] = []
    if platforms is not None:
        cases.append((col(table.platform).not_in(platforms), "no_adapter"))
    for platform, account in own.items():
        another = col(table.account).not_in([account, ANY_ACCOUNT])
        cases.append((and_(col(table.platform) == platform, another), "other_account"))
    return cases


def _is_muted(topic: str) -> Any:
    return exists().where(
        col(t.PersonMute.person_id) == t.Person.id, col(t.PersonMute.topic) == topic
    )


def _goes_elsewhere(
    platforms: Sequence[str] | None, own: Mapping[str, str], announcement_id: int | None
) -> Any:
    """The person can be reached in another chat that comes first: one copy a person.

    First comes the messenger that they chose, then the chat that was known first. Rows that
    another chat of theirs has already decide before that: between two chunks people choose
    another messenger, block and unblock, and get it neither twice nor nowhere.
    """
    account, address = OTHER_ACCOUNT, OTHER_ADDRESS
    chosen, is_chosen = col(t.Person.preferred), col(t.Address.platform) == t.Person.preferred
    comes_first = or_(
        and_(col(address.platform) == chosen, ~is_chosen),
        and_(col(address.id) < t.Address.id, or_(col(address.platform) == chosen, ~is_chosen)),
    )
    can_be_reached = and_(
        comes_first,
        col(address.unreachable) == "",
        *(~condition for condition, _reason in unserved(address, platforms, own)),
    )
    if announcement_id is not None:
        decided = exists().where(
            THERE.announcement_id == announcement_id, THERE.address_id == address.id
        )
        gets_it = decided.where(THERE.state != DeliveryState.SKIPPED.value)
        can_be_reached = or_(gets_it, and_(can_be_reached, ~decided))
    # One inside the other: joined, SQLite may begin with all addresses that come first.
    there = exists().where(col(address.account_id) == account.id, can_be_reached)
    there = there.correlate(account, t.Account, t.Person, t.Address)
    others = exists().where(
        col(account.person_id) == t.Person.id, col(account.id) != t.Account.id, there
    )
    return others.correlate(t.Account, t.Person, t.Address)
