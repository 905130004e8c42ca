"""From the settings to the adapter."""

from bot.adapters.base import Adapter, KeyValue
from bot.adapters.telegram.adapter import TelegramAdapter, Webhook
from bot.adapters.telegram.webhook import PATH, webhook_secret
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
            proxy=settings.proxy.get_secret_value(),
            webhook=_webhook(settings, token.partition(":")[0]),
        )
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _webhook(settings: Settings, account: str) -> Webhook | None:
    if settings.telegram_mode == "polling":
        return None
    secret = webhook_secret(
        settings.telegram_webhook_secret.get_secret_value(),
        settings.secret_key.get_secret_value(),
        account,
    )
    return Webhook(f"{settings.public_url}{PATH}" if settings.public_url else "", secret)
