"""What is wrong with Telegram, and what to do about it."""

from telegram.error import Conflict, InvalidToken, RetryAfter

from bot.adapters.proxies import SETTING
from bot.adapters.telegram.outcomes import detail_of
from bot.adapters.telegram.request import ProxyFailedError


def advice(error: Exception) -> str:
    """Return what is wrong and what to do about it, in one line without secrets."""
    detail = detail_of(error)
    match error:
        case InvalidToken():
            return (
                f"Telegram refuses the token ({detail}); "
                "set CONVOKE_TELEGRAM_TOKEN to the one @BotFather shows for this bot"
            )
        case Conflict():
            return (
                f"another program receives with the same token ({detail}); "
                "stop it: only one can at a time"
            )
        case RetryAfter():
            return "Telegram asks us to wait (flood control)"
        case ProxyFailedError():
            return f"the proxy of {SETTING} does not let us through ({detail}); check it"
        case _:
            return (
                f"Telegram cannot be reached ({detail}); "
                f"check the network, {SETTING} and CONVOKE_TELEGRAM_API_URL"
            )
