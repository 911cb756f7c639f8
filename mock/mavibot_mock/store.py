"""The state of one project in an SQLite database in memory: its tables and every query on them."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import orjson

from mavibot_mock.facts import ORIGINS
from mavibot_mock.identity import EMAIL, TELEPHONY, WHATSAPP, digits, platform_identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SCHEMA: Final = """
CREATE TABLE channels (
    id INTEGER PRIMARY KEY, messenger TEXT NOT NULL, client_type INTEGER NOT NULL, group_id TEXT NOT NULL,
    shown TEXT NOT NULL,  -- the channel as connected_channels shows it, JSON
    UNIQUE (client_type, group_id)
);
CREATE TABLE blocks (
    id INTEGER PRIMARY KEY, condition TEXT, answer TEXT NOT NULL, message_type INTEGER, description TEXT
);
CREATE TABLE clients (
    id INTEGER PRIMARY KEY, client_type INTEGER NOT NULL, group_id TEXT NOT NULL, platform_id TEXT NOT NULL,
    identity TEXT NOT NULL,  -- platform_id in the notation that tells one client from another
    name TEXT, avatar TEXT, tag TEXT, block_id INTEGER, custom_answer TEXT, operator_start_dialog INTEGER,
    paused INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    UNIQUE (client_type, group_id, identity)
);
CREATE INDEX clients_by_identity ON clients (identity, client_type);
CREATE TABLE list_members (
    list_id INTEGER NOT NULL, client_id INTEGER NOT NULL, PRIMARY KEY (list_id, client_id)
) WITHOUT ROWID;
CREATE TABLE orders (id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX orders_by_client ON orders (client_id, id);
-- Values of variables are JSON, so that a number stays a number.
CREATE TABLE client_variables (
    owner INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, name)
) WITHOUT ROWID;
CREATE INDEX client_variables_by_name ON client_variables (name, owner);
CREATE TABLE order_variables (
    owner INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, name)
) WITHOUT ROWID;
CREATE TABLE project_variables (
    owner INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, name)
) WITHOUT ROWID;
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, answered INTEGER NOT NULL,
    client_replica INTEGER NOT NULL, block_id INTEGER, message_from_outside INTEGER NOT NULL,
    created_at INTEGER NOT NULL, text TEXT NOT NULL,
    attachments TEXT NOT NULL,  -- JSON
    delivered INTEGER NOT NULL, error_message TEXT, manager_id INTEGER, manager_email TEXT
);
CREATE INDEX messages_by_client ON messages (client_id, id);
CREATE TABLE jobs (id INTEGER PRIMARY KEY, due REAL NOT NULL, kind TEXT NOT NULL, parameters TEXT NOT NULL);
CREATE INDEX jobs_by_due ON jobs (due, id);
"""

#: There is one project to a database; its variables need an owner only to look like the others.
_PROJECT: Final = 0


class Store:
    """The database of one project."""

    def __init__(self) -> None:
        # All calls run one after another in the server's thread, which need not be the one that made the store.
        self._db: Final = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.create_function("digits", 1, digits, deterministic=True)
        # SQLite's own lower() knows ASCII only.
        self._db.create_function("lowered", 1, str.lower, deterministic=True)
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database; its content is gone."""
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

    # Channels and blocks

    def add_channel(self, messenger: str, client_type: int, shown: Mapping[str, Any]) -> None:
        """Add a channel, given as connected_channels shows it."""
        self._db.execute(
            "INSERT INTO channels (id, messenger, client_type, group_id, shown) VALUES (?, ?, ?, ?, ?)",
            (shown["id"], messenger, client_type, str(shown["group_id"]), _to_json(shown)),
        )

    def channels(self) -> list[tuple[str, Any]]:
        """Return messenger and shown form of each channel."""
        rows = self._db.execute("SELECT messenger, shown FROM channels ORDER BY id")
        return [(row["messenger"], orjson.loads(row["shown"])) for row in rows]

    def has_channel(self, client_type: int, group_id: str) -> bool:
        """Tell whether a messenger has a channel with this `group_id`."""
        query = "SELECT 1 FROM channels WHERE client_type = ? AND group_id = ?"
        return self._db.execute(query, (client_type, group_id)).fetchone() is not None

    def add_block(self, block_id: int, *, condition: str, answer: str, description: str) -> None:
        """Add a block of the bot's flow."""
        self._db.execute(
            "INSERT INTO blocks (id, condition, answer, message_type, description) VALUES (?, ?, ?, 0, ?)",
            (block_id, condition, answer, description),
        )

    def block(self, block_id: int) -> sqlite3.Row | None:
        """Return a block."""
        return self._one("SELECT * FROM blocks WHERE id = ?", block_id)

    # Clients

    def add_client(self, *, client_type: int, group_id: str, platform_id: str, now: float, **others: Any) -> int:
        """Add a client and return its number.

        Args:
            client_type: number of the messenger.
            group_id: channel in the messenger.
            platform_id: the client's id in the messenger.
            now: moment of creation.
            others: further columns.
        """
        columns: dict[str, Any] = {
            "client_type": client_type,
            "group_id": group_id,
            "platform_id": platform_id,
            "identity": platform_identity(client_type, platform_id),
            "created_at": int(now),
            "updated_at": int(now),
            **others,
        }
        return self._insert("clients", columns)

    def client(self, client_id: int) -> sqlite3.Row | None:
        """Return a client by its number."""
        return self._one("SELECT * FROM clients WHERE id = ?", client_id)

    def client_of_channel(self, client_type: int, group_id: str, platform_id: str) -> int | None:
        """Return the number of the client with this id in a channel."""
        query = "SELECT id FROM clients WHERE client_type = ? AND group_id = ? AND identity = ?"
        return self._number(query, (client_type, group_id, platform_identity(client_type, platform_id)))

    def client_by_phone(self, phone: str) -> int | None:
        """Return the first client whose variable `phone`, WhatsApp or telephony id has these digits."""
        query = """
            SELECT min(id) FROM (
                SELECT owner AS id FROM client_variables WHERE name = 'phone' AND digits(value) = :phone
                UNION ALL SELECT id FROM clients WHERE identity = :phone AND client_type IN (:whatsapp, :telephony)
            )"""
        return self._number(query, {"phone": digits(phone), "whatsapp": WHATSAPP, "telephony": TELEPHONY})

    def client_by_email(self, email: str) -> int | None:
        """Return the first client whose variable `email` or e-mail id is this address, in any case of letters."""
        query = """
            SELECT min(id) FROM (
                SELECT owner AS id FROM client_variables WHERE name = 'email' AND lowered(value) = :as_json
                UNION ALL SELECT id FROM clients WHERE client_type = :type AND lowered(identity) = :email
            )"""
        address = email.lower()
        return self._number(query, {"as_json": _to_json(address), "email": address, "type": EMAIL})

    def clients(self, *, offset: int, limit: int, reverse: bool) -> list[sqlite3.Row]:
        """Return a page of all clients, newest first or, in reverse, oldest first."""
        order = "ASC" if reverse else "DESC"
        return self._db.execute(
            f"SELECT * FROM clients ORDER BY id {order} LIMIT ? OFFSET ?",  # noqa: S608 - one of two words
            (limit, offset),
        ).fetchall()

    def clients_of_list(self, list_id: int, *, offset: int, limit: int) -> list[sqlite3.Row]:
        """Return a page of the clients of a list, newest first."""
        query = """
            SELECT clients.* FROM list_members JOIN clients ON clients.id = list_members.client_id
            WHERE list_id = ? ORDER BY client_id DESC LIMIT ? OFFSET ?"""
        return self._db.execute(query, (list_id, limit, offset)).fetchall()

    def add_to_list(self, list_id: int, client_id: int) -> None:
        """Put a client on a list."""
        self._db.execute("INSERT OR IGNORE INTO list_members VALUES (?, ?)", (list_id, client_id))

    def move_to_block(self, client_id: int, block_id: int, *, now: float) -> None:
        """Move a client into a block of the flow."""
        self._db.execute(
            "UPDATE clients SET block_id = ?, updated_at = ? WHERE id = ?", (block_id, int(now), client_id)
        )

    def set_paused(self, client_id: int, *, paused: bool, now: float) -> None:
        """Pause or resume the bot for a client."""
        self._db.execute("UPDATE clients SET paused = ?, updated_at = ? WHERE id = ?", (paused, int(now), client_id))

    # Deals and variables

    def current_order(self, client_id: int) -> int | None:
        """Return the number of a client's current deal."""
        return self._number("SELECT max(id) FROM orders WHERE client_id = ?", (client_id,))

    def add_order(self, client_id: int, *, now: float) -> int:
        """Create a deal and return its number."""
        return self._insert("orders", {"client_id": client_id, "created_at": int(now)})

    def set_client_variable(self, client_id: int, name: str, value: Any) -> None:
        """Save a variable of a client; null or an empty text clears it."""
        self._set_variable("client_variables", client_id, name, value)

    def set_order_variable(self, order_id: int, name: str, value: Any) -> None:
        """Save a variable of a deal; null or an empty text clears it."""
        self._set_variable("order_variables", order_id, name, value)

    def set_project_variable(self, name: str, value: Any) -> None:
        """Save a variable of the project; null or an empty text clears it."""
        self._set_variable("project_variables", _PROJECT, name, value)

    def client_variables(self, client_id: int) -> dict[str, Any]:
        """Return the variables of a client."""
        return self._variables("client_variables", client_id)

    def order_variables(self, order_id: int) -> dict[str, Any]:
        """Return the variables of a deal."""
        return self._variables("order_variables", order_id)

    def project_variables(self) -> dict[str, Any]:
        """Return the variables of the project."""
        return self._variables("project_variables", _PROJECT)

    # History

    def add_message(self, client_id: int, *, text: str, now: float, attachments: Any = None, **others: Any) -> int:
        """Add a row to a client's history and return its number.

        Args:
            client_id: the client.
            text: text of the message.
            now: when it went out or came in.
            attachments: files, as the history shows them.
            others: further columns.
        """
        columns = {
            "client_id": client_id,
            "text": text,
            "attachments": _to_json(attachments or {}),
            "created_at": int(now),
            "answered": True,
            "client_replica": False,
            "message_from_outside": ORIGINS["DIALOGUE"],
            "delivered": True,
            **others,
        }
        return self._insert("messages", columns)

    def history(self, client_id: int, *, limit: int, period: tuple[float, float] | None) -> list[sqlite3.Row]:
        """Return the newest messages of a client, newest first, of a period from its begin to before its end."""
        begin, end = period or (float("-inf"), float("inf"))
        query = """
            SELECT * FROM messages WHERE client_id = ? AND created_at >= ? AND created_at < ?
            ORDER BY id DESC LIMIT ?"""
        return self._db.execute(query, (client_id, begin, end, limit)).fetchall()

    # Jobs

    def add_job(self, kind: str, parameters: Mapping[str, Any], *, due: float) -> None:
        """Remember something to be done later."""
        self._insert("jobs", {"due": due, "kind": kind, "parameters": _to_json(parameters)})

    def take_due_job(self, now: float) -> sqlite3.Row | None:
        """Remove and return the job that is due first, if any is due."""
        job = self._one("SELECT * FROM jobs WHERE due <= ? ORDER BY due, id LIMIT 1", now)
        if job is not None:
            self._db.execute("DELETE FROM jobs WHERE id = ?", (job["id"],))
        return job

    def _set_variable(self, table: str, owner: int, name: str, value: Any) -> None:
        if value is None or value == "":
            self._db.execute(f"DELETE FROM {table} WHERE owner = ? AND name = ?", (owner, name))  # noqa: S608
            return
        self._db.execute(
            f"INSERT OR REPLACE INTO {table} (owner, name, value) VALUES (?, ?, ?)",  # noqa: S608
            (owner, name, _to_json(value)),
        )

    def _variables(self, table: str, owner: int) -> dict[str, Any]:
        rows = self._db.execute(f"SELECT name, value FROM {table} WHERE owner = ?", (owner,))  # noqa: S608
        return {row["name"]: orjson.loads(row["value"]) for row in rows}

    def _insert(self, table: str, columns: Mapping[str, Any]) -> int:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        cursor = self._db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names from this module's callers
            tuple(columns.values()),
        )
        return int(cursor.lastrowid or 0)

    def _one(self, query: str, *arguments: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(query, arguments).fetchone()
        return row

    def _number(self, query: str, arguments: tuple[Any, ...] | dict[str, Any]) -> int | None:
        row = self._db.execute(query, arguments).fetchone()
        return None if row is None else row[0]


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()
