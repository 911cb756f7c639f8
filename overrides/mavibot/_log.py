"""The log of the client: action, status, duration and attempt; never the API key, addresses or what was sent."""

from __future__ import annotations

import logging

from mavibot._retry import Retry
from mavibot.errors import ConnectionFailed

_logger = logging.getLogger("mavibot")


def answered(action: str, http_status: int, seconds: float, attempt: int) -> None:
    """Note that the server answered."""
    _logger.info("%s: HTTP %d in %.0f ms (attempt %d)", action, http_status, seconds * 1000, attempt)


def unanswered(action: str, error: ConnectionFailed, seconds: float, attempt: int) -> None:
    """Note that no answer came."""
    _logger.info("%s: %s after %.0f ms (attempt %d)", action, type(error).__name__, seconds * 1000, attempt)


def repeated(retry: Retry) -> None:
    """Note that a call is about to be made again."""
    _logger.info("%s: again in %.2f s after %s", retry.action, retry.delay, type(retry.error).__name__)
