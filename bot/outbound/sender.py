"""The sender of one platform account: from claimed rows to recorded results.

One loop does all bookkeeping, so that the order is plain. A turn records what has come
back, claims ahead, and marks what the pacer releases, in a single commit; only then do
the attempts start, and they run beside the loop. If the ledger cannot be written the
sender ends: whoever holds the lease next settles what it leaves behind.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.base import REQUEST_SECONDS, Adapter, Part
from bot.clock import Clock
from bot.domain.delivery import DeliveryState, Lane, Outgoing
from bot.domain.outcome import Later, Moved, Never, Outcome, Reason, Scope, Unknown
from bot.logs import traced
from bot.outbound import WHOLE, Budget
from bot.outbound.attempt import make
from bot.outbound.lease import Lease
from bot.outbound.opening import DirectOpener
from bot.outbound.pacer import Pacer
from bot.outbound.queue import LaneQueues
from bot.outbound.results import pause_of, result_of, settle
from bot.outbound.trouble import AccountTrouble
from bot.outbound.turn import Turn
from bot.outbound.uploading import Uploader
from bot.storage import claims, deliveries, moving
from bot.storage.database import Database, Write

OPENING_AT_ONCE = 8
"""Direct chats being opened, and files handed over, at once; the others go on meanwhile."""
OPENINGS_KEPT = 1
"""Of those, how many an announcement never uses: whoever writes first is answered first."""
CROWD, GATHER_SECONDS = 16, 0.005
"""From so many under way on, answers wait that long for nearly all of them to be booked
together: a commit costs about the same for one as for all."""
LOOK_SECONDS = 1.0
"""How often the ledger is looked at without being woken."""
log = logging.getLogger(__name__)

Prepare = Callable[..., Awaitable[Never | None]]
RenderAnnouncement = Callable[[Outgoing], Awaitable[Part]]


class Sender:
    """Sends what the ledger holds for one account, while its lease is held."""

    def __init__(
        self,
        adapter: Adapter,
        database: Database,
        clock: Clock,
        lease: Lease,
        render: RenderAnnouncement,
        *,
        budget: Budget = WHOLE,
    ) -> None:
        """Prepare; :meth:`run` does the work.

        Args:
            render: Gives the part that a claimed announcement row stands for.
            budget: How many requests it may have under way; the process's senders share.
        """
        self._adapter = adapter
        self._database = database
        self._clock = clock
        self._lease = lease
        self._render = render
        self._budget = budget
        self._pacer = Pacer(adapter.pace)
        self._opener = DirectOpener(adapter, self._pacer, clock, lease)
        self._uploader = Uploader(adapter, self._pacer, clock)
        self._queues = LaneQueues()
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: dict[int, Outgoing] = {}
        self._opening: dict[int, Outgoing] = {}
        self._closed: set[int] = set()
        self._refused: dict[int, Never] = {}
        self._trouble = AccountTrouble(adapter.name)
        self._unwritten: list[tuple[Outgoing, Outcome]] = []
        self._wake = asyncio.Event()
        self._wanted = 0
        self._look = set(Lane)

    async def run(self) -> None:
        """Settle what an earlier sender left behind, then send until the lease is lost.

        Raises:
            SQLAlchemyError: the ledger cannot be written.
        """
        await self._take_over()
        topic = deliveries.topic(self._adapter.name, self._adapter.account)
        async with self._database.wakeups.waiting_for(topic) as rung:
            forward = asyncio.create_task(self._forward(rung), name="forward wake-ups")
            try:
                while not self._lease.lost.is_set():
                    self._wake.clear()
                    await self._gather()
                    await self._turn()
            finally:
                forward.cancel()
                await asyncio.gather(forward, return_exceptions=True)
                await self._stop()

    async def _take_over(self) -> None:
        adapter = self._adapter
        lost = await self._database.write(
            lambda write: deliveries.take_over(
                write,
                platform=adapter.name,
                account=adapter.account,
                epoch=self._lease.epoch,
                at=self._clock.now(),
                blocks_later_parts=not adapter.capabilities.reconcile,
            )
        )
        if lost:
            log.warning("%s: %d messages of an earlier run are unconfirmed", adapter.name, lost)

    async def _forward(self, rung: asyncio.Event) -> None:
        while True:
            await rung.wait()
            rung.clear()
            self._look = set(Lane)
            self._wake.set()

    async def _gather(self) -> None:
        """Wait a moment for more answers where many are under way; a reply waits for nothing.

        At a platform's usual pace messages leave one by one, and there is nothing to gain.
        """
        crowd = len(self._under_way)
        nearly_all = crowd - crowd // 8
        if (
            crowd >= CROWD
            and 0 < len(self._unwritten) < nearly_all
            and not self._queues.has(Lane.CONVERSATION)
        ):
            self._wanted = nearly_all
            try:
                await self._wait(GATHER_SECONDS)
            finally:
                self._wanted = 0

    async def _turn(self) -> None:
        turn = Turn()
        try:
            await self._plan(turn)
            if turn.results or turn.moves or turn.release or turn.room:
                await self._write(turn)
            else:
                await self._rest()
        except BaseException:
            self._keep(turn)
            raise

    def _keep(self, turn: Turn) -> None:
        """Hand a turn that was interrupted to :meth:`_stop`, which tries once more.

        Whether its commit came through is not known, so each row is noted in every way it
        may stand: the ledger takes only what fits the row's state.
        """
        self._unwritten = turn.came_back + self._unwritten
        for row in turn.leaving:
            if row.id not in self._under_way and row.id not in self._opening:
                self._queues.put_back(row)
                self._unwritten.append((row, Later(0.0, Scope.ACCOUNT, "it never left")))
        self._queues.extend(turn.claimed)

    async def _plan(self, turn: Turn) -> None:
        """Decide what this turn writes."""
        now = self._clock.monotonic()
        halted = partial(self._pacer.is_halted, now=now) if self._pacer.any_halted(now) else None
        turn.room = self._queues.room(self._look, halted)
        turn.came_back, self._unwritten = self._unwritten, []
        for row, outcome in turn.came_back:
            result = result_of(row, outcome, self._clock.epoch())
            turn.results.append(result)
            if isinstance(outcome, Moved) and result.state is DeliveryState.PENDING:
                turn.moves.append((row, outcome))
        self._pacer.forget(now)
        for lane in self._queues.turns():
            rows = self._releasable(lane, now, turn)
            turn.leaving += rows
            for row in rows:
                is_refused = row.id in self._refused
                if not is_refused and await self._opener.is_needed(row):
                    turn.leaving.remove(row)
                    self._prepare_soon(row, self._opener.open, row)
                    continue
                part = await self._part_of(row)
                if part is not None and not is_refused and self._uploader.is_needed(row, part):
                    turn.leaving.remove(row)
                    self._prepare_soon(row, self._uploader.upload, row, part)
                    continue
                self._pacer.take(row, now)
                turn.release.append((row, part))

    def _releasable(self, lane: Lane, now: float, turn: Turn) -> list[Outgoing]:
        """Take out what may leave; results give up their places in the commit that takes them."""
        limit = self._budget.in_flight - (0 if lane is Lane.CONVERSATION else self._budget.kept)
        done = {result.row.id for result in turn.results}
        sending = len(self._under_way.keys() - done) + len(turn.release)
        return list(
            self._queues.release(
                lane,
                self._pacer.fits(lane, now, limit - sending),
                self._busy(lane) | {row.address_id for row, _part in turn.release},
                lambda row: self._pacer.ready_at(row) <= now,
                lambda lane: self._pacer.lane_ready_at(lane) > now,
            )
        )

    def _may_open(self, lane: Lane) -> bool:
        kept = 0 if lane is Lane.CONVERSATION else OPENINGS_KEPT
        return len(self._opening) < OPENING_AT_ONCE - kept

    def _busy(self, lane: Lane) -> set[int]:
        under_way = {row.address_id for row in self._under_way.values()}
        opening = {row.address_id for row in self._opening.values()}
        return under_way | opening | (set() if self._may_open(lane) else self._closed)

    async def _part_of(self, row: Outgoing) -> Part | None:
        """Return the part to send; None, and a log line, if it cannot be made.

        Raises:
            SQLAlchemyError: the database failed, which says nothing of the message.
        """
        if (handed_over := self._uploader.part_of(row)) is not None:
            return handed_over
        if row.payload is not None:
            return Part(row.payload, row.summary)
        try:
            return await self._render(row)
        except (SQLAlchemyError, OSError):
            raise
        except Exception:  # whatever is wrong with one message must not stop the others
            log.exception("delivery %d cannot be rendered", row.id)
            return None

    async def _write(self, turn: Turn) -> None:
        """Write the turn in one commit, then start its attempts."""
        # Before the commit: a wake-up that comes meanwhile must not be overwritten.
        self._look -= turn.room.keys()
        await self._database.write(lambda write: self._book(write, turn), turn.lane)
        turn.came_back = []
        for result in turn.results:
            self._under_way.pop(result.row.id, None)
            self._uploader.forget(result)
        self._queues.extend(turn.claimed)
        self._look |= turn.look_again()
        for row, part in turn.release:
            if row.id in turn.marked:
                self._under_way[row.id] = row
                self._spawn(self._attempt(row, part), f"delivery {row.id}")
            else:
                self._refused.pop(row.id, None)
                self._uploader.drop(row)
                self._pacer.stayed(row)

    async def _book(self, write: Write, turn: Turn) -> None:
        adapter, epoch = self._adapter, self._lease.epoch
        turn.claimed = []
        await settle(write, turn.results, epoch, self._clock.now(), adapter)
        for row, moved in turn.moves:
            await moving.follow(write, row.address_id, moved.new_address)
        for lane, free in turn.room.items():
            turn.claimed += await claims.claim(
                write,
                platform=adapter.name,
                account=adapter.account,
                epoch=epoch,
                lane=lane,
                limit=free,
                now=self._clock.now(),
            )
        if turn.release:
            ids = [row.id for row, _part in turn.release]
            at = self._clock.epoch()
            turn.marked = await deliveries.mark_sending(write, ids, epoch, at, self._clock.now())
            taken_away = [row_id for row_id in ids if row_id not in turn.marked]
            if taken_away:
                await deliveries.give_back(write, taken_away, epoch)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        def done(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if len(self._unwritten) >= self._wanted:
                self._wake.set()

        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(done)

    async def _attempt(self, row: Outgoing, part: Part | None) -> None:
        begun = self._clock.monotonic()
        self._pacer.left(row, begun)
        with traced(row.trace):
            try:
                outcome = await self._outcome(row, part)
            except asyncio.CancelledError:
                self._unwritten.append((row, Unknown("stopped while it was under way")))
                raise
            took = (self._clock.monotonic() - begun) * 1000
            # A line for each copy of a broadcast would bury the conversations.
            level = logging.INFO if row.lane is Lane.CONVERSATION else logging.DEBUG
            words = (self._adapter.name, row.kind, row.id, type(outcome).__name__.lower(), took)
            log.log(level, "%s: %s %d: %s in %.0f ms", *words)
        self._pacer.answered(row, self._clock.monotonic())
        if pause := pause_of(row, outcome):
            scope, seconds = pause
            self._pacer.halt(row, scope, self._clock.monotonic() + seconds)
        self._unwritten.append((row, outcome))

    async def _outcome(self, row: Outgoing, part: Part | None) -> Outcome:
        """Make the one attempt; an adapter that breaks its promise leaves it unknown."""
        refused = self._refused.pop(row.id, None)
        if refused is not None:
            return refused
        if part is None:
            return Never(Reason.REFUSED, "cannot be rendered")
        if not self._lease.covers(self._clock.monotonic(), REQUEST_SECONDS):
            return Later(LOOK_SECONDS, Scope.ACCOUNT, "the lease ends too soon")
        try:
            outcome = await make(self._adapter, row, part)
        except Exception as error:  # the contract says never; the row must not be lost anyway
            log.exception("%s broke its promise in delivery %d", self._adapter.name, row.id)
            return Unknown(type(error).__name__)
        self._trouble.note(outcome, self._clock.monotonic())
        return outcome

    def _prepare_soon(self, row: Outgoing, prepare: Prepare, *given: Any) -> None:
        """Begin what a row needs before it can be sent, or put it back until there is room."""
        self._closed.add(row.address_id)
        if self._may_open(row.lane):
            self._opening[row.id] = row
            self._spawn(self._prepare(row, prepare(*given)), f"prepare {row.id}")
        else:
            self._queues.put_back(row)

    async def _prepare(self, row: Outgoing, preparing: Awaitable[Never | None]) -> None:
        """Open the chat or upload; where that is impossible the row fails by the legal way."""
        try:
            never = await preparing
            if never is not None:
                self._refused[row.id] = never
        finally:
            self._queues.put_back(row)
            self._opening.pop(row.id, None)
            self._closed.discard(row.address_id)

    async def _rest(self) -> None:
        """Wait for a wake-up, a result, or the next row's turn."""
        now = self._clock.monotonic()
        free = self._budget.in_flight - len(self._under_way)
        kept = self._budget.kept
        lanes = [lane for lane in Lane if free > (0 if lane is Lane.CONVERSATION else kept)]
        queues, pacer = self._queues, self._pacer
        soonest = (queues.next_ready(pacer, self._busy(lane), [lane]) for lane in lanes)
        ready = min(soonest, default=float("inf"))
        await self._wait(min(ready - now, LOOK_SECONDS))
        if not self._wake.is_set() and ready - now >= LOOK_SECONDS:
            self._look = set(Lane)

    async def _wait(self, seconds: float) -> None:
        """Wait to be woken, ``seconds`` at most."""
        waker = asyncio.create_task(self._wake.wait())
        timer = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait({waker, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waker.cancel()
            timer.cancel()
            await asyncio.gather(waker, timer, return_exceptions=True)

    async def _stop(self) -> None:
        """Let attempts under way end, record them, and give back what never left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=REQUEST_SECONDS + 1)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        epoch = self._clock.epoch()
        turn = Turn(results=[result_of(row, outcome, epoch) for row, outcome in self._unwritten])
        waiting = [row.id for row in self._queues]

        async def work(write: Write) -> None:
            await self._book(write, turn)
            await deliveries.give_back(write, waiting, self._lease.epoch)

        try:
            await self._database.write(work)
        except (SQLAlchemyError, OSError) as error:
            log.warning("%d results could not be recorded: %s", len(turn.results), error)
