"""Runs the layers of a level against a server and draws one conclusion from all of them."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.assumptions import unobserved
from mavibot_conformance.baseline import apply_baseline
from mavibot_conformance.results import Conclusion, Results, Verdict
from mavibot_conformance.rules.rule import all_rules, allows, chosen
from mavibot_conformance.runner import call_validly, describe, run_rules
from mavibot_conformance.target.guard import Guard, pace
from mavibot_conformance.target.profile import FULL, INPUTS
from mavibot_conformance.target.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx2

    from mavibot_conformance.baseline import Known
    from mavibot_conformance.results import LayerResult, Outcome
    from mavibot_conformance.rules.rule import Rule
    from mavibot_conformance.target.profile import Profile
    from mavibot_contract import Effect

#: Of the outcomes in scope so many must be decided, else the run says too little.
_LEAST_DECIDED: Final = 0.8


class RunLevel(StrEnum):
    """How much a run does."""

    SMOKE = "smoke"
    RULES = "rules"
    COVERAGE = "coverage"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do.

    Attributes:
        url: base URL of the server, without `/api`.
        profile: what is known of it.
        level: how much to do.
        selection: rules and families such as `EQ-2,LIM`, or `None` for all.
        consent: greatest effect that is allowed.
        seed: seed of everything that is random.
        calls_per_second: most calls in a second; by default 5 off this machine and any number on it.
        baseline: known deviations, which do not count.
        today: the day on which they may have expired.
        transport: instead of the network, for a server in this process.
    """

    url: str
    profile: Profile
    level: RunLevel = RunLevel.RULES
    selection: str | None = None
    consent: Effect = "read"
    seed: int = 1
    calls_per_second: float | None = None
    baseline: Sequence[Known] = ()
    today: date = field(default_factory=date.today)
    transport: httpx2.BaseTransport | None = field(default=None, repr=False)

    def rules(self) -> list[Rule]:
        """Return the rules of the level or of the selection.

        Raises:
            ValueError: the selection names an unknown rule.
        """
        if self.selection is not None:
            return chosen(self.selection)
        return [rule for rule in all_rules() if rule.smoke or self.level is not RunLevel.SMOKE]

    @property
    def pace(self) -> float | None:
        """The most calls in a second, or `None` for any number."""
        return self.calls_per_second or (None if self.transport is not None else pace(self.url))

    def guard(self) -> Guard:
        """Return a guard that lets through what the plan allows."""
        return Guard(
            self.url,
            consent=self.consent,
            clients=self.profile.clients,
            reach=self.profile.reach,
            list_id=self.profile.list_id,
            channel=self.profile.channel,
            is_here=self.transport is not None,
        )

    def wire(self, guard: Guard) -> Wire:
        """Return a connection to the server."""
        return Wire(
            self.url,
            self.profile,
            guard,
            transport=self.transport,
            calls_per_second=self.pace,
        )


def run(
    plan: Plan,
    *,
    on_outcome: Callable[[Outcome], None] = lambda _outcome: None,
    on_layer: Callable[[str, int], None] = lambda _operation, _calls: None,
) -> Results:
    """Run the plan.

    Args:
        plan: what to do.
        on_outcome: called after each rule.
        on_layer: called as the layers of schemathesis go on, with the operation and its calls so far.

    Raises:
        UnreachableError: the server does not answer.
        ValueError: the selection names an unknown rule, the server refuses the key, or it is another one.
    """
    started = time.perf_counter()
    guard = plan.guard()
    wire = plan.wire(guard)
    assumptions = unobserved()
    rules = plan.rules()
    results = Results(
        target=plan.url,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        level=plan.level,
        selection=plan.selection,
        consent=plan.consent,
        inputs=[name for name in INPUTS if not plan.profile.lacks(name)],
        seed=plan.seed,
        versions=versions(),
        contract=contract_hash(),
        rules=[describe(rule) for rule in rules],
    )
    try:
        _greet(plan, wire)
        results.outcomes = run_rules(
            rules,
            wire,
            plan.profile,
            consent=plan.consent,
            seed=plan.seed,
            assumptions=assumptions,
            permissions=results.permissions,
            on_outcome=on_outcome,
        )
        # Rules that only see refusals prove nothing on a server that refuses everything.
        silent = [action for action in _touched(plan, results) if not wire.seen[action].successes]
        impossible = call_validly(silent, wire, plan.profile, consent=plan.consent, seed=plan.seed)
    finally:
        wire.close()
    if plan.level in (RunLevel.COVERAGE, RunLevel.FULL):
        from mavibot_conformance.engine.layers import run_layers  # noqa: PLC0415 - schemathesis takes a second to import

        results.layers = run_layers(plan, guard, on_layer)
    results.actions = _actions(wire, results.layers)
    results.assumptions = list(assumptions.values())
    results.refused_by_guard = guard.refused
    apply_baseline(plan.baseline, results, plan.today)
    results.conclusion, results.reasons = _conclude(results, set(_touched(plan, results)) - impossible)
    results.seconds = time.perf_counter() - started
    return results


def _greet(plan: Plan, wire: Wire) -> None:
    """Make sure that there is the API and that it knows the key, so that no rule blames the server for it.

    Raises:
        ValueError: it is not.
    """
    exchange = wire.call("connected_channels")
    if exchange.status in (401, 403):
        name = plan.profile.variables.get(FULL)
        raise ValueError(f"keys.{FULL}: the server refuses this key{f', which {name} holds' if name else ''}")
    if not exchange.succeeded and not isinstance(exchange.data, dict) and exchange.status < 500:
        raise ValueError(f"{plan.url} does not look like the API: connected_channels answered {exchange.status}")


def _actions(wire: Wire, layers: Sequence[LayerResult]) -> dict[str, dict[str, Any]]:
    found = {}
    for action, operations in mavibot_contract.load().actions.items():
        seen = wire.seen[action]
        names = {name for operation in operations.values() for name in operation.schema["properties"]}
        names |= {alias for operation in operations.values() for alias in operation.aliases}
        ids = [f"{method} /{action}" for method in operations]
        found[action] = {
            "evidence": next(iter(operations.values())).evidence,
            "effect": next(iter(operations.values())).effect,
            "calls": seen.calls + sum(layer.calls.get(each, 0) for layer in layers for each in ids),
            "successes": seen.successes + sum(layer.successes.get(each, 0) for layer in layers for each in ids),
            "statuses": dict(sorted(seen.statuses.items())),
            "sent": sorted(names & seen.parameters),
            "never_sent": sorted(names - seen.parameters),
        }
    return found


def _touched(plan: Plan, results: Results) -> list[str]:
    """Return the documented actions that the rules in scope call, as far as the consent goes."""
    called = {rule["id"]: rule["actions"] for rule in results.rules}
    in_scope = [each for each in results.outcomes if each.in_scope]
    touched = {action for each in in_scope for action in ([each.action] if each.action else called[each.rule])}
    operations = {action: mavibot_contract.load().operation(action) for action in touched}
    return [
        action
        for action in sorted(touched)
        if operations[action].evidence == "documented" and allows(plan.consent, operations[action].effect)
    ]


def _conclude(results: Results, expected: set[str]) -> tuple[Conclusion, list[str]]:
    reasons = _deviations(results)
    if reasons:
        return Conclusion.DEVIATES, reasons
    reasons = _doubts(results, expected)
    return (Conclusion.INCONCLUSIVE if reasons else Conclusion.CONFORMS), reasons


def _deviations(results: Results) -> list[str]:
    failed = [each for each in results.outcomes if each.verdict is Verdict.FAIL and each.known is None]
    reasons = [f"{each.rule}{f' {each.action}' if each.action else ''} failed" for each in failed]
    broken = [failure for layer in results.layers for failure in layer.failures if "known" not in failure]
    reasons += [f"{each['operation']}: {each['check']}" for each in broken]
    advice = {"passes": "passes now; take it out of the baseline", "expired": "is known, but expired"}
    return reasons + [
        f"{known['rule'] or known['check']} {advice[known['state']]}"
        for known in results.baseline
        if known["state"] in advice
    ]


def _doubts(results: Results, expected: set[str]) -> list[str]:
    """Return why a run without deviations proves too little.

    Args:
        results: what was seen.
        expected: actions that must have succeeded.
    """
    reasons = [error for layer in results.layers for error in layer.errors]
    reasons += [f"{action} never succeeded" for action in sorted(expected) if not results.actions[action]["successes"]]
    # What lacks an input or the consent is outside the scope that the verdict speaks of.
    in_scope = [each for each in results.outcomes if each.in_scope]
    decided = [each for each in in_scope if each.verdict is not Verdict.NOT_RUN]
    if len(decided) < _LEAST_DECIDED * max(1, len(in_scope)):
        reasons.append(f"only {len(decided)} of {len(in_scope)} outcomes in scope were decided")
    return reasons


@cache
def contract_hash() -> str:
    """Return the beginning of the contract's SHA-256."""
    return hashlib.sha256(json.dumps(mavibot_contract.load().document, sort_keys=True).encode()).hexdigest()[:16]


def versions() -> dict[str, str]:
    """Return what made the results."""
    found = {"python": platform.python_version()}
    for name in ("mavibot", "schemathesis", "hypothesis"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # the rules need none of an extra
    return found
