"""Whether this process can do its work, for whoever watches it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.base import Adapter
from bot.storage import leases, schema
from bot.storage.database import Database

log = logging.getLogger(__name__)

DATABASE_SECONDS = 1.0
"""A database that does not answer within this is away."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found; words only, and no secret.

    Attributes:
        database: ``ok``, ``away``, or ``old`` where its schema is not this version's.
        handling: Whether updates are being handled here.
        adapters: By name: ``here``, ``elsewhere`` (another process serves it) or ``nobody``.
    """

    database: str
    handling: bool
    adapters: Mapping[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether nothing is amiss."""
        served = all(who != "nobody" for who in self.adapters.values())
        return self.database == "ok" and self.handling and served

    def as_json(self) -> dict[str, object]:
        """Return it as the body of ``/readyz``."""
        return {
            "ready": self.ready,
            "database": self.database,
            "handling": self.handling,
            "adapters": dict(self.adapters),
        }


class Serves(Protocol):
    """An account of ours on a platform."""

    adapter: Adapter
    held: bool


class Handles(Protocol):
    """Whoever handles updates."""

    running: bool


@dataclass(frozen=True, slots=True)
class HealthDesk:
    """Asks around.

    Attributes:
        accounts: Each says whether this process serves it.
        dispatcher: Says whether updates are handled here.
    """

    database: Database
    adapters: Mapping[str, Adapter]
    accounts: Sequence[Serves]
    dispatcher: Handles

    async def ask(self) -> Readiness:
        """Return how things stand; it takes a second at most, and never raises."""
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                newest = await schema.current_revision(self.database) == schema.newest_revision()
                served = {name: await self._served(name) for name in self.adapters}
        except (SQLAlchemyError, OSError, TimeoutError):
            return self._unknown()
        except Exception:  # whoever watches is told "not ready", whatever it is
            log.exception("how things stand could not be found out")
            return self._unknown()
        return Readiness("ok" if newest else "old", self.dispatcher.running, served)

    def _unknown(self) -> Readiness:
        return Readiness("away", self.dispatcher.running, dict.fromkeys(self.adapters, "unknown"))

    async def _served(self, name: str) -> str:
        if any(one.held for one in self.accounts if one.adapter.name == name):
            return "here"
        account = self.adapters[name].account
        async with self.database.read() as read:
            holder = await leases.holder(read, leases.of_account(name, account))
        return "elsewhere" if holder else "nobody"
