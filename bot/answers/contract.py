"""What goes into an engine, what comes out, and what an engine is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asked.

    Attributes:
        text: As typed; anything, of any length.
        language: A language that has a catalog, the reader's.
        now: The calendar's instant, aware.
        conference: Name of the one conference to look in, or ``""`` for all.
        zone: The reader's IANA zone, shown beside the venue's time; ``""`` for none.
    """

    text: str
    language: str
    now: datetime
    conference: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A passage that answers, in plain text.

    Attributes:
        lines: A few lines without markup.
        source: Entry id, such as ``alliance/faq.md#when-is-the-frontier-forum``.
        source_title: The source as a person would name it.
        confidence: From 0 to 1; comparable between answers of one engine only.
        language: Of the lines, or ``""`` if not said.
    """

    lines: tuple[str, ...]
    source: str
    source_title: str
    confidence: float
    language: str

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


class Engine(Protocol):
    """Answers questions from what it was built of."""

    def answer(self, question: Question) -> Answer | None:
        """Return the best answer, or None where the evidence is thin. Never raises."""
        ...
