"""Names are said as they were given, in every script and language, whole and in their order."""

from dataclasses import replace

import pytest

from bot.domain.people import CLI
from bot.i18n import languages
from bot.services import roster
from bot.storage.database import Write
from tests.support.desk import Desk
from tests.unit.handlers.talk import member_row

NAMES = (
    "李娜",
    "山田 太郎",
    "Nguyễn Thị Minh Khai",
    "Sukarno",
    "محمد بن سلمان الأنصاري",
    "Ó Súilleabháin, Seán",
    "de la Cruz y García",
    "<b>&amp; *Bold* _x_",
)


async def add(desk: Desk, user: str, language: str, names: dict[str, str]) -> None:
    """Put somebody on the roster who writes as ``user``."""
    row = replace(
        member_row(2, user, "somebody", language),
        names=names,
        email=f"n{user}@example.org",
        accounts=((desk.adapter.name, desk.adapter.account, user),),
    )

    async def work(write: Write) -> None:
        await roster.save(write, [row], own={}, actor=CLI, now=desk.clock.now())

    await desk.database.write(work)


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_is_said_as_it_was_given(desk: Desk, name: str) -> None:
    for number, language in enumerate(languages()):
        await add(desk, f"7{number}", language, {"": name})
        (said,) = await desk.say(f"7{number}", "/start")
        assert name in said.splitlines()[0], language


async def test_a_reader_sees_the_script_they_read_if_it_was_given(desk: Desk) -> None:
    await add(desk, "70", "zh", {"": "Li Na", "zh": "李娜"})
    (said,) = await desk.say("70", "/start")
    assert said.startswith("李娜，您好！")
    await desk.press("70", "set:language:de")
    *_, said = await desk.say("70", "/start")
    assert said.startswith("Guten Tag, Li Na!")
