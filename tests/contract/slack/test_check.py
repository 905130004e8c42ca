"""What ``check`` says: one line, which setting, and what to do; and what the settings need."""

from collections.abc import Sequence

import pytest

from bot.adapters.conformance import HandClock
from bot.adapters.slack import Access, SlackAdapter, make_adapter
from bot.adapters.slack.manifest import BOT_SCOPES
from bot.settings import Settings, SettingsError
from tests.contract.slack.conftest import SECRETS, SIGNING_SECRET, Memory, SlackHarness


async def problem(harness: SlackHarness, access: Access) -> tuple[bool, str]:
    adapter = SlackAdapter(
        access=access,
        api_url=harness.simulator.environment()["CONVOKE_SLACK_API_URL"],
        memory=Memory(),
        clock=harness.clock,
    )
    health = await adapter.check()
    assert "\n" not in health.problem
    assert not any(
        one in health.problem for one in (access.bot_token, access.app_token) if len(one) > 8
    )
    return health.ok, health.problem


async def test_all_is_well(harness: SlackHarness) -> None:
    harness.simulator.grant(BOT_SCOPES)
    assert await problem(harness, Access(*SECRETS)) == (True, "")
    assert await problem(harness, Access(SECRETS[0], signing_secret=SIGNING_SECRET)) == (True, "")


WRONG: tuple[tuple[Access, str], ...] = (
    (Access("xoxb-unknown", SECRETS[1]), "CONVOKE_SLACK_BOT_TOKEN is not accepted"),
    (Access(SECRETS[0], "xapp-unknown"), "CONVOKE_SLACK_APP_TOKEN is not accepted"),
    (Access(SECRETS[1], SECRETS[0]), "CONVOKE_SLACK_BOT_TOKEN is no bot token"),
    (Access("xoxp-of-a-person", SECRETS[1]), "CONVOKE_SLACK_BOT_TOKEN is no bot token"),
    (Access(SECRETS[0], "xoxb-again"), "CONVOKE_SLACK_APP_TOKEN is no app-level token"),
    (Access(SECRETS[0], signing_secret=SECRETS[1]), "CONVOKE_SLACK_SIGNING_SECRET is a token"),
)


@pytest.mark.parametrize(("access", "said"), WRONG)
async def test_a_wrong_secret_is_named(harness: SlackHarness, access: Access, said: str) -> None:
    ok, line = await problem(harness, access)
    assert not ok
    assert said in line


@pytest.mark.parametrize(
    ("missing", "ok"),
    [(["im:write"], False), (["chat:write", "files:write"], False), (["files:write"], True)],
)
async def test_missing_scopes_are_listed(
    harness: SlackHarness, missing: Sequence[str], ok: bool
) -> None:
    """Without some of them nobody is answered; without the others single things do not work."""
    harness.simulator.grant([one for one in BOT_SCOPES if one not in missing])
    found, line = await problem(harness, Access(*SECRETS))
    assert found is ok
    assert ", ".join(missing) in line
    assert "convoke slack manifest" in line


NEEDED: dict[str, tuple[dict[str, str], str]] = {
    "no bot token": ({"slack_app_token": "xapp-1"}, "CONVOKE_SLACK_BOT_TOKEN"),
    "socket without app token": ({"slack_bot_token": "xoxb-1"}, "CONVOKE_SLACK_APP_TOKEN"),
    "http without secret": (
        {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", "slack_mode": "http"},
        "CONVOKE_SLACK_SIGNING_SECRET",
    ),
}


@pytest.mark.parametrize("case", NEEDED)
def test_what_a_mode_needs(case: str) -> None:
    given, named = NEEDED[case]
    with pytest.raises(SettingsError, match=named):
        make_adapter(Settings(**given), Memory(), HandClock())  # type: ignore[arg-type]  # text, as the environment has it


def test_over_http_no_app_token_is_needed() -> None:
    given = {"slack_bot_token": "xoxb-1", "slack_signing_secret": "s", "slack_mode": "http"}
    adapter = make_adapter(Settings(**given), Memory(), HandClock())  # type: ignore[arg-type]  # text, as the environment has it
    assert isinstance(adapter, SlackAdapter)
    assert len(adapter.http_routes(None)) == 1  # type: ignore[arg-type]  # nothing is asked of it
