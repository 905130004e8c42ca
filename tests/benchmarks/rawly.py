"""Loops that only post with aiohttp and keep nothing: what ours is measured against.

Two of them. The fair one posts what our adapter posted, byte for byte but for whom it goes
to, and encodes it anew for each, as any loop has to. The minimal one posts the bare words:
what a script of ten lines would.

Beside the rate stands the processor's time of this process: it changes less with what else
the machine does at the moment.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import aiohttp

AT_ONCE = 32
Encode = Callable[[int], Mapping[str, Any]]
"""Gives what aiohttp is to post as the message of a number: ``data=`` or ``json=``."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Messages a second, and microseconds of the processor that each took on our side."""

    rate: float
    micros: float


class Watch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._begin, self._used = time.perf_counter(), time.process_time()

    def speed(self, messages: int, seconds: float | None = None) -> Speed:
        """Return how fast so many messages were, which took ``seconds`` or until now."""
        used = time.process_time() - self._used
        took = seconds or time.perf_counter() - self._begin
        return Speed(messages / took, used / messages * 1e6)


async def post(
    address: str, messages: int, encode: Encode, headers: Mapping[str, str] | None = None
) -> Speed:
    """Post so many messages and return how fast that was."""
    left = iter(range(1, messages + 1))
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def worker() -> None:
            for number in left:
                async with session.post(address, **encode(number)) as answer:
                    await answer.json()

        watch = Watch()
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
        return watch.speed(messages)


@dataclass(frozen=True, slots=True)
class Round:
    """How fast all three were, one after the other."""

    ours: Speed
    fair: Speed
    minimal: Speed


async def rounds(count: int, one: Callable[[int], Awaitable[Round]]) -> None:
    """Measure a few times, for the machine's speed changes, and print all and the medians."""
    print("\nmessages/s (µs of the processor each); ratios of messages/s")
    print(f"{'':9}{'durable path':>18}{'raw, our bytes':>18} ratio{'raw, bare words':>18} ratio")
    taken = []
    for number in range(1, count + 1):
        taken.append(await one(number))
        _say(f"round {number}", taken[-1:])
    _say("medians", taken)


def _say(name: str, taken: list[Round]) -> None:
    ours, fair, minimal = (
        f"{median(one.rate for one in speeds):.0f} ({median(one.micros for one in speeds):.0f})"
        for speeds in zip(*((one.ours, one.fair, one.minimal) for one in taken), strict=True)
    )
    to_fair = median(one.ours.rate / one.fair.rate for one in taken)
    to_minimal = median(one.ours.rate / one.minimal.rate for one in taken)
    print(f"{name:9}{ours:>18}{fair:>18} {to_fair:5.2f}{minimal:>18} {to_minimal:5.2f}")
