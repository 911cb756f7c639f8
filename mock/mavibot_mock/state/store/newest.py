"""Notes the newest message of each client, by which conversations are sorted."""

from __future__ import annotations

from typing import Final

from mavibot_mock.state.store.database import Database

#: Query of the clients with messages that are not noted yet, and their newest one. Ids only grow, so these messages
#: are beyond all that are noted; an index would be read whole.
NEWER: Final = """
    SELECT max(id) AS newest, client_id FROM messages NOT INDEXED
    WHERE id > (SELECT max(last_message) FROM clients) GROUP BY client_id"""


class Newest(Database):
    """Newest messages."""

    def note_newest_messages(self) -> None:
        """Note the newest messages, all at once: at each new one it would take as long as to write that."""
        newer = self._all(NEWER)
        if newer:
            self._db.executemany("UPDATE clients SET last_message = ? WHERE id = ?", newer)
