"""Settings come from the environment, a .env file, and files that hold secrets."""

from pathlib import Path

import pytest

from bot.settings import SettingsError, load_settings

TOKEN = "123456:a-token-of-no-bot"


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where no .env lies, with no CONVOKE_ variable of the machine's."""
    import os

    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CONVOKE_")]:
        monkeypatch.delenv(name)


def test_a_secret_is_read_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("CONVOKE_TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
    assert load_settings().telegram_token.get_secret_value() == TOKEN


def test_a_secret_file_can_be_named_in_dotenv(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / ".env").write_text(f"CONVOKE_TELEGRAM_TOKEN_FILE={tmp_path / 'token'}\n")
    assert load_settings().secrets == (TOKEN,)


def test_a_secret_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVOKE_SLACK_APP_TOKEN_FILE", "nowhere")
    with pytest.raises(SettingsError, match="CONVOKE_SLACK_APP_TOKEN_FILE"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONVOKE_TELEGRAM_RATE", "fast"),
        ("CONVOKE_TELEGRAM_RATE", "0"),
        ("CONVOKE_TELEGRAM_API_URL", "ftp://somewhere"),
        ("CONVOKE_LOG_LEVEL", "LOUD"),
        ("CONVOKE_ALLIANCE_NAMES", "not json"),
        ("CONVOKE_PROXY", "ftp://member:hidden@proxy.example:1"),
        ("CONVOKE_PROXY", "socks5://member:hidden@proxy.example"),
        ("CONVOKE_PROXY", "socks5h://member:hidden@:1080"),
        ("CONVOKE_PROXY", "http://member:hidden@proxy.example:70000"),
    ],
)
def test_a_wrong_value_names_its_variable_and_keeps_it_secret(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_settings_never_show_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVOKE_TELEGRAM_TOKEN", TOKEN)
    assert TOKEN not in repr(load_settings())


def test_passwords_are_secrets_as_written_and_as_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVOKE_DATABASE_URL", "postgresql://u:data%40base@h/x")
    monkeypatch.setenv("CONVOKE_PROXY", "http://u:pro%2Fxy@h:1")
    assert {"data%40base", "data@base", "pro%2Fxy", "pro/xy"} <= set(load_settings().secrets)
