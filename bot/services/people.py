"""People: what they want, where they are reached, what they may do."""

from datetime import datetime

from bot.domain.address import Address
from bot.domain.outcome import Reason
from bot.domain.people import Actor, StaffRole
from bot.domain.refusal import Refusal
from bot.storage import accounts, audit, staff
from bot.storage import people as store
from bot.storage.database import Read, Write


async def set_stopped(write: Write, *, person_id: int, stopped: bool) -> None:
    """Note whether the person wants announcements; answers and confirmations still arrive."""
    await store.set_stopped(write, person_id, stopped)


async def set_reachable(
    write: Write, *, address: Address, reachable: bool, why: Reason | None = None
) -> None:
    """Note whether the chat can be reached; an announcement skips one that cannot."""
    reason = "" if reachable else (why or Reason.BLOCKED).value
    await accounts.set_unreachable(write, address, reason)


async def id_of(read: Read, email: str) -> int:
    """Return the person with the address.

    Raises:
        Refusal: nobody in the roster has it.
    """
    found = await store.by_email(read, email.strip().lower())
    if found is None:
        raise Refusal("refusal.person-unknown", email=email)
    return found.id


async def is_known(read: Read, email: str) -> bool:
    """Return whether somebody in the roster has the address."""
    return await store.by_email(read, email) is not None


async def grant_staff(
    write: Write, *, email: str, role: StaffRole, actor: Actor, now: datetime
) -> None:
    """Give the address a staff role, and make the person known if they are not yet."""
    await store.save_staff_person(write, email)
    await staff.grant(write, email, role, actor.name, now)
    await audit.record(
        write, actor=actor, action="staff grant", subject=email, at=now, role=role.value
    )


async def revoke_staff(write: Write, *, email: str, actor: Actor, now: datetime) -> bool:
    """Take the staff role away; False if there was none."""
    had = await staff.revoke(write, email)
    if had:
        await audit.record(write, actor=actor, action="staff revoke", subject=email, at=now)
    return had


async def admins(read: Read) -> tuple[int, ...]:
    """Return the people who may decide about everything."""
    return await staff.person_ids(read, (StaffRole.ADMIN,))


async def staff_to_ask(read: Read) -> tuple[int, ...]:
    """Return the people who may decide about announcements."""
    return await staff.person_ids(read, (StaffRole.EDITOR, StaffRole.ADMIN))
