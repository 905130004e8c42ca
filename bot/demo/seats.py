"""The Forum has few seats: answers, a waiting list that moves, a double and a forged press."""

from bot.demo import files, words
from bot.demo.checks import Told, language_of, same
from bot.demo.members import Member, Place
from bot.demo.play import Play
from bot.demo.stage import DemoProblem, until
from bot.demo.talk import latest_with
from bot.i18n import languages, texts_for

Actor = tuple[Member, Place]
GOING, DECLINED = ":going", ":declined"
FIRST = (3, 4, 10, 18)
"""They answer first: as many as there are seats; on Telegram, Slack, Telegram, Telegram."""
WAITING = (12, 37)
"""They come too late: on Telegram, and on Slack in Chinese."""


async def seats(play: Play) -> None:
    """Four seats, six who want one; one of the four changes their mind."""
    play.scene(words.SCENE_SEATS.format(seats=files.forum_seats()))
    told = told_of_forum(play)
    first = [play.actor(number) for number in FIRST]
    waiting = [play.actor(number) for number in WAITING]
    if files.forum_seats() != len(first):
        raise DemoProblem(words.OTHER_SEATS.format(n=len(first)))
    for who in first + waiting:
        await _opens_card(play, who)
        await play.presses(who, GOING)
    everybody = first + waiting
    wanted = f"{len(first)} confirmed, {len(waiting)} waiting"
    await play.check(lambda: same(words.CHECK_FULL, wanted, told.tally(everybody)))
    await _double_press(play, first[1], told)
    await _forged_press(play, first[2], play.actor(1), told)
    await _change_of_mind(play, first[0], waiting, everybody, told)


def told_of_forum(play: Play) -> Told:
    """Return what the chats say of the Forum."""
    return Told(play.stage.journals, {code: files.forum_title(code) for code in languages()})


async def _opens_card(play: Play, who: Actor) -> None:
    """Ask for the events and open the Forum's card."""
    events = texts_for(language_of(who[0]))("commands.events").partition(",")[0]
    listed = await play.says(who, events)
    if not listed or not listed[-1].buttons:
        raise DemoProblem(words.NO_BUTTON.format(name=who[0].name, what="event"))
    await play.presses(who, listed[-1].buttons[0].data)


async def _double_press(play: Play, who: Actor, told: Told) -> None:
    """Press the same answer again: nothing changes, and the person is told so."""
    member, place = who
    journal = play.stage.journals[place.platform]
    notices, written = len(journal.notices(place.user)), len(journal.messages(place.user))
    await play.presses(who, GOING)
    wanted = texts_for(language_of(member))("rsvp.already.going")

    def said() -> list[str]:
        texts = [one.text for one in journal.messages(place.user)[written:]]
        return [*journal.notices(place.user)[notices:], *texts]

    await play.check(lambda: same(words.CHECK_TWICE, f"“{wanted}”, once", _quoted(said())))
    await play.check(lambda: same(words.CHECK_TWICE_SEAT, "going", told.standing(member, place)))


async def _forged_press(play: Play, owner: Actor, forger: Actor, told: Told) -> None:
    """Somebody sends a press of another person's button, as no client would."""
    place = owner[1]
    found = latest_with(play.stage, place, DECLINED)
    if found is None:
        raise DemoProblem(words.NO_BUTTON.format(name=owner[0].name, what=DECLINED))
    message, pressed = found
    journal, user = play.stage.journals[place.platform], forger[1].user
    notices = len(journal.notices(user))
    play.tell(words.FORGES.format(name=forger[0].name, other=owner[0].name, text=pressed.label))
    play.stage.simulator(place.platform).press(user, message.id, pressed.data, chat=place.user)
    refused = texts_for(language_of(forger[0]))("refusal.not-yours")
    wanted = f"“{refused}”, once"
    await play.check(
        lambda: same(words.CHECK_FORGED, wanted, _quoted(journal.notices(user)[notices:]))
    )
    await play.check(lambda: same(words.CHECK_FORGED_SEAT, "going", told.standing(*owner)))


async def _change_of_mind(
    play: Play, who: Actor, waiting: list[Actor], everybody: list[Actor], told: Told
) -> None:
    """A seat comes free, and whoever waits longest is told, once; nobody else is."""
    await play.presses(who, DECLINED)
    await until(lambda: told.promotions(*waiting[0]) > 0, 10)
    play.tell(words.PROMOTED.format(name=waiting[0][0].name))
    seats_now = f"{len(everybody) - len(waiting)} confirmed, 1 declined, {len(waiting) - 1} waiting"
    await play.check(lambda: same(words.CHECK_MOVED, seats_now, told.tally(everybody)))
    others = [one for one in everybody if one != waiting[0]]
    await play.check(
        lambda: same(
            words.CHECK_PROMOTED,
            "1, others 0",
            f"{told.promotions(*waiting[0])}, "
            f"others {sum(told.promotions(*one) for one in others)}",
        )
    )


def _quoted(said: list[str]) -> str:
    if len(said) == 1:
        return f"“{said[0]}”, once"
    return f"{len(said)} lines: {said}"
