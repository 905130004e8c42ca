"""What the workspace's directory says of a person."""

from collections.abc import Mapping
from typing import Any

from bot.adapters.slack.bodies import Body, part, text
from bot.adapters.slack.outcomes import UNSAID_WAIT, USER, USER_BY_EMAIL, Trouble
from bot.adapters.slack.web import Web
from bot.domain.outcome import Later, Never, Reason, Scope
from bot.domain.profile import Profile

_NOBODY = frozenset({"user_not_found", "users_not_found", "user_not_visible"})

_NO_MEMBER = (
    "deleted",
    "is_app_user",
    "is_bot",
    "is_connector_bot",
    "is_invited_user",
    "is_restricted",
    "is_stranger",
    "is_ultra_restricted",
    "is_workflow_bot",
)
"""What Slack says of guests, of people of other workspaces, of bots and of the gone."""


async def ask_profile(web: Web, team: str, **who: str) -> Profile | Later | None:
    """Make one request by ``user`` or by ``email``; see :class:`~bot.adapters.abilities.LooksUp`.

    What went wrong is never "nobody": who asks would then believe that nobody is there.
    """
    method = USER_BY_EMAIL if "email" in who else USER
    with_locale = {} if "email" in who else {"include_locale": "true"}
    answer = await web.ask(method, http_verb="GET", **with_locale, **who)
    if isinstance(answer, Never):
        known = answer.why is Reason.NOT_FOUND or answer.detail in _NOBODY
        return None if known else Later(UNSAID_WAIT, Scope.CHAT, answer.detail)
    if isinstance(answer, Later):
        return answer
    if isinstance(answer, Trouble):
        return Later(UNSAID_WAIT, Scope.CHAT, answer.reason)
    found: Any = answer.data
    return profile_of(part(found, "user"), team) if isinstance(found, Mapping) else None


def profile_of(user: Body, team: str) -> Profile | None:
    """Return what Slack's object of a user says; None where it names nobody."""
    id_ = text(user, "id")
    if not id_:
        return None
    name = text(user, "profile", "real_name") or text(user, "real_name") or text(user, "name")
    return Profile(
        user=id_,
        email=text(user, "profile", "email").strip().lower(),
        name=name,
        locale=text(user, "locale").replace("_", "-"),
        zone=text(user, "tz"),
        is_member=text(user, "team_id") == team and not any(user.get(one) for one in _NO_MEMBER),
    )
