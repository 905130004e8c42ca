"""Files that go with announcements; each organisation may have one of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, literal, or_, select, update
from sqlmodel import col

from bot.domain import audience
from bot.domain.announcement import FileNote
from bot.domain.message import Attachment
from bot.storage import audiences, tables
from bot.storage.codec import storable
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def add(
    write: Write, announcement_id: int, file: Attachment, organisation_id: int | None = None
) -> None:
    """Store a file for everybody, or for one organisation."""
    await write.execute(
        insert(t.AnnouncementFile).values(
            announcement_id=announcement_id,
            organisation_id=organisation_id,
            name=storable(file.name),
            media_type=file.media_type,
            size=len(file.content),
            content=file.content,
        )
    )


async def narrow_to_letters(write: Write, announcement_id: int) -> None:
    """Leave out of its audience whoever has no letter."""
    whole = literal("(") + t.Announcement.audience + literal(f") and letter:{announcement_id}")
    await write.count(
        update(t.Announcement)
        .where(col(t.Announcement.id) == announcement_id)
        .values(audience=whole)
    )


async def copy(write: Write, source: int, target: int) -> None:
    """Give the announcement ``target`` the files of ``source``: it is the next of its series."""
    kept = ("organisation_id", "name", "media_type", "size", "content")
    columns = [getattr(t.AnnouncementFile, name) for name in kept]
    own = (
        select(literal(target), *columns)
        .where(col(t.AnnouncementFile.announcement_id) == source)
        .order_by(col(t.AnnouncementFile.id))
    )
    into = insert(t.AnnouncementFile).from_select(["announcement_id", *kept], own)
    await write.execute(into)


async def notes(read: Read, announcement_ids: Sequence[int]) -> Mapping[int, tuple[FileNote, ...]]:
    """Return what goes with each announcement, without the bytes."""
    columns = (
        t.AnnouncementFile.announcement_id,
        t.AnnouncementFile.name,
        t.AnnouncementFile.media_type,
        t.AnnouncementFile.size,
        t.Organisation.slug,
    )
    rows = await read.all(
        select(*columns)
        .outerjoin(t.Organisation, t.Organisation.id == t.AnnouncementFile.organisation_id)
        .where(col(t.AnnouncementFile.announcement_id).in_(announcement_ids))
        .order_by(col(t.AnnouncementFile.id))
    )
    found: dict[int, tuple[FileNote, ...]] = {}
    for row in rows:
        note = FileNote(row.name, row.media_type, row.size, row.slug or "")
        found[row.announcement_id] = (*found.get(row.announcement_id, ()), note)
    return found


async def of_reader(
    read: Read, announcement_id: int, person_id: int | None
) -> tuple[Attachment, ...]:
    """Return what one reader gets: the files for all, then the letter of their organisation."""
    home = select(t.Person.organisation_id).where(col(t.Person.id) == person_id)
    theirs = col(t.AnnouncementFile.organisation_id) == home.scalar_subquery()
    return await _files(read, announcement_id, or_(_FOR_ALL, theirs))


async def a_letter(read: Read, announcement_id: int) -> tuple[Attachment, ...]:
    """Return somebody's letter, to show staff how it will be; nothing where there is none."""
    return await _files(read, announcement_id, ~_FOR_ALL, limit=1)


_FOR_ALL: Any = col(t.AnnouncementFile.organisation_id).is_(None)


async def _files(
    read: Read, announcement_id: int, which: Any, limit: int | None = None
) -> tuple[Attachment, ...]:
    rows = await read.all(
        select(t.AnnouncementFile.name, t.AnnouncementFile.media_type, t.AnnouncementFile.content)
        .where(col(t.AnnouncementFile.announcement_id) == announcement_id, which)
        .order_by(col(t.AnnouncementFile.organisation_id).is_not(None), t.AnnouncementFile.id)
        .limit(limit)
    )
    return tuple(
        Attachment(row.name, row.media_type, bytes(row.content), is_shared=True) for row in rows
    )


async def organisations_in(read: Read, expression: audience.Expression) -> frozenset[str]:
    """Return the slugs of the organisations that have somebody in the audience."""
    rows = await read.all(
        select(t.Organisation.slug)
        .join(t.Person, t.Person.organisation_id == t.Organisation.id)
        .where(audiences.condition(expression))
        .distinct()
    )
    return frozenset(row.slug for row in rows)
