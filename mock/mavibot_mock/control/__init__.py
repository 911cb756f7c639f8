"""The control interface under `/_mock/v1`: what tests tell the mock, apart from the platform's own API."""

from __future__ import annotations

from mavibot_mock.control.app import ControlApp

__all__ = ["ControlApp"]
