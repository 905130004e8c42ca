"""A process of its own that claims and finishes updates: ``claimer.py URL NAME JOURNAL``.

It writes ``claim ROW CONVERSATION`` and ``done ROW CONVERSATION`` lines, each before the
commit that lets anybody else go on, so the lines of all processes tell what overlapped.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.delivery import Lane
from bot.storage import inbox, leases
from bot.storage.database import Database, Write
from bot.storage.inbox import InboxRow

NOW = datetime(2020, 1, 1, tzinfo=UTC)


async def claim_all(database: Database, name: str, journal: list[str], limit: int = 5) -> None:
    """Claim and finish until nothing is left; one line of ``journal`` an end of a claim."""
    while True:
        rows = await database.write(
            lambda write: inbox.claim(write, name, limit), Lane.CONVERSATION
        )
        assert len(rows) <= limit
        for row in rows:
            journal.append(f"claim {row.id} {row.incoming.where.chat}")
        for row in rows:
            await asyncio.sleep(0)
            await _finish(database, name, journal, row)
        if not rows and not await _is_anything_left(database):
            return


async def _finish(database: Database, name: str, journal: list[str], row: InboxRow) -> None:
    async def work(write: Write) -> None:
        assert await inbox.finish(write, row.id, name, NOW)
        journal.append(f"done {row.id} {row.incoming.where.chat}")

    await database.write(work, Lane.CONVERSATION)


async def _is_anything_left(database: Database) -> bool:
    async with database.read() as read:
        counts = await inbox.counts(read)
    return bool(counts.get("new", 0) + counts.get("claimed", 0))


class _Timed(list[str]):
    """Lines with the machine's monotonic time, which all processes share."""

    def append(self, line: str) -> None:
        super().append(f"{time.monotonic_ns()} {line}")


async def _main(url: str, name: str) -> list[str]:
    database, lines = Database(url), _Timed()
    await database.write(lambda write: leases.acquire(write, f"process:{name}", name, 600))
    await claim_all(database, name, lines)
    await database.close()
    return lines


if __name__ == "__main__":
    Path(sys.argv[3]).write_text("\n".join(asyncio.run(_main(sys.argv[1], sys.argv[2]))))
