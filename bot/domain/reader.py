"""For whom a message is rendered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader's language and clock; it says nothing of who they are.

    Attributes:
        language: A language that has a catalog, such as ``en`` or ``zh``.
        zone: IANA name of the reader's time zone.
    """

    language: str
    zone: str
