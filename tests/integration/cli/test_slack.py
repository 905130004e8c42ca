"""``convoke slack manifest``: it needs no database, and prints what Slack takes."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app

URL = "https://bot.example.org"


@pytest.fixture(autouse=True)
def _empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def convoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["slack", "manifest", *words])


def test_a_socket_needs_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVOKE_ALLIANCE_NAMES", '{"en": "the Lighthouse Alliance"}')
    printed = convoke()
    assert printed.exit_code == 0
    manifest = json.loads(printed.output)
    assert manifest["display_information"]["name"] == "Lighthouse Alliance"
    assert manifest["settings"]["socket_mode_enabled"]
    assert "request_url" not in printed.output
    assert "http" not in printed.output
    assert not list(Path.cwd().iterdir()), "nothing is made on the way"


def test_http_names_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVOKE_SLACK_MODE", "http")
    refused = convoke()
    assert refused.exit_code == 1
    assert "CONVOKE_PUBLIC_URL" in refused.stderr
    monkeypatch.setenv("CONVOKE_PUBLIC_URL", f"{URL}/")
    manifest = json.loads(convoke("--command", "frontier").output)
    settings = manifest["settings"]
    assert not settings["socket_mode_enabled"]
    assert settings["event_subscriptions"]["request_url"] == f"{URL}/slack/events"
    assert settings["interactivity"]["request_url"] == f"{URL}/slack/events"
    (slash,) = manifest["features"]["slash_commands"]
    assert (slash["command"], slash["url"]) == ("/frontier", f"{URL}/slack/events")


def test_one_paste_makes_the_app() -> None:
    link = urlsplit(convoke("--link").output.strip())
    assert (link.hostname, link.path) == ("api.slack.com", "/apps")
    asked = parse_qs(link.query)
    assert asked["new_app"] == ["1"]
    assert json.loads(asked["manifest_json"][0]) == json.loads(convoke().output)


def test_a_command_that_slack_would_refuse() -> None:
    assert convoke("--command", "/Frontier Forum").exit_code == 2
