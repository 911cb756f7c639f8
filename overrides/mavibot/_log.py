"""The log of the client: action, status, duration and attempt; never the API key, an address or a parameter."""

from __future__ import annotations

import logging

from mavibot._retry import Retry
from mavibot.errors import ConnectionFailed

_logger = logging.getLogger("mavibot")


def answered(action: str, http_status: int, seconds: float, attempt: int) -> None:
    """Record that the server answered."""
    _logger.info("%s: HTTP %d in %.0f ms (attempt %d)", action, http_status, seconds * 1000, attempt)


def unanswered(action: str, error: ConnectionFailed, seconds: float, attempt: int) -> None:
    """Record that no answer came."""
    _logger.info("%s: %s after %.0f ms (attempt %d)", action, type(error).__name__, seconds * 1000, attempt)


def repeated(retry: Retry) -> None:
    """Record that a call is about to be repeated."""
    _logger.info("%s: again in %.2f s after %s", retry.action, retry.delay, type(retry.error).__name__)
