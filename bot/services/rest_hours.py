"""When announcements leave an organisation in peace, as staff set it."""

from datetime import datetime

from bot.domain.people import Actor
from bot.domain.rest import Rest
from bot.storage import audit, preferences
from bot.storage.database import Read, Write


async def of_organisation(read: Read, slug: str) -> Rest | None:
    """Return what is set for the organisation, or None if there is none called so."""
    return await preferences.of_organisation(read, slug)


async def set_of_organisation(
    write: Write, slug: str, rest: Rest, *, actor: Actor, now: datetime
) -> None:
    """Set it for those of its people who have chosen nothing themselves."""
    await preferences.set_of_organisation(write, slug, rest)
    await audit.record(
        write,
        actor=actor,
        action="rest set",
        subject=slug,
        at=now,
        quiet=rest.quiet.text if rest.quiet else "",
        days=rest.days,
    )
