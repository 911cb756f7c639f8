"""The mock in tests: a project of one's own, driven from Python, with or without a port."""

from __future__ import annotations

from mavibot_mock.testing.connection import MockError
from mavibot_mock.testing.expectation import Expectation
from mavibot_mock.testing.mock import Mock
from mavibot_mock.testing.user import AsyncUser, Message, User

__all__ = ["AsyncUser", "Expectation", "Message", "Mock", "MockError", "User"]
