"""Logging: one line an event, and never a secret; one id from an update to its replies.

Whoever works on an update, or sends what it caused, does so inside :func:`traced`; every
line that is logged there, by whomever, ends with that id.

Secrets are removed twice. The record factory cleans each record where it is made, so a
handler that a library or a test adds sees nothing either; the formatter cleans what it
puts together, tracebacks included.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

REDACTED = "[redacted]"
_TOKENS = re.compile(
    r"\d{6,}:[A-Za-z0-9_-]{30,}"  # Telegram: bot id, colon, 35 characters
    r"|xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}"  # Slack: bot, user, refresh …
    r"|xapp-[A-Za-z0-9-]{8,}"  # Slack: app level
)
_NOISY = {
    "apscheduler": logging.ERROR,  # a ring that comes too soon is left out: that is meant
    "alembic": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "markdown_it": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "asyncio": logging.WARNING,
    "uvicorn": logging.ERROR,  # it warns of each request that strangers get wrong
}
_known: set[str] = set()
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_plain_factory = logging.getLogRecordFactory()
_trace: ContextVar[str] = ContextVar("trace", default="")


@contextmanager
def traced(trace: str) -> Iterator[None]:
    """Let everything that is logged inside the block carry ``trace``."""
    token = _trace.set(trace)
    try:
        yield
    finally:
        _trace.reset(token)


def current_trace() -> str:
    """Return the id of what is being worked on, or ``""``."""
    return _trace.get()


def redact(text: str) -> str:
    """Return ``text`` without tokens of either platform and without the known secrets."""
    for secret in _known:
        text = text.replace(secret, REDACTED)
    return _TOKENS.sub(REDACTED, text)


def hide(secret: str) -> None:
    """Let ``secret`` into no log from now on; for those that are made, not set."""
    if secret:
        _known.add(secret)


class LineFormatter(logging.Formatter):
    """One line: time, level, logger, message, extra fields as JSON, traceback escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return ``record`` as one line without secrets."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f"{at} {record.levelname} {record.name}: {record.getMessage()}"
        if extra := self.extras(record):
            line += " " + json.dumps(extra, default=str, ensure_ascii=False)
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        elif record.exc_text:
            line += "\n" + record.exc_text
        if record.stack_info:
            line += "\n" + record.stack_info
        return redact(line).replace("\r", "").replace("\n", " ⏎ ")

    @staticmethod
    def extras(record: logging.LogRecord) -> dict[str, Any]:
        """Return the fields that whoever logged has added, and the trace if there is one."""
        extra = {key: one for key, one in vars(record).items() if key not in _STANDARD}
        return {key: one for key, one in extra.items() if key != "trace" or one}

    def formatException(  # noqa: N802 - the name is logging's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Return the traceback without secrets."""
        return redact("".join(traceback.format_exception(*ei))).rstrip()


class JsonFormatter(LineFormatter):
    """One JSON object a line, for machines that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return ``record`` as one JSON object without secrets."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        found: dict[str, Any] = {
            "time": at,
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
            **{key: redact(str(one)) for key, one in self.extras(record).items()},
        }
        if record.exc_info:
            found["error"] = self.formatException(record.exc_info)
        elif record.exc_text:
            found["error"] = redact(record.exc_text)
        return redact(json.dumps(found, default=str, ensure_ascii=False))


def configure_logging(level: str, secrets: Iterable[str], form: str = "line") -> None:
    """Log to standard error from ``level`` on, and let none of ``secrets`` through.

    ``form`` is ``line`` or ``json``.

    Can be called again: the level is replaced and the secrets are added.
    """
    _known.update(secret for secret in secrets if secret)
    logging.setLogRecordFactory(_clean_record)
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else LineFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in _NOISY.items():
        logging.getLogger(name).setLevel(least)


def _clean_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = _plain_factory(*args, **kwargs)
    record.trace = _trace.get()
    try:
        message = record.getMessage()
    except Exception:  # a wrong format string is reported by logging itself
        return record
    clean = redact(message)
    if clean != message:
        record.msg, record.args = clean, ()
    if record.exc_info and record.exc_info[0] is not None:
        # Handlers print exc_text where it is set: a foreign one never formats it again.
        record.exc_text = LineFormatter().formatException(record.exc_info)
    return record
