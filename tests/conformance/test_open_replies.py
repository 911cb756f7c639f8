"""What a reply may look like where the document does not show it fails no MUST."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, Final

import httpx2
import pytest
from tests.running import serving

from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Results, Verdict
from mavibot_conformance.rules.trial import around, shown
from mavibot_conformance.suite import run
from mavibot_conformance.target import network
from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.notation import event_as_read
from mavibot_conformance.target.shape import event_problem
from mavibot_mock import Mock

from .stage import Altering

Answer = Callable[[httpx2.Response], httpx2.Response]
_SEARCHES: Final = r"find_client_id_by_(phone|email|var)|find_latest.*|find_all_client_id_by_var|whatsapp_client_id"


def _run(actions: str, answer: Answer, rules: str) -> Results:
    with Mock() as mock:
        profile = mock_profile(mock.url, transport=mock.transport())
        transport = Altering(mock.transport(), re.compile(actions).fullmatch, answer)
        return run(Plan(mock.url, profile, consent="send", selection=rules, transport=transport))


def _texts(data: Any) -> Any:
    """Return data with texts for its numbers."""
    if isinstance(data, dict):
        return {name: _texts(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_texts(each) for each in data]
    return str(data) if type(data) is int else data


def _as_texts(reply: httpx2.Response) -> httpx2.Response:
    return httpx2.Response(reply.status_code, json=_texts(reply.json()))


def _with_more(reply: httpx2.Response) -> httpx2.Response:
    is_refusal = reply.json().get("status") != "success"
    return httpx2.Response(reply.status_code, json={**reply.json(), **({"request_id": "r-1"} if is_refusal else {})})


def _without_words(reply: httpx2.Response) -> httpx2.Response:
    return reply if reply.is_success and reply.json().get("status") == "success" else httpx2.Response(404)


def _escaped(data: Any) -> Any:
    """Return data with texts as HTML has them."""
    if isinstance(data, dict):
        return {name: _escaped(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_escaped(each) for each in data]
    return escape(data) if isinstance(data, str) else data


def _for_a_page(reply: httpx2.Response) -> httpx2.Response:
    return httpx2.Response(reply.status_code, json=_escaped(reply.json()))


def _without_letters(reply: httpx2.Response) -> httpx2.Response:
    return httpx2.Response(reply.status_code, json=json.loads(reply.text.encode("ascii", "replace")))


def _trusting(reply: httpx2.Response) -> httpx2.Response:
    """Take values of wrong types, to look at them later."""
    is_about_a_value = reply.status_code == 400 and "must be" in reply.text
    return httpx2.Response(200, json={"status": "success"}) if is_about_a_value else reply


def _otherwise(reply: httpx2.Response) -> httpx2.Response:
    unknown = reply.json().get("status") == "client_not_found"
    return httpx2.Response(404, json={"status": "no such client"}) if unknown else reply


@pytest.mark.parametrize(
    ("actions", "answer", "rules"),
    [
        (_SEARCHES, _as_texts, "FIND-10,FIND-11,FIND-13,FIND-15,FIND-17,FIND-21,FIND-24,FIND-25,FIND-26,FIND-32"),
        (_SEARCHES, _as_texts, "FIND-37,OPT-9,EACH-6,SHAPE-1"),
        ("get_variables", _as_texts, "TOL-12,EACH-6,FIND-17"),
        (".*_order.*", _with_more, "ERR-1,ERR-3,PRI-3"),
        ("set_order_vars|set_order_state|get_order_state", _otherwise, "ERR-1"),
        ("clear_history|save_variables|add_to_list", lambda _: httpx2.Response(200, text="ok"), "SHAPE-1"),
        ("get_current_order_id", _without_words, "AUTH-8"),
        ("online_chat_client_id", _as_texts, "RYW-61,OPT-8,HOOK-15,FIND-29"),
    ],
    ids=["ids", "more ids", "variables", "further fields", "own words", "a word", "no deal", "online chat"],
)
def test_what_the_document_does_not_show_fails_no_must(actions: str, answer: Answer, rules: str) -> None:
    results = _run(actions, answer, rules)
    accused = [(each.name, each.expected, each.got) for each in results.outcomes if each.verdict is Verdict.FAIL]
    assert accused == []
    assert [each.name for each in results.outcomes if each.verdict is Verdict.ERROR] == []
    assert any(each.verdict is Verdict.PASS for each in results.outcomes)


@pytest.mark.parametrize(
    ("actions", "answer", "rule"),
    [
        (_SEARCHES, lambda reply: httpx2.Response(reply.status_code, json={"client_id": "1"}), "FIND-11"),
        ("get_orders", _otherwise, "ERR-1"),
        ("get_variables", lambda _: httpx2.Response(200, text="ok"), "SHAPE-1"),
        ("get_current_order_id", lambda _: httpx2.Response(403, json={"status": "fail"}), "AUTH-8"),
        ("online_chat_client_id", _as_texts, "SHAPE-1"),
        ("get_history", _without_letters, "EQ-3"),
        ("get_history", _without_letters, "ROB-2"),
    ],
    ids=["a wrong id", "words", "a word", "a refused key", "a text for an id", "lost letters", "letters lost"],
)
def test_what_it_shows_does(actions: str, answer: Answer, rule: str) -> None:
    results = _run(actions, answer, rule)
    assert {each.rule for each in results.outcomes if each.verdict is Verdict.FAIL} == {rule}


@pytest.mark.parametrize(
    ("actions", "answer", "rules"),
    [
        ("add_to_list", _trusting, "RYW-51"),
        ("message", _trusting, "ERR-7,ERR-16"),
        ("set_order_state", lambda _: httpx2.Response(200, json={"status": "success"}), "ERR-13"),
        ("get_history", _for_a_page, "EQ-3,ROB-2"),
    ],
    ids=["a wrong type", "a wrong kind of file", "a wrong stage", "a text for a page"],
)
def test_what_no_source_states_is_a_missed_should(actions: str, answer: Answer, rules: str) -> None:
    outcomes = _run(actions, answer, rules).outcomes
    found = {each.rule: each.verdict for each in outcomes if each.action in (None, actions)}
    assert found == dict.fromkeys(rules.split(","), Verdict.NON_STRICT)


def test_a_refusal_in_bare_words_is_one() -> None:
    def worded(reply: httpx2.Response) -> httpx2.Response:
        return httpx2.Response(200, text=f"ERROR: {reply.text}") if reply.is_error else reply

    outcomes = _run(".*", worded, "RYW-50,ERR-16").outcomes
    assert [each.name for each in outcomes if each.verdict is not Verdict.PASS] == []


def test_what_is_told_of_a_reply_is_one_line() -> None:
    def pretty(reply: httpx2.Response) -> httpx2.Response:
        return httpx2.Response(404, text=json.dumps({"error": {"code": 404}, "of": reply.text}, indent=2))

    told = [
        text for each in _run(".*history", pretty, "RYW-10,EQ-8,SHAPE-1").outcomes for text in (each.got, each.cause)
    ]
    assert [text for text in told if text and '{ "error": { "code": 404 }' in text]
    assert [text for text in told if text and len(text.splitlines()) > 1] == []


@pytest.mark.parametrize(("value", "text"), [("a b", "a b"), ("a\nb", '"a\\nb"'), ("", ""), ({"a": 1}, '{"a": 1}')])
def test_a_value_is_told_on_one_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_of_a_long_value_the_beginning_is_told() -> None:
    assert shown(b"[" * 2000 + b"]" * 2000, 60) == "[" * 60 + "…"


def test_a_place_far_inside_a_long_text_is_told() -> None:
    assert around("x" * 500 + "!" + "x" * 500, 500, 60) == "…" + "x" * 20 + "!" + "x" * 39 + "…"


def _with_values_as_they_came(reply: httpx2.Response) -> httpx2.Response:
    return httpx2.Response(200, json={"cnf_object": {"a": 1}, **reply.json(), "cnf_list": [1, 2]})


def test_objects_that_the_run_has_saved_hide_no_variables() -> None:
    results = _run("get_variables", _with_values_as_they_came, "TOL-9,RYW-13,ROB-2")
    assert {(each.name, each.verdict, each.reason) for each in results.outcomes} == {
        ("TOL-9", Verdict.INFO, None),
        ("RYW-13", Verdict.PASS, None),
        ("ROB-2", Verdict.PASS, None),
    }


def test_arrays_may_come_in_another_order_each_time() -> None:
    turns = count()

    def turned(reply: httpx2.Response) -> httpx2.Response:
        data = reply.json()
        rows = data if isinstance(data, list) else data.get("clients", [])
        if next(turns) % 2:
            rows.reverse()
        return httpx2.Response(reply.status_code, json=data)

    results = _run("get_clients|subscribers", turned, "AGAIN-1")
    assert {each.verdict for each in results.outcomes} == {Verdict.PASS}
    assert next(turns) > 4


def test_numbers_of_an_event_may_be_texts() -> None:
    event = {"id": "5", "is_input": "1", "message": "17", "client": {"id": "9", "recepient": "146467928"}}
    read = event_as_read(event)
    assert read == {"id": 5, "is_input": 1, "message": "17", "client": {"id": 9, "recepient": "146467928"}}


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"id": 5, "client": {"id": "x", "recepient": 4002}}, 'client/id: the value is not of type "integer": "x"'),
        ({"id": 5, "client": 7}, 'client: the value is not of type "object" and is not of type "null": 7'),
    ],
)
def test_what_fits_none_of_several_schemas_is_told_by_the_nearest(event: Any, says: str) -> None:
    assert str(event_problem(event)) == says


@pytest.mark.parametrize("name", ["limit", "start_date", "stop_date"])
def test_what_post_passes_over_is_found(name: str) -> None:
    with Mock() as mock:
        inner = mock.transport()

        def answer(request: httpx2.Request) -> httpx2.Response:
            if request.method != "POST" or not request.url.path.endswith(("/get_history", "/get_clients")):
                return inner.handle_request(request)
            said = json.loads(request.content)
            left_out = {"start_date", "stop_date"} if name in said and name != "limit" else {name}
            kept = {each: value for each, value in said.items() if each not in left_out}
            return inner.handle_request(httpx2.Request("POST", request.url, json=kept))

        profile = mock_profile(mock.url, transport=inner)
        transport = httpx2.MockTransport(answer)
        [outcome] = run(Plan(mock.url, profile, consent="send", selection="TOL-19", transport=transport)).outcomes
    assert outcome.verdict is Verdict.NON_STRICT
    assert f'"{name}"' in str(outcome.expected)


@pytest.mark.parametrize(("of_whom", "verdict"), [("known", Verdict.PASS), ("new", Verdict.FAIL)])
def test_a_client_who_is_there_already_need_not_take_another_name(of_whom: str, verdict: Verdict) -> None:
    with Mock() as mock:
        inner, known = mock.transport(), set[str]()

        def answer(request: httpx2.Request) -> httpx2.Response:
            if request.url.path.endswith("/load_clients"):
                known.update(each["platform_id"] for each in json.loads(request.content))
            said = json.loads(request.content) if request.url.path.endswith("/whatsapp_callback") else {}
            if "name" in said and (said["phone"] in known) == (of_whom == "known"):
                del said["name"]
                request = httpx2.Request("POST", request.url, json=said)
            return inner.handle_request(request)

        profile = mock_profile(mock.url, transport=inner)
        transport = httpx2.MockTransport(answer)
        [outcome] = run(Plan(mock.url, profile, consent="send", selection="RYW-61", transport=transport)).outcomes
    assert outcome.verdict is verdict


def test_digits_without_end_are_no_number() -> None:
    assert event_as_read({"id": "5" * 5000}) == {"id": "5" * 5000}


def test_no_call_meets_a_connection_that_the_server_has_closed_or_is_sent_twice() -> None:
    asked: list[str] = []
    lock = threading.Lock()

    class Closing(BaseHTTPRequestHandler):
        """Reads a second request of a connection and closes it without a reply, as late as a server can."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with lock:
                asked.append(self.path)
            if hasattr(self, "is_used") or self.path == "/broken":
                self.close_connection = True
                return
            self.is_used = True
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def handle(self) -> None:
            with suppress(OSError):
                super().handle()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Closing)
    url = f"http://127.0.0.1:{server.server_port}"
    with serving(server), httpx2.Client(transport=network.transport(), trust_env=False) as client:
        assert [client.get(f"{url}/{number}").status_code for number in range(3)] == [200, 200, 200]
        assert asked == ["/0", "/1", "/2"]
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get(f"{url}/broken")
    assert asked[3:] == ["/broken"]
