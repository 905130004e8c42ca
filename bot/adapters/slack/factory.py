"""From the settings to the adapter."""

from bot.adapters.base import Adapter, KeyValue
from bot.adapters.slack.adapter import Access, SlackAdapter
from bot.adapters.slack.advice import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from bot.clock import Clock
from bot.settings import Settings, SettingsError


def make_adapter(settings: Settings, memory: KeyValue, clock: Clock) -> Adapter:
    """Return the adapter that ``settings`` describe.

    Over HTTP the signing secret is needed and no app-level token; in Socket Mode the other
    way round. What is not needed may be set all the same.

    Raises:
        SettingsError: a token or a secret is missing.
    """
    bot_token = settings.slack_bot_token.get_secret_value()
    app_token = settings.slack_app_token.get_secret_value()
    secret = settings.slack_signing_secret.get_secret_value()
    over_http = settings.slack_mode == "http"
    needed = (
        (BOT_TOKEN, bot_token),
        (SIGNING_SECRET, secret)
        if over_http
        else (
            APP_TOKEN,
            app_token,
        ),
    )
    for variable, value in needed:
        if not value:
            raise SettingsError(
                f"{variable} is empty: copy it from the app's pages at Slack "
                f"(CONVOKE_SLACK_MODE is {settings.slack_mode}), "
                "or take slack out of CONVOKE_ADAPTERS"
            )
    access = Access(bot_token, signing_secret=secret) if over_http else Access(bot_token, app_token)
    return SlackAdapter(
        access=access,
        api_url=settings.slack_api_url,
        memory=memory,
        clock=clock,
        proxy=settings.proxy.get_secret_value(),
    )
