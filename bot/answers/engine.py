"""Answers by comparing words: BM25 finds candidates, the share of words covered decides.

A wrong answer costs more trust than none, so a candidate must cover most of what the
question says, each word weighed by how rare it is. A word that no passage holds weighs
most: who asks about childcare where nobody wrote of it gets "I don't know".

The thresholds were chosen on the example questions and on questions of quite other
topics; ``tests/unit/answers/test_measured.py`` measures both and holds the floor.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.contract import Answer, Question
from bot.answers.excerpts import excerpt
from bot.answers.index import Hit, Index
from bot.answers.passages import Passage, passages
from bot.answers.synonyms import alike
from bot.answers.words import asked_for, is_chinese, misses_the_price, query_terms, stem
from bot.domain.event import Conference

CANDIDATES = 40
MAX_TERMS = 60
COVERED = 0.6
"""Least share of the question's weight that the passage must hold."""
COVERED_CHINESE = 0.5
"""The same for pairs of characters, of which many are no words."""
CONFIDENT = 0.54
"""Least score of an answer."""
MAIN_EVENT = 0.9
"""Score of the event itself for a question that names nothing else."""
_GENERIC = (
    "held hold place take taking happen start begin year conference event meeting location "
    "venue city address 举行 举办 召开 会议 大会 开始"
)
GENERIC = frozenset(stem(word) for word in _GENERIC.split())
"""What a question about the event itself may hold besides its name."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A candidate: the share of the question it covers, and its score, both 0 to 1."""

    number: int
    covered: float
    score: float


class LexicalEngine:
    """Compares words. Building takes well under a second; there are no files, no network."""

    def __init__(self, conferences: Sequence[Conference]) -> None:
        """Index everything that ``conferences`` hold."""
        self._passages = tuple(one for conference in conferences for one in passages(conference))
        self._index = Index(self._passages)
        numbers = {passage.source: number for number, passage in enumerate(self._passages)}
        self._main = {
            conference.name: numbers[conference.events[0].source]
            for conference in conferences
            if conference.events and (conference.events[0].start or len(conference.events) == 1)
        }

    def answer(self, question: Question) -> Answer | None:
        """Return the best answer, or None where the evidence is thin. Never raises."""
        wanted = query_terms(question.text)[:MAX_TERMS]
        best = self._main_event(question, wanted) or max(
            self.judge(question, wanted), key=lambda one: one.score, default=None
        )
        if best is None:
            return None
        least = COVERED_CHINESE if is_chinese(question.text) else COVERED
        if best.covered < least or best.score < CONFIDENT:
            return None
        shown = self._shown(self._passages[best.number], best, question, wanted)
        said = f"{shown.source_title}\n{shown.text}"
        return None if misses_the_price(question.text, said) else shown

    def _main_event(self, question: Question, wanted: Sequence[str]) -> _Judged | None:
        """Return the event itself for "when is it?", where only one can be meant.

        The first event of a folder is what the folder is about. While its date is not
        known, or with several folders to look in, nobody can say which one is meant.
        """
        marks = asked_for(question.text)
        names = {question.conference} if question.conference else self._main.keys()
        number = self._main.get(next(iter(names), ""))
        if number is None or len(names) > 1 or not marks:
            return None
        passage = self._passages[number]
        meant = self._index.heads[number] | GENERIC
        if not marks <= passage.marks or not meant.issuperset(wanted):
            return None
        return _Judged(number, 1.0, MAIN_EVENT)

    def judge(self, question: Question, wanted: Sequence[str]) -> list[_Judged]:
        """Return every candidate with its score."""
        searched = list(dict.fromkeys(other for term in wanted for other in (term, *alike(term))))
        hits = self._index.find(searched, question.conference, CANDIDATES)
        if not hits:
            return []
        marks = asked_for(question.text)
        top = hits[0].bm25 or 1.0
        return [self._judge(hit, hit.bm25 / top, wanted, marks, question) for hit in hits]

    def _judge(
        self,
        hit: Hit,
        rank: float,
        wanted: Sequence[str],
        marks: frozenset[str],
        question: Question,
    ) -> _Judged:
        passage = self._passages[hit.number]
        covered = self._covered(wanted, self._index.alls[hit.number])
        named = self._covered(wanted, self._index.heads[hit.number])
        asked = len(marks & passage.marks) / len(marks) if marks else 0.0
        score = 0.5 * covered + 0.2 * named + 0.2 * rank + 0.1 * asked
        if passage.language and passage.language != question.language:
            score -= 0.05
        return _Judged(hit.number, covered, min(1.0, max(0.0, score)))

    def _covered(self, wanted: Sequence[str], held: frozenset[str]) -> float:
        total = got = 0.0
        for term in wanted:
            weight = self._index.weight(term)
            total += weight
            if term in held:
                got += weight
            elif not held.isdisjoint(alike(term)):
                got += 0.8 * weight
        return got / total if total else 0.0

    def _shown(
        self, passage: Passage, judged: _Judged, question: Question, wanted: Sequence[str]
    ) -> Answer:
        lines = excerpt(passage.show(question), wanted, self._index.weight, whole=passage.record)
        return Answer(
            lines=lines,
            source=passage.source,
            source_title=passage.titles.get(question.language) or passage.title,
            confidence=round(judged.score, 3),
            language=passage.language,
        )
