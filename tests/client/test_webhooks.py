"""Events as the platform posts them, in all shapes that occur; and everything that docs/guides/webhooks.md shows."""

import asyncio
import contextlib
import dataclasses
import io
import json
import pickle
import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.support import CONTRACT, examples, law
from tests.mock.receiver import Answer
from tests.mock.receiver import Receiver as Hook
from tests.running import needs_curl, serving

from mavibot import MavibotError
from mavibot.webhooks import (
    Attachment,
    Event,
    EventClient,
    EventKind,
    InvalidEvent,
    parse_block_request,
    parse_event,
)
from mavibot_cli.receiver import Receiver, describe
from mavibot_mock import Mock
from mavibot_mock.server.server import Server

SCHEMAS = CONTRACT.document["components"]["schemas"]
WEBHOOK = CONTRACT.document["webhooks"]["project_message"]["post"]
SYSTEM_EVENTS = WEBHOOK.get("x-system-events", [])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["id", "client", "message", "attachments", "message_id", "project_id", "is_input", "delivered", "internal_id"]
CLIENT_FIELDS = ["id", "recepient", "client_type", "name", "created_at", "variables", "unread_count"]


def client(**fields: Any) -> EventClient:
    """Return the client of an event."""
    found = parse_event({"client": fields}).client
    assert found is not None
    return found


def attachments(sent: Any) -> list[Attachment]:
    return list(parse_event({"attachments": sent}).attachments)


def urls(sent: Any) -> list[str | None]:
    return [attachment.url for attachment in attachments(sent)]


def test_every_field_of_a_message() -> None:
    event = parse_event(examples(WEBHOOK["requestBody"]["content"]["application/json"])["text_from_a_client"])
    assert event.client is not None
    assert event == Event(
        id=104500,
        kind=EventKind.TEXT,
        client=event.client,
        message="Hello",
        attachments=(),
        message_id=None,
        project_id=1,
        is_input=True,
        delivered=True,
        error_message=None,
        internal_id=None,
        system_event=None,
        extra={},
        raw=event.raw,
    )
    assert (event.client.id, event.client.recepient, event.client.recipient) == (25554, "146467928", "146467928")
    assert (event.client.client_type, event.client.messenger, event.client.name) == (0, "VKONTAKTE", "John Smith")
    assert (event.client.avatar, event.client.tag, event.client.group) == (None, None, "143414131")
    assert (event.client.created_at, event.client.created) == (1588248599, datetime(2020, 4, 30, 12, 9, 59, tzinfo=UTC))
    assert event.is_incoming


@pytest.mark.parametrize("component", ["ProjectMessage", "ProjectMessageClient"])
def test_every_field_that_the_contract_names_can_be_read(component: str) -> None:
    kind = Event if component == "ProjectMessage" else EventClient
    assert set(SCHEMAS[component]["properties"]) <= {field.name for field in dataclasses.fields(kind)}


@pytest.mark.parametrize("key", SCHEMAS["Attachment"]["properties"])
def test_every_key_of_an_attachment_that_the_contract_names_can_be_read(key: str) -> None:
    (found,) = attachments([{key: "x"}])
    assert "x" in (found.url, found.type, found.name, found.phone_number)
    assert found.raw == {key: "x"}


def test_unknown_fields_are_kept() -> None:
    event = parse_event({"id": 1, "new": [2], "client": {"id": 3, "mood": "good"}})
    assert event.extra == {"new": [2]}
    assert event.raw == {"id": 1, "new": [2], "client": {"id": 3, "mood": "good"}}
    assert event.client is not None
    assert (event.client.extra, event.client.raw) == ({"mood": "good"}, {"id": 3, "mood": "good"})


def test_extras_of_the_client() -> None:
    found = client(
        id=1, variables={"a": None}, order_variables={"b": "2"}, unread_count=3, custom_answer="{}", client_type=99
    )
    assert (found.variables, found.order_variables, found.unread_count) == ({"a": None}, {"b": "2"}, 3)
    assert (found.custom_answer, found.client_type, found.messenger, found.extra) == ("{}", 99, None, {})
    assert (client().variables, client().client_type, client().messenger) == ({}, None, None)


def test_an_event_without_a_client() -> None:
    assert parse_event({"id": 1}).client is None
    assert parse_event({"id": 1, "client": None}).client is None


def test_numbers_and_flags_in_other_types() -> None:
    event = parse_event({"id": "7", "is_input": "0", "delivered": False, "message": 5, "project_id": 1.0})
    assert (event.id, event.is_input, event.delivered, event.message, event.project_id) == (7, False, False, "5", 1)
    assert not event.is_incoming
    unreadable = parse_event({"id": "x", "is_input": 2, "delivered": None, "message": ["a"]})
    assert (unreadable.id, unreadable.is_input, unreadable.delivered, unreadable.message) == (None, None, None, None)
    assert unreadable.raw["message"] == ["a"]
    with pytest.raises(InvalidEvent, match=r"^client: must be an object, got int$"):
        parse_event({"client": 5})
    assert client(recepient=146467928).recepient == "146467928"


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        (1588248599, datetime(2020, 4, 30, 12, 9, 59, tzinfo=UTC)),
        ("1588248599", datetime(2020, 4, 30, 12, 9, 59, tzinfo=UTC)),
        (1588248599.5, datetime(2020, 4, 30, 12, 9, 59, 500_000, tzinfo=UTC)),
        ("2026-07-26T10:00:00", datetime(2026, 7, 26, 10, 0)),
        ("2026-07-26 10:00:00.123456", datetime(2026, 7, 26, 10, 0, 0, 123_456)),
        ("2026-07-26T10:00:00Z", datetime(2026, 7, 26, 10, 0, tzinfo=UTC)),
        ("yesterday", None),
        ("9" * 30, None),
        (10**17, None),
        (float("inf"), None),
        (None, None),
    ],
)
def test_when_the_client_was_created(sent: Any, moment: datetime | None) -> None:
    found = client(created_at=sent)
    assert found.created_at == sent
    assert found.created == moment


@pytest.mark.parametrize("sent", [True, False, [], {}])
def test_what_is_no_moment_is_none(sent: Any) -> None:
    assert client(created_at=sent).created_at is None


# --- kinds ---


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({"message": "Hello"}, EventKind.TEXT),
        ({"message": "Look", "attachments": ["https://a"]}, EventKind.TEXT),
        ({"message": None, "attachments": ["https://a"]}, EventKind.ATTACHMENT),
        ({"message": " ", "attachments": [{"phone_number": "79000000000"}]}, EventKind.ATTACHMENT),
        ({"message": ""}, EventKind.EMPTY),
        ({"message": None, "attachments": {}}, EventKind.EMPTY),
        ({}, EventKind.EMPTY),
    ],
)
def test_kinds(sent: dict[str, Any], kind: EventKind) -> None:
    event = parse_event(sent)
    assert event.kind is kind
    assert (event.system_event, event.details) == (None, None)


@pytest.mark.parametrize("system", SYSTEM_EVENTS, ids=lambda system: system["name"])
def test_system_events(system: dict[str, Any]) -> None:
    event = parse_event({"message": system["name"], "attachments": ["https://a"]})
    assert (event.kind, event.system_event, event.details) == (EventKind.SYSTEM, system["name"], None)
    followed = parse_event({"message": f"{system['name']} Sales: first step"})
    if "details" in system:
        assert (followed.kind, followed.system_event) == (EventKind.SYSTEM, system["name"])
        assert followed.details == "Sales: first step"
    else:
        assert (followed.kind, followed.system_event, followed.details) == (EventKind.TEXT, None, None)
    assert parse_event({"message": f"I wrote {system['name']}"}).kind is EventKind.TEXT


@pytest.mark.parametrize("text", ["gnb3mwhqcq_success 11990", " prodamus_success  99.90 ", "a_success\t5"])
def test_a_payment_is_a_system_event(text: str) -> None:
    event = parse_event({"message": text})
    assert event.kind is EventKind.SYSTEM
    assert [event.system_event, event.details] == text.split()


@pytest.mark.parametrize(
    "text", ["a_success", "a_success soon", "Great_success 5", "success 5", "a_success 5 or 6", "a success 5"]
)
def test_other_texts_are_no_payments(text: str) -> None:
    assert parse_event({"message": text}).kind is EventKind.TEXT


# --- requests of a block ---

_FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (
            b'{"client_id": "836058546", "message": "Hi"}',
            "application/json",
            {"client_id": "836058546", "message": "Hi"},
        ),
        ('{"note": {"a": [1]}}', "text/plain; charset=utf-8", {"note": {"a": [1]}}),
        (b'{"a": 1}', _FORM, {"a": 1}),
        (b"\xef\xbb\xbf{}", None, {}),
        ({"a": 1}, None, {"a": 1}),
        (
            b"client_id=5&name=%D0%90%D0%BD%D0%BD%D0%B0+B&empty=",
            _FORM,
            {"client_id": "5", "name": "Анна B", "empty": ""},
        ),
        ("client_id=5&client_id=6", None, {"client_id": "6"}),
        ("flag", _FORM, {"flag": ""}),
        (b"", "application/json", {}),
        (" ", None, {}),
        ("null", None, {}),
    ],
)
def test_what_a_block_sends(body: Any, content_type: str | None, expected: dict[str, Any]) -> None:
    assert parse_block_request(body, content_type) == expected


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        ("[1]", None, "must be a JSON object, got list"),
        ("Hello", "text/plain", "is not JSON"),
        ('{"a": ', _FORM, "is not JSON"),
        (b"\xff=1", _FORM, "is not UTF-8"),
        (b"a=%ff", _FORM, "is not a form"),
        (b"--x", "multipart/form-data; boundary=x", "is a multipart form"),
    ],
)
def test_what_no_block_sends(body: Any, content_type: str | None, reason: str) -> None:
    with pytest.raises(InvalidEvent, match=reason):
        parse_block_request(body, content_type)


# --- attachments ---


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, []),
        ("", []),
        ({}, []),
        ([], []),
        ("[]", []),
        ([None, ""], []),
        (["https://a", "https://b"], ["https://a", "https://b"]),
        ("https://a", ["https://a"]),
        (" https://a ", ["https://a"]),
        ("['https://a','https://b']", ["https://a", "https://b"]),
        ('["https://a"]', ["https://a"]),
        ("[{'url': 'https://a', 'name': None}]", ["https://a"]),
        ([{"attachment_url": "https://a", "attachment_type": "image"}], ["https://a"]),
        ([{"url": "", "file": "https://a"}], ["https://a"]),
        ({"url": "https://a"}, ["https://a"]),
        ({"0": "https://a", "1": {"url": "https://b"}}, ["https://a", "https://b"]),
        ([{"phone_number": "79000000000"}], [None]),
        ([5], [None]),
        (True, [None]),
    ],
)
def test_shapes_of_attachments(sent: Any, expected: list[str | None]) -> None:
    assert urls(sent) == expected


def test_of_very_many_attachments_the_first_are_read() -> None:
    event = parse_event({"attachments": list(range(5000))})
    assert [each.raw for each in event.attachments] == list(range(1000))
    assert len(event.raw["attachments"]) == 5000


def test_an_attachment_in_full() -> None:
    sent = {"url": "https://a", "file": "x", "type": "image", "name": "a.jpg", "filename": "b.jpg"}
    assert attachments([sent]) == [Attachment("https://a", "image", "a.jpg", None, sent)]
    contact = {"phone_number": 79000000000, "name": "Anna"}
    assert attachments([contact]) == [Attachment(None, None, "Anna", "79000000000", contact)]


@law()
@given(st.lists(st.text(min_size=1)))
def test_a_list_as_python_prints_it_is_the_list(sent: list[str]) -> None:
    assert urls(str(sent)) == urls(json.dumps(sent)) == urls(sent) == sent


@pytest.mark.parametrize(
    "text",
    [
        "[__import__('os').system('true')]",
        "['a' + 'b']",
        "[(1, 2)]",
        "[-1, None]",
        "[{[]: 1}]",
        "['a', 'b'",
        "['a'][0]",
        "[b'a']",
        r"['\d']",
        "[" * 50_000,
        "[" * 150 + "]" * 150 + "x",
        "['" + "a" * 99_000,
        "['a'," * 20_000,
        "['" + "a" * 200_000 + "']",
        "[" + "9" * 50_000 + "]x",
    ],
    ids=lambda text: text[:20],
)
def test_a_text_that_is_no_list_is_kept_and_never_run(text: str) -> None:
    assert attachments(text) == [Attachment(raw=text)]


# --- bodies ---


@law()
@given(JSON, st.dictionaries(st.sampled_from(FIELDS), JSON), st.dictionaries(st.sampled_from(CLIENT_FIELDS), JSON))
def test_no_event_with_a_readable_client_is_refused_and_nothing_is_lost(
    other: Any, fields: dict[str, Any], of_client: dict[str, Any]
) -> None:
    sent = {"other": other, "client": of_client, **fields}
    if not isinstance(sent["client"], dict | None):
        with pytest.raises(InvalidEvent, match=r"^client: must be an object"):
            parse_event(sent)
        return
    event = parse_event(sent)
    assert event.raw == sent
    assert event.extra == {"other": other}
    if event.client is not None:
        assert event.client.created is None or isinstance(event.client.created, datetime)
    assert repr(parse_event(json.dumps(sent))) == repr(parse_event(json.dumps(sent).encode())) == repr(event)
    assert repr(pickle.loads(pickle.dumps(event))) == repr(event)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_encodings(mark: str, encoding: str) -> None:
    body = mark + '{"message": "Привет"}'
    assert parse_event(body).message == "Привет"
    if not (mark and encoding == "utf-16"):
        assert parse_event(body.encode(encoding)).message == "Привет"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "body: is empty"),
        (" \n", "body: is empty"),
        (b"message=Hello", "body: is not JSON"),
        (b"\xff\xfe\xfd", "body: is not JSON"),
        ('{"id": 1', "body: is not JSON"),
        ("[" * 200_000, "body: is not JSON"),
        ("[1]", "body: must be a JSON object, got list"),
        (b"null", "body: must be a JSON object, got NoneType"),
        ('"text"', "body: must be a JSON object, got str"),
    ],
)
def test_bodies_that_are_no_event(body: bytes | str, reason: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        parse_event(body)
    assert str(caught.value).startswith(reason)
    assert isinstance(caught.value, MavibotError)
    assert isinstance(caught.value, ValueError)


# --- docs/guides/webhooks.md ---

DOCUMENT = (Path(__file__).parents[2] / "docs/guides/webhooks.md").read_text(encoding="utf-8")
#: Of each section with examples: what is to be run, by language.
SECTIONS = {
    title: dict(re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S))
    for title, text in re.findall(r"^##+ ([^\n]+)\n(.*?)(?=^##+ |\Z)", DOCUMENT, re.M | re.S)
}
ON_THEIR_OWN = ["An address for a shop or form service", "Pass on a payload yourself", "Receive events"]
STARLETTE = "Starlette, and FastAPI with the same function"
BODY = b'{"client": {"id": 25554}, "message": "Hello", "is_input": 1}'
PRINTED = "text Hello\n"


def run(code: str) -> tuple[dict[str, Any], str]:
    """Run an example; return its names and what it printed."""
    names: dict[str, Any] = {"__name__": "example"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, "docs/guides/webhooks.md", "exec"), names)
    return names, printed.getvalue()


def prints(function: Any, *arguments: Any) -> tuple[Any, str]:
    """Call a function of an example; return its result and what it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        return function(*arguments), printed.getvalue()


def test_no_example_is_left_out() -> None:
    blocks = [
        "Requests of a block",
        "A request of a block in a test",
        "What integrators have run into",
        "Events that come twice",
    ]
    assert [*SECTIONS] == [*ON_THEIR_OWN, STARLETTE, "Flask", "Django", *blocks, "See what comes in"]
    assert sum(map(len, SECTIONS.values())) == DOCUMENT.count("\n```") / 2


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with Server() as server:
        yield server.url.removeprefix("http://")


@pytest.mark.parametrize("title", ON_THEIR_OWN)
def test_examples_print_what_is_shown(title: str, address: str) -> None:
    shown = SECTIONS[title]
    _, printed = run(shown["python"].replace("127.0.0.1:8080", address))
    assert printed.replace(address, "127.0.0.1:8080") == shown["text"]


def test_starlette() -> None:
    names, _ = run(SECTIONS[STARLETTE]["python"])

    async def post() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=names["app"])
        async with httpx2.AsyncClient(transport=transport, base_url="http://example") as service:
            return await service.post(names["app"].routes[0].path, content=BODY)

    response, printed = prints(lambda: asyncio.run(post()))
    assert (response.status_code, response.text, printed) == (200, "ok", PRINTED)


def test_flask() -> None:
    pytest.importorskip("flask")
    names, _ = run(SECTIONS["Flask"]["python"])
    (path,) = [rule.rule for rule in names["app"].url_map.iter_rules() if rule.endpoint == "hook"]
    response, printed = prints(lambda: names["app"].test_client().post(path, data=BODY))
    assert (response.status_code, response.text, printed) == (200, "ok", PRINTED)


def test_django() -> None:
    settings = pytest.importorskip("django.conf").settings
    if not settings.configured:
        settings.configure(DEFAULT_CHARSET="utf-8")
    names, _ = run(SECTIONS["Django"]["python"])
    response, printed = prints(names["hook"], SimpleNamespace(body=BODY))
    assert (response.status_code, response.content, printed) == (200, b"ok", PRINTED)
    assert names["hook"].csrf_exempt


@pytest.mark.parametrize(("secret", "status"), [("f3a91c", 200), ("guess", 403)])
def test_a_server_that_a_block_calls(secret: str, status: int) -> None:
    names, _ = run(SECTIONS["Requests of a block"]["python"])

    async def post() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=names["app"])
        async with httpx2.AsyncClient(transport=transport, base_url="http://example") as service:
            return await service.post("/price", data={"client_id": "25554"}, headers={"X-Secret": secret})

    response = asyncio.run(post())
    assert response.status_code == status
    if status == 200:
        assert response.json() == {"data": {"price": 4900, "client": "25554"}}


def test_a_request_of_a_block_in_a_test() -> None:
    names, _ = run(SECTIONS["A request of a block in a test"]["python"])
    answer = Answer(body=b'{"data": {"price": 4900}}')
    with Hook(lambda _: answer) as server, Mock() as mock:
        names["test_the_price"](mock, server.url)
    assert parse_block_request(server.received[0].body)["client_id"] == "25554"


def test_ids_that_are_remembered() -> None:
    names, _ = run(SECTIONS["Events that come twice"]["python"])
    is_new = names["is_new"]
    assert [is_new(1), is_new(2), is_new(1)] == [True, True, False]
    assert all(is_new(number) for number in range(10, 10_010))
    assert is_new(1)


@needs_curl
def test_listening() -> None:
    shown = SECTIONS["See what comes in"]
    listening, *posting = re.findall(r"^\$ (.*)$", shown["console"], re.M)
    assert listening == "mavibot listen --port 8081"
    events: Queue[Event] = Queue()
    receiver = Receiver("127.0.0.1", 0, events.put, on_problem=print)
    with serving(receiver):
        for command in posting:
            words = shlex.split(command.replace("http://127.0.0.1:8081/", receiver.url))
            subprocess.run([*words, "--silent", "--fail"], check=True, capture_output=True)
        printed = "".join(f"{describe(events.get(timeout=60))}\n" for _ in posting)
    assert printed == shown["text"]
