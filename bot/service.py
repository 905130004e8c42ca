"""Running an :class:`~bot.app.App` as one process: until a signal, and then in good order."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from bot.app import assemble, opened
from bot.domain.delivery import Lane
from bot.settings import Settings
from bot.storage import leases
from bot.storage.file_lock import FileLock

STOP_SECONDS = 9.5
"""After a signal everything has ended within this, or is ended; a supervisor kills at ten."""
YOUNG = 10_000
"""New objects after which Python looks for cycles: at the usual 700 the looking took a twelfth
of the processor's time of a broadcast."""
log = logging.getLogger(__name__)


async def run_service(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM.

    Raises:
        SettingsError, DatabaseProblem: it cannot start; the message says what to do.
    """
    async with opened(settings) as database:
        with FileLock.for_database(database) as alone:
            if alone:
                await database.write(leases.expire_all, Lane.CONVERSATION)
            app = assemble(settings, database)
            app.listen()
            settle_memory()
            await until_signalled(app.run())
    log.info("ended in good order")


def settle_memory() -> None:
    """Let Python look for cycles less often, and never again among what is loaded already.

    That is some hundred thousand objects that stay until the end, and going through them
    holds up everybody.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


async def until_signalled(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` until a signal asks for the end; a second signal does not wait for it."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    asked: list[asyncio.TimerHandle] = []

    def stop(number: int) -> None:
        if asked:
            log.warning("ended at once, as asked; whatever was under way may be unconfirmed")
            os._exit(128 + number)
        log.info("ending: what is claimed is handed back")
        asked.append(loop.call_later(STOP_SECONDS, _give_up))
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        with suppress(asyncio.CancelledError):
            await task
    finally:
        for timer in asked:
            timer.cancel()


def _give_up() -> None:
    log.error("not everything ended within %.1f s; ended at once", STOP_SECONDS)
    os._exit(1)
