"""What an outcome means for the ledger."""

from collections.abc import Sequence
from datetime import datetime

from bot.adapters.base import Adapter
from bot.domain.address import Address
from bot.domain.delivery import REPEATABLE, DeliveryState, Kind, Outgoing, Result
from bot.domain.outcome import Delivered, Later, Moved, Never, Outcome, Reason, Scope, Unknown
from bot.storage import accounts, deliveries
from bot.storage.database import Write

VANISHED = frozenset({Reason.BLOCKED, Reason.GONE, Reason.NOT_FOUND})
"""Reasons that say something of the chat, not of this one message."""
REASON_LENGTH = 500
LATER_SECONDS = 24 * 3600.0
"""How long one chat may say "later" and nothing else: after that it is a no."""
MOVES = 3
"""How often a message follows its chat: more is a platform that sends it in circles."""
EDITS = 3
"""How often a change, or a page, is repeated whose fate is unknown: it may be what fails."""


def result_of(row: Outgoing, outcome: Outcome, epoch_now: float) -> Result:
    """Return what becomes of ``row``; see the states in ``bot.domain.delivery``."""
    match outcome:
        case Delivered(ref=ref):
            return Result(row, DeliveryState.DELIVERED, ref.id if ref else row.target)
        case Later():
            return _later(row, outcome, epoch_now)
        case Moved(new_address=to):
            return _moved(row, to)
        case Never(why=why, detail=detail):
            reason = f"{why.value}: {detail}" if detail else why.value
            return Result(row, DeliveryState.FAILED, reason=reason[:REASON_LENGTH])
        case Unknown(reason=reason) if row.kind in REPEATABLE:
            tried = row.attempts >= EDITS
            state = DeliveryState.UNCONFIRMED if tried else DeliveryState.PENDING
            return Result(row, state, reason=reason[:REASON_LENGTH])
        case Unknown(reason=reason):
            return Result(row, DeliveryState.UNCONFIRMED, reason=reason[:REASON_LENGTH])


def pause_of(row: Outgoing, outcome: Outcome) -> tuple[Scope, float] | None:
    """Return what must wait after the attempt, and how many seconds, or None."""
    match outcome:
        case Later(after=after, scope=scope):
            return scope, after
        case Unknown() if row.kind in REPEATABLE and row.attempts < EDITS:
            return Scope.CHAT, 2.0 ** (row.attempts + 1)
        case _:
            return None


def _later(row: Outgoing, later: Later, epoch_now: float) -> Result:
    """What holds up the whole account is somebody's to repair, and waits as long as it takes."""
    if later.scope is Scope.ACCOUNT:
        reason = later.detail[:REASON_LENGTH]
        return Result(row, DeliveryState.PENDING, reason=reason, moves=row.moves)
    since = row.later_since or epoch_now
    if epoch_now - since > LATER_SECONDS:
        reason = f"later_too_often: {later.detail}"[:REASON_LENGTH]
        return Result(row, DeliveryState.FAILED, reason=reason)
    reason = later.detail[:REASON_LENGTH]
    return Result(row, DeliveryState.PENDING, reason=reason, later_since=since, moves=row.moves)


def _moved(row: Outgoing, to: Address) -> Result:
    if to == row.address:
        return Result(row, DeliveryState.FAILED, reason="moved_to_itself")
    if row.moves >= MOVES:
        return Result(row, DeliveryState.FAILED, reason=f"moved_too_often: {row.moves} times")
    return Result(row, DeliveryState.PENDING, reason="moved", moves=row.moves + 1)


async def settle(
    write: Write, results: Sequence[Result], epoch: int, at: datetime, adapter: Adapter
) -> None:
    """Record ``results``: the rows, chats that cannot be reached, parts that make no sense now."""
    if not results:
        return
    await deliveries.record(write, results, epoch, at)
    broken = [
        result.row
        for result in results
        if result.row.kind is Kind.SEND and _breaks_the_rest(result, adapter)
    ]
    await deliveries.skip_later_parts(write, broken)
    introduced = [result.row.address_id for result in results if _introduces(result)]
    await accounts.introduce_all(write, introduced, at)
    for result in results:
        why = result.reason.partition(":")[0]
        if result.state is DeliveryState.FAILED and _says_chat_is_gone(result.row, why):
            await accounts.set_unreachable(write, result.row.address, why)


def _introduces(result: Result) -> bool:
    row = result.row
    return row.introduce and row.kind is Kind.SEND and result.state is DeliveryState.DELIVERED


def _says_chat_is_gone(row: Outgoing, why: str) -> bool:
    """Return whether a refusal speaks of the chat: for a change, it may be the message.

    What is "not found" in a room may be the thread alone.
    """
    if row.kind is not Kind.SEND or why not in VANISHED:
        return False
    return row.is_direct or why != Reason.NOT_FOUND


def _breaks_the_rest(result: Result, adapter: Adapter) -> bool:
    if result.state is DeliveryState.UNCONFIRMED:
        return not adapter.capabilities.reconcile
    return result.state is DeliveryState.FAILED
