"""Folds what failed for one cause into one finding."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import mavibot_contract
from mavibot_conformance.results import BREAKS, NOT_SUCCESSFUL, Finding, Verdict
from mavibot_conformance.target.judgements import NONCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mavibot_conformance.results import LayerResult, Outcome

#: What a finding is about, worst first.
_GRAVITY: Final = ("fail", "known", "error", "non-strict")
#: Up to this many actions that fail with the same reply are a finding each; of more, the server is the cause.
_MOST_ALONE: Final = 3
#: Likewise of the actions for which one rule fails by replies that merely begin alike.
_MOST_ALIKE: Final = 8
#: So many parts of a failure are there without what follows the first word of what was got.
_BEGINNING: Final = 4
#: What differs between two failures that are the same: names of actions and of the run's own data, and numbers.
_CHANGING: Final = re.compile(
    rf"\b({'|'.join(sorted(mavibot_contract.load().actions, key=len, reverse=True))})\b|{NONCE}\w+|\d+"
)
#: How an action fails, in the cause of a finding, and how several do.
_FAILURES: Final = {NOT_SUCCESSFUL: "do not succeed", BREAKS: "break"}


@dataclass(frozen=True, slots=True)
class BrokenCheck:
    """A check of schemathesis that broke for one operation, however often.

    Attributes:
        name: operation and check.
        operation: the operation, such as `POST /message`.
        kind: `fail`, `known` or `non-strict`.
        example: the first failure: its message, its curl, and `known`, the baseline's reason.
        more: how many further calls broke it.
    """

    name: str
    operation: str
    kind: str
    example: Mapping[str, str]
    more: int

    @property
    def also(self) -> str | None:
        """How many further calls broke it, in words; `None` if the example is all."""
        return f"{self.more} more call{'s' * (self.more > 1)}" if self.more else None


def broken_checks(layers: Iterable[LayerResult]) -> list[BrokenCheck]:
    """Return the checks that broke in some layers, the worst first."""
    folded: dict[tuple[str, str, str], list[Mapping[str, str]]] = {}
    for layer in layers:
        broken = [("known" if "known" in failure else "fail", failure) for failure in layer.failures]
        for kind, failure in (*broken, *(("non-strict", failure) for failure in layer.non_strict)):
            folded.setdefault((kind, failure["operation"], failure["check"]), []).append(failure)
    found = [
        BrokenCheck(f"{operation}: {check}", operation, kind, example, len(others))
        for (kind, operation, check), (example, *others) in folded.items()
    ]
    return sorted(found, key=lambda each: _GRAVITY.index(each.kind))


def find(outcomes: Iterable[Outcome]) -> list[Finding]:
    """Return what failed, the worst first, and of that what concerns most rules first."""
    found: dict[object, Finding] = {}
    # The worst outcome of a finding heads it, and of those that have its cause in common one of a valid call.
    ranked = sorted(outcomes, key=lambda each: (_gravity(each), _is_of_an_odd_call(each)))
    begun_alike = Counter(_failure(outcome)[:_BEGINNING] for outcome in ranked)

    def failure(outcome: Outcome) -> tuple[str, ...]:
        whole = _failure(outcome)
        return whole[:_BEGINNING] if begun_alike[whole[:_BEGINNING]] > _MOST_ALIKE else whole

    copies: dict[tuple[str, ...], list[str]] = {}
    for outcome in ranked:
        copies.setdefault(failure(outcome), []).append(outcome.action or "")
    for outcome in ranked:
        blocked = outcome.verdict is Verdict.NOT_RUN and outcome.cause is not None
        if not blocked and outcome.kind not in _GRAVITY:
            continue
        key: object = (cause := outcome.cause or outcome.name)
        if len(actions := copies[failure(outcome)]) > 1:
            told = ", ".join(actions) if len(actions) <= _MOST_ALONE else f"{len(actions)} actions"
            key, cause = failure(outcome), f"{outcome.rule} for {told}"
        finding = found.setdefault(key, Finding(cause, "fail" if blocked else outcome.kind))
        finding.kind = min(finding.kind, "fail" if blocked else outcome.kind, key=_GRAVITY.index)
        (finding.blocked if blocked else finding.outcomes).append(outcome.name)
    return sorted(
        _joined(found.values()), key=lambda each: (_GRAVITY.index(each.kind), -len(each.outcomes) - len(each.blocked))
    )


def _failure(outcome: Outcome) -> tuple[str, ...]:
    """Return what is the same in outcomes of one rule that are copies: what was expected, and what was got."""
    if outcome.cause is not None or outcome.action is None or outcome.expected is None:
        return (outcome.name,)  # it has a cause that is told, or stands alone
    status, _, rest = (outcome.got or "").partition(" ")
    return outcome.rule, outcome.kind, _CHANGING.sub("", outcome.expected), status, _CHANGING.sub("", rest)


def _gravity(outcome: Outcome) -> int:
    return _GRAVITY.index(outcome.kind) if outcome.kind in _GRAVITY else len(_GRAVITY)


def _is_of_an_odd_call(outcome: Outcome) -> bool:
    """Return True if what has a cause was met by a call that need not have succeeded."""
    return outcome.cause is not None and not (outcome.expected or "").endswith("to succeed")


def _joined(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings, with those of many actions that fail with the same reply as one."""
    by_reply: dict[str, list[Finding]] = {}
    for finding in findings:
        for failure, of_several in _FAILURES.items():
            _action, is_reply, reply = finding.cause.partition(failure)
            if is_reply:
                by_reply.setdefault(f"{of_several}: {reply}", []).append(finding)
                break
        else:
            yield finding
    for failed, alike in by_reply.items():
        if len(alike) <= _MOST_ALONE:
            yield from alike
        else:
            yield Finding(
                f"{len(alike)} actions {failed}",
                min((each.kind for each in alike), key=_GRAVITY.index),
                [name for each in alike for name in each.outcomes],
                [name for each in alike for name in each.blocked],
            )
