"""Refusals in Telegram's own words."""

from typing import Any


class ApiError(Exception):
    """A request that is answered with ``ok: false``.

    Attributes:
        status: HTTP status, also the body's ``error_code``.
        description: Telegram's own text.
        parameters: ``retry_after`` or ``migrate_to_chat_id``.
    """

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        """Remember the answer."""
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.status,
            "description": self.description,
        }
        return body | ({"parameters": self.parameters} if self.parameters else {})


_PREFIX = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


def bad(reason: str) -> ApiError:
    """Return a 400 for ``reason``."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """Return a 403 for ``reason``."""
    return ApiError(403, f"Forbidden: {reason}")


def flood(seconds: int) -> ApiError:
    """Return a 429 that asks for ``seconds`` of silence."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def staged(status: int, retry_after: int | None) -> ApiError:
    """Return the error that a test asked for."""
    if status == 429:
        return flood(retry_after or 1)
    return ApiError(status, _PREFIX.get(status, f"Error {status}"))
