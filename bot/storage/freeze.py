"""Fixing an audience: the people and rooms of now become ledger rows, in chunks.

Each chunk is one transaction that first moves the announcement's cursor from where it
was, so two processes never write the same chunk, and a crash resumes after the last one.
Senders see nothing until ``frozen_at`` is set.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
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
from bot.domain.audience import rooms as named_rooms
from bot.domain.delivery import DeliveryState, Kind, Lane
from bot.storage import dialect, tables, wake
from bot.storage.announcement_layout import COLUMNS
from bot.storage.audiences import speaks
from bot.storage.database import Read, Write
from bot.storage.meant import people_meant, rooms_meant
from bot.storage.quiet import Ends, rests, zone_of_person
from bot.storage.reach import why_not_to_person, why_not_to_room

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


@dataclass(frozen=True, slots=True)
class Prepared:
    """One announcement's freeze, its statements put together once for all chunks.

    Put together for each chunk they were a quarter of what a row cost.

    Attributes:
        rooms: None where no room can be among the recipients.
    """

    announcement: Announcement
    how: Freezing
    people: Any
    rooms: Any


_OF_CHUNK = and_(
    col(t.Address.id) > bindparam("after", type_=Integer),
    col(t.Address.id) <= bindparam("upper", type_=Integer),
)
_THIS = bindparam("number", type_=Integer)
_NEXT = (
    select(t.Address.id)
    .where(col(t.Address.id) > t.Announcement.freeze_cursor)
    .order_by(col(t.Address.id))
    .limit(bindparam("most", type_=Integer))
    .correlate(t.Announcement)
    .subquery()
)
_STANDS = select(
    t.Announcement.freeze_cursor,
    t.Announcement.frozen_at,
    t.Announcement.state,
    select(func.max(_NEXT.c.id)).scalar_subquery().label("upper"),
).where(col(t.Announcement.id) == _THIS)
_MOVE = (
    update(t.Announcement)
    .where(
        col(t.Announcement.id) == _THIS,
        col(t.Announcement.freeze_cursor) == bindparam("after", type_=Integer),
        col(t.Announcement.frozen_at).is_(None),
    )
    .values(
        freeze_cursor=bindparam("upper", type_=Integer),
        frozen_at=bindparam("frozen", type_=t.Announcement.frozen_at.type),
    )
)


def prepare(announcement: Announcement, how: Freezing) -> Prepared:
    """Return what :func:`freeze_chunk` needs for every chunk of the announcement."""
    people = _insert_first_parts(announcement, how, _OF_CHUNK)
    rooms = None
    # A correction is told to the rooms that had the old words, wherever these stand now.
    if announcement.change is not None or named_rooms(how.expression):
        rooms = _insert_rooms(announcement, how, _OF_CHUNK)
    return Prepared(announcement, how, people, rooms)


async def freeze_chunk(write: Write, prepared: Prepared, now: datetime) -> bool:
    """Write the next chunk; return whether the audience is fixed now (by whomever)."""
    number = prepared.announcement.id
    at = await write.first(_STANDS, {"number": number, "most": CHUNK})
    if at is None or at.frozen_at is not None or at.state != AnnouncementState.SENDING.value:
        return True
    is_end = at.upper is None
    chunk = {"after": at.freeze_cursor, "upper": at.freeze_cursor if is_end else at.upper}
    moved = await write.count(_MOVE, {**chunk, "number": number, "frozen": now if is_end else None})
    if moved != 1:
        return False
    if is_end:
        write.wake(wake.LEDGER)
        return True
    await dialect.by_index_only(write)
    await write.execute(prepared.people, chunk)
    if prepared.rooms is not None:
        await write.execute(prepared.rooms, chunk)
    await _insert_later_parts(write, number, prepared.how, at.freeze_cursor, at.upper)
    return False


def _insert_first_parts(announcement: Announcement, how: Freezing, between: Any) -> Any:
    """Return the INSERT of one row a chat; with an order of its own its SELECT looks once only.

    Taken apart from it, PostgreSQL would look for the reason twice: for the state as well.
    """
    reason = why_not_to_person(announcement.topic, how.platforms, how.own, announcement.id)
    language = _language(announcement, t.Person.language, t.Person.locale, t.Account.locale)
    meant = select(
        col(t.Address.id).label("address_id"),
        t.Address.platform,
        t.Address.account,
        col(t.Person.id).label("person_id"),
        language.label("language"),
        zone_of_person(how.default_zone).label("zone"),
        reason.label("reason"),
        case((col(t.Address.introduced_at).is_(None), True), else_=False).label("introduce"),
        _not_before(how).label("not_before"),
    )
    one = _of_people(meant, announcement, how, between).subquery().c
    chosen = select(
        literal(int(Lane.BULK)),
        literal(Kind.SEND.value),
        one.platform,
        one.account,
        one.address_id,
        one.person_id,
        literal(announcement.id),
        literal(0),
        literal(1),
        one.language,
        one.zone,
        literal(""),
        literal(""),
        case((one.reason == "", DeliveryState.PENDING.value), else_=DeliveryState.SKIPPED.value),
        one.reason,
        literal(0),
        literal(0),
        literal(""),
        literal(0.0),
        one.introduce,
        one.not_before,
    )
    return insert(t.Delivery).from_select(COLUMNS, chosen.order_by(one.address_id))


def _not_before(how: Freezing) -> Any:
    """The end of the person's rest, if it is under way, else their own hour."""
    zone = zone_of_person(how.default_zone)
    cases = [
        (rests(how.default_zone, rest), literal(ends, t.Delivery.not_before.type))
        for rest, ends in how.quiet.items()
    ]
    instant = t.Delivery.not_before.type
    cases += [(zone == name, literal(at, instant)) for name, at in how.zones.items()]
    # A bare NULL in a FROM is text to PostgreSQL.
    return case(*cases, else_=null()) if cases else cast(null(), instant)


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
    words = await write.first(
        select(t.Announcement.revision, t.Announcement.laid_out)
        .where(col(t.Announcement.id) == announcement.id)
        .with_for_update()
    )
    # Its parts were counted with other words, or are being laid out: next time.
    if words is None or words.revision != announcement.revision or words.laid_out < words.revision:
        return 0
    joined = _joined_late(announcement)
    before: int = await write.scalar(select(func.max(t.Delivery.id)))
    added = await write.count(_insert_first_parts(announcement, how, joined))
    if added:
        last: int = await write.scalar(select(func.max(t.Address.id)))
        await _insert_later_parts(write, announcement.id, how, 0, last, before=before)
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
    write: Write, announcement_id: int, how: Freezing, lower: int, upper: int, *, before: int = 0
) -> None:
    """Give first parts that were written just now the parts behind them.

    ``before`` is the newest row that was there already: what has left must not be copied.
    """
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
                col(t.Delivery.id) > before,
            )
            adding = dialect.insert(write, t.Delivery).from_select([*copied, "part"], rows)
            await write.execute(adding.on_conflict_do_nothing())
