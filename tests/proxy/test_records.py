"""Records: complete at any moment, without keys, and with pseudonyms in place of what is personal."""

from __future__ import annotations

import gzip
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from base64 import b64encode
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from tests.proxy.caller import KEY, connect, exchange, get, post
from tests.proxy.upstream import OK, ScriptedUpstream, Wire
from tests.running import started

from mavibot import _secrets
from mavibot_proxy import Guards, Proxy
from mavibot_proxy.exchange import Exchange
from mavibot_proxy.records.pseudonyms import Pseudonyms
from mavibot_proxy.records.reader import read
from mavibot_proxy.records.redaction import Redaction

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def recording(path: Path, upstream: ScriptedUpstream, **options: Any) -> Iterator[Proxy]:
    with Proxy(upstream.url, record=path, **options) as proxy:
        yield proxy


def reply(body: Any, *fields: str, status: int = 200) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    head = [f"HTTP/1.1 {status} x", "Content-Type: application/json", f"Content-Length: {len(content)}", *fields]
    return "\r\n".join([*head, "", ""]).encode() + content


def _same(wire: Wire, _: Any) -> Wire:
    return wire


def _same_bytes(content: bytes, _: Any) -> bytes:
    return content


def entries(path: Path) -> list[Any]:
    text = path.read_text()
    if path.suffix == ".ndjson":
        return [json.loads(line) for line in text.splitlines()]
    found: list[Any] = json.loads(text)["log"]["entries"]
    return found


@pytest.mark.parametrize("name", ["calls.har", "calls.ndjson"])
def test_a_record_holds_each_call_with_its_reply(tmp_path: Path, name: str) -> None:
    with ScriptedUpstream() as upstream, recording(tmp_path / name, upstream, redact=False) as proxy:
        exchange(proxy, post(b'{"client_id": 1, "message": "Hello"}'))
        upstream.answer = lambda _: reply({"status": "client_not_found"}, status=404)
        exchange(proxy, get("get_history?client_id=2"))
    first, second = entries(tmp_path / name)
    assert first["request"]["url"] == f"{upstream.url}/api/API_KEY/message"
    assert first["request"]["postData"]["text"] == '{"client_id": 1, "message": "Hello"}'
    assert first["response"]["status"] == 200
    assert first["response"]["content"]["text"] == "ok"
    assert second["request"]["queryString"] == [{"name": "client_id", "value": "2"}]
    assert second["response"]["content"]["text"] == '{"status": "client_not_found"}'
    assert [each.action for each in read(tmp_path / name)] == ["message", "get_history"]


def test_a_har_file_is_as_its_specification_says(tmp_path: Path) -> None:
    with ScriptedUpstream() as upstream, recording(tmp_path / "calls.har", upstream) as proxy:
        exchange(proxy, post(b"{}"))
    log = json.loads((tmp_path / "calls.har").read_text())["log"]
    assert log["version"] == "1.2"
    assert log["creator"].keys() >= {"name", "version"}
    [entry] = log["entries"]
    assert entry.keys() >= {"startedDateTime", "time", "request", "response", "cache", "timings"}
    request = {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"}
    response = {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize"}
    assert entry["request"].keys() >= request
    assert entry["response"].keys() >= response | {"bodySize"}
    assert entry["timings"].keys() >= {"send", "wait", "receive"}


def test_what_is_personal_gets_pseudonyms(tmp_path: Path) -> None:
    client = {
        "id": 25554,
        "name": "Анна Ким",
        "platform_id": "79875146788",
        "created_at": 1588248600,
        "avatar": "https://photos.example/anna.jpg",
    }
    with ScriptedUpstream() as upstream, recording(tmp_path / "calls.har", upstream) as proxy:
        sent = {"client_id": 25554, "message": "Dear Anna", "client.phone": "+7 (987) 514-67-88", "city": "Paris"}
        exchange(proxy, post(json.dumps(sent).encode(), action="callback"))
        upstream.answer = lambda _: reply({"status": "success", "clients": [client]})
        exchange(proxy, get("get_clients?limit=10"))
        upstream.answer = lambda _: reply({"email": "anna.kim@example.org", "name": "Анна Ким", "order": 4900})
        exchange(proxy, get("get_variables?client_id=25554"))
        upstream.answer = lambda _: reply({"status": "fail", "message": "phone: 79875146788 is unknown"}, status=400)
        exchange(proxy, get("find_client_id_by_phone?phone=79875146788"))
    text = (tmp_path / "calls.har").read_text()
    # No shorter digits: a time or a port may hold them.
    for secret in ("Dear", "Anna", "Paris", "Анна", "(987)", "514-67-88", "79875146788", "anna", "Ким"):
        assert secret not in text, secret
    callback, clients, variables, found = (each for each in read(tmp_path / "calls.har"))
    assert callback.parameters["client_id"] == 25554
    assert callback.parameters.keys() == sent.keys()
    assert clients.data["clients"][0]["id"] == 25554
    assert clients.data["clients"][0]["created_at"] == 1588248600
    assert clients.parameters == {"limit": "10"}
    assert clients.data["clients"][0]["name"] == variables.data["name"]
    assert clients.data["clients"][0]["platform_id"] == found.parameters["phone"]
    assert found.data["status"] == "fail"
    assert found.data["message"].startswith("phone: 7000")
    assert variables.data["email"].endswith("@example.com")
    assert variables.data["order"] not in (4900, "4900")


def test_fields_that_are_kept(tmp_path: Path) -> None:
    with ScriptedUpstream() as upstream, recording(tmp_path / "x.har", upstream, keep=["city"]) as proxy:
        exchange(proxy, post(b'{"client_id": 1, "message": "Hi", "city": "Paris"}', action="callback"))
    [call] = read(tmp_path / "x.har")
    assert call.parameters["city"] == "Paris"
    assert call.parameters["message"] != "Hi"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("Анна-Мария О'Нил", r"[А-Я][а-я]{3}-[А-Я][а-я]{4} [А-Я]'[А-Я][а-я]{2}"),
        ("+7 (987) 514-67-88", r"\+7 \(000\) \d{3}-\d\d-\d\d"),
        ("79875146788", r"7000\d{7}"),
        (79875146788, r"7000\d{7}"),
        ("anna@example.org", r"[a-z]{8}@example\.com"),
        ("13.04.2023", r"(0[1-9]|1\d|2[0-8])\.(0[1-9]|1[0-2])\.(19|20)\d\d"),
        ("2023-04-13 12:30", r"(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8]) 12:30"),
        ("2023-04-13", r"(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"),
        ("https://x.example/a/b.png?c=d", r"https://files\.example\.com/[a-z]{8}\.png"),
        ('[{"text": "Yes", "line": 0}]', r'\[\{"text": "[A-Z][a-z]{2}", "line": \d\}\]'),
        ("60", r"\d\d"),
        (60, r"[1-9]\d"),
        ("", ""),
        ("🦊 hi", "🦊 [a-z]{2}"),
    ],
)
def test_a_pseudonym_has_the_form_of_its_value(value: Any, form: str) -> None:
    pseudonyms = Pseudonyms()
    found = pseudonyms.of(value)
    assert type(found) is type(value)
    assert re.fullmatch(form, str(found)), found
    assert pseudonyms.of(value) == found
    if len(str(value)) > 6:
        assert Pseudonyms().of(value) != found


@pytest.mark.parametrize("status", [200, 400])
def test_what_is_personal_in_other_places_gets_pseudonyms(tmp_path: Path, status: int) -> None:
    lines: list[str] = []
    told = b"Client Zqivan Petrov <zqivan5@mail.ru> not found"
    with ScriptedUpstream() as upstream, recording(tmp_path / "x.har", upstream, tell=lines.append) as proxy:
        plain = f"HTTP/1.1 {status} x\r\nContent-Type: text/plain\r\nLocation: /x?n=Zqivan&m=zqivan5@mail.ru\r\n"
        for text in (told, b"Zqivan", b"Zqivan Petrov"):
            answer = f"{plain}Content-Length: {len(text)}\r\n\r\n".encode() + text
            upstream.answer = lambda _, answer=answer: answer  # type: ignore[misc]
            exchange(proxy, get("Zqivan/zqivan5@mail.ru", "X-User: zqivan5@mail.ru +7 (926) 555-105-77 Zqivan"))
            exchange(proxy, get("foo/Zqivan/zqivan5%40mail.ru?zqivan5@mail.ru=1"))
        upstream.answer = lambda _: reply(
            {"status": "fail", "zqivan5@mail.ru": 1, "message": told.decode()}, status=status
        )
        exchange(
            proxy, post(b'{"client_id": 1, "zqivan5@mail.ru": "x", "+7 (926) 555-105-77": {"zqivan5@mail.ru": 1}}')
        )
    written = (tmp_path / "x.har").read_text()
    for shown in (written, *(line for line in lines if "/" in line)):
        for secret in ("zqivan", "mail.ru", "555-105", "petrov"):
            assert secret not in shown.lower(), shown
    calls = entries(tmp_path / "x.har")
    assert "/foo/" in calls[1]["request"]["url"]
    assert {"name": "host", "value": "caller.example"} in calls[0]["request"]["headers"]


@pytest.mark.parametrize("told", ["zqivan5@mail.ru", "+7 (926) 555-105-77", "79265551057"])
def test_an_address_or_phone_number_in_an_unexpected_place_is_shown_nowhere(tmp_path: Path, told: str) -> None:
    lines: list[str] = []
    fields = json.dumps({"client_id": 1, "message": "x", told: "v"}).encode()
    nested = json.dumps({"client_id": 1, "variables": {told: {"a": [1]}}}).encode()
    agent = f"User-Agent: x {told}" if "@" in told else "X-User: 1"
    a_header = get("get_clients", f"{re.sub('[^a-z0-9]', '', told)}: 1", agent)
    answers: list[tuple[bytes, bytes]] = [
        (post(fields), OK),
        (post(fields, action="callback"), OK),
        (post(nested, action="save_variables"), OK),
        (get(f"get_clients?{quote(told)}=1&limit=x"), OK),
        (get(quote(told)), OK),
        (get(f"message/{quote(told)}"), OK),
        (a_header, reply({told: [1], "clients": [{"id": {told: 1}}]}, f"X-A: {told}")),
        (get("get_history?client_id=5"), reply({"status": "fail", "message": f"client {told} not found"})),
        (get("get_history?client_id=5"), reply({"status": told})),
        (get("get_history?client_id=5"), reply({"status": "success", told: 1, "result": [{told: 1}]})),
        (get("get_variables?client_id=5"), reply({told: {told: {}}})),
    ]
    if not told.isdecimal():  # an id may be any number
        answers += [
            (post(json.dumps({"client_id": told, "message": "x"}).encode()), OK),
            (get(f"get_clients?limit={quote(told)}"), reply({"clients": [{"id": told, "created_at": told}]})),
        ]
    with ScriptedUpstream() as upstream, recording(tmp_path / "x.ndjson", upstream, tell=lines.append) as proxy:
        for request, answer in answers:
            upstream.answer = partial(_same_bytes, answer)
            exchange(proxy, request)
    summary = json.dumps(proxy.summary.as_json(), ensure_ascii=False)
    facts = json.dumps(proxy.facts.as_json(), ensure_ascii=False)
    assert len(lines) == len(answers)
    digits = re.sub("[^0-9]", "", told)[1:]
    for text in ("\n".join(lines), summary, facts, (tmp_path / "x.ndjson").read_text()):
        assert told not in text
        assert quote(told) not in text
        assert not digits or digits not in re.sub("[ ()+-]", "", text)


def test_ids_moments_and_what_a_server_says_of_itself_stay(tmp_path: Path) -> None:
    date, row = "Date: Sat, 28 Nov 2026 16:05:26 GMT", {"id": "79265551057", "created_at": "2026-01-02 03:04:05.678901"}
    with ScriptedUpstream(lambda _: reply({"clients": [row]}, date)) as upstream:
        with recording(tmp_path / "x.har", upstream) as proxy:
            exchange(proxy, get("get_clients?date_from=02.01.2026&limit=10"))
        [entry] = entries(tmp_path / "x.har")
    assert json.loads(entry["response"]["content"]["text"]) == {"clients": [row]}
    assert {"name": "Date", "value": date.removeprefix("Date: ")} in entry["response"]["headers"]
    assert {"name": "limit", "value": "10"} in entry["request"]["queryString"]


def test_the_terminal_tells_what_the_contract_says(tmp_path: Path) -> None:
    lines: list[str] = []
    with ScriptedUpstream() as upstream, Proxy(upstream.url, guards=Guards(read_only=True), tell=lines.append) as proxy:
        exchange(proxy, get("get_clients?limit=1000"))
        exchange(proxy, post(b'{"client_id": 1, "message": "x"}'))
    assert "limit: at most 500, got 1000" in lines[0]
    assert lines[1].endswith("message has the effect 'send', and only 'read' is allowed")


def test_two_notations_of_a_phone_number_get_one_pseudonym() -> None:
    pseudonyms = Pseudonyms()
    digits = ["".join(filter(str.isdigit, pseudonyms.of(each))) for each in ("79875146788", "+7 (987) 514-67-88")]
    assert digits[0] == digits[1]


@pytest.mark.parametrize("name", ["calls.har", "calls.ndjson"])
@pytest.mark.parametrize("redact", [True, False])
def test_no_key_is_written_shown_or_logged(
    tmp_path: Path, name: str, redact: bool, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []
    escaped = "".join(f"%{ord(each):02x}" for each in KEY)
    encoded = b64encode(f"user: {KEY}".encode()).decode()
    with (
        ScriptedUpstream() as upstream,
        recording(tmp_path / name, upstream, redact=redact, tell=lines.append, timeout=0.3) as proxy,
    ):
        upstream.answer = lambda _: reply(
            {"status": "fail", "message": f"{KEY} is wrong {encoded}", "k": KEY.upper()}, f"X: {KEY}", f"Y: {encoded}"
        )
        for action in ("message", "get_variables", f"unknown{KEY}", f"x?key={KEY}&y={escaped}"):
            exchange(proxy, post(json.dumps({"client_id": KEY, KEY: [KEY]}).encode(), f"X-K: {KEY}", action=action))
        exchange(proxy, post(f"a={escaped}&{KEY}=1".encode()))
        exchange(proxy, get("message").replace(KEY.encode(), escaped.encode()))
        exchange(proxy, get("message", "Content-Length: 1", "Transfer-Encoding: chunked"))
        for wire in (Wire(), Wire(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "reset"), Wire(then="wait")):
            upstream.answer = partial(_same, wire)
            exchange(proxy, post(KEY.encode()))
        with connect(proxy) as connection:
            connection.sendall(post(KEY.encode() * 9)[:-5])
        exchange(proxy, get("get_clients"))
        page = exchange(proxy, b"GET /_proxy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").decode()
        summary = "\n".join(proxy.summary.as_lines())
    shown = capfd.readouterr()
    everywhere = [(tmp_path / name).read_text(), *lines, page, summary, shown.out, shown.err, caplog.text, repr(proxy)]
    for text in everywhere:
        assert KEY not in text.lower()
        assert escaped not in text.lower()
        assert encoded[8:-4] not in text
    assert len(lines) == 12


_KEYS = ("k3yTIGER0123456789ABC", "k3yZEBRAabcdef", "abcdefghijk", "abc+def-qqq", "zq7", "712345678901", "ключ-abc")


@pytest.mark.parametrize("key", _KEYS)
@pytest.mark.parametrize("redact", [True, False])
def test_the_key_of_a_call_is_hidden_first_whatever_its_form(tmp_path: Path, key: str, redact: bool) -> None:
    lines: list[str] = []
    percent = "".join(f"%{each:02x}" for each in key.encode())
    code = "".join(f"\\u{ord(each):04x}" for each in key if key.isascii()) or quote(key)
    echo: dict[str, Any] = {"status": "error", "echo": f"/api/{key}/message", key: {key: [key, f"-{key}-"]}}
    if key.isdecimal():
        echo["number"] = int(key)

    def call(body: bytes, action: str = "message", *lines: str) -> bytes:
        return post(body, *lines, action=action).replace(KEY.encode(), percent.encode(), 1)

    with (
        ScriptedUpstream() as upstream,
        recording(tmp_path / "x.ndjson", upstream, redact=redact, tell=lines.append) as proxy,
    ):
        for answer in (reply(echo), reply(code.join(['{"status": "', '"}']).encode()), reply(echo, status=400)):
            upstream.answer = lambda _, answer=answer: answer  # type: ignore[misc]
            query = f"message?{percent}={percent}&a={quote(key)}"
            exchange(proxy, call(json.dumps({"client_id": 1, **echo}).encode(), query))
            exchange(proxy, call(json.dumps({"client_id": 1, **echo}, ensure_ascii=False).encode()))
            exchange(proxy, call(f"{percent}={percent}".encode(), "message", f"X-Plain: {code}", f"X-Also: {percent}"))
        page = exchange(proxy, b"GET /_proxy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").decode()
        report = json.dumps(proxy.facts.as_json(), ensure_ascii=False)
    record = (tmp_path / "x.ndjson").read_text()
    for text in (record, *lines, page, report, "\n".join(proxy.summary.as_lines())):
        for spelling in (key, percent, code, percent.upper(), quote(key)):
            assert spelling not in text
            assert spelling not in text.replace("\\\\", "\\")
    echoed = json.loads(entries(tmp_path / "x.ndjson")[0]["response"]["content"]["text"])
    assert "/API_KEY/" in echoed["echo"]
    assert "API_KEY" in echoed


def test_a_name_of_the_contract_in_the_place_of_the_key_is_no_secret(tmp_path: Path) -> None:
    with ScriptedUpstream() as upstream, recording(tmp_path / "x.ndjson", upstream) as proxy:
        exchange(proxy, get().replace(KEY.encode(), b"client_id"))
        exchange(proxy, post(b'{"client_id": 1}'))
    assert read(tmp_path / "x.ndjson")[1].parameters == {"client_id": 1}


def test_a_line_tells_how_a_call_deviates_and_what_to_send_instead(tmp_path: Path) -> None:
    lines: list[str] = []
    with ScriptedUpstream() as upstream, Proxy(upstream.url, tell=lines.append) as proxy:
        exchange(proxy, post(b'{"client_id": 1, "text": "Hello"}'))
        exchange(proxy, post(b'{"client_id": 1, "message": "Hello"}').replace(b"application/json", b"text/plain"))
        upstream.answer = lambda _: reply({"status": "client_not_found"})
        exchange(proxy, get("get_orders?client_id=1"))
        upstream.answer = lambda _: reply({"state": 1})
        exchange(proxy, get("get_order_state?client_id=1"))
    missing, content_type, failed, unknown = lines
    assert "did you mean `message`?" in missing
    assert "instead of application/json" in content_type
    assert failed.endswith("failed: client_not_found")
    assert "the contract does not know this reply: status 200: the reply: `status` is missing" in unknown
    summary = proxy.summary.as_json()
    assert summary["calls"] == 4
    assert summary["statuses"]["message"] == {"200": 2}
    assert len(summary["deviations"]) == 3
    assert summary["failures"] == {"get_orders: client_not_found": 1}
    assert list(summary["unknown_replies"].values()) == [1]


@pytest.mark.parametrize(
    ("body", "problem"),
    [({"status": "fail", "message": 1}, "message: must be text"), ({}, "the reply: `status` is missing")],
)
def test_what_is_unknown_of_a_refusal_is_said_by_the_shape_of_refusals(body: dict[str, Any], problem: str) -> None:
    with ScriptedUpstream(lambda _: reply(body, status=400)) as upstream, Proxy(upstream.url) as proxy:
        exchange(proxy, get("connected_channels"))
    assert proxy.summary.unknown_replies == {f"connected_channels: status 400: {problem}": 1}


def test_variables_called_status_are_no_failure(tmp_path: Path) -> None:
    variables = reply({"status": "vip", "city": "Paris"})
    with ScriptedUpstream(lambda _: variables) as upstream, Proxy(upstream.url) as proxy:
        exchange(proxy, get("get_variables?client_id=1"))
    assert not proxy.summary.failures
    assert not proxy.summary.unknown_replies


def test_a_call_that_its_caller_gives_up_is_recorded_so(tmp_path: Path) -> None:
    with ScriptedUpstream() as upstream, recording(tmp_path / "x.ndjson", upstream) as proxy:
        arrived = threading.Event()

        def answer(_: Any) -> bytes:
            arrived.set()
            upstream.released.wait(30)
            return OK

        upstream.answer = answer
        with connect(proxy) as connection:
            connection.sendall(get("message", method="POST").replace(b"Connection: close\r\n", b""))
            assert arrived.wait(30)
        exchange(proxy, b"GET /_proxy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")  # later than the other's end
        upstream.released.set()
    [entry] = entries(tmp_path / "x.ndjson")
    assert entry["_mavibot"]["abandoned"]
    assert entry["response"]["status"] == 200
    assert proxy.summary.abandoned == 1


def test_a_record_is_bounded(tmp_path: Path) -> None:
    with ScriptedUpstream() as upstream, recording(tmp_path / "x.har", upstream, record_limit=20_000) as proxy:
        for _ in range(30):
            exchange(proxy, post(b"{}"))
    kept = [tmp_path / "x.har", tmp_path / "x.old.har"]
    assert sum(each.stat().st_size for each in kept) < 20_200
    assert all(entries(each) for each in kept)


@pytest.mark.parametrize("name", ["x.har", "x.ndjson"])
def test_what_stood_in_the_file_is_kept_as_its_older_part(tmp_path: Path, name: str) -> None:
    for action in ("get_clients", "get_history"):
        with ScriptedUpstream() as upstream, recording(tmp_path / name, upstream) as proxy:
            exchange(proxy, get(action))
    assert [each.action for each in read(tmp_path / name)] == ["get_history"]
    assert [each.action for each in read(tmp_path / name.replace("x.", "x.old."))] == ["get_clients"]


@pytest.mark.parametrize("name", ["x.har", "x.ndjson"])
def test_an_entry_that_is_cut_off_is_left_out(tmp_path: Path, name: str) -> None:
    with ScriptedUpstream() as upstream, recording(tmp_path / name, upstream) as proxy:
        for _ in range(3):
            exchange(proxy, get())
    whole = (tmp_path / name).read_bytes()
    for size in range(len(whole) * 3 // 4, len(whole)):
        (tmp_path / name).write_bytes(whole[:size])
        assert len(read(tmp_path / name)) in {2, 3}
    (tmp_path / name).write_text("no record")
    with pytest.raises(ValueError, match="neither HAR nor NDJSON"):
        read(tmp_path / name)


def test_records_of_other_programs_can_be_read(tmp_path: Path) -> None:
    entry = {
        "request": {"method": "GET", "url": "https://chatter.mavibot.ai/api/x/get_clients?limit=1"},
        "response": {"status": "200", "content": {"mimeType": "application/json", "text": "{}"}},
    }
    other = {"request": {"method": "GET", "url": "https://elsewhere.example/"}, "response": {"status": 200}}
    (tmp_path / "x.har").write_text(json.dumps({"log": {"creator": {}, "entries": [other, entry]}}, indent=2))
    [call] = read(tmp_path / "x.har")
    assert (call.action, call.query, call.status) == ("get_clients", "limit=1", 200)


@contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `mavibot proxy`, and yield the process and the base URL for its callers."""
    with started([sys.executable, "-m", "mavibot", "proxy", *arguments, "--port", "0"]) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        yield process, line.split(" answers at ")[1].split(";")[0]


class At:
    """A proxy in another process."""

    def __init__(self, url: str) -> None:
        self.url = url


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "x.har"
    with ScriptedUpstream() as upstream, command(upstream.url, "--record", str(path)) as (process, url):
        at: Any = At(url)
        for _ in range(3):
            exchange(at, get())
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert len(entries(path)) == 3
    assert "3 calls in" in out
    assert path.stat().st_mode & 0o077 == 0


def test_calls_that_are_still_on_their_way_at_the_end_are_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mavibot_proxy.server._GRACE", 0.1)
    with ScriptedUpstream(lambda _: Wire(then="wait")) as upstream:
        arrived = threading.Event()

        def answer(_: Any) -> Wire:
            arrived.set()
            return Wire(then="wait")

        upstream.answer = answer
        with recording(tmp_path / "x.har", upstream) as proxy:
            connection = connect(proxy)
            connection.sendall(post(b"{}"))
            assert arrived.wait(30)
        connection.close()
    [entry] = entries(tmp_path / "x.har")
    assert entry["_mavibot"]["trouble"].endswith("the call may have been carried out")


@pytest.mark.parametrize("redact", [True, False])
@pytest.mark.parametrize("levels", [200, 255, 500, 1_000, 1_020])
@pytest.mark.parametrize(("begin", "end"), [('{"a":', "}"), ("[", "]")])
def test_what_is_nested_deeply_is_recorded_like_any_other_call(
    tmp_path: Path, begin: str, end: str, levels: int, redact: bool
) -> None:
    lines: list[str] = []
    deep = f'{{"error": {begin * levels}"Anna \\u0035{KEY[1:]}"{end * levels}}}'.encode()
    with (
        ScriptedUpstream(lambda _: reply(deep)) as upstream,
        recording(
            tmp_path / "x.har", upstream, redact=redact, webhook=f"{upstream.url}/in", tell=lines.append
        ) as proxy,
    ):
        exchange(proxy, post(deep))
        exchange(proxy, post(deep, action="move_order_to_next_state"))
        hook = urlsplit(proxy.webhook_url or "").path
        exchange(proxy, post(deep).replace(f"/api/{KEY}/message".encode(), str(hook).encode()))
    assert not [line for line in lines if "a bug of the proxy" in line]
    recorded = entries(tmp_path / "x.har")
    assert len(recorded) == 3
    for entry in recorded:
        sent, answered = entry["request"]["postData"]["text"], entry["response"]["content"]["text"]
        assert KEY[1:] not in sent + answered
        assert not (redact and "Anna" in sent + answered)
        assert min(sent.count(begin), answered.count(begin)) >= 199


@pytest.mark.parametrize("name", ["x.har", "x.ndjson"])
def test_a_full_disk_leaves_whole_entries_and_is_told_at_the_end_too(tmp_path: Path, name: str) -> None:
    resource = pytest.importorskip("resource")
    lines: list[str] = []
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with ScriptedUpstream() as upstream, recording(tmp_path / name, upstream, tell=lines.append) as proxy:
        exchange(proxy, get("get_clients"))
        resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / name).stat().st_size + 100, hard))
        try:
            for _ in range(2):
                exchange(proxy, get("get_history"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [each["_mavibot"]["action"] for each in entries(tmp_path / name)] == ["get_clients"]
    problem = f"{tmp_path / name}: File too large; nothing is recorded any more"
    assert [line for line in lines if name in line] == [f"mavibot proxy: {problem}"]
    assert f"  2 × {problem}" in proxy.summary.as_lines()


def test_secrets_in_headers_are_not_recorded(tmp_path: Path) -> None:
    with ScriptedUpstream() as upstream, recording(tmp_path / "x.har", upstream, redact=False) as proxy:
        exchange(proxy, get("x", "Authorization: Bearer abc123", "X-Api-Key: abc123", "Cookie: a=abc123"))
    assert "abc123" not in (tmp_path / "x.har").read_text()
    assert upstream.requests[0].header(b"authorization") == b"Bearer abc123"


_LONG = ("a" * 20, "1a", "\\", "%25", "&#0", "\0", "a@", "1(", "'")


@pytest.mark.parametrize("part", _LONG)
@pytest.mark.parametrize("is_on", [True, False])
def test_a_long_value_takes_a_time_that_grows_with_its_length_alone(
    monkeypatch: pytest.MonkeyPatch, part: str, is_on: bool
) -> None:
    monkeypatch.setattr(_secrets, "_known", {})
    for number in range(300):  # those of a service of many projects, each sought in the value
        _secrets.remember(f"{number:032x}")
    value = part * (200_000 // len(part))
    headers = [(b"x-long", value.encode()), (b"x-short", value[:8_000].encode())]
    body = json.dumps({"status": "fail", "message": value}).encode()
    call = Exchange("POST", KEY, "message", headers=headers, body=body, status=400, reply=bytearray(body))
    call.reply_headers = headers
    began = time.process_time()
    shown = Redaction("http://x", is_on=is_on).shown(call)
    assert time.process_time() - began < 5  # quadratic, it would be minutes
    assert ("x-long", "REDACTED") in shown.headers
    assert ("x-long", "REDACTED") in shown.reply_headers


def test_a_reply_that_is_packed_is_checked_and_recorded_unpacked(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"status": "client_not_found"}', mtime=0)
    with ScriptedUpstream() as upstream, recording(tmp_path / "x.har", upstream) as proxy:
        upstream.answer = lambda _: reply(packed, "Content-Encoding: gzip")
        assert exchange(proxy, get("get_orders?client_id=1")).endswith(packed)
    assert proxy.summary.failures == {"get_orders: client_not_found": 1}
    assert read(tmp_path / "x.har")[0].data == {"status": "client_not_found"}


@pytest.mark.parametrize("name", ["x.har", "x.ndjson"])
def test_a_kill_leaves_every_answered_call(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with ScriptedUpstream() as upstream, command(upstream.url, "--record", str(path), "--quiet") as (process, url):
        at: Any = At(url)
        for _ in range(20):
            exchange(at, get())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert len(read(path)) >= 19


def test_query_values_get_pseudonyms_too(tmp_path: Path) -> None:
    with ScriptedUpstream() as upstream, recording(tmp_path / "x.ndjson", upstream) as proxy:
        exchange(proxy, get("callback?client_id=1&message=Hello&value_phone=tel&tel=79875146788"))
    [entry] = entries(tmp_path / "x.ndjson")
    query = dict(parse_qsl(urlsplit(entry["request"]["url"]).query))
    assert (query["client_id"], query["value_phone"]) == ("1", "tel")
    assert query["message"] != "Hello"
    assert query["tel"].startswith("7000")
