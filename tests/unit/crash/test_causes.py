"""The crash test can say no: an unconfirmed row that neither a kill nor a lost answer explains."""

import pytest

from bot.simulators.journal import Request
from tests.crash.causes import without_cause

ROWS = [(1, "1001"), (2, "1002"), (3, "1002")]


def asked(chat: str, status: str, method: str = "sendMessage") -> Request:
    return Request(0.0, method, chat, status)


def test_each_has_a_cause() -> None:
    assert not without_cause(ROWS, {1, 3}, [asked("1002", "lost")])


@pytest.mark.parametrize(
    "request_", [asked("1002", "ok"), asked("1002", "429"), asked("1002", "lost", "getUpdates")]
)
def test_a_certain_answer_explains_nothing(request_: Request) -> None:
    assert without_cause(ROWS, {1, 3}, [request_]) == {"1002": 1}


def test_one_lost_answer_explains_one_row_of_its_own_chat() -> None:
    assert without_cause(ROWS, set(), [asked("1002", "500")]) == {"1001": 1, "1002": 1}
