"""Being liberal in what we accept from a Bot API server that is not Telegram's.

PTB's objects insist on fields that are required in the API's documentation; a small fake
or a proxy may leave them out, and then PTB raises for a whole batch of updates. Here the
missing ones are filled in, and an update that PTB still cannot read is reduced to its id,
so that it is passed over with a line in the log and never stops what stands behind it.
"""

import json
import logging
from typing import Any

from telegram import Update
from telegram.error import TelegramError

log = logging.getLogger(__name__)

_MESSAGES = ("message", "edited_message")
_OUT = frozenset({"kicked", "left"})


def complete(payload: bytes) -> Any:
    """Return the JSON of ``payload`` in a shape that PTB can read.

    Raises:
        TelegramError: it is no JSON object; whether the request was obeyed is unknown.
    """
    try:
        answer = json.loads(payload.decode("utf-8", "replace"))
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise TelegramError("Invalid server response")
    if answer.get("ok") and "result" not in answer:
        raise TelegramError("Invalid server response")
    result = answer.get("result")
    if isinstance(result, list):
        answer["result"] = [readable(one) if _is_update(one) else one for one in result]
    elif isinstance(result, dict):
        _fill_result(result)
    return answer


def _is_update(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("update_id"), int)


def _fill_result(result: dict[str, Any]) -> None:
    if "message_id" in result:
        _fill_message(result)
    elif "id" in result:
        _fill_user(result)


def readable(update: dict[str, Any]) -> dict[str, Any]:
    """Return ``update`` in a shape that PTB can read, at least its id; never raises."""
    try:
        for name in _MESSAGES:
            if name in update:
                _fill_message(update[name])
        if "callback_query" in update:
            _fill_query(update["callback_query"])
        if "my_chat_member" in update:
            _fill_membership(update["my_chat_member"])
        Update.de_json(json.loads(json.dumps(update)), None)
    except Exception as error:  # whatever is wrong with it, the next one must come
        log.error(
            "passed over update %s, which cannot be read (%s)",
            update["update_id"],
            type(error).__name__,
        )
        return {"update_id": update["update_id"]}
    return update


def _fill_user(user: dict[str, Any]) -> None:
    user.setdefault("is_bot", False)
    user.setdefault("first_name", "")


def _fill_message(message: dict[str, Any]) -> None:
    message.setdefault("date", 0)
    sender = message.get("from")
    if sender:
        _fill_user(sender)
    chat = message.setdefault("chat", {"id": sender["id"] if sender else 0})
    _fill_chat(chat)
    if "sender_chat" in message:
        _fill_chat(message["sender_chat"])
    for user in (message.get("left_chat_member"), *message.get("new_chat_members", ())):
        if user:
            _fill_user(user)
    pictures = message.get("photo") or ()
    for file in (*pictures, message.get("document"), message.get("video"), message.get("audio")):
        if isinstance(file, dict):
            _fill_file(file)
    if "reply_to_message" in message:
        message["reply_to_message"].setdefault("chat", dict(chat))
        _fill_message(message["reply_to_message"])


def _fill_file(file: dict[str, Any]) -> None:
    file.setdefault("file_unique_id", file.get("file_id", ""))
    for name in ("width", "height", "duration"):
        file.setdefault(name, 0)


def _fill_chat(chat: dict[str, Any]) -> None:
    chat.setdefault("type", "private" if int(chat["id"]) > 0 else "supergroup")


def _fill_query(query: dict[str, Any]) -> None:
    query.setdefault("chat_instance", "")
    _fill_user(query["from"])
    if "message" in query:
        _fill_message(query["message"])


def _fill_membership(change: dict[str, Any]) -> None:
    change.setdefault("date", 0)
    _fill_user(change["from"])
    _fill_chat(change["chat"])
    change.setdefault("old_chat_member", {"status": "left", "user": dict(change["from"])})
    for name in ("old_chat_member", "new_chat_member"):
        change[name] = _standing(change[name], change["from"])


def _standing(member: dict[str, Any], somebody: dict[str, Any]) -> dict[str, Any]:
    """Return a member as in the chat or out of it, which is all that we ask.

    Of an administrator or a restricted member PTB wants up to nineteen rights, more with
    each version of the API: one that a server does not know yet must not cost the update.
    """
    user = member.get("user", somebody)
    _fill_user(user)
    is_out = member["status"] in _OUT or member.get("is_member") is False
    return {"status": "left" if is_out else "member", "user": user}
