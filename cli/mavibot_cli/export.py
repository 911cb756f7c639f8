"""Writes clients to a file that appears when it is complete, and continues one that was interrupted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import mavibot_contract
from mavibot_cli import terminal
from mavibot_cli.client_files import CSV, file_format
from mavibot_cli.exits import UsageProblem

#: Ending of a file that is not complete yet.
PARTIAL: Final = ".part"
#: Column of the client's variables.
VARIABLES: Final = "variables"

# The import's columns come first; what the reply calls `group` is what an import calls `group_id`.
_FIRST: Final = ("platform_id", "group_id", "client_type")
_RENAMED: Final = {"group": "group_id"}
_LINE_END: Final = b"\n"


@dataclass(frozen=True, slots=True)
class Written:
    """What an interrupted export has left.

    Attributes:
        count: complete clients in the file.
        last_id: number of the last of them; `None` where there is none.
        size: bytes up to the end of the last complete client.
    """

    count: int
    last_id: int | None
    size: int


class Export:
    """A file of clients while it is written; a context manager that gives it its final name where all went well.

    Attributes:
        partial: name of the file until then.
        before: what an interrupted export has left in it.
        count: clients in the file.
    """

    def __init__(self, path: Path, *, variables: bool) -> None:
        """Open the file, or the rest that an interrupted export has left.

        Args:
            path: final name of the file; until it is complete, `.part` stands after it.
            variables: whether clients come with their variables.

        Raises:
            UsageProblem: the file cannot be written, or what is left of it does not fit.
        """
        self.partial: Final = path.with_name(path.name + PARTIAL)
        self._path = path
        self._csv: Final = file_format(path) == CSV
        self._columns = columns(variables=variables)
        with self._writing():
            self._file: BinaryIO = self.partial.open("a+b")
        try:
            self.before: Final = self._written()
        except UsageProblem:
            self._file.close()
            raise
        self.count = self.before.count
        with self._writing():
            self._file.truncate(self.before.size)
            if self._csv and not self.before.size:
                self._file.write(_csv_line(self._columns))

    def write(self, client: Mapping[str, Any]) -> None:
        """Write one client.

        Raises:
            UsageProblem: the disk is full, or the like.
        """
        row = {_RENAMED.get(name, name): value for name, value in client.items()}
        with self._writing():
            self._file.write(
                _csv_line(_cell(row.get(name)) for name in self._columns)
                if self._csv
                else json.dumps(row, ensure_ascii=False).encode() + _LINE_END
            )
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._writing():
            self._file.close()
            if kind is None:
                self.partial.replace(self._path)
            elif not self.count:
                self.partial.unlink()
        if kind is not None and self.count and not issubclass(kind, UsageProblem):
            terminal.tell(f"clients so far in {self.partial}: {self.count}; the same command continues there")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UsageProblem(f"{self.partial}: cannot be written: {error.strerror}") from None

    def _written(self) -> Written:
        self._file.seek(0)
        count, last_id, size = 0, None, 0
        for record in _records(self._file, csv_quotes=self._csv):
            if self._csv and not size:
                self._check_header(record)
            else:
                last_id = self._id(record, count)
                count += 1
            size += len(record)
        return Written(count, last_id, size)

    def _check_header(self, record: bytes) -> None:
        if record != _csv_line(self._columns):
            raise self._foreign("its columns are others, as with or without --variables")

    def _id(self, record: bytes, count: int) -> int:
        try:
            if self._csv:
                cells = next(csv.reader(io.StringIO(record.decode(), newline="")))
                return int(dict(zip(self._columns, cells, strict=True))["id"])
            return int(json.loads(record)["id"])
        except (ValueError, TypeError, LookupError):
            raise self._foreign(f"client {count + 1} in it cannot be read") from None

    def _foreign(self, reason: str) -> UsageProblem:
        return UsageProblem(f"{self.partial}: cannot be continued: {reason}; delete it to begin anew")


def columns(*, variables: bool) -> list[str]:
    """Return the columns of a CSV export: those of an import first, then what else the contract knows of a client.

    Args:
        variables: whether clients come with their variables.
    """
    known = mavibot_contract.load().document["components"]["schemas"]["Client"]["properties"]
    others = [name for name in (_RENAMED.get(each, each) for each in known) if name not in _FIRST]
    return [*_FIRST, *others, *([VARIABLES] if variables else [])]


def _records(file: Iterable[bytes], *, csv_quotes: bool) -> Iterator[bytes]:
    """Yield the complete records of a file; one that the interruption cut off is left out."""
    record = b""
    for line in file:
        record += line
        # A record of CSV can hold line breaks inside of quotes, which are even in number once it is complete.
        if line.endswith(_LINE_END) and not (csv_quotes and record.count(b'"') % 2):
            yield record
            record = b""


def _csv_line(cells: Iterable[Any]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode()


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else value
