"""What all scenes of the headless demo share: the stage, the cast, and the checks so far."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.demo import screen, talk, words
from bot.demo.checks import Check
from bot.demo.members import Member, Place, all_places
from bot.demo.stage import DemoProblem, Stage, until
from bot.simulators.journal import SeenMessage

SHOWN = 3
"""Lines of an answer that the story shows; the chats hold all of it."""
CHECK_SECONDS = 8.0
SECOND_LOOK = 0.25


@dataclass(slots=True)
class Play:
    """A run of the script."""

    stage: Stage
    checks: list[Check] = field(default_factory=list)

    @property
    def places(self) -> tuple[tuple[Member, Place], ...]:
        """Every direct chat with whose it is."""
        return all_places(self.stage.members)

    @property
    def readers(self) -> int:
        """How many people are on a messenger: each gets one copy of an announcement."""
        return sum(bool(member.places) for member in self.stage.members)

    def actor(self, number: int) -> tuple[Member, Place]:
        """Return the member with that number in the roster, in their first chat."""
        member = self.stage.members[number - 1]
        return member, member.places[0]

    def scene(self, title: str) -> None:
        """Announce what comes."""
        screen.say()
        screen.say(screen.bold(f"{self.stage.now():%Y-%m-%d %H:%M}  {title}"))

    def tell(self, text: str) -> None:
        """Print one step of the story."""
        screen.say(f"    {text}")

    async def says(self, who: tuple[Member, Place], text: str) -> list[SeenMessage]:
        """Let somebody type, show what they get, and return it."""
        member, place = who
        self.tell(words.SAYS.format(name=member.name, platform=_name(place), text=text))
        found = await talk.say(self.stage, place, text)
        self._show(found)
        return found

    async def presses(self, who: tuple[Member, Place], ending: str) -> list[SeenMessage]:
        """Let somebody press the newest button whose data end so.

        Raises:
            DemoProblem: there is none in their chat.
        """
        member, place = who
        found = talk.latest_with(self.stage, place, ending)
        if found is None:
            raise DemoProblem(words.NO_BUTTON.format(name=member.name, what=ending))
        message, pressed = found
        self.tell(words.PRESSES.format(name=member.name, platform=_name(place), text=pressed.label))
        said = await talk.press(self.stage, place, message, pressed.data)
        self._show(said)
        return said

    async def check(self, look: Callable[[], Check], seconds: float = CHECK_SECONDS) -> None:
        """Look at the chats until they are as promised, or until that took too long.

        Then it is looked at once more, because a promise may be broken by one message more.
        """
        await until(lambda: look().ok, seconds)
        await asyncio.sleep(SECOND_LOOK)
        self.checks.append(look())

    def _show(self, messages: list[SeenMessage]) -> None:
        for message in messages:
            lines = [line for line in message.text.splitlines() if line.strip()]
            for at, line in enumerate(lines[:SHOWN]):
                more = " …" if at == SHOWN - 1 and len(lines) > SHOWN else ""
                self.tell(screen.dim(f"  {'→' if at == 0 else ' '} {line}{more}"))


def _name(place: Place) -> str:
    return place.platform.capitalize()
