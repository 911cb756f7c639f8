"""Runs rules side by side on a server whose effects show late: while one waits for them, others go on.

A rule has a thread of its own there, but one of them runs at any time: a thread hands over where its rule waits, and
nowhere else. So calls still go one after another, and what rules share needs no lock.
"""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

import mavibot_contract

if TYPE_CHECKING:
    from collections.abc import Generator

    from mavibot_conformance.rules.rule import Rule
    from mavibot_conformance.target.clock import Clock

#: Families of which each rule runs alone: they share a webhook, all clients, or the pace of the run.
_ALONE: Final = frozenset({"HOOK", "LIM", "TIME"})
#: Actions that show what other rules do, or may reach their clients.
_SHARED: Final = frozenset({"get_clients", "subscribers", "broadcast"})


def is_alone(rule: Rule, action: str | None) -> bool:
    """Return True if no other rule may run beside this one, for this action where it runs once for each."""
    called = rule.actions if action is None else (action,)
    actions = mavibot_contract.load().actions
    lists = {name for name in called if "list_id" in next(iter(actions[name].values())).schema["properties"]}
    return rule.waits or rule.family in _ALONE or bool(lists or _SHARED.intersection(called))


class LaneClock:
    """A clock by which a rule in a lane waits by letting others go on."""

    def __init__(self, clock: Clock) -> None:
        """Stand before another clock."""
        self._clock: Final = clock
        self._here: Final = threading.local()

    def time(self) -> float:
        """Return the time in seconds since 1970."""
        return self._clock.time()

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return self._clock.monotonic()

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        lane: _Lane | None = getattr(self._here, "lane", None)
        if lane is None:
            self._clock.sleep(seconds)
        elif seconds > 0:
            lane.pause(seconds)

    def in_a_lane(self, steps: Generator[float]) -> Generator[float]:
        """Run the steps of a rule in a thread, and yield each wait in seconds, wherever in the rule it is.

        Args:
            steps: the rule; it yields the waits of its own.
        """
        lane = _Lane(steps, self._here)
        try:
            while (wait := lane.go_on()) is not None:
                yield wait
        finally:
            lane.end()


class _EndedError(BaseException):
    """The rule is to end where it waits; no rule may take this for an error of its own."""


class _Lane:
    """The thread of a rule."""

    def __init__(self, steps: Generator[float], here: threading.local) -> None:
        self._steps: Final = steps
        self._here: Final = here
        self._waits: Final[SimpleQueue[float | None]] = SimpleQueue()
        self._turns: Final[SimpleQueue[bool]] = SimpleQueue()
        self._error: BaseException | None = None
        self._thread: Final = threading.Thread(target=self._run, name="mavibot lane", daemon=True)

    def go_on(self) -> float | None:
        """Let the rule run until it waits, and return for how many seconds, or `None` at its end.

        Raises:
            BaseException: what the rule raised.
        """
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._turns.put(True)
        wait = self._waits.get()
        if wait is None and self._error is not None:
            raise self._error
        return wait

    def pause(self, seconds: float) -> None:
        """Wait, in the thread of the rule, until it is to go on.

        Raises:
            _EndedError: it is to end.
        """
        self._waits.put(seconds)
        if not self._turns.get():
            raise _EndedError

    def end(self) -> None:
        """End the rule at its next wait, if it has not ended yet."""
        if self._thread.ident is not None:
            self._turns.put(False)
            self._thread.join()

    def _run(self) -> None:
        self._here.lane = self
        try:
            for wait in self._steps:
                self.pause(wait)
        except _EndedError:
            pass
        except BaseException as error:
            self._error = error
        self._waits.put(None)
