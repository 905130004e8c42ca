"""Both webhooks in a storm of bad requests; ``tests/benchmarks/bench_storm.py`` is longer."""

from bot.adapters.conformance import HandClock
from bot.storage.database import Database
from tests.support.storm import Storm, fire, served, words_stored

SHOTS = 1500


async def test_every_request_gets_its_answer_and_good_ones_are_stored_once(
    database: Database,
) -> None:
    clock = HandClock()
    storm = Storm(20271124, clock)
    async with served(database, clock) as url:
        answers = await fire(url, storm.shots(SHOTS))
    wrong = [(shot, status) for shot, status in answers if status not in shot.right]
    assert wrong == []
    assert len(answers) == SHOTS
    found = await words_stored(database)
    assert len(storm.words) > SHOTS // 8
    assert {word: found[word] for word in storm.words} == dict.fromkeys(storm.words, 1)
