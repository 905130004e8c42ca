"""What adapters remember is theirs alone."""

from bot.storage.database import Database
from bot.storage.key_values import AdapterMemory


async def test_all_gives_what_begins_so_and_nothing_else(database: Database) -> None:
    slack, telegram = AdapterMemory(database, "slack"), AdapterMemory(database, "telegram")
    for key in ("direct.T_1.U1", "direct.T_1.u2", "direct.Tx1.U3", "DIRECT.T_1.U4", "owner.T_1.D1"):
        await slack.set(key, key.lower())
    await telegram.set("direct.T_1.U5", "no")
    found = await slack.all("direct.T_1.")
    assert found == {"direct.T_1.U1": "direct.t_1.u1", "direct.T_1.u2": "direct.t_1.u2"}
    assert await slack.all("nothing") == {}
