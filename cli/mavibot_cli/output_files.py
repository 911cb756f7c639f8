"""Files that a command writes at its end, checked at its beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def check_writable(file: Path) -> None:
    """Check that a file can be written, and leave it as it is.

    Raises:
        OSError: it cannot be written.
    """
    is_there = file.exists()
    if is_there and not (file.is_file() or file.is_dir()):
        return  # a pipe would take a first opening for its only one
    with file.open("ab"):
        pass
    if not is_there:
        file.unlink()
