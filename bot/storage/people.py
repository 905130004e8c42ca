"""People and organisations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlmodel import col

from bot.domain.people import ContactRole, Organisation, Person, RosterRow, StaffRole
from bot.storage import bulk, tables, unwanted
from bot.storage.database import Read, Write

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


@dataclass(frozen=True, slots=True)
class Saved:
    """A row of a roster that was saved; ``what`` is added, changed or unchanged."""

    id: int
    what: str


def _select_people() -> Select[Any]:
    return (
        select(
            t.Person,
            t.Organisation.id.label("org_id"),
            col(t.Organisation.slug).label("org_slug"),
            col(t.Organisation.names).label("org_names"),
            col(t.Organisation.country).label("org_country"),
            col(t.Staff.role).label("staff_role"),
        )
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .outerjoin(t.Staff, col(t.Staff.email) == col(t.Person.email))
    )


def _person(row: Any) -> Person:
    organisation = None
    if row.org_id is not None:
        organisation = Organisation(row.org_id, row.org_slug, row.org_names, row.org_country)
    return Person(
        id=row.id,
        names=row.names,
        email=row.email,
        organisation=organisation,
        role=ContactRole(row.role),
        locale=row.locale,
        language=row.language,
        timezone=row.zone or row.timezone,
        preferred=row.preferred,
        stopped=row.stopped,
        staff=StaffRole(row.staff_role) if row.staff_role else None,
        title=row.title,
    )


async def by_id(read: Read, person_id: int) -> Person | None:
    """Return the person, or None."""
    row = await read.first(_select_people().where(col(t.Person.id) == person_id))
    return _person(row) if row else None


async def by_email(read: Read, email: str) -> Person | None:
    """Return the person with the e-mail address, whatever its case, or None."""
    row = await read.first(_select_people().where(col(t.Person.email) == email.strip().lower()))
    return _person(row) if row else None


async def all_people(read: Read) -> tuple[Person, ...]:
    """Return everybody, by organisation and name."""
    statement = _select_people().order_by(col(t.Organisation.slug), col(t.Person.email))
    return tuple(_person(row) for row in await read.all(statement))


async def set_stopped(write: Write, person_id: int, stopped: bool) -> None:
    """Note whether the person wants announcements; what has not left follows.

    See :mod:`bot.storage.unwanted`.
    """
    await write.count(update(t.Person).where(col(t.Person.id) == person_id).values(stopped=stopped))
    if stopped:
        await unwanted.skip_for_person(write, person_id, unwanted.STOPPED)
    else:
        await unwanted.bring_back(write, person_id)


async def save_organisations(write: Write, rows: Sequence[RosterRow]) -> dict[str, Saved]:
    """Add and update the organisations of ``rows``; return them by slug."""
    found = await _by_key(write, t.Organisation, "slug", {row.organisation_slug for row in rows})
    told: dict[str, bulk.Values] = {}
    for row in rows:
        slug = row.organisation_slug
        known = found.get(slug)
        before = told.get(slug) or {
            "names": known.names if known else {},
            "country": known.country if known else "",
        }
        told[slug] = {
            "slug": slug,
            "names": {**before["names"], **row.organisation_names},
            "country": row.country or before["country"],
        }
    return await _save(write, t.Organisation, "slug", list(told.values()), found)


async def save_people(
    write: Write, rows: Sequence[RosterRow], organisations: Mapping[str, Saved]
) -> dict[str, Saved]:
    """Add and update the people of ``rows``, each of whom stands there once; return them.

    What they chose themselves (language, no announcements) stays.
    """
    found = await _by_key(write, t.Person, "email", {row.email for row in rows})
    told = [_told(row, organisations[row.organisation_slug].id) for row in rows]
    chosen = {"language": "", "stopped": False}
    saved = await _save(write, t.Person, "email", told, found, chosen=chosen)
    retagged = await _save_tags(write, {saved[row.email].id: row.tags for row in rows})
    return {
        email: replace(one, what="changed")
        if one.id in retagged and one.what == "unchanged"
        else one
        for email, one in saved.items()
    }


def _told(row: RosterRow, organisation_id: int) -> bulk.Values:
    """Return what the roster says of a person, by column."""
    return {
        "email": row.email,
        "names": row.names,
        "title": row.title,
        "family_name": row.family_name,
        "organisation_id": organisation_id,
        "role": row.role.value,
        "locale": row.locale,
        "timezone": row.timezone,
    }


async def _by_key(read: Read, table: Any, key: str, values: set[str]) -> dict[str, Any]:
    rows = await read.all(select(table).where(getattr(table, key).in_(sorted(values))))
    return {getattr(row, key): row for row in rows}


async def _save(
    write: Write,
    table: Any,
    key: str,
    told: Sequence[bulk.Values],
    found: Mapping[str, Any],
    *,
    chosen: bulk.Values | None = None,
) -> dict[str, Saved]:
    """Write what is new or differs; ``chosen`` are the columns that only a new row gets."""
    what = {}
    for row in told:
        before = found.get(row[key])
        same = before and all(getattr(before, name) == value for name, value in row.items())
        what[row[key]] = "added" if before is None else "unchanged" if same else "changed"
    keep = chosen or {}
    rows = [{**row, **keep} for row in told if what[row[key]] != "unchanged"]
    ids = {name: row.id for name, row in found.items()}
    for written in await bulk.upsert(write, table, rows, keys=[key], keep=list(keep)):
        ids[getattr(written, key)] = written.id
    return {name: Saved(ids[name], one) for name, one in what.items()}


async def _save_tags(write: Write, wanted: Mapping[int, frozenset[str]]) -> set[int]:
    """Give people exactly these tags; return the ids of those who had others."""
    before: dict[int, set[str]] = {person_id: set() for person_id in wanted}
    of_them = select(t.PersonTag.person_id, t.PersonTag.tag)
    for row in await write.all(of_them.where(col(t.PersonTag.person_id).in_(list(wanted)))):
        before[row.person_id].add(row.tag)
    differ = {person_id for person_id, tags in wanted.items() if tags != before[person_id]}
    if differ:
        await write.count(delete(t.PersonTag).where(col(t.PersonTag.person_id).in_(differ)))
    rows = [{"person_id": one, "tag": tag} for one in sorted(differ) for tag in sorted(wanted[one])]
    if rows:
        await write.execute(insert(t.PersonTag), rows)
    return differ


async def save_staff_person(write: Write, email: str) -> int:
    """Make sure that somebody with ``email`` exists, so that accounts can be linked."""
    found: int | None = await write.scalar(select(t.Person.id).where(col(t.Person.email) == email))
    if found is not None:
        return found
    statement = insert(t.Person).values(
        email=email,
        names={"": email},
        title="",
        family_name="",
        role="contact",
        locale="",
        language="",
        timezone="",
        stopped=False,
    )
    new_id: int = await write.scalar(statement.returning(t.Person.id))
    return new_id


async def count_unlinked(read: Read) -> int:
    """Return how many people have no account on any messenger."""
    linked = select(t.Account.person_id).where(col(t.Account.person_id).is_not(None))
    statement = select(func.count()).select_from(t.Person).where(col(t.Person.id).not_in(linked))
    return int(await read.scalar(statement))


async def organisations(read: Read) -> tuple[Organisation, ...]:
    """Return all member organisations, by slug."""
    rows = await read.all(select(t.Organisation).order_by(col(t.Organisation.slug)))
    return tuple(Organisation(row.id, row.slug, row.names, row.country) for row in rows)


async def add_contact(write: Write, *, name: str, email: str, organisation_id: int | None) -> int:
    """Add a contact whom the roster does not have yet and return their row id."""
    new_id: int = await write.scalar(
        insert(t.Person)
        .values(
            email=email,
            names={"": name},
            title="",
            family_name="",
            organisation_id=organisation_id,
            role=ContactRole.CONTACT.value,
            locale="",
            language="",
            timezone="",
            stopped=False,
        )
        .returning(t.Person.id)
    )
    return new_id
