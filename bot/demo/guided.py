"""What one does as the secretariat: real commands, and the usual ones made easy."""

import asyncio
import json
import shlex
from collections.abc import Awaitable, Callable

from bot.demo import files, screen, talk, words
from bot.demo.checks import of_each
from bot.demo.commands import Does
from bot.demo.files import Letter
from bot.demo.members import Place, all_places
from bot.demo.seats import DECLINED, FIRST, GOING
from bot.demo.stage import MIDNIGHT, Stage

FORBIDDEN = ("run", "demo")
"""A second service or stage would get in the way of this one."""


class Guided:
    """The secretariat's desk."""

    def __init__(self, stage: Stage) -> None:
        """Work with the stage's settings."""
        self._stage = stage
        self.commands: dict[Does, Callable[[str], Awaitable[None]]] = {
            Does.SECRETARIAT: self._explain,
            Does.CONVOKE: self._convoke,
            Does.GREET: self._greet,
            Does.INVITE: self._invite,
            Does.FILL: self._fill,
            Does.FREE: self._free,
            Does.REPORT: self._report,
            Does.GAPS: self._gaps,
            Does.JOURNAL: self._journal,
            Does.KILL: self._kill,
        }

    async def _explain(self, _: str) -> None:
        screen.say(words.SECRETARIAT)

    async def _convoke(self, rest: str) -> None:
        try:
            arguments = shlex.split(rest)
        except ValueError as error:
            screen.say(words.QUOTES.format(why=error))
            return
        if arguments and arguments[0] in FORBIDDEN:
            screen.say(words.NOT_HERE.format(name=arguments[0]))
            return
        await self._run(arguments)

    async def _run(self, arguments: list[str]) -> None:
        """Run a command and show what it prints and how it ends."""
        screen.say(screen.dim(f"$ convoke {shlex.join(arguments)}"))
        ran = await self._stage.convoke(*arguments)
        for text in (ran.out, ran.err):
            if text.strip():
                screen.say(text.rstrip())
        if ran.code:
            screen.say(screen.dim(words.EXIT_CODE.format(code=ran.code)))

    async def _greet(self, _: str) -> None:
        early = self._stage.calendar.now() < MIDNIGHT
        at = ["--at", MIDNIGHT.isoformat()] if early else []
        await self._run(["announce", "create", *files.greeting().arguments(), *at, "--yes"])
        if early:
            screen.say(words.GREET_NEXT)

    async def _invite(self, _: str) -> None:
        await self._run(["announce", "create", *files.invitation().arguments(), "--yes"])
        screen.say(words.INVITE_NEXT)

    async def _report(self, rest: str) -> None:
        number = rest or await self._newest()
        if number:
            await self._run(["announce", "report", number])
        else:
            screen.say(words.NO_ANNOUNCEMENT)

    async def _newest(self) -> str:
        rows = json.loads(await self._stage.must("announce", "list", "--json"))
        return str(rows[0]["id"]) if rows else ""

    async def _gaps(self, _: str) -> None:
        await self._run(["gaps"])

    async def _fill(self, _: str) -> None:
        """Let as many members as there are seats answer that they come, all at once."""
        members = [self._stage.members[number - 1] for number in FIRST]
        await asyncio.gather(*(self._goes(member.places[0]) for member in members))
        names = ", ".join(member.name for member in members)
        screen.say(words.FILLED.format(names=names, seats=files.forum_seats()))

    async def _goes(self, place: Place) -> None:
        listed = await talk.say(self._stage, place, "events")
        if listed and listed[-1].buttons:
            message = listed[-1]
            await talk.press(self._stage, place, message, message.buttons[0].data)
        await self._presses(place, GOING)

    async def _presses(self, place: Place, ending: str) -> bool:
        found = talk.latest_with(self._stage, place, ending)
        if found is not None:
            await talk.press(self._stage, place, found[0], found[1].data)
        return found is not None

    async def _free(self, _: str) -> None:
        """Let the first of them change their mind."""
        member = self._stage.members[FIRST[0] - 1]
        done = await self._presses(member.places[0], DECLINED)
        screen.say((words.FREED if done else words.FILL_FIRST).format(name=member.name))

    async def _journal(self, _: str) -> None:
        stage = self._stage
        places = all_places(stage.members)
        rows = []
        for name, journal in stage.journals.items():
            chats = [place for _, place in places if place.platform == name]
            sent = sum(len(journal.from_bot(place.user)) for place in chats)
            rows.append((name, str(len(chats)), str(sent), str(len(journal.requests))))
        for line in screen.table(words.JOURNAL_HEADINGS, rows):
            screen.say(line)
        for title, letter in (
            (words.GREETING, files.greeting()),
            (words.INVITATION, files.invitation()),
        ):
            screen.say(self._counted(title, letter))
        screen.say(screen.dim(words.CONTROL.format(port=stage.control_port)))

    def _counted(self, title: str, letter: Letter) -> str:
        places = all_places(self._stage.members)
        counts = [len(held) for _, held in of_each(self._stage.journals, places, letter)]
        return words.COUNTED.format(
            title=title, n=len(counts), once=counts.count(1), more=sum(n > 1 for n in counts)
        )

    async def _kill(self, _: str) -> None:
        service = self._stage.service
        pid = service.pid
        await service.kill()
        screen.say(words.KILLED_HERE.format(pid=pid))
        await self._stage.start_service()
        screen.say(words.STARTED_HERE.format(pid=service.pid))
