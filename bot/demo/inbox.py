"""What is new in the chats since somebody last looked."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.demo.members import Place
from bot.demo.stage import Stage
from bot.simulators.journal import BOT, SeenMessage


@dataclass(frozen=True, slots=True)
class News:
    """What a person sees arrive: messages, new or changed, and short notices."""

    messages: tuple[SeenMessage, ...] = ()
    notices: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.messages or self.notices)


class Inbox:
    """Remembers what has been shown, chat by chat."""

    def __init__(self, stage: Stage) -> None:
        """Start with nothing shown."""
        self._stage = stage
        self._versions: dict[tuple[Place, str], int] = {}
        self._notices: dict[Place, int] = {}

    def take(self, place: Place) -> News:
        """Return what is new in the chat, and count it as shown."""
        fresh = []
        for message in self._stage.chat(place):
            key, version = (place, message.id), len(message.history)
            if message.author == BOT and not message.deleted and self._versions.get(key) != version:
                fresh.append(message)
            self._versions[key] = version
        all_notices = self._stage.journals[place.platform].notices(place.user)
        shown = self._notices.get(place, 0)
        self._notices[place] = len(all_notices)
        return News(tuple(fresh), tuple(text for text in all_notices[shown:] if text))

    def waiting(self, places: Iterable[Place]) -> int:
        """Return how many messages stand in other chats that nobody has looked at."""
        return sum(
            message.author == BOT and (place, message.id) not in self._versions
            for place in places
            for message in self._stage.chat(place)
        )
