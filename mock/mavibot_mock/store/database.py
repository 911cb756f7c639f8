"""The connection to a project's SQLite database, and the few things that every query needs."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import orjson

from mavibot_mock.store.schema import SCHEMA, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Database:
    """An SQLite database in memory or in a file; the parts of the store are built on it."""

    def __init__(self, path: Path | None = None) -> None:
        """Open a database; a new one gets its tables.

        Args:
            path: file that keeps it, or `None` for memory.

        Raises:
            ValueError: the file holds a database of another version.
        """
        # All calls run one after another in the server's thread, which need not be the one that made the store.
        self._db: Final = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False, cached_statements=512
        )
        self._db.row_factory = sqlite3.Row
        if path is not None:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")  # a kill of the process loses nothing; a power cut might
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT")
        elif version != VERSION:
            self._db.close()
            raise ValueError(f"{path} was written by another version of the mock: tables {version}, not {VERSION}")

    def close(self) -> None:
        """Close the database; what was in memory is gone."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all changes made inside, or none of them where an exception leaves the block."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _insert(self, table: str, columns: Mapping[str, Any]) -> int:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        cursor = self._db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names from this package
            tuple(columns.values()),
        )
        return int(cursor.lastrowid or 0)

    def _update(self, table: str, row_id: int, columns: Mapping[str, Any]) -> None:
        changes = ", ".join(f"{name} = ?" for name in columns)
        self._db.execute(
            f"UPDATE {table} SET {changes} WHERE id = ?",  # noqa: S608 - names from this package
            (*columns.values(), row_id),
        )

    def _one(self, query: str, *arguments: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(query, arguments).fetchone()
        return row

    def _all(self, query: str, *arguments: Any) -> list[sqlite3.Row]:
        return self._db.execute(query, arguments).fetchall()

    def _number(self, query: str, *arguments: Any) -> int | None:
        row = self._db.execute(query, arguments).fetchone()
        return None if row is None else row[0]


def to_json(value: Any) -> str:
    """Return a value as JSON text."""
    return orjson.dumps(value).decode()


def from_json(text: str) -> Any:
    """Return the value of a JSON text."""
    return orjson.loads(text)
