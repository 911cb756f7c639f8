"""A run conforms only if it proves something; its verdict speaks of nothing outside its scope."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from tests.running import serving

import mavibot_contract
from mavibot_conformance.baseline import Known
from mavibot_conformance.plan import Plan, RunLevel
from mavibot_conformance.results import Conclusion, Results, Verdict
from mavibot_conformance.rules.trial import Trial
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_conformance.target.wire import UnreachableError
from mavibot_mock import Server, defects

from .stage import broken_run


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def test_a_right_server_conforms(server: Server) -> None:
    results = run(Plan(server.url, mock_profile(server.url), consent="send", selection="EQ-2,PRI-2"))
    assert (results.conclusion, results.reasons) == (Conclusion.CONFORMS, [])
    assert {each.verdict for each in results.outcomes} == {Verdict.PASS}


def test_deviations_are_named(server: Server) -> None:
    results = broken_run(server)
    assert results.conclusion is Conclusion.DEVIATES
    assert "AUTH-5 get_orders failed" in results.reasons
    assert not any("AUTH-5 message" in reason for reason in results.reasons)


def test_what_lacks_an_input_or_consent_is_out_of_scope(server: Server) -> None:
    profile = replace(mock_profile(server.url), webhook=None, control=None)
    results = run(Plan(server.url, profile, consent="read", selection="AUTH-8,HOOK-1,PRI-2,SHAPE-1"))
    outside = {each.rule for each in results.outcomes if not each.in_scope}
    assert {"HOOK-1", "PRI-2"} <= outside
    assert {each.reason for each in results.outcomes if each.rule == "HOOK-1"} == {"the profile lacks webhook"}
    assert all(each.verdict is Verdict.NOT_RUN for each in results.outcomes if not each.in_scope)
    assert all(action["effect"] == "read" for action in results.actions.values() if action["calls"])


@pytest.mark.parametrize("names", [{"clients:read"}, {"crm:read", "crm:write"}, {"none"}, set()])
def test_rules_about_keys_take_those_that_there_are(names: set[str], server: Server) -> None:
    profile = mock_profile(server.url)
    profile = replace(profile, keys={name: key for name, key in profile.keys.items() if name in {"full", *names}})
    results = run(Plan(server.url, profile, consent="send", selection="AUTH-4,AUTH-5,AUTH-7"))
    of_rule = {
        rule: {each.verdict for each in results.outcomes if each.rule == rule}
        for rule in ("AUTH-4", "AUTH-5", "AUTH-7")
    }
    assert of_rule["AUTH-7"] == {Verdict.PASS}
    assert (Verdict.PASS in of_rule["AUTH-4"]) == bool(names)
    assert (Verdict.PASS in of_rule["AUTH-5"]) == bool(names - {"none"})
    assert all(verdicts <= {Verdict.PASS, Verdict.NOT_RUN} for verdicts in of_rule.values())
    assert not any(each.in_scope for each in results.outcomes if each.verdict is Verdict.NOT_RUN)


def test_an_input_that_shows_its_lack_only_later_is_out_of_scope_too(server: Server) -> None:
    profile = replace(mock_profile(server.url), groups={"whatsapp": "34810"})
    results = run(Plan(server.url, profile, consent="send", selection="EQ-2"))
    lacking = {each.action for each in results.outcomes if not each.in_scope}
    assert lacking == {"vk_callback", "ok_callback"}
    assert results.conclusion is Conclusion.CONFORMS


def test_a_run_in_which_nothing_could_be_decided_is_inconclusive(server: Server) -> None:
    results = run(Plan(server.url, Profile(keys={"full": "demo-full"}), consent="send", selection="HOOK,TEN"))
    assert results.conclusion is Conclusion.INCONCLUSIVE
    assert results.reasons == ["only 0 of 0 outcomes in scope were decided"]


def test_a_server_that_refuses_everything_is_inconclusive() -> None:
    # Every call is refused, as AUTH-1 wants it: that alone proves nothing.
    refusing = httpx2.MockTransport(lambda _request: httpx2.Response(400, json={"status": "fail", "message": "no"}))
    plan = Plan("http://127.0.0.1:9", Profile(keys={"full": "k"}), consent="send", selection="AUTH-1")
    results = run(replace(plan, transport=refusing))
    assert results.conclusion is Conclusion.INCONCLUSIVE
    assert "get_clients never succeeded" in results.reasons


def test_a_server_that_does_not_answer_ends_the_run() -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("no", request=request)

    plan = Plan("http://127.0.0.1:9", Profile(keys={"full": "k"}), level=RunLevel.SMOKE, consent="send")
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9 does not answer"):
        run(replace(plan, transport=httpx2.MockTransport(refuse)))


def _known(expires: date, *rules: str) -> list[Known]:
    return [Known("ticket 41", expires, rule=rule) for rule in rules]


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("baseline", "conclusion", "reason"),
    [
        (_known(date(2099, 1, 1), "AUTH-5"), Conclusion.CONFORMS, None),
        (_known(date(2020, 1, 1), "AUTH-5"), Conclusion.DEVIATES, "AUTH-5 is known, but expired"),
        (
            _known(date(2099, 1, 1), "AUTH-5", "EQ-2"),
            Conclusion.DEVIATES,
            "EQ-2 passes now; take it out of the baseline",
        ),
    ],
)
def test_a_baseline(server: Server, baseline: list[Known], conclusion: Conclusion, reason: str | None) -> None:
    results: Results = broken_run(server, baseline=baseline, today=date(2030, 1, 1))
    assert results.conclusion is conclusion
    assert reason is None or reason in results.reasons
    # They are looked for all the same.
    assert any(each.verdict is Verdict.FAIL for each in results.outcomes if each.rule == "AUTH-5")


def _divide_by_zero(t: Trial) -> None:
    t.ok("get_clients")
    t.observe(str(1 // 0))


def test_a_rule_that_breaks_is_no_fault_of_the_server(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(server.url, mock_profile(server.url), consent="send", selection="EQ-2,PRI-2")
    cases = [
        (replace(rule, run=_divide_by_zero) if rule.id == "PRI-2" else rule, action) for rule, action in plan.cases()
    ]
    monkeypatch.setattr(Plan, "cases", lambda _: cases)
    results = run(plan)
    [outcome] = [each for each in results.outcomes if each.rule == "PRI-2"]
    assert outcome.verdict is Verdict.ERROR
    assert outcome.reason is not None
    assert outcome.reason.startswith("ZeroDivisionError: ")
    assert "test_verdicts.py:" in outcome.reason
    assert results.conclusion is Conclusion.ERROR
    assert results.reasons == [f"PRI-2 broke: {outcome.reason}"]
    assert {each.verdict for each in results.outcomes if each.rule == "EQ-2"} == {Verdict.PASS}


class _OddVariables(httpx2.BaseTransport):
    """Passes all calls on, except those of `get_variables`."""

    def __init__(self, answer: Callable[[httpx2.Request], httpx2.Response]) -> None:
        self._inner = httpx2.HTTPTransport()
        self._answer = answer

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        is_odd = request.url.path.endswith("/get_variables")
        return self._answer(request) if is_odd else self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


class _Plain(httpx2.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b"{}"


def _endless() -> Iterator[bytes]:
    while True:
        yield b" " * 1_000_000


def _reset(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ReadError("connection reset", request=request)


_JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            lambda _: httpx2.Response(200, headers={**_JSON, "Content-Encoding": "gzip"}, stream=_Plain()),
            "Content-Encoding",
        ),
        (lambda _: httpx2.Response(200, headers=_JSON, content=b"[" * 100_000 + b"]" * 100_000), "[[["),
        (lambda _: httpx2.Response(200, headers=_JSON, content=_endless()), "more than 16,000,000 bytes"),
        (lambda _: httpx2.Response(200, headers={"Content-Type": "text/html; charset=klingon"}, content=b"<p>"), "<p>"),
        (lambda _: httpx2.Response(200, headers=_JSON, content=b'{"\\ud800": 1}'), "half of a surrogate pair"),
        (_reset, "connection reset"),
        (lambda _: httpx2.Response(302, headers={"Location": "/login?next=x"}), "302 to /login?next=x"),
    ],
    ids=["encoding", "nesting", "endless", "charset", "surrogate", "reset", "redirect"],
)
def test_a_reply_that_cannot_be_read_is_a_finding_for_its_call(
    server: Server, answer: Callable[[httpx2.Request], httpx2.Response], says: str
) -> None:
    profile = mock_profile(server.url)
    plan = Plan(server.url, profile, consent="send", selection="SHAPE-1,EQ-2", transport=_OddVariables(answer))
    results = run(plan)
    assert [each.name for each in results.outcomes if each.verdict is Verdict.ERROR] == []
    [found] = [each for each in results.outcomes if each.name == "SHAPE-1 get_variables"]
    assert found.verdict is Verdict.FAIL
    assert says in str(found.got)
    others = {each.verdict for each in results.outcomes if each.rule == "SHAPE-1" and each.action != "get_variables"}
    assert Verdict.PASS in others


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (httpx2.ReadError("[Errno 104] Connection reset by peer"), "Connection reset by peer"),
        (httpx2.RemoteProtocolError("illegal status line: bytearray(b'kHTTP/1.1 200 OK')"), "kHTTP/1.1 200 OK"),
    ],
    ids=["reset", "protocol"],
)
def test_a_call_without_a_reply_is_told_in_words_of_the_wire(
    server: Server, error: httpx2.TransportError, says: str
) -> None:
    def fail(_: httpx2.Request) -> httpx2.Response:
        raise error

    plan = Plan(
        server.url, mock_profile(server.url), consent="send", selection="SHAPE-1", transport=_OddVariables(fail)
    )
    [found] = [each for each in run(plan).outcomes if each.name == "SHAPE-1 get_variables"]
    assert str(found.got).startswith("no reply that can be read: ")
    assert str(found.got).endswith(says)
    assert not any(word in str(found.got) for word in ("Errno", "Error", "bytearray", "599"))


@pytest.mark.heavy
def test_a_post_that_lacks_what_it_is_known_by_is_told_as_one() -> None:
    with defects.applied("text-lost-beside-a-file"), Server() as server:
        results = run(Plan(server.url, mock_profile(server.url), consent="send", selection="HOOK-18"))
    [lost] = [each for each in results.outcomes if each.action == "message"]
    assert re.fullmatch(r"a post that holds cnf\w+", str(lost.expected))
    assert re.match(r"\d+ posts without it, of which the last is \{", str(lost.got))


def test_a_lost_connection_settles_nothing(server: Server) -> None:
    selection = "AUTH-1,AUTH-6,ERR,ROB-9,ROB-10"
    transport = _OddVariables(_reset)
    results = run(Plan(server.url, mock_profile(server.url), consent="send", selection=selection, transport=transport))
    about = [each for each in results.outcomes if each.action == "get_variables"]
    assert {each.verdict for each in about if each.rule in ("AUTH-1", "ROB-9", "ROB-10")} == {Verdict.FAIL}
    assert Verdict.INFO not in {each.verdict for each in about}
    assert [each.seen for each in results.assumptions if "no reply" in (each.seen or "")] == []
    [finding] = [each for each in results.findings if "get_variables" in each.cause]
    assert finding.cause == "get_variables breaks: no reply that can be read: connection reset"


def test_a_server_that_gives_no_reply_at_all_ends_the_run() -> None:
    transport = httpx2.MockTransport(_reset)
    plan = Plan("http://127.0.0.1:9", Profile(keys={"full": "k"}, clients=(1,)), consent="send", transport=transport)
    with pytest.raises(UnreachableError, match=r"does not answer: no reply that can be read: connection reset"):
        run(plan)


def test_what_fails_by_the_same_reply_everywhere_is_one_finding() -> None:
    def crash(request: httpx2.Request) -> httpx2.Response:
        known = request.url.path.rsplit("/", 1)[-1] in mavibot_contract.load().actions
        return httpx2.Response(500 if known else 404, json={"status": "fail", "message": "oops"})

    profile = Profile(keys={"full": "k"}, clients=(1, 2))
    plan = Plan("http://127.0.0.1:9", profile, consent="send", transport=httpx2.MockTransport(crash))
    results = run(plan)
    worst = results.findings[0]
    assert re.fullmatch(r"\d+ actions break: 500 \{.*oops.*\}", worst.cause)
    assert len(results.findings) < 10
    told = [name for each in results.findings for name in (*each.outcomes, *each.blocked)]
    assert len(told) == len(set(told))


def test_headers_of_ten_megabytes_are_a_finding_for_their_call() -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if "/get_variables" in self.path:
                self.send_header("X-Long", "x" * 10_000_000)
            self.send_header("Content-Type", "application/json")
            with suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(b'{"status": "success"}')

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(listening):
        url = f"http://127.0.0.1:{listening.server_port}"
        results = run(Plan(url, Profile(keys={"full": "k"}, clients=(1,)), selection="AUTH-8,AUTH-9"))
    broken, other = results.outcomes
    assert (broken.name, broken.verdict) == ("AUTH-8", Verdict.FAIL)
    assert "no reply that can be read" in str(broken.got)
    assert (other.name, other.verdict) == ("AUTH-9", Verdict.INFO)
