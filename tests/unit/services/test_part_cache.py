"""Rendered parts are kept within bounds, and a file that many parts show is counted once."""

from bot.adapters import encoded
from bot.adapters.base import Part
from bot.domain.announcement import MOST_FILES
from bot.domain.message import Attachment
from bot.services.part_cache import PartCache


def part(*texts: str) -> tuple[Part, ...]:
    return (Part({"files": [{"content": text} for text in texts], "text": "-"}, "-"),)


def kept(cache: PartCache[int], upto: int) -> list[int]:
    return [key for key in range(upto) if cache.get(key) is not None]


def test_texts_of_their_own_are_bounded_by_their_size() -> None:
    cache: PartCache[int] = PartCache(most=100, most_bytes=1000)
    for key in range(5):
        cache.put(key, part(str(key) * 400))
    assert kept(cache, 5) == [4]
    cache.put(5, part("x" * 5000))
    assert kept(cache, 6) == [5], "one always fits"


def test_a_shared_text_counts_once() -> None:
    cache: PartCache[int] = PartCache(most=100, most_bytes=1000)
    shared = "s" * 900
    for key in range(50):
        cache.put(key, part(shared))
    assert kept(cache, 50) == list(range(50))


def test_entries_are_bounded_as_well() -> None:
    cache: PartCache[int] = PartCache(most=3)
    for key in range(5):
        cache.put(key, part("a"))
    assert kept(cache, 5) == [3, 4]


def test_all_files_of_an_announcement_are_the_same_text_for_everybody() -> None:
    def texts() -> list[str]:
        files = [
            Attachment(f"{at}.pdf", "application/pdf", b"%d" % at * 10, is_shared=True)
            for at in range(MOST_FILES)
        ]
        return [encoded.as_text(one) for one in files]

    first, second = texts(), texts()
    assert all(one is other for one, other in zip(first, second, strict=True))
