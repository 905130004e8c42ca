"""Events in the words of :mod:`bot.domain.incoming`.

Taken are: what a person writes or changes in their direct chat, what mentions the bot in
a channel, the bot's page being opened, and who comes into a channel or leaves it. All
else (other people's chatter, unfurls, our own messages) is none of ours: it is
acknowledged and dropped.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from bot.adapters.slack.bodies import Body, part, text
from bot.adapters.slack.directs import is_direct_channel
from bot.adapters.slack.reading import Reading, event_id
from bot.adapters.slack.received import sent_files
from bot.adapters.slack.text import readable, without_mention
from bot.domain.address import MessageRef
from bot.domain.incoming import Commanded, Edited, Incoming, Joined, Left, Opened, Said

_COMMAND = re.compile(r"[\w-]+")

_TYPED = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""Subtypes of a message that a person typed."""


async def read_event(body: Body, reading: Reading) -> Incoming | None:
    """Return what the event in ``body`` is to us, or None."""
    event = part(body, "event")
    kind = text(event, "type")
    if kind in _ROOMS:
        return _ROOMS[kind](body, event, reading)
    if kind == "app_home_opened":
        return await _opened(body, event, reading)
    return await _message(body, event, reading)


# -- words ------------------------------------------------------------------------


async def _message(body: Body, event: Body, reading: Reading) -> Incoming | None:
    changed = text(event, "subtype") == "message_changed"
    message = part(event, "message") if changed else event
    user, channel = text(message, "user"), text(event, "channel")
    if not user or not channel or user == reading.bot_user or message.get("bot_id"):
        return None
    direct = event.get("channel_type") == "im" or is_direct_channel(channel)
    kind = event.get("type")
    if direct and kind == "message":
        await reading.directs.remember(reading.account, user, channel)
        if changed:
            return _edited(body, event, reading)
        return _said(body, event, user, reading) if text(event, "subtype") in _TYPED else None
    if kind == "app_mention" and not direct and not changed:
        return _said(body, event, user, reading)
    return None


def _said(body: Body, event: Body, user: str, reading: Reading) -> Said | Commanded:
    """A text that begins with a slash is a command: in a direct chat people type it."""
    direct = event.get("type") == "message"
    channel = text(event, "channel")
    ts = text(event, "ts") or text(event, "event_ts")
    # A mention in a channel is answered in a thread below it, not in the middle of all.
    begun = text(event, "thread_ts")
    thread = begun or ("" if direct else ts)
    where = reading.place(user if direct else channel, thread)
    raw = text(event, "text")
    said = readable(raw if direct else without_mention(raw, reading.bot_user))
    common: dict[str, Any] = {
        "delivery_id": event_id(body, "message", channel, ts),
        "at": reading.instant(text(event, "event_ts") or ts or body.get("event_time")),
        "where": where,
        "who": reading.person(user),
        "is_direct": direct,
    }
    command, argument = split_command(said)
    if command:
        return Commanded(command=command, argument=argument, **common)
    reply_to = MessageRef(where, begun) if begun and begun != ts else None
    files = sent_files(event)
    return Said(text=said, ref=MessageRef(where, ts), reply_to=reply_to, files=files, **common)


def split_command(said: str) -> tuple[str, str]:
    """Return name and argument of ``/name argument``, or two empty strings."""
    words = said.strip().split(None, 1)
    if not words or not words[0].startswith("/") or not _COMMAND.fullmatch(words[0][1:]):
        return "", ""
    return words[0][1:].lower(), words[1] if len(words) > 1 else ""


def _edited(body: Body, event: Body, reading: Reading) -> Edited | None:
    """Slack also says "changed" when it unfurls a link; then nobody edited anything."""
    message, before = part(event, "message"), part(event, "previous_message")
    if not message.get("edited") or message.get("text") == before.get("text"):
        return None
    user, ts, edited_at = text(message, "user"), text(message, "ts"), text(message, "edited", "ts")
    where = reading.place(user, text(message, "thread_ts"))
    return Edited(
        delivery_id=event_id(body, "edit", event.get("channel"), ts, edited_at),
        at=reading.instant(text(event, "event_ts") or edited_at),
        where=where,
        who=reading.person(user),
        is_direct=True,
        text=readable(text(message, "text")),
        ref=MessageRef(where, ts),
    )


# -- the bot's page ---------------------------------------------------------------


async def _opened(body: Body, event: Body, reading: Reading) -> Opened | None:
    """Slack also says so of the tab with the messages, for which there is nothing to show."""
    user, channel = text(event, "user"), text(event, "channel")
    if not user or user == reading.bot_user:
        return None
    if is_direct_channel(channel):
        await reading.directs.remember(reading.account, user, channel)
    if text(event, "tab") not in ("", "home"):
        return None
    return Opened(
        delivery_id=event_id(body, "opened", user, event.get("event_ts")),
        at=reading.instant(event.get("event_ts") or body.get("event_time")),
        where=reading.place(user),
        who=reading.person(user),
        is_direct=True,
    )


# -- channels ---------------------------------------------------------------------


def _common(body: Body, event: Body, who: str, reading: Reading) -> dict[str, Any] | None:
    """Return what comings and goings share; None where the event names no channel."""
    channel = text(event, "channel")
    if not channel or is_direct_channel(channel):
        return None
    kind, user, ts = event.get("type"), event.get("user"), event.get("event_ts")
    return {
        "delivery_id": event_id(body, kind, channel, user, ts),
        "at": reading.instant(ts or body.get("event_time")),
        "where": reading.place(channel),
        "who": reading.person(who),
        "is_direct": False,
    }


def _came(body: Body, event: Body, reading: Reading) -> Joined | None:
    """The bot comes where somebody invites it: then that is who acted."""
    user = text(event, "user")
    is_bot = bool(user) and user == reading.bot_user
    who = (text(event, "inviter") or user) if is_bot else user
    common = _common(body, event, who, reading) if who else None
    return Joined(is_bot=is_bot, **common) if common else None


def _went(body: Body, event: Body, reading: Reading) -> Left | None:
    user = text(event, "user")
    common = _common(body, event, user, reading) if user else None
    return Left(is_bot=user == reading.bot_user, **common) if common else None


def _actor(event: Body) -> str:
    return text(event, "user") or text(event, "actor_id")


def _shut(body: Body, event: Body, reading: Reading) -> Left | None:
    """The bot was removed, or the channel archived or deleted: nothing can be said there."""
    common = _common(body, event, _actor(event) or reading.bot_user, reading)
    return Left(is_bot=True, **common) if common else None


def _reopened(body: Body, event: Body, reading: Reading) -> Joined | None:
    common = _common(body, event, _actor(event) or reading.bot_user, reading)
    return Joined(is_bot=True, **common) if common else None


_ROOMS: Mapping[str, Callable[[Body, Body, Reading], Incoming | None]] = MappingProxyType(
    {
        "member_joined_channel": _came,
        "member_left_channel": _went,
        **dict.fromkeys(("channel_left", "group_left", "channel_archive", "group_archive"), _shut),
        **dict.fromkeys(("channel_deleted", "group_deleted"), _shut),
        **dict.fromkeys(("channel_unarchive", "group_unarchive"), _reopened),
    }
)
