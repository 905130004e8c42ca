"""What tests, the demo and the control interface do with the loopback Telegram."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.clock import Clock, SystemClock
from bot.simulators.base import SimulatedPerson
from bot.simulators.journal import Journal, SeenMessage
from bot.simulators.loopback import served
from bot.simulators.telegram.server import BotApi, Faults
from bot.simulators.telegram.world import Account, Query, World

BOT_ID = 7000000001


class TelegramSimulator:
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
        self.faults = Faults(rate=rate)
        self.world = World(int(self.token.partition(":")[0]), clock or SystemClock())
        self.journal: Journal = self.world.journal
        self._port = 0

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[None]:
        """Serve on 127.0.0.1; 0 takes a free port, and later the same one again."""
        api = BotApi(self.world, self.token, self.faults)
        async with served(api.app(), port or self._port) as self._port:
            yield

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
        self.world.groups[new_chat] = self.world.groups.pop(chat)
        self.world.moved[chat] = new_chat

    def say(self, user: str, text: str, chat: str = "", **extra: Any) -> None:
        """Let ``user`` type ``text``; ``extra`` are further fields of the Message object.

        Whoever writes to the bot has thereby started it.
        """
        where = chat or user
        if not chat and (account := self.world.accounts.get(user)):
            account.started = True
        message = SeenMessage(self.world.next_message_id(where), user, text)
        self.world.write(where, message)
        payload = self.world.message(where, message) | extra
        if text.startswith("/") and "entities" not in payload:
            command = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
            payload["entities"] = [command]
        self.world.post("message", payload)

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
            "old_chat_member": self._membership(old),
            "new_chat_member": self._membership(new),
        }
        self.world.post("my_chat_member", payload)

    def _membership(self, status: str) -> dict[str, Any]:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"user": self.world.bot(), "status": status} | until

    def deactivate(self, user: str) -> None:
        """Delete the account of ``user``."""
        self.world.accounts[user].deactivated = True

    def inject(self, kind: str, payload: dict[str, Any]) -> int:
        """Queue an update exactly as given, for what the methods above cannot say."""
        return self.world.post(kind, payload)

    def lose_answers(self, count: int, method: str = "") -> None:
        """Do the next ``count`` requests and drop the connection instead of answering."""
        self.faults.lost, self.faults.lost_method = count, method

    def answer_errors(self, count: int, status: int, retry_after: int | None = None) -> None:
        """Refuse the next ``count`` sends with ``status``, delivering nothing."""
        self.faults.errors, self.faults.status = count, status
        self.faults.retry_after = retry_after
