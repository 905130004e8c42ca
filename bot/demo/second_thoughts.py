"""A save-the-date with a wrong month: corrected in every chat, answered, and taken back."""

import json

from bot.demo import words
from bot.demo.checks import same
from bot.demo.play import Play
from bot.demo.stage import Stage, until
from bot.simulators.journal import SeenMessage

LIN = 1
AUDIENCE = "country:CN or country:CH or country:AU"
"""On both messengers, and few: Slack allows about 50 edits a minute."""
SECONDS = 60.0


async def second_thoughts(play: Play) -> None:
    """The secretariat sees its mistake when it stands in the chats already."""
    play.scene(words.SCENE_SECOND_THOUGHTS)
    stage = play.stage
    number, recipients = await _announce(stage)
    await until(lambda: len(_standing(play)) == recipients, SECONDS)
    await play.says(play.actor(LIN), words.THANKS_CHINESE)
    replies = json.loads(await stage.must("announce", "replies", number, "--json"))
    told = [f"{one['who']}: {one['text']}" for one in replies]
    play.tell(words.REPLIES.format(replies=", ".join(told)))
    play.checks.append(same(words.CHECK_REPLIES, [words.THANKS_CHINESE], _texts(replies)))

    file = _write(stage, words.SAVE_RIGHT)
    play.tell((await stage.must("announce", "correct", number, "--text-file", file)).split("\n")[0])
    await until(lambda: _count(play, words.RIGHT_MONTH) == recipients, SECONDS)
    play.checks += [
        same(words.CHECK_CORRECTED, recipients, _count(play, words.RIGHT_MONTH)),
        same(words.CHECK_STALE, 0, _count(play, words.WRONG_MONTH)),
        same(words.CHECK_IN_PLACE, recipients, len(_standing(play))),
    ]

    play.tell((await stage.must("announce", "recall", number)).split("\n")[0])
    await until(lambda: not _standing(play), SECONDS)
    play.checks.append(same(words.CHECK_RECALLED, 0, len(_standing(play))))


async def _announce(stage: Stage) -> tuple[str, int]:
    """Announce the wrong month, and return the number and how many chats get it."""
    file = _write(stage, words.SAVE_WRONG)
    made = json.loads(
        await stage.must(
            *("announce", "create", "--title", words.SAVE_TITLE, "--text-file", file),
            *("--audience", AUDIENCE, "--yes", "--json"),
        )
    )
    return str(made["id"]), int(made["recipients"])


def _write(stage: Stage, text: str) -> str:
    file = stage.folder / "save-the-date.md"
    file.write_text(text, encoding="utf-8")
    return str(file)


def _standing(play: Play) -> list[SeenMessage]:
    return [
        one
        for _, place in play.places
        for one in play.stage.chat(place)
        if one.text.startswith(words.SAVE_TITLE) and not one.deleted
    ]


def _count(play: Play, piece: str) -> int:
    return sum(piece in one.text for one in _standing(play))


def _texts(replies: list[dict[str, str]]) -> list[str]:
    return [one["text"] for one in replies]
