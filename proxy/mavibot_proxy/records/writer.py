"""Writes records: HAR for other programs, or NDJSON, an entry of HAR a line.

Each call is handed to the operating system before the next one: what `kill -9` leaves is complete but for the call
that was being written.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

from mavibot._locks import lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO

#: Most bytes of a record and its predecessor together.
LARGEST: Final = 512_000_000

_TAIL: Final = b"\n]}}\n"


class Record:
    """A file that calls are added to; when it is full it becomes the older part, and a new one begins.

    Attributes:
        path: the file. Its older part has `.old` before the ending.
        problem: why nothing is written any more, such as a full disk, or `None`.
    """

    def __init__(self, path: Path, *, largest: int = LARGEST, version: str) -> None:
        """Begin a file.

        Args:
            path: `.har` for HAR, anything else for NDJSON. What stood there becomes the older part.
            largest: most bytes of the file and its older part together.
            version: version of the program that writes it.

        Raises:
            OSError: it cannot be written, or another proxy records there.
        """
        self.path: Final = path
        self.problem: str | None = None
        self._largest: Final = largest // 2
        self._head: Final = _head(version) if path.suffix.lower() == ".har" else b""
        if path.exists():
            if not path.is_file():
                # A device or a folder must not be renamed.
                raise OSError(errno.EINVAL, "is no regular file", str(path))
            with path.open("r+b") as found:
                self._locked(found)()
            path.replace(self._older)
        self._begin()

    def add(self, entry: dict[str, Any]) -> None:
        """Add a call; where that fails the record ends there, and passing on does not."""
        if self.problem is not None:
            return
        line = orjson.dumps(entry)
        try:
            if self._size + len(line) > self._largest and self._count:
                self._turn_over()
            self._write(line)
        except OSError as error:
            self._cut()
            self.problem = f"{self.path}: {error.strerror}; nothing is recorded any more"

    def close(self) -> None:
        """End the file; it is complete at any time."""
        if not self._file.closed:
            self._unlock()
            self._file.close()

    @property
    def _older(self) -> Path:
        return self.path.with_suffix(f".old{self.path.suffix}")

    def _begin(self) -> None:
        self._file = open(self.path, "wb", buffering=0, opener=_opened)  # noqa: SIM115 - closed at the end
        try:
            self._unlock = self._locked(self._file)
        except OSError:
            self._file.close()
            raise
        self._file.truncate()
        self._size = self._count = 0
        if self._head:
            self._put(self._head + _TAIL)
            self._size = len(self._head)

    def _locked(self, file: IO[bytes]) -> Callable[[], None]:
        """Lock a file at the path, and return a function that unlocks it."""
        try:
            return lock(file, self.path)
        except BlockingIOError:
            raise OSError(errno.EBUSY, "another proxy records there", str(self.path)) from None

    def _turn_over(self) -> None:
        self.close()
        self.path.replace(self._older)
        self._begin()

    def _write(self, line: bytes) -> None:
        if not self._head:
            self._put(line + b"\n")
            self._size += len(line) + 1
        else:
            # The end of the file is overwritten, so that it is a whole document after each call.
            self._file.seek(self._size)
            piece = (b",\n" if self._count else b"") + line
            self._put(piece + _TAIL)
            self._size += len(piece)
        self._count += 1

    def _cut(self) -> None:
        """Leave out what was written of an entry that is not whole."""
        if self._file.closed:
            return
        with suppress(OSError):
            self._file.seek(self._size)
            if self._head and self._size:
                self._put(_TAIL)
            self._file.truncate()

    def _put(self, content: bytes) -> None:
        while content:
            content = content[self._file.write(content) :]


def _opened(path: str, flags: int) -> int:
    """Open a file as it is: it is emptied once it is locked. Others may not read it unless its owner lets them."""
    return os.open(path, flags & ~os.O_TRUNC, mode=0o600)


def _head(version: str) -> bytes:
    creator = orjson.dumps({"name": "mavibot proxy", "version": version})
    return b'{"log": {"version": "1.2", "creator": %b, "entries": [\n' % creator
