"""Bolt, with listeners that only put what came into the sink.

``process_before_response`` lets an exception of a listener reach the answer: the envelope
is then not acknowledged and Slack sends it again (FACTS, "Acknowledge"). ``authorize`` is
ours and knows the answer, so that no event costs an ``auth.test``.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.adapters.slack.inbound import ENVELOPE
from bot.adapters.slack.web import SDK_LOGGER, Web

Take = Callable[[dict[str, Any]], Awaitable[None]]

_ANY = re.compile(".*")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who our token makes us, as ``auth.test`` says."""

    team: str = ""
    bot_user: str = ""
    bot_id: str = ""
    name: str = ""


def build_app(web: Web, identity: Callable[[], Identity], event: Take, action: Take) -> AsyncApp:
    """Return a Bolt app that gives bodies of events and presses to the two callables."""

    async def authorize() -> AuthorizeResult:
        me = identity()
        return AuthorizeResult(
            enterprise_id=None, team_id=me.team, bot_user_id=me.bot_user, bot_id=me.bot_id
        )

    app = AsyncApp(
        name="convoke",
        logger=SDK_LOGGER,
        client=web.anonymous_client,
        authorize=authorize,
        process_before_response=True,
        ignoring_self_events_enabled=True,
    )

    async def on_event(body: dict[str, Any]) -> None:
        await event(body)

    async def on_action(body: dict[str, Any], ack: Callable[[], Awaitable[object]]) -> None:
        await action(body)
        await ack()

    async def on_error(error: Exception) -> BoltResponse:
        log.error("an update could not be stored; Slack sends it again", exc_info=error)
        return BoltResponse(status=500)

    app.event(_ANY)(on_event)
    app.action(_ANY)(on_action)
    app.error(on_error)
    return app


async def handle(app: AsyncApp, request: SocketModeRequest) -> bool:
    """Run ``request`` through ``app`` and return whether to acknowledge it.

    What no listener wants is acknowledged too: asking for it again would change nothing.
    """
    # Bolt hands on the body alone, and a body may lack all else that tells it from another.
    request.payload = {**request.payload, ENVELOPE: request.envelope_id}
    response: BoltResponse = await run_async_bolt_app(app, request)
    return response.status < 500
