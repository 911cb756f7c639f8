"""Runs the layers of a level against a server and draws one conclusion from all of them."""

from __future__ import annotations

import platform
import time
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.baseline import apply_baseline
from mavibot_conformance.contact import greet
from mavibot_conformance.findings import broken_checks, find
from mavibot_conformance.plan import RunLevel
from mavibot_conformance.results import Conclusion, Results, Verdict
from mavibot_conformance.session import Session
from mavibot_conformance.statements import judge
from mavibot_conformance.target.guard import allows
from mavibot_conformance.target.offer import not_offered
from mavibot_conformance.target.profile import INPUTS
from mavibot_conformance.target.wire import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from mavibot_conformance.plan import Plan
    from mavibot_conformance.results import LayerResult, Outcome
    from mavibot_conformance.rules.rule import Rule
    from mavibot_conformance.target.wire import Wire

#: Of the outcomes in scope so many must be decided, else the run says too little.
_LEAST_DECIDED: Final = 0.8


def run(
    plan: Plan,
    *,
    on_outcome: Callable[[Outcome], None] = lambda _outcome: None,
    on_layer: Callable[[str, int], None] = lambda _operation, _calls: None,
    on_cut_short: Callable[[Results], object] = lambda _results: None,
    on_over: Callable[[], object] = lambda: None,
) -> Results:
    """Run the plan.

    Args:
        plan: what to do.
        on_outcome: called after each rule.
        on_layer: called as the layers of schemathesis go on, with the operation and its calls so far.
        on_cut_short: called with what was seen until then, before an exception ends the run early: Ctrl-C, SIGTERM, or
            a server that no longer answers. What schemathesis saw is not in it.
        on_over: called after the last call, however the run ended: nothing must interrupt what follows, which makes
            results of what was seen.

    Raises:
        KeyboardInterrupt: Ctrl-C ended the run.
        UnreachableError: the server does not answer.
        ValueError: the selection names an unknown rule, the server refuses the key, or it is another one.
    """
    started = time.perf_counter()
    results = Results(
        target=plan.url,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        level=plan.level,
        selection=plan.selection,
        consent=plan.consent,
        inputs=[name for name in INPUTS if not plan.profile.lacks(name)],
        options=plan.profile.options,
        seed=plan.seed,
        versions=versions(),
        contract=mavibot_contract.load().fingerprint,
        rules=[rule.as_record() for rule in plan.rules()],
    )
    impossible: set[str] = set()
    cut_short: KeyboardInterrupt | UnreachableError | None = None
    with Session(plan) as session:
        try:
            try:
                impossible = _run_rules(plan, session, results, on_outcome)
                _run_layers(plan, session, results, on_layer)
            finally:
                on_over()
        except (KeyboardInterrupt, UnreachableError) as error:
            cut_short, results.cut_short = error, str(error) or "Ctrl-C"
    results.actions = _actions(session.wire, results.layers)
    results.assumptions = list(session.assumptions.values())
    results.permissions = session.permissions
    results.refused_by_guard = session.guard.refused
    results.unknown_clients = session.unknown_clients
    results.not_offered = [action for action in results.actions if session.wire.offer.lacks(action)]
    apply_baseline(plan.baseline, results, plan.today)
    results.findings = find(results.outcomes)
    results.statements = judge(results)
    results.conclusion, results.reasons = _conclude(results, set(_touched(plan, results)) - impossible)
    results.seconds = time.perf_counter() - started
    if cut_short is not None:
        on_cut_short(results)
        raise cut_short
    return results


def _run_layers(plan: Plan, session: Session, results: Results, on_layer: Callable[[str, int], None]) -> None:
    """Run the layers of schemathesis, if the level has them."""
    if plan.level not in (RunLevel.COVERAGE, RunLevel.FULL):
        return
    from mavibot_conformance.engine.checks import STANDS_FOR  # noqa: PLC0415 - schemathesis loads slowly
    from mavibot_conformance.engine.layers import run_layers  # noqa: PLC0415 - as above

    wire, actions = session.wire, mavibot_contract.load().actions
    lacking = [action for action in actions if wire.offer.lacks(action) or wire.gives_up(action)]
    results.layers = run_layers(session.plan, session.guard, on_layer, lacking=lacking)
    results.checks = {name: list(others) for name, others in STANDS_FOR.items()}


def _run_rules(plan: Plan, session: Session, results: Results, on_outcome: Callable[[Outcome], None]) -> set[str]:
    """Run the rules; return the documented actions that nothing could call validly: input or consent is lacking."""
    greet(plan, session)
    try:
        with closing(session.run_all()) as outcomes:
            for outcome in outcomes:
                results.outcomes.append(outcome)
                on_outcome(outcome)
    finally:
        session.clear_stock()
        places = {(rule.id, action): place for place, (rule, action) in enumerate(plan.cases())}
        results.outcomes.sort(key=lambda each: places[each.rule, each.action])  # some ran side by side
    _withdraw(results, plan.rules(), session.wire.offer.missing)
    # Rules that only see refusals prove nothing on a server that refuses everything.
    silent = [action for action in _touched(plan, results) if not session.wire.seen[action].successes]
    return session.call_validly(silent)


def _withdraw(results: Results, rules: Iterable[Rule], missing: Collection[str]) -> None:
    """Take back what was said of an action before it was found that the server does not have it."""
    judged_by = {rule.id: rule.judged for rule in rules}
    for outcome in results.outcomes:
        judged = (outcome.action,) if outcome.action else judged_by[outcome.rule]
        if outcome.in_scope and all(action in missing for action in judged):
            outcome.verdict, outcome.reason, outcome.in_scope = Verdict.NOT_RUN, not_offered(judged[0]), False
            outcome.expected = outcome.got = outcome.cause = outcome.curl = None
            outcome.dialogue = []


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
    reasons = [f"{each.name} broke: {each.reason}" for each in results.outcomes if each.verdict is Verdict.ERROR]
    if reasons:
        return Conclusion.ERROR, reasons
    if results.cut_short is not None:
        return Conclusion.INCONCLUSIVE, [f"the run was cut short: {results.cut_short}"]
    reasons = _doubts(results, expected)
    return (Conclusion.INCONCLUSIVE if reasons else Conclusion.CONFORMS), reasons


def _deviations(results: Results) -> list[str]:
    failed = [each for each in results.outcomes if each.verdict is Verdict.FAIL and each.known is None]
    reasons = [f"{each.name} failed" for each in failed]
    reasons += [f"{each.cause}; {len(each.blocked)} outcomes are blocked" for each in results.findings if each.blocked]
    reasons += [each.name for each in broken_checks(results.layers) if each.kind == Verdict.FAIL]
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
    if not any(seen["successes"] for seen in results.actions.values()):
        reasons.append("no action ever succeeded")
    reasons += [f"{action} never succeeded" for action in sorted(expected) if not results.actions[action]["successes"]]
    # What lacks an input or the consent is outside the scope that the verdict speaks of.
    in_scope = [each for each in results.outcomes if each.in_scope]
    decided = [each for each in in_scope if each.is_decided]
    if len(decided) < _LEAST_DECIDED * max(1, len(in_scope)):
        reasons.append(f"only {len(decided)} of {len(in_scope)} outcomes in scope were decided")
    return reasons


def versions() -> dict[str, str]:
    """Return what made the results."""
    found = {"python": platform.python_version()}
    for name in ("mavibot", "schemathesis", "hypothesis"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # the rules need none of an extra
    return found
