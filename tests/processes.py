"""Processes that a test starts: each ends with the test, also with one that fails, and so do its children."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a process group of its own, and kill what is left of the group at the end.

    Args:
        command: program and arguments.
        options: further arguments of `subprocess.Popen`; texts are strings.
    """
    with subprocess.Popen(command, text=True, start_new_session=True, **options) as process:
        try:
            yield process
        finally:
            # The group outlives its leader for as long as it has members.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
