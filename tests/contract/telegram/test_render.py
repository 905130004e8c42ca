"""Rendering: snapshots that a person can read, and properties that hold for any text."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.telegram.render import ENTITY_LIMIT, TEXT_LIMIT, clean, render
from bot.domain.message import (
    Bold,
    Button,
    Code,
    Inline,
    Italic,
    Line,
    Link,
    Mention,
    Message,
    Text,
    When,
    line,
)
from bot.domain.reader import Reader
from bot.simulators.telegram.markup import parse_html, units

SNAPSHOTS = Path(__file__).parent / "rendered"
FORUM = When(datetime(2027, 11, 24, 6, 0, tzinfo=UTC), "Asia/Shanghai")
BERLIN = Reader("en", "Europe/Berlin")
BEIJING = Reader("zh", "Asia/Shanghai")
HAWAII = Reader("en", "Pacific/Honolulu")

INVITATION = Message(
    (
        line(Bold("Frontier Forum <2027> & friends")),
        line(),
        line("Begins ", FORUM, "."),
        line("Chair: ", Mention("4242", "Ana & Co"), " · ", Italic("source: alliance/events")),
        line(
            "Type ", Code("/help <topic>"), " or see ", Link("the site", "https://x.example/?a&b")
        ),
        line("Write to ", Link("the secretariat", "mailto:office@x.example"), "."),
    ),
    (
        (Button("I go", "rsvp", "12:going"), Button("I cannot", "rsvp", "12:declined")),
        tuple(Button(str(number), "n", str(number)) for number in range(10)),
    ),
)
CASES: dict[str, tuple[Message, Reader]] = {
    "invitation-berlin": (INVITATION, BERLIN),
    "invitation-beijing-zh": (INVITATION, BEIJING),
    "invitation-hawaii-other-day": (INVITATION, HAWAII),
    "bare-date": (
        Message((line("On ", When(FORUM.instant, FORUM.zone, date_only=True)),)),
        HAWAII,
    ),
    "mention-of-no-number": (Message((line(Mention("U123", "Bo <b>")),)), BERLIN),
    "unknown-zone": (Message((line(FORUM),)), Reader("en", "Moon/Tycho")),
    "empty": (Message(()), BERLIN),
}


def shown(message: Message, reader: Reader) -> str:
    """Return all parts as a readable text file."""
    pages = []
    for part in render(message, reader):
        rows = [
            " ".join(f"[{one['text']}|{one['data']}]" for one in row)
            for row in part.payload["buttons"]
        ]
        file = part.payload.get("file")
        files = [f"📎 {file['name']} {file['media_type']} {file['content']}"] if file else []
        pages.append("\n".join((part.payload["html"], *files, *rows, "--- read as:", part.summary)))
    return "\n=== next part\n".join(pages) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_rendering_is_as_recorded(name: str) -> None:
    # To accept a change, delete the file, run the test twice and read the difference.
    path = SNAPSHOTS / f"{name}.txt"
    now = shown(*CASES[name])
    if not path.exists():
        path.write_text(now, encoding="utf-8")
        pytest.fail(f"recorded {path.name}; read it and run again")
    assert now == path.read_text(encoding="utf-8")


any_text = st.text(st.characters(), max_size=60)
inlines: st.SearchStrategy[Inline] = st.one_of(
    any_text.map(Text),
    any_text.map(Bold),
    any_text.map(Italic),
    any_text.map(Code),
    any_text.map(lambda text: Link(text, 'https://x.example/?q="<&>')),
    any_text.map(lambda text: Mention("77", text)),
    st.just(FORUM),
)
lines: st.SearchStrategy[Line] = st.lists(inlines, max_size=8).map(tuple)
messages = st.lists(lines, max_size=60).map(lambda found: Message(tuple(found)))
long_messages = st.tuples(messages, st.integers(1, 12)).map(
    lambda given: Message(given[0].lines * given[1])
)


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(any_text)
@settings(deadline=None)
def test_any_text_arrives_as_typed(text: str) -> None:
    message = Message((line("[", Text(text), "]"), line(Bold(text), "."), line(Code(text), ".")))
    (part,) = render(message, BERLIN)
    read, _ = parse_html(part.payload["html"])
    whole = clean(text)
    assert read == f"[{whole}]\n{whole}.\n{whole}.".strip(" \n") == part.summary


@given(long_messages)
@settings(deadline=None)
def test_no_part_is_over_a_limit_and_nothing_is_lost(message: Message) -> None:
    parts = render(message, BERLIN)
    assert parts
    for part in parts:
        read, entities = parse_html(part.payload["html"])
        assert read == part.summary
        assert units(read) <= TEXT_LIMIT
        assert len(entities) <= ENTITY_LIMIT
    everything = "\n".join(
        "".join(squeezed(render(Message(((one,),)), BERLIN)[0].summary) for one in each)
        for each in message.lines
    )
    assert squeezed("".join(part.summary for part in parts)) == squeezed(everything)


@given(st.text(min_size=1, max_size=40, alphabet="👩‍🇨🇳e\u0301🏽ab"))
@settings(deadline=None)
def test_text_without_a_break_is_cut_between_characters(piece: str) -> None:
    text = piece * (6000 // len(piece))
    parts = render(Message((line(text),)), BERLIN)
    assert "".join(part.summary for part in parts) == text
    assert all(units(part.summary) <= TEXT_LIMIT for part in parts)


@pytest.mark.parametrize("whole", ["👩‍👩‍👧‍👦", "🇨🇳", "👍🏽", "e\u0301", "🏴\U000e0067\U000e007f"])
def test_what_looks_like_one_character_stays_whole(whole: str) -> None:
    for lead in range(8):
        parts = render(Message((line("x" * lead + whole * 3000),)), BERLIN)
        assert len(parts) > 1
        assert all(part.summary.replace("x", "").strip() != "" for part in parts)
        assert all(part.summary.lstrip("x").startswith(whole) for part in parts)


def test_a_cut_prefers_the_end_of_a_line_then_of_a_word() -> None:
    first, second = "a" * 3000, "b c " * 500
    parts = render(Message((line(first), line(second))), BERLIN)
    assert [part.summary for part in parts] == [first, second.strip()]
    words = render(Message((line("word " * 1200),)), BERLIN)
    assert all(part.summary.endswith("word") for part in words)


def test_styles_go_on_behind_a_cut() -> None:
    parts = render(Message((line(Bold("bold " * 1000)),)), BERLIN)
    assert all(part.payload["html"].startswith("<b>") for part in parts)
    assert all(part.payload["html"].endswith("</b>") for part in parts)


def test_a_time_is_never_cut() -> None:
    for lead in range(4040, 4100):
        parts = render(Message((line("x" * lead, FORUM),)), BERLIN)
        found = [part for part in parts if "tg-time" in part.payload["html"]]
        assert len(found) == 1
        assert found[0].payload["html"].count("<tg-time") == 1


def test_buttons_stand_below_the_last_part() -> None:
    message = Message((line("word " * 2000),), ((Button("Go", "go"),),))
    rows = [part.payload["buttons"] for part in render(message, BERLIN)]
    assert rows == [[], [], [[{"text": "Go", "data": "go:"}]]]
