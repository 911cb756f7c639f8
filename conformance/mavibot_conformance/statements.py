"""What a run says of each statement of the vendor's document."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import yaml

from mavibot_conformance.results import Statement, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mavibot_conformance.results import Outcome, Results

_FILE: Final = "statements.yaml"
#: Of several verdicts on one statement, the first of these counts.
_GRAVITY: Final = ("refuted", "in doubt", "confirmed", "observed", "not tested")


@cache
def all_statements() -> tuple[Statement, ...]:
    """Return every statement as not tested yet, in the order of the document."""
    text = (files("mavibot_conformance") / _FILE).read_bytes()
    # The loader of C is ten times as fast; PyYAML does not have it everywhere.
    sections: list[dict[str, Any]] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe
    return tuple(
        Statement(
            id=name,
            section=section["section"],
            text=each["statement"],
            verdict="not testable" if "reason" in each else "not tested",
            rules=each.get("rules", []),
            reason=each.get("reason"),
        )
        for section in sections
        for name, each in section["statements"].items()
    )


def judge(results: Results) -> list[Statement]:
    """Return every statement with what the outcomes of a run say of it."""
    levels = {rule["id"]: rule["level"] for rule in results.rules}
    stands_for = Counter(name for each in all_statements() for name in each.rules)
    said: dict[str, set[str]] = defaultdict(set)
    for outcome in results.outcomes:
        for name in {outcome.name, outcome.rule}:
            said[name].add(_verdict(outcome, levels[outcome.rule], is_alone=stands_for[name] == 1))
    return [
        each if each.reason else replace(each, verdict=_gravest(said[name] for name in each.rules))
        for each in all_statements()
    ]


def _verdict(outcome: Outcome, level: str, *, is_alone: bool) -> str:
    """Return what an outcome says of a statement.

    Args:
        outcome: what became of a rule.
        level: level of the rule.
        is_alone: whether the rule stands for this statement alone; of several nothing says which one is broken.
    """
    match outcome.verdict:
        case Verdict.FAIL:
            return "refuted" if is_alone and outcome.cause is None else "in doubt"
        case Verdict.NON_STRICT:
            # What a MUST misses beside itself is more than the document states.
            return "in doubt" if level == "SHOULD" else "confirmed"
        case Verdict.PASS:
            return "confirmed"
        case Verdict.INFO:
            return "observed"
        case _:
            return "not tested"


def _gravest(verdicts: Iterable[set[str]]) -> str:
    return min((each for some in verdicts for each in some), key=_GRAVITY.index, default="not tested")
