"""Tidying up after processes that died."""

from bot.domain.delivery import Lane
from bot.storage import inbox, leases
from bot.storage.database import Database, Write


async def free_orphans(database: Database) -> int:
    """Make claimable again the updates that dead processes hold; return how many."""
    async with database.read() as read:
        if not await inbox.has_orphans(read):
            return 0
    return await database.write(_free, Lane.CONVERSATION)


async def _free(write: Write) -> int:
    await leases.forget_processes(write)
    return await inbox.free_orphans(write)
