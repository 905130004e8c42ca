"""Organisations, their contacts, and what somebody may do."""

from dataclasses import dataclass, field
from enum import StrEnum


class ContactRole(StrEnum):
    """What a person is to their organisation; staff are made by ``staff grant`` only."""

    CONTACT = "contact"
    FOCAL = "focal"


class StaffRole(StrEnum):
    """What a person may do for the secretariat; each role includes those before it."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A member organisation: the unit that is reached and that answers.

    Attributes:
        slug: Short name in URLs and audience expressions, such as ``cern``.
        names: The name as given, by language; ``""`` is the roster's own form.
        country: ISO 3166-1 alpha-2, or ``""``.
    """

    id: int
    slug: str
    names: dict[str, str]
    country: str = ""

    def name(self, language: str) -> str:
        """Return the name in ``language``, else as the roster gives it."""
        return self.names.get(language) or self.names.get("", self.slug)


@dataclass(frozen=True, slots=True)
class Person:
    """A contact of an organisation, or a member of staff.

    Attributes:
        names: The full name as given, by script or language; ``""`` is the roster's form.
        email: Lower case; unique; ``""`` if none is known.
        locale: The language from the roster, or ``""``.
        language: The language the person chose, or ``""``.
        timezone: IANA name, as chosen, else from the roster, or ``""``.
        preferred: The messenger that the person chose, or ``""``.
        stopped: True if the person wants no announcements.
        staff: The staff role, or None.
    """

    id: int
    names: dict[str, str]
    email: str = ""
    organisation: Organisation | None = None
    role: ContactRole = ContactRole.CONTACT
    locale: str = ""
    language: str = ""
    timezone: str = ""
    preferred: str = ""
    stopped: bool = False
    staff: StaffRole | None = None
    title: str = ""

    def name(self, language: str) -> str:
        """Return the name as given for ``language``, else as the roster gives it."""
        return self.names.get(language) or self.names.get("", self.email)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: services check the role and the audit log keeps the name.

    Attributes:
        name: An e-mail address, or ``cli`` for the machine's own operator.
        person_id: The person, where there is one.
    """

    name: str
    staff: StaffRole | None = None
    person_id: int | None = None

    def may(self, needed: StaffRole) -> bool:
        """Return whether the actor holds ``needed`` or a role that includes it."""
        order = list(StaffRole)
        return self.staff is not None and order.index(self.staff) >= order.index(needed)


CLI = Actor("cli", StaffRole.ADMIN)
"""Whoever can run commands on the machine could read the database as well."""


SERVICE = Actor("service")
"""What the running service does by itself; it holds no role."""


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One good row of a roster file: a contact and, where known, their accounts.

    Attributes:
        line: Line in the file, 1 is the header.
        names: Name by language, ``""`` the main form; never split or reordered.
        organisation_names: The same for the organisation.
        accounts: Pairs of platform and (account, user); account ``""`` if not given.
    """

    line: int
    organisation_slug: str
    organisation_names: dict[str, str]
    country: str
    names: dict[str, str]
    email: str
    role: ContactRole
    locale: str
    timezone: str
    tags: frozenset[str] = frozenset()
    accounts: tuple[tuple[str, str, str], ...] = ()
    title: str = ""
    family_name: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file: where, and what to do about it.

    Attributes:
        refused: False where the row was taken all the same and this is only worth knowing.
    """

    place: str
    text: str
    refused: bool = True


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. ``changed`` counts what was there and now differs."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    problems: tuple[Problem, ...] = field(default=())
