"""Runs what was scheduled for later: at its moment, and in order when the clock is moved by hand."""

from __future__ import annotations

import asyncio
import math
import sys
import traceback
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.changes import running_loop
from mavibot_mock.state.steps import at_once
from mavibot_mock.state.store.database import StorageError, from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from sqlite3 import Row

    from mavibot_mock.actions.jobs import JobHandler
    from mavibot_mock.state.state import State
    from mavibot_mock.webhook.outbox import Outbox

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
        id: id of the job.
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
        ran: jobs that ran, failed ones too.
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

    def __init__(
        self,
        state: State,
        handlers: Mapping[str, JobHandler],
        *,
        transaction: Callable[[], AbstractContextManager[None]],
        outbox: Outbox,
    ) -> None:
        """Prepare the jobs of a project.

        Args:
            state: the project's state, which keeps the jobs.
            handlers: kind of a job -> what happens when it is due.
            transaction: in which each job runs.
            outbox: posts the messages that a job writes.
        """
        self._state: Final = state
        self._handlers: Final = handlers
        self._transaction: Final = transaction
        self._outbox: Final = outbox
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._earliest = -math.inf  # no job is due before this moment, new ones aside
        self.failures: Final[deque[Failure]] = deque(maxlen=_FAILURES_KEPT)
        self.is_moving = False

    def run_due(self, *, most: int | None = None) -> None:
        """Run the jobs that are due, the earliest first, each dated to the moment at which it was due.

        While the clock is being moved nothing happens: the jobs of that moment have their turn.

        Args:
            most: bound on their number, or `None` for all.
        """
        if self.is_moving:
            return
        self.watch()
        if self._earliest < math.inf:
            self._run_all_due(most)
        self._outbox.start()

    def _run_all_due(self, most: int | None) -> None:
        now = self._state.now()
        ran = 0
        while ran != most and (job := self._first_due_by(now)) is not None:
            try:
                self._run(job, job["due"])
            except StorageError as error:
                sys.stderr.write(f"job {job['id']} ({job['kind']}) waits: {error}\n")
                self._earliest = now + _LONGEST_NAP  # reads go on meanwhile
                break
            ran += 1
        if self._earliest < math.inf and self._loop is not running_loop():
            self.set_timer()

    def _first_due_by(self, now: float) -> Row | None:
        """Return the job that is due first, where it is due; nearly every call asks, so the answer no is remembered."""
        if now < self._earliest:
            return None
        job = self._state.store.next_job()
        self._earliest = math.inf if job is None else job["due"]
        return job if self._earliest <= now else None

    def run_now(self, job: Row) -> bool:
        """Run a job now, whenever it is due, and return True if it succeeded."""
        return self._run(job, self._state.now())

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
        """Set the timer anew if a job was added; called after every transaction."""
        if self._state.store.take_new_jobs():
            self._earliest = -math.inf
            self.set_timer()

    def set_timer(self) -> None:
        """Wake up when the running clock comes to the next job; without an event loop the next call runs it."""
        self.stop_timer()
        loop = running_loop()
        if loop is None or self.is_moving or self._state.clock.is_stopped:
            return
        if self._state.is_at_work:
            self._timer, self._loop = loop.call_later(_SHORTEST_NAP, self._wake), loop
            return
        job = self._state.store.next_job()
        if job is not None:
            nap = max(job["due"], self._earliest) - self._state.now()
            # A job that is due already only waits for its turn.
            self._timer = loop.call_later(min(max(nap, _SHORTEST_NAP), _LONGEST_NAP) if nap > 0 else 0, self._wake)
            self._loop = loop

    def keep_clock(self) -> None:
        """Keep what the clock shows after it was changed, and wake up for the next job."""
        self._state.keep_clock()
        self.set_timer()

    def reset(self) -> None:
        """Begin anew, after the state was replaced."""
        self.failures.clear()
        self._earliest = -math.inf
        self.set_timer()

    def stop_timer(self) -> None:
        """Stop running jobs when they are due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = self._loop = None

    def _wake(self) -> None:
        if not self._state.is_at_work:
            self.run_due(most=_AT_ONCE)
        self.set_timer()

    async def _move(self, until: float | None, most: int) -> Moved:
        state, epoch = self._state, self._state.epoch
        was_running = not state.clock.is_stopped
        moved = Moved()
        self.is_moving = True
        self.stop_timer()
        try:
            while (job := state.store.next_job()) is not None and (until is None or job["due"] <= until):
                if moved.ran == most:
                    moved.finished = False
                    break
                state.clock.stop(max(job["due"], state.now()))
                moved.failed += not self._run(job, job["due"])
                moved.ran += 1
                if self._outbox.is_busy:
                    await self._outbox.settle()
                elif moved.ran % _AT_ONCE == 0:
                    await asyncio.sleep(0)
                await state.at_rest()
                if state.epoch != epoch:
                    moved.finished = False
                    return moved  # the clock is that of a new state
            if until is not None and moved.finished:
                state.clock.stop(until)
        finally:
            self.is_moving = False
            if state.epoch == epoch:
                if was_running:
                    state.clock.run()
                self.keep_clock()
        return moved

    def _run(self, job: Row, now: float) -> bool:
        state = self._state
        try:
            with self._transaction():
                state.store.remove_job(job["id"])
                parameters = from_json(job["parameters"])
                if not _lost_its_client(state, parameters):
                    steps = self._handlers[job["kind"]](state, parameters, now)
                    if steps is not None:
                        at_once(steps)
        except StorageError:
            raise  # it may run when there is room again
        except Exception as error:
            # Whatever it is, the other jobs go on; this one would fail again and again.
            state.store.remove_job(job["id"])
            self.failures.append(Failure(job["id"], job["kind"], job["due"], f"{type(error).__name__}: {error}"))
            sys.stderr.write(f"job {job['id']} ({job['kind']}) failed:\n")
            sys.stderr.write("".join(traceback.format_exception(error)))
            return False
        return True


def _lost_its_client(state: State, parameters: dict[str, Any]) -> bool:
    """Return True if the client was deleted since the job was made."""
    client_id = parameters.get("client_id")
    return client_id is not None and not state.store.has_client(int(client_id))
