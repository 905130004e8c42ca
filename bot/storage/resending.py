"""What staff have sent again although it may have arrived."""

from typing import Any

from sqlalchemy import exists, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.delivery import DeliveryState
from bot.storage import tables, wake
from bot.storage.database import Write
from bot.storage.deliveries import EARLIER_PART

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def resend(write: Write, announcement_id: int) -> int:
    """Let what is unconfirmed go out again, because staff say so; return how many rows.

    The parts behind it, which waited for it in vain, go out after it.
    """
    again = await write.count(
        update(t.Delivery)
        .where(
            col(t.Delivery.announcement_id) == announcement_id,
            col(t.Delivery.state) == DeliveryState.UNCONFIRMED.value,
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
