"""A clear no: what was asked cannot be done, and the person is told what to do instead."""


class Refusal(Exception):
    """Raised by services and importers for bad input; nothing has been changed.

    ``key`` names a sentence of the catalogs (``refusal.…``) and ``fields`` fill it, so
    the same refusal is read in any language, in a chat or at the prompt.
    """

    def __init__(self, key: str, **fields: str | int) -> None:
        """Keep the sentence's key and its fields."""
        super().__init__(f"{key} {fields}" if fields else key)
        self.key = key
        self.fields = fields
