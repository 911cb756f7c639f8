"""A project: what one customer of the platform owns, found by any of its keys."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from mavibot_mock.clock import Clock
from mavibot_mock.journal import Journal
from mavibot_mock.outbox import Outbox
from mavibot_mock.settings import Settings
from mavibot_mock.store import Store
from mavibot_mock.store.database import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a project.

    Attributes:
        value: the key itself, as it stands in the address.
        permissions: what it may do, such as `clients:read`.
        revoked: whether it was deleted in the project settings.
        is_primary: whether it is the project's primary key.
    """

    value: str
    permissions: frozenset[str]
    revoked: bool = False
    is_primary: bool = False


class Project:
    """One project with its keys, state, clock and journal; close it when it is no longer needed."""

    def __init__(
        self,
        project_id: int,
        keys: Iterable[ApiKey] = (),
        *,
        clock: Callable[[], float] = time.time,
        path: Path | None = None,
    ) -> None:
        """Make a project, or open the one that a file keeps.

        Args:
            project_id: number of the project.
            keys: API keys to add.
            clock: returns the time in Unix seconds; tests give one that they move.
            path: file that keeps its state, or `None` for memory.
        """
        self.id: Final = project_id
        self.store: Final = Store(path)
        self.clock: Final = Clock(clock)
        self.journal: Final = Journal()
        self.outbox: Final = Outbox()
        for key in keys:
            self.store.add_key(key.value, sorted(key.permissions), is_primary=key.is_primary, revoked=key.revoked)
        self.load()

    def load(self) -> None:
        """Read keys and settings anew, after the state was replaced."""
        self.keys = {
            row["value"]: ApiKey(
                row["value"],
                frozenset(from_json(row["permissions"])),
                revoked=bool(row["revoked"]),
                is_primary=bool(row["is_primary"]),
            )
            for row in self.store.api_keys()
        }
        self._use(Settings(**self.store.fact("settings", {})))

    def configure(self, settings: Settings) -> None:
        """Change the settings.

        Raises:
            ValueError: there is no such time zone.
        """
        self._use(settings)
        self.store.set_fact("settings", asdict(settings))

    def _use(self, settings: Settings) -> None:
        self.zone = _zone(settings.time_zone)
        self.settings = settings

    def now(self) -> float:
        """Return the project's time, Unix seconds."""
        return self.clock.now()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all changes made inside and let their events go out, or none where an exception leaves the block."""
        try:
            with self.store.transaction():
                yield
        except BaseException:
            self.outbox.drop()
            raise
        self.outbox.release()

    def close(self) -> None:
        """Give the state back to the operating system."""
        self.store.close()


def _zone(name: str) -> tzinfo:
    """Return the zone with an IANA name or an offset such as `+03:00`.

    Raises:
        ValueError: there is none.
    """
    try:
        if name.startswith(("+", "-")):
            return datetime.strptime(name, "%z").tzinfo or UTC
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(
            f"time_zone: '{name}' is neither a zone such as Europe/Moscow nor an offset such as +03:00"
        ) from error
