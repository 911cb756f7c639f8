"""How Ctrl-C and SIGTERM end a command that has something to save."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


class TerminatedError(KeyboardInterrupt):
    """SIGTERM ends the process, in the way of Ctrl-C."""


class Ending:
    """Raises what ends a command: at once, or once what may not be interrupted is done."""

    def __init__(self) -> None:
        self._is_held = False
        self._held: KeyboardInterrupt | None = None

    def hold(self) -> None:
        """Keep back what comes from here on, until the command is done."""
        self._is_held = True

    def come(self, number: int) -> None:
        """Take a signal.

        Raises:
            KeyboardInterrupt: nothing holds it back.
        """
        error = TerminatedError("SIGTERM") if number == signal.SIGTERM else KeyboardInterrupt()
        if not self._is_held:
            raise error
        self._held = self._held or error

    def raise_held(self) -> None:
        """Raise the first of what was kept back, if anything was.

        Raises:
            KeyboardInterrupt: a signal came.
        """
        if self._held is not None:
            raise self._held


@contextmanager
def ending() -> Iterator[Ending]:
    """Let SIGTERM, by which runners end what takes too long, do what Ctrl-C does, and let a command hold both back.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM came; what was held back is raised at the end.
    """
    found: Final = Ending()
    before = {
        number: signal.signal(number, lambda number, _frame: found.come(number))
        for number in (signal.SIGINT, signal.SIGTERM)
        # Who starts a process in the background may have it ignore Ctrl-C.
        if signal.getsignal(number) != signal.SIG_IGN
    }
    try:
        yield found
        found.raise_held()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
