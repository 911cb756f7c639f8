"""Abandoned carts.

A client who leaves a cart for an hour is reminded once; who orders meanwhile is not. The platform cannot take back
what was scheduled with `time_shift`, so the waiting happens here: a table of carts, and a function that a timer calls
each minute.
"""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mavibot import Mavibot, MavibotError

AFTER = timedelta(hours=1)


class Carts:
    """The carts that were neither ordered nor reminded of."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with closing(self._connect()) as database:
            database.execute("CREATE TABLE IF NOT EXISTS carts (client INTEGER PRIMARY KEY, changed REAL, sum INTEGER)")

    def changed(self, client_id: int, amount: int, now: datetime) -> None:
        """Note that a client has put something into the cart; the hour begins anew."""
        with closing(self._connect()) as database:
            database.execute("REPLACE INTO carts VALUES (?, ?, ?)", [client_id, now.timestamp(), amount])

    def ordered(self, client_id: int) -> None:
        """Note that a client has ordered."""
        with closing(self._connect()) as database:
            database.execute("DELETE FROM carts WHERE client = ?", [client_id])

    def remind(self, bot: Mavibot, now: datetime) -> int:
        """Remind whoever has waited long enough; return how many were reminded."""
        reminded = 0
        with closing(self._connect()) as database:
            due = database.execute(
                "SELECT client, sum FROM carts WHERE changed <= ?", [(now - AFTER).timestamp()]
            ).fetchall()
            for client_id, amount in due:
                # Before the call: a reminder that may have gone out is not sent again, not even after a crash.
                database.execute("DELETE FROM carts WHERE client = ?", [client_id])
                try:
                    bot.callback(client_id=client_id, message="cart_left", amount=amount)
                except MavibotError as error:
                    if not error.sent:
                        print(f"client {client_id} was not reminded: {error}")
                else:
                    reminded += 1
        return reminded

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, isolation_level=None)


if __name__ == "__main__":
    with Mavibot() as bot:
        print(Carts(Path("carts.db")).remind(bot, datetime.now(UTC)))
