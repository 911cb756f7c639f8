"""The state of one project: what its actions read and change."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Final, TypeVar

from mavibot_mock.state.changes import Changes
from mavibot_mock.state.clock import Clock
from mavibot_mock.state.settings import Settings, settings_of
from mavibot_mock.state.steps import in_steps
from mavibot_mock.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mavibot_mock.state.steps import Steps

_Result = TypeVar("_Result")


class State:
    """What a project owns; close it when it is no longer needed.

    Attributes:
        id: id of the project.
        store: its database.
        clock: its clock.
        settings: its settings.
        zone: its time zone.
        epoch: grows when the whole state is replaced; what began in an earlier epoch must not touch this one.
        written: ids of the messages that the open transaction has written, in their order.
        is_at_work: whether something long goes on, in a transaction or a thread; nothing else may touch the store.
    """

    def __init__(
        self,
        project_id: int,
        *,
        clock: Callable[[], float] = time.time,
        path: Path | None = None,
        like: Store | None = None,
    ) -> None:
        """Make a state, or open the one that a file keeps.

        Args:
            project_id: id of the project.
            clock: returns the time in Unix seconds; tests give one that they move.
            path: file that keeps the database, which was checked, or `None` for memory.
            like: what a database in memory begins as, instead of an empty one.

        Raises:
            ValueError: another process has the file open.
        """
        self.id: Final = project_id
        self.store: Final = Store(path, like=like)
        self.clock: Final = Clock(clock)
        self.epoch = 0
        self.written: Final[list[int]] = []
        self.is_at_work = False
        self._rest: Final = Changes()
        self.load()

    def load(self) -> None:
        """Read settings and clock anew, after the database was replaced."""
        self._use(settings_of(self.store.fact("settings", {})))
        self.clock.restore(self.store.fact("clock"))

    def configure(self, settings: Settings) -> None:
        """Change the settings.

        Raises:
            ValueError: there is no such time zone.
        """
        self._use(settings)
        self.store.set_fact("settings", asdict(settings))

    def keep_clock(self) -> None:
        """Keep what the clock shows, after it was stopped, moved or started again."""
        self.store.set_fact("clock", self.clock.state())

    def now(self) -> float:
        """Return the project's time, Unix seconds."""
        return self.clock.now()

    async def work(self, steps: Steps[_Result]) -> _Result:
        """Do something long inside the open transaction, so that other projects have their turn meanwhile."""
        self.is_at_work = True
        try:
            return await in_steps(steps)
        finally:
            self._end_work()

    async def aside(self, work: Callable[[], object], *, then: Callable[[], object] | None = None) -> None:
        """Do something long with the whole store in a thread, so that other projects have their turn meanwhile.

        Args:
            work: what is done in the thread.
            then: what is done afterwards, where that succeeded, before anybody else touches the store.
        """
        self.is_at_work = True

        async def finish() -> None:
            try:
                await asyncio.to_thread(work)
                if then is not None:
                    then()
            finally:
                self._end_work()

        await asyncio.shield(asyncio.ensure_future(finish()))  # a caller who leaves does not end the thread

    def _end_work(self) -> None:
        self.is_at_work = False
        self._rest.tell()

    async def at_rest(self) -> None:
        """Wait until nothing long goes on; to be awaited right before a transaction or a query."""
        if self.is_at_work:
            await self._rest.until(lambda: not self.is_at_work)

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def _use(self, settings: Settings) -> None:
        self.zone = settings.zone
        self.settings = settings
