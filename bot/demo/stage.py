"""The stage: simulators, a fresh database, a calendar of its own, and the service."""

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import MovableClock
from bot.demo import files, words
from bot.demo.members import Member, Place, all_places, read_members
from bot.demo.process import Ran, Service, run_command
from bot.simulators.base import Simulator
from bot.simulators.control import Control
from bot.simulators.journal import Journal, SeenMessage
from bot.simulators.slack import SlackSimulator
from bot.simulators.telegram import TelegramSimulator

BEIJING = ZoneInfo("Asia/Shanghai")
CURTAIN = datetime(2019, 12, 31, 21, 30, tzinfo=BEIJING)
MIDNIGHT = datetime(2020, 1, 1, tzinfo=BEIJING)
READY_SECONDS = 20.0
PACKAGES = Path(__file__).parents[2]


class DemoProblem(Exception):
    """The demo cannot go on; the message says why in plain words."""


@dataclass(slots=True)
class Stage:
    """Everything that plays; ``keep`` leaves the folder behind for whoever looks for a fault."""

    folder: Path
    members: tuple[Member, ...]
    telegram: TelegramSimulator
    slack: SlackSimulator
    environment: dict[str, str]
    calendar: MovableClock
    service: Service
    control_port: int
    keep: bool = False

    @property
    def log(self) -> Path:
        """The service's log."""
        return self.folder / "service.log"

    @property
    def journals(self) -> dict[str, Journal]:
        """What people saw, by platform."""
        return {one.platform: one.journal for one in (self.telegram, self.slack)}

    def simulator(self, platform: str) -> Simulator:
        """Return the platform called ``platform``."""
        return self.telegram if platform == self.telegram.platform else self.slack

    def chat(self, place: Place) -> list[SeenMessage]:
        """Return what stands in a direct chat."""
        return self.journals[place.platform].messages(place.user)

    def now(self) -> datetime:
        """Return the calendar's instant, in Beijing."""
        return self.calendar.now().astimezone(BEIJING)

    async def convoke(self, *arguments: str) -> Ran:
        """Run a command with the demo's settings."""
        quiet = {**self.environment, "CONVOKE_LOG_LEVEL": "WARNING"}
        return await run_command(list(arguments), quiet, self.folder)

    async def must(self, *arguments: str) -> str:
        """Run a command that has to work; return what it printed.

        Raises:
            DemoProblem: it did not.
        """
        ran = await self.convoke(*arguments)
        if ran.code:
            said = ran.err.strip() or ran.out.strip()
            raise DemoProblem(
                words.COMMAND_FAILED.format(command=" ".join(arguments), code=ran.code, said=said)
            )
        return ran.out

    async def start_service(self) -> None:
        """Start the service and wait until it receives on both platforms.

        Raises:
            DemoProblem: it does not.
        """
        asked = len(self.telegram.journal.requests)
        await self.service.start()

        def ready() -> bool:
            receives = len(self.telegram.journal.requests) > asked and self.slack.sockets.connected
            return bool(receives) or self.service.ended is not None

        if not await until(ready, READY_SECONDS) or self.service.ended is not None:
            self.keep = True
            raise DemoProblem(words.NOT_READY.format(log=self.log))

    async def load(self) -> None:
        """Import the shipped data by the real commands.

        Raises:
            DemoProblem: a command failed.
        """
        await self.must("import", str(files.CONFERENCE))
        await self.must("roster", "import", str(files.ROSTER))


@asynccontextmanager
async def opened(port: int = 0, extra: Mapping[str, str] | None = None) -> AsyncIterator[Stage]:
    """Set the stage and clear it away; the service is not started yet.

    Args:
        port: Of the control interface; Telegram and Slack take the two above. 0: any.
        extra: Further settings of the service.

    Raises:
        DemoProblem: a port is taken.
    """
    telegram, slack = TelegramSimulator(), SlackSimulator()
    members = read_members()
    for member, place in all_places(members):
        (telegram if place.platform == telegram.platform else slack).add_person(member.on(place))
    ports = (port, port + 1, port + 2) if port else (0, 0, 0)
    folder = Path(tempfile.mkdtemp(prefix="convoke-demo-"))
    stage: Stage | None = None
    try:
        async with AsyncExitStack() as stack:
            try:
                control = await stack.enter_async_context(
                    Control((telegram, slack)).serving(ports[0])
                )
                await stack.enter_async_context(telegram.serving(ports[1]))
                await stack.enter_async_context(slack.serving(ports[2]))
            except (OSError, OverflowError) as error:
                raise DemoProblem(words.PORT_TAKEN.format(port=port, why=error)) from None
            environment = {
                **environment_of(folder),
                **telegram.environment(),
                **slack.environment(),
                **(extra or {}),
            }
            calendar = MovableClock(folder / "calendar.json")
            calendar.move_to(CURTAIN)
            service = Service(environment, folder, folder / "service.log")
            stack.push_async_callback(service.stop)
            stage = Stage(folder, members, telegram, slack, environment, calendar, service, control)
            yield stage
    finally:
        if stage is None or not stage.keep:
            shutil.rmtree(folder, ignore_errors=True)


def environment_of(folder: Path) -> dict[str, str]:
    """Return our environment without the user's own settings, with those of the demo."""
    ours = {
        name: value for name, value in os.environ.items() if not name.upper().startswith("CONVOKE_")
    }
    path = os.pathsep.join(filter(None, (str(PACKAGES), os.environ.get("PYTHONPATH", ""))))
    return {
        **ours,
        "PYTHONPATH": path,
        "PYTHONIOENCODING": "utf-8",
        "CONVOKE_DATABASE_URL": f"sqlite:///{folder / 'demo.db'}",
        "CONVOKE_CALENDAR_FILE": str(folder / "calendar.json"),
        "CONVOKE_ALLIANCE_NAMES": json.dumps(words.ALLIANCE, ensure_ascii=False),
        "CONVOKE_DEFAULT_ZONE": BEIJING.key,
        "CONVOKE_HTTP_PORT": "0",
    }


async def until(true: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Wait until ``true()``; False if it is not within ``seconds``."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(every)
    return True
