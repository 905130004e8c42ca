"""What an import would do, or has done, thing by thing: the answer of a dry run."""

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain.people import ImportReport, Problem


class What(StrEnum):
    """What becomes of a thing."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: what is stored, and what the file says. Both are values of JSON."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an import adds, changes or removes.

    Attributes:
        kind: ``event``, ``session``, ``entry`` or ``contact``.
        key: What the thing is known by: an id, a source, an e-mail address.
        title: How people call it.
        place: Where it stands: ``line 7``, or the source that it is quoted by.
        fields: What differs, of a change; empty of what is new or goes.
    """

    what: What
    kind: str
    key: str
    title: str = ""
    place: str = ""
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes of one import, how much stays as it is, and what is wrong."""

    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: "Plan") -> "Plan":
        """Return both together, in order."""
        return Plan(
            self.changes + other.changes,
            self.unchanged + other.unchanged,
            self.problems + other.problems,
        )

    @property
    def report(self) -> ImportReport:
        """The counts of an import that does all this."""
        counts = Counter(change.what for change in self.changes)
        return ImportReport(
            added=counts[What.ADDED],
            changed=counts[What.CHANGED],
            unchanged=self.unchanged,
            removed=counts[What.REMOVED],
            problems=self.problems,
        )

    def with_problems(self, problems: tuple[Problem, ...]) -> "Plan":
        """Return the plan with ``problems`` before its own."""
        return replace(self, problems=(*problems, *self.problems))
