"""Telegram: the Bot API, by long polling or by webhook.

``update → updates → sink → acknowledgement`` on the way in; ``Message → render → send → outcomes``
on the way out. python-telegram-bot (PTB) knows the API's objects and errors; the HTTP
below it is ours (:mod:`.request`), because its own confuses "never sent" with "no answer".
"""

import os

# PTB's documented opt-in: without it, every RetryAfter it raises is a deprecation warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")

from bot.adapters.telegram.adapter import TelegramAdapter  # after the opt-in
from bot.adapters.telegram.factory import make_adapter

__all__ = ["TelegramAdapter", "make_adapter"]
