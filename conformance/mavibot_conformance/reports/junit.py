"""The report for build servers: JUnit XML with one case a rule and action."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as Xml

from mavibot_conformance.findings import broken_checks
from mavibot_conformance.reports.summary import families, headline, rules_by_id, scope
from mavibot_conformance.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mavibot_conformance.findings import BrokenCheck
    from mavibot_conformance.results import Outcome, Results

#: What XML cannot hold, even escaped.
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Results) -> str:
    """Return the report as XML."""
    root = Xml.Element("testsuites", name="mavibot conformance", time=_seconds(results.seconds))
    rules = rules_by_id(results)
    for family in families(results):
        suite = _suite(root, family.title, results)
        for outcome in family.outcomes:
            rule = rules[outcome.rule]
            _add_case(suite, family.name, outcome, f"{rule['title']}\nsource: {rule['source']}")
    for layer in results.layers:
        suite = _suite(root, f"schemathesis {layer.name}", results)
        for operation in sorted(layer.calls):
            case = Xml.SubElement(suite, "testcase", classname=f"schemathesis.{layer.name}", name=operation, time="0")
            for broken in broken_checks([layer]):
                if broken.operation == operation:
                    _add_broken(case, broken)
    for suite in [*root]:
        cases = suite.findall("testcase")
        suite.set("tests", str(len(cases)))
        suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
        suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
        suite.set("errors", str(sum(case.find("error") is not None for case in cases)))
    _add_verdict(root, results)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(root: Xml.Element, name: str, results: Results) -> Xml.Element:
    return Xml.SubElement(root, "testsuite", name=name, timestamp=results.started)


def _add_case(suite: Xml.Element, family: str, outcome: Outcome, about: str) -> None:
    name, time = outcome.name, _seconds(outcome.seconds)
    case = Xml.SubElement(suite, "testcase", classname=f"rules.{family}", name=name, time=time)
    told = f"expected {outcome.expected}\ngot {outcome.got}\n{about}\n{outcome.curl or ''}"
    match outcome.verdict:
        case Verdict.FAIL if outcome.known is None:
            failure = Xml.SubElement(case, "failure", message=_clean(f"expected {outcome.expected}"))
            failure.text = _clean(told)
        case Verdict.FAIL:
            Xml.SubElement(case, "skipped", message=_clean(f"known deviation: {outcome.known}"))
        case Verdict.ERROR:
            error = Xml.SubElement(case, "error", message=_clean(f"the rule broke: {outcome.reason}"))
            error.text = _clean(about)
        case Verdict.NOT_RUN:
            Xml.SubElement(case, "skipped", message=_clean(outcome.reason or ""))
        case Verdict.NON_STRICT:
            _add_output(case, [f"non-strict: {told}"])
        case _:
            _add_output(case, outcome.notes)


def _add_broken(case: Xml.Element, broken: BrokenCheck) -> None:
    example = broken.example
    told = "\n".join(filter(None, (example["message"], example["curl"], broken.also)))
    if broken.kind == Verdict.NON_STRICT:
        _add_output(case, [f"non-strict: {broken.name}\n{told}"])
    else:
        element = "skipped" if broken.kind == "known" else "failure"
        Xml.SubElement(case, element, message=_clean(example.get("known", example["check"]))).text = _clean(told)


def _add_output(case: Xml.Element, lines: Sequence[str]) -> None:
    if lines:
        Xml.SubElement(case, "system-out").text = _clean("\n".join(lines))


def _add_verdict(root: Xml.Element, results: Results) -> None:
    """Add the verdict itself, so that an inconclusive run is not green."""
    suite = _suite(root, "verdict", results)
    case = Xml.SubElement(suite, "testcase", classname="verdict", name="the server conforms", time="0")
    doubtful = results.conclusion != "conforms"
    if doubtful:
        failure = Xml.SubElement(case, "failure", message=_clean(headline(results)))
        failure.text = _clean("\n".join([scope(results), *results.reasons]))
    cut_short = results.cut_short is not None
    if cut_short:
        case = Xml.SubElement(suite, "testcase", classname="verdict", name="the run is complete", time="0")
        Xml.SubElement(case, "error", message=_clean(f"cut short: {results.cut_short}"))
    counts = {"tests": 1 + cut_short, "failures": int(doubtful), "skipped": 0, "errors": int(cut_short)}
    for name, count in counts.items():
        suite.set(name, str(count))


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
