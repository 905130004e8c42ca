"""What a service with both messengers holds in memory while nobody writes."""

import asyncio
import subprocess
import sys
from pathlib import Path

from tests.e2e.support import world

QUIET_SECONDS = 30
IMPORTS = (
    "import telegram, slack_bolt, sqlmodel, apscheduler; print(open('/proc/self/status').read())"
)


def _mib(status: str) -> float:
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kib) / 1024


def _libraries() -> float:
    made = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True
    )
    return _mib(made.stdout)


def _of_process(pid: int) -> float:
    return _mib(Path(f"/proc/{pid}/status").read_text())


async def test_an_idle_service_beside_its_libraries_alone(tmp_path: Path) -> None:
    alone = _libraries()
    async with world(tmp_path) as here:
        await here.furnish(20, 5)
        run = await here.started()
        await asyncio.sleep(QUIET_SECONDS)
        ours = _of_process(run.process.pid)
    print(f"\nlibraries alone {alone:.0f} MiB, idle service {ours:.0f} MiB, ", end="")
    print(f"ratio {ours / alone:.2f}")
