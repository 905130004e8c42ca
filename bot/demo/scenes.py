"""The first evening: questions, the greeting at midnight, courtesies."""

import asyncio
import json
from datetime import datetime, timedelta
from functools import partial

from bot.demo import files, words
from bot.demo.checks import answered, copies, once_each, own_language, same
from bot.demo.play import Play
from bot.demo.stage import BEIJING, MIDNIGHT, until
from bot.i18n import texts_for

LIN, LUKAS, ELODIE, OLIVER, WANJIRU, TAN, AROHA = 1, 4, 5, 6, 8, 13, 30
"""Numbers in the roster: on Telegram, Slack, Telegram, Slack, Telegram, Slack, Telegram."""
ARRIVE_SECONDS = 40.0


async def questions(play: Play) -> None:
    """Members ask, each in their own language; two ask what nobody knows."""
    play.scene(words.SCENE_QUESTIONS)
    journals = play.stage.journals
    english, chinese = texts_for("en"), texts_for("zh")
    unknown = english("answer.unknown")
    for number, what, asked, wanted in (
        (OLIVER, words.CHECK_ENGLISH, words.ASK_ENGLISH, ("first half of 2020", "Source: ")),
        (LIN, words.CHECK_CHINESE, words.ASK_CHINESE, ("2020年上半年", "来源")),
        (TAN, words.CHECK_CHINESE_PLACE, words.ASK_CHINESE_PLACE, ("北京", "来源")),
        (ELODIE, words.CHECK_FRENCH, words.ASK_FRENCH, ("premier semestre 2020", "Source")),
        (LUKAS, words.CHECK_GERMAN, words.ASK_GERMAN, ("Peking", "Quelle: ")),
        (WANJIRU, words.CHECK_UNKNOWN, words.ASK_UNKNOWN, (unknown,)),
        (LIN, words.CHECK_UNKNOWN_CHINESE, words.ASK_UNKNOWN_CHINESE, (chinese("answer.unknown"),)),
    ):
        who = play.actor(number)
        await play.says(who, asked)
        await play.check(partial(answered, what, journals, who[1], asked, wanted))
    gaps = json.loads(await play.stage.must("gaps", "--json"))
    play.tell(words.GAPS.format(n=len(gaps)))
    for gap in reversed(gaps):
        play.tell(f"  · {gap['text']}  ({gap['email']})")


async def greeting(play: Play) -> None:
    """The greeting is scheduled in the evening and goes out at midnight in Beijing."""
    play.scene(words.SCENE_GREETING)
    letter, stage = files.greeting(), play.stage
    at = MIDNIGHT.isoformat()
    made = json.loads(
        await stage.must("announce", "create", *letter.arguments(), "--at", at, "--yes", "--json")
    )
    play.tell(words.SCHEDULED.format(**made, at=f"{MIDNIGHT:%Y-%m-%d %H:%M}"))
    stage.calendar.move_to(MIDNIGHT - timedelta(seconds=3))
    play.tell(words.MOVED.format(now=f"{stage.now():%Y-%m-%d %H:%M:%S}"))
    await until(lambda: stage.calendar.now() >= MIDNIGHT - timedelta(seconds=0.5), 10)
    early = sum(len(copies(stage.journals, place, letter)) for _, place in play.places)
    play.checks.append(same(words.CHECK_EARLY, 0, early))

    def arrived() -> int:
        return sum(bool(copies(stage.journals, place, letter)) for _, place in play.places)

    await until(lambda: arrived() == play.readers, ARRIVE_SECONDS)
    await asyncio.sleep(1.0)  # a copy too many would come now
    first, last = _first_and_last(play, letter)
    play.tell(words.ARRIVED.format(n=arrived(), first=first, last=last))
    play.checks += [
        once_each(words.CHECK_GREETING, stage.journals, play.places, letter),
        own_language(words.CHECK_LANGUAGE, stage.journals, play.places, letter),
    ]


async def courtesies(play: Play) -> None:
    """Who wishes a happy New Year gets one warm line, not an answer from the data."""
    play.scene(words.SCENE_COURTESIES)
    for number, what, said, language, kind in (
        (AROHA, words.CHECK_COURTESY, words.WISH, "en", "new-year"),
        (TAN, words.CHECK_COURTESY_CHINESE, words.WISH_CHINESE, "zh", "new-year"),
        (LIN, words.CHECK_THANKS, words.THANKS_CHINESE, "zh", "thanks"),
    ):
        who = play.actor(number)
        await play.says(who, said)
        wanted = texts_for(language)(f"courtesy.{kind}")
        await play.check(partial(answered, what, play.stage.journals, who[1], said, (wanted,)))


def _first_and_last(play: Play, letter: files.Letter) -> tuple[str, str]:
    """Return the calendar's time at which the first and the last copy arrived."""
    offset = play.stage.calendar.now().timestamp() - play.stage.calendar.monotonic()
    times = [
        message.at + offset
        for _, place in play.places
        for message in play.stage.chat(place)
        if letter.language_of(message.text)
    ]
    if not times:
        return "-", "-"
    shown = [f"{datetime.fromtimestamp(at, BEIJING):%H:%M:%S}" for at in (min(times), max(times))]
    return shown[0], shown[1]
