"""A long passage is cut to the few neighbouring lines that share most with the question."""

from collections.abc import Callable, Sequence

from bot.answers.words import terms

MOST_CHARACTERS = 700
MOST_LINES = 8
LONGEST_LINE = 500


def excerpt(
    lines: Sequence[str],
    wanted: Sequence[str],
    weight: Callable[[str], float],
    *,
    whole: bool = False,
) -> tuple[str, ...]:
    """Return a few lines of ``lines``.

    Args:
        lines: Of the passage, in order.
        wanted: The question's terms.
        weight: Of a term.
        whole: Begin with the first line, for records whose facts stand first.
    """
    short = [_cut(line) for line in lines]
    if whole:
        return tuple(short[: _fitting(short, 0)])
    gains = [_gain(line, wanted, weight) for line in short]
    best = max(range(len(short)), key=lambda at: (_value(short, gains, at), -at), default=0)
    return tuple(short[best : _fitting(short, best)])


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1].rstrip() + "…"


def _fitting(lines: Sequence[str], start: int) -> int:
    """Return the end of the lines that fit from ``start``; at least one does."""
    used, end = 0, start
    while end < min(len(lines), start + MOST_LINES):
        used += len(lines[end])
        if used > MOST_CHARACTERS and end > start:
            break
        end += 1
    return end


def _gain(line: str, wanted: Sequence[str], weight: Callable[[str], float]) -> float:
    held = frozenset(terms(line))
    return sum(weight(term) for term in wanted if term in held)


def _value(lines: Sequence[str], gains: Sequence[float], start: int) -> float:
    """Return what the lines from ``start`` are worth; their first one counts again."""
    return sum(gains[start : _fitting(lines, start)]) + gains[start]
