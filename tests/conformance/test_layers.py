"""The layers of schemathesis: silent on the clean mock, repeatable, guarded, without the key, and they find defects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import pytest
import requests
from tests.running import serving

import mavibot_contract
from mavibot_conformance.engine import checks, fuzz
from mavibot_conformance.engine.examples import with_examples
from mavibot_conformance.engine.layers import run_layers
from mavibot_conformance.engine.transport import guarded_sessions
from mavibot_conformance.plan import Plan, RunLevel
from mavibot_conformance.target import guard
from mavibot_conformance.target.clock import comes_true
from mavibot_conformance.target.guard import Guard
from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_mock import Project, Server, defects

from .stage import spellings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mavibot_conformance.results import LayerResult
    from mavibot_contract import Effect

pytestmark = pytest.mark.heavy

_ROOT = Path(__file__).parents[2]
_CANARY = "canary-0123456789abcdef"


@pytest.fixture(autouse=True)
def few_random_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "_RANDOM_CASES", 10)
    monkeypatch.setattr(fuzz, "_SEQUENCES", 3)


class Recorder(Guard):
    """A guard that remembers what it let through."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan.url, consent=plan.consent, clients=plan.profile.clients, channel=plan.profile.channel)
        self.sent: list[tuple[str, bytes]] = []

    def check(self, url: str, body: bytes) -> None:
        super().check(url, body)
        parts = urlsplit(url)
        self.sent.append((f"{parts.path}?{parts.query}", body))

    @property
    def actions(self) -> set[str]:
        """The actions that were called."""
        return {path.split("?")[0].rsplit("/", 1)[-1] for path, _ in self.sent}


def layers(
    url: str, *actions: str, names: tuple[str, ...] = (fuzz.COVERAGE,), consent: Effect = "send", seed: int = 1
) -> tuple[dict[str, LayerResult], Recorder]:
    """Run layers over a few actions, in this process."""
    plan = Plan(url, mock_profile(url), consent=consent, seed=seed, calls_per_second=10_000)
    recorder = Recorder(plan)
    operations = [each for action in actions for each in mavibot_contract.load().actions[action].values()]
    found = fuzz.run_schemathesis(plan, recorder, names, operations, lambda _operation, _calls: None)
    return {layer.name: layer for layer in found}, recorder


@contextmanager
def answering(status: int, body: bytes, *, echo: bool = False, content_type: str = "application/json") -> Iterator[str]:
    """Run a server that always answers the same, or also repeats address and password of the call; yield its URL.

    Beside a body the address is repeated in Base64 and hexadecimal too.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told = f"{self.path} {self.headers.get('Authorization', '')}"
            path = self.path.encode()
            encoded = b64encode(path) + b" " + path.hex().encode() if body else b""
            content = body + told.encode() + encoded if echo else body
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            if echo:
                self.send_header("X-Address", self.path)
                self.send_header("X-Encoded", encoded.decode())
                self.send_header(f"X-Shouted-{self.path.upper().replace('/', '-')}", self.path.upper())
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - as the base class wants it

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}"


def schemathesis(url: str, *arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run plain `schemathesis run` with the configuration of the repository."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(_ROOT / "schemathesis.toml"), "run"]
    return subprocess.run(
        [*command, str(_ROOT / "generated" / "mavibot_api" / "openapi.json"), "--seed", "1", *arguments],
        env={**os.environ, "MAVIBOT_BASE_URL": url, "MAVIBOT_API_KEY": _CANARY, **variables},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


# What the layers find


def test_the_clean_mock_is_silent_and_every_operation_succeeds() -> None:
    names = (fuzz.COVERAGE, fuzz.FUZZ)
    with Server() as server:
        found, _ = layers(server.url, "save_variables", "check_whatsapp", "create_order", names=names)
    operations = {"POST /save_variables", "GET /check_whatsapp", "POST /check_whatsapp", "POST /create_order"}
    for layer in found.values():
        assert (layer.failures, layer.non_strict, layer.errors) == ([], [], [])
        # Further ones read back what was written.
        assert layer.successes.keys() >= operations
        assert all(layer.calls[each] >= 10 for each in operations)


@pytest.mark.parametrize(
    ("defect", "action", "check"),
    [
        ("unknown-key-accepted", "get_variables", "KeysAreEnforced"),
        ("client-read-implies-crm-read", "get_orders", "KeysAreEnforced"),
        ("second-deal-is-the-first", "create_order", "WritesAreRead"),
        # The limit stands beside another parameter of a GET.
        ("history-takes-2001", "get_history", "invalid_calls_are_refused_or_noticed"),
        ("only-299-platform-ids", "send_callback_by_platform_id", "valid_calls_are_accepted"),
        ("huge-id-crashes", "get_variables", "not_a_server_error"),
    ],
)
def test_a_defect_is_found_by_its_check(defect: str, action: str, check: str) -> None:
    with defects.applied(defect), Server() as server:
        found, _ = layers(server.url, action)
    layer = found[fuzz.COVERAGE]
    is_strict = check not in checks.NON_STRICT
    assert {each["check"] for each in layer.failures} == ({check} if is_strict else set())
    assert {each["check"] for each in layer.non_strict} == (set() if is_strict else {check})


def test_an_empty_value_need_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def contract(calls: Any) -> dict[str, Any]:
        """Return the contract without aliases, where every variable is empty."""
        document = with_examples(calls)
        document["paths"]["/save_variables"]["post"]["parameters"] = []
        schemas = document["components"]["schemas"]
        schemas["Variables"] |= {"minProperties": 1}
        schemas["VariableName"] = {"type": "string", "pattern": "^[A-Z]{1,9}$"}
        schemas["VariableValue"] = {"enum": ["", None]}
        return document

    monkeypatch.setattr(fuzz, "with_examples", contract)
    with Server() as server:
        found, recorder = layers(server.url, "save_variables", names=(fuzz.FUZZ,))
    assert found[fuzz.FUZZ].successes["POST /save_variables"]
    assert any(b'": ""}' in body for _, body in recorder.sent)
    assert found[fuzz.FUZZ].failures == []


@pytest.mark.parametrize("query", ["message=0&phone=0&k=0.0", "message=x&phone=79001234567&time_shift=5&a=&b=1"])
def test_a_broken_call_that_its_url_made_valid_may_succeed(query: str) -> None:
    case = SimpleNamespace(operation=SimpleNamespace(method="get", path="/whatsapp_callback"))
    request = SimpleNamespace(url=f"http://127.0.0.1/api/API_KEY/whatsapp_callback?{query}")
    check: Any = checks.invalid_calls_are_refused_or_noticed
    assert check(None, SimpleNamespace(headers={}, request=request), case) is None


def test_what_was_written_may_show_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    looks = iter([False] * 9 + [True])
    assert comes_true(lambda: next(looks))
    assert round(sum(slept)) == 2


def test_where_calls_are_spaced_random_ones_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "_MOST_SPACED_CALLS", 5)
    with Server() as server:
        found, _ = layers(server.url, "create_order", names=(fuzz.COVERAGE, fuzz.FUZZ))
    assert sum(found[fuzz.COVERAGE].calls.values()) > 50
    assert 5 < sum(found[fuzz.FUZZ].calls.values()) < 50


def test_a_reply_is_explained_by_its_status_and_the_place_of_the_mistake() -> None:
    with defects.applied("order-ids-as-texts"), Server() as server:
        url = server.url
        found, _ = layers(url, "get_orders")
    [failure] = found[fuzz.COVERAGE].failures
    assert failure["operation"] == "GET /get_orders"
    assert failure["message"].endswith('order_id/0: "1" is not of type "integer"')
    assert f'{url}/api/"$MAVIBOT_API_KEY"/get_orders?client_id=' in failure["curl"].replace("'", "")


def test_an_operation_that_never_succeeds_is_an_error() -> None:
    with Server() as server, answering(401, b'{"status": "fail", "message": "no such key"}') as refusing:
        plan = Plan(refusing, replace(mock_profile(server.url), channel=None, control=None), consent="send")
        operations = list(mavibot_contract.load().actions["get_variables"].values())
        [layer] = fuzz.run_schemathesis(plan, plan.guard(), [fuzz.COVERAGE], operations, lambda *_: None)
    assert layer.failures == []
    assert layer.errors == ["GET /get_variables never succeeded"]


@pytest.mark.parametrize(
    ("action", "body", "content_type"),
    [
        ("find_client_id_by_platform_id", b'{"status": "platform_ids is required"}', "application/json"),
        ("add_to_list", b'{"status": "no such list"}', "application/json"),
        ("add_to_list", b"ok", "text/plain"),
    ],
)
def test_a_reply_that_the_document_does_not_show_may_have_words_of_its_own(
    action: str, body: bytes, content_type: str
) -> None:
    found = _checks_that_fail(action, body, content_type)
    assert found.isdisjoint({"replies_keep_the_contract", "content_types_keep_the_contract"})


def test_one_that_it_shows_may_not() -> None:
    assert "content_types_keep_the_contract" in _checks_that_fail("create_order", b"ok", "text/html")
    assert "replies_keep_the_contract" in _checks_that_fail(
        "create_order", b'{"status": "success"}', "application/json"
    )


def _checks_that_fail(action: str, body: bytes, content_type: str) -> set[str]:
    with Server() as server, answering(200, body, content_type=content_type) as url:
        plan = Plan(url, replace(mock_profile(server.url), channel=None, control=None), consent="send")
        operations = list(mavibot_contract.load().actions[action].values())
        [layer] = fuzz.run_schemathesis(plan, plan.guard(), [fuzz.COVERAGE], operations, lambda *_: None)
    assert sum(layer.calls.values()) > 0
    return {failure["check"] for failure in layer.failures}


# The same again


def test_the_same_seed_gives_the_same_requests() -> None:
    def requests(seed: int) -> list[tuple[str, bytes]]:
        with Server() as server:
            names = (fuzz.COVERAGE, fuzz.FUZZ, fuzz.STATEFUL)
            return layers(server.url, "create_order", "get_order_state", names=names, seed=seed)[1].sent

    first = requests(1)
    assert len(first) > 200
    assert requests(1) == first
    assert requests(2) != first


def test_on_a_mock_the_operations_are_split_over_processes_with_projects_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = []
    with Server() as server:
        plan = Plan(server.url, mock_profile(server.url), level=RunLevel.COVERAGE, consent="read")
        before = len(server.platform.projects)
        made = []
        add = server.platform.add

        def noted(project: Project) -> None:
            made.append(project.id)
            add(project)

        monkeypatch.setattr(server.platform, "add", noted)
        recorder = Recorder(plan)
        [layer] = run_layers(plan, recorder, lambda operation, calls: heard.append((operation, calls)))
        assert len(server.platform.projects) == before  # they take theirs away again
    reads = {
        f"{method} /{action}"
        for action, operations in mavibot_contract.load().actions.items()
        for method, operation in operations.items()
        if operation.effect == "read"
    }
    assert layer.failures == []
    assert layer.calls.keys() == reads
    assert {operation for operation, _ in heard} == reads
    assert len(made) == 4  # two projects a process: the second is for isolation
    assert recorder.sent == []


def test_a_server_without_a_port_is_refused() -> None:
    plan = Plan(
        "http://mock",
        Profile(keys={"full": "k"}),
        level=RunLevel.FULL,
        transport=httpx2.MockTransport(lambda _request: httpx2.Response(200)),
    )
    with pytest.raises(ValueError, match="level: full needs a server that listens on a port"):
        run_layers(plan, plan.guard(), lambda *_: None)


# Safety


def test_only_what_the_consent_covers_is_sent() -> None:
    with Server() as server:
        found, recorder = layers(server.url, "get_variables", "clear_history", "message", consent="read")
    assert recorder.actions == {"get_variables"}
    assert recorder.refused == 0
    assert found[fuzz.COVERAGE].calls.keys() == {"GET /get_variables"}


def test_the_guard_is_asked_at_the_socket() -> None:
    with Server() as server:
        plan = Plan(server.url, mock_profile(server.url), consent="send")
        careful = Recorder(replace(plan, consent="read"))
        operations = [
            each for name in ("message", "get_history") for each in mavibot_contract.load().actions[name].values()
        ]
        fuzz.run_schemathesis(plan, careful, [fuzz.COVERAGE], operations, lambda *_: None)
    assert careful.actions == {"get_history"}
    assert careful.refused > 100


@pytest.mark.parametrize("name", [fuzz.COVERAGE, fuzz.FUZZ, fuzz.STATEFUL])
def test_off_this_machine_only_test_clients_are_reached(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (fuzz, guard):
        monkeypatch.setattr(module, "is_loopback", lambda _url: False)
    with Server() as server:
        found, recorder = layers(
            server.url, "save_variables", "get_history", "get_clients", names=(name,), consent="write"
        )
    assert found[name].failures == []
    assert found[name].errors == []
    bodies = [json.loads(body) for path, body in recorder.sent if path.split("?")[0].endswith("/save_variables")]
    assert bodies
    own = recorder._clients
    assert all(
        {str(each) for each in (body.get("client_id"), *body.get("clients", ())) if each} <= own for body in bodies
    )


def test_the_rate_holds_for_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = SimpleNamespace(sleep=slept.append, monotonic=time.monotonic)
    monkeypatch.setattr("mavibot_conformance.engine.transport.time", clock)
    with Server() as server:
        plan = Plan(server.url, mock_profile(server.url), consent="read", calls_per_second=0.001)
        operations = list(mavibot_contract.load().actions["get_messages"].values())
        [layer] = fuzz.run_schemathesis(plan, plan.guard(), [fuzz.COVERAGE], operations, lambda *_: None)
    # Nothing is really slept, so each call is due a thousand seconds later than the one before.
    assert [round(pause / 1000) for pause in slept] == list(range(sum(layer.calls.values())))


def test_a_call_without_an_answer_does_not_show_the_key() -> None:
    plan = Plan("http://127.0.0.1:9", Profile(keys={"full": _CANARY}, clients=(1,)), consent="read")
    operations = list(mavibot_contract.load().actions["get_messages"].values())
    [layer] = fuzz.run_schemathesis(plan, plan.guard(), [fuzz.COVERAGE], operations, lambda *_: None)
    assert layer.errors
    assert _CANARY not in str(layer)


def test_requests_is_as_before_after_a_run() -> None:
    def adapter() -> type:
        return type(requests.Session().get_adapter("http://127.0.0.1"))

    with guarded_sessions({"API_KEY": _CANARY}, Guard("http://127.0.0.1:9", consent="read")):
        assert adapter() is not requests.adapters.HTTPAdapter
    assert adapter() is requests.adapters.HTTPAdapter


def test_passwords_and_proxies_of_the_environment_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with answering(200, b"", echo=True) as url:
        keys = {"API_KEY": _CANARY}
        with guarded_sessions(keys, Guard(url, consent="read")), requests.Session() as session:
            response = session.get(f"{url}/api/API_KEY/get_messages")
    assert response.text == "/api/API_KEY/get_messages "
    assert "Authorization" not in response.request.headers


# Plain schemathesis


def test_no_report_of_plain_schemathesis_holds_the_key(tmp_path: Path) -> None:
    formats = ["junit", "har", "vcr", "ndjson", "json", "wfc", "pytest", "html"]
    options = ["--include-operation-id", "get_variables", "--max-examples", "5", "--report", ",".join(formats)]
    # Every call fails, and the server repeats the address with the key in body and header.
    with answering(200, b"no JSON: ", echo=True) as url:
        done = schemathesis(url, *options, "--report-dir", str(tmp_path / "reports"), cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "/api/API_KEY/get_variables" in done.stdout
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) >= len(formats)
    assert [file.name for file in files if spellings_of(_CANARY, file.read_text(encoding="latin-1"))] == []
    assert spellings_of(_CANARY, done.stdout + done.stderr) == []


def test_plain_schemathesis_tests_reads_alone_unless_more_is_agreed_to(tmp_path: Path) -> None:
    operations = sum(len(each) for each in mavibot_contract.load().actions.values())
    reads = sum(each.effect == "read" for every in mavibot_contract.load().actions.values() for each in every.values())
    for consent, count in ({}, reads), ({"MAVIBOT_CONFORMANCE_CONSENT": "send"}, operations):
        done = schemathesis("http://127.0.0.1:9", "--include-operation-id", "get_messages", cwd=tmp_path, **consent)
        assert f"1 selected / {count} total" in done.stdout


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"MAVIBOT_API_KEY": ""}, "MAVIBOT_API_KEY: the environment variable with the API key is not set"),
        ({"MAVIBOT_CONFORMANCE_CONSENT": "all"}, "MAVIBOT_CONFORMANCE_CONSENT: 'all' is none of read, write, send"),
        ({"MAVIBOT_CONFORMANCE_CLIENTS": "201 58"}, "MAVIBOT_CONFORMANCE_CLIENTS: must be numbers of clients"),
    ],
)
def test_a_wrong_setting_of_plain_schemathesis_is_named(
    variables: dict[str, str], message: str, tmp_path: Path
) -> None:
    done = schemathesis("http://127.0.0.1:9", cwd=tmp_path, **variables)
    assert done.returncode == 2
    assert message in " ".join(done.stdout.split())
