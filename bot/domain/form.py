"""A form: some fields that a person fills in at once, or one after the other.

A platform that has forms (Slack's modals) shows it whole; elsewhere its fields are asked
in the chat, one message each. What comes back is the same ``Submitted`` either way.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

SEVERAL = ","
"""Stands between the values of a field of kind :attr:`FieldKind.CHOICES`; no value holds it."""

LONGEST_VALUE = 48
"""UTF-8 bytes of a choice's value: a button carries it with the field's number."""


class FieldKind(StrEnum):
    """What is filled in."""

    TEXT = "text"
    LINES = "lines"
    CHOICE = "choice"
    CHOICES = "choices"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a field can take, and how it is shown."""

    value: str
    label: str

    def __post_init__(self) -> None:
        """Refuse a value that could not be told from two of them."""
        if SEVERAL in self.value or not self.label:
            raise ValueError(f"a choice needs a label, and a value without a comma: {self.value!r}")
        if len(self.value.encode()) > LONGEST_VALUE:
            raise ValueError(f"a choice's value is too long for a button: {self.value!r}")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in.

    Attributes:
        name: Key in ``Submitted.values``; unique in the form.
        label: The question, at most 48 characters (Slack shows no more of a menu's).
        initial: What is filled in at first; for ``CHOICES`` values joined by ``SEVERAL``, for
            ``FILES`` as :func:`~bot.domain.sent_file.files_to_text` writes them.
        hint: An example or an explanation, or ``""``.
        required: Whether ``""`` is refused.
        longest: Characters that a text may have; of ``FILES`` how many there may be.
        choices: For ``CHOICE`` and ``CHOICES``.
    """

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    initial: str = ""
    hint: str = ""
    required: bool = True
    longest: int = 500
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """Fields under a title.

    Attributes:
        name: The route that takes it (``@router.submit(name)``).
        title: At most 24 characters (Slack's modal).
        submit: Label of the button that sends it, at most 24 characters.
        language: Of its texts; mistakes are told in it too.
        context: Goes along and comes back; from a client, so it proves nothing.
        keeps_rest: Where its fields are asked one by one, a button takes all that are left as
            they stand; for forms that come filled in.
    """

    name: str
    title: str
    submit: str
    language: str
    fields: tuple[Field, ...] = field(default=())
    context: str = ""
    keeps_rest: bool = False


def form_to_json(form: Form) -> dict[str, Any]:
    """Return ``form`` as JSON values, for the row of a dialog that asks its fields."""
    return asdict(form)


def form_from_json(stored: Mapping[str, Any]) -> Form:
    """Return the form that :func:`form_to_json` stored."""
    fields = tuple(
        Field(
            **{
                **one,
                "kind": FieldKind(one["kind"]),
                "choices": tuple(Choice(**choice) for choice in one["choices"]),
            }
        )
        for one in stored["fields"]
    )
    return Form(**{**stored, "fields": fields})
