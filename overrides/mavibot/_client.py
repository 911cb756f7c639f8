"""The two clients, blocking and asynchronous: their settings, and the one way in which everything is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, Self

import mavibot_contract
from mavibot import _config, _log, _retry
from mavibot._httpx2 import AsyncSender, Sender
from mavibot._paging import AsyncPaging, Paging
from mavibot._parameters import checked_request, find_operation, foreign_operation, raw_request
from mavibot._rate import RateLimit
from mavibot._reply import Reply, interpret
from mavibot._retry import Attempts, Retry, RetryPolicy
from mavibot._span import span_of
from mavibot._time import time_zone
from mavibot._wire import Request
from mavibot.errors import ApiError, ConfigurationError, ConnectionFailed, shown
from mavibot_api.facade import Actions, AsyncActions

if TYPE_CHECKING:
    from datetime import tzinfo
    from types import TracebackType

    import httpx2
    from pyrate_limiter import Limiter

    from mavibot._aiohttp import AiohttpSender
    from mavibot._aliases import Constant, Place
    from mavibot._bulk import AsyncBulk, Bulk
    from mavibot._secrets import Key
    from mavibot_contract import Method

#: Seconds without a byte from the server after which an attempt is given up; lists of large projects take a minute.
DEFAULT_TIMEOUT: Final = 60.0

_NO_RETRIES: Final = RetryPolicy(attempts=1)
_UNCHANGED: Final[Any] = object()


@dataclass(frozen=True, slots=True)
class _Settings:
    """The settings of a client beside its key and address; `Mavibot` says what each means."""

    timeout: float
    deadline: float | None
    retries: RetryPolicy
    on_retry: Callable[[Retry], object] | None
    zone: tzinfo | None

    def __post_init__(self) -> None:
        _config.seconds("timeout", self.timeout)
        if self.deadline is not None:
            _config.seconds("deadline", self.deadline)
        _config.handler("on_retry", self.on_retry)


class _Caller:
    """What both clients share: everything except the sending itself."""

    _base_url: str
    _key: Key
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

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} cannot be pickled or copied: it holds connections and the API key; make one where "
            "it is used, or use with_options"
        )

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
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._settings = replace(self._settings, **changed)
        return other

    def _prepared(
        self,
        action: str,
        parameters: Mapping[str, Any],
        method: Method | None,
        variables: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
    ) -> Request:
        operation = find_operation(action, method)
        return checked_request(operation, parameters, variables, more_variables, self._settings.zone)

    def _prepared_by_name(self, action: str, parameters: Mapping[str, Any], method: Method | None) -> Request:
        """Return a request whose further parameters are variables, if the action saves them."""
        operation = find_operation(action, method)
        if not operation.free_variables:
            return self._prepared(action, parameters, method)
        declared = operation.schema["properties"].keys() | operation.aliases
        own = {name: value for name, value in parameters.items() if name in declared}
        free = {name: value for name, value in parameters.items() if name not in declared}
        return self._prepared(action, own, method, free.pop("variables", None), free)

    def _prepared_raw(
        self, action: str, method: Method, params: Mapping[str, Any] | None, json: Any, idempotent: bool
    ) -> Request:
        """Return a request that the contract does not check, whose reply is not parsed."""
        foreign = foreign_operation(action, method, idempotent=idempotent)
        known = mavibot_contract.load().actions.get(action, {})
        return raw_request(known.get(method, foreign), params, json)

    def _webhook_url(
        self,
        action: str,
        places: Mapping[str, Place],
        fixed: Mapping[str, Constant] | None,
        key: Key | None,
    ) -> str:
        from mavibot import _aliases  # noqa: PLC0415 - rarely needed, so it must not delay the first call

        shown = _aliases.KEY_IN_ADDRESS if key is None else key.reveal()
        return _aliases.webhook_url(action, places, fixed, base_url=self._base_url, api_key=shown)

    def _forwarded(
        self,
        action: str,
        payload: Mapping[str, Any],
        places: Mapping[str, Place],
        fixed: Mapping[str, Constant] | None,
    ) -> Request:
        from mavibot import _aliases  # noqa: PLC0415 - likewise

        return _aliases.forwarded(action, payload, places, fixed)

    def _attempts(self, request: Request) -> Attempts:
        settings = self._settings
        return Attempts(settings.retries, request.operation, settings.deadline, self._noted)

    def _noted(self, retry: Retry) -> None:
        _log.repeated(retry)
        if self._settings.on_retry is not None:
            self._settings.on_retry(retry)

    def _limit(self, request: Request) -> RateLimit | None:
        return None if request.operation.unlimited else self._rate


class Mavibot(_Caller, Paging, Actions):
    """The API as blocking methods, one per action.

    A client can be used by many threads at once.

    Args:
        api_key: API key of the project; the environment variable `MAVIBOT_API_KEY` by default.
        base_url: scheme and host, such as `https://chatter.mavibot.ai` or the address of a mock; the environment
            variable `MAVIBOT_BASE_URL` by default.
        timeout: seconds without a byte from the server after which an attempt is given up.
        deadline: seconds that a call may take with all its attempts and pauses, or `None` for no bound.
        retries: how often and how long a failed call is repeated; `False` for never. A call that is not idempotent by
            the contract is repeated only if it cannot have been carried out.
        on_retry: called with a `Retry` before each pause.
        rate: maximum number of calls in a time, such as `5/s` or `100/min`, or a `pyrate_limiter.Limiter` (extra
            `[ratelimit]`); calls without a limit on the platform do not count.
        timezone: the project's time zone, to which aware `datetime` values are converted.
        user_agent: header `User-Agent` of every request; `mavibot/<version> python/<version>` by default.
        transport: an `httpx2.BaseTransport` to use instead of the default one, for tests, proxies or your own
            certificates; by default those of the operating system are trusted.

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
        user_agent: str | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._base_url = _config.base_url(base_url)
        self._key = _config.api_key(api_key)
        self._sender = Sender(self._base_url, self._key, _config.user_agent(user_agent), transport)
        self._configure(
            timeout=timeout, deadline=deadline, retries=retries, on_retry=on_retry, timezone=timezone, rate=rate
        )

    def call(self, action: str, /, *, method: Method | None = None, **parameters: Any) -> Reply:
        """Call an action by its name and return the reply with its raw body.

        Args:
            action: name of the action, such as `get_clients`.
            method: HTTP method, for actions that work by both. A variable of this name goes into `variables={…}`.
            parameters: parameters of the action; further ones are variables, if the action saves them.

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
        """Call an action that the contract does not know yet, or a known one without checks.

        Args:
            action: name of the action, the last part of its address.
            method: HTTP method.
            json: body.
            params: query parameters: texts, numbers, true or false.
            idempotent: whether an action that the contract does not know may be repeated.

        Raises:
            UnknownAction: no action can have this name.
            InvalidParameters: the method is neither GET nor POST, or what is to be sent fits neither JSON nor a query.
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
            reveal_key: put the API key into the address, instead of `{api_key}`.
            places: where the payload holds each parameter: a key of the first level, or the list of keys that lead to
                it.

        Raises:
            UnknownAction: there is no such action.
            InvalidParameters: the action cannot find a parameter there, or a fixed value breaks the contract.

        Source: document sections 'How to use a universal webhook' and 'Retrieve nested client data'; assumption: that
        fixed parameters in the address count beside a body.
        """
        return self._webhook_url(action, places, fixed, self._key if reveal_key else None)

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

        The payload is the body, unchanged. The resulting call is checked before anything is sent.

        Args:
            action: name of the action, such as `callback`.
            payload: JSON object of the third party, as `json.loads` gives it.
            fixed: parameters with the same value in every call.
            places: where the payload holds each parameter, as in `webhook_url`.

        Raises:
            UnknownAction: there is no such action.
            InvalidParameters: the payload holds nothing there, or the resulting call breaks the contract.
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

    def _reply(self, request: Request) -> Reply:
        """Send a request, again if that is right, and return its reply."""
        attempts, limit = self._attempts(request), self._limit(request)
        with span_of(request) as span:
            while True:
                if limit is not None and not limit.wait(attempts.time_left()):
                    raise attempts.no_turn()
                started = time.monotonic()
                try:
                    raw = self._sender.send(request, self._settings.timeout, attempts.time_left())
                    span.answered(raw.http_status, attempts.number)
                    _log.answered(request.action, raw.http_status, time.monotonic() - started, attempts.number)
                    return interpret(request, raw)
                except ConnectionFailed as error:
                    _log.unanswered(request.action, error, time.monotonic() - started, attempts.number)
                    pause = attempts.pause_after(error)
                except ApiError as error:
                    pause = attempts.pause_after(error)
                _retry.sleep(pause)

    @property
    def bulk(self) -> Bulk:
        """Actions over any number of clients, chunk by chunk."""
        from mavibot._bulk import Bulk  # noqa: PLC0415 - rarely needed, so it must not delay the first call

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
    """The API as awaitable methods, one per action; otherwise like `Mavibot`.

    At most a hundred calls are under way at a time, however many are awaited. `transport="aiohttp"` (extra
    `[aiohttp]`) makes several times as many calls a second.
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
        user_agent: str | None = None,
        transport: httpx2.AsyncBaseTransport | Literal["aiohttp"] | None = None,
    ) -> None:
        self._base_url = _config.base_url(base_url)
        self._key = _config.api_key(api_key)
        self._sender = _async_sender(self._base_url, self._key, _config.user_agent(user_agent), transport)
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
        return self._webhook_url(action, places, fixed, self._key if reveal_key else None)

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

    async def _reply(self, request: Request) -> Reply:
        """Send a request, again if that is right, and return its reply."""
        attempts, limit = self._attempts(request), self._limit(request)
        with span_of(request) as span:
            while True:
                if limit is not None and not await limit.wait_async(attempts.time_left()):
                    raise attempts.no_turn()
                started = time.monotonic()
                try:
                    raw = await self._sender.send(request, self._settings.timeout, attempts.time_left())
                    span.answered(raw.http_status, attempts.number)
                    _log.answered(request.action, raw.http_status, time.monotonic() - started, attempts.number)
                    return interpret(request, raw)
                except ConnectionFailed as error:
                    _log.unanswered(request.action, error, time.monotonic() - started, attempts.number)
                    pause = attempts.pause_after(error)
                except ApiError as error:
                    pause = attempts.pause_after(error)
                await _retry.async_sleep(pause)

    @property
    def bulk(self) -> AsyncBulk:
        """Actions over any number of clients, chunk by chunk."""
        from mavibot._bulk import AsyncBulk  # noqa: PLC0415 - rarely needed, so it must not delay the first call

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
    match retries:
        case RetryPolicy():
            return retries
        case bool():
            return RetryPolicy() if retries else _NO_RETRIES
    raise ConfigurationError("retries", f"must be True, False or a RetryPolicy, got {shown(retries)}")


def _async_sender(
    base_url: str, key: Key, user_agent: str, transport: httpx2.AsyncBaseTransport | Literal["aiohttp"] | None
) -> AsyncSender | AiohttpSender:
    """Return the sender for a transport.

    Raises:
        ConfigurationError: the extra for aiohttp is missing, or the transport is not one of httpx2.
    """
    if transport != "aiohttp":
        return AsyncSender(base_url, key, user_agent, transport)
    try:
        from mavibot._aiohttp import AiohttpSender  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise ConfigurationError(
            "transport", "'aiohttp' needs an extra; install it with: pip install 'mavibot[aiohttp]'"
        ) from None
    return AiohttpSender(base_url, key, user_agent)
