"""Speaking and pressing as a member, and waiting for what the bot does about it."""

import asyncio
import time

from bot.demo.members import Place
from bot.demo.stage import Stage, until
from bot.simulators.journal import BOT, SeenButton, SeenMessage

ANSWER_SECONDS = 10.0
QUIET_SECONDS = 0.3
"""Silence after which the bot is taken to have said everything."""

State = tuple[int, int, int]


async def say(stage: Stage, place: Place, text: str) -> list[SeenMessage]:
    """Type ``text``; return what the bot wrote then, nothing if it does not answer in time."""
    stage.simulator(place.platform).say(place.user, text)
    before = len(stage.chat(place))
    await until(lambda: len(stage.chat(place)) > before, ANSWER_SECONDS)
    await quiet(stage, place)
    return [one for one in stage.chat(place)[before:] if one.author == BOT]


async def press(stage: Stage, place: Place, message: SeenMessage, data: str) -> list[SeenMessage]:
    """Press a button; return the bot's new messages (a changed card is in its place)."""
    written, before = len(stage.chat(place)), state(stage, place)
    stage.simulator(place.platform).press(place.user, message.id, data)
    await until(lambda: state(stage, place) != before, ANSWER_SECONDS)
    await quiet(stage, place)
    return [one for one in stage.chat(place)[written:] if one.author == BOT]


async def quiet(stage: Stage, place: Place, seconds: float = QUIET_SECONDS) -> None:
    """Wait until nothing has changed in the chat for ``seconds``."""
    seen, since = state(stage, place), time.monotonic()
    while time.monotonic() - since < seconds:
        await asyncio.sleep(0.03)
        if state(stage, place) != seen:
            seen, since = state(stage, place), time.monotonic()


def state(stage: Stage, place: Place) -> State:
    """Return numbers that change whenever the person would see something change.

    A bare stop of a press's spinner is nothing to see.
    """
    chat = stage.chat(place)
    shown = sum(bool(text) for text in stage.journals[place.platform].notices(place.user))
    return len(chat), sum(len(one.history) + one.deleted for one in chat), shown


def button(message: SeenMessage, ending: str) -> SeenButton | None:
    """Return the button whose data end so, or None."""
    return next((one for one in message.buttons if one.data.endswith(ending)), None)


def latest_with(stage: Stage, place: Place, ending: str) -> tuple[SeenMessage, SeenButton] | None:
    """Return the newest message of the chat that has such a button, with it."""
    for message in reversed(stage.chat(place)):
        found = button(message, ending) if not message.deleted else None
        if found:
            return message, found
    return None
