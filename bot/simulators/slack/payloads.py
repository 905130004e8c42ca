"""What Slack says of things that people do, in its own form."""

from typing import Any

from bot.simulators.slack.reading import escape
from bot.simulators.slack.views import Native, Screen
from bot.simulators.slack.workspace import Channel, Workspace


def event_callback(workspace: Workspace, number: int, event: Native) -> Native:
    """Return the body around an event."""
    return {
        "type": "event_callback",
        "event_id": f"Ev{number:010}",
        "event_time": int(workspace.now()),
        "team_id": workspace.team,
        "api_app_id": workspace.app,
        "authorizations": [{"team_id": workspace.team, "is_bot": True}],
        "event": {"event_ts": event.get("ts") or workspace.next_ts(), **event},
    }


def _interaction(workspace: Workspace, kind: str, user: str) -> dict[str, Any]:
    person = workspace.people.get(user)
    return {
        "type": kind,
        "team": {"id": workspace.team, "domain": "convoke"},
        "user": {
            "id": user,
            "username": user.lower(),
            "name": person.name if person else user,
            "team_id": workspace.team,
        },
        "api_app_id": workspace.app,
        "trigger_id": workspace.views.trigger(user),
    }


def _action(workspace: Workspace, blocks: list[Native], data: str) -> dict[str, Any]:
    button: Native = next(
        (
            element
            for block in blocks
            for element in block.get("elements", ())
            if element.get("value") == data
        ),
        {},
    )
    return {
        "type": "button",
        "action_id": button.get("action_id", "forged"),
        "block_id": "b1",
        "text": button.get("text", {"type": "plain_text", "text": "?"}),
        "value": data,
        "action_ts": workspace.next_ts(),
    }


def pressed(
    workspace: Workspace, user: str, channel: Channel, message_id: str, data: str
) -> Native:
    """Return a press of a button below a message; all may be forged."""
    message = channel.find(message_id) or {}
    return {
        **_interaction(workspace, "block_actions", user),
        "container": {"type": "message", "message_ts": message_id, "channel_id": channel.id},
        "channel": {"id": channel.id, "name": channel.name},
        "message": message,
        "actions": [_action(workspace, message.get("blocks", []), data)],
    }


def pressed_in_view(workspace: Workspace, user: str, screen: Screen, data: str) -> Native:
    """Return a press of a button on a page or in a form."""
    return {
        **_interaction(workspace, "block_actions", user),
        "container": {"type": "view", "view_id": screen.id},
        "view": {**screen.native, "id": screen.id, "hash": screen.hash},
        "actions": [_action(workspace, screen.native["blocks"], data)],
    }


def submitted(workspace: Workspace, screen: Screen, state: Native) -> Native:
    """Return a form that a person sends."""
    view = {**screen.native, "id": screen.id, "hash": screen.hash, "state": {"values": state}}
    return {**_interaction(workspace, "view_submission", screen.user), "view": view}


def slash_command(
    workspace: Workspace, user: str, channel: Channel, command: str, text: str
) -> dict[str, str]:
    """Return a slash command; every value is text, for Slack sends a form."""
    return {
        "command": command,
        "text": escape(text),
        "user_id": user,
        "user_name": user.lower(),
        "team_id": workspace.team,
        "team_domain": "convoke",
        "channel_id": channel.id,
        "channel_name": channel.name,
        "api_app_id": workspace.app,
        "trigger_id": workspace.views.trigger(user),
        "response_url": "https://hooks.slack.invalid/commands/1",
        "is_enterprise_install": "false",
    }
