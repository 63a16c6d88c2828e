"""What the tests share."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from tests import postgres

ROOT = Path(__file__).resolve().parents[1]

# On CI the same examples each time, so that a red run is about the change; at a desk new ones are looked for.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def root() -> Path:
    """The clone."""
    return ROOT


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL database; skips where there is no server."""
    # Not under pytest's own folder: the next pytest closes that to the server's user again.
    with TemporaryDirectory(prefix="broadcaster-pg-") as folder, postgres.server(Path(folder)) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The same, emptied."""
    return postgres.emptied(postgres_server)
