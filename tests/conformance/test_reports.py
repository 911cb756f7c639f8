"""Every report says what the results say, is made from them alone, and never holds a key."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema_rs
import pytest
from rich.console import Console
from tests.cli.support import drives_a_terminal
from tests.running import needs_curl

from mavibot_cli import conformance_report
from mavibot_conformance.baseline import Known
from mavibot_conformance.findings import find
from mavibot_conformance.plan import Plan
from mavibot_conformance.reports import files
from mavibot_conformance.reports.difference import difference
from mavibot_conformance.reports.github import summary, workflow_commands
from mavibot_conformance.reports.html import page
from mavibot_conformance.reports.junit import junit
from mavibot_conformance.reports.ndjson import ndjson
from mavibot_conformance.reports.summary import scope
from mavibot_conformance.results import Assumption, LayerResult, Outcome, Results, Statement, Verdict
from mavibot_conformance.rules.rule import all_rules
from mavibot_conformance.suite import run
from mavibot_conformance.target.exchange import Exchange
from mavibot_conformance.target.mock import mock_profile
from mavibot_mock import Server

from .stage import REMOTE, Echo, broken_run, spellings_of

HOSTILE = "<script>alert(1)</script>\x00\x1b[2J\x9b2J\u202e\ud800\nfail FORGED-1 & \"'"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def results(server: Server) -> Results:
    baseline = [
        Known("ticket 41", date(2099, 1, 1), rule="AUTH-5", action="get_orders"),
        Known("gone", date(2099, 1, 1), rule="EQ-2"),
    ]
    return broken_run(server, baseline=baseline)


def shown(what: Any, width: int = 200) -> str:
    console = Console(width=width, record=True, file=Path(os.devnull).open("w"), markup=False)  # noqa: SIM115
    with console.file:
        console.print(what)
    return console.export_text()


def text_of(html: str) -> str:
    class Reader(HTMLParser):
        text = ""

        def handle_data(self, data: str) -> None:
            self.text += f"{data} "

    reader = Reader()
    reader.feed(html)
    return " ".join(reader.text.split())


def hostile(results: Results) -> Results:
    """Return results in which every text of the server is an attack."""
    outcome = replace(
        next(each for each in results.outcomes if each.verdict is Verdict.FAIL),
        expected=HOSTILE,
        got=HOSTILE,
        notes=[HOSTILE],
        curl=HOSTILE,
        cause=HOSTILE,
    )
    outcome.dialogue = [{**outcome.dialogue[0], "reply": HOSTILE, "sent": HOSTILE, "url": HOSTILE}]
    failure = {"operation": "POST /message", "check": "x", "message": HOSTILE, "curl": HOSTILE}
    layer = LayerResult("coverage", calls={"POST /message": 1}, failures=[failure], errors=[HOSTILE])
    seen = Assumption("/a", HOSTILE, "refuted", HOSTILE, outcome.rule)
    return replace(
        results, outcomes=[outcome], findings=find([outcome]), layers=[layer], assumptions=[seen], reasons=[HOSTILE]
    )


# results.json


def test_results_fit_their_schema_and_come_back_the_same(results: Results, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    files.write_results(results, file)
    jsonschema_rs.Draft202012Validator(files.schema()).validate(json.loads(file.read_text()))
    assert files.read_results(file) == results


def test_a_lone_surrogate_of_a_reply_is_written_as_its_escape(results: Results, tmp_path: Path) -> None:
    outcome = replace(results.outcomes[0], expected="a \ud800", got="\udfff b", cause="c \ud800")
    odd = replace(results, outcomes=[outcome], findings=find([outcome]), reasons=["d \udc00"])
    files.write_results(odd, tmp_path / "results.json")
    for text in ((tmp_path / "results.json").read_text(encoding="utf-8"), *ndjson(odd).splitlines()):
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    assert files.read_results(tmp_path / "results.json").outcomes[0].expected == "a \\ud800"


def test_the_schema_knows_every_field(results: Results) -> None:
    schema = files.schema()
    assert schema["properties"].keys() == results.as_json().keys()
    assert schema["$defs"]["outcome"]["properties"].keys() == results.as_json()["outcomes"][0].keys()
    assert schema["properties"]["version"]["const"] == results.version


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 1}, "is of version 1; this mavibot reads 2"),
        ({"seed": "1"}, "seed: "),
        ({"outcomes": [{"rule": "EQ-1"}]}, "outcomes/0: "),
        ({"extra": 1}, "the document: "),
    ],
)
def test_what_is_no_results_file_is_told(change: dict[str, Any], says: str, results: Results, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    file.write_text(json.dumps(results.as_json() | change))
    with pytest.raises(ValueError, match=f"r.json: .*{re.escape(says)}"):
        files.read_results(file)


@pytest.mark.parametrize("text", ["", "[", "[" * 5_000 + "]" * 5_000, "[" * 100_000 + "]" * 100_000, "\ufeff{}"])
def test_a_file_that_cannot_be_read_as_json_is_told(text: str, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"r\.json: is not JSON"):
        files.read_results(file)


def test_half_of_a_character_can_be_written(results: Results, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    files.write_results(hostile(results), file)
    assert files.read_results(file).outcomes[0].got is not None


# Terminal


def test_the_terminal_tells_each_failure_with_source_and_curl(results: Results) -> None:
    text = shown(conformance_report.tree(results))
    assert "fail AUTH-5 for get_current_order_id, create_order" in text
    assert "known AUTH-5 get_orders" in text
    assert "expected  get_current_order_id to be refused" in text
    assert "source    document section 'How to generate an API key'" in text
    assert "$MAVIBOT_API_KEY" in text
    assert "not run (1): the profile lacks webhook" in text
    assert "baseline: EQ-2: passes (until 2099-01-01: gone)" in text
    assert "Statements of the document: " in text
    assert "AUTH-5 message" not in text
    assert "deviates from the contract" in shown(conformance_report.verdict(results))


def _finding(rule: str, verdict: Verdict, cause: str | None, results: Results) -> Outcome:
    known = next(each for each in results.outcomes if each.rule == rule)
    return replace(known, verdict=verdict, cause=cause, expected="e", got="g", dialogue=[])


def test_the_worst_outcome_heads_a_finding_and_its_source_is_that_of_the_action(results: Results) -> None:
    cause = "get_variables lacks 'x'"
    outcomes = [_finding("EQ-2", Verdict.NON_STRICT, cause, results), _finding("AUTH-6", Verdict.FAIL, cause, results)]
    text = shown(conformance_report.tree(replace(results, outcomes=outcomes, findings=find(outcomes))))
    told = text.partition(f"fail {cause}")[2].partition("also")[0]
    assert "met by    AUTH-6 " in told
    assert "source    document section 'Retrieve variables'" in told
    assert not [rule["title"] for rule in results.rules if rule["title"] in told]


def test_a_missed_part_of_a_must_says_why_it_is_no_failure(results: Results) -> None:
    missed = replace(results, outcomes=[_finding("EQ-2", Verdict.NON_STRICT, None, results)])
    missed = replace(missed, findings=find(missed.outcomes))
    [title] = [rule["title"] for rule in results.rules if rule["id"] == "EQ-2"]
    why = "no failure: no source states this part of the rule, whose other parts are a MUST"
    text = " ".join(shown(conformance_report.tree(missed)).replace("│", "").replace("├──", "").split())
    assert f"SHOULD {title} and {why} expected e" in text
    assert why in text_of(page(missed))
    assert f"SHOULD: {title}%0A{why}" in workflow_commands(missed)
    failed = replace(missed, outcomes=[_finding("EQ-2", Verdict.FAIL, None, results)])
    assert why not in shown(conformance_report.tree(replace(failed, findings=find(failed.outcomes))))


def test_copies_are_told_once_with_the_names_of_the_actions(results: Results) -> None:
    one = _finding("EQ-2", Verdict.FAIL, None, results)
    outcomes = [replace(one, action=each) for each in ("callback", "message")]
    text = shown(conformance_report.tree(replace(results, outcomes=outcomes, findings=find(outcomes))))
    told = text.partition("fail EQ-2 for callback, message")[2].partition("The same call")[0]
    assert next(rule["source"] for rule in results.rules if rule["id"] == "EQ-2")[:60] in told
    assert re.search(r"also +message\n", told)


def test_what_schemathesis_saw_fail_comes_before_what_is_not_strict(results: Results) -> None:
    outcomes = [_finding("EQ-2", Verdict.NON_STRICT, None, results)]
    failure = {"operation": "POST /message", "check": "a_check", "message": "m", "curl": "c"}
    layer = LayerResult("coverage", calls={"POST /message": 9}, failures=[failure] * 33)
    text = shown(conformance_report.tree(replace(results, outcomes=outcomes, findings=find(outcomes), layers=[layer])))
    assert text.count("POST /message: a_check") == 1
    assert "32 more calls" in text
    assert text.index("fail POST /message: a_check") < text.index("non-strict EQ-2")


def test_calls_that_broke_one_check_are_one_entry_of_every_report(results: Results) -> None:
    failure = {"operation": "POST /message", "check": "a_check", "message": "told", "curl": "c"}
    known = {**failure, "check": "known_check", "known": "ticket 41"}
    lenient = {**failure, "check": "lenient_check"}
    layers = [
        LayerResult(name, calls={"POST /message": 9}, failures=[failure] * 11 + [known] * 2, non_strict=[lenient])
        for name in ("coverage", "fuzz")
    ]
    folded = replace(results, outcomes=[], findings=[], reasons=[], layers=layers)
    text, html = shown(conformance_report.tree(folded)), text_of(page(folded))
    for name, kind, also in (
        ("a_check", "fail", "21 more calls"),
        ("known_check", "known", "3 more calls"),
        ("lenient_check", "non-strict", "1 more call"),
    ):
        assert text.count(f"{kind} POST /message: {name}") == html.count(f"{kind} POST /message: {name}") == 1
        assert also in text.partition(name)[2].partition("POST")[0]
        assert also in html.partition(name)[2].partition("POST")[0]
    for suite in Xml.fromstring(junit(folded)).findall("testsuite"):
        if suite.get("name") in ("schemathesis coverage", "schemathesis fuzz"):
            [case] = suite.findall("testcase")
            assert [each.text for each in case.findall("failure")] == ["told\nc\n10 more calls"]
            assert [each.get("message") for each in case.findall("skipped")] == ["ticket 41"]
            assert "non-strict: POST /message: lenient_check" in (case.findtext("system-out") or "")
    told = workflow_commands(folded)
    assert told.count("::error title=POST /message%3A a_check::") == 1
    assert told.count("::notice title=POST /message%3A known_check::") == 1
    assert "| fail | <code>POST /message: a&#95;check</code> |  | <code>told</code> | 21 more calls |" in summary(
        folded
    )


def test_a_terminal_does_not_obey_a_reply(results: Results) -> None:
    text = shown(conformance_report.tree(hostile(results)))
    for shown_text in (text, shown(conformance_report.dialogue(hostile(results).outcomes[0], HOSTILE, HOSTILE))):
        assert not drives_a_terminal(shown_text)
        assert "\\x1b[2J\\u009b2J\\u202e\\ud800" in shown_text
        # What begins a line is no entry of the report.
        assert "── fail FORGED-1" not in shown_text


@needs_curl
def test_the_curl_repeats_the_call(results: Results, server: Server) -> None:
    outcome = next(each for each in results.outcomes if each.rule == "AUTH-6")
    assert outcome.curl is not None
    # The project of the run is another one than that of the demo key; the call itself is right.
    done = subprocess.run(
        ["bash", "-c", outcome.curl],
        env={"PATH": os.environ["PATH"], "MAVIBOT_API_KEY_CRM_WRITE": server.api_key},
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"status":"success"' in done.stdout


# JUnit


def test_junit_has_a_case_for_each_rule_and_action(results: Results) -> None:
    root = Xml.fromstring(junit(results))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    expected = [" ".join(filter(None, (each.rule, each.action))) for each in results.outcomes]
    assert list(cases) == [*expected, "the server conforms"]
    assert cases["AUTH-5 create_order"].find("failure") is not None
    assert "known deviation: ticket 41" in str(cases["AUTH-5 get_orders"].find("skipped").attrib)  # type: ignore[union-attr]
    assert cases["AUTH-5 message"].find("failure") is None
    assert cases["HOOK-1"].find("skipped") is not None
    assert cases["the server conforms"].find("failure") is not None
    for suite in root:
        assert int(suite.get("tests") or 0) == len(suite.findall("testcase"))
        assert int(suite.get("failures") or 0) == len(suite.findall("testcase/failure"))


def test_junit_is_xml_whatever_the_server_says(results: Results) -> None:
    root = Xml.fromstring(junit(hostile(results)))
    assert len(root.findall("testsuite/testcase/failure")) == 3


# HTML


def test_the_page_has_everything(results: Results) -> None:
    html = page(results)
    text = text_of(html)
    assert f"{results.target} deviates from the contract" in text
    for title in ("Deviations", "Rules × actions", "Permissions", "Coverage", "Statements of the document", "Baseline"):
        assert f" {title} " in text
    assert f"seed {results.seed} contract {results.contract}" in text
    assert f"mavibot {results.versions['mavibot']}" in text
    assert "calls on the wire" in text
    assert all(action in text for action in results.actions)
    assert 'title="AUTH-5 create_order: fail"' in html
    assert 'title="AUTH-5 get_orders: known"' in html
    assert 'title="get_orders with crm:write: HTTP 200, the contract refuses it"' in html


def test_the_page_needs_nothing_but_itself(results: Results) -> None:
    html = page(results)
    assert "<script" not in html
    assert "<link" not in html
    assert not re.search(r"(src|href)=\"(?!#)", html)
    assert "url(" not in html
    assert "default-src 'none'" in html


def test_the_page_shows_attacks_as_text(results: Results) -> None:
    html = page(hostile(results))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


# diff


def _outcomes(**verdicts: str) -> Results:
    return Results(
        target="http://127.0.0.1:1",
        outcomes=[Outcome(name.replace("_", "-"), None, Verdict(verdict)) for name, verdict in verdicts.items()],
        assumptions=[Assumption("/a", "text", "confirmed" if verdicts["EQ_1"] == "pass" else "refuted")],
        statements=[Statement("U01", "section", "text", "confirmed" if verdicts["EQ_1"] == "pass" else "refuted")],
    )


def test_a_difference() -> None:
    before = _outcomes(EQ_1="pass", EQ_2="fail", EQ_3="pass", EQ_4="info")
    after = replace(_outcomes(EQ_1="fail", EQ_2="pass", EQ_3="not run", EQ_4="info"), seed=2)
    found = difference(before, after)
    assert found.worse == ["EQ-1: pass -> fail"]
    assert found.better == ["EQ-2: fail -> pass"]
    assert found.other == ["EQ-3: pass -> not run"]
    assert found.about == ["seed: 0 -> 2"]
    assert found.assumptions == ["/a: confirmed -> refuted"]
    assert found.statements == ["U01 (text): confirmed -> refuted"]


def test_a_difference_of_schemathesis() -> None:
    failure = {"operation": "POST /message", "check": "not_a_server_error", "message": "", "curl": ""}
    good = Results(layers=[LayerResult("coverage", calls={"POST /message": 9})])
    bad = Results(layers=[LayerResult("coverage", calls={"POST /message": 9}, failures=[failure])])
    assert difference(good, bad).worse == ["coverage POST /message not_a_server_error: pass -> fail"]
    assert difference(bad, good).better == ["coverage POST /message not_a_server_error: fail -> pass"]
    assert difference(bad, Results()).better == []


def test_outcomes_of_one_finding_that_change_alike_are_one_line_of_a_difference() -> None:
    names = [f"SHAPE_{number}" for number in range(1, 15)]
    before = _outcomes(EQ_1="pass", **dict.fromkeys(names, "pass"))
    after = _outcomes(EQ_1="fail", **{name: "not run" if name == "SHAPE_14" else "fail" for name in names})
    for outcome in after.outcomes[1:]:
        outcome.cause = "get_history lacks 'result'"
    after.findings = find(after.outcomes)
    found = difference(before, after)
    shapes = [f"SHAPE-{number}" for number in range(1, 14)]
    assert found.worse == [
        "EQ-1: pass -> fail",
        f"get_history lacks 'result' ({', '.join(shapes[:12])} and 1 more): pass -> fail",
    ]
    assert found.other == ["SHAPE-14: pass -> not run"]
    assert difference(after, before).better == [each.replace("pass -> fail", "fail -> pass") for each in found.worse]


def test_layers_in_which_a_check_changes_alike_are_one_line_of_a_difference() -> None:
    failure = {"operation": "POST /message", "check": "a_check", "message": "", "curl": ""}
    good = Results(layers=[LayerResult(name, calls={"POST /message": 9}) for name in ("coverage", "fuzz")])
    bad = Results(layers=[replace(layer, failures=[failure] * 3) for layer in good.layers])
    both = "POST /message: a_check (coverage POST /message a_check, fuzz POST /message a_check)"
    assert difference(good, bad).worse == [f"{both}: pass -> fail"]


# The key


@pytest.mark.heavy
def test_no_report_holds_a_key_even_if_the_server_tells_it(server: Server, tmp_path: Path) -> None:
    profile = mock_profile(server.url)
    plan = Plan(server.url, profile, consent="send", selection="AUTH,EQ-2,TEN", transport=Echo())
    results = run(plan)
    # The server has told it in every reply that is shown.
    assert "you_called" in json.dumps(results.as_json())
    files.write_results(results, tmp_path / "results.json")
    told = [
        (tmp_path / "results.json").read_text(),
        junit(results),
        page(results),
        shown(conformance_report.tree(results)),
        shown(conformance_report.verdict(results)),
        *(shown(conformance_report.dialogue(each, "title", "source")) for each in results.outcomes),
    ]
    assert profile.second is not None
    for key in (*profile.keys.values(), profile.second["key"]):
        # AUTH-2 sends the key with its last or first character missing: what it hides of it is no secret any more.
        assert [found for text in told for found in spellings_of(key[1:-1], text)] == []


def test_no_character_is_in_a_page_that_html_forbids() -> None:
    forbidden = [*map(chr, (0, 1, 8, 0xB, 0x1F, 0x7F, 0x85, 0x9F, 0xFDD0, 0xFFFE, 0x1FFFF))]
    outcome = Outcome("EQ-2", "message", Verdict.FAIL, expected="a reply", got="".join(forbidden) + "\tand\nmore")
    results = Results(
        target="http://127.0.0.1:9",
        outcomes=[outcome],
        rules=[next(each for each in all_rules() if each.id == "EQ-2").as_record()],
    )
    results.findings = find(results.outcomes)
    text = page(results)
    assert [each for each in forbidden if each in text] == []
    assert r"\x00\x01\x08" in text


def test_the_scope_says_for_what_outcomes_are_outside() -> None:
    reasons = {
        "--actions leaves out message": "1 because of --actions",
        "the server does not offer callback": "2 of actions not offered",
        "needs more patience than 0 s": "3 without --patience",
        "it would send, and the run may only read": "4 without --allow-effects",
        "the profile lacks a key without permissions": "5 without an input (a key)",
    }
    outcomes = [
        Outcome("EQ-2", None, Verdict.NOT_RUN, reason, in_scope=False)
        for count, reason in enumerate(reasons, 1)
        for _ in range(count)
    ]
    told = scope(Results(outcomes=outcomes, not_offered=["message", "callback"]))
    assert f"15 out of scope: {', '.join(reversed(reasons.values()))}; 1 action not offered: callback" in told


def test_a_command_shows_what_repeats_itself_as_a_program_that_writes_it() -> None:
    body = '{"a": ' + "[" * 5000 + "]" * 5000 + "'}"
    exchange = Exchange("message", "POST", f"{REMOTE}/api/API_KEY/message", "full", None, body, 200, {}, "ok", 0.0)
    command = exchange.as_curl("$KEY")
    assert len(command) < 300
    data = command.partition("--data-binary ")[2].rpartition(' "')[0]
    written = subprocess.run(["sh", "-c", f"printf %s {data}"], capture_output=True, text=True, check=True)
    assert written.stdout == body
