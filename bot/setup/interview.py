"""The questions of ``convoke init``, each answer checked before the next is asked.

An answer that cannot be used is explained and asked for again; what was answered before
stays. Values that are set already are offered. Nothing is written here: the caller gets
the whole set of variables, or nothing if the person leaves.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.i18n import languages
from bot.settings import Settings, SettingsError, settings_from
from bot.setup.database_check import check_database
from bot.setup.finding import Finding, Level
from bot.setup.network_check import check_proxy
from bot.setup.platform_check import check_platform

MESSENGERS = ("telegram", "slack")
LANGUAGE_NAMES = {"en": "English", "zh": "Chinese", "fr": "French", "de": "German"}
KEY_BYTES = 32


class Console(Protocol):
    """Where the questions are asked."""

    def say(self, text: str = "") -> None:
        """Show a line."""
        ...

    def ask(self, question: str, default: str = "", *, secret: bool = False) -> str:
        """Return what is typed, else ``default``; a secret is not echoed.

        Raises:
            EOFError, KeyboardInterrupt: the person leaves.
        """
        ...


@dataclass(slots=True)
class Interview:
    """One conversation at the prompt.

    Attributes:
        environment: Variables of the process that come before the file's, such as the
            address of a rehearsal's server.
        manifest: Returns the address at Slack that makes the app, for these settings.
    """

    console: Console
    values: dict[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    manifest: Callable[[Settings], str] = lambda _settings: ""
    admin: str = ""

    async def run(self) -> None:
        """Ask everything; afterwards ``values`` and ``admin`` hold the answers."""
        self._ask_language()
        self._ask_names()
        self._ask_zone()
        for name in self._ask_messengers():
            await (self._ask_telegram() if name == "telegram" else self._ask_slack())
        await self._ask_database()
        self._ask_admin()
        if not self._known("CONVOKE_SECRET_KEY"):
            self.values["CONVOKE_SECRET_KEY"] = secrets.token_urlsafe(KEY_BYTES)

    def settings(self) -> Settings:
        """Return what the answers so far stand for.

        Raises:
            SettingsError: something else in the file or the environment cannot be used.
        """
        return settings_from({**self.values, **self.environment})

    # -- the alliance -----------------------------------------------------------------

    def _ask_language(self) -> None:
        self.console.say("Members choose their language; this is for those who have not.")
        known = languages()
        self._ask_until(
            "CONVOKE_DEFAULT_LANGUAGE",
            f"Default language ({', '.join(known)})",
            default="en",
            wrong=lambda text: "" if text in known else f"Choose one of {', '.join(known)}.",
        )

    def _ask_names(self) -> None:
        self.console.say()
        self.console.say("What is your alliance called? Members read this name, and no other.")
        self.console.say(
            "Write it as it stands behind “the secretariat of”: the Alliance, der Allianz."
        )
        names = self._names()
        first = self.values["CONVOKE_DEFAULT_LANGUAGE"]
        for language in (first, *(one for one in languages() if one != first)):
            label = LANGUAGE_NAMES.get(language, language)
            hint = "" if language == first else " (empty: none)"
            while True:
                given = self.console.ask(f"Name in {label}{hint}", names.get(language, "")).strip()
                if given or language != first:
                    break
                self.console.say("A name is needed here: it stands in every first message.")
            if given:
                names[language] = given
        self.values["CONVOKE_ALLIANCE_NAMES"] = json.dumps(names, ensure_ascii=False)

    def _names(self) -> dict[str, str]:
        try:
            found = json.loads(self._known("CONVOKE_ALLIANCE_NAMES") or "{}")
        except ValueError:
            return {}
        return (
            {str(key): str(value) for key, value in found.items()}
            if isinstance(found, dict)
            else {}
        )

    def _ask_zone(self) -> None:
        self.console.say()
        self._ask_until(
            "CONVOKE_DEFAULT_ZONE",
            "Time zone of the secretariat, as Continent/City",
            default="Asia/Shanghai",
            wrong=lambda text: self._refusal(CONVOKE_DEFAULT_ZONE=text),
        )

    # -- the messengers ---------------------------------------------------------------

    def _ask_messengers(self) -> tuple[str, ...]:
        self.console.say()
        self._ask_until(
            "CONVOKE_ADAPTERS",
            "Messengers, with commas between",
            default="telegram,slack",
            wrong=_no_messengers,
        )
        names = _listed(self.values["CONVOKE_ADAPTERS"])
        self.values["CONVOKE_ADAPTERS"] = ",".join(names)
        return names

    async def _ask_telegram(self) -> None:
        self.console.say()
        self.console.say("Telegram: open a chat with @BotFather, send /newbot, and give the bot")
        self.console.say("a name and a username that ends in “bot”. It answers with a token,")
        self.console.say("such as 123456789:AAE…; paste it here.")
        await self._ask_platform("telegram", (("CONVOKE_TELEGRAM_TOKEN", "Token"),))

    async def _ask_slack(self) -> None:
        self.console.say()
        self.console.say("Slack: open this address, choose your workspace, press Create:")
        self.console.say(self.manifest(self.settings()))
        over_http = self.settings().slack_mode == "http"
        self.console.say("Then, on the app's pages:")
        self.console.say("- Install App, press Install, copy the Bot User OAuth Token (xoxb-…)")
        if over_http:
            self.console.say("- Basic Information, Signing Secret, press Show, copy it")
        else:
            self.console.say("- Basic Information, App-Level Tokens, Generate, add the scope")
            self.console.say("  connections:write, copy the token (xapp-…)")
        second = (
            ("CONVOKE_SLACK_SIGNING_SECRET", "Signing secret")
            if over_http
            else ("CONVOKE_SLACK_APP_TOKEN", "App-level token")
        )
        await self._ask_platform("slack", (("CONVOKE_SLACK_BOT_TOKEN", "Bot token"), second))

    async def _ask_platform(self, name: str, asked: Sequence[tuple[str, str]]) -> None:
        before = {variable: self._known(variable) for variable, _label in asked}
        while True:
            for variable, label in asked:
                known = before[variable]
                hint = " (empty: as it is)" if known else ""
                given = self.console.ask(f"{label}{hint}", secret=True).strip()
                self.values[variable] = given or known
            answer = await check_platform(self.settings(), name)
            if answer.level is not Level.WRONG:
                self.console.say(f"✓ {answer.text}")
                return
            self.console.say(f"✗ {answer.text}")
            if "CONVOKE_PROXY" in answer.text and await self._goes_on_unchecked():
                return

    async def _goes_on_unchecked(self) -> bool:
        """Offer a proxy where the platform cannot be reached; True leaves it unchecked."""
        question = "A proxy to go through (socks5://host:port or http://host:port; empty: none)"
        while True:
            given = self.console.ask(question, self._known("CONVOKE_PROXY")).strip()
            problem = self._refusal(CONVOKE_PROXY=given)
            if not problem:
                break
            self.console.say(f"✗ {problem}")
        self.values["CONVOKE_PROXY"] = given
        self._report(await check_proxy(self.settings()))
        again = self.console.ask("Try again? (yes, or no to go on without the check)", "yes")
        return again.strip().lower() in ("n", "no")

    # -- where it lives ---------------------------------------------------------------

    async def _ask_database(self) -> None:
        self.console.say()
        self.console.say("A file is enough for one process; several need PostgreSQL.")
        variable = "CONVOKE_DATABASE_URL"
        while True:
            known = self._known(variable) or "sqlite:///convoke.db"
            is_secret = "@" in known
            label = "Database (empty: as it is)" if is_secret else "Database"
            given = self.console.ask(label, "" if is_secret else known, secret=is_secret).strip()
            first = (await check_database(given or known))[0]
            self._report(first)
            if first.level is not Level.WRONG:
                self.values[variable] = given or known
                return

    def _ask_admin(self) -> None:
        self.console.say()
        self.console.say("Who decides? An admin is asked about whoever wants to join, and about")
        self.console.say("announcements that are late.")
        while True:
            given = self.console.ask("Your e-mail address").strip().lower()
            if "@" in given.strip("@") and " " not in given:
                self.admin = given
                return
            self.console.say("✗ That is no e-mail address, such as you@example.org.")

    # -- asking -----------------------------------------------------------------------

    def _known(self, variable: str) -> str:
        return self.values.get(variable) or ""

    def _ask_until(
        self, variable: str, question: str, *, default: str, wrong: Callable[[str], str]
    ) -> None:
        while True:
            given = self.console.ask(question, self._known(variable) or default).strip()
            problem = wrong(given)
            if not problem:
                self.values[variable] = given
                return
            self.console.say(f"✗ {problem}")

    def _refusal(self, **values: str) -> str:
        """Return why the values cannot be used, ``""`` if they can."""
        try:
            settings_from(values)
        except SettingsError as problem:
            return str(problem)
        return ""

    def _report(self, finding: Finding) -> None:
        mark = "✗" if finding.level is Level.WRONG else "✓"
        self.console.say(f"{mark} {finding.text}")


def _listed(text: str) -> tuple[str, ...]:
    names = (one.strip().lower() for one in text.replace(" ", ",").split(","))
    return tuple(dict.fromkeys(one for one in names if one))


def _no_messengers(text: str) -> str:
    unknown = _unknown(_listed(text))
    if unknown or not _listed(text):
        return f"Choose of {', '.join(MESSENGERS)}, one or both."
    return ""


def _unknown(names: Iterable[str]) -> list[str]:
    return [one for one in names if one not in MESSENGERS]
