"""The demo's people, read from the shipped roster by the real importer."""

from dataclasses import dataclass

from bot.demo.files import ROSTER
from bot.domain.people import RosterRow
from bot.importers.roster_file import read_roster
from bot.simulators.base import SimulatedPerson


@dataclass(frozen=True, slots=True)
class Place:
    """A direct chat: a platform and the person's id there."""

    platform: str
    user: str


@dataclass(frozen=True, slots=True)
class Member:
    """A member organisation's contact.

    Attributes:
        number: Place in the roster, 1 is the first.
        locale: Language as the roster writes it.
        places: Their accounts; none, one or two.
    """

    number: int
    name: str
    organisation: str
    country: str
    locale: str
    zone: str
    email: str
    places: tuple[Place, ...]

    @property
    def city(self) -> str:
        """The city after which their time zone is named."""
        return self.zone.rpartition("/")[2].replace("_", " ")

    def on(self, place: Place) -> SimulatedPerson:
        """Return the account that the simulator keeps for them."""
        return SimulatedPerson(place.user, self.name, self.locale, self.zone, self.email)


def read_members() -> tuple[Member, ...]:
    """Return everybody in the shipped roster, in its order."""
    rows, _ = read_roster(ROSTER)
    return tuple(_member(number, row) for number, row in enumerate(rows, 1))


def all_places(members: tuple[Member, ...]) -> tuple[tuple[Member, Place], ...]:
    """Return every direct chat with whose it is."""
    return tuple((member, place) for member in members for place in member.places)


def _member(number: int, row: RosterRow) -> Member:
    places = tuple(Place(platform, user) for platform, _team, user in row.accounts)
    return Member(
        number=number,
        name=row.names[""],
        organisation=row.organisation_names[""],
        country=row.country,
        locale=row.locale,
        zone=row.timezone,
        email=row.email,
        places=places,
    )
