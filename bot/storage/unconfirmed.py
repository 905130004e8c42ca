"""Ledger rows that may have arrived: finding them, and settling what was found out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select, update
from sqlmodel import col

from bot.domain.delivery import DeliveryState, Outgoing
from bot.storage import tables, wake
from bot.storage.database import Read, Write
from bot.storage.deliveries import is_looked_for, outgoing, skip_later_parts

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def looked_for(
    read: Read, platform: str, account: str, before_epoch: float, limit: int, *, after_id: int = 0
) -> tuple[tuple[Outgoing, float], ...]:
    """Return unconfirmed new messages that left before ``before_epoch``, with when.

    By id, those behind ``after_id`` only; never what is left to people already.
    """
    rows = await read.all(
        select(t.Delivery.id, t.Delivery.sending_epoch)
        .where(
            col(t.Delivery.platform) == platform,
            col(t.Delivery.account) == account,
            is_looked_for(t.Delivery),
            col(t.Delivery.id) > after_id,
            col(t.Delivery.sending_epoch) < before_epoch,
        )
        .order_by(col(t.Delivery.id))
        .limit(limit)
    )
    when = {row.id: float(row.sending_epoch) for row in rows}
    return tuple((row, when[row.id]) for row in await outgoing(read, list(when)))


async def give_up(write: Write, rows: Sequence[Outgoing], why: str) -> None:
    """Leave unconfirmed ``rows`` to people: ``why`` goes before what was their reason.

    The parts behind them are skipped, or their announcement could never end.
    """
    await write.count(
        update(t.Delivery)
        .where(col(t.Delivery.id).in_([row.id for row in rows]), is_looked_for(t.Delivery))
        .values(reason=literal(f"{why}: ") + col(t.Delivery.reason))
    )
    await skip_later_parts(write, rows)


async def settle(write: Write, row_id: int, message_id: str | None, at: datetime) -> None:
    """Settle an unconfirmed row: it is there as ``message_id``, or certainly is not (None)."""
    found = message_id is not None
    state = DeliveryState.DELIVERED if found else DeliveryState.PENDING
    await write.count(
        update(t.Delivery)
        .where(
            col(t.Delivery.id) == row_id,
            col(t.Delivery.state) == DeliveryState.UNCONFIRMED.value,
        )
        .values(
            state=state.value,
            message_id=message_id or "",
            reason="",
            finished_at=at if found else None,
        )
    )
    if not found:
        write.wake(wake.LEDGER)
