"""The resume file of a bulk run: what was about to be sent, and its outcome.

One JSON object a line. The first line is the run's fingerprint; then each chunk has one line before it is sent and one
after it. Every line is on disk before the run continues, so after a crash at any point a chunk has an outcome, or has
none, or was not sent and left no trace. Items and texts are not in the file, only their digests.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, Self, get_args

from mavibot._locks import lock
from mavibot.errors import ResumeError

if TYPE_CHECKING:
    from types import TracebackType

Outcome = Literal["done", "failed", "unknown"]

#: Version of the file format.
_VERSION: Final = 1
_BEGIN_OF_A_CHUNK: Final = b'{"chunk": '
_PRINTABLE: Final = re.compile(rb"[ -~]+")


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
        ResumeError: the file cannot be read or written, belongs to another run, is damaged, or is in use; raised when
            it is entered.
    """

    def __init__(self, path: str | os.PathLike[str], fingerprint: Mapping[str, Any]) -> None:
        self._path = Path(path)
        self._fingerprint = {"mavibot_bulk_run": _VERSION, **fingerprint}
        self._chunks: dict[int, Earlier] = {}
        self._writing = threading.Lock()
        self._end = 0
        self._is_whole = True

    def __enter__(self) -> Self:
        with self._failing("opened"):
            self._file = self._path.open("a+b")
            if not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
                self._file.close()
                raise OSError("it is no regular file")
        try:
            with self._failing("locked"):
                self._unlock = _locked(self._file, self._path)
        except BaseException:
            self._file.close()
            raise
        try:
            with self._failing("read"):
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
        line = _line(record)
        with self._writing, self._failing("written"):
            if not self._is_whole:
                raise OSError("an earlier line could not be written")
            try:
                self._write(line)
            except OSError:
                # Half a line would be taken for damage once another one follows.
                self._is_whole = False
                with suppress(OSError):
                    self._file.truncate(self._end)
                raise
            self._end += len(line)

    def _write(self, line: bytes) -> None:
        descriptor = self._file.fileno()
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)

    def _read(self) -> None:
        self._file.seek(0)
        for number, line in enumerate(self._file):
            if not line.endswith(b"\n") and self._may_be_torn(number, line):
                # The process died while writing this line. A torn intent was not sent, a torn outcome is not known.
                break
            try:
                self._take(number, json.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                raise self._refused(f"line {number + 1} is damaged, or this is not the file of a bulk run") from None
            self._end += len(line)
        self._file.truncate(self._end)
        if self._end == 0:
            self._append(self._fingerprint)
            _sync_folder(self._path.parent)

    def _may_be_torn(self, number: int, line: bytes) -> bool:
        """Return True if a last line without an end is the beginning of a line that a run writes."""
        if number == 0:
            return _line(self._fingerprint).startswith(line)
        return line.startswith(_BEGIN_OF_A_CHUNK[: len(line)]) and _PRINTABLE.fullmatch(line) is not None

    def _take(self, number: int, record: Any) -> None:
        """Take what one line records.

        Raises:
            ValueError, TypeError, KeyError, AttributeError: no run writes such a line.
        """
        if number == 0:
            self._compare(record)
            return
        match record:
            case {"chunk": bool()}:  # which Python takes for 0 or 1
                raise ValueError(record)
            case {"chunk": int(index), "items": str(items), **rest} if not rest and index >= 0:
                self._chunks[index] = Earlier(items)
            case {"chunk": int(index), "outcome": outcome, "left_out": [*left_out], **rest} if not rest:
                size = self._fingerprint["chunk_size"]
                possible = range(index * size, (index + 1) * size)
                if outcome not in get_args(Outcome) or not all(
                    type(each) is int and each in possible for each in left_out
                ):
                    raise ValueError(record)
                self._chunks[index] = replace(self._chunks[index], outcome=outcome, left_out=tuple(left_out))
            case _:
                raise ValueError(record)

    def _compare(self, recorded: Mapping[str, Any]) -> None:
        if recorded.keys() != self._fingerprint.keys():
            raise ValueError("no fingerprint")
        # As JSON: in Python, true equals 1.
        if other := [name for name in recorded if json.dumps(recorded[name]) != json.dumps(self._fingerprint[name])]:
            raise self._refused(
                f"it belongs to a run with another {' and '.join(other)}. Give the same arguments, or use a new file"
            )

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        """Turn an error of the system into our own; `what` could not be done."""
        try:
            yield
        except (OSError, ValueError) as error:  # a ValueError: the path holds a NUL, or the file cannot seek
            raise ResumeError(
                str(self._path),
                f"it cannot be {what}: {getattr(error, 'strerror', None) or error}; what it records holds",
            ) from None

    def _refused(self, reason: str) -> ResumeError:
        return ResumeError(str(self._path), f"{reason}; nothing of it was sent")


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record).encode() + b"\n"


def digest(value: Any) -> str:
    """Return a digest of an argument or item: equal for equal values, whatever the order of keys.

    What JSON cannot hold counts by its type alone: it breaks the contract, so it is never sent.
    """
    try:
        canonical = json.dumps(value, sort_keys=True, default=_plain)
    except Exception:  # it holds itself, is nested too deeply, or a class's own __str__ fails
        canonical = f"unsendable {type(value).__name__}"
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def digest_of_all(items: Iterable[Any]) -> str:
    """Return a digest of items in their order."""
    return digest([digest(item) for item in items])


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
        OSError: it cannot be locked.
    """
    try:
        return lock(file, path)
    except BlockingIOError:
        raise ResumeError(str(path), "another run is using it; nothing was sent") from None
