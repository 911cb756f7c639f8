"""The report for GitHub Actions: annotations of the workflow, and the summary of the step in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.findings import broken_checks
from mavibot_conformance.reports.summary import (
    binding,
    counted,
    headline,
    rules_by_id,
    scope,
    statement_counts,
    why_no_failure,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mavibot_conformance.results import Finding, Outcome, Results

#: The kind of annotation for each kind of finding; GitHub shows ten of each in a step.
_COMMANDS: Final = {"fail": "error", "error": "error", "non-strict": "warning", "known": "notice"}
_MOST_SHOWN: Final = 10
_MOST_ROWS: Final = 50
_LONGEST: Final = 300


def workflow_commands(results: Results) -> str:
    """Return workflow commands that annotate the run, ten of each kind at most, the worst findings first."""
    rules, outcomes = rules_by_id(results), {each.name: each for each in results.outcomes}
    told: dict[str, list[tuple[str, str]]] = {command: [] for command in _COMMANDS.values()}
    if results.conclusion == "inconclusive":
        told["warning"].append((headline(results), "\n".join(results.reasons)))
    for finding in results.findings:
        told[_COMMANDS[finding.kind]].append((finding.cause, _told(finding, outcomes, rules)))
    for broken in broken_checks(results.layers):
        lines = (broken.example["message"], broken.example["curl"], broken.also)
        told[_COMMANDS[broken.kind]].append((broken.name, "\n".join(filter(None, lines))))
    return "".join(
        f"{_command(command, title, message)}\n"
        for command, found in told.items()
        for title, message in found[:_MOST_SHOWN]
    )


def summary(results: Results) -> str:
    """Return the summary of the step in Markdown."""
    return "".join(f"{line}\n" for line in _summary(results))


def _summary(results: Results) -> Iterator[str]:
    rules, outcomes = rules_by_id(results), {each.name: each for each in results.outcomes}
    yield f"## {'✅' if results.conclusion == 'conforms' else '❌'} {_text(headline(results))}"
    yield ""
    yield f"{_text(scope(results))}."
    yield ""
    yield f"- outcomes: {counted(results.outcomes) or 'none'}"
    yield f"- statements of the document: {statement_counts(results)}"
    for layer in results.layers:
        found = f"{len(layer.failures)} failures, {len(layer.non_strict)} non-strict"
        yield f"- schemathesis {layer.name}: {sum(layer.calls.values())} calls, {found}"
    yield f"- contract `{results.contract}`, seed {results.seed}, {results.seconds:.0f} s"
    broken = broken_checks(results.layers)
    if results.findings or broken:
        yield ""
        yield "| | finding | expected | got | also, and blocked |"
        yield "|---|---|---|---|---|"
    rows = [_row(finding, outcomes, rules) for finding in results.findings]
    rows += [_cells(each.kind, each.name, "", each.example["message"], each.also or "") for each in broken]
    yield from rows[:_MOST_ROWS]
    if len(rows) > _MOST_ROWS:
        yield ""
        yield f"… and {len(rows) - _MOST_ROWS} more findings."


def _row(finding: Finding, outcomes: Mapping[str, Outcome], rules: Mapping[str, dict[str, Any]]) -> str:
    names = (*finding.outcomes, *finding.blocked)
    outcome = outcomes[names[0]]
    expected, got = outcome.expected or rules[outcome.rule]["title"], outcome.got or outcome.reason or ""
    return _cells(finding.kind, finding.cause, expected, got, ", ".join(names[1 : 1 + _MOST_SHOWN]))


def _cells(kind: str, cause: str, expected: str, got: str, others: str) -> str:
    return f"| {kind} | {_code(cause)} | {_code(expected)} | {_code(got)} | {others} |"


def _told(finding: Finding, outcomes: Mapping[str, Outcome], rules: Mapping[str, dict[str, Any]]) -> str:
    names = (*finding.outcomes, *finding.blocked)
    outcome = outcomes[names[0]]
    rule = rules[outcome.rule]
    level = binding(outcome, rule)
    lines = [f"{level}: {rule['title']}" if outcome.cause is None else f"met by {outcome.name}, a {level}"]
    lines += [why] if (why := why_no_failure(outcome, rule)) else []
    lines += [f"{name}: {text}" for name, text in (("expected", outcome.expected), ("got", outcome.got)) if text]
    lines += [f"known: {outcome.known}"] if outcome.known else []
    lines += [f"broke: {outcome.reason}"] if outcome.verdict == "error" else []
    lines += [outcome.curl] if outcome.curl else []
    return "\n".join(lines)


def _command(command: str, title: str, message: str) -> str:
    """Return a workflow command, escaped so that no text of a server can be one of its own."""
    escaped = _escaped(title[:_LONGEST]).replace(":", "%3A").replace(",", "%2C")
    return f"::{command} title={escaped}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return _plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _plain(text: str) -> str:
    """Return a text that UTF-8 can hold and that drives neither a terminal nor a runner, which obeys `##[` anywhere."""
    kept = "".join(each if each.isprintable() or each in "\r\n" else "\ufffd" for each in text)
    return kept.encode(errors="replace").decode().replace("##[", "## [")


def _text(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return "".join(f"&#{ord(each)};" if each in "<>&*_`[]|\\#~" else each for each in _plain(text).replace("\n", " "))


def _code(text: str) -> str:
    """Return a text as code in a cell of a table."""
    cut = " ".join(_plain(text[:_LONGEST]).split())
    return f"<code>{_text(cut)}</code>" if cut else ""
