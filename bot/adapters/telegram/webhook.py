"""Receiving by webhook: 200 only when the inbox has the update, else Telegram sends it again.

The route works in every process. Telegram shows a secret with each request; whoever does
not is refused before a byte of the body is looked at.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

from telegram import Bot, Update, WebhookInfo
from telegram.error import BadRequest, TelegramError

from bot.adapters.http import HttpRequest, HttpResponse, HttpRoute
from bot.adapters.telegram.advice import advice
from bot.adapters.telegram.intake import Intake
from bot.adapters.telegram.liberal import readable
from bot.adapters.telegram.outcomes import detail_of
from bot.adapters.telegram.updates import ALLOWED
from bot.clock import Clock
from bot.logs import hide, redact

log = logging.getLogger(__name__)

PATH = "/telegram/webhook"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
LOOK_SECONDS = 300.0
"""How often it is looked whether Telegram still has our address."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
CONNECTIONS = 40
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def webhook_secret(given: str, key: str, account: str) -> str:
    """Return the secret that Telegram shows us: as given, else made from ``key``.

    Raises:
        ValueError: it has characters that Telegram does not take, or there is neither.
    """
    if given:
        if not _SECRET.fullmatch(given):
            raise ValueError(
                "CONVOKE_TELEGRAM_WEBHOOK_SECRET may hold letters, digits, - and _ only, "
                "at most 256 of them"
            )
        return given
    if not key:
        raise ValueError(
            "a webhook needs a secret: set CONVOKE_SECRET_KEY, "
            "or CONVOKE_TELEGRAM_WEBHOOK_SECRET alone"
        )
    label = f"telegram webhook {account}".encode()
    made = hmac.new(key.encode(), label, hashlib.sha256).hexdigest()
    hide(made)  # it is in no setting, so nobody else can tell the logs
    return made


class WebhookEndpoint:
    """The route that Telegram posts to."""

    def __init__(self, secret: str, intake: Intake) -> None:
        """Believe whoever shows ``secret``."""
        self._secret = secret.encode()
        self._intake = intake

    def routes(self) -> tuple[HttpRoute, ...]:
        """Return the one route."""
        return (HttpRoute("POST", PATH, self.handle),)

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Take one update; 403 forged, 400 no update, 503 not stored, 200 stored or not ours."""
        shown = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(shown, self._secret):
            return HttpResponse(403, b"forbidden")
        body = _parsed(request.body)
        if body is None:
            return HttpResponse(400, b"this is no update")
        try:
            update = Update.de_json(readable(body), None)
            await self._intake.take(update)
        except Exception as error:  # whatever it is, Telegram shall send it again
            log.error("telegram: an update could not be stored; it comes again", exc_info=error)
            return HttpResponse(503, b"try again")
        return HttpResponse(200)


class WebhookKeeper:
    """Tells Telegram where we are, and looks now and then whether it still knows."""

    def __init__(self, bot: Bot, url: str, secret: str, clock: Clock) -> None:
        """Keep the webhook at ``url``; with ``""`` somebody else sets it."""
        self._bot = bot
        self._url = url
        self._secret = secret
        self._clock = clock
        self._trouble = ""

    async def run(self) -> None:
        """Keep it until cancelled; trouble is logged once and waited out."""
        if not self._url:
            log.warning(
                "telegram: CONVOKE_PUBLIC_URL is empty, so Telegram is not told our address; "
                "set it, or set the webhook yourself"
            )
            await asyncio.Event().wait()
        pause = FIRST_PAUSE
        told = False
        while True:
            try:
                told = await self._keep(told)
            except Exception as error:  # keeping never ends by itself
                self._complain(_what_to_do(error))
                await self._clock.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                pause, self._trouble = FIRST_PAUSE, ""
                await self._clock.sleep(LOOK_SECONDS)

    async def _keep(self, told: bool) -> bool:
        """Set the webhook at a start, for its secret may have changed, and when it is gone."""
        if told and (await self._bot.get_webhook_info()).url == self._url:
            return True
        await self._bot.set_webhook(
            self._url,
            allowed_updates=ALLOWED,
            secret_token=self._secret,
            max_connections=CONNECTIONS,
            drop_pending_updates=False,
        )
        log.info("telegram: the webhook is set")
        return True

    def _complain(self, problem: str) -> None:
        level = logging.DEBUG if problem == self._trouble else logging.WARNING
        log.log(level, "telegram: the webhook could not be set: %s", problem)
        self._trouble = problem


def _what_to_do(error: Exception) -> str:
    """Return why the webhook could not be kept, and what to do, in one line without secrets."""
    if isinstance(error, BadRequest):
        return (
            f"Telegram does not take the address ({detail_of(error)}); CONVOKE_PUBLIC_URL must "
            "be https and open to the internet, on port 443, 80, 88 or 8443"
        )
    return advice(error)


async def webhook_problems(bot: Bot, url: str | None) -> list[str]:
    """Return what is wrong with the webhook that Telegram has, a line each.

    Args:
        url: Where it should be; ``""`` where somebody else sets it, None while polling,
            when there should be none.
    """
    try:
        info = await bot.get_webhook_info()
    except TelegramError as error:
        # Whoever polls will see; only by webhook nothing else would tell.
        unknown = f"Telegram does not say whether the webhook is set ({detail_of(error)})"
        return [] if url is None else [unknown]
    if url is None:
        return ["a webhook is set, though we poll; `convoke run` removes it"] if info.url else []
    return [*_misplaced(info, url), *_unheard(info)]


def _misplaced(info: WebhookInfo, url: str) -> Iterator[str]:
    if not info.url:
        how = "`convoke run` sets it" if url else "set CONVOKE_PUBLIC_URL, or set it yourself"
        yield f"no webhook is set yet; {how}"
    elif url and info.url != url:
        yield "the webhook is set to another address; `convoke run` sets it right"


def _unheard(info: WebhookInfo) -> Iterator[str]:
    if info.url and info.allowed_updates and not set(ALLOWED) <= set(info.allowed_updates):
        missing = ", ".join(sorted(set(ALLOWED) - set(info.allowed_updates)))
        yield f"the webhook is set without {missing}: those never reach us"
    if info.last_error_message and info.pending_update_count:
        said = redact(" ".join(info.last_error_message.split()))
        yield (
            f"{info.pending_update_count} updates wait: Telegram says “{said}” of our webhook; "
            "check CONVOKE_PUBLIC_URL and what stands in front of the service"
        )


def _parsed(body: bytes) -> dict[str, Any] | None:
    """Return an update as JSON, or None; nothing that a body holds may raise."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    number = found.get("update_id")
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return found if 0 <= number < 2**63 else None
