"""Calls of the control interface, over a port or in process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: A move of the clock may take long; that the mock answers at all shows at once.
_TIMEOUT: Final = httpx2.Timeout(None, connect=5)
_TOO_LATE: Final = 408
_JSON: Final = {"Content-Type": "application/json"}


class MockError(Exception):
    """The mock refuses a request, and the message names the field and the fix; or no mock answers.

    Attributes:
        status: HTTP status of the refusal, or `None` where no mock answers.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status: Final = status


class Connection:
    """A connection to the control interface of a mock; close it when it is no longer needed."""

    def __init__(self, url: str, *, transport: httpx2.BaseTransport | None = None, token: str | None = None) -> None:
        """Prepare a connection.

        Args:
            url: where the mock answers.
            transport: what carries the calls, instead of the network.
            token: what each call must bring, where other machines reach the mock.
        """
        self._url: Final = url
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._client: Final = httpx2.Client(
            base_url=f"{url}/_mock/v1", transport=transport, headers=headers, timeout=_TIMEOUT, trust_env=False
        )

    def call(self, method: str, path: str, body: Any = None, *, query: Mapping[str, Any] | None = None) -> Any:
        """Call an operation and return its answer.

        Args:
            method: HTTP method.
            path: what follows `/_mock/v1`.
            body: what to send as JSON.
            query: parameters of the query string; those that are `None` are left out.

        Raises:
            AssertionError: what was to happen did not happen in time.
            MockError: the mock refuses the call, or what is given cannot be sent; or no mock answers.
        """
        __tracebackhide__ = True
        given = {name: value for name, value in (query or {}).items() if value is not None}
        _check(given)
        content = None if body is None else _as_json(body)
        try:
            response = self._client.request(
                method, path, params=given, content=content, headers={} if content is None else _JSON
            )
        except httpx2.TransportError as error:
            raise MockError(f"no mock answers at {self._url}: {error}") from error
        try:
            answer = response.json()
            if response.is_success:
                return answer
            message = answer["message"]
        except (ValueError, KeyError, TypeError):
            raise MockError(f"what answers at {self._url} is no Mavibot mock", status=response.status_code) from None
        if response.status_code == _TOO_LATE:
            raise AssertionError(message)
        raise MockError(message, status=response.status_code)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def _check(given: Any) -> None:
    """Check whether JSON can hold values.

    Raises:
        MockError: it cannot; the message names the place and the fix.
    """
    for place, value in _values("", given):
        try:
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except UnicodeEncodeError:
            raise MockError(
                f"{place or 'body'}: holds an unpaired surrogate, which no text may; leave it out"
            ) from None
        except (TypeError, ValueError):
            kind = type(value).__name__
            raise MockError(f"{place or 'body'}: must be a value of JSON, got {value!r:.60} ({kind})") from None


def _as_json(body: Any) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError):
        _check(body)
        raise  # it is no matter of one value, such as an object that holds itself


def _values(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the places and values that something holds, names of fields among them."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield f"a name in {place or 'body'}", name
            yield from _values(f"{place}.{name}" if place else str(name), each)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _values(f"{place}[{index}]", each)
    else:
        yield place, value
