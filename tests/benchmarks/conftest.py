"""The benchmarks of the tables run on the databases of the integration tests."""

from tests.integration.conftest import backend, database_url, files, postgres

__all__ = ("backend", "database_url", "files", "postgres")
