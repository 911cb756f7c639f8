"""What a run says before its first rule, and what it leaves behind."""

from __future__ import annotations

import json
import re
import socket
import ssl
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests.running import serving

import mavibot_contract
from mavibot_conformance.contact import greet
from mavibot_conformance.plan import Plan, Target, UsageError, make_plan
from mavibot_conformance.rehearsal import rehearse
from mavibot_conformance.reports.summary import scope
from mavibot_conformance.results import Verdict
from mavibot_conformance.session import Session
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import is_mock, mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_conformance.target.request import changes
from mavibot_conformance.target.wire import UnreachableError
from mavibot_mock import Mock, Server, defects
from mavibot_proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def test_a_refused_key_is_named_and_no_rule_blames_the_server(server: Server) -> None:
    profile = replace(mock_profile(server.url), keys={"full": "unknown-key"}, variables={"full": "MY_KEY"})
    with pytest.raises(ValueError, match=r"keys\.full: the server refuses this key, which MY_KEY holds"):
        run(Plan(server.url, profile, selection="AUTH-8"))


def test_another_server_is_not_taken_for_the_api(server: Server) -> None:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404, html="<h1>Not here</h1>")

    profile = replace(mock_profile(server.url), made=(), control=None)
    with pytest.raises(ValueError, match=r"does not look like the API: .*, name them by --actions"):
        run(Plan(server.url, profile, selection="AUTH-8", transport=httpx2.MockTransport(answer)))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("Ошибка".encode("cp1251"), "application/json; charset=nonsense-9"),
        ("Ошибка".encode("cp1251"), "text/plain"),
        ("<p>Привет".encode("cp1251"), "text/html; charset=windows-1251"),
        (b"Welcome", "text/plain"),
        (b"", "text/html"),
    ],
)
def test_a_host_that_answers_every_address_with_one_page_is_not_the_api(content: bytes, content_type: str) -> None:
    called = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        called.append(request.url.path.rpartition("/")[2])
        return httpx2.Response(200, content=content, headers={"Content-Type": content_type})

    plan = Plan("http://127.0.0.1:9", Profile(keys={"full": "k"}, clients=(1,)), consent="send")
    with pytest.raises(ValueError, match=r"does not look like the API: .*, by 200"):
        run(replace(plan, transport=httpx2.MockTransport(answer)))
    assert len(called) == len(set(called))


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, json={"status": "fail", "message": "no"}),
        httpx2.Response(200, content=b"<h1>\xcf\xf0\xe8\xe2\xe5\xf2</h1>", headers={"Content-Type": "text/html"}),
        httpx2.Response(200, content=b"\xff\xfe\x00"),
        httpx2.Response(200, json={"openapi": "3.1.0", "paths": {"/pets": {}}}),
        httpx2.Response(200),
    ],
    ids=["fail", "charset", "binary", "other", "empty"],
)
def test_a_server_that_answers_everything_is_no_mock(answer: httpx2.Response) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(listening):
        assert not is_mock(f"http://127.0.0.1:{listening.server_port}")


def test_a_redirect_to_another_path_is_told_as_one_and_not_followed() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert not request.url.path.endswith("/")
        return httpx2.Response(307, headers={"Location": f"{request.url.path}/"})

    plan = Plan("http://127.0.0.1:9", Profile(keys={"full": "k" * 20}), transport=httpx2.MockTransport(answer))
    says = "redirects each call, by 307, to http://127.0.0.1:9/api/API_KEY/ACTION/, and the suite does not"
    with pytest.raises(UnreachableError, match=re.escape(says)):
        run(plan)


def test_a_redirect_to_another_address_names_it() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(301, headers={"Location": str(request.url.copy_with(scheme="https"))})

    plan = Plan("http://127.0.0.1:9", Profile(keys={"full": "k" * 20}), transport=httpx2.MockTransport(answer))
    with pytest.raises(ValueError, match=r"to https://127\.0\.0\.1:9/api/.*; give the address that it names"):
        run(plan)


def test_a_server_without_tls_is_told_as_one(server: Server) -> None:
    url = server.url.replace("http://", "https://")
    says = f"{url} answers, but not by TLS; if it speaks plain HTTP, give {server.url}"
    with pytest.raises(UnreachableError, match=re.escape(says)):
        is_mock(url)
    plan = Plan(url, Profile(keys={"full": "k"}))
    with pytest.raises(UnreachableError, match=re.escape(says.removeprefix("https://"))):
        greet(plan, Session(plan))


def test_a_certificate_that_is_not_trusted_is_named() -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(Path(__file__).parents[1] / "data" / "untrusted-server.pem")

    class Secure(ThreadingHTTPServer):
        """Speaks TLS, and is not surprised that a client ends the handshake."""

        def get_request(self) -> tuple[socket.socket, Any]:
            connection, address = super().get_request()
            return tls.wrap_socket(connection, server_side=True), address

    listening = Secure(("127.0.0.1", 0), BaseHTTPRequestHandler)
    url = f"https://127.0.0.1:{listening.server_port}"
    says = rf"{re.escape(url)} has a certificate that is not trusted: self.signed certificate"
    with serving(listening):
        with pytest.raises(UnreachableError, match=says):
            is_mock(url)
        plan = Plan(url, Profile(keys={"full": "k"}))
        with pytest.raises(UnreachableError, match=says.removeprefix("https://")):
            greet(plan, Session(plan))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"null", b"NaN", b""])
def test_an_unreadable_refusal_is_no_other_server(content: bytes) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/get_history"):
            return httpx2.Response(400, content=content)
        return httpx2.Response(404, html="<h1>Not here</h1>")

    profile = Profile(keys={"full": "k"}, clients=(1,))
    results = run(Plan("http://127.0.0.1:9", profile, selection="ERR-1", transport=httpx2.MockTransport(answer)))
    assert "get_history" not in results.not_offered


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_everywhere_is_named(status: int) -> None:
    refusing = httpx2.MockTransport(lambda _: httpx2.Response(status, json={"error": "no"}))
    profile = Profile(keys={"full": "k"}, clients=(1,))
    with pytest.raises(ValueError, match=r"keys\.full: the server refuses this key"):
        run(Plan("http://127.0.0.1:9", profile, selection="AUTH-8", transport=refusing))


def _knowing(*clients: str, words: str = "client_not_found") -> httpx2.MockTransport:
    """Return a server of two actions that knows some clients."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith(("/get_history", "/get_current_order_id")):
            return httpx2.Response(404, html="<h1>Not here</h1>")
        known = request.url.params.get("client_id") in clients
        return httpx2.Response(200, json={"status": "success", "result": []} if known else {"status": words})

    return httpx2.MockTransport(answer)


@pytest.mark.parametrize("words", ["client_not_found", "client 7 not found", "no such client"])
def test_a_client_that_the_server_does_not_know_is_named_and_left_out(words: str) -> None:
    profile = Profile(keys={"full": "k"}, clients=(7, 8))
    plan = Plan("http://127.0.0.1:9", profile, selection="SHAPE-1", transport=_knowing("8", words=words))
    results = run(plan)
    assert results.unknown_clients == [f"the server does not know client 7 ({words})"]
    assert results.unknown_clients[0] in scope(results)
    with Session(plan) as session:
        greet(plan, session)
        assert session.plan.profile.clients == (8,)


def test_a_server_that_knows_none_of_the_clients_is_not_judged() -> None:
    profile = Profile(keys={"full": "k"}, clients=(999999,))
    says = re.escape("clients: the server does not know client 999999 (client_not_found)")
    with pytest.raises(ValueError, match=says):
        run(Plan("http://127.0.0.1:9", profile, selection="SHAPE-1", transport=_knowing("8")))


@pytest.mark.parametrize("action", sorted(mavibot_contract.load().actions))
def test_any_single_action_makes_the_first_contact(action: str) -> None:
    with Mock() as mock:
        inner = mock.transport()

        def answer(request: httpx2.Request) -> httpx2.Response:
            is_there = request.url.path.endswith(f"/{action}")
            return inner.handle_request(request) if is_there else httpx2.Response(404, html="<h1>Not here</h1>")

        profile = replace(mock_profile(mock.url, transport=inner), made=(), control=None, channel=None)
        plan = Plan(mock.url, profile, consent="send", transport=httpx2.MockTransport(answer))
        with Session(plan) as session:
            greet(plan, session)
            assert not session.wire.offer.lacks(action)
            assert not [each.url for each in session.exchanges if changes(each.action) and each.succeeded]


def test_a_reply_of_a_million_letters_is_read_at_once() -> None:
    long = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"status": "success", "x": "y" * 1_000_000}))
    profile = Profile(keys={"full": "k"}, clients=(1,))
    results = run(Plan("http://127.0.0.1:9", profile, selection="AUTH-4", transport=long))
    assert {each.rule for each in results.outcomes} == {"AUTH-4"}


def test_a_prefix_before_the_api_is_part_of_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAVIBOT_API_KEY", "k")
    plan = make_plan(Target(url="https://staging.example/bots/v2/", rules="AUTH-9"))
    called = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        called.append(request.url.path)
        return httpx2.Response(200, json={"status": "success", "result": []})

    run(replace(plan, transport=httpx2.MockTransport(answer)))
    assert called
    assert all(path.startswith("/bots/v2/api/") for path in called)


def test_a_plan_for_a_prefix_is_rehearsed_on_a_mock(server: Server) -> None:
    profile = Profile(keys={"full": "k"}, clients=(25554,))
    plan = Plan("https://staging.example/bots", profile, consent="send", selection="RYW-4")
    [rehearsed] = rehearse(plan, server.url)
    assert {each.status for each in rehearsed.calls} == {200}


def test_a_run_leaves_no_project_behind(server: Server) -> None:
    def projects() -> int:
        return len(httpx2.get(f"{server.url}/_mock/v1/projects").json())

    before = projects()
    profile = mock_profile(server.url)
    assert projects() == before + 2
    run(Plan(server.url, profile, consent="send", selection="RYW-1"))
    assert projects() == before


def test_the_command_of_a_failure_is_the_call_that_failed(server: Server) -> None:
    with defects.applied("value-phone-ignored"):
        results = run(Plan(server.url, mock_profile(server.url), consent="send", selection="EQ-4"))
    (failed,) = (each for each in results.outcomes if each.verdict is Verdict.FAIL and each.action == "callback")
    assert failed.curl is not None
    assert "/callback?value_phone=cnf_source" in failed.curl


def test_a_proxy_on_this_machine_whose_calls_go_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAVIBOT_API_KEY", "demo-full")
    says = "is a proxy, whose calls go to https://platform.invalid; give that address"
    with Proxy("https://platform.invalid") as proxy, pytest.raises(UsageError, match=says):
        make_plan(Target(url=proxy.url, clients="25554"))
    with Proxy("https://platform.invalid") as proxy, pytest.raises(ValueError, match=says):
        run(Plan(proxy.url, Profile(keys={"full": "demo-full"}, clients=(25554,)), consent="send"))
    with Server() as server, Proxy(server.url) as proxy:
        assert make_plan(Target(url=proxy.url, clients="25554")).consent == "send"


def test_a_long_word_in_every_reply_is_read_in_a_time_that_grows_with_it() -> None:
    # A quadratic search of it would take far longer than the time-out of any test.
    body = json.dumps({"status": "success", "x": "y" * 5_000_000})
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(200, headers={"Content-Type": "application/json"}, content=body)
    )
    profile = Profile(keys={"full": "k" * 20}, clients=(1, 2))
    results = run(Plan("http://127.0.0.1:9", profile, consent="read", selection="SHAPE-14", transport=transport))
    assert [each.verdict for each in results.outcomes] == [Verdict.NON_STRICT]
