"""Slack's errors in the words of an outcome.

Sources: the error lists of the methods used, as Slack documents them, and FACTS. Slack
answers most refusals with HTTP 200 and ``"ok": false``: the code then says that nothing
was done, with two exceptions. ``internal_error`` and ``fatal_error`` are documented as
"it's possible some aspect of the operation succeeded", so they are ``Unknown``.

**Whose pause a 429 is.** ``Retry-After`` does not say whether one post a second in a
channel was exceeded, or the workspace's unpublished ceiling. The pacer keeps to the
former by itself, and a broadcast writes to each channel once, so pausing the channel
would change nothing there: the next post would meet the same ceiling. A post that is
told to wait therefore makes the account wait. Other methods have a limit of their own a
method; :class:`~bot.adapters.slack.rests.Rests` lets that method rest, and posts go on.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters.proxies import NOTHING_LEFT, SETTING, is_proxys_failure
from bot.domain.outcome import Later, Never, Reason, Scope, Unknown

Trouble = Later | Never | Unknown
Answer = AsyncSlackResponse | Trouble

POST, EDIT, DELETE = "chat.postMessage", "chat.update", "chat.delete"
OPEN, HISTORY, REPLIES = "conversations.open", "conversations.history", "conversations.replies"
INFO, USER, USER_BY_EMAIL = "conversations.info", "users.info", "users.lookupByEmail"
VIEW_OPEN, VIEW_UPDATE, VIEW_PUBLISH = "views.open", "views.update", "views.publish"
UPLOAD_URL, UPLOADED = "files.getUploadURLExternal", "files.completeUploadExternal"
FILE_INFO = "files.info"

NO_CONNECTION = "no connection to Slack"
NO_PROXY = f"no connection to Slack through {SETTING}"

UNSAID_WAIT = 5.0
"""Seconds to wait where a 429 carries no ``Retry-After``."""

_ACCOUNT_TROUBLE = 30.0
"""Seconds until a wrong token or a missing scope may have been mended by a person.

Not ``Never``: a broadcast must survive a token that was rotated in the middle of it.
"""

_CERTAIN_REFUSALS = frozenset({400, 401, 403, 404, 405, 407, 411, 414, 415, 431, 451})
"""Statuses of a proxy that did not pass the request on.

Not 408 and 499: they are said of a connection on which the request was written already.
"""

_UNSURE = frozenset({408, 499})

_UNKNOWN = frozenset({"internal_error", "fatal_error", "update_failed", "rollup_error"})

_WAITS: Mapping[str, tuple[float, Scope]] = MappingProxyType(
    {
        "ratelimited": (UNSAID_WAIT, Scope.ACCOUNT),
        "rate_limited": (UNSAID_WAIT, Scope.ACCOUNT),
        "message_limit_exceeded": (60.0, Scope.ACCOUNT),
        "service_unavailable": (10.0, Scope.ACCOUNT),
        "team_added_to_org": (60.0, Scope.ACCOUNT),
        "request_timeout": (2.0, Scope.CHAT),
        "external_channel_migrating": (60.0, Scope.CHAT),
        **dict.fromkeys(
            (
                "access_denied",
                "accesslimited",
                "account_inactive",
                "ekm_access_denied",
                "enterprise_is_restricted",
                "invalid_auth",
                "messages_tab_disabled",
                "missing_scope",
                "no_permission",
                "not_allowed_token_type",
                "not_authed",
                "org_login_required",
                "team_access_not_granted",
                "token_expired",
                "token_revoked",
                "two_factor_setup_required",
                "unknown_method",
            ),
            (_ACCOUNT_TROUBLE, Scope.ACCOUNT),
        ),
    }
)

_NEVER: Mapping[str, Reason] = MappingProxyType(
    {
        "channel_not_found": Reason.GONE,
        "is_archived": Reason.GONE,
        "is_inactive": Reason.GONE,
        "user_disabled": Reason.GONE,
        "message_not_found": Reason.NOT_FOUND,
        "thread_not_found": Reason.NOT_FOUND,
        "file_not_found": Reason.NOT_FOUND,
        "user_not_found": Reason.NOT_FOUND,
        "user_not_visible": Reason.NOT_FOUND,
        "users_not_found": Reason.NOT_FOUND,
        "cannot_dm_bot": Reason.NOT_ALLOWED,
        "cant_delete_message": Reason.NOT_ALLOWED,
        "cant_update_message": Reason.NOT_ALLOWED,
        "compliance_exports_prevent_deletion": Reason.NOT_ALLOWED,
        "edit_window_closed": Reason.NOT_ALLOWED,
        "invalid_user_combination": Reason.NOT_ALLOWED,
        "not_in_channel": Reason.NOT_ALLOWED,
        "not_enabled": Reason.NOT_ALLOWED,
        "file_type_not_allowed": Reason.NOT_ALLOWED,
        "file_uploads_disabled": Reason.NOT_ALLOWED,
        "restricted_action": Reason.NOT_ALLOWED,
        "msg_blocks_too_long": Reason.TOO_LONG,
        "msg_too_long": Reason.TOO_LONG,
        "metadata_too_large": Reason.TOO_LONG,
        "too_many_attachments": Reason.TOO_LONG,
        "invalid_blocks": Reason.REFUSED,
        "invalid_blocks_format": Reason.REFUSED,
        "invalid_metadata_format": Reason.REFUSED,
        "invalid_metadata_schema": Reason.REFUSED,
        "metadata_must_be_sent_from_app": Reason.REFUSED,
        "no_text": Reason.REFUSED,
    }
)


def outcome_of_code(code: str, retry_after: float | None = None) -> Trouble:
    """Return what Slack's error ``code`` means; one that we do not know is a refusal.

    Args:
        code: The ``error`` of the answer.
        retry_after: Seconds from the header, if there was one.
    """
    if code in _UNKNOWN:
        return Unknown(code)
    if code in _WAITS:
        after, scope = _WAITS[code]
        return Later(after if retry_after is None else retry_after, scope, code)
    if code.startswith("restricted_action"):
        return Never(Reason.NOT_ALLOWED, code)
    return Never(_NEVER.get(code, Reason.REFUSED), code)


def outcome_of(error: Exception) -> Trouble:
    """Return what ``error`` of a web call means. No text of the error itself is kept.

    Certainly not sent is only what failed while connecting. Whatever happens after the
    request was written (a reset, a time-out, an answer that nobody can read) is unknown.
    """
    if isinstance(error, SlackApiError):
        return _outcome_of_answer(error.response)
    if isinstance(error, NOTHING_LEFT):
        through = is_proxys_failure(error)
        return Later(UNSAID_WAIT, Scope.ACCOUNT, NO_PROXY if through else NO_CONNECTION)
    return Unknown(type(error).__name__)


def _outcome_of_answer(response: Any) -> Trouble:
    """``response`` is the SDK's, or aiohttp's own where its body could not be read."""
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    after = _retry_after(response)
    if status == 429:
        return Later(UNSAID_WAIT if after is None else after, Scope.ACCOUNT, "ratelimited")
    if isinstance(code, str) and code and _is_slacks_own(status, code, data):
        return outcome_of_code(code, after)
    if status == 413:
        return Never(Reason.TOO_LONG, f"HTTP {status}")
    if status in _CERTAIN_REFUSALS:
        # Slack itself names its refusals; one without a code is a proxy's on the way.
        return Later(_ACCOUNT_TROUBLE, Scope.ACCOUNT, f"HTTP {status}")
    return Unknown(f"HTTP {status}")


def _is_slacks_own(status: int, code: str, data: Any) -> bool:
    """Return whether the ``code`` can be believed: a gateway's page may name one, too.

    Where the status says that somebody on the way lost patience, the request may have been
    done; only a pause in Slack's own form (``"ok": false``) says that it was not.
    """
    if status < 500 and status not in _UNSURE:
        return True
    return code in _WAITS and data.get("ok") is False


def _retry_after(response: Any) -> float | None:
    headers = getattr(response, "headers", None) or {}
    value = next((headers[name] for name in headers if name.lower() == "retry-after"), None)
    try:
        return max(0.0, float(value)) if value is not None else None
    except (TypeError, ValueError):
        return None
