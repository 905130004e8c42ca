"""Who would get an announcement now, by the very reasons with which it is then frozen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import col

from bot.domain.announcement import Announcement
from bot.domain.announcement_reach import Missed, OrganisationReach, Reach
from bot.domain.audience import Expression
from bot.storage import tables
from bot.storage.database import Read
from bot.storage.meant import organisations, people_meant, rooms_meant
from bot.storage.reach import why_not_to_person, why_not_to_room

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query

NO_MESSENGER = "no_messenger"
NO_LIMIT = 2**31 - 1
"""Keeps the databases from working out a row's reason anew wherever it is named."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of what is counted.

    Attributes:
        platforms: Names of the adapters that run; None lets all be served.
        own: Our account by platform, as far as it is known.
    """

    announcement: Announcement
    expression: Expression
    platforms: Sequence[str] | None = None
    own: dict[str, str] = field(default_factory=dict)


async def chats(read: Read, asked: Asked) -> dict[str, int]:
    """Return to how many direct chats and rooms it would go, by platform."""
    rows = await read.all(_chats(_by_address(asked)))
    found = {row.platform: int(row.chats) for row in rows}
    for _name, platform, why in await _rooms(read, asked):
        if not why:
            found[platform] = found.get(platform, 0) + 1
    return dict(sorted(found.items()))


async def reach(read: Read, asked: Asked, limit: int | None = None) -> Reach:
    """Return all that is known of whom it would reach; at most ``limit`` are named."""
    people = _by_person(asked)
    rows = await read.all(
        select(
            people.c.organisation,
            func.count().label("people"),
            func.sum(people.c.reachable).label("reachable"),
        ).group_by(people.c.organisation)
    )
    known = await organisations(read)
    homes = sorted(
        (
            OrganisationReach(
                *known.get(row.organisation, ("", {})), int(row.people), int(row.reachable)
            )
            for row in rows
        ),
        key=lambda one: one.slug,
    )
    missed = [
        Missed(name, "", platform, why) for name, platform, why in await _rooms(read, asked) if why
    ]
    in_vain = sum(one.people - one.reachable for one in homes) + len(missed)
    missed += await _missed_people(read, people, known, limit)
    return Reach(await chats(read, asked), tuple(homes), tuple(missed[:limit]), in_vain)


async def _missed_people(
    read: Read, people: Any, known: dict[int, tuple[str, dict[str, str]]], limit: int | None
) -> list[Missed]:
    rows = await read.all(
        select(t.Person.email, people.c.organisation, people.c.why)
        .join(people, people.c.person == col(t.Person.id))
        .where(people.c.reachable == 0)
        .order_by(col(t.Person.email))
        .limit(limit)
    )
    found = []
    for row in rows:
        why, _, platform = (row.why or f"{NO_MESSENGER}|").rpartition("|")
        found.append(Missed(row.email, known.get(row.organisation, ("", {}))[0], platform, why))
    return found


def _chats(rows: Any) -> Any:
    return (
        select(rows.c.platform, func.count().label("chats"))
        .where(rows.c.why == "")
        .group_by(rows.c.platform)
    )


def _by_person(asked: Asked) -> Any:
    """Each person once: whether a chat of theirs gets it, else the first of the reasons."""
    rows = _by_address(asked)
    reason = rows.c.why + "|" + rows.c.platform  # NULL for who is on no messenger
    return (
        select(
            rows.c.person,
            rows.c.organisation,
            func.max(case((rows.c.why == "", 1), else_=0)).label("reachable"),
            func.min(case((rows.c.why != "", reason))).label("why"),
        )
        .group_by(rows.c.person, rows.c.organisation)
        .subquery()
    )


def _by_address(asked: Asked) -> Any:
    """Each chat of those that it is meant for; one row without a chat for who has none."""
    why = why_not_to_person(asked.announcement.topic, asked.platforms, asked.own)
    return (
        select(
            t.Person.id.label("person"),
            t.Person.organisation_id.label("organisation"),
            t.Address.platform,
            case((col(t.Address.id).is_(None), NO_MESSENGER), else_=why).label("why"),
        )
        .select_from(t.Person)
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .outerjoin(t.Account, col(t.Account.person_id) == col(t.Person.id))
        .outerjoin(t.Address, col(t.Address.account_id) == col(t.Account.id))
        .where(*people_meant(asked.announcement, asked.expression))
        .limit(NO_LIMIT)
        .subquery()
    )


async def _rooms(read: Read, asked: Asked) -> list[tuple[str, str, str]]:
    """Return (title or name, platform, reason) of its rooms, by name."""
    rows = await read.all(
        select(
            t.Room.name,
            t.Room.title,
            t.Address.platform,
            why_not_to_room(asked.platforms, asked.own).label("why"),
        )
        .join(t.Address, col(t.Address.id) == col(t.Room.address_id))
        .where(*rooms_meant(asked.announcement, asked.expression))
        .order_by(col(t.Room.name))
    )
    return [(row.title or row.name, row.platform, row.why) for row in rows]
