"""Recognising people by the e-mail address that their workspace has of them.

Only in workspaces that the settings trust, because a workspace's admins choose its
addresses; only full members of it; never an address of staff; and only somebody who has no
account there yet. Everybody else shows an invitation.

Looking up waits for a platform, so it is never done inside a transaction.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.adapters.abilities import LooksUp
from bot.adapters.base import Adapter
from bot.clock import Clock
from bot.domain.address import AccountRef
from bot.domain.delivery import Lane
from bot.domain.people import Person
from bot.domain.profile import Profile
from bot.services import joining
from bot.storage import accounts, key_values, linking, people
from bot.storage.database import Database, Write

ANSWER_SECONDS = 3.0
"""How long somebody's first message waits for the platform; then they are unknown for now."""
AGAIN_SECONDS = 600.0
"""After this an unknown account is looked up once more: an address may have been added."""
PASS_SECONDS = 24 * 3600
"""How long between two passes over everybody who is on no messenger."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Recognition:
    """Asks the directories of trusted workspaces.

    Attributes:
        trusted: Ids of the workspaces whose addresses we believe.
    """

    database: Database
    adapters: Mapping[str, Adapter]
    trusted: frozenset[str]
    clock: Clock
    _asked: dict[AccountRef, float] = field(default_factory=dict)

    async def recognise(self, who: AccountRef, account_id: int) -> Person | None:
        """Link an account without a person, if its address is somebody's; return them."""
        adapter = self.adapters.get(who.platform)
        if who.account not in self.trusted or not isinstance(adapter, LooksUp):
            return None
        now = self.clock.monotonic()
        if self._asked.get(who, -AGAIN_SECONDS) > now - AGAIN_SECONDS:
            return None
        self._asked = {one: at for one, at in self._asked.items() if at > now - AGAIN_SECONDS}
        profile = await self._profile(adapter, who.user)
        if profile is None:
            return None
        self._asked[who] = now
        return await self.database.write(
            lambda write: self._link(write, who, account_id, profile), Lane.CONVERSATION
        )

    async def _profile(self, adapter: LooksUp, user: str) -> Profile | None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await adapter.profile_of(user)
        except TimeoutError:
            return None
        return found if isinstance(found, Profile) else None

    async def _link(
        self, write: Write, who: AccountRef, account_id: int, profile: Profile
    ) -> Person | None:
        await linking.note_profile(write, account_id, profile.zone)
        person = await _whom(write, profile)
        if person is None or await _is_linked_there(write, person.id, who):
            return None
        return await joining.link(write, account_id, person.id, by="email", now=self.clock.now())

    async def look_for_next(self, adapter: Adapter) -> bool:
        """Look for one more person of the roster in a trusted workspace; False if none is left.

        Where a pass stands is remembered, so that a restart goes on; a new pass begins a day
        after the last one ended.
        """
        account = adapter.account
        if account not in self.trusted or not isinstance(adapter, LooksUp):
            return False
        key = f"recognition:{adapter.name}:{account}"
        async with self.database.read() as read:
            after, ended = _progress(await key_values.get(read, key))
            if self.clock.epoch() < ended + PASS_SECONDS:
                return False
            found = await linking.next_without_account(read, adapter.name, account, after)
        if found is None:
            await self._remember(key, 0, self.clock.epoch())
            return False
        person_id, email = found
        profile = await adapter.find_by_email(email)
        if profile is not None and not isinstance(profile, Profile):
            return False  # the platform asks us to wait: the same person again, later
        if profile is not None:
            await self._take(AccountRef(adapter.name, account, profile.user), profile)
        await self._remember(key, person_id, 0.0)
        return True

    async def _take(self, who: AccountRef, profile: Profile) -> None:
        async def work(write: Write) -> None:
            account_id = await accounts.ensure(write, who, locale=profile.locale, name=profile.name)
            await accounts.ensure_direct(write, who, account_id)
            known = await linking.account(write, account_id)
            if known is not None and known.person_id is None:
                await self._link(write, who, account_id, profile)

        await self.database.write(work, Lane.BULK)

    async def _remember(self, key: str, after: int, ended: float) -> None:
        await self.database.write(
            lambda write: key_values.put(write, key, f"{after} {ended}"), Lane.BULK
        )


def _progress(stored: str | None) -> tuple[int, float]:
    """Return the last person of the pass that is under way, and when the last one ended."""
    after, _, ended = (stored or "0 0").partition(" ")
    return int(after), float(ended)


async def _whom(write: Write, profile: Profile) -> Person | None:
    """Return whose address it is; nobody's for staff and for whoever is no full member."""
    if not profile.is_member or not profile.email:
        return None
    person = await people.by_email(write, profile.email)
    return person if person is not None and person.staff is None else None


async def _is_linked_there(write: Write, person_id: int, who: AccountRef) -> bool:
    return any(
        (one.ref.platform, one.ref.account) == (who.platform, who.account)
        for one in await linking.of_person(write, person_id)
    )
