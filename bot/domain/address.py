"""Who somebody is on a platform, and where a message goes."""

from dataclasses import dataclass

ANY_ACCOUNT = ""
"""Stands for the alliance's one bot or workspace on a platform until it is known.

A roster may be imported before the bot has ever run, so the bot's id is not known
yet; the first start of the adapter fills it in.
"""


@dataclass(frozen=True, slots=True)
class AccountRef:
    """A person's account on a platform.

    Attributes:
        platform: Name of the adapter, such as ``telegram``.
        account: Our side of it: the bot's id on Telegram, the team's id on Slack.
        user: The person's id there.
    """

    platform: str
    account: str
    user: str


@dataclass(frozen=True, slots=True)
class Address:
    """A place where a message can appear.

    A direct chat is named by its *person* on every platform: ``chat`` is then the
    same id as ``AccountRef.user``. An adapter whose platform has another id for the
    direct channel (Slack's ``D…``) translates at its edge. That makes one address of
    one conversation, whoever wrote first, and lets a forged press be seen.

    Attributes:
        platform: Name of the adapter.
        account: The bot's id or the team's id.
        chat: The person's id (direct) or the room's id.
        thread: A thread or topic inside the chat, or ``""``.
    """

    platform: str
    account: str
    chat: str
    thread: str = ""

    @property
    def conversation(self) -> str:
        """The key within which updates are handled strictly in order."""
        return "|".join((self.platform, self.account, self.chat, self.thread))


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message that stands in a chat; ``id`` is the platform's own, opaque to us."""

    address: Address
    id: str
