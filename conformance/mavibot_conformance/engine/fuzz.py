"""Runs schemathesis against a server with the contract: its coverage cases, random ones, and random sequences."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING, Any, Final

import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.run import Phase, PhaseName

from mavibot_conformance.engine import checks
from mavibot_conformance.engine.examples import known_calls, pinned, with_examples
from mavibot_conformance.engine.transport import body_of, guarded_sessions, placeholder
from mavibot_conformance.results import LayerResult
from mavibot_conformance.target.guard import GuardRefusedError, allows, is_loopback
from mavibot_conformance.target.profile import FULL
from mavibot_contract.keys import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from schemathesis.engine.recorder import ScenarioRecorder
    from schemathesis.generation.case import Case
    from schemathesis.hooks import HookContext
    from schemathesis.schemas import BaseSchema

    from mavibot_conformance.plan import Plan
    from mavibot_conformance.target.guard import Guard
    from mavibot_contract import Operation

COVERAGE: Final = "coverage"
FUZZ: Final = "fuzz"
STATEFUL: Final = "stateful"

#: The layer to which a phase of schemathesis counts.
_LAYERS: Final = {
    PhaseName.EXAMPLES: COVERAGE,
    PhaseName.COVERAGE: COVERAGE,
    PhaseName.FUZZING: FUZZ,
    PhaseName.STATEFUL_TESTING: STATEFUL,
}
#: Random cases an operation.
_RANDOM_CASES: Final = 20
#: Random sequences of calls, and the calls in one.
_SEQUENCES: Final = 80
_STEPS: Final = 6
#: Where calls are spaced, random cases and sequences end after so many of them; the coverage cases are always all sent.
_MOST_SPACED_CALLS: Final = 350


def run_schemathesis(
    plan: Plan,
    guard: Guard,
    layers: Sequence[str],
    operations: Sequence[Operation],
    on_layer: Callable[[str, int], None],
) -> list[LayerResult]:
    """Run layers of schemathesis in this process.

    Args:
        plan: server, profile, consent, seed and pace.
        guard: asked at the socket for every call.
        layers: `coverage`, `fuzz`, `stateful`.
        operations: what to test; what the plan's consent does not cover is left out.
        on_layer: called as it goes on, with the operation and its calls so far.
    """
    allowed = [operation for operation in operations if allows(plan.consent, operation.effect)]
    wire = plan.wire(guard)
    actions = dict.fromkeys(each.action for each in allowed)
    calls, problems = known_calls(plan, wire, actions)
    settings = _config(plan, layers) | pinned(calls, allowed)
    # Beside settings for single operations the selection must stand here: `schema.include` would be passed over.
    settings["operations"].append({"exclude-operation-id": [each.operation_id for each in allowed], "enabled": False})
    schema = schemathesis.openapi.from_dict(with_examples(calls), config=SchemathesisConfig.from_dict(settings))
    if not is_loopback(plan.url):
        refuse_early(schema, guard)
    keys = {PLACEHOLDER: plan.profile.keys[FULL]}
    keys |= {placeholder(name): key for name, key in plan.profile.keys.items() if ":" in name}
    try:
        with guarded_sessions(keys, guard, calls_per_second=plan.pace, proxy=plan.proxy):
            found = _execute(schema, layers, on_layer, math.inf if plan.pace is None else _MOST_SPACED_CALLS)
    finally:
        wire.close()
    coverage = found.get(COVERAGE)
    if coverage is not None:
        labels = [f"{each.method} /{each.action}" for each in allowed if each.action in calls]
        coverage.errors += problems + [f"{each} never succeeded" for each in labels if each not in coverage.successes]
    return list(found.values())


def refuse_early(schema: BaseSchema, guard: Guard) -> None:
    """Keep schemathesis from making calls that the guard would refuse at the socket."""

    @schema.hook
    def filter_case(_context: HookContext, case: Case[Any]) -> bool:
        request = requests.Request(**case.as_transport_kwargs()).prepare()
        try:
            guard.check(request.url or "", body_of(request))
        except GuardRefusedError:
            return False
        return True


def _execute(
    schema: BaseSchema, names: Sequence[str], on_layer: Callable[[str, int], None], most_random: float
) -> dict[str, LayerResult]:
    layers = {name: LayerResult(name) for name in names}
    current = layers[names[0]]
    is_over = False
    stream = from_schema(schema).execute()
    for event in stream:
        match event:
            case events.PhaseStarted(phase=Phase(name=name, is_enabled=True)) if name in _LAYERS:
                current = layers[_LAYERS[name]]
                current.seconds -= time.monotonic()
            case events.PhaseFinished(phase=Phase(name=name, is_enabled=True)) if name in _LAYERS:
                current.seconds += time.monotonic()
            case events.ScenarioFinished(recorder=recorder):
                _add(current, recorder)
                on_layer(recorder.label, current.calls.get(recorder.label, 0))
            case events.Interrupted() if not is_over:
                raise KeyboardInterrupt  # schemathesis keeps it to itself
            case _:
                current.errors += _troubles(event)
        if sum(sum(layer.calls.values()) for layer in layers.values() if layer.name != COVERAGE) > most_random:
            is_over = True
            stream.stop()
    return layers


def _troubles(event: events.EngineEvent) -> list[str]:
    """Return what an event says of a test that could not be made; what the guard refused is no trouble."""
    match event:
        case events.NonFatalError(value=GuardRefusedError()):
            return []
        case events.NonFatalError():
            return [f"{event.label}: {event.info.title}: {event.info.message}"]
        case events.SchemaAnalysisWarnings():
            return [f"{each.operation_label}: {each.kind}: {each.message}" for each in event.warnings]
        case events.FatalError():
            return [str(event.exception)]
    return []


def _config(plan: Plan, layers: Sequence[str]) -> dict[str, Any]:
    # Replies of earlier calls do not feed later ones, so that the requests depend on the seed alone.
    apart = {"extra-data-sources": {"responses": False}}
    keys = [placeholder(name) for name in sorted(plan.profile.keys) if ":" in name]
    return {
        "base-url": f"{plan.url.rstrip('/')}/api/{PLACEHOLDER}/",
        "seed": plan.seed,
        "request-timeout": plan.timeout,
        # Threads gain nothing here and change the order of the requests.
        "workers": 1,
        "continue-on-failure": True,
        "max-redirects": 0,
        # Nothing is left on disk.
        "cache": {"enabled": False},
        "generation": {"database": "none", "max-examples": _RANDOM_CASES, "no-shrink": True},
        "analysis": {"constants": {"enabled": False}},
        "suppress-health-check": ["all"],
        "phases": {
            "examples": {"enabled": COVERAGE in layers, **apart},
            # Every action answers both methods, so calls by other methods say nothing and could act.
            "coverage": {"enabled": COVERAGE in layers, "unexpected-methods": [], **apart},
            "fuzzing": {"enabled": FUZZ in layers, "error-feedback": {"enabled": False}, **apart},
            "stateful": {
                "enabled": STATEFUL in layers,
                "max-steps": _STEPS,
                "generation": {"max-examples": _SEQUENCES},
            },
        },
        "checks": {
            "enabled": False,
            **{name: {"enabled": True} for name in checks.NAMES},
            "KeysAreEnforced": {"enabled": True, "keys": keys},
        },
    }


def _add(layer: LayerResult, recorder: ScenarioRecorder) -> None:
    for case_id, interaction in recorder.interactions.items():
        label = recorder.cases[case_id].value.operation.label
        layer.calls[label] = layer.calls.get(label, 0) + 1
        if interaction.response is not None and checks.succeeded(interaction.response):
            layer.successes[label] = layer.successes.get(label, 0) + 1
        for check in recorder.checks.get(case_id, []):
            if check.status == Status.FAILURE and check.failure_info is not None:
                _add_failure(layer, label, check)


def _add_failure(layer: LayerResult, operation: str, check: Any) -> None:
    failure = check.failure_info.failure
    found = {
        "operation": operation,
        "check": check.name,
        "message": f"{failure.title}: {failure.message}",
        "curl": _with_variable(check.failure_info.code_sample),
    }
    places = layer.non_strict if check.name in checks.NON_STRICT else layer.failures
    if not any(_kind(known) == _kind(found) for known in places):
        places.append(found)


def _kind(failure: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is the same in failures that differ in numbers alone."""
    return failure["operation"], failure["check"], re.sub(r"\d+", "0", failure["message"])


def _with_variable(curl: str) -> str:
    """Return a command with the shell variable of the key in place of the placeholder."""
    return re.sub(rf"('?)(https?://[^\s']*/api/){PLACEHOLDER}([./])", _quoted, curl)


def _quoted(found: re.Match[str]) -> str:
    variable = '"$MAVIBOT_API_KEY"'
    quote, head, tail = found.groups()
    return f"{quote}{head}{quote}{variable}{quote}{tail}"
