"""What changed between two runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.reports.summary import named
from mavibot_conformance.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mavibot_conformance.results import Results

_ABSENT: Final = "absent"


@dataclass(slots=True)
class Difference:
    """What changed from one run to another; outcomes of one finding that changed alike are one line.

    Attributes:
        worse: what fails now and did not before.
        better: what failed before and passes now.
        other: every other change of a verdict.
        about: what makes the runs hard to compare: another contract, level or seed.
        assumptions: assumptions of which the runs say different things.
        statements: statements of the document of which they do.
    """

    worse: list[str] = field(default_factory=list)
    better: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)


def difference(before: Results, after: Results) -> Difference:
    """Compare two runs."""
    found = Difference()
    for name in ("target", "contract", "level", "selection", "consent", "inputs", "seed", "conclusion", "cut_short"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            found.about.append(f"{name}: {old} -> {new}")
    for name, old, new in _folded(before, after):
        told = f"{name}: {old} -> {new}"
        if new == Verdict.FAIL:
            found.worse.append(told)
        elif old == Verdict.FAIL and new in (Verdict.PASS, Verdict.NON_STRICT):
            found.better.append(told)
        else:
            found.other.append(told)
    seen = [{each.pointer: each.verdict for each in results.assumptions} for results in (before, after)]
    found.assumptions = [f"{name}: {old} -> {new}" for name, old, new in _changes(*seen)]
    seen = [{f"{each.id} ({each.text})": each.verdict for each in results.statements} for results in (before, after)]
    found.statements = [f"{name}: {old} -> {new}" for name, old, new in _changes(*seen) if _ABSENT not in (old, new)]
    return found


def _folded(before: Results, after: Results) -> list[tuple[str, str, str]]:
    """Return what changed, as one change where the outcomes of a finding, or layers of schemathesis, changed alike."""
    checks = sorted(_broken(before) | _broken(after))
    causes = {_check_name(*check): f"{check[1]}: {check[2]}" for check in checks} | _causes(before) | _causes(after)
    alike: dict[tuple[str, str, str], list[str]] = {}
    for name, old, new in _changes(_verdicts(before, checks), _verdicts(after, checks)):
        alike.setdefault((causes.get(name, name), old, new), []).append(name)
    return [
        (names[0] if len(names) == 1 else f"{cause} ({named(names)})", old, new)
        for (cause, old, new), names in alike.items()
    ]


def _causes(results: Results) -> dict[str, str]:
    """Return the causes of outcomes by their names."""
    return {name: each.cause for each in results.findings for name in (*each.outcomes, *each.blocked)}


def _check_name(layer: str, operation: str, check: str) -> str:
    return f"{layer} {operation} {check}"


def _verdicts(results: Results, checks: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    found: dict[str, str] = {each.name: each.verdict for each in results.outcomes}
    broken = _broken(results)
    called = {(layer.name, operation) for layer in results.layers for operation in layer.calls}
    for layer, operation, check in checks:
        if (layer, operation) in called:
            failed = (layer, operation, check) in broken
            found[_check_name(layer, operation, check)] = Verdict.FAIL if failed else Verdict.PASS
    return found


def _broken(results: Results) -> set[tuple[str, str, str]]:
    return {(layer.name, each["operation"], each["check"]) for layer in results.layers for each in layer.failures}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    names = dict.fromkeys([*before, *after])
    pairs = [(name, str(before.get(name, _ABSENT)), str(after.get(name, _ABSENT))) for name in names]
    return [each for each in pairs if each[1] != each[2]]
