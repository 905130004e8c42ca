"""Entries, sessions and event records become passages: words to find, lines to show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.answers.cards import event_lines, event_words, session_lines, session_words
from bot.answers.contract import Question
from bot.answers.plain import plain_lines
from bot.answers.words import MARK, asked_for, is_chinese
from bot.domain.event import Conference, Entry, Event, Session

Show = Callable[[Question], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that can answer.

    Attributes:
        source: Entry id.
        title: Main form of what a person would call the source.
        titles: The same by language, where there are several.
        conference: Name of its folder.
        language: Of the words, or ``""`` for a record that speaks the reader's.
        head: Words that name it.
        context: Words that stand above it.
        body: All its other words.
        marks: What it answers: when, where, who (:func:`bot.answers.words.asked_for`).
        record: True for a session or an event, whose lines are all needed.
        show: Returns its lines for a question; many, of which a few are chosen.
    """

    source: str
    title: str
    titles: dict[str, str]
    conference: str
    language: str
    head: str
    context: str
    body: str
    marks: frozenset[str]
    record: bool
    show: Show


def passages(conference: Conference) -> Iterator[Passage]:
    """Yield the passages of a conference; headings without text answer nothing."""
    for event in conference.events:
        yield _of_event(event)
    for session in conference.sessions:
        yield _of_session(session, conference.name)
    for entry in conference.entries:
        if entry.body.strip():
            yield _of_entry(entry)


def _of_event(event: Event) -> Passage:
    marks = {MARK + "when"}
    if event.city or event.venue or event.country:
        marks.add(MARK + "where")
    return Passage(
        source=event.source,
        title=event.title(""),
        titles=event.titles,
        conference=event.conference,
        language="",
        head=" ".join((*event.titles.values(), *event.aka)),
        context="",
        body=event_words(event),
        marks=frozenset(marks),
        record=True,
        show=lambda question: event_lines(event, question),
    )


def _of_session(session: Session, conference: str) -> Passage:
    given = {"when": session.start, "where": session.room, "who": session.speakers}
    return Passage(
        source=session.source,
        title=session.title,
        titles={},
        conference=conference,
        language="",
        head=session.title,
        context=" ".join((*session.speakers, session.type, session.track)),
        body=session_words(session),
        marks=frozenset(MARK + name for name, value in given.items() if value),
        record=True,
        show=lambda question: session_lines(session, question),
    )


def _of_entry(entry: Entry) -> Passage:
    lines = plain_lines(entry.body)
    text = "\n".join(lines)
    return Passage(
        source=entry.source,
        title=" › ".join(dict.fromkeys((*entry.headings[:1], entry.title))),
        titles={},
        conference=entry.conference,
        language=entry.language or ("zh" if is_chinese(text) else ""),
        head=entry.title,
        context=" ".join(entry.headings[:-1]),
        body=text,
        marks=asked_for(entry.title),
        record=False,
        show=lambda _: lines,
    )
