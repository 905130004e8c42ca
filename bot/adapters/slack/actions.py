"""Presses, slash commands and forms in the words of :mod:`bot.domain.incoming`.

What Slack calls interactivity has no id of its own, so each gets one that is the same in
whatever copy of it arrives: a request that is replayed is no second update.
"""

from dataclasses import dataclass
from typing import Any

from bot.adapters.slack.bodies import ENVELOPE, Body, first, part, text
from bot.adapters.slack.directs import is_direct_channel
from bot.adapters.slack.forms import meta_of, values_of
from bot.adapters.slack.reading import Reading, digest
from bot.adapters.slack.text import readable
from bot.domain.address import MessageRef
from bot.domain.incoming import Commanded, Opened, Pressed, Submitted
from bot.domain.message import split_button_data
from bot.i18n import command_words

HELP = "help"
"""What a slash command without words stands for."""


@dataclass(frozen=True, slots=True)
class Press:
    """A press; one on the person's page is followed by ``refresh``, so the page is made anew."""

    pressed: Pressed
    refresh: Opened | None = None


def trigger_of(body: Body) -> str:
    """Return what opens a form within three seconds, or ``""``."""
    return text(body, "trigger_id")


def _name_of(user: Body) -> str:
    return text(user, "name") or text(user, "username")


async def read_press(body: Body, reading: Reading) -> Press | None:
    """Return the press in ``body``, or None where it names no button, person or place."""
    action, user = first(body, "actions"), text(body, "user", "id")
    if not user or not isinstance(action.get("value"), str):
        return None
    if text(body, "container", "type") == "view" or (not _channel(body) and part(body, "view")):
        return _press_in_view(body, action, user, reading)
    return await _press_in_message(body, action, user, reading)


def _channel(body: Body) -> str:
    return text(body, "channel", "id") or text(body, "container", "channel_id")


async def _press_in_message(body: Body, action: Body, user: str, reading: Reading) -> Press | None:
    """The chat is its *owner's* even where another person pressed: dispatch refuses that one."""
    channel = _channel(body)
    ts = text(body, "container", "message_ts") or text(body, "message", "ts")
    if not channel or not ts:
        return None
    direct = is_direct_channel(channel)
    owner = await reading.directs.owner_of(reading.account, channel) if direct else channel
    thread = text(body, "container", "thread_ts") or text(body, "message", "thread_ts")
    ref = MessageRef(reading.place(owner or user, thread), ts)
    room = "" if direct else text(body, "channel", "name")
    return Press(_pressed(body, action, user, ref, reading, is_direct=direct, room=room))


def _press_in_view(body: Body, action: Body, user: str, reading: Reading) -> Press | None:
    """A page or a form is its person's alone: nobody else can press there."""
    view = text(body, "container", "view_id") or text(body, "view", "id")
    if not view:
        return None
    ref = MessageRef(reading.place(user), view)
    pressed = _pressed(body, action, user, ref, reading, is_direct=True)
    if text(body, "view", "type") != "home":
        return Press(pressed)
    refresh = Opened(
        delivery_id=f"{pressed.delivery_id}:page",
        at=pressed.at,
        where=pressed.where,
        who=pressed.who,
        is_direct=True,
        name=pressed.name,
    )
    return Press(pressed, refresh)


def _pressed(
    body: Body,
    action: Body,
    user: str,
    ref: MessageRef,
    reading: Reading,
    *,
    is_direct: bool,
    room: str = "",
) -> Pressed:
    name, argument = split_button_data(text(action, "value"))
    return Pressed(
        delivery_id=_press_id(ref, user, action, body),
        at=reading.instant(action.get("action_ts")),
        where=ref.address,
        who=reading.person(user),
        is_direct=is_direct,
        name=_name_of(part(body, "user")),
        room=room,
        action=name,
        value=argument,
        ref=ref,
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
    return digest("action", *facts)


def read_command(body: Body, reading: Reading) -> Commanded | None:
    """Return the slash command in ``body``.

    Its own name is the workspace's choice (the manifest), so the first word of its text is
    the command, in any language, and nothing at all asks for help.

    Only the person sees that they gave it, wherever that was; so it belongs to their direct
    chat, and what is answered there is for nobody else's eyes.
    """
    user = text(body, "user_id")
    if not user:
        return None
    word, _, argument = readable(text(body, "text")).strip().partition(" ")
    name = word.removeprefix("/").casefold() or HELP
    moment = trigger_of(body) or body.get(ENVELOPE)
    return Commanded(
        delivery_id=digest("command", reading.account, user, moment, body.get("text")),
        at=reading.clock.now(),
        where=reading.place(user),
        who=reading.person(user),
        is_direct=True,
        name=text(body, "user_name"),
        command=command_words().get(name, name),
        argument=argument.strip(),
    )


def read_submission(body: Body, reading: Reading) -> Submitted | None:
    """Return the form that was sent in ``body``, or None where it is none of ours.

    A form closes with its acknowledgement, so the same values from the same view are one
    submission: Slack's "try again" after a lost answer sends them once more. A view that was
    changed in between has another ``hash``: the same values are then another submission.
    """
    view, user = part(body, "view"), text(body, "user", "id")
    name = text(view, "callback_id")
    if not user or not name:
        return None
    values, meta = values_of(view), meta_of(view)
    shown = text(view, "id") or trigger_of(body) or body.get(ENVELOPE)
    facts = (shown, text(view, "hash"), name, sorted(values))
    common: dict[str, Any] = {
        "delivery_id": digest("form", reading.account, user, *facts),
        "at": reading.clock.now(),
        "where": reading.place(user),
        "who": reading.person(user),
        "is_direct": True,
        "name": _name_of(part(body, "user")),
        "locale": meta.language,
    }
    return Submitted(form=name, values=values, context=meta.context, **common)
