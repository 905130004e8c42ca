"""What Telegram's server knows: people, chats, pending updates, open callback queries."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.simulators.base import SimulatedPerson
from bot.simulators.journal import BOT, Journal, SeenFile, SeenMessage

UPDATE_LIFE = timedelta(hours=24)
"""How long an update waits to be fetched (Bot API, "Getting updates")."""
QUERY_LIFE = timedelta(seconds=150)
"""How long a callback query can be answered (FACTS, "Receiving")."""
BOT_NAME = "Convoke Simulator"
BOT_USERNAME = "convoke_simulator_bot"


@dataclass(slots=True)
class Account:
    """A person's account as Telegram sees it."""

    person: SimulatedPerson
    started: bool = True
    blocked: bool = False
    deactivated: bool = False


@dataclass(slots=True)
class Query:
    """A callback query that the bot has not answered yet."""

    user: str
    at: datetime


_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


@dataclass(slots=True)
class World:
    """The state behind the Bot API; it outlives any server in front of it."""

    bot_id: int
    clock: Clock
    journal: Journal = field(default_factory=Journal)
    accounts: dict[str, Account] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    files: dict[str, SeenFile] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    updates: deque[tuple[datetime, dict[str, Any]]] = field(default_factory=deque)
    sent_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    webhook: str = ""
    hook_secret: str = ""
    hook_connections: int = 40
    hook_error: str = ""
    hook_error_at: datetime | None = None
    outside: set[str] = field(default_factory=set)
    members: dict[str, set[str]] = field(default_factory=dict)
    again: list[dict[str, Any]] = field(default_factory=list)
    past: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=100))
    given: set[int] = field(default_factory=set)
    owed: set[int] = field(default_factory=set)
    allowed: tuple[str, ...] = ()
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _last_update: int = 1000
    _last_message: dict[str, int] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the platform's own time: a rehearsal that moves our calendar moves not this."""
        return datetime.fromtimestamp(self.clock.epoch(), UTC)

    def next_message_id(self, chat: str) -> str:
        """Return an id that is unique in ``chat``, growing by one."""
        self._last_message[chat] = self._last_message.get(chat, 0) + 1
        return str(self._last_message[chat])

    def post(self, kind: str, payload: dict[str, Any]) -> int:
        """Queue an update of ``kind`` unless the bot did not ask for it; return its id."""
        self._last_update += 1
        if not self.allowed or kind in self.allowed:
            update = {"update_id": self._last_update, kind: payload}
            self.updates.append((self.now(), update))
            self.past.append(update)
            self.news.set()
        return self._last_update

    def pending(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Forget what is confirmed or too old and return what waits, oldest first.

        An update is confirmed by asking for a higher offset; a negative offset counts
        from the end and forgets the rest.
        """
        if offset < 0:
            offset = self.updates[offset][1]["update_id"] if len(self.updates) >= -offset else 0
        while self.updates and self.updates[0][1]["update_id"] < offset:
            self._confirmed(self.updates.popleft()[1])
        self._forget_old()
        again, self.again = self.again, []
        found = (again + [update for _, update in list(self.updates)[:limit]])[:limit]
        self.given.update(update["update_id"] for update in found)
        return found

    def waiting(self) -> list[dict[str, Any]]:
        """Return what waits for the webhook, oldest first."""
        self._forget_old()
        return self.again + [update for _, update in self.updates]

    def _forget_old(self) -> None:
        oldest = self.now() - UPDATE_LIFE
        while self.updates and self.updates[0][0] < oldest:
            self.updates.popleft()

    def taken(self, update: dict[str, Any]) -> None:
        """Forget an update that the webhook has taken."""
        for number, waiting in enumerate(self.again):
            if waiting is update:
                del self.again[number]
                return
        for number, (_, waiting) in enumerate(self.updates):
            if waiting is update:
                del self.updates[number]
                self._confirmed(update)
                return

    def _confirmed(self, update: dict[str, Any]) -> None:
        """Note that the bot has taken ``update``; a repetition that is owed follows now."""
        self.given.discard(update["update_id"])
        if update["update_id"] in self.owed:
            self.owed.remove(update["update_id"])
            self.again.append(update)

    def repeat(self, count: int) -> None:
        """Give those of the last ``count`` updates that were taken once more; none overtakes.

        One that was given, and whose acknowledgement is still on its way, follows upon that.
        """
        waiting = {update["update_id"] for _, update in self.updates}
        for update in list(self.past)[-count:]:
            if update["update_id"] not in waiting:
                self.again.append(update)
            elif update["update_id"] in self.given:
                self.owed.add(update["update_id"])
        self.news.set()

    def write(self, chat: str, message: SeenMessage) -> None:
        """Put ``message`` into ``chat``."""
        message.at = self.clock.monotonic()
        self.sent_at[chat, message.id] = self.now()
        self.journal.add(chat, message)

    def user(self, user: str) -> dict[str, Any]:
        """Return the User object of a person; somebody unknown is a stranger."""
        account = self.accounts.get(user)
        person = account.person if account else SimulatedPerson(user, "Stranger")
        return {
            "id": int(user),
            "is_bot": False,
            "first_name": person.name,
            "language_code": person.language,
        }

    def bot(self) -> dict[str, Any]:
        """Return the bot's own User object."""
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": BOT_NAME,
            "username": BOT_USERNAME,
        }

    def membership(self, status: str) -> dict[str, Any]:
        """Return the ChatMember object of the bot with ``status``."""
        extra: dict[str, Any] = {"until_date": 0} if status == "kicked" else {}
        if status == "administrator":
            extra = dict.fromkeys(_RIGHTS, True)
        return {"user": self.bot(), "status": status} | extra

    def chat(self, chat: str) -> dict[str, Any]:
        """Return the Chat object of a person's own chat or of a group."""
        if chat in self.groups:
            kind = "supergroup" if chat.startswith("-100") else "group"
            return {"id": int(chat), "type": kind, "title": self.groups[chat]}
        name = self.user(chat)["first_name"]
        return {"id": int(chat), "type": "private", "first_name": name}

    def message(self, chat: str, message: SeenMessage) -> dict[str, Any]:
        """Return the Message object of what stands in ``chat``."""
        author = self.bot() if message.author == BOT else self.user(message.author)
        sent = self.sent_at[chat, message.id]
        found: dict[str, Any] = {
            "message_id": int(message.id),
            "from": author,
            "chat": self.chat(chat),
            "date": int(sent.timestamp()),
        }
        entities = message.native.get("entities")
        if message.files:
            kind = message.native.get("file_kind", "document")
            found[kind] = _document(message) if kind == "document" else [_photo(message)]
            found |= {"caption": message.text} if message.text else {}
            found |= {"caption_entities": entities} if entities else {}
        else:
            found["text"] = message.text
            found |= {"entities": entities} if entities else {}
        if message.native.get("reply_markup"):
            found["reply_markup"] = message.native["reply_markup"]
        if message.history:
            found["edit_date"] = int(self.now().timestamp())
        return found


def _photo(message: SeenMessage) -> dict[str, Any]:
    """Return the one PhotoSize of a picture."""
    size = message.files[0].size
    of_file = _document(message) | {"width": 640, "height": 480, "file_size": size}
    del of_file["file_name"]
    return of_file


def _document(message: SeenMessage) -> dict[str, Any]:
    """Return the Document object of the first file; its id is good for sending it again."""
    file = message.files[0]
    return {
        "file_id": message.native["file_id"],
        "file_unique_id": message.native["file_id"][-12:],
        "file_name": file.name,
        "file_size": file.size,
    }
