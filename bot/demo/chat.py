"""The interactive demo: a chat in the terminal, as any member and as the secretariat."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from bot.demo import screen, talk, words
from bot.demo.commands import Does, Typed, moment, understand
from bot.demo.guided import Guided
from bot.demo.inbox import Inbox, News
from bot.demo.lines import Lines
from bot.demo.members import Member, Place, all_places
from bot.demo.stage import Stage, opened
from bot.demo.view import View, member_table, searched

FIRST = 8
"""Whom one is at first: she writes English, on Telegram."""
TICK = 0.2
ANSWER_SECONDS = 8.0


async def chat_in_terminal(port: int = 0) -> None:
    """Set the stage and chat until ``:quit``, the end of the input, or a signal.

    Raises:
        DemoProblem: it could not begin.
    """
    async with opened(port) as stage:
        screen.say(screen.bold(words.TITLE))
        screen.say(words.STARTING)
        await stage.load()
        await stage.start_service()
        await Chat(stage, Lines()).run()
    screen.say(words.GOODBYE)


class Chat:
    """Who one is, what one sees, and what one types."""

    def __init__(self, stage: Stage, lines: Lines) -> None:
        """Begin as the first member of the guide."""
        self._stage = stage
        self._lines = lines
        self._inbox = Inbox(stage)
        self._guided = Guided(stage)
        self._member: Member = stage.members[FIRST - 1]
        self._place: Place = self._member.places[0]
        self._view = View()
        self._elsewhere = 0
        # At a terminal a late line is shown when it comes; a script's next line would overtake it.
        self._patience = talk.QUIET_SECONDS if sys.stdin.isatty() else 1.2
        self._does: dict[Does, Callable[[str], Awaitable[None]]] = {
            Does.SAY: self._say,
            Does.PRESS: self._press,
            Does.AS: self._switch,
            Does.MEMBERS: self._members,
            Does.TIME: self._time,
            Does.HELP: self._help,
            Does.UNKNOWN: self._unknown,
            **self._guided.commands,
        }

    async def run(self) -> None:
        """Show the guide, then take one line after another."""
        stage = self._stage
        screen.say(words.GUIDE.format(log=stage.log, port=stage.control_port))
        self._view.show_who(self._member, self._place)
        while (typed := await self._next()).does is not Does.QUIT:
            if typed.does is not Does.NOTHING:
                await self._does[typed.does](typed.rest)

    async def _next(self) -> Typed:
        """Wait for a line; meanwhile show what arrives."""
        screen.ask(self._prompt())
        while True:
            try:
                line = await self._lines.next(TICK)
            except TimeoutError:
                await self._show_what_came()
                continue
            if line is None:
                screen.say()
                return Typed(Does.QUIT)
            if not sys.stdin.isatty():
                screen.say(line)
            return understand(line)

    async def _show_what_came(self) -> None:
        news = self._inbox.take(self._place)
        if news:
            screen.clear_line()
            self._view.show(news)
            screen.ask(self._prompt())

    async def _watch(self, seconds: float) -> None:
        """Show what arrives until something came and it is quiet, or ``seconds`` are over."""
        end, came = time.monotonic() + seconds, False
        while time.monotonic() < end:
            news = self._inbox.take(self._place)
            if news:
                self._view.show(news)
                came, end = True, min(end, time.monotonic() + 3)
                await talk.quiet(self._stage, self._place, self._patience)
            elif came:
                break
            await asyncio.sleep(0.05)
        if not came:
            screen.say(screen.dim(words.NO_ANSWER.format(seconds=f"{seconds:.0f}")))
        self._tell_of_others()

    def _tell_of_others(self) -> None:
        others = [place for _, place in all_places(self._stage.members) if place != self._place]
        waiting = self._inbox.waiting(others)
        if waiting > self._elsewhere:
            screen.say(screen.dim(words.ELSEWHERE.format(n=waiting)))
        self._elsewhere = waiting

    # What one does as a member

    async def _say(self, text: str) -> None:
        if not text:
            screen.say(words.SAY_WHAT)
            return
        self._stage.simulator(self._place.platform).say(self._place.user, text)
        await self._watch(ANSWER_SECONDS)

    async def _press(self, number: str) -> None:
        if not 1 <= int(number) <= len(self._view.buttons):
            screen.say(words.NO_SUCH_BUTTON.format(n=len(self._view.buttons), number=number))
            return
        message, button = self._view.buttons[int(number) - 1]
        screen.say(screen.dim(words.PRESSED.format(label=button.label)))
        self._stage.simulator(self._place.platform).press(self._place.user, message.id, button.data)
        await self._watch(ANSWER_SECONDS)

    async def _switch(self, rest: str) -> None:
        wanted, _, platform = rest.partition(" ")
        member = self._found(wanted)
        if member is None:
            screen.say(words.WHO.format(n=len(self._stage.members)))
            return
        places = [one for one in member.places if one.platform.startswith(platform.lower())]
        if not places:
            screen.say(words.NOT_THERE.format(name=member.name, where=platform or words.NOWHERE))
            return
        self._member, self._place = member, places[0]
        self._view.buttons.clear()
        self._view.show_who(self._member, self._place)
        news = self._inbox.take(self._place)
        self._view.show(News(news.messages[-3:], news.notices[-1:]))

    def _found(self, wanted: str) -> Member | None:
        members = self._stage.members
        if wanted.isdecimal():
            return members[int(wanted) - 1] if 1 <= int(wanted) <= len(members) else None
        named = [one for one in members if wanted and wanted.casefold() in one.name.casefold()]
        return named[0] if named else None

    async def _members(self, rest: str) -> None:
        found = [one for one in self._stage.members if rest.casefold() in searched(one)]
        for line in member_table(found):
            screen.say(line)

    async def _time(self, rest: str) -> None:
        if rest:
            wanted = moment(rest, self._stage.now())
            if wanted is None:
                screen.say(words.WHEN.format(text=rest))
                return
            self._stage.calendar.move_to(wanted)
        screen.say(words.NOW.format(now=f"{self._stage.now():%A, %d %B %Y, %H:%M:%S}"))
        if rest:
            await asyncio.sleep(1.0)
            await self._watch_a_moment()

    async def _watch_a_moment(self) -> None:
        """Show what a moved calendar brings; that may well be nothing."""
        await talk.quiet(self._stage, self._place, 1.0)
        self._view.show(self._inbox.take(self._place))
        self._tell_of_others()

    async def _help(self, _: str) -> None:
        stage = self._stage
        screen.say(words.GUIDE.format(log=stage.log, port=stage.control_port))
        screen.say(words.HELP)

    async def _unknown(self, name: str) -> None:
        screen.say(words.NO_COMMAND.format(name=name))

    def _prompt(self) -> str:
        return screen.styled(f"{self._member.name} > ", fg="cyan", bold=True)
