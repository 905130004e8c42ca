"""The demo's settings come from nowhere but the demo."""

from pathlib import Path

import pytest

from bot.demo.stage import environment_of


def test_no_setting_of_the_user_interferes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVOKE_TELEGRAM_TOKEN", "1:real")
    monkeypatch.setenv("convoke_adapters", "none")
    monkeypatch.setenv("HOME", str(tmp_path))
    found = environment_of(tmp_path)
    assert "CONVOKE_TELEGRAM_TOKEN" not in found
    assert "convoke_adapters" not in found
    assert found["HOME"] == str(tmp_path)
    assert found["CONVOKE_DATABASE_URL"].startswith(f"sqlite:///{tmp_path}")
