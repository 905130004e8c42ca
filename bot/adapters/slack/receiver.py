"""From a body of Slack's to the sink, whichever way it came in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.adapters.base import Interaction, Sink
from bot.adapters.slack.actions import read_command, read_press, read_submission, trigger_of
from bot.adapters.slack.bodies import Body, part, text
from bot.adapters.slack.directs import Directs
from bot.adapters.slack.events import read_event
from bot.adapters.slack.forms import errors_below
from bot.adapters.slack.interaction import SlackInteraction, SlackSubmission
from bot.adapters.slack.listeners import (
    Answer,
    FormAnswer,
    Identity,
    NotStored,
    Takers,
    build_app,
    handle,
)
from bot.adapters.slack.reading import Reading
from bot.adapters.slack.rooms import Rooms
from bot.adapters.slack.turns import Turns
from bot.adapters.slack.web import Web
from bot.clock import Clock
from bot.domain.incoming import Incoming

_RENAMES = frozenset({"channel_rename", "group_rename"})


class Receiver:
    """Puts what Slack says into one sink, in order within a channel."""

    def __init__(
        self,
        web: Web,
        sink: Sink,
        *,
        identity: Callable[[], Identity],
        directs: Directs,
        rooms: Rooms,
        clock: Clock,
    ) -> None:
        """Prepare for ``sink``; ``identity`` is asked at each update."""
        self._web = web
        self._identity = identity
        self._directs = directs
        self._rooms = rooms
        self._clock = clock
        self._sink = sink
        self._turns = Turns()
        takers = Takers(self._on_event, self._on_action, self._on_command, self._on_form)
        self._app = build_app(web, identity, takers)

    async def take(self, body: dict[str, Any]) -> Answer:
        """Return once ``body`` is stored, or is none of ours; the answer says which."""
        async with self._turns.turn(body):
            return await handle(self._app, body)

    def _reading(self, body: Body) -> Reading:
        me = self._identity()
        account = me.team or text(body, "team_id") or text(body, "team", "id")
        return Reading(account, me.bot_user, self._directs, self._clock)

    async def _on_event(self, body: dict[str, Any]) -> None:
        if text(body, "event", "type") in _RENAMES:
            self._rooms.renamed(body)
            return
        try:
            incoming = await read_event(body, self._reading(body))
        except Exception as error:  # the memory of direct chats is a database
            raise NotStored from error
        if incoming is not None and not incoming.is_direct:
            incoming = replace(incoming, room=await self._rooms.title_of(incoming.where.chat))
        await self._put(incoming)

    async def _on_action(self, body: dict[str, Any]) -> None:
        try:
            press = await read_press(body, self._reading(body))
        except Exception as error:  # the memory of direct chats is a database
            raise NotStored from error
        if press is not None:
            await self._put(press.pressed, self._interaction(body))
            await self._put(press.refresh)

    async def _on_command(self, body: dict[str, Any]) -> None:
        await self._put(read_command(body, self._reading(body)), self._interaction(body))

    async def _on_form(self, body: dict[str, Any]) -> FormAnswer:
        submitted = read_submission(body, self._reading(body))
        if submitted is None:
            return FormAnswer()
        wrong = self._sink.check(submitted)
        if wrong:
            return FormAnswer(errors_below(part(body, "view"), wrong))
        sent = SlackSubmission(self._web, self._clock, text(body, "view", "id"))
        await self._put(submitted, sent)
        return FormAnswer(view=sent.acknowledgement)

    def _interaction(self, body: Body) -> Interaction | None:
        trigger = trigger_of(body)
        return SlackInteraction(self._web, self._clock, trigger) if trigger else None

    async def _put(self, incoming: Incoming | None, interaction: Interaction | None = None) -> None:
        """Raise rather than lose anything: what raises is not acknowledged.

        Raises:
            NotStored: the sink raised, or we do not know whose account this is.
        """
        if incoming is None:
            return
        if not incoming.where.account:
            raise NotStored("Slack was not asked yet who we are")
        try:
            await self._sink(incoming, interaction)
        except Exception as error:
            raise NotStored from error
