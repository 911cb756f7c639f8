"""The limit on calls: a bucket of tokens for each key, filled by the project's clock."""

from __future__ import annotations

from typing import Final


class Limiter:
    """Counts the calls of a project's keys; the limit itself is the project's setting."""

    def __init__(self) -> None:
        self._buckets: Final[dict[str, tuple[float, float]]] = {}

    def wait(self, key: str, *, now: float, per_second: float, at_once: int) -> float:
        """Take a token for a call and return 0, or return after how many seconds there will be one.

        Args:
            key: the API key.
            now: the project's time, Unix seconds.
            per_second: how fast the bucket fills.
            at_once: how much it holds; a key that has not called yet has it full.
        """
        tokens, filled_at = self._buckets.get(key, (float(at_once), now))
        # A clock that was set back takes nothing away.
        tokens = min(at_once, tokens + max(0.0, now - filled_at) * per_second)
        if tokens < 1:
            self._buckets[key] = (tokens, now)
            return (1 - tokens) / per_second
        self._buckets[key] = (tokens - 1, now)
        return 0.0

    def clear(self) -> None:
        """Fill the bucket of every key."""
        self._buckets.clear()
