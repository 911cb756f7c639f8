"""The namespace `bulk` of both clients: actions over any number of clients."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, Unpack

from mavibot._bulk_job import Job, ListJob, MessageJob, RunOptions
from mavibot._bulk_run import AsyncBulkRun, BulkRun, BulkSummary, ChunkResult

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from mavibot_api import models
    from mavibot_api.facade import Actions, AsyncActions

__all__ = ["AsyncBulk", "AsyncBulkRun", "Bulk", "BulkRun", "BulkSummary", "ChunkResult", "RunOptions"]

_Id: TypeAlias = int | str
_NewClient: TypeAlias = "models.NewClient | Mapping[str, Any]"

_Message: TypeAlias = tuple[_Id, str | Mapping[str, Any]]

_Ids = TypeVar("_Ids")
_NewClients = TypeVar("_NewClients")
_Messages = TypeVar("_Messages")
# Runs by what their calls return.
_CallbacksSent = TypeVar("_CallbacksSent")
_Acknowledged = TypeVar("_Acknowledged")
_WithStatus = TypeVar("_WithStatus")
_Loaded = TypeVar("_Loaded")


class _Actions(Generic[_Ids, _NewClients, _Messages, _CallbacksSent, _Acknowledged, _WithStatus, _Loaded]):
    """The actions over many items; a subclass decides how they run."""

    def messages(self, items: _Messages, **options: Unpack[RunOptions]) -> _Acknowledged:
        """Send each client a message of its own.

        Args:
            items: pairs of the client's id in the builder, and the text or a mapping of the other parameters of
                `Mavibot.message` by name, such as `{"message": "Hello", "attachment_url": "https://…"}`.
            options: see `RunOptions`; each call carries one item.

        Returns:
            A run that sends while it is iterated or finished; a chunk is one item, and its reply that of `message`.

        Raises:
            InvalidParameters: an option is out of bounds, or the items are not iterable.

        Source: document section 'Sending a message to a client'.
        """
        run: _Acknowledged = self._run(MessageJob(options), items)
        return run

    def send_callbacks(
        self,
        platform_ids: _Ids,
        *,
        callback_text: str,
        group_id: int | str | None = None,
        time_shift: timedelta | float | None = None,
        send_time: datetime | str | None = None,
        **options: Unpack[RunOptions],
    ) -> _CallbacksSent:
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
        run: _CallbacksSent = self._run(
            _list_job("send_callback_by_platform_id", "platform_ids", constants, options), platform_ids
        )
        return run

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
    ) -> _Acknowledged:
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
        run: _Acknowledged = self._run(_list_job("broadcast", "clients", constants, options), clients)
        return run

    def add_to_list(self, list_id: int | str, clients: _Ids, **options: Unpack[RunOptions]) -> _WithStatus:
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
        run: _WithStatus = self._run(_list_job("add_to_list", "clients", {"list_id": list_id}, options), clients)
        return run

    def remove_from_list(self, list_id: int | str, clients: _Ids, **options: Unpack[RunOptions]) -> _WithStatus:
        """Remove clients from a list; see `add_to_list`."""
        run: _WithStatus = self._run(_list_job("remove_from_list", "clients", {"list_id": list_id}, options), clients)
        return run

    def save_variables_for(
        self, clients: _Ids, variables: Mapping[str, str | float | bool | None], **options: Unpack[RunOptions]
    ) -> _Acknowledged:
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
        run: _Acknowledged = self._run(
            _list_job("save_variables", "clients", {"variables": _copied(variables)}, options), clients
        )
        return run

    def load_clients(self, clients: _NewClients, **options: Unpack[RunOptions]) -> _Loaded:
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
        run: _Loaded = self._run(_list_job("load_clients", "clients", {}, options), clients)
        return run

    def delete_clients(self, client_ids: _Ids, **options: Unpack[RunOptions]) -> _WithStatus:
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
        run: _WithStatus = self._run(_list_job("delete_clients", "client_ids", {}, options), client_ids)
        return run

    def _run(self, job: Job, items: Any) -> Any:
        raise NotImplementedError


class Bulk(
    _Actions[
        Iterable[_Id],
        Iterable[_NewClient],
        Iterable[_Message],
        "BulkRun[models.CallbacksSent]",
        "BulkRun[models.Acknowledgement]",
        "BulkRun[models.StatusReply]",
        "BulkRun[models.LoadClientsReply]",
    ]
):
    """Actions over any number of clients, by the blocking client.

    Items are read as they are needed, from any iterable, and cut into chunks of what the contract allows a call.
    """

    def __init__(self, bot: Actions, server: str) -> None:
        self._bot = bot
        self._server = server

    def _run(self, job: Job, items: Any) -> BulkRun[Any]:
        return BulkRun(partial(self._bot._send, job.action), job, self._server, items)


class AsyncBulk(
    _Actions[
        Iterable[_Id] | AsyncIterable[_Id],
        Iterable[_NewClient] | AsyncIterable[_NewClient],
        Iterable[_Message] | AsyncIterable[_Message],
        "AsyncBulkRun[models.CallbacksSent]",
        "AsyncBulkRun[models.Acknowledgement]",
        "AsyncBulkRun[models.StatusReply]",
        "AsyncBulkRun[models.LoadClientsReply]",
    ]
):
    """Actions over any number of clients, by the asynchronous client; asynchronous iterables are taken too."""

    def __init__(self, bot: AsyncActions, server: str) -> None:
        self._bot = bot
        self._server = server

    def _run(self, job: Job, items: Any) -> AsyncBulkRun[Any]:
        return AsyncBulkRun(partial(self._bot._send, job.action), job, self._server, items)


def _copied(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a copy, so that a later change does not reach the run; the first call refuses anything but a mapping."""
    return dict(variables) if isinstance(variables, Mapping) else variables


def _list_job(action: str, parameter: str, constants: Mapping[str, Any], options: RunOptions) -> Job:
    given = {name: value for name, value in constants.items() if value is not None}
    return ListJob(action, parameter, given, options)
