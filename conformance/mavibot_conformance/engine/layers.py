"""Runs the layers of schemathesis: on a mock in several processes, each with a project of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.engine.fuzz import COVERAGE, FUZZ, STATEFUL, run_schemathesis
from mavibot_conformance.plan import Plan, RunLevel
from mavibot_conformance.results import LayerResult
from mavibot_conformance.target import network
from mavibot_conformance.target.guard import allows
from mavibot_conformance.target.mock import mock_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from mavibot_conformance.target.guard import Guard
    from mavibot_conformance.target.profile import Profile
    from mavibot_contract import Operation

#: Into so many parts the operations are split; what is sent does not depend on the machine.
_PARTS: Final = 2


@dataclass(frozen=True, slots=True)
class _Job:
    """The work of one process: which layers over which operations, by their ids."""

    layers: tuple[str, ...]
    operations: tuple[str, ...]


def run_layers(
    plan: Plan, guard: Guard, on_layer: Callable[[str, int], None], *, lacking: Container[str] = ()
) -> list[LayerResult]:
    """Run the layers of the plan's level: `coverage`, and at the full level `fuzz` and `stateful` too.

    Args:
        plan: what to do.
        guard: asked at the socket for every call, or told how many calls were refused in other processes.
        on_layer: called as it goes on, with the operation and its calls so far.
        lacking: actions that the server does not offer; they are left out.

    Raises:
        ValueError: the plan's server is in this process, where schemathesis does not reach it.
    """
    if plan.transport is not None:
        raise ValueError(f"level: {plan.level} needs a server that listens on a port")
    operations = [
        operation
        for operations in mavibot_contract.load().actions.values()
        for operation in operations.values()
        if allows(plan.consent, operation.effect) and operation.action not in lacking
    ]
    if not operations:
        return []
    names = (COVERAGE, FUZZ, STATEFUL) if plan.level is RunLevel.FULL else (COVERAGE,)
    if plan.profile.control is None:
        return run_schemathesis(plan, guard, names, operations, on_layer)
    jobs = _jobs(names, operations)
    lock = Lock()

    def tell(operation: str, calls: int) -> None:
        with lock:
            on_layer(operation, calls)

    running: list[subprocess.Popen[str]] = []
    with ThreadPoolExecutor(len(jobs)) as pool:
        try:
            parts = list(pool.map(lambda job: _in_a_process(plan, job, tell, running), jobs))
        except KeyboardInterrupt:
            for process in running:
                process.kill()  # nothing more may be sent
            raise
    guard.refused += sum(refused for _, refused in parts)
    return [_merged(name, [layer for layers, _ in parts for layer in layers if layer.name == name]) for name in names]


def _jobs(names: Sequence[str], operations: Sequence[Operation]) -> list[_Job]:
    """Split the work; sequences of calls need all operations in one process."""
    alone = tuple(name for name in names if name != STATEFUL)
    jobs = [_Job(alone, part) for part in _parts(operations)]
    if STATEFUL in names:
        jobs.append(_Job((STATEFUL,), tuple(each.operation_id for each in operations)))
    return jobs


def _parts(operations: Sequence[Operation]) -> list[tuple[str, ...]]:
    """Split operations into parts of about the same number of cases, which grows with the number of parameters."""
    parts: list[list[Operation]] = [[] for _ in range(_PARTS)]
    for operation in sorted(operations, key=_weight, reverse=True):
        min(parts, key=lambda part: sum(map(_weight, part))).append(operation)
    return [tuple(each.operation_id for each in part) for part in parts if part]


def _weight(operation: Operation) -> int:
    return 1 + len(operation.schema["properties"]) + len(operation.aliases)


def _in_a_process(
    plan: Plan, job: _Job, on_layer: Callable[[str, int], None], running: list[subprocess.Popen[str]]
) -> tuple[list[LayerResult], int]:
    """Do a job in a fresh interpreter; return its layers and how many calls its guard refused.

    The process is added to those that are running, so that it can be stopped.
    """
    order = {
        "url": plan.url,
        "consent": plan.consent,
        "seed": plan.seed,
        "calls_per_second": plan.calls_per_second,
        "timeout": plan.timeout,
        "proxy": plan.proxy,
        "job": asdict(job),
    }
    # The process makes its own project on the mock, so that no key is handed over.
    with subprocess.Popen(  # noqa: S603 - this very interpreter
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0 if sys.platform != "win32" else None,  # Ctrl-C is for this process alone
    ) as process:
        assert process.stdin is not None  # noqa: S101 - by the arguments above
        assert process.stdout is not None  # noqa: S101
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(order))
            process.stdin.close()
        running.append(process)
        for line in process.stdout:
            said = json.loads(line)
            if "layers" in said:
                return [LayerResult(**layer) for layer in said["layers"]], said["refused"]
            on_layer(said["operation"], said["calls"])
    ended = f"a process ended early, with exit code {process.returncode}"
    return [LayerResult(name, errors=[ended]) for name in job.layers], 0


def _merged(name: str, parts: Sequence[LayerResult]) -> LayerResult:
    merged = LayerResult(name, seconds=max((part.seconds for part in parts), default=0.0))
    for part in parts:
        merged.calls |= {label: count + merged.calls.get(label, 0) for label, count in part.calls.items()}
        merged.successes |= {label: count + merged.successes.get(label, 0) for label, count in part.successes.items()}
        merged.failures += part.failures
        merged.non_strict += part.non_strict
        merged.errors += part.errors
    return merged


def _work() -> None:
    """Do the job that stands on standard input; write what happens to standard output, a line of JSON each."""
    order = json.load(sys.stdin)
    job = _Job(**order.pop("job"))
    plan = Plan(profile=_mock_profile(order), **order)
    guard = plan.guard()
    by_id = {each.operation_id: each for every in mavibot_contract.load().actions.values() for each in every.values()}

    def tell(said: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()

    layers = run_schemathesis(
        plan,
        guard,
        job.layers,
        [by_id[name] for name in job.operations],
        lambda operation, calls: tell({"operation": operation, "calls": calls}),
    )
    tell({"layers": [asdict(layer) for layer in layers], "refused": guard.refused})


def _mock_profile(order: Mapping[str, Any]) -> Profile:
    return mock_profile(order["url"], transport=network.transport(order["proxy"]))


if __name__ == "__main__":
    _work()
