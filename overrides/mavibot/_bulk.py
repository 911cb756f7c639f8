"""The namespace `bulk` of both clients: actions over any number of clients."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, Unpack

from mavibot._bulk_run import AsyncBulkRun, BulkRun, BulkSummary, ChunkResult, Job, RunOptions

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from mavibot_api import models
    from mavibot_api.facade import Actions, AsyncActions

__all__ = ["AsyncBulk", "AsyncBulkRun", "Bulk", "BulkRun", "BulkSummary", "ChunkResult", "RunOptions"]

_Id: TypeAlias = int | str
_NewClient: TypeAlias = "models.NewClient | Mapping[str, Any]"

_Ids = TypeVar("_Ids")
_NewClients = TypeVar("_NewClients")
_Run = TypeVar("_Run")


class _Actions(Generic[_Ids, _NewClients, _Run]):
    """The actions that take many items; a subclass decides how they run."""

    def send_callbacks(
        self,
        platform_ids: _Ids,
        *,
        callback_text: str,
        group_id: int | str | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        **options: Unpack[RunOptions],
    ) -> _Run:
        """Send a callback to clients by their ids in the messenger.

        Args:
            platform_ids: ids in the messenger.
            callback_text: text of the callback; the bot's flow reacts to it, the client does not see it.
            group_id: bot, group or channel inside a messenger.
            time_shift: seconds from now after which it goes out; counted anew for each chunk.
            send_time: when it goes out, in the project's time zone.
            options: see `RunOptions`.

        Returns:
            A run that sends while it is iterated or finished; a chunk's reply is that of
            `send_callback_by_platform_id`.

        Raises:
            InvalidParameters: an option is out of bounds, or the ids are not iterable.

        Source: document section 'Sending callback messages to a list of clients by platform_id'.
        """
        constants = {
            "callback_text": callback_text,
            "group_id": group_id,
            "time_shift": time_shift,
            "send_time": send_time,
        }
        return self._run("send_callback_by_platform_id", "platform_ids", platform_ids, constants, options)

    def broadcast_to(
        self,
        clients: _Ids,
        *,
        message: str | None = None,
        message_id: int | str | None = None,
        attachment_type: Any = None,
        attachment_url: str | None = None,
        buttons: Any = None,
        shift: float | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        **options: Unpack[RunOptions],
    ) -> _Run:
        """Send a message to clients.

        Args:
            clients: ids of the clients in the builder.
            message: text that the clients receive.
            message_id: id of the block of the bot's flow that is sent instead.
            attachment_type: how the messenger shows the attached file.
            attachment_url: address of the file to attach.
            buttons: buttons under the message, as `message` takes them.
            shift: seconds between two messages of one chunk; chunks are independent of each other.
            time_shift: seconds from now after which it goes out; counted anew for each chunk.
            send_time: when it goes out, in the project's time zone.
            options: see `RunOptions`.

        Returns:
            A run that sends while it is iterated or finished; a chunk's reply is that of `broadcast`.

        Raises:
            InvalidParameters: an option is out of bounds, or the clients are not iterable.

        Source: document section 'Bulk message sending'.
        """
        constants = {
            "message": message,
            "message_id": message_id,
            "attachment_type": attachment_type,
            "attachment_url": attachment_url,
            "buttons": buttons,
            "shift": shift,
            "time_shift": time_shift,
            "send_time": send_time,
        }
        return self._run("broadcast", "clients", clients, constants, options)

    def add_to_list(self, list_id: int | str, clients: _Ids, **options: Unpack[RunOptions]) -> _Run:
        """Add clients to a list.

        Args:
            list_id: id of the list in the builder.
            clients: ids of the clients in the builder.
            options: see `RunOptions`.

        Returns:
            A run that adds them while it is iterated or finished; a chunk's reply is that of `add_to_list`.

        Raises:
            InvalidParameters: an option is out of bounds, or the clients are not iterable.

        Source: document section 'Add clients to a list'.
        """
        return self._run("add_to_list", "clients", clients, {"list_id": list_id}, options)

    def remove_from_list(self, list_id: int | str, clients: _Ids, **options: Unpack[RunOptions]) -> _Run:
        """Remove clients from a list; see `add_to_list`."""
        return self._run("remove_from_list", "clients", clients, {"list_id": list_id}, options)

    def save_variables_for(
        self, clients: _Ids, variables: Mapping[str, str | float | bool | None], **options: Unpack[RunOptions]
    ) -> _Run:
        """Save the same variables for many clients.

        Args:
            clients: ids of the clients in the builder.
            variables: variables by name; `None` clears one.
            options: see `RunOptions`.

        Returns:
            A run that saves them while it is iterated or finished; a chunk's reply is that of `save_variables`.

        Raises:
            InvalidParameters: an option is out of bounds, or the clients are not iterable.

        Source: document section 'Assigning variables'; assumption: a chunk with an unknown client is refused whole.
        """
        return self._run("save_variables", "clients", clients, {"variables": dict(variables)}, options)

    def load_clients(self, clients: _NewClients, **options: Unpack[RunOptions]) -> _Run:
        """Import clients.

        Args:
            clients: the clients, as `Mavibot.load_clients` takes them.
            options: see `RunOptions`.

        Returns:
            A run that imports them while it is iterated or finished; a chunk's reply is that of `load_clients`, in
            which each item has its own outcome.

        Raises:
            InvalidParameters: an option is out of bounds, or the clients are not iterable.

        Source: document section 'Importing clients into the system'.
        """
        return self._run("load_clients", "clients", clients, {}, options)

    def delete_clients(self, client_ids: _Ids, **options: Unpack[RunOptions]) -> _Run:
        """Delete clients for good.

        Args:
            client_ids: ids of the clients in the builder.
            options: see `RunOptions`.

        Returns:
            A run that deletes them while it is iterated or finished; a chunk's reply is that of `delete_clients`.

        Raises:
            InvalidParameters: an option is out of bounds, or the ids are not iterable.

        Source: vendor's Russian document.
        """
        return self._run("delete_clients", "client_ids", client_ids, {}, options)

    def _run(self, action: str, parameter: str, items: Any, constants: Mapping[str, Any], options: RunOptions) -> _Run:
        raise NotImplementedError


class Bulk(_Actions[Iterable[_Id], Iterable[_NewClient], BulkRun]):
    """Actions over any number of clients, by the blocking client.

    Items are read as they are needed, from any iterable, and cut into chunks of what the contract allows a call.
    """

    def __init__(self, bot: Actions, server: str) -> None:
        self._bot = bot
        self._server = server

    def _run(
        self, action: str, parameter: str, items: Any, constants: Mapping[str, Any], options: RunOptions
    ) -> BulkRun:
        return BulkRun(getattr(self._bot, action), _job(action, parameter, constants, self._server, options), items)


class AsyncBulk(
    _Actions[Iterable[_Id] | AsyncIterable[_Id], Iterable[_NewClient] | AsyncIterable[_NewClient], AsyncBulkRun]
):
    """Actions over any number of clients, by the asynchronous client; asynchronous iterables are taken too."""

    def __init__(self, bot: AsyncActions, server: str) -> None:
        self._bot = bot
        self._server = server

    def _run(
        self, action: str, parameter: str, items: Any, constants: Mapping[str, Any], options: RunOptions
    ) -> AsyncBulkRun:
        job = _job(action, parameter, constants, self._server, options)
        return AsyncBulkRun(getattr(self._bot, action), job, items)


def _job(action: str, parameter: str, constants: Mapping[str, Any], server: str, options: RunOptions) -> Job:
    given = {name: value for name, value in constants.items() if value is not None}
    return Job(action, parameter, given, server, options)
