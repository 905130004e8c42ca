"""What is wrong with Slack, and what to do about it, in one line for staff."""

from collections.abc import Iterable

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters.proxies import SETTING
from bot.adapters.slack.outcomes import NO_CONNECTION, NO_PROXY, Trouble

BOT_TOKEN = "CONVOKE_SLACK_BOT_TOKEN"  # noqa: S105 - the variable's name
APP_TOKEN = "CONVOKE_SLACK_APP_TOKEN"  # noqa: S105 - the variable's name
SIGNING_SECRET = "CONVOKE_SLACK_SIGNING_SECRET"  # noqa: S105 - the variable's name


def advice(trouble: Trouble, variable: str) -> str:
    """Return what is wrong and what to do about it, in one line for staff."""
    detail = getattr(trouble, "detail", "") or getattr(trouble, "reason", "")
    if detail in ("invalid_auth", "not_authed", "token_revoked", "token_expired"):
        return f"{detail}: {variable} is not accepted; copy it again from the app's settings."
    if detail == "account_inactive":
        return f"{detail}: the app was removed from the workspace; install it again."
    if detail in ("missing_scope", "not_allowed_token_type"):
        return f"{detail}: {variable} is of the wrong kind or lacks a scope; see the manifest."
    if detail == NO_CONNECTION:
        return "No connection to Slack; check the network and CONVOKE_SLACK_API_URL."
    if detail == NO_PROXY:
        return f"No connection to Slack: the proxy of {SETTING} did not let us through."
    return f"Slack answered: {detail}."


def missing_scopes(answer: AsyncSlackResponse, wanted: Iterable[str]) -> list[str]:
    """Return which of ``wanted`` the token lacks; Slack lists its scopes in a header."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    granted = headers.get("x-oauth-scopes")
    if not granted:
        return []
    return [scope for scope in wanted if scope not in granted.replace(" ", "").split(",")]
