"""Contacts as a roster file shows them: what an import compares with, and what is exported."""

from collections.abc import Collection, Sequence
from dataclasses import astuple
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from bot.domain.address import AccountRef
from bot.domain.people import ContactRole, Organisation, RosterRow
from bot.storage import tables
from bot.storage.database import Read

t: Any = tables  # SQLModel types a column as its value, so mypy cannot follow a query


async def rows(read: Read, emails: Collection[str] | None = None) -> tuple[RosterRow, ...]:
    """Return the contacts with these addresses, or all, by organisation and address.

    Line 0 stands for no file. Who belongs to no organisation (staff) has the slug ``""``.
    """
    statement = (
        select(
            t.Person,
            col(t.Organisation.slug).label("org_slug"),
            col(t.Organisation.names).label("org_names"),
            col(t.Organisation.country).label("org_country"),
        )
        .outerjoin(t.Organisation, col(t.Organisation.id) == col(t.Person.organisation_id))
        .order_by(col(t.Organisation.slug), col(t.Person.email))
    )
    tags = select(t.PersonTag.person_id, t.PersonTag.tag)
    accounts = (
        select(t.Account.person_id, t.Account.platform, t.Account.account, t.Account.user)
        .where(col(t.Account.person_id).is_not(None))
        .order_by(col(t.Account.id))
    )
    if emails is not None:
        statement = statement.where(col(t.Person.email).in_(sorted(emails)))
        ids = select(t.Person.id).where(col(t.Person.email).in_(sorted(emails)))
        tags = tags.where(col(t.PersonTag.person_id).in_(ids))
        accounts = accounts.where(col(t.Account.person_id).in_(ids))
    people = await read.all(statement)
    tags_of = _grouped(await read.all(tags))
    accounts_of = _grouped(await read.all(accounts))
    return tuple(
        _row(one, [tag for (tag,) in tags_of.get(one.id, ())], accounts_of.get(one.id, ()))
        for one in people
    )


def _grouped(found: Sequence[Any]) -> dict[int, list[tuple[Any, ...]]]:
    groups: dict[int, list[tuple[Any, ...]]] = {}
    for person_id, *rest in found:
        groups.setdefault(person_id, []).append(tuple(rest))
    return groups


def _row(row: Any, tags: Sequence[str], accounts: Sequence[tuple[Any, ...]]) -> RosterRow:
    return RosterRow(
        line=0,
        organisation_slug=row.org_slug or "",
        organisation_names=row.org_names or {},
        country=row.org_country or "",
        names=row.names,
        email=row.email,
        role=ContactRole(row.role),
        locale=row.locale,
        timezone=row.timezone,
        tags=frozenset(tags),
        accounts=tuple((platform, account, user) for platform, account, user in accounts),
        title=row.title,
        family_name=row.family_name,
    )


async def organisations(read: Read, slugs: Collection[str]) -> dict[str, Organisation]:
    """Return those of the organisations that are stored, by slug."""
    statement = select(t.Organisation).where(col(t.Organisation.slug).in_(sorted(slugs)))
    return {
        row.slug: Organisation(row.id, row.slug, row.names, row.country)
        for row in await read.all(statement)
    }


async def account_emails(read: Read, refs: Collection[AccountRef]) -> dict[AccountRef, str]:
    """Return whose those of ``refs`` are that are linked, by e-mail address."""
    users: dict[tuple[str, str], list[str]] = {}
    for ref in sorted(refs, key=astuple):
        users.setdefault((ref.platform, ref.account), []).append(ref.user)
    found: dict[AccountRef, str] = {}
    for (platform, account), some in users.items():  # rows of three in one IN take no index
        statement = (
            select(t.Account.user, t.Person.email)
            .join(t.Person, col(t.Person.id) == col(t.Account.person_id))
            .where(
                col(t.Account.platform) == platform,
                col(t.Account.account) == account,
                col(t.Account.user).in_(some),
            )
        )
        for row in await read.all(statement):
            found[AccountRef(platform, account, row.user)] = row.email
    return found
