"""What every handler of a button checks first: the data come from a client."""

from bot.domain.incoming import Pressed
from bot.domain.people import Actor
from bot.domain.refusal import Refusal
from bot.routing import Context

_LARGEST = 2**31 - 1
"""PostgreSQL refuses to compare its integers with a larger number."""


def check_own(incoming: Pressed) -> None:
    """Refuse a press in a direct chat that is somebody else's.

    Raises:
        Refusal: the sender is not the person of that chat.
    """
    if incoming.is_direct and incoming.who.user != incoming.where.chat:
        raise Refusal("refusal.not-yours")


def actor_of(ctx: Context) -> Actor:
    """Return who acts, for services that ask for a role and note the name."""
    person = ctx.person
    if person is None:
        return Actor("")
    return Actor(person.email or person.name(""), person.staff, person.id)


def number_in(value: str) -> int:
    """Return the row id that a button carries.

    Raises:
        Refusal: ``value`` is no number that we could have written.
    """
    if not (value.isascii() and value.isdigit() and len(value) <= 10):
        raise Refusal("refusal.button")
    if int(value) > _LARGEST:
        raise Refusal("refusal.button")
    return int(value)


def words_in(context: str) -> tuple[int, str, int]:
    """Return (announcement, language, revision) of the words that a form was opened with.

    Raises:
        Refusal: ``context`` is none that we could have written.
    """
    number, _, rest = context.partition(":")
    language, _, revision = rest.rpartition(":")
    return number_in(number), language, number_in(revision)
