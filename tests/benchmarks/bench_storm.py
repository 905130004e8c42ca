"""A hundred thousand bad requests at both webhooks: no 5xx, nothing doubled, memory flat."""

import logging
import time
from collections import Counter
from pathlib import Path

from bot.adapters.conformance import HandClock
from bot.storage import schema
from bot.storage.database import Database
from tests.support.storm import Storm, fire, resident_bytes, served, words_stored

ROUNDS, SHOTS = 20, 5000
MIB = 1024 * 1024
GROWTH = 8 * MIB
"""What the second half may add: the storm itself keeps all good words, to look for them."""


async def test_hundred_thousand(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'storm.db'}")
    await schema.migrate(database)
    clock = HandClock()
    logging.disable(logging.CRITICAL)  # pytest would keep every line of them in memory
    storm = Storm(1, clock)
    statuses: Counter[int] = Counter()
    resident = []
    begin = time.perf_counter()
    async with served(database, clock) as url:
        for _ in range(ROUNDS):
            answers = await fire(url, storm.shots(SHOTS))
            assert [one for one in answers if one[1] not in one[0].right] == []
            statuses.update(status for _, status in answers)
            resident.append(resident_bytes())
    seconds = time.perf_counter() - begin
    logging.disable(logging.NOTSET)
    found = await words_stored(database)
    await database.close()
    assert all(found[word] == 1 for word in storm.words)
    print(f"{ROUNDS * SHOTS} requests in {seconds:.0f} s, {len(storm.words)} stored once each")
    print("statuses:", dict(sorted(statuses.items())))
    print("resident MiB after each round:", [one // MIB for one in resident])
    assert resident[-1] - resident[ROUNDS // 2] < GROWTH
