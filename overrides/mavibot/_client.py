"""The two clients, blocking and asynchronous: settings, one way to send, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from mavibot import _config
from mavibot._codec import Request, codec
from mavibot._parameters import checked_parameters, find_operation
from mavibot._reply import Reply, interpret
from mavibot._transport import DEFAULT_TIMEOUT, AsyncSender, RawReply, Sender
from mavibot_api import contract
from mavibot_api.facade import Actions, AsyncActions

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

    from mavibot_api.contract import Method


class _Call:
    """One call: what is sent, and what the answer means."""

    def __init__(
        self,
        action: str,
        parameters: Mapping[str, Any],
        method: Method | None,
        variables: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
    ) -> None:
        known = contract.load()
        self._operation = find_operation(known, action, method)
        self._codec = codec(self._operation)
        self.request: Request = self._codec.request(
            checked_parameters(known, self._operation, parameters, variables, more_variables)
        )

    @classmethod
    def by_name(cls, action: str, parameters: Mapping[str, Any], method: Method | None) -> _Call:
        """Return a call whose further parameters are variables, where the action saves them."""
        operation = find_operation(contract.load(), action, method)
        if not operation.free_variables:
            return cls(action, parameters, method)
        declared = operation.schema["properties"].keys() | operation.aliases
        own = {name: value for name, value in parameters.items() if name in declared}
        return cls(action, own, method, {name: parameters[name] for name in parameters.keys() - own.keys()})

    def reply(self, raw: RawReply) -> Reply:
        """Return what a raw reply means, or raise its error."""
        return interpret(self._operation, self._codec, raw)


class Mavibot(Actions):
    """The API as blocking methods, one an action.

    Args:
        api_key: API key of the project; the environment variable `MAVIBOT_API_KEY` where it is not given.
        base_url: scheme and host, such as `https://chatter.mavibot.ai` or the address of a mock; the environment
            variable `MAVIBOT_BASE_URL` where it is not given. There is no default.
        timeout: seconds without a byte from the server after which a call is given up.
        transport: httpx transport to use instead of the network, for tests and proxies.

    Raises:
        ConfigurationError: the key or the base URL is missing or malformed.

    Example:
        >>> with Mavibot(api_key="…", base_url="https://chatter.mavibot.ai") as bot:  # doctest: +SKIP
        ...     bot.message(client_id=25554, message="Hello")
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base_url = _config.base_url(base_url)
        self._sender = Sender(self._base_url, _config.api_key(api_key), timeout, transport)

    def __repr__(self) -> str:
        return f"<Mavibot at {self._base_url}>"

    def call(self, action: str, /, *, method: Method | None = None, **parameters: Any) -> Reply:
        """Call an action by its name and return the reply with its raw body.

        Args:
            action: name of the action, such as `get_clients`.
            method: HTTP method, for the actions that work by both.
            parameters: parameters of the action; further ones are variables where the action saves them.

        Raises:
            UnknownAction: there is no such action; the error suggests one.
            InvalidParameters: a parameter breaks the contract; nothing was sent.
            ConnectionFailed: no answer came.
            ApiError: the call failed.
        """
        call = _Call.by_name(action, parameters, method)
        return call.reply(self._sender.send(call.request))

    def _send(
        self,
        action: str,
        parameters: Mapping[str, Any],
        *,
        method: Literal["GET", "POST"] | None = None,
        variables: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
    ) -> Any:
        call = _Call(action, parameters, method, variables, more_variables)
        return call.reply(self._sender.send(call.request)).result

    def close(self) -> None:
        """Close all connections; the client cannot be used afterwards."""
        self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncMavibot(AsyncActions):
    """The API as awaitable methods, one an action; otherwise like `Mavibot`."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = _config.base_url(base_url)
        self._sender = AsyncSender(self._base_url, _config.api_key(api_key), timeout, transport)

    def __repr__(self) -> str:
        return f"<AsyncMavibot at {self._base_url}>"

    async def call(self, action: str, /, *, method: Method | None = None, **parameters: Any) -> Reply:
        """Call an action by its name; see `Mavibot.call`."""
        call = _Call.by_name(action, parameters, method)
        return call.reply(await self._sender.send(call.request))

    async def _send(
        self,
        action: str,
        parameters: Mapping[str, Any],
        *,
        method: Literal["GET", "POST"] | None = None,
        variables: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
    ) -> Any:
        call = _Call(action, parameters, method, variables, more_variables)
        return call.reply(await self._sender.send(call.request)).result

    async def close(self) -> None:
        """Close all connections; the client cannot be used afterwards."""
        await self._sender.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
