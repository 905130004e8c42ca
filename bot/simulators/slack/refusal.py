"""How a method says no."""


class SlackRefusal(Exception):
    """A method was refused; Slack answers ``{"ok": false, "error": code}`` with HTTP 200."""

    def __init__(self, code: str, *messages: str) -> None:
        """Keep Slack's error ``code`` and what it would say in ``response_metadata``."""
        super().__init__(code)
        self.code = code
        self.messages = messages
