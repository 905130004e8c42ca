"""Every error of PTB's and every text of Telegram's has one outcome, written down here."""

import inspect

import pytest
import telegram.error
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    PassportDecryptionError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.adapters.telegram.outcomes import is_gone, is_unchanged, outcome_of
from bot.adapters.telegram.request import NotSentError
from bot.domain.address import Address
from bot.domain.outcome import Later, Moved, Never, Outcome, Reason, Scope, Unknown

PERSON = Address("telegram", "1", "42")
GROUP = Address("telegram", "1", "-100")

BY_CLASS: dict[type[TelegramError], tuple[TelegramError, Outcome]] = {
    BadRequest: (BadRequest("nonsense"), Never(Reason.REFUSED, "nonsense")),
    ChatMigrated: (ChatMigrated(-77), Moved(Address("telegram", "1", "-77"))),
    Conflict: (Conflict("two"), Later(30.0, Scope.ACCOUNT, "two")),
    EndPointNotFound: (EndPointNotFound("none"), Later(30.0, Scope.ACCOUNT, "none")),
    Forbidden: (Forbidden("no"), Never(Reason.NOT_ALLOWED, "no")),
    InvalidToken: (InvalidToken("Unauthorized"), Later(30.0, Scope.ACCOUNT, "Unauthorized")),
    NetworkError: (NetworkError("reset"), Unknown("reset")),
    PassportDecryptionError: (
        PassportDecryptionError("x"),
        Unknown("PassportDecryptionError: x"),
    ),
    RetryAfter: (RetryAfter(7), Later(7.0, Scope.ACCOUNT, "flood control")),
    TelegramError: (TelegramError("?"), Unknown("?")),
    TimedOut: (TimedOut(), Unknown("Timed out")),
}

BY_TEXT = [
    (Forbidden("Forbidden: bot was blocked by the user"), Reason.BLOCKED),
    (Forbidden("Forbidden: user is deactivated"), Reason.GONE),
    (Forbidden("Forbidden: bot was kicked from the group chat"), Reason.GONE),
    (Forbidden("Forbidden: bot was kicked from the supergroup chat"), Reason.GONE),
    (Forbidden("Forbidden: bot is not a member of the channel chat"), Reason.GONE),
    (Forbidden("Forbidden: the group chat was deleted"), Reason.GONE),
    (Forbidden("Forbidden: bot can't initiate conversation with a user"), Reason.NOT_ALLOWED),
    (Forbidden("Forbidden: bot can't send messages to bots"), Reason.NOT_ALLOWED),
    (Forbidden("Forbidden: something new"), Reason.NOT_ALLOWED),
    (BadRequest("Bad Request: chat not found"), Reason.NOT_FOUND),
    (BadRequest("Bad Request: user not found"), Reason.NOT_FOUND),
    (BadRequest("Bad Request: PEER_ID_INVALID"), Reason.NOT_FOUND),
    (BadRequest("Bad Request: chat_id is empty"), Reason.NOT_FOUND),
    (BadRequest("Bad Request: message thread not found"), Reason.NOT_FOUND),
    (BadRequest("Bad Request: message to edit not found"), Reason.NOT_FOUND),
    (BadRequest("Bad Request: INPUT_USER_DEACTIVATED"), Reason.GONE),
    (BadRequest("Bad Request: group chat was deactivated"), Reason.GONE),
    (BadRequest("Bad Request: USER_IS_BLOCKED"), Reason.BLOCKED),
    (BadRequest("Bad Request: message is too long"), Reason.TOO_LONG),
    (BadRequest("Bad Request: MESSAGE_TOO_LONG"), Reason.TOO_LONG),
    (BadRequest("Bad Request: not enough rights to send text messages"), Reason.NOT_ALLOWED),
    (BadRequest("Bad Request: need administrator rights in the channel chat"), Reason.NOT_ALLOWED),
    (BadRequest("Bad Request: have no rights to send a message"), Reason.NOT_ALLOWED),
    (BadRequest("Bad Request: CHAT_WRITE_FORBIDDEN"), Reason.NOT_ALLOWED),
    (BadRequest("Bad Request: TOPIC_CLOSED"), Reason.NOT_ALLOWED),
    (BadRequest("Bad Request: message can't be edited"), Reason.NOT_ALLOWED),
    (BadRequest("Bad Request: message can't be deleted for everyone"), Reason.NOT_ALLOWED),
    (BadRequest("Bad Request: BUTTON_DATA_INVALID"), Reason.REFUSED),
    (BadRequest("Bad Request: can't parse entities: Unclosed start tag"), Reason.REFUSED),
]


def test_the_table_names_every_class_of_ptb() -> None:
    classes = {
        one
        for _, one in inspect.getmembers(telegram.error, inspect.isclass)
        if issubclass(one, TelegramError)
    }
    assert set(BY_CLASS) == classes, "decide what the new class says of the message"


@pytest.mark.parametrize("kind", BY_CLASS, ids=lambda kind: kind.__name__)
def test_each_class_has_its_outcome(kind: type[TelegramError]) -> None:
    error, outcome = BY_CLASS[kind]
    assert type(error) is kind
    assert outcome_of(error, PERSON) == outcome


@pytest.mark.parametrize(("error", "reason"), BY_TEXT, ids=lambda one: str(one)[:40])
def test_each_text_has_its_reason(error: TelegramError, reason: Reason) -> None:
    outcome = outcome_of(error, PERSON)
    assert isinstance(outcome, Never)
    assert outcome.why == reason
    assert outcome.detail


def test_what_never_left_can_be_sent_again() -> None:
    outcome = outcome_of(NotSentError("no connection"), PERSON)
    assert isinstance(outcome, Later)
    assert outcome.scope == Scope.ACCOUNT


def test_a_flood_in_a_group_halts_the_group_alone() -> None:
    assert outcome_of(RetryAfter(9), GROUP) == Later(9.0, Scope.CHAT, "flood control")


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("message_id"), RuntimeError("x")])
def test_a_surprise_is_unknown_and_says_only_its_kind(error: Exception) -> None:
    assert outcome_of(error, PERSON) == Unknown(type(error).__name__)


def test_a_server_that_repeats_our_token_is_not_quoted() -> None:
    token = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
    outcome = outcome_of(NetworkError(f"proxy says: /bot{token}/sendMessage failed"), PERSON)
    assert token not in repr(outcome)


@pytest.mark.parametrize(
    "text",
    [
        "Bad Request: message to delete not found",
        "Bad Request: MESSAGE_ID_INVALID",
        "Bad Request: message identifier is not specified",
    ],
)
def test_what_is_gone_counts_as_deleted(text: str) -> None:
    assert is_gone(BadRequest(text))
    assert not is_gone(Forbidden(text))


def test_an_edit_that_changes_nothing_is_recognised() -> None:
    assert is_unchanged(BadRequest("Bad Request: message is not modified: specified new …"))
    assert not is_unchanged(BadRequest("Bad Request: message to edit not found"))
