"""From every error of PTB's to one of the five outcomes.

PTB's class tree misleads: ``BadRequest`` and ``TimedOut`` are both ``NetworkError``, one
certain and one unknown. So the order below is from the most special class to the least,
and a class that PTB adds later ends as ``Unknown``: the one answer that never duplicates.

A 429 does not say what it is about. Telegram's own advice names a limit a second for the
whole bot and one a minute for a group. In a private chat we pace at one a second and so
never meet its own limit: a 429 there is the bot's, and everybody waits. In a group the
limit of twenty a minute is the one that is met, so only that group waits.
"""

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.adapters.telegram.request import NotSentError
from bot.domain.address import Address
from bot.domain.outcome import Later, Moved, Never, Outcome, Reason, Scope, Unknown
from bot.logs import redact

RECONNECT_SECONDS = 2.0
CONFIGURATION_SECONDS = 30.0
"""A refused token says nothing of the message: a hiccup of the platform's login must not
fail a whole announcement, so it waits, and ``check`` tells staff what to do."""
DETAIL_LIMIT = 200

_NOTHING_DONE = (
    (NotSentError, RECONNECT_SECONDS),
    ((InvalidToken, Conflict, EndPointNotFound), CONFIGURATION_SECONDS),
)

_FORBIDDEN = (
    ("bot was blocked by the user", Reason.BLOCKED),
    ("user is deactivated", Reason.GONE),
    ("bot was kicked", Reason.GONE),
    ("bot is not a member", Reason.GONE),
    ("the group chat was deleted", Reason.GONE),
    ("bot can't initiate conversation", Reason.NOT_ALLOWED),
    ("bot can't send messages to bots", Reason.NOT_ALLOWED),
)
_BAD = (
    ("chat not found", Reason.NOT_FOUND),
    ("user not found", Reason.NOT_FOUND),
    ("peer_id_invalid", Reason.NOT_FOUND),
    ("chat_id is empty", Reason.NOT_FOUND),
    ("message thread not found", Reason.NOT_FOUND),
    ("message to edit not found", Reason.NOT_FOUND),
    ("message_id_invalid", Reason.NOT_FOUND),
    ("input_user_deactivated", Reason.GONE),
    ("group chat was deactivated", Reason.GONE),
    ("user_is_blocked", Reason.BLOCKED),
    ("message is too long", Reason.TOO_LONG),
    ("message_too_long", Reason.TOO_LONG),
    ("not enough rights", Reason.NOT_ALLOWED),
    ("need administrator rights", Reason.NOT_ALLOWED),
    ("have no rights to send", Reason.NOT_ALLOWED),
    ("chat_write_forbidden", Reason.NOT_ALLOWED),
    ("chat_restricted", Reason.NOT_ALLOWED),
    ("topic_closed", Reason.NOT_ALLOWED),
    ("message can't be edited", Reason.NOT_ALLOWED),
    ("message can't be deleted", Reason.NOT_ALLOWED),
)
_ALREADY_SO = ("message is not modified",)
_ALREADY_GONE = ("message to delete not found", "message_id_invalid", "message identifier is not")


def outcome_of(error: Exception, to: Address) -> Outcome:
    """Return how the attempt to reach ``to`` ended that raised ``error``."""
    if isinstance(error, RetryAfter):
        return _flood(error, to)
    if isinstance(error, ChatMigrated):
        return Moved(Address(to.platform, to.account, str(error.new_chat_id), to.thread))
    detail = detail_of(error)
    if isinstance(error, Forbidden):
        return Never(_reason(detail, _FORBIDDEN, Reason.NOT_ALLOWED), detail)
    if isinstance(error, BadRequest):
        return Never(_reason(detail, _BAD, Reason.REFUSED), detail)
    after = next((seconds for kinds, seconds in _NOTHING_DONE if isinstance(error, kinds)), None)
    return Unknown(detail) if after is None else Later(after, Scope.ACCOUNT, detail)


def is_unchanged(error: Exception) -> bool:
    """Return whether an edit was refused because the message looks like that already."""
    return isinstance(error, BadRequest) and _says(error, _ALREADY_SO)


def is_gone(error: Exception) -> bool:
    """Return whether a delete was refused because there is nothing to delete."""
    return isinstance(error, BadRequest) and _says(error, _ALREADY_GONE)


def detail_of(error: Exception) -> str:
    """Return what ``error`` says, in one short line without secrets."""
    text = error.message if isinstance(error, TelegramError) else type(error).__name__
    return redact(" ".join(text.split()))[:DETAIL_LIMIT]


def _flood(error: RetryAfter, to: Address) -> Later:
    scope = Scope.CHAT if to.chat.startswith("-") else Scope.ACCOUNT
    after = error.retry_after
    seconds = float(after) if isinstance(after, (int, float)) else after.total_seconds()
    return Later(max(0.0, seconds), scope, "flood control")


def _reason(detail: str, known: tuple[tuple[str, Reason], ...], other: Reason) -> Reason:
    text = detail.lower()
    return next((reason for phrase, reason in known if phrase in text), other)


def _says(error: Exception, phrases: tuple[str, ...]) -> bool:
    return any(phrase in detail_of(error).lower() for phrase in phrases)
