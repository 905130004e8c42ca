"""What tests, the demo and the control interface do with the loopback Telegram."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bot.clock import Clock, SystemClock
from bot.simulators.base import BareSimulator, SimulatedPerson
from bot.simulators.faults import Faults
from bot.simulators.flood import Meter
from bot.simulators.journal import Journal, SeenFile, SeenMessage
from bot.simulators.loopback import served
from bot.simulators.telegram.chat_limits import ChatLimits
from bot.simulators.telegram.hooks import Hooks
from bot.simulators.telegram.markup import units
from bot.simulators.telegram.methods import PREFIX
from bot.simulators.telegram.rooms import Rooms
from bot.simulators.telegram.server import SENDS, BotApi
from bot.simulators.telegram.world import BOT_USERNAME, Account, Query, World

BOT_ID = 7000000001
RATE = 30.0


class TelegramSimulator(BareSimulator):
    """A loopback Telegram with one bot; see :class:`~bot.simulators.base.Simulator`."""

    platform = "telegram"

    def __init__(
        self, clock: Clock | None = None, token: str = "", rate: float | None = None
    ) -> None:
        """Make an empty world.

        Args:
            clock: Its epoch dates messages and ages updates and queries.
            token: The bot's token; a random one by default.
            rate: Messages a second that are let through, None for any number.
        """
        self.token = token or f"{BOT_ID}:{secrets.token_urlsafe(26)}"
        clock = clock or SystemClock()
        self.faults = Faults(SENDS)
        self.meter = Meter(clock, "window" if rate else "", rate or RATE)
        self.chats = ChatLimits(clock)
        self.world = World(int(self.token.partition(":")[0]), clock)
        self.rooms = Rooms(self.world)
        self.journal: Journal = self.world.journal
        self._port = 0

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[None]:
        """Serve on 127.0.0.1; 0 takes a free port, and later the same one again."""
        api = BotApi(self.world, self.token, self.faults, self.meter, self.chats)
        async with served(api.app(), port or self._port) as self._port:
            delivering = asyncio.create_task(Hooks(self.world).run(), name="telegram hooks")
            try:
                yield
            finally:
                delivering.cancel()
                await asyncio.gather(delivering, return_exceptions=True)

    def environment(self) -> dict[str, str]:
        """Return the variables that point the adapter here; serve first."""
        return {
            "CONVOKE_TELEGRAM_TOKEN": self.token,
            "CONVOKE_TELEGRAM_API_URL": f"http://127.0.0.1:{self._port}",
        }

    def people(self) -> list[SimulatedPerson]:
        """Return everybody who has an account."""
        return [one.person for one in self.world.accounts.values()]

    def add_person(self, person: SimulatedPerson, started: bool = True) -> None:
        """Open an account; without ``started`` the bot may not write first."""
        self.world.accounts[person.user] = Account(person, started)

    def add_group(self, chat: str, title: str) -> None:
        """Open a group that the bot is a member of; ids of groups are negative."""
        self.world.groups[chat] = title

    def migrate_group(self, chat: str, new_chat: str) -> None:
        """Turn a group into a supergroup with another id."""
        self.rooms.upgrade(chat, new_chat)

    def create_room(self, title: str, members: Sequence[str] = ()) -> str:
        """Open a group without the bot and return its id."""
        return self.rooms.create(title, members)

    def add_bot(self, chat: str, by: str) -> None:
        """Let ``by`` put the bot into a group."""
        self.rooms.add_bot(chat, by)

    def remove_bot(self, chat: str, by: str) -> None:
        """Let ``by`` put the bot out of a group."""
        self.rooms.remove_bot(chat, by)

    def upgrade_room(self, chat: str) -> str:
        """Turn a group into a supergroup; return its new id."""
        return self.rooms.upgrade(chat)

    def say(self, user: str, text: str, chat: str | None = None, **extra: Any) -> None:
        """Let ``user`` type ``text``; ``extra`` are further fields of the Message object.

        Whoever writes to the bot has thereby started it.
        """
        where = chat or user
        if not chat and (account := self.world.accounts.get(user)):
            account.started = True
        text, entities = _with_mention(text)
        message = SeenMessage(self.world.next_message_id(where), user, text)
        self.world.write(where, message)
        payload = self.world.message(where, message)
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            entities.append({"type": "bot_command", "offset": 0, "length": length})
        payload |= {"entities": entities} if entities else {}
        self.world.post("message", payload | extra)

    def send_file(
        self, user: str, name: str, content: bytes, caption: str = "", kind: str = "document"
    ) -> None:
        """Let ``user`` send a file to the bot; with ``kind`` ``photo``, as a picture."""
        file_id = f"{PREFIX[kind]}{len(self.world.files):06}"
        seen = SeenFile(name, len(content))
        self.world.files[file_id], self.world.contents[file_id] = seen, content
        native = {"file_id": file_id, "file_kind": kind}
        number = self.world.next_message_id(user)
        message = SeenMessage(number, user, caption, files=(seen,), native=native)
        self.world.write(user, message)
        self.world.post("message", self.world.message(user, message))

    def answer(self, user: str, text: str, message_id: str, chat: str | None = None) -> None:
        """Let ``user`` reply to a message.

        Raises:
            KeyError: it does not stand in that chat.
        """
        message = self.journal.find(chat or user, message_id)
        if message is None:
            raise KeyError(message_id)
        replied = self.world.message(chat or user, message)
        self.say(user, text, chat, reply_to_message=replied)

    def press(self, user: str, message_id: str, data: str, chat: str | None = None) -> None:
        """Let ``user`` press a button, real or forged."""
        where = chat or user
        query = secrets.token_hex(8)
        self.world.queries[query] = Query(user, self.world.now())
        message = self.world.journal.find(where, message_id)
        shown = (
            self.world.message(where, message)
            if message and not message.deleted
            else {"message_id": int(message_id), "chat": self.world.chat(where), "date": 0}
        )
        payload = {
            "id": query,
            "from": self.world.user(user),
            "message": shown,
            "chat_instance": "1",
            "data": data,
        }
        self.world.post("callback_query", payload)

    def block(self, user: str, blocked: bool = True) -> None:
        """Let ``user`` block the bot, or take it back; the bot is told of either."""
        account = self.world.accounts[user]
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        account.blocked = blocked
        payload = {
            "chat": self.world.chat(user),
            "from": self.world.user(user),
            "date": int(self.world.now().timestamp()),
            "old_chat_member": self.world.membership(old),
            "new_chat_member": self.world.membership(new),
        }
        self.world.post("my_chat_member", payload)

    def vanish(self, user: str) -> None:
        """Delete the account of ``user``; the bot is not told."""
        self.world.accounts[user].deactivated = True

    def inject(self, kind: str, payload: dict[str, Any]) -> int:
        """Queue an update exactly as given, for what the methods above cannot say."""
        return self.world.post(kind, payload)

    def redeliver(self, count: int = 1) -> None:
        """Give the last ``count`` updates once more, though they were acknowledged."""
        self.world.repeat(count)

    def fault(
        self,
        kind: str,
        count: int = 1,
        *,
        method: str = "",
        status: int = 500,
        retry_after: int | None = None,
    ) -> None:
        """Let the next ``count`` calls of ``method`` go wrong; by default those that send."""
        self.faults.stage(kind, count, method=method, status=status, retry_after=retry_after)

    def flood(self, mode: str) -> None:
        """Limit how many messages a second are taken; ``""`` ends that."""
        self.meter.set(mode)

    def limit_chats(self, on: bool = True) -> None:
        """Take a message a second in each chat and 20 a minute in a group, or any number."""
        self.chats.on = on

    def lose_answers(self, count: int, method: str = "") -> None:
        """Do the next ``count`` requests and drop the connection instead of answering."""
        self.fault("lost", count, method=method)

    def answer_errors(self, count: int, status: int, retry_after: int | None = None) -> None:
        """Refuse the next ``count`` sends with ``status``, delivering nothing."""
        self.fault("error", count, status=status, retry_after=retry_after)


def _with_mention(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Return ``text`` with the bot's name for ``<@bot>``, and the entities of its mentions."""
    shown, entities = "", []
    for number, piece in enumerate(text.split("<@bot>")):
        if number:
            name = f"@{BOT_USERNAME}"
            entities.append({"type": "mention", "offset": units(shown), "length": len(name)})
            shown += name
        shown += piece
    return shown, entities
