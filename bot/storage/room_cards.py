"""The cards of events in rooms, and whose answers they show. States: ``bot.domain.room``.

Every change of answers counts the cards up that it touches (:func:`count_up`), in the
transaction that changes them and after the event's counter row was locked. Rendering
takes that count first and reads the answers then, so that an answer which commits in
between leaves the card dirty and is shown by the next refresh.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.domain.address import Address
from bot.domain.delivery import DeliveryState, Kind
from bot.domain.room import (
    REFRESH_SECONDS,
    RETRY_SECONDS,
    Card,
    LastRow,
    OrganisationAnswers,
    Room,
)
from bot.storage import deliveries, tables
from bot.storage.database import Read, Write
from bot.storage.dialect import insert, locked

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

# An alias is costly to make.
OTHER, LAST = aliased(t.RoomCard), aliased(t.Delivery)
CLOCK_OFF = 2 * RETRY_SECONDS
"""A refresh that lies this far in the future was noted by a clock that was wrong."""


async def held(write: Write, room: Room, event_id: int) -> Card:
    """Return the room's card of the event, made if there is none, held until the commit."""
    keys = {"address_id": room.address_id, "event_id": event_id}
    new = {
        "thread": "",
        "message_id": "",
        "posted_epoch": 0.0,
        "changed": 0,
        "shown": 0,
        "shown_epoch": 0.0,
    }
    statement = insert(write, t.RoomCard).values(**keys, **new)
    card_id = await write.scalar(
        statement.on_conflict_do_update(
            index_elements=list(keys), set_={"event_id": event_id}
        ).returning(t.RoomCard.id)
    )
    await settle(write, 0.0, card_id)
    card = await find(write, card_id)
    assert card is not None  # noqa: S101  # the row was written above, in this transaction
    return card


async def find(read: Read, card_id: int) -> Card | None:
    """Return the card, or None."""
    row = await read.first(_select().where(col(t.RoomCard.id) == card_id))
    return _card(row) if row else None


async def posted(write: Write, card: Card, delivery_id: int, thread: str, epoch: float) -> None:
    """Note that the ledger row ``delivery_id`` posts the card in ``thread``."""
    await write.count(
        update(t.RoomCard)
        .where(col(t.RoomCard.id) == card.id)
        .values(
            thread=thread,
            message_id="",
            delivery_id=delivery_id,
            posted_epoch=epoch,
            shown=t.RoomCard.changed,
            shown_epoch=epoch,
        )
    )


async def begin_refresh(write: Write, card: Card, epoch: float) -> bool:
    """Take the refresh of ``card``; False if another process has, or it is not due any more."""
    taken = (
        update(t.RoomCard)
        .where(
            col(t.RoomCard.id) == card.id,
            col(t.RoomCard.shown_epoch) == card.shown_epoch,
            col(t.RoomCard.message_id) == card.message_id,
            col(t.RoomCard.changed) > col(t.RoomCard.shown),
        )
        .values(shown=t.RoomCard.changed, shown_epoch=epoch)
    )
    return await write.count(taken) == 1


async def refreshed(write: Write, card: Card, delivery_id: int) -> None:
    """Note that the ledger row ``delivery_id`` shows the card from now on."""
    await write.count(
        update(t.RoomCard).where(col(t.RoomCard.id) == card.id).values(delivery_id=delivery_id)
    )


async def note_answer(write: Write, room: Room, event_id: int, person_id: int) -> None:
    """The person has answered in the room: its card shows their answer from now on."""
    keys = {"address_id": room.address_id, "event_id": event_id, "person_id": person_id}
    added = await write.count(insert(write, t.RoomAnswer).values(**keys).on_conflict_do_nothing())
    if added:
        card_of = col(t.RoomCard.event_id) == event_id
        await _count_up(write, and_(card_of, col(t.RoomCard.address_id) == room.address_id))


async def count_up(write: Write, event_id: int, person_ids: Collection[int]) -> None:
    """Answers of these people have changed: so have the cards that show them, or the seats."""
    shows = exists().where(
        col(t.RoomAnswer.address_id) == t.RoomCard.address_id,
        col(t.RoomAnswer.event_id) == event_id,
        col(t.RoomAnswer.person_id).in_(sorted(person_ids)),
    )
    counts_seats = exists().where(
        col(t.EventSeats.event_id) == event_id, col(t.EventSeats.capacity).is_not(None)
    )
    await _count_up(write, and_(col(t.RoomCard.event_id) == event_id, or_(shows, counts_seats)))


async def count_up_events(write: Write, slugs: Collection[str]) -> None:
    """What is known of these events has changed: so have all their cards."""
    events = select(t.Event.id).where(col(t.Event.slug).in_(sorted(slugs)))
    await _count_up(write, col(t.RoomCard.event_id).in_(events))


async def _count_up(write: Write, which: Any) -> None:
    """Several cards are locked in the order of their numbers, so that nobody waits in a circle."""
    ids = select(t.RoomCard.id).where(which).order_by(col(t.RoomCard.id))
    found = [row.id for row in await write.all(locked(write, ids))]
    if found:
        await write.count(
            update(t.RoomCard)
            .where(col(t.RoomCard.id).in_(found))
            .values(changed=t.RoomCard.changed + 1)
        )


async def answers(read: Read, room: Room, event_id: int) -> tuple[OrganisationAnswers, ...]:
    """Return how people answered who did so in the room, by organisation, most going first."""
    rows = await read.all(
        select(
            t.Organisation.id,
            t.Rsvp.answer,
            t.Rsvp.seat,
            func.sum(t.Rsvp.seats).label("seats"),
            func.count().label("people"),
        )
        .select_from(t.RoomAnswer)
        .join(
            t.Rsvp,
            and_(
                col(t.Rsvp.event_id) == col(t.RoomAnswer.event_id),
                col(t.Rsvp.person_id) == col(t.RoomAnswer.person_id),
            ),
        )
        .join(t.Person, col(t.Person.id) == col(t.RoomAnswer.person_id))
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .where(
            col(t.RoomAnswer.address_id) == room.address_id,
            col(t.RoomAnswer.event_id) == event_id,
        )
        .group_by(t.Organisation.id, t.Rsvp.answer, t.Rsvp.seat)
    )
    ids = sorted({row.id for row in rows if row.id is not None})
    named = await read.all(
        select(t.Organisation.id, t.Organisation.names).where(col(t.Organisation.id).in_(ids))
    )
    names = {row.id: row.names for row in named}
    counts: dict[int | None, dict[str, int]] = {}
    for row in rows:
        kind = "waitlisted" if row.seat == "waitlisted" else str(row.answer)
        amount = row.seats if row.answer == "going" else row.people
        counts.setdefault(row.id, {})[kind] = int(amount)
    made = [OrganisationAnswers(names.get(one, {}), **found) for one, found in counts.items()]
    return tuple(sorted(made, key=lambda one: (-one.going, one.name(""), -one.maybe)))


async def unsettled(read: Read) -> tuple[int, ...]:
    """Return the cards whose last row has come to an end that :func:`settle` takes over."""
    return tuple(row.id for row in await read.all(_unsettled_ids()))


@cache
def _unsettled_ids() -> Any:
    """Return the statement; it is costly to put together, and asked for every second."""
    return select(t.RoomCard.id).where(_unsettled(t.RoomCard)).order_by(col(t.RoomCard.id))


async def due(read: Read, epoch: float) -> tuple[Card, ...]:
    """Return the cards to refresh at ``epoch``, one a room, those first that wait longest."""
    rows = await read.all(_due(epoch).order_by(col(t.RoomCard.shown_epoch), col(t.RoomCard.id)))
    first: dict[int, Card] = {}
    for row in rows:
        first.setdefault(row.address_id, _card(row))
    return tuple(first.values())


def _due(epoch: float) -> Select[Any]:
    other, last = OTHER, LAST
    rests = exists().where(
        other.address_id == t.RoomCard.address_id,
        other.shown_epoch > epoch - REFRESH_SECONDS,
        other.shown_epoch < epoch + CLOCK_OFF,
    )
    under_way = exists().where(
        other.address_id == t.RoomCard.address_id,
        last.id == other.delivery_id,
        last.kind == Kind.EDIT.value,
        col(last.state).in_(deliveries.OPEN),
    )
    return _select().where(
        col(t.RoomCard.message_id) != "",
        col(t.RoomCard.changed) > col(t.RoomCard.shown),
        col(t.Room.active),
        col(t.Address.unreachable) == "",
        ~rests,
        ~under_way,
    )


async def settle(write: Write, epoch: float, card_id: int) -> None:
    """Take over what became of the row that showed the card.

    A posting that arrived gives the card its message, one that did not leaves none. A
    refresh that met no message any more has none either, and one of unknown fate, or that
    nobody could serve, is made again in a while; with ``epoch`` 0 that is left for later.
    """
    table = t.RoomCard
    which = col(table.id) == card_id
    row = LAST
    its_id = select(row.message_id).where(row.id == table.delivery_id).scalar_subquery()
    await write.count(update(table).where(which, _arrived(table)).values(message_id=its_id))
    gone = {"message_id": "", "delivery_id": None}
    await write.count(update(table).where(which, _gone(table)).values(**gone))
    if epoch:
        again = {
            "delivery_id": None,
            "changed": table.changed + 1,
            "shown_epoch": epoch + RETRY_SECONDS - REFRESH_SECONDS,
        }
        await write.count(update(table).where(which, _unsure(table)).values(**again))


def _arrived(card: Any) -> Any:
    return and_(
        col(card.message_id) == "",
        _last(card, Kind.SEND, DeliveryState.DELIVERED),
    )


def _gone(card: Any) -> Any:
    """Not posted, or its message was removed: what a platform says of a message it lacks."""
    row = LAST
    vanished = exists().where(
        row.id == card.delivery_id,
        row.kind == Kind.EDIT.value,
        row.state == DeliveryState.FAILED.value,
        or_(*(col(row.reason).startswith(why) for why in ("not_found", "gone", "blocked"))),
    )
    never = _last(card, Kind.SEND, DeliveryState.FAILED, DeliveryState.SKIPPED)
    return or_(vanished, and_(col(card.message_id) == "", never))


def _unsure(card: Any) -> Any:
    return _last(card, Kind.EDIT, DeliveryState.UNCONFIRMED, DeliveryState.SKIPPED)


def _unsettled(card: Any) -> Any:
    return or_(_arrived(card), _gone(card), _unsure(card))


def _last(card: Any, kind: Kind, *states: DeliveryState) -> Any:
    row = LAST
    return exists().where(
        row.id == card.delivery_id,
        row.kind == kind.value,
        col(row.state).in_([state.value for state in states]),
    )


def _select() -> Select[Any]:
    last = t.Delivery
    return (
        select(
            t.RoomCard,
            t.Room.id.label("room_id"),
            t.Room.name,
            t.Room.title,
            t.Room.language,
            t.Room.active,
            t.Address.platform,
            t.Address.account,
            t.Address.chat,
            t.Address.introduced_at,
            col(last.kind).label("last_kind"),
            col(last.state).label("last_state"),
            col(last.message_id).label("last_message"),
            col(last.reason).label("last_reason"),
        )
        .join(t.Room, col(t.Room.address_id) == col(t.RoomCard.address_id))
        .join(t.Address, col(t.Address.id) == col(t.RoomCard.address_id))
        .outerjoin(last, col(last.id) == col(t.RoomCard.delivery_id))
    )


def _card(row: Any) -> Card:
    last = None
    if row.last_kind is not None:
        state = DeliveryState(row.last_state)
        last = LastRow(
            row.delivery_id, Kind(row.last_kind), state, row.last_message, row.last_reason
        )
    place = Address(row.platform, row.account, row.chat)
    return Card(
        id=row.id,
        room=Room(
            row.room_id,
            row.address_id,
            place,
            row.name,
            row.title,
            row.language,
            row.active,
            row.introduced_at,
        ),
        event_id=row.event_id,
        thread=row.thread,
        message_id=row.message_id,
        changed=row.changed,
        shown=row.shown,
        shown_epoch=row.shown_epoch,
        posted_epoch=row.posted_epoch,
        last=last,
    )
