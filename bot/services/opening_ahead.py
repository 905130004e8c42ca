"""Direct chats are opened ahead of the hour at which an announcement needs them.

Slack lets us open some fifty chats a minute, so a thousand new ones would take longer than
the announcement itself. From a day ahead the sender opens them, a few at a time, as rows of
the ledger: at its own pace, behind whoever writes, and remembered like all that it opens.
"""

from datetime import datetime, timedelta
from functools import partial

from bot.adapters.abilities import RemembersDirect
from bot.adapters.base import Adapter
from bot.domain import audience
from bot.storage import opening
from bot.storage.database import Database
from bot.storage.key_values import beginning_of_keys

AHEAD = timedelta(days=1)
AT_ONCE = 16
"""Rows that wait at most: a correction that begins meanwhile stands right behind them."""


async def add(database: Database, adapter: Adapter, now: datetime) -> int:
    """Let the next chats of the account be opened; return how many."""
    if not isinstance(adapter, RemembersDirect) or not adapter.account:
        return 0
    async with database.read() as read:
        expressions = await opening.audiences_until(read, now + AHEAD)
        room = AT_ONCE - await opening.waiting(read, adapter.name, adapter.account)
    added = 0
    for expression in expressions:
        if room - added < AT_ONCE // 2:
            break
        work = partial(
            opening.add,
            expression=audience.parse(expression),
            platform=adapter.name,
            account=adapter.account,
            prefix=beginning_of_keys(adapter.name, adapter.opened_prefix),
            limit=room - added,
        )
        added += await database.write(work)
    return added
