"""Many calls at once through an upstream that misbehaves: each goes out once, and each is answered."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest
from tests.proxy.caller import KEY
from tests.proxy.test_records import entries, reply
from tests.proxy.upstream import OK, Request, ScriptedUpstream, Wire

from mavibot_proxy import Proxy

if TYPE_CHECKING:
    from pathlib import Path

#: What the upstream does with every tenth call, by its last digit; all others are answered well.
_MISCHIEF: Final[dict[int, bytes | Wire]] = {
    1: Wire(then="close"),
    2: Wire(then="reset"),
    3: Wire(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", "close"),
    4: Wire(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "reset"),
    5: Wire(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), "close"),
    6: OK + b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nunwanted!",
    7: Wire(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", "close"),
    8: b"HTTP/1.1 103 Early\r\n\r\n" + reply({"status": "fail"}, status=500),
}
#: Calls whose reply is cut by the upstream, and calls that it does not answer.
_CUT: Final = {3, 4}
_UNANSWERED: Final = {1, 2}


def _number(request: Request) -> int:
    return int(request.line.split(b"n=")[1].split()[0])


def _answer(request: Request) -> bytes | Wire:
    number = _number(request)
    return _MISCHIEF.get(number % 10, OK) if number % 100 < 50 else OK


@pytest.mark.parametrize(("calls", "connections"), [(500, 16), pytest.param(10_000, 64, marks=pytest.mark.heavy)])
def test_nothing_is_doubled_and_nothing_stays_unanswered(tmp_path: Path, calls: int, connections: int) -> None:
    record = tmp_path / "calls.ndjson"
    outcomes: dict[int, str] = {}
    with ScriptedUpstream(_answer) as upstream, Proxy(upstream.url, record=record, timeout=60) as proxy:
        numbers, lock = iter(range(calls)), threading.Lock()

        def caller() -> None:
            address = urlsplit(proxy.url)
            with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)) as connection:
                while True:
                    with lock:
                        number = next(numbers, None)
                    if number is None:
                        return
                    connection.request("POST", f"/api/{KEY}/message?n={number}", b'{"client_id": 1, "message": "x"}')
                    response = connection.getresponse()
                    try:
                        response.read()
                        outcomes[number] = str(response.status)
                    except http.client.IncompleteRead:
                        outcomes[number] = "cut"
                        connection.close()

        with ThreadPoolExecutor(connections) as pool:
            for each in [pool.submit(caller) for _ in range(connections)]:
                each.result()
    received = Counter(map(_number, upstream.requests))
    assert received == Counter(range(calls))
    assert all(request.is_whole for request in upstream.requests)
    assert outcomes.keys() == set(range(calls))
    assert Counter(outcomes.values()) == Counter(map(_expected, range(calls)))
    assert len(entries(record)) == calls


def _expected(number: int) -> str:
    kind = number % 10 if number % 100 < 50 else 0
    return "cut" if kind in _CUT else "502" if kind in _UNANSWERED else "500" if kind == 8 else "200"
