"""What the tests of databases share: a real PostgreSQL, and in it a schema for each test."""

import os
from importlib.util import find_spec
from itertools import count

import pytest

from tests.jobs.databases.server import Server, binaries

_NUMBERS = count()


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL that ends with the tests; they are skipped where it is not installed."""
    missing = [
        name
        for name, there in (
            ("PostgreSQL (Debian package postgresql)", binaries() is not None),
            ("psycopg (extra [postgresql])", find_spec("psycopg") is not None),
        )
        if not there
    ]
    if missing:
        reason = f"not installed: {', '.join(missing)}"
        assert os.environ.get("CI") != "true", reason
        pytest.skip(reason)
    started = Server()
    yield started
    started.remove()


@pytest.fixture
def schema(server):
    """The name of a schema of the test's own, which is not made yet."""
    return f"s{next(_NUMBERS)}"
