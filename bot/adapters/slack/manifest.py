"""The app's manifest: what Slack must be told of the bot, in one paste.

Every scope and event stands here once; ``convoke slack manifest`` prints it, and
``Whoami.check`` compares the scopes with those of the token.
"""

import json
from typing import Any
from urllib.parse import quote

from bot.adapters.slack.endpoint import PATH

BOT_SCOPES = (
    "app_mentions:read",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:read",
    "im:history",
    "im:write",
    "metadata.message:read",
    "users:read",
    "users:read.email",
)
"""``channels:history`` is not among them: the bot reads no channel but where it is called."""

BOT_EVENTS = (
    "app_home_opened",
    "app_mention",
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.im",
)

_NAME_LENGTH, _BOT_NAME_LENGTH = 35, 80
NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="


def manifest(name: str, *, command: str = "alliance", public_url: str = "") -> dict[str, Any]:
    """Return the manifest of an app called ``name``.

    Args:
        command: The slash command, without its slash; the workspace may prefer another name.
        public_url: Where Slack reaches this service; ``""`` for Socket Mode.
    """
    url = f"{public_url}{PATH}" if public_url else ""
    at = {"url": url} if url else {}
    request = {"request_url": url} if url else {}
    slash = {
        "command": f"/{command}",
        "description": name[:_NAME_LENGTH],
        "usage_hint": "help",
        "should_escape": False,
        **at,
    }
    return {
        "display_information": {"name": name[:_NAME_LENGTH]},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name[:_BOT_NAME_LENGTH], "always_online": True},
            "slash_commands": [slash],
        },
        "oauth_config": {"scopes": {"bot": list(BOT_SCOPES)}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(BOT_EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def as_text(found: dict[str, Any]) -> str:
    """Return a manifest as it is pasted."""
    return json.dumps(found, ensure_ascii=False, indent=2)


def link(found: dict[str, Any]) -> str:
    """Return the address that opens Slack's page for a new app with the manifest filled in."""
    return NEW_APP + quote(json.dumps(found, ensure_ascii=False, separators=(",", ":")), safe="")
