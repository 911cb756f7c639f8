"""The report to look at: one HTML page that needs nothing but itself."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import jinja2

from mavibot_conformance.findings import broken_checks
from mavibot_conformance.reports.summary import (
    assumption_counts,
    binding,
    counted,
    families,
    headline,
    rules_by_id,
    scope,
    statement_counts,
    why_no_failure,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mavibot_conformance.results import Outcome, Results

#: Characters that no page may hold, not even as a reference; a reply shows them as their escapes.
_NO_HTML: Final = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_TEMPLATE: Final = "report.html.jinja"
#: Sign of each kind of outcome: the colour is never all that tells them apart.
_SIGNS: Final = {"pass": "✓", "fail": "✗", "known": "k", "non-strict": "~", "info": "i", "error": "!", "not run": "·"}
#: Of several outcomes in one place the first of these is shown.
_GRAVITY: Final = ("fail", "known", "error", "non-strict", "info", "pass", "not run")


def page(results: Results) -> str:
    """Return the report as a page."""
    groups = families(results)
    named = {each.name: each for each in results.outcomes}
    of_kind = {name: [each for each in results.outcomes if each.kind == name] for name in _GRAVITY}
    text = _template().render(
        results=results,
        headline=headline(results),
        scope=scope(results),
        binding=binding,
        why_no_failure=why_no_failure,
        families=groups,
        counts=counted(results.outcomes),
        of_kind=of_kind,
        findings=[(each, [named[name] for name in each.outcomes]) for each in results.findings],
        broken=broken_checks(results.layers),
        found=Counter(each.kind for each in results.findings),
        reasons=_by_reason(of_kind["not run"]),
        rules=rules_by_id(results),
        signs=_SIGNS,
        columns=list(results.actions),
        cells=_cells(results),
        keys=sorted({each["key"] for each in results.permissions}, key=lambda name: (":" in name, name)),
        permissions=_permissions(results),
        coverage=_coverage(results),
        assumption_counts=assumption_counts(results),
        statement_counts=statement_counts(results),
    )
    return _NO_HTML.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _cells(results: Results) -> dict[tuple[str, str], str]:
    """Return the gravest kind of outcome by rule and action."""
    rules = rules_by_id(results)
    found: dict[tuple[str, str], str] = {}
    for outcome in results.outcomes:
        for action in [outcome.action] if outcome.action else rules[outcome.rule]["actions"]:
            place = (outcome.rule, action)
            found[place] = min(found.get(place, "not run"), outcome.kind, key=_GRAVITY.index)
    return found


def _permissions(results: Results) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what each key could do; of several calls the one that breaks the contract."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in results.permissions:
        place = (each["action"], each["key"])
        # The status tells it well enough here; the rules judge the body too.
        opened = each["status"] < 300
        cell = {**each, "opened": opened, "right": opened == each["allowed"]}
        if place not in found or not cell["right"]:
            found[place] = cell
    return found


def _coverage(results: Results) -> dict[str, str]:
    """Return how much of the contract the run has touched, as fractions."""
    actions = results.actions.values()
    sent = sum(len(each["sent"]) for each in actions)
    decided = {each.rule for each in results.outcomes if each.is_decided}
    seen = sum(each.verdict != "not observed" for each in results.assumptions)
    return {
        "actions called": f"{sum(each['calls'] > 0 for each in actions)} of {len(actions)}",
        "actions that succeeded": f"{sum(each['successes'] > 0 for each in actions)} of {len(actions)}",
        "parameters sent": f"{sent} of {sent + sum(len(each['never_sent']) for each in actions)}",
        "rules decided": f"{len(decided)} of {len(results.rules)}",
        "assumptions observed": f"{seen} of {len(results.assumptions)}",
        "calls": str(sum(each["calls"] for each in actions)),
    }


def _by_reason(outcomes: Iterable[Outcome]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.reason or "", []).append(outcome.name)
    return found


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string((files("mavibot_conformance.reports") / _TEMPLATE).read_text(encoding="utf-8"))
