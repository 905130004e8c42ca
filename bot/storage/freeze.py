"""Fixing an audience: the people and rooms of now become ledger rows, in chunks.

Each chunk is one transaction that first moves the announcement's cursor from where it
was, so two processes never write the same chunk, and a crash resumes after the last one.
Senders see nothing until ``frozen_at`` is set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlmodel import col

from bot.domain.announcement import Announcement, AnnouncementState
from bot.domain.audience import Expression
from bot.domain.delivery import DeliveryState, Kind, Lane
from bot.storage import dialect, tables, wake
from bot.storage.announcement_layout import COLUMNS
from bot.storage.audiences import speaks
from bot.storage.database import Read, Write
from bot.storage.meant import people_meant, rooms_meant
from bot.storage.quiet import Ends, rests, zone_of_person
from bot.storage.reach import unserved, why_not_to_person, why_not_to_room

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Freezing:
    """What a freeze needs to know besides the announcement.

    Attributes:
        expression: The audience.
        default_zone: Zone of readers who have none.
        platforms: Names of the adapters that run; others' addresses are skipped.
        parts: Number of parts by (platform, language, whether the introduction stands below),
            where it is more than one.
        quiet: When the rest that is under way ends, by (zone, from, until, days).
        zones: When each zone's copies are due, where readers' own clocks say so.
        own: Our account by platform, as far as it is known: nobody serves another one.
    """

    expression: Expression
    default_zone: str
    platforms: tuple[str, ...]
    parts: dict[tuple[str, str, bool], int]
    own: Mapping[str, str] = field(default_factory=dict)
    quiet: Ends = field(default_factory=dict)
    zones: Mapping[str, datetime] = field(default_factory=dict)


async def freeze_chunk(
    write: Write, announcement: Announcement, how: Freezing, now: datetime
) -> bool:
    """Write the next chunk; return whether the audience is fixed now (by whomever)."""
    at = await write.first(
        select(t.Announcement.freeze_cursor, t.Announcement.frozen_at, t.Announcement.state).where(
            col(t.Announcement.id) == announcement.id
        )
    )
    if at is None or at.frozen_at is not None or at.state != AnnouncementState.SENDING.value:
        return True
    upper = await _upper_end(write, at.freeze_cursor)
    moved = await write.count(
        update(t.Announcement)
        .where(
            col(t.Announcement.id) == announcement.id,
            col(t.Announcement.freeze_cursor) == at.freeze_cursor,
            col(t.Announcement.frozen_at).is_(None),
        )
        .values(
            freeze_cursor=upper if upper is not None else at.freeze_cursor,
            frozen_at=now if upper is None else None,
        )
    )
    if moved != 1:
        return False
    if upper is None:
        write.wake(wake.LEDGER)
        return True
    between = and_(col(t.Address.id) > at.freeze_cursor, col(t.Address.id) <= upper)
    await write.execute(_insert_first_parts(announcement, how, between))
    await write.execute(_insert_rooms(announcement, how, between))
    await _insert_later_parts(write, announcement.id, how, at.freeze_cursor, upper)
    return False


async def _upper_end(read: Read, cursor: int) -> int | None:
    ids = (
        select(t.Address.id)
        .where(col(t.Address.id) > cursor)
        .order_by(col(t.Address.id))
        .limit(CHUNK)
        .subquery()
    )
    upper: int | None = await read.scalar(select(func.max(ids.c.id)))
    return upper


def _insert_first_parts(announcement: Announcement, how: Freezing, between: Any) -> Any:
    reason = why_not_to_person(announcement.topic, how.platforms, how.own, announcement.id)
    state = case((reason == "", DeliveryState.PENDING.value), else_=DeliveryState.SKIPPED.value)
    chosen = select(
        literal(int(Lane.BULK)),
        literal(Kind.SEND.value),
        t.Address.platform,
        t.Address.account,
        t.Address.id,
        t.Person.id,
        literal(announcement.id),
        literal(0),
        literal(1),
        _language(announcement, t.Person.language, t.Person.locale, t.Account.locale),
        zone_of_person(how.default_zone),
        literal(""),
        literal(""),
        state,
        reason,
        literal(0),
        literal(0),
        literal(""),
        literal(0.0),
        case((col(t.Address.introduced_at).is_(None), True), else_=False),
        _not_before(how),
    )
    return insert(t.Delivery).from_select(COLUMNS, _of_people(chosen, announcement, how, between))


def _not_before(how: Freezing) -> Any:
    """The end of the person's rest, if it is under way, else their own hour."""
    zone = zone_of_person(how.default_zone)
    cases = [
        (rests(how.default_zone, rest), literal(ends, t.Delivery.not_before.type))
        for rest, ends in how.quiet.items()
    ]
    instant = t.Delivery.not_before.type
    cases += [(zone == name, literal(at, instant)) for name, at in how.zones.items()]
    return case(*cases, else_=null()) if cases else null()


def _not_before_in_rooms(how: Freezing) -> Any:
    """A room has no clock of its own."""
    at = how.zones.get(how.default_zone)
    return literal(at, t.Delivery.not_before.type) if at else null()


def _insert_rooms(announcement: Announcement, how: Freezing, between: Any) -> Any:
    """A room is one recipient without a person; one that we have left is skipped and named."""
    reason = why_not_to_room(how.platforms, how.own)
    state = case((reason == "", DeliveryState.PENDING.value), else_=DeliveryState.SKIPPED.value)
    chosen = select(
        literal(int(Lane.BULK)),
        literal(Kind.SEND.value),
        t.Address.platform,
        t.Address.account,
        t.Address.id,
        null(),
        literal(announcement.id),
        literal(0),
        literal(1),
        _language(announcement, t.Room.language),
        literal(how.default_zone),
        literal(""),
        literal(""),
        state,
        reason,
        literal(0),
        literal(0),
        literal(""),
        literal(0.0),
        literal(False),
        _not_before_in_rooms(how),
    )
    rooms = (
        chosen.select_from(t.Address)
        .join(t.Room, col(t.Room.address_id) == col(t.Address.id))
        .where(between, *rooms_meant(announcement, how.expression))
        .order_by(col(t.Address.id))
    )
    return insert(t.Delivery).from_select(COLUMNS, rooms)


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


def _of_people(
    chosen: Select[Any], announcement: Announcement, how: Freezing, between: Any
) -> Select[Any]:
    return (
        chosen.select_from(t.Address)
        .join(t.Account, col(t.Account.id) == col(t.Address.account_id))
        .join(t.Person, col(t.Person.id) == col(t.Account.person_id))
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(between, *people_meant(announcement, how.expression))
        .order_by(col(t.Address.id))
    )


def _language(announcement: Announcement, *tags: Any) -> Any:
    available = [body.language for body in announcement.bodies]
    closest_first = sorted(available, key=len, reverse=True)  # zh-tw is closer to zh-TW than zh
    matches = [(speaks(tag, language), language) for tag in tags for language in closest_first]
    return case(*matches, else_=available[0])


async def add_latecomers(write: Write, announcement: Announcement, how: Freezing) -> int:
    """Add the people who joined since the audience was fixed, each once; return how many chats.

    Whoever got it on another messenger already is no latecomer.
    """
    newest: int = await write.scalar(
        select(t.Announcement.revision)
        .where(col(t.Announcement.id) == announcement.id)
        .with_for_update()
    )
    if newest != announcement.revision:  # its parts were counted with other words: next time
        return 0
    joined = _joined_late(announcement)
    added = await write.count(_insert_first_parts(announcement, how, joined))
    if added:
        last: int = await write.scalar(select(func.max(t.Address.id)))
        await _insert_later_parts(write, announcement.id, how, 0, last)
        write.wake(wake.LEDGER)
    return added


def _joined_late(announcement: Announcement) -> Any:
    has_it = exists().where(
        col(t.Delivery.announcement_id) == announcement.id,
        col(t.Delivery.person_id) == t.Person.id,
    )
    cursor = (
        select(t.Announcement.freeze_cursor)
        .where(col(t.Announcement.id) == announcement.id)
        .scalar_subquery()
    )
    is_new = or_(col(t.Account.linked_at) > announcement.frozen_at, col(t.Address.id) > cursor)
    return and_(is_new, ~has_it)


async def any_latecomer(read: Read, announcement: Announcement, how: Freezing) -> bool:
    """Return whether somebody joined who has not got it."""
    joined = _joined_late(announcement)
    people = _of_people(select(t.Person.id), announcement, how, joined)
    return await read.first(people.limit(1)) is not None


async def _insert_later_parts(
    write: Write, announcement_id: int, how: Freezing, lower: int, upper: int
) -> None:
    copied = [name for name in COLUMNS if name != "part"]
    for (platform, language, introduce), parts in how.parts.items():
        for part in range(2, parts + 1):
            rows = select(
                *(getattr(t.Delivery, name) for name in copied), literal(part).label("part")
            ).where(
                col(t.Delivery.announcement_id) == announcement_id,
                col(t.Delivery.part) == 1,
                col(t.Delivery.platform) == platform,
                col(t.Delivery.language) == language,
                col(t.Delivery.introduce).is_(introduce),
                col(t.Delivery.address_id) > lower,
                col(t.Delivery.address_id) <= upper,
            )
            adding = dialect.insert(write, t.Delivery).from_select([*copied, "part"], rows)
            await write.execute(adding.on_conflict_do_nothing())
