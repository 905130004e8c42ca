"""What staff have sent again although it may have arrived."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, exists, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.delivery import DeliveryState
from bot.storage import tables, wake
from bot.storage.database import Read, Write
from bot.storage.deliveries import EARLIER_PART, is_looked_for
from bot.storage.unwanted import is_unwanted

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def still_looked_for(read: Read, announcement_id: int, reconciled: Collection[str]) -> int:
    """Return how many of its messages the platforms ``reconciled`` may still find."""
    mine = and_(col(t.Delivery.announcement_id) == announcement_id, _may_be_found(reconciled))
    return int(await read.scalar(select(func.count()).select_from(t.Delivery).where(mine)))


def _may_be_found(reconciled: Collection[str]) -> Any:
    return and_(col(t.Delivery.platform).in_(sorted(reconciled)), is_looked_for(t.Delivery))


async def resend(write: Write, announcement_id: int, reconciled: Collection[str] = ()) -> int:
    """Let what is unconfirmed go out again, because staff say so; return how many rows.

    The parts behind it, which waited for it in vain, go out after it. On the platforms
    ``reconciled`` what is still looked for stays: it is about to be known whether it arrived,
    and sent now it would be there twice. So does what its reader does not want any more.
    """
    again = await write.count(
        update(t.Delivery)
        .where(
            col(t.Delivery.announcement_id) == announcement_id,
            col(t.Delivery.state) == DeliveryState.UNCONFIRMED.value,
            ~_may_be_found(reconciled),
            ~is_unwanted(),
        )
        .values(
            state=DeliveryState.PENDING.value,
            reason="",
            finished_at=None,
            not_before=None,
            resent=t.Delivery.resent + 1,
        )
    )
    first = aliased(t.Delivery)
    goes_again = exists().where(
        first.announcement_id == announcement_id,
        first.address_id == t.Delivery.address_id,
        first.part < t.Delivery.part,
        first.state == DeliveryState.PENDING.value,
        first.resent > 0,
    )
    await write.count(
        update(t.Delivery)
        .where(
            col(t.Delivery.announcement_id) == announcement_id,
            col(t.Delivery.state) == DeliveryState.SKIPPED.value,
            col(t.Delivery.reason) == EARLIER_PART,
            goes_again,
        )
        .values(state=DeliveryState.PENDING.value, reason="", finished_at=None)
    )
    write.wake(wake.LEDGER)
    return again
