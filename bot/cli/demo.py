"""``convoke demo``: everything with no tokens."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Annotated, Any

import typer

from bot.cli.prompt import fail

INTERRUPTED = 130


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Play a script, check everything, and end.")
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65533,
            help="Control interface on N, Telegram on N+1, Slack on N+2. 0: any free ports.",
        ),
    ] = 0,
) -> None:
    """Try everything without a token: simulated Telegram and Slack, the real adapters.

    Without --headless you chat in the terminal as any member, and act as the secretariat.
    With it a script is played; the exit code is 1 if anything is not as promised.
    """
    from bot.demo.chat import chat_in_terminal
    from bot.demo.headless import play_script
    from bot.demo.stage import DemoProblem

    try:
        if headless:
            good = asyncio.run(_until_signalled(play_script(port)))
            code = INTERRUPTED if good is None else int(not good)
        else:
            asyncio.run(_until_signalled(chat_in_terminal(port)))
            code = 0
    except DemoProblem as problem:
        fail(str(problem))
    raise typer.Exit(code)


async def _until_signalled(work: Coroutine[Any, Any, bool | None]) -> bool | None:
    """Return what ``work`` returns; None if it was ended by Ctrl-C or another signal.

    Whatever ends the demo, what it started is ended and its files are removed.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        typer.echo()
        return None
