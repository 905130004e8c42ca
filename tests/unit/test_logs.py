"""No secret reaches a log: not by message, argument, extra field, traceback or handler."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot import logs
from bot.logs import (
    REDACTED,
    JsonFormatter,
    LineFormatter,
    configure_logging,
    redact,
    traced,
)

TELEGRAM = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
SECRETS = [TELEGRAM, "xoxb-1234567890-abcdefghij", "xapp-1-A0-123-deadbeef", "plain-secret-of-ours"]


@pytest.fixture
def foreign() -> Iterator[io.StringIO]:
    """Return what a handler with a formatter of its own writes."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.getLogRecordFactory(), logs._known.copy())
    configure_logging("DEBUG", ["plain-secret-of-ours"])
    written = io.StringIO()
    root.addHandler(logging.StreamHandler(written))
    yield written
    root.handlers[:], known = before[0], before[3]
    root.setLevel(before[1])
    logging.setLogRecordFactory(before[2])
    logs._known.clear()
    logs._known.update(known)


@pytest.fixture
def ours(foreign: io.StringIO) -> io.StringIO:
    """Return what our own formatter writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(LineFormatter())
    logging.getLogger().addHandler(handler)
    return written


@pytest.mark.parametrize("secret", SECRETS)
def test_messages_arguments_extras_and_tracebacks_are_clean(
    secret: str, ours: io.StringIO, foreign: io.StringIO
) -> None:
    log = logging.getLogger("some.library")
    log.info("in the message %s", f"https://x/bot{secret}/getMe")
    log.info(f"formatted {secret}")  # a library may do so
    log.info({"a dict": secret})
    log.info("in an extra", extra={"url": secret})
    try:
        raise ValueError(f"cannot reach /bot{secret}/sendMessage")
    except ValueError:
        log.exception("failed")
    for written in (ours.getvalue(), foreign.getvalue()):
        assert "failed" in written
        assert REDACTED in written
        assert secret not in written


def test_each_event_is_one_line(ours: io.StringIO) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("x").exception("two\nlines", extra={"delivery": 5})
    (line,) = ours.getvalue().splitlines()
    assert ' ERROR x: two ⏎ lines {"delivery": 5} ⏎ Traceback' in line


def test_httpx_is_silent_below_warning(ours: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST …")
    assert ours.getvalue() == ""
    logging.getLogger("httpx").warning("trouble")
    assert "trouble" in ours.getvalue()


def test_a_wrong_format_string_does_not_break_logging(
    ours: io.StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logging.getLogger("x").info("%d", "no number")
    assert ours.getvalue() == ""


def test_ordinary_text_is_left_alone() -> None:
    text = "12:30 at https://x.example:8080/a?b=1 id 1234567:short"
    assert redact(text) == text


@pytest.fixture
def as_json(foreign: io.StringIO) -> io.StringIO:
    """Return what the formatter for machines writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    return written


@pytest.mark.parametrize("secret", [*SECRETS, 'quoted "and" ünusual-secret'])
def test_json_lines_are_clean_and_one_object_each(secret: str, as_json: io.StringIO) -> None:
    logs._known.add(secret)
    log = logging.getLogger("some.library")
    log.info("in the message %s\nsecond line", secret, extra={"url": f"https://x/{secret}"})
    try:
        raise ValueError(secret)
    except ValueError:
        log.exception("failed")
    first, second = (json.loads(line) for line in as_json.getvalue().splitlines())
    assert first["level"] == "INFO"
    assert first["logger"] == "some.library"
    assert first["message"].endswith("second line")
    assert second["message"] == "failed"
    assert "ValueError" in second["error"]
    assert all(secret not in value for one in (first, second) for value in one.values())


def test_a_trace_stands_behind_every_line_inside_its_block(
    ours: io.StringIO, as_json: io.StringIO
) -> None:
    log = logging.getLogger("some.library")
    with traced("abc123"):
        log.info("inside")
        with traced("other"):
            log.info("deeper")
    log.info("outside")
    inside, deeper, outside = ours.getvalue().splitlines()
    assert inside.endswith('inside {"trace": "abc123"}')
    assert deeper.endswith('{"trace": "other"}')
    assert outside.endswith("outside")
    assert [json.loads(line).get("trace") for line in as_json.getvalue().splitlines()] == [
        "abc123",
        "other",
        None,
    ]
