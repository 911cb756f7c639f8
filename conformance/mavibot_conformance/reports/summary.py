"""Texts that several reports share."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.results import Conclusion, Verdict
from mavibot_conformance.rules.rule import FAMILIES, Level
from mavibot_conformance.target.offer import left_out, not_offered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mavibot_conformance.results import Outcome, Results


#: What puts outcomes out of scope, and how their reasons begin; the rest lacks an input.
_OUT_OF_SCOPE: Final = {
    "because of --actions": re.compile(re.escape(left_out(""))),
    "of actions not offered": re.compile(re.escape(not_offered(""))),
    "without --patience": re.compile(r"the profile lacks control of a clock|needs more patience"),
    "that only a mock's clock can decide": re.compile(r"the profile lacks control"),
    "without --allow-effects": re.compile(r"it would "),
}
_INPUT: Final = "without an input"
#: The name of the input in a reason.
_LACKS: Final = re.compile(r"(?:the profile lacks |the profile names no channel in |the input ')(a key|[\w:.]+)")
#: More names in one entry only hide the next one.
_MOST_NAMES: Final = 12


@dataclass(frozen=True, slots=True)
class Family:
    """The outcomes of one family of rules.

    Attributes:
        name: such as `EQ`.
        title: such as `The same call in another form`.
        rules: what the results say of its rules.
        outcomes: what became of them.
    """

    name: str
    title: str
    rules: Sequence[dict[str, Any]]
    outcomes: Sequence[Outcome]

    @property
    def counts(self) -> str:
        """How many outcomes there are of each kind, such as `12 pass, 1 fail`."""
        return counted(self.outcomes)


def families(results: Results) -> list[Family]:
    """Return the families of which a run has rules."""
    found = []
    for name, (_module, title) in FAMILIES.items():
        rules = [rule for rule in results.rules if rule["family"] == name]
        ids = {rule["id"] for rule in rules}
        if rules:
            found.append(Family(name, title, rules, [each for each in results.outcomes if each.rule in ids]))
    return found


def counted(outcomes: Sequence[Outcome]) -> str:
    """Return how many outcomes there are of each kind."""
    counts = Counter(each.kind for each in outcomes)
    order = [*Verdict, "known"]
    return ", ".join(f"{counts[name]} {name}" for name in order if counts[name])


def headline(results: Results) -> str:
    """Return the verdict of a run in one sentence."""
    cut = "" if results.cut_short is None else f"; the run was cut short: {results.cut_short}"
    told = {
        Conclusion.CONFORMS: f"{results.target} conforms to the contract",
        Conclusion.DEVIATES: f"{results.target} deviates from the contract",
        Conclusion.ERROR: f"{results.target}: no verdict, a rule of the suite broke",
        Conclusion.INCONCLUSIVE: f"{results.target}: inconclusive, the run proves too little",
    }
    return told[results.conclusion] + cut


def scope(results: Results) -> str:
    """Return what the verdict speaks of."""
    inside = [each for each in results.outcomes if each.in_scope]
    decided = sum(each.is_decided for each in inside)
    chosen = f"rules {results.selection}" if results.selection else "all rules"
    effects = {"read": "reads only", "write": "reads and writes", "send": "reads, writes and sends"}[results.consent]
    parts = [f"level {results.level}, {chosen}, {effects}", f"{decided} of {len(inside)} outcomes in scope decided"]
    outside = [each.reason or "" for each in results.outcomes if not each.in_scope]
    if outside:
        parts.append(f"{len(outside)} out of scope: {_out_of_scope(outside)}")
    missing = missing_actions(results)
    if missing:
        parts.append(f"{_count(len(missing), 'action')} not offered: {named(missing)}")
    parts += results.unknown_clients
    if results.refused_by_guard:
        parts.append(f"{_count(results.refused_by_guard, 'call')} refused by the guard")
    return "; ".join(parts)


def missing_actions(results: Results) -> list[str]:
    """Return the actions that the server does not offer, without those that it was not asked for."""
    reasons = {each.reason for each in results.outcomes}
    return [action for action in results.not_offered if left_out(action) not in reasons]


def _out_of_scope(reasons: Sequence[str]) -> str:
    """Return how many outcomes are out of scope for what, such as `12 without an input (webhook, second)`."""
    counts: Counter[str] = Counter()
    inputs: Counter[str] = Counter()
    for reason in reasons:
        what = next((what for what, begins in _OUT_OF_SCOPE.items() if begins.match(reason)), _INPUT)
        counts[what] += 1
        inputs.update(found[1] for found in [_LACKS.search(reason)] if found is not None and what == _INPUT)
    told = {what: f"{count} {what}" for what, count in counts.most_common()}
    if inputs:
        told[_INPUT] += f" ({named([name for name, _count in inputs.most_common()])})"
    return ", ".join(told.values())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def assumption_counts(results: Results) -> str:
    """Return how many assumptions of the contract were confirmed, refuted or not observed."""
    counts = Counter(each.verdict for each in results.assumptions)
    return ", ".join(f"{counts[name]} {name}" for name in ("confirmed", "refuted", "not observed"))


def statement_counts(results: Results) -> str:
    """Return what became of the statements of the vendor's document, such as `301 confirmed, 2 refuted`."""
    counts = Counter(each.verdict for each in results.statements)
    told = [f"{counts[name]} {name}" for name in ("confirmed", "refuted") if counts]
    told += [
        f"{counts[name]} {name}" for name in ("in doubt", "observed", "not tested", "not testable") if counts[name]
    ]
    return ", ".join(told) or "none judged"


def binding(outcome: Outcome, rule: Mapping[str, Any]) -> str:
    """Return how binding it is what an outcome is about: of a MUST rule it may have missed what only should hold.

    Args:
        outcome: what became of the rule.
        rule: what the results say of the rule.
    """
    return str(Level.SHOULD if outcome.verdict is Verdict.NON_STRICT else rule["level"])


def why_no_failure(outcome: Outcome, rule: Mapping[str, Any]) -> str | None:
    """Return why an outcome of a MUST rule is no failure, if it needs to be said."""
    is_part = outcome.verdict is Verdict.NON_STRICT and rule["level"] == Level.MUST
    return "no failure: no source states this part of the rule, whose other parts are a MUST" if is_part else None


def named(names: Sequence[str]) -> str:
    """Return the names of some outcomes, the first few if there are many."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def rules_by_id(results: Results) -> dict[str, dict[str, Any]]:
    """Return what the results say of each rule."""
    return {rule["id"]: rule for rule in results.rules}
