"""Queries on conversations: who wrote last, what was said, and what else there is of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_mock.state.store.database import GREATEST, Database, to_json
from mavibot_mock.state.store.newest import NEWER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Row

_COLUMNS: Final = "id, client_type, group_id, platform_id, name, blocked"
#: So many messages of all clients are looked through in less than a millisecond.
_FEW: Final = 1000


class Conversations(Database):
    """Conversations, a page at a time."""

    def conversations(self, *, before: tuple[int, int] = (GREATEST, GREATEST), limit: int) -> list[Row]:
        """Return clients in the order of their newest messages, newest first; clients without messages come last.

        Args:
            before: newest message and id of the client after which the page begins.
            limit: most clients on the page.
        """
        newest, client_id = before
        query = f"""
            SELECT {_COLUMNS}, newest AS last_message FROM ({NEWER}) CROSS JOIN clients ON id = client_id
            WHERE newest < ? ORDER BY newest DESC LIMIT ?"""  # noqa: S608 - names from this package
        rows = self._all(query, newest, limit)
        noted = f"SELECT {_COLUMNS}, last_message FROM clients WHERE id NOT IN (SELECT client_id FROM ({NEWER}))"  # noqa: S608 - names from this package
        # Clients without messages share the number 0.
        query = f"{noted} AND last_message = ? AND id < ? ORDER BY id DESC LIMIT ?"
        rows += self._all(query, newest, client_id, limit - len(rows)) if len(rows) < limit else []
        query = f"{noted} AND last_message < ? ORDER BY last_message DESC, id DESC LIMIT ?"
        return rows + self._all(query, newest, limit - len(rows)) if len(rows) < limit else rows

    def clients_holding(
        self, text: str, *, below: int = GREATEST, at_once: int, limit: int
    ) -> tuple[list[Row], int | None]:
        """Return clients whose name or id in the messenger holds a text, or whose id it is; the newest first.

        Args:
            text: the text, in either case.
            below: id below which to look.
            at_once: how many clients to look at.
            limit: most clients to return.

        Returns:
            The clients, and the id below which to go on; `None` at the end.
        """
        end = self._number("SELECT id FROM clients WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?", below, at_once - 1)
        query = f"""
            SELECT {_COLUMNS}, coalesce(newest, last_message) AS last_message
            FROM clients LEFT JOIN ({NEWER}) ON client_id = id WHERE id < ? AND id >= ?
            AND (name GLOB ? OR platform_id GLOB ? OR CAST(id AS TEXT) = ?)
            ORDER BY id DESC LIMIT ?"""  # noqa: S608 - names from above
        pattern = _pattern(text)
        return self._all(query, below, 0 if end is None else end, pattern, pattern, text, limit), end

    def newest_message(self) -> int:
        """Return the id of the newest message of the project, or 0."""
        return self._number("SELECT id FROM messages ORDER BY id DESC LIMIT 1") or 0

    def messages_before(self, client_id: int, message: Row | None, *, limit: int) -> list[Row]:
        """Return the messages of a client before one of them, or the newest; newest first."""
        at, number = (float("inf"), GREATEST) if message is None else (message["created_at"], message["id"])
        query = """
            SELECT * FROM messages WHERE client_id = ? AND created_at <= ? AND (created_at < ? OR id < ?)
            ORDER BY created_at DESC, id DESC LIMIT ?"""
        return self._all(query, client_id, at, at, number, limit)

    def messages_after(self, client_id: int, message_id: int, *, limit: int) -> list[Row]:
        """Return the newest messages of a client with a higher id, newest first."""
        # By their ids where few have come since, so that asking again and again is cheap in a long history too.
        last = self._number("SELECT max(id) FROM messages") or 0
        client = "+client_id" if last - message_id <= _FEW else "client_id"
        query = f"SELECT * FROM messages WHERE {client} = ? AND id > ? ORDER BY created_at DESC, id DESC LIMIT ?"  # noqa: S608 - a name from above
        return self._all(query, client_id, message_id, limit)

    def messages_with(self, message_ids: Iterable[int]) -> list[Row]:
        """Return the messages with these ids."""
        query = "SELECT messages.* FROM json_each(?) AS wanted CROSS JOIN messages ON messages.id = wanted.value"
        return self._all(query, to_json(list(message_ids)))

    def jobs_of_client(self, client_id: int, *, limit: int) -> list[Row]:
        """Return what is scheduled for a client, in the order in which it will run."""
        return self._all("SELECT * FROM jobs WHERE client_id = ? ORDER BY due, id LIMIT ?", client_id, limit)

    def lists_of_client(self, client_id: int) -> list[Row]:
        """Return the lists that a client is on."""
        query = """
            SELECT lists.id, lists.name FROM list_members CROSS JOIN lists ON lists.id = list_id
            WHERE client_id = ? ORDER BY list_id"""
        return self._all(query, client_id)

    def lists(self, *, limit: int) -> list[Row]:
        """Return the first lists of the project."""
        return self._all("SELECT * FROM lists ORDER BY id LIMIT ?", limit)

    def deals_of_client(self, client_id: int, *, limit: int) -> list[Row]:
        """Return the newest deals of a client, newest first."""
        return self._all("SELECT * FROM orders WHERE client_id = ? ORDER BY id DESC LIMIT ?", client_id, limit)

    def stages(self) -> list[Row]:
        """Return all stages by pipeline, in their order."""
        return self._all("SELECT * FROM stages ORDER BY pipeline, position, id")


def _pattern(text: str) -> str:
    """Return the pattern of what holds a text; SQLite itself knows the cases of Latin letters alone."""
    return f"*{''.join(map(_either_case, text))}*"


def _either_case(character: str) -> str:
    cases = dict.fromkeys(each for each in (character, character.lower(), character.upper()) if len(each) == 1)
    return character if len(cases) == 1 and character not in "*?[" else f"[{''.join(cases)}]"
