"""Runs schemathesis against a server with the contract: its coverage cases and random ones."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from mavibot_api import contract
from mavibot_conformance import checks
from mavibot_conformance._key import KEY_PLACEHOLDER, key_at_the_socket


@dataclass(frozen=True, slots=True)
class Failure:
    """One broken check.

    Attributes:
        operation: method and path of the operation.
        check: name of the check.
        message: what was expected and what came.
        curl: command that repeats the call, with a placeholder for the key.
    """

    operation: str
    check: str
    message: str
    curl: str


@dataclass(slots=True)
class FuzzReport:
    """What a run saw.

    Attributes:
        seed: seed that makes the same run again.
        calls: number of calls by operation.
        successes: number of calls that succeeded, by operation.
        failures: broken checks, one a kind and operation.
        errors: what kept the run from testing an operation.
    """

    seed: int
    calls: Counter[str] = field(default_factory=Counter)
    successes: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def never_succeeded(self) -> list[str]:
        """Operations without one successful call: of these the run proves nothing."""
        return sorted(self.calls.keys() - self.successes.keys())

    @property
    def passed(self) -> bool:
        """Whether every operation was tested, succeeded at least once and broke no check."""
        return bool(self.calls) and not (self.failures or self.errors or self.never_succeeded)


def fuzz(
    url: str,
    api_key: str,
    *,
    actions: Collection[str],
    known: Mapping[str, Sequence[Any]],
    seed: int = 1,
    max_examples: int = 20,
    on_operation: Callable[[str, int], None] = lambda _operation, _calls: None,
) -> FuzzReport:
    """Test a server on this machine.

    Args:
        url: base URL of the server, without `/api`.
        api_key: key with all permissions.
        actions: actions to test; all of their operations are.
        known: values that exist on the server, by parameter, such as `{"client_id": [25554]}`.
        seed: seed of the random cases.
        max_examples: random cases an operation.
        on_operation: called after each operation with its name and its number of calls so far.

    Raises:
        ValueError: the server is not on this machine; random calls would reach real people.
    """
    _must_be_loopback(url)
    report = FuzzReport(seed)
    schema = schemathesis.openapi.from_dict(
        dict(contract.load().document), config=SchemathesisConfig.from_dict(_config(url, known, seed, max_examples))
    )
    operations = [
        operation.operation_id for action in actions for operation in contract.load().actions[action].values()
    ]
    with key_at_the_socket(api_key):
        for event in from_schema(schema.include(operation_id=operations)).execute():
            if isinstance(event, events.ScenarioFinished):
                _add(report, event.recorder)
                on_operation(event.recorder.label, report.calls[event.recorder.label])
            elif isinstance(event, events.NonFatalError):
                report.errors.append(f"{event.label}: {event.info.format()}")
            elif isinstance(event, events.FatalError):
                report.errors.append(str(event.exception))
    return report


def _config(url: str, known: Mapping[str, Sequence[Any]], seed: int, max_examples: int) -> dict[str, Any]:
    return {
        "base-url": f"{url}/api/{KEY_PLACEHOLDER}/",
        "seed": seed,
        "workers": 1,
        # Nothing is left on disk, and a run depends on its seed alone.
        "cache": {"enabled": False},
        "generation": {"database": "none", "max-examples": max_examples},
        "analysis": {"constants": {"enabled": False}},
        "dictionaries": {name: {"values": list(values)} for name, values in known.items()},
        "parameters": {
            f"{place}.{name}": {"dictionary": name, "probability": 1.0} for name in known for place in ("query", "body")
        },
        # Every action answers both methods, so calls by other methods say nothing and could act.
        "phases": {"coverage": {"unexpected-methods": []}, "stateful": {"enabled": False}},
        "checks": {"enabled": False, **{name: {"enabled": True} for name in checks.NAMES}},
    }


def _add(report: FuzzReport, recorder: ScenarioRecorder) -> None:
    label = recorder.label
    for case_id, interaction in recorder.interactions.items():
        report.calls[label] += 1
        if interaction.response is not None and checks.succeeded(interaction.response):
            report.successes[label] += 1
        for check in recorder.checks.get(case_id, []):
            if check.status == Status.FAILURE and check.failure_info is not None:
                _add_failure(report, label, check)


def _add_failure(report: FuzzReport, label: str, check: Any) -> None:
    failure = check.failure_info.failure
    if not any(
        (known.operation, known.check, known.message) == (label, check.name, failure.message)
        for known in report.failures
    ):
        report.failures.append(Failure(label, check.name, failure.message, check.failure_info.code_sample))


def _must_be_loopback(url: str) -> None:
    host = urlsplit(url).hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(f"url: {host!r} is not on this machine; random calls are sent to loopback addresses only")
