"""The methods of the Bot API, each from parameters to a result or an :class:`ApiError`."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.simulators.journal import BOT, SeenButton, SeenFile, SeenMessage
from bot.simulators.telegram.errors import ApiError, bad, forbidden
from bot.simulators.telegram.markup import Entity, MarkupError, clean, parse_html, units
from bot.simulators.telegram.world import QUERY_LIFE, World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
FILE_LIMIT = 50 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024
ENTITY_LIMIT = 100
CALLBACK_BYTES = 64
NOTICE_LIMIT = 200
CONNECTIONS = 40
"""Requests to a webhook at once, unless it asks for another number up to 100."""
DELETE_WITHIN = timedelta(hours=48)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")

Parameters = dict[str, Any]


def get_me(world: World, _: Parameters) -> dict[str, Any]:
    """Return the bot."""
    return world.bot() | {"can_join_groups": True, "can_read_all_group_messages": False}


def send_message(world: World, given: Parameters) -> dict[str, Any]:
    """Write a text into a chat."""
    chat = _reachable_chat(world, given)
    message = SeenMessage(world.next_message_id(chat), BOT, "")
    _fill(message, given)
    world.write(chat, message)
    return world.message(chat, message)


PREFIX = {"document": "BQACAgIAAx", "photo": "AgACAgIAAx"}
"""An id is good for the kind that it was given for."""
PICTURES = (".jpg", ".jpeg", ".png")


def send_document(world: World, given: Parameters) -> dict[str, Any]:
    """Write a file into a chat, new or known by its id."""
    return _send_file(world, given, "document")


def send_photo(world: World, given: Parameters) -> dict[str, Any]:
    """Write a picture into a chat, new or known by its id."""
    return _send_file(world, given, "photo")


def _send_file(world: World, given: Parameters, kind: str) -> dict[str, Any]:
    chat = _reachable_chat(world, given)
    message = SeenMessage(world.next_message_id(chat), BOT, "")
    given = dict(given)
    file = given.pop(kind, "")
    if isinstance(file, str) and file.startswith("attach://"):
        file = given.pop(file.removeprefix("attach://"), "")
    if isinstance(file, dict):
        size = file["size"]
        if size > FILE_LIMIT:
            raise ApiError(413, "Request Entity Too Large")
        if kind == "photo" and not file["name"].lower().endswith(PICTURES):
            raise bad("IMAGE_PROCESS_FAILED")
        seen, file_id = SeenFile(file["name"], size), f"{PREFIX[kind]}{len(world.files):06}"
        world.files[file_id] = seen
    elif file in world.files and file.startswith(PREFIX[kind]):
        seen, file_id = world.files[file], file
    else:
        raise bad("wrong file identifier/HTTP URL specified")
    _fill_caption(message, given)
    message.files, message.native["file_id"] = (seen,), file_id
    message.native["file_kind"] = kind
    world.write(chat, message)
    return world.message(chat, message)


def get_file(world: World, given: Parameters) -> dict[str, Any]:
    """Say where the bytes of a file are that a person has sent."""
    file_id = str(given.get("file_id", ""))
    content = world.contents.get(file_id)
    if content is None:
        raise bad("invalid file_id")
    if len(content) > DOWNLOAD_LIMIT:
        raise bad("file is too big")
    known = {"file_id": file_id, "file_unique_id": file_id[-12:], "file_size": len(content)}
    return {**known, "file_path": f"documents/{file_id}"}


def edit_message_caption(world: World, given: Parameters) -> dict[str, Any]:
    """Replace the caption and the buttons of an own message with a file."""
    chat, message = _own_message(world, given, "edit")
    if not message.files:
        raise bad("there is no caption in the message to edit")
    draft = SeenMessage(message.id, BOT, "")
    _fill_caption(draft, given)
    draft.native["file_id"] = message.native["file_id"]
    return _change(world, chat, message, draft)


def edit_message_text(world: World, given: Parameters) -> dict[str, Any]:
    """Replace text and buttons of an own message."""
    chat, message = _own_message(world, given, "edit")
    if message.files:
        raise bad("there is no text in the message to edit")
    draft = SeenMessage(message.id, BOT, "")
    _fill(draft, given)
    return _change(world, chat, message, draft)


def edit_message_reply_markup(world: World, given: Parameters) -> dict[str, Any]:
    """Replace the buttons of an own message."""
    chat, message = _own_message(world, given, "edit")
    native = {key: one for key, one in message.native.items() if key != "reply_markup"}
    draft = SeenMessage(message.id, BOT, message.text, native=native)
    _fill_buttons(draft, given)
    return _change(world, chat, message, draft)


def delete_message(world: World, given: Parameters) -> bool:
    """Remove a message; the bot's own within 48 hours."""
    chat, message = _own_message(world, given, "delete")
    if world.now() - world.sent_at[chat, message.id] > DELETE_WITHIN:
        raise bad("message can't be deleted for everyone")
    message.deleted = True
    return True


def leave_chat(world: World, given: Parameters) -> bool:
    """Let the bot leave a group."""
    world.outside.add(_reachable_chat(world, given))
    return True


def answer_callback_query(world: World, given: Parameters) -> bool:
    """Stop the spinner of a press and show a notice."""
    query = world.queries.pop(str(given.get("callback_query_id", "")), None)
    if query is None or world.now() - query.at > QUERY_LIFE:
        raise bad(TOO_OLD)
    text = clean(str(given.get("text", "")))
    if len(text) > NOTICE_LIMIT:
        raise bad("MESSAGE_TOO_LONG")
    world.journal.notice(query.user, text)
    return True


def send_chat_action(world: World, given: Parameters) -> bool:
    """Show that the bot is typing; nothing remains of it."""
    _reachable_chat(world, given)
    return True


def set_my_commands(world: World, given: Parameters) -> bool:
    """Store the command menu of a language."""
    world.commands[str(given.get("language_code", ""))] = _parsed(given.get("commands")) or []
    return True


def get_my_commands(world: World, given: Parameters) -> list[dict[str, str]]:
    """Return the command menu of a language."""
    return world.commands.get(str(given.get("language_code", "")), [])


def set_webhook(world: World, given: Parameters) -> bool:
    """Deliver updates to a webhook from now on: polling is then refused."""
    secret = str(given.get("secret_token", ""))
    if secret and not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    url = str(given.get("url", ""))
    if url and not _is_address(url):
        raise bad("bad webhook: invalid URL specified")
    at_once = str(given.get("max_connections") or CONNECTIONS)
    if not at_once.isdigit() or not 1 <= int(at_once) <= 100:
        raise bad("invalid max_connections")
    world.webhook, world.hook_secret = url, secret
    world.hook_connections = int(at_once)
    world.hook_error, world.hook_error_at = "", None
    if "allowed_updates" in given:
        world.allowed = tuple(_parsed(given["allowed_updates"]) or ())
    if str(given.get("drop_pending_updates", "")).lower() == "true":
        world.updates.clear()
    world.news.set()
    return True


def _is_address(url: str) -> bool:
    """Return whether it can be posted to; ``http`` too, for this machine has no certificate."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def delete_webhook(world: World, given: Parameters) -> bool:
    """Forget the webhook and, if asked, what waits."""
    world.webhook = ""
    if str(given.get("drop_pending_updates", "")).lower() == "true":
        world.updates.clear()
    return True


def get_webhook_info(world: World, _: Parameters) -> dict[str, Any]:
    """Return the webhook and how many updates wait."""
    found: dict[str, Any] = {
        "url": world.webhook,
        "has_custom_certificate": False,
        "pending_update_count": len(world.waiting()),
    }
    if world.webhook:
        found["max_connections"] = world.hook_connections
    if world.allowed:
        found["allowed_updates"] = list(world.allowed)
    if world.hook_error and world.hook_error_at:
        found["last_error_message"] = world.hook_error
        found["last_error_date"] = int(world.hook_error_at.timestamp())
    return found


METHODS: dict[str, Callable[[World, Parameters], Any]] = {
    "getfile": get_file,
    "getme": get_me,
    "sendmessage": send_message,
    "senddocument": send_document,
    "sendphoto": send_photo,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "leavechat": leave_chat,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
}
"""By name in lower case: Telegram does not mind the case. ``getUpdates`` is the server's."""


def _reachable_chat(world: World, given: Parameters) -> str:
    chat = str(given.get("chat_id", ""))
    if not chat:
        raise bad("chat_id is empty")
    if chat in world.moved:
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=int(world.moved[chat]),
        )
    if chat in world.outside:
        raise forbidden("bot was kicked from the group chat")
    if chat in world.groups:
        return chat
    account = world.accounts.get(chat)
    if account is None:
        raise bad("chat not found")
    if account.deactivated:
        raise forbidden("user is deactivated")
    if account.blocked:
        raise forbidden("bot was blocked by the user")
    if not account.started:
        raise forbidden("bot can't initiate conversation with a user")
    return chat


def _own_message(world: World, given: Parameters, verb: str) -> tuple[str, SeenMessage]:
    chat = _reachable_chat(world, given)
    message = world.journal.find(chat, str(given.get("message_id", "")))
    if message is None or message.deleted:
        raise bad(f"message to {verb} not found")
    if message.author != BOT:
        raise bad(f"message can't be {'edited' if verb == 'edit' else 'deleted'}")
    return chat, message


def _change(world: World, chat: str, message: SeenMessage, draft: SeenMessage) -> dict[str, Any]:
    looks = (message.text, message.native.get("entities"), message.native.get("reply_markup"))
    if looks == (draft.text, draft.native.get("entities"), draft.native.get("reply_markup")):
        raise bad(NOT_MODIFIED)
    message.history.append(message.text)
    message.text, message.buttons, message.native = draft.text, draft.buttons, draft.native
    return world.message(chat, message)


def _fill_caption(message: SeenMessage, given: Parameters) -> None:
    if str(given.get("caption", "")).strip():
        _fill(message, given, "caption", CAPTION_LIMIT)
    else:
        message.native = dict(given)
        _fill_buttons(message, given)


def _fill(
    message: SeenMessage, given: Parameters, name: str = "text", limit: int = TEXT_LIMIT
) -> None:
    message.native = dict(given)
    source = clean(str(given.get(name, "")))
    entities: tuple[Entity, ...] = ()
    text = source
    if str(given.get("parse_mode", "")).upper() == "HTML":
        try:
            text, entities = parse_html(source)
        except MarkupError as error:
            raise bad(f"can't parse entities: {error}") from None
    text = clean(text)
    if not text.strip():
        raise bad("message text is empty")
    if units(text) > limit:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    if len(entities) > ENTITY_LIMIT:
        raise bad("ENTITIES_TOO_LONG")
    lead = len(text) - len(text.lstrip())
    message.text = text.strip()
    message.native["entities"] = [_entity(one, lead) for one in entities]
    _fill_buttons(message, given)


def _entity(entity: Entity, lead: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": entity.type,
        "offset": max(0, entity.offset - lead),
        "length": entity.length,
    }
    extra = dict(entity.extra)
    if entity.type == "text_link":
        found["url"] = extra.get("href", "")
    if entity.type == "date_time":
        found |= {"unix_time": int(extra["unix"]), "date_time_format": extra.get("format", "")}
    return found


def _fill_buttons(message: SeenMessage, given: Parameters) -> None:
    markup = _parsed(given.get("reply_markup")) or {}
    rows = markup.get("inline_keyboard", [])
    buttons = []
    for button in (one for row in rows for one in row):
        data = button.get("callback_data", "")
        if "callback_data" in button and not 1 <= len(data.encode()) <= CALLBACK_BYTES:
            raise bad("BUTTON_DATA_INVALID")
        if not button.get("text"):
            raise bad("can't parse inline keyboard button: Text buttons must be non-empty")
        buttons.append(SeenButton(button["text"], data))
    message.buttons = tuple(buttons)
    if rows:
        message.native["reply_markup"] = markup
    else:
        message.native.pop("reply_markup", None)


def _parsed(value: object) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad("can't parse JSON object") from None
