"""Staff who write announcements in the chat of a desk, question by question."""

from bot.simulators.journal import SeenMessage
from tests.support.announcing import standing
from tests.support.desk import Desk

TYPED = ("title", "text", "audience", "when")


async def pick(desk: Desk, ending: str, user: str = "100") -> list[str]:
    """Press the button of the last message whose data ends so; return what was said then."""
    card = standing(desk, user)[-1]
    found = [one.data for one in card.buttons if one.data.endswith(ending)]
    assert found, (ending, card.text, [one.data for one in card.buttons])
    before = len(desk.seen(user))
    await desk.press(user, found[0], card.id)
    return desk.seen(user)[before:]


async def begin(desk: Desk, template: str = "none", user: str = "100") -> list[str]:
    """Give the command and choose the template."""
    await desk.say(user, "/announce")
    return await pick(desk, f":c{template}", user)


async def write_one(desk: Desk, user: str = "100", **given: str) -> list[str]:
    """Answer the form's questions one by one, and return what was said last."""
    values = {"title": "Greeting", "text": "Happy **New** Year!", "audience": "all", "when": "now"}
    values |= {"clock": "secretariat", "confirm": "no", "late": "no", **given}
    await begin(desk, user=user)
    for name in TYPED:
        await desk.say(user, values[name])
    for name in ("clock", "confirm"):
        await pick(desk, f":c{values[name]}", user)
    await desk.say(user, values["late"])
    return await pick(desk, ":s", user)


async def choose(desk: Desk, what: str, user: str = "100", at: int = -1) -> SeenMessage:
    """Press a button of the newest card that has it, and return the card as it is then."""
    cards = [
        one
        for one in standing(desk, user)
        if any(button.data.endswith(f":{what}") for button in one.buttons)
    ]
    card = cards[at]
    data = next(one.data for one in card.buttons if one.data.endswith(f":{what}"))
    await desk.press(user, data, card.id)
    return next(one for one in standing(desk, user) if one.id == card.id)


def labels(desk: Desk, user: str = "100") -> list[str]:
    """Return the labels of the last message's buttons."""
    return [one.label for one in standing(desk, user)[-1].buttons]
