"""From PTB's updates to what happened, in the words of no platform.

In a group only what is meant for the bot is passed on: a command that names no other
bot, a mention, an answer to the bot's own message, a press. Other talk is not ours to
read and is dropped unread. So is what a channel or an anonymous administrator says: nobody
stands behind it whom an answer could be for.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    Message,
    MessageEntity,
    User,
)
from telegram import Update as TelegramUpdate

from bot.adapters.telegram.received import sent_files
from bot.domain.address import AccountRef, Address, MessageRef
from bot.domain.incoming import Commanded, Edited, Incoming, Joined, Left, Pressed, Said
from bot.domain.message import split_button_data

PLATFORM = "telegram"
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask for; everything else is never sent to us."""
_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_ID = re.compile(r"-?\d{1,19}", re.ASCII)
NAME_LIMIT = 255
_GROUP = User(1087968824, "Group", is_bot=True)
"""How Telegram names the sender where a group speaks for itself."""
_GONE = frozenset({"kicked", "left"})


class _Common(TypedDict):
    delivery_id: str
    at: datetime
    where: Address
    who: AccountRef
    is_direct: bool
    locale: str
    name: str
    room: str


@dataclass(frozen=True, slots=True)
class Translator:
    """Knows who the bot is.

    Attributes:
        account: The bot's id.
        username: Its name without the at sign; ``""`` while unknown.
    """

    account: str
    username: str = ""

    def incoming(self, update: TelegramUpdate, now: datetime) -> Incoming | None:
        """Return what happened, or None if it is nothing for us."""
        delivery_id = str(update.update_id)
        if update.message:
            return self._message(delivery_id, update.message, now)
        if update.edited_message:
            return self._edited(delivery_id, update.edited_message, now)
        if update.callback_query:
            return self._pressed(delivery_id, update.callback_query, now)
        if update.my_chat_member:
            return self._membership(delivery_id, update.my_chat_member, now)
        return None

    def _message(self, delivery_id: str, message: Message, now: datetime) -> Incoming | None:
        if message.chat.type != Chat.PRIVATE and (notice := self._notice(delivery_id, message)):
            return notice
        text = _text(message)
        if message.from_user is None or text is None or not _is_a_person(message):
            return None
        at = message.date if message.date.timestamp() > 0 else now
        thread = _thread(message)
        common = self._common(delivery_id, at, message.from_user, message.chat, thread)
        command = _COMMAND.fullmatch(text.strip())
        if command and self._is_me(command[2]):
            return Commanded(
                **common, command=command[1].lower(), argument=(command[3] or "").strip()
            )
        if not common["is_direct"]:
            if (command and command[2]) or not self._is_addressed(message):
                return None
            text = self._without_name(text)
        ref = MessageRef(common["where"], _id(message.message_id))
        replied = message.reply_to_message
        reply_to = MessageRef(common["where"], _id(replied.message_id)) if replied else None
        return Said(**common, text=text, ref=ref, reply_to=reply_to, files=sent_files(message))

    def _notice(self, delivery_id: str, message: Message) -> Joined | Left | None:
        """Return what a service message of a group says of the bot itself.

        A group that became a supergroup says so in both chats; the one that is left counts
        no more. That the bot came or went, ``my_chat_member`` says as well: whoever handles
        it twice must find nothing new.
        """
        common = self._common(
            delivery_id, message.date, message.from_user or _GROUP, message.chat, ""
        )
        if message.migrate_from_chat_id:
            before = Address(PLATFORM, self.account, _id(message.migrate_from_chat_id))
            return Joined(**common, is_bot=True, moved_from=before)
        if any(str(one.id) == self.account for one in message.new_chat_members):
            return Joined(**common, is_bot=True)
        if message.left_chat_member and str(message.left_chat_member.id) == self.account:
            return Left(**common, is_bot=True)
        return None

    def _edited(self, delivery_id: str, message: Message, now: datetime) -> Incoming | None:
        text = _text(message)
        if message.from_user is None or text is None or message.chat.type != Chat.PRIVATE:
            return None
        common = self._common(delivery_id, now, message.from_user, message.chat, _thread(message))
        ref = MessageRef(common["where"], _id(message.message_id))
        return Edited(**common, text=text, ref=ref)

    def _pressed(self, delivery_id: str, query: CallbackQuery, now: datetime) -> Incoming | None:
        if query.message is None or query.data is None:
            return None
        thread = _thread(query.message) if isinstance(query.message, Message) else ""
        common = self._common(delivery_id, now, query.from_user, query.message.chat, thread)
        action, value = split_button_data(query.data)
        ref = MessageRef(common["where"], _id(query.message.message_id))
        return Pressed(**common, action=action, value=value, ref=ref)

    def _membership(
        self, delivery_id: str, change: ChatMemberUpdated, now: datetime
    ) -> Incoming | None:
        before, after = _is_out(change.old_chat_member), _is_out(change.new_chat_member)
        if before == after:
            return None
        common = self._common(delivery_id, now, change.from_user, change.chat, "")
        is_bot = change.chat.type != Chat.PRIVATE
        return Left(**common, is_bot=is_bot) if after else Joined(**common, is_bot=is_bot)

    def _common(
        self, delivery_id: str, at: datetime, user: User, chat: Chat, thread: str
    ) -> _Common:
        return {
            "delivery_id": delivery_id,
            "at": at,
            "where": Address(PLATFORM, self.account, _id(chat.id), thread),
            "who": AccountRef(PLATFORM, self.account, _id(user.id)),
            "is_direct": chat.type == Chat.PRIVATE,
            "locale": _words(user.language_code),
            "name": _words(user.first_name, user.last_name),
            "room": "" if chat.type == Chat.PRIVATE else _words(chat.title),
        }

    def _is_me(self, name: str | None) -> bool:
        return not name or not self.username or name.lower() == self.username.lower()

    def _is_addressed(self, message: Message) -> bool:
        replied = message.reply_to_message
        if replied and replied.from_user and str(replied.from_user.id) == self.account:
            return True
        kinds: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
        found: dict[Any, str] = message.parse_entities(kinds) if message.text else {}
        found |= message.parse_caption_entities(kinds) if message.caption else {}
        return any(
            (one.user is not None and str(one.user.id) == self.account)
            or (self.username and shown.lower() == f"@{self.username}".lower())
            for one, shown in found.items()
        )

    def _without_name(self, text: str) -> str:
        if not self.username:
            return text
        return re.sub(rf"@{re.escape(self.username)}\b[,:]?", "", text, flags=re.I).strip()


def _is_a_person(message: Message) -> bool:
    """Return whether somebody in particular wrote it: no bot, no channel, nobody anonymous."""
    return bool(message.from_user and not message.from_user.is_bot and message.sender_chat is None)


def _text(message: Message) -> str | None:
    """Return the words of a message, ``""`` for a picture without any, None for no message.

    A sticker speaks by its emoji. What has neither words nor an attachment is a notice
    of the platform, such as "a message was pinned".
    """
    words = message.text if message.text is not None else message.caption
    if words is not None:
        if not isinstance(words, str):
            raise TypeError("a text that is none")
        return words
    if message.sticker:
        return message.sticker.emoji or ""
    return "" if message.effective_attachment else None


def _id(value: object) -> str:
    """Return an id as text.

    Raises:
        ValueError: it is none of Telegram's, which fit 64 bits. PTB does not look, and what
            is stored under such a name could not be found, or not even be stored.
    """
    text = str(value)
    if not _ID.fullmatch(text):
        raise ValueError("an id that is none")
    return text


def _words(*values: object) -> str:
    """Return names as somebody shows them, in a length that fits everywhere."""
    return " ".join(one for one in values if isinstance(one, str) and one)[:NAME_LIMIT]


def _is_out(member: ChatMember) -> bool:
    """Return whether the bot is out of the chat; ``liberal`` knows no other standing."""
    return member.status in _GONE


def _thread(message: Message) -> str:
    return _id(message.message_thread_id) if message.is_topic_message else ""
