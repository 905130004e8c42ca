"""Who we are: asked once, remembered for a start while Slack is down; and whether all is well."""

import hashlib
import json
import logging
from dataclasses import asdict
from typing import Any

from bot.adapters.base import Health, KeyValue
from bot.adapters.slack.advice import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, advice, missing_scopes
from bot.adapters.slack.listeners import Identity
from bot.adapters.slack.manifest import BOT_SCOPES
from bot.adapters.slack.outcomes import Trouble
from bot.adapters.slack.web import Web
from bot.domain.outcome import Unknown

_NEEDED_SCOPES = ("chat:write", "im:history", "im:write")
"""Without these nobody is answered; the others are for single abilities."""

_INSTALL = (
    "The app lacks the scopes {scopes}: take the manifest of `convoke slack manifest` "
    "and install the app again."
)
_FIELDS = {"team": "team_id", "bot_user": "user_id", "bot_id": "bot_id", "name": "user"}


log = logging.getLogger(__name__)


class Whoami:
    """The identity of one bot token."""

    def __init__(self, web: Web, memory: KeyValue, bot_token: str) -> None:
        """Know nothing yet."""
        self._web = web
        self._memory = memory
        digest = hashlib.sha256(bot_token.encode()).hexdigest()[:24]
        self._key = f"slack.identity.{digest}"
        self.identity = Identity()

    async def recall(self) -> None:
        """Take what an earlier run has learned of this token."""
        stored = None if self.identity.team else await self._memory.get(self._key)
        if stored:
            self.identity = Identity(**json.loads(stored))

    async def ask(self) -> Trouble | None:
        """Ask who we are, once; what went wrong, if anything."""
        answer = await self._web.ask("auth.test")
        if isinstance(answer, Trouble):
            return answer
        return await self._learn(answer)

    async def _learn(self, answer: Any) -> Trouble | None:
        found = Identity(**{ours: str(answer.get(it) or "") for ours, it in _FIELDS.items()})
        if not found.team:
            return Unknown("auth.test named no team")
        self.identity = found
        await self._memory.set(self._key, json.dumps(asdict(found)))
        return None

    async def check(self, bot_token: str, app_token: str, signing_secret: str) -> Health:
        """Say in one line what would keep the bot from working; over HTTP if there is a secret.

        Args:
            bot_token: What ``CONVOKE_SLACK_BOT_TOKEN`` holds.
            app_token: For Socket Mode; ``""`` where updates come over HTTP.
            signing_secret: For HTTP; ``""`` in Socket Mode.
        """
        wrong = wrong_kind(bot_token, app_token, signing_secret)
        async with self._web.open():
            answer = None if wrong else await self._web.ask("auth.test")
            await self.recall()
            if answer is None:
                return Health(False, self.identity.team, problem=wrong)
            if isinstance(answer, Trouble):
                return Health(False, self.identity.team, problem=advice(answer, BOT_TOKEN))
            trouble = await self._learn(answer)
            if trouble is not None:
                return Health(False, problem=advice(trouble, BOT_TOKEN))
            missing = missing_scopes(answer, BOT_SCOPES)
            lacks = _INSTALL.format(scopes=", ".join(missing)) if missing else ""
            problem = "" if set(missing).isdisjoint(_NEEDED_SCOPES) else lacks
            problem = problem or await self._socket_problem(app_token)
        if lacks and not problem:
            log.warning("%s Some of what it can do will not work.", lacks)
        return Health(not problem, self.identity.team, self.identity.name, problem or lacks)

    async def _socket_problem(self, app_token: str) -> str:
        """Return why no socket can be opened; asking for one opens none."""
        if not app_token:
            return ""
        answer = await self._web.ask("apps.connections.open", token=app_token)
        return advice(answer, APP_TOKEN) if isinstance(answer, Trouble) else ""


def wrong_kind(bot_token: str, app_token: str, signing_secret: str) -> str:
    """Return which of the secrets is of another kind, and which is meant; ``""`` if none.

    Only what is certainly another kind is refused: another server may use any tokens.
    """
    if bot_token.startswith(("xapp-", "xoxp-", "xoxe-", "xoxe.xoxp-", "xoxr-")):
        return f"{BOT_TOKEN} is no bot token: take the one that begins with xoxb-."
    if app_token.startswith("xox"):
        return f"{APP_TOKEN} is no app-level token: take the one that begins with xapp-."
    if signing_secret.startswith(("xox", "xapp-")):
        return f"{SIGNING_SECRET} is a token: take the Signing Secret of Basic Information."
    return ""
