"""The Web API's methods over a :class:`~bot.simulators.slack.workspace.Workspace`.

A method takes its arguments as sent and returns what stands beside ``"ok": true``; it
raises :class:`~bot.simulators.slack.workspace.SlackRefusal` for ``"ok": false``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.simulators.base import SimulatedPerson
from bot.simulators.journal import BOT
from bot.simulators.slack.checks import MAX_UPDATED_TEXT, check_message
from bot.simulators.slack.refusal import SlackRefusal
from bot.simulators.slack.views import Screen
from bot.simulators.slack.workspace import Channel, Workspace

Arguments = Mapping[str, Any]
Answer = dict[str, Any]


def is_true(value: object) -> bool:
    """Return whether Slack reads ``value`` as true; forms carry ``1`` or ``true``."""
    return value is True or str(value).lower() in ("1", "true")


def auth_test(workspace: Workspace, arguments: Arguments) -> Answer:
    """Say who the token belongs to."""
    return {
        "url": "https://convoke.slack.invalid/",
        "team": "Convoke",
        "user": "convoke",
        "team_id": workspace.team,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def conversations_open(workspace: Workspace, arguments: Arguments) -> Answer:
    """Open a direct chat; opening it again gives the same one."""
    users = [one for one in str(arguments.get("users") or "").split(",") if one]
    if not users:
        raise SlackRefusal("users_list_not_supplied")
    if len(users) > 1:
        raise SlackRefusal("too_many_users")
    (user,) = users
    if user == workspace.bot_user:
        raise SlackRefusal("cannot_dm_bot")
    if user not in workspace.people:
        raise SlackRefusal("user_not_found")
    if user in workspace.deactivated:
        raise SlackRefusal("user_disabled")
    known = any(channel.owner == user for channel in workspace.channels.values())
    channel = workspace.direct_channel(user)
    again = {"no_op": True, "already_open": True} if known else {}
    return {**again, "channel": {"id": channel.id}}


def conversations_info(workspace: Workspace, arguments: Arguments) -> Answer:
    """Describe a channel."""
    channel = workspace.channel(str(arguments.get("channel")))
    person = {"user": channel.owner} if channel.owner else {"name": channel.name}
    return {
        "channel": {
            "id": channel.id,
            **person,
            "is_im": bool(channel.owner),
            "is_channel": not channel.owner,
            "is_archived": channel.is_archived,
            "is_member": workspace.bot_user in channel.members or bool(channel.owner),
        }
    }


def _writable(workspace: Workspace, arguments: Arguments) -> Channel:
    channel = workspace.channel(str(arguments.get("channel")))
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    if not channel.owner and workspace.bot_user not in channel.members:
        raise SlackRefusal("not_in_channel")
    return channel


def _native(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    kept = ("text", "blocks", "metadata", "thread_ts")
    return {
        "user": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "app_id": workspace.app,
        "team": workspace.team,
        **{name: arguments[name] for name in kept if arguments.get(name)},
    }


def chat_post_message(workspace: Workspace, arguments: Arguments) -> Answer:
    """Post a message as the bot."""
    channel = _writable(workspace, arguments)
    check_message(arguments)
    message = workspace.add(channel, BOT, _native(workspace, arguments))
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def chat_update(workspace: Workspace, arguments: Arguments) -> Answer:
    """Change a message of the bot; metadata stays unless given."""
    channel = _writable(workspace, arguments)
    ts = str(arguments.get("ts"))
    workspace.own_message(channel, ts, "cant_update_message")
    check_message(arguments, MAX_UPDATED_TEXT)
    changes = _native(workspace, arguments)
    if "text" in changes and "blocks" not in changes:
        changes["blocks"] = []
    message = workspace.change(channel, ts, changes)
    return {"channel": channel.id, "ts": ts, "text": message.get("text", ""), "message": message}


def chat_delete(workspace: Workspace, arguments: Arguments) -> Answer:
    """Remove a message of the bot."""
    channel = _writable(workspace, arguments)
    ts = str(arguments.get("ts"))
    workspace.remove(channel, ts)
    return {"channel": channel.id, "ts": ts}


def chat_post_ephemeral(workspace: Workspace, arguments: Arguments) -> Answer:
    """Show a notice to one person; it is no message and cannot be read back."""
    channel = _writable(workspace, arguments)
    check_message(arguments)
    user = str(arguments.get("user"))
    if user not in workspace.people or (channel.members and user not in channel.members):
        raise SlackRefusal("user_not_in_channel")
    workspace.journal.notice(user, str(arguments.get("text", "")))
    return {"message_ts": workspace.next_ts()}


def _page(messages: list[dict[str, Any]], arguments: Arguments) -> Answer:
    """Return one page; the cursor is simply the place in the list."""
    start = str(arguments.get("cursor") or "0")
    limit = int(arguments.get("limit") or 100)
    if not start.isdecimal():
        raise SlackRefusal("invalid_cursor")
    end = int(start) + limit
    more = end < len(messages)
    shown = messages[int(start) : end]
    if not is_true(arguments.get("include_all_metadata")):
        shown = [{k: v for k, v in one.items() if k != "metadata"} for one in shown]
    cursor = {"response_metadata": {"next_cursor": str(end)}} if more else {}
    return {"messages": shown, "has_more": more, **cursor}


def _between(messages: list[dict[str, Any]], arguments: Arguments) -> list[dict[str, Any]]:
    oldest = float(arguments.get("oldest") or 0)
    latest = float(arguments.get("latest") or "inf")
    if is_true(arguments.get("inclusive")):
        return [one for one in messages if oldest <= float(one["ts"]) <= latest]
    return [one for one in messages if oldest < float(one["ts"]) < latest]


def conversations_history(workspace: Workspace, arguments: Arguments) -> Answer:
    """Page through a channel, newest first; replies in threads are not in it."""
    channel = workspace.channel(str(arguments.get("channel")))
    top = [one for one in channel.messages if one.get("thread_ts") in (None, one["ts"])]
    return _page(_between(top[::-1], arguments), arguments)


def conversations_replies(workspace: Workspace, arguments: Arguments) -> Answer:
    """Page through a thread, oldest first, its parent included."""
    channel = workspace.channel(str(arguments.get("channel")))
    root = str(arguments.get("ts"))
    thread = [one for one in channel.messages if root in (one["ts"], one.get("thread_ts"))]
    if not thread:
        raise SlackRefusal("thread_not_found")
    return _page(_between(thread, arguments), arguments)


def users_info(workspace: Workspace, arguments: Arguments) -> Answer:
    """Describe a person, with the time zone and language that they chose in Slack."""
    person = workspace.people.get(str(arguments.get("user")))
    if person is None:
        raise SlackRefusal("user_not_found")
    return {"user": _user(workspace, person)}


def users_lookup_by_email(workspace: Workspace, arguments: Arguments) -> Answer:
    """Find a person by their e-mail address."""
    wanted = str(arguments.get("email") or "").lower()
    for person in workspace.people.values():
        if wanted and person.email.lower() == wanted and person.user not in workspace.deactivated:
            return {"user": _user(workspace, person)}
    raise SlackRefusal("users_not_found")


def _user(workspace: Workspace, person: SimulatedPerson) -> dict[str, Any]:
    is_stranger = person.user in workspace.strangers
    return {
        "id": person.user,
        "team_id": "T0ELSEWHERE" if is_stranger else workspace.team,
        "name": person.name.lower().replace(" ", "."),
        "real_name": person.name,
        "deleted": person.user in workspace.deactivated,
        "tz": person.zone,
        "locale": person.language if "-" in person.language else f"{person.language}-XX",
        "is_bot": False,
        "is_app_user": False,
        "is_restricted": person.user in workspace.guests,
        "is_ultra_restricted": False,
        "is_stranger": is_stranger,
        "profile": {"real_name": person.name, "display_name": person.name, "email": person.email},
    }


def _view(screen: Screen) -> Answer:
    return {"view": {**screen.native, "id": screen.id, "hash": screen.hash}}


def views_open(workspace: Workspace, arguments: Arguments) -> Answer:
    """Show a modal to whoever has just acted."""
    trigger = str(arguments.get("trigger_id") or "")
    return _view(workspace.views.open(trigger, arguments.get("view")))


def views_update(workspace: Workspace, arguments: Arguments) -> Answer:
    """Change a modal that is open."""
    view_id, hash_ = str(arguments.get("view_id") or ""), str(arguments.get("hash") or "")
    return _view(workspace.views.update(view_id, arguments.get("view"), hash_))


def views_publish(workspace: Workspace, arguments: Arguments) -> Answer:
    """Show a person's Home tab."""
    user = str(arguments.get("user_id") or "")
    if user not in workspace.people or user in workspace.deactivated:
        raise SlackRefusal("user_not_found")
    return _view(workspace.views.publish(user, arguments.get("view")))


def files_complete_upload_external(workspace: Workspace, arguments: Arguments) -> Answer:
    """Show files that were handed over: with a channel, as a message of the bot."""
    wanted = arguments.get("files") or []
    if not isinstance(wanted, list) or not wanted:
        raise SlackRefusal("invalid_arguments")
    files = [workspace.uploads.finish(str(one.get("id"))) for one in wanted]
    shown = [{"id": one.id, "name": one.name, "title": one.name} for one in files]
    if arguments.get("channel_id"):
        channel = _writable(workspace, {"channel": arguments["channel_id"]})
        comment = arguments.get("initial_comment") or ""
        blocks = [] if comment else arguments.get("blocks") or []
        if blocks:
            check_message({"blocks": blocks})
        native = _native(workspace, {**arguments, "blocks": blocks, "text": comment})
        workspace.add(channel, BOT, {**native, "files": shown})
    for one in files:
        one.shown = True
    return {"files": [{"id": one["id"], "title": one["title"]} for one in shown]}


METHODS: Mapping[str, Callable[[Workspace, Arguments], Answer]] = {
    "auth.test": auth_test,
    "chat.delete": chat_delete,
    "chat.postEphemeral": chat_post_ephemeral,
    "chat.postMessage": chat_post_message,
    "chat.update": chat_update,
    "conversations.history": conversations_history,
    "conversations.info": conversations_info,
    "conversations.open": conversations_open,
    "conversations.replies": conversations_replies,
    "files.completeUploadExternal": files_complete_upload_external,
    "users.info": users_info,
    "users.lookupByEmail": users_lookup_by_email,
    "views.open": views_open,
    "views.publish": views_publish,
    "views.update": views_update,
}
