"""``convoke slack manifest``: what Slack must be told of the bot, in one paste."""

import re
from typing import Annotated

import typer

from bot.cli.prompt import WRONG_USE, fail, say, settings_or_exit

app = typer.Typer(no_args_is_help=True, help="Setting the bot up at Slack.")

_SLASH = re.compile(r"[a-z0-9_-]{1,31}")


@app.callback()
def _group() -> None:
    """Keep the noun, though it has one verb."""


@app.command("manifest")
def manifest_command(
    link: Annotated[
        bool, typer.Option("--link", help="Print the address that makes the app at once.")
    ] = False,
    command: Annotated[
        str, typer.Option(help="The slash command that people type, without its slash.")
    ] = "alliance",
) -> None:
    """Print the app's manifest: name, scopes, events, addresses, for the mode in the settings."""
    from bot.adapters.slack import manifest

    settings = settings_or_exit()
    if not _SLASH.fullmatch(command):
        fail("--command: small letters, digits, - and _, at most 31, without a slash", WRONG_USE)
    over_http = settings.slack_mode == "http"
    if over_http and not settings.public_url.startswith("https://"):
        fail(
            "CONVOKE_PUBLIC_URL must be the https:// address under which Slack reaches this "
            "service, because CONVOKE_SLACK_MODE is http"
        )
    url = settings.public_url if over_http else ""
    found = manifest.manifest(settings.bare_alliance, command=command, public_url=url)
    say(manifest.link(found) if link else manifest.as_text(found))
