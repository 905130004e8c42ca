"""From a bot's token to the first answered question, as the README tells a newcomer."""

import asyncio
import sys
import time
from pathlib import Path

from bot.adapters.slack.manifest import BOT_SCOPES
from bot.i18n import languages
from bot.simulators.base import SimulatedPerson
from tests.e2e.support import Told, World, clean_environment, tell, world

ADMIN = "ada@example.org"


def answers(made: World) -> str:
    """Return what a newcomer types, a line each; one of the tokens is mistyped first."""
    given = {**made.telegram.environment(), **made.slack.environment()}
    lines = [
        "en",
        "Alliance of Lighthouses",
        *[""] * (len(languages()) - 1),
        "Europe/Berlin",
        "telegram,slack",
        given["CONVOKE_TELEGRAM_TOKEN"][:-1] + "*",
        given["CONVOKE_TELEGRAM_TOKEN"],
        given["CONVOKE_SLACK_BOT_TOKEN"],
        given["CONVOKE_SLACK_APP_TOKEN"],
        "",
        ADMIN,
    ]
    return "\n".join(lines) + "\n"


async def typed(made: World, words: str, *command: str) -> Told:
    """Run a command with ``words`` at its standard input; only the addresses are set."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *command,
        cwd=made.folder,
        env=clean_environment(**addresses(made)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await process.communicate(words.encode())
    told = Told(process.returncode or 0, out.decode(), err.decode())
    made.said.append(told)
    return told


def addresses(made: World) -> dict[str, str]:
    given = {**made.telegram.environment(), **made.slack.environment()}
    return {name: value for name, value in given.items() if name.endswith("_API_URL")}


async def test_from_a_token_to_an_answer(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.slack.grant(BOT_SCOPES)
        begun = time.monotonic()
        told = await typed(made, answers(made), "init")
        assert told.code == 0, told
        assert "does not look like a bot's token" in told.out
        assert "this is convoke_simulator_bot" in told.out
        assert f"{ADMIN} is admin" in told.out
        assert "Traceback" not in told.out + told.err

        made.settings = addresses(made) | {"CONVOKE_HTTP_PORT": "0"}
        checked = await typed(made, "", "check")
        assert checked.code == 0, checked
        assert "Ready" in checked.out
        await made.done("import", made.write_conference())
        made.telegram.add_person(SimulatedPerson("7", "Ana"))
        made.slack.add_person(SimulatedPerson("U0000007", "Bo"))
        await made.started()
        for user in ("7", "U0000007"):
            made.say(user, "Where is the cafeteria?")
            await made.gets(user, "hall 42")
        tell(
            "from the first question of init to two answers, s", round(time.monotonic() - begun, 1)
        )


async def test_leaving_writes_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        told = await typed(made, "en\nAlliance\n", "init")
        assert told.code == 1
        assert "nothing was written" in told.err
        assert not await asyncio.to_thread((tmp_path / ".env").exists)
