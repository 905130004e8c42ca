"""Inside a transaction only storage is awaited; anything else raises."""

import types
from collections.abc import Awaitable, Generator
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class AwaitedInTransaction(RuntimeError):
    """Code awaited something other than storage while a transaction was open."""

    def __init__(self) -> None:
        """Say what to do about it."""
        super().__init__(
            "inside a write transaction only storage may be awaited: "
            "do it before, or commit and do it after"
        )


class Guarded(Protocol):
    """A transaction that knows whether it is open and whether storage is at work."""

    @property
    def open(self) -> bool:
        """Whether the transaction is open."""
        ...

    @property
    def busy(self) -> int:
        """More than zero while storage is at work."""
        ...


_around: ContextVar[Guarded | None] = ContextVar("_around", default=None)


def refuse_beside() -> None:
    """Refuse storage outside the transaction that is open, before it has begun anything.

    Interrupted in the middle, a connection would go back to the pool with a transaction that
    begins a moment later, and whoever gets it next cannot work with it, for ever.

    Raises:
        AwaitedInTransaction: a guarded transaction is open here, and this is not its work.
    """
    guarded = _around.get()
    if guarded is not None and guarded.open and not guarded.busy:
        raise AwaitedInTransaction


@types.coroutine
def _drive(work: Any, guarded: Guarded) -> Generator[Any, Any, Any]:
    """Step through ``work``; it may be suspended only where storage suspended it."""
    iterator = work.__await__()
    step = iterator.send
    argument: Any = None
    while True:
        try:
            waits_for = step(argument)
        except StopIteration as stop:
            return stop.value
        if guarded.open and not guarded.busy:
            step, argument = iterator.throw, AwaitedInTransaction()
            continue
        try:
            argument = yield waits_for
            step = iterator.send
        except BaseException as error:
            step, argument = iterator.throw, error


async def only_storage(work: Awaitable[T], guarded: Guarded) -> T:
    """Await ``work`` and return its result.

    Raises:
        AwaitedInTransaction: in ``work``, at the place that awaited something else while
            ``guarded`` was open.
    """
    token = _around.set(guarded)
    try:
        result: T = await _drive(work, guarded)
    finally:
        _around.reset(token)
    return result
