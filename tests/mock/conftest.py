"""A fresh demo project for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.mock.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def mock() -> Iterator[Caller]:
    caller = Caller()
    yield caller
    caller.close()
