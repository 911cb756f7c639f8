"""The resume file of a bulk run: what was about to be sent, and its outcome.

One JSON object a line. The first line is the run's fingerprint; then each chunk has one line before it is sent and one
after it. Every line is on disk before the run continues, so after a crash at any point a chunk has an outcome, or has
none, or was not sent and left no trace. Items and texts are not in the file, only their digests.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, Self, get_args

from mavibot.errors import ResumeError

if TYPE_CHECKING:
    from types import TracebackType

Outcome = Literal["done", "failed", "unknown"]

#: Version of the file format.
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a resume file records of a chunk.

    Attributes:
        items: digest of its items.
        outcome: its outcome; `unknown` if none is recorded.
        left_out: indexes in the input of items that were left out because they break the contract.
    """

    items: str
    outcome: Outcome = "unknown"
    left_out: tuple[int, ...] = ()


class RunFile:
    """An open and locked resume file.

    Args:
        path: path of the file; it is created if it does not exist.
        fingerprint: what must be the same in every run with this file.

    Raises:
        ResumeError: the file belongs to another run, is damaged, or is in use; raised when it is entered.
    """

    def __init__(self, path: str | os.PathLike[str], fingerprint: Mapping[str, Any]) -> None:
        self._path = Path(path)
        self._fingerprint = {"mavibot_bulk_run": _VERSION, **fingerprint}
        self._chunks: dict[int, Earlier] = {}
        self._writing = threading.Lock()

    def __enter__(self) -> Self:
        self._file = self._path.open("a+b")
        try:
            self._unlock = _locked(self._file, self._path)
        except BaseException:
            self._file.close()
            raise
        try:
            self._read()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._writing:
            self._unlock()
            self._file.close()

    def earlier(self, index: int, items: str) -> Earlier | None:
        """Return what an earlier run recorded of a chunk, `None` if it is new.

        Args:
            index: index of the chunk.
            items: digest of its items.

        Raises:
            ResumeError: the chunk had other items.
        """
        recorded = self._chunks.get(index)
        if recorded is not None and recorded.items != items:
            raise self._refused(
                f"chunk {index} has other items than in the earlier run. Give the same items in the same order, or "
                "use a new file"
            )
        return recorded

    def finish(self, count: int) -> None:
        """Check that the input had all the chunks of the earlier run.

        Raises:
            ResumeError: chunks of the earlier run are missing.
        """
        if self._chunks and max(self._chunks) >= count:
            raise self._refused(
                f"the items end after {count} chunks, but the earlier run had at least {max(self._chunks) + 1}. Give "
                "the same items in the same order, or use a new file"
            )

    def write_intent(self, index: int, items: str) -> None:
        """Record that a chunk is about to be sent; on return it is on disk."""
        self._append({"chunk": index, "items": items})

    def write_outcome(self, index: int, outcome: Outcome, left_out: Iterable[int] = ()) -> None:
        """Record the outcome of a chunk; on return it is on disk."""
        self._append({"chunk": index, "outcome": outcome, "left_out": list(left_out)})

    def _append(self, record: Mapping[str, Any]) -> None:
        with self._writing:
            self._file.write(json.dumps(record).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def _read(self) -> None:
        self._file.seek(0)
        end = 0
        for number, line in enumerate(self._file):
            if not line.endswith(b"\n"):
                # The process died while writing this line. A torn intent was not sent, a torn outcome is not known.
                break
            try:
                self._take(number, json.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError):
                raise self._refused(f"line {number + 1} is damaged, or this is not the file of a bulk run") from None
            end += len(line)
        self._file.truncate(end)
        if end == 0:
            self._append(self._fingerprint)
            _sync_folder(self._path.parent)

    def _take(self, number: int, record: Any) -> None:
        if number == 0:
            self._compare(record)
        elif "items" in record:
            self._chunks[record["chunk"]] = Earlier(record["items"])
        elif record["outcome"] in get_args(Outcome):
            self._chunks[record["chunk"]] = replace(
                self._chunks[record["chunk"]], outcome=record["outcome"], left_out=tuple(record["left_out"])
            )
        else:
            raise ValueError(record["outcome"])

    def _compare(self, recorded: Mapping[str, Any]) -> None:
        if recorded.keys() != self._fingerprint.keys():
            raise ValueError("no fingerprint")
        if other := [name for name, value in self._fingerprint.items() if recorded[name] != value]:
            raise self._refused(
                f"it belongs to a run with another {' and '.join(other)}. Give the same arguments, or use a new file"
            )

    def _refused(self, reason: str) -> ResumeError:
        return ResumeError(str(self._path), f"{reason}; nothing of it was sent")


def digest(value: Any) -> str:
    """Return a digest of arguments or items: equal for equal values, whatever the order of keys."""
    canonical = json.dumps(value, sort_keys=True, default=_plain)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    return value.to_dict() if hasattr(value, "to_dict") else str(value)


def _sync_folder(folder: Path) -> None:
    # Otherwise a power cut can lose a new file's name although its content is on disk. Windows has no such call.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _locked(file: BinaryIO, path: Path) -> Callable[[], None]:
    """Lock a file for this process and return a function that unlocks it.

    Raises:
        ResumeError: another run has locked it.
    """
    try:
        import fcntl  # noqa: PLC0415 - Windows has none
    except ImportError:
        return _locked_beside(path)
    try:
        # The system drops this lock when the process ends, however it ends.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ResumeError(str(path), "another run is using it; nothing was sent") from None
    return lambda: fcntl.flock(file, fcntl.LOCK_UN)


def _locked_beside(path: Path) -> Callable[[], None]:
    lock = path.with_name(f"{path.name}.lock")
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        holder = lock.read_text() or "unknown"
        raise ResumeError(
            str(path),
            f"another run (process {holder}) is using it; nothing was sent. If that process has died, "
            f"delete {lock} and try again",
        ) from None
    os.write(descriptor, str(os.getpid()).encode())
    os.close(descriptor)
    return lock.unlink
