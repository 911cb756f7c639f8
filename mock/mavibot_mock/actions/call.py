"""What an action gets: the project and the checked parameters of one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mavibot_mock.request.replies import client_not_found
from mavibot_mock.state.identity import as_text
from mavibot_mock.state.schedule import shown_moment

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_contract import Operation
    from mavibot_mock.server.project import Project


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the contract allows.

    Attributes:
        project: the project that the key belongs to.
        operation: what the contract says of the action.
        parameters: those that the contract declares, with its defaults.
        variables: further parameters, where the action saves them as variables.
        now: the project's time at the begin of the call, Unix seconds.
    """

    project: Project
    operation: Operation
    parameters: dict[str, Any]
    variables: dict[str, Any]
    now: float

    def number(self, name: str) -> int:
        """Return an id that was sent as a number or as text."""
        return int(self.parameters[name])

    def text(self, name: str) -> str:
        """Return an id, phone number or text that was sent as a number or as text."""
        return as_text(self.parameters[name])

    def shown_time(self, seconds: float) -> int | str:
        """Return a moment, Unix seconds, in the form that the project is set to show."""
        return shown_moment(seconds, form=self.project.settings.created_at, zone=self.project.zone)

    def client(self) -> Row:
        """Return the client that `client_id` names.

        Raises:
            RefusedError: the project has no such client.
        """
        return existing_client(self.project, self.number("client_id"))

    def client_id(self) -> int:
        """Return the number of the client that `client_id` names.

        Raises:
            RefusedError: the project has no such client.
        """
        number = self.number("client_id")
        if not self.project.store.has_client(number):
            raise client_not_found()
        return number


def existing_client(project: Project, client_id: int) -> Row:
    """Return a client by its number.

    Raises:
        RefusedError: the project has no such client.
    """
    client = project.store.client(client_id)
    if client is None:
        raise client_not_found()
    return client
