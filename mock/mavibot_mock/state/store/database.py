"""The connection to a project's SQLite database, and the few things that every query needs."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import orjson

from mavibot_mock.state.settings import settings_of
from mavibot_mock.state.store.schema import SCHEMA, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

#: The greatest number of the database, more than any id.
GREATEST: Final = 2**63 - 1

#: How long to wait for a process that is about to release the file, seconds.
_TIMEOUT: Final = 1.0

#: More than the queries of all actions.
_MOST_STATEMENTS: Final = 512

#: How a log of SQLite begins.
_MAGIC_OF_LOG: Final = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")

#: What SQLite calls a disk that is full, read-only or failing.
_STORAGE_ERRORS: Final = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PERM")


class StorageError(Exception):
    """The directory that keeps the projects cannot be written; what was kept before can still be read."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"the directory cannot be written: {reason}")


@contextmanager
def storage_checked() -> Iterator[None]:
    """Raise `StorageError` where a disk is full, read-only or failing.

    Raises:
        StorageError: it is.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(_STORAGE_ERRORS):
            raise StorageError(error) from error
        raise
    except OSError as error:
        raise StorageError(error.strerror) from error


class Database:
    """An SQLite database in memory or in a file; the parts of the store are built on it."""

    def __init__(
        self, path: Path | None = None, *, like: Database | None = None, statements: int = _MOST_STATEMENTS
    ) -> None:
        """Open the database of a file, or make one in memory.

        Args:
            path: file that keeps it, which was checked (`check_file`), or `None` for memory.
            like: what one in memory begins as, instead of empty tables.
            statements: how many of its statements are kept prepared, each of some 10 KB.

        Raises:
            ValueError: another process has the file open.
        """
        # All calls run one after another in the server's thread, which need not be the one that made the store.
        self._db: Final = sqlite3.connect(
            ":memory:" if path is None else f"{path.absolute().as_uri()}?mode=rw",
            uri=path is not None,
            timeout=_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=statements,
        )
        self._db.row_factory = sqlite3.Row
        self._db.create_function("from_hex", 1, _from_hex, deterministic=True)
        if path is None:
            if like is not None:
                self.replace(like)
            else:
                self._db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT")
            return
        try:
            with _named(path):
                self._db.execute("PRAGMA locking_mode = EXCLUSIVE")  # two servers on one file would not see each other
                self._db.execute("SELECT name FROM facts")
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing; a power cut might
        except ValueError:
            self._db.close()
            raise

    def replace(self, other: Database) -> None:
        """Put a copy of another database in the place of this one, at once and wholly; no transaction may be open."""
        other._db.backup(self._db)

    def load(self, path: Path) -> None:
        """Put a copy of a file in the place of this database, at once and wholly; no transaction may be open.

        Raises:
            ValueError: the file holds no complete database of this version.
        """
        with _opened_to_read(path) as file:
            file.backup(self._db)

    def save(self, path: Path) -> None:
        """Write a copy of this database to a file; the file is the old one or the new one at any moment.

        Raises:
            StorageError: the directory cannot be written.
        """
        unfinished = path.with_suffix(".unfinished")
        with storage_checked():
            unfinished.unlink(missing_ok=True)
            with closing(sqlite3.connect(unfinished)) as file:
                file.execute("PRAGMA synchronous = OFF")
                self._db.backup(file)
            unfinished.replace(path)

    def close(self) -> None:
        """Close the database; what was in memory is gone."""
        self._db.close()

    @property
    def changes(self) -> int:
        """How many rows were written since the database was opened."""
        return self._db.total_changes

    def transaction(self) -> AbstractContextManager[object]:
        """Begin to keep all changes made inside, or none of them where an exception leaves the block."""
        self._db.execute("BEGIN")
        return self._db  # the connection itself commits, or rolls back

    def _insert(self, table: str, columns: Mapping[str, Any]) -> int:
        # What is left out is NULL; for None, as for True and False, the driver would look for an adapter.
        given = {name: value for name, value in columns.items() if value is not None}
        return self._db.execute(_insertion(table, *given), tuple(given.values())).lastrowid or 0

    def _update(self, table: str, row_id: int, columns: Mapping[str, Any]) -> None:
        changes = ", ".join(f"{name} = ?" for name in columns)
        self._db.execute(
            f"UPDATE {table} SET {changes} WHERE id = ?",  # noqa: S608 - names from this package
            (*columns.values(), row_id),
        )

    # Arguments stand in order, or are named where a query uses one several times: numbered places are deprecated.
    def _one(self, query: str, *arguments: Any, **named: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(query, named or arguments).fetchone()
        return row

    def _all(self, query: str, *arguments: Any, **named: Any) -> list[sqlite3.Row]:
        return self._db.execute(query, named or arguments).fetchall()

    def _number(self, query: str, *arguments: Any, **named: Any) -> int | None:
        row = self._db.execute(query, named or arguments).fetchone()
        return None if row is None else row[0]


@cache
def _insertion(table: str, *columns: str) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names from this package


def to_json(value: Any) -> str:
    """Return a value as JSON text."""
    return orjson.dumps(value).decode()


def to_hex(texts: Iterable[str]) -> str:
    """Return texts as JSON, for `from_hex` in a query: SQLite ends a text of a JSON list at U+0000."""
    return to_json([text.encode().hex() for text in texts])


def _from_hex(text: str) -> str:
    return bytes.fromhex(text).decode()


def from_json(text: str) -> Any:
    """Return the value of a JSON text."""
    return orjson.loads(text)


def check_file(path: Path) -> None:
    """Check whether a file holds a complete database of this version; neither it nor what is beside it changes.

    Raises:
        ValueError: it does not, or another process has it open; the message names the file.
    """
    with _opened_to_read(path):
        pass


@contextmanager
def _opened_to_read(path: Path) -> Iterator[sqlite3.Connection]:
    with _named(path), ExitStack() as stack:
        log = path.with_name(f"{path.name}-wal")
        kept = path
        if log.is_file() and log.stat().st_size:
            # A killed process has left it. SQLite merges it into the file, whatever that holds, so a copy is opened.
            _check_log(path, log)
            kept = Path(stack.enter_context(TemporaryDirectory()), path.name)
            shutil.copyfile(path, kept)
            shutil.copyfile(log, kept.with_name(log.name))
        # Told that the file does not change, SQLite puts no files of its own beside it.
        mode = "immutable=1" if kept is path else "mode=rw"
        file = stack.enter_context(closing(sqlite3.connect(f"{kept.absolute().as_uri()}?{mode}", uri=True)))
        _check(file)
        yield file


def _check_log(path: Path, log: Path) -> None:
    """Check that a log belongs to no process, and is one.

    Raises:
        sqlite3.OperationalError: another process has the file open.
        ValueError: it is not a log.
    """
    # To a reader who may make no index of the log SQLite tells only whether the file is locked.
    uri = f"{path.absolute().as_uri()}?mode=ro&readonly_shm=1"
    with closing(sqlite3.connect(uri, uri=True, timeout=_TIMEOUT)) as file:
        try:
            file.execute("PRAGMA schema_version")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise
    with log.open("rb") as opened:
        if opened.read(len(_MAGIC_OF_LOG[0])) not in _MAGIC_OF_LOG:
            raise ValueError(f"{log.name} beside it is no log of SQLite; delete it to go on without what it held")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name the file in the error where it is not what it should be."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        reason = "another mock has it open" if "locked" in str(error) else str(error)
        raise ValueError(f"{path}: {reason}") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _check(database: sqlite3.Connection) -> None:
    """Check whether a database is complete.

    Raises:
        sqlite3.DatabaseError: it is not a database.
        ValueError: it is not of this version, lacks a table, or is corrupt.
    """
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    found = dict(database.execute(_TABLES).fetchall())
    if not version and not found:
        raise ValueError("holds no project, such as after a crash while it was made; delete its folder to go on")
    if version != VERSION:
        raise ValueError(f"was written by another version of the mock: tables {version}, not {VERSION}; start afresh")
    for name, definition in _expected().items():
        if found.get(name) != definition:
            raise ValueError(f"is not complete: {name} is missing or another one")
    [problem, *_] = database.execute("PRAGMA quick_check(1)").fetchone()
    if problem != "ok":
        raise ValueError(f"is corrupt: {problem}")
    settings = database.execute("SELECT value FROM facts WHERE name = 'settings'").fetchone()
    if settings is not None:
        settings_of(from_json(settings[0])).zone  # noqa: B018 - an unknown zone is an error


_TABLES: Final = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"


@cache
def _expected() -> dict[str, str]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(SCHEMA)
        return dict(database.execute(_TABLES).fetchall())
