"""The clock of a project: the real one until a test stops it and moves it by hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


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
        """Return the time, Unix seconds."""
        return self._source() + self._ahead if self._stopped_at is None else self._stopped_at

    @property
    def is_stopped(self) -> bool:
        """Whether the time stands until it is moved."""
        return self._stopped_at is not None
