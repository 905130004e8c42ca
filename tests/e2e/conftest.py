"""An empty PostgreSQL database for each end-to-end test that wants one."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.databases import Server
from tests.support.databases import postgres_server as serving_postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with serving_postgres() as url:
        yield Server(url)


@pytest.fixture
async def postgres_url(postgres_server: Server) -> AsyncIterator[str]:
    """A database without tables: the service makes them."""
    async with postgres_server.fresh(migrated=False) as url:
        yield url
