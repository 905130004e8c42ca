"""An index of passages in memory: SQLite's FTS5 ranks by BM25, Python knows the terms.

Passages are stored as terms already (:mod:`bot.answers.words`), and a query is made of
terms in quotes, so that nothing a member types is read as a search operator.
"""

import math
import sqlite3
import weakref
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.passages import Passage
from bot.answers.words import terms

WEIGHTS = (3.0, 1.5, 1.0)
"""Of head, context and body in BM25."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that shares a term with the question; ``bm25`` is higher for better."""

    number: int
    bm25: float


class Index:
    """Finds passages by terms."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        """Index ``passages``; their numbers are their places."""
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._database.close)
        self._database.execute(
            "CREATE VIRTUAL TABLE passage USING fts5(head, context, body, conference UNINDEXED,"
            " tokenize = 'unicode61 remove_diacritics 0')"
        )
        self.heads: list[frozenset[str]] = []
        self.alls: list[frozenset[str]] = []
        self._frequency: Counter[str] = Counter()
        for number, passage in enumerate(passages):
            self._add(number, passage)

    def _add(self, number: int, passage: Passage) -> None:
        columns = [list(terms(text)) for text in (passage.head, passage.context, passage.body)]
        self.heads.append(frozenset(columns[0]))
        self.alls.append(frozenset().union(*columns))
        self._frequency.update(self.alls[-1])
        self._database.execute(
            "INSERT INTO passage(rowid, head, context, body, conference) VALUES (?, ?, ?, ?, ?)",
            (number, *(" ".join(column) for column in columns), passage.conference),
        )

    def weight(self, term: str) -> float:
        """Return how much ``term`` tells: the rarer the more, most if no passage has it."""
        return math.log(1 + len(self.alls) / (self._frequency[term] + 0.5))

    def find(self, wanted: Sequence[str], conference: str, limit: int) -> list[Hit]:
        """Return the best passages that hold at least one of ``wanted``."""
        if not wanted:
            return []
        query = " OR ".join(f'"{term}"' for term in wanted)
        rows = self._database.execute(
            "SELECT rowid, bm25(passage, ?, ?, ?) AS rank FROM passage"
            " WHERE passage MATCH ? AND (? = '' OR conference = ?) ORDER BY rank LIMIT ?",
            (*WEIGHTS, query, conference, conference, limit),
        )
        return [Hit(number, -rank) for number, rank in rows]
