"""Texts that several reports share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.results import Conclusion, Verdict
from mavibot_conformance.rules.rule import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mavibot_conformance.results import Outcome, Results


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
    outside = len(results.outcomes) - len(inside)
    decided = sum(each.is_decided for each in inside)
    chosen = f"rules {results.selection}" if results.selection else "all rules"
    effects = {"read": "reads only", "write": "reads and writes", "send": "reads, writes and sends"}[results.consent]
    parts = [f"level {results.level}, {chosen}, {effects}", f"{decided} of {len(inside)} outcomes in scope decided"]
    if outside:
        parts.append(f"{outside} out of scope because an input or consent is missing")
    if results.not_offered:
        parts.append(f"{len(results.not_offered)} actions not offered")
    if results.refused_by_guard:
        parts.append(f"{results.refused_by_guard} calls refused by the guard")
    return "; ".join(parts)


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


def named(names: Sequence[str]) -> str:
    """Return the names of some outcomes, the first few if there are many."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def rules_by_id(results: Results) -> dict[str, dict[str, Any]]:
    """Return what the results say of each rule."""
    return {rule["id"]: rule for rule in results.rules}
