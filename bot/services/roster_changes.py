"""What importing a roster would change, and nothing is written.

The import takes its rows in chunks, and each finds what the ones before have written; so
here what the earlier rows would leave behind is remembered beside what is stored, and
both come to the same numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.address import AccountRef
from bot.domain.changes import Change, FieldChange, Plan, What
from bot.domain.people import Problem, RosterRow
from bot.services import roster_links
from bot.storage import contacts
from bot.storage.database import Read


@dataclass(frozen=True, slots=True)
class _Known:
    """An organisation as it is stored, or as the rows so far leave it."""

    names: dict[str, str]
    country: str


@dataclass(slots=True)
class _Left:
    """What the rows so far leave behind, and what has been found."""

    own: Mapping[str, str]
    people: dict[str, RosterRow] = field(default_factory=dict)
    organisations: dict[str, _Known] = field(default_factory=dict)
    owners: dict[AccountRef, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unchanged: int = 0


async def plan(
    read: Read, chunks: Iterator[Sequence[RosterRow]], *, own: Mapping[str, str]
) -> Plan:
    """Return what importing ``chunks`` would do; within one nobody stands twice.

    Args:
        own: Our account by platform, for rows that do not name it.
    """
    left = _Left(own)
    for rows in chunks:
        await _look_up(read, rows, left)
        _compare(rows, left)
    return Plan(tuple(left.changes), left.unchanged, tuple(left.problems))


async def _look_up(read: Read, rows: Sequence[RosterRow], left: _Left) -> None:
    """Add what is stored of ``rows`` to what is known, without replacing it."""
    for stored in await contacts.rows(read, {row.email for row in rows}):
        left.people.setdefault(stored.email, stored)
    slugs = {row.organisation_slug for row in rows}
    for slug, one in (await contacts.organisations(read, slugs)).items():
        left.organisations.setdefault(slug, _Known(one.names, one.country))
    refs = {ref for row in rows for ref in roster_links.refs(row, left.own)}
    for ref, email in (await contacts.account_emails(read, refs)).items():
        left.owners.setdefault(ref, email)


def _compare(rows: Sequence[RosterRow], left: _Left) -> None:
    differ = _organisations(rows, left)
    for row in rows:
        before = left.people.get(row.email)
        fields = [*_own_fields(before, row), *_linked(row, left)]
        # One row stands for what its organisation changed.
        fields += differ.pop(row.organisation_slug, ())
        left.people[row.email] = row
        if before is not None and not fields:
            left.unchanged += 1
            continue
        left.changes.append(
            Change(
                What.ADDED if before is None else What.CHANGED,
                "contact",
                row.email,
                row.names[""],
                f"line {row.line}",
                tuple(fields) if before is not None else (),
            )
        )


def _organisations(rows: Sequence[RosterRow], left: _Left) -> dict[str, list[FieldChange]]:
    """Return what ``rows`` change of their organisations, by slug; those are then known so."""
    before = {row.organisation_slug: left.organisations.get(row.organisation_slug) for row in rows}
    for row in rows:
        known = left.organisations.get(row.organisation_slug) or _Known({}, "")
        left.organisations[row.organisation_slug] = _Known(
            {**known.names, **row.organisation_names}, row.country or known.country
        )
    differ: dict[str, list[FieldChange]] = {}
    for slug, old in before.items():
        new = left.organisations[slug]
        if old is None:
            differ[slug] = [FieldChange("new organisation", "", slug)]
        elif old != new:
            differ[slug] = [
                *_names("organisation", old.names, new.names),
                *_field("country", old.country, new.country),
            ]
    return differ


def _own_fields(before: RosterRow | None, row: RosterRow) -> Iterator[FieldChange]:
    """Yield what the row changes of the person alone."""
    if before is None:
        return
    yield from _names("name", before.names, row.names)
    yield from _field("organisation", before.organisation_slug, row.organisation_slug)
    yield from _field("role", before.role.value, row.role.value)
    for name in ("title", "family_name", "locale", "timezone"):
        yield from _field(name, getattr(before, name), getattr(row, name))
    yield from _field("tags", " ".join(sorted(before.tags)), " ".join(sorted(row.tags)))


def _linked(row: RosterRow, left: _Left) -> Iterator[FieldChange]:
    """Yield the accounts that the row links; note those that it cannot."""
    for ref in roster_links.refs(row, left.own):
        left.problems += roster_links.elsewhere(row, ref, left.own)
        owner = left.owners.setdefault(ref, "")
        if not owner:
            left.owners[ref] = row.email
            yield FieldChange(f"{ref.platform} account", "", ref.user)
        elif owner != row.email:
            left.problems.append(roster_links.taken(row, ref))


def _names(base: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[FieldChange]:
    for language in sorted({*before, *after}):
        name = f"{base}_{language}" if language else base
        yield from _field(name, before.get(language, ""), after.get(language, ""))


def _field(name: str, before: str, after: str) -> Iterator[FieldChange]:
    if before != after:
        yield FieldChange(name, before, after)
