"""One canary key, pushed through every channel: it may reach the server and nothing else."""

import asyncio
import copy
import gc
import json
import logging
import pickle
import socket
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any, Literal

import httpx2
import pytest
from tests.client.support import BASE_URL, KEY, Api, sent
from tests.misbehaving import MisbehavingServer
from tests.running import serving

from mavibot import (
    ApiError,
    AsyncMavibot,
    ConfigurationError,
    ConnectionFailed,
    Mavibot,
    MavibotError,
    UnreadableReply,
    _secrets,
)
from mavibot._aiohttp import AiohttpSender

HELLO: dict[str, Any] = {"client_id": 25554, "message": "Hello"}
#: Where a server can repeat the address that it was called by.
Echo = Literal["text", "message", "status", "error", "data", "header", "reason"]
ECHOES: list[Echo] = ["text", "message", "status", "error", "data", "header", "reason"]


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, its causes and their contexts."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if link is not None and link not in seen:
            seen.append(link)
            yield link
            waiting += [link.__cause__, link.__context__]


def shown(error: BaseException) -> str:
    """Return all that an error, what it carries and what led to it can show to a reader."""
    texts = ["".join(traceback.format_exception(error))]
    for link in chain(error):
        texts += [str(link), repr(link), repr(link.args), repr(vars(link))]
        # Errors of httpx2 know the request; a monitoring tool looks there.
        request = getattr(link, "_request", None)
        texts += [repr(request), str(request.url) if isinstance(request, httpx2.Request) else ""]
    if isinstance(error, MavibotError):
        texts.append(pickle.dumps(error).decode("latin-1"))
    return "\n".join(texts)


def echoing(how: Echo, address: str, status: int) -> httpx2.Response:
    """Return an answer that repeats an address."""
    match how:
        case "text":
            return httpx2.Response(status, text=f"no such page: {address}")
        case "message":
            return httpx2.Response(status, json={"status": "fail", "message": f"bad call {address}"})
        case "status":
            return httpx2.Response(status, json={"status": f"error in {address}"})
        case "error":
            return httpx2.Response(status, json={"error": {"path": address}})
        case "data":
            return httpx2.Response(status, json={"status": address, "order_id": [address], "items": address})
        case "header":
            return httpx2.Response(status, headers={"location": address, "x-request": address})
        case "reason":
            return httpx2.Response(status, extensions={"reason_phrase": address.encode("ascii")})


class Handler(BaseHTTPRequestHandler):
    """Repeats the address of a call in the body and, if told so, in the headers."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = self.server
        assert isinstance(server, Loopback)
        server.seen.append(self.path)
        body = json.dumps({"status": "fail", "message": f"bad call {self.path}"}).encode()
        self.send_response(server.status)
        if server.repeats:
            self.send_header("Location", server.target + self.path)
            self.send_header("X-Request", self.path)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


class Loopback(ThreadingHTTPServer):
    """A server on this machine.

    Attributes:
        status: status of every answer.
        repeats: whether the headers repeat the address of the call.
        target: scheme and host of the redirect in the headers.
        seen: paths that were called.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.repeats = False
        self.target = ""
        self.seen: list[str] = []

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def loopback() -> Iterator[Loopback]:
    """Run a server."""
    server = Loopback()
    with serving(server):
        yield server


@pytest.fixture(scope="module")
def running() -> Iterator[Loopback]:
    """The server that all tests of this file share."""
    with loopback() as server:
        yield server


@pytest.fixture
def server(running: Loopback) -> Loopback:
    """The server, as good as new."""
    running.status, running.repeats, running.target = 200, False, ""
    running.seen.clear()
    return running


def call_blocking(base_url: str) -> None:
    with Mavibot(KEY, base_url=base_url, retries=False) as bot:
        bot.message(**HELLO)


def call_asynchronous(base_url: str) -> None:
    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=base_url, retries=False) as bot:
            await bot.message(**HELLO)

    asyncio.run(main())


def call_over_aiohttp(base_url: str) -> None:
    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=base_url, retries=False, transport="aiohttp") as bot:
            await bot.message(**HELLO)

    asyncio.run(main())


def call_over_a_transport(base_url: str) -> None:
    with Mavibot(KEY, base_url=base_url, retries=False, transport=httpx2.HTTPTransport()) as bot:
        bot.message(**HELLO)


def call_over_an_asynchronous_transport(base_url: str) -> None:
    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=base_url, retries=False, transport=httpx2.AsyncHTTPTransport()) as bot:
            await bot.message(**HELLO)

    asyncio.run(main())


#: A call, and the libraries that log it.
CALLS_OVER_HTTPX = pytest.mark.parametrize(
    ("call", "logging_libraries"),
    [
        (call_blocking, {"mavibot", "httpx2"}),
        (call_asynchronous, {"mavibot", "httpx2"}),
        (call_over_a_transport, {"mavibot", "httpx2", "httpcore2"}),
        (call_over_an_asynchronous_transport, {"mavibot", "httpx2", "httpcore2"}),
    ],
)
CALLS = pytest.mark.parametrize("call", [call_blocking, call_asynchronous, call_over_aiohttp])


# --- the server alone gets it


def test_the_request_that_leaves_holds_the_key(api: Api) -> None:
    api("message", **HELLO)
    assert str(api.requests[0].url) == f"{BASE_URL}/api/{KEY}/message"


@CALLS
def test_the_key_reaches_a_real_server(call: Callable[[str], None], server: Loopback) -> None:
    with pytest.raises(ApiError):
        call(server.url)
    assert server.seen == [f"/api/{KEY}/message"]


def test_the_word_that_stands_for_the_key_may_occur_in_parameters(api: Api) -> None:
    for method in ("POST", "GET"):
        api("callback", client_id=25554, message="API_KEY", method=method)
    assert [request.url.path for request in api.requests] == [f"/api/{KEY}/callback"] * 2
    assert [sent(request)["message"] for request in api.requests] == ["API_KEY"] * 2


# --- the client itself


@pytest.mark.parametrize("client", [Mavibot, AsyncMavibot])
def test_a_client_does_not_show_the_key(client: type) -> None:
    bot = client(KEY, base_url=BASE_URL)
    texts = [repr(bot), str(bot), f"{bot}", repr(bot.with_options(timeout=5))]
    parts: list[Any] = [bot]
    for part in parts:  # grows
        texts += [repr(part), str(part)]
        parts += [
            each for each in getattr(part, "__dict__", {}).values() if type(each).__module__.startswith("mavibot")
        ]
    assert len(parts) > 1
    assert KEY not in "\n".join(texts)


@pytest.mark.parametrize("copying", [pickle.dumps, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("kind", ["blocking", "asyncio", "aiohttp"])
def test_a_client_refuses_to_be_pickled_or_copied(
    kind: str, used: bool, copying: Callable[[Any], Any], server: Loopback
) -> None:
    def check(bot: Any) -> None:
        for each in (bot, bot.message, bot.bulk, bot.with_options(timeout=5)):
            with pytest.raises(TypeError) as caught:
                copying([each] if copying is not copy.copy else bot)
            assert str(caught.value).startswith(f"{type(bot).__name__} cannot be pickled or copied")
            assert KEY not in "".join(traceback.TracebackException.from_exception(caught.value).format())

    if kind == "blocking":
        with Mavibot(KEY, base_url=server.url) as bot:
            if used:
                with suppress(ApiError):
                    bot.message(**HELLO)
            check(bot)
        return

    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=server.url, transport="aiohttp" if kind == "aiohttp" else None) as bot:
            if used:
                with suppress(ApiError):
                    await bot.message(**HELLO)
            check(bot)

    asyncio.run(main())


def test_a_client_over_aiohttp_does_not_show_the_key(server: Loopback) -> None:
    async def main() -> str:
        async with AsyncMavibot(KEY, base_url=server.url, retries=False, transport="aiohttp") as bot:
            with pytest.raises(ApiError):
                await bot.message(**HELLO)
            assert isinstance(bot._sender, AiohttpSender)
            session, _ = await bot._sender._sessions.get()
            parts = [bot, *vars(bot).values(), *vars(bot._sender).values(), session, *vars(session).values()]
            return "\n".join(repr(part) for part in parts if type(part).__module__.startswith(("mavibot", "aiohttp")))

    shown = asyncio.run(main())
    assert "AsyncMavibot" in shown
    assert "ClientSession" in shown
    assert KEY not in shown


@pytest.mark.parametrize("answer", [b"nonsense", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
def test_an_answer_that_is_none_does_not_show_the_key(answer: bytes) -> None:
    """What aiohttp raises then names the address."""

    def nonsense(server: MisbehavingServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(answer)

    with MisbehavingServer(nonsense) as server, pytest.raises(ConnectionFailed) as caught:
        call_over_aiohttp(server.url)
    assert caught.value.sent
    assert caught.value.__context__ is None
    assert KEY not in shown(caught.value)


@pytest.mark.parametrize("key", [f"{KEY} ", f"https://chatter.mavibot.ai/api/{KEY}", f"<{KEY}>", KEY + "я", KEY * 20])
def test_the_error_about_a_malformed_key_does_not_show_it(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Mavibot(key, base_url=BASE_URL)
    assert KEY not in shown(caught.value)


@pytest.mark.parametrize("base_url", [f"{BASE_URL}/api/{KEY}", f"{BASE_URL}/{KEY}", f"https://{KEY}@mavibot.test"])
def test_the_error_about_a_base_url_with_the_key_does_not_show_it(base_url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Mavibot(KEY, base_url=base_url)
    assert KEY not in shown(caught.value)


# --- errors


def error_of(api: Api, action: str, **parameters: Any) -> MavibotError:
    """Call an action, which must fail, and return its error."""
    with pytest.raises(MavibotError) as caught:
        api(action, **parameters)
    return caught.value


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize("how", ECHOES)
def test_a_server_that_repeats_the_key_does_not_bring_it_into_the_error(api: Api, how: Echo, status: int) -> None:
    address = f"https://mavibot.test/api/{KEY}/get_clients"
    answer = echoing(how, address, status)
    api.reply(status, content=answer.content, headers=answer.headers, extensions=answer.extensions)
    assert KEY not in shown(error_of(api, "get_clients"))


@pytest.mark.parametrize("how", ["data", "text", "header"])
@pytest.mark.parametrize("action", ["create_order", "load_clients"])
def test_an_unreadable_reply_that_repeats_the_key_does_not_show_it(api: Api, action: str, how: Echo) -> None:
    answer = echoing(how, f"/api/{KEY}/{action}", 200)
    api.reply(200, content=answer.content, headers=answer.headers)
    arguments: dict[str, Any] = {"client_id": 25554} if action == "create_order" else {"clients": []}
    error = error_of(api, action, **arguments)
    assert isinstance(error, UnreadableReply)
    assert KEY not in shown(error)


@pytest.mark.parametrize("body", [b"\xff %b", b'{"status": "success", "clients": [{"client_type": "%b"}]}', b'"%b'])
def test_a_broken_body_that_repeats_the_key_does_not_show_it(api: Api, body: bytes) -> None:
    api.reply(200, content=body.replace(b"%b", KEY.encode()))
    assert KEY not in shown(error_of(api, "get_clients"))


def test_a_reply_keeps_body_and_headers_without_the_key(api: Api) -> None:
    api.reply(200, text=f"ok {KEY}", headers={"x-request": f"/api/{KEY}/message"})
    reply = api.call("message", **HELLO)
    assert KEY not in reply.text + repr(reply) + str(dict(reply.headers)) + repr(reply.result)
    assert reply.text.startswith("ok ")


SPELLINGS: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "mixed case": lambda key: "".join(each.upper() if index % 3 else each for index, each in enumerate(key)),
    "json": lambda key: "".join(f"\\u{ord(each):04x}" for each in key),
    "json, upper case": lambda key: "".join(f"\\u{ord(each):04X}" for each in key.upper()),
    "json, in part": lambda key: f"{key[:7]}\\u{ord(key[7]):04x}{key[8:]}",
    "json twice": lambda key: "".join(f"\\\\u{ord(each):04x}" for each in key),
    "javascript": lambda key: "".join(f"\\x{ord(each):02x}" for each in key),
    "address": lambda key: "".join(f"%{ord(each):02X}" for each in key),
    "address twice": lambda key: "".join(f"%25{ord(each):02x}" for each in key),
    "html": lambda key: "".join(f"&#{ord(each)};" for each in key),
    "html, hexadecimal": lambda key: "".join(f"&#x{ord(each):X};" for each in key),
    "all of them": lambda key: f"{key[:9].upper()}\\u{ord(key[9]):04x}%{ord(key[10]):02x}&#{ord(key[11])};{key[12:]}",
}


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS.keys())
@pytest.mark.parametrize("status", [200, 400])
def test_a_key_in_another_spelling_is_hidden(api: Api, spelled: Callable[[str], str], status: int) -> None:
    seen = spelled(KEY)
    body = b'{"status": "fail", "message": "unknown key %b"}' % seen.encode()
    api.reply(status, content=body, headers={"x-request": seen})
    error = error_of(api, "message", **HELLO)
    assert "unknown key API_KEY" in str(error)
    assert seen.lower() not in shown(error).lower()
    assert KEY not in shown(error).lower()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_a_key_in_another_encoding_is_hidden(api: Api, encoding: str) -> None:
    api.reply(200, content=json.dumps({"status": "fail", "message": f"unknown key {KEY}"}).encode(encoding))
    text = shown(error_of(api, "get_clients"))
    assert KEY not in text.replace("\0", "").replace("\\x00", "").lower()


@pytest.mark.parametrize("spelled", [str, str.upper, SPELLINGS["address"]])
def test_the_name_of_a_header_that_holds_the_key_is_hidden(api: Api, spelled: Callable[[str], str]) -> None:
    reply = api.reply(200, text="ok", headers={f"x-{spelled(KEY)}-y": "1"}).call("message", **HELLO)
    assert reply.headers["x-api_key-y"] == "1"
    assert KEY not in repr(reply).lower()


def test_a_text_that_only_looks_spelled_otherwise_is_kept(api: Api) -> None:
    variables = {"a": "20%20 off", "b": "\\u0041 &#65; %41", "c": KEY[:20].upper(), "d": "caf\u00e9 \\x41"}
    assert api.reply(200, json=variables)("get_variables", client_id=1) == variables


@pytest.mark.parametrize(
    "raised",
    [
        httpx2.ConnectError,
        httpx2.ReadTimeout,
        httpx2.RemoteProtocolError,
        httpx2.UnsupportedProtocol,
        httpx2.ProxyError,
    ],
)
def test_a_failed_connection_does_not_show_the_key(api: Api, raised: type[httpx2.TransportError]) -> None:
    address = f"{BASE_URL}/api/{KEY}/message"
    api.fail(raised(f"cannot reach {address}", request=httpx2.Request("POST", BASE_URL)))
    assert KEY not in shown(error_of(api, "message", **HELLO))


@CALLS
def test_a_refused_connection_does_not_show_the_key(closed_port: int, call: Callable[[str], None]) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        call(f"http://127.0.0.1:{closed_port}")
    assert KEY not in shown(caught.value)


@CALLS
@pytest.mark.parametrize("status", [200, 302, 400, 500])
def test_an_error_after_a_real_answer_does_not_show_the_key(
    call: Callable[[str], None], server: Loopback, status: int
) -> None:
    server.status, server.repeats = status, True
    with pytest.raises(ApiError) as caught:
        call(server.url)
    assert KEY not in shown(caught.value)


# --- logs and warnings


class Everything(logging.Handler):
    """Keeps what every logger says."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def text(self) -> str:
        """Return all messages, with all that the records hold beside them."""
        form = logging.Formatter()
        return "\n".join(f"{record.name} {form.format(record)} {record.args!r}" for record in self.records)


@pytest.fixture
def log() -> Iterator[Everything]:
    """The log of all libraries at the lowest level."""
    root, handler = logging.getLogger(), Everything()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.NOTSET + 1)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@CALLS_OVER_HTTPX
def test_no_log_line_of_a_call_holds_the_key(
    call: Callable[[str], None], logging_libraries: set[str], server: Loopback, log: Everything
) -> None:
    with pytest.raises(ApiError):
        call(server.url)
    assert logging_libraries <= {record.name.split(".")[0] for record in log.records}
    assert KEY not in log.text()


@CALLS_OVER_HTTPX
@pytest.mark.parametrize("status", [200, 302, 404])
def test_no_log_line_holds_the_key_where_the_server_repeats_it_in_a_header(
    call: Callable[[str], None], logging_libraries: set[str], server: Loopback, log: Everything, status: int
) -> None:
    """A proxy that sends callers to https does just that."""
    server.status, server.repeats = status, True
    with pytest.raises(ApiError):
        call(server.url)
    assert logging_libraries <= {record.name.split(".")[0] for record in log.records}
    assert KEY not in log.text()


@CALLS_OVER_HTTPX
def test_no_log_line_of_a_refused_connection_holds_the_key(
    closed_port: int, call: Callable[[str], None], logging_libraries: set[str], log: Everything
) -> None:
    with pytest.raises(ConnectionFailed):
        call(f"http://127.0.0.1:{closed_port}")
    assert logging_libraries - {"httpx2"} <= {record.name.split(".")[0] for record in log.records}
    assert KEY not in log.text()


@pytest.mark.parametrize("status", [200, 302, 404])
def test_no_log_line_of_a_call_over_aiohttp_holds_the_key(server: Loopback, log: Everything, status: int) -> None:
    server.status, server.repeats = status, True
    with pytest.raises(ApiError):
        call_over_aiohttp(server.url)
    assert {"mavibot", "asyncio"} <= {record.name for record in log.records}
    assert KEY not in log.text()


def test_no_log_line_of_a_refused_connection_over_aiohttp_holds_the_key(closed_port: int, log: Everything) -> None:
    with pytest.raises(ConnectionFailed):
        call_over_aiohttp(f"http://127.0.0.1:{closed_port}")
    assert {"mavibot", "asyncio"} <= {record.name for record in log.records}
    assert KEY not in log.text()


@CALLS
def test_no_warning_holds_the_key(call: Callable[[str], None], server: Loopback) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ApiError):
            call(server.url)
    assert KEY not in "\n".join(str(warning.message) for warning in caught)


# --- redirects


@CALLS
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(call: Callable[[str], None], server: Loopback, status: int) -> None:
    """Neither to another host, which would get the key, nor on this one."""
    with loopback() as other:
        server.status, server.repeats, server.target = status, True, other.url
        with pytest.raises(ApiError) as caught:
            call(server.url)
        assert not other.seen
    assert len(server.seen) == 1
    assert caught.value.http_status == status


def test_a_short_key_of_a_test_server_does_not_change_replies() -> None:
    """A key such as `k` occurs in words; only what is long enough to be a secret is hidden."""
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"make": "kiosk"}))
    with Mavibot("k", base_url=BASE_URL, transport=transport) as bot:
        assert bot.get_variables(client_id=1) == {"make": "kiosk"}


def test_other_records_of_httpx_keep_their_form(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="httpx2")
    with Mavibot(
        KEY, base_url=BASE_URL, transport=httpx2.MockTransport(lambda _: httpx2.Response(200, json={}))
    ) as bot:
        bot.get_variables(client_id=1)
    [record] = [record for record in caplog.records if record.name == "httpx2"]
    assert isinstance(record.args, tuple)
    assert "HTTP Request: %s" in record.msg
    assert KEY not in record.getMessage()


# --- many keys


@pytest.fixture
def many_keys(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """Return a function that makes clients of so many projects, and returns their keys."""

    def make(number: int) -> list[str]:
        monkeypatch.setattr(_secrets, "_known", {})
        keys = [f"Project.{index:08x}.key" for index in range(number)]
        for key in keys:
            _secrets.Key(key)
        return keys

    return make


def steps_of(call: Callable[[], object]) -> int:
    """Return how many instructions of Python a call takes."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    gc.disable()  # what other tests left behind must not be cleared away meanwhile
    sys._getframe().f_trace_opcodes = True  # Python 3.12 tells of no instruction unless a frame wants them by now
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
        gc.enable()
    return count


def passed(text: str) -> str:
    """Return what the log of httpx2 shows of a text."""
    record = logging.makeLogRecord({"msg": "%s", "args": (text,)})
    assert logging.getLogger("httpx2").filter(record)
    return record.getMessage()


def test_a_record_costs_the_same_however_many_keys_are_known(many_keys: Callable[[int], list[str]]) -> None:
    text = 'HTTP Request: POST https://mavibot.test/api/API_KEY/message "HTTP/1.1 200 OK"'
    costs = []
    for number in (500, 5000):
        many_keys(number)
        costs.append(steps_of(lambda: passed(text)))
    assert costs[0] == costs[1]
    many_keys(1)
    assert steps_of(lambda: passed(text)) < costs[0], "one key is no dearer than many"


@pytest.mark.parametrize("number", [1, 5000])
@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_each_of_many_keys_is_hidden(
    many_keys: Callable[[int], list[str]], number: int, spelled: Callable[[str], str]
) -> None:
    keys = many_keys(number)
    seen = spelled(keys[-1])
    assert passed(f"no such project: {seen}!") == "no such project: API_KEY!"
    assert passed(f"{spelled(keys[0])}, {seen}") == "API_KEY, API_KEY"
    other = spelled(keys[-1][:-1])
    assert passed(f"no such project: {other}!") == f"no such project: {other}!"
