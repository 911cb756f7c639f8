"""A CRM in step with the bot, without echo.

Two ways at once: what changes in the CRM goes to the client's variables, and what the client writes goes into the
CRM. Both sides report every change, also those that the other has made, so without care a value goes round and
round forever. Here each value is sent only if it differs from what was last sent or received.
"""

from collections.abc import Callable
from threading import Lock

from mavibot import Mavibot
from mavibot.webhooks import parse_event


class Sync:
    """Keeps one variable of each client in step with a field of the CRM."""

    def __init__(self, bot: Mavibot, variable: str, save_in_crm: Callable[[int, str], None]) -> None:
        self._bot = bot
        self._variable = variable
        self._save_in_crm = save_in_crm
        self._last: dict[int, str] = {}  # in a real program a table, so that it survives a restart
        self._lock = Lock()

    def crm_changed(self, client_id: int, value: str) -> None:
        """Take a change of the CRM to the bot."""
        if self._is_new(client_id, value):
            self._bot.save_variables(client_id=client_id, variables={f"client.{self._variable}": value})

    def event_came(self, body: bytes) -> None:
        """Take a change of the bot to the CRM: the project's webhook posts each message with the client's variables."""
        event = parse_event(body)
        if event.client is None or event.client.id is None or not event.is_incoming:
            return  # what the bot and we have sent comes back as an event too
        value = event.client.variables.get(self._variable)
        if value is not None and self._is_new(event.client.id, str(value)):
            self._save_in_crm(event.client.id, str(value))

    def _is_new(self, client_id: int, value: str) -> bool:
        with self._lock:
            is_new = self._last.get(client_id) != value
            self._last[client_id] = value
        return is_new
