"""Locks files for one process: by the system where it can, else by a file beside."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO, Any


def lock(file: IO[Any], path: Path) -> Callable[[], None]:
    """Lock a file for this process, and return a function that unlocks it; the system does when the process ends.

    Args:
        file: the open file, writable.
        path: its path.

    Raises:
        BlockingIOError: another process has locked it.
        OSError: it cannot be locked.
    """
    try:
        import fcntl  # noqa: PLC0415 - Windows has none
    except ImportError:
        return _lock_beside(path)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lambda: fcntl.flock(file, fcntl.LOCK_UN)


def _lock_beside(path: Path) -> Callable[[], None]:
    """Lock a file beside it: Windows locks bytes against reading too, so the file itself cannot hold the lock."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - installed on Windows alone

    held = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        held.acquire(timeout=0)
    except Timeout:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(path)) from None
    return held.release
