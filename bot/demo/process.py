"""Processes that the demo starts: the service, and one command at a time."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


async def run_command(arguments: list[str], environment: dict[str, str], folder: Path) -> Ran:
    """Run ``convoke ARGUMENTS`` to its end; if we are cancelled it is killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        env=environment,
        cwd=folder,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )
    try:
        out, err = await process.communicate()
    finally:
        await _kill(process)
    return Ran(process.returncode or 0, out.decode(), err.decode())


class Service:
    """``convoke run`` in a session of its own: the terminal's Ctrl-C is ours alone."""

    def __init__(self, environment: dict[str, str], folder: Path, log: Path) -> None:
        """Prepare; its log is appended to the file ``log``."""
        self._environment = environment
        self._folder = folder
        self._log = log
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """The process's number, 0 while there is none."""
        return self._process.pid if self._process else 0

    @property
    def ended(self) -> int | None:
        """The exit code if it has ended by itself, else None."""
        return self._process.returncode if self._process else None

    async def start(self) -> None:
        """Start it; it lives no longer than we do."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.demo.leash",
                "run",
                env=self._environment,
                cwd=self._folder,
                stdin=PIPE,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
            )

    def kill_now(self) -> None:
        """Send SIGKILL: nothing can be written any more."""
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def kill(self) -> None:
        """Kill it and wait until it is gone."""
        if self._process:
            await _kill(self._process)

    async def stop(self) -> None:
        """End it in good order; kill it if that takes too long."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            pass
        finally:
            await _kill(process)


async def _kill(process: Process) -> None:
    """Kill ``process`` unless it has ended, and reap it, also while we are being cancelled."""
    if process.returncode is None:
        process.kill()
        await asyncio.shield(process.wait())
