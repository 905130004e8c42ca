"""Slack over HTTP: one address for events, interactivity and slash commands.

Anybody can post here, so nothing is read before the signature is found to be right:
``v0=HMAC-SHA256(signing secret, "v0:<timestamp>:<body>")``, of a timestamp no further
than 300 s from now on either side (slack_sdk's ``SignatureVerifier``). A request that is
replayed within that time is the same update again, and the inbox refuses a second row.

=====  =====================================================================
200    stored, or nothing of ours; the body says what is wrong with a form
400    signed, but not what Slack sends: asking again would change nothing
401    not signed by Slack, too old, or from the future
503    could not be stored: Slack sends it again, at once, after 1 and 5 minutes
=====  =====================================================================

Retries carry ``x-slack-retry-num`` and are ordinary updates. No connection has an order
among others, so order within a channel is that of arrival.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from slack_sdk.signature import Clock as SdkClock
from slack_sdk.signature import SignatureVerifier

from bot.adapters.http import HttpRequest, HttpResponse, HttpRoute
from bot.adapters.slack.listeners import Answer
from bot.clock import Clock

PATH = "/slack/events"

_REFUSED = HttpResponse(401, b"the signature is not Slack's, or too old")
_MALFORMED = HttpResponse(400, b"this is nothing that Slack sends")
_OK = HttpResponse(200)

log = logging.getLogger(__name__)


class _Now(SdkClock):
    """The SDK's clock over ours; the calendar of a rehearsal must not spoil signatures."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.epoch()


class Endpoint:
    """The route of :data:`PATH`."""

    def __init__(
        self, signing_secret: str, clock: Clock, take: Callable[[dict[str, Any]], Awaitable[Answer]]
    ) -> None:
        """Give what Slack signed with ``signing_secret`` to ``take``."""
        self._verifier = SignatureVerifier(signing_secret, _Now(clock))
        self._take = take

    def route(self) -> HttpRoute:
        """Return what to mount."""
        return HttpRoute("POST", PATH, self.handle)

    async def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; never raises for what is in it."""
        if not self._is_slacks(request):
            return _REFUSED
        try:
            body = _body_of(request)
        except (ValueError, RecursionError):
            return _MALFORMED
        if body is None:
            return _OK
        if body.get("type") == "url_verification":
            challenge = body.get("challenge")
            if not isinstance(challenge, str):
                return _MALFORMED
            return _json({"challenge": challenge})
        return _response(await self._take(body))

    def _is_slacks(self, request: HttpRequest) -> bool:
        try:
            return self._verifier.is_valid_request(request.body, dict(request.headers))
        except (ValueError, TypeError):  # a timestamp that is no number, a body that is no text
            return False


def _response(answer: Answer) -> HttpResponse:
    if answer.status != 200:
        return HttpResponse(answer.status)
    return _json(answer.payload) if answer.payload is not None else _OK


def _json(value: dict[str, Any]) -> HttpResponse:
    return HttpResponse(200, json.dumps(value).encode(), "application/json")


def _body_of(request: HttpRequest) -> dict[str, Any] | None:
    """Return the body of a request that is Slack's; None where it only tries our certificate.

    Events are JSON; interactivity is a form whose ``payload`` is JSON; a slash command is a
    form.

    Raises:
        ValueError: it is none of these.
    """
    raw = request.body.decode()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or (kind != _FORM and raw.lstrip().startswith("{")):
        return _object(raw)
    fields = parse_qs(raw, keep_blank_values=True, max_num_fields=_FIELDS)
    form = {name: values[-1] for name, values in fields.items()}
    if form.get("ssl_check") == "1":
        return None
    if "payload" in form:
        return _object(form["payload"])
    if "command" in form:
        return dict(form)
    raise ValueError("no payload and no command")


_FORM = "application/x-www-form-urlencoded"
_FIELDS = 200


def _object(raw: str) -> dict[str, Any]:
    found = json.loads(raw)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found
