"""The soak's verdict can say no: each thing that must never happen, made to happen."""

from dataclasses import replace

import pytest

from tests.soak.verdict import Copies, Evidence, findings

GOOD = Evidence(
    asked={("1", "hall 42"): 2, ("2", "gate 9"): 1},
    answered={("1", "hall 42"): 2},
    listed={"2": 1},
    excused={},
    announcements=(Copies("Greeting", {"1": 1, "2": 0}, {"2": "unconfirmed"}, 2),),
    pressed={"1": "going"},
    stored={"1": "going", "2": "maybe"},
    unfinished=0,
    unconfirmed=2,
    lost_answers=1,
    kills=1,
)


def test_a_good_end() -> None:
    assert findings(GOOD) == []


BAD = {
    "an answer is lost": ({"answered": {("1", "hall 42"): 1}}, "1 answers are missing"),
    "lost and listed for somebody else": ({"listed": {"3": 1}}, "2: 1 answers are missing"),
    "an answer is doubled": ({"answered": {("1", "hall 42"): 3}}, "1 answers too many"),
    "an answer that nobody asked for": (
        {"answered": {("1", "hall 42"): 2, ("3", "gate 9"): 1}},
        "3: 1 answers too many",
    ),
    "a press is lost": ({"stored": {}}, "stored is nothing"),
    "an older press wins": ({"stored": {"1": "maybe"}}, "pressed going, stored is maybe"),
    "something is unfinished": ({"unfinished": 1}, "1 rows are unfinished"),
    "more unknown than explained": ({"unconfirmed": 34}, "34 unconfirmed, only 33"),
    "an exception in the log": ({"broken": ("Traceback",)}, "broken: Traceback"),
    "a copy is doubled": (
        {"announcements": (Copies("G", {"1": 2}, {}, 1),)},
        "2 copies for 1",
    ),
    "a copy is lost": ({"announcements": (Copies("G", {"1": 0}, {}, 1),)}, "none for 1"),
    "a recipient has no row": (
        {"announcements": (Copies("G", {"1": 1, "2": 1}, {}, 1),)},
        "1 rows for 2",
    ),
    "failed, and yet it is there": (
        {"announcements": (Copies("G", {"1": 1}, {"1": "failed"}, 1),)},
        "listed as failed",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_must_not_be_is_found(case: str) -> None:
    change, said = BAD[case]
    (found,) = findings(replace(GOOD, **change))  # type: ignore[arg-type]  # each case its own field
    assert said in found
