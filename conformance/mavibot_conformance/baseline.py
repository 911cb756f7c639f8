"""Known deviations of a server: they are still looked for, but do not count until their day of expiry."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.results import Verdict
from mavibot_conformance.rules.rule import all_rules
from mavibot_conformance.target.profile import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mavibot_conformance.results import Results

_FIELDS: Final = {"rule": str, "action": str, "check": str, "operation": str, "reason": str, "expires": date}


@dataclass(frozen=True, slots=True)
class Known:
    """One known deviation.

    Attributes:
        reason: why it is tolerated.
        expires: last day on which it is.
        rule: the rule that fails.
        action: the action for which it does; without it, any.
        check: instead of a rule, the check of schemathesis that fails.
        operation: the operation for which it does, such as `POST /message`; without it, any.
    """

    reason: str
    expires: date
    rule: str | None = None
    action: str | None = None
    check: str | None = None
    operation: str | None = None

    @property
    def name(self) -> str:
        """What it is about, in a few words."""
        return " ".join(filter(None, (self.rule or self.check, self.action or self.operation)))


def read_baseline(path: Path) -> tuple[Known, ...]:
    """Read known deviations from a TOML file of `[[known]]` entries.

    Raises:
        ValueError: the file is no baseline; the message names the field.
        OSError: the file cannot be read.
    """
    try:
        document = read_toml(path)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None
    entries = document.pop("known", [])
    if document or not isinstance(entries, list):
        raise ValueError(f"{path.name}: must consist of [[known]] entries")
    return tuple(_entry(f"{path.name}: known[{place}]", entry) for place, entry in enumerate(entries))


def _entry(place: str, entry: Any) -> Known:
    for name, value in entry.items():
        if name not in _FIELDS:
            raise ValueError(f"{place}.{name}: unknown; there are {', '.join(_FIELDS)}")
        if type(value) is not _FIELDS[name]:
            wanted = "a day, such as 2030-12-31" if name == "expires" else "a text in quotes"
            raise ValueError(f"{place}.{name}: must be {wanted}")
    for name in ("reason", "expires"):
        if name not in entry:
            raise ValueError(f"{place}.{name}: is missing")
    if ("rule" in entry) == ("check" in entry):
        raise ValueError(f"{place}: names either a rule or a check")
    if "rule" in entry and all(rule.id != entry["rule"] for rule in all_rules()):
        raise ValueError(f"{place}.rule: there is no rule '{entry['rule']}'")
    return Known(**entry)


def apply_baseline(baseline: Iterable[Known], results: Results, today: date) -> None:
    """Mark the failures that are known, and note what became of each entry in `results.baseline`.

    The states are `known`, `expired`, `passes` (it no longer fails) and `not run`.
    """
    for known in baseline:
        failing, seen = _matches(known, results)
        # A part of the run shows that something fails, not that it no longer does.
        seen = seen and (bool(failing) or results.cut_short is None)
        state = "not run" if not seen else "passes" if not failing else "expired" if known.expires < today else "known"
        results.baseline.append({**asdict(known), "expires": known.expires.isoformat(), "state": state})
        if state == "known":
            for failure in failing:
                if isinstance(failure, dict):
                    failure["known"] = known.reason
                else:
                    failure.known = known.reason


def _matches(known: Known, results: Results) -> tuple[list[Any], bool]:
    """Return the failures that an entry is about, and whether the run has looked at it at all."""
    if known.check is not None:
        broken = [
            failure
            for layer in results.layers
            for failure in layer.failures
            if failure["check"] == known.check and known.operation in (None, failure["operation"])
        ]
        called = any(known.operation is None or known.operation in layer.calls for layer in results.layers)
        return broken, called or bool(broken)
    outcomes = [
        each
        for each in results.outcomes
        if each.rule == known.rule and known.action in (None, each.action) and each.is_decided
    ]
    return [each for each in outcomes if each.verdict is Verdict.FAIL], bool(outcomes)
