"""The roster: who belongs to which organisation, and where they are reached."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.clock import Clock
from bot.domain.address import AccountRef
from bot.domain.changes import Plan
from bot.domain.people import Actor, ImportReport, Problem, RosterRow
from bot.services import roster_changes, roster_links
from bot.services.roster_erased import without_erased
from bot.storage import accounts, audit, contacts, key_values, people
from bot.storage.database import Database, Read, Write
from bot.storage.people import Saved

CHUNK = 100
"""Rows a transaction: far below a lease, and few enough that an answer never waits for it."""
SAME_FOR_EVERY_BOT = frozenset({"telegram"})
"""Platforms on which a person has the same id whatever bot looks at them."""


async def known_accounts(read: Read, platforms: Sequence[str]) -> dict[str, str]:
    """Return the bot's or team's id by platform, as far as it has ever run here."""
    found = {name: await key_values.get(read, f"account:{name}") for name in platforms}
    return {name: value for name, value in found.items() if value}


async def remember_account(write: Write, platform: str, account: str) -> None:
    """Note our account on the platform, and give it what was imported before it was known.

    If it is another bot than before, it also takes over the people of the one before, or
    announcements would skip them for ever. (Another Slack workspace has other users.)
    """
    await key_values.put(write, f"account:{platform}", account)
    await accounts.adopt(write, platform, account)
    if platform in SAME_FOR_EVERY_BOT:
        await accounts.hand_over(write, platform, account)


async def plan(read: Read, rows: Sequence[RosterRow], *, own: Mapping[str, str]) -> Plan:
    """Return what :func:`import_rows` would do now; nothing is written."""
    kept, erased = await without_erased(read, rows)
    plan = await roster_changes.plan(read, _chunks(kept), own=own)
    return plan.with_problems(erased)


async def stored(read: Read) -> tuple[RosterRow, ...]:
    """Return all contacts of organisations as rows of a roster; staff alone are none."""
    return tuple(row for row in await contacts.rows(read) if row.organisation_slug)


async def import_rows(
    database: Database,
    rows: Sequence[RosterRow],
    *,
    own: Mapping[str, str],
    actor: Actor,
    clock: Clock,
) -> ImportReport:
    """Add and update the people of ``rows`` while the service goes on working beside it.

    A transaction takes some rows only, and after each SQLite is left alone for as long as
    it took: there a running service has a queue of its own, which knows nothing of ours.
    Saving is idempotent, so a crash in between is mended by importing again; only the
    audit entry, which comes last with the sums, is missing then.

    Args:
        own: Our account by platform, for rows that do not name it.
    """
    async with database.read() as read:
        kept, erased = await without_erased(read, rows)
    reports = [ImportReport(problems=erased)]
    for chunk in _chunks(kept):
        begun = clock.monotonic()
        reports.append(await database.write(partial(_save_chunk, rows=chunk, own=own)))
        await clock.sleep(clock.monotonic() - begun if database.is_sqlite else 0.0)
    total = _sum(reports)
    await database.write(partial(_record, report=total, actor=actor, now=clock.now()))
    return total


async def save(
    write: Write,
    rows: Sequence[RosterRow],
    *,
    own: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> ImportReport:
    """Add and update a few people in the caller's transaction; see :func:`import_rows`."""
    kept, erased = await without_erased(write, rows)
    reports = [await _save_chunk(write, chunk, own) for chunk in _chunks(kept)]
    total = _sum([ImportReport(problems=erased), *reports])
    await _record(write, total, actor, now)
    return total


def _chunks(rows: Sequence[RosterRow]) -> Iterator[Sequence[RosterRow]]:
    """Cut ``rows`` so that nobody stands twice in a chunk: the later row counts."""
    chunk: dict[str, RosterRow] = {}
    for row in rows:
        if len(chunk) == CHUNK or row.email in chunk:
            yield tuple(chunk.values())
            chunk = {}
        chunk[row.email] = row
    if chunk:
        yield tuple(chunk.values())


def _sum(reports: Iterable[ImportReport]) -> ImportReport:
    total = ImportReport()
    for one in reports:
        total = replace(
            total,
            added=total.added + one.added,
            changed=total.changed + one.changed,
            unchanged=total.unchanged + one.unchanged,
            problems=total.problems + one.problems,
        )
    return total


async def _record(write: Write, report: ImportReport, actor: Actor, now: datetime) -> None:
    await audit.record(
        write,
        actor=actor,
        action="roster import",
        subject="roster",
        at=now,
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
    )


async def _save_chunk(
    write: Write, rows: Sequence[RosterRow], own: Mapping[str, str]
) -> ImportReport:
    organisations = await people.save_organisations(write, rows)
    saved = await people.save_people(write, rows, organisations)
    linked, problems = await _link(write, rows, saved, own)
    other = {slug for slug, one in organisations.items() if one.what != "unchanged"}
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for row in rows:
        what = saved[row.email].what
        if what == "unchanged" and (row.email in linked or row.organisation_slug in other):
            what = "changed"
        other.discard(row.organisation_slug)  # one row stands for what its organisation changed
        counts[what] += 1
    return ImportReport(**counts, problems=tuple(problems))


async def _link(
    write: Write, rows: Sequence[RosterRow], saved: Mapping[str, Saved], own: Mapping[str, str]
) -> tuple[set[str], list[Problem]]:
    """Link the accounts of ``rows``; return who got one, by address, and what is wrong."""
    wanted = [(row, ref) for row in rows for ref in roster_links.refs(row, own)]
    owners = await accounts.owners(write, {ref for _row, ref in wanted})
    new: dict[AccountRef, int] = {}
    linked = set()
    problems = []
    for row, ref in wanted:
        person_id = saved[row.email].id
        problems += roster_links.elsewhere(row, ref, own)
        if owners.get(ref) is None:
            owners[ref] = new[ref] = person_id
            linked.add(row.email)
        elif owners[ref] != person_id:
            problems.append(roster_links.taken(row, ref))
    await accounts.link(write, new)
    return linked, problems
