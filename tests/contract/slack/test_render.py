"""Rendering: what stands in review, and what no text may break."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.base import Part
from bot.adapters.slack.forms import form_view, notice_view
from bot.adapters.slack.home import render_home
from bot.adapters.slack.render import render
from bot.adapters.slack.text import cut, escape, readable
from bot.domain.form import Choice, Field, FieldKind, Form
from bot.domain.message import (
    Bold,
    Button,
    Code,
    Inline,
    Italic,
    Link,
    Mention,
    Message,
    Text,
    When,
    line,
    plain,
)
from bot.domain.reader import Reader
from bot.simulators.slack.checks import check_message
from bot.simulators.slack.reading import read_message
from bot.simulators.slack.views import checked

RENDERED = Path(__file__).parent / "rendered"
READER = Reader("en", "Europe/Berlin")
FORUM = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)

INVITATION = Message(
    (
        line(Bold("Frontier Forum"), " in ", Italic("Beijing")),
        line(),
        line("Begins ", When(FORUM, "Asia/Shanghai"), "; be there."),
        line("Day: ", When(FORUM, "Asia/Shanghai", date_only=True)),
        line("More on ", Link("the site", "https://forum.example/?a=1&b=2"), ", or type "),
        line(Code("/help"), ". Your focal point: ", Mention("U0ANA", "Ana <3"), "."),
    ),
    (
        (Button("Going ✓", "rsvp", "12:going"), Button("Maybe", "rsvp", "12:maybe")),
        (Button("Cannot come", "rsvp", "12:declined"),),
    ),
)
HOSTILE = plain(
    "<!channel> <@U0ANA> &amp; <http://x.example|x> *b* _i_ `c` ~s~ > q", "=1+1; :smile: {date}"
)
SNAPSHOTS: Mapping[str, tuple[Message, Reader]] = {
    "invitation": (INVITATION, READER),
    "invitation-zh": (INVITATION, Reader("zh", "America/New_York")),
    "invitation-unknown-zone": (INVITATION, Reader("en", "Mars/Olympus")),
    "hostile": (HOSTILE, READER),
    "nothing": (Message(()), READER),
    "only-buttons": (Message((), INVITATION.buttons), READER),
}


def shown(part: Part) -> str:
    """Return what a person reads of a part whose text is no more than a space-holder."""
    return read_message(part.payload, {})[0] if part.payload.get("blocks") else ""


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_it_looks_as_reviewed(name: str) -> None:
    """``UPDATE_SNAPSHOTS=1`` writes the files anew; the difference is then reviewed."""
    parts = render(*SNAPSHOTS[name])
    found = json.dumps(
        [{"summary": part.summary.split("\n"), "payload": part.payload} for part in parts],
        ensure_ascii=False,
        indent=2,
    )
    compare(name, found)


def compare(name: str, found: str) -> None:
    path = RENDERED / f"{name}.json"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(found + "\n")
    assert path.read_text() == found + "\n"


REGISTRATION = Form(
    "register",
    "Registration for the Frontier Forum",
    "Register",
    "en",
    (
        Field("name", "Your name", initial="Ana <3 & *co*", longest=80),
        Field("note", "Anything else?", FieldKind.LINES, required=False, hint="Allergies, …"),
        Field("diet", "Food", FieldKind.CHOICE, choices=(Choice("v", "Vegan"), Choice("a", "All"))),
        Field(
            "days",
            "Days",
            FieldKind.CHOICES,
            initial="mo",
            choices=(Choice("mo", "Monday"), Choice("tu", "Tuesday")),
        ),
    ),
    context="event:12",
)


def test_a_form_looks_as_reviewed() -> None:
    views = {
        "skeleton": form_view(Form("opening", "One moment …", "Send", "en")),
        "form": form_view(REGISTRATION),
        "notice": notice_view("One moment …", "All seats are taken."),
    }
    for view in views.values():
        checked(view, "modal")
    compare("modal", json.dumps(views, ensure_ascii=False, indent=2))


def test_a_page_looks_as_reviewed() -> None:
    part = render_home(INVITATION, READER)
    checked(dict(part.payload), "home")
    compare("home", json.dumps(part.payload, ensure_ascii=False, indent=2))


def elements_of(part: Part) -> list[dict[str, Any]]:
    return [
        inner
        for block in part.payload["blocks"]
        for section in block["elements"]
        for inner in section.get("elements", ())
    ]


def test_a_time_is_native_with_the_venues_beside_it() -> None:
    (part,) = render(Message((line(When(FORUM, "Asia/Shanghai")),)), READER)
    date, beside = elements_of(part)
    assert date["type"] == "date"
    assert date["timestamp"] == int(FORUM.timestamp())
    assert "02:00" in date["fallback"]
    assert "09:00 Beijing" in beside["text"]


def test_what_slack_would_not_take_is_shown_all_the_same() -> None:
    far = f"https://x.example/{'a' * 4000}"
    parts = render(Message((line(Link("far", far), Mention("12", "Bo")),)), READER)
    assert {one["type"] for part in parts for one in elements_of(part)} == {"text"}
    assert "".join(part.summary for part in parts) == f"far ({far})@Bo"


def test_a_long_label_is_cut_and_many_buttons_find_room() -> None:
    row = tuple(Button("label " * 20, "pick", str(number)) for number in range(7))
    message = Message((line("x" * 2500),) * 4, (row,) * 12)
    parts = render(message, READER)
    for part in parts:
        check_message(part.payload)
    buttons = [one for part in parts for one in read_message(part.payload, {})[1]]
    assert [one.data for one in buttons] == [one.data for one in row] * 12
    assert all(len(one.label) <= 75 for one in buttons)


TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(list('<>&*_`"\\\n \u200d\u0301😀')),
    max_size=400,
)
STYLED = st.builds(
    lambda make, text, times: make(text * times),
    st.sampled_from([Text, Bold, Italic, Code, lambda text: Link(text, "https://x.example/")]),
    TEXT,
    st.sampled_from([1, 1, 7, 60]),
)


def squeezed(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(STYLED, max_size=4).map(tuple), max_size=5).map(tuple), st.booleans())
def test_any_text_arrives_as_typed(lines: tuple[tuple[Inline, ...], ...], buttons: bool) -> None:
    """No part is over a limit, and the parts joined are the whole text."""
    message = Message(lines, ((Button("Go", "go", "1"),),) if buttons else ())
    parts = render(message, READER)
    for part in parts:
        check_message(part.payload)
        for block in part.payload.get("blocks", ()):
            for section in block["elements"]:
                texts = (one.get("text", "") for one in section.get("elements", ()))
                assert sum(map(len, texts)) <= 3000
        assert shown(part) == part.summary
        assert readable(part.payload["text"]) == part.summary or not part.summary
    typed = "\n".join("".join(_text(one) for one in parts_) for parts_ in lines)
    assert squeezed("".join(shown(one) for one in parts)) == squeezed(typed)
    _follow(typed, [shown(one) for one in parts])
    has = [bool(read_message(part.payload, {})[1]) for part in parts]
    assert has == [False] * (len(parts) - 1) + [buttons]


def _text(one: Inline) -> str:
    assert isinstance(one, (Text, Bold, Italic, Code, Link))
    return one.text or (one.url if isinstance(one, Link) else "")


def _follow(typed: str, shown_parts: list[str]) -> None:
    """Nothing but line breaks where two parts meet may be missing."""
    rest = typed
    for text in shown_parts:
        rest = rest if rest.startswith(text) else rest.lstrip("\n")
        assert rest.startswith(text)
        rest = rest[len(text) :]
    assert not rest.strip("\n")


@given(TEXT, st.integers(1, 200))
def test_escaped_text_is_cut_between_entities(text: str, limit: int) -> None:
    short = cut(escape(text), limit)
    assert len(short) <= limit
    assert text.startswith(readable(short).removesuffix("…"))


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<@U1> and <@U2|bo>", "@U1 and @bo"),
        ("<#C1|general> <#C2>", "#general #C2"),
        ("<!here> <!subteam^S1|@team> <!date^1^{date}|today>", "@here @team today"),
        ("<http://x.example|x.example> <https://x.example/>", "x.example https://x.example/"),
        ("<http://x.example|the site>", "the site (http://x.example)"),
        ("<mailto:a@x.example|a@x.example>", "a@x.example"),
    ],
)
def test_what_slack_sends_is_read(sent: str, read: str) -> None:
    assert readable(sent) == read
