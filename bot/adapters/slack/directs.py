"""Whose direct chat is which channel: people outside, Slack's ``D…`` ids at the edge."""

import re

from bot.adapters.base import KeyValue

OPENED = "slack.direct."
"""How the keys begin under which opened chats stand: the account and the person follow."""
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,}")


def is_channel(chat: str) -> bool:
    """Return whether ``chat`` is the id of a channel; everything else names a person."""
    return _CHANNEL.fullmatch(chat) is not None


def is_direct_channel(channel: str) -> bool:
    """Return whether ``channel`` is a direct chat's own id."""
    return channel.startswith("D")


class Directs:
    """Remembers both ways, for good in ``memory`` and at hand in the process."""

    def __init__(self, memory: KeyValue) -> None:
        """Keep pairs of one account after the other in ``memory``."""
        self._memory = memory
        self._channels: dict[tuple[str, str], str] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._recalled: set[str] = set()

    async def channel_of(self, account: str, chat: str) -> str | None:
        """Return the channel to post to for ``chat``; None where it was never opened."""
        if is_channel(chat):
            return chat
        key = account, chat
        if key not in self._channels and account not in self._recalled:
            await self._recall(account)
        if key not in self._channels:  # another process may have opened it since
            stored = await self._memory.get(f"{OPENED}{account}.{chat}")
            if stored is None:
                return None
            self._channels[key] = stored
        return self._channels[key]

    async def _recall(self, account: str) -> None:
        """Take up all channels at once: one by one they would slow an announcement down."""
        begin = f"{OPENED}{account}."
        for key, channel in (await self._memory.all(begin)).items():
            self._channels.setdefault((account, key.removeprefix(begin)), channel)
        self._recalled.add(account)

    async def owner_of(self, account: str, channel: str) -> str | None:
        """Return the person whose direct chat ``channel`` is; None while unknown."""
        key = account, channel
        if key not in self._owners:
            stored = await self._memory.get(f"slack.owner.{account}.{channel}")
            if stored is None:
                return None
            self._owners[key] = stored
        return self._owners[key]

    async def remember(self, account: str, user: str, channel: str) -> None:
        """Keep that ``channel`` is the direct chat of ``user``; only trusted sources say so."""
        if self._channels.get((account, user)) == channel:
            return
        await self._memory.set(f"{OPENED}{account}.{user}", channel)
        await self._memory.set(f"slack.owner.{account}.{channel}", user)
        self._channels[account, user] = channel
        self._owners[account, channel] = user

    def post_by_person(self, account: str, user: str) -> None:
        """Post to ``user``'s own id in this process: for servers that cannot open chats."""
        self._channels[account, user] = user
