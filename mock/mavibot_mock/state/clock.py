"""The clock of a project: the real one until a test stops it and moves it by hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.schedule import LAST_MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Clock:
    """Tells the project's time, Unix seconds."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        """Make a running clock.

        Args:
            source: the time that it shows while it runs.
        """
        self._source: Final = source
        self._stopped_at: float | None = None
        self._ahead = 0.0

    def now(self) -> float:
        """Return the time, Unix seconds; it never leaves the calendar."""
        if self._stopped_at is not None:
            return self._stopped_at
        now = self._source() + self._ahead
        return now if 0.0 <= now <= LAST_MOMENT else min(max(now, 0.0), LAST_MOMENT)

    @property
    def is_stopped(self) -> bool:
        """Whether the time stands until it is moved."""
        return self._stopped_at is not None

    def stop(self, at: float | None = None) -> None:
        """Stop the clock at a moment, Unix seconds, or where it is."""
        self._stopped_at = self.now() if at is None else at

    def run(self) -> None:
        """Start the clock again from the moment that it shows."""
        if self._stopped_at is not None:
            self._ahead = self._stopped_at - self._source()
            self._stopped_at = None

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs."""
        return {"stopped_at": self._stopped_at, "ahead": self._ahead}

    def restore(self, state: Mapping[str, Any] | None) -> None:
        """Go on as a clock with this state did; without one as a new clock."""
        self._stopped_at, self._ahead = (state["stopped_at"], state["ahead"]) if state else (None, 0.0)
