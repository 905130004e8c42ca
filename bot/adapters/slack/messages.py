"""Messages: posted, changed, removed, found again; one request each."""

from typing import Any

from bot.adapters.base import DeliveryKey, KeyValue, Part
from bot.adapters.slack import files
from bot.adapters.slack.directs import Directs, is_channel, is_direct_channel
from bot.adapters.slack.history import CANNOT_SAY, History, delivery_metadata
from bot.adapters.slack.identity import Whoami
from bot.adapters.slack.outcomes import (
    DELETE,
    EDIT,
    OPEN,
    POST,
    UNSAID_WAIT,
    Trouble,
    outcome_of_code,
)
from bot.adapters.slack.rests import Rests
from bot.adapters.slack.text import cut
from bot.adapters.slack.web import Web
from bot.clock import Clock
from bot.domain.address import Address, MessageRef
from bot.domain.outcome import Delivered, Later, Never, Outcome, Reason, Scope, Unknown

EDITED_TEXT_LENGTH = 4000
"""``chat.update`` takes less ``text`` than ``chat.postMessage`` (its ``msg_too_long``)."""

_VIEW = "V"
"""Ids of views begin so; a message's is its time."""

_SENT_WITH_FILES = "slack.posted."


class Messages:
    """The outgoing side of :class:`~bot.adapters.slack.adapter.SlackAdapter`."""

    def __init__(
        self,
        web: Web,
        me: Whoami,
        directs: Directs,
        *,
        memory: KeyValue,
        clock: Clock,
        rests: Rests,
    ) -> None:
        """Post through ``web`` as ``me``."""
        self._web = web
        self._me = me
        self._directs = directs
        self._memory = memory
        self._rests = rests
        self._history = History(web, clock)
        self._sent = files.SentFiles(memory)

    async def send(self, to: Address, part: Part, key: DeliveryKey) -> Outcome:
        """Make one ``chat.postMessage``, marked with ``key`` for :meth:`find`.

        With files it is one ``files.completeUploadExternal``, which posts them.
        """
        channel = await self._directs.channel_of(self._me.identity.team, to.chat)
        if channel is None:
            return Later(1.0, Scope.CHAT, "the direct chat is not open")
        if part.payload.get(files.FILES):
            return await self._send_files(to, channel, part, key)
        body = {
            **part.payload,
            "channel": channel,
            "mrkdwn": False,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": delivery_metadata(str(key.id)),
        }
        if to.thread:
            body["thread_ts"] = to.thread
        answer = await self._web.post(POST, body)
        if isinstance(answer, Trouble):
            return answer
        posted_in = str(answer.get("channel") or "")
        if not is_channel(to.chat) and is_direct_channel(posted_in) and is_channel(posted_in):
            await self._directs.remember(self._me.identity.team, to.chat, posted_in)
        ts = answer.get("ts")
        return Delivered(MessageRef(to, str(ts)) if ts else None)

    async def _send_files(self, to: Address, channel: str, part: Part, key: DeliveryKey) -> Outcome:
        if files.needs_upload(part):
            return Later(1.0, Scope.CHAT, "the files are not handed over yet")
        await self._sent.note(self._me.identity.team, key, part)
        answer = await files.post(self._web, channel, to.thread, part)
        if isinstance(answer, Trouble):
            return answer
        said: Any = answer.data
        ts = files.posted_at(said if isinstance(said, dict) else {}, channel)
        return Delivered(MessageRef(to, ts or f"{files.BY_FILE}{files.file_ids(part)[0]}"))

    async def edit(self, ref: MessageRef, part: Part) -> Outcome:
        """Make one ``chat.update``; what is gone is ``Never``.

        A page is not changed as a message: it is shown anew by :meth:`show_home`.
        """
        if ref.id.startswith(_VIEW):
            return Delivered(ref)
        channel = await self._directs.channel_of(self._me.identity.team, ref.address.chat)
        if channel is None:
            return Never(Reason.NOT_FOUND, "the direct chat was never open")
        ts = await self._time_of(ref, channel)
        if isinstance(ts, Later | Never):
            return ts
        text = cut(str(part.payload.get("text", "")), EDITED_TEXT_LENGTH)
        body = {"blocks": [], **part.payload, "text": text, "channel": channel, "ts": ts}
        body.pop(files.FILES, None)
        answer = await self._rests.call(EDIT, lambda: self._web.post(EDIT, body))
        return Delivered(ref) if not isinstance(answer, Trouble) else answer

    async def delete(self, ref: MessageRef) -> Outcome:
        """Make one ``chat.delete``; what is gone counts as deleted."""
        channel = await self._directs.channel_of(self._me.identity.team, ref.address.chat)
        if channel is None:
            return Delivered(None)
        ts = await self._time_of(ref, channel)
        if isinstance(ts, Never):
            return Delivered(None)
        if isinstance(ts, Later):
            return ts
        body = {"channel": channel, "ts": ts}
        answer = await self._rests.call(DELETE, lambda: self._web.post(DELETE, body))
        if not isinstance(answer, Trouble):
            return Delivered(ref)
        return Delivered(None) if answer == outcome_of_code("message_not_found") else answer

    async def _time_of(self, ref: MessageRef, channel: str) -> str | Later | Never:
        """Return the ``ts`` of a message; one with files is looked for first, then asked again.

        That looking is a request of its own, so the attempt ends with it.
        """
        if not ref.id.startswith(files.BY_FILE):
            return ref.id
        key = f"{_SENT_WITH_FILES}{self._me.identity.team}.{channel}.{ref.id}"
        if known := await self._memory.get(key):
            return known
        found = await self._history.find(
            self._me.identity,
            channel,
            thread=ref.address.thread,
            delivery_id="",
            since=0.0,
            files=frozenset({ref.id.removeprefix(files.BY_FILE)}),
        )
        if isinstance(found, Later):
            return found
        if found is None:
            return Never(Reason.NOT_FOUND, "no message with the file")
        await self._memory.set(key, found)
        return Later(0.0, Scope.CHAT, "the message with the file was looked up")

    async def open_direct(self, to: Address) -> Later | Never | None:
        """Make one ``conversations.open``; Slack gives the same channel again and again."""
        answer = await self._rests.call(OPEN, lambda: self._web.ask(OPEN, users=to.chat))
        if isinstance(answer, Later) and answer.detail == "unknown_method":
            # A server too small to open chats; Slack itself takes a person's id for a post.
            self._directs.post_by_person(self._me.identity.team, to.chat)
            return None
        if isinstance(answer, Unknown):
            return Later(UNSAID_WAIT, Scope.CHAT, answer.reason)
        if isinstance(answer, Trouble):
            return answer
        channel = str((answer.get("channel") or {}).get("id") or "")
        if not channel:
            return Later(UNSAID_WAIT, Scope.CHAT, "Slack named no channel")
        await self._directs.remember(self._me.identity.team, to.chat, channel)
        return None

    async def find(self, to: Address, key: DeliveryKey, since: float) -> MessageRef | Later | None:
        """Look through the chat's history for the message that was sent with ``key``."""
        channel = await self._directs.channel_of(self._me.identity.team, to.chat)
        if channel is None:
            return Later(CANNOT_SAY, Scope.CHAT, "the direct chat is not known")
        found = await self._history.find(
            self._me.identity,
            channel,
            thread=to.thread,
            delivery_id=str(key.id),
            since=since,
            files=await self._sent.of(self._me.identity.team, key),
        )
        return MessageRef(to, found) if isinstance(found, str) else found
