"""Collects facts: which assumptions of the contract hold, and what answers the open questions."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jsonschema_rs import Draft202012Validator

import mavibot_contract
from mavibot_conformance.assumptions import unobserved
from mavibot_proxy.facts.observers import observations
from mavibot_proxy.facts.questions import QUESTIONS
from mavibot_proxy.facts.seen import Seen
from mavibot_proxy.records.entry import entry
from mavibot_proxy.records.redaction import Redaction, operation_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mavibot_conformance.results import Assumption
    from mavibot_proxy.exchange import Exchange

#: Version of the shape of a report, which `facts.schema.json` describes.
VERSION: Final = 1
_CONTRACT: Final = mavibot_contract.load()
_LONGEST_SEEN: Final = 300
#: Unknown replies that are kept apart.
_MOST_REPLIES: Final = 200
_WEIGHTS: Final = {"not observed": 0, "confirmed": 1, "refuted": 2}


class Facts:
    """What the calls so far say. Whatever is recorded, a report holds pseudonyms alone.

    Attributes:
        url: base URL of the upstream.
    """

    def __init__(self, url: str) -> None:
        """Begin.

        Args:
            url: base URL of the upstream.
        """
        self.url: Final = url
        self._redaction: Final = Redaction(url)
        self._started: Final = datetime.now(UTC)
        self._calls: Counter[str] = Counter()
        self._assumptions: Final[dict[str, Assumption]] = unobserved()
        self._proofs: Final[dict[str, dict[str, Any]]] = {}
        self._answers: Final[dict[str, Counter[str]]] = {each.id: Counter() for each in QUESTIONS}
        self._examples: Final[dict[tuple[str, str], str]] = {}
        self._unknown: Final[Counter[str]] = Counter()

    def see(self, exchange: Exchange, data: Any) -> None:
        """Look at a call of the upstream's.

        Args:
            exchange: the call.
            data: its reply as JSON, or as text; `None` if there is none.
        """
        operation = operation_of(exchange)
        if operation is None or data is None or exchange.answered_by != "upstream":
            return
        self._redaction.hiding.remember(exchange.key)
        self._calls[operation.action] += 1
        seen = Seen(exchange, operation, data)
        for pointer, holds, rule in observations(seen):
            self._observe(seen, pointer, rule, holds=holds)
        for question in QUESTIONS:
            for answer in question.answers(seen):
                answer = self._redaction.line(answer)  # noqa: PLW2901
                self._answers[question.id][answer] += 1
                if (question.id, answer) not in self._examples:
                    self._examples[question.id, answer] = self._said(seen)
        if exchange.unknown_reply is not None:
            kind = f"{operation.action}: {self._redaction.note(exchange.unknown_reply)}"
            if kind in self._unknown or len(self._unknown) < _MOST_REPLIES:
                self._unknown[kind] += 1

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return {
            "version": VERSION,
            "reports": 1,
            "targets": [self.url],
            "from": self._started.isoformat(timespec="seconds"),
            "to": datetime.now(UTC).isoformat(timespec="seconds"),
            "mavibot": version("mavibot"),
            "contract": _CONTRACT.fingerprint,
            "calls": dict(sorted(self._calls.items())),
            "assumptions": [asdict(each) for each in self._assumptions.values()],
            "questions": [
                {
                    "id": each.id,
                    "text": each.text,
                    "assumed": each.assumed,
                    "rule": each.rule,
                    "answers": [
                        {"answer": answer, "count": count, "seen": self._examples[each.id, answer]}
                        for answer, count in self._answers[each.id].most_common()
                    ],
                }
                for each in QUESTIONS
            ],
            "unknown_replies": [{"reply": kind, "count": count} for kind, count in self._unknown.most_common()],
            "proofs": self._proofs,
        }

    def _observe(self, seen: Seen, pointer: str, rule: str | None, *, holds: bool) -> None:
        found = self._assumptions[pointer]
        verdict = "confirmed" if holds else "refuted"
        if _WEIGHTS[verdict] > _WEIGHTS[found.verdict]:
            found.verdict, found.seen, found.rule = verdict, self._said(seen), rule
            self._proofs[pointer] = entry(seen.exchange, self._redaction)

    def _said(self, seen: Seen) -> str:
        shown = self._redaction.shown(seen.exchange)
        return f"{seen.action}: {seen.status} {shown.reply}"[:_LONGEST_SEEN]


def merge(reports: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what several reports say together; what one of them refutes is refuted.

    Raises:
        ValueError: they are of different versions or contracts, or one is no report.
    """
    first, *others = reports
    for each in reports:
        _check(each)
        if each["contract"] != first["contract"]:
            raise ValueError("the reports are of different contracts; let the same version of mavibot make both")
    return _merged(first, others)


def _check(report: Any) -> None:
    """Check the form of a report.

    Raises:
        ValueError: it is of another version, or no report.
    """
    if isinstance(report, dict) and report.get("version", VERSION) != VERSION:
        raise ValueError(f"version {report['version']!r} instead of {VERSION}")
    for error in _validator().iter_errors(report):
        place = "/".join(map(str, error.instance_path)) or "the whole"
        raise ValueError(f"this is no report of facts: {place}: {error.message[:_LONGEST_SEEN]}")


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((files("mavibot_proxy.facts") / "facts.schema.json").read_bytes()))


def _merged(first: dict[str, Any], others: Sequence[dict[str, Any]]) -> dict[str, Any]:
    reports = [first, *others]
    assumptions: dict[str, dict[str, Any]] = {}
    proofs: dict[str, Any] = {}
    for report in reports:
        for each in report["assumptions"]:
            before = assumptions.get(each["pointer"])
            if before is None or _WEIGHTS[each["verdict"]] > _WEIGHTS[before["verdict"]]:
                assumptions[each["pointer"]] = each
                if each["pointer"] in report["proofs"]:
                    proofs[each["pointer"]] = report["proofs"][each["pointer"]]
    return {
        **first,
        "reports": sum(each["reports"] for each in reports),
        "targets": sorted({target for each in reports for target in each["targets"]}),
        "from": min(each["from"] for each in reports),
        "to": max(each["to"] for each in reports),
        "calls": dict(sorted(_sum(each["calls"] for each in reports).items())),
        "assumptions": list(assumptions.values()),
        "questions": [_answered(question, reports) for question in first["questions"]],
        "unknown_replies": [
            {"reply": kind, "count": count}
            for kind, count in _sum(
                {row["reply"]: row["count"] for row in each["unknown_replies"]} for each in reports
            ).most_common()
        ],
        "proofs": proofs,
    }


def _answered(question: dict[str, Any], reports: Sequence[dict[str, Any]]) -> dict[str, Any]:
    rows = [
        row
        for report in reports
        for each in report["questions"]
        if each["id"] == question["id"]
        for row in each["answers"]
    ]
    counts = _sum({row["answer"]: row["count"]} for row in rows)
    examples = {row["answer"]: row["seen"] for row in reversed(rows)}
    answers = [{"answer": each, "count": count, "seen": examples[each]} for each, count in counts.most_common()]
    return {**question, "answers": answers}


def _sum(counts: Any) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return total
