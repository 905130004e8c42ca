"""A loopback Bot API server with Telegram's limits, error texts and long polling.

What it enforces comes from the Bot API's documentation and from the source of its
server (tdlib): sizes, entity parsing, update retention, the life of a callback query.
"""

from bot.simulators.telegram.simulator import TelegramSimulator

__all__ = ["TelegramSimulator"]
