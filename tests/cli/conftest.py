"""A server in the platform's place, which the tests of a module share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.cli.support import Platform, platform

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Platform]:
    with platform() as found:
        yield found


@pytest.fixture
def fresh(server: Platform) -> None:
    """The server has seen nothing, and answers `ok`."""
    server.requests.clear()
    server.status, server.body, server.content_type = 200, b"ok", "text/plain"
