"""Remembers the last calls of a project, refused ones too, with the key masked."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Final

#: How many calls are kept: enough for any test, little enough for endless load.
_KEPT: Final = 1000
_SHOWN_OF_KEY: Final = 4
_LONGEST_ACTION: Final = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One call.

    Attributes:
        number: place of the call in the project's life, from 1.
        time: the project's time at the end of the call, Unix seconds.
        key: beginning of the key, never all of it.
        method: HTTP method.
        action: last part of the address.
        status: HTTP status of the reply.
        deviations: departures from the contract that were tolerated.
    """

    number: int
    time: float
    key: str
    method: str
    action: str
    status: int
    deviations: list[str]


class Journal:
    """The last calls of one project."""

    def __init__(self) -> None:
        self._entries: Final[deque[Entry]] = deque(maxlen=_KEPT)
        self._count = 0

    def record(self, *, time: float, key: str, method: str, action: str, status: int, deviations: list[str]) -> None:
        """Add a call."""
        self._count += 1
        self._entries.append(Entry(self._count, time, mask(key), method, action[:_LONGEST_ACTION], status, deviations))

    def entries(self) -> list[dict[str, Any]]:
        """Return the calls, oldest first, ready for JSON."""
        return [asdict(entry) for entry in self._entries]


def mask(key: str) -> str:
    """Return the beginning of a key; of a short one less than half."""
    return key[: min(_SHOWN_OF_KEY, len(key) // 2)] + "…"
