"""From the settings to the adapter."""

from bot.adapters.base import Adapter, KeyValue
from bot.adapters.telegram.adapter import TelegramAdapter
from bot.clock import Clock
from bot.settings import Settings, SettingsError


def make_adapter(settings: Settings, memory: KeyValue, clock: Clock) -> Adapter:
    """Return the adapter that ``settings`` describe.

    Raises:
        SettingsError: a token is missing or has the wrong form.
    """
    token = settings.telegram_token.get_secret_value()
    if not token:
        raise SettingsError(
            "CONVOKE_TELEGRAM_TOKEN is empty: ask @BotFather for a token, "
            "or take telegram out of CONVOKE_ADAPTERS"
        )
    try:
        return TelegramAdapter(
            token=token,
            api_url=settings.telegram_api_url,
            memory=memory,
            clock=clock,
            rate=settings.telegram_rate,
            paid_broadcast=settings.telegram_paid_broadcast,
        )
    except ValueError as error:
        raise SettingsError(str(error)) from None
