"""``convoke init``: a mistake in every answer, then the right one; and ``.env`` afterwards."""

import os
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.adapters.conformance import HandClock
from bot.adapters.slack.manifest import BOT_SCOPES
from bot.i18n import languages
from bot.settings import load_settings
from bot.setup import env_file
from bot.setup.interview import Interview
from bot.simulators.slack import SlackSimulator
from bot.simulators.telegram import TelegramSimulator


class Script:
    """Answers in order; running out of them is leaving."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.lines: list[str] = []
        self.hidden: list[str] = []

    def say(self, text: str = "") -> None:
        self.lines.append(text)

    def ask(self, question: str, default: str = "", *, secret: bool = False) -> str:
        if not self.answers:
            raise EOFError
        self.lines.append(f"{question} [{default}]")
        if secret:
            self.hidden.append(question)
        return self.answers.pop(0) or default

    @property
    def complaints(self) -> list[str]:
        return [line for line in self.lines if line.startswith("✗") or "is needed" in line]


@pytest.fixture
async def environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, str]]:
    for name in [name for name in os.environ if name.startswith("CONVOKE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    telegram, slack = TelegramSimulator(HandClock()), SlackSimulator()
    async with AsyncExitStack() as serving:
        await serving.enter_async_context(telegram.serving())
        await serving.enter_async_context(slack.serving())
        slack.grant(BOT_SCOPES)
        yield {**telegram.environment(), **slack.environment()}


def addresses(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.endswith("_API_URL")}


async def test_every_mistake_is_explained_and_asked_again(environment: dict[str, str]) -> None:
    token = environment["CONVOKE_TELEGRAM_TOKEN"]
    script = Script(
        "tlh",
        "en",
        "",
        "Alliance of Lighthouses",
        *[""] * (len(languages()) - 1),
        "Mars/Olympus",
        "Europe/Berlin",
        "fax",
        "telegram slack",
        "not a token",
        "111222333:" + "B" * 35,
        token,
        "xoxp-somebody",
        "xapp-1",
        environment["CONVOKE_SLACK_BOT_TOKEN"],
        environment["CONVOKE_SLACK_APP_TOKEN"],
        "sqlite:///nowhere/convoke.db",
        "",
        "nobody",
        "Ada@Example.org",
    )
    interview = Interview(script, {}, addresses(environment), lambda _: "https://slack.example/new")
    await interview.run()
    assert script.answers == []
    said = "\n".join(script.complaints)
    for words in (
        "Choose one of",
        "A name is needed",
        "no IANA time zone",
        "Choose of telegram, slack",
        "does not look like a bot's token",
        "@BotFather shows for this bot",
        "no bot token",
        "make the folder",
        "no e-mail address",
    ):
        assert words in said
    assert len(script.complaints) == 9
    assert "https://slack.example/new" in script.lines
    assert token not in said
    assert interview.admin == "ada@example.org"
    assert interview.values["CONVOKE_ADAPTERS"] == "telegram,slack"
    assert len(interview.values["CONVOKE_SECRET_KEY"]) >= 32
    assert set(script.hidden) == {"Token", "Bot token", "App-level token"}


async def test_what_is_set_already_is_offered_and_kept(environment: dict[str, str]) -> None:
    old = {
        "CONVOKE_DEFAULT_LANGUAGE": "zh",
        "CONVOKE_ALLIANCE_NAMES": '{"zh": "灯塔联盟"}',
        "CONVOKE_DEFAULT_ZONE": "Asia/Tokyo",
        "CONVOKE_ADAPTERS": "telegram",
        "CONVOKE_TELEGRAM_TOKEN": environment["CONVOKE_TELEGRAM_TOKEN"],
        "CONVOKE_SECRET_KEY": "k" * 40,
        "CONVOKE_TELEGRAM_RATE": "20",
        "CONVOKE_DATABASE_URL": "sqlite:///convoke.db",
    }
    enters = [""] * (1 + len(languages()) + 1 + 1 + 1 + 1)
    interview = Interview(Script(*enters, "a@example.org"), dict(old), addresses(environment))
    await interview.run()
    assert interview.values == old


async def test_a_platform_that_cannot_be_reached_offers_a_proxy() -> None:
    script = Script(
        "en",
        "Alliance",
        *[""] * (len(languages()) - 1),
        "",
        "telegram",
        "111222333:" + "B" * 35,
        "proxy.example",
        "socks5://127.0.0.1:9",
        "no",
        "",
        "a@example.org",
    )
    interview = Interview(script, {}, {"CONVOKE_TELEGRAM_API_URL": "http://127.0.0.1:9"})
    await interview.run()
    assert interview.values["CONVOKE_PROXY"] == "socks5://127.0.0.1:9"
    assert any("must begin with http://" in line for line in script.complaints)
    assert any("start that proxy" in line for line in script.complaints)


def test_the_file_keeps_what_it_has_and_is_nobody_elses(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    before = "# ours\nOTHER=1\nCONVOKE_HTTP_PORT=8081\nCONVOKE_ADAPTERS=slack\nCONVOKE_ADAPTERS=x\n"
    file.write_text(before)
    values = {
        "CONVOKE_ADAPTERS": "telegram",
        "CONVOKE_ALLIANCE_NAMES": '{"en": "L\'Alliance $HOME \\\\ #1", "zh": "灯塔联盟"}',
        "CONVOKE_SECRET_KEY": "a'b\\c\"d e",
    }
    kept = env_file.write(file, values)
    assert kept is not None
    assert kept.read_text() == before
    for one in (file, kept):
        assert stat.S_IMODE(one.stat().st_mode) == 0o600
    assert file.read_text().startswith("# ours\nOTHER=1\nCONVOKE_HTTP_PORT=8081\n")
    assert file.read_text().count("CONVOKE_ADAPTERS=") == 1
    assert env_file.read(file) == {**values, "CONVOKE_HTTP_PORT": "8081"}
    assert sorted(one.name for one in tmp_path.iterdir()) == [".env", ".env.bak"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(env_file.NotWritten, match="could not be written"):
        env_file.write(tmp_path / "nowhere" / ".env", {"CONVOKE_ADAPTERS": "slack"})


async def test_leaving_in_the_middle_writes_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(EOFError):
        await Interview(Script("en"), {}, environment).run()
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - nothing is asked of the loop


async def test_the_settings_can_be_read_afterwards(
    environment: dict[str, str], tmp_path: Path
) -> None:
    script = Script(
        "en",
        "Alliance of “Lighthouses”, l'Alliance",
        *[""] * (len(languages()) - 1),
        "",
        "telegram",
        environment["CONVOKE_TELEGRAM_TOKEN"],
        "",
        "a@example.org",
    )
    interview = Interview(script, {}, addresses(environment))
    await interview.run()
    env_file.write(tmp_path / ".env", interview.values)
    assert load_settings().alliance("en") == "Alliance of “Lighthouses”, l'Alliance"
    assert load_settings().adapter_names == ("telegram",)
