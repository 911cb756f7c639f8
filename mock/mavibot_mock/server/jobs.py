"""Carries out what was scheduled for later: at its moment, and in order when the clock is moved by hand."""

from __future__ import annotations

import asyncio
import math
import sys
import traceback
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.changes import running_loop
from mavibot_mock.state.store.database import from_json

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.server.project import Project

#: Jobs that run in one go before others get their turn.
_AT_ONCE: Final = 100
_FAILURES_KEPT: Final = 100
#: Shortest and longest time for which the timer is set, seconds: the project's clock need not run as the loop's does.
_SHORTEST_NAP: Final = 0.01
_LONGEST_NAP: Final = 60.0


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that failed; it is gone.

    Attributes:
        id: number of the job.
        kind: what it was.
        due: when it was due, Unix seconds.
        error: what went wrong.
    """

    id: int
    kind: str
    due: float
    error: str


@dataclass(slots=True)
class Moved:
    """What happened while the clock was moved.

    Attributes:
        ran: jobs carried out, failed ones too.
        failed: jobs that failed.
        finished: whether the clock came where it should, rather than being cut off by the bound or by a reset.
    """

    ran: int = 0
    failed: int = 0
    finished: bool = True


class Jobs:
    """The scheduled jobs of one project.

    Attributes:
        failures: the last jobs that failed, oldest first.
        is_moving: whether the clock is being moved right now.
    """

    def __init__(self, project: Project) -> None:
        self._project: Final = project
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._earliest = -math.inf  # no job is due before this moment, new ones aside
        self.failures: Final[deque[Failure]] = deque(maxlen=_FAILURES_KEPT)
        self.is_moving = False

    def run_due(self, *, most: int | None = None) -> None:
        """Carry out the jobs that are due, the earliest first, each dated to the moment at which it was due.

        While the clock is being moved nothing happens: the jobs of that moment have their turn.

        Args:
            most: bound on their number, or `None` for all.
        """
        if self.is_moving:
            return
        now = self._project.now()
        ran = 0
        while ran != most and (job := self._first_due_by(now)) is not None:
            self._carry_out(job, job["due"])
            ran += 1
        if self._earliest < math.inf and self._loop is not running_loop():
            self.set_timer()
        self._project.outbox.start()

    def _first_due_by(self, now: float) -> Row | None:
        """Return the job that is due first, where it is due; nearly every call asks, so the answer no is remembered."""
        store = self._project.store
        if now < self._earliest and not store.has_new_jobs:
            return None
        job = store.next_job()
        self._earliest = math.inf if job is None else job["due"]
        return job if self._earliest <= now else None

    def run_now(self, job: Row) -> bool:
        """Carry out a job at the present moment, whenever it is due, and return whether it succeeded."""
        return self._carry_out(job, self._project.now())

    async def move_to(self, moment: float, *, most: int) -> Moved:
        """Move the clock to a moment, and run what is due until then, each job at its own moment.

        The webhooks of a job have gone out before the next job runs. A running clock goes on from the moment.

        Args:
            moment: where the clock comes, Unix seconds; one in the past only sets it back.
            most: bound on the number of jobs.
        """
        return await self._move(moment, most)

    async def run_until_idle(self, *, most: int) -> Moved:
        """Move the clock from job to job until none is left; it stays at the last one.

        Args:
            most: bound on the number of jobs; those that they add count too.
        """
        return await self._move(None, most)

    def watch(self) -> None:
        """Set the timer anew if a job was added; to be called after every transaction."""
        store = self._project.store
        if store.has_new_jobs:
            store.has_new_jobs = False
            self._earliest = -math.inf
            self.set_timer()

    def set_timer(self) -> None:
        """Wake up when the running clock comes to the next job; without an event loop the next call runs it."""
        self.stop_timer()
        loop = running_loop()
        if loop is None or self.is_moving or self._project.clock.is_stopped:
            return
        job = self._project.store.next_job()
        if job is not None:
            nap = job["due"] - self._project.now()
            # A job that is due already only waits for its turn.
            self._timer = loop.call_later(min(max(nap, _SHORTEST_NAP), _LONGEST_NAP) if nap > 0 else 0, self._wake)
            self._loop = loop

    def reset(self) -> None:
        """Begin anew, after the state was replaced."""
        self.failures.clear()
        self._earliest = -math.inf
        self.set_timer()

    def stop_timer(self) -> None:
        """Let no job run by itself any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = self._loop = None

    def _wake(self) -> None:
        self.run_due(most=_AT_ONCE)
        self.set_timer()

    async def _move(self, until: float | None, most: int) -> Moved:
        project, epoch = self._project, self._project.epoch
        was_running = not project.clock.is_stopped
        moved = Moved()
        self.is_moving = True
        self.stop_timer()
        try:
            while (job := project.store.next_job()) is not None and (until is None or job["due"] <= until):
                if moved.ran == most:
                    moved.finished = False
                    break
                project.clock.stop(max(job["due"], project.now()))
                moved.failed += not self._carry_out(job, job["due"])
                moved.ran += 1
                if project.outbox.is_busy:
                    await project.outbox.settle()
                elif moved.ran % _AT_ONCE == 0:
                    await asyncio.sleep(0)
                if project.epoch != epoch:
                    moved.finished = False
                    return moved  # the clock is that of a new state
            if until is not None and moved.finished:
                project.clock.stop(until)
        finally:
            self.is_moving = False
            if project.epoch == epoch:
                if was_running:
                    project.clock.run()
                project.keep_clock()
        return moved

    def _carry_out(self, job: Row, now: float) -> bool:
        from mavibot_mock.actions import JOBS  # noqa: PLC0415 - actions may know projects, and projects know this

        project = self._project
        try:
            with project.transaction():
                project.store.remove_job(job["id"])
                parameters = from_json(job["parameters"])
                if not _is_about_nobody(project, parameters):
                    JOBS[job["kind"]](project, parameters, now)
        except Exception as error:
            # Whatever it is, the other jobs go on; this one would fail again and again.
            project.store.remove_job(job["id"])
            self.failures.append(Failure(job["id"], job["kind"], job["due"], f"{type(error).__name__}: {error}"))
            sys.stderr.write(f"job {job['id']} ({job['kind']}) failed:\n")
            sys.stderr.write("".join(traceback.format_exception(error)))
            return False
        return True


def _is_about_nobody(project: Project, parameters: dict[str, Any]) -> bool:
    """Tell whether the client was deleted since the job was made."""
    client_id = parameters.get("client_id")
    return client_id is not None and project.store.client(int(client_id)) is None
