"""Time as a run sees it, and how it waits for what a server does after its reply."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Pauses between two looks, in seconds; about two seconds in all.
_PAUSES_S: Final = (0.01, 0.02, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8)


class Clock(Protocol):
    """A clock; the module `time` is one."""

    def time(self) -> float:
        """Return the time in seconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Return the time in seconds."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


#: So many pauses fewer after each wait in vain, and the fewest that remain: about 0.2 seconds.
_FEWER: Final = 2
_FEWEST_PAUSES: Final = 5
#: Seconds in which what an action may still do shows: at least, at most, and of an action that is not known yet. The
#: least is longer than the 0.2 seconds between two messages of a broadcast.
_LEAST_REST_S: Final = 0.3
_MOST_REST_S: Final = 2.0
_UNKNOWN_REST_S: Final = 1.0
#: Actions that change what all rules share.
_OF_LISTS: Final = ("add_to_list", "remove_from_list")
#: No action, and never.
_NOTHING: Final = ("", -math.inf)
#: So many times what was measured is waited for before each look: the next effect may take longer.
_MARGIN: Final = 1.25


def comes_true(condition: Callable[[], object], clock: Clock = time) -> bool:
    """Return True as soon as a condition holds, and False if it does not after about two seconds.

    Args:
        condition: looked at ten times at most.
        clock: for the pauses.
    """
    return _looks(condition, clock, len(_PAUSES_S)) is not None


class Pending:
    """What was changed last by the calls of one rule after another, and may not show yet."""

    def __init__(self) -> None:
        """Nothing was."""
        self.done: tuple[str, float] = _NOTHING
        self.refused: tuple[str, float] = _NOTHING

    def copy(self) -> Pending:
        """Return the same for another sequence of rules."""
        other = Pending()
        other.done, other.refused = self.done, self.refused
        return other

    def forget(self, *, refused_only: bool) -> None:
        """Wait for nothing that was changed so far, or for nothing that was refused: what follows is about others."""
        self.refused = _NOTHING
        if not refused_only and self.done[0] not in _OF_LISTS:
            self.done = _NOTHING


class Waits:
    """The waits of a run for what actions do after their replies.

    An action whose effect was waited for in vain is given less time at the next wait, so that one fault does not cost
    two seconds for each rule that meets it; what was ever seen late is waited for as long again, and longer.

    Attributes:
        lateness: how many seconds after a reply what the call did shows on this server, as far as it was measured.
        prompt: actions of which it was measured that it shows at once.
        pending: what may not show yet.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.lateness = 0.0
        self.prompt: frozenset[str] = frozenset()
        self.pending = Pending()
        self._pauses: Final[dict[str, int]] = {}
        self._late: Final[dict[str, int]] = {}

    def comes_true(self, condition: Callable[[], object], action: str, clock: Clock = time) -> bool:
        """Return True as soon as a condition holds, and False if it does not after two seconds at most.

        Args:
            condition: looked at ten times at most.
            action: the action of which it is the effect.
            clock: for the pauses.
        """
        most = self._pauses.get(action, len(_PAUSES_S))
        late = _looks(condition, clock, most)
        if late is None:
            least = max(_FEWEST_PAUSES, self._late.get(action, 0) + _FEWER)
            self._pauses[action] = min(most, max(least, most - _FEWER))
            return False
        self._late[action] = max(late, self._late.get(action, 0))
        return True

    def change(self, action: str, clock: Clock = time, *, is_refused: bool = False) -> None:
        """Note that a call of an action which may change something was answered just now."""
        if is_refused:
            self.pending.refused = (action, clock.monotonic())
        elif action not in self.prompt:
            self.pending.done = (action, clock.monotonic())

    @contextmanager
    def apart(self, *, matters: bool = True) -> Iterator[None]:
        """Make calls that build on no others.

        Args:
            matters: whether others may build on them.
        """
        before, own = self.pending, Pending()
        self.pending = own
        try:
            yield
        finally:
            self.pending = before
            if matters and own.done is not _NOTHING:
                before.done = own.done

    def before(self, action: str, clock: Clock = time, *, reads: bool) -> None:
        """Wait, where effects show late, until those of the calls so far do: the next may read them or build on them.

        Args:
            action: the next call's; several calls of one action that changes something do not wait for each other.
            clock: for the pause.
            reads: whether it only reads, and would see what a refused call has done all the same.
        """
        if not self.lateness:
            return
        changes = [self.pending.done, self.pending.refused] if reads else [self.pending.done]
        due = max((moment for name, moment in changes if name != action), default=-math.inf) + _MARGIN * self.lateness
        clock.sleep(max(0.0, due - clock.monotonic()))

    def rest(self, action: str, clock: Clock = time) -> None:
        """Wait for what an action may still do: twice as long as its effects have ever taken to show here.

        Args:
            action: the action.
            clock: for the pause.
        """
        late = self._late.get(action)
        seconds = _UNKNOWN_REST_S if late is None else 2 * sum(_PAUSES_S[:late])
        clock.sleep(min(_MOST_REST_S, max(_LEAST_REST_S, seconds)))


def _looks(condition: Callable[[], object], clock: Clock, most: int) -> int | None:
    """Return after how many pauses, `most` at the most, a condition holds, or `None` if it does not.

    The looks are counted and not the time, so that a slow machine looks as often as a fast one.
    """
    for count, pause in enumerate((0.0, *_PAUSES_S[:most])):
        if count:
            clock.sleep(pause)
        if condition():
            return count
    return None
