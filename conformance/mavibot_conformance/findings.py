"""Folds what failed for one cause into one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_conformance.results import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mavibot_conformance.results import Outcome

#: What a finding is about, worst first.
_GRAVITY: Final = ("fail", "known", "error", "non-strict")


def find(outcomes: Iterable[Outcome]) -> list[Finding]:
    """Return what failed, the worst first, and of that what concerns most rules first."""
    found: dict[str, Finding] = {}
    for outcome in outcomes:
        blocked = outcome.verdict is Verdict.NOT_RUN and outcome.cause is not None
        if not blocked and outcome.kind not in _GRAVITY:
            continue
        cause = outcome.cause or outcome.name
        finding = found.setdefault(cause, Finding(cause, "fail" if blocked else outcome.kind))
        finding.kind = min(finding.kind, "fail" if blocked else outcome.kind, key=_GRAVITY.index)
        (finding.blocked if blocked else finding.outcomes).append(outcome.name)
    return sorted(found.values(), key=lambda each: (_GRAVITY.index(each.kind), -len(each.outcomes) - len(each.blocked)))
