"""Fixtures of pytest; it loads wherever the package is installed, so it imports nothing until one of them is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mavibot_mock import Mock


@pytest.fixture
def mavibot_mock() -> Iterator[Mock]:
    """A project for this test alone, on a mock in this process; clients need its `transport()`."""
    from mavibot_mock import Mock  # noqa: PLC0415 - this module is loaded by every run of pytest

    with Mock() as mock:
        yield mock


@pytest.fixture(scope="session")
def mavibot_mock_server() -> Iterator[Mock]:
    """A project for all tests of this process, on a mock with a port of its own, for programs beside the tests."""
    from mavibot_mock import Mock, Server  # noqa: PLC0415 - as above

    with Server() as server, Mock(server.url, project_id=server.project.id) as mock:
        yield mock


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show the conversation where a test compares what a user sees with something else, or looks for it there."""
    for side in (left, right):
        if (type(side).__module__, type(side).__name__) == ("mavibot_mock.testing.user", "Seen"):
            return [f"{left!r} {op} {right!r}", *str(getattr(side, "conversation", "")).splitlines()]
    return None
