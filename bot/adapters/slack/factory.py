"""From the settings to the adapter."""

from bot.adapters.base import Adapter, KeyValue
from bot.adapters.slack.adapter import SlackAdapter
from bot.clock import Clock
from bot.settings import Settings, SettingsError


def make_adapter(settings: Settings, memory: KeyValue, clock: Clock) -> Adapter:
    """Return the adapter that ``settings`` describe.

    Raises:
        SettingsError: a token is missing or has the wrong form.
    """
    bot_token = settings.slack_bot_token.get_secret_value()
    app_token = settings.slack_app_token.get_secret_value()
    for variable, value in (
        ("CONVOKE_SLACK_BOT_TOKEN", bot_token),
        ("CONVOKE_SLACK_APP_TOKEN", app_token),
    ):
        if not value:
            raise SettingsError(
                f"{variable} is empty: copy it from the app's pages at Slack, "
                "or take slack out of CONVOKE_ADAPTERS"
            )
    return SlackAdapter(
        bot_token=bot_token,
        app_token=app_token,
        api_url=settings.slack_api_url,
        memory=memory,
        clock=clock,
    )
