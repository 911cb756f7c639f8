"""Malformed calls: never a failure of the server, never a change."""

from __future__ import annotations

import asyncio
import json
import random
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.mock.caller import CONTRACT, Caller, assert_in_contract, deviations
from tests.mock.driver import Driver

from malformed import Malformed, requests
from mavibot_mock import create_app
from mavibot_mock.actions.registry import handlers
from mavibot_mock.request.body import LARGEST_BODY
from mavibot_mock.server.demo import FULL_KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mavibot_contract import Operation

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data; boundary=x"

_MALFORMED = {
    "not_utf8": b'{"client_id": 5, "message": "\xff"}',
    "utf16": '{"client_id": 5, "message": "x"}'.encode("utf-16"),
    "cut": b'{"client_id": 5, "message": "x"',
    "two": b'{"client_id": 5, "message": "x"}{}',
    "single_quotes": b"{'client_id': 5, 'message': 'x'}",
    "nan": b'{"client_id": 5, "message": "x", "time_shift": NaN}',
    "infinity": b'{"client_id": 5, "message": "x", "time_shift": 1e999}',
    "huge_number": b'{"client_id": ' + b"9" * 5000 + b', "message": "x"}',
    "huge_id": b'{"client_id": 18446744073709551615, "message": "x"}',
    "negative_id": b'{"client_id": -9223372036854775809, "message": "x"}',
    "fraction": b'{"client_id": 5.5, "message": "x"}',
    "many_marks": b"\xef\xbb\xbf" * 10_000,
    "boolean_id": b'{"client_id": true, "message": "x"}',
    "lone_surrogate": b'{"client_id": 5, "message": "\\ud800"}',
    "lone_surrogate_in_name": b'{"client_id": 5, "message": "x", "\\udfff": 1}',
    "deep_list": b"[" * 100_000,
    "deep_object": b'{"client_id": 5, "message": "x", "a":' + b'{"a":' * 900 + b"1" + b"}" * 901,
    "scalar": b"5",
    "null": b"null",
    "text": b'"x"',
    "list": b"[]",
    "words": b"hello world",
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("label", ["application/json", "text/plain", None])
@pytest.mark.parametrize("name", _MALFORMED)
def test_malformed_json_is_refused(mock: Caller, name: str, label: str | None) -> None:
    message = mock.refusal("callback", _MALFORMED[name], content_type=label)
    assert message.startswith(("body: ", "client_id: ", "one of client_id"))


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("multipart/form-data", b"--x\r\n\r\n"),
        (_MULTIPART, b"nothing of the kind"),
        (_MULTIPART, b'--x\r\nContent-Disposition: form-data; name="client_id"\r\n\r\n5'),
        (_MULTIPART, b"--x\r\nContent-Disposition: form-data\r\n\r\n5\r\n--x--\r\n"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        (
            f"{_MULTIPART}; charset=punycode",
            b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n5\r\n--x--\r\n',
        ),
        (
            f"{_MULTIPART}; charset=unicode_escape",
            b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\n\\ud800\r\n--x--\r\n',
        ),
        ("application/x-www-form-urlencoded", b"client_id=5&message=%FF"),
        ("application/x-www-form-urlencoded", b"client_id=5&message=\xff"),
    ],
)
def test_malformed_forms_are_refused(mock: Caller, label: str, body: bytes) -> None:
    # A charset that would make another text of the body is refused by its name.
    mock.refusal("callback", body, content_type=label, status=415 if "punycode" in label else 400)


def test_a_malformed_query_is_refused(mock: Caller) -> None:
    before = mock.state()
    response = mock.send("GET", f"/api/{FULL_KEY}/callback?client_id=5&message=%FF")
    assert response.status_code == 400
    assert response.json()["message"] == "query: is not valid UTF-8"
    assert mock.state() == before


@pytest.mark.parametrize("text", ["\0", "a\0b", "\x1b[31m", "😀", "\u202e", "' OR 1=1 --", "x" * 300_000])
def test_odd_text_works_everywhere(mock: Caller, text: str) -> None:
    assert mock.call("callback", {"client_id": 58, "message": text, "odd": text, text[:100]: "name"}).text == "ok"
    assert mock.history(58)[0]["text"] == text
    saved = mock.variables(58)
    assert (saved["odd"], saved[text[:100]]) == (text, "name")
    [item] = mock.call("load_clients", [{"platform_id": text[:200], "group_id": "", "client_type": 13}]).json()["items"]
    assert item["status"] == "success"
    assert mock.call("get_clients", query={"limit": 1}).json()["clients"][0]["platform_id"] == text[:200]


def test_numbers_up_to_the_bounds(mock: Caller) -> None:
    greatest = 2**53 - 1
    mock.refusal("message", {"client_id": greatest, "message": "x"}, status=404)
    item = {"platform_id": greatest, "group_id": "", "client_type": 13}
    [loaded] = mock.call("load_clients", [item]).json()["items"]
    assert loaded["platform_id"] == greatest
    whole = {"platform_id": 5.0, "group_id": "", "client_type": 13.0}
    [loaded] = mock.call("load_clients", [whole]).json()["items"]
    assert loaded["status"] == "success"
    assert mock.call("callback", {"client_id": 5.0, "message": "x", "big": 2**64 - 1, "small": 1e-320}).text == "ok"
    assert mock.variables(5)["big"] == 2**64 - 1


@pytest.mark.heavy
@pytest.mark.parametrize("form", [False, True])
def test_what_is_taken_however_deep_can_be_shown(mock: Caller, driver: Driver, *, form: bool) -> None:
    """A call may be refused as too deep, but none may bring down what shows it, an export and its import included."""
    statuses = set()
    for depth in (200, *range(236, 256), 300, 900):
        buttons = '[{"type": "reply", "x": ' + "[" * depth + "]" * depth + "}]"
        call = {"client_id": 5, "message": "x", "time_shift": 60}
        if form:
            content = urlencode({**call, "buttons": buttons})
        else:
            content = json.dumps(call)[:-1] + f', "buttons": {buttons}}}'
        label = _FORM if form else "application/json"
        statuses.add(mock.call("message", content.encode(), content_type=label).status_code)
        driver.get("/journal")
        driver.get("/jobs")
        driver.put("/state", **driver.get("/state"))
    assert statuses == {200, 400}


def test_duplicate_keys_take_the_last(mock: Caller) -> None:
    mock.call("message", b'{"client_id": 5, "client_id": 58, "message": "x"}')
    assert mock.history(58)[0]["text"] == "x"


def _names(operation: Operation) -> set[str]:
    return {*operation.schema["properties"], *operation.aliases}


_SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8"))
_FLAT = st.lists(_SCALAR, max_size=3) | st.dictionaries(st.text(max_size=5), _SCALAR, max_size=3)
_JSON = _SCALAR | _FLAT | st.lists(_FLAT, max_size=3) | st.dictionaries(st.text(max_size=5), _FLAT, max_size=3)
_NAMED = st.sampled_from(
    sorted({name for action in handlers() for name in _names(CONTRACT.operation(action))}),
)
_LIKELY = _JSON | st.sampled_from([5, "5", "x", "true", "", "79875146788", "2026-03-10 12:00:00", "01.01.2026"])


@pytest.mark.heavy
@given(
    action=st.sampled_from(sorted(handlers())),
    method=st.sampled_from(["GET", "POST"]),
    body=st.dictionaries(_NAMED, _LIKELY, max_size=6) | _JSON,
    query=st.dictionaries(_NAMED, st.text(st.characters(codec="utf-8"), max_size=8), max_size=3),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_parameters_get_a_reply_of_the_contract(
    mock: Caller, action: str, method: str, body: Any, query: dict[str, str]
) -> None:
    content = json.dumps(body).encode()
    response = mock.call(action, content, query=query, method=method)
    assert response.status_code in (200, 400, 404)
    assert_in_contract(action, method, response)


def test_random_bytes_never_fail_the_server(mock: Caller) -> None:
    chance = random.Random(20260310)
    labels = ["application/json", "text/plain", "application/x-www-form-urlencoded", _MULTIPART, "x"]
    pieces = [b'{"', b'":', b"}", b"[", b"client_id", b"=", b"&", b"5", b"\xff", b"\\ud800", b"--x\r\n", b"\0", b"%"]
    before = mock.state()
    for _ in range(1000):
        body = b"".join(chance.choices(pieces, k=chance.randrange(1, 12)))
        response = mock.call("message", body, content_type=chance.choice(labels))
        assert response.status_code == 400, body
    assert mock.state() == before


@pytest.mark.heavy
def test_thousands_of_malformed_requests(mock: Caller) -> None:
    left = requests(FULL_KEY, 3000, seed=20260311)
    before = mock.state()
    while batch := list(islice(left, 100)):
        refused = _refused(mock, batch)
        # What was refused after the effects of others is sent alone, until nothing of it has an effect any more.
        while mock.state() != before:
            mock.restore()
            again = _refused(mock, refused)
            assert again != refused or mock.state() == before, "refused requests changed something"
            refused = again


def _refused(mock: Caller, batch: list[Malformed]) -> list[Malformed]:
    """Send requests and return those that were refused."""
    statuses = [_status(mock, request) for request in batch]
    assert max(statuses) < 500, batch[statuses.index(max(statuses))]
    return [request for request, status in zip(batch, statuses, strict=True) if status >= 400]


def _status(mock: Caller, request: Malformed) -> int:
    statuses = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body}

    async def send(event: Any) -> None:
        statuses.append(event.get("status"))

    scope = {
        "type": "http",
        "method": request.method,
        "path": unquote(request.path),
        "query_string": request.query,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in request.headers],
    }
    mock.run(mock.app(scope, receive, send))
    return int(statuses[0])


_BUG = "the mock has a bug: RuntimeError; its standard error tells where"


def _fail(*_args: Any, **_kwargs: Any) -> None:
    raise RuntimeError(f"in the middle of /api/{FULL_KEY}/callback")


def test_a_bug_in_an_action_is_shown_and_changes_nothing(
    mock: Caller, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(type(mock.project.store), "add_message", _fail)
    assert mock.refusal("callback", {"client_id": 5, "message": "x", "utm": {}}, status=500) == _BUG
    report = capsys.readouterr().err
    assert "Traceback" in report
    assert "RuntimeError: in the middle" in report
    assert FULL_KEY not in report
    [entry] = mock.project.journal.entries()
    assert (entry.action, entry.status) == ("callback", 500)
    assert entry.deviations == ["utm: nested; variables are flat, so its JSON text is saved (assumed)"]


def _largest(size: int) -> bytes:
    head = b'{"client_id": 5, "message": "x", "odd": "'
    return head + b"x" * (size - len(head) - 2) + b'"}'


def test_a_body_may_be_large_but_not_larger(mock: Caller) -> None:
    assert mock.call("callback", _largest(LARGEST_BODY)).text == "ok"
    too_large = _largest(LARGEST_BODY + 1)
    assert mock.refusal("callback", too_large, status=413) == "body: at most 10000000 bytes"
    assert [entry.status for entry in mock.project.journal.entries()] == [200, 413]


def test_a_body_that_is_announced_as_too_large_is_not_read(mock: Caller) -> None:
    async def content() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    headers = {"Content-Length": str(LARGEST_BODY + 1)}
    response = mock.send("POST", f"/api/{FULL_KEY}/message", content=content(), headers=headers)
    assert response.status_code == 413


def test_a_chunked_body_is_read_no_further_than_it_may_go(mock: Caller) -> None:
    sent = 0

    async def content() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1_000_000
            yield b" " * 1_000_000

    response = mock.send("POST", f"/api/{FULL_KEY}/message", content=content())
    assert response.status_code == 413
    assert LARGEST_BODY < sent <= LARGEST_BODY + 1_000_000


def test_a_caller_that_goes_away_is_no_bug(mock: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    events: list[dict[str, Any]] = [
        {"type": "http.request", "body": b'{"client_id": 5', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return events.pop(0)

    async def send(_event: Any) -> None: ...

    before = mock.state()
    scope = {"type": "http", "method": "POST", "path": f"/api/{FULL_KEY}/message", "query_string": b"", "headers": []}
    asyncio.run(create_app([mock.project])(scope, receive, send))
    [entry] = mock.project.journal.entries()
    assert entry.status == 400
    assert b"body: the connection ended" in entry.reply
    assert mock.state() == before
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["a" + "[b]" * 21, "a" + "[]" * 5000])
def test_deep_names_of_a_form(mock: Caller, name: str) -> None:
    content = f"client_id=5&message=x&{name}=1".encode()
    assert mock.refusal("callback", content, content_type=_FORM) == "a: is nested too deeply"


def test_many_names_cost_little(mock: Caller) -> None:
    names = "&".join(f"name{number}={number}" for number in range(50_000))
    response = mock.call("message", f"client_id=5&message=x&{names}".encode(), content_type=_FORM)
    assert deviations(response)[-1].endswith(" more")
