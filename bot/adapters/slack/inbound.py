"""What Slack sends, in the words of :mod:`bot.domain.incoming`.

Taken are: what a person writes or changes in their direct chat, what mentions the bot in
a channel, and presses. All else (other people's chatter, joins, unfurls, our own
messages) is none of ours: it is acknowledged and dropped.

Fields that Slack always sends may be missing: a bot must outlive a server that says
less, so nothing here is taken for granted but the sender and the channel.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.adapters.slack.directs import Directs, is_direct_channel
from bot.adapters.slack.text import readable, without_mention
from bot.clock import Clock
from bot.domain.address import AccountRef, Address, MessageRef
from bot.domain.incoming import Commanded, Edited, Incoming, Pressed, Said
from bot.domain.message import split_button_data

PLATFORM = "slack"

Body = Mapping[str, Any]

ENVELOPE = "envelope_id"
"""Where a body carries the id of the envelope that it came in."""

_COMMAND = re.compile(r"[\w-]+")

_TYPED = frozenset({None, "", "file_share", "thread_broadcast", "me_message"})
"""Subtypes of a message that a person typed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading of one body needs to know.

    Attributes:
        account: Our team's id.
        bot_user: The bot's own id, whose words are never ours to hear.
    """

    account: str
    bot_user: str
    directs: Directs
    clock: Clock


async def read_event(body: Body, reading: Reading) -> Incoming | None:
    """Return what the event in ``body`` is to us, or None."""
    event = body.get("event") or {}
    changed = event.get("subtype") == "message_changed"
    message = (event.get("message") or {}) if changed else event
    user, channel = str(message.get("user") or ""), str(event.get("channel") or "")
    if not user or not channel or user == reading.bot_user or message.get("bot_id"):
        return None
    direct = event.get("channel_type") == "im" or is_direct_channel(channel)
    kind = event.get("type")
    if direct and kind == "message":
        await reading.directs.remember(reading.account, user, channel)
        if changed:
            return _edited(body, event, reading)
        return _said(body, event, user, reading) if event.get("subtype") in _TYPED else None
    if kind == "app_mention" and not direct and not changed:
        return _said(body, event, user, reading)
    return None


def _said(body: Body, event: Body, user: str, reading: Reading) -> Said | Commanded:
    """A text that begins with a slash is a command: in a direct chat people type it."""
    direct = event.get("type") == "message"
    ts = str(event.get("ts") or event.get("event_ts") or "")
    # A mention in a channel is answered in a thread below it, not in the middle of all.
    thread = str(event.get("thread_ts") or ("" if direct else ts))
    chat = user if direct else str(event["channel"])
    where = Address(PLATFORM, reading.account, chat, thread)
    raw = str(event.get("text") or "")
    text = readable(raw if direct else without_mention(raw, reading.bot_user))
    common: dict[str, Any] = {
        "delivery_id": str(body.get("event_id") or _digest("message", event.get("channel"), ts)),
        "at": _instant(event.get("event_ts") or ts or body.get("event_time"), reading.clock),
        "where": where,
        "who": AccountRef(PLATFORM, reading.account, user),
        "is_direct": direct,
    }
    command, argument = _command(text)
    if command:
        return Commanded(command=command, argument=argument, **common)
    return Said(text=text, ref=MessageRef(where, ts), **common)


def _command(text: str) -> tuple[str, str]:
    """Return name and argument of ``/name argument``, or two empty strings."""
    words = text.strip().split(None, 1)
    if not words or not words[0].startswith("/") or not _COMMAND.fullmatch(words[0][1:]):
        return "", ""
    return words[0][1:].lower(), words[1] if len(words) > 1 else ""


def _edited(body: Body, event: Body, reading: Reading) -> Edited | None:
    """Slack also says "changed" when it unfurls a link; then nobody edited anything."""
    message, before = event["message"], event.get("previous_message") or {}
    if not message.get("edited") or message.get("text") == before.get("text"):
        return None
    user, ts = str(message["user"]), str(message.get("ts") or "")
    where = Address(PLATFORM, reading.account, user, str(message.get("thread_ts") or ""))
    edited_at = message["edited"].get("ts")
    return Edited(
        delivery_id=str(body.get("event_id") or _digest("edit", event["channel"], ts, edited_at)),
        at=_instant(event.get("event_ts") or edited_at, reading.clock),
        where=where,
        who=AccountRef(PLATFORM, reading.account, user),
        is_direct=True,
        text=readable(str(message.get("text") or "")),
        ref=MessageRef(where, ts),
    )


async def read_press(body: Body, reading: Reading) -> Pressed | None:
    """Return the press in ``body``, or None where it names no button, person or place.

    The chat is its *owner's* even where another person pressed: dispatch refuses that one.
    """
    actions, user = body.get("actions") or [], body.get("user") or {}
    container = body.get("container") or {}
    action = actions[0] if actions else {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    message = body.get("message") or {}
    ts = str(container.get("message_ts") or message.get("ts") or "")
    presser, value = str(user.get("id") or ""), action.get("value")
    if not (presser and channel and ts and isinstance(value, str)):
        return None
    direct = is_direct_channel(channel)
    owner = await reading.directs.owner_of(reading.account, channel) if direct else channel
    thread = str(container.get("thread_ts") or message.get("thread_ts") or "")
    where = Address(PLATFORM, reading.account, owner or presser, thread)
    name, argument = split_button_data(value)
    return Pressed(
        delivery_id=_press_id(MessageRef(where, ts), presser, action, body),
        at=_instant(action.get("action_ts"), reading.clock),
        where=where,
        who=AccountRef(PLATFORM, reading.account, presser),
        is_direct=direct,
        name=str(user.get("name") or user.get("username") or ""),
        action=name,
        value=argument,
        ref=MessageRef(where, ts),
    )


def _press_id(pressed: MessageRef, user: str, action: Body, body: Body) -> str:
    """Return a stable id of a press; Slack gives an interaction none.

    ``action_ts`` is the moment of the press, the same in whatever copy of it arrives, and
    nobody presses one button twice in a microsecond; ``trigger_id`` stands in for it. A server that
    gives neither has at least numbered the envelope, which ``listeners`` notes in the body:
    else all presses of a button were one.
    """
    moment = action.get("action_ts") or body.get("trigger_id") or body.get(ENVELOPE)
    where = pressed.address
    facts = (where.account, where.chat, pressed.id, user, moment, action.get("action_id"))
    return _digest("action", *facts)


def _digest(kind: str, *facts: object) -> str:
    text = json.dumps([str(fact) for fact in facts])
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _instant(ts: object, clock: Clock) -> datetime:
    """Return the instant of a Slack timestamp, or the present one where it is none."""
    try:
        return datetime.fromtimestamp(float(str(ts)), UTC)
    except (ValueError, OverflowError, OSError):
        return clock.now()
