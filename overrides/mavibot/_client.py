"""The two clients, blocking and asynchronous: settings, one way to send, and nothing else."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Self

import mavibot_contract
from mavibot import _config, _log, _retry
from mavibot._codec import Codec, Request, codec
from mavibot._paging import AsyncPaging, Paging
from mavibot._parameters import checked_parameters, find_operation, foreign_operation, plain_value
from mavibot._rate import RateLimit
from mavibot._reply import Reply, interpret
from mavibot._retry import Attempts, Retry, RetryPolicy
from mavibot._time import time_zone
from mavibot._transport import DEFAULT_TIMEOUT, RawReply, Sender, async_sender
from mavibot.errors import ApiError, ConnectionFailed, TimedOut
from mavibot_api.facade import Actions, AsyncActions

if TYPE_CHECKING:
    from datetime import tzinfo
    from types import TracebackType

    import httpx2
    from pyrate_limiter import Limiter

    from mavibot._aliases import Constant, Place
    from mavibot._bulk import AsyncBulk, Bulk
    from mavibot_contract import Method, Operation

_NO_RETRIES = RetryPolicy(attempts=1)
_UNCHANGED: Any = object()


@dataclass(frozen=True, slots=True)
class _Settings:
    """What a client can be told beside its key and address; `Mavibot` says what each means."""

    timeout: float
    deadline: float | None
    retries: RetryPolicy
    on_retry: Callable[[Retry], object] | None
    zone: tzinfo | None

    def __post_init__(self) -> None:
        _config.seconds("timeout", self.timeout)
        if self.deadline is not None:
            _config.seconds("deadline", self.deadline)


class _Call:
    """One call: what is sent, and what the answer means."""

    def __init__(self, operation: Operation, codec_: Codec | None, request: Request) -> None:
        self.operation = operation
        self.request = request
        self._codec = codec_

    def reply(self, raw: RawReply) -> Reply:
        """Return what a raw reply means, or raise its error."""
        return interpret(self.operation, self._codec, raw)


class _Caller:
    """What both clients share: everything but the sending itself."""

    _base_url: str
    _settings: _Settings
    _rate: RateLimit | None

    def _configure(
        self,
        *,
        timeout: float,
        deadline: float | None,
        retries: RetryPolicy | bool,
        on_retry: Callable[[Retry], object] | None,
        timezone: str | tzinfo | None,
        rate: str | Limiter | None,
    ) -> None:
        self._settings = _Settings(timeout, deadline, _policy(retries), on_retry, time_zone(timezone))
        self._rate = None if rate is None else RateLimit(rate)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._base_url}>"

    def with_options(
        self,
        *,
        timeout: float = _UNCHANGED,
        deadline: float | None = _UNCHANGED,
        retries: RetryPolicy | bool = _UNCHANGED,
        on_retry: Callable[[Retry], object] | None = _UNCHANGED,
    ) -> Self:
        """Return a client with other settings that shares connections and rate limit with this one.

        Closing either closes both.
        """
        given: dict[str, Any] = {"timeout": timeout, "deadline": deadline, "retries": retries, "on_retry": on_retry}
        changed = {name: value for name, value in given.items() if value is not _UNCHANGED}
        if "retries" in changed:
            changed["retries"] = _policy(retries)
        other = copy.copy(self)
        other._settings = replace(self._settings, **changed)
        return other

    def _prepared(
        self,
        action: str,
        parameters: Mapping[str, Any],
        method: Method | None,
        variables: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
    ) -> _Call:
        known = mavibot_contract.load()
        operation = find_operation(known, action, method)
        checked = checked_parameters(known, operation, parameters, variables, more_variables, zone=self._settings.zone)
        own_codec = codec(operation)
        return _Call(operation, own_codec, own_codec.request(checked))

    def _prepared_by_name(self, action: str, parameters: Mapping[str, Any], method: Method | None) -> _Call:
        """Return a call whose further parameters are variables, where the action saves them."""
        operation = find_operation(mavibot_contract.load(), action, method)
        if not operation.free_variables:
            return self._prepared(action, parameters, method)
        declared = operation.schema["properties"].keys() | operation.aliases
        own = {name: value for name, value in parameters.items() if name in declared}
        free = {name: value for name, value in parameters.items() if name not in declared}
        return self._prepared(action, own, method, free.pop("variables", None), free)

    def _prepared_raw(
        self, action: str, method: Method, params: Mapping[str, Any] | None, json: Any, idempotent: bool
    ) -> _Call:
        """Return a call that the contract neither checks nor parses."""
        known = mavibot_contract.load().actions.get(action, {})
        operation = known.get(method) or foreign_operation(action, method, idempotent=idempotent)
        return _Call(operation, None, Request(action, method, params or {}, plain_value(json)))

    def _webhook_url(
        self,
        action: str,
        places: Mapping[str, Place],
        fixed: Mapping[str, Constant] | None,
        api_key: str | None,
    ) -> str:
        from mavibot import _aliases  # noqa: PLC0415  (what few need does not delay the first call)

        shown = _aliases.KEY_IN_ADDRESS if api_key is None else api_key
        return _aliases.webhook_url(action, places, fixed, base_url=self._base_url, api_key=shown)

    def _forwarded(
        self,
        action: str,
        payload: Mapping[str, Any],
        places: Mapping[str, Place],
        fixed: Mapping[str, Constant] | None,
    ) -> _Call:
        from mavibot import _aliases  # noqa: PLC0415  (likewise)

        operation, request = _aliases.forwarded(action, payload, places, fixed)
        return _Call(operation, codec(operation), request)

    def _attempts(self, call: _Call) -> Attempts:
        return Attempts(
            self._settings.retries,
            action=call.operation.action,
            idempotent=call.operation.idempotent,
            deadline=self._settings.deadline,
            on_retry=self._noted,
        )

    def _noted(self, retry: Retry) -> None:
        _log.repeated(retry)
        if self._settings.on_retry is not None:
            self._settings.on_retry(retry)

    def _limit(self, call: _Call) -> RateLimit | None:
        return None if call.operation.unlimited else self._rate


class Mavibot(_Caller, Paging, Actions):
    """The API as blocking methods, one an action.

    A client can be used by many threads at once.

    Args:
        api_key: API key of the project; the environment variable `MAVIBOT_API_KEY` where it is not given.
        base_url: scheme and host, such as `https://chatter.mavibot.ai` or the address of a mock; the environment
            variable `MAVIBOT_BASE_URL` where it is not given. There is no default.
        timeout: seconds without a byte from the server after which an attempt is given up.
        deadline: seconds that a call may take with all its attempts and pauses, or `None` for any time.
        retries: how often and how long a failed call is tried again; `False` for never. What is not idempotent by the
            contract is repeated only where it cannot have been carried out.
        on_retry: called with a `Retry` before each pause.
        rate: most calls in a time, such as `5/s` or `100/min`, or a `pyrate_limiter.Limiter` (extra `[ratelimit]`);
            calls that count against no limit of the platform do not count here.
        timezone: the project's time zone, to which aware `datetime` values are converted.
        transport: httpx2 transport to use instead of the network, for tests and proxies.

    Raises:
        ConfigurationError: the key, the base URL or another setting is missing or malformed.

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
        deadline: float | None = None,
        retries: RetryPolicy | bool = True,
        on_retry: Callable[[Retry], object] | None = None,
        rate: str | Limiter | None = None,
        timezone: str | tzinfo | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._base_url = _config.base_url(base_url)
        self._sender = Sender(self._base_url, _config.api_key(api_key), transport)
        self._configure(
            timeout=timeout, deadline=deadline, retries=retries, on_retry=on_retry, timezone=timezone, rate=rate
        )

    def call(self, action: str, /, *, method: Method | None = None, **parameters: Any) -> Reply:
        """Call an action by its name and return the reply with its raw body.

        Args:
            action: name of the action, such as `get_clients`.
            method: HTTP method, for the actions that work by both. A variable of this name goes into `variables={…}`.
            parameters: parameters of the action; further ones are variables where the action saves them.

        Raises:
            UnknownAction: there is no such action; the error suggests one.
            InvalidParameters: a parameter breaks the contract; nothing was sent.
            ConnectionFailed: no answer came.
            ApiError: the call failed.
        """
        return self._reply(self._prepared_by_name(action, parameters, method))

    def request(
        self,
        action: str,
        /,
        *,
        method: Method = "POST",
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        idempotent: bool = False,
    ) -> Reply:
        """Call an action that the contract does not know yet, or a known one without any check.

        Args:
            action: name of the action, the last part of its address.
            method: HTTP method.
            json: body.
            params: query parameters.
            idempotent: whether a new action may be repeated after a failure; what the contract knows, it decides.

        Raises:
            UnknownAction: the name cannot be that of an action.
            ConnectionFailed: no answer came.
            ApiError: the call failed.
        """
        return self._reply(self._prepared_raw(action, method, params, json, idempotent))

    def webhook_url(
        self,
        action: str,
        /,
        *,
        fixed: Mapping[str, Constant] | None = None,
        reveal_key: bool = False,
        **places: Place,
    ) -> str:
        """Return the address to paste into a shop or form service, which then calls an action with its own payload.

        Args:
            action: name of the action, such as `callback`.
            fixed: parameters with the same value in every call, such as `{"message": "paid"}`; put into the address.
            reveal_key: put the API key into the address, where `{api_key}` stands otherwise.
            places: by parameter, where the payload holds it: the name of a key on the first level, or the list of keys
                that lead to it.

        Raises:
            UnknownAction: there is no such action.
            InvalidParameters: the action cannot find a parameter there, or a fixed value breaks the contract.

        Source: document sections 'How to use a universal webhook' and 'Retrieve nested client data'; assumption: that
        fixed parameters in the address count beside a body.
        """
        return self._webhook_url(action, places, fixed, self._sender.revealed_key() if reveal_key else None)

    def forward(
        self,
        action: str,
        payload: Mapping[str, Any],
        /,
        *,
        fixed: Mapping[str, Constant] | None = None,
        **places: Place,
    ) -> Any:
        """Call an action with the payload of a third party and return what the action's own method returns.

        The payload is the body, unchanged. What results from it is checked before anything is sent.

        Args:
            action: name of the action, such as `callback`.
            payload: JSON object of the third party, as `json.loads` gives it.
            fixed: parameters with the same value in every call.
            places: by parameter, where the payload holds it, as in `webhook_url`.

        Raises:
            UnknownAction: there is no such action.
            InvalidParameters: the payload holds nothing at a place, or what results breaks the contract.
            ConnectionFailed: no answer came.
            ApiError: the call failed.
        """
        return self._reply(self._forwarded(action, payload, places, fixed)).result

    def _send(
        self,
        action: str,
        parameters: Mapping[str, Any],
        *,
        method: Literal["GET", "POST"] | None = None,
        variables: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
    ) -> Any:
        return self._reply(self._prepared(action, parameters, method, variables, more_variables)).result

    def _reply(self, call: _Call) -> Reply:
        """Send a call, again where that is right, and return its reply."""
        attempts, limit = self._attempts(call), self._limit(call)
        while True:
            if limit is not None and not limit.wait(attempts.time_left()):
                raise TimedOut(call.operation.action, "the rate limit leaves no time for it", sent=False)
            started = time.monotonic()
            try:
                raw = self._sender.send(call.request, self._settings.timeout, attempts.time_left())
                _log.answered(call.request.action, raw.http_status, time.monotonic() - started, attempts.number)
                return call.reply(raw)
            except ConnectionFailed as error:
                _log.unanswered(call.request.action, error, time.monotonic() - started, attempts.number)
                pause = attempts.pause_after(error)
            except ApiError as error:
                pause = attempts.pause_after(error)
            _retry.sleep(pause)

    @property
    def bulk(self) -> Bulk:
        """The actions over any number of clients, chunk by chunk."""
        from mavibot._bulk import Bulk  # noqa: PLC0415  (what few need does not delay the first call)

        return Bulk(self, self._base_url)

    def close(self) -> None:
        """Close all connections; the client cannot be used afterwards."""
        self._sender.close()
        if self._rate is not None:
            self._rate.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncMavibot(_Caller, AsyncPaging, AsyncActions):
    """The API as awaitable methods, one an action; otherwise like `Mavibot`.

    A hundred calls at most are on their way at a time, however many are awaited. `transport="aiohttp"` (extra
    `[aiohttp]`) makes several times as many of them a second.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        deadline: float | None = None,
        retries: RetryPolicy | bool = True,
        on_retry: Callable[[Retry], object] | None = None,
        rate: str | Limiter | None = None,
        timezone: str | tzinfo | None = None,
        transport: httpx2.AsyncBaseTransport | Literal["aiohttp"] | None = None,
    ) -> None:
        self._base_url = _config.base_url(base_url)
        self._sender = async_sender(self._base_url, _config.api_key(api_key), transport)
        self._configure(
            timeout=timeout, deadline=deadline, retries=retries, on_retry=on_retry, timezone=timezone, rate=rate
        )

    async def call(self, action: str, /, *, method: Method | None = None, **parameters: Any) -> Reply:
        """Call an action by its name; see `Mavibot.call`."""
        return await self._reply(self._prepared_by_name(action, parameters, method))

    async def request(
        self,
        action: str,
        /,
        *,
        method: Method = "POST",
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        idempotent: bool = False,
    ) -> Reply:
        """Call an action that the contract does not know yet; see `Mavibot.request`."""
        return await self._reply(self._prepared_raw(action, method, params, json, idempotent))

    def webhook_url(
        self,
        action: str,
        /,
        *,
        fixed: Mapping[str, Constant] | None = None,
        reveal_key: bool = False,
        **places: Place,
    ) -> str:
        """Return the address to paste into a shop or form service; see `Mavibot.webhook_url`."""
        return self._webhook_url(action, places, fixed, self._sender.revealed_key() if reveal_key else None)

    async def forward(
        self,
        action: str,
        payload: Mapping[str, Any],
        /,
        *,
        fixed: Mapping[str, Constant] | None = None,
        **places: Place,
    ) -> Any:
        """Call an action with the payload of a third party; see `Mavibot.forward`."""
        return (await self._reply(self._forwarded(action, payload, places, fixed))).result

    async def _send(
        self,
        action: str,
        parameters: Mapping[str, Any],
        *,
        method: Literal["GET", "POST"] | None = None,
        variables: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
    ) -> Any:
        return (await self._reply(self._prepared(action, parameters, method, variables, more_variables))).result

    async def _reply(self, call: _Call) -> Reply:
        """Send a call, again where that is right, and return its reply."""
        attempts, limit = self._attempts(call), self._limit(call)
        while True:
            if limit is not None and not await limit.wait_async(attempts.time_left()):
                raise TimedOut(call.operation.action, "the rate limit leaves no time for it", sent=False)
            started = time.monotonic()
            try:
                raw = await self._sender.send(call.request, self._settings.timeout, attempts.time_left())
                _log.answered(call.request.action, raw.http_status, time.monotonic() - started, attempts.number)
                return call.reply(raw)
            except ConnectionFailed as error:
                _log.unanswered(call.request.action, error, time.monotonic() - started, attempts.number)
                pause = attempts.pause_after(error)
            except ApiError as error:
                pause = attempts.pause_after(error)
            await _retry.async_sleep(pause)

    @property
    def bulk(self) -> AsyncBulk:
        """The actions over any number of clients, chunk by chunk."""
        from mavibot._bulk import AsyncBulk  # noqa: PLC0415  (what few need does not delay the first call)

        return AsyncBulk(self, self._base_url)

    async def close(self) -> None:
        """Close all connections; the client cannot be used afterwards."""
        await self._sender.close()
        if self._rate is not None:
            self._rate.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _policy(retries: RetryPolicy | bool) -> RetryPolicy:
    if isinstance(retries, RetryPolicy):
        return retries
    return RetryPolicy() if retries else _NO_RETRIES
