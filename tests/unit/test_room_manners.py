"""How much one person is answered in a room."""

from bot.room_manners import FORGET_ABOVE, MOST, WINDOW, Manners, Verdict

ANNA, BO = ("telegram", "bot", "-5", "1"), ("telegram", "bot", "-5", "2")


def judged(manners: Manners, who: tuple[str, ...], times: list[float]) -> list[Verdict]:
    return [manners.judge(who, at) for at in times]


def test_ten_are_answered_the_next_is_told_once_and_then_nothing() -> None:
    manners = Manners()
    verdicts = judged(manners, ANNA, [float(number) for number in range(30)])
    assert verdicts[:MOST] == [Verdict.ANSWER] * MOST
    assert verdicts[MOST] is Verdict.ONCE
    assert set(verdicts[MOST + 1 :]) == {Verdict.SILENT}
    assert manners.judge(BO, 30.0) is Verdict.ANSWER


def test_silence_ends_although_they_went_on() -> None:
    manners = Manners()
    judged(manners, ANNA, [0.0] * 50)
    assert judged(manners, ANNA, [WINDOW - 1, WINDOW]) == [Verdict.SILENT, Verdict.ANSWER]
    assert judged(manners, ANNA, [WINDOW] * MOST)[-1] is Verdict.ONCE, "told again the next time"


def test_never_more_than_the_bound_in_any_minute() -> None:
    manners = Manners()
    times = [number * 0.7 for number in range(600)]
    said = [at for at in times if manners.judge(ANNA, at) is not Verdict.SILENT]
    for at in said:
        assert sum(at <= one < at + WINDOW for one in said) <= 2 * (MOST + 1)
    assert len(said) <= (MOST + 1) * (times[-1] / WINDOW + 1)


def test_memory_is_bounded() -> None:
    manners = Manners()
    for number in range(5 * FORGET_ABOVE):
        manners.judge(("telegram", "bot", "-5", str(number)), float(number))
    assert len(manners._speakers) <= FORGET_ABOVE + 2
