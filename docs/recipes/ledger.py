"""A ledger of calls that must happen once.

What the platform is told about money stands in a table of your own: *unknown* before the call, and the outcome
after it. A program that is killed in between leaves *unknown*, which is not repeated by accident. A notice of a
payment service that comes twice is passed on once.

[Which error means what](../explanation/errors.md) explains the three outcomes. The three shops
([FastAPI](shop_fastapi.py), [Django](shop_django.py), [Flask](shop_flask.py)) use this module.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from mavibot import MavibotError


class Ledger:
    """Calls by a key of your own, such as the id of a payment, each with its outcome: done, failed or unknown."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with closing(self._connect()) as database:
            database.execute("CREATE TABLE IF NOT EXISTS calls (id TEXT PRIMARY KEY, outcome TEXT, reason TEXT)")

    def once(self, key: str, call: Callable[[], object]) -> str:
        """Make a call unless it was made before; return its outcome.

        A failed call is made again, since nothing was carried out. An unknown one is not: look first.
        """
        if not self._begin(key):
            return self.outcome(key)
        try:
            call()
        except MavibotError as error:
            self._end(key, "unknown" if error.sent else "failed", str(error))
        else:
            self._end(key, "done", "")
        return self.outcome(key)

    def outcome(self, key: str) -> str:
        """Return the outcome of a call that was begun."""
        with closing(self._connect()) as database:
            return str(database.execute("SELECT outcome FROM calls WHERE id = ?", [key]).fetchone()[0])

    def unknown(self) -> list[str]:
        """Return the keys of all calls whose outcome is to be found out."""
        with closing(self._connect()) as database:
            return [key for (key,) in database.execute("SELECT id FROM calls WHERE outcome = 'unknown' ORDER BY id")]

    def _begin(self, key: str) -> bool:
        """Write that the call is about to be made; return False where it was made already, or is being made."""
        with closing(self._connect()) as database:
            written = database.execute(
                "INSERT INTO calls VALUES (?, 'unknown', 'begun') ON CONFLICT (id)"
                " DO UPDATE SET outcome = 'unknown', reason = 'begun' WHERE outcome = 'failed'",
                [key],
            )
            return written.rowcount == 1

    def _end(self, key: str, outcome: str, reason: str) -> None:
        with closing(self._connect()) as database:
            database.execute("UPDATE calls SET outcome = ?, reason = ? WHERE id = ?", [outcome, reason, key])

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, isolation_level=None)
