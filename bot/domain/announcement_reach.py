"""Whom an announcement would reach, before it is sent."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OrganisationReach:
    """One organisation of the audience, in people; those of none stand under ``""``."""

    slug: str
    names: dict[str, str]
    people: int
    reachable: int


@dataclass(frozen=True, slots=True)
class Missed:
    """Somebody, or a room, that it cannot reach.

    Attributes:
        who: The e-mail address, or the room's title.
        platform: Where the reason holds; ``""`` where it is that they are on no messenger.
        reason: A word that the catalogs know as ``reason.…``, what a platform said behind it.
    """

    who: str
    organisation: str
    platform: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom it would reach now.

    Attributes:
        chats: Direct chats and rooms that it would go to, by platform.
        organisations: The audience by organisation.
        missed: Whom it cannot reach, with the reason; perhaps not all of them.
        in_vain: How many these are altogether.
    """

    chats: dict[str, int] = field(default_factory=dict)
    organisations: tuple[OrganisationReach, ...] = ()
    missed: tuple[Missed, ...] = ()
    in_vain: int = 0

    @property
    def people(self) -> int:
        """People in the audience."""
        return sum(one.people for one in self.organisations)

    @property
    def reachable(self) -> int:
        """Those of them who would get it."""
        return sum(one.reachable for one in self.organisations)

    @property
    def homes(self) -> int:
        """Organisations in the audience."""
        return sum(bool(one.slug) for one in self.organisations)

    @property
    def homes_reachable(self) -> int:
        """Those of them of which somebody would get it."""
        return sum(bool(one.slug and one.reachable) for one in self.organisations)
