"""A call goes out as it came in, once, and its reply comes back as the upstream gave it."""

from __future__ import annotations

import gzip
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.proxy.caller import KEY, connect, exchange, get, post, rest
from tests.proxy.upstream import OK, Request, ScriptedUpstream, Wire

from mavibot._wire import certificates
from mavibot_proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as upstream:
        yield upstream


@pytest.fixture
def proxy(upstream: ScriptedUpstream) -> Iterator[Proxy]:
    with Proxy(upstream.url, timeout=30) as proxy:
        yield proxy


def split(reply: bytes) -> tuple[bytes, list[tuple[bytes, bytes]], bytes]:
    """Return the status line, the headers by lower-case name and the body of a reply."""
    head, _, body = reply.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (each.partition(b":") for each in fields)]
    return line, pairs, body


def _until(wire: Wire) -> float:
    """Return how long a proxy may wait for an upstream: short only if nothing but its own timeout ends the call."""
    return 1 if wire.then == "wait" else 30


def test_a_reply_comes_back_as_it_was_given(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    packed = gzip.compress("Анна".encode(), mtime=0)
    fields = [
        (b"Server", b"nginx/1.18"),
        (b"X-B", b"2"),
        (b"Content-Type", b"text/html; charset=windows-1251"),
        (b"Set-Cookie", b"a=1"),
        (b"X-A", b"\xd0\xb0"),
        (b"Set-Cookie", b"b=2"),
        (b"Content-Encoding", b"gzip"),
        (b"Content-Length", b"%d" % len(packed)),
        (b"Date", b"Mon, 01 Jan 2024 00:00:00 GMT"),
    ]
    head = b"".join(b"%b: %b\r\n" % each for each in fields)
    upstream.answer = lambda _: b"HTTP/1.1 299 Whatever\r\n" + head + b"\r\n" + packed
    line, pairs, body = split(exchange(proxy, get()))
    assert line.split()[1] == b"299"
    assert pairs == [*((name.lower(), value) for name, value in fields), (b"connection", b"close")]
    assert body == packed


def test_a_call_goes_out_as_it_came(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    body = b'{"client_id": 1,  "message": "\xd0\x90"}\n'
    lines = ["X-B: 2", "Accept-Encoding: br, gzip", "X-A: 1", "X-A: 2", "Authorization: Bearer x", "User-Agent: shop"]
    exchange(proxy, post(body, *lines, "Keep-Alive: timeout=5", "TE: trailers", "Proxy-Authorization: Basic eA=="))
    [request] = upstream.requests
    assert request.line == f"POST /api/{KEY}/message HTTP/1.1".encode()
    assert [each.lower() for each in request.headers] == [
        each.lower().encode()
        for each in (
            f"Host: {upstream.url.removeprefix('http://')}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *lines,
        )
    ]
    assert request.body == body


def test_path_and_query_are_not_read(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    target = f"/api/{KEY}/a%2Fb%20c;x/?q=%7B%22a%22%3A1%7D&&a=+&b=%zz"
    exchange(proxy, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert upstream.requests[0].line == f"GET {target} HTTP/1.1".encode()


@pytest.mark.parametrize("query", ["", "?", "??", "?a", "?a="])
def test_an_empty_query_stays(upstream: ScriptedUpstream, proxy: Proxy, query: str) -> None:
    exchange(proxy, get(f"get_clients{query}"))
    exchange(proxy, get(f"get_clients{query}").replace(b"GET /", b"GET http://x.example/"))
    assert {each.line for each in upstream.requests} == {f"GET /api/{KEY}/get_clients{query} HTTP/1.1".encode()}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_any_method_and_action_goes_through(upstream: ScriptedUpstream, proxy: Proxy, method: str) -> None:
    assert b" 200 " in exchange(proxy, get("no_such_action", method=method))
    assert upstream.requests[0].line.startswith(f"{method} ".encode())


def test_a_body_in_chunks_goes_out_in_chunks(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    request = get("message", "Transfer-Encoding: chunked", method="POST")
    exchange(proxy, request + b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-Trailer: 1\r\n\r\n")
    assert upstream.requests[0].chunked
    assert upstream.requests[0].body == b"abcdefg"


def test_trailers_do_not_become_headers(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    request = get("message", "Transfer-Encoding: chunked", "X-Mine: 1", method="POST")
    trailers = b"Authorization: Basic eA==\r\nX-Mine: 2\r\nHost: y\r\n\r\n"
    assert exchange(proxy, request + b"3\r\nabc\r\n0\r\n" + trailers).endswith(b"ok")
    assert upstream.requests[0].body == b"abc"
    host = upstream.url.removeprefix("http://").encode()
    fields = [
        (name.lower(), value.strip()) for name, _, value in (x.partition(b":") for x in upstream.requests[0].headers)
    ]
    assert fields == [(b"host", host), (b"transfer-encoding", b"chunked"), (b"x-mine", b"1")]


@pytest.mark.parametrize(
    ("method", "answer", "body"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\nETag: x\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n", b""),
        ("GET", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, b"ok"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ],
    ids=["head", "204", "304", "redirect", "interim", "empty"],
)
def test_replies_of_every_framing(
    upstream: ScriptedUpstream, proxy: Proxy, method: str, answer: bytes, body: bytes
) -> None:
    upstream.answer = lambda _: answer
    line, pairs, got = split(exchange(proxy, get(method=method)))
    final = answer[answer.rindex(b"HTTP/1.1") :]
    assert line.split()[1] == final.split()[1]
    assert pairs == [*split(final)[1], (b"connection", b"close")]
    assert got == body
    # The connection is as sound as before.
    assert exchange(proxy, get(method=method)).endswith(body or b"\r\n\r\n")
    assert len(upstream.requests) == 2


@pytest.mark.parametrize("body", [b"", b"x" * 20])
def test_a_reply_that_has_no_body_loses_the_length_of_one(
    upstream: ScriptedUpstream, proxy: Proxy, body: bytes
) -> None:
    upstream.answer = lambda _: b"HTTP/1.1 204 x\r\nX: y\r\nContent-Length: 20\r\n\r\n" + body
    for _ in range(2):
        line, pairs, got = split(exchange(proxy, get()))
        assert (line.split()[1], pairs, got) == (b"204", [(b"x", b"y"), (b"connection", b"close")], b"")
    assert proxy.summary.troubles == {}


def test_a_reply_in_chunks_comes_back_in_chunks(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    chunks = b"2;a=b\r\nok\r\n3\r\n!!!\r\n0\r\nX-Trailer: 1\r\n\r\n"
    upstream.answer = lambda _: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n" + chunks
    _, pairs, body = split(exchange(proxy, get()))
    assert pairs == [(b"x", b"y"), (b"connection", b"close"), (b"transfer-encoding", b"chunked")]
    assert body.replace(b"5\r\nok!!!", b"2\r\nok\r\n3\r\n!!!") == b"2\r\nok\r\n3\r\n!!!\r\n0\r\n\r\n"


def test_a_reply_that_ends_with_its_connection_comes_back_whole(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    upstream.answer = lambda _: Wire(b"HTTP/1.0 200 OK\r\n\r\nto the end")
    assert b"to the end" in exchange(proxy, get())
    upstream.answer = lambda _: Wire(b"HTTP/1.1 200 OK\r\n\r\nto the end")
    _, pairs, body = split(exchange(proxy, get(version="1.0")))
    assert (b"content-length", b"10") in pairs
    assert body == b"to the end"


def test_connections_are_used_again_on_both_sides(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    request = get().replace(b"Connection: close\r\n", b"")
    with connect(proxy) as connection:
        for _ in range(5):
            connection.sendall(request)
            reply = b""
            while not reply.endswith(b"\r\n\r\nok"):  # head and body may come apart
                reply += (chunk := connection.recv(65536))
                assert chunk, reply
    assert (len(upstream.requests), upstream.connections) == (5, 1)


def test_pipelined_calls_are_answered_in_order(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    upstream.answer = lambda request: OK.replace(b"ok", request.line.split(b"/")[3][:2])
    keep = get("a1").replace(b"Connection: close\r\n", b"")
    replies = exchange(proxy, keep + keep.replace(b"a1", b"b2") + get("c3"))
    assert [replies.index(each) for each in (b"a1", b"b2", b"c3")] == sorted(
        replies.index(x) for x in (b"a1", b"b2", b"c3")
    )
    assert len(upstream.requests) == 3


def test_who_waits_for_leave_to_send_gets_it(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    request = post(b'{"a": 1}', "Expect: 100-continue")
    head, _, body = request.partition(b"\r\n\r\n")
    with connect(proxy) as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert rest(connection).endswith(b"ok")
    assert upstream.requests[0].header(b"expect") is None
    assert upstream.requests[0].body == body


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (["Content-Length: 100000"], b"x" * 100_000),
        (["Transfer-Encoding: chunked"], b"3\r\nxxx\r\n4\r\nxxxx\r\n0\r\n\r\n"),
        (["Content-Length: 0"], b""),
        ([], b""),
    ],
    ids=["length", "chunks", "empty", "none"],
)
@pytest.mark.parametrize("is_in_pieces", [False, True])
def test_an_offer_of_another_protocol_is_not_taken_up(
    upstream: ScriptedUpstream, proxy: Proxy, lines: list[str], body: bytes, is_in_pieces: bool
) -> None:
    lines = [*lines, "X-A: 1", "Upgrade: h2c", "HTTP2-Settings: AAEA", "X-B: 2"]
    head = get("message", *lines, method="POST").replace(b": close", b": Upgrade, HTTP2-Settings")
    last = get("message", "Upgrade: websocket").replace(b": close", b": Upgrade, close")
    content = head + body + head + body + last
    with connect(proxy) as connection:
        size = 40_000 if len(content) > 100_000 else 7
        for start in range(0, len(content), size if is_in_pieces else len(content)):
            connection.sendall(content[start : start + (size if is_in_pieces else len(content))])
        assert rest(connection).count(b"\r\n\r\nok") == 3
    first, second, _ = upstream.requests
    assert first.headers == second.headers
    assert len(first.body) == body.count(b"x")
    names = [each.partition(b":")[0].lower() for each in first.headers]
    assert b"upgrade" not in names
    assert b"http2-settings" not in names
    assert names[-2:] == [b"x-a", b"x-b"]


def test_blanks_around_the_value_of_a_header_are_no_part_of_it(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    assert exchange(proxy, get("message", "X-Auth: \t Bearer  x \t ", "X-Empty:  \t")).endswith(b"ok")
    assert upstream.requests[0].headers[1:] == [b"x-auth: Bearer  x", b"x-empty: "]


def test_a_reply_that_is_no_sound_http_is_not_quoted(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    upstream.answer = lambda _: b"HTTP/1.1 200 OK\r\nX SECRET: 1\r\n\r\n"
    reply = exchange(proxy, get("message"))
    upstream.answer = lambda _: b"SECRET'\"\r\n\r\n"
    reply += exchange(proxy, get("message"))
    assert reply.count(b"the reply is no sound HTTP: illegal") == 2
    assert b"SECRET" not in reply
    assert "SECRET" not in str(proxy.summary.troubles)
    assert sum(proxy.summary.troubles.values()) == 2


@pytest.mark.parametrize("size", [999_999, 1_000_001, 5_000_000])
def test_long_bodies_pass_both_ways(upstream: ScriptedUpstream, proxy: Proxy, size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    upstream.answer = lambda request: (
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(request.body) + request.body
    )
    assert split(exchange(proxy, post(body)))[2] == body
    assert upstream.requests[0].body == body


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length: -5",
        "Content-Length: 0x5",
        "Content-Length : 5",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding\t: chunked",
        "Content-Length: 5\r\n X: folded",
        "Host: second.example\r\nContent-Length: 5",
        "Content-Length: 5\r\nX: a\0b",
    ],
)
def test_a_call_with_an_ambiguous_end_is_refused(upstream: ScriptedUpstream, proxy: Proxy, head: str) -> None:
    smuggled = b"0\r\n\r\nGET /api/x/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    start = f"POST /api/{KEY}/message HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n\r\n"
    reply = exchange(proxy, start.encode() + smuggled)
    assert reply.startswith(b"HTTP/1.1 400 "), reply
    assert upstream.requests == []


@pytest.mark.parametrize(
    "chunk", [b"x\r\n", b"5\r\nab\r\n0\r\n\r\n", b"-1\r\n", b"2\r\nabc\r\n", b"ffffffffffffffffff\r\n"]
)
def test_a_call_with_bad_chunks_is_refused(upstream: ScriptedUpstream, proxy: Proxy, chunk: bytes) -> None:
    with connect(proxy) as connection:
        connection.sendall(get("message", "Transfer-Encoding: chunked", method="POST") + chunk + b"0\r\n\r\n0\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")
    assert upstream.requests == []


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("message?message=\u041f"), 400),
        (get("message?message=a#b"), 400),
        (b"nonsense\r\n\r\n", 400),
        (get("message?message=" + "x" * 70_000), 414),
        (get("message", "X: " + "x" * 70_000), 431),
    ],
    ids=["unescaped", "fragment", "no HTTP", "long address", "long head"],
)
def test_what_cannot_be_read_is_told_of(upstream: ScriptedUpstream, request_: bytes, status: int) -> None:
    told: list[str] = []
    with Proxy(upstream.url, tell=told.append) as proxy:
        line, pairs, body = split(exchange(proxy, request_))
    assert int(line.split()[1]) == status
    assert (b"mavibot-proxy-outcome", b"not passed on") in pairs
    assert b"mavibot proxy: " in body
    assert len(told) == 1
    assert f" not passed on {status}  " in told[0]
    assert sum(proxy.summary.troubles.values()) == 1
    assert (proxy.summary.calls, upstream.requests) == (0, [])


@pytest.mark.parametrize("address", ["message?message=\u041f", "\u041f", "message#a", "message?#"])
def test_an_address_that_is_not_escaped_is_refused_by_name(proxy: Proxy, address: str) -> None:
    assert "must be escaped, such as %D0%9F" in exchange(proxy, get(address)).decode()
    assert b"is no valid HTTP" in exchange(proxy, get("message", "Content-Length : \u041f"))


def test_two_hosts_are_refused_by_name(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    reply = exchange(proxy, get("get_clients", "Host: second.example"))
    assert b'"mavibot proxy: the host is ambiguous: more than one Host"' in reply
    assert upstream.requests == []


@pytest.mark.parametrize(("size", "outcome"), [(10, b"not passed on"), (2_000_000, b"unknown")])
def test_a_body_that_breaks_tells_what_became_of_its_call(
    upstream: ScriptedUpstream, proxy: Proxy, size: int, outcome: bytes
) -> None:
    body = b"%x\r\n%b\r\n" % (size, b"x" * size)
    with connect(proxy) as connection:
        connection.sendall(get("message", "Transfer-Encoding: chunked", method="POST") + body)
        if outcome == b"unknown":
            while not upstream.requests:
                time.sleep(0.01)
        connection.sendall(b"nonsense\r\n")
        line, pairs, _ = split(rest(connection))
    assert line.split()[1] == b"400"
    assert (b"mavibot-proxy-outcome", outcome) in pairs
    assert not any(each.is_whole for each in upstream.requests)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 600 x\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 999 x\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 099 x\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
)
def test_a_reply_that_is_no_sound_http_is_refused(upstream: ScriptedUpstream, proxy: Proxy, answer: bytes) -> None:
    upstream.answer = lambda _: answer
    line, pairs, body = split(exchange(proxy, get("message")))
    assert line.split()[1] == b"502"
    assert (b"mavibot-proxy-outcome", b"unknown") in pairs
    assert b"may have been carried out" in body
    assert len(upstream.requests) == 1


def test_what_follows_a_reply_is_never_taken_for_the_next(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    upstream.answer = lambda _: OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"
    for _ in range(3):
        assert exchange(proxy, get()).endswith(b"\r\n\r\nok")


@pytest.mark.parametrize(
    "target",
    ["http://elsewhere.example/api/{}/message", "https://elsewhere.example:81/api/{}/message", "/api/{}/message"],
)
def test_only_the_named_upstream_is_contacted(upstream: ScriptedUpstream, proxy: Proxy, target: str) -> None:
    head = f"GET {target.format(KEY)} HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n"
    assert exchange(proxy, head.encode()).endswith(b"ok")
    [request] = upstream.requests
    assert request.line == f"GET /api/{KEY}/message HTTP/1.1".encode()
    assert request.header(b"host") == upstream.url.removeprefix("http://").encode()


@pytest.mark.parametrize(
    "head",
    [
        "CONNECT elsewhere.example:80",
        "GET *",
        "OPTIONS *",
        "GET /",
        "GET /other",
        "GET /api",
        "GET /api/",
        "GET /api//x",
    ],
)
def test_what_is_no_call_of_the_api_is_not_passed_on(upstream: ScriptedUpstream, proxy: Proxy, head: str) -> None:
    reply = exchange(proxy, f"{head} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert reply.split()[1] in {b"400", b"404"}
    assert upstream.requests == []


def test_a_header_that_names_the_length_as_its_own_does_not_remove_it(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    request = post(b"{}", "X-Mine: 1").replace(b"Connection: close", b"Connection: close, content-length, host, x-mine")
    assert exchange(proxy, request).endswith(b"ok")
    assert upstream.requests[0].body == b"{}"
    assert upstream.requests[0].header(b"x-mine") is None


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (Wire(then="close"), b"502"),
        (Wire(then="reset"), b"502"),
        (Wire(b"HTTP/1.1 200", then="close"), b"502"),
        (Wire(b"HTTP/1.1 200 OK\r\nX: ", then="reset"), b"502"),
        (Wire(then="wait"), b"504"),
    ],
    ids=["close", "reset", "half a line", "half a head", "silence"],
)
@pytest.mark.parametrize("is_kept", [False, True])
def test_a_call_that_is_not_answered_is_never_repeated(wire: Wire, status: bytes, is_kept: bool) -> None:
    with ScriptedUpstream() as upstream, Proxy(upstream.url, timeout=_until(wire)) as proxy:
        if is_kept:
            exchange(proxy, get("first"))
        upstream.answer = lambda _: wire
        line, pairs, body = split(exchange(proxy, post(b"{}")))
        assert line.split()[1] == status
        assert (b"mavibot-proxy-outcome", b"unknown") in pairs
        assert b"may have been carried out, and is not repeated" in body
        assert len([each for each in upstream.requests if b"message" in each.line]) == 1


@pytest.mark.parametrize("then", ["close", "reset", "wait"])
@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ],
    ids=["length", "chunks"],
)
def test_half_a_reply_never_looks_like_a_whole_one(start: bytes, then: str) -> None:
    wire = Wire(start, then)
    with ScriptedUpstream(lambda _: wire) as upstream, Proxy(upstream.url, timeout=_until(wire)) as proxy:
        reply = exchange(proxy, get("message", method="POST"))
        assert reply.startswith(b"HTTP/1.1 200 ")
        assert not reply.endswith(b"0\r\n\r\n")
        assert len(split(reply)[2]) < 100
        assert len(upstream.requests) == 1
        assert sum(proxy.summary.troubles.values()) == 1


def test_an_upstream_that_is_not_there_gets_nothing() -> None:
    with Proxy("http://127.0.0.1:9") as proxy:
        line, pairs, body = split(exchange(proxy, get("message")))
        assert line.split()[1] == b"502"
        assert (b"mavibot-proxy-outcome", b"not passed on") in pairs
        assert b"nothing was sent" in body


def test_a_connection_that_the_upstream_has_closed_is_not_used(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    upstream.answer = lambda _: Wire(OK)  # a reply after which the connection may be kept, and then its end
    for _ in range(5):
        assert exchange(proxy, get()).endswith(b"ok")
        assert upstream.closed.acquire(timeout=30)
    assert len(upstream.requests) == 5


def test_half_a_call_is_not_passed_on(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    with connect(proxy) as connection:
        connection.sendall(post(b"x" * 100)[:-50])
    exchange(proxy, get())  # later than the end of the other connection
    assert [each.line.split()[0] for each in upstream.requests] == [b"GET"]


def test_a_slow_answer_holds_up_nobody_else(upstream: ScriptedUpstream, proxy: Proxy) -> None:
    def answer(request: Request) -> bytes:
        if b"slow" in request.line:
            upstream.released.wait(30)
        return OK

    upstream.answer = answer
    with connect(proxy) as waiting:
        waiting.sendall(get("slow"))
        for _ in range(3):
            assert exchange(proxy, get("quick")).endswith(b"ok")
        upstream.released.set()
        assert rest(waiting).endswith(b"ok")


@pytest.mark.parametrize(
    "url", ["ftp://x.example", "chatter.mavibot.ai", "http://chatter.mavibot.ai", "https://", "https://a:b@x.example"]
)
def test_an_upstream_must_be_https_unless_it_is_on_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Proxy(url)


def test_other_machines_need_a_token(upstream: ScriptedUpstream) -> None:
    with Proxy(upstream.url, "0.0.0.0") as proxy:
        assert proxy.token
        target = proxy.url.partition("0.0.0.0:")[2].partition("/")[2]
        assert exchange(proxy, get()).startswith(b"HTTP/1.1 404")
        assert upstream.requests == []
        assert exchange(proxy, get().replace(b"/api/", f"/{target}/api/".encode())).endswith(b"ok")
        assert upstream.requests[0].line == f"GET /api/{KEY}/get_clients HTTP/1.1".encode()


def test_an_untrusted_certificate_is_refused_unless_it_is_one_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(Path(__file__).parents[1] / "data" / "untrusted-server.pem")
    with ScriptedUpstream(tls=tls) as upstream:
        with Proxy(upstream.url) as proxy:
            assert exchange(proxy, get()).endswith(b"ok")
        monkeypatch.setattr("mavibot_proxy.passing.upstream.is_local", lambda _: False)
        with Proxy(upstream.url) as proxy:
            line, pairs, body = split(exchange(proxy, get("message")))
    assert line.split()[1] == b"502"
    assert (b"mavibot-proxy-outcome", b"not passed on") in pairs
    assert b"certificate is not trusted" in body
    assert len(upstream.requests) == 1
    assert certificates().verify_mode is ssl.CERT_REQUIRED
    assert certificates().check_hostname


def test_the_proxy_works_without_what_its_extra_does_not_bring() -> None:
    """Neither schemathesis nor what only pages and seeds of the mock need."""
    program = """
import sys
sys.modules |= dict.fromkeys(("schemathesis", "hypothesis", "jinja2", "yaml", "pytest"))
import mavibot_cli.app, mavibot_proxy.playback.replay, mavibot_proxy.playback.seeding, mavibot_proxy.facts.report
from mavibot_proxy import Guards, Proxy
import httpx2
with Proxy(sys.argv[1], guards=Guards(only_clients=[1])) as proxy:
    print(httpx2.post(proxy.url + "/api/key/message", json={"client_id": 1, "message": "x"}).text)
print(proxy.summary.calls, len(proxy.facts.as_json()["assumptions"]) > 50)
"""
    with ScriptedUpstream() as upstream:
        command = [sys.executable, "-c", program, upstream.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert (done.stdout, done.returncode) == ("ok\n1 True\n", 0), done.stderr
