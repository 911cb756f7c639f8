"""A fresh platform for every test, and who drives it and listens to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.mock.caller import Caller
from tests.mock.console import Console
from tests.mock.driver import Driver
from tests.mock.receiver import Receiver, post_to

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def mock() -> Iterator[Caller]:
    """The demo project, with a clock that stands."""
    with Caller() as caller:
        yield caller


@pytest.fixture
def driver(mock: Caller) -> Driver:
    """The control interface of the demo project."""
    return Driver(mock)


@pytest.fixture
def receiver(mock: Caller) -> Iterator[Receiver]:
    """The receiver of the demo project's webhooks."""
    with Receiver() as receiver:
        post_to(mock.project, receiver.url)
        yield receiver


@pytest.fixture
def console() -> Iterator[Console]:
    """A platform without projects."""
    with Console() as console:
        yield console
