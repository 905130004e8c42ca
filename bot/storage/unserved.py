"""Chats whose account no adapter of this process serves: they are skipped, and named."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, or_, update
from sqlmodel import col

from bot.domain.delivery import DeliveryState, Lane
from bot.storage import tables
from bot.storage.database import Write
from bot.storage.reach import unserved

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def skip_unserved(
    write: Write, platforms: Sequence[str], own: Mapping[str, str], now: datetime
) -> int:
    """Skip frozen rows whose account is served no more, so that their announcement can end."""
    cases = unserved(t.Delivery, platforms, own)
    return await write.count(
        update(t.Delivery)
        .where(
            col(t.Delivery.lane) != int(Lane.CONVERSATION),
            col(t.Delivery.state) == DeliveryState.PENDING.value,
            or_(*(condition for condition, _reason in cases)),
        )
        .values(state=DeliveryState.SKIPPED.value, reason=case(*cases), finished_at=now)
    )
