"""What a handler gets: the project's state and the checked parameters of one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import ClientNotFoundError
from mavibot_mock.state.identity import as_text
from mavibot_mock.state.schedule import shown_moment

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_contract import Operation
    from mavibot_mock.state.state import State


#: What the platform answers where it returns no data: text or JSON.
_OK: Final = Reply(200, "ok")
_SUCCESS: Final = Reply(200, {"status": "success"})


@dataclass(slots=True)
class Call:
    """One call that the contract allows.

    Attributes:
        state: the state of the project that the key belongs to.
        operation: what the contract says of the action.
        parameters: those that the contract declares, with its defaults.
        variables: further parameters, where the action saves them as variables.
        now: the project's time at the start of the call, Unix seconds.
        deviations: how the call deviates from the contract; an action adds what of it had no effect.
        reached: ids of the clients that the action found by phone, e-mail address or id in a messenger, or created so.
    """

    state: State
    operation: Operation
    parameters: dict[str, Any]
    variables: dict[str, Any]
    now: float
    deviations: list[str] = field(default_factory=list)
    reached: list[int] = field(default_factory=list)

    def number(self, name: str) -> int:
        """Return an id that was sent as a number or as text."""
        return int(self.parameters[name])

    def text(self, name: str) -> str:
        """Return an id, phone number or text that was sent as a number or as text."""
        return as_text(self.parameters[name])

    def shown_time(self, seconds: float) -> int | str:
        """Return a moment, Unix seconds, in the form that the project is set to show."""
        return shown_moment(seconds, form=self.state.settings.created_at, zone=self.state.zone)

    def reach(self, client_id: int) -> int:
        """Note a client that the action found by something other than its id, and return the id."""
        self.reached.append(client_id)
        return client_id

    def client(self) -> Row:
        """Return the client that `client_id` names.

        Raises:
            ClientNotFoundError: the project has no such client.
        """
        return existing_client(self.state, self.number("client_id"))

    def client_id(self) -> int:
        """Return the id of the client that `client_id` names.

        Raises:
            ClientNotFoundError: the project has no such client.
        """
        client_id = self.number("client_id")
        if not self.state.store.has_client(client_id):
            raise ClientNotFoundError
        return client_id


def existing_client(state: State, client_id: int) -> Row:
    """Return a client by its id.

    Raises:
        ClientNotFoundError: the project has no such client.
    """
    client = state.store.client(client_id)
    if client is None:
        raise ClientNotFoundError
    return client


def done(call: Call) -> Reply:
    """Return the answer of an action without data: text or JSON as the project is set, where the contract has both."""
    offers_text = "text/plain" in call.operation.responses["200"]["content"]
    return _OK if offers_text and call.state.settings.success_reply == "text" else _SUCCESS
