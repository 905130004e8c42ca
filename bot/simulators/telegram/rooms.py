"""Groups of the loopback Telegram: who is in them, and where they live."""

from collections.abc import Sequence
from typing import Any

from bot.simulators.telegram.world import World

FIRST_GROUP, FIRST_SUPERGROUP = -4000000001, -1002000000001
"""Ids of basic groups are negative; those of supergroups begin with -100."""


class Rooms:
    """What people do with groups; each change is told to the bot as Telegram tells it."""

    def __init__(self, world: World) -> None:
        """Keep groups in ``world``."""
        self._world = world
        self._opened = 0

    def create(self, title: str, members: Sequence[str] = ()) -> str:
        """Open a basic group without the bot and return its id."""
        chat = str(FIRST_GROUP - self._opened)
        self._opened += 1
        self._world.groups[chat] = title
        self._world.outside.add(chat)
        self._world.members[chat] = set(members)
        return chat

    def add_bot(self, chat: str, by: str, status: str = "member") -> None:
        """Let ``by`` put the bot in, or make it an administrator."""
        old = "left" if chat in self._world.outside else "member"
        self._world.outside.discard(chat)
        self._tell(chat, by, old, status)
        if old == "left":
            bot = self._world.bot()
            self._service(chat, by, {"new_chat_members": [bot], "new_chat_member": bot})

    def remove_bot(self, chat: str, by: str) -> None:
        """Let ``by`` put the bot out."""
        self._world.outside.add(chat)
        self._tell(chat, by, "member", "kicked")

    def rename(self, chat: str, title: str, by: str) -> None:
        """Give the group another title."""
        self._world.groups[chat] = title
        self._service(chat, by, {"new_chat_title": title})

    def upgrade(self, chat: str, new_chat: str = "") -> str:
        """Turn a group into a supergroup, which has another id; return it."""
        world = self._world
        new_chat = new_chat or str(FIRST_SUPERGROUP - len(world.moved))
        world.groups[new_chat] = world.groups[chat]
        world.members[new_chat] = world.members.get(chat, set())
        world.moved[chat] = new_chat
        somebody = next(iter(world.accounts), "1")
        self._service(chat, somebody, {"migrate_to_chat_id": int(new_chat)})
        self._service(new_chat, somebody, {"migrate_from_chat_id": int(chat)})
        del world.groups[chat]
        return new_chat

    def _tell(self, chat: str, by: str, old: str, new: str) -> None:
        world = self._world
        payload = {
            "chat": world.chat(chat),
            "from": world.user(by),
            "date": int(world.now().timestamp()),
            "old_chat_member": world.membership(old),
            "new_chat_member": world.membership(new),
        }
        world.post("my_chat_member", payload)

    def _service(self, chat: str, by: str, what: dict[str, Any]) -> None:
        world = self._world
        message = {
            "message_id": int(world.next_message_id(chat)),
            "from": world.user(by),
            "chat": world.chat(chat),
            "date": int(world.now().timestamp()),
        }
        world.post("message", message | what)
