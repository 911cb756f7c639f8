"""The reports that other tools read: HAR, NDJSON, GitHub's annotations and step summary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jsonschema_rs
import pytest
from tests.cli.support import run
from tests.running import serving

from mavibot_conformance.findings import find
from mavibot_conformance.plan import Plan
from mavibot_conformance.reports.github import summary, workflow_commands
from mavibot_conformance.reports.har import har
from mavibot_conformance.reports.ndjson import ndjson
from mavibot_conformance.results import Conclusion, LayerResult, Outcome, Results, Verdict
from mavibot_conformance.rules.rule import all_rules
from mavibot_conformance.suite import run as run_suite
from mavibot_conformance.target.mock import mock_profile
from mavibot_mock import Server

from .stage import Echo, broken_run, spellings_of
from .test_reports import HOSTILE, hostile

_TEXT = {"type": "string"}
_LIST = {"type": "array"}
#: What HAR 1.2 requires of an entry.
_ENTRY = {
    "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
    "properties": {
        "request": {
            "required": ["method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"]
        },
        "response": {
            "required": [
                *("status", "statusText", "httpVersion", "cookies", "headers"),
                *("content", "redirectURL", "headersSize", "bodySize"),
            ],
            "properties": {"content": {"required": ["size", "mimeType"]}},
        },
        "timings": {"required": ["send", "wait", "receive"]},
    },
}
_HAR = {
    "required": ["log"],
    "properties": {
        "log": {
            "required": ["version", "creator", "entries"],
            "properties": {
                "version": {"const": "1.2"},
                "creator": {"required": ["name", "version"], "properties": {"name": _TEXT, "version": _TEXT}},
                "pages": {"items": {"required": ["startedDateTime", "id", "title", "pageTimings"]}},
                "entries": {**_LIST, "items": _ENTRY},
            },
        }
    },
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def results(server: Server) -> Results:
    return broken_run(server)


def test_har_holds_the_calls_of_what_deviates(results: Results) -> None:
    document = json.loads(har(results))
    jsonschema_rs.Draft202012Validator(_HAR).validate(document)
    pages = {page["id"]: page for page in document["log"]["pages"]}
    assert pages["AUTH-5 create_order"]["title"].startswith("fail AUTH-5 create_order: A valid call with")
    calls = [each for each in document["log"]["entries"] if each["pageref"] == "AUTH-5 create_order"]
    assert {each["request"]["method"] for each in calls} == {"POST"}
    assert json.loads(calls[-1]["request"]["postData"]["text"])["name"]
    assert all("/api/API_KEY/" in each["request"]["url"] for each in document["log"]["entries"])
    started = [each["startedDateTime"] for each in calls]
    assert started == sorted(started)
    assert results.started[:10] <= started[0]


def test_each_line_of_ndjson_is_json_with_its_type(results: Results) -> None:
    lines = [json.loads(line) for line in ndjson(results).splitlines()]
    assert lines[0]["type"] == "run"
    assert lines[0]["conclusion"] == "deviates"
    kinds = [each["type"] for each in lines]
    assert kinds.count("outcome") == len(results.outcomes)
    assert kinds.count("statement") == len(results.statements)
    assert kinds.count("finding") == len(results.findings)
    failed = [each for each in lines if each["type"] == "outcome" and each["verdict"] == "fail"]
    assert {each["rule"] for each in failed} >= {"AUTH-5"}


def test_the_worst_is_annotated(results: Results) -> None:
    lines = workflow_commands(results).splitlines()
    assert lines
    assert lines[0].startswith("::error title=")
    [line] = [each for each in lines if "title=AUTH-5 for get_current_order_id%2C create_order::" in each]
    assert "%0Aexpected: get_current_order_id to be refused" in line
    assert len([each for each in lines if each.startswith("::error")]) <= 10


def test_a_failure_of_schemathesis_is_annotated() -> None:
    failure = {"operation": "POST /message", "check": "not_a_server_error", "message": "500", "curl": "curl"}
    layer = LayerResult("coverage", calls={"POST /message": 1}, failures=[failure])
    told = workflow_commands(Results(layers=[layer]))
    assert "::error title=POST /message%3A not_a_server_error::500%0Acurl" in told


def test_no_text_of_a_server_is_a_command_or_markup(results: Results) -> None:
    attacked = hostile(results)
    for line in workflow_commands(attacked).splitlines():
        assert line.startswith(("::error title=", "::warning title=", "::notice title="))
        assert line.count("\x1b") == 0
    text = summary(attacked)
    assert "<script" not in text
    assert "\x1b" not in text
    rows = [line for line in text.splitlines() if "FORGED" in line]
    assert len(rows) == 2  # of a rule, and of a check of schemathesis
    for row in rows:
        assert row.startswith("| fail | ")
        assert row.replace("\\|", "").count("|") == 6
    assert HOSTILE not in text


def test_the_summary_says_what_counts(results: Results) -> None:
    text = summary(results)
    assert text.startswith("## ❌ ")
    assert "deviates from the contract" in text
    assert "- statements of the document: " in text
    assert "AUTH-5 for get&#95;current&#95;order&#95;id, create&#95;order" in text


def test_ten_of_each_kind_are_annotated() -> None:
    rule = next(each for each in all_rules() if each.id == "EQ-2")
    outcomes = [
        Outcome("EQ-2", f"{verdict} {number}", Verdict(verdict))
        for verdict in ("fail", "non-strict", "error")
        for number in range(12)
    ]
    failure = {"operation": "POST /message", "check": "not_a_server_error", "message": "500", "curl": "curl"}
    results = Results(
        conclusion=Conclusion.INCONCLUSIVE,
        rules=[rule.as_record()],
        outcomes=outcomes,
        findings=find(outcomes),
        layers=[LayerResult("coverage", failures=[failure] * 12)],
    )
    lines = workflow_commands(results).splitlines()
    assert [line.split()[0] for line in lines] == ["::error"] * 10 + ["::warning"] * 10
    assert lines[0].startswith("::error title=EQ-2 fail 0::")
    assert "inconclusive" in lines[10]


def test_a_bad_server_fills_no_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(500)
            self.end_headers()
            # Each action has another reply, so that there are many findings; by its name it would be an unknown one's.
            initials = "".join(word[:1] for word in self.path.rpartition("/")[2].partition("?")[0].split("_"))
            self.wfile.write(f"##[error file=x]pwned\n::stop-commands::{initials}".encode())

        do_GET = do_POST  # noqa: N815 - the name that the server looks for

        def log_message(self, *_: object) -> None:
            pass

    step = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(listening):
        done = run("conformance", f"http://127.0.0.1:{listening.server_port}", "--clients", "1,2", "--github")
    assert done.exit_code == 1
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    assert len(lines) <= 60
    assert sum(line.startswith("::error title=") for line in lines) == 10
    assert "pwned" in done.stdout
    told = [line for line in lines if not line.startswith(("::error title=", "::warning title="))]
    for line in (*told, *step.read_text(encoding="utf-8").splitlines()):
        assert not line.lstrip().startswith("::")
    assert "##[" not in done.output + step.read_text(encoding="utf-8")


@pytest.mark.parametrize("report", [har, ndjson, workflow_commands, summary])
def test_a_report_of_nothing_can_be_made(report: object) -> None:
    assert callable(report)
    assert isinstance(report(Results()), str)


@pytest.mark.heavy
def test_no_key_is_in_them(server: Server) -> None:
    profile = mock_profile(server.url)
    plan = Plan(server.url, profile, consent="send", selection="AUTH-5,TEN", transport=Echo())
    results = run_suite(plan)
    for text in (har(results), ndjson(results), workflow_commands(results), summary(results)):
        assert [found for key in profile.keys.values() for found in spellings_of(key[1:-1], text)] == []


def test_the_command_writes_them(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = tmp_path / "summary.md"
    step.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    files = {name: str(tmp_path / name) for name in ("calls.har", "lines.ndjson")}
    done = run(
        *("conformance", server.url, "--rules", "AUTH-8,FIND-14", "--github", "-q"),
        *("--har", files["calls.har"], "--ndjson", files["lines.ndjson"]),
    )
    assert done.exit_code == 0, done.output
    assert step.read_text(encoding="utf-8").startswith("before\n## ✅ ")
    entries = json.loads(Path(files["calls.har"]).read_text(encoding="utf-8"))["log"]["entries"]
    assert {each["pageref"] for each in entries} == {"FIND-14"}
    assert (
        json.loads(Path(files["lines.ndjson"]).read_text(encoding="utf-8").splitlines()[0])["conclusion"] == "conforms"
    )


def test_a_summary_that_cannot_be_written_is_told(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "nowhere" / "summary.md"))
    done = run("conformance", server.url, "--rules", "AUTH-8", "--github", "-q")
    assert done.exit_code == 0
    assert "GITHUB_STEP_SUMMARY: cannot be written: No such file or directory" in done.stderr


def test_another_version_of_schemathesis_is_one_line(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mavibot_conformance.engine.version.version", lambda _name: "4.99.0")
    done = run("conformance", server.url, "--level", "coverage")
    assert done.exit_code == 2
    assert "schemathesis 4.99.0 is installed, and the layers need 4." in done.stderr
    assert "mavibot-env/bin/pip install 'mavibot[conformance]'" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
