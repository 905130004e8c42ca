"""Bolt, with listeners that only put what came into the sink.

``process_before_response`` lets an exception of a listener reach the answer: the update
is then not acknowledged and Slack sends it again (FACTS, "Acknowledge"). ``authorize`` is
ours and knows the answer, so that no event costs an ``auth.test``.

Both ways in give Bolt a body that is known to be Slack's (a socket that we opened, a
signature that was checked), so it never looks at signatures itself.
"""

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from bot.adapters.slack.web import SDK_LOGGER, Web

Take = Callable[[dict[str, Any]], Awaitable[None]]

_ANY = re.compile(".*", re.DOTALL)

NOT_STORED, MALFORMED = 503, 400

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """How a form that was sent is acknowledged: it closes, unless one of these is given.

    Attributes:
        wrong: What is wrong with it, by block; it stays open.
        view: What comes in its place.
    """

    wrong: Mapping[str, str] = field(default_factory=dict)
    view: Mapping[str, Any] | None = None


TakeForm = Callable[[dict[str, Any]], Awaitable[FormAnswer]]


class NotStored(Exception):
    """The sink raised, so the update must not be acknowledged."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who our token makes us, as ``auth.test`` says."""

    team: str = ""
    bot_user: str = ""
    bot_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Takers:
    """Who takes which kind of update."""

    event: Take
    action: Take
    command: Take
    form: TakeForm


@dataclass(frozen=True, slots=True)
class Answer:
    """What an update is answered.

    Attributes:
        status: Below 500 it is acknowledged.
        payload: What goes along with the acknowledgement, or None.
    """

    status: int
    payload: dict[str, Any] | None = None

    @property
    def acknowledges(self) -> bool:
        """Whether Slack need not send the update again."""
        return self.status < 500


def build_app(web: Web, identity: Callable[[], Identity], takers: Takers) -> AsyncApp:
    """Return a Bolt app that gives bodies to ``takers``."""

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
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
    )

    async def on_event(body: dict[str, Any]) -> None:
        await takers.event(body)

    async def on_action(body: dict[str, Any], ack: Callable[[], Awaitable[object]]) -> None:
        await takers.action(body)
        await ack()

    async def on_command(body: dict[str, Any], ack: Callable[[], Awaitable[object]]) -> None:
        await takers.command(body)
        await ack()

    async def on_form(body: dict[str, Any], ack: Callable[..., Awaitable[object]]) -> None:
        answer = await takers.form(body)
        if answer.wrong:
            await ack(response_action="errors", errors=dict(answer.wrong))
        elif answer.view is not None:
            await ack(response_action="update", view=dict(answer.view))
        else:
            await ack()

    async def on_error(error: Exception) -> BoltResponse:
        if isinstance(error, NotStored):
            cause = error.__cause__ or error
            log.error("an update could not be stored; Slack sends it again", exc_info=cause)
            return BoltResponse(status=NOT_STORED)
        log.warning("an update of a form that Slack never sends: %s", type(error).__name__)
        return BoltResponse(status=MALFORMED)

    app.event(_ANY)(on_event)
    app.action(_ANY)(on_action)
    app.command(_ANY)(on_command)
    app.view(_ANY)(on_form)
    app.error(on_error)
    return app


async def handle(app: AsyncApp, body: dict[str, Any]) -> Answer:
    """Run ``body`` through ``app``.

    What no listener wants is acknowledged too: asking for it again would change nothing.
    """
    try:
        request = AsyncBoltRequest(mode="socket_mode", body=body)
        response: BoltResponse = await app.async_dispatch(request)
    except NotStored:
        return Answer(NOT_STORED)
    except Exception as error:  # Bolt takes apart what it is given and raises any kind
        log.warning("an update that cannot be read: %s", type(error).__name__)
        return Answer(MALFORMED)
    if response.status in (MALFORMED, NOT_STORED):
        return Answer(response.status)
    return Answer(200, _payload(response.body))


def _payload(body: str | None) -> dict[str, Any] | None:
    """Return what goes along; "unhandled request" and the like are for nobody."""
    try:
        found = json.loads(body or "")
    except ValueError:
        return None
    return found if isinstance(found, dict) and "response_action" in found else None
