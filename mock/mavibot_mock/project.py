"""A project: what one customer of the platform owns, found by any of its keys."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Final

from mavibot_mock.journal import Journal
from mavibot_mock.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: The platform's zone for a project that sets no other.
_DEFAULT_ZONE: Final = timezone(timedelta(hours=3))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a project.

    Attributes:
        value: the key itself, as it stands in the address.
        permissions: what it may do, such as `clients:read`.
        revoked: whether it was deleted in the project settings.
    """

    value: str
    permissions: frozenset[str]
    revoked: bool = False


class Project:
    """One project with its keys, state, clock and journal; close it when it is no longer needed."""

    def __init__(self, project_id: int, keys: Iterable[ApiKey], *, clock: Callable[[], float] = time.time) -> None:
        """Make an empty project.

        Args:
            project_id: number of the project.
            keys: its API keys.
            clock: returns the time in Unix seconds; tests give one that they move.
        """
        self.id: Final = project_id
        self.keys: Final = {key.value: key for key in keys}
        self.zone: Final = _DEFAULT_ZONE
        self.store: Final = Store()
        self.journal: Final = Journal()
        self._clock: Final = clock

    def now(self) -> float:
        """Return the project's time, Unix seconds."""
        return self._clock()

    def close(self) -> None:
        """Give the state back to the operating system."""
        self.store.close()
