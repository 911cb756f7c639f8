"""The report for a terminal: what failed, the worst first and one entry per cause; everything else is only counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text
from rich.tree import Tree

import mavibot_contract
from mavibot_cli.terminal import fit
from mavibot_conformance.findings import broken_checks
from mavibot_conformance.reports.summary import (
    assumption_counts,
    binding,
    families,
    headline,
    missing_actions,
    named,
    rules_by_id,
    scope,
    statement_counts,
    why_no_failure,
)
from mavibot_conformance.results import Conclusion, Verdict
from mavibot_conformance.target.offer import left_out, not_offered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mavibot_conformance.findings import BrokenCheck
    from mavibot_conformance.results import Finding, Outcome, Results

_STYLES: Final[dict[str, str]] = {
    "pass": "green",
    "fail": "bold red",
    "non-strict": "yellow",
    "info": "cyan",
    "error": "bold yellow",
    "not run": "dim",
    "known": "magenta",
    Conclusion.CONFORMS: "bold green",
    Conclusion.DEVIATES: "bold red",
    Conclusion.ERROR: "bold yellow",
    Conclusion.INCONCLUSIVE: "bold yellow",
}


def tree(results: Results) -> Tree:
    """Return the report as something that rich prints."""
    root = Tree(_text(f"{results.target}, contract {results.contract}, seed {results.seed}"))
    rules, outcomes = rules_by_id(results), {each.name: each for each in results.outcomes}
    for finding in results.findings:
        if finding.kind != Verdict.NON_STRICT:
            _add(root, finding, outcomes, rules)
    broken = broken_checks(results.layers)
    _add_broken(root, [each for each in broken if each.kind != Verdict.NON_STRICT])
    for finding in results.findings:
        if finding.kind == Verdict.NON_STRICT:
            _add(root, finding, outcomes, rules)
    _add_broken(root, [each for each in broken if each.kind == Verdict.NON_STRICT])
    for family in families(results):
        root.add(_text(f"{family.name} {family.title}: {family.counts}"))
    told = [why(action) for action in results.not_offered for why in (not_offered, left_out)]
    for reason, count in _not_run(results.outcomes).items():
        if reason not in told:
            root.add(_text(f"not run ({count}): {reason}", "dim"))
    missing = missing_actions(results)
    if missing:
        root.add(_text(f"not offered ({len(missing)}): {', '.join(missing)}", "dim"))
    for layer in results.layers:
        found = f"{len(layer.failures)} failures, {len(layer.non_strict)} non-strict"
        root.add(_text(f"schemathesis {layer.name}: {sum(layer.calls.values())} calls, {found}"))
    if results.statements:
        root.add(_text(f"Statements of the document: {statement_counts(results)}"))
    ours = [f"{name} for {' and '.join(others)}" for name, others in results.checks.items() if others != [name]]
    if ours:
        root.add(_text(f"our checks in place of those of schemathesis: {', '.join(ours)}"))
    _add_assumptions(root, results)
    for known in results.baseline:
        if known["state"] != "known":
            about = " ".join(filter(None, (known["rule"] or known["check"], known["action"] or known["operation"])))
            root.add(
                _text(f"baseline: {about}: {known['state']} (until {known['expires']}: {known['reason']})", "yellow")
            )
    if results.conclusion is Conclusion.INCONCLUSIVE:
        branch = root.add(_text("inconclusive because", "yellow"))
        for reason in results.reasons:
            branch.add(_text(reason))
    return root


def verdict(results: Results) -> Text:
    """Return the one line of the verdict."""
    return _text(f"{headline(results)} ({scope(results)})", _STYLES[results.conclusion])


def dialogue(outcome: Outcome, title: str, source: str) -> Tree:
    """Return an outcome with each of its calls and replies.

    Args:
        outcome: what became of a rule.
        title: the rule in one sentence.
        source: where its fact stands.
    """
    root = Tree(_text(_name(outcome), _STYLES[outcome.kind]))
    _lines(root, {"rule": title, "source": source})
    for note in (*outcome.notes, outcome.reason):
        if note:
            root.add(_text(note, "dim"))
    for each in outcome.dialogue:
        branch = root.add(_text(f"{each['method']} {each['url']} (key: {each['key']})"))
        _lines(branch, {"sent": each["sent"], str(each["status"]): each["reply"]})
    _lines(root, {"expected": outcome.expected, "got": outcome.got, "curl": outcome.curl})
    return root


def _add(root: Tree, finding: Finding, outcomes: Mapping[str, Outcome], rules: Mapping[str, dict[str, Any]]) -> None:
    """Add a finding with its first outcome as the example."""
    outcome = outcomes[(*finding.outcomes, *finding.blocked)[0]]
    rule = rules[outcome.rule]
    is_of_one_rule = outcome.cause is None
    level, others = binding(outcome, rule), [name for name in finding.outcomes if name != outcome.name]
    leaf = root.add(_text(f"{finding.kind} {finding.cause}", _STYLES[finding.kind]))
    _lines(
        leaf,
        {
            # What several rules meet is not what the first of them is about.
            "met by": None if is_of_one_rule else f"{outcome.name}, a {level}",
            level: rule["title"] if is_of_one_rule else None,
            "and": why_no_failure(outcome, rule),
            "expected": outcome.expected,
            "got": outcome.got,
            "broke": outcome.reason if outcome.verdict is Verdict.ERROR else None,
            "source": rule["source"] if is_of_one_rule else _source_of_action(finding.cause),
            "known": outcome.known,
            "curl": outcome.curl,
            # Of a finding that is of one rule the actions are told, which alone differ.
            "also": named([name.partition(" ")[2] if is_of_one_rule else name for name in others]),
            "blocked": named([name for name in finding.blocked if name != outcome.name]),
        },
    )


def _add_broken(root: Tree, checks: Iterable[BrokenCheck]) -> None:
    """Add broken checks of schemathesis."""
    for each in checks:
        leaf = root.add(_text(f"{each.kind} {each.name}", _STYLES[each.kind]))
        known, curl = each.example.get("known"), each.example["curl"]
        _lines(leaf, {"got": each.example["message"], "known": known, "curl": curl, "also": each.also})


def _source_of_action(cause: str) -> str | None:
    """Return the source of the action with which a cause begins, or `None`."""
    operations = mavibot_contract.load().actions.get(cause.partition(" ")[0])
    return None if operations is None else next(iter(operations.values())).source


def _add_assumptions(root: Tree, results: Results) -> None:
    branch = root.add(_text(f"Assumptions of the contract: {assumption_counts(results)}"))
    for each in results.assumptions:
        if each.verdict == "refuted":
            leaf = branch.add(_text(f"refuted by {each.rule}: {each.text}", "yellow"))
            _lines(leaf, {"seen": each.seen, "place": each.pointer})


def _name(outcome: Outcome) -> str:
    return f"{outcome.kind} {outcome.name}"


def _not_run(outcomes: Iterable[Outcome]) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for outcome in outcomes:
        if outcome.verdict is Verdict.NOT_RUN and outcome.reason is not None and outcome.cause is None:
            reasons[outcome.reason] = reasons.get(outcome.reason, 0) + 1
    return reasons


def _lines(leaf: Tree, lines: dict[str, str | None]) -> None:
    width = max(map(len, lines))
    for name, text in lines.items():
        if text:
            # Further lines begin below the first, so that none looks like an entry of the report.
            leaf.add(Text(f"{name.ljust(width)}  " + fit(text, lines=True).replace("\n", "\n" + " " * (width + 2))))


def _text(text: str, style: str = "") -> Text:
    return Text(fit(text), style)
