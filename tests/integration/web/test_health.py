"""Readiness: the database, its schema, the handling, and who serves each account."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.adapters.base import Adapter
from bot.outbound.lease import LeaseKeeper
from bot.storage import leases, schema
from bot.storage.database import Database
from bot.storage.schema import migrate
from bot.web.health import HealthDesk
from tests.support.fake_adapter import FakeAdapter
from tests.support.hand_clock import SteppingClock


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    await migrate(database)
    yield database
    await database.close()


@dataclass
class Served:
    """An account that this process serves, or does not."""

    adapter: Adapter
    held: bool


@dataclass
class Handling:
    """A dispatcher that runs, or does not."""

    running: bool


def desk_of(
    database: Database, held: frozenset[str] = frozenset(), handling: bool = True
) -> HealthDesk:
    adapter = FakeAdapter(SteppingClock())
    served = Served(adapter, "fake" in held)
    return HealthDesk(database, {"fake": adapter}, [served], Handling(handling))


async def test_served_here_elsewhere_or_by_nobody(database: Database) -> None:
    assert (await desk_of(database, frozenset({"fake"})).ask()).adapters == {"fake": "here"}
    found = await desk_of(database).ask()
    assert (found.adapters, found.ready) == ({"fake": "nobody"}, False)
    keeper = LeaseKeeper(database, SteppingClock(), "another")
    assert await keeper.try_once(leases.of_account("fake", "bot"))
    found = await desk_of(database).ask()
    assert (found.adapters, found.ready) == ({"fake": "elsewhere"}, True)


async def test_not_handling_is_not_ready(database: Database) -> None:
    assert not (await desk_of(database, frozenset({"fake"}), handling=False).ask()).ready


async def test_an_old_schema_is_not_ready(database: Database) -> None:
    async with database.connection() as connection, connection.begin():
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    found = await desk_of(database, frozenset({"fake"})).ask()
    assert (found.database, found.ready) == ("old", False)


async def test_a_database_that_is_away_is_said_in_time() -> None:
    away = Database("postgresql://u:hidden@127.0.0.1:9/x")
    found = await desk_of(away).ask()
    assert (found.database, found.ready) == ("away", False)
    assert "hidden" not in str(found.as_json())
    await away.close()


async def test_whatever_breaks_is_not_ready_and_no_error(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_database: Database) -> str:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(schema, "current_revision", broken)
    found = await desk_of(database, frozenset({"fake"})).ask()
    assert (found.database, found.ready) == ("away", False)
