"""Servers that have only some actions: what they lack is said once, and never held against what they have."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx2
import pytest
from tests.cli.support import run
from tests.running import serving

from mavibot_cli import conformance_run
from mavibot_conformance import suite
from mavibot_conformance.plan import Plan, Target, UsageError, make_plan
from mavibot_conformance.results import Results, Verdict
from mavibot_conformance.target.profile import Profile

URL: Final = "http://127.0.0.1:9"
KEY: Final = "stand-in-key"
PAGE: Final = "<!doctype html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>"


class StandIn:
    """A bot's test double as people write them: four actions, and the framework's page for everything else."""

    def __init__(self, *, unknown: httpx2.Response | Callable[[str], httpx2.Response] | None = None) -> None:
        self.calls: list[str] = []
        self._unknown = unknown if callable(unknown) else lambda _action: unknown or httpx2.Response(404, html=PAGE)
        self._variables: dict[int, dict[str, Any]] = {1: {}, 2: {}}
        self._history: dict[int, list[dict[str, Any]]] = {1: [], 2: []}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        *_, key, action = request.url.path.split("/")
        self.calls.append(action)
        handler = getattr(self, f"_{action}", None)
        if handler is None:
            return self._unknown(action)
        if key != KEY:
            return httpx2.Response(401, json={"status": "fail", "message": "unknown key"})
        try:
            said = {**dict(request.url.params), **(json.loads(request.content) if request.content else {})}
            client_id = int(said["client_id"])
            if client_id not in self._history:
                return httpx2.Response(404, json={"status": "client_not_found"})
            status, body = handler(client_id, said)
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
            return httpx2.Response(400, json={"status": "fail", "message": "a parameter is missing or wrong"})
        # As sloppy as most: an infinite number is written as it is.
        return httpx2.Response(status, content=json.dumps(body), headers={"Content-Type": "application/json"})

    def _message(self, client_id: int, said: dict[str, Any]) -> tuple[int, Any]:
        if not said.get("message"):
            return 400, {"status": "fail", "message": "message: is required"}
        rows = self._history[client_id]
        rows.insert(0, {"id": len(rows) + 1, "text": said["message"], "client_replica": False, "created_at": 1})
        return 200, {"status": "success"}

    def _get_history(self, client_id: int, said: dict[str, Any]) -> tuple[int, Any]:
        return 200, {"status": "success", "result": self._history[client_id][: int(said.get("limit", 2000))]}

    def _save_variables(self, client_id: int, said: dict[str, Any]) -> tuple[int, Any]:
        self._variables[client_id] |= said["variables"]
        return 200, {"status": "success"}

    def _get_variables(self, client_id: int, _: dict[str, Any]) -> tuple[int, Any]:
        return 200, {name.removeprefix("client."): value for name, value in self._variables[client_id].items()}


def _run(server: StandIn, selection: str | None = None, **profile: Any) -> Results:
    known = Profile(keys={"full": KEY}, clients=(1, 2), **profile)
    plan = Plan(URL, known, consent="send", selection=selection, transport=httpx2.MockTransport(server))
    return suite.run(plan)


@pytest.mark.parametrize(
    "unknown",
    [
        httpx2.Response(404, html=PAGE),
        httpx2.Response(404, json={"error": "no such route"}),
        httpx2.Response(200, html="<h1>Welcome</h1>"),
        httpx2.Response(200, text="WRONG_ACTION"),
    ],
    ids=["page", "json", "welcome", "words"],
)
def test_what_is_not_there_is_out_of_scope(unknown: httpx2.Response) -> None:
    results = _run(StandIn(unknown=unknown))
    assert {"callback", "load_clients", "connected_channels"} <= set(results.not_offered)
    assert set(results.not_offered).isdisjoint({"message", "get_history", "save_variables", "get_variables"})
    judged = {each.name for each in results.outcomes if each.verdict in (Verdict.FAIL, Verdict.PASS)}
    assert judged
    lacking = [each for each in results.outcomes if each.action in results.not_offered]
    assert lacking
    assert all(each.verdict is Verdict.NOT_RUN and not each.in_scope for each in lacking)
    assert [each.name for each in results.outcomes if each.verdict is Verdict.ERROR] == []


def _told(action: str) -> dict[str, Any]:
    return {"status": "fail", "message": f"unknown action {action}", "request_id": secrets.token_hex(8)}


@pytest.mark.parametrize(
    "unknown",
    [
        lambda _: httpx2.Response(200, json={"status": "fail", "message": "unknown action"}),
        lambda action: httpx2.Response(200, json=_told(action)),
        lambda action: httpx2.Response(400, json=_told(action)),
        lambda action: httpx2.Response(400, json={"bad": action}),
        lambda _: httpx2.Response(200),
        lambda _: httpx2.Response(200, html=f"<h1>Visit {secrets.randbelow(10**9)}</h1>"),
        lambda _: httpx2.Response(500, html="<h1>Oops</h1>"),
        lambda _: httpx2.Response(302, headers={"Location": "/login"}),
        lambda _: httpx2.Response(403, json={"error": "forbidden"}),
    ],
    ids=["constant", "name", "id", "echo", "empty", "counter", "crash", "redirect", "forbidden"],
)
def test_other_answers_to_unknown_actions_are_understood(unknown: Callable[[str], httpx2.Response]) -> None:
    results = _run(StandIn(unknown=unknown), "AUTH-8,RYW-1,RYW-4,RYW-13,ERR-5")
    lacking = {action for rule in results.rules for action in rule["actions"]} - {
        *("message", "get_history", "save_variables", "get_variables")
    }
    assert set(results.not_offered).isdisjoint({"message", "get_history", "save_variables", "get_variables"})
    assert {"connected_channels", "create_order"} <= set(results.not_offered)
    assert {each.action for each in results.outcomes if each.verdict is Verdict.FAIL}.isdisjoint(lacking)


def test_what_was_said_before_an_action_was_missing_is_taken_back() -> None:
    # A wrong key is refused with the very words of an action that is not there.
    results = _run(StandIn(unknown=httpx2.Response(403, json={"error": "forbidden"})), "AUTH-1,RYW-4")
    assert "create_order" in results.not_offered
    [outcome] = [each for each in results.outcomes if each.name == "AUTH-1 create_order"]
    assert (outcome.verdict, outcome.in_scope) == (Verdict.NOT_RUN, False)


def test_a_bad_call_that_is_answered_as_an_unknown_action_is_no_missing_one() -> None:
    unknown = httpx2.Response(400, json={"status": "fail", "message": "a parameter is missing or wrong"})
    assert "get_variables" not in _run(StandIn(unknown=unknown), "ERR-5,RYW-1").not_offered


def test_a_second_run_says_what_the_first_said() -> None:
    server = StandIn()  # keeps what the first run leaves there
    first, second = (_run(server) for _ in range(2))
    assert [(each.name, each.verdict) for each in second.outcomes] == [
        (each.name, each.verdict) for each in first.outcomes
    ]
    assert sum(each.verdict is Verdict.PASS for each in first.outcomes) > 20


def test_nothing_is_sent_to_an_action_that_is_not_there() -> None:
    server = StandIn()
    results = _run(server)
    assert max(server.calls.count(action) for action in results.not_offered) <= 2


def test_a_clients_own_404_is_no_missing_action() -> None:
    assert "get_variables" not in _run(StandIn(unknown=httpx2.Response(404, text="{}"))).not_offered


def test_only_the_chosen_actions_are_called() -> None:
    server = StandIn()
    results = _run(server, actions=("message", "get_history"))
    assert {"message", "get_history"} <= set(server.calls)
    assert set(server.calls).isdisjoint(results.not_offered)
    assert {"get_variables", "callback"} <= set(results.not_offered)


def test_a_typo_in_the_chosen_actions_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAVIBOT_API_KEY", KEY)
    with pytest.raises(UsageError, match="actions: there is no action 'mesage'; did you mean 'message'"):
        make_plan(Target(url="https://staging.example", actions="mesage,callback"))


class Crashing(StandIn):
    """One action ends in the framework's page of a crash, which has a thousand lines."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self._crashing = action

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith(f"/{self._crashing}"):
            return httpx2.Response(500, html="<!doctype html>\n" + "<p>frame</p>\n" * 1000)
        return super().__call__(request)


def test_what_one_cause_breaks_is_one_finding() -> None:
    results = _run(Crashing("load_clients"), channel={"client_type": 1, "group_id": "bot"})
    [finding] = [each for each in results.findings if each.blocked]
    assert finding.cause == "load_clients breaks: 500 an HTML page"
    assert finding.kind == "fail"
    outcomes = {each.name: each for each in results.outcomes}
    assert "RYW-1" in finding.blocked
    assert all(outcomes[name].verdict is Verdict.NOT_RUN for name in finding.blocked)
    assert all(outcomes[name].reason == f"blocked: {finding.cause}" for name in finding.blocked)
    assert all("load_clients" in _judged(results, name) for name in finding.outcomes)
    told = [name for each in results.findings for name in (*each.outcomes, *each.blocked)]
    assert len(told) == len(set(told))
    assert any(reason.startswith(finding.cause) for reason in results.reasons)


def _judged(results: Results, name: str) -> list[str]:
    rule_id, _, action = name.partition(" ")
    [rule] = [each for each in results.rules if each["id"] == rule_id]
    return [action] if action else list(rule["actions"])


@pytest.mark.heavy
def test_the_report_of_a_poor_server_fits_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = Crashing("get_history")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = stand_in(httpx2.Request(self.command, f"{URL}{self.path}", content=body))
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST  # noqa: N815 - the name that the server looks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server):
        url = f"http://127.0.0.1:{server.server_port}"
        done = run("conformance", url, "--clients", "1,2", key=KEY)
        monkeypatch.setattr(conformance_run, "_MOST_LINES", 5)
        cut = run("conformance", url, "--clients", "1,2", key=KEY)
        whole = run("conformance", url, "--clients", "1,2", "--verbose", key=KEY)
    assert done.exit_code == cut.exit_code == whole.exit_code == 1
    assert len(done.stdout.splitlines()) + len(done.stderr.splitlines()) <= 60
    assert "get_history breaks: 500 an HTML page" in done.stdout
    assert "<p>" not in done.stdout
    [line] = [each for each in whole.stdout.splitlines() if "load_clients" in each and "not offered (" in each]
    assert "connected_channels" in line
    assert "the server does not offer load_clients" not in whole.stdout
    begun, note = cut.stdout.splitlines()[:5], cut.stdout.splitlines()[5]
    assert whole.stdout.splitlines()[:5] == begun
    assert "more lines: --verbose prints them" in note


class Shapeless(StandIn):
    """Its import answers success, and nothing that says whom it has made."""

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/load_clients"):
            return httpx2.Response(200, json={"status": "success"})
        return super().__call__(request)


def test_what_trips_over_the_reply_of_a_helper_is_blocked_too() -> None:
    results = _run(Shapeless(), channel={"client_type": 1, "group_id": "bot"})
    [finding] = [each for each in results.findings if each.blocked]
    assert finding.cause == "load_clients lacks 'items'"
    assert "RYW-1" in finding.blocked
    assert all("load_clients" in _judged(results, name) for name in finding.outcomes)
