"""Members who ask, press, write in rooms, block and come back; all from one seed."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.e2e.support import World

QUESTIONS = {
    "Where is the cafeteria?": "hall 42",
    "Where is the cloakroom?": "floor 17",
    "When does the shuttle leave?": "gate 9",
}
ANSWERS = {"Going": "going", "Maybe": "maybe", "make it": "declined"}
INVITATION = "Invitation"
SHARES = {"ask": 65, "press": 25, "room": 3, "block": 3, "edit": 4}
"""What people do, in hundredths. A group takes 20 messages a minute: more would only wait."""
PAGES = """# Questions

## Where is the cafeteria?

The cafeteria is in hall 42.

## Where is the cloakroom?

The cloakroom is on floor 17.

## When does the shuttle leave?

The shuttle leaves at 8:15 from gate 9.
"""


@dataclass(slots=True)
class Traffic:
    """What was done, and what has to come of it.

    Attributes:
        asked: Questions by (chat, words of the right answer).
        pressed: What each person pressed last.
        done: Actions by kind.
    """

    world: World
    chance: random.Random
    room: str
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    pressed: dict[str, str] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    away: set[str] = field(default_factory=set)
    """Who has blocked the bot for now."""

    async def run(self, actions: int, pause: float) -> None:
        """Do ``actions`` things, with ``pause`` seconds between them on average."""
        people = self.world.everybody()
        for _ in range(actions):
            await asyncio.sleep(self.chance.uniform(0, 2 * pause))
            user = self.chance.choice(people)
            kind = self.chance.choices(list(SHARES), list(SHARES.values()))[0]
            getattr(self, f"_{kind}")(user)

    def _ask(self, user: str) -> None:
        if user in self.away:
            self._block(user)
        question = self.chance.choice(list(QUESTIONS))
        self.world.say(user, question)
        self.asked[user, QUESTIONS[question]] += 1
        self.done["questions"] += 1

    def _press(self, user: str) -> None:
        cards = [one for one in self.world.from_bot(user) if INVITATION in one.text]
        if not cards or not cards[0].buttons or user in self.away:
            self._ask(user)
            return
        label = self.chance.choice(list(ANSWERS))
        self.world.press(user, cards[0], label)
        self.pressed[user] = ANSWERS[label]
        self.done["presses"] += 1

    def _room(self, user: str) -> None:
        if user.startswith("U"):
            self._ask(user)
            return
        question = self.chance.choice(list(QUESTIONS))
        self.world.telegram.say(user, f"<@bot> {question}", self.room)
        self.asked["room", QUESTIONS[question]] += 1
        self.done["questions in the room"] += 1

    def _block(self, user: str) -> None:
        simulator = self.world.slack if user.startswith("U") else self.world.telegram
        simulator.block(user, user not in self.away)
        self.away ^= {user}
        self.done["blocked or back"] += 1

    def _edit(self, user: str) -> None:
        """An edited message is no new question."""
        if user.startswith("U"):
            self._ask(user)
            return
        telegram = self.world.telegram
        mine = [one for one in telegram.journal.messages(user) if one.author == user]
        if not mine:
            self._ask(user)
            return
        payload = telegram.world.message(user, mine[-1]) | {
            "edit_date": 1,
            "text": "Where, please?",
        }
        telegram.inject("edited_message", payload)
        self.done["edited messages"] += 1
