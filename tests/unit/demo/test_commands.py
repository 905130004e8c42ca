"""What is typed into the demo, and what it is taken for."""

from datetime import datetime, timedelta

import pytest

from bot.demo.commands import Does, Typed, moment, understand
from bot.demo.stage import BEIJING

EVENING = datetime(2019, 12, 31, 21, 30, 15, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", Typed(Does.NOTHING)),
        ("   ", Typed(Does.NOTHING)),
        ("When is the Forum?", Typed(Does.SAY, "When is the Forum?")),
        ("/start", Typed(Does.SAY, "/start")),
        ("新年快乐！", Typed(Does.SAY, "新年快乐！")),
        (":)", Typed(Does.SAY, ":)")),
        (":-D", Typed(Does.SAY, ":-D")),
        (":smile:", Typed(Does.SAY, ":smile:")),
        ("1", Typed(Does.PRESS, "1")),
        (" 12 ", Typed(Does.PRESS, "12")),
        ("2020", Typed(Does.SAY, "2020")),
        (":say 1", Typed(Does.SAY, "1")),
        (":as 7 slack", Typed(Does.AS, "7 slack")),
        (":as", Typed(Does.AS)),
        (":time 2020-01-01 00:00", Typed(Does.TIME, "2020-01-01 00:00")),
        (":convoke announce list", Typed(Does.CONVOKE, "announce list")),
        (":q", Typed(Does.QUIT)),
        (":?", Typed(Does.HELP)),
        (":press", Typed(Does.UNKNOWN, "press")),
        (":unknown", Typed(Does.UNKNOWN, "unknown")),
        (":foo bar", Typed(Does.UNKNOWN, "foo")),
    ],
)
def test_a_line_is_understood(line: str, wanted: Typed) -> None:
    assert understand(line) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2020-01-01 00:00", datetime(2020, 1, 1, tzinfo=BEIJING)),
        ("2019-12-31T17:00+01:00", datetime(2020, 1, 1, tzinfo=BEIJING)),
        ("2020-01-01", datetime(2020, 1, 1, tzinfo=BEIJING)),
        ("23:59", datetime(2019, 12, 31, 23, 59, tzinfo=BEIJING)),
        ("+2h", EVENING + timedelta(hours=2)),
        ("+ 30 m", EVENING + timedelta(minutes=30)),
        ("+1d", EVENING + timedelta(days=1)),
        ("24:00", None),
        ("midnight", None),
        ("2020-02-30 10:00", None),
        ("+2", None),
    ],
)
def test_a_moment_is_beijing_unless_it_says_otherwise(text: str, wanted: datetime | None) -> None:
    assert moment(text, EVENING) == wanted
